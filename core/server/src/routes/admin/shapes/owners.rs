//! Content owners, and what was escalated.

use crate::openapi::response_types::Time;
use utoipa::ToSchema;

/// Whose content of a type and phase is.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[schema(as = Owner)]
pub(crate) struct ContentOwner {
    id: i64,
    /// Uid of the content type; null: any.
    content_type: Option<String>,
    /// Phase of the content; null: any.
    phase: Option<String>,
    /// The attribute of the type that holds the phase.
    phase_field: Option<String>,
    /// Number of the admin user who owns it,
    user: Option<i64>,
    /// or the role of those who do.
    role: Option<String>,
    team: Option<String>,
    escalation: Option<Escalation>,
}

/// When something goes to whom.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct Escalation {
    overdue_after_hours: Option<i64>,
    unreviewed_after_hours: Option<i64>,
    /// Numbers of admin users.
    users: Vec<i64>,
    roles: Vec<String>,
}

/// Something that waited for too long.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[schema(as = Escalated)]
pub(crate) struct EscalatedItem {
    id: i64,
    /// What waits, such as a review or a slot.
    cause: String,
    reason: String,
    since: Time,
    title: Option<String>,
    phase: Option<String>,
    stage: Option<String>,
    owner: EscalatedOwner,
    /// Numbers of the admin users who were told.
    to: Vec<i64>,
    content_type: Option<String>,
    document_id: Option<String>,
    locale: Option<String>,
    at: Time,
}

/// The owner of escalated content.
#[derive(ToSchema)]
pub(crate) struct EscalatedOwner {
    user: Option<i64>,
    role: Option<String>,
    team: Option<String>,
}
