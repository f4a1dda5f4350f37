//! Users of the API: people with an account at the site, whom a plugin can invite. What it is sent with joins the open transaction: user and
//! mail are there with its commit, and without one nobody is created and nothing is sent.

use crate::Result;
use crate::bindings::users as raw;
pub use crate::bindings::users::{InvitationOutcome, Invited};
use serde_json::{Value, json};

/// A filter of accounts whose address is somebody's for sure: it is verified, and nobody has blocked the account. Anybody can register with
/// somebody else's address. The grant needs the fields `emailVerified` and `blocked`.
#[must_use]
pub fn verified_accounts() -> Value {
    json!({ "emailVerified": true, "blocked": { "$ne": true } })
}

/// An invitation of the person with an address, who chooses their first password by a link that is mailed to them. It may be repeated: an
/// address is one user, who gets at most one mail within a minute, and none once they have a password.
///
/// ```no_run
/// # fn main() -> cairn_plugin::Result<()> {
/// use cairn_plugin::users::{InvitationOutcome, invitation};
///
/// let invited = invitation("sanne@example.com").name("Sanne Verhoeven").language("nl").send()?;
/// assert_eq!(invited.outcome, InvitationOutcome::Created);
/// # Ok(())
/// # }
/// ```
#[must_use = "an invitation is nothing until it is sent"]
pub fn invitation(email: impl Into<String>) -> Invitation {
    Invitation(raw::Invitation { email: email.into(), name: None, role: None, language: None })
}

/// An invitation in the making.
#[derive(Debug, Clone, PartialEq)]
#[must_use = "an invitation is nothing until it is sent"]
pub struct Invitation(raw::Invitation);

impl Invitation {
    /// The user name of a new user, by which mails greet them. Without one it is their address.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.0.name = Some(name.into());
        self
    }

    /// The type of the role of a new user, which has to be granted. Without one it is the role that the site gives new users.
    pub fn role(mut self, role: impl Into<String>) -> Self {
        self.0.role = Some(role.into());
        self
    }

    /// The language of the mail, as `nl`, if the user has none of their own. Without one it is the site's.
    pub fn language(mut self, language: impl Into<String>) -> Self {
        self.0.language = Some(language.into());
        self
    }

    /// Sends it, and returns the user with what became of it.
    ///
    /// # Errors
    /// `Invalid` for an address that is none, and for a `name` that is somebody else's; `Denied` for a role that is not granted; `Conflict`
    /// (`state`) for a user to be invited who has another role; `Exhausted` where as many were sent in the hour as are granted.
    pub fn send(&self) -> Result<Invited> {
        raw::invite(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invitation_says_what_it_was_told_and_nothing_else() {
        let plain = invitation("ann@example.com");
        assert_eq!((&plain.0.name, &plain.0.role, &plain.0.language), (&None, &None, &None));
        let full = plain.name("Ann").role("customer").language("nl");
        let texts = [full.0.name, full.0.role, full.0.language].map(Option::unwrap_or_default);
        assert_eq!((full.0.email.as_str(), texts), ("ann@example.com", ["Ann", "customer", "nl"].map(str::to_owned)));
    }
}
