//! Endings of a quote that was sent: the customer accepts or declines it, or its last day is over. Each in one
//! transaction with all that follows.

use crate::confirmations::confirm_acceptance;
use crate::contracts::begin_contract;
use crate::deal_moves::{Advance, DealAdvance};
use crate::local_date::find_today;
use crate::model::{Quote, QuoteStatus, name_quote};
use crate::quote_delivery::EXPIRY_JOB;
use crate::quoted_deals::{amount_fields, find_obstacle};
use crate::quotes::{describe_quote, find_quote_by_hash, is_over, require_quote_locked, tell_owner, write_deal_note};
use crate::settings::{ContractChoice, Settings};
use crate::stage_rules::EntryRule;
use cairn_plugin::events;
use cairn_plugin::prelude::*;
use cairn_plugin::run_transaction;
use serde::Deserialize;
use serde_json::{Map, json};

/// Answer of a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    /// With the name that they signed with.
    Accept(String),
    /// With a reason, which may be empty.
    Decline(String),
}

/// How a quote stands for its customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum QuotePageState {
    /// It can be accepted or declined.
    Open,
    Accepted,
    Declined,
    Expired,
    Superseded,
}

impl QuotePageState {
    /// How a quote stands; none of a draft, which nobody sees. Its last day counts, not the timer that notes it.
    pub(crate) const fn find(status: QuoteStatus, is_over: bool) -> Option<Self> {
        Some(match status {
            QuoteStatus::Draft => return None,
            QuoteStatus::Sent if is_over => Self::Expired,
            QuoteStatus::Sent => Self::Open,
            QuoteStatus::Accepted => Self::Accepted,
            QuoteStatus::Declined => Self::Declined,
            QuoteStatus::Expired => Self::Expired,
            QuoteStatus::Superseded => Self::Superseded,
        })
    }

    /// Its name, in texts and for programs.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Accepted => "accepted",
            Self::Declined => "declined",
            Self::Expired => "expired",
            Self::Superseded => "superseded",
        }
    }
}

/// Outcome of an answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum AnswerResult {
    /// It counts: now, or since it was given before.
    Taken,
    /// The quote cannot be answered so any more.
    Refused(QuotePageState),
}

/// Takes a customer's answer. Given twice it counts once; of two that differ the first one does.
///
/// # Errors
/// `NotFound` for a link that is none.
pub(crate) fn take_answer(hash: &str, answer: &Answer, settings: &Settings) -> Result<AnswerResult> {
    let today = find_today(time::now(), &settings.timezone)?;
    run_transaction(|| {
        let quote = find_quote_by_hash(hash, true)?.ok_or_else(|| Error::NotFound(String::new()))?;
        let page_state = QuotePageState::find(quote.status, is_over(&quote, today));
        match (page_state, answer) {
            (None, _) => Err(Error::NotFound(String::new())),
            (Some(QuotePageState::Accepted), Answer::Accept(_))
            | (Some(QuotePageState::Declined), Answer::Decline(_)) => Ok(AnswerResult::Taken),
            (Some(QuotePageState::Open), Answer::Accept(name)) => accept(&quote, name, settings),
            (Some(QuotePageState::Open), Answer::Decline(reason)) => decline(&quote, reason, settings),
            (Some(page_state), _) => Ok(AnswerResult::Refused(page_state)),
        }
    })
}

fn accept(quote: &Row<Quote>, name: &str, settings: &Settings) -> Result<AnswerResult> {
    let id = &quote.document_id;
    let language = settings.language.as_str();
    // A quote of a lost deal starts no contract: people decide what follows from its acceptance.
    let goes_on = find_obstacle(quote).is_none();
    let mut fields = match settings.contract {
        ContractChoice::Esign if goes_on => begin_contract(quote)?,
        ContractChoice::Esign | ContractChoice::None => Map::new(),
    };
    fields.insert("status".to_owned(), json!(QuoteStatus::Accepted));
    fields.insert("acceptedName".to_owned(), json!(name));
    fields.insert("acceptedAt".to_owned(), json!(time::format(time::now())));
    data::update::<Quote>(id, &fields)?;
    jobs::cancel(EXPIRY_JOB, id)?;
    let number = name_quote(quote);
    let note = translate("activity.quoteAccepted", language, Some(&json!({ "number": number, "name": name })));
    write_deal_note(quote, &note, "", None)?;
    events::publish("crm.quote.accepted", id, &describe_quote(quote))?;
    confirm_acceptance(id)?;
    let advance = match &quote.deal {
        Some(deal) => DealAdvance {
            deal: &deal.document_id,
            rule: EntryRule::AcceptedQuote,
            reason: &note,
            person: None,
            amount: amount_fields(quote)?,
            locale: language,
        }
        .run()?,
        None => Advance::Done,
    };
    // The customer's answer counts, whatever the deal still lacks.
    match advance {
        Advance::Done => tell_owner(quote, "accepted", "", name, language),
        Advance::Missing(fields) => {
            let missing: Vec<&str> = fields.iter().map(|field| field.message.as_str()).collect();
            tell_owner(quote, "acceptedStays", "", &missing.join(" "), language);
        }
    }
    Ok(AnswerResult::Taken)
}

fn decline(quote: &Row<Quote>, reason: &str, settings: &Settings) -> Result<AnswerResult> {
    let id = &quote.document_id;
    let language = settings.language.as_str();
    let fields =
        json!({ "status": QuoteStatus::Declined, "declinedReason": reason, "declinedAt": time::format(time::now()) });
    data::update::<Quote>(id, &fields)?;
    jobs::cancel(EXPIRY_JOB, id)?;
    let note = translate("activity.quoteDeclined", language, Some(&json!({ "number": name_quote(quote) })));
    write_deal_note(quote, &note, reason, None)?;
    events::publish("crm.quote.declined", id, &describe_quote(quote))?;
    tell_owner(quote, "declined", "", reason, language);
    Ok(AnswerResult::Taken)
}

/// Notes that the last day of a quote is over.
///
/// # Errors
/// What the host says.
pub(crate) fn expire_quote(task: &Task) -> Result<Outcome> {
    #[derive(Deserialize)]
    struct Payload {
        quote: String,
    }
    let id = task.payload::<Payload>()?.quote;
    let settings = Settings::load()?;
    let today = find_today(time::now(), &settings.timezone)?;
    let expired = run_transaction(|| {
        let quote = require_quote_locked(&id)?;
        // Answered meanwhile, or noted before.
        if QuotePageState::find(quote.status, is_over(&quote, today)) != Some(QuotePageState::Expired)
            || quote.status == QuoteStatus::Expired
        {
            return Ok(());
        }
        data::update::<Quote>(&id, &json!({ "status": QuoteStatus::Expired }))?;
        events::publish("crm.quote.expired", &id, &describe_quote(&quote))?;
        tell_owner(&quote, "expired", "", "", &settings.language);
        Ok(())
    });
    match expired {
        // Deleted meanwhile.
        Err(Error::NotFound(_)) => Ok(Outcome::DONE),
        other => other.map(|()| Outcome::DONE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quote_is_over_with_its_last_day_whatever_the_timer_noted() {
        assert_eq!(QuotePageState::find(QuoteStatus::Sent, false), Some(QuotePageState::Open));
        assert_eq!(QuotePageState::find(QuoteStatus::Sent, true), Some(QuotePageState::Expired));
        assert_eq!(QuotePageState::find(QuoteStatus::Accepted, true), Some(QuotePageState::Accepted));
        assert_eq!(QuotePageState::find(QuoteStatus::Superseded, false), Some(QuotePageState::Superseded));
        assert_eq!(QuotePageState::find(QuoteStatus::Draft, false), None);
    }
}
