//! Quotes of the team: drafted from a package, numbered and sent, and their later versions.

use crate::addressee::Addressee;
use crate::local_date::{find_today, read_date};
use crate::locked_documents::find_deal_locked;
use crate::model::{Activity, Deal, Delivery, EntryAction, Package, Quote, QuoteStatus};
use crate::money::{Line, Totals, add_up, is_currency, write_decimal};
use crate::notices::Notice;
use crate::person::Person;
use crate::quote_changes::{count_live_quotes, describe_problems, is_editable, total_fields};
use crate::quoted_deals::find_obstacle;
use crate::refusals::refuse_state;
use crate::settings::Settings;
use crate::subject::Subject;
use cairn_contact_details::email::normalise_email;
use cairn_plugin::bindings::kv as raw_kv;
use cairn_plugin::jobs::job;
use cairn_plugin::prelude::*;
use cairn_plugin::run_transaction;
use cairn_plugin::{Conflict, error};
use chrono::{Datelike, Days, Months, NaiveDate};
use serde_json::{Map, Value, json};

/// The job that renders and mails a quote; its key is the quote's id.
pub(crate) const DELIVERY_JOB: &str = "quote-delivery";

/// Relations that are read with a quote.
fn quote_relations() -> Value {
    let id = json!({ "fields": ["createdAt"] });
    let lead = json!({ "fields": ["name", "email", "company", "language"], "populate": { "contact": id } });
    json!({
        "deal": { "fields": ["title", "status", "owner", "ownerName", "eventDate"], "populate": { "lead": lead } },
        "contact": { "fields": ["name", "email", "company", "language"] },
        "package": id, "supersedes": id, "pdf": true, "contractPdf": true,
    })
}

/// A quote with what belongs to it.
///
/// # Errors
/// What the host says.
pub(crate) fn find_quote(id: &str) -> Result<Option<Row<Quote>>> {
    Ok(data::find::<Quote>().populate(quote_relations()).by_ids(&[id])?.pop().flatten())
}

/// The same, held until the transaction ends.
///
/// # Errors
/// `NotFound`.
pub(crate) fn require_quote_locked(id: &str) -> Result<Row<Quote>> {
    let found = data::find::<Quote>().populate(quote_relations()).lock().by_ids(&[id])?.pop().flatten();
    found.ok_or_else(|| Error::NotFound(id.to_owned()))
}

/// The quote with the link of that hash; `lock`: held until the transaction ends.
///
/// # Errors
/// What the host says.
pub(crate) fn find_quote_by_hash(hash: &str, lock: bool) -> Result<Option<Row<Quote>>> {
    let query = data::find::<Quote>().filter(json!({ "tokenHash": { "$eq": hash } })).populate(quote_relations());
    if lock { query.lock() } else { query }.first()
}

/// Drafts the quote of a deal that is in a stage which asks for one, unless there is one already. In the open transaction.
///
/// # Errors
/// What the host says.
pub(crate) fn draft_quote(deal_id: &str) -> Result<()> {
    // Deleted, moved on, or drafted before we came to it.
    let Some(deal) = find_deal_locked(deal_id)? else { return Ok(()) };
    let asks = deal.stage.as_ref().is_some_and(|stage| stage.on_entry == Some(EntryAction::DraftQuote));
    if !asks || count_live_quotes(deal_id)? > 0 {
        return Ok(());
    }
    let settings = Settings::load()?;
    let package = find_package(&deal, find_today(time::now(), &settings.timezone)?)?;
    let lines: &[Line] = package.as_ref().map_or(&[], |package| &package.lines);
    let percent = package.as_ref().and_then(|package| package.deposit_percent).unwrap_or(settings.deposit_percent);
    // A package that does not add up was stored before its rules: somebody fills in the lines then.
    let (lines, totals) = match add_up(lines, percent) {
        Ok(totals) => (lines, totals),
        Err(_) => {
            error!(deal = deal_id; "the lines of the deal's package do not add up: its quote has none");
            (&[][..], Totals::default())
        }
    };
    let currency = package.as_ref().and_then(|package| package.currency.as_deref()).unwrap_or("EUR");
    let mut fields = total_fields(totals);
    let about = [
        ("title", json!(deal.title)),
        ("deal", json!(deal_id)),
        ("contact", json!(deal.contact.as_ref().map(|contact| &contact.document_id))),
        ("package", json!(package.as_ref().map(|package| &package.document_id))),
        ("lines", json!(lines)),
        ("depositPercent", json!(percent)),
        ("currency", json!(currency)),
        ("status", json!(QuoteStatus::Draft)),
    ];
    fields.extend(about.map(|(name, value)| (name.to_owned(), value)));
    let id = data::create::<Quote>(&fields)?.target.document_id;
    if deal.amount.as_ref().is_none_or(Value::is_null) && totals.gross > 0 {
        let amount: Value = serde_json::from_str(&write_decimal(totals.gross))?;
        data::update::<Deal>(deal_id, &json!({ "amount": amount }))?;
    }
    let language = settings.language.as_str();
    Notice { what: "drafted", about: Subject::Quote(&id), occasion: "", name: &deal.title, detail: "", language }
        .send(&[&deal.owner]);
    Ok(())
}

/// The package of a deal: the one chosen, or the one of the key that the customer wished for, as long as it is offered.
fn find_package(deal: &Deal, today: NaiveDate) -> Result<Option<Row<Package>>> {
    let package = match (&deal.package, &deal.package_wish) {
        (Some(chosen), _) => return data::get(&chosen.document_id),
        (None, Some(wish)) => data::find::<Package>().filter(json!({ "key": wish })).first()?,
        (None, None) => None,
    };
    let day = |text: Option<&String>| text.and_then(|text| read_date(text));
    Ok(package.filter(|package| {
        day(package.valid_from.as_ref()).is_none_or(|from| from <= today)
            && day(package.valid_to.as_ref()).is_none_or(|to| today <= to)
    }))
}

/// Gives a draft its number if it has none, and has it sent; a quote that was sent gets a new link, which ends the old one. `shown_to`: the
/// address that the person was shown before.
///
/// # Errors
/// `NotFound`, `Conflict` for a quote that cannot be sent now, goes to another address than was shown or names somebody
/// else, `Invalid` with what is missing.
pub(crate) fn send_quote(id: &str, shown_to: Option<&str>, locale: &str) -> Result<()> {
    let settings = Settings::load()?;
    let today = find_today(time::now(), &settings.timezone)?;
    run_transaction(|| {
        let quote = require_quote_locked(id)?;
        if quote.delivery == Some(Delivery::Pending) && is_delivery_underway(id)? {
            return Err(refuse_state("conflict.sending", locale));
        }
        if !matches!(quote.status, QuoteStatus::Draft | QuoteStatus::Sent) {
            return Err(refuse_state("conflict.closed", locale));
        }
        if let Some(obstacle) = find_obstacle(&quote) {
            return Err(refuse_state(obstacle, locale));
        }
        // The number comes first: whatever fails from here on takes it back with the transaction.
        let number = match &quote.number {
            Some(number) => number.clone(),
            None => take_number(today.year())?,
        };
        let addressee = Addressee::of_quote(&quote);
        let email = addressee.email.unwrap_or_default();
        let mut patch = Map::new();
        if quote.status == QuoteStatus::Draft {
            let valid_until = quote.valid_until.as_deref().and_then(read_date);
            let valid_until = valid_until.or_else(|| today.checked_add_days(Days::new(settings.valid_days)));
            check_before_sending(&quote, valid_until, today, locale)?;
            patch.insert("validUntil".to_owned(), json!(valid_until.map(|day| day.to_string())));
        } else if is_over(&quote, today) {
            return Err(refuse_state("conflict.expired", locale));
        }
        if email.is_empty() {
            return Err(refuse_state("conflict.noEmail", locale));
        }
        if let Some(customer) = find_other_customer(&quote, addressee) {
            let arguments = json!({ "customer": customer, "to": email });
            let message = translate("conflict.otherCustomer", locale, Some(&arguments));
            return Err(Error::Conflict(Conflict { kind: "state".to_owned(), existing: None, message }));
        }
        if shown_to.is_some_and(|shown| shown != email) {
            let message = translate("conflict.otherAddress", locale, Some(&json!({ "to": email })));
            return Err(Error::Conflict(Conflict { kind: "state".to_owned(), existing: None, message }));
        }
        let delivery = quote.deliveries.saturating_add(1);
        let fields = [
            ("number", json!(number)),
            ("delivery", json!(Delivery::Pending)),
            ("deliveryError", Value::Null),
            ("deliveries", json!(delivery)),
            ("sentTo", json!(email)),
        ];
        patch.extend(fields.map(|(name, value)| (name.to_owned(), value)));
        data::update::<Quote>(id, &patch)?;
        job(DELIVERY_JOB).key(id).set(&json!({ "quote": id, "delivery": delivery })).map(|_| ())
    })
}

/// The customer that the texts of a quote name, where it would go to somebody else now than it went to: the texts stay as
/// they were sent.
fn find_other_customer<'a>(quote: &'a Quote, addressee: Addressee<'_>) -> Option<&'a str> {
    let sent_to = quote.sent_to.as_deref().filter(|_| quote.status == QuoteStatus::Sent)?;
    let customer = quote.sent_document.as_ref()?.customer.as_str();
    let is_same_address = addressee.email.is_some_and(|email| normalise_email(email) == normalise_email(sent_to));
    Some(customer).filter(|customer| !is_same_address && customer.trim() != addressee.name.trim())
}

/// True if a mail with a quote will still be sent without anybody's doing.
fn is_delivery_underway(id: &str) -> Result<bool> {
    let state = jobs::inspect(DELIVERY_JOB, id)?;
    Ok(state.is_some_and(|job| matches!(job.state.as_str(), "waiting" | "running")))
}

/// Checks what a quote needs before a customer sees it.
fn check_before_sending(quote: &Quote, valid_until: Option<NaiveDate>, today: NaiveDate, locale: &str) -> Result<()> {
    if quote.lines.is_empty() {
        return Err(Error::field("lines", "noLines", translate("refused.noLines", locale, None)));
    }
    if let Err(problems) = add_up(&quote.lines, quote.deposit_percent) {
        return Err(Error::Invalid(describe_problems(&problems, "lines", locale)));
    }
    if !is_currency(&quote.currency) {
        return Err(Error::field("currency", "currency", translate("refused.currency", locale, None)));
    }
    if valid_until.is_none_or(|day| day < today) {
        return Err(Error::field("validUntil", "past", translate("wrong.past", locale, None)));
    }
    let latest = today.checked_add_months(Months::new(MAX_VALID_MONTHS));
    if valid_until > latest {
        return Err(Error::field("validUntil", "far", translate("refused.validUntil", locale, None)));
    }
    Ok(())
}

/// A quote is valid for at most so many months.
const MAX_VALID_MONTHS: u32 = 60;

/// True if the last day of a quote is over.
pub(crate) fn is_over(quote: &Quote, today: NaiveDate) -> bool {
    quote.valid_until.as_deref().and_then(read_date).is_some_and(|last_day| last_day < today)
}

/// The next number of a year, such as `2027-0001`. Whoever takes one holds the counter until the transaction ends: nobody gets the same, and
/// a transaction that fails gives its number back, so none is missing.
fn take_number(year: i32) -> Result<String> {
    let key = format!("quote-number/{year}");
    let mut next = raw_kv::increment(&key, 1, None)?;
    if next == 1 {
        // The counter is new, but the quotes may not be: content can be moved to another site, the plugin's own state stays.
        let known = data::find::<Quote>()
            .filter(json!({ "number": { "$startsWith": format!("{year}-") } }))
            .fields(&["number"])
            .sort("number:desc")
            .all(NUMBERS_LOOKED_AT)?;
        let highest = known.iter().filter_map(|quote| read_sequence(quote.number.as_deref()?)).max().unwrap_or(0);
        if highest > 0 {
            next = raw_kv::increment(&key, highest, None)?;
        }
    }
    Ok(format!("{year}-{next:04}"))
}

/// Numbers that are looked at where the counter is new. In the order of texts `9999` comes after `10000`: the highest is among so many.
const NUMBERS_LOOKED_AT: u32 = 1_000;

fn read_sequence(number: &str) -> Option<i64> {
    number.split_once('-')?.1.parse().ok()
}

/// Makes the next version of a quote, as a draft; asked again, it is the same draft. The old version stays valid until the new one is sent.
///
/// # Errors
/// `NotFound`, `Conflict` for a quote that has no further version.
pub(crate) fn create_version(id: &str, locale: &str) -> Result<String> {
    run_transaction(|| {
        let quote = require_quote_locked(id)?;
        let can_have = matches!(quote.status, QuoteStatus::Sent | QuoteStatus::Declined | QuoteStatus::Expired);
        let Some(number) = quote.number.as_ref().filter(|_| can_have) else {
            return Err(refuse_state("conflict.noVersion", locale));
        };
        let deal = quote.deal.as_ref().map(|deal| deal.document_id.as_str());
        if quote.status != QuoteStatus::Sent && deal.map_or(Ok(0), count_live_quotes)? > 0 {
            // The draft of an earlier call is no other quote.
            let of_this =
                json!({ "number": number, "status": QuoteStatus::Draft, "revision": quote.revision.saturating_add(1) });
            if data::find::<Quote>().filter(of_this).count()? == 0 {
                return Err(refuse_state("conflict.hasQuote", locale));
            }
        }
        let version = quote.revision.saturating_add(1);
        let same = json!({ "number": number, "revision": version });
        if let Some(next) = data::find::<Quote>().filter(same).first()? {
            return if is_editable(&next) {
                Ok(next.document_id)
            } else {
                Err(refuse_state("conflict.noVersion", locale))
            };
        }
        let totals = Totals { net: quote.net, vat: quote.vat, gross: quote.gross, deposit: quote.deposit };
        let mut fields = total_fields(totals);
        let about = [
            ("title", json!(quote.title)),
            ("number", json!(number)),
            ("revision", json!(version)),
            ("supersedes", json!(id)),
            ("deal", json!(quote.deal.as_ref().map(|deal| &deal.document_id))),
            ("contact", json!(quote.contact.as_ref().map(|contact| &contact.document_id))),
            ("package", json!(quote.package.as_ref().map(|package| &package.document_id))),
            ("lines", json!(quote.lines)),
            ("depositPercent", json!(quote.deposit_percent)),
            ("currency", json!(quote.currency)),
            ("status", json!(QuoteStatus::Draft)),
        ];
        fields.extend(about.map(|(name, value)| (name.to_owned(), value)));
        Ok(data::create::<Quote>(&fields)?.target.document_id)
    })
}

/// Stores what somebody changed of a draft.
///
/// # Errors
/// `NotFound`, `Conflict` for a quote that was sent, `Invalid` with the fields that are wrong.
pub(crate) fn save_draft(
    id: &str,
    lines: &[Line],
    deposit_percent: i64,
    valid_until: Option<NaiveDate>,
    locale: &str,
) -> Result<()> {
    let totals = add_up(lines, deposit_percent)
        .map_err(|problems| Error::Invalid(describe_problems(&problems, "lines", locale)))?;
    run_transaction(|| {
        let quote = require_quote_locked(id)?;
        if !is_editable(&quote) {
            return Err(refuse_state("conflict.sentStays", locale));
        }
        let mut fields = total_fields(totals);
        fields.insert("lines".to_owned(), json!(lines));
        fields.insert("depositPercent".to_owned(), json!(deposit_percent));
        fields.insert("validUntil".to_owned(), json!(valid_until.map(|day| day.to_string())));
        data::update::<Quote>(id, &fields).map(|_| ())
    })
}

/// Notes that the mail with a quote came back.
///
/// # Errors
/// What the host says.
pub(crate) fn note_returned_mail(mail: &str) -> Result<()> {
    let Some(quote) = data::find::<Quote>().filter(json!({ "mail": mail })).populate(quote_relations()).first()? else {
        return Ok(());
    };
    let language = Settings::load()?.language;
    let why = translate("delivery.returned", &language, None);
    data::update::<Quote>(&quote.document_id, &json!({ "delivery": Delivery::Failed, "deliveryError": why }))?;
    tell_owner(&quote, "undelivered", mail, &why, &language);
    Ok(())
}

/// Tells who looks after the deal about its quote.
pub(crate) fn tell_owner(quote: &Row<Quote>, what: &str, occasion: &str, detail: &str, language: &str) {
    let owner = quote.deal.as_ref().map_or("", |deal| deal.owner.as_str());
    let about = Subject::Quote(&quote.document_id);
    Notice { what, about, occasion, name: &quote.title, detail, language }.send(&[owner]);
}

/// Writes a line in the deal's history: it answers nobody.
///
/// # Errors
/// What the host says.
pub(crate) fn write_deal_note(quote: &Row<Quote>, subject: &str, body: &str, person: Option<&Person>) -> Result<()> {
    let Some(deal) = &quote.deal else { return Ok(()) };
    data::create::<Activity>(&json!({
        "kind": "system", "subject": subject, "body": body, "at": time::format(time::now()), "automatic": true,
        "author": person.map(|person| &person.id), "authorName": person.map(|person| &person.name), "deal": deal.document_id,
        "contact": quote.contact.as_ref().map(|contact| &contact.document_id),
    }))
    .map(|_| ())
}

/// The data of an event of a quote.
pub(crate) fn describe_quote(quote: &Row<Quote>) -> Value {
    json!({
        "quote": quote.document_id, "number": quote.number.as_deref().unwrap_or_default(), "version": quote.revision,
        "deal": quote.deal.as_ref().map_or("", |deal| deal.document_id.as_str()), "gross": quote.gross, "deposit": quote.deposit,
        "currency": quote.currency,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read() {
        assert_eq!(
            (read_sequence("2027-0012"), read_sequence("2027-10000"), read_sequence("x")),
            (Some(12), Some(10_000), None)
        );
    }

    #[test]
    fn a_quote_goes_to_nobody_else_than_it_names() {
        let quote = |status: &str| -> Quote {
            let company = json!({ "name": "", "address": [], "footer": "", "accent": "", "onAccent": "" });
            serde_json::from_value(json!({
                "status": status, "sentTo": "Jan@example.nl", "sentDocument": {
                    "language": "nl", "company": company, "number": "2027-0001", "title": "T", "customer": "Jan", "customerCompany": "",
                    "eventDate": "", "validUntil": "", "lines": [], "net": "", "vat": "", "gross": "", "deposit": "", "depositPercent": 25,
                },
            }))
            .unwrap()
        };
        let person =
            |name: &'static str, email: &'static str| Addressee { name, email: Some(email), ..Addressee::default() };
        let sent = quote("sent");
        assert_eq!(find_other_customer(&sent, person("Petra", "petra@example.nl")), Some("Jan"));
        // An address that was mistyped, and a name that was.
        assert_eq!(find_other_customer(&sent, person("Jan", "jan@example.com")), None);
        assert_eq!(find_other_customer(&sent, person("Jan Smit", "jan@example.nl")), None);
        // A draft has no customer yet: its texts are written when it is sent.
        assert_eq!(find_other_customer(&quote("draft"), person("Petra", "petra@example.nl")), None);
    }

    #[test]
    fn a_quote_is_valid_on_its_last_day() {
        let quote: Quote = serde_json::from_value(json!({ "validUntil": "2027-02-19" })).unwrap();
        let day = |text: &str| read_date(text).unwrap();
        assert!(!is_over(&quote, day("2027-02-19")) && is_over(&quote, day("2027-02-20")));
        assert!(!is_over(&Quote { valid_until: None, ..quote }, day("2027-02-20")));
    }
}
