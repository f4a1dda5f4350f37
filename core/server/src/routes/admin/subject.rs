//! Who asks the admin API about which content.

use crate::Tenant;
use crate::error::WireError;
use crate::extract::admin::Admin;
use cairn_access::Locales;
use cairn_content::{Ask, Who};
use cairn_model::{ContentType, Registry};
use cairn_query::{Access, Action};
use cairn_store::events::Actor;
use serde_json::Value as Json;
use std::sync::Arc;

/// What [`Who`] borrows.
pub(crate) struct Asking {
    access: Arc<Access>,
    actor: Arc<Actor>,
    locales: Arc<Locales>,
    registry: Arc<Registry>,
}

impl Asking {
    pub(crate) fn of(tenant: &Tenant, admin: &Admin) -> Self {
        let access = tenant.access.admin_access();
        let registry = tenant.content.registry().clone();
        Self { access, actor: admin.actor().clone(), locales: tenant.access.locales(), registry }
    }

    /// 403 for whom may not do that to any entry of the type.
    pub(crate) fn require(&self, ct: &ContentType, action: Action) -> Result<(), WireError> {
        if self.access.may(ct.id, action) { Ok(()) } else { Err(WireError::forbidden()) }
    }

    /// Whether they may publish entries of the type.
    pub(crate) fn may_publish(&self, ct: &ContentType) -> bool {
        self.access.may(ct.id, Action::Update)
    }

    /// What they may do with content.
    pub(crate) fn access(&self) -> &Access {
        &self.access
    }

    /// The model.
    pub(crate) fn registry(&self) -> &Registry {
        &self.registry
    }

    /// A use-case of theirs about entries of a type.
    pub(crate) fn ask<'a>(&'a self, ct: &ContentType, query: &'a str) -> Ask<'a> {
        Ask {
            access: &self.access,
            content_type: ct.id,
            query,
            default_locale: &self.locales.default,
            actor: &self.actor,
        }
    }

    pub(crate) fn who(&self) -> Who<'_> {
        Who { access: &self.access, actor: &self.actor, default_locale: &self.locales.default }
    }
}

/// The content type of that uid.
///
/// # Errors
/// 400 where there is none.
pub(crate) fn content_type<'t>(tenant: &'t Tenant, uid: &Json) -> Result<&'t ContentType, WireError> {
    let Some(uid) = uid.as_str() else { return Err(WireError::validation("type: expected the uid of a content type")) };
    let found = tenant.content.registry().by_uid(uid);
    found.ok_or_else(|| WireError::validation(format!("type: there is no content type {uid:?}")))
}

/// A text that has to be there.
///
/// # Errors
/// 400 with its name.
pub(crate) fn text<'b>(body: &'b Json, key: &str) -> Result<&'b str, WireError> {
    let text = body[key].as_str().filter(|text| !text.is_empty());
    text.ok_or_else(|| WireError::validation(format!("{key}: expected a text")))
}

/// `locale`, where it is given.
///
/// # Errors
/// 400 for what is no text.
pub(crate) fn locale(body: &Json) -> Result<Option<String>, WireError> {
    match &body["locale"] {
        Json::Null => Ok(None),
        Json::String(locale) if !locale.is_empty() && locale != "*" => Ok(Some(locale.clone())),
        _ => Err(WireError::validation("locale: expected the code of one locale")),
    }
}
