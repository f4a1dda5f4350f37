//! The JSON Schemas of the bodies that routes take and answer.

use crate::event_schema::{PlainSchema, build_validator, parse_schema};
use crate::settings::values;
use jsonschema::Validator;
use serde_json::{Map, Value as Json};
use std::sync::Arc;

/// Keywords whose schemas are of the same value as the one that has them.
const COMBINING: [&str; 6] = ["allOf", "anyOf", "oneOf", "if", "then", "else"];
/// Keywords whose schemas are of values inside.
const INNER: [&str; 5] = ["items", "prefixItems", "contains", "additionalProperties", "unevaluatedProperties"];

/// Largest number of problems that are told of one body.
const MAX_PROBLEMS: usize = 5;

/// A schema of `requests/` or `responses/`, for the description of a route, and to compare bodies with it.
#[derive(Debug, Clone)]
pub struct BodySchema {
    json: Arc<Json>,
    validator: Validator,
}

impl BodySchema {
    /// Reads the JSON Schema (2020-12) of a request. Members that it does not name fit: a plugin may ignore them. The error says why it is
    /// none, in a sentence that follows the file's name.
    pub fn parse_request(json: &[u8]) -> Result<Self, String> {
        let PlainSchema(schema) = parse_schema(json)?;
        let validator = build_validator(&schema)?;
        Ok(Self::new(schema, validator))
    }

    /// Reads that of a response. It is taken more strictly than JSON Schema says: a member that it does not name does not fit, since no
    /// reader of the description knows of it. Objects with `additionalProperties` may have others. Returns the same errors as
    /// [`Self::parse_request`].
    pub fn parse_response(json: &[u8]) -> Result<Self, String> {
        let PlainSchema(schema) = parse_schema(json)?;
        // The author's own schema comes first: an error must not be about keywords that were added.
        build_validator(&schema)?;
        let mut closed = schema.clone();
        close_value(&mut closed);
        let validator = build_validator(&closed)?;
        Ok(Self::new(schema, validator))
    }

    fn new(mut schema: Json, validator: Validator) -> Self {
        if let Some(object) = schema.as_object_mut() {
            object.remove("$schema");
        }
        Self { json: Arc::new(schema), validator }
    }

    /// The schema as its author wrote it, without `$schema`: a part of an OpenAPI document.
    pub fn json(&self) -> &Arc<Json> {
        &self.json
    }

    /// Describes the first parts of a body that do not fit; `None` if all of it fits.
    pub fn describe_problems(&self, body: &Json) -> Option<String> {
        let problems = values::find_problems(&self.validator, body);
        let texts: Vec<String> = problems.iter().take(MAX_PROBLEMS).map(ToString::to_string).collect();
        (!texts.is_empty()).then(|| texts.join("; "))
    }
}

/// Forbids members that a schema does not name, where it names some.
fn close_value(schema: &mut Json) {
    let Some(object) = schema.as_object_mut() else { return };
    close_inner(object);
    let says_more = object.contains_key("additionalProperties") || object.contains_key("unevaluatedProperties");
    if names_members(object) && !says_more {
        object.insert("unevaluatedProperties".to_owned(), Json::Bool(false));
    }
}

/// Closes the schemas of values inside.
fn close_inner(object: &mut Map<String, Json>) {
    for keyword in ["properties", "patternProperties"] {
        object.get_mut(keyword).and_then(Json::as_object_mut).into_iter().flatten().for_each(|(_, s)| close_value(s));
    }
    for keyword in INNER {
        for_each_schema(object.get_mut(keyword), &close_value);
    }
    for keyword in COMBINING {
        for_each_schema(object.get_mut(keyword), &|schema| {
            if let Some(object) = schema.as_object_mut() {
                close_inner(object);
            }
        });
    }
}

/// The schemas of a keyword: one, or a list of them.
fn for_each_schema(value: Option<&mut Json>, act: &dyn Fn(&mut Json)) {
    match value {
        Some(Json::Array(list)) => list.iter_mut().for_each(act),
        Some(schema) => act(schema),
        None => {}
    }
}

/// True if a schema names members of an object, by itself or by those that it combines.
fn names_members(object: &Map<String, Json>) -> bool {
    let of_schema = |schema: &Json| schema.as_object().is_some_and(names_members);
    object.contains_key("properties")
        || COMBINING.iter().filter_map(|keyword| object.get(*keyword)).any(|value| match value {
            Json::Array(list) => list.iter().any(of_schema),
            schema => of_schema(schema),
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn parse(schema: &Json) -> BodySchema {
        BodySchema::parse_response(schema.to_string().as_bytes()).unwrap()
    }

    fn problems(schema: &Json, body: &Json) -> Vec<String> {
        let described = parse(schema).describe_problems(body);
        described.iter().flat_map(|text| text.split("; ")).map(str::to_owned).collect()
    }

    #[test]
    fn requests_are_compared_as_their_author_wrote_the_schema() {
        let schema = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "properties": { "email": { "type": "string" } }, "required": ["email"],
        });
        let schema = BodySchema::parse_request(schema.to_string().as_bytes()).unwrap();
        assert_eq!(schema.json().get("$schema"), None);
        assert_eq!(schema.describe_problems(&json!({ "email": "a@example.com", "more": 1 })), None);
        assert_eq!(schema.describe_problems(&json!({})).as_deref(), Some("email: is required"));
    }

    #[test]
    fn members_that_are_not_named_are_problems() {
        let lead = json!({
            "type": "object",
            "properties": { "id": { "type": "string" }, "tags": { "type": "array", "items": { "properties": { "name": {} } } } },
            "required": ["id"],
        });
        assert_eq!(problems(&lead, &json!({ "id": "a", "tags": [{ "name": 1 }] })), Vec::<String>::new());
        assert_eq!(problems(&lead, &json!({})), ["id: is required"]);
        assert_eq!(problems(&lead, &json!({ "id": "a", "more": 1 })).len(), 1);
        assert_eq!(problems(&lead, &json!({ "id": "a", "tags": [{ "more": 1 }] })).len(), 1);
        // Objects that say what others they have keep them.
        let open = json!({ "properties": { "id": {} }, "additionalProperties": true });
        assert_eq!(problems(&open, &json!({ "id": 1, "more": 2 })), Vec::<String>::new());
        assert_eq!(problems(&json!({ "type": "object" }), &json!({ "more": 2 })), Vec::<String>::new());
    }

    #[test]
    fn members_of_combined_schemas_count_together() {
        let both = json!({
            "allOf": [{ "properties": { "a": { "type": "integer" } } }, { "properties": { "b": { "properties": { "c": {} } } } }],
        });
        assert_eq!(problems(&both, &json!({ "a": 1, "b": { "c": 2 } })), Vec::<String>::new());
        assert_eq!(problems(&both, &json!({ "a": 1, "more": 2 })).len(), 1);
        assert!(!problems(&both, &json!({ "b": { "more": 2 } })).is_empty());
        let either = json!({ "anyOf": [{ "type": "null" }, { "properties": { "a": {} }, "required": ["a"] }] });
        assert_eq!(problems(&either, &json!(null)), Vec::<String>::new());
        assert_eq!(problems(&either, &json!({ "a": 1 })), Vec::<String>::new());
        assert!(!problems(&either, &json!({ "a": 1, "more": 2 })).is_empty());
    }

    #[test]
    fn descriptions_have_the_schema_of_its_author() {
        let schema = json!({ "$schema": "https://json-schema.org/draft/2020-12/schema", "properties": { "a": {} } });
        assert_eq!(**parse(&schema).json(), json!({ "properties": { "a": {} } }));
        for bad in [json!({ "type": "strnig" }), json!({ "$ref": "#" }), json!([])] {
            assert!(BodySchema::parse_response(bad.to_string().as_bytes()).is_err(), "{bad}");
            assert!(BodySchema::parse_request(bad.to_string().as_bytes()).is_err(), "{bad}");
        }
    }
}
