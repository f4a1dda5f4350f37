//! Content owners, and what was escalated.

use super::Paging;
use super::review::{desk, input, page};
use super::shapes::owners::{Escalated, Owner};
use super::subject::Asking;
use crate::error::WireError;
use crate::extract::address::{Path, Query};
use crate::extract::admin::Admin;
use crate::extract::body::Json;
use crate::extract::tenant::CurrentTenant;
use crate::openapi::answers::{As, Created, Data, Done, List, Page, each};
use crate::openapi::router::AreaRouter;
use crate::openapi::router::routes;
use cairn_editorial::owners::OwnerInput;

pub(super) fn routes() -> AreaRouter {
    AreaRouter::default().routes(routes!(list, create)).routes(routes!(change, delete)).routes(routes!(escalations))
}

/// Every owner.
#[utoipa::path(get, path = "/admin/api/owners")]
async fn list(CurrentTenant(tenant): CurrentTenant, _: Admin) -> Result<List<As<Owner>>, WireError> {
    Ok(List { data: each(desk(&tenant).owners()?) })
}

/// Says whose content of a type and phase is.
#[utoipa::path(post, path = "/admin/api/owners")]
async fn create(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    body: Json<OwnerInput>,
) -> Result<Created<As<Owner>>, WireError> {
    let input = input(&tenant, body).await?;
    Ok(Created { data: desk(&tenant).make_owner(admin.actor(), input).await?.into() })
}

/// Changes an owner: what is left out is taken away.
#[utoipa::path(put, path = "/admin/api/owners/{id}")]
async fn change(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path(id): Path<i64>,
    body: Json<OwnerInput>,
) -> Result<Data<As<Owner>>, WireError> {
    let input = input(&tenant, body).await?;
    Ok(Data { data: desk(&tenant).change_owner(admin.actor(), id, input).await?.into() })
}

/// Removes an owner.
#[utoipa::path(delete, path = "/admin/api/owners/{id}")]
async fn delete(CurrentTenant(tenant): CurrentTenant, admin: Admin, Path(id): Path<i64>) -> Result<Done, WireError> {
    desk(&tenant).delete_owner(admin.actor(), id).await?;
    Ok(Done)
}

/// What waited for too long, newest first.
#[utoipa::path(get, path = "/admin/api/escalations", params(Paging))]
async fn escalations(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Query(of): Query<Paging>,
) -> Result<Page<As<Escalated>>, WireError> {
    let (rows, next) = desk(&tenant).escalations(of.before, of.limit())?;
    Ok(page((Asking::of(&tenant, &admin).seen(&tenant, rows)?, next)))
}
