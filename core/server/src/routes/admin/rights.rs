//! Rights of files: licences, consents, embargoes, reports. Everybody in the admin reads; super-admins and `dam-manager`s change.

use super::review::{body, made, page};
use super::{Paging, data, with_meta};
use crate::Tenant;
use crate::error::WireError;
use crate::extract::address::{Path, Query};
use crate::extract::admin::Admin;
use crate::extract::tenant::CurrentTenant;
use axum::Router;
use axum::body::Body;
use axum::http::Response;
use axum::http::request::Parts;
use axum::routing::{get, post};
use cairn_rights::{Report, Rights, may_manage, read};
use serde::Deserialize;
use serde_json::json;

type Answered = Result<Response<Body>, WireError>;

pub(super) fn routes() -> Router {
    Router::new()
        .route("/admin/api/assets/rights", get(rights).post(make_right))
        .route("/admin/api/assets/rights/{id}", get(right).put(change_right).delete(delete_right))
        .route("/admin/api/assets/consents", get(consents).post(make_consent))
        .route("/admin/api/assets/consents/{id}", get(consent).put(change_consent).delete(delete_consent))
        .route("/admin/api/assets/consents/{id}/withdraw", post(withdraw))
        .route("/admin/api/assets/{document_id}/rights", get(of_file).put(set_file))
        .route("/admin/api/assets/bulk/link-rights", post(link))
        .route("/admin/api/assets/reports/{report}", get(report))
        .route("/admin/api/assets/policy", get(policy).put(set_policy))
        .route("/admin/api/assets/check/{uid}/{document}", get(check))
}

fn of(tenant: &Tenant) -> Rights {
    Rights::new(tenant.content.clone(), tenant.access.clone())
}

fn manager(admin: &Admin) -> Result<(), WireError> {
    if may_manage(admin) { Ok(()) } else { Err(WireError::forbidden()) }
}

/// `?asset=`
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct OfAsset {
    asset: Option<String>,
}

/// `?locale=`
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct InLocale {
    locale: Option<String>,
}

/// `?after=&limit=`
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct After {
    after: Option<String>,
}

/// `GET /admin/api/assets/rights`: newest first; `asset`.
async fn rights(
    CurrentTenant(tenant): CurrentTenant,
    _: Admin,
    Query(asked): Query<OfAsset>,
    Query(of_page): Query<Paging>,
) -> Answered {
    Ok(page(of(&tenant).rights(asked.asset.as_deref(), of_page.before, of_page.limit())?))
}

/// `POST /admin/api/assets/rights`: `{holder, licence, channels, territories, products, start, end, zone, evidence, cost, currency, notes,
/// assets}`.
async fn make_right(CurrentTenant(tenant): CurrentTenant, admin: Admin, head: Parts, given: Body) -> Answered {
    manager(&admin)?;
    let input = read(body(&tenant, &head, given).await?)?;
    Ok(made(of(&tenant).make_right(admin.actor(), input).await?))
}

async fn right(CurrentTenant(tenant): CurrentTenant, _: Admin, Path(id): Path<i64>) -> Answered {
    Ok(data(of(&tenant).right(id)?))
}

/// `PUT …/rights/<id>`: as it was made, and the `version` that was looked at.
async fn change_right(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path(id): Path<i64>,
    head: Parts,
    given: Body,
) -> Answered {
    manager(&admin)?;
    let input = read(body(&tenant, &head, given).await?)?;
    Ok(data(of(&tenant).change_right(admin.actor(), id, input).await?))
}

async fn delete_right(CurrentTenant(tenant): CurrentTenant, admin: Admin, Path(id): Path<i64>) -> Answered {
    manager(&admin)?;
    of(&tenant).delete_right(admin.actor(), id).await?;
    Ok(data(json!({})))
}

async fn consents(
    CurrentTenant(tenant): CurrentTenant,
    _: Admin,
    Query(asked): Query<OfAsset>,
    Query(of_page): Query<Paging>,
) -> Answered {
    Ok(page(of(&tenant).consents(asked.asset.as_deref(), of_page.before, of_page.limit())?))
}

/// `POST /admin/api/assets/consents`: `{person, kind, givenAt, evidence, notes, assets}`.
async fn make_consent(CurrentTenant(tenant): CurrentTenant, admin: Admin, head: Parts, given: Body) -> Answered {
    manager(&admin)?;
    let input = read(body(&tenant, &head, given).await?)?;
    Ok(made(of(&tenant).make_consent(admin.actor(), input).await?))
}

async fn consent(CurrentTenant(tenant): CurrentTenant, _: Admin, Path(id): Path<i64>) -> Answered {
    Ok(data(of(&tenant).consent(id)?))
}

async fn change_consent(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path(id): Path<i64>,
    head: Parts,
    given: Body,
) -> Answered {
    manager(&admin)?;
    let input = read(body(&tenant, &head, given).await?)?;
    Ok(data(of(&tenant).change_consent(admin.actor(), id, input).await?))
}

async fn delete_consent(CurrentTenant(tenant): CurrentTenant, admin: Admin, Path(id): Path<i64>) -> Answered {
    manager(&admin)?;
    of(&tenant).delete_consent(admin.actor(), id).await?;
    Ok(data(json!({})))
}

/// `POST …/consents/<id>/withdraw`: `{at}`.
async fn withdraw(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path(id): Path<i64>,
    head: Parts,
    given: Body,
) -> Answered {
    manager(&admin)?;
    let input = read(body(&tenant, &head, given).await?)?;
    Ok(data(of(&tenant).withdraw_consent(admin.actor(), id, input).await?))
}

/// `GET /admin/api/assets/<file>/rights`: how it stands, why, by which records, who uses it.
async fn of_file(CurrentTenant(tenant): CurrentTenant, _: Admin, Path(document): Path<String>) -> Answered {
    Ok(data(of(&tenant).of_file(&document)?))
}

/// `PUT /admin/api/assets/<file>/rights`: `{embargoUntil: {local, zone}, fallback, owner, policy}`; null takes back.
async fn set_file(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path(document): Path<String>,
    head: Parts,
    given: Body,
) -> Answered {
    manager(&admin)?;
    let input = read(body(&tenant, &head, given).await?)?;
    Ok(data(of(&tenant).set_file(admin.actor(), &document, input).await?))
}

/// `POST /admin/api/assets/bulk/link-rights`: `{rights, consents, assets, mode: add | set | remove}`.
async fn link(CurrentTenant(tenant): CurrentTenant, admin: Admin, head: Parts, given: Body) -> Answered {
    manager(&admin)?;
    let input = read(body(&tenant, &head, given).await?)?;
    Ok(data(of(&tenant).link(admin.actor(), input).await?))
}

/// `GET /admin/api/assets/reports/{expiring,unknown,withdrawn}?after=&limit=`.
async fn report(
    CurrentTenant(tenant): CurrentTenant,
    _: Admin,
    Path(report): Path<String>,
    Query(asked): Query<After>,
    Query(of_page): Query<Paging>,
) -> Answered {
    let report = Report::read(&report).ok_or_else(WireError::not_found)?;
    let (rows, next) = of(&tenant).report(report, asked.after.as_deref(), of_page.limit())?;
    Ok(with_meta(rows, json!({ "after": next })))
}

async fn policy(CurrentTenant(tenant): CurrentTenant, _: Admin) -> Answered {
    Ok(data(of(&tenant).policy()?))
}

/// `PUT /admin/api/assets/policy`: `{unknown, folders, kinds, expiringDays}`.
async fn set_policy(CurrentTenant(tenant): CurrentTenant, admin: Admin, head: Parts, given: Body) -> Answered {
    manager(&admin)?;
    let input = read(body(&tenant, &head, given).await?)?;
    Ok(data(of(&tenant).set_policy(admin.actor(), input).await?))
}

/// `GET /admin/api/assets/check/<uid>/<document>?locale=`: the files that keep an entry from being published.
async fn check(
    CurrentTenant(tenant): CurrentTenant,
    _: Admin,
    Path((uid, document)): Path<(String, String)>,
    Query(asked): Query<InLocale>,
) -> Answered {
    Ok(data(of(&tenant).check_entry(&uid, &document, asked.locale.as_deref()).await?))
}
