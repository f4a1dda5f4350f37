//! Previews as somebody else: tokens with which an admin user reads the content API as a user of it, or as the public, at a time to come.
//!
//! A token is `see-as.<payload>.<signature>`, for a quarter of an hour. Nothing of it is stored: whether its admin user may still do this, and
//! is still signed in, is looked up whenever it is used. It is sent where tokens of preview links are, in a header or in the address, and never in a cookie, so that
//! no browser sends it with anything that was not meant as a preview.

use crate::{AccessControl, AdminAction, AdminSession, Caller};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cairn_store::{Reader, StoreError};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value as Json, json};

/// First characters of a token, which tell it from those of preview links.
const PREFIX: &str = "see-as.";
/// Purpose of the signatures.
const SIGNATURE_PURPOSE: &str = "see-as";
/// Lifetime of a token.
const TOKEN_LIFETIME: TimeDelta = TimeDelta::minutes(15);
/// Longest token that is read, in bytes.
const MAX_TOKEN_BYTES: usize = 1_024;

/// Person and time that a preview shows, and the admin user who looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeeAs {
    /// Numeric id of the admin user.
    pub admin: i64,
    /// Document id of a user of the content API; `None`: the public.
    pub person: Option<String>,
    /// The time that is shown, in milliseconds; `None`: the present, whenever that is.
    pub at: Option<i64>,
    /// Number of a release whose items are shown as if it had been published by then.
    pub release: Option<i64>,
}

impl SeeAs {
    /// True if a text claims to be such a token, valid or not.
    pub fn has_token_form(text: &str) -> bool {
        text.starts_with(PREFIX)
    }

    /// The time that is shown. It is never earlier than the present: what was cannot be shown.
    pub fn time(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        self.at.and_then(DateTime::from_timestamp_millis).map_or(now, |at| at.max(now))
    }
}

/// Content of a token.
struct SignedPayload {
    see_as: SeeAs,
    /// Identifier of the admin user's session.
    session: Option<String>,
    /// In milliseconds.
    expires_at: i64,
}

impl AccessControl {
    /// Issues a token, and returns when it expires. It ends with the session, if one is given. Whether its admin user may do this is checked by
    /// whoever calls, and again whenever it is used.
    pub fn issue_see_as(&self, see_as: &SeeAs, session: Option<&AdminSession>) -> (String, DateTime<Utc>) {
        let expires_at = self.now() + TOKEN_LIFETIME;
        let SeeAs { admin, person, at, release } = see_as;
        let session = session.map(AdminSession::id);
        let payload = json!({ "a": admin, "p": person, "t": at, "r": release, "s": session,
            "e": expires_at.timestamp_millis() });
        let payload = URL_SAFE_NO_PAD.encode(payload.to_string());
        let signature = URL_SAFE_NO_PAD.encode(self.sign(SIGNATURE_PURPOSE, payload.as_bytes()));
        (format!("{PREFIX}{payload}.{signature}"), expires_at)
    }

    /// Checks a token: returns the preview that it is for; `None` if it is not this tenant's, has expired, or if its admin user is gone, has
    /// signed out or may not do this any more. Returns an error if the database cannot be read.
    pub fn verify_see_as(&self, token: &str) -> Result<Option<SeeAs>, StoreError> {
        let Some(SignedPayload { see_as, session, expires_at }) = self.read_signed_payload(token) else {
            return Ok(None);
        };
        if expires_at <= self.now().timestamp_millis() {
            return Ok(None);
        }
        if let Some(session) = session
            && !self.has_admin_session(see_as.admin, &session)?
        {
            return Ok(None);
        }
        let user = self.store().read(|r| r.admin_users().get(see_as.admin))?.filter(|user| user.active);
        let may = user.is_some_and(|user| {
            self.admin_rights(&user.roles, Some(user.id), &user.email).allows_action(AdminAction::PreviewSeeAs)
        });
        Ok(may.then_some(see_as))
    }

    /// Reads a token; `None` if it is not signed by this tenant.
    fn read_signed_payload(&self, token: &str) -> Option<SignedPayload> {
        let (payload, signature) = token.strip_prefix(PREFIX)?.split_once('.')?;
        if token.len() > MAX_TOKEN_BYTES {
            return None;
        }
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        if !self.is_signed(SIGNATURE_PURPOSE, payload.as_bytes(), &signature) {
            return None;
        }
        let payload: Json = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()?;
        let see_as = SeeAs {
            admin: payload["a"].as_i64()?,
            person: payload["p"].as_str().map(str::to_owned),
            at: payload["t"].as_i64(),
            release: payload["r"].as_i64(),
        };
        let session = payload["s"].as_str().map(str::to_owned);
        Some(SignedPayload { see_as, session, expires_at: payload["e"].as_i64()? })
    }

    /// The caller that a preview shows, with the permissions that they have at that time; `None` if there is no such user, or they cannot sign
    /// in. Returns an error if the database cannot be read.
    pub fn caller_seen_as(
        &self,
        reader: &Reader<'_>,
        person: Option<&str>,
        at: DateTime<Utc>,
    ) -> Result<Option<Caller>, StoreError> {
        let Some(document_id) = person else { return Ok(Some(self.public_caller_at(at))) };
        match reader.users().get_by_document(document_id)? {
            Some(user) if self.may_sign_in(&user) => Ok(Some(self.caller_of_user(reader, &user, "", at)?)),
            _ => Ok(None),
        }
    }
}
