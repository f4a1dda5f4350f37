//! Deposits of a quote: typed in a dialog, shown as they were understood, then booked; and taken back by another booking.

use super::amounts;
use super::quotes::{go_to, show_anew};
use crate::local_date::{find_today, read_date, write_date};
use crate::model::{Payment, PaymentKind, Quote};
use crate::money::{parse_decimal, write_decimal};
use crate::payments::{BookingOutcome, Deposit, check_deposit, list_payments, reverse_payment};
use crate::person::Person;
use crate::quotes::find_quote;
use crate::settings::Settings;
use crate::subject::Subject;
use cairn_plugin::prelude::*;
use cairn_plugin::{ActionRequest, ActionResult, format_money};
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::{Value, json};

/// A deposit that waits for somebody's word, as the address of the page names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PendingDeposit {
    /// In minor units.
    amount: i64,
    received: NaiveDate,
}

impl PendingDeposit {
    /// Reads the parameters of the page; none where they are no deposit.
    pub(super) fn read(amount: &str, received: &str) -> Option<Self> {
        Some(Self { amount: parse_decimal(amount)?, received: read_date(received)? })
    }

    /// The address of the quote's page with it.
    fn path(self, quote: &str) -> String {
        let Self { amount, received } = self;
        format!("{}&deposit={}&received={received}", Subject::Quote(quote).admin_path(), write_decimal(amount))
    }

    /// The question whether it was understood, with the button that books it.
    pub(super) fn describe(self, quote: &Row<Quote>, locale: &str) -> Result<Vec<Value>> {
        let money = |amount: i64| format_money(&write_decimal(amount), &quote.currency, locale);
        let open = quote.deposit.saturating_sub(quote.deposit_paid).saturating_sub(self.amount).max(0);
        let arguments = json!({
            "amount": money(self.amount)?, "received": write_date(&self.received.to_string()), "open": money(open)?,
        });
        let text = |key: &str| translate(key, locale, Some(&arguments));
        let id = &quote.document_id;
        let values = json!({
            "quote": id, "amount": write_decimal(self.amount), "received": self.received.to_string(), "reviewed": true,
            "paid": quote.deposit_paid,
        });
        Ok(vec![
            json!({ "kind": "text", "text": text("deposit.review"), "tone": "warning" }),
            json!({ "kind": "actions", "items": [
                {
                    "id": "book", "call": "deposit", "label": text("action.quote.bookDeposit"), "icon": "check", "tone": "success",
                    "values": values,
                },
                { "id": "back", "call": "open", "label": "t:action.quote.notDeposit", "icon": "list", "values": { "quote": id } },
            ] }),
        ])
    }
}

/// The button for a deposit; `amount`: what is still to come, where that is known.
pub(super) fn describe_button(amount: Option<String>) -> Value {
    let mut schema = json!({ "type": "object", "required": ["amount"], "order": ["amount", "received"], "properties": {
        "amount": amounts::describe_field("t:field.paidAmount"),
        "received": { "type": "string", "format": "date", "title": "t:field.receivedAt", "description": "t:field.receivedAt.hint" },
    } });
    if let Some(amount) = amount {
        schema["properties"]["amount"]["default"] = json!(amount);
    }
    json!({
        "id": "deposit", "call": "review-deposit", "label": "t:action.quote.deposit", "icon": "coin", "tone": "success", "schema": schema,
    })
}

/// Form of a deposit, as somebody filled it in.
#[derive(Deserialize)]
struct DepositForm {
    #[serde(default)]
    amount: String,
    received: Option<String>,
    /// True if the amount is the one that was shown, as a decimal.
    #[serde(default)]
    reviewed: bool,
    /// Deposits that were paid when it was shown, in minor units.
    paid: Option<i64>,
}

/// Reads a deposit that somebody typed, and checks that it can be booked.
fn read_deposit(call: &Call, form: &DepositForm, quote: &Row<Quote>) -> Result<PendingDeposit> {
    let refuse =
        |field: &str, code: &str| Error::field(field, code, translate(&format!("refused.{code}"), &call.locale, None));
    let amount = match parse_decimal(&form.amount).filter(|_| form.reviewed) {
        Some(amount) => amount,
        None => amounts::read_field(&form.amount, "amount", &quote.currency, &call.locale)?
            .map_err(|problem| Error::Invalid(vec![problem]))?,
    };
    let today = find_today(time::now(), &Settings::load()?.timezone)?;
    let received = match form.received.as_deref().filter(|text| !text.is_empty()) {
        Some(text) => read_date(text).filter(|day| *day <= today).ok_or_else(|| refuse("received", "received"))?,
        None => today,
    };
    check_deposit(quote, amount, &call.locale)?;
    Ok(PendingDeposit { amount, received })
}

fn require_quote(id: &str) -> Result<Row<Quote>> {
    find_quote(id)?.ok_or_else(|| Error::NotFound(id.to_owned()))
}

/// Leads to the page that shows how a deposit was understood. Nothing is booked yet.
///
/// # Errors
/// What the person is told.
pub(super) fn review(call: &Call, request: &ActionRequest, id: &str) -> Result<ActionResult> {
    let pending = read_deposit(call, &request.values()?, &require_quote(id)?)?;
    Ok(go_to(pending.path(id), None))
}

/// Books a deposit.
///
/// # Errors
/// What the person is told.
pub(super) fn book(call: &Call, request: &ActionRequest, id: &str, person: &Person) -> Result<ActionResult> {
    let quote = require_quote(id)?;
    let form: DepositForm = request.values()?;
    let PendingDeposit { amount, received } = read_deposit(call, &form, &quote)?;
    let text = |key: &str, arguments: Value| translate(key, &call.locale, Some(&arguments));
    let booked = format_money(&write_decimal(amount), &quote.currency, &call.locale)?;
    let deposit = Deposit { quote: id, amount, received, paid_before: form.paid, person, locale: &call.locale };
    let notice = match deposit.book()? {
        BookingOutcome::Paid => text("notice.deposit", json!({ "amount": booked })),
        BookingOutcome::Partly(open) => text("notice.depositPartly", json!({ "amount": booked, "open": open })),
        BookingOutcome::Stays(why) => text("notice.depositStays", json!({ "amount": booked, "why": why })),
    };
    // Loaded again, the page with the question would ask once more.
    if form.reviewed {
        return Ok(go_to(Subject::Quote(id).admin_path(), Some(&notice)));
    }
    show_anew(call, request, id, &notice)
}

/// The bookings of a quote, and a button for each that can be taken back.
///
/// # Errors
/// What the host says.
pub(super) fn describe_bookings(quote: &Row<Quote>, locale: &str) -> Result<Vec<Value>> {
    let payments = list_payments(&quote.document_id)?;
    let mut items = Vec::new();
    let mut buttons = Vec::new();
    for payment in &payments {
        let Payment { kind, amount, currency, received_at, booked_by, .. } = &payment.fields;
        let money = format_money(&write_decimal(*amount), currency, locale)?;
        let day = received_at.as_deref().map(write_date).unwrap_or_default();
        let sign = if matches!(kind, PaymentKind::Reversal | PaymentKind::Refund) { "−" } else { "" };
        let label = [day.as_str(), booked_by.as_deref().unwrap_or_default()];
        let label: Vec<&str> = label.into_iter().filter(|part| !part.is_empty()).collect();
        let what = translate(&format!("payment.{}", kind.name()), locale, None);
        items.push(json!({ "label": format!("{what} · {}", label.join(" · ")), "value": format!("{sign}{money}") }));
        if Payment::can_be_reversed(payment, &payments) && buttons.len() < MAX_BUTTONS {
            let arguments = json!({ "amount": money, "received": day });
            buttons.push(json!({
                "id": format!("reverse-{}", buttons.len() + 1), "call": "reverse", "icon": "coin",
                "label": translate("action.quote.reverse", locale, Some(&arguments)),
                "confirm": translate("action.quote.reverse.sure", locale, Some(&arguments)),
                "values": { "quote": quote.document_id, "payment": payment.document_id },
            }));
        }
    }
    let mut show = Vec::new();
    if !items.is_empty() {
        show.push(json!({ "kind": "fields", "label": "t:field.bookings", "items": items }));
    }
    if !buttons.is_empty() {
        show.push(json!({ "kind": "actions", "items": buttons }));
    }
    Ok(show)
}

/// Buttons that one block has at most.
const MAX_BUTTONS: usize = 20;

/// The booking that is to be taken back.
#[derive(Deserialize)]
struct ReversalForm {
    payment: String,
}

/// Takes a booking back.
///
/// # Errors
/// What the person is told.
pub(super) fn reverse(call: &Call, request: &ActionRequest, id: &str, person: &Person) -> Result<ActionResult> {
    let ReversalForm { payment } = request.values()?;
    let is_open = reverse_payment(id, &payment, person, &call.locale)?;
    show_anew(call, request, id, if is_open { "t:notice.reversedOpen" } else { "t:notice.reversed" })
}
