//! Leads and deals that are read to be changed: held until the transaction ends.

use crate::model::{Deal, Lead};
use cairn_plugin::prelude::*;
use serde_json::{Value, json};

/// A lead with its pipeline, held until the transaction ends.
///
/// # Errors
/// What the host says.
pub(crate) fn find_lead_locked(id: &str) -> Result<Option<Row<Lead>>> {
    let populate = json!({ "pipeline": { "populate": { "responsePolicy": true } }, "contact": { "fields": ["name"] }, "possibleContact": { "fields": ["name"] }, "convertedDeal": { "fields": ["title"] } });
    Ok(data::find::<Lead>().populate(populate).lock().by_ids(&[id])?.pop().flatten())
}

/// Relations that are read with a stage.
pub(crate) fn stage_relations() -> Value {
    json!({ "pipeline": { "fields": ["name"] }, "slaPolicy": true })
}

/// A deal with its stage, held until the transaction ends.
///
/// # Errors
/// What the host says.
pub(crate) fn find_deal_locked(id: &str) -> Result<Option<Row<Deal>>> {
    let populate = json!({
        "stage": { "populate": stage_relations() }, "contact": { "fields": ["name"] }, "package": { "fields": ["name"] },
    });
    Ok(data::find::<Deal>().populate(populate).lock().by_ids(&[id])?.pop().flatten())
}
