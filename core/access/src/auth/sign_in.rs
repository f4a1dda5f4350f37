//! Signing in with name or e-mail address and password.

use super::fields::BodyFields;
use super::sessions::SignedIn;
use crate::passwords::is_bcrypt_hash;
use crate::{AccessControl, AuthError, format_iso};
use cairn_store::events::{Actor, ActorKind};
use cairn_store::system::UserRow;
use cairn_store::{LockMode, WriteTx};
use serde_json::{Value as Json, json};
use std::net::IpAddr;
use unicode_normalization::UnicodeNormalization;

/// Route under which attempts to sign in are counted.
const RATE_LIMIT_ROUTE: &str = "local";

impl AccessControl {
    /// `POST /api/auth/local`: signs in. An unknown name gets the same response as a wrong password, after the same time.
    pub async fn sign_in(&self, body: &Json, client: IpAddr, actor: Actor) -> Result<SignedIn, AuthError> {
        self.count_request(RATE_LIMIT_ROUTE, client)?;
        let mut fields = BodyFields::for_body(self.store().registry(), body);
        let identifier = fields.required_text("identifier");
        let password = fields.required_secret("password");
        fields.finish()?;
        let user = self.store().read(|reader| {
            let by_email = reader.users().get_by_email(identifier)?;
            let by_name = reader.users().get_by_username(identifier)?;
            Ok::<_, AuthError>(by_email.or(by_name).filter(|u| u.provider.as_deref() == Some("local")))
        })?;
        // By what was sent, whether it is an account or not: a refusal must not tell that a name and an address are the same one.
        let attempt = self.begin_attempt(RATE_LIMIT_ROUTE, client, &compared_identifier(identifier))?;
        let account = user.as_ref().and_then(|user| self.begin_account_attempt(RATE_LIMIT_ROUTE, client, user));
        let is_locked = matches!(account, Some(None));
        let hash = user.as_ref().and_then(|u| u.password_hash.as_deref()).filter(|_| !is_locked);
        let checked = self.check_password(attempt, password, hash).await;
        match (&checked, account.flatten(), &user) {
            (Ok(true), Some(attempt), Some(user)) => {
                attempt.mark_succeeded();
                self.forget_sign_in_failures(client, user);
            }
            (Err(_), Some(attempt), _) => attempt.mark_undecided(),
            // Dropped, the attempt stays counted.
            _ => {}
        }
        let right = checked?;
        // The name typed at a failed sign-in may be a password in the wrong field: only the names of known users are logged.
        let actor = match &user {
            Some(user) => Actor {
                kind: ActorKind::User,
                id: Some(user.document_id.clone()),
                name: Some(user.username.clone()),
                ..actor
            },
            None => actor,
        };
        let happened = if right { "cairn.login.succeeded" } else { "cairn.login.failed" };
        self.record_event(happened, "login", &actor, json!({})).await?;
        let mut user = user.filter(|_| right);
        if let Some(user) = &mut user {
            self.replace_bcrypt_hash(user, password).await?;
        }
        match user {
            Some(user) => match self.start_session(user).await {
                // The password was changed while this one was checked.
                Err(AuthError::InvalidCredentials) => Err(wrong_credentials()),
                other => other,
            },
            None => Err(wrong_credentials()),
        }
    }

    /// Replaces an imported bcrypt hash with one of argon2id, now that the password is known. If too many passwords are being hashed, the next
    /// sign-in replaces it.
    async fn replace_bcrypt_hash(&self, user: &mut UserRow, password: &str) -> Result<(), AuthError> {
        let Some(old) = user.password_hash.clone().filter(|hash| is_bcrypt_hash(hash)) else { return Ok(()) };
        let Ok(new) = self.passwords().hash(password).await else { return Ok(()) };
        let (document_id, now) = (user.document_id.clone(), format_iso(self.now()));
        let hash = new.clone();
        let write = move |tx: &mut WriteTx<'_>| {
            // The lock keeps the password from changing between the comparison and its replacement.
            tx.lock_document(tx.registry().user_type().id, &document_id, LockMode::Change)?;
            let current = tx.reader().users().get_by_document(&document_id)?;
            let is_unchanged = current.is_some_and(|user| user.password_hash.as_deref() == Some(&old));
            if is_unchanged {
                tx.users().set_password_hash(&document_id, &hash, &now)?;
            }
            Ok::<_, AuthError>(is_unchanged)
        };
        if self.store().write(write).await? {
            user.password_hash = Some(new);
        }
        Ok(())
    }

    /// Forgets failed attempts of a client to sign in as a user, after they have shown otherwise that they are that user.
    pub(super) fn forget_sign_in_failures(&self, client: IpAddr, user: &UserRow) {
        for identifier in [&user.username, &user.email] {
            self.limits().forget_failures(RATE_LIMIT_ROUTE, client, &compared_identifier(identifier));
        }
        self.limits().forget_account_failures(RATE_LIMIT_ROUTE, client, &user.document_id);
    }
}

/// Name by which a client calls an account, as failures are counted by it.
fn compared_identifier(identifier: &str) -> String {
    identifier.trim().nfkc().flat_map(char::to_lowercase).collect()
}

fn wrong_credentials() -> AuthError {
    AuthError::Refused("Invalid identifier or password".to_owned())
}
