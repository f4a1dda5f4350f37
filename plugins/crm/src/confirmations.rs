//! Mails that confirm something to a customer: that their inquiry has come in, and that their acceptance counts. A job sends each of them, once.
//! Where the mails of an hour are used up, as after a burst of forms, it waits for the next hour.

use crate::local_date::write_date;
use crate::model::{Addressable, Lead, LeadStatus, Quote, QuoteStatus, name_quote};
use crate::quote_texts::QuoteDocument;
use crate::quotes::find_quote;
use crate::settings::Settings;
use crate::unsubscribes::create_unsubscribe_link;
use cairn_plugin::jobs::job;
use cairn_plugin::mail::{Mail, mail};
use cairn_plugin::prelude::*;
use cairn_plugin::{run_transaction, site, warn};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::time::Duration;

/// The job that confirms an inquiry; its key is the lead's id.
pub(crate) const INQUIRY_JOB: &str = "inquiry-confirmation";
/// The job that confirms an acceptance; its key is the quote's id.
pub(crate) const ACCEPTANCE_JOB: &str = "acceptance-confirmation";
/// Confirmations that one contact gets within a day: a form is no way to fill somebody else's mailbox.
const MAILS_PER_DAY: u64 = 3;
const DAY_MS: i64 = 24 * 3_600_000;
/// Budget of the host that is used up with the mails of an hour.
const MAILS_PER_HOUR: &str = "mails-per-hour";
/// Pause before a mail is tried again for which this hour has no room.
pub(crate) const MAIL_PAUSE: Duration = Duration::from_secs(10 * 60);

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Payload {
    Lead(String),
    Quote(String),
}

/// Has an inquiry confirmed, in the open transaction.
///
/// # Errors
/// What the host says.
pub(crate) fn confirm_inquiry(lead: &str) -> Result<()> {
    job(INQUIRY_JOB).key(lead).set(&Payload::Lead(lead.to_owned())).map(|_| ())
}

/// Has an acceptance confirmed, in the open transaction.
///
/// # Errors
/// What the host says.
pub(crate) fn confirm_acceptance(quote: &str) -> Result<()> {
    job(ACCEPTANCE_JOB).key(quote).set(&Payload::Quote(quote.to_owned())).map(|_| ())
}

/// Sends a confirmation.
///
/// # Errors
/// What another attempt may cure.
pub(crate) fn send_confirmation(task: &Task) -> Result<Outcome> {
    let payload = task.payload::<Payload>()?;
    let settings = Settings::load()?;
    let sent = match &payload {
        Payload::Lead(id) => send_inquiry_confirmation(id, &settings),
        Payload::Quote(id) => send_acceptance_confirmation(id, &settings),
    };
    match sent {
        Ok(()) => Ok(Outcome::DONE),
        Err(error) if is_mail_limit(&error) => Outcome::again(&payload, MAIL_PAUSE),
        // An address that the mail server's rules refuse stays one.
        Err(Error::Invalid(fields)) => {
            let why: Vec<&str> = fields.iter().map(|field| field.message.as_str()).collect();
            warn!(job = &task.name; "no confirmation: {}", why.join("; "));
            Ok(Outcome::DONE)
        }
        Err(error) => Err(error),
    }
}

/// True if the mails of this hour are used up, and the next one has room again.
pub(crate) fn is_mail_limit(error: &Error) -> bool {
    matches!(error, Error::Exhausted(what) if what == MAILS_PER_HOUR)
}

/// Name of the company, as mails end with it.
fn find_sender(settings: &Settings) -> String {
    let known = [&settings.sender, &settings.company_name].into_iter().find(|name| !name.trim().is_empty());
    known.cloned().unwrap_or_else(|| site().map(|site| site.name).unwrap_or_default())
}

/// A mail with that key, by a template of the plugin, to which answers go where the settings say.
fn begin_mail(key: String, to: &str, template: &str, language: &str, settings: &Settings) -> Mail {
    let message = mail(key, to).template(template).locale(language);
    if settings.reply_to.is_empty() { message } else { message.reply_to(&settings.reply_to) }
}

/// A lead with its contact, as far as a mail to its sender depends on them.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ConfirmedLead {
    #[serde(flatten)]
    lead: Lead,
    #[serde(default, rename = "contact")]
    person: Option<Row<Addressable>>,
}

impl Document for ConfirmedLead {
    const TYPE: &'static str = Lead::TYPE;
}

/// Model of the template for an inquiry.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct InquiryMail<'a> {
    name: &'a str,
    event_date: &'a str,
    brochure: &'a str,
    /// Where the addressee says that they want no brochures; empty where there is none in it.
    unsubscribe: &'a str,
    sender: &'a str,
}

fn send_inquiry_confirmation(id: &str, settings: &Settings) -> Result<()> {
    let populate = json!({ "contact": { "fields": ["name", "doNotContact"] } });
    let found = data::find::<ConfirmedLead>().populate(populate).by_ids(&[id])?.pop().flatten();
    // Deleted, or found to be spam, before we came to it.
    let Some(found) = found.filter(|found| found.lead.status != LeadStatus::Spam) else { return Ok(()) };
    let ConfirmedLead { lead, person } = &found.fields;
    let form = lead.form.as_deref().and_then(|key| settings.find_form(key));
    let Some(email) = lead.email.as_deref().filter(|_| form.is_none_or(|form| form.confirmation)) else {
        return Ok(());
    };
    if let Some(person) = person {
        let since = time::format(time::parse(&lead.created_at)?.saturating_sub(DAY_MS));
        let recent = json!({ "contact": { "documentId": person.document_id }, "createdAt": { "$gte": since, "$lte": lead.created_at } });
        if data::find::<Lead>().filter(recent).count()? > MAILS_PER_DAY {
            warn!(lead = id; "no confirmation: this contact had {MAILS_PER_DAY} within a day");
            return Ok(());
        }
    }
    let sender = find_sender(settings);
    let event_date = lead.event_date.as_deref().map(write_date).unwrap_or_default();
    let language = lead.language.as_deref().unwrap_or(&settings.language);
    // A contact who wants no news gets no brochure, but does get the confirmation: they asked for it by sending the form.
    let wants_news = person.as_ref().is_some_and(|person| person.do_not_contact != Some(true));
    let brochure = if wants_news { settings.brochure_url.as_str() } else { "" };
    run_transaction(|| {
        let mut message = begin_mail(format!("lead/{id}/confirmation"), email, "confirmation", language, settings);
        let mut unsubscribe = String::new();
        if let Some(person) = person.as_ref().filter(|_| !brochure.is_empty())
            && let Some(link) = create_unsubscribe_link(&person.document_id, id)?
        {
            message = message
                .header("List-Unsubscribe", format!("<{}>", link.url))
                .header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
                .secret(&link.token);
            unsubscribe = link.url;
        }
        let model = InquiryMail {
            name: &lead.name,
            event_date: &event_date,
            brochure,
            unsubscribe: &unsubscribe,
            sender: &sender,
        };
        message.send(&model).map(|_| ())
    })
}

/// Model of the template for an acceptance.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AcceptanceMail<'a> {
    name: &'a str,
    number: &'a str,
    title: &'a str,
    gross: &'a str,
    /// Empty where none is asked for.
    deposit: &'a str,
    /// True if a contract follows.
    contract: bool,
    sender: &'a str,
}

fn send_acceptance_confirmation(id: &str, settings: &Settings) -> Result<()> {
    let Some(quote) = find_quote(id)?.filter(|quote| quote.status == QuoteStatus::Accepted) else { return Ok(()) };
    let Some(to) = quote.sent_to.as_deref().filter(|to| !to.is_empty()) else { return Ok(()) };
    let document = QuoteDocument::of_quote(&quote, settings)?;
    let message = begin_mail(format!("quote/{id}/accepted"), to, "accepted", &document.language, settings);
    let Quote { deposit, contract, .. } = &quote.fields;
    let model = AcceptanceMail {
        name: &document.customer,
        number: &name_quote(&quote),
        title: &document.title,
        gross: &document.gross,
        deposit: if *deposit > 0 { &document.deposit } else { "" },
        contract: contract.is_some(),
        sender: &document.company.name,
    };
    message.send(&model).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lead_is_read_with_what_its_contact_wants() {
        let found: Row<ConfirmedLead> = serde_json::from_value(json!({
            "documentId": "l", "name": "Sanne", "status": "new", "createdAt": "2027-01-01T10:00:00.000Z",
            "contact": { "documentId": "c", "name": "Sanne", "doNotContact": true },
        }))
        .unwrap();
        let person = found.person.as_ref().unwrap();
        assert_eq!((found.lead.name.as_str(), person.document_id.as_str()), ("Sanne", "c"));
        assert_eq!(person.do_not_contact, Some(true));
    }

    #[test]
    fn only_the_mails_of_an_hour_are_waited_for() {
        assert!(is_mail_limit(&Error::Exhausted("mails-per-hour".into())));
        for other in
            [Error::Exhausted("transaction-time".into()), Error::Unavailable(None), Error::Denied("mail".into())]
        {
            assert!(!is_mail_limit(&other), "{other:?}");
        }
    }
}
