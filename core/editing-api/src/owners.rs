//! Content owners, and what was escalated.

use crate::review::{editorial_service, numbered_page, parse_body};
use cairn_access::action_types::SettingsOwners;
use cairn_editorial::owners::{EscalatedItem, OwnerInput, OwnerView};
use cairn_http::content_caller::ContentCaller;
use cairn_http::error::WireError;
use cairn_http::extract::body::Json;
use cairn_http::extract::require::{PersonOr, Require};
use cairn_http::extract::tenant::CurrentTenant;
use cairn_http::extract::url_params::{Path, Query};
use cairn_http::openapi::response_types::{CreatedData, Data, EmptyData, List, Page};
use cairn_http::openapi::router::AreaRouter;
use cairn_http::page_params::PageParams;
use cairn_http::routes;

pub(super) fn routes() -> AreaRouter {
    AreaRouter::default().routes(routes!(list, create)).routes(routes!(change, delete)).routes(routes!(escalations))
}

/// Lists all content owners.
#[utoipa::path(get, path = "/admin/api/owners")]
async fn list(
    CurrentTenant(tenant): CurrentTenant,
    _: Require<PersonOr<SettingsOwners>>,
) -> Result<List<OwnerView>, WireError> {
    Ok(List { data: editorial_service(&tenant).list_owners()? })
}

/// Says whose content of a type and phase is.
#[utoipa::path(post, path = "/admin/api/owners")]
async fn create(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<SettingsOwners>,
    body: Json<OwnerInput>,
) -> Result<CreatedData<OwnerView>, WireError> {
    let input = parse_body(&tenant, body).await?;
    Ok(CreatedData { data: editorial_service(&tenant).create_owner(admin.actor(), input).await? })
}

/// Changes an owner: what is left out is taken away.
#[utoipa::path(put, path = "/admin/api/owners/{id}")]
async fn change(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<SettingsOwners>,
    Path(id): Path<i64>,
    body: Json<OwnerInput>,
) -> Result<Data<OwnerView>, WireError> {
    let input = parse_body(&tenant, body).await?;
    Ok(Data { data: editorial_service(&tenant).change_owner(admin.actor(), id, input).await? })
}

/// Removes an owner.
#[utoipa::path(delete, path = "/admin/api/owners/{id}")]
async fn delete(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<SettingsOwners>,
    Path(id): Path<i64>,
) -> Result<EmptyData, WireError> {
    editorial_service(&tenant).delete_owner(admin.actor(), id).await?;
    Ok(EmptyData)
}

/// Lists what waited for too long, newest first.
#[utoipa::path(get, path = "/admin/api/escalations", params(PageParams))]
async fn escalations(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<PersonOr<SettingsOwners>>,
    Query(of): Query<PageParams>,
) -> Result<Page<EscalatedItem>, WireError> {
    let (rows, next) = editorial_service(&tenant).list_escalations(of.before, of.limit())?;
    let rows = ContentCaller::for_admin(&tenant, &admin).keep_readable(&tenant, rows, escalated_document)?;
    Ok(numbered_page((rows, next)))
}

/// The content type and the document that was escalated; `None` for a slot that no document fills.
fn escalated_document(item: &EscalatedItem) -> Option<(&str, &str)> {
    Some((item.content_type.as_deref()?, item.document_id.as_deref()?))
}
