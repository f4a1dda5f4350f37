//! JSON bodies, stricter than the grammar: a key twice in one object, more than [`MAX_JSON_DEPTH`] levels or a NUL character is
//! refused with its place; a number beyond a double is refused by the parser.

use crate::error::WireError;
use cairn_model::ErrorKind;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::fmt;

/// Levels of objects and arrays a body may have.
const MAX_JSON_DEPTH: usize = 64;

/// Parses a body.
pub fn parse_json(bytes: &[u8]) -> Result<Value, WireError> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let strict = StrictJson { depth: MAX_JSON_DEPTH };
    strict
        .deserialize(&mut reader)
        .and_then(|v| reader.end().map(|()| v))
        .map_err(|e| WireError::new(ErrorKind::Syntax, format!("The body is not valid JSON: {e}")))
}

#[derive(Clone, Copy)]
struct StrictJson {
    depth: usize,
}

impl StrictJson {
    fn descend_level<E: Error>(self) -> Result<Self, E> {
        match self.depth.checked_sub(1) {
            Some(depth) => Ok(Self { depth }),
            None => Err(E::custom(format_args!("nested deeper than {MAX_JSON_DEPTH} levels"))),
        }
    }
}

fn check_text<E: Error>(s: String) -> Result<String, E> {
    if s.contains('\0') { Err(E::custom("a NUL character in a string")) } else { Ok(s) }
}

impl<'de> DeserializeSeed<'de> for StrictJson {
    type Value = Value;
    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<Value, D::Error> {
        d.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for StrictJson {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }
    fn visit_bool<E: Error>(self, b: bool) -> Result<Value, E> {
        Ok(Value::Bool(b))
    }
    fn visit_i64<E: Error>(self, n: i64) -> Result<Value, E> {
        Ok(n.into())
    }
    fn visit_u64<E: Error>(self, n: u64) -> Result<Value, E> {
        Ok(n.into())
    }
    fn visit_f64<E: Error>(self, n: f64) -> Result<Value, E> {
        Number::from_f64(n).map(Value::Number).ok_or_else(|| E::custom("number out of range"))
    }
    fn visit_str<E: Error>(self, s: &str) -> Result<Value, E> {
        check_text(s.to_owned()).map(Value::String)
    }
    fn visit_string<E: Error>(self, s: String) -> Result<Value, E> {
        check_text(s).map(Value::String)
    }
    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let inside = self.descend_level()?;
        let mut list = Vec::new();
        while let Some(v) = seq.next_element_seed(inside)? {
            list.push(v);
        }
        Ok(Value::Array(list))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let inside = self.descend_level()?;
        let mut object = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            let key = check_text(key)?;
            if object.contains_key(&key) {
                return Err(A::Error::custom(format_args!("duplicate key {key:?}")));
            }
            let value = map.next_value_seed(inside)?;
            object.insert(key, value);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::StatusCode;

    #[test]
    fn valid_json_is_parsed() {
        let text = r#"{"a":[1,-2,2.5,"x",null,true,{"b":"\u00e9"}],"n":18446744073709551615}"#;
        assert_eq!(parse_json(text.as_bytes()).ok(), serde_json::from_str(text).ok());
    }

    #[test]
    fn malformed_ambiguous_or_deep_json_is_rejected() {
        let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
        let abyss = "[".repeat(1_000_000);
        for bad in [
            r#"{"a":1,"a":2}"#,
            r#"{"data":{"x":{"y":1,"y":1}}}"#,
            "{\"a\":\"\\u0000\"}",
            "1e999",
            "[1,]",
            "{",
            "",
            "nul",
            "\"\\ud800\"",
            "[1] 2",
            deep.as_str(),
            abyss.as_str(),
        ] {
            let response = parse_json(bad.as_bytes()).err().map(WireError::into_http_response);
            assert_eq!(response.map(|r| r.status()), Some(StatusCode::BAD_REQUEST), "{}", &bad[..bad.len().min(40)]);
        }
        assert!(parse_json(b"{\"a\":\"\xff\"}").is_err());
    }
}
