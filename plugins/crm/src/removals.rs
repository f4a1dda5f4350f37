//! Decisions about pipelines, stages and deals that somebody deletes: what still belongs to one is in the way, or goes with it.

use crate::model::{Deal, Lead, LeadStatus, Pipeline, Quote, QuoteStatus, Stage};
use cairn_plugin::data::{AllFields, Batch};
use cairn_plugin::prelude::*;
use serde_json::json;

/// Drafts of a deal that go with it: it has one at a time.
const MAX_DRAFTS: u32 = 50;

/// Decides about a stage or pipeline that somebody deletes: not while deals are in it, or leads that somebody has to answer. About a deal: not
/// while the customer has a quote of it; drafts that nobody has seen go with it.
///
/// # Errors
/// What the host says.
pub(crate) fn decide_removal(call: &Call, change: &Change) -> Result<Decision> {
    if change.content_type == Deal::TYPE {
        let known = json!({ "deal": { "documentId": change.document_id }, "status": { "$in": ["sent", "accepted"] } });
        if data::find::<Quote>().filter(known).count()? == 0 {
            delete_unseen_drafts(&change.document_id)?;
            return Ok(Decision::Allow);
        }
        return Ok(Decision::conflict("state", translate("conflict.quoted", &call.locale, None)));
    }
    let relation = if change.content_type == Stage::TYPE { "stage" } else { "pipeline" };
    let used = data::find::<Deal>().filter(json!({ relation: { "documentId": change.document_id } })).count()?;
    if used > 0 {
        let message = translate("refused.inUse", &call.locale, Some(&json!({ "count": used })));
        return Ok(Decision::conflict("state", message));
    }
    if change.content_type != Pipeline::TYPE {
        return Ok(Decision::Allow);
    }
    let open = json!({ "pipeline": { "documentId": change.document_id }, "status": { "$in": LeadStatus::OPEN } });
    match data::find::<Lead>().filter(open).count()? {
        0 => Ok(Decision::Allow),
        waiting => {
            let message = translate("refused.hasLeads", &call.locale, Some(&json!({ "count": waiting })));
            Ok(Decision::conflict("state", message))
        }
    }
}

/// Deletes the drafts of a deal that have no number: without their deal they can go to nobody.
fn delete_unseen_drafts(deal: &str) -> Result<()> {
    let unseen = json!({ "deal": { "documentId": deal }, "status": QuoteStatus::Draft, "number": { "$null": true } });
    let drafts = data::find::<AllFields<Quote>>().filter(unseen).fields(&["createdAt"]).all(MAX_DRAFTS)?;
    let batch = drafts.iter().fold(Batch::new(), |batch, draft| batch.delete::<Quote>(&draft.document_id));
    if batch.is_empty() { Ok(()) } else { batch.write().map(|_| ()) }
}
