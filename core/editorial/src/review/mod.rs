//! Review: where a document is in the workflow of its type, who has approved it, who is to see to it by when.
//!
//! What counts is computed from what is stored and from the draft as it is now, never written down: an approval is of one version
//! of the draft ([`cairn_store::editorial::Token`]), and a later one has it no more. Whoever changes a review holds the document
//! first, as whoever writes its content does, so that nobody approves what somebody else is changing.

mod actions;
mod gate;
mod inbox;
mod lists;
mod standing;
#[cfg(test)]
mod tests;
mod upkeep;
mod workflows;

pub use actions::{Approve, Assign, MoveTo, SetDue};
pub use gate::ReviewGate;
pub use inbox::Asked;
pub use lists::InReview;
pub use standing::{Need, Standing};
pub use upkeep::Upkeep;
