//! Errors for callers, in their language: the texts are `refused.<code>` of `locales/`.

use cairn_plugin::{Conflict, Error, FieldError, translate};
use serde_json::Value;

/// A field is wrong.
pub(crate) fn wrong_field(path: &str, code: &str, locale: &str, arguments: Option<&Value>) -> Error {
    Error::field(path, code, translate(&format!("refused.{code}"), locale, arguments))
}

/// Describes fields that are wrong, each with its code and the arguments of its text.
pub(crate) fn wrong_fields<'a>(
    fields: impl Iterator<Item = (&'a str, &'a str, Option<&'a Value>)>,
    locale: &str,
) -> Vec<FieldError> {
    let describe = |(path, code, arguments): (&str, &str, Option<&Value>)| FieldError {
        path: path.to_owned(),
        code: code.to_owned(),
        message: translate(&format!("refused.{code}"), locale, arguments),
    };
    fields.map(describe).collect()
}

/// Returns the error for a state that is in the way (409).
pub(crate) fn wrong_state(code: &str, locale: &str) -> Error {
    let message = translate(&format!("refused.{code}"), locale, None);
    Error::Conflict(Conflict { kind: "state".to_owned(), existing: None, message })
}
