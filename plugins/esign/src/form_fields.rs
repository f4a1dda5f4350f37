//! Texts that a form sent, by name, from JSON or from a browser's own encoding. It knows no host.

use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Most fields of a form: more than an envelope can have for one signer.
const MAX_FIELDS: usize = 400;

/// The fields of a form by name, without space around them.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct FormFields(BTreeMap<String, String>);

impl FormFields {
    /// Reads a body of that media type; none where it is no form.
    pub(crate) fn parse(media_type: &str, body: &[u8]) -> Option<Self> {
        if is_browser_form(media_type) { Self::parse_urlencoded(body) } else { Self::parse_json(body) }
    }

    fn parse_json(body: &[u8]) -> Option<Self> {
        if body.is_empty() {
            return Some(Self::default());
        }
        let sent: Map<String, Value> = serde_json::from_slice(body).ok()?;
        let to_text = |(name, value): (String, Value)| match value {
            Value::String(text) => Some((name, text.trim().to_owned())),
            Value::Bool(true) => Some((name, "yes".to_owned())),
            Value::Null | Value::Bool(false) => Some((name, String::new())),
            Value::Number(number) => Some((name, number.to_string())),
            Value::Array(_) | Value::Object(_) => None,
        };
        if sent.len() > MAX_FIELDS { None } else { sent.into_iter().map(to_text).collect::<Option<_>>().map(Self) }
    }

    fn parse_urlencoded(body: &[u8]) -> Option<Self> {
        let mut fields = BTreeMap::new();
        for (count, (name, value)) in form_urlencoded::parse(body).enumerate() {
            if count >= MAX_FIELDS {
                return None;
            }
            fields.insert(name.into_owned(), value.trim().to_owned());
        }
        Some(Self(fields))
    }

    /// The value of a field; empty where there is none.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }
}

/// True if a body of that media type comes from a browser's own form.
pub(crate) fn is_browser_form(media_type: &str) -> bool {
    let kind = media_type.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_and_browser_forms_give_the_same_fields() {
        let json =
            FormFields::parse("application/json", br#"{"typed":" Ann ","consent":true,"n":7,"x":null}"#).unwrap();
        let form = FormFields::parse("application/x-www-form-urlencoded", b"typed=+Ann+&consent=yes&n=7").unwrap();
        for fields in [&json, &form] {
            assert_eq!((fields.text("typed"), fields.text("consent"), fields.text("n")), ("Ann", "yes", "7"));
            assert_eq!((fields.text("x"), fields.text("y")), ("", ""));
        }
        assert_eq!(FormFields::parse("", b""), Some(FormFields::default()));
    }

    #[test]
    fn what_is_no_form_is_none() {
        for body in ["{", "[]", "7", "null", r#"{"a":["b"]}"#, r#"{"a":{"$ne":""}}"#] {
            assert_eq!(FormFields::parse("application/json", body.as_bytes()), None, "{body}");
        }
        let many: String = (0..500).map(|n| format!("f{n}=1&")).collect();
        assert_eq!(FormFields::parse("application/x-www-form-urlencoded", many.as_bytes()), None);
    }
}
