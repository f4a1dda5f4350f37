//! The entry that a journey has not left, from which the times of what is planned in it are counted.

use crate::journeys::LoadedJourney;
use crate::model::{Entry, Phase, Slot};
use crate::schedule::{Basis, Delay};
use cairn_plugin::prelude::*;
use chrono::NaiveDateTime;
use serde_json::json;

/// The entry that a journey is in.
#[derive(Debug, Clone)]
pub(crate) struct OpenEntry<'a> {
    pub(crate) row: Row<Entry>,
    pub(crate) phase: &'a Row<Phase>,
    pub(crate) basis: Basis,
}

impl<'a> OpenEntry<'a> {
    /// The entry that a journey has not left; `None` where there is none, or its phase was deleted.
    ///
    /// # Errors
    /// What the host says.
    pub(crate) fn find(journey: &'a LoadedJourney) -> Result<Option<Self>> {
        let Some(row) = find_open_entry(journey.id())? else { return Ok(None) };
        let phase = row.phase.as_ref().map(|phase| phase.document_id.as_str());
        let Some(phase) = journey.phases.iter().find(|own| Some(own.document_id.as_str()) == phase) else {
            return Ok(None);
        };
        let basis = read_basis(journey, &row)?;
        Ok(Some(Self { row, phase, basis }))
    }

    /// When the next slot of the same row is due; `None` where there is none.
    pub(crate) fn find_next_due(&self, slot: &Slot, delay: Delay) -> Option<NaiveDateTime> {
        let row = slot.plan_row.as_ref()?;
        self.basis.find_due(&row.series(), self.phase.offsets(), slot.occurrence + 1, delay)
    }

    /// When a slot is due, with all shifts and pauses until now; `None` where the series has no such slot.
    pub(crate) fn find_due(&self, slot: &Slot, delay: Delay) -> Option<NaiveDateTime> {
        let row = slot.plan_row.as_ref()?;
        self.basis.find_due(&row.series(), self.phase.offsets(), slot.occurrence, delay)
    }

    /// True if a slot was planned for this entry.
    pub(crate) fn owns(&self, slot: &Slot) -> bool {
        slot.entry.as_ref().is_some_and(|own| own.document_id == self.row.document_id)
    }
}

/// The entry that a journey has not left.
///
/// # Errors
/// What the host says.
pub(crate) fn find_open_entry(journey: &str) -> Result<Option<Row<Entry>>> {
    data::find::<Entry>()
        .filter(json!({ "journey": { "documentId": { "$eq": journey } }, "leftAt": { "$null": true } }))
        .populate(json!({ "phase": { "fields": ["key"] } }))
        .sort("enteredAt:desc")
        .first()
}

/// Reads the basis from which the slots of an entry are counted.
///
/// # Errors
/// What the host says.
pub(crate) fn read_basis(journey: &LoadedJourney, entry: &Entry) -> Result<Basis> {
    let times = journey.zone().to_local(&[time::parse(&journey.row.anchor_at)?, time::parse(&entry.entered_at)?])?;
    let [anchor, entered] = times.as_slice() else { return Err(Error::Internal("no local time".to_owned())) };
    Ok(Basis { anchor: *anchor, entered: *entered, delay: entry.delay() })
}
