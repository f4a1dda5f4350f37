//! Sessions of admin users: begun by signing in, extended by use, ended by signing out, by a new password and by time.

use super::{AdminCaller, AdminSession, AdminSignedIn};
use crate::auth::events::{admin_user_event, new_event};
use crate::secret::fill_random;
use crate::{AccessControl, AuthError, format_iso};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cairn_store::StoreError;
use cairn_store::events::Actor;
use cairn_store::system::{AdminSessionRow, AdminUserRow};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use sha2::{Digest, Sha256};

/// Prefix of session tokens.
const SESSION_PREFIX: &str = "cairn_admin_";
/// Lifetime of a session that is not used.
const MAX_IDLE: TimeDelta = TimeDelta::hours(12);
/// Longest lifetime of a session, however much it is used.
const MAX_SESSION_LIFETIME: TimeDelta = TimeDelta::days(14);
/// Interval at which the use of a session is recorded.
const LAST_SEEN_INTERVAL: TimeDelta = TimeDelta::minutes(5);
/// Lifetime of the session cookie in browsers, in seconds.
pub const COOKIE_SECONDS: i64 = MAX_SESSION_LIFETIME.num_seconds();
/// Longest user agent that is stored, in characters.
const MAX_USER_AGENT_CHARS: usize = 300;
/// How long an authentication counts as recent.
const RECENT_PROOF_TIME: TimeDelta = TimeDelta::minutes(15);
/// Purpose for which CSRF tokens are signed.
const CSRF_PURPOSE: &str = "csrf token of an admin session";

/// The client of a request.
#[derive(Debug, Clone, Default)]
pub struct Browser {
    /// IP address of the client.
    pub ip: Option<String>,
    /// User agent of the browser.
    pub agent: Option<String>,
}

/// A session in the form that its owner sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnSessionInfo {
    /// Identifier of the session; nobody can sign in with it.
    pub id: String,
    /// True if it is the caller's session.
    pub current: bool,
    /// The stored values of the session.
    pub row: AdminSessionRow,
}

pub(super) fn has_session_form(token: &str) -> bool {
    token.starts_with(SESSION_PREFIX) && token.len() < 1_024
}

pub(super) fn hash_token(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

/// The identifier of a session: a part of a hash, which reveals no token.
fn session_id(hash: &[u8]) -> String {
    hash.iter().take(12).map(|b| format!("{b:02x}")).collect()
}

/// When a session that is used now expires.
fn session_expiry(created_at: DateTime<Utc>, now: DateTime<Utc>) -> DateTime<Utc> {
    (now + MAX_IDLE).min(created_at + MAX_SESSION_LIFETIME)
}

fn parse_time(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text).ok().map(|t| t.to_utc())
}

impl AdminSession {
    /// The identifier of the session.
    pub(crate) fn id(&self) -> String {
        session_id(&self.hash)
    }
}

impl AccessControl {
    /// Begins a session of a user who has just authenticated; returns its token, and itself. [`StoreError::Conflict`] if they were deleted,
    /// deactivated or given another password meanwhile.
    pub(super) async fn begin_admin_session(
        &self,
        user: &AdminUserRow,
        browser: Browser,
        actor: Actor,
        by: &'static str,
    ) -> Result<(String, AdminSession), AuthError> {
        let mut bytes = [0; 32];
        fill_random(&mut bytes).map_err(|_| AuthError::Internal("cannot get random bytes"))?;
        let token = format!("{SESSION_PREFIX}{}", bytes.iter().map(|b| format!("{b:02x}")).collect::<String>());
        let now = self.now();
        let row = AdminSessionRow {
            hash: hash_token(&token),
            created_at: format_iso(now),
            expires_at: format_iso(session_expiry(now, now)),
            seen_at: None,
            ip: browser.ip,
            agent: browser.agent.map(|agent| agent.chars().take(MAX_USER_AGENT_CHARS).collect()),
        };
        let session = AdminSession { hash: row.hash.clone(), shown_at: now.timestamp_millis() };
        let actor = Actor { ip: actor.ip, request: actor.request, ..Actor::admin(user.id, &user.display_name()) };
        let user = user.clone();
        self.store()
            .write(move |tx| {
                tx.admin_sessions().create(&row, &user)?;
                tx.admin_users().record_sign_in(user.id, &row.created_at)?;
                let event = new_event("cairn.login.succeeded", "admin", json!({ "admin": true, "by": by }));
                tx.events().emit(&actor, &event, now.timestamp_millis())
            })
            .await?;
        Ok((token, session))
    }

    /// Continues the session of that token after its user has authenticated again, as if it began now: whatever else is open in their
    /// browser stays signed in, and the new session is deleted. `None` if the token is not valid any more, or belongs to another user.
    /// Returns an error if the store fails.
    pub async fn carry_on(
        &self,
        admin_signed_in: &AdminSignedIn,
        token: &str,
    ) -> Result<Option<AdminCaller>, AuthError> {
        let (Some(new), Some(person)) = (admin_signed_in.who.session(), admin_signed_in.who.id) else {
            return Ok(None);
        };
        let (hash, now) = (hash_token(token), self.now());
        let found = self.store().read(|r| r.admin_sessions().get_admin_user(&hash, &format_iso(now)))?;
        let Some((user, _)) = found.filter(|(user, _)| user.id == person && hash != new.hash) else {
            return Ok(None);
        };
        let (current_hash, new, until) = (hash.clone(), new.hash.clone(), format_iso(session_expiry(now, now)));
        let goes_on = self.store().write(move |tx| {
            let goes_on = tx.admin_sessions().renew(&current_hash, &format_iso(now), &until)?;
            if goes_on {
                tx.admin_sessions().delete(&new)?;
            }
            Ok::<_, StoreError>(goes_on)
        });
        let session = AdminSession { hash, shown_at: now.timestamp_millis() };
        Ok(goes_on.await?.then(|| AdminCaller::from_session(self, &user, session)))
    }

    /// True if the caller has authenticated recently. Admin tokens cannot, and need not: whoever created one did, for what they chose.
    pub fn has_recent_proof(&self, caller: &AdminCaller) -> bool {
        let now = self.now().timestamp_millis();
        caller.session().is_none_or(|session| now - session.shown_at <= RECENT_PROOF_TIME.num_milliseconds())
    }

    /// The caller of a session's token. Its use is recorded from time to time.
    pub(super) async fn admin_from_session(&self, token: &str) -> Result<AdminCaller, AuthError> {
        let (hash, now) = (hash_token(token), self.now());
        let found = self.store().read(|r| r.admin_sessions().get_admin_user(&hash, &format_iso(now)))?;
        let (user, session) = found.ok_or(AuthError::Unauthorized("Unauthorized"))?;
        let shown_at = parse_time(&session.created_at).map_or(0, |at| at.timestamp_millis());
        let caller = AdminCaller::from_session(self, &user, AdminSession { hash: hash.clone(), shown_at });
        let last_seen = session.seen_at.as_deref().and_then(parse_time);
        if let Some(created) = parse_time(&session.created_at)
            && last_seen.is_none_or(|last_seen| now - last_seen >= LAST_SEEN_INTERVAL)
        {
            let until = format_iso(session_expiry(created, now));
            let noted = self.store().write(move |tx| tx.admin_sessions().extend(&hash, &format_iso(now), &until)).await;
            if let Err(error) = noted {
                // The request is authenticated all the same; only the session expires earlier than it could.
                tracing::warn!(%error, "cannot extend a session");
            }
        }
        Ok(caller)
    }

    /// The CSRF token of a session.
    pub fn csrf_token(&self, session: &[u8]) -> String {
        URL_SAFE_NO_PAD.encode(self.sign(CSRF_PURPOSE, session))
    }

    /// True if a token is the CSRF token of a session.
    pub fn is_csrf_token(&self, session: &[u8], token: &[u8]) -> bool {
        URL_SAFE_NO_PAD.decode(token).is_ok_and(|mac| self.is_signed(CSRF_PURPOSE, session, &mac))
    }

    /// Ends the session of the caller. Returns an error if the store fails.
    pub async fn admin_sign_out(&self, caller: &AdminCaller, actor: &Actor) -> Result<(), StoreError> {
        let Some(session) = caller.session() else { return Ok(()) };
        let (hash, actor, at) = (session.hash.clone(), actor.clone(), self.now().timestamp_millis());
        self.store()
            .write(move |tx| {
                tx.admin_sessions().delete(&hash)?;
                tx.events().emit(&actor, &new_event("cairn.login.ended", "admin", json!({ "admin": true })), at)
            })
            .await
    }

    /// Lists the sessions of the caller, the latest first.
    ///
    /// # Errors
    /// Returns an error for an API token, and errors of the store.
    pub fn admin_sessions(&self, caller: &AdminCaller) -> Result<Vec<OwnSessionInfo>, AuthError> {
        let (person, now) = (caller.require_person()?, format_iso(self.now()));
        let own = caller.session().map(|s| s.hash.as_slice());
        let rows = self.store().read(|r| r.admin_sessions().list(person, &now))?;
        let to_info = |row: AdminSessionRow| OwnSessionInfo {
            id: session_id(&row.hash),
            current: own == Some(row.hash.as_slice()),
            row,
        };
        Ok(rows.into_iter().map(to_info).collect())
    }

    /// True if an admin user has a session with that identifier, which has not expired. Returns an error if the database cannot be read.
    pub(crate) fn has_admin_session(&self, person: i64, id: &str) -> Result<bool, StoreError> {
        let now = format_iso(self.now());
        let rows = self.store().read(|r| r.admin_sessions().list(person, &now))?;
        Ok(rows.iter().any(|row| session_id(&row.hash) == id))
    }

    /// Ends the caller's session with that identifier; with `None` all but the present one. Returns their number.
    ///
    /// # Errors
    /// 404 if they have no such session; errors of the store.
    pub async fn end_admin_sessions(
        &self,
        caller: &AdminCaller,
        actor: &Actor,
        which: Option<&str>,
    ) -> Result<usize, AuthError> {
        let (person, at) = (caller.require_person()?, self.now().timestamp_millis());
        let hashes: Vec<Vec<u8>> = self
            .admin_sessions(caller)?
            .into_iter()
            .filter(|s| which.map_or(!s.current, |id| s.id == id))
            .map(|s| s.row.hash)
            .collect();
        if which.is_some() && hashes.is_empty() {
            return Err(AuthError::NotFound);
        }
        let (actor, count) = (actor.clone(), hashes.len());
        self.store()
            .write(move |tx| {
                for hash in &hashes {
                    tx.admin_sessions().delete(hash)?;
                }
                let event = admin_user_event("cairn.admin-session.ended", person, json!({ "sessions": hashes.len() }));
                if hashes.is_empty() { Ok(()) } else { tx.events().emit(&actor, &event, at) }
            })
            .await?;
        Ok(count)
    }
}
