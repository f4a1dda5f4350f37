//! Lines of the ledger that are not entered in the portal: by the team, for a customer who says so elsewhere, and by an import.

use super::ledger::{find_last, find_next_number};
use super::model::{Consent, Source};
use crate::model::Link;
use crate::refusals::{refuse_field, refuse_state};
use crate::settings::Settings;
use cairn_plugin::Actor;
use cairn_plugin::prelude::*;
use serde::Deserialize;
use serde_json::json;

/// A line as somebody writes it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WrittenConsent {
    customer: Option<Link>,
    key: Option<String>,
    text_version: Option<u32>,
    is_given: Option<bool>,
    at: Option<String>,
}

/// Lines are added by the team and by imports, with the source that they are, and never changed or deleted. Callers of the API add none.
///
/// # Errors
/// What the host says.
pub(crate) fn decide_change(call: &Call, change: &Change) -> Result<Decision> {
    if change.action == Action::Update && change.changed.is_empty() {
        return Ok(Decision::Allow);
    }
    let source = match (change.action, &call.actor) {
        (Action::Create, Actor::Admin(_)) => Source::Staff,
        (Action::Create, Actor::System) => Source::Import,
        _ => return Ok(refuse_state("kept-record", call)),
    };
    let Some(after) = change.after::<WrittenConsent>()? else { return Ok(Decision::Allow) };
    let Some(customer) = &after.customer else { return Ok(refuse_field("customer", "no-customer", call, None)) };
    let (Some(key), Some(version), Some(is_given)) = (&after.key, after.text_version, after.is_given) else {
        return Ok(Decision::Allow);
    };
    let purpose = Settings::load()?.purposes.into_iter().find(|purpose| purpose.key == *key);
    let Some(purpose) = purpose else { return Ok(refuse_field("key", "unknown-purpose", call, None)) };
    if source == Source::Staff && version != purpose.version {
        return Ok(refuse_field("textVersion", "consent-version", call, None));
    }
    let last: Option<Row<Consent>> = find_last(&customer.document_id, key)?;
    if last.is_some_and(|last| last.text_version == version && last.is_given == is_given) {
        return Ok(refuse_state("consent-same", call));
    }
    let now = time::now();
    let at = match after.at.as_deref().filter(|_| source == Source::Import).map(time::parse).transpose()? {
        Some(at) if at > now => return Ok(refuse_field("at", "report-ahead", call, None)),
        Some(at) => at,
        None => now,
    };
    let number = find_next_number(&customer.document_id)?;
    Decision::amend(&json!({ "source": source, "at": time::format(at), "number": number }))
}
