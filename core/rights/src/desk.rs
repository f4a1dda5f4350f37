//! Where people come to with rights of files: who asks, and how it is refused.

use cairn_access::AccessControl;
use cairn_content::{Content, ContentError, Refusal, RefusalKind, Result};
use cairn_store::events::{Actor, NewEvent};
use cairn_store::{Reader, Store, StoreError, WriteTx};
use serde_json::{Value as Json, json};

/// The rights of a tenant's files. Cloning is cheap.
#[derive(Clone)]
pub struct Rights {
    pub(crate) content: Content,
    access: AccessControl,
}

impl Rights {
    /// Over a tenant's content and access control.
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

/// Only one transaction at a time changes rights or tells of them: what one links while another looks would be missed. Comes first.
pub(crate) fn hold(tx: &WriteTx<'_>) -> Result<(), StoreError> {
    tx.hold_name("asset-rights")
}

pub(crate) fn refuse(kind: RefusalKind, message: impl Into<String>, details: Json) -> ContentError {
    ContentError::Refused(Refusal { kind, message: message.into(), details })
}

/// 400: what was sent cannot be.
pub(crate) fn invalid(message: impl Into<String>) -> ContentError {
    ContentError::validation(message)
}

/// 400 about one value.
pub(crate) fn invalid_at(path: &str, message: impl Into<String>) -> ContentError {
    let message = message.into();
    let path: Vec<&str> = path.split('.').collect();
    let details = json!({ "errors": [{ "path": path, "message": message, "name": "ValidationError" }] });
    refuse(RefusalKind::Validation, message, details)
}

/// 404.
pub(crate) fn not_found(message: impl Into<String>) -> ContentError {
    refuse(RefusalKind::NotFound, message, json!({}))
}

/// 409: it is not as it was seen.
pub(crate) fn changed_meanwhile(seen: i64, now: i64) -> ContentError {
    let message = format!("it has changed since you looked at it (you saw version {seen}, it is {now}): read it again");
    refuse(RefusalKind::Conflict, message, json!({ "yourVersion": seen, "currentVersion": now }))
}

/// An event about a record or the policy.
pub(crate) fn emit(
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
    tx.emit(actor, &event, now)
}

/// Refuses with the first of these that are no files.
pub(crate) fn known_files(reader: &Reader<'_>, path: &str, documents: &[&str]) -> Result<()> {
    let there: std::collections::HashSet<String> = reader.files_there(documents)?.into_iter().collect();
    let missing: Vec<&str> = documents.iter().copied().filter(|d| !there.contains(*d)).collect();
    match missing.first() {
        None => Ok(()),
        Some(first) => {
            let more = missing.len() - 1;
            let first: String = first.chars().take(64).collect();
            let also = if more > 0 { format!(", nor {more} others") } else { String::new() };
            Err(invalid_at(path, format!("there is no file {first:?}{also}")))
        }
    }
}
