//! Schema files of an archive: checked in a temporary folder, then written to the project.

use cairn_app::OperatorError;
use cairn_model::Registry;
use cairn_model::load::load_project;
use cairn_strapi_import::{ImportError, ImportReport, SchemaFiles};
use serde_json::{Map, Value as Json};
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Loads the content types of schema files. Returns `None`, and adds problems to the report, if they are not valid.
pub(super) fn load_registry(files: &SchemaFiles, report: &mut ImportReport) -> Result<Option<Registry>, ImportError> {
    let stopped =
        |e: io::Error| ImportError::Stopped(format!("the content types cannot be checked in a temporary folder: {e}"));
    let folder = tempfile::Builder::new().prefix("cairn-import-").tempdir().map_err(stopped)?;
    for (path, schema) in files {
        write_file(&folder.path().join(path), schema).map_err(stopped)?;
    }
    match load_project(folder.path()) {
        Ok(loaded) => {
            for warning in loaded.warnings {
                report.add_difference(place_of(&warning.file, &warning.path), warning.message);
            }
            Ok(Some(loaded.registry))
        }
        Err(problems) => {
            for problem in problems {
                report.add_problem(place_of(&problem.file, &problem.path), problem.message);
            }
            Ok(None)
        }
    }
}

fn place_of(file: &str, path: &str) -> String {
    if path.is_empty() { file.to_owned() } else { format!("{file}, {path}") }
}

fn write_file(path: &Path, schema: &Map<String, Json>) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let text = serde_json::to_string_pretty(schema)?;
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(text.as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()
}

/// Schema files that were written to a project, and can be removed again.
pub(super) struct WrittenFiles {
    project: PathBuf,
    paths: Vec<PathBuf>,
}

impl WrittenFiles {
    /// Writes all files or none: it fails if one exists already.
    pub(super) fn write(project: &Path, files: &SchemaFiles) -> Result<Self, OperatorError> {
        let mut written = Self { project: project.to_owned(), paths: Vec::new() };
        for (path, schema) in files {
            let path = project.join(path);
            if let Err(e) = write_file(&path, schema) {
                // A file that existed before is not removed.
                if e.kind() != io::ErrorKind::AlreadyExists {
                    written.paths.push(path.clone());
                }
                written.remove();
                return Err(OperatorError(format!("{}: {e}; nothing was imported", path.display())));
            }
            written.paths.push(path);
        }
        Ok(written)
    }

    /// Removes the files, and the folders that are empty then.
    pub(super) fn remove(&self) {
        for path in &self.paths {
            let _ = std::fs::remove_file(path);
            let folders = path.ancestors().skip(1).take_while(|folder| *folder != self.project);
            for folder in folders {
                if std::fs::remove_dir(folder).is_err() {
                    break;
                }
            }
        }
    }
}
