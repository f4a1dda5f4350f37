//! Reads a project's schema files into a [`Registry`], reporting every problem at once.
//!
//! Two folders are read, either of which may be missing: `content-types/` and a Strapi project's `src/`. In both only
//! `api/<api>/content-types/<name>/schema.json`, `components/<category>/<name>.json` and
//! `extensions/users-permissions/content-types/user/schema.json` are read, and in `src/` the types of `plugins/<plugin>/server/` too. Of a
//! Strapi project's code only plain values are read: the names of its plugins, and the types of its custom fields. Of `cairn.toml` the
//! collation of types that state none is read, so that whoever loads the model gets the same.
//!
//! Everything that Strapi starts with is accepted: oddities are warnings (`docs/decisions/0034-what-strapi-starts.md`).

mod attributes;
mod builtin;
mod collations;
mod conditions;
mod context;
mod file_options;
mod files;
mod graph;
mod indexes;
mod kinds;
mod names;
mod presentation;
mod raw_schema;
mod relations;
mod report;
mod schema_file;
mod strapi_source;
mod types;
mod unique_keys;

pub use report::SchemaProblem;
pub use schema_file::SchemaFileChanges;
pub use unique_keys::set_unique_keys;

use crate::registry::Registry;
use collations::CollationOption;
use report::LoadReport;
use schema_file::SchemaFile;
use std::path::Path;
use strapi_source::CustomFields;

/// A project's model.
#[derive(Debug, Clone)]
pub struct LoadedModel {
    /// All types and components, the built-in ones included.
    pub registry: Registry,
    /// Parts of the schema that were accepted although they may be unintended.
    pub warnings: Vec<SchemaProblem>,
    /// Those of the warnings that are refused if a change introduces them: see [`load_changed`].
    pub tolerated: Vec<SchemaProblem>,
}

/// Reads the project in that folder. Without any schema file only the built-in types exist. The error lists every problem of the files, in
/// the order of their names.
pub fn load_project(project: &Path) -> Result<LoadedModel, Vec<SchemaProblem>> {
    load_with(project, &[])
}

/// Does the same as [`load_project`] with more folders laid out like `content-types/`: a tenant's types beside the project's. They are
/// given relative to the project, with `/` between folders; a missing one has no files. A duplicate definition is a problem,
/// wherever the two files are. Returns the same errors as [`load_project`].
pub fn load_with(project: &Path, extra_roots: &[&str]) -> Result<LoadedModel, Vec<SchemaProblem>> {
    load_changed(project, extra_roots, &SchemaFileChanges::new())
}

/// Does the same as [`load_with`] for the files as they would be after some changes, none of which is made. What Strapi starts with and
/// nobody should write is a warning if it existed before, and an error if the changes introduce it.
///
/// # Errors
/// The same errors as [`load_project`]; and for a changed file that is not where the layout has one.
pub fn load_changed(
    project: &Path,
    extra_roots: &[&str],
    changes: &SchemaFileChanges,
) -> Result<LoadedModel, Vec<SchemaProblem>> {
    let report = LoadReport::default();
    let before = files::read_files(project, extra_roots, &report);
    let after = files::apply_changes(before.clone(), changes, &report);
    let moved = files::renamed_files(changes);
    let plugins = files::read_plugin_ids(project, &report);
    let custom_fields = CustomFields::read(project, &after);
    let default_collation = collations::read_default(project, &report);
    let loaded = build_model(after, &plugins, &custom_fields, &default_collation, report)?;
    if changes.is_empty() || loaded.tolerated.is_empty() {
        return Ok(loaded);
    }
    // Problems that the files had before the change do not count.
    let problems = build_model(before, &plugins, &custom_fields, &default_collation, LoadReport::default())
        .map_or_else(|_| Vec::new(), |before| before.tolerated);
    let is_known = |found: &SchemaProblem| {
        let file = moved.get(found.file.as_str()).copied().unwrap_or(&found.file);
        problems.iter().any(|known| known.path == found.path && (known.file == found.file || known.file == file))
    };
    let new: Vec<SchemaProblem> = loaded.tolerated.iter().filter(|found| !is_known(found)).cloned().collect();
    if new.is_empty() { Ok(loaded) } else { Err(new) }
}

/// Builds the model. `plugins`: the ids of the project's plugins.
fn build_model(
    files: Vec<SchemaFile>,
    plugins: &[String],
    custom_fields: &CustomFields,
    default_collation: &CollationOption,
    report: LoadReport,
) -> Result<LoadedModel, Vec<SchemaProblem>> {
    let registry = types::build_registry(files, plugins, custom_fields, default_collation, &report);
    let report::Findings { problems, warnings, tolerated } = report.into_findings();
    match registry {
        Some(registry) if problems.is_empty() => Ok(LoadedModel { registry, warnings, tolerated }),
        _ => Err(problems),
    }
}
