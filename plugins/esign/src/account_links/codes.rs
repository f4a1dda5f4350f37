//! Mailing a code to a signer who is signed in on the site.

use super::caller::AccountHolder;
use super::signer_access::{CODES_OF_ACCOUNT, CODES_OF_SIGNER, LINK_LIFE_MS, RecentTimes};
use super::signing_code::{CodePurpose, HashedCode, make_code};
use super::site_links::{load_access, store_access};
use super::trail_entries::describe_account;
use crate::audit::Trail;
use crate::envelope_state::SigningPageState;
use crate::envelopes::require_envelope_locked;
use crate::settings::Settings;
use crate::signer::Signer;
use cairn_plugin::bindings::random;
use cairn_plugin::mail::mail;
use cairn_plugin::prelude::*;
use cairn_plugin::{Instant, run_transaction, warn};
use serde::Serialize;
use serde_json::json;
use std::time::Duration;

/// Codes of a signer after which only links are mailed: guessing goes nowhere.
const MAX_CODES: i64 = 50;
/// Bytes of the value that makes equal codes differ.
const SALT_BYTES: u32 = 16;
/// Random bytes of a code: sixteen numbers, of which nearly every one can become a code.
const CODE_BYTES: u32 = 64;
const HOUR: Duration = Duration::from_secs(3_600);

/// Outcome of a request for a code.
pub(crate) enum CodeRequest {
    Sent {
        ends_at: Instant,
    },
    /// The last one was mailed just now, or there were too many in an hour; the time to wait, in milliseconds.
    TooSoon(i64),
    /// The signer had as many as anybody gets.
    TooMany,
    /// No mail can be sent to the address.
    Unsendable,
    Refused(SigningPageState),
}

/// Model of the mail's template.
#[derive(Serialize)]
struct CodeMail<'a> {
    name: &'a str,
    title: &'a str,
    company: &'a str,
    code: &'a str,
    minutes: i64,
}

/// Mails a code to a signer, at the address of the envelope. The code before opens nothing any more.
///
/// # Errors
/// `NotFound` for an envelope that is not there, `Exhausted` beyond the mails of an hour.
pub(crate) fn send_code(signer: &Signer, account: &AccountHolder, settings: &Settings) -> Result<CodeRequest> {
    let (envelope, recipient) = (&signer.envelope.document_id, &signer.recipient.document_id);
    let sent = run_transaction(|| {
        let envelope = require_envelope_locked(envelope)?;
        let to = envelope.find_recipient(recipient).cloned().ok_or_else(|| Error::NotFound(String::new()))?;
        let signer = Signer { envelope, recipient: to, way: None };
        let page_state = signer.page_state();
        if !page_state.can_open() {
            return Ok(CodeRequest::Refused(page_state));
        }
        let Signer { envelope, recipient: to, .. } = &signer;
        if to.codes >= MAX_CODES {
            return Ok(CodeRequest::TooMany);
        }
        let now = time::now();
        let mut access = load_access(&to.document_id)?;
        let account_key = format!("account/{}", account.id);
        let mut of_account: RecentTimes = kv::get(&account_key)?.unwrap_or_default();
        let waits = [access.codes.find_wait(CODES_OF_SIGNER, now), of_account.find_wait(CODES_OF_ACCOUNT, now)];
        if let Some(wait) = waits.into_iter().flatten().max() {
            return Ok(CodeRequest::TooSoon(wait));
        }
        let code = make_code(&random::bytes(CODE_BYTES)).ok_or_else(|| Error::Internal("no code".to_owned()))?;
        let purpose = CodePurpose { envelope: &envelope.document_id, recipient: &to.document_id, account: &account.id };
        let ends_at = access.set_code(HashedCode::new(&code, random::bytes(SALT_BYTES), purpose), now);
        of_account.note(now);
        store_access(&to.document_id, &access)?;
        kv::put_for(&account_key, &of_account, HOUR)?;
        let number = to.codes.saturating_add(1);
        mail_code(&signer, &code, number, settings)?;
        let mut trail = Trail::of(envelope);
        trail.change_recipient(&to.document_id, &json!({ "codes": number }))?;
        trail.add("codeSent", "system", describe_account(&signer, &account.id, None))?;
        trail.write(json!({}))?;
        Ok(CodeRequest::Sent { ends_at })
    });
    match sent {
        // An address that no mail can be sent to: nothing of the code is stored.
        Err(error @ Error::Invalid(_)) => {
            warn!(envelope = envelope; "a code was not sent: {}", error.describe());
            Ok(CodeRequest::Unsendable)
        }
        sent => sent,
    }
}

fn mail_code(signer: &Signer, code: &str, number: i64, settings: &Settings) -> Result<()> {
    let Signer { envelope, recipient: to, .. } = signer;
    let key = format!("envelope/{}/code/{}/{number}", envelope.document_id, to.document_id);
    let language = envelope.language_of(Some(to), settings);
    let mut message = mail(key, &to.email).template("code").locale(language).secret(code);
    if !settings.reply_to.is_empty() {
        message = message.reply_to(&settings.reply_to);
    }
    let company = settings.company();
    let minutes = LINK_LIFE_MS / 60_000;
    let model = CodeMail { name: &to.name, title: &envelope.title, company: &company, code, minutes };
    message.send(&model).map(|_| ())
}
