//! One-time codes: 256 bits, kept as an HMAC, good for one use within half an hour.

use super::fields::Fields;
use crate::clock::iso;
use crate::secret::random;
use crate::{AccessControl, AuthError};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cairn_store::system::UserRow;
use chrono::TimeDelta;
use serde_json::Value as Json;
use std::net::IpAddr;

/// How long a code is good. In minutes.
pub const CODE_MINUTES: i64 = 30;

/// What a code is for; one for something else is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Setting a new password.
    ResetPassword,
    /// Confirming an e-mail address.
    ConfirmEmail,
}

impl Purpose {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::ResetPassword => "reset-password",
            Self::ConfirmEmail => "confirm-email",
        }
    }
}

impl AccessControl {
    /// A new code for the user of that name or e-mail address, in place of the one before; `None` where there is no
    /// such user. It is the operator's to hand over (`cairn user reset-link`): nothing here logs it or sends it.
    pub async fn create_code(&self, identifier: &str, purpose: Purpose) -> Result<Option<String>, AuthError> {
        let Some(user) = self.find_user(identifier)? else { return Ok(None) };
        let mut bytes = [0; 32];
        random(&mut bytes).map_err(|_| AuthError::Internal("no random bytes for a code"))?;
        let code = URL_SAFE_NO_PAD.encode(bytes);
        let hash = self.code_hash(&code);
        let now = self.now();
        let (now, until) = (iso(now), iso(now + TimeDelta::minutes(CODE_MINUTES)));
        self.store().write(move |tx| tx.insert_code(&hash, purpose.name(), &user.document_id, &now, &until)).await?;
        Ok(Some(code))
    }

    /// `GET /api/auth/email-confirmation?confirmation=…`: confirms the address of the code's user.
    pub async fn confirm_email(&self, query: &Json, client: IpAddr) -> Result<(), AuthError> {
        self.count_request("email-confirmation", client)?;
        let mut fields = Fields::of(self.store().registry(), query);
        let code = fields.secret("confirmation");
        fields.finish()?;
        let hash = self.code_hash(code);
        let now = iso(self.now());
        self.store()
            .write(move |tx| {
                let user = tx.take_code(&hash, Purpose::ConfirmEmail.name(), &now)?;
                let user = user.ok_or_else(|| AuthError::Refused("Invalid token".to_owned()))?;
                Ok(tx.set_user_confirmed(&user, true, &now)?)
            })
            .await
    }

    /// `POST /api/auth/send-email-confirmation`: answers the address. Nothing is sent until Cairn can send mail, and
    /// nothing is looked up, so the answer tells nobody whether there is such an account.
    pub async fn send_email_confirmation(&self, body: &Json, client: IpAddr) -> Result<String, AuthError> {
        self.no_mail("send-email-confirmation", body, client)
    }

    /// `POST /api/auth/forgot-password`: likewise.
    pub async fn forgot_password(&self, body: &Json, client: IpAddr) -> Result<(), AuthError> {
        self.no_mail("forgot-password", body, client).map(drop)
    }

    fn no_mail(&self, route: &str, body: &Json, client: IpAddr) -> Result<String, AuthError> {
        self.count_request(route, client)?;
        let mut fields = Fields::of(self.store().registry(), body);
        let email = fields.email("email");
        fields.finish()?;
        tracing::warn!(route, "no mail was sent: this version has no mailer (cairn user reset-link makes a link)");
        Ok(email.to_lowercase())
    }

    pub(super) fn code_hash(&self, code: &str) -> [u8; 32] {
        self.keys().codes.mac(code.as_bytes())
    }

    fn find_user(&self, identifier: &str) -> Result<Option<UserRow>, AuthError> {
        self.store().read(|reader| match reader.user_by_email(identifier)? {
            Some(user) => Ok(Some(user)),
            None => Ok(reader.user_by_username(identifier)?),
        })
    }
}
