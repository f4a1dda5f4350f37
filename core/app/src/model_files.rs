//! Changes of schema files by the admin and by commands: all files or none, even if the process ends in between.
//!
//! The changes are noted first (`data/schema-change.json`) and the new files are written beside the old ones; then the database is
//! changed; then the files are put in place. A start that finds the note writes the files where the database has the new model already,
//! and deletes the note where it has not.

use crate::config::{Config, TenantDatabases};
use crate::operator_error::OperatorError;
use crate::project_files::{FileContent, StagedFiles, StepHook, remove_empty_folders, sweep_staged, write_file};
use cairn_access::DEFAULT_TENANT;
use cairn_model::Registry;
use cairn_model::load::{SchemaFileChanges, load_changed};
use nix::fcntl::{Flock, FlockArg};
use serde_json::{Map, Value as Json};
use std::fs::File;
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

const NOTE_FILE_NAME: &str = "schema-change.json";
const LOCK_FILE_NAME: &str = "schema-change.lock";

/// A schema file before and after a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileChange {
    /// Path relative to the project.
    pub path: String,
    /// Previous content; `None`: the file did not exist.
    pub before: Option<String>,
    /// New content; `None`: the file is deleted.
    pub after: Option<String>,
}

/// The changes to the files; unchanged files are left out.
pub fn compare_files(project: &Path, changes: &SchemaFileChanges) -> Result<Vec<FileChange>, OperatorError> {
    let mut list = Vec::new();
    for (path, schema) in changes {
        let before = match std::fs::read_to_string(project.join(path)) {
            Ok(text) => Some(text),
            Err(e) if e.kind() == ErrorKind::NotFound => None,
            Err(e) => return Err(OperatorError(format!("{path}: {e}"))),
        };
        let same = match (&before, schema) {
            (Some(text), Some(schema)) => {
                // Also the order of attributes is content of the file.
                let parsed = serde_json::from_str::<Map<String, Json>>(text).ok();
                parsed.is_some_and(|parsed| schema_text(&parsed) == schema_text(schema))
            }
            (None, None) => true,
            _ => false,
        };
        if !same {
            list.push(FileChange { path: path.clone(), before, after: schema.as_ref().map(schema_text) });
        }
    }
    Ok(list)
}

fn schema_text(schema: &Map<String, Json>) -> String {
    // A map of JSON can always be written.
    let mut text = serde_json::to_string_pretty(schema).unwrap_or_default();
    text.push('\n');
    text
}

/// A change of the schema files that is noted, and whose files are written beside the old ones; the databases come next. Dropping it
/// leaves what a killed process does: the next start decides.
#[must_use]
pub struct PendingModelChange {
    note: PathBuf,
    project: PathBuf,
    changes: Vec<FileChange>,
    files: StagedFiles,
    _lock: Flock<File>,
}

/// Begins a change: whatever prevents its files from being written is found here. Nobody else changes them until it ends.
pub fn begin_change(config: &Config, changes: &SchemaFileChanges) -> Result<PendingModelChange, OperatorError> {
    begin_change_with(config, changes, &mut || Ok(()))
}

fn begin_change_with(
    config: &Config,
    changes: &SchemaFileChanges,
    hook: StepHook<'_>,
) -> Result<PendingModelChange, OperatorError> {
    let lock = try_lock(config)?.ok_or_else(|| {
        OperatorError("another process is changing the content types of this project: try again".to_owned())
    })?;
    let (project, note) = (config.project.clone(), config.data_folder().join(NOTE_FILE_NAME));
    let list = compare_files(&project, changes)?;
    let contents = list
        .iter()
        .map(|change| {
            Ok((resolve_path(&project, &change.path)?, change.after.as_ref().map(|text| text.clone().into_bytes())))
        })
        .collect::<Result<Vec<FileContent>, OperatorError>>()?;
    let text = serde_json::to_string(changes).map_err(|e| OperatorError(e.to_string()))?;
    hook().map_err(|e| OperatorError(format!("{}: {e}", note.display())))?;
    write_file(&note, text.as_bytes())?;
    match StagedFiles::stage(contents, hook) {
        Ok(files) => Ok(PendingModelChange { note, project, changes: list, files, _lock: lock }),
        Err(e) => {
            remove_note(&note)?;
            Err(e)
        }
    }
}

impl PendingModelChange {
    /// Puts the files in place: the databases have the change. After an error the next start does it.
    pub fn finish(self) -> Result<(), OperatorError> {
        self.finish_with(&mut || Ok(()))
    }

    fn finish_with(self, hook: StepHook<'_>) -> Result<(), OperatorError> {
        self.files.put_in_place(hook)?;
        for change in self.changes.iter().filter(|change| change.after.is_none()) {
            remove_empty_folders(&self.project, &self.project.join(&change.path));
        }
        hook().map_err(|e| OperatorError(format!("{}: {e}", self.note.display())))?;
        remove_note(&self.note)
    }

    /// Leaves everything as it was: the databases have refused the change.
    pub fn cancel(self) -> Result<(), OperatorError> {
        drop(self.files);
        remove_note(&self.note)
    }
}

/// The lock of those who change schema files; `None` while another process holds it.
fn try_lock(config: &Config) -> Result<Option<Flock<File>>, OperatorError> {
    let path = config.data_folder().join(LOCK_FILE_NAME);
    let at = |e: std::io::Error| OperatorError(format!("{}: {e}", path.display()));
    std::fs::create_dir_all(config.data_folder()).map_err(at)?;
    let file = File::options().write(true).create(true).truncate(false).open(&path).map_err(at)?;
    match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
        Ok(lock) => Ok(Some(lock)),
        Err((_, nix::errno::Errno::EWOULDBLOCK)) => Ok(None),
        Err((_, e)) => Err(at(e.into())),
    }
}

fn remove_note(note: &Path) -> Result<(), OperatorError> {
    match std::fs::remove_file(note) {
        Err(e) if e.kind() != ErrorKind::NotFound => Err(OperatorError(format!("{}: {e}", note.display()))),
        _ => Ok(()),
    }
}

/// True if this process may write files below that folder of the project.
pub fn is_writable(project: &Path, root: &str) -> bool {
    let folder = [project.join(root), project.to_owned()].into_iter().find(|folder| folder.is_dir());
    folder.is_some_and(|folder| nix::unistd::access(&folder, nix::unistd::AccessFlags::W_OK).is_ok())
}

/// A path below the project, through folders with plain names.
fn resolve_path(project: &Path, path: &str) -> Result<PathBuf, OperatorError> {
    let relative = Path::new(path);
    if !relative.components().all(|part| matches!(part, Component::Normal(_))) {
        return Err(OperatorError(format!("{path:?} is not a path inside the project")));
    }
    Ok(project.join(relative))
}

/// Finishes what a killed process began. Does nothing while another process is at work.
pub fn finish_interrupted(config: &Config, databases: &TenantDatabases) -> Result<(), OperatorError> {
    finish_interrupted_with(config, &mut |registry| {
        let database = databases.for_tenant(DEFAULT_TENANT)?;
        database.schema_is(registry).map_err(|e| OperatorError(format!("{database}: {e}")))
    })
}

/// `has_model` tells whether the database has a model already.
fn finish_interrupted_with(
    config: &Config,
    has_model: &mut dyn FnMut(&Registry) -> Result<bool, OperatorError>,
) -> Result<(), OperatorError> {
    let note = config.data_folder().join(NOTE_FILE_NAME);
    if !note.exists() {
        return Ok(());
    }
    let Some(_lock) = try_lock(config)? else { return Ok(()) };
    let at = |e: &dyn std::fmt::Display| OperatorError(format!("{}: {e}", note.display()));
    let text = match std::fs::read_to_string(&note) {
        Ok(text) => text,
        // The process that held the lock has finished and deleted the note.
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(()),
        Err(e) => return Err(at(&e)),
    };
    let changes: SchemaFileChanges = serde_json::from_str(&text).map_err(|e| at(&e))?;
    for path in changes.keys() {
        sweep_staged(&resolve_path(&config.project, path)?)?;
    }
    let is_applied = match load_changed(&config.project, &[], &changes) {
        Ok(loaded) => has_model(&loaded.registry)?,
        Err(_) => false,
    };
    if is_applied {
        let contents = changes
            .iter()
            .map(|(path, schema)| {
                let content = schema.as_ref().map(|schema| schema_text(schema).into_bytes());
                Ok((resolve_path(&config.project, path)?, content))
            })
            .collect::<Result<Vec<FileContent>, OperatorError>>()?;
        StagedFiles::stage(contents, &mut || Ok(()))?.put_in_place(&mut || Ok(()))?;
        tracing::warn!(
            "a change of the content types was interrupted after it reached the database; its files have now been written"
        );
    } else {
        tracing::warn!(
            "a change of the content types was interrupted before it reached the database; it has been discarded"
        );
    }
    for path in changes.keys() {
        remove_empty_folders(&config.project, &config.project.join(path));
    }
    remove_note(&note)
}

#[cfg(test)]
mod tests;
