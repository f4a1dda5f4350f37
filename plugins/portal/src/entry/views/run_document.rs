//! The page of one telemetry run: what was measured, and its charts.

use super::fields::column;
use crate::model::{RunStatus, TelemetryRun};
use crate::telemetry::list_charts;
use cairn_plugin::prelude::*;
use serde_json::{Value, json};

/// States of a run, with their tones.
pub(super) const RUN_TONES: [(&str, &str); 3] = [("processing", "info"), ("ready", "success"), ("refused", "danger")];

/// Describes the page.
///
/// # Errors
/// `NotFound` for a run that does not exist; what the host says.
pub(super) fn describe(id: &str) -> Result<Value> {
    let run = data::get::<TelemetryRun>(id)?.ok_or_else(|| Error::NotFound(id.to_owned()))?;
    let (state, tone) = match run.status {
        RunStatus::Processing => RUN_TONES[0],
        RunStatus::Ready => RUN_TONES[1],
        RunStatus::Refused => RUN_TONES[2],
    };
    let title = run.title.as_deref().filter(|title| !title.is_empty()).unwrap_or("t:telemetry.untitled");
    let mut show = vec![json!({
        "kind": "header", "title": title, "badge": { "label": format!("t:runStatus.{state}"), "tone": tone },
    })];
    if let Some(message) = run.message.as_deref().filter(|message| !message.is_empty()) {
        show.push(json!({ "kind": "text", "text": message }));
    }
    show.push(json!({
        "kind": "fields", "label": "t:group.run", "document": { "type": TelemetryRun::TYPE, "documentId": id },
        "fields": ["vehicle", "title", "ranAt", column("rows", "rows"), column("seconds", "seconds")], "edit": ["title", "ranAt"],
    }));
    show.extend(list_charts(&run));
    Ok(json!({ "kind": "stack", "live": [TelemetryRun::TYPE], "show": show }))
}
