//! The folder of a plugin in the project, replaced whole or not at all, even if the process ends in between.
//!
//! The new folder is prepared beside the old one, a note records the intent (`data/plugin-change.json`), then the two change places; the
//! database is brought up to the new content types, the plugin's row is written, and the note is deleted last. A start that finds the note
//! continues where the database has the content types already, and restores the old folder where it has not.

use super::packages::{folder, is_package, place};
use super::record::Record;
use crate::config::{Config, Databases};
use crate::wiring::Failure;
use cairn_access::{AccessControl, DEFAULT_TENANT};
use cairn_model::load::load;
use cairn_plugin_package::package::Package;
use nix::fcntl::{Flock, FlockArg};
use serde::{Deserialize, Serialize};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

const NOTE: &str = "plugin-change.json";
const LOCK: &str = "plugins.lock";
/// Subfolder of a plugin with the operator's replacements for its texts.
const OPERATORS: &str = "templates";

/// Lock that is held while the folders of plugins change: one change at a time, among all processes.
pub(crate) struct Lock {
    _file: Flock<std::fs::File>,
}

impl Lock {
    /// Takes the lock; `None` while another process holds it. Blocks for no longer than opening a file takes.
    pub(crate) fn take(config: &Config) -> Result<Option<Self>, Failure> {
        let path = config.data().join(LOCK);
        let at = |e: std::io::Error| Failure(format!("{}: {e}", path.display()));
        std::fs::create_dir_all(config.data()).map_err(at)?;
        let file = std::fs::OpenOptions::new().write(true).create(true).truncate(false).open(&path).map_err(at)?;
        match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
            Ok(file) => Ok(Some(Self { _file: file })),
            Err((_, nix::errno::Errno::EWOULDBLOCK)) => Ok(None),
            Err((_, e)) => Err(at(e.into())),
        }
    }

    /// As [`Self::take`], with an error for the person who wants the change.
    pub(crate) fn must(config: &Config) -> Result<Self, Failure> {
        Self::take(config)?
            .ok_or_else(|| Failure("another process is changing the plugins of this project: try again".to_owned()))
    }
}

/// The change in progress, as it is stored.
#[derive(Debug, Serialize, Deserialize)]
struct Note {
    /// Tenant whose row is to be written.
    tenant: String,
    record: Record,
}

/// The paths of a plugin's folder while it changes.
struct Places {
    now: PathBuf,
    new: PathBuf,
    old: PathBuf,
}

impl Places {
    fn of(project: &Path, id: &str) -> Self {
        let plugins = project.join("plugins");
        Self {
            now: folder(project, id),
            new: plugins.join(format!(".{id}.new")),
            old: plugins.join(format!(".{id}.old")),
        }
    }

    /// Undoes whatever part of the change was made.
    fn restore(&self) -> Result<(), Failure> {
        if self.old.exists() {
            remove(&self.now)?;
            rename(&self.old, &self.now)?;
        } else if !self.new.exists() {
            // There was none before.
            remove(&self.now)?;
        }
        remove(&self.new)
    }

    fn is_swapped(&self) -> bool {
        !self.new.exists() && self.now.exists()
    }
}

/// A change that was made to the folder and not yet to the database.
#[must_use]
pub(crate) struct Swapped {
    places: Places,
    note: PathBuf,
}

/// Replaces the folder of a plugin by that of a package. Older packages stay beside it, for other tenants and for rolling back.
/// The lock must be held. Blocks.
///
/// # Errors
/// What could not be written; everything is then as before.
pub(crate) fn swap(
    config: &Config,
    tenant: &str,
    record: &Record,
    package: &Package,
    bytes: &[u8],
) -> Result<Swapped, Failure> {
    let places = Places::of(&config.project, &record.id);
    let note = config.data().join(NOTE);
    remove(&places.new)?;
    remove(&places.old)?;
    let made = unpack(&places, &record.id, package, bytes).and_then(|()| {
        let text = serde_json::to_string(&Note { tenant: tenant.to_owned(), record: record.clone() })
            .map_err(|e| Failure(e.to_string()))?;
        write(&note, text.as_bytes())
    });
    if let Err(e) = made {
        remove(&places.new)?;
        return Err(e);
    }
    let swapped = Swapped { places, note };
    let places = &swapped.places;
    let exchanged = match rename(&places.now, &places.old) {
        Err(e) if places.now.exists() => Err(e),
        // There was none before.
        _ => rename(&places.new, &places.now),
    };
    match exchanged {
        Ok(()) => Ok(swapped),
        Err(e) => {
            swapped.undo()?;
            Err(e)
        }
    }
}

impl Swapped {
    /// Restores the folder as it was.
    pub(crate) fn undo(self) -> Result<(), Failure> {
        self.places.restore()?;
        remove_file(&self.note)
    }
}

/// Writes the new folder: manifest, content types, the package, and the packages before it.
fn unpack(places: &Places, id: &str, package: &Package, bytes: &[u8]) -> Result<(), Failure> {
    for (name, content) in package.files().iter() {
        if name == "plugin.toml" || name.starts_with("content-types/") {
            write(&places.new.join(name), content)?;
        }
    }
    let at = |path: &Path, e: std::io::Error| Failure(format!("{}: {e}", path.display()));
    let found = match std::fs::read_dir(&places.now) {
        Ok(found) => found.collect::<Result<Vec<_>, _>>().map_err(|e| at(&places.now, e))?,
        Err(e) if e.kind() == ErrorKind::NotFound => Vec::new(),
        Err(e) => return Err(at(&places.now, e)),
    };
    for entry in found {
        let (from, to) = (entry.path(), places.new.join(entry.file_name()));
        if entry.file_name().to_str().is_some_and(is_package) {
            taken_along(&from, &to)?;
        } else if entry.file_name() == OPERATORS {
            // What the operator has put in the place of the plugin's texts is theirs, whatever the version.
            for entry in std::fs::read_dir(&from).map_err(|e| at(&from, e))? {
                let entry = entry.map_err(|e| at(&from, e))?;
                if entry.file_type().map_err(|e| at(&entry.path(), e))?.is_file() {
                    taken_along(&entry.path(), &to.join(entry.file_name()))?;
                }
            }
        }
    }
    let kept = place(Path::new(""), id, &package.manifest().plugin.version.to_string());
    let name = kept.file_name().map(PathBuf::from).unwrap_or_default();
    // Perhaps a link to the one that is in use: that one is not to be written into.
    let to = places.new.join(name);
    remove_file(&to)?;
    write(&to, bytes)
}

/// Copies a file of the old folder into the new one.
fn taken_along(from: &Path, to: &Path) -> Result<(), Failure> {
    let taken = || -> std::io::Result<()> {
        std::fs::create_dir_all(to.parent().unwrap_or(Path::new(".")))?;
        std::fs::hard_link(from, to).or_else(|_| std::fs::copy(from, to).map(drop))
    };
    taken().map_err(|e| Failure(format!("{}: {e}", from.display())))
}

/// Finishes what a killed process began with the folders: continues where the database has the content types already, and restores the old
/// folder where it has not. Does nothing while another process is at work. Blocks.
///
/// # Errors
/// What cannot be read or written.
pub(crate) fn recover(config: &Config, databases: &Databases) -> Result<(), Failure> {
    // Most projects have no plugins, and no start of theirs makes files for them.
    if !config.project.join("plugins").is_dir() {
        return Ok(());
    }
    match Lock::take(config)? {
        Some(lock) => recover_alone(config, databases, &lock),
        None => Ok(()),
    }
}

/// As [`recover`], for a caller that holds the lock.
pub(crate) fn recover_alone(config: &Config, databases: &Databases, _: &Lock) -> Result<(), Failure> {
    let path = config.data().join(NOTE);
    let Some(note) = read(&path)? else { return sweep(&config.project) };
    let id = &note.record.id;
    let places = Places::of(&config.project, id);
    let goes_on = places.is_swapped() && {
        match load(&config.project) {
            Ok(loaded) => {
                let database = databases.of(DEFAULT_TENANT)?;
                database.schema_is(&loaded.registry).map_err(|e| Failure(format!("{database}: {e}")))?
            }
            Err(_) => false,
        }
    };
    if goes_on {
        tracing::warn!(plugin = id, "an installation was interrupted after the database was migrated; continuing");
        return Ok(());
    }
    tracing::warn!(plugin = id, "an installation was interrupted; the previous version was restored");
    places.restore()?;
    remove_file(&path)
}

/// Writes the row of a change whose folder and content types are in place, and deletes the note. Does nothing where
/// there is no note for that tenant.
///
/// # Errors
/// Returned when the database fails; the note stays.
pub(crate) async fn finish(config: &Config, tenant: &str, access: &AccessControl) -> Result<(), Failure> {
    let path = config.data().join(NOTE);
    let Some(note) = read(&path)?.filter(|note| note.tenant == tenant) else { return Ok(()) };
    let places = Places::of(&config.project, &note.record.id);
    if !places.is_swapped() {
        // Not begun, or put back by whoever holds the lock.
        return Ok(());
    }
    let (now, record) = (access.now().timestamp_millis(), note.record);
    access.store().write(move |tx| record.put(tx, now)).await.map_err(|e| Failure(e.to_string()))?;
    remove(&places.old)?;
    remove_file(&path)
}

/// Removes the folder of a plugin for good. It is no error when the folder does not exist.
pub(crate) fn erase(project: &Path, id: &str) -> Result<(), Failure> {
    let places = Places::of(project, id);
    // At one stroke: half a folder would be half a plugin.
    remove(&places.old)?;
    match rename(&places.now, &places.old) {
        Err(e) if places.now.exists() => return Err(e),
        _ => {}
    }
    remove(&places.old)
}

/// Removes what earlier changes have left behind.
fn sweep(project: &Path) -> Result<(), Failure> {
    let plugins = project.join("plugins");
    let at = |e: std::io::Error| Failure(format!("{}: {e}", plugins.display()));
    let found = match std::fs::read_dir(&plugins) {
        Ok(found) => found.collect::<Result<Vec<_>, _>>().map_err(at)?,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(()),
        Err(e) => return Err(at(e)),
    };
    for entry in found {
        let name = entry.file_name();
        let name = name.to_str().unwrap_or_default();
        if name.starts_with('.') && (name.ends_with(".new") || name.ends_with(".old")) {
            remove(&entry.path())?;
        }
    }
    Ok(())
}

fn read(path: &Path) -> Result<Option<Note>, Failure> {
    let at = |e: &dyn std::fmt::Display| Failure(format!("{}: {e}", path.display()));
    match std::fs::read_to_string(path) {
        Ok(text) => serde_json::from_str(&text).map(Some).map_err(|e| at(&e)),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
        Err(e) => Err(at(&e)),
    }
}

/// Writes a file whole or not at all; it is on disk when this returns.
fn write(path: &Path, content: &[u8]) -> Result<(), Failure> {
    let written = || -> std::io::Result<()> {
        let folder = path.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder)?;
        let mut file = tempfile::Builder::new().prefix(".cairn-").tempfile_in(folder)?;
        file.write_all(content)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))?;
        }
        file.as_file().sync_all()?;
        file.persist(path).map_err(|e| e.error)?;
        Ok(())
    };
    written().map_err(|e| Failure(format!("{}: {e}", path.display())))
}

fn rename(from: &Path, to: &Path) -> Result<(), Failure> {
    std::fs::rename(from, to).map_err(|e| Failure(format!("{}: {e}", from.display())))
}

fn remove(folder: &Path) -> Result<(), Failure> {
    gone(folder, std::fs::remove_dir_all(folder))
}

fn remove_file(file: &Path) -> Result<(), Failure> {
    gone(file, std::fs::remove_file(file))
}

fn gone(path: &Path, removed: std::io::Result<()>) -> Result<(), Failure> {
    match removed {
        Err(e) if e.kind() != ErrorKind::NotFound => Err(Failure(format!("{}: {e}", path.display()))),
        _ => Ok(()),
    }
}
