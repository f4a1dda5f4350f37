//! Content types as types of the plugin's language: one for documents that are read, one for values that are written.

mod descriptions;
mod language_type;
mod python;
mod rust;
mod typescript;

use crate::{FileWriteError, Language, write_if_changed};
use cairn_model::load::{SchemaFileChanges, SchemaProblem, load_changed, set_unique_keys};
use cairn_model::{Registry, content_type::ContentType};
use cairn_plugin_package::{Manifest, PluginProblem};
use serde_json::{Map, Value as Json};
use std::path::{Path, PathBuf};

/// Path of the generated file in the folder of a plugin: by its language, and Rust's where that is unknown.
pub fn types_file(plugin: &Path) -> &'static str {
    match Language::detect_in(plugin) {
        Some(Language::TypeScript) => "src/types.ts",
        // `types` is a module of Python's own.
        Some(Language::Python) => "src/content_types.py",
        Some(Language::Rust) | None => "src/types.rs",
    }
}

/// Why types could not be written.
#[derive(Debug, thiserror::Error)]
pub enum TypesError {
    /// The manifest cannot be read.
    #[error("{}", format_problems(.0))]
    Manifest(Vec<PluginProblem>),
    /// The content types have problems.
    #[error("the content types are invalid:\n{}", format_model_problems(.0))]
    Model(Vec<SchemaProblem>),
    /// A schema file is not a JSON object.
    #[error("{}: {why}", path.display())]
    Schema {
        /// Path of the schema file.
        path: PathBuf,
        /// Description of the error.
        why: String,
    },
    /// A file cannot be read or written.
    #[error(transparent)]
    Unwritten(#[from] FileWriteError),
}

fn format_problems(problems: &[PluginProblem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

fn format_model_problems(problems: &[SchemaProblem]) -> String {
    problems.iter().map(|problem| format!("  {problem}")).collect::<Vec<_>>().join("\n")
}

/// Writes the [`types_file`] of the plugin in a folder anew: its own content types and, with a project, those of the project too. A file that is
/// up to date is not touched. Returns the types' uids.
///
/// # Errors
/// See [`TypesError`]; the file is then unchanged.
pub fn refresh_types(plugin: &Path, project: Option<&Path>) -> Result<Vec<String>, TypesError> {
    let (id, registry) = load_model(plugin, project)?;
    let types = relevant_types(&registry, &id);
    let text = match Language::detect_in(plugin) {
        Some(Language::TypeScript) => typescript::render_file(&registry, &types, &id),
        Some(Language::Python) => python::render_file(&registry, &types, &id),
        Some(Language::Rust) | None => rust::render_file(&registry, &types, &id),
    };
    write_if_changed(&plugin.join(types_file(plugin)), text.as_bytes())?;
    Ok(types.iter().map(|t| t.uid.clone()).collect())
}

/// The plugin's id, and the model with its types and those of the project. Returns [`TypesError`] on failure.
pub fn load_model(plugin: &Path, project: Option<&Path>) -> Result<(String, Registry), TypesError> {
    load_model_with(plugin, &[], project)
}

/// Does the same as [`load_model`], with the types of other plugins beside it, by their folders.
pub fn load_model_with(
    plugin: &Path,
    others: &[&Path],
    project: Option<&Path>,
) -> Result<(String, Registry), TypesError> {
    // An empty project where none is named.
    let empty = match project {
        Some(_) => None,
        None => Some(tempfile::tempdir().map_err(|e| failed_at(&std::env::temp_dir(), e))?),
    };
    let project = project.or(empty.as_ref().map(tempfile::TempDir::path)).unwrap_or(plugin);
    let mut changes = SchemaFileChanges::new();
    let id = add_schemas_of(plugin, project, &mut changes)?;
    for other in others {
        add_schemas_of(other, project, &mut changes)?;
    }
    let loaded = load_changed(project, &[], &changes).map_err(TypesError::Model)?;
    Ok((id, loaded.registry))
}

/// Returns the problems of the attributes in the schemas of the plugin in a folder. What they refer to outside these, such as types of the
/// project, is not checked: nobody knows yet where the plugin will be installed.
///
/// # Errors
/// See [`TypesError`]: those of reading the manifest and the schemas.
pub fn check_schemas(plugin: &Path) -> Result<Vec<SchemaProblem>, TypesError> {
    const REFERENCES: [&str; 6] = ["target", "component", "components", "inversedBy", "mappedBy", "morphBy"];
    let problems = match load_model(plugin, None) {
        Ok(_) => return Ok(Vec::new()),
        Err(TypesError::Model(problems)) => problems,
        Err(error) => return Err(error),
    };
    let is_own = |problem: &SchemaProblem| {
        let key = problem.path.rsplit('.').next().unwrap_or_default();
        let key = key.split('[').next().unwrap_or_default();
        problem.path.starts_with("attributes.") && !REFERENCES.contains(&key)
    };
    // The files as the author knows them, not as they will be installed.
    let in_folder = |problem: SchemaProblem| {
        let file = problem.file.splitn(3, '/').last().unwrap_or_default().to_owned();
        SchemaProblem { file, ..problem }
    };
    Ok(problems.into_iter().filter(is_own).map(in_folder).collect())
}

/// Adds the schemas of a plugin's types in place of those that the project has of it, and returns its id.
fn add_schemas_of(plugin: &Path, project: &Path, changes: &mut SchemaFileChanges) -> Result<String, TypesError> {
    let place = plugin.join("plugin.toml");
    let manifest = std::fs::read_to_string(&place).map_err(|e| failed_at(&place, e))?;
    let manifest = Manifest::parse(&manifest).map_err(TypesError::Manifest)?;
    let id = manifest.id().to_owned();
    // The project may have another version of the plugin installed: its schemas are replaced.
    for (name, _) in find_schemas(&project.join("plugins").join(&id).join("content-types"))? {
        changes.insert(format!("plugins/{id}/content-types/{name}/schema.json"), None);
    }
    let declared = manifest.content_types.map(|all| all.types).unwrap_or_default();
    for (name, path) in find_schemas(&plugin.join("content-types"))? {
        let mut schema = read_schema(&path)?;
        set_unique_keys(&mut schema, declared.get(&name).map_or(&[][..], |own| &own.unique));
        changes.insert(format!("plugins/{id}/content-types/{name}/schema.json"), Some(schema));
    }
    Ok(id)
}

fn failed_at(path: &Path, error: std::io::Error) -> FileWriteError {
    FileWriteError { path: path.to_owned(), error }
}

/// The names of content types in a folder, with their files; empty where the folder does not exist.
fn find_schemas(folder: &Path) -> Result<Vec<(String, PathBuf)>, TypesError> {
    let at = |error| FileWriteError { path: folder.to_owned(), error };
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(at(error).into()),
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry.map_err(at)?;
        let file = entry.path().join("schema.json");
        if let Some(name) = entry.file_name().to_str().filter(|_| file.is_file()) {
            found.push((name.to_owned(), file));
        }
    }
    Ok(found)
}

fn read_schema(path: &Path) -> Result<Map<String, Json>, TypesError> {
    let text = std::fs::read(path).map_err(|error| FileWriteError { path: path.to_owned(), error })?;
    let invalid_schema = |why: String| TypesError::Schema { path: path.to_owned(), why };
    match serde_json::from_slice(&text) {
        Ok(Json::Object(schema)) => Ok(schema),
        Ok(_) => Err(invalid_schema("a schema must be a JSON object".to_owned())),
        Err(error) => Err(invalid_schema(format!("invalid JSON: {error}"))),
    }
}

/// The plugin's own types, then those of others that the API serves.
fn relevant_types<'r>(registry: &'r Registry, plugin: &str) -> Vec<&'r ContentType> {
    let own = |t: &&ContentType| t.plugin_id() == Some(plugin);
    let types = || registry.types().iter().filter(|t| t.is_api());
    types().filter(own).chain(types().filter(|t| !own(t))).collect()
}

#[cfg(test)]
mod tests;
