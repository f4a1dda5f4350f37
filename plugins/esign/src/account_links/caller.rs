//! The person behind a request from the site, and the signer that they are of an envelope.

use crate::envelope_state::{EnvelopeStatus, Role};
use crate::envelopes::find_envelope;
use crate::model::{Account, Envelope, Recipient};
use crate::signer::Signer;
use cairn_contact_details::email::{list_variants, normalise_email};
use cairn_plugin::Actor;
use cairn_plugin::prelude::*;
use cairn_plugin::users::verified_accounts;
use serde_json::json;

/// Owner of an account whose address is verified and that nobody has blocked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AccountHolder {
    pub(crate) id: String,
    /// The address in the form in which addresses are compared.
    pub(crate) email: String,
}

/// The account of that id, if its address is verified and nobody has blocked it.
///
/// # Errors
/// What the host says.
pub(crate) fn find_account(id: &str) -> Result<Option<AccountHolder>> {
    let account =
        data::find::<Account>().filter(json!({ "documentId": { "$eq": id } })).filter(verified_accounts()).first()?;
    let holder = account.map(|account| AccountHolder { id: id.to_owned(), email: normalise_email(&account.email) });
    Ok(holder.filter(|holder| !holder.email.is_empty()))
}

/// The account of whoever calls.
///
/// # Errors
/// `NotFound` for callers without an account whose address is verified and that is not blocked.
pub(crate) fn require_account(call: &Call) -> Result<AccountHolder> {
    let unknown = || Error::NotFound(String::new());
    let Actor::User(user) = &call.actor else { return Err(unknown()) };
    find_account(&user.id)?.ok_or_else(unknown)
}

/// The signer who has the address of an account.
///
/// # Errors
/// `NotFound` for an envelope that is not there, and in the same way for one that others sign.
pub(crate) fn require_own_signer(envelope: &str, account: &AccountHolder) -> Result<Signer> {
    let unknown = || Error::NotFound(String::new());
    // A single query finds nothing, for another person's envelope as for a missing one: response times do not tell them apart.
    let spelled = list_variants(&account.email).into_iter().map(|email| json!({ "email": { "$eqi": email } }));
    let own = json!({ "envelope": { "documentId": envelope }, "$or": spelled.collect::<Vec<_>>() });
    if data::find::<Recipient>().filter(own).fields(&["email"]).first()?.is_none() {
        return Err(unknown());
    }
    let envelope = find_envelope(envelope)?.ok_or_else(unknown)?;
    let recipient = find_signer(&envelope, &account.email).cloned().ok_or_else(unknown)?;
    Ok(Signer { envelope, recipient, way: None })
}

/// The signer of an address, of several the one who is asked now; none of a draft, and none before they had a first link.
fn find_signer<'e>(envelope: &'e Envelope, email: &str) -> Option<&'e Row<Recipient>> {
    if envelope.status == EnvelopeStatus::Draft {
        return None;
    }
    let is_meant =
        |to: &&Row<Recipient>| to.role == Role::Signer && to.links > 0 && normalise_email(&to.email) == email;
    let mut own = envelope.recipients.iter().filter(is_meant);
    let is_asked = |to: &&Row<Recipient>| to.signed_at.is_none() && envelope.is_turn_of(to);
    own.clone().find(is_asked).or_else(|| own.next())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn envelope(status: &str, recipients: &[Value]) -> Envelope {
        serde_json::from_value(json!({ "title": "T", "status": status, "recipients": recipients })).unwrap()
    }

    fn find(envelope: &Envelope, email: &str) -> Option<String> {
        find_signer(envelope, &normalise_email(email)).map(|to| to.document_id.clone())
    }

    #[test]
    fn links_are_for_signers_of_sent_envelopes() {
        let recipients = |links: i64| {
            let recipient = |id: &str, email: &str, role: &str| json!({ "documentId": id, "name": "N", "email": email, "group": 1, "role": role, "links": links });
            [recipient("a", "Ann@Example.com", "signer"), recipient("b", "office@example.com", "cc")]
        };
        let sent = envelope("sent", &recipients(1));
        assert_eq!(find(&sent, "ann@example.com"), Some("a".to_owned()));
        for email in ["office@example.com", "bart@example.com", ""] {
            assert_eq!(find(&sent, email), None, "{email}");
        }
        assert_eq!(find(&envelope("draft", &recipients(1)), "ann@example.com"), None);
        assert_eq!(find(&envelope("sent", &recipients(0)), "ann@example.com"), None);
    }

    #[test]
    fn of_people_with_one_address_it_is_who_has_not_signed() {
        let person = |id: &str, group: i64, status: &str, signed_at: Option<&str>| json!({ "documentId": id, "name": id, "email": "home@example.com", "group": group, "status": status, "links": 1, "signedAt": signed_at });
        let at = Some("2026-01-05T09:00:00.000Z");
        let find_of = |people: &[Value]| find(&envelope("inProgress", people), "home@example.com").unwrap();
        assert_eq!(find_of(&[person("a", 1, "viewed", None), person("b", 1, "notified", None)]), "a");
        assert_eq!(find_of(&[person("a", 1, "signed", at), person("b", 1, "notified", None)]), "b");
        assert_eq!(find_of(&[person("a", 1, "signed", at), person("b", 2, "notified", None)]), "b");
        assert_eq!(find_of(&[person("a", 1, "signed", at), person("b", 2, "signed", at)]), "a");
    }
}
