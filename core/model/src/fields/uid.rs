//! The kind `uid`: a name for addresses.

use super::scalar::{CastError, FieldType, RequiredMessage, ValidationPass};
use super::text;
use crate::content_type::Attribute;
use crate::validate::{FieldError, ValuePath};
use crate::value::Value;
use serde_json::Value as Json;

/// `uid`: not derived from its target field here; empty is legal.
pub(super) struct UidField;

/// The characters of a uid whose schema has no `regex`.
const DEFAULT_UID_PATTERN: &str = "/^[A-Za-z0-9-_.~]*$/";

impl FieldType for UidField {
    fn cast_value(&self, attribute: &Attribute, at: &ValuePath<'_>, input: &Json) -> Result<Value, CastError> {
        text::cast_string(attribute, at, input)
    }

    fn check_rules(
        &self,
        attribute: &Attribute,
        at: &ValuePath<'_>,
        value: &Value,
        pass: ValidationPass,
        errors: &mut Vec<FieldError>,
    ) {
        text::TextField.check_rules(attribute, at, value, pass, errors);
        let Value::Text(text) = value else { return };
        let legal = |c: char| c.is_ascii_alphanumeric() || "-_.~".contains(c);
        if pass.is_strict() && attribute.regex.is_none() && !text.chars().all(legal) {
            errors.push(text::mismatch_error(at, DEFAULT_UID_PATTERN, text));
        }
    }

    fn required_message(&self) -> RequiredMessage {
        text::TEXT_REQUIRED
    }
}
