//! One-time codes: 256 bits, stored as an HMAC, valid for one use within half an hour.

use super::fields::BodyFields;
use crate::clock::format_iso;
use crate::secret::fill_random;
use crate::{AccessControl, AuthError};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cairn_store::events::{DuplicatePolicy, NewJob};
use cairn_store::system::UserRow;
use cairn_store::{LockMode, StoreError, WriteTx};
use chrono::TimeDelta;
use serde_json::{Value as Json, json};
use std::net::IpAddr;

/// Lifetime of a code in minutes.
pub const CODE_MINUTES: i64 = 30;

/// The purpose of a code; it is invalid for any other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodePurpose {
    /// Setting a new password.
    ResetPassword,
    /// Confirming an e-mail address.
    ConfirmEmail,
}

impl CodePurpose {
    /// The text that is stored.
    pub fn name(self) -> &'static str {
        match self {
            Self::ResetPassword => "reset-password",
            Self::ConfirmEmail => "confirm-email",
        }
    }

    /// Parses what [`Self::name`] returns.
    pub fn from_stored(text: &str) -> Option<Self> {
        [Self::ResetPassword, Self::ConfirmEmail].into_iter().find(|p| p.name() == text)
    }
}

/// The job that looks up the user with an address and mails them a code. Its payload: `purpose` and `email`.
pub const MAIL_JOB: &str = "cairn.auth.mail";

/// Enqueues a mail with a code for the user with that address. Nothing is looked up here: neither the duration nor the response of a
/// request reveals whether such an account exists. `now` is in milliseconds. Returns an error if the store fails.
pub fn enqueue_code_mail(tx: &mut WriteTx<'_>, purpose: CodePurpose, email: &str, now: i64) -> Result<(), StoreError> {
    let email = email.to_lowercase();
    let job = NewJob {
        name: MAIL_JOB.to_owned(),
        key: Some(format!("{} {email}", purpose.name())),
        // Whoever asks twice before it was sent gets one.
        duplicate: DuplicatePolicy::Keep,
        lane: None,
        payload: json!({ "purpose": purpose.name(), "email": email }),
        due: now,
    };
    tx.jobs().enqueue(&job, now).map(drop)
}

/// A new code that is not stored yet.
#[derive(Clone)]
pub struct OneTimeCode {
    text: String,
    hash: [u8; 32],
    purpose: CodePurpose,
    now: String,
    until: String,
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

    /// Stores it as the code of a user as they were found, in place of the one before. Returns `false`, and stores nothing, if the user's
    /// address, password or block has changed since: the code might go to an address that is theirs no more. Returns an error if the
    /// store fails.
    pub fn store_for(&self, tx: &mut WriteTx<'_>, found: &UserRow) -> Result<bool, StoreError> {
        tx.lock_document(tx.registry().user_type().id, &found.document_id, LockMode::Change)?;
        let current = tx.reader().users().get_by_document(&found.document_id)?;
        let is_same = |user: &UserRow| {
            (&user.email, &user.password_hash, user.blocked) == (&found.email, &found.password_hash, found.blocked)
        };
        if !current.as_ref().is_some_and(is_same) {
            return Ok(false);
        }
        tx.one_time_codes().create(&self.hash, self.purpose.name(), &found.document_id, &self.now, &self.until)?;
        Ok(true)
    }
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
        Ok(OneTimeCode {
            text,
            hash,
            purpose,
            now: format_iso(now),
            until: format_iso(now + TimeDelta::minutes(CODE_MINUTES)),
        })
    }

    /// `GET /api/auth/email-confirmation?confirmation=…`: confirms the address of the code's user.
    pub async fn confirm_email(&self, query: &Json, client: IpAddr) -> Result<(), AuthError> {
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
                Ok(tx.users().set_confirmed(&user, true, &now)?)
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
