//! Changes of schema files through the admin: written whole or not at all, even if the process ends in between.
//!
//! The changes are noted first (`data/schema-change.json`), then the database is changed, then the files. A start that finds the note
//! writes the files where the database has the new model already, and deletes the note where it has not.

use crate::config::{Config, TenantDatabases};
use crate::operator_error::OperatorError;
use cairn_access::DEFAULT_TENANT;
use cairn_model::load::{SchemaFileChanges, load_changed};
use serde_json::{Map, Value as Json};
use std::io::{ErrorKind, Write};
use std::path::{Component, Path, PathBuf};

const NOTE_FILE_NAME: &str = "schema-change.json";

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
pub(crate) fn compare_files(project: &Path, changes: &SchemaFileChanges) -> Result<Vec<FileChange>, OperatorError> {
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

/// Notes the changes that are about to be written.
pub(crate) fn write_note(config: &Config, changes: &SchemaFileChanges) -> Result<(), OperatorError> {
    let text = serde_json::to_string(changes).map_err(|e| OperatorError(e.to_string()))?;
    write_atomically(&config.data_folder().join(NOTE_FILE_NAME), &text)
}

/// Deletes the note.
pub(crate) fn remove_note(config: &Config) -> Result<(), OperatorError> {
    let path = config.data_folder().join(NOTE_FILE_NAME);
    match std::fs::remove_file(&path) {
        Err(e) if e.kind() != ErrorKind::NotFound => Err(OperatorError(format!("{}: {e}", path.display()))),
        _ => Ok(()),
    }
}

/// Writes the files.
pub(crate) fn write_files(project: &Path, changes: &SchemaFileChanges) -> Result<(), OperatorError> {
    for change in compare_files(project, changes)? {
        let path = resolve_path(project, &change.path)?;
        match &change.after {
            Some(text) => write_atomically(&path, text)?,
            None => {
                std::fs::remove_file(&path).map_err(|e| OperatorError(format!("{}: {e}", path.display())))?;
                // Folders that nothing is in any more go too, up to the one of all types.
                let mut folder = path.parent();
                while let Some(empty) = folder.filter(|f| f.components().count() > project.components().count() + 2) {
                    if std::fs::remove_dir(empty).is_err() {
                        break;
                    }
                    folder = empty.parent();
                }
            }
        }
    }
    Ok(())
}

/// Whether this process may write files below that folder of the project.
pub(crate) fn is_writable(project: &Path, root: &str) -> bool {
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

/// Writes a file whole, or leaves it unchanged; it is on disk when this returns.
fn write_atomically(path: &Path, text: &str) -> Result<(), OperatorError> {
    let write_file = || -> std::io::Result<()> {
        let folder = path.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder)?;
        let mut file = tempfile::Builder::new().prefix(".cairn-").tempfile_in(folder)?;
        file.write_all(text.as_bytes())?;
        // As a file is that an editor writes.
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(path).map_or(0o644, |found| found.permissions().mode());
            file.as_file().set_permissions(std::fs::Permissions::from_mode(mode))?;
        }
        file.as_file().sync_all()?;
        file.persist(path).map_err(|e| e.error)?;
        std::fs::File::open(folder)?.sync_all()
    };
    write_file().map_err(|e| OperatorError(format!("{}: {e}", path.display())))
}

/// Finishes what a killed process began.
pub(crate) fn finish_interrupted(config: &Config, databases: &TenantDatabases) -> Result<(), OperatorError> {
    let path = config.data_folder().join(NOTE_FILE_NAME);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(()),
        Err(e) => return Err(OperatorError(format!("{}: {e}", path.display()))),
    };
    let changes: SchemaFileChanges =
        serde_json::from_str(&text).map_err(|e| OperatorError(format!("{}: {e}", path.display())))?;
    let is_applied = match load_changed(&config.project, &[], &changes) {
        Ok(loaded) => {
            let database = databases.for_tenant(DEFAULT_TENANT)?;
            database.schema_is(&loaded.registry).map_err(|e| OperatorError(format!("{database}: {e}")))?
        }
        Err(_) => false,
    };
    if is_applied {
        write_files(&config.project, &changes)?;
        tracing::warn!(
            "a change of the content types was interrupted after it reached the database; its files have now been written"
        );
    } else {
        tracing::warn!(
            "a change of the content types was interrupted before it reached the database; it has been discarded"
        );
    }
    remove_note(config)
}
