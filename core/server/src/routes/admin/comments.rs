//! Comments on documents.

use super::Paging;
use super::review::{InLocale, desk, input, page};
use super::shapes::comments::{Comment, CommentThread};
use super::subject::Asking;
use crate::error::WireError;
use crate::extract::address::{Path, Query};
use crate::extract::admin::Admin;
use crate::extract::body::Json;
use crate::extract::tenant::CurrentTenant;
use crate::openapi::answers::{As, Created, Data, Done, Page};
use crate::openapi::router::AreaRouter;
use crate::openapi::router::routes;
use crate::tenant::Tenant;
use cairn_editorial::comments::{Edit, Write};
use serde::Deserialize;
use utoipa::IntoParams;

pub(super) fn routes() -> AreaRouter {
    AreaRouter::default()
        .routes(routes!(list, write))
        .routes(routes!(edit, delete))
        .routes(routes!(resolve))
        .routes(routes!(reopen))
}

/// Which threads are asked for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct Asked {
    /// Those that are resolved, or those that are not; both, where it is left out.
    resolved: Option<bool>,
}

/// Threads of a document, newest first, with their answers.
#[utoipa::path(get, path = "/admin/api/content/{uid}/{document}/comments", params(InLocale, Asked, Paging))]
async fn list(
    CurrentTenant(tenant): CurrentTenant,
    _: Admin,
    Path((uid, document)): Path<(String, String)>,
    Query(of): Query<InLocale>,
    Query(asked): Query<Asked>,
    Query(of_page): Query<Paging>,
) -> Result<Page<As<CommentThread>>, WireError> {
    let desk = desk(&tenant);
    let d = desk.document(&uid, &document, of.locale.as_deref())?;
    Ok(page(desk.comments(&d, asked.resolved, of_page.before, of_page.limit())?))
}

/// Writes a comment, or with `thread` an answer.
#[utoipa::path(post, path = "/admin/api/content/{uid}/{document}/comments", params(InLocale))]
async fn write(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path((uid, document)): Path<(String, String)>,
    Query(of): Query<InLocale>,
    body: Json<Write>,
) -> Result<Created<As<Comment>>, WireError> {
    let desk = desk(&tenant);
    let input = input(&tenant, body).await?;
    let d = desk.document(&uid, &document, of.locale.as_deref())?;
    Ok(Created { data: desk.write_comment(&admin, admin.actor(), d, input).await?.into() })
}

/// Changes the text of a comment of one's own.
#[utoipa::path(put, path = "/admin/api/comments/{id}")]
async fn edit(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path(id): Path<i64>,
    body: Json<Edit>,
) -> Result<Data<As<Comment>>, WireError> {
    of_seen(&tenant, &admin, id)?;
    let input = input(&tenant, body).await?;
    Ok(Data { data: desk(&tenant).edit_comment(&admin, admin.actor(), id, input).await?.into() })
}

/// Deletes a comment.
#[utoipa::path(delete, path = "/admin/api/comments/{id}")]
async fn delete(CurrentTenant(tenant): CurrentTenant, admin: Admin, Path(id): Path<i64>) -> Result<Done, WireError> {
    of_seen(&tenant, &admin, id)?;
    desk(&tenant).delete_comment(&admin, admin.actor(), id).await?;
    Ok(Done)
}

/// Resolves a thread.
#[utoipa::path(post, path = "/admin/api/comments/{id}/resolve")]
async fn resolve(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path(id): Path<i64>,
) -> Result<Data<As<Comment>>, WireError> {
    of_seen(&tenant, &admin, id)?;
    Ok(Data { data: desk(&tenant).resolve_comment(&admin, admin.actor(), id, true).await?.into() })
}

/// Takes up a resolved thread again.
#[utoipa::path(post, path = "/admin/api/comments/{id}/reopen")]
async fn reopen(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path(id): Path<i64>,
) -> Result<Data<As<Comment>>, WireError> {
    of_seen(&tenant, &admin, id)?;
    Ok(Data { data: desk(&tenant).resolve_comment(&admin, admin.actor(), id, false).await?.into() })
}

/// 404 for a comment on a document that they may not see.
fn of_seen(tenant: &Tenant, admin: &Admin, id: i64) -> Result<(), WireError> {
    let comment = tenant.content.store().read(|r| r.comment(id))?.ok_or_else(WireError::not_found)?.comment;
    let of = &comment.document;
    let seen = Asking::of(tenant, admin).reads(tenant, &of.content_type, &of.document_id)?;
    if seen { Ok(()) } else { Err(WireError::not_found()) }
}
