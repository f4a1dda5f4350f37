//! The checks before a registration. The user itself is content, and `content` creates it.

use super::fields::{BodyFields, field_problems};
use super::password_rule::PasswordRule;
use crate::{AccessControl, AuthError, PluginAction};
use cairn_model::Registry;
use serde_json::Value as Json;
use std::fmt;
use std::net::IpAddr;

/// Fields of a registration; any other is refused, so that nobody gives themselves a role.
const ALLOWED_FIELDS: &[&str] = &["username", "password", "email"];

/// The checked input of a registration.
#[derive(Clone, PartialEq, Eq)]
pub struct Registration {
    /// User name, as entered by the user.
    pub username: String,
    /// E-mail address, in lower case.
    pub email: String,
    /// Password, as entered by the user.
    pub password: String,
}

impl fmt::Debug for Registration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Registration(…)")
    }
}

/// A user to create.
#[derive(Clone)]
pub struct NewRegistration {
    /// User name that was free when it was looked up. Check again when it is written:
    /// [`users().is_taken`](cairn_store::namespaces::Users::is_taken), and
    /// [`AccessControl::ALREADY_TAKEN`] for the response.
    pub username: String,
    /// E-mail address in lower case; to be checked again as well.
    pub email: String,
    /// Password hash in PHC form.
    pub password_hash: String,
    /// True if they may sign in at once.
    pub confirmed: bool,
    /// Document id of their role.
    pub role: String,
}

impl fmt::Debug for NewRegistration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NewRegistration(…)")
    }
}

/// Checks the body of a registration: its keys, then required values and their form, then the lengths that the user type and the rule for
/// passwords demand.
pub fn check_registration(registry: &Registry, rule: PasswordRule, body: &Json) -> Result<Registration, AuthError> {
    let keys = body.as_object().into_iter().flat_map(|b| b.keys());
    let unknown: Vec<&str> = keys.map(String::as_str).filter(|k| !ALLOWED_FIELDS.contains(k)).collect();
    if !unknown.is_empty() {
        return Err(AuthError::Refused(format!("Invalid parameters: {}", unknown.join(", "))));
    }
    let mut fields = BodyFields::for_body(registry, body);
    let email = fields.required_email("email");
    let username = fields.required_text("username");
    let password = fields.required_secret("password");
    fields.finish()?;
    let user = registry.user_type();
    let mut problems = Vec::new();
    for (name, value) in [("username", username), ("email", email.as_str())] {
        if let Some((_, attribute)) = user.attributes.get(name) {
            problems.extend(field_problems(registry, attribute.clone(), &Json::from(value)));
        }
    }
    problems.extend(rule.find_problem(password));
    if !problems.is_empty() {
        return Err(AuthError::Fields(problems));
    }
    Ok(Registration { username: username.to_owned(), email: email.to_lowercase(), password: password.to_owned() })
}

impl AccessControl {
    /// The error if name or address is another user's.
    pub const ALREADY_TAKEN: AuthError = AuthError::Application("Email or Username are already taken");

    /// Returns the role that new users get if anybody who can reach the server may register; otherwise `None`.
    pub fn open_registration(&self) -> Option<String> {
        let settings = self.auth_settings();
        let open = settings.registration_open && self.public_caller().allows_action(PluginAction::Register);
        open.then(|| settings.default_role.clone())
    }

    /// `POST /api/auth/local/register`, up to the user to create. Afterwards, if they are confirmed, call [`Self::start_session`].
    pub async fn prepare_registration(&self, body: &Json, client: IpAddr) -> Result<NewRegistration, AuthError> {
        self.count_request("register", client)?;
        let settings = self.auth_settings();
        if !settings.registration_open {
            return Err(AuthError::Application("Register action is currently disabled"));
        }
        let Registration { username, email, password } =
            check_registration(self.store().registry(), self.password_rule(), body)?;
        let role = self.store().read(|reader| {
            let role = reader.roles().get_by_type(&settings.default_role)?;
            let role = role.ok_or(AuthError::Application("Impossible to find the default role"))?;
            if reader.users().is_taken(&username, &email, None)? {
                Err(Self::ALREADY_TAKEN)
            } else {
                Ok(role.document_id)
            }
        })?;
        let password_hash = self.passwords().hash(&password).await?;
        Ok(NewRegistration { username, email, password_hash, confirmed: !settings.confirm_by_mail, role })
    }
}
