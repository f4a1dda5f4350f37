//! The last move of a journey, as long as it can be undone.

use crate::journeys::LoadedJourney;
use crate::model::{Journey, LastMove};
use cairn_plugin::prelude::*;

/// True if the last move of a journey can still be undone.
pub(crate) fn is_undo_open(journey: &Journey) -> bool {
    let until = journey.undo_until.as_deref().and_then(|at| time::parse(at).ok());
    journey.undo.is_some() && until.is_some_and(|until| until > time::now())
}

/// Describes a move that can be undone.
pub(crate) fn describe_move(journey: &LoadedJourney, left: &str, entry: &str, is_silent: bool) -> LastMove {
    LastMove {
        entry: entry.to_owned(),
        left: left.to_owned(),
        phase: journey.row.current_phase.as_ref().map(|phase| phase.document_id.clone()).unwrap_or_default(),
        phase_ends_at: journey.row.phase_ends_at.clone(),
        overdue_at: journey.row.overdue_at.clone(),
        is_silent,
    }
}
