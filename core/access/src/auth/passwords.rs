//! New passwords. Each ends all sessions of its user.

use super::codes::CodePurpose;
use super::events::new_event;
use super::fields::BodyFields;
use super::sessions::SignedIn;
use crate::clock::format_iso;
use crate::{AccessControl, AuthError, Caller};
use cairn_store::events::{Actor, ActorKind};
use cairn_store::system::UserRow;
use cairn_store::{LockMode, StoreError, WriteTx};
use serde_json::{Value as Json, json};
use std::net::IpAddr;

impl AccessControl {
    /// `POST /api/auth/change-password`: changes the password of the caller, who knows the current one, and signs them in again.
    pub async fn change_password(&self, caller: &Caller, body: &Json, client: IpAddr) -> Result<SignedIn, AuthError> {
        const RATE_LIMIT_ROUTE: &str = "change-password";
        let caller = caller.user().ok_or(AuthError::Application("You must be authenticated to reset your password"))?;
        self.count_request(RATE_LIMIT_ROUTE, client)?;
        let mut fields = BodyFields::for_body(self.store().registry(), body);
        let password = fields.required_new_password(self.password_rule());
        fields.require_repeated("passwordConfirmation", password);
        let current = fields.required_secret("currentPassword");
        fields.finish()?;
        let user = self.store().read(|reader| reader.users().get_by_document(&caller.document_id))?;
        let user = user.ok_or(AuthError::InvalidCredentials)?;
        let attempt = self.begin_attempt(RATE_LIMIT_ROUTE, client, &user.document_id)?;
        if !self.check_password(attempt, current, user.password_hash.as_deref()).await? {
            return Err(refused_error("The provided current password is invalid"));
        }
        if password == current {
            return Err(refused_error("Your new password must be different than your current password"));
        }
        let hash = self.passwords().hash(password).await?;
        let now = format_iso(self.now());
        let user = self
            .store()
            .write(move |tx| {
                tx.lock_document(tx.registry().user_type().id, &user.document_id, LockMode::Change)?;
                let current = tx.reader().users().get_by_document(&user.document_id)?;
                // Of two changes at the same time the second checked a password that is none any more.
                let Some(user) = current.filter(|current| current.password_hash == user.password_hash) else {
                    return Err(refused_error("The provided current password is invalid"));
                };
                tx.users().set_password_hash(&user.document_id, &hash, &now)?;
                if user.email_verified {
                    password_replaced(tx, &user.document_id)?;
                } else {
                    // An unverified address may belong to somebody else: links that were mailed to its owner stay valid.
                    tx.sessions().end_for_user(&user.document_id)?;
                }
                tx.reader().users().get_by_document(&user.document_id)?.ok_or(AuthError::InvalidCredentials)
            })
            .await?;
        self.start_session(user).await
    }

    /// `POST /api/auth/reset-password`: sets the password of a user with a code, and signs them in.
    pub async fn reset_password(&self, body: &Json, client: IpAddr) -> Result<SignedIn, AuthError> {
        self.count_request("reset-password", client)?;
        let mut fields = BodyFields::for_body(self.store().registry(), body);
        let password = fields.required_new_password(self.password_rule());
        fields.require_repeated("passwordConfirmation", password);
        let code = fields.required_secret("code");
        fields.finish()?;
        let code_error = || refused_error("Incorrect code provided");
        let user =
            self.set_password_by_code(CodePurpose::ResetPassword, code, password, Actor::public(), code_error).await?;
        // A person who lost their password has tried others: those failures no longer count.
        self.forget_sign_in_failures(client, &user);
        self.start_session(user).await
    }

    /// Uses up a code, sets the password of its user, and verifies their address. `code_error` is the response to a code that is not valid;
    /// `requester` is whoever sent it, for the audit log's entry on an invitation.
    pub(super) async fn set_password_by_code(
        &self,
        purpose: CodePurpose,
        code: &str,
        password: &str,
        requester: Actor,
        code_error: impl Fn() -> AuthError + Copy + Send + Sync + 'static,
    ) -> Result<UserRow, AuthError> {
        let code = self.code_hash(code);
        let (now, at) = (format_iso(self.now()), self.now().timestamp_millis());
        // Looked at first: hashing is work that nobody without a code should cause.
        let known = self.store().read(|reader| reader.one_time_codes().get_user(&code, purpose.name(), &now))?;
        let known = known.ok_or_else(code_error)?;
        let hash = self.passwords().hash(password).await?;
        self.store()
            .write(move |tx| {
                // In the order in which a change of the user takes them: the user, then their codes.
                tx.lock_document(tx.registry().user_type().id, &known, LockMode::Change)?;
                let user = tx.one_time_codes().take(&code, purpose.name(), &now)?.ok_or_else(code_error)?;
                // The code proves that its sender reads the mail of this address; sessions under the old password end below.
                tx.users().verify_email(&user, &now)?;
                if purpose == CodePurpose::Invitation {
                    let actor = Actor { kind: ActorKind::User, id: Some(user.clone()), ..requester.clone() };
                    let event = new_event("cairn.user.invitation-accepted", &format!("user {user}"), json!({}));
                    tx.events().emit(&actor, &event, at)?;
                }
                set_password(tx, &user, &hash, &now)
            })
            .await
    }
}

fn set_password(tx: &mut WriteTx<'_>, user: &str, hash: &str, now: &str) -> Result<UserRow, AuthError> {
    tx.users().set_password_hash(user, hash, now)?;
    password_replaced(tx, user)?;
    tx.reader().users().get_by_document(user)?.ok_or(AuthError::InvalidCredentials)
}

/// Follows up a new password of a user, in the transaction that sets it: ends all their sessions and deletes their codes.
pub fn password_replaced(tx: &mut WriteTx<'_>, user: &str) -> Result<(), StoreError> {
    tx.sessions().end_for_user(user)?;
    account_changed(tx, user)
}

/// Follows up another address of a user, or a change of whether they are blocked, in the transaction that makes it: deletes their codes, so
/// that none outlives the address that it was mailed to.
pub fn account_changed(tx: &mut WriteTx<'_>, user: &str) -> Result<(), StoreError> {
    tx.one_time_codes().delete_all(user)
}

/// Follows up the deletion of a user, in the same transaction: ends their sessions, takes their groups and deletes their codes.
pub fn user_deleted(tx: &mut WriteTx<'_>, user: &str) -> Result<(), StoreError> {
    tx.sessions().end_for_user(user)?;
    tx.user_groups().delete_of_user(user)?;
    tx.one_time_codes().delete_all(user)
}

fn refused_error(message: &str) -> AuthError {
    AuthError::Refused(message.to_owned())
}
