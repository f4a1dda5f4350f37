//! The way of a quote to its customer: rendered as a PDF, then mailed with a link of its own, once.
//!
//! PDFs are rendered outside of transactions, so a job does it. All that follows from the mail is stored with the mail, in one transaction:
//! a job that is repeated, or killed anywhere, finds either nothing of it and starts anew, or all of it and has nothing left to do.

use crate::confirmations::{MAIL_PAUSE, is_mail_limit};
use crate::local_date::{find_start, find_today, read_date, write_date};
use crate::model::{Delivery, Quote, QuoteStatus, name_quote};
use crate::quote_texts::QuoteDocument;
use crate::quoted_deals::{find_obstacle, note_sent_quote};
use crate::quotes::{describe_quote, find_quote, is_over, require_quote_locked, tell_owner, write_deal_note};
use crate::settings::Settings;
use cairn_plugin::jobs::timer;
use cairn_plugin::mail::mail;
use cairn_plugin::pdf::pdf;
use cairn_plugin::prelude::*;
use cairn_plugin::run_transaction;
use cairn_plugin::{FileId, error, events, files, site, warn};
use cairn_plugin_pages::link_token::{create_token, hash_token};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// The timer of a quote's last day; its key is the quote's id.
pub(crate) const EXPIRY_JOB: &str = "quote-expiry";
/// Attempts after which somebody has to look: as many as the manifest gives the job.
const ATTEMPTS: u32 = 5;
/// Longest reason that is stored, in characters.
const MAX_REASON: usize = 300;

/// The delivery that a job is for: a later one of the same quote is none of its business.
#[derive(Debug, Serialize, Deserialize)]
struct Payload {
    quote: String,
    delivery: i64,
}

/// Renders and mails a quote. What keeps it from being sent is noted with the quote, and somebody is told.
///
/// # Errors
/// What another attempt may cure.
pub(crate) fn deliver_quote(call: &Call, task: &Task) -> Result<Outcome> {
    let payload = task.payload::<Payload>()?;
    let Some(quote) = find_quote(&payload.quote)?.filter(|quote| is_due(quote, &payload)) else {
        return Ok(Outcome::DONE);
    };
    let settings = Settings::load()?;
    // While it is on its way nobody changes it: what is written here is what is sent.
    let sent = QuoteDocument::of_quote(&quote, &settings).and_then(|document| {
        let file = render_quote(&quote, &document, &settings)?;
        let sent = send_once(&payload, &settings, &document, &file);
        if sent.as_ref().is_err_and(is_mail_limit) {
            discard_unsent(&quote, &file);
        }
        sent
    });
    match sent {
        Ok(()) => Ok(Outcome::DONE),
        Err(error) if is_mail_limit(&error) => Outcome::again(&payload, MAIL_PAUSE),
        Err(error) if call.attempt < ATTEMPTS && is_passing(&error) => Err(error),
        Err(error) => {
            error!(quote = &payload.quote; "a quote was not sent: {}", error.describe());
            note_failure(&payload, &error, &settings)?;
            Ok(Outcome::DONE)
        }
    }
}

fn is_due(quote: &Quote, payload: &Payload) -> bool {
    quote.delivery == Some(Delivery::Pending) && quote.deliveries == payload.delivery
}

/// True if another attempt may end otherwise.
const fn is_passing(error: &Error) -> bool {
    matches!(error, Error::Unavailable(_) | Error::Exhausted(_) | Error::Internal(_) | Error::Conflict(_))
}

/// The PDF of a quote. A quote that was sent before has one, which stays.
fn render_quote(quote: &Row<Quote>, document: &QuoteDocument, settings: &Settings) -> Result<FileId> {
    if let (Some(known), QuoteStatus::Sent) = (&quote.pdf, quote.status) {
        return Ok(known.document_id.clone());
    }
    let mut model = serde_json::to_value(document)?;
    let today = find_today(time::now(), &settings.timezone)?;
    model["date"] = json!(write_date(&today.to_string()));
    let language = &document.language;
    pdf("quote", format!("{}.pdf", file_name(quote, language))).locale(language).render(&model)
}

/// Deletes the PDF of a quote whose mail has to wait for the next hour: every attempt renders its own. One that the customer has stays.
fn discard_unsent(quote: &Row<Quote>, file: &FileId) {
    if quote.pdf.as_ref().is_some_and(|known| known.document_id == *file) {
        return;
    }
    // A file that is left behind costs room; the quote has to be sent all the same.
    if let Err(error) = files::delete(std::slice::from_ref(file)) {
        warn!(quote = &quote.document_id; "the PDF of a quote that waits was not deleted: {}", error.describe());
    }
}

/// Name of the file, without its ending.
pub(crate) fn file_name(quote: &Quote, language: &str) -> String {
    let kind = if language == "nl" { "offerte" } else { "quote" };
    format!("{kind}-{}", name_quote(quote))
}

/// Model of the mail's template.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct QuoteMail<'a> {
    name: &'a str,
    number: &'a str,
    link: &'a str,
    valid_until: &'a str,
    gross: &'a str,
    deposit: &'a str,
    sender: &'a str,
}

/// Mails the quote, and stores all that follows, in one transaction.
fn send_once(payload: &Payload, settings: &Settings, document: &QuoteDocument, file: &FileId) -> Result<()> {
    let today = find_today(time::now(), &settings.timezone)?;
    let base = site().map(|site| site.url).unwrap_or_default();
    run_transaction(|| {
        let quote = require_quote_locked(&payload.quote)?;
        if !is_due(&quote, payload) {
            return Ok(());
        }
        if is_over(&quote, today) {
            return Err(Error::field("validUntil", "past", translate("wrong.past", &settings.language, None)));
        }
        // Deleted or lost since somebody had it sent: another attempt would not cure that.
        if let Some(obstacle) = find_obstacle(&quote) {
            return Err(Error::field("deal", "deal", translate(obstacle, &settings.language, None)));
        }
        let token = create_token();
        let to = quote.sent_to.as_deref().unwrap_or_default();
        let model = QuoteMail {
            name: &document.customer,
            number: &document.number,
            link: &format!("{base}/api/crm/offer/{token}"),
            valid_until: &document.valid_until,
            gross: &document.gross,
            deposit: &document.deposit,
            sender: &document.company.name,
        };
        let key = format!("quote/{}/{}", payload.quote, payload.delivery);
        let mut message =
            mail(key, to).template("quote").locale(&document.language).attach(file.clone()).secret(&token);
        if !settings.reply_to.is_empty() {
            message = message.reply_to(&settings.reply_to);
        }
        let mail_id = message.send(&model)?;
        let now = time::format(time::now());
        let mut patch = Map::new();
        let fields = [
            ("delivery", json!(Delivery::Sent)),
            ("deliveryError", Value::Null),
            ("tokenHash", json!(hash_token(&token))),
            ("pdf", json!({ "documentId": file })),
            ("mail", json!(mail_id)),
        ];
        patch.extend(fields.map(|(name, value)| (name.to_owned(), value)));
        let is_first = quote.status == QuoteStatus::Draft;
        if is_first {
            patch.insert("status".to_owned(), json!(QuoteStatus::Sent));
            patch.insert("sentAt".to_owned(), json!(now));
            patch.insert("sentDocument".to_owned(), json!(document));
        }
        data::update::<Quote>(&payload.quote, &patch)?;
        if is_first {
            supersede(&quote, &settings.language)?;
            set_expiry(&quote, settings)?;
            note_sent_quote(&quote)?;
            let arguments = json!({ "number": name_quote(&quote), "to": to });
            write_deal_note(&quote, &translate("activity.quoteSent", &settings.language, Some(&arguments)), "", None)?;
            events::publish("crm.quote.sent", &payload.quote, &describe_quote(&quote))?;
        }
        Ok(())
    })
}

/// Ends the version that this one replaces. One that was accepted meanwhile stays, and this one is not sent.
fn supersede(quote: &Quote, language: &str) -> Result<()> {
    let Some(old) = &quote.supersedes else { return Ok(()) };
    let old = require_quote_locked(&old.document_id)?;
    match old.status {
        QuoteStatus::Accepted => {
            return Err(Error::field("", "accepted", translate("conflict.olderAccepted", language, None)));
        }
        QuoteStatus::Superseded => return Ok(()),
        _ => {}
    }
    data::update::<Quote>(&old.document_id, &json!({ "status": QuoteStatus::Superseded }))?;
    jobs::cancel(EXPIRY_JOB, &old.document_id).map(|_| ())
}

/// Sets the timer that ends the quote with its last day.
fn set_expiry(quote: &Row<Quote>, settings: &Settings) -> Result<()> {
    let Some(end) = quote.valid_until.as_deref().and_then(read_date).and_then(|last_day| last_day.succ_opt()) else {
        return Ok(());
    };
    let due = find_start(end, &settings.timezone)?;
    timer(EXPIRY_JOB).key(&quote.document_id).due(due).set(&json!({ "quote": quote.document_id })).map(|_| ())
}

/// Notes that a quote could not be sent, with what can be done about it.
fn note_failure(payload: &Payload, error: &Error, settings: &Settings) -> Result<()> {
    let why: String = match error {
        Error::Invalid(fields) => fields.iter().map(|field| field.message.as_str()).collect::<Vec<_>>().join(" "),
        other => other.describe(),
    };
    let why = why.chars().filter(|c| !c.is_control()).take(MAX_REASON).collect::<String>();
    run_transaction(|| {
        let quote = require_quote_locked(&payload.quote)?;
        if !is_due(&quote, payload) {
            return Ok(());
        }
        data::update::<Quote>(&payload.quote, &json!({ "delivery": Delivery::Failed, "deliveryError": why }))?;
        tell_owner(&quote, "undelivered", &payload.delivery.to_string(), &why, &settings.language);
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_attempt_cures_is_told_at_once() {
        assert!(is_passing(&Error::Unavailable(None)) && is_passing(&Error::Exhausted("transaction-time".into())));
        assert!(!is_passing(&Error::field("", "template", "quote.nl.typ:4:7: unknown variable")));
        assert!(!is_passing(&Error::Denied("pdf.render".into())));
    }

    #[test]
    fn a_job_is_for_one_delivery() {
        let quote = |json: Value| serde_json::from_value::<Quote>(json).unwrap();
        let payload = Payload { quote: "q".into(), delivery: 2 };
        assert!(is_due(&quote(json!({ "delivery": "pending", "deliveries": 2 })), &payload));
        for other in [
            json!({ "delivery": "pending", "deliveries": 3 }),
            json!({ "delivery": "sent", "deliveries": 2 }),
            json!({}),
        ] {
            assert!(!is_due(&quote(other), &payload));
        }
    }
}
