//! The kind `password`: sent as text, stored as a hash.

use super::scalar::{CastError, FieldType, RequiredMessage, ValidationPass};
use super::text;
use crate::content_type::Attribute;
use crate::validate::{FieldError, ValuePath};
use crate::value::Value;
use serde_json::Value as Json;

/// `password`. `minLength` is not enforced (the contract); nothing is checked on the stored hash.
pub(super) struct PasswordField;

impl FieldType for PasswordField {
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
        let Value::Text(text) = value else { return };
        let first = errors.len();
        match pass {
            // Once it is a hash, nobody can tell how long it was.
            ValidationPass::Kind | ValidationPass::Draft => text::check_max_length(attribute, at, text, errors),
            ValidationPass::Full => {
                text::check_max_length(attribute, at, text, errors);
                text::check_regex(attribute, at, text, errors);
            }
            ValidationPass::Stored => {}
        }
        // A password is in no answer and no log, not even the one just refused.
        errors.iter_mut().skip(first).for_each(|error| error.value = None);
    }

    fn required_message(&self) -> RequiredMessage {
        text::TEXT_REQUIRED
    }
}
