//! The contact with the phone number of a lead, which may be the same person as the lead's own.

use crate::model::{Contact, Lead};
use cairn_plugin::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};

/// The contacts of a lead, as whoever looks may read them.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LeadContacts {
    #[serde(default)]
    contact: Option<Row<Contact>>,
    #[serde(default)]
    possible_contact: Option<Row<Contact>>,
}

impl Document for LeadContacts {
    const TYPE: &'static str = Lead::TYPE;
}

/// Asks whether the lead is of the contact with the same number; nothing where there is none.
///
/// # Errors
/// What the host says.
pub(super) fn describe(call: &Call, lead: &str) -> Result<Vec<Value>> {
    let contact = json!({ "fields": ["name", "email", "company"] });
    let populate = json!({ "contact": contact, "possibleContact": contact });
    let found = data::find::<LeadContacts>().as_caller().fields(&["createdAt"]).populate(populate).by_ids(&[lead])?;
    let Some(lead) = found.into_iter().next().flatten() else { return Err(Error::NotFound(lead.to_owned())) };
    let LeadContacts { contact, possible_contact } = lead.fields;
    let Some(possible) = &possible_contact else { return Ok(Vec::new()) };
    let own = contact.as_ref().map_or("", |contact| contact.name.as_str());
    let arguments = json!({ "name": possible.name, "own": own });
    let hint = translate("match.hint", &call.locale, Some(&arguments));
    let mut show = vec![json!({ "kind": "text", "text": hint, "tone": "warning" }), describe_link(possible)];
    let items = [("email", possible.email.as_deref()), ("company", possible.company.as_deref())];
    let items: Vec<Value> = items
        .into_iter()
        .filter_map(|(name, value)| Some(json!({ "label": format!("t:field.{name}"), "value": value? })))
        .collect();
    if !items.is_empty() {
        show.push(json!({ "kind": "fields", "items": items }));
    }
    show.push(json!({ "kind": "actions", "items": describe_actions() }));
    Ok(show)
}

/// The two answers to the question whether a lead is of a contact.
pub(super) fn describe_actions() -> Value {
    json!([
        { "id": "join", "call": "join", "label": "t:action.join", "icon": "users", "tone": "success", "confirm": "t:action.join.sure" },
        { "id": "apart", "call": "apart", "label": "t:action.apart", "icon": "user" },
    ])
}

fn describe_link(contact: &Row<Contact>) -> Value {
    let document = json!({ "type": Contact::TYPE, "documentId": contact.document_id });
    json!({ "kind": "document-link", "document": document, "label": contact.name })
}
