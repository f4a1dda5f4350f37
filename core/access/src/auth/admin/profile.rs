//! Profiles of admin users, and what the admin UI stores for them.

use super::{AdminCaller, field_error};
use crate::auth::events::admin_user_event;
use crate::locales::is_code;
use crate::{AccessControl, AuthError, format_iso};
use cairn_contact_details::invisible::{has_visible, is_break, overrides_direction};
use cairn_contact_details::person_name::clean_name;
use cairn_store::events::Actor;
use cairn_store::system::{AdminProfile, AdminUserRow};
use serde_json::{Map, Value as Json, json};

/// Longest first or last name of a user, in characters.
pub const MAX_PERSON_NAME_CHARS: usize = 100;

/// Largest size of preferences as JSON, in bytes.
const MAX_PREFERENCES_BYTES: usize = 64 * 1024;

/// Changes to a profile: `None` leaves a value unchanged, `Some(None)` clears it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProfileChanges {
    /// First name of the user.
    pub first_name: Option<Option<String>>,
    /// Last name of the user.
    pub last_name: Option<Option<String>>,
    /// Language of the admin UI.
    pub language: Option<Option<String>>,
}

impl ProfileChanges {
    /// The profile after these changes. Fails with 400 for an invalid name or language.
    pub fn apply_to(self, before: AdminProfile) -> Result<AdminProfile, AuthError> {
        let language = match self.language {
            Some(Some(code)) if !is_code(&code) => {
                return Err(field_error("language", "language: expected a code such as en or nl"));
            }
            Some(language) => language,
            None => before.language,
        };
        Ok(AdminProfile {
            first_name: check_name("firstName", self.first_name, before.first_name)?,
            last_name: check_name("lastName", self.last_name, before.last_name)?,
            language,
        })
    }
}

fn check_name(
    field: &str,
    change: Option<Option<String>>,
    before: Option<String>,
) -> Result<Option<String>, AuthError> {
    let Some(after) = change else { return Ok(before) };
    let after = after.map(|name| clean_name(&name)).filter(|name| !name.is_empty());
    let is_wrong = |name: &String| {
        let is_hostile = |c: char| is_break(c) || overrides_direction(c);
        name.chars().count() > MAX_PERSON_NAME_CHARS || name.contains(is_hostile) || !has_visible(name)
    };
    if after.as_ref().is_some_and(is_wrong) {
        return Err(field_error(
            field,
            format!("{field} must be one visible line of at most {MAX_PERSON_NAME_CHARS} characters"),
        ));
    }
    Ok(after)
}

impl AccessControl {
    /// Gets the admin user of the caller.
    ///
    /// # Errors
    /// Returns an error for an API token, and errors of the store.
    pub fn own_admin_user(&self, caller: &AdminCaller) -> Result<AdminUserRow, AuthError> {
        let person = caller.require_person()?;
        self.store().read(|r| r.admin_users().get(person))?.ok_or(AuthError::Unauthorized("Unauthorized"))
    }

    /// Changes the profile of the caller.
    ///
    /// # Errors
    /// 400 for an invalid name or language; errors of the store.
    pub async fn change_profile(
        &self,
        caller: &AdminCaller,
        actor: &Actor,
        changes: ProfileChanges,
    ) -> Result<AdminUserRow, AuthError> {
        let (person, now, actor) = (caller.require_person()?, self.now(), actor.clone());
        self.store()
            .write(move |tx| {
                let user = tx.reader().admin_users().get(person)?.ok_or(AuthError::NotFound)?;
                let before = AdminProfile {
                    first_name: user.first_name.clone(),
                    last_name: user.last_name.clone(),
                    language: user.language.clone(),
                };
                let after = changes.apply_to(before.clone())?;
                if after == before {
                    return Ok(user);
                }
                tx.admin_users().set_profile(person, &after, &format_iso(now))?;
                let event = admin_user_event("cairn.admin-user.changed", person, json!({ "changed": ["profile"] }));
                tx.events().emit(&actor, &event, now.timestamp_millis())?;
                tx.reader().admin_users().get(person)?.ok_or(AuthError::NotFound)
            })
            .await
    }

    /// The preferences that the admin UI stored for the caller.
    ///
    /// # Errors
    /// Returns an error for an API token, and errors of the store.
    pub fn admin_preferences(&self, caller: &AdminCaller) -> Result<Map<String, Json>, AuthError> {
        let person = caller.require_person()?;
        Ok(self.store().read(|r| r.admin_preferences().get(person))?)
    }

    /// Merges `changes` into the preferences of the caller, by the keys of the object; `null` deletes a key. No event is recorded:
    /// preferences are private.
    ///
    /// # Errors
    /// 400 if they become too large; errors of the store.
    pub async fn change_admin_preferences(
        &self,
        caller: &AdminCaller,
        changes: Map<String, Json>,
    ) -> Result<Map<String, Json>, AuthError> {
        let person = caller.require_person()?;
        self.store()
            .write(move |tx| {
                tx.lock_name(&format!("preferences {person}"))?;
                let mut all = tx.reader().admin_preferences().get(person)?;
                for (key, value) in changes {
                    match value {
                        Json::Null => drop(all.remove(&key)),
                        value => drop(all.insert(key, value)),
                    }
                }
                if Json::Object(all.clone()).to_string().len() > MAX_PREFERENCES_BYTES {
                    let message = format!("The preferences must not exceed {MAX_PREFERENCES_BYTES} bytes");
                    return Err(AuthError::Refused(message));
                }
                tx.admin_preferences().set(person, &all)?;
                Ok::<_, AuthError>(all)
            })
            .await
    }
}
