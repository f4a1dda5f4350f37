//! Money that came in: a deposit is booked with its quote, and the deal goes on once it is paid. A booking stays: what was booked by mistake
//! is taken back by another one.

use crate::deal_moves::{Advance, DealAdvance};
use crate::local_date::find_today;
use crate::model::{Payment, PaymentKind, Quote, QuoteStatus, name_quote};
use crate::money::write_decimal;
use crate::person::Person;
use crate::quotes::{require_quote_locked, write_deal_note};
use crate::refusals::refuse_state;
use crate::settings::Settings;
use crate::stage_rules::EntryRule;
use cairn_plugin::prelude::*;
use cairn_plugin::run_transaction;
use cairn_plugin::{events, format_money};
use chrono::NaiveDate;
use serde_json::{Map, Value, json};

/// A deposit that came in.
pub(crate) struct Deposit<'a> {
    pub(crate) quote: &'a str,
    /// In minor units.
    pub(crate) amount: i64,
    pub(crate) received: NaiveDate,
    /// Deposits that were paid when the person looked, in minor units; none where nobody was shown them.
    pub(crate) paid_before: Option<i64>,
    pub(crate) person: &'a Person,
    pub(crate) locale: &'a str,
}

/// Checks that a deposit can be booked with a quote.
///
/// # Errors
/// `Conflict` for a quote that is not accepted or whose deposit is paid, `Invalid` for an amount that cannot be.
pub(crate) fn check_deposit(quote: &Quote, amount: i64, locale: &str) -> Result<()> {
    if quote.status != QuoteStatus::Accepted {
        return Err(refuse_state("conflict.notAccepted", locale));
    }
    if quote.deposit_paid_at.is_some() || quote.deposit == 0 {
        return Err(refuse_state("conflict.depositPaid", locale));
    }
    let open = quote.gross.saturating_sub(quote.deposit_paid);
    if (1..=open).contains(&amount) {
        return Ok(());
    }
    let arguments = json!({ "most": format_money(&write_decimal(open), &quote.currency, locale)? });
    Err(Error::field("amount", "amount", translate("wrong.amount", locale, Some(&arguments))))
}

/// True if so much was paid when somebody looked as is paid now.
fn is_as_seen(paid_before: Option<i64>, paid: i64) -> bool {
    paid_before.is_none_or(|seen| seen == paid)
}

/// Outcome of a booking.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum BookingOutcome {
    /// The deposit is paid, and the deal goes on.
    Paid,
    /// So much is still to come, as people write it.
    Partly(String),
    /// The deposit is paid, and the deal stays where it is, because of what is missing.
    Stays(String),
}

impl Deposit<'_> {
    /// Books it, in one transaction with all that follows.
    ///
    /// # Errors
    /// `NotFound`, `Conflict` for a quote that is not accepted, whose deposit is paid or of which more or less is paid
    /// than the person saw, `Invalid` for an amount that cannot be.
    pub(crate) fn book(&self) -> Result<BookingOutcome> {
        let settings = Settings::load()?;
        run_transaction(|| {
            let quote = require_quote_locked(self.quote)?;
            check_deposit(&quote, self.amount, self.locale)?;
            // Two tabs with one question book once.
            if !is_as_seen(self.paid_before, quote.deposit_paid) {
                return Err(refuse_state("conflict.depositMoved", self.locale));
            }
            let deal = quote.deal.as_ref().map(|deal| deal.document_id.as_str());
            let payment = data::create::<Payment>(&json!({
                "kind": PaymentKind::Deposit, "amount": self.amount, "currency": quote.currency, "quote": self.quote, "deal": deal,
                "receivedAt": self.received.to_string(), "bookedBy": self.person.name,
            }))?;
            let paid = quote.deposit_paid.saturating_add(self.amount);
            let is_paid = paid >= quote.deposit;
            let paid_at = if is_paid { json!(time::format(time::now())) } else { Value::Null };
            data::update::<Quote>(self.quote, &json!({ "depositPaid": paid, "depositPaidAt": paid_at }))?;
            let data = json!({
                "payment": payment.target.document_id, "quote": self.quote, "deal": deal.unwrap_or_default(), "kind": "deposit",
                "amount": self.amount, "currency": quote.currency,
            });
            events::publish("crm.payment.paid", self.quote, &data)?;
            let money = |amount: i64, locale: &str| format_money(&write_decimal(amount), &quote.currency, locale);
            let arguments = json!({ "number": name_quote(&quote), "amount": money(self.amount, &settings.language)? });
            let note = translate("activity.deposit", &settings.language, Some(&arguments));
            write_deal_note(&quote, &note, "", Some(self.person))?;
            if !is_paid {
                return Ok(BookingOutcome::Partly(money(quote.deposit.saturating_sub(paid), self.locale)?));
            }
            let Some(deal) = deal else { return Ok(BookingOutcome::Paid) };
            let rule = EntryRule::PaidDeposit;
            let amount = Map::new();
            let advancing =
                DealAdvance { deal, rule, reason: &note, person: Some(self.person), amount, locale: self.locale };
            Ok(match advancing.run()? {
                Advance::Done => BookingOutcome::Paid,
                Advance::Missing(fields) => {
                    let missing: Vec<&str> = fields.iter().map(|field| field.message.as_str()).collect();
                    BookingOutcome::Stays(missing.join(" "))
                }
            })
        })
    }
}

/// Bookings of one quote that are listed.
const MAX_PAYMENTS: u32 = 100;

/// Relations that are read with a booking.
fn payment_relations() -> Value {
    let related = json!({ "fields": ["createdAt"] });
    json!({ "quote": related, "reverses": related })
}

/// The bookings of a quote, the oldest first.
///
/// # Errors
/// What the host says.
pub(crate) fn list_payments(quote: &str) -> Result<Vec<Row<Payment>>> {
    let of_quote = json!({ "quote": { "documentId": quote } });
    data::find::<Payment>().filter(of_quote).populate(payment_relations()).sort("createdAt:asc").all(MAX_PAYMENTS)
}

/// A booking of a quote, and how many others take it back, however many bookings the quote has.
fn require_payment(quote: &str, payment: &str) -> Result<(Row<Payment>, u64)> {
    let found = data::find::<Payment>().populate(payment_relations()).by_ids(&[payment])?.pop().flatten();
    let found = found.filter(|row| row.is_of(quote)).ok_or_else(|| Error::NotFound(payment.to_owned()))?;
    let reversals = data::find::<Payment>().filter(json!({ "reverses": { "documentId": payment } })).count()?;
    Ok((found, reversals))
}

impl Payment {
    /// True if it is a booking of that quote.
    fn is_of(&self, quote: &str) -> bool {
        self.quote.as_ref().is_some_and(|of| of.document_id == quote)
    }

    /// True if another booking can take it back: it is a deposit, and none does so already. `reversals`: how many do.
    fn can_take_reversal(&self, reversals: u64) -> bool {
        self.kind == PaymentKind::Deposit && reversals == 0
    }

    /// True if another booking can take it back, as far as these say.
    pub(crate) fn can_be_reversed(payment: &Row<Self>, of_quote: &[Row<Self>]) -> bool {
        let is_reversal = |other: &&Row<Self>| {
            other.reverses.as_ref().is_some_and(|reversed| reversed.document_id == payment.document_id)
        };
        payment.can_take_reversal(of_quote.iter().filter(is_reversal).count() as u64)
    }
}

/// Takes a booking back by another one, in one transaction with what follows for the quote. True if its deposit is to be paid again. The deal
/// stays where it is: whether it goes back is for people to decide.
///
/// # Errors
/// `NotFound`, `Conflict` for a booking that was taken back or is none of a deposit.
pub(crate) fn reverse_payment(quote: &str, payment: &str, person: &Person, locale: &str) -> Result<bool> {
    let settings = Settings::load()?;
    let today = find_today(time::now(), &settings.timezone)?;
    run_transaction(|| {
        let found = require_quote_locked(quote)?;
        let (reversed, reversals) = require_payment(quote, payment)?;
        if !reversed.can_take_reversal(reversals) {
            return Err(refuse_state("conflict.reversed", locale));
        }
        let deal = found.deal.as_ref().map(|deal| deal.document_id.as_str());
        let Payment { amount, currency, .. } = &reversed.fields;
        let reversal = data::create::<Payment>(&json!({
            "kind": PaymentKind::Reversal, "amount": amount, "currency": currency, "quote": quote, "deal": deal, "reverses": payment,
            "receivedAt": today.to_string(), "bookedBy": person.name,
        }))?;
        let paid = found.deposit_paid.saturating_sub(*amount).max(0);
        let paid_at = found.deposit_paid_at.as_ref().filter(|_| paid >= found.deposit);
        data::update::<Quote>(quote, &json!({ "depositPaid": paid, "depositPaidAt": paid_at }))?;
        let data = json!({
            "payment": reversal.target.document_id, "quote": quote, "deal": deal.unwrap_or_default(), "kind": PaymentKind::Reversal,
            "amount": amount, "currency": currency,
        });
        events::publish("crm.payment.reversed", quote, &data)?;
        let money = format_money(&write_decimal(*amount), currency, &settings.language)?;
        let arguments = json!({ "number": name_quote(&found), "amount": money });
        let note = translate("activity.depositReversed", &settings.language, Some(&arguments));
        write_deal_note(&found, &note, "", Some(person))?;
        Ok(found.deposit_paid_at.is_some() && paid_at.is_none())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payment(json: Value) -> Row<Payment> {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn a_booking_is_taken_back_once() {
        let booked = payment(json!({ "documentId": "a", "kind": "deposit", "amount": 100 }));
        let other = payment(json!({ "documentId": "b", "kind": "deposit", "amount": 100 }));
        let back =
            payment(json!({ "documentId": "c", "kind": "reversal", "amount": 100, "reverses": { "documentId": "a" } }));
        let all = [booked.clone(), other.clone(), back.clone()];
        assert!(!Payment::can_be_reversed(&booked, &all) && Payment::can_be_reversed(&other, &all));
        assert!(!Payment::can_be_reversed(&back, &all) && Payment::can_be_reversed(&booked, &all[..2]));
        // Counted, however many bookings the quote has.
        assert!(booked.can_take_reversal(0) && !booked.can_take_reversal(1) && !back.can_take_reversal(0));
    }

    #[test]
    fn a_booking_belongs_to_one_quote() {
        let booked = payment(json!({ "documentId": "a", "kind": "deposit", "quote": { "documentId": "q" } }));
        assert!(booked.is_of("q") && !booked.is_of("r"));
        assert!(!payment(json!({ "documentId": "b", "kind": "deposit", "quote": null })).is_of("q"));
    }

    #[test]
    fn a_deposit_is_booked_on_what_was_seen() {
        let seen = |paid: Option<i64>| is_as_seen(paid, 10_000);
        assert!(seen(Some(10_000)) && !seen(Some(0)));
        // Bookings that were not reviewed carry no amount to compare.
        assert!(seen(None));
    }
}
