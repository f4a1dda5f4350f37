//! Reviews as the admin API returns them.

use super::ReviewObstacle;
use cairn_content::view::Time;
use cairn_model::workflow::Workflow;
use cairn_store::editorial::{ApprovalRow, DraftToken, DueDate, MoveRow};
use cairn_store::system::AdminUserRow;
use serde::Serialize;
use utoipa::ToSchema;

/// How a document stands in its workflow.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Review)]
pub struct ReviewView {
    /// Null where nobody has done anything with it yet.
    pub id: Option<i64>,
    /// Uid of the document's type.
    pub content_type: String,
    /// The document that is reviewed.
    pub document_id: String,
    /// Null if its type is not localised.
    pub locale: Option<String>,
    /// Version token of the draft.
    pub version: i64,
    /// Version token of the published entry; null: none is published.
    pub published_version: Option<i64>,
    /// Null where its type has none.
    pub workflow: Option<String>,
    /// Name of the stage that it is in; null without a workflow.
    pub stage: Option<String>,
    /// Colour of its stage: `#rrggbb`.
    pub colour: Option<String>,
    /// It came back to this stage because it was changed.
    pub returned: bool,
    /// Where it can go.
    pub next: Vec<NextStage>,
    /// The approvals that publishing needs.
    pub needed: Vec<NeededApproval>,
    /// The approvals there are.
    pub approvals: Vec<ApprovalView>,
    /// Verdict of its workflow on publishing it now.
    pub publish: Publishable,
    /// The roles in which the caller may approve.
    pub may_approve: Vec<String>,
    /// Admin users who are to see to it.
    pub assignees: Vec<Person>,
    /// Null without a due date.
    pub due: Option<ReviewDue>,
}

/// Where a document can go.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct NextStage {
    /// Name of the stage in the workflow.
    pub stage: String,
    /// Colour of the stage: `#rrggbb`.
    pub colour: Option<String>,
    /// True if the caller may bring it there now.
    pub allowed: bool,
    /// Reasons why the caller may not; empty if they may.
    pub why: Vec<ReviewObstacle>,
}

impl NextStage {
    /// A stage of a workflow, with what hinders the caller.
    pub(super) fn new(workflow: &Workflow, stage: &str, why: Vec<ReviewObstacle>) -> Self {
        let colour = stage_colour(workflow, stage);
        Self { stage: stage.to_owned(), colour, allowed: why.is_empty(), why }
    }
}

/// An approval that publishing needs.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct NeededApproval {
    /// Code of the role that approves.
    pub role: String,
    /// Number of people with the role who have to approve.
    #[schema(value_type = u32)]
    pub needed: u64,
    /// Number of them who have approved.
    #[schema(value_type = u32)]
    pub have: usize,
    /// Those who have approved.
    pub by: Vec<Person>,
}

/// Somebody approved.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Approval)]
pub struct ApprovalView {
    /// Number of the approval, to withdraw it by.
    pub id: i64,
    /// Code of the role in which it was given.
    pub role: String,
    /// Author of the approval.
    pub by: Author,
    /// When it was given.
    pub at: Time,
    /// The version that they saw.
    pub version: i64,
    /// Their remark, plain text.
    pub comment: Option<String>,
    /// State of the approval: whether it still counts.
    pub state: ApprovalState,
}

impl ApprovalView {
    /// An approval beside the present draft.
    pub(super) fn new(a: &ApprovalRow, draft: DraftToken) -> Self {
        let state = match (a.withdrawn_at, a.approval.token == draft) {
            (Some(_), _) => ApprovalState::Withdrawn,
            (None, true) => ApprovalState::Counts,
            (None, false) => ApprovalState::Fallen,
        };
        Self {
            id: a.id,
            role: a.approval.role.clone(),
            by: Author { id: Some(a.approval.admin_user), name: a.approval.actor.name.clone() },
            at: Time(a.at),
            version: a.approval.token.version,
            comment: a.approval.comment.clone(),
            state,
        }
    }
}

/// Validity of an approval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ApprovalState {
    /// It is of the present draft.
    Counts,
    /// The document was changed since.
    Fallen,
    /// Somebody took it back.
    Withdrawn,
}

/// Verdict of a workflow on the publication of a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Publishable {
    /// True if the document may be published, also where there is no workflow.
    pub allowed: bool,
    /// Reasons why not; empty if it may be.
    pub why: Vec<ReviewObstacle>,
}

/// An admin user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Person {
    /// Number of the admin user.
    pub id: i64,
    /// Null where there is no such user any more.
    pub email: Option<String>,
}

impl Person {
    /// The person with that id, looked up in all admin users.
    pub(super) fn find(id: i64, all: &[AdminUserRow]) -> Self {
        Self { id, email: all.iter().find(|user| user.id == id).map(|user| user.email.clone()) }
    }
}

/// Author of something, by the name they had then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Author {
    /// Of an admin user.
    pub id: Option<i64>,
    /// Null where none was recorded.
    pub name: Option<String>,
}

/// Until when a review is to be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReviewDue {
    /// The moment in UTC.
    pub at: Time,
    /// As it was given.
    pub local_time: String,
    /// Time zone of `localTime`: `Europe/Amsterdam`.
    pub zone: String,
    /// It has passed, and the review is not done.
    pub overdue: bool,
}

impl ReviewDue {
    /// A due date, and whether it has passed.
    pub(super) fn new(due: &DueDate, overdue: bool) -> Self {
        Self { at: Time(due.at), local_time: due.local.clone(), zone: due.zone.clone(), overdue }
    }
}

/// A review in a list.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReviewSummary {
    /// Number of the review, by which pages go on.
    pub id: i64,
    /// Uid of the document's type.
    pub content_type: String,
    /// The document that is reviewed.
    pub document_id: String,
    /// Null if its type is not localised.
    pub locale: Option<String>,
    /// Title of the draft; null if it has none.
    pub title: Option<String>,
    /// Name of the workflow; null where its type has none.
    pub workflow: Option<String>,
    /// Name of the stage that it is in; null without a workflow.
    pub stage: Option<String>,
    /// Colour of its stage: `#rrggbb`.
    pub colour: Option<String>,
    /// When it came into its stage.
    pub since: Time,
    /// Version token of the draft.
    pub version: i64,
    /// Numbers of admin users.
    pub assignees: Vec<i64>,
    /// Null without a due date.
    pub due: Option<ReviewDue>,
    /// The roles whose approval it waits for.
    pub asked_for: Vec<String>,
    /// The approvals that publishing lacks.
    pub missing: Vec<ReviewObstacle>,
    /// Verdict of its workflow on publishing it now.
    pub publishable: bool,
}

/// A document went to another stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReviewMove {
    /// Number of the move, by which pages go on.
    pub id: i64,
    /// Name of the stage before.
    pub from: Option<String>,
    /// Name of the stage after.
    pub to: String,
    /// When it was moved.
    pub at: Time,
    /// Name of the actor who moved it.
    pub by: Option<String>,
    /// Reason for the move, plain text.
    pub comment: Option<String>,
}

impl From<MoveRow> for ReviewMove {
    fn from(m: MoveRow) -> Self {
        Self { id: m.id, from: Some(m.from), to: m.to, at: Time(m.at), by: m.actor.name, comment: m.comment }
    }
}

/// Where an entry is in its review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct EntryReview {
    /// `null` where the workflow has none.
    pub stage: Option<String>,
    /// It was moved on and is here again because its content changed.
    pub returned: bool,
    /// Numbers of admin users.
    pub assignees: Vec<i64>,
    /// Until when it is to be done.
    pub due: Option<Time>,
}

/// The colour of a stage, if it has one.
pub(super) fn stage_colour(workflow: &Workflow, stage: &str) -> Option<String> {
    workflow.find_stage(stage).and_then(|stage| stage.colour.clone())
}
