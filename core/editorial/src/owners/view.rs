//! Content owners and escalations as the admin API returns them.

use super::HOUR_MS;
use cairn_content::view::Time;
use cairn_store::editorial::{EscalationRow, OwnerRow};
use chrono::DateTime;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Owner of the content of a type and phase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Owner)]
pub struct OwnerView {
    /// Number of the owner, to change or remove it by.
    pub id: i64,
    /// Uid of the content type; null: any.
    pub content_type: Option<String>,
    /// Phase of the content; null: any.
    pub phase: Option<String>,
    /// The attribute of the type that holds the phase.
    pub phase_field: Option<String>,
    /// Number of the admin user who owns it,
    pub user: Option<i64>,
    /// or the role of those who do.
    pub role: Option<String>,
    /// Their team, free text.
    pub team: Option<String>,
    /// Null: nothing is escalated.
    pub escalation: Option<EscalationView>,
}

/// When something goes to whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Escalation)]
pub struct EscalationView {
    /// So long after its due date, or a slot's time.
    pub overdue_after_hours: Option<i64>,
    /// So long after it came into a stage in which it waits for others.
    pub unreviewed_after_hours: Option<i64>,
    /// Numbers of admin users.
    pub users: Vec<i64>,
    /// All admin users with these roles.
    pub roles: Vec<String>,
}

impl From<OwnerRow> for OwnerView {
    fn from(row: OwnerRow) -> Self {
        let owner = row.owner;
        let waits = owner.overdue_after.is_some() || owner.unreviewed_after.is_some();
        Self {
            id: row.id,
            content_type: Some(owner.content_type).filter(|uid| !uid.is_empty()),
            phase: Some(owner.phase).filter(|phase| !phase.is_empty()),
            phase_field: owner.phase_field,
            user: owner.admin_user,
            role: owner.role,
            team: owner.team,
            escalation: waits.then_some(EscalationView {
                overdue_after_hours: owner.overdue_after.map(|ms| ms / HOUR_MS),
                unreviewed_after_hours: owner.unreviewed_after.map(|ms| ms / HOUR_MS),
                users: owner.escalate_users,
                roles: owner.escalate_roles,
            }),
        }
    }
}

/// Something that waited for too long.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Escalated)]
pub struct EscalatedItem {
    /// Number of the escalation, by which pages go on.
    pub id: i64,
    /// Key of the cause: the review or slot that waits.
    pub cause: String,
    /// Why it was escalated, for people.
    pub reason: String,
    /// Since when it waits.
    pub since: Time,
    /// Title of the document or slot.
    pub title: Option<String>,
    /// Phase of the document or slot.
    pub phase: Option<String>,
    /// Stage of the document's review; null for a slot.
    pub stage: Option<String>,
    /// Owner of the content.
    pub owner: EscalatedOwner,
    /// Numbers of the admin users who were told.
    pub to: Vec<i64>,
    /// Uid of the document's type.
    pub content_type: Option<String>,
    /// Null for a slot without a document.
    pub document_id: Option<String>,
    /// Null if its type is not localised.
    pub locale: Option<String>,
    /// When it was escalated.
    pub at: Time,
}

/// The owner of escalated content.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EscalatedOwner {
    /// Number of the admin user who owns it,
    pub user: Option<i64>,
    /// or the role of those who do.
    pub role: Option<String>,
    /// Their team, free text.
    pub team: Option<String>,
}

/// Data that an escalation stores beside its cause.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct EscalationData {
    reason: String,
    since: String,
    title: Option<String>,
    phase: Option<String>,
    stage: Option<String>,
    owner: EscalatedOwner,
    to: Vec<i64>,
    content_type: Option<String>,
    document_id: Option<String>,
    locale: Option<String>,
}

impl From<EscalationRow> for EscalatedItem {
    fn from(row: EscalationRow) -> Self {
        let data: EscalationData = serde_json::from_value(row.data).unwrap_or_default();
        let since = DateTime::parse_from_rfc3339(&data.since).map_or(row.at, |since| since.timestamp_millis());
        Self {
            id: row.id,
            cause: row.cause,
            reason: data.reason,
            since: Time(since),
            title: data.title,
            phase: data.phase,
            stage: data.stage,
            owner: data.owner,
            to: data.to,
            content_type: data.content_type,
            document_id: data.document_id,
            locale: data.locale,
            at: Time(row.at),
        }
    }
}
