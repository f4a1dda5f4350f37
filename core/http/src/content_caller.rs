//! The caller of the admin API with the content that a request is about.

use crate::error::WireError;
use crate::extract::admin::Admin;
use cairn_access::{AccessControl, AuthError, Locales};
use cairn_app::Tenant;
use cairn_content::{CallerContext, LocaleSelection, PublishAction, RequestContext};
use cairn_model::{ContentType, Registry};
use cairn_query::{Access, Action, Query};
use cairn_store::events::Actor;
use serde_json::Value as Json;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// The owned values that [`CallerContext`] borrows.
pub struct ContentCaller {
    access: Arc<Access>,
    /// The same access, where negations in filters are complements: they come from lists and saved views of the admin.
    listing: Arc<Access>,
    /// Access for lists of site users: as `listing`, without their private attributes.
    listing_users: Arc<Access>,
    /// The same access, where updating means publishing.
    publishing: Arc<Access>,
    control: AccessControl,
    actor: Arc<Actor>,
    locales: Arc<Locales>,
    registry: Arc<Registry>,
}

impl ContentCaller {
    /// The content of a tenant as an administrator may read and change it.
    pub fn for_admin(tenant: &Tenant, admin: &Admin) -> Self {
        let listing = admin.permissions.access().for_admin_lists();
        Self {
            access: admin.permissions.access().clone(),
            listing_users: Arc::new(listing.without_private()),
            listing: Arc::new(listing),
            publishing: admin.permissions.publishing_access().clone(),
            control: tenant.access.clone(),
            actor: admin.actor().clone(),
            locales: tenant.access.locales(),
            registry: tenant.content.registry().clone(),
        }
    }

    /// Returns 403 where the caller may not do that to any entry of the type.
    pub fn require(&self, ct: &ContentType, action: Action) -> Result<(), WireError> {
        let name = match action {
            Action::Find => "find",
            Action::FindOne => "findOne",
            Action::Create => "create",
            Action::Update => "update",
            Action::Delete => "delete",
        };
        if self.access.allows_action(ct.id, action) { Ok(()) } else { Err(self.missing_permission(ct, name)) }
    }

    /// True if the caller may publish entries of the type.
    pub fn can_publish(&self, ct: &ContentType) -> bool {
        self.publishing.allows_action(ct.id, Action::Update)
    }

    /// As [`Self::require_publish`], for one document: `locale` as schedules and releases name it.
    pub async fn require_publish_at(
        &self,
        tenant: &Tenant,
        ct: &ContentType,
        action: PublishAction,
        document: &str,
        locale: &str,
    ) -> Result<(), WireError> {
        let locales = if matches!(locale, "" | "*") {
            LocaleSelection::All
        } else {
            LocaleSelection::These(vec![locale.to_owned()])
        };
        self.require_publish(tenant, ct, action, &[document.to_owned()], &locales).await
    }

    /// The error with the missing permission, and the roles that have it.
    fn missing_permission(&self, ct: &ContentType, action: &str) -> WireError {
        let roles = self.control.roles_with_content(&ct.uid, action);
        let content_type = Some(ct.uid.clone());
        AuthError::Lacks { action: action.to_owned(), content_type, roles }.into()
    }

    /// Returns 403 or 404 where the caller may not see that document.
    pub fn require_read(&self, tenant: &Tenant, ct: &ContentType, document_id: &str) -> Result<(), WireError> {
        self.require(ct, Action::FindOne)?;
        match tenant.content.can_read(&self.editorial_caller(), ct.id, document_id)? {
            true => Ok(()),
            false => Err(WireError::not_found()),
        }
    }

    /// Uids of the types of which the caller may see entries; `None`: of all.
    pub fn readable_types(&self) -> Option<Vec<String>> {
        if self.access.everything {
            return None;
        }
        let readable = self.registry.types().iter().filter(|ct| self.access.allows_action(ct.id, Action::FindOne));
        Some(readable.map(|ct| ct.uid.clone()).collect())
    }

    /// True if the caller may see that document.
    pub fn can_read(&self, tenant: &Tenant, uid: &str, document_id: &str) -> Result<bool, WireError> {
        let Some(ct) = self.registry.by_uid(uid) else { return Ok(self.access.everything) };
        Ok(tenant.content.can_read(&self.editorial_caller(), ct.id, document_id)?)
    }

    /// The rows that are about no document, or about one that the caller may see. `document_of` reads its content type and id.
    pub fn keep_readable<T>(
        &self,
        tenant: &Tenant,
        rows: Vec<T>,
        document_of: impl Fn(&T) -> Option<(&str, &str)>,
    ) -> Result<Vec<T>, WireError> {
        if self.access.everything {
            return Ok(rows);
        }
        let mut by_type: HashMap<&str, Vec<&str>> = HashMap::new();
        for row in &rows {
            if let Some((uid, document)) = document_of(row) {
                by_type.entry(uid).or_default().push(document);
            }
        }
        let mut readable: HashMap<String, HashSet<String>> = HashMap::new();
        for (uid, mut documents) in by_type {
            documents.sort_unstable();
            documents.dedup();
            if let Some(ct) = self.registry.by_uid(uid) {
                readable.insert(
                    uid.to_owned(),
                    tenant.content.readable_documents(&self.editorial_caller(), ct.id, &documents)?,
                );
            }
        }
        let is_seen = |row: &T| {
            document_of(row)
                .is_none_or(|(uid, document)| readable.get(uid).is_some_and(|readable| readable.contains(document)))
        };
        Ok(rows.into_iter().filter(is_seen).collect())
    }

    /// Returns 403 where the caller may not do that to the published version of a document, in all locales concerned. Going back to the
    /// published version changes the draft alone.
    pub async fn require_publish(
        &self,
        tenant: &Tenant,
        ct: &ContentType,
        action: PublishAction,
        documents: &[String],
        locales: &LocaleSelection,
    ) -> Result<(), WireError> {
        let (access, name) = match action {
            PublishAction::DiscardDraft => (&self.access, "update"),
            PublishAction::Publish | PublishAction::Unpublish => (&self.publishing, "publish"),
        };
        if !access.allows_action(ct.id, Action::Update) {
            return Err(self.missing_permission(ct, name));
        }
        let caller = CallerContext { access, actor: &self.actor, default_locale: &self.locales.default };
        match tenant.content.can_update(&caller, ct.id, documents, locales).await? {
            true => Ok(()),
            false => Err(self.missing_permission(ct, name)),
        }
    }

    /// The caller's access to content.
    pub fn access(&self) -> &Access {
        &self.access
    }

    /// Content types and components of the tenant.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// A request of the caller for a use case on entries of a type.
    pub fn request_context<'a>(&'a self, ct: &ContentType, query: &'a Query) -> RequestContext<'a> {
        // Roles lead to users.
        let lists_users = [self.registry.user_type().id, self.registry.role_type().id].contains(&ct.id);
        RequestContext {
            access: if lists_users { &self.listing_users } else { &self.listing },
            content_type: ct.id,
            query,
            default_locale: &self.locales.default,
            actor: &self.actor,
        }
    }

    /// The caller, for publishing, review and the rest of `core/editorial`.
    pub fn editorial_caller(&self) -> CallerContext<'_> {
        CallerContext { access: &self.access, actor: &self.actor, default_locale: &self.locales.default }
    }
}

/// The content type with that uid. Fails with 400 if there is none.
pub fn content_type<'t>(tenant: &'t Tenant, uid: &Json) -> Result<&'t ContentType, WireError> {
    let Some(uid) = uid.as_str() else { return Err(WireError::validation("type: expected the uid of a content type")) };
    let found = tenant.content.registry().by_uid(uid);
    found.ok_or_else(|| WireError::validation(format!("type: content type {uid:?} not found")))
}

/// A text that must be present. Fails with 400, naming the key.
pub fn required_text<'b>(body: &'b Json, key: &str) -> Result<&'b str, WireError> {
    let text = body[key].as_str().filter(|text| !text.is_empty());
    text.ok_or_else(|| WireError::validation(format!("{key}: must be a string")))
}

/// `locale`, where it is given. Fails with 400 if it is not a text.
pub fn optional_locale(body: &Json) -> Result<Option<String>, WireError> {
    match &body["locale"] {
        Json::Null => Ok(None),
        Json::String(locale) if !locale.is_empty() && locale != "*" => Ok(Some(locale.clone())),
        _ => Err(WireError::validation("locale: expected the code of one locale")),
    }
}
