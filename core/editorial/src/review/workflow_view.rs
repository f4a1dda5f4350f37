//! Workflows as the admin API returns them.

use cairn_model::workflow::{Approval, Stage, Workflow};
use serde::Serialize;
use std::ops::Not;
use utoipa::ToSchema;

/// Workflow of a content type, which its documents go through before they are published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Workflow)]
pub struct WorkflowView {
    /// Unique in a project; the address names it.
    pub name: String,
    /// Uids of the types that have it.
    pub content_types: Vec<String>,
    /// In their order: documents begin in the first.
    pub stages: Vec<WorkflowStage>,
    /// Approvals that publishing needs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub approvals: Vec<WorkflowApproval>,
    /// The stages in which they may be published; missing: in each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub publish_in: Vec<String>,
    /// True if changes of whoever approved leave the approval as it is.
    #[serde(skip_serializing_if = "Not::not")]
    pub own_changes: bool,
}

/// Where a document can be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WorkflowStage {
    /// Unique in the workflow.
    pub name: String,
    /// Written as `#rrggbb`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub colour: Option<String>,
    /// Where it can go from here; where it is missing, to the stage that follows.
    #[schema(required = false)]
    pub next: Vec<String>,
    /// Roles that may bring documents in; missing: everybody.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub enter: Vec<String>,
    /// Roles that may take them out; missing: everybody.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub leave: Vec<String>,
    /// Where a document goes that is changed here.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub back_to: Option<String>,
}

/// Somebody has to approve.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct WorkflowApproval {
    /// Code of the role that approves.
    pub role: String,
    /// How many of them.
    #[schema(value_type = u32, required = false)]
    pub count: u64,
    /// Before documents come into this stage; missing: before they are published.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub before: Option<String>,
}

impl From<Workflow> for WorkflowView {
    fn from(w: Workflow) -> Self {
        Self {
            name: w.name,
            content_types: w.content_types,
            stages: w.stages.into_iter().map(WorkflowStage::from).collect(),
            approvals: w.approvals.into_iter().map(WorkflowApproval::from).collect(),
            publish_in: w.publish_in,
            own_changes: w.own_changes,
        }
    }
}

impl From<Stage> for WorkflowStage {
    fn from(s: Stage) -> Self {
        Self { name: s.name, colour: s.colour, next: s.next, enter: s.enter, leave: s.leave, back_to: s.back_to }
    }
}

impl From<Approval> for WorkflowApproval {
    fn from(a: Approval) -> Self {
        Self { role: a.role, count: a.count, before: a.before }
    }
}
