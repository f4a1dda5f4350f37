//! OpenOutcome an envelope from the site: whoever is let in gets a link that is good once, for ten minutes.

use super::caller::AccountHolder;
use super::proofs::store_mailbox_proof;
use super::signer_access::{CodeFinding, OPENINGS_OF_SIGNER};
use super::signing_code::{CodePurpose, read_code};
use super::site_links::{create_link, load_access, store_access};
use super::trail_entries::describe_account;
use super::way::SigningWay;
use crate::audit::Trail;
use crate::document_opening::Origin;
use crate::envelope_state::SigningPageState;
use crate::envelopes::require_envelope_locked;
use crate::signer::Signer;
use cairn_plugin::prelude::*;
use cairn_plugin::{Instant, run_transaction};
use serde_json::json;

/// Links of a signer from the site after which only links are mailed.
const MAX_OPENINGS: i64 = 200;

/// Outcome of a request to open an envelope.
pub(crate) enum OpenOutcome {
    Opened {
        token: String,
        ends_at: Instant,
    },
    /// The way is by code, and it was not the right one.
    NotTheCode(CodeFinding),
    /// There were too many in an hour; the time to wait, in milliseconds.
    TooSoon(i64),
    /// The signer had as many as anybody gets.
    TooMany,
    Refused(SigningPageState),
}

/// Gives a signer a link, and notes in the trail who got it, by which way and from where.
///
/// # Errors
/// `NotFound` for an envelope that is not there.
pub(crate) fn open_envelope(
    signer: &Signer,
    account: &AccountHolder,
    way: SigningWay,
    code: Option<&str>,
    origin: &Origin,
) -> Result<OpenOutcome> {
    let (envelope, recipient) = (&signer.envelope.document_id, &signer.recipient.document_id);
    run_transaction(|| {
        let envelope = require_envelope_locked(envelope)?;
        let to = envelope.find_recipient(recipient).cloned().ok_or_else(|| Error::NotFound(String::new()))?;
        let signer = Signer { envelope, recipient: to, way: Some(way) };
        let page_state = signer.page_state();
        if !page_state.can_open() {
            return Ok(OpenOutcome::Refused(page_state));
        }
        let Signer { envelope, recipient: to, .. } = &signer;
        let now = time::now();
        let mut access = load_access(&to.document_id)?;
        if to.openings >= MAX_OPENINGS {
            return Ok(OpenOutcome::TooMany);
        }
        if let Some(wait) = access.openings.find_wait(OPENINGS_OF_SIGNER, now) {
            return Ok(OpenOutcome::TooSoon(wait));
        }
        let mut trail = Trail::of(envelope);
        if way == SigningWay::Code {
            let purpose =
                CodePurpose { envelope: &envelope.document_id, recipient: &to.document_id, account: &account.id };
            let entered = match code.map(str::trim).filter(|code| !code.is_empty()) {
                None => return Ok(OpenOutcome::NotTheCode(CodeFinding::Missing)),
                Some(text) => read_code(text),
            };
            let Some(entered) = entered else { return Ok(OpenOutcome::NotTheCode(CodeFinding::Malformed)) };
            if let Err(finding) = access.take_code(&entered, purpose, now) {
                // A wrong code counts: it is stored although nothing is opened.
                store_access(&to.document_id, &access)?;
                if finding == (CodeFinding::UsedUp { is_new: true }) {
                    trail.add("codeEnded", "system", describe_account(&signer, &account.id, Some(origin)))?;
                    trail.write(json!({}))?;
                }
                return Ok(OpenOutcome::NotTheCode(finding));
            }
            store_mailbox_proof(account)?;
        }
        let (token, hash) = create_link(&signer)?;
        let ends_at = access.set_link(hash, account.id.clone(), way, now);
        store_access(&to.document_id, &access)?;
        trail.change_recipient(&to.document_id, &json!({ "openings": to.openings.saturating_add(1) }))?;
        trail.add("linkGiven", &signer.describe(), describe_account(&signer, &account.id, Some(origin)))?;
        trail.write(json!({}))?;
        Ok(OpenOutcome::Opened { token, ends_at })
    })
}
