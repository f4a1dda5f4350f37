//! Brings a database to the state that a settings file describes, in one transaction, and reports the changes.

use super::admin_roles::AdminRoleChanges;
use super::{AdminChanges, Change, Permissions, RoleChanges, Secret, Settings, SettingsProblem, TokenChanges};
use crate::actions::PluginAction;
use crate::auth::event;
use crate::auth_settings::{AUTH_SETTING, AuthSettings};
use crate::control::{SETTINGS, first_actions, grant_first, permission};
use crate::identity::{MAIL_SETTING, MailIdentity, THEME_SETTING, Theme, stored};
use crate::locales::name_of;
use crate::rights::Grant;
use crate::state::{AUTHENTICATED, CUSTOM, PUBLIC};
use crate::{AccessControl, AdminRole, PasswordError, Passwords, iso};
use cairn_store::events::Actor;
use cairn_store::system::{AdminProfile, AdminUserRow, ApiTokenRow, NewApiToken, PermissionRow, RoleRow};
use cairn_store::{StoreError, WriteTx};
use serde_json::{Value as Json, json};
use std::collections::HashMap;

/// Shortest length of an API token: shorter ones can be guessed.
const SHORT_TOKEN: usize = 16;

/// Why nothing was applied.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// The file does not match the contents of the database.
    #[error("the settings do not fit the database:{}", listed(.0))]
    Problems(Vec<SettingsProblem>),
    /// The database returned an error.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Hashing a password failed.
    #[error(transparent)]
    Password(#[from] PasswordError),
}

fn listed(problems: &[SettingsProblem]) -> String {
    problems.iter().map(|p| format!("\n  {p}")).collect()
}

/// Applies a settings file and returns the changes as sentences; empty if nothing changed. `access` adopts the changes at once, other
/// processes at their next check. The list of tenants is applied with it (to the default tenant's database); settings that belong into a
/// tenant's database were taken out before.
pub async fn apply(access: &AccessControl, settings: Settings) -> Result<Vec<String>, ApplyError> {
    apply_as(access, settings, &Actor::system("apply")).await
}

/// Does the same as [`apply`], on behalf of an actor.
pub(super) async fn apply_as(
    access: &AccessControl,
    settings: Settings,
    actor: &Actor,
) -> Result<Vec<String>, ApplyError> {
    let actor = actor.clone();
    // Hashing takes long: not while the one writer waits.
    let admins = access.store().read(|reader| reader.admin_users())?;
    let hashes = admin_hashes(access.passwords(), &settings.admin_users, &admins).await?;
    let tokens = access.clone();
    let (now, at) = (iso(access.now()), access.now().timestamp_millis());
    let changes = access
        .store()
        .write(move |tx| {
            tx.hold_name(SETTINGS)?;
            let mut work = Apply { tx, now: &now, changes: Vec::new(), problems: Vec::new() };
            work.locales(&settings)?;
            work.roles(&settings.roles)?;
            work.auth(&settings)?;
            work.tokens(&settings.api_tokens, &|text| tokens.token_hash(text).to_vec())?;
            work.admin_roles(&settings.admin_roles)?;
            work.admins(&settings.admin_users, &hashes)?;
            // After the admin users, who may be their owners.
            work.admin_tokens(&settings.admin_tokens, &|text| tokens.token_hash(text).to_vec(), tokens.now())?;
            work.identity(&settings)?;
            work.workflows(&settings.workflows)?;
            work.calendars(&settings.calendars)?;
            work.tenants(&settings.tenants)?;
            work.webhooks(&settings.webhooks, &tokens, at)?;
            if !work.problems.is_empty() {
                return Err(ApplyError::Problems(work.problems));
            }
            let changes = work.changes;
            if !changes.is_empty() {
                let event = event("cairn.settings.changed", SETTINGS, json!({ "changes": changes }));
                tx.emit(&actor, &event, at)?;
            }
            Ok(changes)
        })
        .await?;
    access.reload()?;
    Ok(changes)
}

/// New hashes for the admin users (by address) whose password differs from the stored one.
async fn admin_hashes(
    passwords: &Passwords,
    wanted: &Change<Vec<AdminChanges>>,
    stored: &[AdminUserRow],
) -> Result<HashMap<String, String>, PasswordError> {
    let mut hashes = HashMap::new();
    let Change::Set(wanted) = wanted else { return Ok(hashes) };
    for admin in wanted {
        let Change::Set(Secret(password)) = &admin.password else { continue };
        let stored = stored.iter().find(|s| s.email == admin.email).map(|s| s.password_hash.as_str());
        if !passwords.verify(password, stored).await? {
            hashes.insert(admin.email.clone(), passwords.hash(password).await?);
        }
    }
    Ok(hashes)
}

pub(super) struct Apply<'a, 'tx> {
    pub(super) tx: &'a mut WriteTx<'tx>,
    pub(super) now: &'a str,
    pub(super) changes: Vec<String>,
    pub(super) problems: Vec<SettingsProblem>,
}

impl Apply<'_, '_> {
    pub(super) fn changed(&mut self, what: impl Into<String>) {
        self.changes.push(what.into());
    }

    pub(super) fn problem(&mut self, path: impl Into<String>, message: impl Into<String>) {
        self.problems.push(SettingsProblem { path: path.into(), message: message.into() });
    }

    fn locales(&mut self, settings: &Settings) -> Result<(), StoreError> {
        let stored = self.tx.reader().locales()?;
        let before = stored.iter().find(|l| l.is_default).map(|l| l.code.clone()).unwrap_or_default();
        let default = settings.default_locale.as_ref().unwrap_or(&before);
        let codes: Vec<String> = stored.iter().map(|l| l.code.clone()).collect();
        let available = settings.available_locales.as_ref().unwrap_or(&codes);
        if !available.contains(default) {
            let path = if settings.default_locale.is_some() { "locales.default" } else { "locales.available" };
            self.problem(path, format!("the default locale {default} is not available"));
            return Ok(());
        }
        for code in available.iter().filter(|code| !codes.contains(code)) {
            self.tx.insert_locale(code, &name_of(code), self.now)?;
            self.changed(format!("locale {code}: added"));
        }
        if *default != before {
            self.tx.set_default_locale(default, self.now)?;
            self.changed(format!("locale {default}: is now the default"));
        }
        for code in codes.iter().filter(|code| !available.contains(code)) {
            self.tx.delete_locale(code)?;
            self.changed(format!("locale {code}: removed (its content remains stored)"));
        }
        Ok(())
    }

    fn roles(&mut self, roles: &[(String, Change<RoleChanges>)]) -> Result<(), StoreError> {
        for (kind, change) in roles {
            let row = self.tx.reader().role_by_type(kind)?;
            match (change, row) {
                (Change::Keep, _) | (Change::Remove, None) => {}
                (Change::Remove, Some(row)) => {
                    let users = self.tx.delete_role(&row)?;
                    self.changed(format!("role {kind}: removed; {users} users no longer have a role"));
                }
                (Change::Set(wanted), row) => self.role(kind, wanted, row)?,
            }
        }
        Ok(())
    }

    fn role(&mut self, kind: &str, wanted: &RoleChanges, row: Option<RoleRow>) -> Result<(), StoreError> {
        let (default_name, default_description) = match kind {
            AUTHENTICATED => ("Authenticated", "Default role given to authenticated user."),
            PUBLIC => ("Public", "Default role given to unauthenticated user."),
            other => (other, ""),
        };
        let before = row.as_ref();
        let old_name = before.map_or(default_name, |r| &r.name);
        let old_description = before.and_then(|r| r.description.as_deref()).unwrap_or(default_description);
        let name = wanted.name.over(old_name.to_owned(), default_name.to_owned());
        let description = wanted.description.over(old_description.to_owned(), default_description.to_owned());
        match before {
            None => {
                self.tx.insert_role(kind, &name, &description, self.now)?;
                grant_first(self.tx, kind)?;
                self.changed(format!("role {kind}: added"));
            }
            Some(row) if name != old_name || description != old_description => {
                self.tx.update_role(&row.document_id, &name, &description, self.now)?;
                self.changed(format!("role {kind}: name or description changed"));
            }
            Some(_) => {}
        }
        let reads_drafts = self.tx.reader().draft_readers()?.iter().any(|r| r == kind);
        let read_drafts = wanted.read_drafts.over(reads_drafts, false);
        if read_drafts != reads_drafts {
            self.tx.set_read_drafts(kind, read_drafts)?;
            self.changed(format!("role {kind}: {} drafts", if read_drafts { "may see" } else { "may no longer see" }));
        }
        self.permissions(kind, &wanted.permissions)
    }

    fn permissions(&mut self, kind: &str, wanted: &Change<Permissions>) -> Result<(), StoreError> {
        let none = Permissions::default();
        let (wanted, keep_first) = match wanted {
            Change::Keep => return Ok(()),
            Change::Remove => (&none, false),
            Change::Set(wanted) => (wanted, true),
        };
        let all = self.tx.reader().permissions()?;
        let stored: Vec<PermissionRow> = all.into_iter().filter(|p| p.role == kind).collect();
        let named = |p: &PermissionRow, g: &Grant| p.subject == g.subject && p.action == g.action;
        for grant in &wanted.grants {
            let row = permission(kind, grant);
            let verb = match stored.iter().find(|p| named(p, grant)) {
                Some(p) if *p == row => continue,
                Some(_) => "has a changed permission to",
                None => "may",
            };
            self.tx.set_permission(&row)?;
            self.changed(format!("role {kind}: {verb} {} {}", grant.action, grant.subject));
        }
        for p in &stored {
            let first = PluginAction::parse(&p.subject, &p.action).is_some_and(|a| first_actions(kind).contains(&a));
            let stays = keep_first && first && !wanted.named.contains(&p.subject);
            if !stays && !wanted.grants.iter().any(|g| named(p, g)) {
                self.tx.delete_permission(kind, &p.subject, &p.action)?;
                self.changed(format!("role {kind}: may no longer {} {}", p.action, p.subject));
            }
        }
        Ok(())
    }

    fn auth(&mut self, settings: &Settings) -> Result<(), StoreError> {
        let before = AuthSettings::of(self.tx.reader().setting(AUTH_SETTING)?.as_ref());
        let default = AuthSettings::default();
        let wanted = &settings.auth;
        let after = AuthSettings {
            registration_open: wanted.registration_open.over(before.registration_open, default.registration_open),
            confirm_by_mail: wanted.confirm_by_mail.over(before.confirm_by_mail, default.confirm_by_mail),
            default_role: wanted.default_role.over(before.default_role.clone(), default.default_role.clone()),
            sign_in_rate_limit: wanted.sign_in_rate_limit.over(before.sign_in_rate_limit, default.sign_in_rate_limit),
            sessions: wanted.sessions.over(before.sessions, default.sessions),
            reset_password_url: wanted.reset_password_url.over(before.reset_password_url.clone(), None),
            confirmed_url: wanted.confirmed_url.over(before.confirmed_url.clone(), None),
        };
        // Also where the file does not name it: it may remove the role.
        if self.tx.reader().role_by_type(&after.default_role)?.is_none() {
            self.problem("auth.registration.defaultRole", no_default_role(&after.default_role));
        }
        if after == before {
            return Ok(());
        }
        let json = serde_json::to_value(&after).unwrap_or(Json::Null);
        self.tx.set_setting(AUTH_SETTING, &json)?;
        for (changed, what) in [
            (after.registration_open != before.registration_open, "registration.open"),
            (after.confirm_by_mail != before.confirm_by_mail, "registration.confirmByMail"),
            (after.default_role != before.default_role, "registration.defaultRole"),
            (after.sign_in_rate_limit != before.sign_in_rate_limit, "signInRateLimit"),
            (after.sessions != before.sessions, "sessions"),
            (after.reset_password_url != before.reset_password_url, "resetPasswordUrl"),
            (after.confirmed_url != before.confirmed_url, "confirmedUrl"),
        ] {
            if changed {
                self.changed(format!("auth.{what}: changed"));
            }
        }
        Ok(())
    }

    fn identity(&mut self, settings: &Settings) -> Result<(), StoreError> {
        let mail: MailIdentity = stored(MAIL_SETTING, self.tx.reader().setting(MAIL_SETTING)?.as_ref());
        self.replace(MAIL_SETTING, &mail, &settings.mail.over(&mail))?;
        let theme: Theme = stored(THEME_SETTING, self.tx.reader().setting(THEME_SETTING)?.as_ref());
        self.replace(THEME_SETTING, &theme, &settings.theme.over(&theme))
    }

    /// Stores a setting if it changed; the default is not stored.
    fn replace<T: PartialEq + Default + serde::Serialize>(
        &mut self,
        key: &str,
        before: &T,
        after: &T,
    ) -> Result<(), StoreError> {
        if before == after {
            return Ok(());
        }
        match *after == T::default() {
            true => self.tx.delete_setting(key)?,
            false => self.tx.set_setting(key, &serde_json::to_value(after).unwrap_or(Json::Null))?,
        }
        self.changed(format!("{key}: changed"));
        Ok(())
    }

    fn tokens(&mut self, wanted: &Change<Vec<TokenChanges>>, hash: &dyn Fn(&str) -> Vec<u8>) -> Result<(), StoreError> {
        let stored = self.tx.reader().api_tokens()?;
        match wanted {
            Change::Keep => {}
            Change::Remove => {
                for row in stored {
                    self.delete_token(&row.token.name)?;
                }
            }
            Change::Set(wanted) => {
                for token in wanted {
                    self.token(token, stored.iter().find(|s| s.token.name == token.name), hash)?;
                }
            }
        }
        Ok(())
    }

    fn delete_token(&mut self, name: &str) -> Result<(), StoreError> {
        self.tx.delete_api_token(name)?;
        self.changed(format!("API token {name}: removed"));
        Ok(())
    }

    fn token(
        &mut self,
        wanted: &TokenChanges,
        stored: Option<&ApiTokenRow>,
        hash: &dyn Fn(&str) -> Vec<u8>,
    ) -> Result<(), StoreError> {
        let name = &wanted.name;
        let before = stored.map(|s| &s.token);
        if wanted.new && before.is_some() {
            self.problem(format!("{}.name", wanted.path), "another API token already has this name");
            return Ok(());
        }
        let hash = match &wanted.token {
            Change::Remove => return if before.is_some() { self.delete_token(name) } else { Ok(()) },
            Change::Set(Secret(text)) => {
                if text.len() < SHORT_TOKEN {
                    tracing::warn!(
                        token = name,
                        "an API token with fewer than {SHORT_TOKEN} characters can be guessed"
                    );
                }
                Some(hash(text))
            }
            Change::Keep => before.map(|b| b.hash.clone()),
        };
        let kind = wanted.kind.or(before.map(|b| b.kind.as_str()));
        let (Some(hash), Some(kind)) = (hash, kind) else {
            self.problem(&wanted.path, "a new API token requires type and token");
            return Ok(());
        };
        let custom = kind == CUSTOM;
        if !custom
            && !matches!(
                (&wanted.permissions, &wanted.read_drafts),
                (Change::Keep | Change::Remove, Change::Keep | Change::Remove)
            )
        {
            self.problem(&wanted.path, "permissions and readDrafts can only be set for tokens of type custom");
            return Ok(());
        }
        let permissions = match &wanted.permissions {
            Change::Keep => before.and_then(|b| b.permissions.clone()),
            Change::Remove => None,
            Change::Set(permissions) => serde_json::to_value(&permissions.grants).ok(),
        };
        let after = NewApiToken {
            name: name.clone(),
            description: wanted
                .description
                .over(before.map(|b| b.description.clone()).unwrap_or_default(), String::new()),
            kind: kind.to_owned(),
            hash,
            permissions: permissions.filter(|_| custom),
            read_drafts: custom && wanted.read_drafts.over(before.is_some_and(|b| b.read_drafts), false),
            expires_at: match &wanted.expires_at {
                Change::Keep => before.and_then(|b| b.expires_at.clone()),
                Change::Remove => None,
                Change::Set(time) => Some(time.clone()),
            },
        };
        if before == Some(&after) {
            return Ok(());
        }
        match self.tx.set_api_token(&after, self.now) {
            Ok(()) => {}
            Err(StoreError::Unique) => {
                self.problem(format!("{}.token", wanted.path), "another API token already has this value");
                return Ok(());
            }
            Err(e) => return Err(e),
        }
        let what = match before {
            None => "added",
            Some(b) if b.hash != after.hash => "has a new value",
            Some(_) => "changed",
        };
        self.changed(format!("API token {name}: {what}"));
        Ok(())
    }

    fn admins(
        &mut self,
        wanted: &Change<Vec<AdminChanges>>,
        hashes: &HashMap<String, String>,
    ) -> Result<(), StoreError> {
        let stored = self.tx.reader().admin_users()?;
        match wanted {
            Change::Keep => {}
            Change::Remove => {
                for row in stored {
                    self.delete_admin(&row.email)?;
                }
            }
            Change::Set(wanted) => {
                for admin in wanted {
                    self.admin(admin, stored.iter().find(|s| s.email == admin.email), hashes.get(&admin.email))?;
                }
            }
        }
        Ok(())
    }

    fn delete_admin(&mut self, email: &str) -> Result<(), StoreError> {
        self.tx.delete_admin_user(email)?;
        self.changed(format!("admin user {email}: removed"));
        Ok(())
    }

    fn admin(
        &mut self,
        wanted: &AdminChanges,
        before: Option<&AdminUserRow>,
        hash: Option<&String>,
    ) -> Result<(), StoreError> {
        let email = &wanted.email;
        if wanted.password == Change::Remove {
            return if before.is_some() { self.delete_admin(email) } else { Ok(()) };
        }
        let hash = hash.or(before.map(|b| &b.password_hash));
        let roles = wanted.roles.as_ref().or(before.map(|b| &b.roles));
        let (Some(hash), Some(roles)) = (hash, roles) else {
            self.problem(&wanted.path, "a new admin user requires password and roles");
            return Ok(());
        };
        let mut changed: Vec<&str> = Vec::new();
        if before.is_none_or(|b| b.password_hash != *hash || b.roles != *roles) {
            self.tx.set_admin_user(email, hash, roles, self.now)?;
            changed.push(match before {
                None => "added",
                Some(b) if b.password_hash != *hash => "has a new password",
                Some(_) => "has changed roles",
            });
        }
        let stored = self.tx.reader().admin_by_email(email)?.ok_or(StoreError::Conflict)?;
        let profile = AdminProfile {
            first_name: kept(&wanted.first_name, &stored.first_name),
            last_name: kept(&wanted.last_name, &stored.last_name),
            language: stored.language.clone(),
        };
        if (&profile.first_name, &profile.last_name) != (&stored.first_name, &stored.last_name) {
            self.tx.set_admin_profile(stored.id, &profile, self.now)?;
            changed.push("has a new name");
        }
        if let Some(active) = wanted.active.filter(|active| *active != stored.active) {
            self.tx.set_admin_active(stored.id, active, self.now)?;
            changed.push(if active { "can sign in again" } else { "can no longer sign in" });
        }
        // Of a new one that they were added is enough.
        if let Some(what) = changed.first() {
            self.changed(format!("admin user {email}: {what}"));
        }
        Ok(())
    }

    fn admin_roles(&mut self, wanted: &[(String, Change<AdminRoleChanges>)]) -> Result<(), StoreError> {
        let rows = self.tx.reader().admin_roles()?;
        let all = AdminRole::all(&rows);
        for (code, change) in wanted {
            let before = all.iter().find(|role| role.code == *code);
            let Change::Set(changes) = change else {
                if rows.iter().any(|row| row.code == *code) {
                    self.tx.delete_admin_role(code)?;
                    self.changed(format!("admin role {code}: removed"));
                }
                continue;
            };
            let after = changes.over(code, before);
            if before == Some(&after) {
                continue;
            }
            self.tx.set_admin_role(&after.row(self.now))?;
            let what = if before.is_some() { "changed" } else { "added" };
            self.changed(format!("admin role {code}: {what}"));
        }
        Ok(())
    }
}

fn kept(change: &Change<String>, before: &Option<String>) -> Option<String> {
    match change {
        Change::Keep => before.clone(),
        Change::Remove => None,
        Change::Set(text) => Some(text.clone()),
    }
}

/// Describes the problem of a default role that does not exist.
pub(super) fn no_default_role(role: &str) -> String {
    format!("the role {role}, which new users would get, does not exist")
}
