//! Consequences that follow later: the mail that confirms a lead and the notice to who looks after it, the draft of a quote, a mail that
//! comes back, what became of a contract.

use crate::Crm;
use crate::clock::format_due;
use crate::confirmations::confirm_inquiry;
use crate::contracts::note_signing;
use crate::model::{Lead, LeadStatus};
use crate::notices::Notice;
use crate::quotes::{draft_quote, note_returned_mail};
use crate::settings::Settings;
use crate::subject::Subject;
use cairn_plugin::prelude::*;
use serde::Deserialize;

impl Events for Crm {
    fn one(_call: &Call, subscription: &str, event: &Event) -> Result<()> {
        match subscription {
            "new-leads" => welcome_lead(event),
            "entered-stages" => draft_quote(&event.data::<DealEvent>()?.deal),
            "contracts" => note_signing(event),
            "returned-mails" => note_returned_mail(&event.data::<MailEvent>()?.mail.to_string()),
            other => Err(Error::NotFound(other.to_owned())),
        }
    }
}

#[derive(Deserialize)]
struct LeadEvent {
    lead: String,
}

#[derive(Deserialize)]
struct DealEvent {
    deal: String,
}

#[derive(Deserialize)]
struct MailEvent {
    mail: i64,
}

fn welcome_lead(event: &Event) -> Result<()> {
    let id = event.data::<LeadEvent>()?.lead;
    let found = data::get::<Lead>(&id)?;
    // Deleted, or found to be spam, before we came to it.
    let Some(lead) = found.filter(|lead| lead.status != LeadStatus::Spam) else { return Ok(()) };
    let settings = Settings::load()?;
    let language = settings.language.as_str();
    let due = format_due(lead.sla_due_at.as_deref(), language, &settings.timezone);
    let notice =
        Notice { what: "new", about: Subject::Lead(&id), occasion: "", name: &lead.name, detail: &due, language };
    notice.send(&[&lead.owner]);
    confirm_inquiry(&id)
}
