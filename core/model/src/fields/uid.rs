//! The kind `uid`: a name for addresses.

use super::{FieldType, Pass, Refused, Required, text};
use crate::content_type::Attribute;
use crate::validate::{At, FieldError};
use crate::value::Value;
use serde_json::Value as Json;

/// `uid`: not derived from its target field here; empty is legal.
pub(super) struct Uid;

/// The characters of a uid whose schema has no `regex`.
const PRINTED: &str = "/^[A-Za-z0-9-_.~]*$/";

impl FieldType for Uid {
    fn cast(&self, attribute: &Attribute, at: &At<'_>, given: &Json) -> Result<Value, Refused> {
        text::string(attribute, at, given)
    }

    fn check(&self, attribute: &Attribute, at: &At<'_>, value: &Value, pass: Pass, errors: &mut Vec<FieldError>) {
        text::Text.check(attribute, at, value, pass, errors);
        let Value::Text(text) = value else { return };
        let legal = |c: char| c.is_ascii_alphanumeric() || "-_.~".contains(c);
        if pass.strict() && attribute.regex.is_none() && !text.chars().all(legal) {
            errors.push(text::mismatch(at, PRINTED, text));
        }
    }

    fn required(&self) -> Required {
        text::REQUIRED
    }
}
