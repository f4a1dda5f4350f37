//! Links that signers are given on the site. A link uses nothing up when it is followed; opening the document by it does, and leads to a page of
//! another address, which stays for an hour. Either ends when the account or the setting no longer admits the signer.

use super::caller::find_account;
use super::signer_access::{GivenLink, SignerAccess};
use super::way::SigningWay;
use crate::document_opening::{AnswerResult, Origin, note_opened};
use crate::envelope_state::SigningPageState;
use crate::envelopes::{require_envelope, require_envelope_locked};
use crate::model::{Envelope, Recipient};
use crate::settings::Settings;
use crate::signer::Signer;
use cairn_contact_details::email::normalise_email;
use cairn_plugin::prelude::*;
use cairn_plugin::run_transaction;
use cairn_plugin_pages::link_token::{create_token, hash_token};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Time for which it is known what a link was, so that whoever follows it late is told.
const REMEMBERED: Duration = Duration::from_secs(24 * 3_600);

/// The signer that a token was given to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SiteLink {
    pub(crate) envelope: String,
    pub(crate) recipient: String,
}

fn link_key(hash: &str) -> String {
    format!("site-link/{hash}")
}

fn signer_key(recipient: &str) -> String {
    format!("signer/{recipient}")
}

/// The codes and links of a signer. Whoever writes them holds the envelope.
///
/// # Errors
/// What the host says.
pub(crate) fn load_access(recipient: &str) -> Result<SignerAccess> {
    Ok(kv::get(&signer_key(recipient))?.unwrap_or_default())
}

/// Stores the codes and links of a signer.
///
/// # Errors
/// What the host says.
pub(crate) fn store_access(recipient: &str, access: &SignerAccess) -> Result<()> {
    kv::put_for(&signer_key(recipient), access, REMEMBERED)
}

/// Deletes the codes and links of a signer whose envelope goes.
///
/// # Errors
/// What the host says.
pub(crate) fn forget_signer(recipient: &str) -> Result<()> {
    kv::delete(&signer_key(recipient)).map(|_| ())
}

/// Creates a token that leads to a signer, and returns it with its hash.
///
/// # Errors
/// What the host says.
pub(crate) fn create_link(signer: &Signer) -> Result<(String, String)> {
    let token = create_token();
    let hash = hash_token(&token).ok_or_else(|| Error::Internal("token".to_owned()))?;
    let link =
        SiteLink { envelope: signer.envelope.document_id.clone(), recipient: signer.recipient.document_id.clone() };
    kv::put_for(&link_key(&hash), &link, REMEMBERED)?;
    Ok((token, hash))
}

/// A link of the site, as it is now.
pub(crate) enum FoundLink {
    /// The link opens the document.
    Fresh(Box<Signer>),
    /// The link was used, its time is over, or it no longer admits the signer.
    Ended,
}

/// The link of that hash; none where there never was one, or a day ago.
///
/// # Errors
/// What the host says.
pub(crate) fn find_link(hash: &str, settings: &Settings) -> Result<Option<FoundLink>> {
    let Some(link) = kv::get::<SiteLink>(&link_key(hash))? else { return Ok(None) };
    let access = load_access(&link.recipient)?;
    let Some(given) = access.find_link(hash, time::now()) else { return Ok(Some(FoundLink::Ended)) };
    let envelope = match require_envelope(&link.envelope) {
        Err(Error::NotFound(_)) => return Ok(None),
        envelope => envelope?,
    };
    let signer = admit(envelope, &link.recipient, given, settings)?;
    Ok(Some(signer.map_or(FoundLink::Ended, |signer| FoundLink::Fresh(Box::new(signer)))))
}

/// The visit of that hash, and the way that led to it; none where there is none now.
///
/// # Errors
/// What the host says.
pub(crate) fn find_visit(hash: &str) -> Result<Option<(SiteLink, SigningWay)>> {
    let Some(link) = kv::get::<SiteLink>(&link_key(hash))? else { return Ok(None) };
    let access = load_access(&link.recipient)?;
    let Some(visit) = access.find_visit(hash, time::now()) else { return Ok(None) };
    let settings = Settings::load()?;
    let recipient = data::get::<Recipient>(&link.recipient)?;
    let is_admitted = match &recipient {
        Some(recipient) => is_admitted(recipient, visit, &settings)?,
        None => false,
    };
    Ok(is_admitted.then_some((link, visit.way)))
}

/// True if the setting and the account admit a signer who was let in earlier.
fn is_admitted(recipient: &Recipient, given: &GivenLink, settings: &Settings) -> Result<bool> {
    if !settings.signed_in_signing.admits(given.way) {
        return Ok(false);
    }
    let account = find_account(&given.account)?;
    Ok(account.is_some_and(|account| account.email == normalise_email(&recipient.email)))
}

fn admit(envelope: Row<Envelope>, recipient: &str, given: &GivenLink, settings: &Settings) -> Result<Option<Signer>> {
    let Some(recipient) = envelope.find_recipient(recipient).cloned() else { return Ok(None) };
    let is_admitted = is_admitted(&recipient, given, settings)?;
    Ok(is_admitted.then_some(Signer { envelope, recipient, way: Some(given.way) }))
}

/// Outcome of opening the document by a link.
pub(crate) enum RedeemedLink {
    /// The link is used up; the token leads to the page.
    Opened(String),
    /// The document cannot be opened as things stand. The link is as it was.
    Refused(SigningPageState),
    /// Another request was faster, or the time is over.
    Ended,
}

/// Opens the document by a link of the site, once.
///
/// # Errors
/// `NotFound` for a link that is none, `Conflict` for an envelope that is no longer what was sent.
pub(crate) fn redeem_link(hash: &str, origin: &Origin, settings: &Settings) -> Result<RedeemedLink> {
    run_transaction(|| {
        let unknown = || Error::NotFound(String::new());
        let link = kv::get::<SiteLink>(&link_key(hash))?.ok_or_else(unknown)?;
        let envelope = require_envelope_locked(&link.envelope)?;
        let (mut access, now) = (load_access(&link.recipient)?, time::now());
        let Some(given) = access.find_link(hash, now).cloned() else { return Ok(RedeemedLink::Ended) };
        let Some(signer) = admit(envelope, &link.recipient, &given, settings)? else {
            return Ok(RedeemedLink::Ended);
        };
        let page_state = signer.page_state();
        if !page_state.can_open() {
            return Ok(RedeemedLink::Refused(page_state));
        }
        let (token, visit_hash) = create_link(&signer)?;
        if !access.redeem_link(hash, visit_hash, now) {
            return Ok(RedeemedLink::Ended);
        }
        store_access(&link.recipient, &access)?;
        match note_opened(&signer, origin, settings)? {
            AnswerResult::Taken => Ok(RedeemedLink::Opened(token)),
            AnswerResult::Refused(page_state) => Err(refused_meanwhile(page_state)),
        }
    })
}

/// The error for a state that was checked in the same transaction: nothing of it is stored.
fn refused_meanwhile(page_state: SigningPageState) -> Error {
    Error::Internal(format!("the envelope became {} while it was held", page_state.name()))
}
