//! Signers with an account of the site. How they sign from there is a setting: their link is mailed again, they enter a code that was mailed, or
//! being signed in is enough. Whoever is not the signer, with the verified address of the envelope, gets the 404 of an envelope that is not there.

mod caller;
mod codes;
mod openings;
mod proofs;
mod responses;
mod signer_access;
mod signing_code;
mod site_links;
mod trail_entries;
mod way;

pub(crate) use proofs::delete_mailbox_proof;
pub(crate) use site_links::{FoundLink, RedeemedLink, SiteLink, find_link, find_visit, forget_signer, redeem_link};
pub(crate) use way::SigningWay;

use crate::document_opening::Origin;
use crate::replaced_links::{NewLink, send_new_link};
use crate::settings::Settings;
use crate::signer::Signer;
use cairn_plugin::prelude::*;
use cairn_plugin::site;
use caller::{AccountHolder, require_account, require_own_signer};
use codes::{CodeRequest, send_code};
use openings::{OpenOutcome, open_envelope};
use proofs::has_proven_mailbox;
use responses::{accept, refuse_code, refuse_limit, refuse_rate, refuse_state, refuse_way, respond};
use serde::Deserialize;
use serde_json::json;

/// Answers a request of somebody who is signed in on the site.
///
/// # Errors
/// `NotFound` for an envelope that was not sent to the caller's own, verified address; `Invalid` for a malformed body.
pub(crate) fn serve_account(call: &Call, request: &Request, origin: &Origin) -> Result<Response> {
    let account = require_account(call)?;
    let signer = require_own_signer(request.parameter("id"), &account)?;
    let page_state = signer.page_state();
    // Signers who were told ahead of their turn learn nothing of the document here either.
    if !signer.is_let_in() {
        return refuse_state(page_state, &call.locale);
    }
    let settings = Settings::load()?;
    let way = match settings.signed_in_signing {
        SigningWay::Direct if !has_proven_mailbox(&account)? => SigningWay::Code,
        way => way,
    };
    let desk = AccountDesk { call, account: &account, signer: &signer, settings: &settings, way };
    match request.route.as_str() {
        "own-envelope" => respond(&json!({
            "id": signer.envelope.document_id, "title": signer.envelope.title, "status": page_state.name(),
            "way": way,
        })),
        "own-link" => desk.mail_link(),
        "own-code" => desk.mail_code(),
        "own-open" => desk.open(request, origin),
        other => Err(Error::NotFound(other.to_owned())),
    }
}

/// Body of a request to open an envelope.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OpenRequest {
    #[serde(default)]
    code: Option<String>,
}

/// Serves a signer's requests about their own envelope.
struct AccountDesk<'a> {
    call: &'a Call,
    account: &'a AccountHolder,
    signer: &'a Signer,
    settings: &'a Settings,
    /// The way for this account: that of the settings, or by code until it has proven its mailbox.
    way: SigningWay,
}

impl AccountDesk<'_> {
    fn mail_link(&self) -> Result<Response> {
        let Signer { envelope, recipient, .. } = self.signer;
        let status = match send_new_link(&envelope.document_id, &recipient.document_id, self.settings)? {
            NewLink::Sent => "sent",
            NewLink::SentJustNow => "sentJustNow",
            NewLink::Refused => match self.signer.page_state() {
                page_state if page_state.can_open() => return refuse_limit("conflict.links", &self.call.locale),
                page_state => return refuse_state(page_state, &self.call.locale),
            },
        };
        respond(&json!({ "status": status }))
    }

    fn mail_code(&self) -> Result<Response> {
        let locale = &self.call.locale;
        if self.way != SigningWay::Code {
            return refuse_way(self.way, locale);
        }
        match send_code(self.signer, self.account, self.settings)? {
            CodeRequest::Sent { ends_at } => accept(&json!({ "status": "sent", "endsAt": time::format(ends_at) })),
            CodeRequest::TooSoon(wait) => refuse_rate(wait, locale),
            CodeRequest::TooMany => refuse_limit("conflict.codes", locale),
            CodeRequest::Unsendable => refuse_limit("conflict.codeUnsent", locale),
            CodeRequest::Refused(page_state) => refuse_state(page_state, locale),
        }
    }

    fn open(&self, request: &Request, origin: &Origin) -> Result<Response> {
        let locale = &self.call.locale;
        let OpenRequest { code } = match request.bytes() {
            [] => OpenRequest { code: None },
            _ => request.json()?,
        };
        if self.way == SigningWay::Mail {
            return refuse_way(self.way, locale);
        }
        match open_envelope(self.signer, self.account, self.way, code.as_deref(), origin)? {
            OpenOutcome::Opened { token, ends_at } => {
                let base = site().map(|site| site.url).unwrap_or_default();
                respond(&json!({ "url": format!("{base}/api/esign/s/{token}"), "endsAt": time::format(ends_at) }))
            }
            OpenOutcome::NotTheCode(finding) => refuse_code(finding, locale),
            OpenOutcome::TooSoon(wait) => refuse_rate(wait, locale),
            OpenOutcome::TooMany => refuse_limit("conflict.openings", locale),
            OpenOutcome::Refused(page_state) => refuse_state(page_state, locale),
        }
    }
}
