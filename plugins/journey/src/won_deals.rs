//! Deals that the plugin `crm` reports as won: where the operator wants it, each starts a journey for its customer, once.

use crate::model::{StartRequest, StartStatus};
use crate::settings::Settings;
use crate::start_requests::schedule_start;
use crate::starts::MAX_TITLE_CHARS;
use cairn_contact_details::email::normalise_email;
use cairn_contact_details::person_name::clean_name;
use cairn_plugin::prelude::*;
use serde::Deserialize;
use serde_json::json;

/// A deal that was won, as the event describes it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WonDeal {
    deal: String,
    #[serde(default)]
    title: String,
    won_at: String,
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

impl WonDeal {
    /// Names the deal among all that starts journeys: a deal that is lost and won again starts no second one.
    fn source(&self) -> String {
        format!("{}{}", StartRequest::DEAL_SOURCE, self.deal)
    }

    /// Builds the title of the journey: that of the deal, or the name of its contact, or the deal's id.
    fn journey_title(&self) -> String {
        let title = self.title.trim();
        let title =
            if title.is_empty() { self.contact.as_ref().map_or("", |contact| contact.name.trim()) } else { title };
        let title = if title.is_empty() { &self.deal } else { title };
        title.chars().take(MAX_TITLE_CHARS).collect()
    }
}

/// Notes a deal that was won, in the open transaction. A job starts its journey.
///
/// # Errors
/// What the host says.
pub(crate) fn note_won_deal(event: &Event) -> Result<()> {
    let definition = Settings::load()?.deal_definition.trim().to_owned();
    if definition.is_empty() {
        return Ok(());
    }
    let won: WonDeal = event.data()?;
    let source = won.source();
    if data::find::<StartRequest>().filter(json!({ "source": { "$eq": source } })).count()? > 0 {
        return Ok(());
    }
    let contact = won.contact.as_ref();
    let language = contact.and_then(|contact| contact.language.as_deref());
    let created = data::create::<StartRequest>(&json!({
        "source": source, "title": won.journey_title(), "definition": definition, "anchorAt": won.won_at,
        "customerName": contact.map(|contact| clean_name(&contact.name).chars().take(160).collect::<String>()),
        "email": contact.and_then(|contact| contact.email.as_deref()).map(normalise_email).filter(|email| !email.is_empty()),
        "language": language.filter(|language| matches!(*language, "nl" | "en")), "status": StartStatus::Waiting,
    }))?;
    schedule_start(&created.target.document_id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn won(json: Value) -> WonDeal {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn events_are_read_whatever_they_say_beside() {
        let full = won(json!({
            "deal": "d", "pipeline": "p", "stage": "s", "status": "won", "title": " F22 rood ", "wonAt": "2026-01-15T10:00:00.000Z",
            "amount": 151_250, "currency": "EUR", "contact": { "name": "Sanne", "email": "Sanne@Example.nl", "company": null, "language": "nl" },
        }));
        assert_eq!((full.source().as_str(), full.journey_title().as_str()), ("crm.deal/d", "F22 rood"));
    }

    #[test]
    fn a_start_knows_the_deal_that_asked_for_it() {
        let start = |source: &str| -> StartRequest {
            let at = "2026-01-15T10:00:00.000Z";
            serde_json::from_value(json!({ "source": source, "title": "F22", "definition": "orders", "anchorAt": at }))
                .unwrap()
        };
        assert_eq!(start(&won(json!({ "deal": "d", "wonAt": "x" })).source()).deal(), Some("d"));
        assert_eq!((start("crm.deal/").deal(), start("website/7").deal()), (None, None));
    }

    #[test]
    fn a_journey_has_a_title_whatever_the_deal_lacks() {
        let at = "2026-01-15T10:00:00.000Z";
        let by_contact = won(json!({ "deal": "d", "wonAt": at, "contact": { "name": "Sanne", "email": null } }));
        assert_eq!(by_contact.journey_title(), "Sanne");
        assert_eq!(won(json!({ "deal": "d", "wonAt": at })).journey_title(), "d");
        let long = won(json!({ "deal": "d", "wonAt": at, "title": "é".repeat(200) }));
        assert_eq!(long.journey_title().chars().count(), MAX_TITLE_CHARS);
    }
}
