//! Links as the team may change them: not at all, except to delete them. A button revokes them.

use crate::refusals::refuse_state;
use cairn_plugin::prelude::*;

/// Links are created by owners, and what a link shows is what its owner chose.
///
/// # Errors
/// Never.
pub(crate) fn decide_change(call: &Call, change: &Change) -> Result<Decision> {
    let is_same = change.action == Action::Update && change.changed.is_empty();
    Ok(if change.action == Action::Delete || is_same { Decision::Allow } else { refuse_state("kept-share", call) })
}
