//! Errors of Cairn as a guest sees them, and errors of a guest as its clients see them. Messages of the database stay here; the guest gets
//! a reference to look for in the log.

use crate::contract::bindings::types::{Conflict, DocumentRef, Error, FieldError};
use cairn_content::{ContentError, Refusal, RefusalKind};
use cairn_store::StoreError;
use serde_json::{Value as Json, json};
use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;
use std::time::Duration;

/// Message of the error for a unique value that exists already.
const UNIQUE_MESSAGE: &str = "This attribute must be unique";

/// Kind of a conflict with another transaction, after which the work is started afresh.
pub(crate) const LOCK_CONFLICT: &str = "lock";

/// Hides an error that is not the guest's behind a reference to the log.
pub(crate) fn internal_error(error: impl std::fmt::Display) -> Error {
    let reference = error_reference(rand::random());
    tracing::error!(%error, reference, "a host call failed");
    Error::Internal(reference)
}

/// A reference with a mark, by which an error that is only passed on is recognised as no failure of the plugin.
fn error_reference(number: u32) -> String {
    static MARK: LazyLock<RandomState> = LazyLock::new(RandomState::new);
    format!("{number:08x}-{:016x}", MARK.hash_one(number))
}

pub(crate) fn is_host_reference(text: &str) -> bool {
    let number = text.split_once('-').and_then(|(number, _)| u32::from_str_radix(number, 16).ok());
    number.is_some_and(|number| error_reference(number) == text)
}

/// The error for a secret that may be used, once there is one.
pub(crate) fn secret_not_set(secret: &str) -> Error {
    Error::NotFound(format!("the secret {secret:?} is not set: an administrator has to set it"))
}

/// The error for one invalid field of what the guest sent.
pub(crate) fn invalid_field(path: &str, code: &str, message: impl Into<String>) -> Error {
    Error::Invalid(vec![FieldError { path: path.to_owned(), code: code.to_owned(), message: message.into() }])
}

/// The error for something that the guest may not do.
pub(crate) fn denied_error(message: impl Into<String>) -> Error {
    Error::Denied(message.into())
}

/// The error for a conflict with what is stored.
pub(crate) fn conflict_error(kind: &str, message: impl Into<String>) -> Error {
    Error::Conflict(Conflict { kind: kind.to_owned(), existing: None, message: message.into() })
}

/// Converts an error of a use case.
pub(crate) fn from_content_error(error: ContentError) -> Error {
    match error {
        ContentError::Refused(refusal) => from_refusal(&refusal),
        ContentError::Store(StoreError::Conflict) => {
            conflict_error(LOCK_CONFLICT, "conflict with another transaction: try again")
        }
        ContentError::Store(StoreError::Unique) => conflict_error("unique", UNIQUE_MESSAGE),
        ContentError::Store(StoreError::Unavailable(_) | StoreError::Outdated) => Error::Unavailable(None),
        // In a hook: policies are evaluated for the types that the write itself reads.
        ContentError::UnevaluatedPolicy(message) => {
            denied_error(format!("{message}: read with the plugin's own permissions instead"))
        }
        other => internal_error(other),
    }
}

fn from_refusal(refusal: &Refusal) -> Error {
    match refusal.kind {
        RefusalKind::Forbidden => Error::Denied(refusal.message.clone()),
        RefusalKind::NotFound => Error::NotFound(refusal.message.clone()),
        RefusalKind::Conflict => conflict_error("version", &refusal.message),
        RefusalKind::TooMany | RefusalKind::Unavailable => {
            let retry_after = refusal.details["retryAfter"].as_u64().map(|seconds| seconds.saturating_mul(1_000));
            Error::Unavailable(retry_after)
        }
        _ => {
            let errors = parse_field_errors(&refusal.details);
            if !errors.is_empty() && errors.iter().all(|e| e.message == UNIQUE_MESSAGE) {
                return conflict_error("unique", format!("{UNIQUE_MESSAGE}: {}", errors[0].path));
            }
            match errors.is_empty() {
                true => invalid_field("", "invalid", &refusal.message),
                false => Error::Invalid(errors),
            }
        }
    }
}

/// The error for the client of a plugin that returned an error, the same for a hook as for a route. Only messages on fields and on
/// conflicts are for the client; those of the host are about the plugin.
pub(crate) fn to_refusal(error: Error) -> Refusal {
    let plain = |kind, message: &str| Refusal { kind, message: message.to_owned(), details: json!({}) };
    match error {
        Error::Invalid(fields) => validation_refusal(fields),
        Error::Denied(_) => plain(RefusalKind::Forbidden, "Forbidden"),
        Error::NotFound(_) => plain(RefusalKind::NotFound, "Not Found"),
        Error::Conflict(conflict) => conflict_refusal(conflict),
        Error::Unavailable(after) => unavailable_refusal("Try again later", after.map(Duration::from_millis)),
        Error::Exhausted(_) | Error::Internal(_) => unavailable_refusal("Try again later", None),
    }
}

/// The refusal for a conflict, 409, with its kind in the details, and the document that is in the way where the plugin names it.
pub(crate) fn conflict_refusal(conflict: Conflict) -> Refusal {
    let Conflict { kind, existing, message } = conflict;
    let mut details = json!({ "kind": kind });
    if let Some(DocumentRef { content_type, document_id, locale }) = existing {
        details["existing"] = json!({ "type": content_type, "documentId": document_id });
        if let Some(locale) = locale {
            details["existing"]["locale"] = json!(locale);
        }
    }
    Refusal { kind: RefusalKind::Conflict, message, details }
}

/// The refusal with each invalid field, 400, as validation errors of content have them, with the plugin's code besides.
pub(crate) fn validation_refusal(fields: Vec<FieldError>) -> Refusal {
    let message = match fields.as_slice() {
        [] => "The plugin rejected the input".to_owned(),
        [one] => one.message.clone(),
        many => format!("{} errors occurred", many.len()),
    };
    let one = |e: FieldError| json!({ "path": split_path(&e.path), "message": e.message, "name": "ValidationError", "code": e.code });
    let errors: Vec<Json> = fields.into_iter().map(one).collect();
    Refusal { kind: RefusalKind::Validation, message, details: json!({ "errors": errors }) }
}

/// The 503 that says when to try again, with the time to wait.
pub(crate) fn unavailable_refusal(message: impl Into<String>, retry_after: Option<Duration>) -> Refusal {
    // Whole seconds, and not before the time.
    let seconds = retry_after.map_or(1, |delay| delay.as_millis().div_ceil(1_000).max(1));
    let details = json!({ "retryAfter": u64::try_from(seconds).unwrap_or(u64::MAX) });
    Refusal { kind: RefusalKind::Unavailable, message: message.into(), details }
}

/// Adds to a refusal which plugin does not run, and why, for programs.
pub(crate) fn name_missing_plugin(refusal: &mut Refusal, plugin: &str, cause: &str) {
    refusal.details["code"] = "plugin_not_running".into();
    refusal.details["plugin"] = plugin.into();
    refusal.details["cause"] = cause.into();
}

/// The errors in the details of a refusal.
fn parse_field_errors(details: &Json) -> Vec<FieldError> {
    let list = details["errors"].as_array().map_or(&[][..], Vec::as_slice);
    let one = |error: &Json| FieldError {
        path: format_path(&error["path"]),
        code: "invalid".to_owned(),
        message: error["message"].as_str().unwrap_or_default().to_owned(),
    };
    list.iter().map(one).collect()
}

/// Formats `["items", 2, "price"]` as `items[2].price`.
fn format_path(steps: &Json) -> String {
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

/// Parses `items[2].price` into steps.
pub(crate) fn split_path(path: &str) -> Vec<String> {
    path.split(['.', '[', ']']).filter(|step| !step.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn paths_are_formatted_and_split() {
        assert_eq!(format_path(&json!(["items", 2, "price"])), "items[2].price");
        assert_eq!(format_path(&json!(["items", "2", "price"])), "items[2].price");
        assert_eq!(split_path("items[2].price"), ["items", "2", "price"]);
        assert_eq!((format_path(&json!([])), split_path("")), (String::new(), Vec::new()));
    }

    #[test]
    fn refusals_report_the_path_and_code_of_fields() {
        let refusal = to_refusal(invalid_field("items[2].email", "disposable", "Not this one"));
        assert_eq!((refusal.kind, refusal.message.as_str()), (RefusalKind::Validation, "Not this one"));
        let error = json!({
            "path": ["items", "2", "email"], "message": "Not this one", "name": "ValidationError", "code": "disposable",
        });
        assert_eq!(refusal.details, json!({ "errors": [error] }));
        // Clients do not see what the host reports about the plugin's grants.
        assert_eq!(to_refusal(denied_error("api::secret.plan is not granted")).message, "Forbidden");
        assert_eq!(to_refusal(Error::Unavailable(Some(1_500))).details, json!({ "retryAfter": 2 }));
    }

    #[test]
    fn refusals_of_conflicts_name_the_document_in_the_way() {
        let conflict = |existing| Conflict { kind: "unique".to_owned(), existing, message: "Taken".to_owned() };
        let refusal = to_refusal(Error::Conflict(conflict(None)));
        assert_eq!((refusal.kind, refusal.message.as_str()), (RefusalKind::Conflict, "Taken"));
        assert_eq!(refusal.details, json!({ "kind": "unique" }));
        let document = |locale: Option<&str>| DocumentRef {
            content_type: "plugin::crm.deal".to_owned(),
            document_id: "d1".to_owned(),
            locale: locale.map(str::to_owned),
        };
        let existing =
            |locale| to_refusal(Error::Conflict(conflict(Some(document(locale))))).details["existing"].clone();
        assert_eq!(existing(None), json!({ "type": "plugin::crm.deal", "documentId": "d1" }));
        assert_eq!(existing(Some("nl"))["locale"], "nl");
    }
}
