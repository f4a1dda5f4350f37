//! Accounts of customers whose journeys are on their way: they are not deleted unawares, and the team hears when one is blocked.

use crate::audience::MAX_JOURNEYS;
use crate::journeys::LoadedJourney;
use crate::messages::notify_staff;
use crate::model::{Journey, JourneyStatus, User};
use cairn_contact_details::email::normalise_email;
use cairn_plugin::data::Batch;
use cairn_plugin::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};

/// Journeys that are named.
const MAX_NAMED: usize = 3;
/// Journeys on which an address is noted: as many documents as a hook may write, with room for others.
const MAX_NOTED: u32 = 150;

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
        note_address(change)?;
        return Ok(Decision::Allow);
    }
    let titles: Vec<&str> = running.iter().take(MAX_NAMED).map(|journey| journey.title.as_str()).collect();
    let more = running.len().saturating_sub(MAX_NAMED);
    let arguments = json!({ "titles": titles.join(", "), "count": running.len(), "more": more });
    Ok(Decision::conflict("state", translate("refused.account-running", &call.locale, Some(&arguments))))
}

/// Notes the address of an account that is deleted on its journeys, which keep the name of the customer: by the address the person's data are
/// found when they are reported or erased.
fn note_address(change: &Change) -> Result<()> {
    let address = match change.before::<Address>()?.and_then(|account| account.email) {
        Some(email) => email,
        None => match data::get::<User>(&change.document_id)? {
            Some(account) => account.fields.email,
            None => return Ok(()),
        },
    };
    let of_account = json!({ "customer": { "documentId": { "$eq": change.document_id } } });
    let journeys = data::find::<Journey>().filter(of_account).fields(&["title", "anchorAt"]);
    let journeys = journeys.sort("createdAt:desc").all(MAX_NOTED)?;
    let patch = json!({ "customerEmail": normalise_email(&address) });
    let batch = journeys
        .iter()
        .try_fold(Batch::new(), |batch, journey| batch.update::<Journey>(&journey.document_id, &patch))?;
    if batch.is_empty() { Ok(()) } else { batch.write().map(drop) }
}

/// The address of an account, where the change tells it.
#[derive(Deserialize)]
struct Address {
    #[serde(default)]
    email: Option<String>,
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
            let journey = match LoadedJourney::load(&journey.document_id) {
                // A journey that has lost its definition has no phase, and so no staff to notify. The other journeys are reported.
                Err(Error::NotFound(_)) => continue,
                journey => journey?,
            };
            let key = format!("{}/{now}", journey.id());
            notify_staff(&journey, journey.current_phase(), "blocked", &key, &journey.row.customer_name);
        }
    }
    Ok(())
}
