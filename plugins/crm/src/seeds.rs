//! What a new CRM has: pipelines with their stages, and the time in which a lead is answered. What people changed stays: only what is
//! missing is made.

use crate::model::{Pipeline, SlaPolicy, Stage};
use cairn_plugin::data::Batch;
use cairn_plugin::prelude::*;
use serde_json::json;
use std::collections::BTreeSet;

const POLICY: &str = "first-response";
/// Key and name of each pipeline.
const PIPELINES: [(&str, &str); 3] =
    [("bruiloften", "Bruiloften"), ("zakelijk", "Zakelijk"), ("equipment-only", "Equipment-only")];
/// Key, name, probability, kind and required fields of each stage, in their order.
const STAGES: [(&str, &str, u8, &str, &[&str]); 6] = [
    ("nieuwe-lead", "Nieuwe Lead", 5, "open", &[]),
    ("kwalificatie", "Kwalificatie", 20, "open", &[]),
    ("offerte", "Offerte", 50, "open", &["eventDate"]),
    ("aanbetaling", "Aanbetaling", 80, "open", &["eventDate", "amount"]),
    ("project-gereed", "Project Gereed", 100, "won", &["eventDate", "amount"]),
    ("evaluatie", "Evaluatie", 100, "post", &[]),
];

/// Makes what is missing. A pipeline that exists already keeps the stages it has, even if people deleted some.
///
/// # Errors
/// What the host says.
pub(crate) fn plant_seeds() -> Result<()> {
    let policy = data::find::<SlaPolicy>().filter(json!({ "key": POLICY })).first()?;
    let policy = match policy {
        Some(known) => known.document_id,
        None => {
            let fields = json!({
                "key": POLICY, "name": "Eerste reactie", "target": "firstResponse", "duration": "PT2H", "clock": "elapsed", "warnAt": 0.75,
            });
            data::create::<SlaPolicy>(&fields)?.target.document_id
        }
    };
    let keys = PIPELINES.map(|(key, _)| key);
    let known = data::find::<Pipeline>().filter(json!({ "key": { "$in": keys } })).all(10)?;
    let known: BTreeSet<&str> = known.iter().map(|pipeline| pipeline.key.as_str()).collect();
    let missing = || PIPELINES.into_iter().enumerate().filter(|(_, (key, _))| !known.contains(key));
    let pipelines = missing().try_fold(Batch::new(), |batch, (order, (key, name))| {
        batch.create::<Pipeline>(&json!({ "key": key, "name": name, "order": order, "responsePolicy": policy }))
    });
    let pipelines = pipelines?.write()?;
    let mut stages = Batch::new();
    for pipeline in &pipelines {
        for (order, (key, name, probability, kind, required)) in STAGES.into_iter().enumerate() {
            stages = stages.create::<Stage>(&json!({
                "key": key, "name": name, "order": order, "probability": probability, "kind": kind, "requiredFields": required,
                "pipeline": pipeline.target.document_id,
            }))?;
        }
    }
    stages.write().map(|_| ())
}
