//! Cells of a row → JSON text, and back.

use super::CellKind;
use crate::connection::{Param, ToParam, Value, ValueRef};
use crate::{Result, StoreError};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write;

/// A cell that is written to a database.
#[derive(Debug)]
pub(super) enum LoadedCell {
    Value(Value),
    Bytes(Vec<u8>),
}

impl ToParam for LoadedCell {
    fn param(&self) -> Param<'_> {
        match self {
            Self::Value(value) => value.param(),
            Self::Bytes(bytes) => Param::Blob(bytes),
        }
    }
}

fn corrupt_cell(message: impl Into<String>) -> StoreError {
    StoreError::Corrupt { place: String::new(), message: message.into() }
}

/// Appends a cell as JSON. The caller adds the place to errors.
pub(super) fn write_cell(kind: CellKind, value: ValueRef<'_>, out: &mut String) -> Result<()> {
    match (kind, value) {
        (_, ValueRef::Null) => out.push_str("null"),
        (CellKind::Boolean, ValueRef::Integer(n)) => out.push_str(if n == 0 { "false" } else { "true" }),
        (CellKind::Integer, ValueRef::Integer(n)) => {
            let _ = write!(out, "{n}");
        }
        (CellKind::Float, ValueRef::Real(f)) if f.is_finite() => {
            let _ = write!(out, "\"{f:?}\"");
        }
        (CellKind::Bytes, ValueRef::Blob(bytes)) => {
            out.push('"');
            for byte in bytes {
                let _ = write!(out, "{byte:02x}");
            }
            out.push('"');
        }
        (CellKind::Components, value) => {
            let text = value.to_text().ok_or_else(|| corrupt_cell("it is not text"))?;
            let mut sorted = String::with_capacity(text.len());
            let raw: &RawValue = serde_json::from_str(&text).map_err(|e| corrupt_cell(e.to_string()))?;
            write_sorted_json(raw.get(), &mut sorted)?;
            write_string(&sorted, out);
        }
        (
            CellKind::Text | CellKind::Date | CellKind::DateTime | CellKind::Time | CellKind::Decimal | CellKind::Json,
            value,
        ) => match value {
            // Text that is no UTF-8 must not be made to look as if it were.
            ValueRef::Text(bytes) => {
                let text = std::str::from_utf8(bytes).map_err(|_| corrupt_cell("it is not valid UTF-8"))?;
                write_string(&without_nul(text), out);
            }
            value => write_string(&value.to_text().ok_or_else(|| corrupt_cell("it is not text"))?, out),
        },
        (kind, _) => return Err(corrupt_cell(format!("it is not of kind {kind:?}"))),
    }
    Ok(())
}

/// Text as every database can hold it. SQLite holds U+0000 in texts of system tables, such as the error of a job; PostgreSQL cannot, and Cairn
/// stores U+FFFE in its place there.
fn without_nul(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { text.replace('\0', "\u{fffe}").into() } else { text.into() }
}

fn write_string(text: &str, out: &mut String) {
    // Texts cannot fail to be written.
    out.push_str(&serde_json::to_string(text).unwrap_or_default());
}

/// JSON with the keys of its objects in order, and numbers in one spelling.
fn write_sorted_json(json: &str, out: &mut String) -> Result<()> {
    let broken = |e: serde_json::Error| corrupt_cell(e.to_string());
    match json.as_bytes().first() {
        Some(b'{') => {
            let map: BTreeMap<String, &RawValue> = serde_json::from_str(json).map_err(broken)?;
            out.push('{');
            for (i, (key, value)) in map.into_iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write_string(&key, out);
                out.push(':');
                write_sorted_json(value.get(), out)?;
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
                write_sorted_json(value.get(), out)?;
            }
            out.push(']');
        }
        Some(b'"') => write_string(&serde_json::from_str::<String>(json).map_err(broken)?, out),
        Some(b't' | b'f' | b'n') => out.push_str(json),
        _ if json.parse::<i64>().is_ok() || json.parse::<u64>().is_ok() => out.push_str(json),
        _ => {
            let f: f64 = json.parse().map_err(|_| corrupt_cell("it contains an invalid number"))?;
            let _ = write!(out, "{f:?}");
        }
    }
    Ok(())
}

/// Reads a cell that [`write_cell`] wrote.
pub(super) fn read_cell(kind: CellKind, raw: &RawValue) -> Result<LoadedCell> {
    let json = raw.get();
    if json == "null" {
        return Ok(LoadedCell::Value(Value::Null));
    }
    let no = || corrupt_cell(format!("it is not of kind {kind:?}"));
    let text = || serde_json::from_str::<Cow<'_, str>>(json).map_err(|_| no());
    Ok(LoadedCell::Value(match kind {
        CellKind::Boolean => Value::Bool(match json {
            "true" => true,
            "false" => false,
            _ => return Err(no()),
        }),
        CellKind::Integer => Value::Integer(json.parse().map_err(|_| no())?),
        CellKind::Float => {
            let f: f64 = text()?.parse().map_err(|_| no())?;
            if !f.is_finite() {
                return Err(no());
            }
            Value::Real(f)
        }
        CellKind::Bytes => {
            let text = text()?;
            let pairs = text.as_bytes().chunks(2).map(|pair| {
                let pair = std::str::from_utf8(pair).ok().filter(|p| p.len() == 2)?;
                u8::from_str_radix(pair, 16).ok()
            });
            return Ok(LoadedCell::Bytes(pairs.collect::<Option<_>>().ok_or_else(no)?));
        }
        CellKind::Json | CellKind::Components => {
            let text = text()?.into_owned();
            serde_json::from_str::<&RawValue>(&text).map_err(|_| no())?;
            Value::Text(text)
        }
        // Dumps of earlier versions contain U+0000.
        CellKind::Text => Value::Text(without_nul(&text()?).into_owned()),
        CellKind::Date | CellKind::DateTime | CellKind::Time | CellKind::Decimal => {
            let text = text()?.into_owned();
            if text.contains('\0') {
                return Err(corrupt_cell("it contains U+0000"));
            }
            Value::Text(text)
        }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round_trip(kind: CellKind, value: ValueRef<'_>) -> String {
        let mut out = String::new();
        write_cell(kind, value, &mut out).unwrap();
        let raw: &RawValue = serde_json::from_str(&out).unwrap();
        let cell = read_cell(kind, raw).unwrap();
        let mut second = String::new();
        let value = match &cell {
            LoadedCell::Value(Value::Null) => ValueRef::Null,
            LoadedCell::Value(Value::Bool(b)) => ValueRef::Integer((*b).into()),
            LoadedCell::Value(Value::Integer(n)) => ValueRef::Integer(*n),
            LoadedCell::Value(Value::Real(f)) => ValueRef::Real(*f),
            LoadedCell::Value(Value::Text(t)) => ValueRef::Text(t.as_bytes()),
            LoadedCell::Bytes(b) | LoadedCell::Value(Value::Bytes(b)) => ValueRef::Blob(b),
        };
        write_cell(kind, value, &mut second).unwrap();
        assert_eq!(out, second);
        out
    }

    #[test]
    fn cells_survive_a_round_trip() {
        for f in [0.1, 0.300_000_000_000_000_04, 5e-324, f64::MAX, -1.5, 1e20, 123_456_789.123_456_79] {
            let text = round_trip(CellKind::Float, ValueRef::Real(f));
            assert_eq!(text.trim_matches('"').parse::<f64>().unwrap().to_bits(), f.to_bits());
        }
        assert_eq!(round_trip(CellKind::Integer, ValueRef::Integer(i64::MIN)), i64::MIN.to_string());
        assert_eq!(round_trip(CellKind::Boolean, ValueRef::Integer(1)), "true");
        assert_eq!(round_trip(CellKind::Bytes, ValueRef::Blob(&[0, 255, 16])), "\"00ff10\"");
        assert_eq!(round_trip(CellKind::Text, ValueRef::Text("a\"\u{2028}\n".as_bytes())), "\"a\\\"\u{2028}\\n\"");
        assert_eq!(round_trip(CellKind::Text, ValueRef::Null), "null");
        assert_eq!(round_trip(CellKind::Text, ValueRef::Text(b"a\0")), "\"a\u{fffe}\"");
        // Earlier versions escaped NUL in exports.
        let raw: &RawValue = serde_json::from_str("\"a\\u0000\"").unwrap();
        let cell = read_cell(CellKind::Text, raw).unwrap();
        assert!(matches!(&cell, LoadedCell::Value(Value::Text(text)) if text == "a\u{fffe}"), "{cell:?}");
        let mixed = r#"{"b": 1.50, "a": [{"z": 1e2, "y": "x"}], "n": null, "big": 12345678901234567}"#;
        let compact = r#"{"a":[{"y":"x","z":100.0}],"b":1.5,"big":12345678901234567,"n":null}"#;
        let mut quoted = String::new();
        write_string(compact, &mut quoted);
        assert_eq!(round_trip(CellKind::Components, ValueRef::Text(mixed.as_bytes())), quoted);
    }

    #[test]
    fn invalid_cells_are_rejected() {
        for (kind, json) in [
            (CellKind::Integer, "1.5"),
            (CellKind::Integer, "9223372036854775808"),
            (CellKind::Integer, "\"1\""),
            (CellKind::Float, "\"NaN\""),
            (CellKind::Float, "\"inf\""),
            (CellKind::Float, "1.5"),
            (CellKind::Boolean, "1"),
            (CellKind::Text, "7"),
            (CellKind::Decimal, "\"1\\u0000\""),
            (CellKind::Bytes, "\"0\""),
            (CellKind::Bytes, "\"é\""),
            (CellKind::Json, "\"{\""),
            (CellKind::Components, "{}"),
        ] {
            let raw: &RawValue = serde_json::from_str(json).unwrap();
            assert!(read_cell(kind, raw).is_err(), "{kind:?} {json}");
        }
        let mut out = String::new();
        assert!(write_cell(CellKind::Text, ValueRef::Text(&[0xff]), &mut out).is_err());
        assert!(write_cell(CellKind::Float, ValueRef::Real(f64::INFINITY), &mut out).is_err());
        assert!(write_cell(CellKind::Integer, ValueRef::Text(b"1"), &mut out).is_err());
    }
}
