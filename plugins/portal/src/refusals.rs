//! Errors for callers, in their language: the texts are `refused.<code>` of `locales/`.

use cairn_plugin::{Call, Conflict, Decision, Error, translate};
use serde_json::Value;

/// A field is wrong.
pub(crate) fn wrong_field(path: &str, code: &str, locale: &str, arguments: Option<&Value>) -> Error {
    Error::field(path, code, translate(&format!("refused.{code}"), locale, arguments))
}

/// Returns the error for a state that is in the way (409).
pub(crate) fn wrong_state(code: &str, locale: &str) -> Error {
    let message = translate(&format!("refused.{code}"), locale, None);
    Error::Conflict(Conflict { kind: "state".to_owned(), existing: None, message })
}

/// Turns a change down for one field.
pub(crate) fn refuse_field(path: &str, code: &str, call: &Call, arguments: Option<&Value>) -> Decision {
    Decision::refuse_field(path, code, translate(&format!("refused.{code}"), &call.locale, arguments))
}

/// Turns a change down because of what is there (409).
pub(crate) fn refuse_state(code: &str, call: &Call) -> Decision {
    Decision::conflict("state", translate(&format!("refused.{code}"), &call.locale, None))
}
