//! Filling in defaults, and checking values.

use jsonschema::{Draft, PatternOptions, ValidationError, Validator, error::ValidationErrorKind};
use serde::Serialize;
use serde_json::{Map, Value as Json};
use std::fmt;

/// Largest number of reported problems.
const MAX_PROBLEMS: usize = 100;
/// Longest message, in characters: it may contain the value.
const MAX_MESSAGE_CHARS: usize = 300;

/// A problem of a value, or of the schema itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SettingProblem {
    /// Path such as `reminders[2].hours`; empty for the whole.
    pub path: String,
    /// The rule that is broken, such as `required` or `minimum`; `secret`; `schema` for the schema itself.
    pub code: String,
    /// Message in English.
    pub message: String,
}

impl fmt::Display for SettingProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() { f.write_str(&self.message) } else { write!(f, "{}: {}", self.path, self.message) }
    }
}

/// The validator of a checked schema: nothing is downloaded, patterns run in linear time.
pub(super) fn build_validator(schema: &Map<String, Json>) -> Result<Validator, SettingProblem> {
    let mut closed = Json::Object(schema.clone());
    close_objects(&mut closed);
    jsonschema::options()
        .with_draft(Draft::Draft202012)
        .should_validate_formats(true)
        .with_pattern_options(PatternOptions::regex().size_limit(1 << 20).dfa_size_limit(1 << 20))
        .with_format("timezone", |text: &str| text.parse::<chrono_tz::Tz>().is_ok())
        .with_format("textarea", |_: &str| true)
        // Whether it is there is for the plugin to look up: a document that is deleted must not make settings invalid.
        .with_format("document", |_: &str| true)
        .with_format("user", |_: &str| true)
        .with_format("file", |_: &str| true)
        .with_format("conditions", |_: &str| true)
        .build(&closed)
        .map_err(|error| SettingProblem {
            path: pointer_to_path(error.instance_path().as_str()),
            code: "schema".into(),
            message: truncate_message(&error.to_string()),
        })
}

/// Forbids properties that are not declared.
fn close_objects(schema: &mut Json) {
    let Some(object) = schema.as_object_mut() else { return };
    if let Some(properties) = object.get_mut("properties").and_then(Json::as_object_mut) {
        properties.values_mut().for_each(close_objects);
        object.insert("additionalProperties".into(), Json::Bool(false));
    }
    if let Some(items) = object.get_mut("items") {
        close_objects(items);
    }
}

/// The values, with defaults for those that are missing.
pub(super) fn fill_defaults(schema: &Map<String, Json>, values: &Map<String, Json>) -> Map<String, Json> {
    let mut filled = values.clone();
    let properties = schema.get("properties").and_then(Json::as_object).into_iter().flatten();
    for (name, setting) in properties {
        let Some(setting) = setting.as_object() else { continue };
        match filled.get_mut(name) {
            Some(value) => fill_value_defaults(setting, value),
            None => {
                if let Some(mut value) = setting.get("default").cloned() {
                    fill_value_defaults(setting, &mut value);
                    filled.insert(name.clone(), value);
                } else if setting.contains_key("properties") {
                    let inner = fill_defaults(setting, &Map::new());
                    // An object of which nothing has a default stays absent, so that `required` still speaks of it.
                    if !inner.is_empty() {
                        filled.insert(name.clone(), Json::Object(inner));
                    }
                }
            }
        }
    }
    filled
}

fn fill_value_defaults(schema: &Map<String, Json>, value: &mut Json) {
    match value {
        Json::Object(object) => *object = fill_defaults(schema, object),
        Json::Array(list) => {
            if let Some(items) = schema.get("items").and_then(Json::as_object) {
                list.iter_mut().for_each(|value| fill_value_defaults(items, value));
            }
        }
        _ => {}
    }
}

/// The problems of the values.
pub(crate) fn find_problems(validator: &Validator, values: &Json) -> Vec<SettingProblem> {
    validator.iter_errors(values).take(MAX_PROBLEMS).map(|error| to_setting_problem(&error)).collect()
}

fn to_setting_problem(error: &ValidationError<'_>) -> SettingProblem {
    let mut path = pointer_to_path(error.instance_path().as_str());
    let message = match error.kind() {
        ValidationErrorKind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            path = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
            "is required".to_owned()
        }
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            format!("has no setting {}", truncate_message(&unexpected.join(", ")))
        }
        _ => truncate_message(&error.masked_with("it").to_string()),
    };
    SettingProblem { path, code: error.kind().keyword().to_owned(), message }
}

/// True if the problem is a missing value.
pub(super) fn is_missing(problem: &SettingProblem) -> bool {
    problem.code == "required"
}

/// Converts `/reminders/2/hours` to `reminders[2].hours`.
fn pointer_to_path(pointer: &str) -> String {
    pointer.split('/').skip(1).fold(String::new(), |path, part| {
        let part = part.replace("~1", "/").replace("~0", "~");
        match part.parse::<usize>() {
            Ok(index) => format!("{path}[{index}]"),
            Err(_) if path.is_empty() => part,
            Err(_) => format!("{path}.{part}"),
        }
    })
}

pub(crate) fn truncate_message(text: &str) -> String {
    text.chars().take(MAX_MESSAGE_CHARS).collect()
}
