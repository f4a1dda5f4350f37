//! Money that came in: a deposit is booked with its quote, and the deal goes on once it is paid.

use crate::deal_moves::{Advance, DealAdvance};
use crate::model::{Payment, Quote, QuoteStatus};
use crate::money::write_decimal;
use crate::person::Person;
use crate::quotes::{name_quote, refuse_state, require_quote_locked, write_deal_note};
use crate::settings::Settings;
use crate::stage_rules::EntryRule;
use cairn_plugin::prelude::*;
use cairn_plugin::run_transaction;
use cairn_plugin::{events, format_money};
use chrono::NaiveDate;
use serde_json::{Value, json};

/// A deposit that came in.
pub(crate) struct Deposit<'a> {
    pub(crate) quote: &'a str,
    /// In minor units.
    pub(crate) amount: i64,
    pub(crate) received: NaiveDate,
    pub(crate) person: &'a Person,
    pub(crate) locale: &'a str,
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
    /// `NotFound`, `Conflict` for a quote that is not accepted or whose deposit is paid, `Invalid` for an amount that cannot be.
    pub(crate) fn book(&self) -> Result<BookingOutcome> {
        let settings = Settings::load()?;
        run_transaction(|| {
            let quote = require_quote_locked(self.quote)?;
            if quote.status != QuoteStatus::Accepted {
                return Err(refuse_state("conflict.notAccepted", self.locale));
            }
            if quote.deposit_paid_at.is_some() || quote.deposit == 0 {
                return Err(refuse_state("conflict.depositPaid", self.locale));
            }
            let open = quote.gross.saturating_sub(quote.deposit_paid);
            if !(1..=open).contains(&self.amount) {
                let arguments = json!({ "most": format_money(&write_decimal(open), &quote.currency, self.locale)? });
                return Err(Error::field("amount", "amount", translate("wrong.amount", self.locale, Some(&arguments))));
            }
            let deal = quote.deal.as_ref().map(|deal| deal.document_id.as_str());
            let payment = data::create::<Payment>(&json!({
                "kind": "deposit", "amount": self.amount, "currency": quote.currency, "quote": self.quote, "deal": deal,
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
            let advancing =
                DealAdvance { deal, rule, reason: &note, person: Some(self.person), amount: None, locale: self.locale };
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
