//! The kind `password`: sent as text, stored as a hash.

use super::{FieldType, Pass, Refused, Required, text};
use crate::content_type::Attribute;
use crate::validate::{At, FieldError};
use crate::value::Value;
use serde_json::Value as Json;

/// `password`. `minLength` is not enforced (the contract); nothing is checked on the stored hash.
pub(super) struct Password;

impl FieldType for Password {
    fn cast(&self, attribute: &Attribute, at: &At<'_>, given: &Json) -> Result<Value, Refused> {
        text::string(attribute, at, given)
    }

    fn check(&self, attribute: &Attribute, at: &At<'_>, value: &Value, pass: Pass, errors: &mut Vec<FieldError>) {
        let Value::Text(text) = value else { return };
        let first = errors.len();
        match pass {
            Pass::Draft => text::max_length(attribute, at, text, errors),
            Pass::Full => {
                text::max_length(attribute, at, text, errors);
                text::regex(attribute, at, text, errors);
            }
            Pass::Stored => {}
        }
        // A password is in no answer and no log, not even the one just refused.
        errors.iter_mut().skip(first).for_each(|error| error.value = None);
    }

    fn required(&self) -> Required {
        text::REQUIRED
    }
}
