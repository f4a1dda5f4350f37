//! `string`, `text`, `richtext`, and what all text kinds share.

use super::{FieldType, Match, Pass, Refused, Required};
use crate::content_type::Attribute;
use crate::validate::{At, FieldError};
use crate::value::Value;
use serde_json::Value as Json;

/// `string`, `text` and `richtext`: not cast from numbers, not trimmed.
pub(super) struct Text;

impl FieldType for Text {
    fn cast(&self, attribute: &Attribute, at: &At<'_>, given: &Json) -> Result<Value, Refused> {
        string(attribute, at, given)
    }

    fn check(&self, attribute: &Attribute, at: &At<'_>, value: &Value, pass: Pass, errors: &mut Vec<FieldError>) {
        let Value::Text(text) = value else { return };
        if pass.strict() {
            min_length(attribute, at, text, errors);
        }
        max_length(attribute, at, text, errors);
        if pass.strict() {
            regex(attribute, at, text, errors);
        }
    }

    fn required(&self) -> Required {
        REQUIRED
    }
}

/// A missing required text.
pub(super) const REQUIRED: Required = Required::Typed("string", "null");

/// Accepts a string as it is; anything else has the wrong type. PostgreSQL cannot store U+0000. An indexed value has to fit into the index:
/// PostgreSQL allows 2,704 bytes per row, other columns of the index included.
pub(super) fn string(attribute: &Attribute, at: &At<'_>, given: &Json) -> Result<Value, Refused> {
    let indexed = attribute.index || attribute.unique;
    match given {
        Json::String(text) if indexed && text.len() > MAX_INDEXED => {
            let message = format!("must be at most {MAX_INDEXED} bytes, as it is indexed");
            Err(at.error(&message, None).into())
        }
        Json::String(text) if text.contains('\0') => Err(at.error(NO_NUL, None).into()),
        Json::String(text) => Ok(Value::Text(text.clone())),
        other => Err(at.wrong_type("string", other).into()),
    }
}

/// Longest text of an attribute that is unique or indexed, in bytes of UTF-8.
pub(super) const MAX_INDEXED: usize = 2_500;

/// The end of the message about a text with U+0000.
pub(super) const NO_NUL: &str = "must not contain the character U+0000";

pub(super) fn min_length(attribute: &Attribute, at: &At<'_>, text: &str, errors: &mut Vec<FieldError>) {
    if let Some(min) = attribute.min_length.filter(|&min| length(text) < min) {
        errors.push(at.error(&format!("must be at least {min} characters"), given(text)));
    }
}

pub(super) fn max_length(attribute: &Attribute, at: &At<'_>, text: &str, errors: &mut Vec<FieldError>) {
    if let Some(max) = attribute.max_length.filter(|&max| length(text) > max) {
        errors.push(at.error(&format!("must be at most {max} characters"), given(text)));
    }
}

/// Checks the expression of the schema; an empty string is exempt if the attribute is optional.
pub(super) fn regex(attribute: &Attribute, at: &At<'_>, text: &str, errors: &mut Vec<FieldError>) {
    let Some(pattern) = &attribute.regex else { return };
    if text.is_empty() && !attribute.required {
        return;
    }
    if let Some(why) = pattern.broken() {
        let rest =
            format!("cannot be checked: its regex {} is not a valid regular expression ({why})", pattern.printed());
        errors.push(at.error(&rest, given(text)));
        return;
    }
    match pattern.matches(text) {
        Match::Yes => {}
        Match::No => errors.push(mismatch(at, &pattern.printed(), text)),
        Match::Unknown => {
            let rest = format!("cannot be checked: matching {} takes too long", pattern.printed());
            errors.push(at.error(&rest, given(text)));
        }
    }
}

/// The error of a text that does not match. `printed`: the expression as JavaScript prints it.
pub(super) fn mismatch(at: &At<'_>, printed: &str, text: &str) -> FieldError {
    at.error(&format!("must match the following: \"{printed}\""), given(text))
}

pub(super) fn given(text: &str) -> Option<Json> {
    Some(Json::String(text.to_owned()))
}

/// Length in UTF-16 code units, as JavaScript counts.
fn length(text: &str) -> usize {
    text.encode_utf16().count()
}

#[cfg(test)]
mod tests {
    use super::length;

    #[test]
    fn length_counts_utf16_units() {
        assert_eq!((length("é"), length("😀"), length("")), (1, 2, 0));
    }
}
