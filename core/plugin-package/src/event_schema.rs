//! The JSON Schema of an event's data, and what all schemas of data in a package have in common.

use crate::settings::{SettingProblem, values};
use jsonschema::{Draft, PatternOptions, Validator};
use serde_json::Value as Json;

/// Largest schema, in bytes.
const MAX_SCHEMA_BYTES: usize = 256 * 1024;

const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";

/// A schema of `events/`, ready to check data. Nothing is fetched, and patterns run in linear time.
#[derive(Debug, Clone)]
pub struct EventSchema {
    validator: Validator,
}

impl EventSchema {
    /// Reads a JSON Schema (2020-12). The error says why it is none, in a sentence that follows the file's name.
    pub fn parse(json: &[u8]) -> Result<Self, String> {
        Ok(Self { validator: build_validator(&parse_schema(json)?.0)? })
    }

    /// Finds the parts of an event's data that do not fit.
    pub fn check(&self, data: &Json) -> Vec<SettingProblem> {
        values::find_problems(&self.validator, data)
    }
}

/// A JSON Schema without references, as it was written.
pub(crate) struct PlainSchema(pub(crate) Json);

/// Reads a JSON Schema (2020-12) without references. The error follows the file's name.
pub(crate) fn parse_schema(json: &[u8]) -> Result<PlainSchema, String> {
    if json.len() > MAX_SCHEMA_BYTES {
        return Err(format!("is larger than {} KiB", MAX_SCHEMA_BYTES / 1024));
    }
    let schema: Json = serde_json::from_slice(json).map_err(|e| format!("is not valid JSON: {e}"))?;
    if schema.get("$schema").is_some_and(|draft| draft != DRAFT) {
        return Err(format!("must have the `$schema` \"{DRAFT}\""));
    }
    if has_reference(&schema) {
        return Err("has a `$ref`, which is not supported; write out the referenced schema instead".into());
    }
    Ok(PlainSchema(schema))
}

/// The validator of a schema: nothing is fetched, and patterns run in linear time. The error follows the file's name.
pub(crate) fn build_validator(schema: &Json) -> Result<Validator, String> {
    jsonschema::options()
        .with_draft(Draft::Draft202012)
        .with_pattern_options(PatternOptions::regex().size_limit(1 << 20).dfa_size_limit(1 << 20))
        .build(schema)
        .map_err(|error| format!("is not a valid JSON Schema: {}", values::truncate_message(&error.to_string())))
}

/// True if a part of it stands for another. Few of these, one in the other, are as many checks as a processor does in a year.
fn has_reference(schema: &Json) -> bool {
    match schema {
        Json::Object(object) => {
            let reference = |key: &String| matches!(key.as_str(), "$ref" | "$dynamicRef" | "$recursiveRef");
            object.keys().any(reference) || object.values().any(has_reference)
        }
        Json::Array(list) => list.iter().any(has_reference),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn parse(schema: &Json) -> Result<EventSchema, String> {
        EventSchema::parse(schema.to_string().as_bytes())
    }

    #[test]
    fn problems_in_data_have_a_path() {
        let schema =
            parse(&json!({ "type": "object", "properties": { "a": { "items": { "type": "integer" } } } })).unwrap();
        assert_eq!(schema.check(&json!({ "a": [1] })), []);
        assert_eq!(schema.check(&json!({ "a": [1, "x"] }))[0].path, "a[1]");
    }

    #[test]
    fn invalid_schemas_are_refused() {
        for bad in [
            json!({ "type": "strnig" }),
            json!({ "$ref": "http://elsewhere.example/x" }),
            json!({ "$ref": "#" }),
            json!({ "properties": { "a": { "allOf": [{ "$dynamicRef": "#" }, { "$dynamicRef": "#" }] } } }),
            json!({ "$schema": "http://elsewhere.example/x" }),
            json!({ "pattern": "(" }),
            json!({ "pattern": "((a{1000}){1000}){1000}" }),
            json!([]),
        ] {
            assert!(parse(&bad).is_err(), "{bad}");
        }
    }
}
