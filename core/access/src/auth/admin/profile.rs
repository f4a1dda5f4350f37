//! What admin users say of themselves, and what the admin UI keeps for them.

use super::{AdminCaller, event_of, wrong};
use crate::locales::is_code;
use crate::settings::PERSON_NAME_MAX as NAME;
use crate::{AccessControl, AuthError, iso};
use cairn_store::events::Actor;
use cairn_store::system::{AdminProfile, AdminUserRow};
use serde_json::{Map, Value as Json, json};

/// Most bytes of preferences, as JSON.
const PREFERENCES: usize = 64 * 1024;

/// What is to change of a profile: `None` stays, `Some(None)` goes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProfileChanges {
    /// First name.
    pub first_name: Option<Option<String>>,
    /// Last name.
    pub last_name: Option<Option<String>>,
    /// Language of the admin UI.
    pub language: Option<Option<String>>,
}

impl ProfileChanges {
    /// The profile after the change.
    ///
    /// # Errors
    /// 400 for what can be no name or language.
    pub fn over(self, before: AdminProfile) -> Result<AdminProfile, AuthError> {
        let language = match self.language {
            Some(Some(code)) if !is_code(&code) => {
                return Err(wrong("language", "language: expected a code such as en or nl"));
            }
            Some(language) => language,
            None => before.language,
        };
        Ok(AdminProfile {
            first_name: name("firstName", self.first_name, before.first_name)?,
            last_name: name("lastName", self.last_name, before.last_name)?,
            language,
        })
    }
}

fn name(field: &str, change: Option<Option<String>>, before: Option<String>) -> Result<Option<String>, AuthError> {
    let Some(after) = change else { return Ok(before) };
    let after = after.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
    if after.as_ref().is_some_and(|name| name.chars().count() > NAME || name.chars().any(char::is_control)) {
        return Err(wrong(field, format!("{field} must be one line of at most {NAME} characters")));
    }
    Ok(after)
}

impl AccessControl {
    /// The admin user who asks.
    ///
    /// # Errors
    /// Where an API token asks; the store's.
    pub fn own_admin_user(&self, who: &AdminCaller) -> Result<AdminUserRow, AuthError> {
        let person = who.person()?;
        self.store().read(|r| r.admin_user(person))?.ok_or(AuthError::Unauthorized("Unauthorized"))
    }

    /// Changes what who asks says of themselves.
    ///
    /// # Errors
    /// 400 for what can be no name or language; the store's.
    pub async fn change_profile(
        &self,
        who: &AdminCaller,
        actor: &Actor,
        changes: ProfileChanges,
    ) -> Result<AdminUserRow, AuthError> {
        let (person, now, actor) = (who.person()?, self.now(), actor.clone());
        self.store()
            .write(move |tx| {
                let user = tx.reader().admin_user(person)?.ok_or(AuthError::NotFound)?;
                let before = AdminProfile {
                    first_name: user.first_name.clone(),
                    last_name: user.last_name.clone(),
                    language: user.language.clone(),
                };
                let after = changes.over(before.clone())?;
                if after == before {
                    return Ok(user);
                }
                tx.set_admin_profile(person, &after, &iso(now))?;
                let event = event_of("cairn.admin-user.changed", person, json!({ "changed": ["profile"] }));
                tx.emit(&actor, &event, now.timestamp_millis())?;
                tx.reader().admin_user(person)?.ok_or(AuthError::NotFound)
            })
            .await
    }

    /// What the admin UI keeps for who asks.
    ///
    /// # Errors
    /// Where an API token asks; the store's.
    pub fn admin_preferences(&self, who: &AdminCaller) -> Result<Map<String, Json>, AuthError> {
        let person = who.person()?;
        Ok(self.store().read(|r| r.admin_preferences(person))?)
    }

    /// Merges `changes` into what the admin UI keeps for who asks, by the keys of the object; `null` removes. Nothing of it is
    /// recorded: it is nobody else's business.
    ///
    /// # Errors
    /// 400 where it becomes too large; the store's.
    pub async fn change_admin_preferences(
        &self,
        who: &AdminCaller,
        changes: Map<String, Json>,
    ) -> Result<Map<String, Json>, AuthError> {
        let person = who.person()?;
        self.store()
            .write(move |tx| {
                tx.hold_name(&format!("preferences {person}"))?;
                let mut all = tx.reader().admin_preferences(person)?;
                for (key, value) in changes {
                    match value {
                        Json::Null => drop(all.remove(&key)),
                        value => drop(all.insert(key, value)),
                    }
                }
                if Json::Object(all.clone()).to_string().len() > PREFERENCES {
                    let message = format!("The preferences would have more than {PREFERENCES} bytes");
                    return Err(AuthError::Refused(message));
                }
                tx.set_admin_preferences(person, &all)?;
                Ok::<_, AuthError>(all)
            })
            .await
    }
}
