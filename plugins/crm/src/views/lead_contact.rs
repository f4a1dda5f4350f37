//! Panel beside a lead: its contact, and the one with the same phone number that may be the same person.

use crate::model::{Contact, Lead};
use crate::subject::Subject;
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

/// Describes the panel.
///
/// # Errors
/// What the host says.
pub(super) fn describe(call: &Call, lead: &str) -> Result<Value> {
    Subject::Lead(lead).require_visible()?;
    let contact = json!({ "fields": ["name", "email", "company"] });
    let populate = json!({ "contact": contact, "possibleContact": contact });
    let found = data::find::<LeadContacts>().as_caller().fields(&["createdAt"]).populate(populate).by_ids(&[lead])?;
    let Some(lead) = found.into_iter().next().flatten() else { return Err(Error::NotFound(lead.to_owned())) };
    let LeadContacts { contact, possible_contact } = lead.fields;
    let mut show = vec![match &contact {
        Some(contact) => describe_link(contact),
        None => json!({ "kind": "text", "text": "t:match.noContact" }),
    }];
    if let Some(possible) = &possible_contact {
        let own = contact.as_ref().map_or("", |contact| contact.name.as_str());
        let arguments = json!({ "name": possible.name, "own": own });
        let text = |key: &str| translate(key, &call.locale, Some(&arguments));
        show.push(json!({ "kind": "text", "text": text("match.hint"), "tone": "warning" }));
        show.push(describe_link(possible));
        let items = [("email", possible.email.as_deref()), ("company", possible.company.as_deref())];
        let items: Vec<Value> = items
            .into_iter()
            .filter_map(|(name, value)| Some(json!({ "label": format!("t:field.{name}"), "value": value? })))
            .collect();
        if !items.is_empty() {
            show.push(json!({ "kind": "fields", "items": items }));
        }
        show.push(json!({ "kind": "actions", "items": describe_actions() }));
    }
    Ok(json!({ "kind": "stack", "live": [Lead::TYPE], "show": show }))
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
