//! Set-up of a plugin by an administrator: settings, secrets, what it may do.

use super::change::{apply_change, find_plugin, package_metadata};
use super::shapes::{PluginDetail, detail_response};
use cairn_access::action_types::{PluginsManage, PluginsRead};
use cairn_app::Tenant;
use cairn_app::plugins::consent::{GrantChoice, resolve_grants};
use cairn_app::plugins::packages::{effective_settings, load_installed, settings_schema, stored_choices};
use cairn_app::plugins::record::{self, ChangeError, audit_secret_event};
use cairn_http::error::WireError;
use cairn_http::extract::admin::Admin;
use cairn_http::extract::body::Json;
use cairn_http::extract::require::Require;
use cairn_http::extract::tenant::CurrentTenant;
use cairn_http::extract::url_params::Path;
use cairn_http::openapi::response_types::{Data, NoContent};
use cairn_plugin_host::InstalledPlugin;
use cairn_plugin_host::lifecycle::LifecycleError;
use cairn_plugin_host::secrets::{self, SecretError};
use cairn_plugin_package::Grants;
use cairn_plugin_package::settings::SettingProblem;
use cairn_store::events::Actor;
use cairn_store::plugins::PluginRow;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// The settings of a plugin.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PluginSettings {
    /// The JSON Schema that a form is drawn of; null: it has none.
    #[schema(value_type = Option<Object>)]
    schema: Option<Value>,
    /// The values that were set.
    #[schema(value_type = Object)]
    values: Value,
    /// The same, with defaults for what was not.
    #[schema(value_type = Object)]
    effective: Value,
}

fn settings_error(problems: &[SettingProblem]) -> WireError {
    let errors: Vec<_> = problems
        .iter()
        .map(|problem| {
            let path: Vec<&str> = problem.path.split('.').filter(|part| !part.is_empty()).collect();
            json!({ "path": path, "message": problem.message, "name": "ValidationError" })
        })
        .collect();
    let message = problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
    WireError::validation(message).with_details(json!({ "errors": errors }))
}

/// Texts of the schema (`t:…`) in the language of who reads.
fn translate_schema(mut json: Value, texts: &cairn_app::plugins::packages::PluginTexts) -> Value {
    match &mut json {
        Value::String(text) if text.starts_with("t:") => *text = texts.resolve_text(text),
        Value::Array(list) => list.iter_mut().for_each(|item| *item = translate_schema(item.take(), texts)),
        Value::Object(object) => object.values_mut().for_each(|item| *item = translate_schema(item.take(), texts)),
        _ => {}
    }
    json
}

async fn load_settings(tenant: &Tenant, admin: &Admin, row: &PluginRow) -> Result<PluginSettings, WireError> {
    let face = package_metadata(tenant, row).await?;
    let found = settings_schema(&face.manifest, &face.files).map_err(|problems| settings_error(&problems))?;
    let texts = face.texts_in(Some(&admin.language(tenant)));
    let values = if row.settings.is_object() { row.settings.clone() } else { json!({}) };
    // A missing required setting makes `effective_settings` fail: the defaults of the others are shown all the same.
    let effective = match (&found, effective_settings(&face.manifest, &face.files, &values)) {
        (_, Ok(effective)) => effective,
        (Some(schema), Err(_)) => {
            let mut merged = schema.defaults();
            merged.extend(values.as_object().cloned().unwrap_or_default());
            Value::Object(merged)
        }
        (None, Err(_)) => json!({}),
    };
    let schema = found.map(|found| translate_schema(Value::Object(found.schema().clone()), &texts));
    Ok(PluginSettings { schema, values, effective })
}

/// The settings of a plugin, and the schema of their form.
#[utoipa::path(get, path = "/admin/api/plugins/{id}/settings", params(("id" = String, Path)))]
pub(super) async fn settings(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<PluginsRead>,
    Path(id): Path<String>,
) -> Result<Data<PluginSettings>, WireError> {
    Ok(Data { data: load_settings(&tenant, &admin, &find_plugin(&tenant, &id)?).await? })
}

/// Settings to store.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SettingValues {
    /// All settings; what is left out has its default.
    #[schema(value_type = Object)]
    values: Map<String, Value>,
}

/// Sets the settings of a plugin, all of them; it has them with its next call.
#[utoipa::path(put, path = "/admin/api/plugins/{id}/settings", params(("id" = String, Path)), request_body = SettingValues)]
pub(super) async fn change_settings(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<PluginsManage>,
    Path(id): Path<String>,
    body: Json<SettingValues>,
) -> Result<Data<PluginSettings>, WireError> {
    let SettingValues { values } = body.read(&tenant).await?;
    let row = find_plugin(&tenant, &id)?;
    let face = package_metadata(&tenant, &row).await?;
    if settings_schema(&face.manifest, &face.files).map_err(|problems| settings_error(&problems))?.is_none()
        && !values.is_empty()
    {
        return Err(WireError::for_fields(&[("values".to_owned(), "This plugin has no settings".to_owned())]));
    }
    let values = Value::Object(values);
    let effective =
        effective_settings(&face.manifest, &face.files, &values).map_err(|problems| settings_error(&problems))?;
    check_with_plugin(&tenant, &row, effective).await?;
    let version = row.current;
    apply_change(&tenant, &admin, &id, move |tx, id, by, now| {
        record::change_plugin(tx, id, by, now, |row| {
            if row.current != version {
                return Err(ChangeError::Refused(
                    "The plugin was upgraded in the meantime: review its settings again".to_owned(),
                ));
            }
            if row.settings == values {
                return Ok(None);
            }
            let before = std::mem::replace(&mut row.settings, values);
            let details = json!({ "before": before, "after": row.settings });
            Ok(Some(("settings-changed", details)))
        })
    })
    .await?;
    Ok(Data { data: load_settings(&tenant, &admin, &find_plugin(&tenant, &id)?).await? })
}

/// Asks the plugin itself about settings that fit its schema; an error where it refuses them.
async fn check_with_plugin(tenant: &Tenant, row: &PluginRow, settings: Value) -> Result<(), WireError> {
    let installed =
        tokio::task::block_in_place(|| load_installed(&tenant.config.project, row)).map_err(WireError::conflict)?;
    match tenant.plugins.plugins().check_settings(InstalledPlugin { settings, ..installed }).await {
        Ok(()) => Ok(()),
        Err(LifecycleError::Refused { message, fields }) if fields.is_empty() => Err(WireError::validation(message)),
        Err(LifecycleError::Refused { fields, .. }) => {
            let one = |f: cairn_plugin_host::views::FieldProblem| SettingProblem {
                path: f.path,
                code: "plugin".to_owned(),
                message: f.message,
            };
            Err(settings_error(&fields.into_iter().map(one).collect::<Vec<_>>()))
        }
        Err(LifecycleError::Store(e)) => Err(e.into()),
        Err(error) => Err(WireError::conflict(error.to_string())),
    }
}

/// The value of a plugin's secret.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SecretValue {
    /// It is kept sealed, and never shown.
    value: String,
}

/// Sets a secret of a plugin, or replaces it.
#[utoipa::path(
    put,
    path = "/admin/api/plugins/{id}/secrets/{name}",
    params(("id" = String, Path), ("name" = String, Path, description = "As its manifest names it")),
    request_body = SecretValue,
)]
pub(super) async fn set_secret(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<PluginsManage>,
    Path((id, name)): Path<(String, String)>,
    body: Json<SecretValue>,
) -> Result<NoContent, WireError> {
    let SecretValue { value } = body.read(&tenant).await?;
    let row = find_plugin(&tenant, &id)?;
    let face = package_metadata(&tenant, &row).await?;
    let (actor, now) = (admin.actor(), tenant.access.now().timestamp_millis());
    let tell = audit_secret_event(Actor::clone(actor), "secret-set", &id, &name, now);
    match secrets::set_secret(&tenant.access, &face.manifest, &name, &value, tell).await {
        Ok(()) => Ok(NoContent),
        Err(SecretError::Undeclared { .. }) => Err(WireError::not_found()),
        Err(error @ (SecretError::Length(_) | SecretError::Address(_))) => {
            Err(WireError::for_fields(&[("value".to_owned(), error.to_string())]))
        }
        Err(SecretError::Seal(error)) => Err(WireError::internal(error)),
        Err(SecretError::Store(error)) => Err(error.into()),
    }
}

/// Removes a secret of a plugin.
#[utoipa::path(
    delete,
    path = "/admin/api/plugins/{id}/secrets/{name}",
    params(("id" = String, Path), ("name" = String, Path, description = "As its manifest names it")),
)]
pub(super) async fn remove_secret(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<PluginsManage>,
    Path((id, name)): Path<(String, String)>,
) -> Result<NoContent, WireError> {
    find_plugin(&tenant, &id)?;
    let (actor, now) = (admin.actor(), tenant.access.now().timestamp_millis());
    let tell = audit_secret_event(Actor::clone(actor), "secret-removed", &id, &name, now);
    match secrets::remove_secret(&tenant.access, &id, &name, tell).await? {
        true => Ok(NoContent),
        false => Err(WireError::not_found()),
    }
}

/// Grants of a plugin to store.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PluginGrants {
    /// Indexes of the requested grants that are given.
    grants: Vec<usize>,
}

/// Grants more or less of what a plugin asks for; its next call has it.
#[utoipa::path(put, path = "/admin/api/plugins/{id}/grants", params(("id" = String, Path)), request_body = PluginGrants)]
pub(super) async fn grant(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<PluginsManage>,
    Path(id): Path<String>,
    body: Json<PluginGrants>,
) -> Result<Data<PluginDetail>, WireError> {
    let PluginGrants { grants } = body.read(&tenant).await?;
    let row = find_plugin(&tenant, &id)?;
    let face = package_metadata(&tenant, &row).await?;
    let chosen = GrantChoice::Places(grants.into_iter().collect::<BTreeSet<_>>());
    let grants = resolve_grants(&face.manifest, &stored_choices(&row), &chosen)
        .map_err(|refusals| WireError::for_fields(&refusals))?;
    let (version, choices) = (row.current, row.choices);
    apply_change(&tenant, &admin, &id, move |tx, id, by, now| {
        record::change_plugin(tx, id, by, now, |row| {
            if row.current != version {
                return Err(ChangeError::Refused(
                    "The plugin was upgraded in the meantime: review the permissions that it requests again".to_owned(),
                ));
            }
            let sentences = |grants: &Grants| grants.sentences().into_iter().map(|s| s.english).collect::<Vec<_>>();
            if row.choices != choices {
                return Err(ChangeError::Refused(
                    "What the plugin works on was changed in the meantime: review the permissions again".to_owned(),
                ));
            }
            let before: Grants = serde_json::from_value(row.grants.clone()).unwrap_or_default();
            if before == grants {
                return Ok(None);
            }
            let details = json!({ "before": sentences(&before), "after": sentences(&grants) });
            row.grants = json!(grants);
            Ok(Some(("granted", details)))
        })
    })
    .await?;
    detail_response(&tenant, &admin, &id).await
}
