//! Accounts of users for the people who help them: how somebody stands, when they last signed in, and what stands in the way of a change.

use crate::{Content, ContentError, ListRange, RefusalKind, RequestContext, Result};
use cairn_access::auth::has_password;
use cairn_model::TypeId;
use cairn_query::{Action, Page, Query, QueryTree};
use cairn_store::content::{LastActionOrder, Usage};
use cairn_store::events::{Actor, ActorKind};
use cairn_store::system::{RoleRow, UserRow};
use cairn_store::{Reader, StoreError, WriteTx};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use std::collections::HashMap;
use std::sync::Arc;

/// On whose behalf rehearsals of account changes wait for their turn.
const OWNER: &str = "account-changes";
/// Action of the audit log for a sign-in.
const SIGNED_IN: &str = "login.succeeded";
/// Largest number of usages that are found for each attribute of the model.
const MAX_USAGES_PER_ATTRIBUTE: i64 = 50;

/// The state of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountState {
    /// They can sign in.
    Active,
    /// They have no password yet.
    Invited,
    /// They have to confirm their address before they can sign in.
    Unconfirmed,
    /// They are barred from signing in.
    Blocked,
}

/// A user as those see them who help them.
#[derive(Debug, Clone)]
pub struct Account {
    /// The user.
    pub user: UserRow,
    /// Their role, if they have one.
    pub role: Option<RoleRow>,
    /// State of the account.
    pub state: AccountState,
    /// When they last signed in, in milliseconds; `None`: never, or before the audit log begins.
    pub last_sign_in: Option<i64>,
}

/// The order of a list of accounts. Equal ones are by their names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum AccountOrder {
    /// By name, from a to z.
    #[default]
    Name,
    /// By name, from z to a.
    NameDescending,
    /// By the last sign-in: who never signed in, then whose is the longest ago.
    SignIn,
    /// By the last sign-in, the latest first; who never signed in is last.
    SignInDescending,
}

/// Accounts that are listed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountFilter {
    /// A part of the name or of the address; empty: everybody.
    pub text: String,
    /// Only users who are blocked, or only those who are not.
    pub blocked: Option<bool>,
    /// Only users whose address is confirmed, or only those whose address is not: who was invited and has not chosen a password is one of these.
    pub confirmed: Option<bool>,
    /// Only users with the role of this type.
    pub role: Option<String>,
    /// The order that they are listed in.
    pub order: AccountOrder,
}

impl AccountFilter {
    fn to_query(&self) -> Option<Query> {
        let mut all: Vec<Json> = Vec::new();
        // Control characters are not typed, and a NUL ends a text in databases.
        let text: String = self.text.chars().filter(|c| !c.is_control()).collect();
        if !text.is_empty() {
            let contains = |name: &str| json!({ name: { "$containsi": text } });
            all.push(json!({ "$or": [contains("username"), contains("email")] }));
        }
        for (name, wanted) in [("blocked", self.blocked), ("confirmed", self.confirmed)] {
            match wanted {
                Some(true) => all.push(json!({ name: { "$eq": true } })),
                Some(false) => all.push(json!({ "$or": [{ name: { "$eq": false } }, { name: { "$null": true } }] })),
                None => {}
            }
        }
        if let Some(role) = &self.role {
            all.push(json!({ "role": { "type": { "$eq": role } } }));
        }
        let sort = if self.order == AccountOrder::NameDescending { "username:desc" } else { "username" };
        let mut query = json!({ "fields": ["username"], "sort": [sort] });
        if !all.is_empty() {
            query["filters"] = json!({ "$and": all });
        }
        QueryTree::from_json(query).map(Query::from)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FoundUser {
    document_id: String,
}

impl Content {
    /// Lists a part of the accounts in the order of the filter, and counts all that match. `context.access` decides who is found; its query
    /// is ignored.
    ///
    /// # Errors
    /// Errors of the store.
    pub fn list_accounts(
        &self,
        context: RequestContext<'_>,
        filter: &AccountFilter,
        start: u64,
        limit: u32,
    ) -> Result<(Vec<Account>, u64)> {
        let query = filter.to_query().ok_or_else(|| ContentError::validation("Invalid filter"))?;
        let context = RequestContext { content_type: self.registry().user_type().id, query: &query, ..context };
        self.store.read(|r| {
            let document_ids = match filter.order {
                AccountOrder::Name | AccountOrder::NameDescending => self.list_by_name(r, context, start, limit)?,
                AccountOrder::SignIn => self.list_by_sign_in(r, context, (start, limit), false)?,
                AccountOrder::SignInDescending => self.list_by_sign_in(r, context, (start, limit), true)?,
            };
            let document_ids: Vec<&str> = document_ids.iter().map(String::as_str).collect();
            Ok((self.load_accounts(r, &document_ids)?, self.count_in(r, context)?))
        })
    }

    fn list_by_name(
        &self,
        reader: &Reader<'_>,
        context: RequestContext<'_>,
        start: u64,
        limit: u32,
    ) -> Result<Vec<String>> {
        let rows = self.rows_in(reader, context, ListRange::Window { start, limit })?;
        let found: Vec<FoundUser> = serde_json::from_slice(&rows)
            .map_err(|e| StoreError::Corrupt { place: "users".to_owned(), message: e.to_string() })?;
        Ok(found.into_iter().map(|user| user.document_id).collect())
    }

    /// The document ids of a part of the accounts by their last sign-in, which the audit log has and they have not.
    fn list_by_sign_in(
        &self,
        reader: &Reader<'_>,
        context: RequestContext<'_>,
        (start, limit): (u64, u32),
        descending: bool,
    ) -> Result<Vec<String>> {
        let mut planned = cairn_query::plan_query(&self.query_request(&context, Action::Find), context.query)?;
        if let Some(mistake) = planned.deferred {
            return Err(mistake.into());
        }
        planned.plan.page = Page::Offset { start, limit: u64::from(limit), with_count: false };
        let order = LastActionOrder { action: SIGNED_IN, kind: ActorKind::User, descending };
        Ok(reader.entries().list_by_last_action(&planned.plan, context.default_locale, order)?)
    }

    /// Gets the account of the user with a document id; `None` if there is none.
    ///
    /// # Errors
    /// Errors of the store.
    pub fn find_account(&self, document_id: &str) -> Result<Option<Account>> {
        self.store.read(|r| Ok(self.load_accounts(r, &[document_id])?.pop()))
    }

    /// The accounts of those users who are there, in the order of the ids; in as many statements for many users as for one.
    fn load_accounts(&self, reader: &Reader<'_>, document_ids: &[&str]) -> Result<Vec<Account>> {
        if document_ids.is_empty() {
            return Ok(Vec::new());
        }
        let users = reader.users().list_by_documents(document_ids)?;
        let mut users: HashMap<String, UserRow> =
            users.into_iter().map(|user| (user.document_id.clone(), user)).collect();
        let roles: HashMap<String, RoleRow> =
            reader.roles().list()?.into_iter().map(|role| (role.document_id.clone(), role)).collect();
        let signed_in = load_sign_in_times(reader, document_ids)?;
        let accounts = document_ids.iter().filter_map(|id| {
            let user = users.remove(*id)?;
            let role = user.role.as_ref().and_then(|role| roles.get(role)).cloned();
            let state = self.account_state(&user);
            Some(Account { user, role, state, last_sign_in: signed_in.get(&format_actor_key(id)).copied() })
        });
        Ok(accounts.collect())
    }

    fn account_state(&self, user: &UserRow) -> AccountState {
        if user.blocked {
            AccountState::Blocked
        } else if !has_password(user) {
            AccountState::Invited
        } else if !user.confirmed && self.access.auth_settings().confirm_by_mail {
            AccountState::Unconfirmed
        } else {
            AccountState::Active
        }
    }

    /// Finds the entries that link to an account, in any version and locale. Also returns whether these are all.
    ///
    /// # Errors
    /// Errors of the store.
    pub fn find_account_usages(&self, document_id: &str) -> Result<(Vec<Usage>, bool)> {
        let user = self.registry().user_type().id;
        let usages = self.store.read(|r| r.documents().find_usages(user, &[document_id], MAX_USAGES_PER_ATTRIBUTE))?;
        let complete = has_all_usages(&usages);
        Ok((usages, complete))
    }

    /// Asks the hooks of plugins what is under way for an account: its deletion is rehearsed and rolled back. Returns the reason of the first
    /// hook that would refuse it; `None` if none would. The query of `context` is ignored.
    ///
    /// # Errors
    /// Errors of the store; 503 if it takes too long.
    pub async fn find_account_obstacle(
        &self,
        context: RequestContext<'_>,
        document_id: &str,
    ) -> Result<Option<String>> {
        let deletion = {
            let user = self.registry().user_type().id;
            let context = RequestContext { content_type: user, query: Query::empty(), ..context };
            Arc::new(self.check_delete_request(&context, document_id, None)?)
        };
        let rehearse = move |tx: &mut WriteTx<'_>| -> Result<()> { deletion.run(tx).map(drop) };
        let now = self.access.now().timestamp_millis();
        match self.store.rehearse(OWNER, now, rehearse).await {
            Ok(()) => Ok(None),
            Err(ContentError::Refused(refusal)) if refusal.kind != RefusalKind::NotFound => Ok(Some(refusal.message)),
            Err(error) => Err(error),
        }
    }
}

/// When users last signed in, by their keys in the audit log.
fn load_sign_in_times(reader: &Reader<'_>, document_ids: &[&str]) -> Result<HashMap<String, i64>> {
    let keys: Vec<String> = document_ids.iter().map(|id| format_actor_key(id)).collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    Ok(reader.audit().list_last_times(SIGNED_IN, &keys)?.into_iter().collect())
}

/// The key of a user in the audit log.
fn format_actor_key(document_id: &str) -> String {
    Actor { kind: ActorKind::User, id: Some(document_id.to_owned()), ..Actor::public() }.key()
}

/// True if of no attribute as many usages were found as are looked for. Those in components of a content type are looked for together.
fn has_all_usages(usages: &[Usage]) -> bool {
    let mut found: HashMap<(TypeId, &str), i64> = HashMap::new();
    for usage in usages {
        let attribute = Some(usage.path.as_str()).filter(|path| !path.contains('.')).unwrap_or_default();
        *found.entry((usage.content_type, attribute)).or_default() += 1;
    }
    found.values().all(|count| *count < MAX_USAGES_PER_ATTRIBUTE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usages_are_all_there_unless_one_attribute_has_too_many() {
        let usage = |path: String, n: i64| Usage {
            target: "u".to_owned(),
            content_type: TypeId(0),
            document_id: format!("d{n}"),
            locale: String::new(),
            published: true,
            path,
            mentioned: false,
        };
        let mut usages: Vec<Usage> = ["owner", "helper"]
            .into_iter()
            .flat_map(|name| (1..MAX_USAGES_PER_ATTRIBUTE).map(move |n| (name, n)))
            .map(|(name, n)| usage(name.to_owned(), n))
            .collect();
        assert!(has_all_usages(&[]) && has_all_usages(&usages));
        usages.push(usage("owner".to_owned(), 0));
        assert!(!has_all_usages(&usages));
        let inside = |n: i64| usage(format!("rows.{n}.{}", if n % 2 == 0 { "owner" } else { "helper" }), n);
        let inside: Vec<Usage> = (0..MAX_USAGES_PER_ATTRIBUTE).map(inside).collect();
        assert!(!has_all_usages(&inside) && has_all_usages(&inside[1..]));
    }
}
