//! `string`, `text`, `richtext`, and what all text kinds share.

use super::pattern::PatternMatch;
use super::scalar::{CastError, FieldType, RequiredMessage, ValidationPass};
use crate::content_type::Attribute;
use crate::validate::{FieldError, ValuePath};
use crate::value::Value;
use serde_json::Value as Json;

/// `string`, `text` and `richtext`: not cast from numbers, not trimmed.
pub(super) struct TextField;

impl FieldType for TextField {
    fn cast_value(&self, attribute: &Attribute, at: &ValuePath<'_>, input: &Json) -> Result<Value, CastError> {
        cast_string(attribute, at, input)
    }

    fn check_rules(
        &self,
        attribute: &Attribute,
        at: &ValuePath<'_>,
        value: &Value,
        pass: ValidationPass,
        errors: &mut Vec<FieldError>,
    ) {
        let Value::Text(text) = value else { return };
        if pass.is_strict() {
            check_min_length(attribute, at, text, errors);
        }
        if pass.has_limits() {
            check_max_length(attribute, at, text, errors);
        }
        if pass.is_strict() {
            check_regex(attribute, at, text, errors);
        }
    }

    fn required_message(&self) -> RequiredMessage {
        TEXT_REQUIRED
    }
}

/// A missing required text.
pub(super) const TEXT_REQUIRED: RequiredMessage = RequiredMessage::Typed("string", "null");

/// Accepts a string as it is; anything else has the wrong type. PostgreSQL cannot store U+0000. An indexed value has to fit into the index:
/// PostgreSQL allows 2,704 bytes per row, other columns of the index included.
pub(super) fn cast_string(attribute: &Attribute, at: &ValuePath<'_>, input: &Json) -> Result<Value, CastError> {
    let indexed = attribute.index || attribute.unique;
    match input {
        Json::String(text) if indexed && text.len() > MAX_INDEXED_BYTES => {
            let message = format!("must be at most {MAX_INDEXED_BYTES} bytes, as it is indexed");
            Err(at.error_with_path(&message, None).into())
        }
        Json::String(text) if text.contains('\0') => Err(at.error_with_path(NO_NUL, None).into()),
        Json::String(text) => Ok(Value::Text(text.clone())),
        other => Err(at.wrong_type("string", other).into()),
    }
}

/// Longest text of an attribute that is unique or indexed, in bytes of UTF-8.
pub(super) const MAX_INDEXED_BYTES: usize = 2_500;

/// The end of the message about a text with U+0000.
pub(super) const NO_NUL: &str = "must not contain the character U+0000";

pub(super) fn check_min_length(attribute: &Attribute, at: &ValuePath<'_>, text: &str, errors: &mut Vec<FieldError>) {
    if let Some(min) = attribute.min_length.filter(|&min| utf16_length(text) < min) {
        errors.push(at.error_with_path(&format!("must be at least {min} characters"), given_value(text)));
    }
}

pub(super) fn check_max_length(attribute: &Attribute, at: &ValuePath<'_>, text: &str, errors: &mut Vec<FieldError>) {
    if let Some(max) = attribute.max_length.filter(|&max| utf16_length(text) > max) {
        errors.push(at.error_with_path(&format!("must be at most {max} characters"), given_value(text)));
    }
}

/// Checks the expression of the schema; an empty string is exempt if the attribute is optional.
pub(super) fn check_regex(attribute: &Attribute, at: &ValuePath<'_>, text: &str, errors: &mut Vec<FieldError>) {
    let Some(pattern) = &attribute.regex else { return };
    if text.is_empty() && !attribute.required {
        return;
    }
    if let Some(why) = pattern.syntax_error() {
        let rest = format!(
            "cannot be checked: its regex {} is not a valid regular expression ({why})",
            pattern.to_javascript()
        );
        errors.push(at.error_with_path(&rest, given_value(text)));
        return;
    }
    match pattern.matches(text) {
        PatternMatch::Yes => {}
        PatternMatch::No => errors.push(mismatch_error(at, &pattern.to_javascript(), text)),
        PatternMatch::Unknown => {
            let rest = format!("cannot be checked: matching {} takes too long", pattern.to_javascript());
            errors.push(at.error_with_path(&rest, given_value(text)));
        }
    }
}

/// The error of a text that does not match. `printed`: the expression as JavaScript prints it.
pub(super) fn mismatch_error(at: &ValuePath<'_>, printed: &str, text: &str) -> FieldError {
    at.error_with_path(&format!("must match the following: \"{printed}\""), given_value(text))
}

pub(super) fn given_value(text: &str) -> Option<Json> {
    Some(Json::String(text.to_owned()))
}

/// Length in UTF-16 code units, as JavaScript counts.
fn utf16_length(text: &str) -> usize {
    text.encode_utf16().count()
}

#[cfg(test)]
mod tests {
    use super::utf16_length;

    #[test]
    fn length_counts_utf16_units() {
        assert_eq!((utf16_length("é"), utf16_length("😀"), utf16_length("")), (1, 2, 0));
    }
}
