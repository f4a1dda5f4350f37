//! Accounts of customers whose journeys are on their way: they are not deleted unawares, and the team hears when one is blocked.

use crate::audience::MAX_JOURNEYS;
use crate::journeys::LoadedJourney;
use crate::messages::notify_staff;
use crate::model::{Journey, JourneyStatus, User};
use cairn_plugin::prelude::*;
use serde_json::{Value, json};

/// Journeys that are named.
const MAX_NAMED: usize = 3;

fn running_journeys(customer: &str) -> Value {
    json!({
        "customer": { "documentId": { "$eq": customer } },
        "status": { "$in": [JourneyStatus::Active, JourneyStatus::Paused] },
    })
}

/// The account of a customer is not deleted while a journey of theirs is on its way: nobody would see it, or hear of it. What has to go in any
/// case can be erased.
pub(crate) fn decide_deletion(call: &Call, change: &Change) -> Result<Decision> {
    let running = data::find::<Journey>().filter(running_journeys(&change.document_id));
    let running = running.fields(&["title", "anchorAt"]).sort("createdAt:desc").all(MAX_JOURNEYS)?;
    if running.is_empty() {
        return Ok(Decision::Allow);
    }
    let titles: Vec<&str> = running.iter().take(MAX_NAMED).map(|journey| journey.title.as_str()).collect();
    let more = running.len().saturating_sub(MAX_NAMED);
    let arguments = json!({ "titles": titles.join(", "), "count": running.len(), "more": more });
    Ok(Decision::conflict("state", translate("refused.account-running", &call.locale, Some(&arguments))))
}

/// Tells the team once that the customer of journeys that are on their way is blocked, and gets no mails.
///
/// # Errors
/// What the host says.
pub(crate) fn note_block(customer: &str) -> Result<()> {
    let Some(account) = data::get::<User>(customer)? else { return Ok(()) };
    let told = if account.blocked { json!({ "$null": true }) } else { json!({ "$notNull": true }) };
    let journeys = data::find::<Journey>().filter(running_journeys(customer)).filter(json!({ "blockedAt": told }));
    let now = time::format(time::now());
    for journey in journeys.fields(&["title", "anchorAt"]).all(MAX_JOURNEYS)? {
        let blocked_at = Some(&now).filter(|_| account.blocked);
        data::update::<Journey>(&journey.document_id, &json!({ "blockedAt": blocked_at }))?;
        if account.blocked {
            let journey = LoadedJourney::load(&journey.document_id)?;
            let key = format!("{}/{now}", journey.id());
            notify_staff(&journey, journey.current_phase(), "blocked", &key, &journey.row.customer_name);
        }
    }
    Ok(())
}
