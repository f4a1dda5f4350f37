//! The desk of one tenant: the editorial caller, the document that a request is about, and errors.

use cairn_access::{AccessControl, AdminCaller};
use cairn_content::{Content, ContentError, Refusal, RefusalKind, Result};
use cairn_model::{ContentType, Registry};
use cairn_store::editorial::DocumentKey;
use cairn_store::events::{Actor, NewEvent};
use cairn_store::system::AdminUserRow;
use cairn_store::{Reader, Store, StoreError, WriteTx};
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// The editorial desk of one tenant. Cloning is cheap.
#[derive(Clone)]
pub struct EditorialService {
    pub(crate) content: Content,
    access: AccessControl,
}

/// The caller of an editorial action.
#[derive(Debug, Clone)]
pub(crate) struct EditorialCaller {
    /// Numeric id of the admin user; `None`: an API token.
    pub(crate) id: Option<i64>,
    pub(crate) roles: Vec<String>,
    pub(crate) is_super: bool,
    pub(crate) actor: Arc<Actor>,
}

impl EditorialCaller {
    /// A caller for an admin, with the actor that is recorded for the request.
    pub(crate) fn new(admin: &AdminCaller, actor: &Arc<Actor>) -> Self {
        Self { id: admin.id, roles: admin.roles.clone(), is_super: admin.is_super(), actor: actor.clone() }
    }

    /// True if they have that role themselves: a super admin is not a lawyer.
    pub(crate) fn has_role(&self, role: &str) -> bool {
        self.roles.iter().any(|own| own == role)
    }

    /// True if they have one of these roles; true for an empty list.
    pub(crate) fn has_any_role(&self, roles: &[String]) -> bool {
        self.is_super || roles.is_empty() || roles.iter().any(|role| self.has_role(role))
    }

    /// Numeric id of the admin user; an error for a token.
    pub(crate) fn require_person(&self) -> Result<i64> {
        self.id.ok_or_else(|| forbidden_error("API tokens cannot use this: sign in as an admin user instead"))
    }
}

impl EditorialService {
    /// Creates the desk over a tenant's content and access control.
    pub fn new(content: Content, access: AccessControl) -> Self {
        Self { content, access }
    }

    pub(crate) fn store(&self) -> &Store {
        self.content.store()
    }

    pub(crate) fn registry(&self) -> &Arc<Registry> {
        self.content.registry()
    }

    pub(crate) fn now(&self) -> i64 {
        self.access.now().timestamp_millis()
    }

    /// The locale that applies to requests without one.
    pub(crate) fn default_locale(&self) -> Result<String> {
        let locales = self.store().read(|r| r.locales().list())?;
        Ok(locales.into_iter().find(|l| l.is_default).map(|l| l.code).unwrap_or_default())
    }

    /// A content type of the project.
    pub(crate) fn content_type(&self, uid: &str) -> Result<&ContentType> {
        let found = self.registry().by_uid(uid).filter(|t| t.is_api());
        found.ok_or_else(|| {
            let uid: String = uid.chars().take(100).collect();
            refusal_error(RefusalKind::NotFound, format!("Content type {uid:?} not found"), json!({}))
        })
    }

    /// The key of a document: in the default locale if none is given, and in none if its type is not localised.
    pub(crate) fn document_key(&self, uid: &str, document_id: &str, locale: Option<&str>) -> Result<DocumentKey> {
        let content_type = self.content_type(uid)?;
        let locale = match (content_type.localized, locale.filter(|l| !l.is_empty())) {
            (false, _) => String::new(),
            (true, Some(locale)) => locale.to_owned(),
            (true, None) => self.default_locale()?,
        };
        Ok(DocumentKey { content_type: uid.to_owned(), document_id: document_id.to_owned(), locale })
    }
}

pub(crate) fn refusal_error(kind: RefusalKind, message: impl Into<String>, details: Json) -> ContentError {
    ContentError::Refused(Refusal { kind, message: message.into(), details })
}

/// 400: the input is invalid.
pub(crate) fn invalid_error(message: impl Into<String>) -> ContentError {
    ContentError::validation(message)
}

/// 400 about one value.
pub(crate) fn invalid_at(path: &str, message: impl Into<String>) -> ContentError {
    let message = message.into();
    let path: Vec<&str> = path.split('.').collect();
    let details = json!({ "errors": [{ "path": path, "message": message, "name": "ValidationError" }] });
    refusal_error(RefusalKind::Validation, message, details)
}

/// 400: the state of the document does not allow it.
pub(crate) fn not_now(message: impl Into<String>, details: Json) -> ContentError {
    refusal_error(RefusalKind::Application, message, details)
}

/// 403, with a message for people.
pub(crate) fn forbidden_error(message: impl Into<String>) -> ContentError {
    refusal_error(RefusalKind::Forbidden, message, json!({}))
}

/// 404, with a message for people.
pub(crate) fn not_found(message: impl Into<String>) -> ContentError {
    refusal_error(RefusalKind::NotFound, message, json!({}))
}

/// 409: the content has changed since the client read it.
pub(crate) fn changed_meanwhile(loaded: i64, now: i64) -> ContentError {
    let message = format!(
        "The entry has changed since you loaded it (you have version {loaded}, the current version is {now}): \
            reload it and try again"
    );
    refusal_error(
        RefusalKind::Conflict,
        message,
        json!({ "yourVersion": loaded, "currentVersion": now, "version": now }),
    )
}

/// An event about a document.
pub(crate) fn document_event(name: &str, d: &DocumentKey, data: Json) -> NewEvent {
    NewEvent {
        name: name.to_owned(),
        key: d.document_id.clone(),
        content_type: Some(d.content_type.clone()),
        document_id: Some(d.document_id.clone()),
        locale: (!d.locale.is_empty()).then(|| d.locale.clone()),
        status: None,
        data,
    }
}

/// Emits an event about something that belongs to the desk.
pub(crate) fn emit_event(
    tx: &mut WriteTx<'_>,
    actor: &Actor,
    name: &str,
    key: String,
    data: Json,
    now: i64,
) -> Result<()> {
    let event = NewEvent {
        name: name.to_owned(),
        key,
        content_type: None,
        document_id: None,
        locale: None,
        status: None,
        data,
    };
    Ok(tx.events().emit(actor, &event, now)?)
}

/// The admin users with these ids; an error if one does not exist.
pub(crate) fn known_users(reader: &Reader<'_>, path: &str, ids: &[i64]) -> Result<Vec<AdminUserRow>> {
    let all = reader.admin_users().list()?;
    ids.iter()
        .map(|id| {
            let row = all.iter().find(|u| u.id == *id).cloned();
            row.ok_or_else(|| invalid_at(path, format!("Admin user {id} not found")))
        })
        .collect()
}

/// Numeric ids of the users who have one of these roles.
pub(crate) fn with_roles(reader: &Reader<'_>, roles: &[String]) -> Result<Vec<i64>, StoreError> {
    let all = reader.admin_users().list()?;
    Ok(all.into_iter().filter(|u| u.roles.iter().any(|r| roles.contains(r))).map(|u| u.id).collect())
}
