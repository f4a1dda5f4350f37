//! Consequences that follow later: the mail that confirms a lead and the notice to who looks after it, the draft of a quote, a mail that
//! comes back, what became of a contract.

use crate::Crm;
use crate::clock::format_due;
use crate::contracts::note_signing;
use crate::local_date::write_date;
use crate::model::{Lead, LeadStatus};
use crate::notices::Notice;
use crate::quotes::{draft_quote, note_returned_mail};
use crate::settings::Settings;
use crate::subject::Subject;
use cairn_plugin::mail::mail;
use cairn_plugin::prelude::*;
use cairn_plugin::{site, warn};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Confirmations that one contact gets within a day: a form is no way to fill somebody else's mailbox.
const MAILS_PER_DAY: u64 = 3;
const DAY_MS: i64 = 24 * 3_600_000;

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
    let populate = json!({ "contact": { "fields": ["name"] } });
    let found = data::find::<Lead>().populate(populate).by_ids(&[&id])?.pop().flatten();
    // Deleted, or found to be spam, before we came to it.
    let Some(lead) = found.filter(|lead| lead.status != LeadStatus::Spam) else { return Ok(()) };
    let settings = Settings::load()?;
    let language = settings.language.as_str();
    let due = format_due(lead.sla_due_at.as_deref(), language, &settings.timezone);
    let notice =
        Notice { what: "new", about: Subject::Lead(&id), occasion: "", name: &lead.name, detail: &due, language };
    notice.send(&[&lead.owner]);
    send_confirmation(&lead, &settings)
}

/// Model of the mail's template.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Confirmation<'a> {
    name: &'a str,
    event_date: &'a str,
    brochure: &'a str,
    sender: &'a str,
}

fn send_confirmation(lead: &Row<Lead>, settings: &Settings) -> Result<()> {
    let form = lead.form.as_deref().and_then(|key| settings.find_form(key));
    let Some(email) = lead.email.as_deref().filter(|_| form.is_none_or(|form| form.confirmation)) else {
        return Ok(());
    };
    if let Some(contact) = &lead.contact {
        let since = time::format(time::parse(&lead.created_at)?.saturating_sub(DAY_MS));
        let recent = json!({ "contact": { "documentId": contact.document_id }, "createdAt": { "$gte": since, "$lte": lead.created_at } });
        if data::find::<Lead>().filter(recent).count()? > MAILS_PER_DAY {
            warn!(lead = &lead.document_id; "no confirmation: this contact had {MAILS_PER_DAY} within a day");
            return Ok(());
        }
    }
    let sender = if settings.sender.is_empty() {
        site().map(|site| site.name).unwrap_or_default()
    } else {
        settings.sender.clone()
    };
    let event_date = lead.event_date.as_deref().map(write_date).unwrap_or_default();
    let model =
        Confirmation { name: &lead.name, event_date: &event_date, brochure: &settings.brochure_url, sender: &sender };
    let language = lead.language.as_deref().unwrap_or(&settings.language);
    let mut message =
        mail(format!("lead/{}/confirmation", lead.document_id), email).template("confirmation").locale(language);
    if !settings.reply_to.is_empty() {
        message = message.reply_to(&settings.reply_to);
    }
    match message.send(&model) {
        Ok(_) => Ok(()),
        // An address that the mail server's rules refuse stays one: trying again would only hold up the lead's other events.
        Err(Error::Invalid(fields)) => {
            let why: Vec<&str> = fields.iter().map(|field| field.message.as_str()).collect();
            warn!(lead = &lead.document_id; "no confirmation: {}", why.join("; "));
            Ok(())
        }
        Err(error) => Err(error),
    }
}
