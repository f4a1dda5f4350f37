//! The scalar field kinds: one file each, listed in [`field_type`].
//!
//! To add a kind: a file here that implements [`FieldType`], a variant of [`FieldKind`], and the lines the compiler
//! asks for; then its name in schema files in `load/kinds.rs`.
//!
//! A kind casts request JSON to the canonical [`Value`](crate::Value) of its column and checks the rules of the schema on such
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
mod scalar;
mod storable;
mod text;
mod time;
mod uid;

pub use email::is_email;
pub use operand::{Operand, OperandError, parse_operand};
pub use pattern::{Pattern, PatternMatch};

pub(crate) use scalar::{CastError, FieldType, RequiredMessage, ValidationPass};

use crate::content_type::FieldKind;

/// The canonical text of a decimal; `None` if the text is not one.
pub(crate) fn canonical_decimal(text: &str) -> Option<String> {
    number::parse_decimal(text).ok()
}

/// The canonical text of a JSON number as a decimal.
pub(crate) fn canonical_decimal_of(number: &serde_json::Number) -> Option<String> {
    number::decimal_from_number(number).ok()
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
