//! Changes that follow where somebody corrects the contact of a lead or deal, or the address of a contact: mails go to
//! whoever the lead or deal is of now, and nobody has to correct it a second time.

use crate::model::{Deal, Lead, Link, Quote, QuotedLead};
use cairn_contact_details::email::normalise_email;
use cairn_plugin::data::{AllFields, Batch};
use cairn_plugin::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};

/// Deals that follow their lead. A hook may write 200 documents: with their quotes, and tasks that end, there are as many.
const MAX_DEALS: u32 = 50;
/// Quotes that follow their deals.
const MAX_QUOTES: u32 = 100;
/// Leads that follow their contact. A hook has a tenth of a second for them.
const MAX_LEADS: u32 = 100;
/// Statuses of quotes that follow: those that can be sent, or can have a next version, which takes over the contact. The
/// texts that a customer was sent stay.
const FOLLOWING: [&str; 4] = ["draft", "sent", "declined", "expired"];

/// Gives the deals of a lead its new contact, where theirs is the one before, and their quotes too. In the open
/// transaction.
///
/// # Errors
/// What the host says.
pub(crate) fn update_deals_of_lead(change: &Change) -> Result<()> {
    let Some(correction) = Correction::find(change)? else { return Ok(()) };
    let of_lead = json!({ "lead": { "documentId": change.document_id } });
    let query = data::find::<AllFields<Deal>>().filter(of_lead).filter(correction.build_filter());
    let deals = query.fields(&["createdAt"]).all(MAX_DEALS)?;
    if deals.is_empty() {
        return Ok(());
    }
    let ids: Vec<&str> = deals.iter().map(|deal| deal.document_id.as_str()).collect();
    let patch = correction.build_patch();
    let batch = ids.iter().try_fold(Batch::new(), |batch, id| batch.update::<Deal>(id, &patch))?;
    correction.add_quotes(batch, &ids)?.write().map(|_| ())
}

/// Gives the quotes of a deal its new contact, where theirs is the one before. In the open transaction.
///
/// # Errors
/// What the host says.
pub(crate) fn update_quotes_of_deal(change: &Change) -> Result<()> {
    let Some(correction) = Correction::find(change)? else { return Ok(()) };
    correction.add_quotes(Batch::new(), &[&change.document_id])?.write().map(|_| ())
}

/// Contact of a document before and after a change.
#[derive(Debug, PartialEq, Eq)]
struct Correction {
    from: Option<String>,
    to: Option<String>,
}

/// A document as far as its contact.
#[derive(Deserialize)]
struct WithContact {
    #[serde(default)]
    contact: Option<Link>,
}

impl Correction {
    /// Reads it of a change; none where the contact stays.
    fn find(change: &Change) -> Result<Option<Self>> {
        if change.action != Action::Update || !change.touches("contact") {
            return Ok(None);
        }
        let read = |document: Option<WithContact>| Some(document?.contact?.document_id);
        let (from, to) = (read(change.before()?), read(change.after()?));
        Ok((from != to).then_some(Self { from, to }))
    }

    /// Filter for documents that have the contact before.
    fn build_filter(&self) -> Value {
        let from = self.from.as_ref().map_or_else(|| json!({ "$null": true }), |id| json!(id));
        json!({ "contact": { "documentId": from } })
    }

    fn build_patch(&self) -> Value {
        json!({ "contact": self.to })
    }

    fn add_quotes(&self, batch: Batch, deals: &[&str]) -> Result<Batch> {
        let of_deals = json!({ "deal": { "documentId": { "$in": deals } }, "status": { "$in": FOLLOWING } });
        let query = data::find::<AllFields<Quote>>().filter(of_deals).filter(self.build_filter());
        let quotes = query.fields(&["createdAt"]).all(MAX_QUOTES)?;
        let patch = self.build_patch();
        quotes.iter().try_fold(batch, |batch, quote| batch.update::<Quote>(&quote.document_id, &patch))
    }
}

/// Gives the leads of a contact the address that somebody corrected there, where theirs is the one before. In the open
/// transaction.
///
/// # Errors
/// What the host says.
pub(crate) fn update_leads_of_contact(change: &Change) -> Result<()> {
    let Some(correction) = AddressCorrection::find(change)? else { return Ok(()) };
    let with_address = json!({ "contact": { "documentId": change.document_id }, "email": { "$notNull": true } });
    let query = data::find::<QuotedLead>().filter(with_address).fields(&["name", "email"]);
    let leads = query.sort("createdAt:desc").all(MAX_LEADS)?;
    let patch = json!({ "email": correction.to });
    let mut of_person = leads.iter().filter(|lead| correction.applies_to(lead.email.as_deref()));
    let batch = of_person.try_fold(Batch::new(), |batch, lead| batch.update::<Lead>(&lead.document_id, &patch))?;
    batch.write().map(|_| ())
}

/// Address of a contact before and after a change.
#[derive(Debug, PartialEq, Eq)]
struct AddressCorrection {
    /// In the form in which addresses are compared.
    from: String,
    to: String,
}

/// A contact as far as its address.
#[derive(Deserialize)]
struct WithEmail {
    email: Option<String>,
}

impl AddressCorrection {
    /// Reads it of a change; none where the contact had no address, has none now, or the same one.
    fn find(change: &Change) -> Result<Option<Self>> {
        let read = |contact: Option<WithEmail>| {
            contact.and_then(|contact| contact.email).filter(|email| !email.trim().is_empty())
        };
        let (Some(had), Some(to)) = (read(change.before()?), read(change.after()?)) else { return Ok(None) };
        let from = normalise_email(&had);
        Ok((from != normalise_email(&to)).then_some(Self { from, to }))
    }

    fn applies_to(&self, email: Option<&str>) -> bool {
        email.map(normalise_email).as_ref() == Some(&self.from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn update(changed: &str, before: Value, after: Value) -> Change {
        Change {
            action: Action::Update,
            content_type: Lead::TYPE.to_owned(),
            document_id: "d".to_owned(),
            locale: None,
            before: Some(before.to_string()),
            after: Some(after.to_string()),
            changed: vec![changed.to_owned()],
            origin: "rest".to_owned(),
        }
    }

    #[test]
    fn another_contact_is_a_correction() {
        let contact = |id: &str| json!({ "name": "Petra", "contact": { "documentId": id } });
        let found = Correction::find(&update("contact", contact("jan"), contact("petra"))).unwrap().unwrap();
        assert_eq!(found, Correction { from: Some("jan".into()), to: Some("petra".into()) });
        assert_eq!(found.build_filter(), json!({ "contact": { "documentId": "jan" } }));
        assert_eq!(found.build_patch(), json!({ "contact": "petra" }));
        // Chosen for the first time, and taken away.
        let chosen =
            Correction::find(&update("contact", json!({ "contact": null }), contact("petra"))).unwrap().unwrap();
        assert_eq!(chosen.build_filter(), json!({ "contact": { "documentId": { "$null": true } } }));
        let removed =
            Correction::find(&update("contact", contact("jan"), json!({ "contact": null }))).unwrap().unwrap();
        assert_eq!(removed.build_patch(), json!({ "contact": null }));
        for other in [
            update("name", contact("jan"), contact("jan")),
            update("contact", contact("jan"), contact("jan")),
            Change { action: Action::Create, before: None, ..update("contact", json!({}), contact("petra")) },
        ] {
            assert_eq!(Correction::find(&other).unwrap(), None);
        }
    }

    #[test]
    fn a_corrected_address_is_that_of_leads_with_the_one_before() {
        let email = |email: Value| json!({ "email": email });
        let change = update("email", email(json!("Jan@exmaple.nl")), email(json!("jan@example.nl")));
        let found = AddressCorrection::find(&change).unwrap().unwrap();
        assert_eq!(found.to, "jan@example.nl");
        assert!(found.applies_to(Some(" jan@EXMAPLE.nl")));
        assert!(!found.applies_to(Some("petra@example.nl")) && !found.applies_to(None));
        for (before, after) in [
            (json!(null), json!("jan@example.nl")),
            (json!("jan@example.nl"), json!(null)),
            (json!("jan@example.nl"), json!("Jan@Example.nl")),
        ] {
            let change = update("email", email(before), email(after));
            assert_eq!(AddressCorrection::find(&change).unwrap(), None);
        }
    }
}
