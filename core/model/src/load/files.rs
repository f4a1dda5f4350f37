//! Finding and parsing the schema files.

use super::report::Report;
use super::{Changes, unique_keys};
use serde_json::{Map, Value as Json};
use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// What a file describes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Role {
    /// `api/<api>/content-types/<name>/schema.json`.
    ContentType { api: String, name: String },
    /// `components/<category>/<name>.json`.
    Component { category: String, name: String },
    /// `plugins/<plugin>/content-types/<name>/schema.json`, and the files of a Strapi project's plugins in `src/plugins`.
    Plugin { plugin: String, name: String },
    /// `extensions/users-permissions/content-types/user/schema.json`.
    User,
}

impl Role {
    /// The uid of what it describes; `None` for the user's file, which extends a built-in type.
    fn uid(&self) -> Option<String> {
        match self {
            Self::ContentType { api, name } => Some(format!("api::{api}.{name}")),
            Self::Component { category, name } => Some(format!("{category}.{name}")),
            Self::Plugin { plugin, name } => Some(format!("plugin::{plugin}.{name}")),
            Self::User => None,
        }
    }
}

/// One parsed file.
#[derive(Debug, Clone)]
pub(super) struct SchemaFile {
    /// Path relative to the project.
    pub(super) file: String,
    pub(super) role: Role,
    pub(super) schema: Map<String, Json>,
}

/// Largest schema file, in bytes.
const MAX_BYTES: u64 = 1 << 20;

/// Reads all schema files of the project and of more folders in it, sorted by name. Enters only folders of the layout, so a link that leads
/// back up causes no endless loop.
pub(super) fn read(project: &Path, more: &[&str], report: &Report) -> Vec<SchemaFile> {
    let mut reader = Reader { project, report, found: Vec::new() };
    if !project.is_dir() {
        report.file("").problem(format!("{} is not a folder", project.display()));
    }
    for root in ["content-types", "src"].iter().chain(more) {
        reader.content_types(root);
        reader.components(root);
        let user = format!("{root}/extensions/users-permissions/content-types/user/schema.json");
        if reader.exists(&user) {
            reader.file(user, Role::User);
        }
    }
    reader.plugins();
    reader.strapi_plugins();
    reader.extensions();
    reader.found
}

/// The ids of the project's plugins, with or without content types.
pub(super) fn plugins(project: &Path, report: &Report) -> Vec<String> {
    Reader { project, report, found: Vec::new() }.plugin_ids()
}

/// Applies changes to the files.
pub(super) fn change(mut files: Vec<SchemaFile>, changes: &Changes, report: &Report) -> Vec<SchemaFile> {
    files.retain(|file| !changes.contains_key(&file.file));
    for (file, schema) in changes {
        let Some(schema) = schema else { continue };
        match role(file) {
            Some(role) => files.push(SchemaFile { file: file.clone(), role, schema: schema.clone() }),
            None => report.file(file).problem("is not a valid location for a schema file"),
        }
    }
    files.sort_by(|a, b| a.file.cmp(&b.file));
    files
}

/// The files that changes rename, from the new name to the one before: a type or component that has `renamedFrom`, and
/// another file that is deleted.
pub(super) fn moved(changes: &Changes) -> HashMap<&str, &str> {
    let gone: HashMap<String, &str> = changes
        .iter()
        .filter(|(_, schema)| schema.is_none())
        .filter_map(|(file, _)| Some((role(file)?.uid()?, file.as_str())))
        .collect();
    let renamed = changes.iter().filter_map(|(file, schema)| {
        let former = schema.as_ref()?.get("renamedFrom")?.as_str()?;
        Some((file.as_str(), *gone.get(former)?))
    });
    renamed.collect()
}

/// What a file at that path describes.
fn role(file: &str) -> Option<Role> {
    let parts: Vec<&str> = file.split('/').collect();
    match parts.as_slice() {
        [.., "api", api, "content-types", name, "schema.json"] => {
            Some(Role::ContentType { api: (*api).to_owned(), name: (*name).to_owned() })
        }
        ["plugins", plugin, "content-types", name, "schema.json"]
        | ["src", "plugins", plugin, "server", "content-types", name, "schema.json"]
        | ["src", "plugins", plugin, "server", "src", "content-types", name, "schema.json"] => {
            Some(Role::Plugin { plugin: (*plugin).to_owned(), name: (*name).to_owned() })
        }
        [.., "extensions", "users-permissions", "content-types", "user", "schema.json"] => Some(Role::User),
        [.., "components", category, name] => {
            Some(Role::Component { category: (*category).to_owned(), name: name.strip_suffix(".json")?.to_owned() })
        }
        _ => None,
    }
}

struct Reader<'a> {
    project: &'a Path,
    report: &'a Report,
    found: Vec<SchemaFile>,
}

impl Reader<'_> {
    fn content_types(&mut self, root: &str) {
        let apis = format!("{root}/api");
        for api in self.names(&apis) {
            let folder = format!("{apis}/{api}/content-types");
            for name in self.names(&folder) {
                let file = format!("{folder}/{name}/schema.json");
                if self.exists(&file) {
                    self.file(file, Role::ContentType { api: api.clone(), name });
                } else if self.is_folder(&format!("{folder}/{name}")) {
                    self.report.file(&file).warning("file not found; ignoring the folder");
                }
            }
        }
    }

    /// Adds the types of the project's plugins: folders of `plugins/` with a manifest.
    fn plugins(&mut self) {
        for plugin in self.plugin_ids() {
            let manifest = self.project.join(format!("plugins/{plugin}/plugin.toml"));
            let keys = read_text(&manifest).map(|text| unique_keys::of_manifest(&text)).unwrap_or_default();
            let folder = format!("plugins/{plugin}/content-types");
            for name in self.names(&folder) {
                let file = format!("{folder}/{name}/schema.json");
                if self.exists(&file) {
                    let (at, keys) = (self.found.len(), keys.get(&name).map_or(&[][..], Vec::as_slice));
                    self.file(file, Role::Plugin { plugin: plugin.clone(), name });
                    if let Some(found) = self.found.get_mut(at) {
                        unique_keys::set_unique_keys(&mut found.schema, keys);
                    }
                }
            }
        }
    }

    /// Adds the types of plugins in a Strapi project's folders, in both of Strapi's layouts.
    fn strapi_plugins(&mut self) {
        for plugin in self.names("src/plugins") {
            let id = self.plugin_name(&plugin);
            let folders = ["server/src", "server"].map(|inner| format!("src/plugins/{plugin}/{inner}/content-types"));
            let Some(folder) = folders.into_iter().find(|folder| self.is_folder(folder)) else { continue };
            for name in self.names(&folder) {
                let file = format!("{folder}/{name}/schema.json");
                if self.exists(&file) {
                    self.file(file, Role::Plugin { plugin: id.clone(), name });
                }
            }
        }
    }

    /// The name in the plugin's `package.json`, else the name of its folder.
    fn plugin_name(&self, folder: &str) -> String {
        let file = self.project.join(format!("src/plugins/{folder}/package.json"));
        let named = parse(&file).ok().and_then(|package| {
            let name = package.get("strapi")?.get("name")?.as_str()?;
            Some(name.to_owned()).filter(|name| !name.is_empty())
        });
        named.unwrap_or_else(|| folder.to_owned())
    }

    /// Adds the file that extends the user type, the only type of Strapi that can be extended here.
    fn extensions(&mut self) {
        for plugin in self.names("src/extensions") {
            let folder = format!("src/extensions/{plugin}/content-types");
            for name in self.names(&folder) {
                let file = format!("{folder}/{name}/schema.json");
                if self.exists(&file) && (plugin.as_str(), name.as_str()) != ("users-permissions", "user") {
                    self.report.file(&file).warning("only the user type can be extended; ignoring the file");
                }
            }
        }
    }

    fn plugin_ids(&self) -> Vec<String> {
        let mut ids = self.names("plugins");
        ids.retain(|plugin| self.exists(&format!("plugins/{plugin}/plugin.toml")));
        ids
    }

    fn components(&mut self, root: &str) {
        let categories = format!("{root}/components");
        for category in self.names(&categories) {
            let folder = format!("{categories}/{category}");
            for file in self.names(&folder) {
                if let Some(name) = file.strip_suffix(".json") {
                    let role = Role::Component { category: category.clone(), name: name.to_owned() };
                    self.file(format!("{folder}/{file}"), role);
                }
            }
        }
    }

    /// The names in a folder, sorted; empty if it is missing or not a folder. Hidden files are left out.
    fn names(&self, folder: &str) -> Vec<String> {
        if !self.is_folder(folder) {
            // A link that leads nowhere (or to itself) is there and yet no folder.
            let linked = self.project.join(folder).symlink_metadata().is_ok_and(|meta| meta.is_symlink());
            if linked && !self.exists_target(folder) {
                self.report.file(folder).problem("is a symbolic link to a missing target");
            }
            return Vec::new();
        }
        let entries = match self.project.join(folder).read_dir() {
            Ok(entries) => entries,
            Err(error) => {
                self.report.file(folder).problem(format!("cannot be read: {error}"));
                return Vec::new();
            }
        };
        let mut names = Vec::new();
        for entry in entries {
            match entry.map(|entry| entry.file_name().into_string()) {
                Ok(Ok(name)) if name.starts_with('.') => {}
                Ok(Ok(name)) => names.push(name),
                Ok(Err(name)) => self.report.file(folder).problem(format!("the name {name:?} is not valid UTF-8")),
                Err(error) => self.report.file(folder).problem(format!("cannot be read: {error}")),
            }
        }
        names.sort();
        names
    }

    fn is_folder(&self, path: &str) -> bool {
        self.project.join(path).is_dir()
    }

    /// Whether a path exists, even as a broken link: reading it then reports the problem.
    fn exists(&self, path: &str) -> bool {
        self.project.join(path).symlink_metadata().is_ok()
    }

    fn exists_target(&self, path: &str) -> bool {
        self.project.join(path).metadata().is_ok()
    }

    fn file(&mut self, file: String, role: Role) {
        match parse(&self.project.join(&file)) {
            Ok(schema) => self.found.push(SchemaFile { file, role, schema }),
            Err(message) => self.report.file(&file).problem(message),
        }
    }
}

fn parse(path: &Path) -> Result<Map<String, Json>, String> {
    let text = read_text(path)?;
    match serde_json::from_str(text.strip_prefix('\u{FEFF}').unwrap_or(&text)) {
        Ok(Json::Object(schema)) => Ok(schema),
        Ok(_) => Err("must be a JSON object".to_owned()),
        Err(error) => Err(format!("is not valid JSON: {error}")),
    }
}

fn read_text(path: &Path) -> Result<String, String> {
    let unreadable = |error: std::io::Error| format!("cannot be read: {error}");
    // Opening a named pipe would wait for a writer.
    if !path.metadata().map_err(unreadable)?.is_file() {
        return Err("is not a file".to_owned());
    }
    let mut bytes = Vec::new();
    let mut file = File::open(path).map_err(unreadable)?.take(MAX_BYTES + 1);
    file.read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(format!("is larger than {MAX_BYTES} bytes"));
    }
    String::from_utf8(bytes).map_err(|error| format!("is not valid UTF-8: {}", error.utf8_error()))
}
