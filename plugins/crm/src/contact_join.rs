//! Decisions of people about a lead whose phone number another contact has: the same person, or somebody else.

use crate::leads::write_note;
use crate::locked_documents::find_lead_locked;
use crate::model::{Activity, Contact, ContactKey, Deal, Lead, Quote};
use crate::person::Person;
use crate::refusals::refuse_state;
use cairn_plugin::data::{AllFields, Batch};
use cairn_plugin::prelude::*;
use cairn_plugin::run_transaction;
use serde_json::{Map, Value, json};

/// Documents of one kind that move to another contact at once: what a person has, and not what a company with a switchboard has.
const MAX_MOVED: u32 = 200;
/// Longest notes of a contact, in units of UTF-16.
const MAX_NOTES: usize = 20_000;

/// Joins the contact of a lead with the one of the same phone number: all that is linked to the first belongs to the second from then on,
/// and the first is gone.
///
/// # Errors
/// `NotFound`, `Conflict` for a lead without a possible match, or whose contact has too much.
pub(crate) fn join_contact(lead: &str, person: &Person, locale: &str) -> Result<()> {
    run_transaction(|| {
        let lead = find_lead_locked(lead)?.ok_or_else(|| Error::NotFound(lead.to_owned()))?;
        let Some(joined) = &lead.possible_contact else { return Err(refuse_state("conflict.noMatch", locale)) };
        let to = joined.document_id.as_str();
        // The note is of the lead's own contact, and moves with all the others.
        write_note(&lead, "activity.joined", person, locale, None)?;
        match &lead.contact {
            Some(own) if own.document_id != to => merge_contacts(&own.document_id, to, locale)?,
            _ => {}
        }
        data::update::<Lead>(&lead.document_id, &json!({ "contact": to, "possibleContact": null })).map(|_| ())
    })
}

/// Notes that a lead is of somebody else than the contact with the same phone number.
///
/// # Errors
/// `NotFound`, `Conflict` for a lead without a possible match.
pub(crate) fn keep_contact_apart(lead: &str, person: &Person, locale: &str) -> Result<()> {
    run_transaction(|| {
        let lead = find_lead_locked(lead)?.ok_or_else(|| Error::NotFound(lead.to_owned()))?;
        if lead.possible_contact.is_none() {
            return Err(refuse_state("conflict.noMatch", locale));
        }
        data::update::<Lead>(&lead.document_id, &json!({ "possibleContact": null }))?;
        write_note(&lead, "activity.keptApart", person, locale, None)
    })
}

/// Moves all that a contact has to another one, and deletes it.
fn merge_contacts(from: &str, to: &str, locale: &str) -> Result<()> {
    let mut found = data::find::<AllFields<Contact>>().lock().by_ids(&[from, to])?.into_iter();
    let (Some(own), Some(joined)) = (found.next().flatten(), found.next().flatten()) else {
        return Err(refuse_state("conflict.noMatch", locale));
    };
    let mut merge = ContactMerge { batch: Batch::new(), from, to, locale };
    merge.move_links::<Lead>("contact")?;
    merge.move_links::<Lead>("possibleContact")?;
    merge.move_links::<Deal>("contact")?;
    merge.move_links::<Quote>("contact")?;
    merge.move_links::<Activity>("contact")?;
    merge.move_links::<ContactKey>("contact")?;
    let batch = merge.batch.update::<Contact>(to, &fill_in(&joined.fields.fields, &own.fields.fields))?;
    batch.delete::<Contact>(from).write().map(|_| ())
}

/// Links that move from one contact to another.
struct ContactMerge<'a> {
    batch: Batch,
    from: &'a str,
    to: &'a str,
    locale: &'a str,
}

impl ContactMerge<'_> {
    fn move_links<T: Document>(&mut self, field: &str) -> Result<()> {
        let linked = json!({ field: { "documentId": self.from } });
        let found = data::find::<AllFields<T>>().filter(linked).fields(&["createdAt"]).all(MAX_MOVED + 1)?;
        if found.len() > MAX_MOVED as usize {
            return Err(refuse_state("conflict.tooMuchToJoin", self.locale));
        }
        let moved = json!({ field: self.to });
        for row in &found {
            self.batch = std::mem::take(&mut self.batch).update::<T>(&row.document_id, &moved)?;
        }
        Ok(())
    }
}

/// The fields of a contact that another one fills in: what is there stays, notes are added, and who wants no mail of either wants none.
fn fill_in(joined: &Map<String, Value>, own: &Map<String, Value>) -> Map<String, Value> {
    let text = |fields: &Map<String, Value>, name: &str| {
        fields.get(name).and_then(Value::as_str).filter(|text| !text.trim().is_empty()).map(str::to_owned)
    };
    let mut patch = Map::new();
    for name in ["email", "phone", "company", "language", "notes"] {
        if let (None, Some(value)) = (text(joined, name), text(own, name)) {
            patch.insert(name.to_owned(), json!(value));
        }
    }
    if let (Some(had), Some(more)) = (text(joined, "notes"), text(own, "notes")) {
        let both = format!("{had}\n\n{more}");
        if !had.contains(&more) && both.encode_utf16().count() <= MAX_NOTES {
            patch.insert("notes".to_owned(), json!(both));
        }
    }
    if own.get("doNotContact") == Some(&json!(true)) {
        patch.insert("doNotContact".to_owned(), json!(true));
    }
    patch
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(json: Value) -> Map<String, Value> {
        json.as_object().unwrap().clone()
    }

    #[test]
    fn joined_contacts_lose_nothing_and_overwrite_nothing() {
        let joined = fields(json!({ "name": "Jan", "email": "jan@example.nl", "company": " ", "notes": "Old" }));
        let own = fields(json!({
            "name": "J. Smit", "email": "j@example.nl", "company": "Smit BV", "language": "nl", "notes": "New", "doNotContact": true,
        }));
        let patch = json!({ "company": "Smit BV", "language": "nl", "notes": "Old\n\nNew", "doNotContact": true });
        assert_eq!(Value::Object(fill_in(&joined, &own)), patch);
        assert_eq!(fill_in(&own, &joined).get("email"), None);
    }
}
