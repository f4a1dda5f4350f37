//! Addressee of the mails about a deal: the person of the lead that they answer. A contact may have come to a deal by other ways than its
//! lead; what somebody told in an inquiry is theirs.

use crate::model::{Contact, Quote, QuotedLead};
use cairn_contact_details::email::normalise_email;
use cairn_plugin::prelude::*;

/// Somebody who gets mails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Addressee<'a> {
    pub(crate) name: &'a str,
    /// None where nobody knows it.
    pub(crate) email: Option<&'a str>,
    pub(crate) company: Option<&'a str>,
    pub(crate) language: Option<&'a str>,
    pub(crate) source: AddressSource,
}

/// Document that the address is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum AddressSource {
    Lead,
    #[default]
    Contact,
}

impl AddressSource {
    /// Its name, as keys of texts have it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Lead => "lead",
            Self::Contact => "contact",
        }
    }
}

impl<'a> Addressee<'a> {
    /// The addressee of a quote.
    pub(crate) fn of_quote(quote: &'a Quote) -> Self {
        Self::find(quote.deal.as_ref().and_then(|deal| deal.lead.as_ref()), quote.contact.as_ref())
    }

    /// The addressee of a lead with a contact: the lead's address. The contact where that has the same one, or where the lead has none; and
    /// where it is not the lead's contact, because somebody chose it.
    pub(crate) fn find(lead: Option<&'a QuotedLead>, contact: Option<&'a Row<Contact>>) -> Self {
        let contacted = contact.map(|row| {
            let Contact { name, email, company, language, .. } = &row.fields;
            let email = as_filled(email.as_ref());
            let (company, language) = (as_filled(company.as_ref()), as_filled(language.as_ref()));
            Self { name, email, company, language, source: AddressSource::Contact }
        });
        let Some(lead) = lead else { return contacted.unwrap_or_default() };
        let QuotedLead { name, email, company, language, contact: of_lead } = lead;
        let told = Self {
            name,
            email: as_filled(email.as_ref()),
            company: as_filled(company.as_ref()),
            language: as_filled(language.as_ref()),
            source: AddressSource::Lead,
        };
        let (Some(row), Some(contacted)) = (contact, contacted) else { return told };
        let is_chosen = of_lead.as_ref().is_none_or(|own| own.document_id != row.document_id);
        let is_same = |email: &str| contacted.email.map(normalise_email) == Some(normalise_email(email));
        match told.email {
            Some(email) if !is_chosen && !is_same(email) => told,
            Some(_) if !is_chosen => Self { source: AddressSource::Lead, ..contacted },
            _ => contacted,
        }
    }
}

fn as_filled(text: Option<&String>) -> Option<&str> {
    text.map(|text| text.trim()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn lead(json: Value) -> QuotedLead {
        serde_json::from_value(json).unwrap()
    }

    fn contact(json: Value) -> Row<Contact> {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn mails_go_to_the_person_of_the_lead() {
        let jan = contact(json!({ "documentId": "jan", "name": "Jan", "email": "jan@example.nl" }));
        let petra = lead(json!({ "name": "Petra", "email": "petra@example.nl", "contact": { "documentId": "jan" } }));
        let told = Addressee::find(Some(&petra), Some(&jan));
        assert_eq!((told.name, told.email, told.source), ("Petra", Some("petra@example.nl"), AddressSource::Lead));
        // The name as the team corrected it, where it is the same person.
        let same = lead(json!({ "name": "jan", "email": "Jan@Example.nl", "contact": { "documentId": "jan" } }));
        let found = Addressee::find(Some(&same), Some(&jan));
        assert_eq!((found.name, found.source), ("Jan", AddressSource::Lead));
        // By phone: the address is the one that somebody wrote down.
        let by_phone = lead(json!({ "name": "J.", "email": "", "contact": { "documentId": "jan" } }));
        let found = Addressee::find(Some(&by_phone), Some(&jan));
        assert_eq!((found.email, found.source), (Some("jan@example.nl"), AddressSource::Contact));
    }

    #[test]
    fn a_contact_that_somebody_chose_counts() {
        let planner = contact(json!({ "documentId": "planner", "name": "Planner", "email": "plan@example.nl" }));
        let petra = lead(json!({ "name": "Petra", "email": "petra@example.nl", "contact": { "documentId": "petra" } }));
        assert_eq!(Addressee::find(Some(&petra), Some(&planner)).email, Some("plan@example.nl"));
        assert_eq!(Addressee::find(Some(&petra), None).email, Some("petra@example.nl"));
        assert_eq!(Addressee::find(None, Some(&planner)).name, "Planner");
        assert_eq!(Addressee::find(None, None).email, None);
    }
}
