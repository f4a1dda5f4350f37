//! Orders that a program sends: each is one vehicle, however often it is sent.

use super::creation::{FirstOwner, MAX_TITLE_CHARS, NewVehicle, create_vehicle, describe_owner};
use super::vin::{is_vin, normalise_vin};
use super::won_deals::source_of_deal;
use crate::bodies::NamedFields;
use crate::documents::envelopes::attach_contracts_of_deal;
use crate::model::{Access, Amount, Vehicle, of_vehicle};
use crate::refusals::{wrong_field, wrong_state};
use cairn_contact_details::email::{list_variants, normalise_email};
use cairn_plugin::prelude::*;
use cairn_plugin::run_transaction;
use serde::Deserialize;
use serde_json::json;

/// Most characters of an order's number.
const MAX_ORDER_CHARS: usize = 60;
const MAX_MODEL_CHARS: usize = 80;
const MAX_EMAIL_CHARS: usize = 254;

/// An order as it is sent.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct OrderRequest {
    order_no: String,
    #[serde(default)]
    title: Option<String>,
    #[serde(default)]
    model: Option<String>,
    #[serde(default)]
    vin: Option<String>,
    /// The deal of the CRM that the order is of.
    #[serde(default)]
    deal: Option<String>,
    #[serde(default)]
    ordered_at: Option<String>,
    #[serde(default)]
    amount: Option<Amount>,
    #[serde(default)]
    currency: Option<String>,
    owner: NamedFields<OrderingPerson>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct OrderingPerson {
    #[serde(default)]
    name: String,
    email: String,
    #[serde(default)]
    language: Option<String>,
}

/// An order that was received.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ReceivedOrder {
    pub(crate) vehicle: String,
    pub(crate) order_no: String,
    pub(crate) is_new: bool,
}

/// Creates the vehicle of an order with its owner, or finds the one that there is.
///
/// # Errors
/// `Invalid` with the field that is wrong; `Conflict` where the order is known with another number or another owner.
pub(crate) fn receive_order(request: &OrderRequest, locale: &str) -> Result<ReceivedOrder> {
    let order = read_order(request, locale)?;
    let deal = request.deal.as_deref().map(str::trim).filter(|deal| !deal.is_empty()).map(source_of_deal);
    run_transaction(|| {
        let number = order.order_no.clone().unwrap_or_default();
        let mut of_order = vec![json!({ "orderNo": { "$eq": number } })];
        of_order.extend(deal.as_ref().map(|deal| json!({ "source": { "$eq": deal } })));
        let found = data::find::<Vehicle>().filter(json!({ "$or": of_order })).lock().all(2)?;
        let is_new = found.is_empty();
        let vehicle = match found.as_slice() {
            [] => {
                require_free_vin(&order, "", locale)?;
                let source = deal.clone().unwrap_or_else(|| order.source.clone());
                create_vehicle(&NewVehicle { source, ..order.clone() })?
            }
            [known] => complete_known(known, &order, deal.as_deref(), locale)?,
            _ => return Err(wrong_state("order-differs", locale)),
        };
        if let Some(deal) = request.deal.as_deref().map(str::trim).filter(|deal| !deal.is_empty()) {
            attach_contracts_of_deal(deal, &vehicle)?;
        }
        Ok(ReceivedOrder { vehicle, order_no: number, is_new })
    })
}

/// The vehicle of an order, with everything checked.
fn read_order(request: &OrderRequest, locale: &str) -> Result<NewVehicle> {
    let text = |name: &str, text: &Option<String>, most: usize| {
        let text = text.as_deref().map(str::trim).filter(|text| !text.is_empty());
        let is_wrong = text.is_some_and(|text| text.chars().count() > most || text.chars().any(char::is_control));
        if is_wrong {
            return Err(wrong_field(name, "order-text", locale, Some(&json!({ "most": most }))));
        }
        Ok(text.map(str::to_owned))
    };
    let number = text("orderNo", &Some(request.order_no.clone()), MAX_ORDER_CHARS)?;
    let number = number.ok_or_else(|| wrong_field("orderNo", "order-number", locale, None))?;
    let vin = text("vin", &request.vin, usize::MAX)?.map(|vin| normalise_vin(&vin));
    if vin.as_deref().is_some_and(|vin| !is_vin(vin)) {
        return Err(wrong_field("vin", "vin", locale, None));
    }
    let email = normalise_email(&request.owner.email);
    let is_address = email.split_once('@').is_some_and(|(user, host)| !user.is_empty() && host.contains('.'));
    if !is_address
        || email.chars().count() > MAX_EMAIL_CHARS
        || email.chars().any(|c| c.is_control() || c.is_whitespace())
    {
        return Err(wrong_field("owner.email", "no-address", locale, None));
    }
    let ordered_at = match &request.ordered_at {
        Some(at) => time::parse(at).map_err(|_| wrong_field("orderedAt", "report-at", locale, None))?,
        None => time::now(),
    };
    if request.amount.is_some_and(|amount| !amount.is_whole() || amount.cents() < 0) {
        return Err(wrong_field("amount", "parts-of-cents", locale, None));
    }
    let currency = text("currency", &request.currency, 3)?;
    if currency.as_deref().is_some_and(|code| code.len() != 3 || !code.bytes().all(|byte| byte.is_ascii_uppercase())) {
        return Err(wrong_field("currency", "currency", locale, None));
    }
    let model = text("model", &request.model, MAX_MODEL_CHARS)?;
    let title = text("title", &request.title, MAX_TITLE_CHARS)?;
    let title =
        title.or_else(|| model.as_ref().map(|model| format!("{model} – {number}"))).unwrap_or_else(|| number.clone());
    let owner = FirstOwner {
        name: request.owner.name.clone(),
        email: Some(email),
        language: text("owner.language", &request.owner.language, 10)?,
    };
    Ok(NewVehicle {
        title,
        model,
        vin,
        source: format!("order/{number}"),
        order_no: Some(number),
        ordered_at: time::format(ordered_at),
        amount: request.amount,
        currency,
        owner,
    })
}

/// Fills in what a vehicle lacks that is there already: an order that comes again changes nothing else.
fn complete_known(known: &Row<Vehicle>, order: &NewVehicle, deal: Option<&str>, locale: &str) -> Result<String> {
    let id = known.document_id.as_str();
    let differs = |stored: &Option<String>, sent: &Option<String>| matches!((stored, sent), (Some(stored), Some(sent)) if stored != sent);
    if differs(&known.vin, &order.vin) || differs(&known.order_no, &order.order_no) {
        return Err(wrong_state("order-differs", locale));
    }
    let email = order.owner.email.as_deref().unwrap_or_default();
    let spelled: Vec<_> = list_variants(email).iter().map(|email| json!({ "email": { "$eqi": email } })).collect();
    let accesses = data::find::<Access>().filter(of_vehicle(id));
    if accesses.clone().count()? == 0 {
        // The vehicle has no owner yet, such as that of a deal whose contact had no address.
        data::create::<Access>(&describe_owner(id, email, &order.owner, None)?)?;
    } else if accesses.filter(json!({ "$or": spelled })).count()? == 0 {
        return Err(wrong_state("order-differs", locale));
    }
    let mut fields = serde_json::Map::new();
    let mut fill = |name: &str, stored: &Option<String>, sent: &Option<String>| {
        if let (None, Some(sent)) = (stored, sent) {
            fields.insert(name.to_owned(), json!(sent));
        }
    };
    fill("vin", &known.vin, &order.vin);
    fill("orderNo", &known.order_no, &order.order_no);
    fill("model", &known.model, &order.model);
    if let Some(deal) = deal.filter(|_| known.source.as_deref().is_none_or(|source| source.starts_with("order/"))) {
        // The deal is this vehicle, and becomes no second one when it is won.
        fields.insert("source".to_owned(), json!(deal));
    }
    if fields.contains_key("vin") {
        require_free_vin(order, id, locale)?;
    }
    if !fields.is_empty() {
        data::update::<Vehicle>(id, &fields)?;
    }
    Ok(id.to_owned())
}

fn require_free_vin(order: &NewVehicle, own: &str, locale: &str) -> Result<()> {
    let Some(vin) = &order.vin else { return Ok(()) };
    let taken = json!({ "vin": { "$eq": vin }, "documentId": { "$ne": own } });
    if data::find::<Vehicle>().filter(taken).count()? > 0 {
        return Err(wrong_field("vin", "vin-taken", locale, None));
    }
    Ok(())
}
