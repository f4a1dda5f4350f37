//! The stored form of a checked inquiry. Versions to come read what this one stored: a field that is added has a default. It knows no host.

use crate::inquiry::Inquiry;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The fields of an [`Inquiry`].
#[derive(Serialize, Deserialize)]
#[serde(remote = "Inquiry", rename_all = "camelCase")]
pub(super) struct InquiryFields {
    name: String,
    #[serde(default)]
    email: Option<String>,
    #[serde(default)]
    phone: Option<String>,
    #[serde(default)]
    company: Option<String>,
    #[serde(default)]
    message: Option<String>,
    #[serde(default, with = "day")]
    event_date: Option<NaiveDate>,
    #[serde(default)]
    event_venue: Option<String>,
    #[serde(default)]
    guests: Option<u32>,
    #[serde(default)]
    package_wish: Option<String>,
    language: String,
    #[serde(default)]
    consent: bool,
    #[serde(default)]
    consent_text: Option<String>,
    #[serde(default)]
    utm: Map<String, Value>,
    #[serde(default)]
    extra: Map<String, Value>,
    #[serde(default)]
    trapped: bool,
}

/// A day as `2027-06-12`.
mod day {
    use chrono::NaiveDate;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(day: &Option<NaiveDate>, serializer: S) -> Result<S::Ok, S::Error> {
        match day {
            Some(day) => serializer.collect_str(day),
            None => serializer.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<NaiveDate>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| text.parse().map_err(D::Error::custom)).transpose()
    }
}

#[cfg(test)]
mod tests {
    use crate::waiting_inquiries::WaitingInquiry;
    use serde_json::{Value, json};

    fn read(json: Value) -> WaitingInquiry {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn inquiries_are_read_as_they_were_stored() {
        let stored = json!({
            "received": 1_767_603_600_000_i64,
            "form": { "key": "bruiloft", "pipeline": "bruiloften", "owner": "role:sales", "ownerName": "Bart", "answer": "plain",
                "confirmation": true, "allowPast": false, "thankYouUrl": "", "origins": [] },
            "inquiry": { "name": "Sanne", "email": "sanne@example.nl", "phone": "+31612345678", "company": null, "message": "Hoi\n🎉",
                "eventDate": "2027-03-28", "eventVenue": null, "guests": 80, "packageWish": "gold", "language": "nl", "consent": true,
                "consentText": "News", "utm": { "source": "google" }, "extra": { "heardOf": "a friend" }, "trapped": false },
            "attempts": { "count": 2, "next": 5, "problem": "busy" },
        });
        let waiting = read(stored.clone());
        assert_eq!(waiting.inquiry.event_date.unwrap().to_string(), "2027-03-28");
        assert_eq!(serde_json::to_value(&waiting).unwrap(), stored);
    }

    #[test]
    fn what_an_earlier_version_did_not_store_has_a_default() {
        let waiting = read(json!({
            "received": 1, "form": { "key": "a", "pipeline": "p" }, "inquiry": { "name": "Sanne", "language": "nl" },
        }));
        assert_eq!((waiting.attempts.count, waiting.inquiry.event_date, waiting.inquiry.trapped), (0, None, false));
    }
}
