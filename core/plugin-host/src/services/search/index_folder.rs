//! Where the files of indexes are: `<folder>/<n>/<plugin>/<index>/<copy>-<definition>/`. Each process that works in the folder has an `n` of its
//! own, because an index has one writer.

use super::copy_key::{IndexCopyKey, RetainedCopies};
use cairn_search::IndexLocation;
use parking_lot::Mutex;
use std::fs::File;
use std::io::{Error, Result};
use std::path::{Path, PathBuf};

/// Processes that may work in one folder.
const MAX_PROCESSES: usize = 64;
/// Locked while a process has the part.
const LOCK_FILE: &str = "lock";

pub(super) enum IndexRoot {
    Memory,
    Folder(IndexFolder),
}

/// A folder, of which a part is taken when it is first needed.
pub(super) struct IndexFolder {
    folder: PathBuf,
    process_folder: Mutex<Option<(PathBuf, File)>>,
}

impl IndexFolder {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder, process_folder: Mutex::default() }
    }

    fn process_folder(&self) -> Result<PathBuf> {
        let mut part = self.process_folder.lock();
        if let Some((path, _)) = &*part {
            return Ok(path.clone());
        }
        for n in 0..MAX_PROCESSES {
            let path = self.folder.join(n.to_string());
            std::fs::create_dir_all(&path)?;
            let lock = File::options().write(true).create(true).truncate(false).open(path.join(LOCK_FILE))?;
            if lock.try_lock().is_ok() {
                *part = Some((path.clone(), lock));
                return Ok(path);
            }
        }
        Err(Error::other(format!("{MAX_PROCESSES} processes already use {}", self.folder.display())))
    }
}

impl IndexRoot {
    pub(super) fn copy_location(&self, key: &IndexCopyKey) -> Result<IndexLocation> {
        match self {
            Self::Memory => Ok(IndexLocation::Memory),
            Self::Folder(files) => Ok(IndexLocation::Folder(
                files.process_folder()?.join(&key.plugin).join(&key.name).join(copy_name(key)),
            )),
        }
    }

    /// Removes the files of copies that are not among these.
    pub(super) fn remove_others(&self, retained: &RetainedCopies) -> Result<()> {
        let Self::Folder(files) = self else { return Ok(()) };
        if !files.folder.is_dir() {
            return Ok(());
        }
        let part = files.process_folder()?;
        for (plugin, of_plugin) in list_folders(&part)? {
            for (name, of_index) in list_folders(&of_plugin)? {
                for (copy, path) in list_folders(&of_index)? {
                    let (number, own) = copy.split_once('-').unwrap_or((&copy, ""));
                    let number = number.parse::<i64>().ok();
                    let holds = number.and_then(|n| retained.get(&(plugin.clone(), name.clone(), n)));
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
    pub(super) fn remove_copy(&self, key: &IndexCopyKey) -> Result<()> {
        match self.copy_location(key)? {
            IndexLocation::Folder(folder) if folder.is_dir() => std::fs::remove_dir_all(folder),
            _ => Ok(()),
        }
    }
}

fn copy_name(key: &IndexCopyKey) -> String {
    format!("{}-{}", key.copy, key.definition)
}

fn list_folders(folder: &Path) -> Result<Vec<(String, PathBuf)>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
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
    // `remove_dir` fails for a folder that is not empty, which is intended.
    let _ = std::fs::remove_dir(folder);
}
