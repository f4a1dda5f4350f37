//! Erasing what is stored about a person, in the order in which one is found by way of the other.

use super::{Rest, activity_filter, contact_filter, deal_filter, key_filter, lead_filter, quote_filter};
use crate::clock::{BREACH_JOB, WARNING_JOB};
use crate::fiscal_retention::find_fiscal_end;
use crate::model::{
    Activity, Contact, ContactKey, Deal, DealChange, Lead, Link, Payment, PaymentKind, Quote, QuoteStatus, name_quote,
};
use crate::money::write_decimal;
use crate::quote_delivery::EXPIRY_JOB;
use crate::waiting_inquiries::{delete_inquiry, list_of_person};
use cairn_plugin::data::{Batch, or_default};
use cairn_plugin::prelude::*;
use cairn_plugin::{DocumentRef, ErasureStep, FileId, KindCursor, RetainedRecord};
use serde::Deserialize;
use serde_json::{Value, json};

/// Documents of a step.
const STEP_SIZE: u32 = 50;
/// Payments of the quotes of a step, and keys of its contacts.
const MAX_PARTS: u32 = 1_000;
/// How many kinds there are: of documents, and the inquiries that wait.
const KINDS: usize = 6;

/// Changes of a step, and what it leaves.
struct Step {
    batch: Batch,
    erased: Vec<DocumentRef>,
    files: Vec<FileId>,
    retained: Vec<RetainedRecord>,
    rest: Rest,
}

impl Step {
    fn new(rest: Rest) -> Self {
        let (batch, erased) = (Batch::new(), Vec::new());
        Self { batch, erased, files: Vec::new(), retained: Vec::new(), rest }
    }

    /// A step that erases what it found: a full page is followed by another of the same.
    fn of_page(found: usize) -> Self {
        Self::new(if found >= STEP_SIZE as usize { Rest::SameAgain } else { Rest::Nothing })
    }

    fn delete<T: Document>(&mut self, id: &str) {
        self.batch = std::mem::take(&mut self.batch).delete::<T>(id);
        self.erased.push(reference::<T>(id));
    }

    fn anonymise<T: Document>(&mut self, id: &str, fields: &Value) -> Result<()> {
        self.batch = std::mem::take(&mut self.batch).update::<T>(id, fields)?;
        self.erased.push(reference::<T>(id));
        Ok(())
    }
}

fn reference<T: Document>(id: &str) -> DocumentRef {
    DocumentRef { content_type: T::TYPE.to_owned(), document_id: id.to_owned(), locale: None }
}

/// One step of it, in the open transaction.
///
/// # Errors
/// What the host says.
pub(super) fn erase_step(email: &str, cursor: &KindCursor, locale: &str) -> Result<ErasureStep> {
    let step = match cursor.kind {
        // Inquiries go before leads, because a job may turn them into leads.
        0 => erase_inquiries(email, cursor.after.clone())?,
        1 => erase_activities(email)?,
        2 => erase_quotes(email, cursor.after.clone(), locale)?,
        3 => anonymise_deals(email, locale)?,
        4 => erase_leads(email)?,
        _ => erase_contacts(email)?,
    };
    step.batch.write()?;
    Ok(ErasureStep::new(step.erased, step.retained, step.rest.follow(cursor, KINDS).as_ref())?.with_files(step.files))
}

fn erase_inquiries(email: &str, after: Option<String>) -> Result<Step> {
    let page = list_of_person(email, after)?;
    page.found.iter().try_for_each(|(key, _)| delete_inquiry(key))?;
    Ok(Step::new(Rest::after_page(page.next)))
}

fn erase_activities(email: &str) -> Result<Step> {
    let found = data::find::<Activity>().filter(activity_filter(email)).fields(&["kind"]).all(STEP_SIZE)?;
    let mut step = Step::of_page(found.len());
    found.iter().for_each(|row| step.delete::<Activity>(&row.document_id));
    Ok(step)
}

fn erase_leads(email: &str) -> Result<Step> {
    let found = data::find::<Lead>().filter(lead_filter(email)).all(STEP_SIZE)?;
    let ids: Vec<&str> = found.iter().map(|row| row.document_id.as_str()).collect();
    for job in [WARNING_JOB, BREACH_JOB] {
        jobs::cancel_all(job, &ids)?;
    }
    let mut step = Step::of_page(found.len());
    ids.iter().for_each(|id| step.delete::<Lead>(id));
    Ok(step)
}

fn erase_contacts(email: &str) -> Result<Step> {
    let found = data::find::<Contact>().filter(contact_filter(email)).fields(&["name"]).all(STEP_SIZE)?;
    let ids: Vec<&str> = found.iter().map(|row| row.document_id.as_str()).collect();
    let of_contacts = json!({ "contact": { "documentId": { "$in": ids } } });
    let own = key_filter(email);
    let keys = data::find::<ContactKey>().filter(json!({ "$or": [of_contacts, own] })).all(MAX_PARTS)?;
    let mut step = Step::of_page(found.len());
    keys.iter().for_each(|key| step.delete::<ContactKey>(&key.document_id));
    ids.iter().for_each(|id| step.delete::<Contact>(id));
    Ok(step)
}

/// Deals stay, as numbers without a name: what was sold when, and how it went.
fn anonymise_deals(email: &str, locale: &str) -> Result<Step> {
    let fields = ["title", "stageHistory"];
    let found = data::find::<AnonymousDeal>().filter(deal_filter(email)).fields(&fields).all(STEP_SIZE)?;
    let mut step = Step::of_page(found.len());
    let title = translate("person.erased", locale, None);
    for deal in &found {
        let anonymous = json!({
            "title": title, "contact": null, "lead": null, "eventVenue": null, "lostReason": null, "moveReason": null,
            "stageHistory": without_reasons(&deal.stage_history),
        });
        step.anonymise::<Deal>(&deal.document_id, &anonymous)?;
    }
    Ok(step)
}

/// A deal as far as it is made anonymous.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AnonymousDeal {
    #[serde(default, deserialize_with = "or_default")]
    stage_history: Vec<Value>,
}

impl Document for AnonymousDeal {
    const TYPE: &'static str = DealChange::TYPE;
}

/// The stages of a deal without what people wrote about it.
fn without_reasons(history: &[Value]) -> Vec<Value> {
    let clean = |entry: &Value| {
        let mut entry = entry.clone();
        if let Some(fields) = entry.as_object_mut() {
            fields.insert("reason".to_owned(), Value::Null);
        }
        entry
    };
    history.iter().map(clean).collect()
}

fn erase_quotes(email: &str, after: Option<String>, locale: &str) -> Result<Step> {
    let query = data::find::<Quote>().filter(quote_filter(email)).populate(json!({ "pdf": { "fields": ["name"] } }));
    let page = query.after(after, STEP_SIZE)?;
    let payments = list_payments(&page.rows)?;
    let mut step = Step::new(Rest::after_page(page.next));
    let now = time::now();
    for quote in &page.rows {
        let id = quote.document_id.as_str();
        let own: Vec<&Row<BookedPayment>> = payments.iter().filter(|payment| payment.is_of(id)).collect();
        match decide_quote_fate(quote, own.iter().map(|payment| payment.received_at.as_str()), now) {
            QuoteFate::Stays(until) => {
                let reason = "t:person.fiscal";
                step.retained.push(RetainedRecord::new("t:person.quote", name_quote(quote), reason, Some(until)));
                let to_record = |payment: &&Row<BookedPayment>| {
                    RetainedRecord::new("t:person.payment", payment.title(), reason, Some(until))
                };
                step.retained.extend(own.iter().map(to_record));
            }
            QuoteFate::Goes => {
                step.files.extend(quote.pdf.as_ref().map(|pdf| pdf.document_id.clone()));
                jobs::cancel(EXPIRY_JOB, id)?;
                own.iter().for_each(|payment| step.delete::<Payment>(&payment.document_id));
                step.delete::<Quote>(id);
            }
            QuoteFate::LosesName => {
                let anonymous = json!({ "title": translate("person.erased", locale, None), "contact": null });
                step.anonymise::<Quote>(id, &anonymous)?;
            }
        }
    }
    Ok(step)
}

/// Fate of a quote in an erasure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum QuoteFate {
    /// It is retained until then.
    Stays(Instant),
    Goes,
    /// Its number stays, so that none is missing; nobody got it.
    LosesName,
}

/// Decides the fate of a quote with payments of these days.
fn decide_quote_fate<'a>(quote: &'a Quote, payments: impl Iterator<Item = &'a str>, now: Instant) -> QuoteFate {
    let days = [quote.sent_at.as_deref(), quote.accepted_at.as_deref()].into_iter().flatten();
    let end = days.chain(payments).filter_map(find_fiscal_end).max();
    match end {
        Some(until) if until > now => QuoteFate::Stays(until),
        Some(_) => QuoteFate::Goes,
        None if quote.number.is_some() && quote.status == QuoteStatus::Draft => QuoteFate::LosesName,
        None => QuoteFate::Goes,
    }
}

/// A payment as far as it is erased with its quote.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BookedPayment {
    #[serde(default, deserialize_with = "or_default")]
    kind: PaymentKind,
    #[serde(default, deserialize_with = "or_default")]
    amount: i64,
    #[serde(default, deserialize_with = "or_default")]
    currency: String,
    #[serde(default, deserialize_with = "or_default")]
    received_at: String,
    #[serde(default)]
    quote: Option<Link>,
}

impl Document for BookedPayment {
    const TYPE: &'static str = Payment::TYPE;
}

impl BookedPayment {
    fn is_of(&self, quote: &str) -> bool {
        self.quote.as_ref().is_some_and(|link| link.document_id == quote)
    }

    fn title(&self) -> String {
        let amount = if self.kind == PaymentKind::Reversal { -self.amount } else { self.amount };
        format!("{} {} {}", self.currency, write_decimal(amount), self.received_at).trim().to_owned()
    }
}

fn list_payments(quotes: &[Row<Quote>]) -> Result<Vec<Row<BookedPayment>>> {
    let ids: Vec<&str> = quotes.iter().map(|quote| quote.document_id.as_str()).collect();
    let of_quotes = json!({ "quote": { "documentId": { "$in": ids } } });
    let populate = json!({ "quote": { "fields": ["number"] } });
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    data::find::<BookedPayment>().filter(of_quotes).populate(populate).all(MAX_PARTS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quote(json: Value) -> Quote {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn what_was_sent_stays_as_long_as_the_tax_authority_asks_for_it() {
        let at = |text: &str| time::parse(text).unwrap();
        let (now, later) = (at("2027-03-01T10:00:00.000Z"), at("2036-01-01T00:00:00.000Z"));
        let sent = quote(json!({ "status": "sent", "number": "2027-0001", "sentAt": "2027-02-05T15:30:00.000Z" }));
        let none = || std::iter::empty();
        assert_eq!(decide_quote_fate(&sent, none(), now), QuoteFate::Stays(at("2035-01-01T00:00:00.000Z")));
        assert_eq!(decide_quote_fate(&sent, none(), later), QuoteFate::Goes);
        // The payment of a year later keeps its quote.
        let paid = ["2028-01-03"].into_iter();
        assert_eq!(decide_quote_fate(&sent, paid, now), QuoteFate::Stays(later));
    }

    #[test]
    fn drafts_go_and_leave_no_gap() {
        let now = time::parse("2027-03-01T10:00:00.000Z").unwrap();
        let fate = |json| decide_quote_fate(&quote(json), std::iter::empty(), now);
        assert_eq!(fate(json!({ "status": "draft" })), QuoteFate::Goes);
        assert_eq!(fate(json!({ "status": "draft", "number": "2027-0002" })), QuoteFate::LosesName);
    }

    #[test]
    fn histories_lose_what_people_wrote() {
        let history = [json!({ "stage": "Offerte", "by": "Bart", "reason": "Sanne called" })];
        assert_eq!(without_reasons(&history), [json!({ "stage": "Offerte", "by": "Bart", "reason": null })]);
    }
}
