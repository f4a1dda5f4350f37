//! The scalar field kinds: one file each, listed in [`field_type`].
//!
//! To add a kind: a file here that implements [`FieldType`], a variant of [`FieldKind`], and the lines the compiler
//! asks for; then its name in schema files in `load/kinds.rs`.
//!
//! A kind casts request JSON to the canonical [`Value`] of its column and checks the rules of the schema on such
//! values. The same parsers serve filters ([`parse_operand`]).

mod biginteger;
mod blocks;
mod boolean;
mod date;
mod datetime;
mod decimal;
mod email;
mod enumeration;
mod float;
mod integer;
mod json;
mod number;
mod operand;
mod password;
mod pattern;
mod text;
mod time;
mod uid;

pub use email::is_email;
pub use operand::{Operand, OperandError, parse_operand};
pub use pattern::{Pattern, PatternMatch};

use crate::content_type::{Attribute, FieldKind};
use crate::validate::{FieldError, ValuePath};
use crate::value::Value;
use serde_json::Value as Json;

/// The canonical text of a decimal; `None` if the text is not one.
pub(crate) fn canonical_decimal(text: &str) -> Option<String> {
    number::parse_decimal(text).ok()
}

/// The canonical text of a JSON number as a decimal.
pub(crate) fn canonical_decimal_of(number: &serde_json::Number) -> Option<String> {
    number::decimal_from_number(number).ok()
}

/// Deepest JSON accepted in one attribute: with the components around it a stored value stays below the parser's limit.
pub(crate) const MAX_JSON_DEPTH: usize = 64;

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

/// The implementation of a kind; `None` for relations, media, components and zones, which are not scalars.
pub(crate) fn field_type(kind: &FieldKind) -> Option<&'static dyn FieldType> {
    Some(match kind {
        FieldKind::String | FieldKind::Text | FieldKind::RichText => &text::TextField,
        FieldKind::Blocks => &blocks::BlocksField,
        FieldKind::Email => &email::EmailField,
        FieldKind::Password => &password::PasswordField,
        FieldKind::Uid { .. } => &uid::UidField,
        FieldKind::Integer => &integer::IntegerField,
        FieldKind::BigInteger => &biginteger::BigIntegerField,
        FieldKind::Float => &float::FloatField,
        FieldKind::Decimal => &decimal::DecimalField,
        FieldKind::Boolean => &boolean::BooleanField,
        FieldKind::Date => &date::DateField,
        FieldKind::DateTime => &datetime::DateTimeField,
        FieldKind::Time => &time::TimeField,
        FieldKind::Json => &json::JsonField,
        FieldKind::Enumeration { .. } => &enumeration::EnumerationField,
        FieldKind::Media { .. }
        | FieldKind::Relation(_)
        | FieldKind::Unlinked { .. }
        | FieldKind::Component { .. }
        | FieldKind::DynamicZone { .. } => {
            return None;
        }
    })
}

/// Refuses JSON that could be written but not stored or read back: nested too deeply, or with U+0000 in a text.
pub(crate) fn check_storable(at: &ValuePath<'_>, value: &Json) -> Result<(), FieldError> {
    if deeper_than(value, MAX_JSON_DEPTH) {
        return Err(at.error_with_path(&format!("must not be nested deeper than {MAX_JSON_DEPTH} levels"), None));
    }
    if has_nul(value) { Err(at.error_with_path(text::NO_NUL, None)) } else { Ok(()) }
}

/// True if JSON is nested deeper than `limit`; looks no further.
fn deeper_than(value: &Json, limit: usize) -> bool {
    match value {
        Json::Array(list) => limit == 0 || list.iter().any(|v| deeper_than(v, limit - 1)),
        Json::Object(map) => limit == 0 || map.values().any(|v| deeper_than(v, limit - 1)),
        _ => false,
    }
}

/// True if a text contains U+0000; only for JSON that is not too deep.
fn has_nul(value: &Json) -> bool {
    match value {
        Json::String(text) => text.contains('\0'),
        Json::Array(list) => list.iter().any(has_nul),
        Json::Object(map) => map.iter().any(|(key, value)| key.contains('\0') || has_nul(value)),
        _ => false,
    }
}
