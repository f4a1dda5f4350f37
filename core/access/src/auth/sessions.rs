//! Sessions: begun by signing in, continued by refresh tokens, ended by signing out and by new passwords.
//!
//! A refresh token is `<session>.<generation>.<HMAC of both>`: the session's row says which generation is valid. One of an earlier
//! generation was used before, by its owner or by a thief; the session ends, for both.

use crate::auth_settings::SessionMode;
use crate::authentication::can_sign_in;
use crate::clock::format_iso;
use crate::jwt::{self, JwtClaims};
use crate::secret::fill_random;
use crate::{AccessControl, AuthError, Caller};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cairn_store::system::{SessionRow, UserRow};
use cairn_store::{LockMode, StoreError};
use chrono::TimeDelta;
use serde_json::Value as Json;
use std::fmt;

/// Length of a session in days, whatever its mode.
const SESSION_DAYS: i64 = 30;
/// Lifetime of a JWT in minutes if there are refresh tokens.
const ACCESS_MINUTES: i64 = 10;

const BAD_REFRESH_TOKEN: AuthError = AuthError::Unauthorized("Invalid refresh token");

/// The result of signing in.
#[derive(Clone)]
pub struct SignedIn {
    /// Token for `Authorization: Bearer`.
    pub jwt: String,
    /// The refresh token, if `auth.sessions` is `refresh`.
    pub refresh_token: Option<String>,
    /// The user who signed in.
    pub user: UserRow,
}

impl fmt::Debug for SignedIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedIn").field("user", &self.user).finish_non_exhaustive()
    }
}

enum RefreshOutcome {
    Good(Box<(SessionRow, UserRow)>),
    Bad,
    Reused,
}

impl AccessControl {
    /// Begins a session of a user whose password (as in `user`) was just checked or set, or who just registered. Returns an error if the
    /// password has changed since, or if the user is blocked or has to confirm their address first.
    pub async fn start_session(&self, user: UserRow) -> Result<SignedIn, AuthError> {
        let settings = self.auth_settings();
        if user.blocked {
            return Err(AuthError::Application("Your account has been blocked by an administrator"));
        }
        if !can_sign_in(&user, settings.confirm_by_mail) {
            return Err(AuthError::Application("Your account email is not confirmed"));
        }
        let now = self.now();
        let mut id = [0; 16];
        fill_random(&mut id).map_err(|_| AuthError::Internal("cannot get random bytes for a session"))?;
        let session = SessionRow {
            id: URL_SAFE_NO_PAD.encode(id),
            user_document_id: user.document_id.clone(),
            generation: (settings.sessions == SessionMode::Refresh).then_some(0),
            created_at: format_iso(now),
            expires_at: format_iso(now + TimeDelta::days(SESSION_DAYS)),
        };
        let (session, user) = self
            .store()
            .write(move |tx| {
                // A new password, which ends sessions, comes before this one or after it.
                tx.lock_document(tx.registry().user_type().id, &user.document_id, LockMode::Change)?;
                let current = tx.reader().users().get_by_document(&user.document_id)?;
                let same = current.filter(|u| u.password_hash == user.password_hash && !u.blocked);
                let user = same.ok_or(AuthError::InvalidCredentials)?;
                tx.sessions().create(&session)?;
                Ok::<_, AuthError>((session, user))
            })
            .await?;
        self.signed_in(&session, user)
    }

    /// `POST /api/auth/refresh`: exchanges a refresh token, once, for a new JWT and a new refresh token.
    pub async fn refresh_session(&self, body: &Json) -> Result<SignedIn, AuthError> {
        let settings = self.auth_settings();
        if settings.sessions != SessionMode::Refresh {
            return Err(AuthError::NotFound);
        }
        let token = body.get("refreshToken").and_then(Json::as_str).filter(|t| !t.is_empty());
        let token = token.ok_or(AuthError::BadRequest("Missing refresh token"))?;
        let (id, generation) = self.read_refresh_token(token).ok_or(BAD_REFRESH_TOKEN)?;
        let now = format_iso(self.now());
        let confirm = settings.confirm_by_mail;
        // A reused token must end the session for good: so it is no error of this write, which would undo it.
        let refreshed = self.store().write(move |tx| {
            let Some(session) = tx.reader().sessions().get(&id)?.filter(|s| s.expires_at > now) else {
                return Ok(RefreshOutcome::Bad);
            };
            let user = tx.reader().users().get_by_document(&session.user_document_id)?;
            let Some(user) = user.filter(|u| can_sign_in(u, confirm)) else { return Ok(RefreshOutcome::Bad) };
            if !tx.sessions().rotate(&id, generation)? {
                tx.sessions().end(&id)?;
                return Ok(RefreshOutcome::Reused);
            }
            let session = SessionRow { generation: Some(generation + 1), ..session };
            Ok::<_, StoreError>(RefreshOutcome::Good(Box::new((session, user))))
        });
        match refreshed.await? {
            RefreshOutcome::Good(good) => self.signed_in(&good.0, good.1),
            RefreshOutcome::Bad => Err(BAD_REFRESH_TOKEN),
            RefreshOutcome::Reused => {
                tracing::warn!("a refresh token was used a second time; ending its session");
                Err(BAD_REFRESH_TOKEN)
            }
        }
    }

    /// `POST /api/auth/logout`: ends the caller's session.
    pub async fn sign_out(&self, caller: &Caller) -> Result<(), AuthError> {
        let user = caller.user().ok_or(AuthError::Unauthorized("Missing authentication"))?;
        let session = user.session.clone();
        Ok(self.store().write(move |tx| tx.sessions().end(&session)).await?)
    }

    /// Ends all sessions of a user; called whenever somebody else changed their password.
    pub async fn end_user_sessions(&self, document_id: &str) -> Result<(), StoreError> {
        let user = document_id.to_owned();
        self.store().write(move |tx| tx.sessions().end_for_user(&user)).await.map(drop)
    }

    fn signed_in(&self, session: &SessionRow, user: UserRow) -> Result<SignedIn, AuthError> {
        let now = self.now();
        let length = match session.generation {
            Some(_) => TimeDelta::minutes(ACCESS_MINUTES),
            None => TimeDelta::days(SESSION_DAYS),
        };
        let claims = JwtClaims {
            id: user.id,
            sid: session.id.clone(),
            doc: user.document_id.clone(),
            iat: now.timestamp(),
            exp: (now + length).timestamp(),
        };
        let jwt = jwt::sign_token(&self.keys().jwt, &claims).map_err(|_| AuthError::Internal("cannot create a JWT"))?;
        let refresh_token = session.generation.map(|generation| {
            let text = format!("{}.{generation}", session.id);
            let mac = URL_SAFE_NO_PAD.encode(self.keys().refresh.mac(text.as_bytes()));
            format!("{text}.{mac}")
        });
        Ok(SignedIn { jwt, refresh_token, user })
    }

    /// Session and generation of a refresh token with a valid signature.
    fn read_refresh_token(&self, token: &str) -> Option<(String, i64)> {
        let (text, mac) = token.rsplit_once('.')?;
        if !self.keys().refresh.verify(text.as_bytes(), &URL_SAFE_NO_PAD.decode(mac).ok()?) {
            return None;
        }
        let (id, generation) = text.rsplit_once('.')?;
        Some((id.to_owned(), generation.parse().ok()?))
    }
}
