//! Where the files of indexes are: `<folder>/<n>/<plugin>/<index>/<copy>-<definition>/`. Each process that works in the folder has an `n` of its
//! own, because an index has one writer.

use super::Key;
use super::refresh::Kept;
use cairn_search::Place;
use parking_lot::Mutex;
use std::fs::File;
use std::io::{Error, Result};
use std::path::{Path, PathBuf};

/// Processes that may work in one folder.
const PROCESSES: usize = 64;
/// Locked while a process has the part.
const LOCK: &str = "lock";

pub(super) enum Root {
    Memory,
    Folder(Files),
}

/// A folder, of which a part is taken when it is first needed.
pub(super) struct Files {
    folder: PathBuf,
    part: Mutex<Option<(PathBuf, File)>>,
}

impl Files {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder, part: Mutex::default() }
    }

    fn part(&self) -> Result<PathBuf> {
        let mut part = self.part.lock();
        if let Some((path, _)) = &*part {
            return Ok(path.clone());
        }
        for n in 0..PROCESSES {
            let path = self.folder.join(n.to_string());
            std::fs::create_dir_all(&path)?;
            let lock = File::options().write(true).create(true).truncate(false).open(path.join(LOCK))?;
            if lock.try_lock().is_ok() {
                *part = Some((path.clone(), lock));
                return Ok(path);
            }
        }
        Err(Error::other(format!("{PROCESSES} processes already use {}", self.folder.display())))
    }
}

impl Root {
    pub(super) fn place(&self, key: &Key) -> Result<Place> {
        match self {
            Self::Memory => Ok(Place::Memory),
            Self::Folder(files) => {
                Ok(Place::Folder(files.part()?.join(&key.plugin).join(&key.name).join(copy_name(key))))
            }
        }
    }

    /// Removes the files of copies that are not among these.
    pub(super) fn keep(&self, kept: &Kept) -> Result<()> {
        let Self::Folder(files) = self else { return Ok(()) };
        if !files.folder.is_dir() {
            return Ok(());
        }
        let part = files.part()?;
        for (plugin, of_plugin) in folders(&part)? {
            for (name, of_index) in folders(&of_plugin)? {
                for (copy, path) in folders(&of_index)? {
                    let (number, own) = copy.split_once('-').unwrap_or((&copy, ""));
                    let number = number.parse::<i64>().ok();
                    let holds = number.and_then(|n| kept.get(&(plugin.clone(), name.clone(), n)));
                    if holds.is_none_or(|definition| definition.as_ref().is_some_and(|d| d != own)) {
                        std::fs::remove_dir_all(path)?;
                    }
                }
                remove_empty(&of_index);
            }
            remove_empty(&of_plugin);
        }
        Ok(())
    }

    /// Removes the files of one copy.
    pub(super) fn remove(&self, key: &Key) -> Result<()> {
        match self.place(key)? {
            Place::Folder(folder) if folder.is_dir() => std::fs::remove_dir_all(folder),
            _ => Ok(()),
        }
    }
}

fn copy_name(key: &Key) -> String {
    format!("{}-{}", key.copy, key.definition)
}

fn folders(of: &Path) -> Result<Vec<(String, PathBuf)>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(of)? {
        let entry = entry?;
        if let Ok(name) = entry.file_name().into_string()
            && entry.file_type()?.is_dir()
        {
            found.push((name, entry.path()));
        }
    }
    Ok(found)
}

fn remove_empty(folder: &Path) {
    // It stays where there is something in it.
    let _ = std::fs::remove_dir(folder);
}
