//! Reads a project's schema files into a [`Registry`], reporting every problem at once.
//!
//! Two folders are read, either of which may be missing: `content-types/` and a Strapi project's `src/`. In both only
//! `api/<api>/content-types/<name>/schema.json`, `components/<category>/<name>.json` and
//! `extensions/users-permissions/content-types/user/schema.json` are read, and in `src/` the types of `plugins/<plugin>/server/` too.
//!
//! Everything that Strapi starts with is accepted: oddities are warnings (`docs/decisions/0034-what-strapi-starts.md`).

mod attributes;
mod builtin;
mod files;
mod graph;
mod kinds;
mod names;
mod relations;
mod report;
mod types;
mod unique_keys;

pub use report::Problem;
pub use unique_keys::set_unique_keys;

use crate::registry::Registry;
use report::Report;
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;
use std::path::Path;

/// A project's model.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// All types and components, the built-in ones included.
    pub registry: Registry,
    /// What was accepted although it may be unintended.
    pub warnings: Vec<Problem>,
    /// Those of the warnings that are refused if a change introduces them: see [`load_changed`].
    pub tolerated: Vec<Problem>,
}

/// Reads the project in that folder. Without any schema file only the built-in types exist.
///
/// # Errors
/// Returns every problem of the files, in the order of their names.
pub fn load(project: &Path) -> Result<Loaded, Vec<Problem>> {
    load_with(project, &[])
}

/// Does the same as [`load`] with more folders laid out like `content-types/`: a tenant's types beside the project's. They are
/// given relative to the project, with `/` between folders; a missing one has no files. A duplicate definition is a problem,
/// wherever the two files are.
///
/// # Errors
/// The same errors as [`load`].
pub fn load_with(project: &Path, more: &[&str]) -> Result<Loaded, Vec<Problem>> {
    load_changed(project, more, &Changes::new())
}

/// Schema files after a change, by their names relative to the project; `None`: the file is deleted.
pub type Changes = BTreeMap<String, Option<Map<String, Json>>>;

/// Does the same as [`load_with`] for the files as they would be after some changes, none of which is made. What Strapi starts with and
/// nobody should write is a warning if it existed before, and an error if the changes introduce it.
///
/// # Errors
/// The same errors as [`load`]; and for a changed file that is not where the layout has one.
pub fn load_changed(project: &Path, more: &[&str], changes: &Changes) -> Result<Loaded, Vec<Problem>> {
    let report = Report::default();
    let before = files::read(project, more, &report);
    let after = files::change(before.clone(), changes, &report);
    let moved = files::moved(changes);
    let plugins = files::plugins(project, &report);
    let loaded = build(after, &plugins, report)?;
    if changes.is_empty() || loaded.tolerated.is_empty() {
        return Ok(loaded);
    }
    // What was wrong with the files before is not the matter here.
    let known = build(before, &plugins, Report::default()).map_or_else(|_| Vec::new(), |before| before.tolerated);
    let is_known = |found: &Problem| {
        let file = moved.get(found.file.as_str()).copied().unwrap_or(&found.file);
        known.iter().any(|known| known.path == found.path && (known.file == found.file || known.file == file))
    };
    let new: Vec<Problem> = loaded.tolerated.iter().filter(|found| !is_known(found)).cloned().collect();
    if new.is_empty() { Ok(loaded) } else { Err(new) }
}

/// Builds the model. `plugins`: the ids of the project's plugins.
fn build(files: Vec<files::SchemaFile>, plugins: &[String], report: Report) -> Result<Loaded, Vec<Problem>> {
    let registry = types::build(files, plugins, &report);
    let report::Findings { problems, warnings, tolerated } = report.finish();
    match registry {
        Some(registry) if problems.is_empty() => Ok(Loaded { registry, warnings, tolerated }),
        _ => Err(problems),
    }
}
