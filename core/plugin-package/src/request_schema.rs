//! The JSON Schema of a request's body.

use crate::event_schema::{PlainSchema, build_validator, parse_schema};
use crate::settings::{SettingProblem, values};
use jsonschema::Validator;
use serde_json::Value as Json;
use std::sync::Arc;

/// A schema of `requests/`, for the description of a route, and to compare accepted requests with it.
#[derive(Debug, Clone)]
pub struct RequestSchema {
    json: Arc<Json>,
    validator: Validator,
}

impl RequestSchema {
    /// Reads a JSON Schema (2020-12). The error says why it is none, in a sentence that follows the file's name.
    pub fn parse(json: &[u8]) -> Result<Self, String> {
        let PlainSchema(mut schema) = parse_schema(json)?;
        let validator = build_validator(&schema)?;
        if let Some(object) = schema.as_object_mut() {
            object.remove("$schema");
        }
        Ok(Self { json: Arc::new(schema), validator })
    }

    /// The schema as its author wrote it, without `$schema`: a part of an OpenAPI document.
    pub fn json(&self) -> &Arc<Json> {
        &self.json
    }

    /// Finds the parts of a body that do not fit. Members that the schema does not name fit: a plugin may ignore them.
    pub fn check(&self, body: &Json) -> Vec<SettingProblem> {
        values::find_problems(&self.validator, body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn bodies_are_compared_as_their_author_wrote_the_schema() {
        let schema = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "properties": { "email": { "type": "string" } }, "required": ["email"],
        });
        let schema = RequestSchema::parse(schema.to_string().as_bytes()).unwrap();
        assert_eq!(schema.json().get("$schema"), None);
        assert_eq!(schema.check(&json!({ "email": "a@example.com", "more": 1 })), []);
        assert_eq!(schema.check(&json!({}))[0].to_string(), "email: is required");
        for bad in [json!({ "type": "strnig" }), json!({ "$ref": "#" }), json!([])] {
            assert!(RequestSchema::parse(bad.to_string().as_bytes()).is_err(), "{bad}");
        }
    }
}
