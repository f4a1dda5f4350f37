//! `/admin/api/locales`: the locales of content.

use crate::Tenant;
use crate::error::WireError;
use crate::extract::address::Path;
use crate::extract::admin::Admin;
use crate::extract::body::Json;
use crate::extract::tenant::CurrentTenant;
use crate::openapi::answers::{Created, Data, List};
use crate::openapi::router::AreaRouter;
use crate::openapi::router::routes;
use cairn_access::iso;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::HashMap;
use utoipa::ToSchema;

/// Longest name, in characters.
const NAME: usize = 100;

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
    /// What it is called; of well-known ones that is known.
    name: Option<String>,
}

/// What is to change; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct LocaleChanges {
    name: Option<String>,
    /// Makes it the default in place of the one before.
    is_default: Option<bool>,
}

/// What became of a locale.
#[derive(Debug, Serialize, ToSchema)]
struct RemovedLocale {
    code: String,
    /// Documents in it: they stay stored, and are there again with the locale.
    documents: i64,
}

fn all(tenant: &Tenant) -> Result<Vec<Locale>, WireError> {
    let counts: HashMap<String, i64> = tenant.access.store().read(|r| r.documents_by_locale())?.into_iter().collect();
    let of = |l: &cairn_store::system::LocaleRow| Locale {
        code: l.code.clone(),
        name: l.name.clone(),
        is_default: l.is_default,
        documents: counts.get(&l.code).copied().unwrap_or(0),
    };
    Ok(tenant.access.locales().available.iter().map(of).collect())
}

fn one(tenant: &Tenant, code: &str) -> Result<Locale, WireError> {
    all(tenant)?.into_iter().find(|locale| locale.code == code).ok_or_else(WireError::not_found)
}

fn codes(tenant: &Tenant) -> Vec<String> {
    tenant.access.locales().available.iter().map(|l| l.code.clone()).collect()
}

async fn rename(tenant: &Tenant, code: &str, name: &str) -> Result<(), WireError> {
    if name.trim().is_empty() || name.chars().count() > NAME || name.chars().any(char::is_control) {
        return Err(WireError::validation(format!("name: expected a single line of at most {NAME} characters")));
    }
    let (code, name, now) = (code.to_owned(), name.trim().to_owned(), iso(tenant.access.now()));
    tenant.access.store().write(move |tx| tx.rename_locale(&code, &name, &now)).await?;
    tenant.access.reload()?;
    Ok(())
}

/// The locales, in the order they were added, with how many documents there are in each.
#[utoipa::path(get, path = "/admin/api/locales")]
async fn list(CurrentTenant(tenant): CurrentTenant, _: Admin) -> Result<List<Locale>, WireError> {
    Ok(List { data: all(&tenant)? })
}

/// Adds a locale.
#[utoipa::path(post, path = "/admin/api/locales")]
async fn add(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    body: Json<NewLocale>,
) -> Result<Created<Locale>, WireError> {
    let NewLocale { code, name } = body.read(&tenant).await?;
    let mut codes = codes(&tenant);
    if codes.contains(&code) {
        return Err(WireError::validation("code: this locale already exists"));
    }
    codes.push(code.clone());
    tenant.access.change_settings(&json!({ "locales": { "available": codes } }), 2, admin.actor()).await?;
    if let Some(name) = name {
        rename(&tenant, &code, &name).await?;
    }
    Ok(Created { data: one(&tenant, &code)? })
}

/// Gives a locale another name, or makes it the default.
#[utoipa::path(put, path = "/admin/api/locales/{code}", params(("code" = String, Path)))]
async fn change(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path(code): Path<String>,
    body: Json<LocaleChanges>,
) -> Result<Data<Locale>, WireError> {
    let LocaleChanges { name, is_default } = body.read(&tenant).await?;
    let stored = one(&tenant, &code)?;
    match is_default {
        Some(true) if !stored.is_default => {
            tenant.access.change_settings(&json!({ "locales": { "default": code } }), 2, admin.actor()).await?;
        }
        Some(false) if stored.is_default => {
            return Err(WireError::validation("isDefault: make another locale the default instead"));
        }
        _ => {}
    }
    if let Some(name) = name {
        rename(&tenant, &code, &name).await?;
    }
    Ok(Data { data: one(&tenant, &code)? })
}

/// Takes a locale away. Documents in it stay stored.
#[utoipa::path(delete, path = "/admin/api/locales/{code}", params(("code" = String, Path)))]
async fn remove(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path(code): Path<String>,
) -> Result<Data<RemovedLocale>, WireError> {
    let stored = one(&tenant, &code)?;
    if stored.is_default {
        return Err(WireError::validation(
            "The default locale cannot be deleted: make another locale the default first",
        ));
    }
    let codes: Vec<String> = codes(&tenant).into_iter().filter(|other| *other != code).collect();
    tenant.access.change_settings(&json!({ "locales": { "available": codes } }), 2, admin.actor()).await?;
    Ok(Data { data: RemovedLocale { code, documents: stored.documents } })
}
