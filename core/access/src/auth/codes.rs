//! One-time codes: 256 bits, stored as an HMAC, valid for one use within half an hour, or as invitations for some days.

use super::fields::BodyFields;
use crate::clock::format_iso;
use crate::secret::fill_random;
use crate::{AccessControl, AuthError};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cairn_store::events::{DuplicatePolicy, NewJob};
use cairn_store::system::UserRow;
use cairn_store::{LockMode, StoreError, WriteTx};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value as Json, json};
use std::net::IpAddr;

/// Lifetime of a code in minutes.
pub const CODE_MINUTES: i64 = 30;

/// Time in milliseconds in which further requests for one user send no mail.
const MAIL_INTERVAL_MS: i64 = 60_000;

/// The purpose of a code; it is invalid for any other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodePurpose {
    /// Setting a new password.
    ResetPassword,
    /// Confirming an e-mail address.
    ConfirmEmail,
    /// Accepting an invitation: choosing the first password.
    Invitation,
}

impl CodePurpose {
    /// The text that is stored.
    pub fn name(self) -> &'static str {
        match self {
            Self::ResetPassword => "reset-password",
            Self::ConfirmEmail => "confirm-email",
            Self::Invitation => "invitation",
        }
    }

    /// Parses what [`Self::name`] returns.
    pub fn from_stored(text: &str) -> Option<Self> {
        [Self::ResetPassword, Self::ConfirmEmail, Self::Invitation].into_iter().find(|p| p.name() == text)
    }
}

/// The job that looks up a user and mails them a code. Its payload: `purpose`, `email` or `user` (a document id), and maybe `language`.
pub const MAIL_JOB: &str = "cairn.auth.mail";

/// Enqueues a mail with a code for the user with that address. Nothing is looked up here: neither the duration nor the response of a
/// request reveals whether such an account exists. `now` is in milliseconds. Returns an error if the store fails.
pub fn enqueue_code_mail(tx: &mut WriteTx<'_>, purpose: CodePurpose, email: &str, now: i64) -> Result<(), StoreError> {
    let email = email.to_lowercase();
    enqueue_mail_job(tx, purpose, &email, json!({ "purpose": purpose.name(), "email": email }), now).map(drop)
}

/// Enqueues a mail with a code for a user who is known, by document id; `language` is that of the mail if the user has none of their own.
/// Returns `false` if such a mail is about to be sent, and an error if the store fails.
pub(super) fn enqueue_user_code_mail(
    tx: &mut WriteTx<'_>,
    purpose: CodePurpose,
    user: &str,
    language: Option<&str>,
    now: i64,
) -> Result<bool, StoreError> {
    enqueue_mail_job(tx, purpose, user, json!({ "purpose": purpose.name(), "user": user, "language": language }), now)
}

/// Enqueues another invitation for the user with that address, as [`enqueue_code_mail`] does.
pub(super) fn enqueue_invitation_request(
    tx: &mut WriteTx<'_>,
    email: &str,
    language: Option<&str>,
    now: i64,
) -> Result<(), StoreError> {
    let (purpose, email) = (CodePurpose::Invitation, email.to_lowercase());
    let payload = json!({ "purpose": purpose.name(), "email": email, "language": language });
    enqueue_mail_job(tx, purpose, &email, payload, now).map(drop)
}

fn enqueue_mail_job(
    tx: &mut WriteTx<'_>,
    purpose: CodePurpose,
    whom: &str,
    payload: Json,
    now: i64,
) -> Result<bool, StoreError> {
    let job = NewJob {
        name: MAIL_JOB.to_owned(),
        key: Some(format!("{} {whom}", purpose.name())),
        // Two requests for a code before the first mail is sent get one mail.
        duplicate: DuplicatePolicy::Keep,
        lane: None,
        payload,
        due: now,
    };
    tx.jobs().enqueue(&job, now).map(|id| id.is_some())
}

/// The once-key of the mail with a code that was requested for a user at that time, in milliseconds: requests within the same minute lead to one.
pub fn format_mail_key(purpose: CodePurpose, user: &str, at: i64) -> String {
    format!("{}:{user}:{}", purpose.name(), at / MAIL_INTERVAL_MS)
}

/// A new code that is not stored yet.
#[derive(Clone)]
pub struct OneTimeCode {
    text: String,
    hash: [u8; 32],
    purpose: CodePurpose,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
}

impl std::fmt::Debug for OneTimeCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OneTimeCode(…)")
    }
}

impl OneTimeCode {
    /// The code itself, for its user alone.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// When the code expires.
    pub fn valid_until(&self) -> DateTime<Utc> {
        self.until
    }

    /// Stores it as the code of a user as they were found, in place of the one before. Returns `false`, and stores nothing, if the user's
    /// address, password or block has changed since: the code might go to an address that is theirs no more. Returns an error if the
    /// store fails.
    pub fn store_for(&self, tx: &mut WriteTx<'_>, found: &UserRow) -> Result<bool, StoreError> {
        if !is_unchanged(tx, found)? {
            return Ok(false);
        }
        tx.one_time_codes().delete(&found.document_id, self.purpose.name())?;
        self.insert_for(tx, found).map(|()| true)
    }

    /// Does the same as [`Self::store_for`] beside the codes before, which stay valid: whoever asks in somebody's name ends nothing of theirs.
    /// Returns an error if the store fails.
    pub fn add_for(&self, tx: &mut WriteTx<'_>, found: &UserRow) -> Result<bool, StoreError> {
        if !is_unchanged(tx, found)? {
            return Ok(false);
        }
        self.insert_for(tx, found).map(|()| true)
    }

    fn insert_for(&self, tx: &mut WriteTx<'_>, found: &UserRow) -> Result<(), StoreError> {
        let (now, until) = (format_iso(self.now), format_iso(self.until));
        tx.one_time_codes().create(&self.hash, self.purpose.name(), &found.document_id, &now, &until)
    }
}

/// Locks a user, and returns whether their address, password and block are as they were found.
fn is_unchanged(tx: &mut WriteTx<'_>, found: &UserRow) -> Result<bool, StoreError> {
    tx.lock_document(tx.registry().user_type().id, &found.document_id, LockMode::Change)?;
    let current = tx.reader().users().get_by_document(&found.document_id)?;
    let is_same = |user: &UserRow| {
        (&user.email, &user.password_hash, user.blocked) == (&found.email, &found.password_hash, found.blocked)
    };
    Ok(current.as_ref().is_some_and(is_same))
}

impl AccessControl {
    /// Creates a code for the user with that name or e-mail address, in place of the one before; `None` if there is no such user. The
    /// operator delivers it (`cairn user reset-link`): nothing here logs or sends it.
    pub async fn create_code(&self, identifier: &str, purpose: CodePurpose) -> Result<Option<String>, AuthError> {
        let Some(user) = self.find_user(identifier)? else { return Ok(None) };
        let code = self.draw_code(purpose)?;
        let text = code.text.clone();
        let is_stored = self.store().write(move |tx| code.store_for(tx, &user)).await?;
        Ok(Some(text).filter(|_| is_stored))
    }

    /// Generates a code, to be stored with [`OneTimeCode::store_for`] in the transaction that enqueues its mail. Returns an error if the
    /// operating system provides no randomness.
    pub fn draw_code(&self, purpose: CodePurpose) -> Result<OneTimeCode, AuthError> {
        let mut bytes = [0; 32];
        fill_random(&mut bytes).map_err(|_| AuthError::Internal("cannot get random bytes for a code"))?;
        let text = URL_SAFE_NO_PAD.encode(bytes);
        let hash = self.code_hash(&text);
        let now = self.now();
        let valid_for = match purpose {
            CodePurpose::Invitation => TimeDelta::days(self.auth_settings().invitation_days.into()),
            CodePurpose::ResetPassword | CodePurpose::ConfirmEmail => TimeDelta::minutes(CODE_MINUTES),
        };
        Ok(OneTimeCode { text, hash, purpose, now, until: now + valid_for })
    }

    /// `GET /api/auth/email-confirmation?confirmation=…`: confirms the address of the code's user; returns their document id.
    pub async fn confirm_email(&self, query: &Json, client: IpAddr) -> Result<String, AuthError> {
        self.count_request("email-confirmation", client)?;
        let mut fields = BodyFields::for_body(self.store().registry(), query);
        let code = fields.required_secret("confirmation");
        fields.finish()?;
        let hash = self.code_hash(code);
        let now = format_iso(self.now());
        self.store()
            .write(move |tx| {
                let user = tx.one_time_codes().take(&hash, CodePurpose::ConfirmEmail.name(), &now)?;
                let user = user.ok_or_else(|| AuthError::Refused("Invalid token".to_owned()))?;
                tx.users().set_confirmed(&user, true, &now)?;
                Ok(user)
            })
            .await
    }

    /// `POST /api/auth/send-email-confirmation`: returns the address. A job looks up its user, so neither the response nor its duration
    /// reveals whether such an account exists.
    pub async fn send_email_confirmation(&self, body: &Json, client: IpAddr) -> Result<String, AuthError> {
        self.mail_code("send-email-confirmation", CodePurpose::ConfirmEmail, body, client).await
    }

    /// `POST /api/auth/forgot-password`: enqueues a mail in the same way.
    pub async fn forgot_password(&self, body: &Json, client: IpAddr) -> Result<(), AuthError> {
        self.mail_code("forgot-password", CodePurpose::ResetPassword, body, client).await.map(drop)
    }

    async fn mail_code(
        &self,
        route: &str,
        purpose: CodePurpose,
        body: &Json,
        client: IpAddr,
    ) -> Result<String, AuthError> {
        self.count_request(route, client)?;
        let mut fields = BodyFields::for_body(self.store().registry(), body);
        let email = fields.required_email("email");
        fields.finish()?;
        let email = email.to_lowercase();
        let (to, now) = (email.clone(), self.now().timestamp_millis());
        self.store().write(move |tx| enqueue_code_mail(tx, purpose, &to, now)).await?;
        Ok(email)
    }

    pub(crate) fn code_hash(&self, code: &str) -> [u8; 32] {
        self.keys().codes.mac(code.as_bytes())
    }

    fn find_user(&self, identifier: &str) -> Result<Option<UserRow>, AuthError> {
        self.store().read(|reader| match reader.users().get_by_email(identifier)? {
            Some(user) => Ok(Some(user)),
            None => Ok(reader.users().get_by_username(identifier)?),
        })
    }
}
