//! Finding and parsing the schema files.

use super::report::LoadReport;
use super::schema_file::{SchemaFile, SchemaFileChanges, SchemaFileRole};
use super::{strapi_source, unique_keys};
use serde_json::{Map, Value as Json};
use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Largest schema file, in bytes.
const MAX_SCHEMA_FILE_BYTES: u64 = 1 << 20;

/// Reads all schema files of the project and of more folders in it, sorted by name. Enters only folders of the layout, so a link that leads
/// back up causes no endless loop.
pub(super) fn read_files(project: &Path, extra_roots: &[&str], report: &LoadReport) -> Vec<SchemaFile> {
    let mut reader = SchemaFileReader::new(project, report);
    if !project.is_dir() {
        report.file_site("").report_problem(format!("{} is not a folder", project.display()));
    }
    for root in ["content-types", "src"].iter().chain(extra_roots) {
        reader.read_content_types(root);
        reader.read_components(root);
        let user = format!("{root}/extensions/users-permissions/content-types/user/schema.json");
        if reader.entry_exists(&user) {
            reader.read_file(user, SchemaFileRole::User);
        }
    }
    reader.read_plugins();
    reader.read_strapi_plugins();
    reader.read_extensions();
    reader.found
}

/// The ids of the project's plugins, with or without content types.
pub(super) fn read_plugin_ids(project: &Path, report: &LoadReport) -> Vec<String> {
    SchemaFileReader::new(project, report).plugin_ids()
}

/// Applies changes to the files.
pub(super) fn apply_changes(
    mut files: Vec<SchemaFile>,
    changes: &SchemaFileChanges,
    report: &LoadReport,
) -> Vec<SchemaFile> {
    let changed: Vec<SchemaFile> = files.extract_if(.., |file| changes.contains_key(&file.file)).collect();
    for (file, schema) in changes {
        let Some(schema) = schema else { continue };
        // Strapi may know a plugin by another name than that of its folder.
        let known = changed.iter().find(|known| known.file == *file).map(|known| known.role.clone());
        match known.or_else(|| role_of_path(file)) {
            Some(role) => files.push(SchemaFile { file: file.clone(), role, schema: schema.clone() }),
            None => report.file_site(file).report_problem("is not a valid location for a schema file"),
        }
    }
    files.sort_by(|a, b| a.file.cmp(&b.file));
    files
}

/// The files that changes rename, from the new name to the one before: a type or component that has `renamedFrom`, and
/// another file that is deleted.
pub(super) fn renamed_files(changes: &SchemaFileChanges) -> HashMap<&str, &str> {
    let deleted_files: HashMap<String, &str> = changes
        .iter()
        .filter(|(_, schema)| schema.is_none())
        .filter_map(|(file, _)| Some((role_of_path(file)?.uid()?, file.as_str())))
        .collect();
    let renamed = changes.iter().filter_map(|(file, schema)| {
        let former = schema.as_ref()?.get("renamedFrom")?.as_str()?;
        Some((file.as_str(), *deleted_files.get(former)?))
    });
    renamed.collect()
}

/// Returns the role of the file at that path; `None` if it describes nothing.
fn role_of_path(file: &str) -> Option<SchemaFileRole> {
    let parts: Vec<&str> = file.split('/').collect();
    match parts.as_slice() {
        [.., "api", api, "content-types", name, "schema.json"] => {
            Some(SchemaFileRole::ContentType { api: (*api).to_owned(), name: (*name).to_owned() })
        }
        ["plugins", plugin, "content-types", name, "schema.json"]
        | ["src", "plugins", plugin, "server", "content-types", name, "schema.json"]
        | ["src", "plugins", plugin, "server", "src", "content-types", name, "schema.json"] => {
            Some(SchemaFileRole::Plugin { plugin: (*plugin).to_owned(), name: (*name).to_owned() })
        }
        [.., "extensions", "users-permissions", "content-types", "user", "schema.json"] => Some(SchemaFileRole::User),
        [.., "components", category, name] => Some(SchemaFileRole::Component {
            category: (*category).to_owned(),
            name: name.strip_suffix(".json")?.to_owned(),
        }),
        _ => None,
    }
}

struct SchemaFileReader<'a> {
    project: &'a Path,
    report: &'a LoadReport,
    /// A project in TypeScript, whose compiler prints the JSON files below `src/` anew.
    is_typescript: bool,
    found: Vec<SchemaFile>,
}

impl<'a> SchemaFileReader<'a> {
    fn new(project: &'a Path, report: &'a LoadReport) -> Self {
        let is_typescript = project.join("tsconfig.json").is_file();
        Self { project, report, is_typescript, found: Vec::new() }
    }

    fn read_content_types(&mut self, root: &str) {
        let apis = format!("{root}/api");
        for api in self.folder_names(&apis) {
            let folder = format!("{apis}/{api}/content-types");
            for name in self.folder_names(&folder) {
                let file = format!("{folder}/{name}/schema.json");
                if self.entry_exists(&file) {
                    self.read_file(file, SchemaFileRole::ContentType { api: api.clone(), name });
                } else if self.is_folder(&format!("{folder}/{name}")) {
                    self.report.file_site(&file).report_warning("file not found; ignoring the folder");
                }
            }
        }
    }

    /// Adds the types of the project's plugins: folders of `plugins/` with a manifest.
    fn read_plugins(&mut self) {
        for plugin in self.plugin_ids() {
            let manifest = self.project.join(format!("plugins/{plugin}/plugin.toml"));
            let keys = read_text(&manifest).map(|text| unique_keys::keys_of_manifest(&text)).unwrap_or_default();
            let folder = format!("plugins/{plugin}/content-types");
            for name in self.folder_names(&folder) {
                let file = format!("{folder}/{name}/schema.json");
                if self.entry_exists(&file) {
                    let (at, keys) = (self.found.len(), keys.get(&name).map_or(&[][..], Vec::as_slice));
                    self.read_file(file, SchemaFileRole::Plugin { plugin: plugin.clone(), name });
                    if let Some(schema_file) = self.found.get_mut(at) {
                        unique_keys::set_unique_keys(&mut schema_file.schema, keys);
                    }
                }
            }
        }
    }

    /// Adds the types of plugins in a Strapi project's folders, in both of Strapi's layouts.
    fn read_strapi_plugins(&mut self) {
        for plugin in self.folder_names("src/plugins") {
            let id = strapi_source::plugin_name(self.project, &plugin);
            let folders = ["server/src", "server"].map(|inner| format!("src/plugins/{plugin}/{inner}/content-types"));
            let Some(folder) = folders.into_iter().find(|folder| self.is_folder(folder)) else { continue };
            for name in self.folder_names(&folder) {
                let file = format!("{folder}/{name}/schema.json");
                if self.entry_exists(&file) {
                    let at = self.found.len();
                    self.read_file(file, SchemaFileRole::Plugin { plugin: id.clone(), name: name.clone() });
                    if let Some(schema_file) = self.found.get_mut(at) {
                        schema_file.role = SchemaFileRole::of_strapi_plugin(id.clone(), name, &schema_file.schema);
                    }
                }
            }
        }
    }

    /// Adds the file that extends the user type, the only type of Strapi that can be extended here.
    fn read_extensions(&mut self) {
        for plugin in self.folder_names("src/extensions") {
            let folder = format!("src/extensions/{plugin}/content-types");
            for name in self.folder_names(&folder) {
                let file = format!("{folder}/{name}/schema.json");
                if self.entry_exists(&file) && (plugin.as_str(), name.as_str()) != ("users-permissions", "user") {
                    self.report
                        .file_site(&file)
                        .report_warning("only the user type can be extended; ignoring the file");
                }
            }
        }
    }

    fn plugin_ids(&self) -> Vec<String> {
        let mut ids = self.folder_names("plugins");
        ids.retain(|plugin| self.entry_exists(&format!("plugins/{plugin}/plugin.toml")));
        ids
    }

    fn read_components(&mut self, root: &str) {
        let categories = format!("{root}/components");
        for category in self.folder_names(&categories) {
            let folder = format!("{categories}/{category}");
            for file in self.folder_names(&folder) {
                if let Some(name) = file.strip_suffix(".json") {
                    let role = SchemaFileRole::Component { category: category.clone(), name: name.to_owned() };
                    self.read_file(format!("{folder}/{file}"), role);
                }
            }
        }
    }

    /// The names in a folder, sorted; empty if it is missing or not a folder. Hidden files are left out.
    fn folder_names(&self, folder: &str) -> Vec<String> {
        if !self.is_folder(folder) {
            // A link that leads nowhere (or to itself) is there and yet no folder.
            let linked = self.project.join(folder).symlink_metadata().is_ok_and(|meta| meta.is_symlink());
            if linked && !self.exists_target(folder) {
                self.report.file_site(folder).report_problem("is a symbolic link to a missing target");
            }
            return Vec::new();
        }
        let entries = match self.project.join(folder).read_dir() {
            Ok(entries) => entries,
            Err(error) => {
                self.report.file_site(folder).report_problem(format!("cannot be read: {error}"));
                return Vec::new();
            }
        };
        let mut names = Vec::new();
        for entry in entries {
            match entry.map(|entry| entry.file_name().into_string()) {
                Ok(Ok(name)) if name.starts_with('.') => {}
                Ok(Ok(name)) => names.push(name),
                Ok(Err(name)) => {
                    self.report.file_site(folder).report_problem(format!("the name {name:?} is not valid UTF-8"))
                }
                Err(error) => self.report.file_site(folder).report_problem(format!("cannot be read: {error}")),
            }
        }
        names.sort();
        names
    }

    fn is_folder(&self, path: &str) -> bool {
        self.project.join(path).is_dir()
    }

    /// True if a path exists, even as a broken link: reading it then reports the problem.
    fn entry_exists(&self, path: &str) -> bool {
        self.project.join(path).symlink_metadata().is_ok()
    }

    fn exists_target(&self, path: &str) -> bool {
        self.project.join(path).metadata().is_ok()
    }

    fn read_file(&mut self, file: String, role: SchemaFileRole) {
        match self.parse_schema(&file) {
            Ok(schema) => self.found.push(SchemaFile { file, role, schema }),
            Err(message) => {
                self.report.file_site(&file).report_problem(message);
                self.report.note_unreadable(role.uid());
            }
        }
    }

    fn parse_schema(&self, file: &str) -> Result<Map<String, Json>, String> {
        let text = read_text(&self.project.join(file))?;
        let text = text.strip_prefix('\u{FEFF}').unwrap_or(&text);
        let parsed = serde_json::from_str(text).or_else(|error| {
            let compiled = (self.is_typescript && file.starts_with("src/"))
                .then(|| serde_json::from_str(&without_trailing_commas(text)).ok())
                .flatten();
            if compiled.is_some() {
                self.report
                    .file_site(file)
                    .report_warning("has a comma before a closing bracket; ignoring it, as TypeScript's compiler does");
            }
            compiled.ok_or(error)
        });
        match parsed {
            Ok(Json::Object(schema)) => Ok(schema),
            Ok(_) => Err("must be a JSON object".to_owned()),
            Err(error) => Err(format!("is not valid JSON: {error}")),
        }
    }
}

/// Replaces by a blank each comma that follows a value and stands before a closing bracket.
fn without_trailing_commas(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let (mut in_string, mut escaped, mut previous, mut comma) = (false, false, b' ', None);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if in_string => {
                in_string = escaped || byte != b'"';
                escaped = byte == b'\\' && !escaped;
                continue;
            }
            b' ' | b'\t' | b'\r' | b'\n' => continue,
            b'}' | b']' => {
                if let Some(comma) = comma.and_then(|comma: usize| bytes.get_mut(comma)) {
                    *comma = b' ';
                }
                comma = None;
            }
            b',' => comma = (!matches!(previous, b'{' | b'[' | b',' | b':')).then_some(at),
            _ => {
                in_string = byte == b'"';
                comma = None;
            }
        }
        previous = byte;
    }
    // Commas were replaced by a character of the same length, so the text is still UTF-8.
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

fn read_text(path: &Path) -> Result<String, String> {
    let unreadable = |error: std::io::Error| format!("cannot be read: {error}");
    // Opening a named pipe would wait for a writer.
    if !path.metadata().map_err(unreadable)?.is_file() {
        return Err("is not a file".to_owned());
    }
    let mut bytes = Vec::new();
    let mut file = File::open(path).map_err(unreadable)?.take(MAX_SCHEMA_FILE_BYTES + 1);
    file.read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > MAX_SCHEMA_FILE_BYTES {
        return Err(format!("is larger than {MAX_SCHEMA_FILE_BYTES} bytes"));
    }
    String::from_utf8(bytes).map_err(|error| format!("is not valid UTF-8: {}", error.utf8_error()))
}
