//! `/admin/api/locales`: the locales of content.

use cairn_access::action_types::SettingsLocales;
use cairn_access::format_iso;
use cairn_app::Tenant;
use cairn_http::error::WireError;
use cairn_http::extract::body::Json;
use cairn_http::extract::require::{AnyAdmin, Require};
use cairn_http::extract::tenant::CurrentTenant;
use cairn_http::extract::url_params::Path;
use cairn_http::openapi::response_types::{CreatedData, Data, List};
use cairn_http::openapi::router::AreaRouter;
use cairn_http::routes;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::HashMap;
use utoipa::ToSchema;

/// Longest name, in characters.
const MAX_NAME_CHARS: usize = 100;

pub(super) fn routes() -> AreaRouter {
    AreaRouter::default().routes(routes!(list, add)).routes(routes!(change, remove))
}

/// A locale of content.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Locale {
    code: String,
    name: String,
    /// The one that is meant where none is named.
    is_default: bool,
    /// How many documents there are in it.
    documents: i64,
}

/// A locale that is to be added.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewLocale {
    /// Such as `nl` or `en-GB`.
    code: String,
    /// Display name; may be left out for well-known locales.
    name: Option<String>,
}

/// Changes of a locale; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct LocaleChanges {
    name: Option<String>,
    /// Makes it the default in place of the one before.
    is_default: Option<bool>,
}

/// Locale that was removed.
#[derive(Debug, Serialize, ToSchema)]
struct RemovedLocale {
    code: String,
    /// Documents in it: they stay stored, and are there again with the locale.
    documents: i64,
}

fn list_locales(tenant: &Tenant) -> Result<Vec<Locale>, WireError> {
    let counts: HashMap<String, i64> =
        tenant.access.store().read(|r| r.documents().count_by_locale())?.into_iter().collect();
    let to_locale = |l: &cairn_store::system::LocaleRow| Locale {
        code: l.code.clone(),
        name: l.name.clone(),
        is_default: l.is_default,
        documents: counts.get(&l.code).copied().unwrap_or(0),
    };
    Ok(tenant.access.locales().available.iter().map(to_locale).collect())
}

fn find_locale(tenant: &Tenant, code: &str) -> Result<Locale, WireError> {
    list_locales(tenant)?.into_iter().find(|locale| locale.code == code).ok_or_else(WireError::not_found)
}

fn locale_codes(tenant: &Tenant) -> Vec<String> {
    tenant.access.locales().available.iter().map(|l| l.code.clone()).collect()
}

async fn rename_locale(tenant: &Tenant, code: &str, name: &str) -> Result<(), WireError> {
    if name.trim().is_empty() || name.chars().count() > MAX_NAME_CHARS || name.chars().any(char::is_control) {
        return Err(WireError::validation(format!(
            "name: expected a single line of at most {MAX_NAME_CHARS} characters"
        )));
    }
    let (code, name, now) = (code.to_owned(), name.trim().to_owned(), format_iso(tenant.access.now()));
    tenant.access.store().write(move |tx| tx.locales().rename(&code, &name, &now)).await?;
    tenant.access.reload()?;
    Ok(())
}

/// The locales, in the order they were added, with how many documents there are in each.
#[utoipa::path(get, path = "/admin/api/locales")]
async fn list(CurrentTenant(tenant): CurrentTenant, _: Require<AnyAdmin>) -> Result<List<Locale>, WireError> {
    Ok(List { data: list_locales(&tenant)? })
}

/// Adds a locale.
#[utoipa::path(post, path = "/admin/api/locales")]
async fn add(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<SettingsLocales>,
    body: Json<NewLocale>,
) -> Result<CreatedData<Locale>, WireError> {
    let NewLocale { code, name } = body.read(&tenant).await?;
    let mut codes = locale_codes(&tenant);
    if codes.contains(&code) {
        return Err(WireError::validation("code: this locale already exists"));
    }
    codes.push(code.clone());
    cairn_settings::change_settings(&tenant.access, &json!({ "locales": { "available": codes } }), 2, admin.actor())
        .await?;
    if let Some(name) = name {
        rename_locale(&tenant, &code, &name).await?;
    }
    Ok(CreatedData { data: find_locale(&tenant, &code)? })
}

/// Gives a locale another name, or makes it the default.
#[utoipa::path(put, path = "/admin/api/locales/{code}", params(("code" = String, Path)))]
async fn change(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<SettingsLocales>,
    Path(code): Path<String>,
    body: Json<LocaleChanges>,
) -> Result<Data<Locale>, WireError> {
    let LocaleChanges { name, is_default } = body.read(&tenant).await?;
    let stored = find_locale(&tenant, &code)?;
    match is_default {
        Some(true) if !stored.is_default => {
            cairn_settings::change_settings(
                &tenant.access,
                &json!({ "locales": { "default": code } }),
                2,
                admin.actor(),
            )
            .await?;
        }
        Some(false) if stored.is_default => {
            return Err(WireError::validation("isDefault: make another locale the default instead"));
        }
        _ => {}
    }
    if let Some(name) = name {
        rename_locale(&tenant, &code, &name).await?;
    }
    Ok(Data { data: find_locale(&tenant, &code)? })
}

/// Takes a locale away. Documents in it stay stored.
#[utoipa::path(delete, path = "/admin/api/locales/{code}", params(("code" = String, Path)))]
async fn remove(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<SettingsLocales>,
    Path(code): Path<String>,
) -> Result<Data<RemovedLocale>, WireError> {
    let stored = find_locale(&tenant, &code)?;
    if stored.is_default {
        return Err(WireError::validation(
            "The default locale cannot be deleted: make another locale the default first",
        ));
    }
    let codes: Vec<String> = locale_codes(&tenant).into_iter().filter(|other| *other != code).collect();
    cairn_settings::change_settings(&tenant.access, &json!({ "locales": { "available": codes } }), 2, admin.actor())
        .await?;
    Ok(Data { data: RemovedLocale { code, documents: stored.documents } })
}
