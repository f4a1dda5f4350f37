//! Content owners, and what was escalated.

use super::PageParams;
use super::content_caller::ContentCaller;
use super::review::{editorial_service, numbered_page, parse_body};
use super::shapes::owners::{ContentOwner, EscalatedItem};
use crate::error::WireError;
use crate::extract::admin::Admin;
use crate::extract::body::Json;
use crate::extract::tenant::CurrentTenant;
use crate::extract::url_params::{Path, Query};
use crate::openapi::response_types::{CreatedData, Data, DescribedAs, EmptyData, List, Page, describe_all};
use crate::openapi::router::AreaRouter;
use crate::openapi::router::routes;
use cairn_editorial::owners::OwnerInput;

pub(super) fn routes() -> AreaRouter {
    AreaRouter::default().routes(routes!(list, create)).routes(routes!(change, delete)).routes(routes!(escalations))
}

/// Lists all content owners.
#[utoipa::path(get, path = "/admin/api/owners")]
async fn list(CurrentTenant(tenant): CurrentTenant, _: Admin) -> Result<List<DescribedAs<ContentOwner>>, WireError> {
    Ok(List { data: describe_all(editorial_service(&tenant).list_owners()?) })
}

/// Says whose content of a type and phase is.
#[utoipa::path(post, path = "/admin/api/owners")]
async fn create(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    body: Json<OwnerInput>,
) -> Result<CreatedData<DescribedAs<ContentOwner>>, WireError> {
    let input = parse_body(&tenant, body).await?;
    Ok(CreatedData { data: editorial_service(&tenant).create_owner(admin.actor(), input).await?.into() })
}

/// Changes an owner: what is left out is taken away.
#[utoipa::path(put, path = "/admin/api/owners/{id}")]
async fn change(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path(id): Path<i64>,
    body: Json<OwnerInput>,
) -> Result<Data<DescribedAs<ContentOwner>>, WireError> {
    let input = parse_body(&tenant, body).await?;
    Ok(Data { data: editorial_service(&tenant).change_owner(admin.actor(), id, input).await?.into() })
}

/// Removes an owner.
#[utoipa::path(delete, path = "/admin/api/owners/{id}")]
async fn delete(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path(id): Path<i64>,
) -> Result<EmptyData, WireError> {
    editorial_service(&tenant).delete_owner(admin.actor(), id).await?;
    Ok(EmptyData)
}

/// What waited for too long, newest first.
#[utoipa::path(get, path = "/admin/api/escalations", params(PageParams))]
async fn escalations(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Query(of): Query<PageParams>,
) -> Result<Page<DescribedAs<EscalatedItem>>, WireError> {
    let (rows, next) = editorial_service(&tenant).list_escalations(of.before, of.limit())?;
    Ok(numbered_page((ContentCaller::for_admin(&tenant, &admin).keep_readable(&tenant, rows)?, next)))
}
