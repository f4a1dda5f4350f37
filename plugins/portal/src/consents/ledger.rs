//! The ledger: what a customer consents to now is in the last line of each purpose.

use super::model::{Consent, Source};
use super::purposes::Purpose;
use crate::refusals::wrong_state;
use crate::settings::Settings;
use cairn_plugin::prelude::*;
use cairn_plugin::run_transaction;
use serde::Deserialize;
use serde_json::{Value, json};

/// Most lines in a response.
const MAX_LINES: u32 = 100;

/// The body that a customer sends.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ConsentRequest {
    is_given: bool,
    /// The version of the text that they have read.
    version: u32,
}

/// The filter of the lines of a customer.
pub(crate) fn of_customer(account: &str) -> Value {
    json!({ "customer": { "documentId": { "$eq": account } } })
}

/// The last line of a customer about a purpose.
///
/// # Errors
/// What the host says.
pub(crate) fn find_last(account: &str, key: &str) -> Result<Option<Row<Consent>>> {
    let about = json!({ "key": { "$eq": key } });
    data::find::<Consent>().filter(of_customer(account)).filter(about).sort("number:desc").first()
}

/// The number of the next line of a customer.
///
/// # Errors
/// What the host says.
pub(crate) fn find_next_number(account: &str) -> Result<i64> {
    let last = data::find::<Consent>().filter(of_customer(account)).sort("number:desc").first()?;
    Ok(last.and_then(|line| line.number).unwrap_or_default().saturating_add(1))
}

/// The purposes with what a customer consents to, and the last lines of the ledger.
///
/// # Errors
/// What the host says.
pub(crate) fn describe_consents(account: &str, locale: &str) -> Result<Value> {
    let lines = data::find::<Consent>().filter(of_customer(account)).sort("number:desc").all(MAX_LINES)?;
    let is_whole = lines.len() < MAX_LINES as usize;
    let describe = |purpose: &Purpose| {
        let last = match lines.iter().find(|line| line.key == purpose.key) {
            None if !is_whole => find_last(account, &purpose.key)?,
            last => last.cloned(),
        };
        Ok(purpose.describe(last.as_ref().map(|line| &line.fields), locale))
    };
    let data = Settings::load()?.purposes.iter().map(describe).collect::<Result<Vec<_>>>()?;
    let line = |line: &Row<Consent>| {
        json!({
            "key": line.key, "version": line.text_version, "isGiven": line.is_given, "at": line.at, "source": line.source,
        })
    };
    Ok(json!({ "data": data, "ledger": lines.iter().map(line).collect::<Vec<_>>() }))
}

/// Adds a line for a customer who gives or withdraws a consent; the same again adds none.
///
/// # Errors
/// `NotFound` for a purpose that there is not; `Conflict` where its text has changed since the customer read it.
pub(crate) fn set_consent(account: &str, key: &str, request: &ConsentRequest, locale: &str) -> Result<Value> {
    let purpose = Settings::load()?.purposes.into_iter().find(|purpose| purpose.key == key);
    let purpose = purpose.ok_or_else(|| Error::NotFound(key.to_owned()))?;
    if purpose.version != request.version {
        return Err(wrong_state("consent-version", locale));
    }
    // Of two that come at once, the second finds its number taken, and looks again.
    let line = run_transaction(|| {
        if let Some(last) = find_last(account, key)?
            && last.text_version == request.version
            && last.is_given == request.is_given
        {
            return Ok(last.fields);
        }
        let (at, number) = (time::format(time::now()), find_next_number(account)?);
        let (version, is_given, source) = (request.version, request.is_given, Source::Portal);
        data::create::<Consent>(&json!({
            "customer": account, "key": key, "textVersion": version, "isGiven": is_given, "at": at, "source": source, "number": number,
        }))?;
        Ok(Consent {
            key: key.to_owned(),
            text_version: version,
            is_given,
            at: Some(at),
            source: Some(source),
            number: Some(number),
        })
    })?;
    Ok(json!({ "data": purpose.describe(Some(&line), locale) }))
}
