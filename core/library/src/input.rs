//! Parsing of bodies, and errors.

use cairn_content::{ContentError, Refusal, RefusalKind, Result};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::{Value as Json, json};

/// Longest name of a folder, in characters.
const MAX_FOLDER_NAME_CHARS: usize = 200;
/// Longest tag, in characters.
const MAX_TAG_CHARS: usize = 60;
/// Longest text about a file, in characters.
const MAX_TEXT_CHARS: usize = 10_000;

/// Parses the body of a request; the error names the key that does not fit. Fails with 400 if the body does not fit `T`.
pub fn read_input<T: DeserializeOwned>(json: Json) -> Result<T> {
    serde_json::from_value(json).map_err(|e| ContentError::validation(format!("The request body is invalid: {e}")))
}

/// Distinguishes a key that is `null` from one that is missing.
pub(crate) fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(d: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(d).map(Some)
}

pub(crate) fn refusal_error(kind: RefusalKind, message: impl Into<String>, details: Json) -> ContentError {
    ContentError::Refused(Refusal { kind, message: message.into(), details })
}

fn error_json(path: &str, message: &str) -> Json {
    json!({ "path": path.split('.').collect::<Vec<_>>(), "message": message, "name": "ValidationError" })
}

/// The error for one invalid value, 400, with its path.
pub(crate) fn invalid_at(path: &str, message: impl Into<String>) -> ContentError {
    let message = message.into();
    let details = json!({ "errors": [error_json(path, &message)] });
    refusal_error(RefusalKind::Validation, message, details)
}

/// The error for several invalid values, 400: the message for all, and one for each.
pub(crate) fn invalid_each(message: String, problems: &[(String, String)]) -> ContentError {
    let errors: Vec<Json> = problems.iter().map(|(path, problem)| error_json(path, problem)).collect();
    refusal_error(RefusalKind::Validation, message, json!({ "errors": errors }))
}

/// The error for a value that is taken, 409, with its path.
pub(crate) fn conflict_at(path: &str, message: impl Into<String>) -> ContentError {
    let message = message.into();
    let details = json!({ "errors": [error_json(path, &message)] });
    refusal_error(RefusalKind::Conflict, message, details)
}

/// The error for something that does not exist, 404.
pub(crate) fn not_found(message: impl Into<String>) -> ContentError {
    refusal_error(RefusalKind::NotFound, message, json!({}))
}

/// Validates the name of a folder.
pub(crate) fn folder_name(input: &str) -> Result<String> {
    let name = input.trim();
    if name.is_empty()
        || name.chars().count() > MAX_FOLDER_NAME_CHARS
        || name.chars().any(|c| c.is_control() || c == '/')
    {
        let message = format!("name must be a single line of 1 to {MAX_FOLDER_NAME_CHARS} characters without \"/\"");
        return Err(invalid_at("name", message));
    }
    Ok(name.to_owned())
}

/// Validates a tag.
pub(crate) fn check_tag(path: &str, input: &str) -> Result<String> {
    let tag = input.split_whitespace().collect::<Vec<_>>().join(" ");
    if tag.is_empty() || tag.chars().count() > MAX_TAG_CHARS || tag.chars().any(|c| c.is_control() || c == ',') {
        return Err(invalid_at(
            path,
            format!("A tag must be a single line of 1 to {MAX_TAG_CHARS} characters without commas"),
        ));
    }
    Ok(tag)
}

/// Validates a text about a file; `None` where it is blank.
pub(crate) fn check_text(path: &str, input: Option<&str>) -> Result<Option<String>> {
    let Some(text) = input.map(str::trim).filter(|t| !t.is_empty()) else { return Ok(None) };
    if text.chars().count() > MAX_TEXT_CHARS {
        return Err(invalid_at(path, format!("{path} must have at most {MAX_TEXT_CHARS} characters")));
    }
    if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        return Err(invalid_at(path, format!("{path} must be plain text without control characters")));
    }
    Ok(Some(text.to_owned()))
}
