//! Values of columns as an archive has them.

use super::connection::Cell;
use chrono::{DateTime, NaiveDateTime, SecondsFormat, Utc};
use serde_json::Value as Json;

/// Largest integer that a number of JavaScript holds.
const MAX_JS_INTEGER: f64 = 9_007_199_254_740_991.0;

/// The kind of an attribute's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StoredKind {
    /// Text, and what archives have as text: dates, times, big integers.
    Text,
    Number,
    Boolean,
    /// A moment, which SQLite has in milliseconds.
    Moment,
    Json,
}

impl StoredKind {
    /// The kind of an attribute type; `None` for those without a column.
    pub(super) fn of_type(attribute_type: &str) -> Option<Self> {
        Some(match attribute_type {
            "relation" | "media" | "component" | "dynamiczone" => return None,
            "integer" | "float" | "decimal" => Self::Number,
            "boolean" => Self::Boolean,
            "datetime" | "timestamp" => Self::Moment,
            "json" | "blocks" => Self::Json,
            _ => Self::Text,
        })
    }

    /// A value of a column. A value of another kind is kept as text, so that it is reported as one that does not fit.
    pub(super) fn to_json(self, cell: &Cell<'_>) -> Json {
        let Some(text) = cell.as_text() else { return Json::Null };
        let value = match self {
            Self::Text => None,
            Self::Number => cell.as_int().map(Json::from).or_else(|| cell.as_float().map(number)),
            Self::Boolean => match &*text {
                "1" | "t" | "true" => Some(true.into()),
                "0" | "f" | "false" => Some(false.into()),
                _ => None,
            },
            Self::Moment => parse_moment(cell).map(|at| at.to_rfc3339_opts(SecondsFormat::Millis, true).into()),
            Self::Json => Some(parse_json(&text)),
        };
        value.unwrap_or_else(|| text.into_owned().into())
    }
}

/// A number as JavaScript prints it: without a fraction if it has none.
fn number(value: f64) -> Json {
    if value.fract() == 0.0 && value.abs() <= MAX_JS_INTEGER { (value as i64).into() } else { value.into() }
}

/// Strapi reads text that is no JSON as that text, and JSON in a text of JSON as JSON: MySQL had it so.
fn parse_json(text: &str) -> Json {
    match serde_json::from_str(text) {
        Ok(Json::String(inner)) => serde_json::from_str(&inner).unwrap_or_else(|_| text.into()),
        Ok(value) => value,
        Err(_) => text.into(),
    }
}

/// A moment in milliseconds, or in the forms of ISO 8601 and PostgreSQL; without a zone, in UTC.
fn parse_moment(cell: &Cell<'_>) -> Option<DateTime<Utc>> {
    if let Some(milliseconds) = cell.as_int() {
        return DateTime::from_timestamp_millis(milliseconds);
    }
    if let Cell::Float(milliseconds) = cell {
        return DateTime::from_timestamp_millis(*milliseconds as i64);
    }
    let text = cell.as_text()?;
    // PostgreSQL writes `+00` for an offset of whole hours.
    let with_zone = ["%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%d %H:%M:%S%.f%#z"];
    let parsed = with_zone.iter().find_map(|form| DateTime::parse_from_str(&text, form).ok());
    if let Some(at) = parsed {
        return Some(at.to_utc());
    }
    let plain = text.trim_end_matches('Z');
    let forms = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f"];
    forms.iter().find_map(|form| NaiveDateTime::parse_from_str(plain, form).ok()).map(|at| at.and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn text(text: &str) -> Cell<'_> {
        Cell::Text(text.into())
    }

    #[test]
    fn values_of_both_databases_are_those_of_archives() {
        use StoredKind as K;
        let moment = json!("2024-02-29T10:30:00.123Z");
        for (kind, cell, expected) in [
            (K::Moment, Cell::Int(1_709_202_600_123), moment.clone()),
            (K::Moment, Cell::Float(1_709_202_600_123.0), moment.clone()),
            (K::Moment, text("1709202600123"), moment.clone()),
            (K::Moment, text("2024-02-29 10:30:00.123"), moment.clone()),
            (K::Moment, text("2024-02-29 10:30:00.123+00"), moment.clone()),
            (K::Moment, text("2024-02-29 12:30:00.123+02"), moment.clone()),
            (K::Moment, text("2024-02-29T10:30:00.123Z"), moment.clone()),
            (K::Moment, text("soon"), json!("soon")),
            (K::Boolean, Cell::Int(1), json!(true)),
            (K::Boolean, text("f"), json!(false)),
            (K::Boolean, Cell::Int(2), json!("2")),
            (K::Number, Cell::Float(9.95), json!(9.95)),
            (K::Number, Cell::Float(5.0), json!(5)),
            (K::Number, text("9.95"), json!(9.95)),
            (K::Number, text("12.00"), json!(12)),
            (K::Number, text("many"), json!("many")),
            (K::Text, Cell::Int(9_007_199_254_740_993), json!("9007199254740993")),
            (K::Text, text("09:15:00.000"), json!("09:15:00.000")),
            (K::Json, text(r#"{"a":[1,null]}"#), json!({"a": [1, null]})),
            (K::Json, text("\"[1]\""), json!([1])),
            (K::Json, text("plain"), json!("plain")),
            (K::Json, Cell::Null, Json::Null),
        ] {
            assert_eq!(kind.to_json(&cell), expected, "{kind:?} {cell:?}");
        }
    }
}
