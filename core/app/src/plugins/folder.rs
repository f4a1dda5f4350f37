//! The folder of a plugin in the project, replaced whole or not at all, even if the process ends in between.
//!
//! The new folder is prepared beside the old one, a note records the intent (`data/plugin-change.json`), then the two change places; the
//! database is brought up to the new content types, the plugin's row is written, and the note is deleted last. A start that finds the note
//! continues where the database has the content types already, and restores the old folder where it has not.

use super::packages::{is_package, package_path, plugin_folder};
use super::record::{ChangeError, InstallRecord};
use crate::config::{Config, TenantDatabases};
use crate::operator_error::OperatorError;
use crate::project_files::write_file;
use cairn_access::{AccessControl, DEFAULT_TENANT};
use cairn_model::load::load_project;
use cairn_plugin_package::package::Package;
use nix::fcntl::{Flock, FlockArg};
use serde::{Deserialize, Serialize};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

const PENDING_CHANGE_FILE: &str = "plugin-change.json";
const LOCK_FILE: &str = "plugins.lock";
/// Subfolder of a plugin with the operator's replacements for its texts.
const OPERATOR_TEMPLATES_FOLDER: &str = "templates";

const BUSY: &str = "another process is changing the plugins of this project: try again";

/// Lock that is held while the folders of plugins change: one change at a time, among all processes.
pub struct PluginFolderLock {
    _file: Flock<std::fs::File>,
}

impl PluginFolderLock {
    /// Takes the lock; `None` while another process holds it. Blocks for no longer than opening a file takes.
    pub fn try_acquire(config: &Config) -> Result<Option<Self>, OperatorError> {
        Self::try_lock(config, FlockArg::LockExclusiveNonblock)
    }

    /// Keeps the folders as they are while something is decided about the versions in them; any number of processes may. `None` where this
    /// process cannot write the lock, and so cannot change the folders either. Blocks for no longer than opening a file takes.
    ///
    /// # Errors
    /// [`ChangeError::Refused`] while the folders change.
    pub fn share(config: &Config) -> Result<Option<Self>, ChangeError> {
        match Self::try_lock(config, FlockArg::LockSharedNonblock) {
            Ok(Some(lock)) => Ok(Some(lock)),
            Ok(None) => Err(ChangeError::Refused(BUSY.to_owned())),
            Err(error) => {
                tracing::debug!(%error, "the folders of plugins are not locked");
                Ok(None)
            }
        }
    }

    fn try_lock(config: &Config, kind: FlockArg) -> Result<Option<Self>, OperatorError> {
        let path = config.data_folder().join(LOCK_FILE);
        let at = |e: std::io::Error| OperatorError(format!("{}: {e}", path.display()));
        std::fs::create_dir_all(config.data_folder()).map_err(at)?;
        let file = std::fs::OpenOptions::new().write(true).create(true).truncate(false).open(&path).map_err(at)?;
        match Flock::lock(file, kind) {
            Ok(file) => Ok(Some(Self { _file: file })),
            Err((_, nix::errno::Errno::EWOULDBLOCK)) => Ok(None),
            Err((_, e)) => Err(at(e.into())),
        }
    }

    /// As [`Self::try_acquire`], with an error for the person who wants the change.
    pub fn acquire_or_fail(config: &Config) -> Result<Self, OperatorError> {
        Self::try_acquire(config)?.ok_or_else(|| OperatorError(BUSY.to_owned()))
    }
}

/// The change in progress, as it is stored.
#[derive(Debug, Serialize, Deserialize)]
struct PendingChange {
    /// Tenant whose row is to be written.
    tenant: String,
    record: InstallRecord,
}

/// The paths of a plugin's folder while it changes.
struct PluginPaths {
    now: PathBuf,
    new: PathBuf,
    old: PathBuf,
}

impl PluginPaths {
    fn for_plugin(project: &Path, id: &str) -> Self {
        let plugins = project.join("plugins");
        Self {
            now: plugin_folder(project, id),
            new: plugins.join(format!(".{id}.new")),
            old: plugins.join(format!(".{id}.old")),
        }
    }

    /// Undoes whatever part of the change was made.
    fn restore_previous(&self) -> Result<(), OperatorError> {
        if self.old.exists() {
            remove_folder(&self.now)?;
            rename_path(&self.old, &self.now)?;
        } else if !self.new.exists() {
            // A first installation is undone by removing its folder: there is no old one to put back.
            remove_folder(&self.now)?;
        }
        remove_folder(&self.new)
    }

    fn is_swapped(&self) -> bool {
        !self.new.exists() && self.now.exists()
    }
}

/// A change that was made to the folder and not yet to the database.
#[must_use]
pub struct SwappedFolder {
    places: PluginPaths,
    note: PathBuf,
}

/// Replaces the folder of a plugin by that of a package. Older packages stay beside it, for other tenants and for rolling back.
/// The lock must be held. Blocks.
///
/// # Errors
/// What could not be written; everything is then as before.
pub fn swap_folder(
    config: &Config,
    tenant: &str,
    record: &InstallRecord,
    package: &Package,
    bytes: &[u8],
) -> Result<SwappedFolder, OperatorError> {
    let places = PluginPaths::for_plugin(&config.project, &record.id);
    let note = config.data_folder().join(PENDING_CHANGE_FILE);
    remove_folder(&places.new)?;
    remove_folder(&places.old)?;
    let result = unpack_package(&places, &record.id, package, bytes).and_then(|()| {
        let text = serde_json::to_string(&PendingChange { tenant: tenant.to_owned(), record: record.clone() })
            .map_err(|e| OperatorError(e.to_string()))?;
        write_file(&note, text.as_bytes())
    });
    if let Err(e) = result {
        remove_folder(&places.new)?;
        return Err(e);
    }
    let swapped = SwappedFolder { places, note };
    let places = &swapped.places;
    let exchanged = match rename_path(&places.now, &places.old) {
        Err(e) if places.now.exists() => Err(e),
        // A first installation has no folder to move aside.
        _ => rename_path(&places.new, &places.now),
    };
    match exchanged {
        Ok(()) => Ok(swapped),
        Err(e) => {
            swapped.undo()?;
            Err(e)
        }
    }
}

impl SwappedFolder {
    /// Removes what was before, once the row is written.
    pub fn finish(self) -> Result<(), OperatorError> {
        remove_folder(&self.places.old)?;
        remove_file(&self.note)
    }

    /// Restores the folder as it was.
    pub fn undo(self) -> Result<(), OperatorError> {
        self.places.restore_previous()?;
        remove_file(&self.note)
    }
}

/// Writes the new folder: manifest, content types, the package, and the packages before it.
fn unpack_package(places: &PluginPaths, id: &str, package: &Package, bytes: &[u8]) -> Result<(), OperatorError> {
    for (name, content) in package.files().iter() {
        if name == "plugin.toml" || name.starts_with("content-types/") {
            write_file(&places.new.join(name), content)?;
        }
    }
    let at = |path: &Path, e: std::io::Error| OperatorError(format!("{}: {e}", path.display()));
    let entries = match std::fs::read_dir(&places.now) {
        Ok(dir) => dir.collect::<Result<Vec<_>, _>>().map_err(|e| at(&places.now, e))?,
        Err(e) if e.kind() == ErrorKind::NotFound => Vec::new(),
        Err(e) => return Err(at(&places.now, e)),
    };
    for entry in entries {
        let (from, to) = (entry.path(), places.new.join(entry.file_name()));
        if entry.file_name().to_str().is_some_and(is_package) {
            link_or_copy(&from, &to)?;
        } else if entry.file_name() == OPERATOR_TEMPLATES_FOLDER {
            // Templates of the operator, which override the plugin's texts, are carried over to every version.
            for entry in std::fs::read_dir(&from).map_err(|e| at(&from, e))? {
                let entry = entry.map_err(|e| at(&from, e))?;
                if entry.file_type().map_err(|e| at(&entry.path(), e))?.is_file() {
                    link_or_copy(&entry.path(), &to.join(entry.file_name()))?;
                }
            }
        }
    }
    let relative_path = package_path(Path::new(""), id, &package.manifest().plugin.version.to_string());
    let name = relative_path.file_name().map(PathBuf::from).unwrap_or_default();
    // Perhaps a link to the one that is in use: that one is not to be written into.
    let to = places.new.join(name);
    remove_file(&to)?;
    write_file(&to, bytes)
}

/// Copies a file of the old folder into the new one.
fn link_or_copy(from: &Path, to: &Path) -> Result<(), OperatorError> {
    let try_link = || -> std::io::Result<()> {
        std::fs::create_dir_all(to.parent().unwrap_or(Path::new(".")))?;
        std::fs::hard_link(from, to).or_else(|_| std::fs::copy(from, to).map(drop))
    };
    try_link().map_err(|e| OperatorError(format!("{}: {e}", from.display())))
}

/// Finishes what a killed process began with the folders: continues where the database has the content types already, and restores the old
/// folder where it has not. Does nothing while another process is at work. Blocks.
///
/// # Errors
/// What cannot be read or written.
pub fn finish_interrupted(config: &Config, databases: &TenantDatabases) -> Result<(), OperatorError> {
    // Most projects have no plugins, and no start of theirs makes files for them.
    if !config.project.join("plugins").is_dir() {
        return Ok(());
    }
    match PluginFolderLock::try_acquire(config)? {
        Some(lock) => finish_interrupted_locked(config, databases, &lock),
        None => Ok(()),
    }
}

/// As [`finish_interrupted`], for a caller that holds the lock.
pub fn finish_interrupted_locked(
    config: &Config,
    databases: &TenantDatabases,
    _: &PluginFolderLock,
) -> Result<(), OperatorError> {
    let path = config.data_folder().join(PENDING_CHANGE_FILE);
    let Some(note) = read_pending_change(&path)? else { return sweep_leftovers(&config.project) };
    let id = &note.record.id;
    let places = PluginPaths::for_plugin(&config.project, id);
    let goes_on = places.is_swapped() && {
        match load_project(&config.project) {
            Ok(loaded) => {
                let database = databases.for_tenant(DEFAULT_TENANT)?;
                database.schema_is(&loaded.registry).map_err(|e| OperatorError(format!("{database}: {e}")))?
            }
            Err(_) => false,
        }
    };
    if goes_on {
        tracing::warn!(plugin = id, "an installation was interrupted after the database was migrated; continuing");
        return Ok(());
    }
    tracing::warn!(plugin = id, "an installation was interrupted; the previous version was restored");
    places.restore_previous()?;
    remove_file(&path)
}

/// Writes the row of a change whose folder and content types are in place, and deletes the note. Does nothing where
/// there is no note for that tenant.
///
/// # Errors
/// Returned when the database fails; the note stays.
pub async fn finish_change(config: &Config, tenant: &str, access: &AccessControl) -> Result<(), OperatorError> {
    let path = config.data_folder().join(PENDING_CHANGE_FILE);
    let Some(note) = read_pending_change(&path)?.filter(|note| note.tenant == tenant) else { return Ok(()) };
    let places = PluginPaths::for_plugin(&config.project, &note.record.id);
    if !places.is_swapped() {
        // The change was not begun, or the process that holds the lock has undone it.
        return Ok(());
    }
    let (now, record) = (access.now().timestamp_millis(), note.record);
    access.store().write(move |tx| record.overwrite_row(tx, now)).await.map_err(|e| OperatorError(e.to_string()))?;
    remove_folder(&places.old)?;
    remove_file(&path)
}

/// Removes the folder of a plugin for good. It is no error when the folder does not exist.
pub fn erase_folder(project: &Path, id: &str) -> Result<(), OperatorError> {
    let places = PluginPaths::for_plugin(project, id);
    // At one stroke: half a folder would be half a plugin.
    remove_folder(&places.old)?;
    match rename_path(&places.now, &places.old) {
        Err(e) if places.now.exists() => return Err(e),
        _ => {}
    }
    remove_folder(&places.old)
}

/// Removes what earlier changes have left behind.
fn sweep_leftovers(project: &Path) -> Result<(), OperatorError> {
    let plugins = project.join("plugins");
    let at = |e: std::io::Error| OperatorError(format!("{}: {e}", plugins.display()));
    let entries = match std::fs::read_dir(&plugins) {
        Ok(dir) => dir.collect::<Result<Vec<_>, _>>().map_err(at)?,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(()),
        Err(e) => return Err(at(e)),
    };
    for entry in entries {
        let name = entry.file_name();
        let name = name.to_str().unwrap_or_default();
        if name.starts_with('.') && (name.ends_with(".new") || name.ends_with(".old")) {
            remove_folder(&entry.path())?;
        }
    }
    Ok(())
}

fn read_pending_change(path: &Path) -> Result<Option<PendingChange>, OperatorError> {
    let at = |e: &dyn std::fmt::Display| OperatorError(format!("{}: {e}", path.display()));
    match std::fs::read_to_string(path) {
        Ok(text) => serde_json::from_str(&text).map(Some).map_err(|e| at(&e)),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
        Err(e) => Err(at(&e)),
    }
}

fn rename_path(from: &Path, to: &Path) -> Result<(), OperatorError> {
    std::fs::rename(from, to).map_err(|e| OperatorError(format!("{}: {e}", from.display())))
}

fn remove_folder(folder: &Path) -> Result<(), OperatorError> {
    ignore_missing(folder, std::fs::remove_dir_all(folder))
}

fn remove_file(file: &Path) -> Result<(), OperatorError> {
    ignore_missing(file, std::fs::remove_file(file))
}

fn ignore_missing(path: &Path, removed: std::io::Result<()>) -> Result<(), OperatorError> {
    match removed {
        Err(e) if e.kind() != ErrorKind::NotFound => Err(OperatorError(format!("{}: {e}", path.display()))),
        _ => Ok(()),
    }
}
