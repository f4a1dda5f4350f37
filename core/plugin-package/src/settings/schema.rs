//! The part of JSON Schema a form can be drawn of.

use super::SettingProblem;
use crate::names;
use crate::words::{list_alternatives, nearest_word, quote_input};
use serde_json::{Map, Value as Json};
use std::collections::BTreeSet;

/// Largest schema, in bytes.
pub(super) const MAX_SCHEMA_BYTES: usize = 256 * 1024;
/// Deepest nesting of objects and lists.
const MAX_DEPTH: usize = 4;
/// Most settings of one object.
const MAX_SETTINGS: usize = 200;
/// Longest pattern, in bytes.
const MAX_PATTERN_BYTES: usize = 500;

/// Inputs there are beyond the plain one of each type.
const FORMATS: [&str; 10] =
    ["email", "uri", "date", "date-time", "time", "timezone", "textarea", "document", "user", "file"];
/// Format of an object that is a filter.
const CONDITIONS: &str = "conditions";
/// Most fields that conditions can be about.
const MAX_CONDITION_FIELDS: usize = 50;
/// Kinds of files that a setting can be limited to.
const FILE_KINDS: [&str; 4] = ["image", "video", "audio", "file"];
const TYPES: [&str; 6] = ["string", "integer", "number", "boolean", "array", "object"];
/// Keys every setting may have.
const COMMON_KEYS: [&str; 6] = ["type", "title", "description", "default", "enum", "oneOf"];

/// The keys of one type.
fn keys_of(kind: &str) -> &'static [&'static str] {
    match kind {
        "string" => &["minLength", "maxLength", "pattern", "format", "contentType", "accepts"],
        "integer" | "number" => &["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"],
        "array" => &["items", "minItems", "maxItems", "uniqueItems"],
        "object" => &["properties", "required", "additionalProperties", "order"],
        _ => &[],
    }
}

/// Everything in the schema that no form can be drawn of, and settings named like secrets.
pub(super) fn check_schema(schema: &Map<String, Json>, secrets: &[String]) -> Vec<SettingProblem> {
    let mut check = SchemaChecker { problems: Vec::new() };
    for key in schema.keys().filter(|key| !matches!(key.as_str(), "$schema" | "title" | "description" | "type")) {
        if !keys_of("object").contains(&key.as_str()) {
            check.push_unknown_key(
                "",
                key,
                &["$schema", "title", "description", "type", "properties", "required", "order"],
            );
        }
    }
    if schema.get("$schema").is_some_and(|s| s != "https://json-schema.org/draft/2020-12/schema") {
        check.push_problem("$schema", "must be \"https://json-schema.org/draft/2020-12/schema\"");
    }
    if schema.get("type") != Some(&Json::from("object")) {
        check.push_problem("type", "must be \"object\", with the settings as its properties");
    }
    check.check_object("", schema, MAX_DEPTH);
    for secret in secrets.iter().filter(|s| schema.get("properties").is_some_and(|p| p.get(s.as_str()).is_some())) {
        check.push_problem(
            &format!("properties.{secret}"),
            "has the name of a secret in the manifest; a secret cannot be a setting",
        );
    }
    check.problems
}

/// The keys of texts in titles and descriptions.
pub(super) fn text_keys(schema: &Map<String, Json>) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    collect_text_keys(schema, MAX_DEPTH * 3, &mut keys);
    keys
}

fn collect_text_keys(schema: &Map<String, Json>, depth: usize, keys: &mut BTreeSet<String>) {
    if depth == 0 {
        return;
    }
    for text in ["title", "description"] {
        let key = schema.get(text).and_then(Json::as_str).and_then(|text| text.strip_prefix("t:"));
        keys.extend(key.map(str::to_owned));
    }
    let properties = schema.get("properties").and_then(Json::as_object).into_iter().flat_map(Map::values);
    let choices = schema.get("oneOf").and_then(Json::as_array).into_iter().flatten();
    for inner in properties.chain(choices).chain(schema.get("items")).filter_map(Json::as_object) {
        collect_text_keys(inner, depth - 1, keys);
    }
}

struct SchemaChecker {
    problems: Vec<SettingProblem>,
}

impl SchemaChecker {
    fn push_problem(&mut self, path: &str, message: impl Into<String>) {
        self.problems.push(SettingProblem { path: path.to_owned(), code: "schema".into(), message: message.into() });
    }

    fn push_unknown_key(&mut self, path: &str, key: &str, known: &[&str]) {
        let hint = match nearest_word(key, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("supported here: {}", known.join(", ")),
        };
        self.push_problem(
            path,
            format!("has the key {}, which the settings form does not support; {hint}", quote_input(key)),
        );
    }

    fn check_object(&mut self, path: &str, schema: &Map<String, Json>, depth: usize) {
        let Some(properties) = schema.get("properties").and_then(Json::as_object) else {
            return self.push_problem(path, "has no `properties`");
        };
        if properties.len() > MAX_SETTINGS {
            return self.push_problem(path, format!("has more than {MAX_SETTINGS} settings"));
        }
        if schema
            .get("order")
            .is_some_and(|order| !order.as_array().is_some_and(|names| names.iter().all(Json::is_string)))
        {
            self.push_problem(&join_path(path, "order"), "must be a list of names");
        }
        if schema.get("additionalProperties").is_some_and(|a| a != &Json::Bool(false)) {
            self.push_problem(path, "must set `additionalProperties` to false or leave it out");
        }
        for (name, setting) in properties {
            let path = join_path(path, &format!("properties.{}", name.chars().take(60).collect::<String>()));
            if !names::is_field(name) {
                self.push_problem(&path, "is not a valid setting name; use letters, digits, `-` and `_`");
            }
            self.check_setting(&path, setting, depth);
        }
        let required = schema.get("required").map_or(Some(&[][..]), |r| r.as_array().map(Vec::as_slice));
        match required {
            None => self.push_problem(&join_path(path, "required"), "must be a list of names"),
            Some(required) => {
                for name in required.iter().filter(|n| n.as_str().is_none_or(|n| !properties.contains_key(n))) {
                    self.push_problem(
                        &join_path(path, "required"),
                        format!("names {}, which is not a setting in this schema", quote_input(&name.to_string())),
                    );
                }
            }
        }
    }

    fn check_setting(&mut self, path: &str, setting: &Json, depth: usize) {
        let Some(schema) = setting.as_object() else { return self.push_problem(path, "must be an object") };
        if depth == 0 {
            return self.push_problem(path, "is nested too deeply");
        }
        let Some(kind) = schema.get("type").and_then(Json::as_str).filter(|kind| TYPES.contains(kind)) else {
            return self.push_problem(path, format!("must have a `type`: {}", list_alternatives(TYPES)));
        };
        let is_conditions = kind == "object" && schema.contains_key("format");
        let own: &[&str] = if is_conditions { &["format", "contentType", "fields"] } else { keys_of(kind) };
        let known: Vec<&str> = COMMON_KEYS.iter().chain(own).copied().collect();
        for key in schema.keys().filter(|key| !known.contains(&key.as_str())) {
            self.push_unknown_key(path, key, &known);
        }
        self.check_choices(path, schema);
        match kind {
            "string" => self.check_text(path, schema),
            "object" if is_conditions => self.check_conditions(path, schema),
            "object" => self.check_object(path, schema, depth - 1),
            "array" => match schema.get("items") {
                Some(items) => self.check_setting(&join_path(path, "items"), items, depth - 1),
                None => self.push_problem(path, "has no `items`"),
            },
            _ => {}
        }
    }

    fn check_text(&mut self, path: &str, schema: &Map<String, Json>) {
        if let Some(format) = schema.get("format")
            && !format.as_str().is_some_and(|format| FORMATS.contains(&format))
        {
            self.push_problem(&join_path(path, "format"), format!("must be {}", list_alternatives(FORMATS)));
        }
        let has_format = |wanted: &str| schema.get("format").is_some_and(|format| format == wanted);
        if has_format("document") {
            self.check_content_type(path, schema, "document");
        } else if schema.contains_key("contentType") {
            self.push_problem(&join_path(path, "contentType"), "is for the format \"document\" only");
        }
        let is_kind = |kind: &Json| kind.as_str().is_some_and(|kind| FILE_KINDS.contains(&kind));
        match schema.get("accepts") {
            Some(_) if !has_format("file") => {
                self.push_problem(&join_path(path, "accepts"), "is for the format \"file\" only");
            }
            Some(kinds) if !kinds.as_array().is_some_and(|kinds| !kinds.is_empty() && kinds.iter().all(is_kind)) => {
                let message = format!("must be a list of {}", list_alternatives(FILE_KINDS));
                self.push_problem(&join_path(path, "accepts"), message);
            }
            _ => {}
        }
        if schema.get("pattern").and_then(Json::as_str).is_some_and(|pattern| pattern.len() > MAX_PATTERN_BYTES) {
            self.push_problem(&join_path(path, "pattern"), format!("is longer than {MAX_PATTERN_BYTES} characters"));
        }
    }

    /// A filter over fields of a content type.
    fn check_conditions(&mut self, path: &str, schema: &Map<String, Json>) {
        if schema.get("format").is_some_and(|format| format != CONDITIONS) {
            self.push_problem(&join_path(path, "format"), format!("of an object must be \"{CONDITIONS}\""));
        }
        self.check_content_type(path, schema, CONDITIONS);
        let is_path = |field: &Json| field.as_str().is_some_and(names::is_field_path);
        let is_offer =
            |fields: &Vec<Json>| (1..=MAX_CONDITION_FIELDS).contains(&fields.len()) && fields.iter().all(is_path);
        if !schema.get("fields").and_then(Json::as_array).is_some_and(is_offer) {
            let message = format!(
                "must be a list of 1 to {MAX_CONDITION_FIELDS} fields of the content type, such as \"stage\" or \"owner.name\""
            );
            self.push_problem(&join_path(path, "fields"), message);
        }
    }

    /// The content type that a format needs.
    fn check_content_type(&mut self, path: &str, schema: &Map<String, Json>, format: &str) {
        match schema.get("contentType") {
            None => self.push_problem(path, format!("has no `contentType`, which the format \"{format}\" needs")),
            Some(uid) if uid.as_str().is_none_or(|uid| names::uid_owner(uid).is_none()) => self.push_problem(
                &join_path(path, "contentType"),
                "must be a content type, such as \"plugin::crm.contact\"",
            ),
            Some(_) => {}
        }
    }

    /// Choices with titles: `{ "const": …, "title": … }` each.
    fn check_choices(&mut self, path: &str, schema: &Map<String, Json>) {
        let Some(choices) = schema.get("oneOf") else { return };
        let fits = |choice: &Json| {
            choice.as_object().is_some_and(|choice| {
                choice.get("const").is_some_and(|c| c.is_string() || c.is_number())
                    && choice.keys().all(|key| matches!(key.as_str(), "const" | "title"))
            })
        };
        if !choices.as_array().is_some_and(|choices| !choices.is_empty() && choices.iter().all(fits)) {
            self.push_problem(
                &join_path(path, "oneOf"),
                "must be a list of choices, each { \"const\": …, \"title\": … }",
            );
        }
    }
}

fn join_path(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}
