//! The contract of an accepted quote. The CRM makes its document and asks the plugin `esign` to have it signed, by a document of that plugin's
//! published type `request`; from its published events it hears what became of it. Without that plugin the deal goes on as before.

use crate::addressee::Addressee;
use crate::contract_document::{ContractDocument, build_contract};
use crate::contract_state::{ContractState, build_reference, parse_reference};
use crate::deal_moves::{Advance, DealWin};
use crate::model::{Quote, QuoteStatus, name_quote};
use crate::money::write_decimal;
use crate::quotes::{require_quote_locked, tell_owner, write_deal_note};
use crate::refusals::refuse_state;
use crate::settings::{ContractChoice, Settings};
use crate::tasks::{ContractTask, complete_contract_tasks};
use cairn_plugin::bindings::random;
use cairn_plugin::jobs::job;
use cairn_plugin::prelude::*;
use cairn_plugin::{error, files, run_transaction};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::time::Duration;

/// The job that makes a contract and has it sent; its key is the quote's id.
pub(crate) const CONTRACT_JOB: &str = "contract";
/// Attempts after which somebody has to look: as many as the manifest gives the job.
const ATTEMPTS: u32 = 5;
/// How long a contract waits before e-signing, which is switched off, is asked again.
const ESIGN_WAIT: Duration = Duration::from_secs(600);
/// Kind of the contracts, and the template that their page is made by, as rules of approval name them.
const CONTRACT_KIND: &str = "quote";
const CONTRACT_TEMPLATE: &str = "contract";
/// Longest reason that is stored, in characters.
const MAX_REASON: usize = 300;

/// Request to e-signing: the fields of its type `request`.
#[derive(Deserialize)]
struct SignatureRequest {}

impl Document for SignatureRequest {
    const TYPE: &'static str = "plugin::esign.request";
}

/// The attempt that a job is for: a later one of the same quote is none of its business.
#[derive(Debug, Serialize, Deserialize)]
struct Payload {
    quote: String,
    attempt: i64,
}

/// Has the contract of a quote made, in the open transaction. Returns the fields that say so, to be stored with the quote.
///
/// # Errors
/// What the host says.
pub(crate) fn begin_contract(quote: &Row<Quote>) -> Result<Map<String, Value>> {
    let id = &quote.document_id;
    let attempt = quote.contract_attempts().saturating_add(1);
    let secret: String = random::bytes(8).iter().map(|byte| format!("{byte:02x}")).collect();
    let mut references = quote.contract_references.clone();
    references.push(build_reference(id, attempt, &secret));
    job(CONTRACT_JOB).key(id).set(&Payload { quote: id.clone(), attempt })?;
    let fields = [
        ("contract", json!(ContractState::Pending)),
        ("contractReferences", json!(references)),
        ("contractReason", Value::Null),
        ("contractAt", json!(time::format(time::now()))),
    ];
    Ok(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// Sends the contract of a quote that has none, or another one after one that ended.
///
/// # Errors
/// `NotFound`, `Conflict` for a quote that needs none now.
pub(crate) fn send_contract(id: &str, locale: &str) -> Result<()> {
    let settings = Settings::load()?;
    run_transaction(|| {
        let quote = require_quote_locked(id)?;
        if settings.contract == ContractChoice::None {
            return Err(refuse_state("conflict.noContracts", locale));
        }
        if quote.status != QuoteStatus::Accepted {
            return Err(refuse_state("conflict.notAccepted", locale));
        }
        if quote.contract.is_some_and(|state| !state.has_ended()) {
            return Err(refuse_state("conflict.contractUnderway", locale));
        }
        let fields = begin_contract(&quote)?;
        data::update::<Quote>(id, &fields)?;
        finish_tasks(&quote, &settings)
    })
}

fn finish_tasks(quote: &Quote, settings: &Settings) -> Result<()> {
    let Some(deal) = &quote.deal else { return Ok(()) };
    complete_contract_tasks(&deal.document_id, &name_quote(quote), &settings.language, time::now())
}

/// Makes a contract and asks for signatures. What keeps it from being sent is noted with the quote, and the deal's owner has a task.
///
/// # Errors
/// What another attempt may cure.
pub(crate) fn run_contract(call: &Call, task: &Task) -> Result<Outcome> {
    let payload = task.payload::<Payload>()?;
    let Some(quote) = crate::quotes::find_quote(&payload.quote)?.filter(|quote| is_due(quote, &payload)) else {
        return Ok(Outcome::DONE);
    };
    let settings = Settings::load()?;
    let mut is_esign_off = false;
    let asked = build_contract(&quote, &settings).and_then(|document| {
        let asked = run_transaction(|| request_signatures(&payload, &document, &settings));
        is_esign_off = matches!(asked, Err(Error::Unavailable(_)));
        if !matches!(asked, Ok(true)) {
            files::delete(&[document.file])?;
        }
        asked
    });
    match asked {
        Ok(_) => Ok(Outcome::DONE),
        Err(error) if call.attempt < ATTEMPTS && is_passing(&error) => Err(error),
        // E-signing stores nothing while it is switched off or being upgraded: the contract waits until it is back.
        Err(_) if is_esign_off => Outcome::again(&payload, ESIGN_WAIT),
        Err(error) => {
            error!(quote = &payload.quote; "a contract was not sent: {}", error.describe());
            let reason = describe_failure(&error, &settings.language);
            run_transaction(|| {
                let quote = require_quote_locked(&payload.quote)?;
                if is_due(&quote, &payload) {
                    end_contract(&quote, ContractState::Failed, &reason, &settings)
                } else {
                    Ok(())
                }
            })?;
            Ok(Outcome::DONE)
        }
    }
}

fn is_due(quote: &Quote, payload: &Payload) -> bool {
    quote.contract == Some(ContractState::Pending) && quote.contract_attempts() == payload.attempt
}

/// True if another attempt may end otherwise.
const fn is_passing(error: &Error) -> bool {
    matches!(error, Error::Unavailable(_) | Error::Exhausted(_) | Error::Internal(_) | Error::Conflict(_))
}

/// Asks for signatures, in the open transaction; `false` where that was done meanwhile.
fn request_signatures(payload: &Payload, document: &ContractDocument, settings: &Settings) -> Result<bool> {
    let quote = require_quote_locked(&payload.quote)?;
    let Some(reference) = quote.contract_references.last().filter(|_| is_due(&quote, payload)) else {
        return Ok(false);
    };
    data::create::<SignatureRequest>(&describe_request(&quote, reference, document, settings))?;
    data::update::<Quote>(
        &payload.quote,
        &json!({ "contract": ContractState::Requested, "contractPdf": { "documentId": document.file } }),
    )?;
    Ok(true)
}

/// The request: the customer signs first, then who signs for the company.
fn describe_request(quote: &Quote, reference: &str, document: &ContractDocument, settings: &Settings) -> Value {
    let addressee = Addressee::of_quote(quote);
    let language = crate::quote_document::find_language(quote, settings);
    let email = quote.sent_to.as_deref().or(addressee.email);
    // The recipient of the quote signs: a name that the customer got since then may be somebody else's.
    let sent_to = quote.sent_document.as_ref().map(|sent| sent.customer.as_str());
    let is_name = |name: &&str| !name.trim().is_empty();
    let name = sent_to.filter(is_name).or(Some(addressee.name).filter(is_name));
    let name = name.or(quote.accepted_name.as_deref()).unwrap_or_default();
    let mut recipients = vec![json!({ "name": name, "email": email, "group": 1, "language": language })];
    if settings.has_contract_signer() {
        let (name, email) = (settings.contract_signer_name.trim(), settings.contract_signer_email.trim());
        recipients.push(json!({ "name": name, "email": email, "group": 2, "language": settings.language }));
    }
    let title =
        translate("contract.title", language, Some(&json!({ "number": name_quote(quote), "title": quote.title })));
    let owner = quote.deal.as_ref().map_or("", |deal| deal.owner.as_str());
    let amount: Value = serde_json::from_str(&write_decimal(quote.gross)).unwrap_or_default();
    json!({
        // The rules of approval compare the kind, so it is the same in every language.
        "kind": CONTRACT_KIND, "amount": amount, "template": CONTRACT_TEMPLATE,
        "reference": reference, "title": title.chars().take(200).collect::<String>(), "language": language,
        "document": { "documentId": document.file }, "fields": document.fields, "recipients": recipients, "owner": owner,
        "ownerName": quote.deal.as_ref().map(|deal| deal.owner_name.as_str()),
        "senderName": crate::quote_texts::Company::of_settings(settings).name.chars().take(120).collect::<String>(),
    })
}

fn describe_failure(error: &Error, language: &str) -> String {
    match error {
        Error::Invalid(fields) => fields.iter().map(|field| field.message.as_str()).collect::<Vec<_>>().join(" "),
        // The plugin is not installed, or the operator did not allow it.
        Error::Denied(_) => translate("contract.unavailable", language, None),
        Error::Unavailable(_) => translate("contract.noPdf", language, None),
        other => other.describe(),
    }
}

/// An event of e-signing, as far as it matters here.
#[derive(Deserialize)]
struct SigningEvent {
    reference: Option<String>,
    envelope: Option<String>,
    #[serde(default)]
    reason: String,
}

/// Notes what became of a contract. Events about anything else, and those that come again, change nothing. In the open transaction.
///
/// # Errors
/// What the host says.
pub(crate) fn note_signing(event: &Event) -> Result<()> {
    let told: SigningEvent = event.data()?;
    let Some(reference) = told.reference.as_deref() else { return Ok(()) };
    let (Some(about), Some(reported)) = (parse_reference(reference), ContractState::of_event(&event.name)) else {
        return Ok(());
    };
    let quote = match require_quote_locked(about.quote) {
        // Deleted meanwhile.
        Err(Error::NotFound(_)) => return Ok(()),
        found => found?,
    };
    let known = quote.contract_references.iter().position(|known| known == reference);
    let (Some(known), Some(now)) = (known, quote.contract) else { return Ok(()) };
    let is_latest = known + 1 == quote.contract_references.len();
    let Some(state) = now.after(reported, is_latest) else { return Ok(()) };
    let settings = Settings::load()?;
    if let Some(envelope) = &told.envelope {
        data::update::<Quote>(&quote.document_id, &json!({ "contractEnvelope": envelope }))?;
    }
    match state {
        ContractState::Sent => {
            store_state(&quote, state, "")?;
            write_note(&quote, state, "", &settings.language)
        }
        ContractState::Signed => sign_contract(&quote, &settings),
        _ => end_contract(&quote, state, &told.reason, &settings),
    }
}

fn store_state(quote: &Row<Quote>, state: ContractState, reason: &str) -> Result<()> {
    let fields = json!({
        "contract": state, "contractAt": time::format(time::now()),
        "contractReason": Some(reason).filter(|reason| !reason.is_empty()),
    });
    data::update::<Quote>(&quote.document_id, &fields).map(|_| ())
}

fn describe_note(quote: &Quote, state: ContractState, language: &str) -> String {
    translate(&format!("activity.contract.{}", state.name()), language, Some(&json!({ "number": name_quote(quote) })))
}

fn write_note(quote: &Row<Quote>, state: ContractState, reason: &str, language: &str) -> Result<()> {
    write_deal_note(quote, &describe_note(quote, state, language), reason, None)
}

/// Everybody has signed: the deal is won as far as the rules of its stage allow.
fn sign_contract(quote: &Row<Quote>, settings: &Settings) -> Result<()> {
    let language = settings.language.as_str();
    store_state(quote, ContractState::Signed, "")?;
    finish_tasks(quote, settings)?;
    let note = describe_note(quote, ContractState::Signed, language);
    write_deal_note(quote, &note, "", None)?;
    let Some(deal) = &quote.deal else { return Ok(()) };
    match (DealWin { deal: &deal.document_id, reason: &note, locale: language }).run()? {
        Advance::Done => tell_owner(quote, "contractSigned", "", "", language),
        Advance::Missing(fields) => {
            let missing: Vec<&str> = fields.iter().map(|field| field.message.as_str()).collect();
            tell_owner(quote, "contractSigned", "", &missing.join(" "), language);
        }
    }
    Ok(())
}

/// Nobody signs it any more: the deal's owner decides how to go on.
fn end_contract(quote: &Row<Quote>, state: ContractState, reason: &str, settings: &Settings) -> Result<()> {
    let language = settings.language.as_str();
    let reason: String = reason.chars().filter(|c| !c.is_control()).take(MAX_REASON).collect();
    store_state(quote, state, &reason)?;
    let note = describe_note(quote, state, language);
    write_deal_note(quote, &note, &reason, None)?;
    if let Some(deal) = &quote.deal {
        finish_tasks(quote, settings)?;
        let number = name_quote(quote);
        ContractTask {
            deal: &deal.document_id,
            contact: quote.contact.as_ref().map(|contact| contact.document_id.as_str()),
            number: &number,
            owner: &deal.owner,
            owner_name: &deal.owner_name,
            body: if reason.is_empty() { &note } else { &reason },
            language,
        }
        .create()?;
    }
    let occasion = format!("{}-{}", quote.contract_attempts(), state.name());
    let detail = if reason.is_empty() { note } else { format!("{note}: {reason}") };
    tell_owner(quote, "contractEnded", &occasion, &detail, language);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quote(json: Value) -> Row<Quote> {
        serde_json::from_value(json).unwrap()
    }

    fn settings(extra_values: &Value) -> Settings {
        let schema: Value = serde_json::from_str(include_str!("../settings.schema.json")).unwrap();
        let mut values: Map<String, Value> = schema["properties"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, property)| (name.clone(), property["default"].clone()))
            .collect();
        values.insert("companyName".into(), json!("Mr. DJ"));
        values.extend(extra_values.as_object().unwrap().clone());
        serde_json::from_value(values.into()).unwrap()
    }

    #[test]
    fn a_job_is_for_one_attempt() {
        let payload = Payload { quote: "q".into(), attempt: 1 };
        let with = |state: &str, references: Value| {
            quote(json!({ "documentId": "q", "contract": state, "contractReferences": references }))
        };
        assert!(is_due(&with("pending", json!(["a"])), &payload));
        for other in [with("pending", json!(["a", "b"])), with("requested", json!(["a"])), with("pending", json!([]))] {
            assert!(!is_due(&other, &payload));
        }
    }

    #[test]
    fn what_no_attempt_cures_is_told_at_once() {
        assert!(is_passing(&Error::Unavailable(None)));
        assert!(!is_passing(&Error::Denied("data.write".into())) && !is_passing(&Error::field("a", "b", "c")));
    }

    #[test]
    fn the_company_signs_after_the_customer_where_it_signs() {
        assert!(!settings(&json!({})).has_contract_signer());
        let both = settings(&json!({ "contractSignerName": "Bart", "contractSignerEmail": "bart@example.com" }));
        assert!(both.has_contract_signer());
    }
}
