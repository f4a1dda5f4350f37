//! Users and roles: content with rules of its own. Bodies have no `data` and answers no envelope, names and addresses
//! are one space, a new password ends sessions, and everybody may see themselves.
//!
//! Routes name users and roles by number or by document id. Lists are not paged (as in Strapi): `find_bare` answers
//! every user that matches.

mod register;
mod roles;
#[cfg(test)]
mod tests;
mod write;

pub use register::NewUser;

use crate::{Answer, Ask, Content, Result};
use cairn_model::{TargetRef, TypeId};
use cairn_query::{Access, Action, Rule};
use std::collections::BTreeSet;
use std::sync::Arc;

impl Content {
    /// A user, by number or document id; `None` where there is none or the caller may not see it.
    pub fn find_user(&self, ask: Ask<'_>, id: &str) -> Result<Option<Answer>> {
        let user = self.registry().user().id;
        match self.document_of(user, id)? {
            Some(document) => self.find_bare_one(Ask { content_type: user, ..ask }, &document),
            None => Ok(None),
        }
    }

    /// The user of that document id as they see themselves: all that is not private, whatever `ask.access` and its limits say of
    /// users. What is populated takes its rights and its limits from there.
    pub fn own_user(&self, ask: Ask<'_>, document_id: &str) -> Result<Option<Answer>> {
        let user = self.registry().user().id;
        // `FindOne` on users speaks for the entry itself alone, and that is the one named here.
        let access =
            with_rule(ask.access, user, Action::FindOne, Rule::default(), "own user").seeing(user, document_id);
        self.find_bare_one(Ask { access: &access, content_type: user, ..ask }, document_id)
    }

    /// How many users match, for who may count them: where they may not list them too, filters see no attributes.
    pub async fn count_users(&self, ask: Ask<'_>) -> Result<u64> {
        let user = self.registry().user().id;
        let ask = Ask { content_type: user, ..ask };
        if ask.access.may(user, Action::Find) {
            return self.count(ask).await;
        }
        let nothing = Rule { condition: None, fields: Some(Arc::new(BTreeSet::new())) };
        let access = with_rule(ask.access, user, Action::Find, nothing, "count users");
        self.count(Ask { access: &access, ..ask }).await
    }

    /// The document that a route names: digits are the number of its row, anything else is its document id.
    fn document_of(&self, content_type: TypeId, id: &str) -> Result<Option<String>> {
        let Some(named) = named(id) else { return Ok(None) };
        Ok(self.store.read(|r| r.resolve(content_type, &named, None))?)
    }
}

fn named(id: &str) -> Option<TargetRef> {
    if id.bytes().all(|b| b.is_ascii_digit()) {
        id.parse().ok().map(TargetRef::Row)
    } else {
        Some(TargetRef::Document(id.to_owned()))
    }
}

/// The same rights with one rule put in; `purpose` keeps its plans apart from those of other rights.
fn with_rule(access: &Arc<Access>, content_type: TypeId, action: Action, rule: Rule, purpose: &str) -> Arc<Access> {
    if access.everything {
        return access.clone();
    }
    let mut changed = Access::clone(access);
    changed.key = format!("{}, {purpose}", access.key).into();
    changed.rules.insert((content_type, action), rule);
    Arc::new(changed)
}
