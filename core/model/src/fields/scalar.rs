//! The trait of scalar kinds.

use crate::content_type::Attribute;
use crate::validate::{FieldError, ValuePath};
use crate::value::Value;
use serde_json::Value as Json;

/// Set of rules that apply to a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ValidationPass {
    /// Rules without which a value is none of its kind: enumeration, whole numbers.
    Kind,
    /// Rules that apply to drafts too: enumeration, `max`, `maxLength`.
    Draft,
    /// All rules, on a value that was just sent.
    Full,
    /// All rules, on a stored value (a password is a hash there).
    Stored,
}

impl ValidationPass {
    pub(crate) fn is_strict(self) -> bool {
        matches!(self, ValidationPass::Full | ValidationPass::Stored)
    }

    /// True if `max` and `maxLength` are checked.
    pub(crate) fn has_limits(self) -> bool {
        self != ValidationPass::Kind
    }
}

/// Why a value could not be cast.
pub(crate) enum CastError {
    /// Errors about the field.
    Errors(Vec<FieldError>),
    /// A date or time the database layer refuses, without a field.
    Format(&'static str),
}

impl From<FieldError> for CastError {
    fn from(error: FieldError) -> Self {
        CastError::Errors(vec![error])
    }
}

/// The message about a required value that is null.
pub(crate) enum RequiredMessage {
    /// The expected type, and null as that type prints it.
    Typed(&'static str, &'static str),
    /// Kinds that accept any JSON have no type: "must be defined" or "cannot be null".
    Any,
}

/// A scalar kind.
pub(crate) trait FieldType {
    /// The canonical value of `input`, which is not null. `Ok(Value::Null)` is possible.
    fn cast_value(&self, attribute: &Attribute, at: &ValuePath<'_>, input: &Json) -> Result<Value, CastError>;

    /// Checks a value that `cast` returned (or that was stored) against the rules of the schema; never called with null.
    fn check_rules(
        &self,
        attribute: &Attribute,
        at: &ValuePath<'_>,
        value: &Value,
        pass: ValidationPass,
        errors: &mut Vec<FieldError>,
    );

    /// How a missing required value is reported.
    fn required_message(&self) -> RequiredMessage;
}
