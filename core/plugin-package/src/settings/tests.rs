//! Schemas and values.

use super::*;
use serde_json::json;

fn parse_properties(properties: Json) -> Result<SettingsSchema, Vec<SettingProblem>> {
    let schema = json!({ "$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "properties": properties });
    SettingsSchema::parse(schema.to_string().as_bytes(), &["api-key".to_owned()])
}

fn sample_schema() -> SettingsSchema {
    parse_properties(json!({
        "hours": { "type": "integer", "minimum": 1, "maximum": 720, "default": 24, "title": "t:settings.hours" },
        "sender": { "type": "string", "maxLength": 80 },
        "timezone": { "type": "string", "format": "timezone", "default": "Europe/Amsterdam" },
        "mode": { "type": "string", "oneOf": [{ "const": "a", "title": "t:settings.a" }, { "const": "b" }], "default": "a" },
        "limits": { "type": "object", "properties": { "day": { "type": "integer", "default": 5 } } },
        "stages": { "type": "array", "maxItems": 3, "items": {
            "type": "object",
            "required": ["name"],
            "properties": { "name": { "type": "string", "pattern": "^[a-z]+$" }, "days": { "type": "integer", "default": 7 } }
        } },
    }))
    .unwrap()
}

fn fill_values(values: Json) -> Result<Json, Vec<String>> {
    let found = sample_schema().effective_values(values.as_object().unwrap());
    found.map(Json::Object).map_err(|p| p.iter().map(ToString::to_string).collect())
}

#[test]
fn defaults_are_filled_in_at_every_level() {
    let defaults = json!({ "hours": 24, "timezone": "Europe/Amsterdam", "mode": "a", "limits": { "day": 5 } });
    assert_eq!(Json::Object(sample_schema().defaults()), defaults);
    let values = fill_values(json!({ "hours": 2, "stages": [{ "name": "won" }] })).unwrap();
    assert_eq!(values["hours"], 2);
    assert_eq!(values["stages"], json!([{ "name": "won", "days": 7 }]));
    assert_eq!(sample_schema().text_keys().into_iter().collect::<Vec<_>>(), ["settings.a", "settings.hours"]);
    assert!(sample_schema().has("hours") && !sample_schema().has("x"));
}

#[test]
fn documents_people_and_files_can_be_chosen() {
    let schema = parse_properties(json!({
        "contact": { "type": "string", "format": "document", "contentType": "plugin::crm.contact" },
        "owners": { "type": "array", "items": { "type": "string", "format": "user" }, "default": [] },
        "brochure": { "type": "string", "format": "file", "accepts": ["file", "image"], "default": "" },
        "more": { "type": "object", "order": ["b", "a"], "properties": { "a": { "type": "string" }, "b": { "type": "string" } } },
    }))
    .unwrap();
    // Documents, people and files need not exist: plugins look them up.
    let values = json!({ "contact": "gone", "owners": ["7"], "brochure": "" });
    assert_eq!(schema.effective_values(values.as_object().unwrap()).map(Json::Object), Ok(values));
    assert!(schema.effective_values(json!({ "contact": 7 }).as_object().unwrap()).is_err());
}

#[test]
fn conditions_are_filters_over_named_fields() {
    let conditions = json!({ "type": "object", "format": "conditions", "contentType": "plugin::crm.deal", "fields": ["stage", "owner.name"] });
    let with = |key: &str, value: Json| {
        let mut changed = conditions.clone();
        changed[key] = value;
        changed
    };
    let schema = parse_properties(json!({
        "which": with("default", json!({ "stage": { "$eq": "won" } })),
        "each": { "type": "array", "items": conditions },
    }))
    .unwrap();
    assert_eq!(Json::Object(schema.defaults()), json!({ "which": { "stage": { "$eq": "won" } } }));
    // Fields and operators of conditions are not checked here, but by the plugin's query.
    let values = json!({ "which": { "gone": { "$sounds": ["like"] } }, "each": [{}] });
    assert_eq!(schema.effective_values(values.as_object().unwrap()).map(Json::Object), Ok(values));
    for (values, path) in [(json!({ "which": "stage" }), "which"), (json!({ "each": [null] }), "each[0]")] {
        let problems = schema.effective_values(values.as_object().unwrap()).unwrap_err();
        assert_eq!((problems[0].path.as_str(), problems[0].code.as_str()), (path, "type"), "{problems:?}");
    }
    for (setting, expected) in [
        (with("fields", json!([])), "properties.a.fields: must be a list of 1 to 50 fields"),
        (with("fields", json!("stage")), "properties.a.fields: must be a list"),
        (with("fields", json!(["owner..name"])), "properties.a.fields: must be a list"),
        (with("fields", json!(vec!["stage"; 51])), "properties.a.fields: must be a list"),
        (with("contentType", json!("deal")), "properties.a.contentType: must be a content type"),
        (with("format", json!("filter")), "properties.a.format: of an object must be \"conditions\""),
        (with("type", json!("string")), "has the key \"fields\""),
        (with("properties", json!({})), "has the key \"properties\""),
        (with("filds", json!([])), "did you mean `fields`?"),
        (json!({ "type": "object", "format": "conditions", "fields": ["a"] }), "has no `contentType`"),
    ] {
        let problems = parse_properties(json!({ "a": setting })).expect_err(&setting.to_string());
        let text: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert!(text.iter().any(|text| text.contains(expected)), "{setting} {text:?}");
    }
}

#[test]
fn invalid_values_are_reported_with_their_path() {
    for (values, path, code) in [
        (json!({ "hours": 0 }), "hours", "minimum"),
        (json!({ "hours": "x" }), "hours", "type"),
        (json!({ "timezone": "Mars" }), "timezone", "format"),
        (json!({ "mode": "c" }), "mode", "oneOf"),
        (json!({ "stages": [{ "name": "a" }, { "days": 1 }] }), "stages[1].name", "required"),
        (json!({ "stages": [{ "name": "A!" }] }), "stages[0].name", "pattern"),
        (json!({ "limits": { "x": 1 } }), "limits", "additionalProperties"),
        (json!({ "other": 1 }), "", "additionalProperties"),
        (json!({ "api-key": "secret" }), "api-key", "secret"),
    ] {
        let problems = sample_schema().effective_values(values.as_object().unwrap()).unwrap_err();
        assert_eq!((problems[0].path.as_str(), problems[0].code.as_str()), (path, code), "{problems:?}");
        assert!(!problems[0].message.contains("secret\""), "{problems:?}");
    }
}

#[test]
fn schemas_that_no_form_supports_are_refused() {
    for (properties, expected) in [
        (json!({ "a": {} }), "properties.a: must have a `type`"),
        (json!({ "a": { "type": "text" } }), "properties.a: must have a `type`"),
        (json!({ "a": { "type": ["string", "null"] } }), "properties.a: must have a `type`"),
        (json!({ "a": { "type": "string", "maxlength": 5 } }), "did you mean `maxLength`?"),
        (
            json!({ "a": { "$ref": "http://evil.example/x" , "type": "string" } }),
            "which the settings form does not support",
        ),
        (json!({ "a": { "type": "string", "format": "regex" } }), "properties.a.format: must be"),
        (json!({ "a": { "type": "string", "format": "document" } }), "has no `contentType`"),
        (
            json!({ "a": { "type": "string", "format": "document", "contentType": "contact" } }),
            "properties.a.contentType: must be a content type",
        ),
        (
            json!({ "a": { "type": "string", "format": "user", "contentType": "api::a.a" } }),
            "is for the format \"document\" only",
        ),
        (json!({ "a": { "type": "string", "accepts": ["image"] } }), "is for the format \"file\" only"),
        (json!({ "a": { "type": "string", "format": "file", "accepts": ["pdf"] } }), "must be a list of"),
        (json!({ "a": { "type": "object", "properties": {}, "order": [1] } }), "properties.a.order: must be a list"),
        (json!({ "a": { "type": "array" } }), "has no `items`"),
        (json!({ "a": { "type": "integer", "default": "x" } }), "a: "),
        (json!({ "a b": { "type": "string" } }), "is not a valid setting name"),
        (json!({ "a": { "type": "string", "pattern": "(" } }), ""),
        (json!({ "a": { "type": "string", "pattern": "(?=x)" } }), ""),
        (json!({ "a": { "type": "string", "pattern": "((a{1000}){1000}){1000}" } }), ""),
        (json!({ "a": { "type": "string", "oneOf": [{ "pattern": "x" }] } }), "must be a list of choices"),
        (json!({ "api-key": { "type": "string" } }), "a secret cannot be a setting"),
    ] {
        let problems = parse_properties(properties.clone()).expect_err(&properties.to_string());
        let text: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert!(text[0].contains(expected), "{properties} {text:?}");
    }
    let deep = (0..10).fold(json!({ "type": "string" }), |inner, _| json!({ "type": "array", "items": inner }));
    assert!(parse_properties(json!({ "a": deep })).is_err());
    for bad in ["", "[]", "{}", "{\"type\":\"object\"}", "{\"type\":\"object\",\"properties\":{},\"allOf\":[]}"] {
        assert!(SettingsSchema::parse(bad.as_bytes(), &[]).is_err(), "{bad}");
    }
    assert!(SettingsSchema::parse(&vec![b' '; 300 * 1024], &[]).is_err());
}
