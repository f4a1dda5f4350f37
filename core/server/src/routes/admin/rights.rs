//! Rights of files: licences, consents, embargoes, reports. Everybody in the admin reads; who may `media.rights` changes.

use super::Paging;
use super::review::{InLocale, page};
use super::shapes::assets::AfterText;
use super::shapes::rights::{
    AssetRight, AssetRightDetails, AssetRights, Consent, ConsentDetails, EntryCheck, LinkedRights, ReportedFile,
    WithdrawnConsent,
};
use crate::Tenant;
use crate::error::WireError;
use crate::extract::address::{Path, Query};
use crate::extract::admin::Admin;
use crate::extract::body::Json;
use crate::extract::tenant::CurrentTenant;
use crate::openapi::answers::{As, Created, Data, Done, Page, each};
use crate::openapi::router::AreaRouter;
use crate::openapi::router::routes;
use cairn_rights::{
    ConsentInput, FileInput, LinkInput, Policy, PolicyInput, Report, RightInput, Rights, WithdrawInput, read,
};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

pub(super) fn routes() -> AreaRouter {
    AreaRouter::default()
        .routes(routes!(list, create))
        .routes(routes!(one, change, delete))
        .routes(routes!(consents, create_consent))
        .routes(routes!(consent, change_consent, delete_consent))
        .routes(routes!(withdraw_consent))
        .routes(routes!(of_file, set_file))
        .routes(routes!(link))
        .routes(routes!(report))
        .routes(routes!(policy, set_policy))
        .routes(routes!(check))
}

fn of(tenant: &Tenant) -> Rights {
    Rights::new(tenant.content.clone(), tenant.access.clone())
}

async fn input<T: DeserializeOwned>(tenant: &Tenant, body: Json<T>) -> Result<T, WireError> {
    Ok(read(body.object(tenant).await?.into())?)
}

/// Which records are asked for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct OfAsset {
    /// Those of this file, by its document id.
    asset: Option<String>,
}

/// Where a page of files begins.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct AfterFile {
    /// `meta.after` of the page before.
    after: Option<String>,
}

/// Licences and releases, newest first.
#[utoipa::path(get, path = "/admin/api/assets/rights", params(OfAsset, Paging))]
async fn list(
    CurrentTenant(tenant): CurrentTenant,
    _: Admin,
    Query(asked): Query<OfAsset>,
    Query(of_page): Query<Paging>,
) -> Result<Page<As<AssetRight>>, WireError> {
    Ok(page(of(&tenant).rights(asked.asset.as_deref(), of_page.before, of_page.limit())?))
}

/// Makes a licence or a release.
#[utoipa::path(post, path = "/admin/api/assets/rights")]
async fn create(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    body: Json<RightInput>,
) -> Result<Created<As<AssetRightDetails>>, WireError> {
    let input = input(&tenant, body).await?;
    Ok(Created { data: of(&tenant).make_right(admin.actor(), input).await?.into() })
}

/// One licence.
#[utoipa::path(get, path = "/admin/api/assets/rights/{id}")]
async fn one(
    CurrentTenant(tenant): CurrentTenant,
    _: Admin,
    Path(id): Path<i64>,
) -> Result<Data<As<AssetRightDetails>>, WireError> {
    Ok(Data { data: of(&tenant).right(id)?.into() })
}

/// Changes a licence: as it was made, and the `version` that was looked at.
#[utoipa::path(put, path = "/admin/api/assets/rights/{id}")]
async fn change(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path(id): Path<i64>,
    body: Json<RightInput>,
) -> Result<Data<As<AssetRightDetails>>, WireError> {
    let input = input(&tenant, body).await?;
    Ok(Data { data: of(&tenant).change_right(admin.actor(), id, input).await?.into() })
}

/// Removes a licence.
#[utoipa::path(delete, path = "/admin/api/assets/rights/{id}")]
async fn delete(CurrentTenant(tenant): CurrentTenant, admin: Admin, Path(id): Path<i64>) -> Result<Done, WireError> {
    of(&tenant).delete_right(admin.actor(), id).await?;
    Ok(Done)
}

/// Consents, newest first.
#[utoipa::path(get, path = "/admin/api/assets/consents", params(OfAsset, Paging))]
async fn consents(
    CurrentTenant(tenant): CurrentTenant,
    _: Admin,
    Query(asked): Query<OfAsset>,
    Query(of_page): Query<Paging>,
) -> Result<Page<As<Consent>>, WireError> {
    Ok(page(of(&tenant).consents(asked.asset.as_deref(), of_page.before, of_page.limit())?))
}

/// Makes a consent.
#[utoipa::path(post, path = "/admin/api/assets/consents")]
async fn create_consent(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    body: Json<ConsentInput>,
) -> Result<Created<As<ConsentDetails>>, WireError> {
    let input = input(&tenant, body).await?;
    Ok(Created { data: of(&tenant).make_consent(admin.actor(), input).await?.into() })
}

/// One consent.
#[utoipa::path(get, path = "/admin/api/assets/consents/{id}")]
async fn consent(
    CurrentTenant(tenant): CurrentTenant,
    _: Admin,
    Path(id): Path<i64>,
) -> Result<Data<As<ConsentDetails>>, WireError> {
    Ok(Data { data: of(&tenant).consent(id)?.into() })
}

/// Changes a consent: as it was made, and the `version` that was looked at.
#[utoipa::path(put, path = "/admin/api/assets/consents/{id}")]
async fn change_consent(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path(id): Path<i64>,
    body: Json<ConsentInput>,
) -> Result<Data<As<ConsentDetails>>, WireError> {
    let input = input(&tenant, body).await?;
    Ok(Data { data: of(&tenant).change_consent(admin.actor(), id, input).await?.into() })
}

/// Removes a consent.
#[utoipa::path(delete, path = "/admin/api/assets/consents/{id}")]
async fn delete_consent(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path(id): Path<i64>,
) -> Result<Done, WireError> {
    of(&tenant).delete_consent(admin.actor(), id).await?;
    Ok(Done)
}

/// Withdraws a consent: what shows the person is delivered no more.
#[utoipa::path(post, path = "/admin/api/assets/consents/{id}/withdraw")]
async fn withdraw_consent(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path(id): Path<i64>,
    body: Json<WithdrawInput>,
) -> Result<Data<As<WithdrawnConsent>>, WireError> {
    let input = input(&tenant, body).await?;
    Ok(Data { data: of(&tenant).withdraw_consent(admin.actor(), id, input).await?.into() })
}

/// How a file stands, why, by which records, who uses it.
#[utoipa::path(get, path = "/admin/api/assets/{document_id}/rights")]
async fn of_file(
    CurrentTenant(tenant): CurrentTenant,
    _: Admin,
    Path(document_id): Path<String>,
) -> Result<Data<As<AssetRights>>, WireError> {
    Ok(Data { data: of(&tenant).of_file(&document_id)?.into() })
}

/// Says something of one file: what is not named stays, null takes back.
#[utoipa::path(put, path = "/admin/api/assets/{document_id}/rights")]
async fn set_file(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path(document_id): Path<String>,
    body: Json<FileInput>,
) -> Result<Data<As<AssetRights>>, WireError> {
    let input = input(&tenant, body).await?;
    Ok(Data { data: of(&tenant).set_file(admin.actor(), &document_id, input).await?.into() })
}

/// Links licences and consents to files.
#[utoipa::path(post, path = "/admin/api/assets/bulk/link-rights")]
async fn link(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    body: Json<LinkInput>,
) -> Result<Data<As<LinkedRights>>, WireError> {
    let input = input(&tenant, body).await?;
    Ok(Data { data: of(&tenant).link(admin.actor(), input).await?.into() })
}

/// What is reported.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
#[expect(dead_code, reason = "it describes a part of an address")]
enum ReportName {
    /// A licence ends soon, or has ended.
    Expiring,
    /// Nothing is linked.
    Unknown,
    /// A consent was withdrawn.
    Withdrawn,
}

/// Files that somebody should look at.
#[utoipa::path(
    get,
    path = "/admin/api/assets/reports/{report}",
    params(
        ("report" = inline(ReportName), Path),
        AfterFile,
        ("limit" = Option<i64>, Query, description = "Files at most: 1 to 100, 50 where it is left out"),
    ),
)]
async fn report(
    CurrentTenant(tenant): CurrentTenant,
    _: Admin,
    Path(report): Path<String>,
    Query(asked): Query<AfterFile>,
    Query(of_page): Query<Paging>,
) -> Result<Page<As<ReportedFile>, As<AfterText>>, WireError> {
    let report = Report::read(&report).ok_or_else(WireError::not_found)?;
    let (rows, next) = of(&tenant).report(report, asked.after.as_deref(), of_page.limit())?;
    Ok(Page { data: each(rows), meta: json!({ "after": next }).into() })
}

/// What it means that nothing is linked to a file, and when people are told of the end of a licence.
#[utoipa::path(get, path = "/admin/api/assets/policy")]
async fn policy(CurrentTenant(tenant): CurrentTenant, _: Admin) -> Result<Data<As<Policy>>, WireError> {
    Ok(Data { data: of(&tenant).policy()?.into() })
}

/// Changes that: what is not named stays.
#[utoipa::path(put, path = "/admin/api/assets/policy")]
async fn set_policy(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    body: Json<PolicyInput>,
) -> Result<Data<As<Policy>>, WireError> {
    let input = input(&tenant, body).await?;
    Ok(Data { data: of(&tenant).set_policy(admin.actor(), input).await?.into() })
}

/// The files that keep an entry from being published.
#[utoipa::path(get, path = "/admin/api/assets/check/{uid}/{document}", params(InLocale))]
async fn check(
    CurrentTenant(tenant): CurrentTenant,
    _: Admin,
    Path((uid, document)): Path<(String, String)>,
    Query(asked): Query<InLocale>,
) -> Result<Data<As<EntryCheck>>, WireError> {
    Ok(Data { data: of(&tenant).check_entry(&uid, &document, asked.locale.as_deref()).await?.into() })
}
