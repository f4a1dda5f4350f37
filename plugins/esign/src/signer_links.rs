//! Links of signers: who a link leads to.

use crate::account_links::{SigningWay, SiteLink, find_visit};
use crate::envelopes::{require_envelope, require_envelope_locked};
use crate::model::{Link, Recipient};
use crate::signer::Signer;
use cairn_plugin::prelude::*;
use serde_json::json;

/// Signer that a link leads to.
#[derive(Debug, PartialEq, Eq)]
struct LinkHolder {
    envelope: String,
    recipient: String,
    way: Option<SigningWay>,
}

/// The holder of the link of that hash: the newest one that was mailed, or the visit of somebody who came from the site.
fn find_holder(hash: &str) -> Result<Option<LinkHolder>> {
    let query = data::find::<Recipient>().filter(json!({ "tokenHash": { "$eq": hash } })).fields(&["name"]);
    let mailed = query.populate(json!({ "envelope": { "fields": ["createdAt"] } })).first()?;
    if let Some(recipient) = mailed {
        let to_holder = |envelope: &Link| LinkHolder {
            envelope: envelope.document_id.clone(),
            recipient: recipient.document_id.clone(),
            way: None,
        };
        return Ok(recipient.envelope.as_ref().map(to_holder));
    }
    let to_holder = |(link, way): (SiteLink, SigningWay)| LinkHolder {
        envelope: link.envelope,
        recipient: link.recipient,
        way: Some(way),
    };
    Ok(find_visit(hash)?.map(to_holder))
}

/// Returns the signer who has the link of that hash; `lock`: the envelope is held until the transaction ends.
///
/// # Errors
/// `NotFound` for a link that is none, or no longer one.
pub(crate) fn require_signer(hash: &str, lock: bool) -> Result<Signer> {
    let unknown = || Error::NotFound(String::new());
    let holder = find_holder(hash)?.ok_or_else(unknown)?;
    let envelope = match lock {
        true => require_envelope_locked(&holder.envelope)?,
        false => require_envelope(&holder.envelope)?,
    };
    // A new link may have been sent before the envelope was ours.
    if lock && find_holder(hash)?.as_ref() != Some(&holder) {
        return Err(unknown());
    }
    let recipient = envelope.find_recipient(&holder.recipient).cloned().ok_or_else(unknown)?;
    Ok(Signer { envelope, recipient, way: holder.way })
}
