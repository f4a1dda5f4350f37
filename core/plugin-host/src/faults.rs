//! Errors of Cairn as a guest is told them. What the database says stays here; the guest gets a reference to look for in the log.

use crate::bindings::types::{Conflict, Error, FieldError};
use cairn_content::{ContentError, Refusal, RefusalKind};
use cairn_store::StoreError;
use serde_json::Value as Json;

/// What a unique value that is taken is called by.
const UNIQUE: &str = "This attribute must be unique";

/// Something that the guest has no part in.
pub(crate) fn internal(error: impl std::fmt::Display) -> Error {
    let reference = format!("{:08x}", rand::random::<u32>());
    tracing::error!(%error, reference, "a call of the host failed");
    Error::Internal(reference)
}

/// One complaint about what the guest sent.
pub(crate) fn invalid(path: &str, code: &str, message: impl Into<String>) -> Error {
    Error::Invalid(vec![FieldError { path: path.to_owned(), code: code.to_owned(), message: message.into() }])
}

/// It may not.
pub(crate) fn denied(message: impl Into<String>) -> Error {
    Error::Denied(message.into())
}

/// Something is in the way.
pub(crate) fn conflict(kind: &str, message: impl Into<String>) -> Error {
    Error::Conflict(Conflict { kind: kind.to_owned(), existing: None, message: message.into() })
}

/// Of a use-case.
pub(crate) fn of_content(error: ContentError) -> Error {
    match error {
        ContentError::Refused(refusal) => of_refusal(&refusal),
        ContentError::Store(StoreError::Conflict) => conflict("lock", "another transaction was faster: try again"),
        ContentError::Store(StoreError::Unique) => conflict("unique", UNIQUE),
        ContentError::Store(StoreError::Unavailable(_)) => Error::Unavailable(None),
        other => internal(other),
    }
}

fn of_refusal(refusal: &Refusal) -> Error {
    match refusal.kind {
        RefusalKind::Forbidden => Error::Denied(refusal.message.clone()),
        RefusalKind::NotFound => Error::NotFound(refusal.message.clone()),
        RefusalKind::Conflict => conflict("version", &refusal.message),
        RefusalKind::TooMany | RefusalKind::Unavailable => Error::Unavailable(None),
        _ => {
            let errors = fields(&refusal.details);
            if !errors.is_empty() && errors.iter().all(|e| e.message == UNIQUE) {
                return conflict("unique", format!("{UNIQUE}: {}", errors[0].path));
            }
            match errors.is_empty() {
                true => invalid("", "invalid", &refusal.message),
                false => Error::Invalid(errors),
            }
        }
    }
}

/// The errors in the details of a refusal.
fn fields(details: &Json) -> Vec<FieldError> {
    let list = details["errors"].as_array().map_or(&[][..], Vec::as_slice);
    let one = |error: &Json| FieldError {
        path: path(&error["path"]),
        code: "invalid".to_owned(),
        message: error["message"].as_str().unwrap_or_default().to_owned(),
    };
    list.iter().map(one).collect()
}

/// `["items", 2, "price"]` as `items[2].price`.
fn path(steps: &Json) -> String {
    let mut text = String::new();
    for step in steps.as_array().map_or(&[][..], Vec::as_slice) {
        let number = step.as_u64().or_else(|| step.as_str().and_then(|s| s.parse().ok()));
        match (number, step.as_str()) {
            (Some(number), _) => text.push_str(&format!("[{number}]")),
            (None, Some(name)) if text.is_empty() => text.push_str(name),
            (None, Some(name)) => {
                text.push('.');
                text.push_str(name);
            }
            (None, None) => {}
        }
    }
    text
}

/// `items[2].price` as steps.
pub(crate) fn steps(path: &str) -> Vec<String> {
    path.split(['.', '[', ']']).filter(|step| !step.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn paths_go_both_ways() {
        assert_eq!(path(&json!(["items", 2, "price"])), "items[2].price");
        assert_eq!(path(&json!(["items", "2", "price"])), "items[2].price");
        assert_eq!(steps("items[2].price"), ["items", "2", "price"]);
        assert_eq!((path(&json!([])), steps("")), (String::new(), Vec::new()));
    }
}
