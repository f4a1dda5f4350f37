//! Settings that are changed in the admin: the same checks and the same steps as with the file of `cairn apply`.

use super::Settings;
use super::apply::{ApplyError, apply_as, no_default_role};
use super::parse::parse_value;
use crate::change::{SettingChange, SettingsProblem};
use crate::field_errors::to_auth_error;
use cairn_access::{AccessControl, AdminPermissions, AuthError};
use cairn_store::events::Actor;
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// Applies a part of a settings file. Problems have their paths without the first `shown` parts, which the caller did not write. Returns
/// the changes as sentences.
///
/// # Errors
/// 400 with every problem; errors of the store.
pub async fn change_settings(
    access: &AccessControl,
    file: &Json,
    shown: usize,
    actor: &Actor,
) -> Result<Vec<String>, AuthError> {
    apply_file_part(access, file, shown, actor, |_| {}).await
}

/// Removes a role of the content API. Its users get the role `successor`; without one they are left without a role. Returns the changes as
/// sentences.
///
/// # Errors
/// 400 if the role must stay, or `successor` (as `moveTo`) does not exist; errors of the store.
pub async fn remove_content_role(
    access: &AccessControl,
    kind: &str,
    successor: Option<String>,
    actor: &Actor,
) -> Result<Vec<String>, AuthError> {
    let successors = successor.map(|successor| (kind.to_owned(), successor)).into_iter().collect();
    let file = json!({ "roles": { kind: null } });
    apply_file_part(access, &file, 2, actor, |settings| settings.role_successors = successors).await
}

/// Does the same as [`change_settings`] for API tokens that must not exist yet.
///
/// # Errors
/// The same errors; 400 if a token with that name exists.
pub async fn add_api_tokens(
    access: &AccessControl,
    file: &Json,
    shown: usize,
    actor: &Actor,
) -> Result<Vec<String>, AuthError> {
    apply_file_part(access, file, shown, actor, |settings| {
        if let SettingChange::Set(tokens) = &mut settings.api_tokens {
            tokens.iter_mut().for_each(|token| token.new = true);
        }
    })
    .await
}

/// Returns the permissions that a role of admin users would have after applying a part of a settings file. Fails with 400 and every problem.
pub fn permissions_from_settings(
    access: &AccessControl,
    file: &Json,
    code: &str,
) -> Result<Arc<AdminPermissions>, AuthError> {
    let registry = access.store().registry();
    let settings = parse_value(file, registry).map_err(|problems| to_auth_error(problems, 2))?;
    let before = access.admin_roles().into_iter().find(|role| role.code == code);
    let role = match settings.admin_roles.iter().find(|(own, _)| own == code) {
        Some((_, SettingChange::Set(changes))) => changes.apply_to(code, before.as_ref()),
        _ => return Ok(access.admin_rights(&[code.to_owned()], None, "")),
    };
    Ok(Arc::new(AdminPermissions::from_role(registry, &role)))
}

async fn apply_file_part(
    access: &AccessControl,
    file: &Json,
    shown: usize,
    actor: &Actor,
    adjust: impl FnOnce(&mut Settings),
) -> Result<Vec<String>, AuthError> {
    let mut settings = match parse_value(file, access.store().registry()) {
        Ok(settings) => settings,
        // Problems that only the database shows are reported together with those of parsing.
        Err(mut problems) => {
            problems.extend(unknown_default_role(access, file)?.filter(|p| problems.iter().all(|q| q.path != p.path)));
            return Err(to_auth_error(problems, shown));
        }
    };
    adjust(&mut settings);
    match apply_as(access, settings, actor).await {
        Ok(changes) => Ok(changes),
        Err(ApplyError::Problems(problems)) => Err(to_auth_error(problems, shown)),
        Err(ApplyError::Store(e)) => Err(e.into()),
        Err(ApplyError::Password(e)) => Err(e.into()),
    }
}

/// Reports a default role that does not exist, if the settings contain no roles.
fn unknown_default_role(access: &AccessControl, file: &Json) -> Result<Option<SettingsProblem>, AuthError> {
    let path = "auth.registration.defaultRole";
    let Some(role) = file.pointer("/auth/registration/defaultRole").and_then(Json::as_str) else { return Ok(None) };
    if file.get("roles").is_some() || access.store().read(|r| r.roles().get_by_type(role))?.is_some() {
        return Ok(None);
    }
    Ok(Some(SettingsProblem { path: path.to_owned(), message: no_default_role(role) }))
}
