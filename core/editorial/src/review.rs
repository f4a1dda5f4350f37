//! Review: the stage of a document in the workflow of its type, its approvals, its assignees and its due date.
//!
//! What counts is computed from stored rows and the present draft, never stored itself: an approval applies to one version of the draft
//! ([`cairn_store::editorial::DraftToken`]), not to a later one. Whoever changes a review locks the document first, as writers of its content
//! do, so that nobody approves what somebody else is changing.

mod actions;
mod gate;
mod inbox;
mod lists;
mod obstacle;
mod review_state;
mod review_sync;
#[cfg(test)]
mod tests;
mod view;
mod workflow_view;
mod workflows;

pub use actions::{ApprovalInput, AssignmentInput, MoveReviewInput, SetDue};
pub use gate::ReviewGate;
pub use inbox::ReviewListParams;
pub use lists::EntryReviewFilter;
pub use obstacle::ReviewObstacle;
pub use review_state::{ApprovalProgress, ReviewState};
pub use review_sync::ReviewSync;
pub use view::{
    ApprovalState, ApprovalView, Author, EntryReview, NeededApproval, NextStage, Person, Publishable, ReviewDue,
    ReviewMove, ReviewSummary, ReviewView,
};
pub use workflow_view::{WorkflowApproval, WorkflowStage, WorkflowView};
