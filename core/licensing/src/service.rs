//! The use cases of licensing, and their errors.

use cairn_access::AccessControl;
use cairn_content::{Content, ContentError, Refusal, RefusalKind, Result};
use cairn_store::events::{Actor, NewEvent};
use cairn_store::{Reader, Store, StoreError, WriteTx};
use serde_json::{Value as Json, json};

/// The licences, consents and embargoes of a tenant's files. Cloning is cheap.
#[derive(Clone)]
pub struct LicensingService {
    pub(crate) content: Content,
    access: AccessControl,
}

impl LicensingService {
    /// Creates the use cases over a tenant's content and access control.
    pub fn new(content: Content, access: AccessControl) -> Self {
        Self { content, access }
    }

    pub(crate) fn store(&self) -> &Store {
        self.content.store()
    }

    pub(crate) fn now(&self) -> i64 {
        self.access.now().timestamp_millis()
    }
}

/// Lets only one transaction at a time change licensing or report changes of it, so that none misses what
/// another links. To be called first.
pub(crate) fn lock_licensing(tx: &WriteTx<'_>) -> Result<(), StoreError> {
    tx.lock_name("asset-rights")
}

pub(crate) fn refusal_error(kind: RefusalKind, message: impl Into<String>, details: Json) -> ContentError {
    ContentError::Refused(Refusal { kind, message: message.into(), details })
}

/// The error for an invalid body, 400.
pub(crate) fn invalid_error(message: impl Into<String>) -> ContentError {
    ContentError::validation(message)
}

/// The error for one invalid value, 400, with its path.
pub(crate) fn invalid_at(path: &str, message: impl Into<String>) -> ContentError {
    let message = message.into();
    let path: Vec<&str> = path.split('.').collect();
    let details = json!({ "errors": [{ "path": path, "message": message, "name": "ValidationError" }] });
    refusal_error(RefusalKind::Validation, message, details)
}

/// The error for something that does not exist, 404.
pub(crate) fn not_found(message: impl Into<String>) -> ContentError {
    refusal_error(RefusalKind::NotFound, message, json!({}))
}

/// The error for a change of an outdated version, 409.
pub(crate) fn changed_meanwhile(loaded_version: i64, now: i64) -> ContentError {
    let message = format!(
        "It has changed since you loaded it (you have version {loaded_version}, the current version is \
        {now}): reload it and try again"
    );
    refusal_error(RefusalKind::Conflict, message, json!({ "yourVersion": loaded_version, "currentVersion": now }))
}

/// Emits an event about a record or the policy.
pub(crate) fn emit_event(
    tx: &mut WriteTx<'_>,
    actor: &Actor,
    name: &str,
    key: String,
    data: Json,
    now: i64,
) -> Result<(), StoreError> {
    let event = NewEvent {
        name: name.to_owned(),
        key,
        content_type: None,
        document_id: None,
        locale: None,
        status: None,
        data,
    };
    tx.events().emit(actor, &event, now)
}

/// Refuses documents that are not files; names the first of them.
pub(crate) fn known_files(reader: &Reader<'_>, path: &str, documents: &[&str]) -> Result<()> {
    let existing: std::collections::HashSet<String> = reader.assets().find_existing(documents)?.into_iter().collect();
    let missing: Vec<&str> = documents.iter().copied().filter(|d| !existing.contains(*d)).collect();
    match missing.first() {
        None => Ok(()),
        Some(first) => {
            let other_count = missing.len() - 1;
            let first: String = first.chars().take(64).collect();
            let also = if other_count > 0 { format!(" and {other_count} others") } else { String::new() };
            Err(invalid_at(path, format!("File {first:?}{also} not found")))
        }
    }
}
