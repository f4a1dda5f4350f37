//! Errors for callers, in their language: the texts are those of `locales/`.

use cairn_plugin::{Conflict, Error, translate};

/// Returns the error for a state that is in the way.
pub(crate) fn refuse_state(key: &str, locale: &str) -> Error {
    Error::Conflict(Conflict { kind: "state".to_owned(), existing: None, message: translate(key, locale, None) })
}
