//! Holds the sample content against the project's schema files: what the server would refuse fails here, in
//! milliseconds, with the place.

use super::{EntrySet, SampleEntry, USER_UID, parse_placeholder, read_sets};
use crate::paths;
use serde_json::{Map, Value};
use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

/// The attributes of every content type and component of the project, by uid.
struct SampleModel(HashMap<String, Value>);

impl SampleModel {
    fn load_model() -> Self {
        let mut all = HashMap::new();
        let json = |path: PathBuf| serde_json::from_str::<Value>(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let content_types = paths::repository_root().join("content-types");
        for api in std::fs::read_dir(content_types.join("api")).unwrap() {
            let name = api.unwrap().file_name().into_string().unwrap();
            let schema = json(content_types.join(format!("api/{name}/content-types/{name}/schema.json")));
            all.insert(format!("api::{name}.{name}"), schema);
        }
        for category in std::fs::read_dir(content_types.join("components")).unwrap() {
            let category = category.unwrap();
            for file in std::fs::read_dir(category.path()).unwrap() {
                let path = file.unwrap().path();
                let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
                all.insert(format!("{}.{name}", category.file_name().to_str().unwrap()), json(path));
            }
        }
        let user = content_types.join("extensions/users-permissions/content-types/user/schema.json");
        all.insert(USER_UID.to_owned(), json(user));
        Self(all)
    }

    fn attributes(&self, uid: &str) -> &Map<String, Value> {
        self.0.get(uid).unwrap_or_else(|| panic!("no schema for {uid}"))["attributes"].as_object().unwrap()
    }
}

struct SampleCheck<'a> {
    model: &'a SampleModel,
    /// Entries of earlier files and lines, as `$ref` names them.
    known: HashSet<String>,
    problems: Vec<String>,
}

impl SampleCheck<'_> {
    fn check_entry(&mut self, set: &EntrySet, entry: &SampleEntry) {
        let at = format!("{}/{}", set.type_name(), set.key_of(entry));
        let attributes = self.model.attributes(&set.uid).clone();
        self.check_object(&at, &set.uid, &entry.data);
        for (name, attribute) in &attributes {
            if attribute["required"] == true && !entry.data.contains_key(name) && attribute.get("default").is_none() {
                self.add_problem(&at, &format!("`{name}` is required"));
            }
        }
        for (locale, data) in &entry.translations {
            let at = format!("{at} [{locale}]");
            self.check_object(&at, &set.uid, data);
            for (name, attribute) in &attributes {
                let localized = attribute["pluginOptions"]["i18n"]["localized"] == true;
                if data.contains_key(name) && !localized {
                    self.add_problem(&at, &format!("`{name}` is one value for all locales"));
                }
                if localized && entry.data.contains_key(name) && !data.contains_key(name) {
                    self.add_problem(&at, &format!("`{name}` is not translated"));
                }
            }
        }
        if !self.known.insert(at.clone()) {
            self.add_problem(&at, "it exists twice");
        }
    }

    fn check_object(&mut self, at: &str, uid: &str, data: &Map<String, Value>) {
        let attributes = self.model.attributes(uid).clone();
        for (name, value) in data.iter().filter(|(name, _)| *name != "__component") {
            match attributes.get(name) {
                Some(attribute) => self.check_value(&format!("{at}.{name}"), attribute, value),
                None => self.add_problem(at, &format!("{uid} has no `{name}`")),
            }
        }
    }

    fn check_value(&mut self, at: &str, attribute: &Value, value: &Value) {
        let many = |value: &Value| value.as_array().cloned().unwrap_or_default();
        match attribute["type"].as_str().unwrap() {
            "component" if attribute["repeatable"] == true => {
                for (i, instance) in many(value).iter().enumerate() {
                    self.check_component(&format!("{at}[{i}]"), attribute["component"].as_str().unwrap(), instance);
                }
            }
            "component" => self.check_component(at, attribute["component"].as_str().unwrap(), value),
            "dynamiczone" => {
                for (i, instance) in many(value).iter().enumerate() {
                    let at = format!("{at}[{i}]");
                    if !attribute["components"].as_array().unwrap().contains(&instance["__component"]) {
                        self.add_problem(&at, &format!("{} is not allowed here", instance["__component"]));
                    } else {
                        self.check_component(&at, instance["__component"].as_str().unwrap(), instance);
                    }
                }
            }
            "relation" => {
                for target in if value.is_array() { many(value) } else { vec![value.clone()] } {
                    self.check_reference(at, attribute["target"].as_str().unwrap(), &target);
                }
            }
            "media" => {
                let files = if attribute["multiple"] == true { many(value) } else { vec![value.clone()] };
                let is_placeholder = |file: &Value| matches!(parse_placeholder(file), Some(("image" | "pdf", _)));
                if files.is_empty() || !files.iter().all(is_placeholder) {
                    self.add_problem(at, "is not a file");
                }
            }
            kind => self.check_scalar(at, kind, attribute, value),
        }
    }

    fn check_component(&mut self, at: &str, uid: &str, value: &Value) {
        let data = value.as_object().cloned().unwrap_or_default();
        self.check_object(at, uid, &data);
        for (name, attribute) in self.model.attributes(uid).clone() {
            if attribute["required"] == true && !data.contains_key(&name) {
                self.add_problem(at, &format!("`{name}` is required"));
            }
        }
    }

    fn check_reference(&mut self, at: &str, target: &str, value: &Value) {
        match parse_placeholder(value) {
            Some(("role", _)) if target.ends_with(".role") => {}
            Some(("ref", name)) => {
                if name.split('/').next() != target.rsplit('.').next() {
                    self.add_problem(at, &format!("{name} is not a {target}"));
                }
                if !self.known.contains(name) {
                    self.add_problem(at, &format!("no earlier entry is named {name}"));
                }
            }
            _ => self.add_problem(at, &format!("{value} is not a reference")),
        }
    }

    fn check_scalar(&mut self, at: &str, kind: &str, attribute: &Value, value: &Value) {
        let text = value.as_str().unwrap_or_default();
        let digits = |pattern: &str| {
            text.len() == pattern.len()
                && text.chars().zip(pattern.chars()).all(|(c, p)| if p == '0' { c.is_ascii_digit() } else { c == p })
        };
        let ok = match kind {
            "string" | "text" | "richtext" | "password" => value.is_string() || parse_placeholder(value).is_some(),
            "email" => text.contains('@'),
            "uid" => !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.~".contains(c)),
            "integer" => value.is_i64(),
            "decimal" | "float" => value.is_number(),
            "boolean" => value.is_boolean(),
            "date" => digits("0000-00-00"),
            "datetime" => digits("0000-00-00T00:00:00.000Z"),
            "time" => digits("00:00:00.000"),
            "json" => true,
            "blocks" => value.is_array(),
            "enumeration" => attribute["enum"].as_array().unwrap().contains(value),
            other => panic!("{at}: the check does not support the kind {other}"),
        };
        if !ok {
            self.add_problem(at, &format!("{value} is not a {kind}"));
        }
        if attribute["maxLength"].as_u64().is_some_and(|max| text.encode_utf16().count() as u64 > max) {
            self.add_problem(at, "is too long");
        }
    }

    fn add_problem(&mut self, at: &str, subject: &str) {
        self.problems.push(format!("{at}: {subject}"));
    }
}

#[test]
fn sample_content_fits_the_content_types() {
    let model = SampleModel::load_model();
    let mut check = SampleCheck { model: &model, known: HashSet::new(), problems: Vec::new() };
    let sets = read_sets(&paths::repository_root().join("examples/sample")).unwrap();
    for set in &sets {
        for entry in &set.entries {
            check.check_entry(set, entry);
        }
    }
    assert!(check.problems.is_empty(), "\n{}", check.problems.join("\n"));
    let loaded: HashSet<_> = sets.iter().map(|set| set.uid.as_str()).collect();
    let types = model.0.keys().filter(|uid| uid.starts_with("api::"));
    let forgotten: Vec<_> = types.filter(|uid| !loaded.contains(uid.as_str())).collect();
    assert!(forgotten.is_empty(), "without sample content: {forgotten:?}");
}

#[test]
fn relations_of_the_content_types_agree_on_both_sides() {
    let model = SampleModel::load_model();
    let mut problems = Vec::new();
    for (uid, schema) in &model.0 {
        for (name, attribute) in schema["attributes"].as_object().unwrap() {
            for (own_key, other_key) in [("inversedBy", "mappedBy"), ("mappedBy", "inversedBy")] {
                let (Some(inverse), Some(target)) = (attribute[own_key].as_str(), attribute["target"].as_str()) else {
                    continue;
                };
                // Roles are built in; there is no schema file of theirs to look at.
                let Some(target) = model.0.get(target) else { continue };
                let other = &target["attributes"][inverse];
                if other[other_key] != name.as_str() || other["target"] != uid.as_str() {
                    problems.push(format!("{uid}.{name}: {inverse} does not refer back"));
                }
            }
            let components = attribute["components"].as_array().cloned().unwrap_or_default();
            for component in components.iter().chain(attribute.get("component")) {
                if !model.0.contains_key(component.as_str().unwrap()) {
                    problems.push(format!("{uid}.{name}: component {component} not found"));
                }
            }
        }
    }
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

#[test]
fn settings_refer_to_existing_types_and_attributes() {
    let model = SampleModel::load_model();
    let text = std::fs::read_to_string(paths::repository_root().join("examples/sample/settings.json")).unwrap();
    let settings: Value = serde_json::from_str(&text).unwrap();
    for (role, rules) in settings["roles"].as_object().unwrap() {
        for (uid, actions) in rules["permissions"].as_object().unwrap() {
            if uid.starts_with("plugin::") {
                continue;
            }
            let attributes = model.attributes(uid);
            for (action, rule) in actions.as_object().into_iter().flatten() {
                let fields = rule["fields"].as_array().cloned().unwrap_or_default();
                let unknown: Vec<_> = fields.iter().filter(|f| !attributes.contains_key(f.as_str().unwrap())).collect();
                assert!(unknown.is_empty(), "{role} {uid} {action}: {unknown:?}");
                assert!(!rule["where"].is_null(), "{role} {uid} {action}: an object without `where`");
            }
        }
    }
}
