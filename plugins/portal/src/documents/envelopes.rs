//! Envelopes of the plugin `esign` among the documents of a vehicle: from the moment at which they are sent, and with the file once all have
//! signed.

use crate::access::audience::find_ownership;
use crate::model::{Amount, DocumentKind, Signature, Vehicle, VehicleDocument, VehicleStatus, content_type};
use crate::vehicles::won_deals::source_of_deal;
use cairn_plugin::data::{Link, or_default};
use cairn_plugin::prelude::*;
use cairn_plugin::{files, look, zones};
use serde::Deserialize;
use serde_json::{Value, json};

/// Most envelopes of one deal.
const MAX_ENVELOPES: u32 = 20;
/// Most characters of a title.
const MAX_TITLE_CHARS: usize = 200;

/// An event about an envelope.
#[derive(Debug, Deserialize)]
struct EnvelopeEvent {
    envelope: String,
    #[serde(default)]
    title: String,
    reference: Option<String>,
}

/// An envelope, where the plugin esign is there and its grant was given.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope {
    #[serde(default, deserialize_with = "or_default")]
    title: String,
    #[serde(default, deserialize_with = "or_default")]
    status: String,
    #[serde(default)]
    sealed: Option<Link>,
    #[serde(default)]
    completed_at: Option<String>,
    #[serde(default)]
    sent_at: Option<String>,
    #[serde(default)]
    amount: Option<Amount>,
}
content_type!(Envelope, "plugin::esign.envelope");

/// A quote of the CRM, as far as it leads to its deal and its contract.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Quote {
    #[serde(default)]
    deal: Option<Link>,
    #[serde(default)]
    contract_envelope: Option<String>,
}
content_type!(Quote, "plugin::crm.quote");

/// The subject that the reference of an envelope names.
#[derive(Debug, PartialEq, Eq)]
enum Subject<'a> {
    Vehicle(&'a str),
    Order(&'a str),
    Quote(&'a str),
}

impl<'a> Subject<'a> {
    /// Reads a reference: `portal.vehicle/<id>` or `order/<number>`, which may go on after another slash, or that of a quote of the CRM. None for
    /// any other.
    fn parse(reference: &'a str) -> Option<Self> {
        let first = |rest: &'a str| rest.split('/').next().filter(|part| !part.trim().is_empty());
        if let Some(rest) = reference.strip_prefix("portal.vehicle/") {
            return first(rest).map(Self::Vehicle);
        }
        if let Some(rest) = reference.strip_prefix("order/") {
            return first(rest).map(Self::Order);
        }
        first(reference.strip_prefix("crm/quote/")?).map(Self::Quote)
    }
}

/// How far the signing is, by the last part of an event's name or the status of an envelope.
fn read_signature(name: &str) -> Option<Signature> {
    Some(match name {
        "sent" | "inProgress" | "completing" => Signature::Sent,
        "completed" => Signature::Signed,
        "declined" => Signature::Declined,
        "expired" => Signature::Expired,
        "voided" => Signature::Withdrawn,
        _ => return None,
    })
}

/// True for a state that can follow: what is signed stays signed, all else can follow, such as an envelope that was extended and is out for signature again.
fn is_next(now: Option<Signature>, reported: Signature) -> bool {
    now != Some(Signature::Signed) && now != Some(reported)
}

/// Notes what became of an envelope of a vehicle, in the open transaction. Events about anything else change nothing.
///
/// # Errors
/// What the host says.
pub(crate) fn note_envelope(event: &Event) -> Result<()> {
    let told: EnvelopeEvent = event.data()?;
    let Some(signature) = event.name.rsplit('.').next().and_then(read_signature) else { return Ok(()) };
    let known =
        data::find::<VehicleDocument>().filter(json!({ "envelope": { "$eq": told.envelope } })).lock().first()?;
    if let Some(known) = known {
        if is_next(known.signature, signature) {
            let mut fields = describe_envelope(&told.envelope, &told.title, signature)?;
            if known.erased_at.is_some()
                && let Some(fields) = fields.as_object_mut()
            {
                // The customer was erased: their name must not come back.
                fields.retain(|field, _| matches!(field.as_str(), "signature" | "signedAt"));
            }
            if let Some(fields) = fields.as_object_mut() {
                // The day on which it was sent stays.
                fields.remove("issuedOn");
            }
            data::update::<VehicleDocument>(&known.document_id, &fields)?;
        }
        return Ok(());
    }
    match told.reference.as_deref().and_then(Subject::parse).map(find_vehicle).transpose()?.flatten() {
        Some(vehicle) => attach_envelope(&vehicle, &told.envelope, &told.title, signature),
        None => Ok(()),
    }
}

/// The vehicle that a reference names; none where there is none, and of an order that was cancelled.
fn find_vehicle(subject: Subject<'_>) -> Result<Option<String>> {
    let filter = match subject {
        Subject::Vehicle(id) => json!({ "documentId": { "$eq": id } }),
        Subject::Order(number) => json!({ "orderNo": { "$eq": number } }),
        Subject::Quote(quote) => {
            let populate = json!({ "deal": { "fields": ["title"] } });
            let quote = or_none(data::find::<Quote>().populate(populate).by_ids(&[quote]))?;
            let Some(deal) = quote.flatten().and_then(|quote| quote.fields.deal) else { return Ok(None) };
            json!({ "source": { "$eq": source_of_deal(&deal.document_id) } })
        }
    };
    let not_cancelled = json!({ "status": { "$ne": VehicleStatus::Cancelled } });
    let vehicle = data::find::<Vehicle>().filter(filter).filter(not_cancelled).first()?;
    Ok(vehicle.map(|vehicle| vehicle.document_id))
}

/// The last row; none where the other plugin is not there, or its grant was left out.
fn or_none<T>(found: Result<Vec<T>>) -> Result<Option<T>> {
    match found {
        Ok(mut rows) => Ok(rows.pop()),
        Err(Error::Denied(_) | Error::NotFound(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Puts an envelope among the documents of a vehicle.
fn attach_envelope(vehicle: &str, envelope: &str, title: &str, signature: Signature) -> Result<()> {
    let mut fields = describe_envelope(envelope, title, signature)?;
    fields["vehicle"] = json!(vehicle);
    fields["kind"] = json!(DocumentKind::Contract);
    fields["envelope"] = json!(envelope);
    fields["ownership"] = json!(find_ownership(vehicle)?);
    data::create::<VehicleDocument>(&fields).map(|_| ())
}

/// The fields of a document that follow from its envelope. Without the grant to read it, the file is missing.
fn describe_envelope(id: &str, title: &str, signature: Signature) -> Result<Value> {
    let stored = or_none(data::find::<Envelope>().populate(json!({ "sealed": true })).by_ids(&[id]))?.flatten();
    let stored = stored.map(|row| row.fields);
    let title = stored.as_ref().map_or(title, |envelope| envelope.title.as_str());
    let now = time::format(time::now());
    let signed_at = stored.as_ref().and_then(|envelope| envelope.completed_at.clone()).unwrap_or_else(|| now.clone());
    let signed_at = Some(signed_at).filter(|_| signature == Signature::Signed);
    let issued = stored.as_ref().and_then(|envelope| envelope.sent_at.clone()).unwrap_or(now);
    let mut fields = json!({
        "title": title.chars().take(MAX_TITLE_CHARS).collect::<String>(), "signature": signature, "signedAt": signed_at,
        "issuedOn": to_day(&issued)?,
    });
    if let Some(amount) = stored.as_ref().and_then(|envelope| envelope.amount) {
        fields["amount"] = json!(amount);
    }
    let sealed = stored.and_then(|envelope| envelope.sealed).filter(|_| signature == Signature::Signed);
    // The sealed file may have been deleted since.
    if let Some(file) = sealed
        && files::stat(&file.document_id)?.is_some()
    {
        fields["file"] = json!({ "documentId": file.document_id });
    }
    Ok(fields)
}

/// The day of a time where the site is at home.
fn to_day(at: &str) -> Result<String> {
    let local = zones::to_local(&look().zone, &[time::parse(at)?])?.pop().unwrap_or_default();
    Ok(local.get(..10).unwrap_or_default().to_owned())
}

/// Puts the contracts that were signed for a deal among the documents of its vehicle: their events came before it did.
///
/// # Errors
/// What the host says.
pub(crate) fn attach_contracts_of_deal(deal: &str, vehicle: &str) -> Result<()> {
    let signed = json!({ "deal": { "documentId": { "$eq": deal } }, "contractEnvelope": { "$notNull": true } });
    let quotes = match data::find::<Quote>().filter(signed).all(MAX_ENVELOPES) {
        // The CRM is not there as it was, or its grant was left out.
        Err(Error::Denied(_) | Error::NotFound(_) | Error::Invalid(_)) => return Ok(()),
        quotes => quotes?,
    };
    for envelope in quotes.into_iter().filter_map(|quote| quote.fields.contract_envelope) {
        let stored = or_none(data::find::<Envelope>().by_ids(&[&envelope]))?.flatten();
        let Some(stored) = stored else { continue };
        let Some(signature) = read_signature(&stored.status) else { continue };
        let is_known = data::find::<VehicleDocument>().filter(json!({ "envelope": { "$eq": envelope } })).count()? > 0;
        if !is_known {
            attach_envelope(vehicle, &envelope, &stored.title, signature)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_name_a_vehicle_an_order_or_a_quote() {
        assert_eq!(Subject::parse("portal.vehicle/abc/2"), Some(Subject::Vehicle("abc")));
        assert_eq!(Subject::parse("order/F22-104"), Some(Subject::Order("F22-104")));
        assert_eq!(Subject::parse("crm/quote/q1/1/s3cret"), Some(Subject::Quote("q1")));
        for other in ["", "order/", "portal.vehicle/ ", "crm/deal/x", "Order/1", "quote"] {
            assert_eq!(Subject::parse(other), None, "{other}");
        }
    }

    #[test]
    fn what_is_signed_stays_signed() {
        for reported in
            [Signature::Sent, Signature::Declined, Signature::Expired, Signature::Withdrawn, Signature::Signed]
        {
            assert!(!is_next(Some(Signature::Signed), reported));
            assert!(is_next(None, reported) && !is_next(Some(reported), reported));
        }
        assert!(is_next(Some(Signature::Expired), Signature::Signed));
        assert_eq!(read_signature("viewed"), None);
        assert_eq!(read_signature("completed"), Some(Signature::Signed));
    }
}
