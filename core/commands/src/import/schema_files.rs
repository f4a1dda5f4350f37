//! Schema files of an import: checked in a temporary folder, then written to the project.

use cairn_app::OperatorError;
use cairn_app::project_files::{StagedFiles, sweep_staged};
use cairn_model::Registry;
use cairn_model::load::load_project;
use cairn_strapi_import::{ImportError, ImportReport, SchemaFiles};
use serde_json::{Map, Value as Json};
use std::collections::BTreeSet;
use std::io;
use std::path::Path;

/// Loads the content types of schema files. Returns `None`, and adds problems to the report, if they are not valid.
pub(super) fn load_registry(files: &SchemaFiles, report: &mut ImportReport) -> Result<Option<Registry>, ImportError> {
    let stopped =
        |e: io::Error| ImportError::Stopped(format!("the content types cannot be checked in a temporary folder: {e}"));
    let folder = tempfile::Builder::new().prefix("cairn-import-").tempdir().map_err(stopped)?;
    for (path, schema) in files {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap_or(folder.path())).map_err(stopped)?;
        std::fs::write(path, format_schema(schema)).map_err(stopped)?;
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

/// Text of a schema file.
fn format_schema(schema: &Map<String, Json>) -> String {
    // A map of JSON can always be written.
    let mut text = serde_json::to_string_pretty(schema).unwrap_or_default();
    text.push('\n');
    text
}

/// Paths of the files that the project has already, with the same content: those of an import that was killed.
pub(super) fn find_written(project: &Path, files: &SchemaFiles) -> BTreeSet<String> {
    let is_written = |(path, schema): &(&String, &Map<String, Json>)| {
        std::fs::read_to_string(project.join(path)).is_ok_and(|text| text == format_schema(schema))
    };
    files.iter().filter(is_written).map(|(path, _)| path.clone()).collect()
}

/// False if some of the files are `written` and the others are missing: a killed import has left them, and they cannot be loaded.
pub(super) fn are_complete(project: &Path, files: &SchemaFiles, written: &BTreeSet<String>) -> bool {
    let is_left = |path: &String| !written.contains(path) && project.join(path).exists();
    written.len() == files.len() || files.keys().any(is_left)
}

/// Writes the files to the project. Each is written whole: whoever is killed leaves files that [`find_written`] finds.
///
/// # Errors
/// If one exists already, or cannot be written; none is left then.
pub(super) fn write(project: &Path, files: &SchemaFiles) -> Result<(), OperatorError> {
    let mut contents = Vec::new();
    for (path, schema) in files {
        let file = project.join(path);
        if file.exists() {
            return Err(OperatorError(format!("{}: it exists already; nothing was imported", file.display())));
        }
        sweep_staged(&file)?;
        contents.push((file, Some(format_schema(schema).into_bytes())));
    }
    let step = &mut || Ok(());
    let written = StagedFiles::stage(contents, step).and_then(|staged| staged.put_in_place(step));
    written.map_err(|e| {
        remove(project, files.keys());
        OperatorError(format!("{e}; nothing was imported"))
    })
}

/// Removes files of the project, and the folders that are empty then.
pub(super) fn remove(project: &Path, paths: impl IntoIterator<Item = impl AsRef<Path>>) {
    for path in paths {
        let path = project.join(path);
        let _ = std::fs::remove_file(&path);
        let folders = path.ancestors().skip(1).take_while(|folder| *folder != project);
        for folder in folders {
            if std::fs::remove_dir(folder).is_err() {
                break;
            }
        }
    }
}
