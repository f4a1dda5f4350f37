//! Users and roles: content with special rules. Bodies have no `data` and responses no envelope, names and addresses share one namespace, a
//! new password ends sessions, and everybody may see themselves.
//!
//! Routes name users and roles by numeric id or by document id. Lists have no pages of their own (as in Strapi): `find_bare` returns
//! every user that matches, or the part that the query asks for.

mod account_changes;
mod accounts;
mod in_transaction;
mod invite;
mod register;
mod roles;
#[cfg(test)]
mod tests;
mod write;

pub(crate) use account_changes::{follow_up_user_change, reset_email_verified};
pub use accounts::{Account, AccountFilter, AccountOrder, AccountState};
pub use in_transaction::UserRead;
pub use invite::{InvitableRoles, InvitationOutcome, UserInvitation};
pub use register::NewUser;

use crate::{Content, ReadResponse, RequestContext, Result};
use cairn_model::{TargetRef, TypeId};
use cairn_query::{Access, AccessRule, Action};
use std::collections::BTreeSet;
use std::sync::Arc;

impl Content {
    /// Gets a user, by numeric id or document id; `None` if there is none or the caller may not see it.
    pub fn find_user(&self, context: RequestContext<'_>, id: &str) -> Result<Option<ReadResponse>> {
        let user = self.registry().user_type().id;
        match self.resolve_document(user, id)? {
            Some(document) => self.find_bare_one(RequestContext { content_type: user, ..context }, &document),
            None => Ok(None),
        }
    }

    /// Gets the user with that document id in the form that they see themselves: everything that is not private, whatever `ask.access` and
    /// its limits say of users. These apply to what is populated.
    pub fn own_user(&self, context: RequestContext<'_>, document_id: &str) -> Result<Option<ReadResponse>> {
        let user = self.registry().user_type().id;
        let access = own_access(context.access, user, document_id);
        self.find_bare_one(RequestContext { access: &access, content_type: user, ..context }, document_id)
    }

    /// Counts the users that match: for callers who may count but not list them, filters see no attributes.
    pub async fn count_users(&self, context: RequestContext<'_>) -> Result<u64> {
        let user = self.registry().user_type().id;
        let access = count_access(context.access, user);
        self.count(RequestContext { access: &access, content_type: user, ..context }).await
    }

    /// The document that a route names: digits are a numeric id, anything else is a document id.
    fn resolve_document(&self, content_type: TypeId, id: &str) -> Result<Option<String>> {
        let Some(target) = parse_target(id) else { return Ok(None) };
        Ok(self.store.read(|r| r.documents().resolve(content_type, &target, None))?)
    }
}

/// The access with which somebody sees their own user.
fn own_access(access: &Arc<Access>, user: TypeId, document_id: &str) -> Arc<Access> {
    // `FindOne` on users speaks for the entry itself alone, and that is the one named here.
    let rule = AccessRule::default();
    with_rule(access, user, Action::FindOne, rule, "own user").with_visible_document(user, document_id)
}

/// The access with which users are counted.
fn count_access(access: &Arc<Access>, user: TypeId) -> Arc<Access> {
    if access.allows_action(user, Action::Find) {
        return access.clone();
    }
    let nothing = AccessRule { condition: None, fields: Some(Arc::new(BTreeSet::new())) };
    with_rule(access, user, Action::Find, nothing, "count users")
}

fn parse_target(id: &str) -> Option<TargetRef> {
    if id.bytes().all(|b| b.is_ascii_digit()) {
        id.parse().ok().map(TargetRef::Row)
    } else {
        Some(TargetRef::Document(id.to_owned()))
    }
}

/// The same access with one rule added; `purpose` separates its plans from those of other accesses.
fn with_rule(
    access: &Arc<Access>,
    content_type: TypeId,
    action: Action,
    rule: AccessRule,
    purpose: &str,
) -> Arc<Access> {
    if access.everything {
        return access.clone();
    }
    let mut changed = Access::clone(access);
    changed.key = format!("{}, {purpose}", access.key).into();
    Arc::make_mut(&mut changed.rules).insert((content_type, action), rule);
    Arc::new(changed)
}
