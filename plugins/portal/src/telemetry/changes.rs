//! Runs as the team writes them.

use super::processing::schedule_deletion;
use crate::model::{Link, RunStatus, TelemetryRun};
use crate::refusals::{refuse_field, refuse_state};
use crate::vehicles::cancellation::is_cancelled;
use cairn_plugin::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};

/// Fields that follow from the file.
const KEPT: [&str; 8] = ["file", "status", "message", "rows", "seconds", "channels", "points", "contentKey"];

/// A run as somebody writes it.
#[derive(Debug, Deserialize)]
struct WrittenRun {
    vehicle: Option<Link>,
    #[serde(default)]
    file: Value,
}

/// A run is a file of a vehicle that it stays with; a job reads the file. When a run is deleted, so is a file that came by a route.
///
/// # Errors
/// What the host says.
pub(crate) fn decide_change(call: &Call, change: &Change) -> Result<Decision> {
    if change.action == Action::Delete {
        let run = data::find::<TelemetryRun>().populate(json!({ "file": { "fields": ["name"] } }));
        let run = run.fields(&["status"]).by_ids(&[&change.document_id])?.pop().flatten();
        if let Some(file) = run.and_then(|run| run.fields.file) {
            schedule_deletion(&file.document_id)?;
        }
        return Ok(Decision::Allow);
    }
    let Some(after) = change.after::<WrittenRun>()? else { return Ok(Decision::Allow) };
    let Some(vehicle) = &after.vehicle else { return Ok(refuse_field("vehicle", "no-vehicle", call, None)) };
    if change.action == Action::Update {
        if change.touches("vehicle") {
            return Ok(refuse_field("vehicle", "other-vehicle", call, None));
        }
        let kept = KEPT.into_iter().find(|field| change.touches(field));
        return Ok(kept.map_or(Decision::Allow, |field| refuse_field(field, "kept", call, None)));
    }
    if is_cancelled(&vehicle.document_id)? {
        return Ok(refuse_state("vehicle-cancelled", call));
    }
    if after.file.is_null() {
        return Ok(refuse_field("file", "no-file", call, None));
    }
    Decision::amend(&json!({
        "status": RunStatus::Processing, "message": null, "rows": null, "seconds": null, "channels": null, "points": null,
        "contentKey": null,
    }))
}
