//! Converts a value of one kind to another kind.
//!
//! Values are JSON in their stored form: what [`crate::stored_values`] writes into components. In it, big integers and decimals are strings, and
//! dates and times have their canonical text. Links are lists of `{"type", "documentId"}`.

use super::kind_conversion::LinkShape;
use super::snapshot::KindShape;
use crate::content_type::{Attribute, FieldKind};
use crate::fields::{self, CastError, ValidationPass, canonical_decimal, canonical_decimal_of};
use crate::presentation::AttributePresentation;
use crate::validate::{ValuePath, float_json, print_float};
use crate::value::Value;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

/// A change of kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Conversion {
    /// The stored kind.
    pub from: KindShape,
    /// The kind after the conversion.
    pub to: KindShape,
    /// `maxLength` of the new attribute, in UTF-16 code units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_length: Option<usize>,
}

/// Why a value does not fit: a sentence that begins with the value, shortened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ConversionError(pub String);

/// Longest part of a value that a message shows, in characters.
const MAX_SHOWN_CHARS: usize = 40;

fn conversion_error(value: &str, reason: impl AsRef<str>) -> ConversionError {
    let mut text: String = value.chars().take(MAX_SHOWN_CHARS).collect();
    if value.chars().count() > MAX_SHOWN_CHARS {
        text.push('…');
    }
    ConversionError(format!("`{text}` {}", reason.as_ref()))
}

/// Converts the value to its new kind. Null stays null. Returns an error if the value does not fit, or would change ("007" as an integer).
pub fn convert_value(conversion: &Conversion, value: &Json) -> Result<Json, ConversionError> {
    convert_with(conversion, value, false)
}

/// Does the same as [`convert_value`], but cuts the excess off: the first of several stays, as much of a text as is allowed, the day of a moment,
/// the whole part of a number. Returns an error if the value does not fit even so.
pub fn cut_value(conversion: &Conversion, value: &Json) -> Result<Json, ConversionError> {
    convert_with(conversion, value, true)
}

fn convert_with(conversion: &Conversion, value: &Json, cutting: bool) -> Result<Json, ConversionError> {
    let Conversion { from, to, max_length } = conversion;
    if from.is_link() && to.is_link() {
        return convert_links(from, to, value, cutting);
    }
    match (from, to) {
        (KindShape::Component { .. } | KindShape::DynamicZone { .. }, _) => {
            convert_components(from, to, value, cutting)
        }
        _ if value.is_null() => Ok(Json::Null),
        _ => convert_scalar(from, to, *max_length, value, cutting),
    }
}

/// Converts links: lists stay lists; for a to-one link, more than one is too many. Links to types that are not the target do not fit.
fn convert_links(from: &KindShape, to: &KindShape, value: &Json, cutting: bool) -> Result<Json, ConversionError> {
    let (Some(from), Some(to)) = (LinkShape::from_kind(from), LinkShape::from_kind(to)) else {
        return Ok(value.clone());
    };
    let Json::Array(list) = value else { return Ok(value.clone()) };
    // Links of a relation that had a target already are of that type.
    let new_target = if from.target.is_none() { to.target } else { None };
    let of_it =
        |link: &Json, target| link.get("type").and_then(Json::as_str).is_none_or(|content_type| content_type == target);
    let fits = |link: &&Json| new_target.is_none_or(|target| of_it(link, target));
    let mut links: Vec<Json> = list.iter().filter(fits).cloned().collect();
    if !cutting && links.len() < list.len() {
        return Err(ConversionError(format!("has links to other types than `{}`", to.target.unwrap_or_default())));
    }
    if !to.many && links.len() > 1 {
        if !cutting {
            return Err(ConversionError(format!("has {} links, but only one can be kept", links.len())));
        }
        links.truncate(1);
    }
    Ok(Json::Array(links))
}

fn convert_components(from: &KindShape, to: &KindShape, value: &Json, cutting: bool) -> Result<Json, ConversionError> {
    use KindShape::{Component, DynamicZone};
    let mut list = match value {
        Json::Array(list) => list.clone(),
        Json::Null => Vec::new(),
        one => vec![one.clone()],
    };
    match (from, to) {
        (Component { component, .. }, DynamicZone { .. }) => {
            for instance in &mut list {
                if let Json::Object(map) = instance {
                    let mut tagged = serde_json::Map::new();
                    tagged.insert("__component".into(), component.as_str().into());
                    tagged.append(map);
                    *instance = Json::Object(tagged);
                }
            }
        }
        (DynamicZone { .. }, Component { component, .. }) => {
            let of_it = |i: &Json| i.get("__component").and_then(Json::as_str) == Some(component);
            let others = list.iter().filter(|i| !of_it(i)).count();
            if others > 0 && !cutting {
                return Err(ConversionError(format!("has {others} components other than `{component}`")));
            }
            list.retain(of_it);
            for instance in &mut list {
                if let Json::Object(map) = instance {
                    map.shift_remove("__component");
                }
            }
        }
        _ => {}
    }
    let single = matches!(to, Component { repeatable: false, .. });
    if !single {
        return Ok(Json::Array(list));
    }
    if list.len() > 1 && !cutting {
        return Err(ConversionError(format!("has {} components, but only one can be kept", list.len())));
    }
    Ok(list.into_iter().next().unwrap_or(Json::Null))
}

fn convert_scalar(
    from: &KindShape,
    to: &KindShape,
    max: Option<usize>,
    value: &Json,
    cutting: bool,
) -> Result<Json, ConversionError> {
    use KindShape::*;
    let plain = stored_text(from, value);
    match to {
        // Big integers and decimals stay texts, with all their digits.
        Json => Ok(value.clone()),
        Blocks if *from == Json => check_converted(to, None, value, &plain),
        Blocks => {
            let lines = plain
                .split('\n')
                .map(|line| json!({"type": "paragraph", "children": [{"type": "text", "text": line}]}));
            Ok(lines.collect())
        }
        String | Text | RichText | Email | Uid | Enumeration { .. } => {
            let fitting = match max {
                Some(max) if cutting => truncate_utf16(&plain, max),
                _ => plain.as_str(),
            };
            check_converted(to, max, &fitting.into(), &plain)
        }
        Integer | BigInteger | Float | Decimal => convert_number(from, to, &plain, cutting),
        Boolean => match plain.trim().to_ascii_lowercase().as_str() {
            "true" | "1" => Ok(true.into()),
            "false" | "0" => Ok(false.into()),
            _ => Err(conversion_error(&plain, "is neither true nor false")),
        },
        Date => {
            let input = plain.trim();
            let day = check_converted(to, None, &input.into(), &plain)?;
            let midnight = input.get(10..).is_none_or(|rest| matches!(rest, "" | "T00:00:00.000Z"));
            if midnight || cutting {
                Ok(day)
            } else {
                Err(conversion_error(&plain, "has a time of day, which would be lost"))
            }
        }
        DateTime | Time => check_converted(to, None, &plain.trim().into(), &plain),
        Password | Media { .. } | Relation(_) | Component { .. } | DynamicZone { .. } => {
            Err(ConversionError(format!("a {} cannot become a {}", from.display_name(), to.display_name())))
        }
    }
}

/// A stored value as text.
fn stored_text(from: &KindShape, value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Number(number) => match number.as_f64() {
            Some(float) if number.is_f64() && *from != KindShape::Json => print_float(float),
            _ => number.to_string(),
        },
        other => other.to_string(),
    }
}

/// Truncates a text to that many UTF-16 code units, at a character boundary.
fn truncate_utf16(text: &str, max: usize) -> &str {
    let mut units = 0;
    for (at, c) in text.char_indices() {
        units += c.len_utf16();
        if units > max {
            return &text[..at];
        }
    }
    text
}

/// Converts text, number or boolean to a number, which must still be the same.
fn convert_number(from: &KindShape, to: &KindShape, plain: &str, cutting: bool) -> Result<Json, ConversionError> {
    use KindShape::*;
    let from_text = !matches!(from, Integer | BigInteger | Float | Decimal | Boolean);
    let input = match (from, plain) {
        (Boolean, "true") => "1",
        (Boolean, "false") => "0",
        _ => plain.trim(),
    };
    let digits = input.strip_prefix('-').unwrap_or(input);
    let code = digits.starts_with('+')
        || digits.contains(char::is_whitespace)
        || digits.len() > 1 && digits.starts_with('0') && digits.as_bytes()[1].is_ascii_digit();
    if from_text && code && canonical_decimal(digits).is_some() && !cutting {
        return Err(conversion_error(
            plain,
            "looks like a code or phone number; as a number it would lose its leading characters or spaces",
        ));
    }
    let decimal = canonical_decimal(input)
        .ok_or_else(|| conversion_error(plain, "is not a number, or has more than 60 digits"))?;
    match to {
        Decimal => Ok(decimal.into()),
        Float => {
            let float: f64 = decimal.parse().map_err(|_| conversion_error(plain, "is not a number"))?;
            let back = serde_json::Number::from_f64(float).and_then(|n| canonical_decimal_of(&n));
            match back {
                Some(back) if back == decimal || cutting => Ok(float_json(float)),
                _ => Err(conversion_error(plain, "has more digits than a float can store")),
            }
        }
        _ => {
            let integer = match decimal.split_once('.') {
                None => decimal.as_str(),
                Some((whole, _)) if cutting => whole,
                Some(_) => return Err(conversion_error(plain, "has a fraction, which would be lost")),
            };
            let int: i64 = integer.parse().map_err(|_| conversion_error(plain, "is too large for an integer"))?;
            Ok(if *to == BigInteger { int.to_string().into() } else { int.into() })
        }
    }
}

/// Validates a value as if a request had sent it to an attribute of that kind.
fn check_converted(
    to: &KindShape,
    max_length: Option<usize>,
    converted: &Json,
    plain: &str,
) -> Result<Json, ConversionError> {
    let Some(attribute) = bare_attribute(to, max_length) else { return Ok(converted.clone()) };
    let Some(field) = fields::field_type(&attribute.kind) else { return Ok(converted.clone()) };
    let at = ValuePath::Root;
    let mut errors = Vec::new();
    let value = match field.cast_value(&attribute, &at, converted) {
        Ok(value) => {
            field.check_rules(&attribute, &at, &value, ValidationPass::Full, &mut errors);
            value
        }
        Err(CastError::Errors(refused)) => {
            errors = refused;
            Value::Null
        }
        Err(CastError::Format(_)) => {
            return Err(conversion_error(plain, format!("is not a valid {}", to.display_name())));
        }
    };
    match errors.first() {
        None => Ok(match value {
            Value::Text(text) => text.into(),
            Value::Json(json) => json,
            // A kind that reads what it does not know as nothing must not swallow it here.
            Value::Null => return Err(conversion_error(plain, format!("is not a valid {}", to.display_name()))),
            _ => converted.clone(),
        }),
        Some(error) => Err(conversion_error(plain, error.message.strip_prefix("this ").unwrap_or(&error.message))),
    }
}

/// An attribute with no rules besides those of its kind.
fn bare_attribute(kind: &KindShape, max_length: Option<usize>) -> Option<Attribute> {
    let kind = match kind {
        KindShape::String | KindShape::Text | KindShape::RichText => FieldKind::String,
        KindShape::Email => FieldKind::Email,
        KindShape::Uid => FieldKind::Uid { target_field: None },
        KindShape::Blocks => FieldKind::Blocks,
        KindShape::Date => FieldKind::Date,
        KindShape::DateTime => FieldKind::DateTime,
        KindShape::Time => FieldKind::Time,
        KindShape::Enumeration { values } => FieldKind::Enumeration { values: values.clone() },
        _ => return None,
    };
    Some(Attribute {
        name: String::new(),
        column: String::new(),
        kind,
        // Of an enumeration: its message then names no null.
        required: true,
        unique: false,
        private: false,
        on_request: false,
        localized: false,
        index: false,
        configurable: false,
        default: None,
        min: None,
        max: None,
        min_length: None,
        max_length,
        regex: None,
        visible_if: None,
        presentation: AttributePresentation::default(),
        renamed_from: None,
        moved_into: Vec::new(),
    })
}
