//! Activities of people about a lead: the first of them ends the clock.

use crate::activity_mentions::{ActivityTexts, notify_mentioned, resolve_mentions};
use crate::clock::{ClockEnd, end_clock};
use crate::locked_documents::find_lead_locked;
use crate::model::{Activity, Lead, LeadStatus};
use crate::person::Person;
use cairn_plugin::prelude::*;
use cairn_plugin::run_transaction;
use serde_json::json;

/// Kinds of activities that answer a lead, where a person did them.
const ANSWERS: [&str; 6] = ["note", "call", "email", "meeting", "whatsapp", "sms"];

/// True if an activity of that kind answers: what comes from the customer does not, nor does a task to be done.
pub(crate) fn is_answer(kind: &str, direction: &str) -> bool {
    ANSWERS.contains(&kind) && direction != "inbound"
}

/// Stores what somebody of the team did about a lead, ends its clock, and tells whom the texts mention. `locale`: that of messages.
///
/// # Errors
/// `NotFound`, `Invalid` where the texts do not fit or mention nobody.
pub(crate) fn record_activity(
    lead: &str,
    kind: &str,
    texts: ActivityTexts<'_>,
    person: &Person,
    locale: &str,
) -> Result<()> {
    run_transaction(|| {
        let lead = find_lead_locked(lead)?.ok_or_else(|| Error::NotFound(lead.to_owned()))?;
        let mentions = resolve_mentions(texts, &[], locale)?;
        let written = data::create::<Activity>(&json!({
            "kind": kind, "subject": texts.subject, "body": texts.body, "direction": "outbound",
            "at": time::format(time::now()), "automatic": false, "author": person.id, "authorName": person.name,
            "mentions": mentions, "lead": lead.document_id,
            "contact": lead.contact.as_ref().map(|contact| contact.document_id.as_str()),
        }))?;
        notify_mentioned(&written.target.document_id, texts, &mentions, &[], person)?;
        answer_lead(&lead)
    })
}

/// Notes that somebody answered a lead which this transaction holds.
///
/// # Errors
/// What the host says.
pub(crate) fn answer_lead(lead: &Row<Lead>) -> Result<()> {
    if lead.first_response_at.is_some() || !lead.status.is_open() {
        return Ok(());
    }
    let status = if lead.status == LeadStatus::New { LeadStatus::Working } else { lead.status };
    end_clock(lead, ClockEnd::Answered, status)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_goes_to_the_customer_answers() {
        for kind in ["note", "call", "email", "meeting", "whatsapp", "sms"] {
            assert!(is_answer(kind, "outbound") && is_answer(kind, ""), "{kind}");
            assert!(!is_answer(kind, "inbound"), "{kind}");
        }
        for kind in ["task", "system", ""] {
            assert!(!is_answer(kind, "outbound"), "{kind}");
        }
    }
}
