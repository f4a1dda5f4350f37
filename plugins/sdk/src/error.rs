//! Errors with which every call to the host can fail, and those that a plugin's own errors become.

use crate::bindings::types::{Error, FieldError};

/// A result of the plugin's own functions.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// One field is wrong: `path` is `items[2].price`, or empty for the whole; `code` is for programs, `message` for people.
    pub fn field(path: impl Into<String>, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError { path: path.into(), code: code.into(), message: message.into() }])
    }

    /// The manifest has a section of that name, and the plugin not the function it calls.
    pub(crate) fn unimplemented(function: &str, section: &str) -> Self {
        Self::field("", "unimplemented", format!("the plugin has no `{function}` for \"{section}\" of its manifest"))
    }

    /// True if it is a conflict of that kind: `unique`, `version`, `lock`, `state` or `idempotency`.
    #[must_use]
    pub fn is_conflict(&self, kind: &str) -> bool {
        matches!(self, Self::Conflict(conflict) if conflict.kind == kind)
    }

    /// One line for a log or a dead letter.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Invalid(fields) => {
                let fields: Vec<_> = fields.iter().map(|f| format!("{}: {}", f.path, f.message)).collect();
                format!("invalid: {}", fields.join("; "))
            }
            Self::Denied(what) => format!("denied: {what}"),
            Self::NotFound(what) => format!("not found: {what}"),
            Self::Conflict(conflict) => format!("conflict ({}): {}", conflict.kind, conflict.message),
            Self::Exhausted(budget) => format!("exhausted: {budget}"),
            Self::Unavailable(after) => match after {
                Some(millis) => format!("unavailable for {millis} ms"),
                None => "unavailable".to_owned(),
            },
            Self::Internal(reference) => format!("fault of the host, reference {reference}"),
        }
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        said_of_json("", &error)
    }
}

/// Reads JSON; what does not fit is told with the place of it.
///
/// # Errors
/// [`Error::Invalid`]: with the code `json` and no path where it is no JSON, with `type` and the path of the value where it does not fit `T`.
pub(crate) fn read_json<'de, T: serde::Deserialize<'de>>(bytes: &'de [u8]) -> Result<T> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(Error::field("", "json", "There is no body, where JSON is expected"));
    }
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let read = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = match error.path().to_string() {
            path if path == "." => String::new(),
            path => path,
        };
        said_of_json(&path, error.inner())
    })?;
    json.end()?;
    Ok(read)
}

/// Converts an error of JSON. One about fields is without places in the text: who sends it knows fields, not columns.
fn said_of_json(path: &str, error: &serde_json::Error) -> Error {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    let plain = text.strip_suffix(&place).unwrap_or(&text);
    if error.is_data() {
        return Error::field(within(path, plain), "type", sentence(plain));
    }
    let end = if error.is_eof() { "it ends too early" } else { plain };
    Error::field("", "json", format!("This is no JSON: {end} (line {}, column {})", error.line(), error.column()))
}

/// The field itself, where what is missing or not known is one of the value at `path`.
fn within(path: &str, message: &str) -> String {
    let named = ["missing field `", "unknown field `"].iter().find_map(|start| message.strip_prefix(start));
    match named.and_then(|rest| rest.split_once('`')) {
        Some((field, _)) if path.is_empty() => field.to_owned(),
        // An unknown field is part of the path already.
        Some((field, _)) if path.rsplit('.').next() != Some(field) => format!("{path}.{field}"),
        _ => path.to_owned(),
    }
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Conflict;

    #[test]
    fn every_error_says_what_it_is_in_a_line() {
        let conflict = Conflict { kind: "version".into(), existing: None, message: "moved on".into() };
        let conflict = Error::Conflict(conflict);
        assert!(conflict.is_conflict("version") && !conflict.is_conflict("unique"));
        assert!(!Error::Denied(String::new()).is_conflict("version"));
        assert_eq!(conflict.describe(), "conflict (version): moved on");
        assert_eq!(Error::Unavailable(Some(5)).describe(), "unavailable for 5 ms");
        assert_eq!(Error::field("a", "b", "c").describe(), "invalid: a: c");
    }

    #[test]
    fn json_that_is_none_is_invalid() {
        let failed = serde_json::from_str::<Vec<u8>>("[").map_err(Error::from);
        assert!(matches!(failed, Err(Error::Invalid(fields)) if fields[0].code == "json"));
    }

    #[derive(Debug, PartialEq, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Order {
        email: String,
        items: Vec<Item>,
    }

    #[derive(Debug, PartialEq, serde::Deserialize)]
    struct Item {
        price: u32,
    }

    #[test]
    fn what_does_not_fit_is_told_with_its_place() {
        for (body, path, code, message) in [
            (r#"{"email":"a","items":[{"price":1},{"price":"x"}]}"#, "items[1].price", "type", "string \"x\""),
            (r#"{"email":"a","items":[{}]}"#, "items[0].price", "type", "Missing field `price`"),
            (r#"{"items":[]}"#, "email", "type", "Missing field `email`"),
            (r#"{"email":"a","items":[],"more":1}"#, "more", "type", "Unknown field `more`"),
            (r#"{"email":7,"items":[]}"#, "email", "type", "Invalid type"),
            ("7", "", "type", "Invalid type: integer `7`"),
            ("[1]", "[0]", "type", "expected a string"),
            (r#"{"email":"a""#, "", "json", "it ends too early"),
            (r#"{"email":"a",}"#, "", "json", "This is no JSON"),
            (r#"{"email":"a","items":[]} x"#, "", "json", "trailing characters"),
            ("", "", "json", "There is no body"),
            (" \n", "", "json", "There is no body"),
        ] {
            let Err(Error::Invalid(fields)) = read_json::<Order>(body.as_bytes()) else { panic!("{body}") };
            assert_eq!((fields[0].path.as_str(), fields[0].code.as_str()), (path, code), "{body}: {fields:?}");
            assert!(fields[0].message.contains(message), "{body}: {fields:?}");
            assert!(code == "json" || !fields[0].message.contains("column"), "{body}: {fields:?}");
        }
        let read = read_json::<Order>(br#"{"email":"a","items":[{"price":1}]}"#);
        assert_eq!(read, Ok(Order { email: "a".into(), items: vec![Item { price: 1 }] }));
    }
}
