//! `blocks`: structured rich text, a list of nodes of known types.

use super::scalar::{CastError, FieldType, RequiredMessage, ValidationPass};
use super::storable::check_storable;
use crate::content_type::Attribute;
use crate::validate::{FieldError, ValuePath};
use crate::value::Value;
use serde_json::{Map, Value as Json};

/// `blocks`. A plain string is accepted and becomes null (the contract).
pub(super) struct BlocksField;

impl FieldType for BlocksField {
    fn cast_value(&self, _: &Attribute, at: &ValuePath<'_>, input: &Json) -> Result<Value, CastError> {
        let parsed;
        let nodes = match input {
            Json::Array(nodes) => nodes,
            Json::String(text) => match serde_json::from_str(text) {
                Ok(Json::Array(nodes)) => {
                    parsed = nodes;
                    &parsed
                }
                _ => return Ok(Value::Null),
            },
            other => return Err(at.failed_cast("array", "null", other).into()),
        };
        nodes.iter().try_for_each(|node| check_storable(at, node))?;
        let mut errors = Vec::new();
        for (i, node) in nodes.iter().enumerate() {
            check_block(&at.index(i), node, &mut errors);
        }
        if errors.is_empty() { Ok(Value::Json(Json::Array(nodes.clone()))) } else { Err(CastError::Errors(errors)) }
    }

    /// Does nothing: `cast` has checked everything, and a list that is not a blocks text has the wrong type.
    fn check_rules(&self, _: &Attribute, _: &ValuePath<'_>, _: &Value, _: ValidationPass, _: &mut Vec<FieldError>) {}

    fn required_message(&self) -> RequiredMessage {
        RequiredMessage::Typed("array", "null")
    }
}

type FieldErrors = Vec<FieldError>;
type BlockNode = Map<String, Json>;

fn check_block(at: &ValuePath<'_>, node: &Json, errors: &mut FieldErrors) {
    let least = |name: &str| Some(format!("{name} node children must have at least one Text or Link node"));
    match typed_node(node) {
        Some(("paragraph", map)) => check_children(at, map, least("Paragraph"), check_inline, errors),
        Some(("heading", map)) => {
            check_level(&at.key("level"), map.get("level"), errors);
            check_children(at, map, least("Heading"), check_inline, errors);
        }
        Some(("quote", map)) => check_children(at, map, least("Quote"), check_inline, errors),
        Some(("code", map)) => {
            check_optional_key(at, map, "language", Json::is_string, "string", errors);
            check_children(at, map, least("Quote"), check_text, errors);
        }
        Some(("list", map)) => check_list(at, map, errors),
        Some(("image", map)) => {
            check_image(&at.key("image"), map.get("image"), errors);
            check_children(at, map, None, check_inline, errors);
        }
        _ => errors.push(at.error_with_message("Block node is of invalid type".to_owned(), Some(node.clone()))),
    }
}

fn typed_node(node: &Json) -> Option<(&str, &BlockNode)> {
    let map = node.as_object()?;
    Some((map.get("type")?.as_str()?, map))
}

/// Checks the list under `children`, each element by `check`; `least` is the message if it may not be empty.
fn check_children(
    at: &ValuePath<'_>,
    map: &BlockNode,
    least: Option<String>,
    check: fn(&ValuePath<'_>, &Json, &mut FieldErrors),
    errors: &mut FieldErrors,
) {
    let at = at.key("children");
    match map.get("children") {
        Some(Json::Array(list)) => {
            for (i, child) in list.iter().enumerate() {
                check(&at.index(i), child, errors);
            }
            if let Some(message) = least.filter(|_| list.is_empty()) {
                errors.push(at.error_with_message(message, Some(Json::Array(Vec::new()))));
            }
        }
        None => errors.push(at.error_with_path("is a required field", None)),
        Some(other) => errors.push(at.failed_cast("array", "null", other)),
    }
}

fn check_inline(at: &ValuePath<'_>, node: &Json, errors: &mut FieldErrors) {
    match typed_node(node) {
        Some(("text", _)) => check_text(at, node, errors),
        Some(("link", map)) => {
            let url = map.get("url").and_then(Json::as_str).unwrap_or_default();
            if !is_link(url) {
                errors.push(
                    at.key("url")
                        .error_with_message("Please specify a valid link.".to_owned(), map.get("url").cloned()),
                );
            }
            check_children(at, map, None, check_text, errors);
        }
        _ => errors.push(at.error_with_message("Inline node must be Text or Link".to_owned(), Some(node.clone()))),
    }
}

fn check_text(at: &ValuePath<'_>, node: &Json, errors: &mut FieldErrors) {
    let Some(("text", map)) = typed_node(node) else {
        errors.push(
            at.key("type").error_with_path("must be one of the following values: text", node.get("type").cloned()),
        );
        return;
    };
    if !map.get("text").is_some_and(Json::is_string) {
        let message = "Text must be defined with at least an empty string".to_owned();
        errors.push(at.key("text").error_with_message(message, map.get("text").cloned()));
    }
    for mark in ["bold", "italic", "underline", "strikethrough", "code"] {
        if let Some(other) = map.get(mark).filter(|value| !value.is_boolean()) {
            errors.push(at.key(mark).wrong_type("boolean", other));
        }
    }
}

fn check_level(at: &ValuePath<'_>, input: Option<&Json>, errors: &mut FieldErrors) {
    match input {
        None => errors.push(at.error_with_path("is a required field", None)),
        Some(Json::Number(n)) if n.as_f64().is_some_and(|level| [1.0, 2.0, 3.0, 4.0, 5.0, 6.0].contains(&level)) => {}
        Some(other @ Json::Number(_)) => {
            errors
                .push(at.error_with_path("must be one of the following values: 1, 2, 3, 4, 5, 6", Some(other.clone())));
        }
        Some(other) => errors.push(at.failed_cast("number", "NaN", other)),
    }
}

fn check_list(at: &ValuePath<'_>, map: &BlockNode, errors: &mut FieldErrors) {
    let format = at.key("format");
    match map.get("format") {
        None => errors.push(format.error_with_path("is a required field", None)),
        Some(Json::String(name)) if matches!(name.as_str(), "ordered" | "unordered") => {}
        Some(other) => {
            errors.push(
                format.error_with_path("must be one of the following values: ordered, unordered", Some(other.clone())),
            );
        }
    }
    let least = "List node children must have at least one ListItem or ListNode".to_owned();
    check_children(at, map, Some(least), check_list_child, errors);
}

fn check_list_child(at: &ValuePath<'_>, node: &Json, errors: &mut FieldErrors) {
    match typed_node(node) {
        Some(("list", map)) => check_list(at, map, errors),
        Some(("list-item", map)) => check_children(at, map, None, check_inline, errors),
        _ => errors.push(at.error_with_message("Inline node must be list-item or list".to_owned(), Some(node.clone()))),
    }
}

/// Checks the copy of a file's facts that an image node contains.
fn check_image(at: &ValuePath<'_>, input: Option<&Json>, errors: &mut FieldErrors) {
    let Some(Json::Object(map)) = input else {
        errors.push(at.failed_cast("object", "null", input.unwrap_or(&Json::Null)));
        return;
    };
    for name in ["name", "url", "hash", "ext", "mime", "provider", "createdAt", "updatedAt"] {
        check_required_key(at, map, name, Json::is_string, "string", errors);
    }
    for name in ["width", "height", "size"] {
        check_required_key(at, map, name, Json::is_number, "number", errors);
    }
    for name in ["alternativeText", "caption", "previewUrl"] {
        check_optional_key(at, map, name, Json::is_string, "string", errors);
    }
    check_optional_key(at, map, "formats", Json::is_object, "object", errors);
}

fn check_required_key(
    at: &ValuePath<'_>,
    map: &BlockNode,
    name: &str,
    is: fn(&Json) -> bool,
    expected: &str,
    errors: &mut FieldErrors,
) {
    match map.get(name) {
        None => errors.push(at.key(name).error_with_path("is a required field", None)),
        Some(value) if is(value) => {}
        Some(other) => errors.push(at.key(name).wrong_type(expected, other)),
    }
}

fn check_optional_key(
    at: &ValuePath<'_>,
    map: &BlockNode,
    name: &str,
    is: fn(&Json) -> bool,
    expected: &str,
    errors: &mut FieldErrors,
) {
    if let Some(other) = map.get(name).filter(|value| !value.is_null() && !is(value)) {
        errors.push(at.key(name).wrong_type(expected, other));
    }
}

/// True if a text is an address with a scheme, or a path of the site. Schemes that run code are refused; browsers drop tabs, line breaks
/// and leading blanks before they parse the scheme, so they are dropped here too.
fn is_link(url: &str) -> bool {
    let plain: String = url.chars().filter(|c| !matches!(c, '\t' | '\n' | '\r')).collect();
    let plain = plain.trim_start_matches(|c: char| c <= ' ');
    if plain.starts_with('/') {
        return true;
    }
    let Some((scheme, rest)) = plain.split_once(':') else { return false };
    let is_valid_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    let runs_code = ["javascript", "vbscript", "data"].iter().any(|bad| scheme.eq_ignore_ascii_case(bad));
    is_valid_scheme && !runs_code && !rest.trim_matches('/').is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn errors(node: Json) -> Vec<(String, String)> {
        let mut errors = Vec::new();
        check_block(&ValuePath::Root.key("content").index(0), &node, &mut errors);
        errors.into_iter().map(|e| (e.path.join("."), e.message)).collect()
    }

    #[test]
    fn block_node_errors_match_the_recordings() {
        let text = json!([{"type": "text", "text": "x"}]);
        for good in [
            json!({"type": "paragraph", "children": [{"type": "link", "url": "https://example.com", "children": text}]}),
            json!({"type": "heading", "level": 2, "children": text}),
            json!({"type": "code", "language": null, "children": text}),
            json!({"type": "list", "format": "ordered", "children": [
                {"type": "list-item", "children": text},
                {"type": "list", "format": "unordered", "children": [{"type": "list-item", "children": []}]}]}),
        ] {
            assert_eq!(errors(good.clone()), [], "{good}");
        }
        for (bad, path, message) in [
            (
                json!({"type": "paragraph", "children": []}),
                "content.0.children",
                "Paragraph node children must have at least one Text or Link node",
            ),
            (
                json!({"type": "heading", "level": 9, "children": text}),
                "content.0.level",
                "content[0].level must be one of the following values: 1, 2, 3, 4, 5, 6",
            ),
            (json!({"type": "nope"}), "content.0", "Block node is of invalid type"),
            (json!(null), "content.0", "Block node is of invalid type"),
            (json!({"type": "paragraph"}), "content.0.children", "content[0].children is a required field"),
            (
                json!({"type": "paragraph", "children": [{"type": "text"}]}),
                "content.0.children.0.text",
                "Text must be defined with at least an empty string",
            ),
            (
                json!({"type": "paragraph", "children": [{"type": "link", "url": "java\tscript:alert(1)", "children": []}]}),
                "content.0.children.0.url",
                "Please specify a valid link.",
            ),
        ] {
            assert_eq!(errors(bad.clone()), [(path.to_owned(), message.to_owned())], "{bad}");
        }
    }

    #[test]
    fn links_with_executable_schemes_are_rejected() {
        for good in ["/a", "https://x.nl", "mailto:a@b.nl", "tel:1"] {
            assert!(is_link(good), "{good}");
        }
        for bad in
            ["", "x", "JavaScript:alert(1)", " javascript:x", "\u{1}data:text/html,x", "vbscript:x", "https://", ":x"]
        {
            assert!(!is_link(bad), "{bad}");
        }
    }
}
