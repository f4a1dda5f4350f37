//! Rights of files: licences, consents, embargoes, reports. Everybody in the admin reads; who may `media.rights` changes.

use crate::review::LocaleParams;
use cairn_access::action_types::{MediaRead, MediaRights};
use cairn_app::Tenant;
use cairn_http::error::WireError;
use cairn_http::extract::body::Json;
use cairn_http::extract::require::{ReadDocument, Require};
use cairn_http::extract::tenant::CurrentTenant;
use cairn_http::extract::url_params::{Path, Query};
use cairn_http::openapi::response_types::{AfterText, Before, CreatedData, Data, EmptyData, Page};
use cairn_http::openapi::router::AreaRouter;
use cairn_http::page_params::PageParams;
use cairn_http::routes;
use cairn_licensing::{
    ConsentDetailsView, ConsentInput, ConsentView, EntryCheckView, FileLicensingView, FileSettingsInput,
    LicenceDetailsView, LicenceView, LicensingPolicy, LicensingPolicyInput, LicensingService, LinkInput,
    LinkedRecordsView, ReportedFileView, RightInput, UsageReport, WithdrawInput, WithdrawnConsentView, read_input,
};
use serde::Deserialize;
use serde::de::DeserializeOwned;
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

fn licensing_service(tenant: &Tenant) -> LicensingService {
    LicensingService::new(tenant.content.clone(), tenant.access.clone())
}

async fn parse_body<T: DeserializeOwned>(tenant: &Tenant, body: Json<T>) -> Result<T, WireError> {
    Ok(read_input(body.read_object(tenant).await?.into())?)
}

/// Filter of licensing records.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct ListLicencesParams {
    /// Those of this file, by its document id.
    asset: Option<String>,
}

/// Where a page of files begins.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct ListReportParams {
    /// `meta.after` of the page before.
    after: Option<String>,
}

/// Licences and releases, newest first.
#[utoipa::path(get, path = "/admin/api/assets/rights", params(ListLicencesParams, PageParams))]
async fn list(
    CurrentTenant(tenant): CurrentTenant,
    _: Require<MediaRead>,
    Query(params): Query<ListLicencesParams>,
    Query(of_page): Query<PageParams>,
) -> Result<Page<LicenceView>, WireError> {
    let service = licensing_service(&tenant);
    let (data, before) = service.list_licences(params.asset.as_deref(), of_page.before, of_page.limit())?;
    Ok(Page { data, meta: Before { before } })
}

/// Makes a licence or a release.
#[utoipa::path(post, path = "/admin/api/assets/rights")]
async fn create(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<MediaRights>,
    body: Json<RightInput>,
) -> Result<CreatedData<LicenceDetailsView>, WireError> {
    let input = parse_body(&tenant, body).await?;
    Ok(CreatedData { data: licensing_service(&tenant).create_licence(admin.actor(), input).await? })
}

/// Gets a licence with its files.
#[utoipa::path(get, path = "/admin/api/assets/rights/{id}")]
async fn one(
    CurrentTenant(tenant): CurrentTenant,
    _: Require<MediaRead>,
    Path(id): Path<i64>,
) -> Result<Data<LicenceDetailsView>, WireError> {
    Ok(Data { data: licensing_service(&tenant).get_licence(id)? })
}

/// Changes a licence: as it was made, and the `version` that was looked at.
#[utoipa::path(put, path = "/admin/api/assets/rights/{id}")]
async fn change(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<MediaRights>,
    Path(id): Path<i64>,
    body: Json<RightInput>,
) -> Result<Data<LicenceDetailsView>, WireError> {
    let input = parse_body(&tenant, body).await?;
    Ok(Data { data: licensing_service(&tenant).change_right(admin.actor(), id, input).await? })
}

/// Removes a licence.
#[utoipa::path(delete, path = "/admin/api/assets/rights/{id}")]
async fn delete(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<MediaRights>,
    Path(id): Path<i64>,
) -> Result<EmptyData, WireError> {
    licensing_service(&tenant).delete_right(admin.actor(), id).await?;
    Ok(EmptyData)
}

/// Consents, newest first.
#[utoipa::path(get, path = "/admin/api/assets/consents", params(ListLicencesParams, PageParams))]
async fn consents(
    CurrentTenant(tenant): CurrentTenant,
    _: Require<MediaRead>,
    Query(params): Query<ListLicencesParams>,
    Query(of_page): Query<PageParams>,
) -> Result<Page<ConsentView>, WireError> {
    let service = licensing_service(&tenant);
    let (data, before) = service.list_consents(params.asset.as_deref(), of_page.before, of_page.limit())?;
    Ok(Page { data, meta: Before { before } })
}

/// Makes a consent.
#[utoipa::path(post, path = "/admin/api/assets/consents")]
async fn create_consent(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<MediaRights>,
    body: Json<ConsentInput>,
) -> Result<CreatedData<ConsentDetailsView>, WireError> {
    let input = parse_body(&tenant, body).await?;
    Ok(CreatedData { data: licensing_service(&tenant).create_consent(admin.actor(), input).await? })
}

/// Gets a consent with its files.
#[utoipa::path(get, path = "/admin/api/assets/consents/{id}")]
async fn consent(
    CurrentTenant(tenant): CurrentTenant,
    _: Require<MediaRead>,
    Path(id): Path<i64>,
) -> Result<Data<ConsentDetailsView>, WireError> {
    Ok(Data { data: licensing_service(&tenant).get_consent(id)? })
}

/// Changes a consent: as it was made, and the `version` that was looked at.
#[utoipa::path(put, path = "/admin/api/assets/consents/{id}")]
async fn change_consent(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<MediaRights>,
    Path(id): Path<i64>,
    body: Json<ConsentInput>,
) -> Result<Data<ConsentDetailsView>, WireError> {
    let input = parse_body(&tenant, body).await?;
    Ok(Data { data: licensing_service(&tenant).change_consent(admin.actor(), id, input).await? })
}

/// Removes a consent.
#[utoipa::path(delete, path = "/admin/api/assets/consents/{id}")]
async fn delete_consent(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<MediaRights>,
    Path(id): Path<i64>,
) -> Result<EmptyData, WireError> {
    licensing_service(&tenant).delete_consent(admin.actor(), id).await?;
    Ok(EmptyData)
}

/// Withdraws a consent: what shows the person is delivered no more.
#[utoipa::path(post, path = "/admin/api/assets/consents/{id}/withdraw")]
async fn withdraw_consent(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<MediaRights>,
    Path(id): Path<i64>,
    body: Json<WithdrawInput>,
) -> Result<Data<WithdrawnConsentView>, WireError> {
    let input = parse_body(&tenant, body).await?;
    Ok(Data { data: licensing_service(&tenant).withdraw_consent(admin.actor(), id, input).await? })
}

/// How a file stands, why, by which records, who uses it.
#[utoipa::path(get, path = "/admin/api/assets/{document_id}/rights")]
async fn of_file(
    CurrentTenant(tenant): CurrentTenant,
    _: Require<MediaRead>,
    Path(document_id): Path<String>,
) -> Result<Data<FileLicensingView>, WireError> {
    Ok(Data { data: licensing_service(&tenant).get_file(&document_id)? })
}

/// Says something of one file: what is not named stays, null takes back.
#[utoipa::path(put, path = "/admin/api/assets/{document_id}/rights")]
async fn set_file(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<MediaRights>,
    Path(document_id): Path<String>,
    body: Json<FileSettingsInput>,
) -> Result<Data<FileLicensingView>, WireError> {
    let input = parse_body(&tenant, body).await?;
    Ok(Data { data: licensing_service(&tenant).set_file(admin.actor(), &document_id, input).await? })
}

/// Links licences and consents to files.
#[utoipa::path(post, path = "/admin/api/assets/bulk/link-rights")]
async fn link(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<MediaRights>,
    body: Json<LinkInput>,
) -> Result<Data<LinkedRecordsView>, WireError> {
    let input = parse_body(&tenant, body).await?;
    Ok(Data { data: licensing_service(&tenant).link_records(admin.actor(), input).await? })
}

/// Kind of finding about files that is reported.
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
        ListReportParams,
        ("limit" = Option<i64>, Query, description = "Files at most: 1 to 100, 50 where it is left out"),
    ),
)]
async fn report(
    CurrentTenant(tenant): CurrentTenant,
    _: Require<MediaRead>,
    Path(report): Path<String>,
    Query(params): Query<ListReportParams>,
    Query(of_page): Query<PageParams>,
) -> Result<Page<ReportedFileView, AfterText>, WireError> {
    let report = UsageReport::from_name(&report).ok_or_else(WireError::not_found)?;
    let (data, after) = licensing_service(&tenant).list_report(report, params.after.as_deref(), of_page.limit())?;
    Ok(Page { data, meta: AfterText { after } })
}

/// Returns the tenant's policy: what it means that nothing is linked to a file, and when people are told of the end of a licence.
#[utoipa::path(get, path = "/admin/api/assets/policy")]
async fn policy(
    CurrentTenant(tenant): CurrentTenant,
    _: Require<MediaRead>,
) -> Result<Data<LicensingPolicy>, WireError> {
    Ok(Data { data: licensing_service(&tenant).get_policy()? })
}

/// Changes that: what is not named stays.
#[utoipa::path(put, path = "/admin/api/assets/policy")]
async fn set_policy(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<MediaRights>,
    body: Json<LicensingPolicyInput>,
) -> Result<Data<LicensingPolicy>, WireError> {
    let input = parse_body(&tenant, body).await?;
    Ok(Data { data: licensing_service(&tenant).set_policy(admin.actor(), input).await? })
}

/// The files that keep an entry from being published.
#[utoipa::path(get, path = "/admin/api/assets/check/{uid}/{document}", params(LocaleParams))]
async fn check(
    CurrentTenant(tenant): CurrentTenant,
    _: Require<ReadDocument>,
    Path((uid, document)): Path<(String, String)>,
    Query(params): Query<LocaleParams>,
) -> Result<Data<EntryCheckView>, WireError> {
    Ok(Data { data: licensing_service(&tenant).check_entry(&uid, &document, params.locale.as_deref()).await? })
}
