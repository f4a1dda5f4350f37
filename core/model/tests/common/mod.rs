//! Helpers that the tests share: projects in temporary folders, and the shared fixtures.

#![allow(dead_code, reason = "each test binary uses a part")]

use cairn_model::Registry;
use cairn_model::load::load_project;
use serde_json::{Value as Json, json};
use std::fs;
use std::path::{Path, PathBuf};

/// Writes files (path, text) into a new folder.
pub(crate) fn project(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

/// A registry of content types (name, options, attributes) and components (uid, attributes).
pub(crate) fn registry(types: &[(&str, Json, Json)], components: &[(&str, Json)]) -> Registry {
    let mut files = Vec::new();
    for (name, options, attributes) in types {
        let schema = json!({
            "kind": "collectionType",
            "info": {"singularName": name, "pluralName": format!("{name}s")},
            "options": options,
            "pluginOptions": options.get("plugin"),
            "attributes": attributes,
        });
        files.push((format!("src/api/{name}/content-types/{name}/schema.json"), schema.to_string()));
    }
    for (uid, attributes) in components {
        let (category, name) = uid.split_once('.').unwrap();
        files.push((format!("src/components/{category}/{name}.json"), json!({"attributes": attributes}).to_string()));
    }
    let files: Vec<_> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    load_project(project(&files).path()).unwrap_or_else(|problems| panic!("{problems:#?}")).registry
}

/// A file or folder among the shared fixtures; `None`, with a note, where they are not there.
pub(crate) fn shared_fixture(path: &str) -> Option<PathBuf> {
    let root = std::env::var_os("CAIRN_SHARED").map(PathBuf::from);
    let root = root.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"));
    let path = root.join(path);
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped: {} is not there (set CAIRN_SHARED)", path.display());
    None
}
