//! Cells of a row → JSON text, and back.

use super::Kind;
use crate::connection::{Param, ToParam, Value, ValueRef};
use crate::{Result, StoreError};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write;

/// A cell that is written to a database.
#[derive(Debug)]
pub(super) enum Cell {
    Value(Value),
    Bytes(Vec<u8>),
}

impl ToParam for Cell {
    fn param(&self) -> Param<'_> {
        match self {
            Self::Value(value) => value.param(),
            Self::Bytes(bytes) => Param::Blob(bytes),
        }
    }
}

fn unreadable(message: impl Into<String>) -> StoreError {
    StoreError::Corrupt { place: String::new(), message: message.into() }
}

/// Appends a cell as JSON. The caller adds the place to errors.
pub(super) fn write(kind: Kind, value: ValueRef<'_>, out: &mut String) -> Result<()> {
    match (kind, value) {
        (_, ValueRef::Null) => out.push_str("null"),
        (Kind::Boolean, ValueRef::Integer(n)) => out.push_str(if n == 0 { "false" } else { "true" }),
        (Kind::Integer, ValueRef::Integer(n)) => {
            let _ = write!(out, "{n}");
        }
        (Kind::Float, ValueRef::Real(f)) if f.is_finite() => {
            let _ = write!(out, "\"{f:?}\"");
        }
        (Kind::Bytes, ValueRef::Blob(bytes)) => {
            out.push('"');
            for byte in bytes {
                let _ = write!(out, "{byte:02x}");
            }
            out.push('"');
        }
        (Kind::Components, value) => {
            let text = value.text().ok_or_else(|| unreadable("it is not text"))?;
            let mut sorted = String::with_capacity(text.len());
            let raw: &RawValue = serde_json::from_str(&text).map_err(|e| unreadable(e.to_string()))?;
            in_order(raw.get(), &mut sorted)?;
            string(&sorted, out);
        }
        (Kind::Text | Kind::Date | Kind::DateTime | Kind::Time | Kind::Decimal | Kind::Json, value) => match value {
            // Text that is no UTF-8 must not be made to look as if it were.
            ValueRef::Text(bytes) => {
                string(std::str::from_utf8(bytes).map_err(|_| unreadable("it is not valid UTF-8"))?, out);
            }
            value => string(&value.text().ok_or_else(|| unreadable("it is not text"))?, out),
        },
        (kind, _) => return Err(unreadable(format!("it is not of kind {kind:?}"))),
    }
    Ok(())
}

fn string(text: &str, out: &mut String) {
    // Texts cannot fail to be written.
    out.push_str(&serde_json::to_string(text).unwrap_or_default());
}

/// JSON with the keys of its objects in order, and numbers in one spelling.
fn in_order(json: &str, out: &mut String) -> Result<()> {
    let broken = |e: serde_json::Error| unreadable(e.to_string());
    match json.as_bytes().first() {
        Some(b'{') => {
            let map: BTreeMap<String, &RawValue> = serde_json::from_str(json).map_err(broken)?;
            out.push('{');
            for (i, (key, value)) in map.into_iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                string(&key, out);
                out.push(':');
                in_order(value.get(), out)?;
            }
            out.push('}');
        }
        Some(b'[') => {
            let list: Vec<&RawValue> = serde_json::from_str(json).map_err(broken)?;
            out.push('[');
            for (i, value) in list.into_iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                in_order(value.get(), out)?;
            }
            out.push(']');
        }
        Some(b'"') => string(&serde_json::from_str::<String>(json).map_err(broken)?, out),
        Some(b't' | b'f' | b'n') => out.push_str(json),
        _ if json.parse::<i64>().is_ok() || json.parse::<u64>().is_ok() => out.push_str(json),
        _ => {
            let f: f64 = json.parse().map_err(|_| unreadable("it contains an invalid number"))?;
            let _ = write!(out, "{f:?}");
        }
    }
    Ok(())
}

/// Reads a cell that [`write`] wrote.
pub(super) fn read(kind: Kind, raw: &RawValue) -> Result<Cell> {
    let json = raw.get();
    if json == "null" {
        return Ok(Cell::Value(Value::Null));
    }
    let no = || unreadable(format!("it is not of kind {kind:?}"));
    let text = || serde_json::from_str::<Cow<'_, str>>(json).map_err(|_| no());
    Ok(Cell::Value(match kind {
        Kind::Boolean => Value::Bool(match json {
            "true" => true,
            "false" => false,
            _ => return Err(no()),
        }),
        Kind::Integer => Value::Integer(json.parse().map_err(|_| no())?),
        Kind::Float => {
            let f: f64 = text()?.parse().map_err(|_| no())?;
            if !f.is_finite() {
                return Err(no());
            }
            Value::Real(f)
        }
        Kind::Bytes => {
            let text = text()?;
            let pairs = text.as_bytes().chunks(2).map(|pair| {
                let pair = std::str::from_utf8(pair).ok().filter(|p| p.len() == 2)?;
                u8::from_str_radix(pair, 16).ok()
            });
            return Ok(Cell::Bytes(pairs.collect::<Option<_>>().ok_or_else(no)?));
        }
        Kind::Json | Kind::Components => {
            let text = text()?.into_owned();
            serde_json::from_str::<&RawValue>(&text).map_err(|_| no())?;
            Value::Text(text)
        }
        Kind::Text | Kind::Date | Kind::DateTime | Kind::Time | Kind::Decimal => {
            let text = text()?.into_owned();
            if text.contains('\0') {
                return Err(unreadable("it contains U+0000"));
            }
            Value::Text(text)
        }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn there_and_back(kind: Kind, value: ValueRef<'_>) -> String {
        let mut out = String::new();
        write(kind, value, &mut out).unwrap();
        let raw: &RawValue = serde_json::from_str(&out).unwrap();
        let again = read(kind, raw).unwrap();
        let mut second = String::new();
        let value = match &again {
            Cell::Value(Value::Null) => ValueRef::Null,
            Cell::Value(Value::Bool(b)) => ValueRef::Integer((*b).into()),
            Cell::Value(Value::Integer(n)) => ValueRef::Integer(*n),
            Cell::Value(Value::Real(f)) => ValueRef::Real(*f),
            Cell::Value(Value::Text(t)) => ValueRef::Text(t.as_bytes()),
            Cell::Bytes(b) => ValueRef::Blob(b),
        };
        write(kind, value, &mut second).unwrap();
        assert_eq!(out, second);
        out
    }

    #[test]
    fn cells_come_back_as_they_were() {
        for f in [0.1, 0.300_000_000_000_000_04, 5e-324, f64::MAX, -1.5, 1e20, 123_456_789.123_456_79] {
            let text = there_and_back(Kind::Float, ValueRef::Real(f));
            assert_eq!(text.trim_matches('"').parse::<f64>().unwrap().to_bits(), f.to_bits());
        }
        assert_eq!(there_and_back(Kind::Integer, ValueRef::Integer(i64::MIN)), i64::MIN.to_string());
        assert_eq!(there_and_back(Kind::Boolean, ValueRef::Integer(1)), "true");
        assert_eq!(there_and_back(Kind::Bytes, ValueRef::Blob(&[0, 255, 16])), "\"00ff10\"");
        assert_eq!(there_and_back(Kind::Text, ValueRef::Text("a\"\u{2028}\n".as_bytes())), "\"a\\\"\u{2028}\\n\"");
        assert_eq!(there_and_back(Kind::Text, ValueRef::Null), "null");
        let mixed = r#"{"b": 1.50, "a": [{"z": 1e2, "y": "x"}], "n": null, "big": 12345678901234567}"#;
        let compact = r#"{"a":[{"y":"x","z":100.0}],"b":1.5,"big":12345678901234567,"n":null}"#;
        let mut quoted = String::new();
        string(compact, &mut quoted);
        assert_eq!(there_and_back(Kind::Components, ValueRef::Text(mixed.as_bytes())), quoted);
    }

    #[test]
    fn what_is_no_cell_is_refused() {
        for (kind, json) in [
            (Kind::Integer, "1.5"),
            (Kind::Integer, "9223372036854775808"),
            (Kind::Integer, "\"1\""),
            (Kind::Float, "\"NaN\""),
            (Kind::Float, "\"inf\""),
            (Kind::Float, "1.5"),
            (Kind::Boolean, "1"),
            (Kind::Text, "7"),
            (Kind::Text, "\"a\\u0000\""),
            (Kind::Bytes, "\"0\""),
            (Kind::Bytes, "\"é\""),
            (Kind::Json, "\"{\""),
            (Kind::Components, "{}"),
        ] {
            let raw: &RawValue = serde_json::from_str(json).unwrap();
            assert!(read(kind, raw).is_err(), "{kind:?} {json}");
        }
        let mut out = String::new();
        assert!(write(Kind::Text, ValueRef::Text(&[0xff]), &mut out).is_err());
        assert!(write(Kind::Float, ValueRef::Real(f64::INFINITY), &mut out).is_err());
        assert!(write(Kind::Integer, ValueRef::Text(b"1"), &mut out).is_err());
    }
}
