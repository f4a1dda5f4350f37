//! Review workflows, and where documents are in them.

use crate::openapi::response_types::Time;
use utoipa::ToSchema;

/// What a type's documents go through before they are published.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct Workflow {
    name: String,
    /// Uids of the types that have it.
    content_types: Vec<String>,
    stages: Vec<WorkflowStage>,
    /// What publishing needs.
    #[schema(nullable = false)]
    approvals: Option<Vec<WorkflowApproval>>,
    /// The stages in which they may be published; missing: in each.
    #[schema(nullable = false)]
    publish_in: Option<Vec<String>>,
    /// Whether changes of whoever approved leave the approval as it is.
    #[schema(nullable = false)]
    own_changes: Option<bool>,
}

/// The same without its name, which is in the address.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct WorkflowDefinition {
    /// Uids of the types that have it.
    content_types: Vec<String>,
    stages: Vec<WorkflowStage>,
    /// What publishing needs.
    #[schema(nullable = false)]
    approvals: Option<Vec<WorkflowApproval>>,
    /// The stages in which they may be published; missing: in each.
    #[schema(nullable = false)]
    publish_in: Option<Vec<String>>,
    /// Whether changes of whoever approved leave the approval as it is.
    #[schema(nullable = false)]
    own_changes: Option<bool>,
}

/// Where a document can be.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct WorkflowStage {
    name: String,
    #[schema(nullable = false)]
    colour: Option<String>,
    /// Where it can go from here; where it is missing, to the stage that follows.
    #[schema(nullable = false)]
    next: Option<Vec<String>>,
    /// Roles that may bring documents in; missing: everybody.
    #[schema(nullable = false)]
    enter: Option<Vec<String>>,
    /// Roles that may take them out; missing: everybody.
    #[schema(nullable = false)]
    leave: Option<Vec<String>>,
    /// Where a document goes that is changed here.
    #[schema(nullable = false)]
    back_to: Option<String>,
}

/// Somebody has to approve.
#[derive(ToSchema)]
pub(crate) struct WorkflowApproval {
    role: String,
    /// How many of them.
    #[schema(nullable = false)]
    count: Option<u32>,
    /// Before documents come into this stage; missing: before they are published.
    #[schema(nullable = false)]
    before: Option<String>,
}

/// How a document stands in its workflow.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct Review {
    /// Null where nobody has done anything with it yet.
    id: Option<i64>,
    content_type: String,
    document_id: String,
    locale: Option<String>,
    /// Version token of the draft.
    version: i64,
    /// Which version is published.
    published_version: Option<i64>,
    /// Null where its type has none.
    workflow: Option<String>,
    stage: Option<String>,
    colour: Option<String>,
    /// It came back to this stage because it was changed.
    returned: bool,
    /// Where it can go.
    next: Vec<NextStage>,
    /// The approvals that publishing needs.
    needed: Vec<NeededApproval>,
    /// The approvals there are.
    approvals: Vec<Approval>,
    publish: Publishable,
    /// The roles in which the caller may approve.
    may_approve: Vec<String>,
    assignees: Vec<Person>,
    due: Option<ReviewDue>,
}

/// Where a document can go.
#[derive(ToSchema)]
pub(crate) struct NextStage {
    stage: String,
    colour: Option<String>,
    /// Whether the caller may bring it there now.
    allowed: bool,
    /// Reasons why the caller may not, as sentences; empty if they may.
    why: Vec<String>,
}

/// An approval that publishing needs.
#[derive(ToSchema)]
pub(crate) struct NeededApproval {
    role: String,
    needed: u32,
    have: u32,
    by: Vec<Person>,
}

/// Somebody approved.
#[derive(ToSchema)]
pub(crate) struct Approval {
    id: i64,
    role: String,
    by: Author,
    at: Time,
    /// The version that they saw.
    version: i64,
    comment: Option<String>,
    state: ApprovalState,
}

/// What an approval is worth.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
pub(crate) enum ApprovalState {
    Counts,
    /// The document was changed since.
    Fallen,
    Withdrawn,
}

/// Whether a document may be published as far as its workflow goes.
#[derive(ToSchema)]
pub(crate) struct Publishable {
    allowed: bool,
    /// Reasons why not, as sentences; empty if it may be.
    why: Vec<String>,
}

/// An admin user.
#[derive(ToSchema)]
pub(crate) struct Person {
    id: i64,
    /// Null where there is no such user any more.
    email: Option<String>,
}

/// Who did something, by the name they had then.
#[derive(ToSchema)]
pub(crate) struct Author {
    /// Of an admin user.
    id: Option<i64>,
    name: Option<String>,
}

/// Until when a review is to be done.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct ReviewDue {
    at: Time,
    /// As it was given.
    local_time: String,
    zone: String,
    overdue: bool,
}

/// A review in a list.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct ReviewSummary {
    id: i64,
    content_type: String,
    document_id: String,
    locale: Option<String>,
    title: Option<String>,
    workflow: Option<String>,
    stage: Option<String>,
    colour: Option<String>,
    /// When it came into its stage.
    since: Time,
    /// Version token of the draft.
    version: i64,
    /// Numbers of admin users.
    assignees: Vec<i64>,
    due: Option<ReviewDue>,
    /// The roles whose approval it waits for.
    asked_for: Vec<String>,
    /// What publishing lacks.
    missing: Vec<String>,
    publishable: bool,
}

/// A document went to another stage.
#[derive(ToSchema)]
pub(crate) struct ReviewMove {
    id: i64,
    from: Option<String>,
    to: String,
    at: Time,
    by: Option<String>,
    comment: Option<String>,
}
