//! The second factor: one-time codes of an authenticator app, and recovery codes for users who have lost it.

use super::{AdminCaller, AdminSignedIn, Browser, PasskeyAnswer, PasskeySite, SecondFactor, field_error};
use crate::auth::events::admin_user_event;
use crate::secret::fill_random;
use crate::{AccessControl, AuthError};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cairn_store::events::Actor;
use cairn_store::system::AdminUserRow;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use totp_rs::{Algorithm, Secret, TOTP};

/// Prefix of a secret that was not confirmed with a code yet.
const OFFERED_PREFIX: &str = AdminUserRow::TOTP_OFFERED;
/// Purpose for which secrets are encrypted.
const SEAL_PURPOSE: &str = "authenticator of an admin user";
/// Purpose of the signature that proves a correct password.
const PENDING_PURPOSE: &str = "second factor of an admin user";
/// How long the second factor may take, in seconds.
const PENDING_SECONDS: i64 = 300;
/// Length of a time step, in seconds; codes of the step before and after are accepted too.
const STEP_SECONDS: u64 = 30;
/// Number of recovery codes of one user.
const MAX_RECOVERY_CODES: usize = 10;
/// Length of a recovery code in characters: 50 bits, none that is mistaken for another.
const RECOVERY_CODE_CHARS: usize = 10;
const RECOVERY_ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const RATE_LIMIT_ROUTE: &str = "admin-second-factor";
/// The error for a second factor that was set up under another secret key, by which neither secrets nor recovery codes can be read.
const FOREIGN_FACTOR: AuthError = AuthError::Application(
    "Your authenticator and your recovery codes belong to an installation with a different secret key. Ask another administrator to \
     remove your second factor under Settings > Users, or sign in with a passkey. If nobody can sign in, run `cairn user create-admin` on \
     the server with another e-mail address, sign in with it, and remove your second factor there",
);

/// A second factor that a user enters.
#[derive(Clone)]
pub enum Factor {
    /// The code that an authenticator shows.
    Totp(String),
    /// A recovery code.
    Recovery(String),
    /// A passkey for that site.
    Passkey(Arc<PasskeySite>, PasskeyAnswer),
}

impl fmt::Debug for Factor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Factor(…)")
    }
}

/// A secret for a new authenticator.
#[derive(Clone)]
pub struct TotpOffer {
    /// The secret in base32, for typing.
    pub secret: String,
    /// The `otpauth` URL of a QR code.
    pub url: String,
}

impl fmt::Debug for TotpOffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TotpOffer(…)")
    }
}

fn build_totp(secret: Vec<u8>, site: &str, account: &str) -> Result<TOTP, AuthError> {
    // A colon parts the two in the address.
    let plain = |text: &str| text.replace(':', " ");
    TOTP::new(Algorithm::SHA1, 6, 1, STEP_SECONDS, secret, Some(plain(site)), plain(account))
        .map_err(|_| AuthError::Internal("cannot use the secret of an authenticator"))
}

impl AccessControl {
    /// Creates the token for a user who has entered their password and has a second factor.
    pub(super) fn pending_factor(&self, user: &AdminUserRow) -> Result<SecondFactor, AuthError> {
        let mut methods = vec!["totp", "recovery"];
        if !self.store().read(|r| r.admin_passkeys().list(user.id))?.is_empty() {
            methods.push("passkey");
        }
        let until = self.now().timestamp() + PENDING_SECONDS;
        let text = format!("{}.{until}", user.id);
        let mac = URL_SAFE_NO_PAD.encode(self.sign(PENDING_PURPOSE, pending_message(&text, user).as_bytes()));
        Ok(SecondFactor { pending: format!("{text}.{mac}"), methods })
    }

    /// The user who has entered their password to get `pending`.
    pub(super) fn pending_user(&self, pending: &str) -> Result<AdminUserRow, AuthError> {
        const LATE: AuthError = AuthError::Application("This took too long: start again with your password");
        let (text, mac) = pending.rsplit_once('.').ok_or(LATE)?;
        let (id, until) = text.split_once('.').ok_or(LATE)?;
        let (id, until): (i64, i64) = (id.parse().map_err(|_| LATE)?, until.parse().map_err(|_| LATE)?);
        let user = self.store().read(|r| r.admin_users().get(id))?.filter(|user| user.active).ok_or(LATE)?;
        let mac = URL_SAFE_NO_PAD.decode(mac).map_err(|_| LATE)?;
        let signed = self.is_signed(PENDING_PURPOSE, pending_message(text, &user).as_bytes(), &mac);
        if signed && until > self.now().timestamp() { Ok(user) } else { Err(LATE) }
    }

    /// Signs in a user who has entered their password, with their second factor. Each code is valid once.
    ///
    /// # Errors
    /// 400 for a wrong code, and if it took too long; 429 for too many attempts.
    pub async fn second_sign_in(
        &self,
        pending: &str,
        factor: Factor,
        client: IpAddr,
        browser: Browser,
        actor: Actor,
    ) -> Result<AdminSignedIn, AuthError> {
        self.count_request(RATE_LIMIT_ROUTE, client)?;
        let user = self.pending_user(pending)?;
        // From wherever: who is here knows the password.
        let everywhere = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
        let attempt = self.limits().begin_attempt(RATE_LIMIT_ROUTE, everywhere, &user.id.to_string())?;
        let by = match &factor {
            Factor::Totp(_) => "totp",
            Factor::Recovery(_) => "recovery code",
            Factor::Passkey(..) => "passkey",
        };
        if !self.consume_factor(&user, factor).await? {
            let actor = Actor { ip: actor.ip, request: actor.request, ..Actor::admin(user.id, &user.display_name()) };
            self.record_event("cairn.login.failed", "admin", &actor, json!({ "admin": true, "secondFactor": by }))
                .await?;
            return Err(AuthError::Refused("This code is incorrect or was already used".to_owned()));
        }
        attempt.mark_succeeded();
        self.signed_in_admin(&user, browser, actor, by).await
    }

    /// Checks a second factor of a user, and uses it up.
    async fn consume_factor(&self, user: &AdminUserRow, factor: Factor) -> Result<bool, AuthError> {
        let id = user.id;
        match factor {
            Factor::Passkey(site, answer) => match self.user_of_passkey(&site, answer).await {
                Ok(owner) => Ok(owner.id == id),
                Err(AuthError::Refused(_)) => Ok(false),
                Err(other) => Err(other),
            },
            Factor::Recovery(code) => {
                let code: String =
                    code.chars().filter(|c| c.is_ascii_alphanumeric()).map(|c| c.to_ascii_lowercase()).collect();
                let hash = self.recovery_hash(id, &code);
                let taken = self.store().write(move |tx| tx.admin_codes().take_recovery_code(id, &hash)).await?;
                // Under another key no code can be right.
                match user.authenticator().filter(|_| !taken) {
                    Some(sealed) => self.unseal(SEAL_PURPOSE, sealed).map(|_| false).map_err(|_| FOREIGN_FACTOR),
                    None => Ok(taken),
                }
            }
            Factor::Totp(code) => {
                let Some(sealed) = user.authenticator() else { return Ok(false) };
                let secret = self.unseal(SEAL_PURPOSE, sealed).map_err(|_| FOREIGN_FACTOR)?;
                let secret = Secret::Encoded(secret).to_bytes();
                let secret = secret.map_err(|_| AuthError::Internal("cannot read the secret of an authenticator"))?;
                let Some(step) = self.matching_step(&build_totp(secret, "", "")?, &code) else { return Ok(false) };
                Ok(self.store().write(move |tx| tx.admin_codes().use_totp(id, step)).await?)
            }
        }
    }

    /// The time step of a code, among the steps that are valid now.
    fn matching_step(&self, totp: &TOTP, code: &str) -> Option<i64> {
        let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
        let now = u64::try_from(self.now().timestamp()).ok()? / STEP_SECONDS;
        let digest = Sha256::digest(code.as_bytes());
        // Compared by their hashes: how long that takes says nothing of the code.
        let is = |step: &u64| Sha256::digest(totp.generate(step * STEP_SECONDS).as_bytes()) == digest;
        [now, now.saturating_sub(1), now + 1].iter().find(|step| is(step)).and_then(|step| i64::try_from(*step).ok())
    }

    fn recovery_hash(&self, user: i64, code: &str) -> [u8; 32] {
        self.code_hash(&format!("recovery {user} {code}"))
    }

    /// Creates a secret for the caller's authenticator. It takes effect once a code is entered ([`Self::confirm_totp`]). Fails with 400
    /// for a wrong password.
    pub async fn begin_totp(
        &self,
        caller: &AdminCaller,
        password: &str,
        site: &str,
        client: IpAddr,
    ) -> Result<TotpOffer, AuthError> {
        let user = self.own_admin_user(caller)?;
        self.count_request(RATE_LIMIT_ROUTE, client)?;
        self.check_own_password("admin-password", &user, password, client).await?;
        if user.authenticator().is_some() {
            return Err(AuthError::Application(
                "You already have an authenticator: remove it before you add another one",
            ));
        }
        let mut secret = [0; 20];
        fill_random(&mut secret).map_err(|_| AuthError::Internal("cannot get random bytes for a secret"))?;
        let totp = build_totp(secret.to_vec(), site, &user.email)?;
        let offer = TotpOffer { secret: totp.get_secret_base32(), url: totp.get_url() };
        let sealed =
            self.seal(SEAL_PURPOSE, &offer.secret).map_err(|_| AuthError::Internal("cannot encrypt a secret"))?;
        let (id, offered) = (user.id, format!("{OFFERED_PREFIX}{sealed}"));
        self.store().write(move |tx| tx.admin_codes().set_totp(id, Some(&offered))).await?;
        Ok(offer)
    }

    /// Activates the offered secret if the code is correct. Returns the recovery codes, which are shown once. Fails with 400 if no secret
    /// was offered, or the code is wrong.
    pub async fn confirm_totp(
        &self,
        caller: &AdminCaller,
        actor: &Actor,
        code: &str,
        client: IpAddr,
    ) -> Result<Vec<String>, AuthError> {
        let user = self.own_admin_user(caller)?;
        self.count_request(RATE_LIMIT_ROUTE, client)?;
        let attempt = self.limits().begin_attempt(RATE_LIMIT_ROUTE, client, &user.id.to_string())?;
        let none = || AuthError::Application("Start with a new secret first");
        let offered = user.totp.as_deref().and_then(|totp| totp.strip_prefix(OFFERED_PREFIX));
        let sealed = offered.ok_or_else(none)?.to_owned();
        let secret =
            Secret::Encoded(self.unseal(SEAL_PURPOSE, &sealed).map_err(|_| none())?).to_bytes().map_err(|_| none())?;
        let step = self.matching_step(&build_totp(secret, "", "")?, code);
        let step = step.ok_or_else(|| field_error("code", "This code is incorrect: check the authenticator again"))?;
        attempt.mark_succeeded();
        let codes = (0..MAX_RECOVERY_CODES).map(|_| recovery_code()).collect::<Result<Vec<_>, _>>()?;
        let hashes: Vec<[u8; 32]> = codes.iter().map(|c| self.recovery_hash(user.id, &c.replace('-', ""))).collect();
        let (id, actor, at) = (user.id, actor.clone(), self.now().timestamp_millis());
        self.store()
            .write(move |tx| {
                tx.admin_codes().set_totp(id, Some(&sealed))?;
                tx.admin_codes().use_totp(id, step)?;
                tx.admin_codes().set_recovery_codes(id, &hashes)?;
                tx.events().emit(
                    &actor,
                    &admin_user_event("cairn.admin-user.second-factor-added", id, json!({ "by": "totp" })),
                    at,
                )
            })
            .await?;
        Ok(codes)
    }

    /// Removes the second factor of the caller. Fails with 400 for a wrong password.
    pub async fn remove_totp(
        &self,
        caller: &AdminCaller,
        actor: &Actor,
        password: &str,
        client: IpAddr,
    ) -> Result<(), AuthError> {
        let user = self.own_admin_user(caller)?;
        self.count_request(RATE_LIMIT_ROUTE, client)?;
        self.check_own_password("admin-password", &user, password, client).await?;
        self.without_second_factor(user.id, actor).await
    }

    pub(super) async fn without_second_factor(&self, id: i64, actor: &Actor) -> Result<(), AuthError> {
        let (actor, at) = (actor.clone(), self.now().timestamp_millis());
        self.store()
            .write(move |tx| {
                tx.admin_codes().set_totp(id, None)?;
                tx.admin_codes().set_recovery_codes(id, &[])?;
                tx.events().emit(
                    &actor,
                    &admin_user_event("cairn.admin-user.second-factor-removed", id, json!({ "by": "totp" })),
                    at,
                )
            })
            .await?;
        Ok(())
    }
}

/// The text to sign: with the password hash, so that a new password invalidates it.
fn pending_message(text: &str, user: &AdminUserRow) -> String {
    format!("{text} {}", user.password_hash)
}

/// A random code, in two groups of five.
fn recovery_code() -> Result<String, AuthError> {
    let mut bytes = [0; RECOVERY_CODE_CHARS];
    fill_random(&mut bytes).map_err(|_| AuthError::Internal("cannot get random bytes for a code"))?;
    let letters: String = bytes.iter().map(|b| char::from(RECOVERY_ALPHABET[usize::from(b % 32)])).collect();
    let (a, b) = letters.split_at(RECOVERY_CODE_CHARS / 2);
    Ok(format!("{a}-{b}"))
}
