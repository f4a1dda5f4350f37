//! Inquiries that repeat one of minutes ago: the lead takes what is new in them.

use crate::inquiry::{Inquiry, count_units};
use crate::model::Lead;
use cairn_plugin::prelude::*;
use serde_json::{Map, Value, json};

/// Longest message of a lead, in units of UTF-16.
const MAX_MESSAGE: usize = 20_000;
/// Most fields of a lead that have no place of their own.
const MAX_EXTRA: usize = 100;

/// Adds an inquiry to a lead that this transaction holds; false where it has no room left.
///
/// # Errors
/// What the host says.
pub(crate) fn merge_into(lead: &Row<Lead>, inquiry: &Inquiry, now: Instant) -> Result<bool> {
    let Some(patch) = merge_fields(lead, inquiry, &time::format(now)) else { return Ok(false) };
    data::update::<Lead>(&lead.document_id, &patch)?;
    Ok(true)
}

/// Returns the fields that change: empty ones are filled, and what differs from what is there is added to the message, so that nothing
/// anybody wrote is lost and nothing is overwritten. None where there would be too much of it.
fn merge_fields(lead: &Lead, inquiry: &Inquiry, at: &str) -> Option<Map<String, Value>> {
    let text = |value: Option<&String>| value.map(|text| json!(text));
    let fields = [
        ("email", text(lead.email.as_ref()), text(inquiry.email.as_ref())),
        ("phone", text(lead.phone.as_ref()), text(inquiry.phone.as_ref())),
        ("company", text(lead.company.as_ref()), text(inquiry.company.as_ref())),
        ("eventDate", text(lead.event_date.as_ref()), inquiry.event_date.map(|date| json!(date.to_string()))),
        ("eventVenue", text(lead.event_venue.as_ref()), text(inquiry.event_venue.as_ref())),
        ("guests", lead.guests.map(|n| json!(n)), inquiry.guests.map(|n| json!(n))),
        ("packageWish", text(lead.package_wish.as_ref()), text(inquiry.package_wish.as_ref())),
    ];
    let mut patch = Map::new();
    let mut added = Vec::new();
    if inquiry.name != lead.name {
        added.push(format!("name: {}", inquiry.name));
    }
    for (name, had, sent) in fields {
        match (had, sent) {
            (None, Some(sent)) => {
                patch.insert(name.to_owned(), sent);
            }
            (Some(had), Some(sent)) if had != sent => {
                let sent = sent.as_str().map_or_else(|| sent.to_string(), str::to_owned);
                added.push(format!("{name}: {sent}"));
            }
            _ => {}
        }
    }
    let mut extra = lead.extra.clone();
    for (name, sent) in &inquiry.extra {
        match extra.get(name) {
            None => drop(extra.insert(name.clone(), sent.clone())),
            Some(had) if had != sent => {
                added.push(format!("{name}: {}", sent.as_str().map_or_else(|| sent.to_string(), str::to_owned)));
            }
            Some(_) => {}
        }
    }
    if extra.len() > MAX_EXTRA {
        return None;
    }
    if extra != lead.extra {
        patch.insert("extra".to_owned(), Value::Object(extra));
    }
    // A sender with another name at the same address consents for themselves, not for the person of the lead.
    let is_same_person = fold_name(&inquiry.name) == fold_name(&lead.name);
    if inquiry.consent && !is_same_person {
        added.push(format!("consent: {}", inquiry.consent_text.as_deref().unwrap_or("true")));
    } else if inquiry.consent && !lead.consent_marketing {
        patch.insert("consentMarketing".to_owned(), json!(true));
        patch.insert("consentAt".to_owned(), json!(at));
        patch.insert("consentText".to_owned(), json!(inquiry.consent_text));
    }
    // How somebody came here the first time stays.
    if lead.utm.is_empty() && !inquiry.utm.is_empty() {
        patch.insert("utm".to_owned(), Value::Object(inquiry.utm.clone()));
    }
    let known = lead.message.as_deref().unwrap_or_default();
    let parts = split_message(known);
    // Sent twice by a double click it is there once; what is only a part of an earlier message is one of its own.
    let is_known = |message: &&str| parts.iter().any(|part| without_notes(part) == *message);
    if let Some(message) = inquiry.message.as_deref().filter(|message| !is_known(message)) {
        added.push(message.to_owned());
    }
    let added = added.join("\n");
    if !added.is_empty() && !parts.contains(&added.as_str()) {
        let added = format!("[{at}]\n{added}");
        let message = if known.is_empty() { added } else { format!("{known}\n\n{added}") };
        if count_units(&message) > MAX_MESSAGE {
            return None;
        }
        patch.insert("message".to_owned(), json!(message));
    }
    patch.insert("repeats".to_owned(), json!(lead.repeats.saturating_add(1)));
    Some(patch)
}

/// Fields that are noted in the message where they differ.
const NOTED: [&str; 9] =
    ["name", "email", "phone", "company", "eventDate", "eventVenue", "guests", "packageWish", "consent"];

/// A name as it is compared: without case, and with single spaces.
pub(crate) fn fold_name(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// True if two names can be of one person: they are the same, or one says less, as a first name does.
pub(crate) fn can_be_one_person(one: &str, other: &str) -> bool {
    let (one, other) = (fold_name(one), fold_name(other));
    let begins =
        |long: &str, short: &str| long.strip_prefix(short).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '));
    begins(&one, &other) || begins(&other, &one)
}

/// The parts of a lead's message: the first one, and those that were added, without the times at which they were.
fn split_message(message: &str) -> Vec<&str> {
    let mut parts = message.split("\n\n[");
    let first = parts.next().map(|first| match first.strip_prefix('[').and_then(|rest| rest.split_once("]\n")) {
        // The first inquiry had no message.
        Some((at, body)) if at.ends_with('Z') => body,
        _ => first,
    });
    let added = parts.map(|part| part.split_once("]\n").map_or(part, |(_, body)| body));
    first.into_iter().chain(added).collect()
}

/// A part without the lines that note fields.
fn without_notes(part: &str) -> &str {
    let is_note = |line: &str| line.split_once(": ").is_some_and(|(name, _)| NOTED.contains(&name));
    let mut rest = part;
    while let Some((_, after)) = rest.split_once('\n').filter(|(line, _)| is_note(line)) {
        rest = after;
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lead(json: Value) -> Lead {
        let mut lead = json!({ "name": "Sanne", "createdAt": "2027-02-05T15:30:00.000Z" });
        lead.as_object_mut().unwrap().extend(json.as_object().unwrap().clone());
        serde_json::from_value(lead).unwrap()
    }

    fn inquiry() -> Inquiry {
        Inquiry {
            name: "Sanne".into(),
            email: Some("sanne@example.nl".into()),
            phone: None,
            company: None,
            message: Some("Hallo".into()),
            event_date: chrono::NaiveDate::from_ymd_opt(2027, 3, 28),
            event_venue: None,
            guests: Some(80),
            package_wish: None,
            language: "nl".into(),
            consent: false,
            consent_text: None,
            utm: Map::new(),
            extra: Map::new(),
            trapped: false,
        }
    }

    #[test]
    fn the_same_again_only_counts() {
        let lead = lead(json!({
            "email": "sanne@example.nl", "message": "Hallo", "eventDate": "2027-03-28", "guests": 80, "repeats": 2,
        }));
        assert_eq!(Value::from(merge_fields(&lead, &inquiry(), "now").unwrap()), json!({ "repeats": 3 }));
    }

    #[test]
    fn what_is_new_is_filled_in_and_what_differs_is_told() {
        let lead = lead(json!({ "email": "sanne@example.nl", "message": "Eerst", "eventDate": "2027-03-27" }));
        let patch = Value::from(merge_fields(&lead, &inquiry(), "now").unwrap());
        let message = "Eerst\n\n[now]\neventDate: 2027-03-28\nHallo";
        assert_eq!(patch, json!({ "guests": 80, "message": message, "repeats": 1 }));
    }

    #[test]
    fn consent_and_fields_of_the_form_are_taken_over() {
        let had = lead(json!({
            "email": "sanne@example.nl", "message": "Hallo", "eventDate": "2027-03-28", "guests": 80,
            "extra": { "heardOf": "a friend" }, "utm": null,
        }));
        let extra = |pairs: Value| pairs.as_object().unwrap().clone();
        let sent = Inquiry {
            consent: true,
            consent_text: Some("News".into()),
            utm: extra(json!({ "source": "google" })),
            extra: extra(json!({ "heardOf": "the radio", "photos": "yes" })),
            ..inquiry()
        };
        assert_eq!(
            Value::from(merge_fields(&had, &sent, "now").unwrap()),
            json!({
                "message": "Hallo\n\n[now]\nheardOf: the radio", "extra": { "heardOf": "a friend", "photos": "yes" },
                "consentMarketing": true, "consentAt": "now", "consentText": "News", "utm": { "source": "google" }, "repeats": 1,
            })
        );
        let many = (0..101).map(|n| (format!("f{n}"), json!("x"))).collect();
        assert_eq!(merge_fields(&had, &Inquiry { extra: many, ..inquiry() }, "now"), None);
    }

    #[test]
    fn a_message_that_is_part_of_another_is_kept() {
        let at = "2027-02-05T15:31:00.000Z";
        let merged = |message: &str, sent: &str| {
            let lead = lead(json!({
                "email": "sanne@example.nl", "message": message, "eventDate": "2027-03-28", "guests": 80,
            }));
            let patch = merge_fields(&lead, &Inquiry { message: Some(sent.into()), ..inquiry() }, at).unwrap();
            patch.get("message").and_then(Value::as_str).map(str::to_owned)
        };
        let both = merged("Bel me morgen, niet vandaag", "Bel me morgen").unwrap();
        assert_eq!(both, format!("Bel me morgen, niet vandaag\n\n[{at}]\nBel me morgen"));
        // A repetition of either message adds nothing: the text has both already.
        assert_eq!(merged(&both, "Bel me morgen"), None);
        assert_eq!(merged(&both, "Bel me morgen, niet vandaag"), None);
        let noted = format!("Hallo\n\n[{at}]\nphone: +31612345678\nTot dan");
        assert_eq!(merged(&noted, "Tot dan"), None);
        let first = format!("[{at}]\nHallo");
        assert_eq!(merged(&first, "Hallo"), None);
    }

    #[test]
    fn a_first_name_can_be_that_of_a_full_one() {
        for (one, other) in [("Sanne", "sanne  de Vries"), ("Sanne de Vries", "Sanne"), ("Zoë", "zoë")] {
            assert!(can_be_one_person(one, other), "{one}, {other}");
        }
        for (one, other) in [("Sanne", "Tim"), ("San", "Sanne"), ("Sanne de Vries", "Tim de Vries")] {
            assert!(!can_be_one_person(one, other), "{one}, {other}");
        }
    }

    #[test]
    fn consent_of_somebody_else_is_noted_and_not_set() {
        let had = lead(json!({
            "name": "Sanne  de Vries", "email": "sanne@example.nl", "message": "Hallo", "eventDate": "2027-03-28", "guests": 80,
        }));
        let sent = |name: &str| {
            let sent = Inquiry { name: name.into(), consent: true, consent_text: Some("News".into()), ..inquiry() };
            Value::from(merge_fields(&had, &sent, "now").unwrap())
        };
        let other = sent("Tim");
        assert_eq!((&other["consentMarketing"], &other["consentText"]), (&Value::Null, &Value::Null));
        assert_eq!(other["message"], "Hallo\n\n[now]\nname: Tim\nconsent: News");
        assert_eq!(sent("sanne de vries")["consentMarketing"], true);
    }

    #[test]
    fn a_message_without_end_is_not_merged() {
        let lead = lead(json!({ "message": "x".repeat(19_999) }));
        assert_eq!(merge_fields(&lead, &inquiry(), "now"), None);
    }
}
