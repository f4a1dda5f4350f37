//! Content owners: who is responsible for the content of a type or a phase, and to whom overdue work is escalated.
//!
//! A phase is the value of an attribute of the document (`phase`, `phase.slug`), or the free text of a slot.

mod escalation;
mod phase_field;
#[cfg(test)]
mod tests;
mod view;

pub use escalation::{CHECK_JOB, EscalationCheck, RAISED_EVENT};
pub(crate) use phase_field::check_field;
pub use view::{EscalatedItem, EscalatedOwner, EscalationView, OwnerView};

use crate::EditorialService;
use crate::input::optional_line;
use crate::service::{emit_event, invalid_at, invalid_error, known_users, not_found};
use cairn_content::Result;
use cairn_settings::workflows;
use cairn_store::editorial::{NewOwner, OwnerRow};
use cairn_store::events::Actor;
use cairn_store::{Reader, StoreError, WriteTx};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::HashMap;
use std::sync::Arc;
use utoipa::ToSchema;

/// Largest number of owners in a project.
const MAX_OWNERS: usize = 500;
/// An hour, in milliseconds.
const HOUR_MS: i64 = 3_600_000;
/// Longest time before something is escalated, in hours.
const MAX_HOURS: i64 = 24 * 366;

/// An owner as it comes in.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct OwnerInput {
    /// Uid of a content type; without it of any.
    pub content_type: Option<String>,
    /// A phase; without it any.
    pub phase: Option<String>,
    /// The attribute of the type that holds the phase: `phase`, or of a relation to one `phase.slug`.
    pub phase_field: Option<String>,
    /// Number of the admin user who owns it,
    pub user: Option<i64>,
    /// or the role of those who do.
    pub role: Option<String>,
    /// Their team, free text.
    pub team: Option<String>,
    /// When it goes to whom.
    pub escalation: Option<EscalationInput>,
}

/// When something goes to whom.
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct EscalationInput {
    /// So long after its due date, or a slot's time.
    pub overdue_after_hours: Option<i64>,
    /// So long after it came into a stage in which it waits for others.
    pub unreviewed_after_hours: Option<i64>,
    /// To these admin users,
    pub users: Vec<i64>,
    /// and to all with these roles.
    pub roles: Vec<String>,
}

fn check_hours(path: &str, hours: Option<i64>) -> Result<Option<i64>> {
    match hours {
        Some(h) if !(1..=MAX_HOURS).contains(&h) => {
            Err(invalid_at(path, format!("{path} must be a whole number of hours from 1 to {MAX_HOURS}")))
        }
        h => Ok(h.map(|h| h * HOUR_MS)),
    }
}

impl OwnerInput {
    fn to_new_owner(&self) -> Result<NewOwner> {
        let escalation = self.escalation.clone().unwrap_or_default();
        let owner = NewOwner {
            content_type: self.content_type.clone().unwrap_or_default(),
            phase: optional_line("phase", self.phase.as_deref())?.unwrap_or_default(),
            phase_field: optional_line("phaseField", self.phase_field.as_deref())?,
            admin_user: self.user,
            role: optional_line("role", self.role.as_deref())?,
            team: optional_line("team", self.team.as_deref())?,
            overdue_after: check_hours("escalation.overdueAfterHours", escalation.overdue_after_hours)?,
            unreviewed_after: check_hours("escalation.unreviewedAfterHours", escalation.unreviewed_after_hours)?,
            escalate_users: escalation.users,
            escalate_roles: escalation.roles,
        };
        if owner.content_type.is_empty() && owner.phase.is_empty() {
            return Err(invalid_error("Specify what is owned: contentType, phase, or both"));
        }
        if owner.admin_user.is_none() && owner.role.is_none() && owner.team.is_none() {
            return Err(invalid_error("Specify the owner: user, role or team"));
        }
        if owner.phase_field.is_some() && owner.content_type.is_empty() {
            return Err(invalid_at("phaseField", "phaseField requires a contentType"));
        }
        let waits = owner.overdue_after.is_some() || owner.unreviewed_after.is_some();
        let whom = !owner.escalate_users.is_empty() || !owner.escalate_roles.is_empty();
        if waits != whom {
            let message =
                "An escalation needs a time (overdueAfterHours, unreviewedAfterHours) and recipients (users, roles)";
            return Err(invalid_at("escalation", message));
        }
        if owner.escalate_users.len() > 50 || owner.escalate_roles.len() > 20 {
            return Err(invalid_at("escalation", "An escalation can notify at most 50 users and 20 roles"));
        }
        Ok(owner)
    }
}

fn check_owner(tx: &WriteTx<'_>, id: Option<i64>, o: &NewOwner) -> Result<()> {
    let registry = tx.registry();
    let reader = tx.reader();
    let all = reader.content_owners().list()?;
    if !o.content_type.is_empty() {
        let ct = registry.by_uid(&o.content_type).filter(|t| t.is_api());
        let ct = ct.ok_or_else(|| invalid_at("contentType", format!("Content type {:?} not found", o.content_type)))?;
        if let Some(path) = &o.phase_field {
            check_field(&registry, ct, path).map_err(|problem| invalid_at("phaseField", problem))?;
            let other = all.iter().find(|other| {
                Some(other.id) != id
                    && other.owner.content_type == o.content_type
                    && other.owner.phase_field.as_ref().is_some_and(|field| field != path)
            });
            if let Some(field) = other.and_then(|other| other.owner.phase_field.as_ref()) {
                let message = format!("Another owner of {} already uses {field:?} as its phase field", o.content_type);
                return Err(invalid_at("phaseField", message));
            }
        }
    }
    let users: Vec<i64> = o.admin_user.into_iter().collect();
    known_users(&reader, "user", &users)?;
    known_users(&reader, "escalation.users", &o.escalate_users)?;
    let roles = workflows::known_roles(&reader.admin_users().list()?);
    for role in o.role.iter().chain(&o.escalate_roles) {
        if !roles.contains(role) {
            return Err(invalid_at("role", format!("No admin user has the role {role:?}: assign it to someone first")));
        }
    }
    if id.is_none() && all.len() >= MAX_OWNERS {
        return Err(invalid_error(format!("A project can have at most {MAX_OWNERS} content owners")));
    }
    Ok(())
}

fn no_owner() -> cairn_content::ContentError {
    not_found("Content owner not found")
}

fn duplicate_owner(e: StoreError) -> cairn_content::ContentError {
    match e {
        StoreError::Unique => {
            invalid_error("This content type and phase already have an owner: change that one instead")
        }
        other => other.into(),
    }
}

/// All owners, for looking up the owner of something.
#[derive(Debug, Clone, Default)]
pub(crate) struct OwnerIndex(Vec<OwnerRow>);

impl OwnerIndex {
    pub(crate) fn load(r: &Reader<'_>) -> Result<Self, StoreError> {
        Ok(Self(r.content_owners().list()?))
    }

    /// The owner for a type and a phase, else for the phase, else for the type.
    pub(crate) fn find_owner(&self, content_type: Option<&str>, phase: Option<&str>) -> Option<&NewOwner> {
        let (ct, phase) = (content_type.unwrap_or_default(), phase.unwrap_or_default());
        let find = |ct: &str, phase: &str| {
            let has_criteria = !ct.is_empty() || !phase.is_empty();
            self.0.iter().map(|o| &o.owner).find(|o| has_criteria && o.content_type == ct && o.phase == phase)
        };
        find(ct, phase).or_else(|| find("", phase)).or_else(|| find(ct, ""))
    }

    /// By type, the attribute that holds the phase.
    pub(crate) fn phase_fields(&self) -> HashMap<String, String> {
        let to_pair = |o: &OwnerRow| Some((o.owner.content_type.clone(), o.owner.phase_field.clone()?));
        self.0.iter().filter_map(to_pair).collect()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &NewOwner> {
        self.0.iter().map(|o| &o.owner)
    }
}

impl EditorialService {
    /// Lists every content owner. Returns an error if the database fails.
    pub fn list_owners(&self) -> Result<Vec<OwnerView>> {
        Ok(self.store().read(|r| r.content_owners().list())?.into_iter().map(OwnerView::from).collect())
    }

    /// Creates a content owner. Fails with 400 for invalid input.
    pub async fn create_owner(&self, actor: &Arc<Actor>, input: OwnerInput) -> Result<OwnerView> {
        let owner = input.to_new_owner()?;
        let (actor, now) = (actor.clone(), self.now());
        self.store()
            .write(move |tx| {
                check_owner(tx, None, &owner)?;
                let id = tx.content_owners().create(&owner, now).map_err(duplicate_owner)?;
                escalation::schedule_check(tx, now)?;
                let view = OwnerView::from(tx.reader().content_owners().get(id)?.ok_or_else(no_owner)?);
                emit_event(tx, &actor, "cairn.owner.created", format!("owner {id}"), json!(view), now)?;
                Ok(view)
            })
            .await
    }

    /// Replaces a content owner.
    ///
    /// # Errors
    /// 400 for invalid input, 404 if there is no such owner.
    pub async fn change_owner(&self, actor: &Arc<Actor>, id: i64, input: OwnerInput) -> Result<OwnerView> {
        let owner = input.to_new_owner()?;
        let (actor, now) = (actor.clone(), self.now());
        self.store()
            .write(move |tx| {
                check_owner(tx, Some(id), &owner)?;
                if !tx.content_owners().update(id, &owner, now).map_err(duplicate_owner)? {
                    return Err(no_owner());
                }
                escalation::schedule_check(tx, now)?;
                let view = OwnerView::from(tx.reader().content_owners().get(id)?.ok_or_else(no_owner)?);
                emit_event(tx, &actor, "cairn.owner.changed", format!("owner {id}"), json!(view), now)?;
                Ok(view)
            })
            .await
    }

    /// Deletes a content owner. Fails with 404 if there is no such owner.
    pub async fn delete_owner(&self, actor: &Arc<Actor>, id: i64) -> Result<()> {
        let (actor, now) = (actor.clone(), self.now());
        self.store()
            .write(move |tx| {
                let view = OwnerView::from(tx.reader().content_owners().get(id)?.ok_or_else(no_owner)?);
                tx.content_owners().delete(id)?;
                escalation::schedule_check(tx, now)?;
                emit_event(tx, &actor, "cairn.owner.deleted", format!("owner {id}"), json!(view), now)
            })
            .await
    }

    /// Lists escalations, newest first, with the id to continue before. Returns an error if the database fails.
    pub fn list_escalations(&self, before: Option<i64>, limit: i64) -> Result<(Vec<EscalatedItem>, Option<i64>)> {
        let rows = self.store().read(|r| r.content_owners().list_escalations(before, limit))?;
        let next = (rows.len() as i64 == limit).then(|| rows.last().map(|r| r.id)).flatten();
        Ok((rows.into_iter().map(EscalatedItem::from).collect(), next))
    }
}
