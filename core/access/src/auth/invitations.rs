//! Invitations of users of the content API: a link by which somebody chooses their first password. A mail with it is enqueued here;
//! `cairn-notify` sends it.

use super::codes::{CodePurpose, enqueue_user_code_mail, format_mail_key};
use super::events::new_event;
use super::fields::BodyFields;
use super::sessions::SignedIn;
use crate::locales::is_code;
use crate::{AccessControl, AuthError};
use cairn_model::validate::FieldError;
use cairn_store::events::{Actor, ActorKind};
use cairn_store::system::UserRow;
use cairn_store::{StoreError, WriteTx};
use serde_json::{Value as Json, json};
use std::net::IpAddr;

/// Route under which attempts to accept an invitation are counted.
const RATE_LIMIT_ROUTE: &str = "accept-invitation";
/// The one answer to codes that are wrong, used or expired.
const NOT_VALID: &str = "This invitation is not valid any more: it was used, has expired, or was replaced by a newer one. \
                         Request a new one with your e-mail address, or sign in if you have chosen a password already";

/// True if a user has chosen a password, or was given one.
pub fn has_password(user: &UserRow) -> bool {
    user.password_hash.as_ref().is_some_and(|hash| !hash.is_empty())
}

/// True if an invitation is of use to a user: they have no password, or their address is not verified. Whoever registered with the address of
/// somebody else has a password too, and loses it when the owner of the address accepts.
pub fn needs_invitation(user: &UserRow) -> bool {
    !has_password(user) || !user.email_verified
}

/// Enqueues the mail that invites a user, in the transaction of its cause, and records who invited them. `language` is that of the mail if the
/// user has none of their own; `now` is in milliseconds. Returns `false`, and does nothing, for a user who [needs none](needs_invitation) or is
/// blocked, and for one to whom an invitation was mailed within the same minute, or is about to be. Returns an error if the store fails.
pub fn enqueue_invitation(
    tx: &mut WriteTx<'_>,
    user: &UserRow,
    language: Option<&str>,
    actor: &Actor,
    now: i64,
) -> Result<bool, StoreError> {
    let key = format_mail_key(CodePurpose::Invitation, &user.document_id, now);
    if !needs_invitation(user) || user.blocked || tx.reader().mails().exists(&key)? {
        return Ok(false);
    }
    enqueue_invitation_of(tx, &user.document_id, language, actor, now)
}

/// Does the same for a user who is being created without a password, by document id. Returns `false` if such a mail is about to be sent.
pub fn enqueue_invitation_of(
    tx: &mut WriteTx<'_>,
    user: &str,
    language: Option<&str>,
    actor: &Actor,
    now: i64,
) -> Result<bool, StoreError> {
    if !enqueue_user_code_mail(tx, CodePurpose::Invitation, user, language, now)? {
        return Ok(false);
    }
    let event = new_event("cairn.user.invited", &format!("user {user}"), json!({}));
    tx.events().emit(actor, &event, now).map(|()| true)
}

impl AccessControl {
    /// `POST /api/auth/accept-invitation`: sets the first password of an invited user, and signs them in.
    ///
    /// # Errors
    /// Those of [`Self::take_user_invitation`].
    pub async fn accept_user_invitation(
        &self,
        body: &Json,
        client: IpAddr,
        actor: Actor,
    ) -> Result<SignedIn, AuthError> {
        let user = self.take_user_invitation(body, client, actor.clone()).await?;
        let actor = Actor {
            kind: ActorKind::User,
            id: Some(user.document_id.clone()),
            name: Some(user.username.clone()),
            ..actor
        };
        let signed_in = self.start_session(user).await?;
        self.record_event("cairn.login.succeeded", "login", &actor, json!({ "by": "invitation" })).await?;
        Ok(signed_in)
    }

    /// Sets the first password of an invited user, whose address is confirmed by it. Begins no session. `actor` is whoever sends the request.
    ///
    /// # Errors
    /// 400 for a password that is not acceptable, and, whatever is wrong with it, for a code that is not valid; 429 for too many attempts.
    pub async fn take_user_invitation(&self, body: &Json, client: IpAddr, actor: Actor) -> Result<UserRow, AuthError> {
        self.count_request(RATE_LIMIT_ROUTE, client)?;
        let mut fields = BodyFields::for_body(self.store().registry(), body);
        let password = fields.required_new_password(self.password_rule());
        if body.get("passwordConfirmation").is_some() {
            fields.require_repeated("passwordConfirmation", password);
        }
        let code = fields.required_secret("code");
        fields.finish()?;
        let not_valid = || AuthError::Refused(NOT_VALID.to_owned());
        let user = self.set_password_by_code(CodePurpose::Invitation, code, password, actor, not_valid).await?;
        self.forget_sign_in_failures(client, &user);
        Ok(user)
    }

    /// `POST /api/auth/check-invitation`: true if an invitation can be accepted with the code of the body. Nothing is used up.
    ///
    /// # Errors
    /// 400 without a code, and those of [`Self::is_invitation_valid`].
    pub fn check_user_invitation(&self, body: &Json, client: IpAddr) -> Result<bool, AuthError> {
        let mut fields = BodyFields::for_body(self.store().registry(), body);
        let code = fields.required_secret("code");
        fields.finish()?;
        self.is_invitation_valid(code, client)
    }

    /// True if an invitation can be accepted with that code. Nothing is used up.
    ///
    /// # Errors
    /// 429 for too many attempts, which count as those to accept one.
    pub fn is_invitation_valid(&self, code: &str, client: IpAddr) -> Result<bool, AuthError> {
        self.count_request(RATE_LIMIT_ROUTE, client)?;
        let (code, now) = (self.code_hash(code), crate::format_iso(self.now()));
        let user = self.store().read(|r| r.one_time_codes().get_user(&code, CodePurpose::Invitation.name(), &now))?;
        Ok(user.is_some())
    }

    /// `POST /api/auth/request-invitation`: enqueues another invitation for whoever was invited at that address, in the `language` of the body
    /// if the user has none of their own. A job looks them up, so neither the response nor its duration reveals whether there is such a user.
    ///
    /// # Errors
    /// 400 for an invalid address or language; 429 for too many requests.
    pub async fn request_invitation(&self, body: &Json, client: IpAddr) -> Result<(), AuthError> {
        self.count_request("request-invitation", client)?;
        let mut fields = BodyFields::for_body(self.store().registry(), body);
        let email = fields.required_email("email");
        fields.finish()?;
        let language = check_language(body.get("language"))?;
        let now = self.now().timestamp_millis();
        self.store()
            .write(move |tx| super::codes::enqueue_invitation_request(tx, &email, language.as_deref(), now))
            .await?;
        Ok(())
    }

    /// Enqueues a mail by which a user chooses another password, at the request of somebody who may help them, unless one is about to be sent.
    /// Returns an error if the store fails.
    pub async fn send_password_reset(&self, user: &UserRow, actor: &Actor) -> Result<(), StoreError> {
        let (user, actor, now) = (user.document_id.clone(), actor.clone(), self.now().timestamp_millis());
        let send = move |tx: &mut WriteTx<'_>| {
            if !enqueue_user_code_mail(tx, CodePurpose::ResetPassword, &user, None, now)? {
                return Ok(());
            }
            let event = new_event("cairn.user.password-reset-sent", &format!("user {user}"), json!({}));
            tx.events().emit(&actor, &event, now)
        };
        self.store().write(send).await
    }
}

/// A language for mails, as `nl` or `nl-BE`.
pub(crate) fn check_language(language: Option<&Json>) -> Result<Option<String>, AuthError> {
    match language {
        None | Some(Json::Null) => Ok(None),
        Some(Json::String(code)) if is_code(code) => Ok(Some(code.clone())),
        Some(_) => {
            let message = "language must be the code of a language, such as nl or nl-BE".to_owned();
            Err(AuthError::Fields(vec![FieldError { path: vec!["language".to_owned()], message, value: None }]))
        }
    }
}
