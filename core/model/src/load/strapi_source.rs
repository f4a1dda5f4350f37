//! Facts that only a Strapi project's code has: names of its own plugins, types of its custom fields.
//!
//! Code is not run: it is read as text, within limits, for plain values.

use super::kinds;
use super::schema_file::SchemaFile;
use crate::source_text::{Literal, Members, find_call_objects, find_owner_key};
use serde_json::{Map, Value as Json};
use std::path::Path;

/// Files in which a Strapi project configures its plugins.
const PLUGIN_CONFIG_FILES: [&str; 5] =
    ["config/plugins.ts", "config/plugins.js", "config/plugins.mjs", "config/plugins.cjs", "config/plugins.json"];
/// Largest file of code that is read, in bytes.
const MAX_SOURCE_BYTES: u64 = 256 << 10;
/// Largest number of files and folders that are looked at.
const MAX_ENTRIES: usize = 20_000;
/// Deepest folder below `src/`.
const MAX_DEPTH: usize = 8;

/// The name of a plugin in `src/plugins`, as Strapi knows it: its key in `config/plugins`, else its folder's name.
pub(super) fn plugin_name(project: &Path, folder: &str) -> String {
    let is_folder = |path: &str| {
        let path = path.trim_end_matches('/');
        path.strip_suffix(folder).is_some_and(|before| before.ends_with("src/plugins/"))
    };
    let sources = PLUGIN_CONFIG_FILES.iter().filter_map(|file| read_source(&project.join(file)));
    sources
        .filter_map(|source| find_owner_key(&source, "resolve", is_folder))
        .next()
        .unwrap_or_else(|| folder.to_owned())
}

/// The custom fields that a project's own code registers.
#[derive(Debug, Default)]
pub(super) struct CustomFields(Vec<RegisteredField>);

#[derive(Debug)]
struct RegisteredField {
    /// Name of the field; `None` if it is not a plain string.
    name: Option<String>,
    /// Plugin that it is registered for; `None` for a field of the project.
    plugin: Option<FieldPlugin>,
    /// Attribute type that its values are stored as.
    attribute_type: String,
}

#[derive(Debug, PartialEq)]
enum FieldPlugin {
    Named(String),
    /// Not a plain string in the code; the name of the plugin that the code belongs to, if it is one's.
    Computed(Option<String>),
}

impl CustomFields {
    /// Searches the project's code, if one of the files has a custom field that is not well known.
    pub(super) fn read(project: &Path, files: &[SchemaFile]) -> Self {
        let attributes =
            files.iter().filter_map(|file| file.schema.get("attributes")?.as_object()).flat_map(Map::values);
        let mut uids = attributes.filter_map(|attribute| attribute.get("customField").and_then(Json::as_str));
        if uids.all(|uid| kinds::known_custom_field(uid).is_some()) {
            return Self::default();
        }
        let mut found = Self::default();
        let mut left = MAX_ENTRIES;
        let mut open = vec![("src".to_owned(), 0)];
        while let Some((folder, depth)) = open.pop() {
            // In the order of their names: of two fields with one name the same one counts at every start.
            let mut entries: Vec<_> =
                project.join(&folder).read_dir().into_iter().flatten().flatten().take(left).collect();
            left = left.saturating_sub(entries.len());
            entries.sort_by_key(std::fs::DirEntry::file_name);
            for entry in entries {
                let (Ok(name), Ok(kind)) = (entry.file_name().into_string(), entry.file_type()) else { continue };
                let path = format!("{folder}/{name}");
                // Fields registered in `admin` are inputs in the browser, which may have another type.
                let skipped =
                    name.starts_with('.') || matches!(name.as_str(), "node_modules" | "dist" | "build" | "admin");
                if kind.is_dir() && !skipped && depth < MAX_DEPTH {
                    open.push((path, depth + 1));
                } else if kind.is_file() && is_code(&name) {
                    found.add_source(project, &path);
                }
            }
        }
        found
    }

    fn add_source(&mut self, project: &Path, path: &str) {
        let Some(source) = read_source(&project.join(path)) else { return };
        if !source.contains("customFields") {
            return;
        }
        let folder = path.strip_prefix("src/plugins/").and_then(|path| path.split('/').next());
        let own_plugin = folder.map(|folder| plugin_name(project, folder));
        for members in find_call_objects(&source, "customFields", "register") {
            if let Some(field) = RegisteredField::from_members(&members, own_plugin.as_deref()) {
                self.0.push(field);
            }
        }
    }

    /// The attribute type of a field by its uid, `global::day` or `plugin::calendar.day`; `None` if the code does not tell.
    pub(super) fn attribute_type(&self, uid: &str) -> Option<&str> {
        let (plugin, name) = match uid.strip_prefix("plugin::") {
            Some(rest) => rest.split_once('.').map(|(plugin, name)| (Some(plugin), name))?,
            None => (None, uid.strip_prefix("global::")?),
        };
        let is_field = |field: &&RegisteredField| {
            let same_plugin = match (&field.plugin, plugin) {
                (None, None) => true,
                (Some(FieldPlugin::Named(named)), Some(plugin)) => named == plugin,
                (Some(FieldPlugin::Computed(own)), Some(plugin)) => own.as_deref().is_none_or(|own| own == plugin),
                _ => false,
            };
            // A name that is computed too can only be told by the plugin whose code it is.
            let same_name = field.name.as_deref().map_or(
                plugin.is_some() && field.plugin == Some(FieldPlugin::Computed(plugin.map(str::to_owned))),
                |known| known == name,
            );
            same_plugin && same_name
        };
        self.0.iter().find(is_field).map(|field| field.attribute_type.as_str())
    }
}

impl RegisteredField {
    /// Reads the object that a field is registered with; `own_plugin`: the plugin that the code belongs to.
    fn from_members(members: &Members, own_plugin: Option<&str>) -> Option<Self> {
        let value_of = |key: &str| members.iter().find(|(name, _)| name == key).map(|(_, value)| value);
        let text = |value: &Literal| match value {
            Literal::Text(text) => Some(text.clone()),
            _ => None,
        };
        let plugin = value_of("plugin").or_else(|| value_of("pluginId")).map(|value| {
            text(value).map_or_else(|| FieldPlugin::Computed(own_plugin.map(str::to_owned)), FieldPlugin::Named)
        });
        Some(Self { name: value_of("name").and_then(text), plugin, attribute_type: value_of("type").and_then(text)? })
    }
}

fn is_code(name: &str) -> bool {
    let ends = [".js", ".ts", ".mjs", ".cjs", ".mts", ".cts", ".jsx", ".tsx"];
    ends.iter().any(|end| name.ends_with(end)) && !name.ends_with(".d.ts")
}

/// The text of a file; `None` if it is not a file, too large, or not text.
fn read_source(path: &Path) -> Option<String> {
    let meta = path.metadata().ok()?;
    if !meta.is_file() || meta.len() > MAX_SOURCE_BYTES {
        return None;
    }
    std::fs::read_to_string(path).ok()
}
