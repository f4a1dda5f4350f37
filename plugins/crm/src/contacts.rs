//! Contacts: found by an exact e-mail address, or made. A phone number alone says who it may be: families and offices share one, so it suggests
//! a contact, and somebody of the team decides.

use crate::inquiry::Inquiry;
use crate::lead_merge::can_be_one_person;
use crate::model::{Contact, ContactKey, Lead};
use cairn_contact_details::email::normalise_email;
use cairn_contact_details::phone::normalise_phone;
use cairn_contact_details::{email, phone};
use cairn_plugin::Conflict;
use cairn_plugin::data::Batch;
use cairn_plugin::prelude::*;
use serde_json::{Map, Value, json};

/// Keys that one address and one number may have, with the forms of earlier versions.
const MAX_KEYS: u32 = 8;

/// Identity of somebody, as far as they told.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Identity<'a> {
    name: &'a str,
    /// As it was typed.
    email: Option<&'a str>,
    /// In E.164.
    phone: Option<String>,
    company: Option<&'a str>,
    language: Option<&'a str>,
}

impl<'a> Identity<'a> {
    /// Whoever sent an inquiry.
    pub(crate) fn of_inquiry(inquiry: &'a Inquiry) -> Self {
        Self {
            name: &inquiry.name,
            email: inquiry.email.as_deref(),
            phone: inquiry.phone.clone(),
            company: inquiry.company.as_deref(),
            language: Some(&inquiry.language),
        }
    }

    /// Whoever a lead is about. What people typed as a number and is none does not count.
    pub(crate) fn of_lead(lead: &'a Lead, country_code: &str) -> Self {
        Self {
            name: &lead.name,
            email: lead.email.as_deref(),
            phone: lead.phone.as_deref().and_then(|phone| normalise_phone(phone, country_code)),
            company: lead.company.as_deref(),
            language: lead.language.as_deref(),
        }
    }

    /// True if there is anything by which the person can be told from others.
    pub(crate) fn can_be_found(&self) -> bool {
        self.email.is_some() || self.phone.is_some()
    }

    /// The address and number of the person, as they are stored; none where they told neither. E-mail comes before phone, here and everywhere.
    fn keys(&self) -> Vec<(&'static str, String)> {
        let email = self.email.map(|email| ("email", normalise_email(email)));
        let phone = self.phone.clone().map(|phone| ("phone", phone));
        email.into_iter().chain(phone).collect()
    }

    /// The forms under which the address and number may be stored, by kind; the first that is found counts.
    fn list_forms(&self) -> Vec<(&'static str, Vec<String>)> {
        let email = self.email.map(|email| ("email", email::list_variants(email)));
        let phone = self.phone.as_deref().map(|phone| ("phone", phone::list_variants(phone)));
        email.into_iter().chain(phone).collect()
    }
}

/// The contact of a person, as [`find_known_contacts`] and [`KnownContacts::join_or_create`] have it.
///
/// # Errors
/// What the host says.
pub(crate) fn find_or_create_contact(identity: &Identity<'_>) -> Result<ContactOrigin> {
    find_known_contacts(identity)?.join_or_create(identity)
}

/// Contacts that are known by what somebody told of themselves.
pub(crate) struct KnownContacts {
    stored: Vec<Row<ContactKey>>,
    by_email: Option<String>,
    by_phone: Option<String>,
    /// The one that counts, as it is stored.
    held: Option<Row<Contact>>,
}

/// The contacts with the address and the number of a person, in the open transaction, which holds the one that counts from then on: a second
/// inquiry of the same person waits.
///
/// What keeps two inquiries apart is the key: the host lets one transaction at a time store a key, and on any database it is there once.
/// Where another transaction stored it in between, this one fails with a conflict of the kind `lock`, and finds the contact when it is begun
/// anew. Keys are always stored in one order, so that two transactions never wait for each other.
///
/// # Errors
/// What the host says.
pub(crate) fn find_known_contacts(identity: &Identity<'_>) -> Result<KnownContacts> {
    let forms = identity.list_forms();
    let same = |(kind, values): &(&str, Vec<String>)| json!({ "kind": kind, "value": { "$in": values } });
    let same: Vec<Value> = forms.iter().map(same).collect();
    let populate = json!({ "contact": { "fields": ["name"] } });
    let stored =
        data::find::<ContactKey>().filter(json!({ "$or": same })).populate(populate).sort("kind:asc").all(MAX_KEYS)?;
    let by_kind = |kind: &str| {
        let (_, values) = forms.iter().find(|(of_kind, _)| *of_kind == kind)?;
        let mut of_kind = values.iter().filter_map(|value| stored.iter().find(|key| key.is(kind, value)));
        of_kind.find_map(|key| key.contact.as_ref()).map(|contact| contact.document_id.clone())
    };
    let (by_email, by_phone) = (by_kind("email"), by_kind("phone"));
    let mut held = None;
    if let Some(id) = by_email.as_deref().or(by_phone.as_deref()) {
        let fields = ["name", "email", "phone", "company", "language"];
        held = data::find::<Contact>().fields(&fields).lock().by_ids(&[id])?.pop().flatten();
    }
    Ok(KnownContacts { stored, by_email, by_phone, held })
}

impl KnownContacts {
    /// The contact of the person: the one with their address, or a new one. That another contact has their number is told beside it.
    ///
    /// # Errors
    /// What the host says.
    pub(crate) fn join_or_create(self, identity: &Identity<'_>) -> Result<ContactOrigin> {
        let Self { stored, by_email, by_phone, held } = self;
        let origin = match by_email {
            Some(id) => {
                if let Some(contact) = held.filter(|contact| contact.document_id == id) {
                    fill_in(&contact, identity)?;
                }
                ContactOrigin { id, is_new: false, possible: None }
            }
            None => ContactOrigin { id: create_contact(identity)?, is_new: true, possible: by_phone },
        };
        let keys = identity.keys();
        let is_linked = |kind: &str| stored.iter().any(|key| key.kind == kind && key.contact.is_some());
        let link = json!({ "contact": origin.id });
        let missing: Vec<_> = keys.iter().filter(|(kind, _)| !is_linked(kind)).collect();
        let batch = missing.iter().try_fold(Batch::new(), |batch, (kind, value)| {
            let key = json!({ "kind": kind, "value": value });
            let mut create = key.clone();
            create["contact"] = json!(origin.id);
            // A key whose contact was deleted still exists: the upsert links it to this contact.
            batch.upsert::<ContactKey>(&key, &create, &link)
        });
        let created = batch?.write()?.iter().filter(|written| written.created).count();
        let is_new = |(kind, value): &&&(&str, String)| !stored.iter().any(|key| key.is(kind, value));
        let expected = missing.iter().filter(is_new).count();
        if created == expected {
            return Ok(origin);
        }
        let message = "another transaction stored the contact".to_owned();
        Err(Error::Conflict(Conflict { kind: "lock".to_owned(), existing: None, message }))
    }
}

/// A contact, and whether it was made just now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ContactOrigin {
    pub(crate) id: String,
    pub(crate) is_new: bool,
    /// Another contact with the same phone number: perhaps the same person.
    pub(crate) possible: Option<String>,
}

/// Gives a contact what it lacks and its person has told by now. What is there stays: people may have corrected it. Whoever writes under another
/// name from the same address tells about themselves.
fn fill_in(contact: &Row<Contact>, identity: &Identity<'_>) -> Result<()> {
    let patch =
        if can_be_one_person(&contact.name, identity.name) { find_missing(contact, identity) } else { Map::new() };
    if patch.is_empty() { Ok(()) } else { data::update::<Contact>(&contact.document_id, &patch).map(|_| ()) }
}

fn find_missing(contact: &Contact, identity: &Identity<'_>) -> Map<String, Value> {
    let is_empty = |text: &Option<String>| text.as_ref().is_none_or(|text| text.trim().is_empty());
    let told = [
        ("phone", is_empty(&contact.phone), identity.phone.as_deref()),
        ("company", is_empty(&contact.company), identity.company),
        ("language", is_empty(&contact.language), identity.language),
    ];
    let missing = told.into_iter().filter(|(_, is_missing, _)| *is_missing);
    missing.filter_map(|(name, _, value)| Some((name.to_owned(), json!(value?)))).collect()
}

fn create_contact(identity: &Identity<'_>) -> Result<String> {
    let Identity { name, email, phone, company, language } = identity;
    let fields = json!({ "name": name, "email": email, "phone": phone, "company": company, "language": language });
    Ok(data::create::<Contact>(&fields)?.target.document_id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contact_gets_what_it_lacks_and_keeps_what_it_has() {
        let contact = |json: Value| serde_json::from_value::<Contact>(json).unwrap();
        let told = Identity {
            name: "Sanne",
            email: Some("sanne@example.nl"),
            phone: Some("+31612345678".to_owned()),
            company: None,
            language: Some("nl"),
        };
        let missing = find_missing(&contact(json!({ "name": "S", "phone": " ", "language": "en" })), &told);
        assert_eq!(Value::Object(missing), json!({ "phone": "+31612345678" }));
        assert!(find_missing(&contact(json!({ "phone": "+31687654321", "language": "nl" })), &told).is_empty());
    }

    #[test]
    fn a_person_is_recognised_by_address_before_number() {
        let lead = |json: serde_json::Value| -> Lead {
            let mut lead = json!({ "name": "Sanne", "createdAt": "2027-02-05T15:30:00.000Z" });
            lead.as_object_mut().unwrap().extend(json.as_object().unwrap().clone());
            serde_json::from_value(lead).unwrap()
        };
        let known = lead(json!({ "phone": "06-12345678", "email": "Sanne@Example.nl" }));
        let expected = [("email", "sanne@example.nl".to_owned()), ("phone", "+31612345678".to_owned())];
        assert_eq!(Identity::of_lead(&known, "31").keys(), expected);
        assert_eq!(Identity::of_lead(&lead(json!({ "phone": "call me" })), "31").keys(), []);
        let known = lead(
            json!({ "phone": "\u{202a}+49 (0711) 229390\u{202c}", "email": "\u{feff}Info@xn--bcher-kva.example" }),
        );
        let identity = Identity::of_lead(&known, "31");
        assert_eq!(
            identity.keys(),
            [("email", "info@bücher.example".to_owned()), ("phone", "+49711229390".to_owned())]
        );
        let forms = |kind: &str| identity.list_forms().into_iter().find(|(of_kind, _)| *of_kind == kind).unwrap().1;
        assert!(
            ["info@bücher.example", "info@xn--bcher-kva.example"]
                .iter()
                .all(|form| forms("email").contains(&(*form).into()))
        );
        assert_eq!(forms("phone"), ["+49711229390", "+490711229390"]);
    }
}
