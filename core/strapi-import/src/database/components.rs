//! Schema files of components, which Strapi's database does not have.

use super::settings::archived_schema;
use crate::error::ImportError;
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Folders that have components: of a Strapi project, and of one of Cairn.
const COMPONENT_FOLDERS: [&str; 2] = ["src/components", "content-types/components"];
/// Largest schema file, in bytes.
const MAX_FILE_BYTES: u64 = 1 << 20;
/// Largest number of schema files.
const MAX_FILES: usize = 10_000;

/// Reads the components of a project, by uid, as Strapi describes them in an archive. A project without a folder of components has none.
pub(super) fn read_components(project: &Path) -> Result<BTreeMap<String, Map<String, Json>>, ImportError> {
    let mut components = BTreeMap::new();
    let folders = COMPONENT_FOLDERS.iter().map(|folder| project.join(folder));
    let Some(folder) = folders.into_iter().find(|folder| folder.is_dir()) else { return Ok(components) };
    for (category, folder) in read_names(&folder)? {
        if !folder.is_dir() {
            continue;
        }
        for (file, path) in read_names(&folder)? {
            let Some(name) = file.strip_suffix(".json") else { continue };
            let mut schema = parse_schema(&path)?;
            let uid = format!("{category}.{name}");
            for (member, value) in [("modelType", "component"), ("modelName", name), ("uid", &uid)] {
                schema.insert(member.into(), value.into());
            }
            components.insert(uid, archived_schema(schema));
            if components.len() > MAX_FILES {
                return Err(failed(&folder, format!("there are more than {MAX_FILES} components")));
            }
        }
    }
    Ok(components)
}

fn failed(path: &Path, why: impl std::fmt::Display) -> ImportError {
    ImportError::Database(format!("{}: {why}", path.display()))
}

/// Names in a folder with their paths, sorted. Hidden ones are left out.
fn read_names(folder: &Path) -> Result<BTreeMap<String, PathBuf>, ImportError> {
    let mut names = BTreeMap::new();
    for entry in folder.read_dir().map_err(|e| failed(folder, e))? {
        let entry = entry.map_err(|e| failed(folder, e))?;
        if let Ok(name) = entry.file_name().into_string()
            && !name.starts_with('.')
        {
            names.insert(name, entry.path());
        }
    }
    Ok(names)
}

fn parse_schema(path: &Path) -> Result<Map<String, Json>, ImportError> {
    // Opening a named pipe would wait for a writer.
    if !path.is_file() {
        return Err(failed(path, "this is not a file"));
    }
    let mut text = String::new();
    let read = File::open(path).and_then(|file| file.take(MAX_FILE_BYTES + 1).read_to_string(&mut text));
    read.map_err(|e| failed(path, e))?;
    if text.len() as u64 > MAX_FILE_BYTES {
        return Err(failed(path, format!("it is larger than {MAX_FILE_BYTES} bytes")));
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    // TypeScript's compiler prints the schema files of a project anew, without the commas that JSON does not have.
    serde_json::from_str(text)
        .or_else(|e| serde_json::from_str(&without_trailing_commas(text)).map_err(|_| e))
        .map_err(|e| failed(path, format!("it is not a JSON object: {e}")))
}

/// The text without commas before closing brackets.
fn without_trailing_commas(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let (mut in_string, mut is_escaped) = (false, false);
    for (at, c) in text.char_indices() {
        if in_string {
            in_string = is_escaped || c != '"';
            is_escaped = c == '\\' && !is_escaped;
        } else if c == '"' {
            in_string = true;
        } else if c == ',' && text[at + 1..].trim_start().starts_with(['}', ']']) {
            continue;
        }
        plain.push(c);
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn components_of_both_layouts_are_read() {
        let project = tempfile::tempdir().unwrap();
        assert!(read_components(project.path()).unwrap().is_empty());
        let write = |path: &str, text: &str| {
            let path = project.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write("content-types/components/block/hero.json", r#"{"collectionName": "heroes"}"#);
        assert_eq!(read_components(project.path()).unwrap()["block.hero"]["collectionName"], "heroes");
        write("src/components/shared/seo.json", "\u{feff}{\"info\": [\"b,]\", \"\\\",}\",\n ], \"other\": 1, }");
        write("src/components/.git/x.json", "{");
        write("src/components/readme.json", "{");
        let read = read_components(project.path()).unwrap();
        assert_eq!(read.keys().collect::<Vec<_>>(), ["shared.seo"]);
        assert_eq!(read["shared.seo"].get("other"), None);
        assert_eq!(read["shared.seo"]["info"], serde_json::json!(["b,]", "\",}"]));
        assert_eq!(
            (&read["shared.seo"]["modelName"], &read["shared.seo"]["uid"]),
            (&"seo".into(), &"shared.seo".into())
        );
        write("src/components/shared/bad.json", "[]");
        let message = read_components(project.path()).unwrap_err().to_string();
        assert!(message.contains("bad.json"), "{message}");
    }
}
