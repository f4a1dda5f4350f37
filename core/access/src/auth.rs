//! The users-permissions routes, except what writes content: signing in and out, passwords, codes, and the checks before a registration.

mod admin;
mod codes;
pub(crate) mod events;
mod fields;
mod invitations;
mod password_rule;
mod passwords;
mod register;
mod sessions;
mod sign_in;

pub use admin::{
    ADMIN_MAIL_JOB, AdminCaller, AdminCode, AdminCredential, AdminLink, AdminSession, AdminSignIn, AdminSignedIn,
    AdminUserChanges, Browser, CEREMONY_SECONDS, COOKIE_SECONDS, Ceremony, Factor, OwnSessionInfo, PasskeyAnswer,
    PasskeySite, ProfileChanges, SecondFactor, TotpOffer,
};
pub use admin::{MAX_PERSON_NAME_CHARS, MIN_ADMIN_PASSWORD_CHARS, field_error, min_admin_password_chars};
pub use codes::{CODE_MINUTES, CodePurpose, MAIL_JOB, OneTimeCode, enqueue_code_mail, format_mail_key};
pub use events::new_event;
pub(crate) use fields::check_email;
pub use invitations::{enqueue_invitation, enqueue_invitation_of, has_password, needs_invitation};
pub use password_rule::PasswordRule;
pub use passwords::{account_changed, password_replaced, user_deleted};
pub use register::{NewRegistration, Registration, check_registration};
pub use sessions::SignedIn;

pub use crate::auth_settings::{MAX_REQUIRED_PASSWORD_CHARS, MIN_PASSWORD_CHARS};
use crate::rate_limit::{RateLimitExceeded, SignInAttempt};
use crate::{AccessControl, AuthError};
use cairn_store::system::UserRow;
use std::net::IpAddr;

impl From<RateLimitExceeded> for AuthError {
    fn from(limited: RateLimitExceeded) -> Self {
        Self::TooMany { retry_after_s: limited.retry_after_s }
    }
}

impl AccessControl {
    /// Counts a request of a client to a route that is worth guessing at.
    fn count_request(&self, route: &str, client: IpAddr) -> Result<(), AuthError> {
        if self.auth_settings().sign_in_rate_limit { Ok(self.limits().count_request(route, client)?) } else { Ok(()) }
    }

    /// Begins an attempt to guess the password of an account.
    fn begin_attempt(
        &self,
        route: &str,
        client: IpAddr,
        account: &str,
    ) -> Result<Option<SignInAttempt<'_>>, AuthError> {
        if !self.auth_settings().sign_in_rate_limit {
            return Ok(None);
        }
        Ok(Some(self.limits().begin_attempt(route, client, account)?))
    }

    /// Begins an attempt on the account of a user, whatever it was called. `Some(None)`: there were too many; `None`: attempts are not limited.
    fn begin_account_attempt(&self, route: &str, client: IpAddr, user: &UserRow) -> Option<Option<SignInAttempt<'_>>> {
        let is_limited = self.auth_settings().sign_in_rate_limit;
        is_limited.then(|| self.limits().begin_account_attempt(route, client, &user.document_id))
    }

    /// Checks a password within an attempt.
    async fn check_password(
        &self,
        attempt: Option<SignInAttempt<'_>>,
        password: &str,
        hash: Option<&str>,
    ) -> Result<bool, AuthError> {
        match (self.passwords().verify(password, hash).await, attempt) {
            (Ok(right), None) => Ok(right),
            (Ok(true), Some(attempt)) => {
                attempt.mark_succeeded();
                Ok(true)
            }
            // Dropped, the attempt stays counted.
            (Ok(false), Some(_)) => Ok(false),
            (Err(e), attempt) => {
                if let Some(attempt) = attempt {
                    attempt.mark_undecided();
                }
                Err(e.into())
            }
        }
    }
}
