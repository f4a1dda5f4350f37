//! What every call to the host can fail with, and what a plugin's own errors become.

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

    /// Whether it is a conflict of that kind: `unique`, `version`, `lock`, `state` or `idempotency`.
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
        Self::field("", "json", error.to_string())
    }
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
        let failed = serde_json::from_str::<u8>("{").map_err(Error::from);
        assert!(matches!(failed, Err(Error::Invalid(fields)) if fields[0].code == "json"));
    }
}
