//! Plain values: how each is made from the JSON of the content API.

use async_graphql::{Name, Value};
use serde_json::Value as Json;
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

/// Largest whole number that a number of JavaScript has all digits of.
const MAX_SAFE_INTEGER: u64 = (1 << 53) - 1;

/// How a plain value is read from JSON.
#[derive(Clone)]
pub(crate) enum ScalarFormat {
    Plain,
    /// As a text.
    Id,
    Long,
    /// By the name of the value; one that the enumeration does not have any more is null.
    Enumeration(Arc<HashMap<String, String>>),
}

impl ScalarFormat {
    pub(crate) fn read(&self, json: &Json) -> Option<Value> {
        match (self, json) {
            (_, Json::Null) => None,
            (Self::Plain, json) => Value::from_json(json.clone()).ok(),
            (Self::Id, Json::String(text)) => Some(Value::String(text.clone())),
            (Self::Id, other) => Some(Value::String(other.to_string())),
            (Self::Long, Json::String(text)) => Some(match read_safe_integer(text) {
                Some(number) => Value::from(number),
                None => Value::String(text.clone()),
            }),
            (Self::Long, json) => Value::from_json(json.clone()).ok(),
            (Self::Enumeration(names), json) => {
                json.as_str().and_then(|value| names.get(value)).map(|name| Value::Enum(Name::new(name)))
            }
        }
    }

    /// Writes the value of a JSON text that is valid, as [`Self::read`] reads it; null where that finds none. Returns whether it is something
    /// else than null; `None` for what only `read` can read.
    pub(crate) fn write(&self, raw: &str, out: &mut Vec<u8>) -> Option<bool> {
        if raw == "null" {
            out.extend_from_slice(b"null");
            return Some(false);
        }
        let text = raw.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        match (self, text) {
            (Self::Plain, _) | (Self::Id, Some(_)) | (Self::Long, None) => out.extend_from_slice(raw.as_bytes()),
            (Self::Id, None) if raw.starts_with(['{', '[']) => return None,
            (Self::Id, None) => {
                out.push(b'"');
                out.extend_from_slice(raw.as_bytes());
                out.push(b'"');
            }
            // Escapes are in no number.
            (Self::Long, Some(text)) => match read_safe_integer(text) {
                Some(number) => out.extend_from_slice(number.to_string().as_bytes()),
                None => out.extend_from_slice(raw.as_bytes()),
            },
            (Self::Enumeration(names), text) => {
                let value = match text {
                    Some(text) if !text.contains('\\') => Some(Cow::Borrowed(text)),
                    Some(_) => serde_json::from_str::<String>(raw).ok().map(Cow::Owned),
                    None => None,
                };
                let Some(name) = value.and_then(|value| names.get(&*value)) else {
                    out.extend_from_slice(b"null");
                    return Some(false);
                };
                out.push(b'"');
                out.extend_from_slice(name.as_bytes());
                out.push(b'"');
            }
        }
        Some(true)
    }
}

fn read_safe_integer(text: &str) -> Option<i64> {
    text.parse::<i64>().ok().filter(|number| number.unsigned_abs() <= MAX_SAFE_INTEGER)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn long_numbers_keep_their_digits() {
        for (json, expected) in [
            (json!("12"), json!(12)),
            (json!("-9007199254740991"), json!(-9_007_199_254_740_991_i64)),
            (json!("9007199254740993"), json!("9007199254740993")),
            (json!(7), json!(7)),
        ] {
            assert_eq!(ScalarFormat::Long.read(&json).unwrap().into_json().unwrap(), expected);
        }
        assert_eq!(ScalarFormat::Id.read(&json!(7)), Some(Value::String("7".into())));
        assert_eq!(ScalarFormat::Plain.read(&json!(null)), None);
    }

    #[test]
    fn values_are_written_as_they_are_read() {
        let names = [("new", "new"), ("it's", "it_s"), ("a\"b", "a_b")];
        let names = names.map(|(value, name)| (value.to_owned(), name.to_owned()));
        let enumeration = ScalarFormat::Enumeration(Arc::new(names.into()));
        let values = [
            json!(null),
            json!("x"),
            json!("12"),
            json!("007"),
            json!("+5"),
            json!("9007199254740993"),
            json!(""),
            json!("\"\\\n\u{e9}"),
            json!("new"),
            json!("it's"),
            json!("a\"b"),
            json!(7),
            json!(-1.5),
            json!(u64::MAX),
            json!(true),
            json!([1, null]),
            json!({"b": 1, "a": ["c"]}),
        ];
        for format in [ScalarFormat::Plain, ScalarFormat::Id, ScalarFormat::Long, enumeration] {
            for json in &values {
                let mut out = Vec::new();
                let read = format.read(json);
                let Some(has_value) = format.write(&json.to_string(), &mut out) else {
                    assert!(matches!(format, ScalarFormat::Id) && (json.is_array() || json.is_object()), "{json}");
                    continue;
                };
                assert_eq!(has_value, read.is_some(), "{json}");
                let expected = read.unwrap_or_default();
                assert_eq!(String::from_utf8(out).unwrap(), serde_json::to_string(&expected).unwrap(), "{json}");
            }
        }
    }
}
