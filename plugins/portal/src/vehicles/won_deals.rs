//! Deals that the plugin `crm` reports as won: where the operator wants it, each is a vehicle of its customer, once.

use super::creation::{FirstOwner, MAX_TITLE_CHARS, NewVehicle, create_vehicle};
use crate::documents::envelopes::attach_contracts_of_deal;
use crate::model::{Amount, Vehicle};
use crate::settings::Settings;
use cairn_plugin::prelude::*;
use serde::Deserialize;
use serde_json::json;

/// A deal that was won, as the event describes it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WonDeal {
    deal: String,
    #[serde(default)]
    pipeline: String,
    #[serde(default)]
    title: String,
    won_at: String,
    /// In hundredths.
    #[serde(default)]
    amount: Option<i64>,
    #[serde(default)]
    currency: Option<String>,
    #[serde(default)]
    contact: Option<DealContact>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
struct DealContact {
    #[serde(default)]
    name: String,
    email: Option<String>,
    language: Option<String>,
}

/// Names the deal among all that becomes vehicles: a deal that is lost and won again is no second one.
pub(crate) fn source_of_deal(deal: &str) -> String {
    format!("crm.deal/{deal}")
}

impl WonDeal {
    /// Builds the title of the vehicle: that of the deal, or the name of its contact, or the deal's id.
    fn vehicle_title(&self) -> String {
        let name = self.contact.as_ref().map_or("", |contact| contact.name.trim());
        let title = [self.title.trim(), name, &self.deal].into_iter().find(|text| !text.is_empty()).unwrap_or_default();
        title.chars().take(MAX_TITLE_CHARS).collect()
    }
}

/// Creates the vehicle of a deal that was won, in the open transaction, with the contract that was signed for it.
///
/// # Errors
/// What the host says.
pub(crate) fn note_won_deal(event: &Event) -> Result<()> {
    let settings = Settings::load()?;
    let won: WonDeal = event.data()?;
    let is_meant = settings.deal_pipeline.is_empty() || settings.deal_pipeline == won.pipeline;
    if !settings.deals || !is_meant {
        return Ok(());
    }
    let source = source_of_deal(&won.deal);
    if let Some(known) = data::find::<Vehicle>().filter(json!({ "source": { "$eq": source } })).first()? {
        // The vehicle exists already: its order came first, or the deal was won before.
        return attach_contracts_of_deal(&won.deal, &known.document_id);
    }
    let contact = won.contact.as_ref();
    let vehicle = create_vehicle(&NewVehicle {
        title: won.vehicle_title(),
        source,
        ordered_at: won.won_at.clone(),
        amount: won.amount.filter(|amount| *amount > 0).map(Amount::from_cents),
        currency: won.currency.clone().filter(|code| code.len() == 3),
        owner: FirstOwner {
            name: contact.map(|contact| contact.name.clone()).unwrap_or_default(),
            email: contact.and_then(|contact| contact.email.clone()),
            language: contact.and_then(|contact| contact.language.clone()),
        },
        ..NewVehicle::default()
    })?;
    attach_contracts_of_deal(&won.deal, &vehicle)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn won(json: serde_json::Value) -> WonDeal {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn a_vehicle_has_a_title_whatever_the_deal_lacks() {
        let at = "2026-01-15T10:00:00.000Z";
        let titled = won(json!({ "deal": "d", "wonAt": at, "title": " F22 rood ", "more": 1, "contact": null }));
        assert_eq!(titled.vehicle_title(), "F22 rood");
        let by_contact = won(json!({ "deal": "d", "wonAt": at, "contact": { "name": "Sanne", "email": null } }));
        assert_eq!(by_contact.vehicle_title(), "Sanne");
        assert_eq!(won(json!({ "deal": "d", "wonAt": at })).vehicle_title(), "d");
        let long = won(json!({ "deal": "d", "wonAt": at, "title": "é".repeat(200) }));
        assert_eq!(long.vehicle_title().chars().count(), MAX_TITLE_CHARS);
    }
}
