//! Signers with an account of the site: from there they have their link sent again, to the mailbox that the envelope names. A link is never shown
//! to whoever is signed in: who signs has the mailbox, too.

use crate::envelope_state::{EnvelopeStatus, Role};
use crate::envelopes::{Signer, find_envelope, refuse_state};
use crate::model::{Account, Envelope, Recipient};
use crate::replaced_links::{NewLink, send_new_link};
use crate::settings::Settings;
use cairn_contact_details::email::normalise_email;
use cairn_plugin::Actor;
use cairn_plugin::prelude::*;
use cairn_plugin_pages::NO_STORE;
use serde_json::json;

/// Answers `POST /mine/{id}/link`: sends the caller their link to an envelope.
///
/// # Errors
/// `NotFound` for an envelope that was not sent to the caller's own, confirmed address; `Conflict` where it is not theirs to sign now.
pub(crate) fn serve_account(call: &Call, request: &Request) -> Result<Response> {
    let unknown = || Error::NotFound(String::new());
    let Actor::User(user) = &call.actor else { return Err(unknown()) };
    let account = data::get::<Account>(&user.id)?.filter(|account| account.confirmed && !account.blocked);
    let email = normalise_email(&account.ok_or_else(unknown)?.email);
    let envelope = find_envelope(request.parameter("id"))?.ok_or_else(unknown)?;
    let recipient = find_signer(&envelope, &email).cloned().ok_or_else(unknown)?;
    let status = match send_new_link(&envelope.document_id, &recipient.document_id, &Settings::load()?)? {
        NewLink::Sent => "sent",
        NewLink::SentJustNow => "sentJustNow",
        NewLink::Refused => {
            let page_state = Signer { envelope, recipient }.page_state();
            return Err(refuse_state(&format!("conflict.link.{}", page_state.name()), &call.locale));
        }
    };
    Ok(Response::json(200, &json!({ "data": { "status": status } }))?.header("cache-control", NO_STORE))
}

/// The signer of an address; none of a draft, and none before they had a first link.
fn find_signer<'e>(envelope: &'e Envelope, email: &str) -> Option<&'e Row<Recipient>> {
    let is_meant =
        |to: &&Row<Recipient>| to.role == Role::Signer && to.links > 0 && normalise_email(&to.email) == email;
    envelope.recipients.iter().find(is_meant).filter(|_| envelope.status != EnvelopeStatus::Draft)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn envelope(status: &str, links: i64) -> Envelope {
        let recipient = |id: &str, email: &str, role: &str| json!({ "documentId": id, "name": "N", "email": email, "group": 1, "role": role, "links": links });
        let recipients = [recipient("a", "Ann@Example.com", "signer"), recipient("b", "office@example.com", "cc")];
        serde_json::from_value(json!({ "title": "T", "status": status, "recipients": recipients })).unwrap()
    }

    #[test]
    fn links_are_for_signers_of_sent_envelopes() {
        let find = |envelope: &Envelope, email: &str| {
            find_signer(envelope, &normalise_email(email)).map(|to| to.document_id.clone())
        };
        let sent = envelope("sent", 1);
        assert_eq!(find(&sent, "ann@example.com"), Some("a".to_owned()));
        for email in ["office@example.com", "bart@example.com", ""] {
            assert_eq!(find(&sent, email), None, "{email}");
        }
        assert_eq!(find(&envelope("draft", 1), "ann@example.com"), None);
        assert_eq!(find(&envelope("sent", 0), "ann@example.com"), None);
    }
}
