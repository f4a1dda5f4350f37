//! Brings a database to the state that a settings file describes, in one transaction, and reports the changes.

use super::admin_roles::AdminRoleChanges;
use super::applier::SettingsApplier;
use super::auth::PageUrl;
use super::grants::Permissions;
use super::{AdminChanges, RoleChanges, Settings, TokenChanges};
use crate::change::{SecretText, SettingChange, SettingsProblem};
use crate::identity::{MailIdentity, Theme, from_stored};
use cairn_access::auth::{MIN_PASSWORD_CHARS, min_admin_password_chars, new_event};
use cairn_access::permissions::PermissionGrant;
use cairn_access::settings_snapshot::{AUTHENTICATED_ROLE, CUSTOM, PUBLIC_ROLE};
use cairn_access::{
    AUTH_SETTING, AccessControl, AdminRole, AuthSettings, CachedSetting, PasswordError, Passwords, PluginAction,
    SETTINGS_LOCK, SessionMode, first_actions, format_iso, grant_first, language_name, permission_row,
};
use cairn_contact_details::email::normalise_email;
use cairn_store::StoreError;
use cairn_store::events::{Actor, NewEvent};
use cairn_store::system::{AdminProfile, AdminUserRow, ApiTokenRow, NewApiToken, PermissionRow, RoleRow};
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, HashMap};

/// Shortest length of an API token: shorter ones can be guessed.
const MIN_SAFE_TOKEN_CHARS: usize = 16;

/// Why nothing was applied.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// The file does not match the contents of the database.
    #[error("the settings do not fit the database:{}", format_problems(.0))]
    Problems(Vec<SettingsProblem>),
    /// The database returned an error.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Hashing a password failed.
    #[error(transparent)]
    Password(#[from] PasswordError),
}

fn format_problems(problems: &[SettingsProblem]) -> String {
    problems.iter().map(|p| format!("\n  {p}")).collect()
}

/// Applies a settings file and returns the changes as sentences; empty if nothing changed. `access` adopts the changes at once, other
/// processes at their next check. The list of tenants is applied with it (to the default tenant's database); settings that belong into a
/// tenant's database were taken out before.
pub async fn apply_settings(access: &AccessControl, settings: Settings) -> Result<Vec<String>, ApplyError> {
    apply_as(access, settings, &Actor::system("apply")).await
}

/// Does the same as [`apply_settings`], on behalf of an actor.
pub(super) async fn apply_as(
    access: &AccessControl,
    settings: Settings,
    actor: &Actor,
) -> Result<Vec<String>, ApplyError> {
    let actor = actor.clone();
    // Hashing takes long: not while the one writer waits.
    let admins = access.store().read(|reader| reader.admin_users().list())?;
    let min_chars = settings.auth.password_min_length.clone().map_value(u32::from);
    let min_chars = min_chars.apply_to(access.auth_settings().password_min_length, MIN_PASSWORD_CHARS);
    let hashes = admin_hashes(access.passwords(), min_chars, &settings.admin_users, &admins).await?;
    let tokens = access.clone();
    let (now, at) = (format_iso(access.now()), access.now().timestamp_millis());
    let changes = access
        .store()
        .write(move |tx| {
            tx.lock_name(SETTINGS_LOCK)?;
            let mut work =
                SettingsApplier { tx, actor: &actor, now: &now, at, changes: Vec::new(), problems: Vec::new() };
            work.apply_locales(&settings)?;
            work.apply_roles(&settings.roles, &settings.role_successors)?;
            work.apply_auth(&settings)?;
            work.apply_tokens(&settings.api_tokens, &|text| tokens.token_hash(text).to_vec())?;
            work.admin_roles(&settings.admin_roles)?;
            work.apply_admins(&settings.admin_users, &hashes)?;
            // Admin tokens come after the admin users, who may own them.
            work.admin_tokens(&settings.admin_tokens, &|text| tokens.token_hash(text).to_vec(), tokens.now())?;
            work.apply_identity(&settings)?;
            work.apply_workflows(&settings.workflows)?;
            work.apply_calendars(&settings.calendars)?;
            work.apply_glossary(&settings.glossary)?;
            work.apply_tenants(&settings.tenants)?;
            work.apply_webhooks(&settings.webhooks, &tokens, at)?;
            if !work.problems.is_empty() {
                return Err(ApplyError::Problems(work.problems));
            }
            let changes = work.changes;
            if !changes.is_empty() {
                let event = new_event("cairn.settings.changed", SETTINGS_LOCK, json!({ "changes": changes }));
                tx.events().emit(&actor, &event, at)?;
            }
            Ok(changes)
        })
        .await?;
    access.reload()?;
    Ok(changes)
}

/// New hashes for the admin users (by address) whose password differs from the stored one. The settings may require more characters of
/// these than the form of the file does.
async fn admin_hashes(
    passwords: &Passwords,
    min_chars: u32,
    change: &SettingChange<Vec<AdminChanges>>,
    stored: &[AdminUserRow],
) -> Result<HashMap<String, String>, ApplyError> {
    let min_chars = min_admin_password_chars(min_chars);
    let mut hashes = HashMap::new();
    let SettingChange::Set(changeses) = change else { return Ok(hashes) };
    for admin in changeses {
        let SettingChange::Set(SecretText(password)) = &admin.password else { continue };
        let stored = stored.iter().find(|s| s.email == admin.email).map(|s| s.password_hash.as_str());
        if !passwords.verify(password, stored).await? {
            if password.chars().count() < min_chars {
                let message = format!("must have at least {min_chars} characters");
                let problem = SettingsProblem { path: format!("{}.password", admin.path), message };
                return Err(ApplyError::Problems(vec![problem]));
            }
            hashes.insert(admin.email.clone(), passwords.hash(password).await?);
        }
    }
    Ok(hashes)
}

impl SettingsApplier<'_, '_> {
    fn apply_locales(&mut self, settings: &Settings) -> Result<(), StoreError> {
        let stored = self.tx.reader().locales().list()?;
        let before = stored.iter().find(|l| l.is_default).map(|l| l.code.clone()).unwrap_or_default();
        let default = settings.default_locale.as_ref().unwrap_or(&before);
        let codes: Vec<String> = stored.iter().map(|l| l.code.clone()).collect();
        let available = settings.available_locales.as_ref().unwrap_or(&codes);
        if !available.contains(default) {
            let path = if settings.default_locale.is_some() { "locales.default" } else { "locales.available" };
            self.add_problem(path, format!("the default locale {default} is not available"));
            return Ok(());
        }
        for code in available.iter().filter(|code| !codes.contains(code)) {
            self.tx.locales().create(code, &language_name(code), self.now)?;
            self.note_change(format!("locale {code}: added"));
        }
        if *default != before {
            self.tx.locales().set_default(default, self.now)?;
            self.note_change(format!("locale {default}: is now the default"));
        }
        for code in codes.iter().filter(|code| !available.contains(code)) {
            self.tx.locales().delete(code)?;
            self.note_change(format!("locale {code}: removed (its content remains stored)"));
        }
        Ok(())
    }

    fn apply_roles(
        &mut self,
        roles: &[(String, SettingChange<RoleChanges>)],
        successors: &BTreeMap<String, String>,
    ) -> Result<(), StoreError> {
        for (kind, change) in roles {
            let row = self.tx.reader().roles().get_by_type(kind)?;
            match (change, row) {
                (SettingChange::Keep, _) | (SettingChange::Remove, None) => {}
                (SettingChange::Remove, Some(row)) => self.remove_role(&row, successors.get(kind))?,
                (SettingChange::Set(changes), row) => self.apply_role(kind, changes, row)?,
            }
        }
        Ok(())
    }

    fn remove_role(&mut self, row: &RoleRow, successor: Option<&String>) -> Result<(), StoreError> {
        let kind = &row.kind;
        let Some(successor) = successor else {
            let users = self.replace_role(row, None)?;
            self.tx.roles().delete(row)?;
            self.note_change(format!("role {kind}: removed; {users} users no longer have a role"));
            return Ok(());
        };
        let Some(next) = self.tx.reader().roles().get_by_type(successor)? else {
            self.add_problem(format!("roles.{kind}.moveTo"), format!("the role {successor} does not exist"));
            return Ok(());
        };
        let users = self.replace_role(row, Some(&next))?;
        self.tx.roles().delete(row)?;
        self.note_change(format!("role {kind}: removed; {users} users have the role {successor} now"));
        Ok(())
    }

    /// Gives the users of a role another one or none, with the event of each as of any other change of a user. Returns their number.
    fn replace_role(&mut self, row: &RoleRow, next: Option<&RoleRow>) -> Result<usize, StoreError> {
        let next = next.map(|next| next.document_id.as_str());
        let changed = self.tx.users().replace_role(&row.document_id, next, self.now)?;
        let uid = self.tx.registry().user_type().uid.clone();
        for (document_id, version) in &changed {
            let data = json!({ "version": version, "changed": ["role"] });
            let event = NewEvent {
                content_type: Some(uid.clone()),
                document_id: Some(document_id.clone()),
                status: Some("published".to_owned()),
                ..new_event("cairn.document.updated", document_id, data)
            };
            self.tx.events().emit(self.actor, &event, self.at)?;
        }
        Ok(changed.len())
    }

    fn apply_role(&mut self, kind: &str, changes: &RoleChanges, row: Option<RoleRow>) -> Result<(), StoreError> {
        let (default_name, default_description) = match kind {
            AUTHENTICATED_ROLE => ("Authenticated", "Default role given to authenticated user."),
            PUBLIC_ROLE => ("Public", "Default role given to unauthenticated user."),
            other => (other, ""),
        };
        let before = row.as_ref();
        let old_name = before.map_or(default_name, |r| &r.name);
        let old_description = before.and_then(|r| r.description.as_deref()).unwrap_or(default_description);
        let name = changes.name.apply_to(old_name.to_owned(), default_name.to_owned());
        let description = changes.description.apply_to(old_description.to_owned(), default_description.to_owned());
        match before {
            None => {
                self.tx.roles().create(kind, &name, &description, self.now)?;
                grant_first(self.tx, kind)?;
                self.note_change(format!("role {kind}: added"));
            }
            Some(row) if name != old_name || description != old_description => {
                self.tx.roles().update(&row.document_id, &name, &description, self.now)?;
                self.note_change(format!("role {kind}: name or description changed"));
            }
            Some(_) => {}
        }
        let reads_drafts = self.tx.reader().permissions().list_draft_readers()?.iter().any(|r| r == kind);
        let read_drafts = changes.read_drafts.apply_to(reads_drafts, false);
        if read_drafts != reads_drafts {
            self.tx.permissions().set_read_drafts(kind, read_drafts)?;
            self.note_change(format!(
                "role {kind}: {} drafts",
                if read_drafts { "may see" } else { "may no longer see" }
            ));
        }
        self.apply_permissions(kind, &changes.permissions)
    }

    fn apply_permissions(&mut self, kind: &str, change: &SettingChange<Permissions>) -> Result<(), StoreError> {
        let none = Permissions::default();
        let (wanted, keep_first) = match change {
            SettingChange::Keep => return Ok(()),
            SettingChange::Remove => (&none, false),
            SettingChange::Set(permissions) => (permissions, true),
        };
        let all = self.tx.reader().permissions().list()?;
        let stored: Vec<PermissionRow> = all.into_iter().filter(|p| p.role == kind).collect();
        let named = |p: &PermissionRow, g: &PermissionGrant| p.subject == g.subject && p.action == g.action;
        for grant in &wanted.grants {
            let row = permission_row(kind, grant);
            let verb = match stored.iter().find(|p| named(p, grant)) {
                Some(p) if *p == row => continue,
                Some(_) => "has a changed permission to",
                None => "may",
            };
            self.tx.permissions().save(&row)?;
            self.note_change(format!("role {kind}: {verb} {} {}", grant.action, grant.subject));
        }
        for p in &stored {
            let first = PluginAction::parse(&p.subject, &p.action).is_some_and(|a| first_actions(kind).contains(&a));
            let stays = keep_first && first && !wanted.named.contains(&p.subject);
            if !stays && !wanted.grants.iter().any(|g| named(p, g)) {
                self.tx.permissions().delete(kind, &p.subject, &p.action)?;
                self.note_change(format!("role {kind}: may no longer {} {}", p.action, p.subject));
            }
        }
        Ok(())
    }

    fn apply_auth(&mut self, settings: &Settings) -> Result<(), StoreError> {
        let before = AuthSettings::from_stored(self.tx.reader().settings().get(AUTH_SETTING)?.as_ref());
        let default = AuthSettings::default();
        let changes = &settings.auth;
        let registration = changes.registration_changes();
        let default_role = registration.default_role.map_value(String::from);
        let page = |change: &SettingChange<PageUrl>| change.clone().map_value(|url| Some(url.into()));
        let after = AuthSettings {
            registration_open: registration.open.apply_to(before.registration_open, default.registration_open),
            confirm_by_mail: registration.confirm_by_mail.apply_to(before.confirm_by_mail, default.confirm_by_mail),
            default_role: default_role.apply_to(before.default_role.clone(), default.default_role.clone()),
            sign_in_rate_limit: changes
                .sign_in_rate_limit
                .apply_to(before.sign_in_rate_limit, default.sign_in_rate_limit),
            password_min_length: changes
                .password_min_length
                .clone()
                .map_value(u32::from)
                .apply_to(before.password_min_length, default.password_min_length),
            sessions: changes.sessions.clone().map_value(SessionMode::from).apply_to(before.sessions, default.sessions),
            reset_password_url: page(&changes.reset_password_url).apply_to(before.reset_password_url.clone(), None),
            confirmed_url: page(&changes.confirmed_url).apply_to(before.confirmed_url.clone(), None),
            invitation_url: page(&changes.invitation_url).apply_to(before.invitation_url.clone(), None),
            invitation_days: changes
                .invitation_days
                .clone()
                .map_value(u32::from)
                .apply_to(before.invitation_days, default.invitation_days),
        };
        // Also where the file does not name it: it may remove the role.
        if self.tx.reader().roles().get_by_type(&after.default_role)?.is_none() {
            self.add_problem("auth.registration.defaultRole", no_default_role(&after.default_role));
        }
        if after == before {
            return Ok(());
        }
        let json = serde_json::to_value(&after).unwrap_or(Json::Null);
        self.tx.settings().set(AUTH_SETTING, &json)?;
        for (changed, subject) in [
            (after.registration_open != before.registration_open, "registration.open"),
            (after.confirm_by_mail != before.confirm_by_mail, "registration.confirmByMail"),
            (after.default_role != before.default_role, "registration.defaultRole"),
            (after.sign_in_rate_limit != before.sign_in_rate_limit, "signInRateLimit"),
            (after.password_min_length != before.password_min_length, "passwordMinLength"),
            (after.sessions != before.sessions, "sessions"),
            (after.reset_password_url != before.reset_password_url, "resetPasswordUrl"),
            (after.confirmed_url != before.confirmed_url, "confirmedUrl"),
            (after.invitation_url != before.invitation_url, "invitationUrl"),
            (after.invitation_days != before.invitation_days, "invitationDays"),
        ] {
            if changed {
                self.note_change(format!("auth.{subject}: changed"));
            }
        }
        Ok(())
    }

    fn apply_identity(&mut self, settings: &Settings) -> Result<(), StoreError> {
        let (mail_key, theme_key) = (CachedSetting::Mail.key(), CachedSetting::Theme.key());
        let mail: MailIdentity = from_stored(mail_key, self.tx.reader().settings().get(mail_key)?.as_ref());
        self.replace_setting(mail_key, &mail, &settings.mail.apply_to(&mail))?;
        let theme: Theme = from_stored(theme_key, self.tx.reader().settings().get(theme_key)?.as_ref());
        self.replace_setting(theme_key, &theme, &settings.theme.apply_to(&theme))
    }

    /// Stores a setting if it changed; the default is not stored.
    fn replace_setting<T: PartialEq + Default + serde::Serialize>(
        &mut self,
        key: &str,
        before: &T,
        after: &T,
    ) -> Result<(), StoreError> {
        if before == after {
            return Ok(());
        }
        match *after == T::default() {
            true => self.tx.settings().delete(key)?,
            false => self.tx.settings().set(key, &serde_json::to_value(after).unwrap_or(Json::Null))?,
        }
        self.note_change(format!("{key}: changed"));
        Ok(())
    }

    fn apply_tokens(
        &mut self,
        change: &SettingChange<Vec<TokenChanges>>,
        hash: &dyn Fn(&str) -> Vec<u8>,
    ) -> Result<(), StoreError> {
        let stored = self.tx.reader().api_tokens().list()?;
        match change {
            SettingChange::Keep => {}
            SettingChange::Remove => {
                for row in stored {
                    self.delete_token(&row.token.name)?;
                }
            }
            SettingChange::Set(changeses) => {
                for token in changeses {
                    self.apply_token(token, stored.iter().find(|s| s.token.name == token.name), hash)?;
                }
            }
        }
        Ok(())
    }

    fn delete_token(&mut self, name: &str) -> Result<(), StoreError> {
        self.tx.api_tokens().delete(name)?;
        self.note_change(format!("API token {name}: removed"));
        Ok(())
    }

    fn apply_token(
        &mut self,
        changes: &TokenChanges,
        stored: Option<&ApiTokenRow>,
        hash: &dyn Fn(&str) -> Vec<u8>,
    ) -> Result<(), StoreError> {
        let name = &changes.name;
        let before = stored.map(|s| &s.token);
        if changes.new && before.is_some() {
            self.add_problem(format!("{}.name", changes.path), "another API token already has this name");
            return Ok(());
        }
        let hash = match &changes.token {
            SettingChange::Remove => return if before.is_some() { self.delete_token(name) } else { Ok(()) },
            SettingChange::Set(SecretText(text)) => {
                if text.len() < MIN_SAFE_TOKEN_CHARS {
                    tracing::warn!(
                        token = name,
                        "an API token with fewer than {MIN_SAFE_TOKEN_CHARS} characters can be guessed"
                    );
                }
                Some(hash(text))
            }
            SettingChange::Keep => before.map(|b| b.hash.clone()),
        };
        let kind = changes.kind.or(before.map(|b| b.kind.as_str()));
        let (Some(hash), Some(kind)) = (hash, kind) else {
            self.add_problem(&changes.path, "a new API token requires type and token");
            return Ok(());
        };
        let custom = kind == CUSTOM;
        if !custom
            && !matches!(
                (&changes.permissions, &changes.read_drafts),
                (SettingChange::Keep | SettingChange::Remove, SettingChange::Keep | SettingChange::Remove)
            )
        {
            self.add_problem(&changes.path, "permissions and readDrafts can only be set for tokens of type custom");
            return Ok(());
        }
        let permissions = match &changes.permissions {
            SettingChange::Keep => before.and_then(|b| b.permissions.clone()),
            SettingChange::Remove => None,
            SettingChange::Set(permissions) => serde_json::to_value(&permissions.grants).ok(),
        };
        let after = NewApiToken {
            name: name.clone(),
            description: changes
                .description
                .apply_to(before.map(|b| b.description.clone()).unwrap_or_default(), String::new()),
            kind: kind.to_owned(),
            hash,
            permissions: permissions.filter(|_| custom),
            read_drafts: custom && changes.read_drafts.apply_to(before.is_some_and(|b| b.read_drafts), false),
            expires_at: match &changes.expires_at {
                SettingChange::Keep => before.and_then(|b| b.expires_at.clone()),
                SettingChange::Remove => None,
                SettingChange::Set(time) => Some(time.clone()),
            },
        };
        if before == Some(&after) {
            return Ok(());
        }
        match self.tx.api_tokens().save(&after, self.now) {
            Ok(()) => {}
            Err(StoreError::Unique) => {
                self.add_problem(format!("{}.token", changes.path), "another API token already has this value");
                return Ok(());
            }
            Err(e) => return Err(e),
        }
        let subject = match before {
            None => "added",
            Some(b) if b.hash != after.hash => "has a new value",
            Some(_) => "changed",
        };
        self.note_change(format!("API token {name}: {subject}"));
        Ok(())
    }

    fn apply_admins(
        &mut self,
        change: &SettingChange<Vec<AdminChanges>>,
        hashes: &HashMap<String, String>,
    ) -> Result<(), StoreError> {
        let stored = self.tx.reader().admin_users().list()?;
        match change {
            SettingChange::Keep => {}
            SettingChange::Remove => {
                for row in stored {
                    self.delete_admin(&row.email)?;
                }
            }
            SettingChange::Set(changeses) => {
                for admin in changeses {
                    let exact = stored.iter().find(|s| s.email == admin.email);
                    let same = |s: &&AdminUserRow| normalise_email(&s.email) == normalise_email(&admin.email);
                    let before = exact.or_else(|| stored.iter().find(same));
                    self.apply_admin(admin, before, hashes.get(&admin.email))?;
                }
            }
        }
        Ok(())
    }

    fn delete_admin(&mut self, email: &str) -> Result<(), StoreError> {
        self.tx.admin_users().delete(email)?;
        self.note_change(format!("admin user {email}: removed"));
        Ok(())
    }

    fn apply_admin(
        &mut self,
        changes: &AdminChanges,
        before: Option<&AdminUserRow>,
        hash: Option<&String>,
    ) -> Result<(), StoreError> {
        let email = &changes.email;
        if changes.password == SettingChange::Remove {
            return before.map_or(Ok(()), |before| self.delete_admin(&before.email));
        }
        let hash = hash.or(before.map(|b| &b.password_hash));
        let roles = changes.roles.as_ref().or(before.map(|b| &b.roles));
        let (Some(hash), Some(roles)) = (hash, roles) else {
            self.add_problem(&changes.path, "a new admin user requires password and roles");
            return Ok(());
        };
        let mut changed: Vec<&str> = Vec::new();
        if before.is_none_or(|b| b.password_hash != *hash || b.roles != *roles) {
            self.tx.admin_users().save(email, hash, roles, self.now)?;
            changed.push(match before {
                None => "added",
                Some(b) if b.password_hash != *hash => "has a new password",
                Some(_) => "has changed roles",
            });
        }
        let stored = self.tx.reader().admin_users().get_by_email(email)?.ok_or(StoreError::Conflict)?;
        let profile = AdminProfile {
            first_name: optional_after(&changes.first_name, &stored.first_name),
            last_name: optional_after(&changes.last_name, &stored.last_name),
            language: stored.language.clone(),
        };
        if (&profile.first_name, &profile.last_name) != (&stored.first_name, &stored.last_name) {
            self.tx.admin_users().set_profile(stored.id, &profile, self.now)?;
            changed.push("has a new name");
        }
        if let Some(active) = changes.active.filter(|active| *active != stored.active) {
            self.tx.admin_users().set_active(stored.id, active, self.now)?;
            changed.push(if active { "can sign in again" } else { "can no longer sign in" });
        }
        // Of a new one that they were added is enough.
        if let Some(subject) = changed.first() {
            self.note_change(format!("admin user {email}: {subject}"));
        }
        Ok(())
    }

    fn admin_roles(&mut self, wanted: &[(String, SettingChange<AdminRoleChanges>)]) -> Result<(), StoreError> {
        let rows = self.tx.reader().admin_roles().list()?;
        let all = AdminRole::from_rows(&rows);
        for (code, change) in wanted {
            let before = all.iter().find(|role| role.code == *code);
            let SettingChange::Set(changes) = change else {
                if rows.iter().any(|row| row.code == *code) {
                    self.tx.admin_roles().delete(code)?;
                    self.note_change(format!("admin role {code}: removed"));
                }
                continue;
            };
            let after = changes.apply_to(code, before);
            if before == Some(&after) {
                continue;
            }
            self.tx.admin_roles().save(&after.to_row(self.now))?;
            let subject = if before.is_some() { "changed" } else { "added" };
            self.note_change(format!("admin role {code}: {subject}"));
        }
        Ok(())
    }
}

fn optional_after(change: &SettingChange<String>, before: &Option<String>) -> Option<String> {
    match change {
        SettingChange::Keep => before.clone(),
        SettingChange::Remove => None,
        SettingChange::Set(text) => Some(text.clone()),
    }
}

/// Describes the problem of a default role that does not exist.
pub(super) fn no_default_role(role: &str) -> String {
    format!("the role {role}, which new users would get, does not exist")
}
