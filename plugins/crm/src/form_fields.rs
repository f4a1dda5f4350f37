//! Fields that a form sent, with plain values, from JSON or from a browser's own encoding. It knows no host.

use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Most fields of a form.
const MAX_FIELDS: usize = 100;

/// The fields of a form by name. Empty ones are left out.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct FormFields(BTreeMap<String, Value>);

/// Why a body is no form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FormError {
    /// It is neither a JSON object nor a browser's encoding of a form.
    Body,
    /// It has too many fields.
    TooMany,
    /// These fields are lists or objects.
    Nested(Vec<String>),
}

impl FormFields {
    /// Reads a body of that media type.
    ///
    /// # Errors
    /// [`FormError`] where it is no form.
    pub(crate) fn parse(media_type: &str, body: &[u8]) -> Result<Self, FormError> {
        if is_browser_form(media_type) { Self::parse_urlencoded(body) } else { Self::parse_json(body) }
    }

    fn parse_json(body: &[u8]) -> Result<Self, FormError> {
        let sent: Map<String, Value> = serde_json::from_slice(body).map_err(|_| FormError::Body)?;
        if sent.len() > MAX_FIELDS {
            return Err(FormError::TooMany);
        }
        let is_nested = |value: &Value| matches!(value, Value::Array(_) | Value::Object(_));
        let nested: Vec<String> = sent.iter().filter(|(_, v)| is_nested(v)).map(|(name, _)| name.clone()).collect();
        if !nested.is_empty() {
            return Err(FormError::Nested(nested));
        }
        Ok(Self(sent.into_iter().filter(|(_, value)| !is_empty(value)).collect()))
    }

    fn parse_urlencoded(body: &[u8]) -> Result<Self, FormError> {
        let mut fields: BTreeMap<String, Value> = BTreeMap::new();
        for (count, (name, value)) in form_urlencoded::parse(body).enumerate() {
            if count >= MAX_FIELDS {
                return Err(FormError::TooMany);
            }
            if value.trim().is_empty() {
                continue;
            }
            match fields.get_mut(name.as_ref()) {
                // Of several boxes with one name all that were ticked.
                Some(Value::String(known)) => {
                    known.push_str(", ");
                    known.push_str(&value);
                }
                _ => {
                    fields.insert(name.into_owned(), Value::String(value.into_owned()));
                }
            }
        }
        Ok(Self(fields))
    }

    /// The value of a field as text, without space around it; none where it is empty.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.0.get(name).map(to_text)
    }

    /// The value of a field as it was sent.
    pub(crate) fn value(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// Fields whose names are not among these, with their values as text.
    pub(crate) fn others<'a>(&'a self, known: &'a [&str]) -> impl Iterator<Item = (&'a str, String)> {
        let is_other = |(name, _): &(&String, &Value)| !known.contains(&name.as_str());
        self.0.iter().filter(is_other).map(|(name, value)| (name.as_str(), to_text(value)))
    }
}

/// True if a body of that media type comes from a browser's own form.
pub(crate) fn is_browser_form(media_type: &str) -> bool {
    let kind = media_type.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

fn to_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.trim().to_owned(),
        other => other.to_string(),
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_and_browser_forms_give_the_same_fields() {
        let json = FormFields::parse(
            "application/json",
            r#"{"name":" Sanne ","guests":80,"email":"","phone":null}"#.as_bytes(),
        );
        let form =
            FormFields::parse("application/x-www-form-urlencoded; charset=UTF-8", b"name=+Sanne+&guests=80&email=");
        let (json, form) = (json.unwrap(), form.unwrap());
        for fields in [&json, &form] {
            assert_eq!(fields.text("name").as_deref(), Some("Sanne"));
            assert_eq!(fields.text("guests").as_deref(), Some("80"));
            assert_eq!((fields.text("email"), fields.text("phone"), fields.text("other")), (None, None, None));
        }
    }

    #[test]
    fn ticked_boxes_of_one_name_are_kept_together() {
        let form =
            FormFields::parse("application/x-www-form-urlencoded", b"extra=Foto&extra=Saxofoon&naam=Zo%C3%AB").unwrap();
        assert_eq!(form.text("extra").as_deref(), Some("Foto, Saxofoon"));
        assert_eq!(form.others(&["extra"]).collect::<Vec<_>>(), [("naam", "Zoë".to_owned())]);
    }

    #[test]
    fn what_is_no_form_is_an_error() {
        for body in ["", "{", "[]", "7", "null", "{\"a\":1} x"] {
            assert_eq!(FormFields::parse("application/json", body.as_bytes()), Err(FormError::Body), "{body}");
        }
        let nested = FormFields::parse("application/json", br#"{"name":["a"],"email":{"$ne":""},"x":1}"#);
        assert_eq!(nested, Err(FormError::Nested(vec!["email".into(), "name".into()])));
        let many: String = (0..200).map(|n| format!("f{n}=1&")).collect();
        assert_eq!(FormFields::parse("application/x-www-form-urlencoded", many.as_bytes()), Err(FormError::TooMany));
        // Bytes that are no text become the sign for that, and nothing fails.
        assert!(FormFields::parse("application/x-www-form-urlencoded", &[b'a', b'=', 0xff, 0xfe]).is_ok());
    }
}
