//! Comments on documents.

use crate::review::{LocaleParams, editorial_service, numbered_page, parse_body};
use cairn_access::action_types::ReviewComment;
use cairn_app::Tenant;
use cairn_editorial::comments::{CommentEdit, CommentInput, CommentThread, CommentView};
use cairn_http::content_caller::ContentCaller;
use cairn_http::error::WireError;
use cairn_http::extract::admin::Admin;
use cairn_http::extract::body::Json;
use cairn_http::extract::require::{ReadDocument, ReadDocumentAnd, Require};
use cairn_http::extract::tenant::CurrentTenant;
use cairn_http::extract::url_params::{Path, Query};
use cairn_http::openapi::response_types::{CreatedData, Data, EmptyData, Page};
use cairn_http::openapi::router::AreaRouter;
use cairn_http::page_params::PageParams;
use cairn_http::routes;
use serde::Deserialize;
use utoipa::IntoParams;

pub(super) fn routes() -> AreaRouter {
    AreaRouter::default()
        .routes(routes!(list, write))
        .routes(routes!(edit, delete))
        .routes(routes!(resolve))
        .routes(routes!(reopen))
}

/// Filter of a document's threads.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct ListThreadsParams {
    /// Those that are resolved, or those that are not; both, where it is left out.
    resolved: Option<bool>,
}

/// Threads of a document, newest first, with their answers.
#[utoipa::path(
    get,
    path = "/admin/api/content/{uid}/{document}/comments",
    params(LocaleParams, ListThreadsParams, PageParams)
)]
async fn list(
    CurrentTenant(tenant): CurrentTenant,
    _: Require<ReadDocument>,
    Path((uid, document)): Path<(String, String)>,
    Query(of): Query<LocaleParams>,
    Query(params): Query<ListThreadsParams>,
    Query(of_page): Query<PageParams>,
) -> Result<Page<CommentThread>, WireError> {
    let service = editorial_service(&tenant);
    let d = service.resolve_document(&uid, &document, of.locale.as_deref())?;
    Ok(numbered_page(service.list_comments(&d, params.resolved, of_page.before, of_page.limit())?))
}

/// Writes a comment, or with `thread` an answer.
#[utoipa::path(post, path = "/admin/api/content/{uid}/{document}/comments", params(LocaleParams))]
async fn write(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<ReadDocumentAnd<ReviewComment>>,
    Path((uid, document)): Path<(String, String)>,
    Query(of): Query<LocaleParams>,
    body: Json<CommentInput>,
) -> Result<CreatedData<CommentView>, WireError> {
    let service = editorial_service(&tenant);
    let input = parse_body(&tenant, body).await?;
    let d = service.resolve_document(&uid, &document, of.locale.as_deref())?;
    Ok(CreatedData { data: service.write_comment(&admin, admin.actor(), d, input).await? })
}

/// Changes the text of a comment of one's own.
#[utoipa::path(put, path = "/admin/api/comments/{id}")]
async fn edit(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<ReviewComment>,
    Path(id): Path<i64>,
    body: Json<CommentEdit>,
) -> Result<Data<CommentView>, WireError> {
    require_readable_comment(&tenant, &admin, id)?;
    let input = parse_body(&tenant, body).await?;
    Ok(Data { data: editorial_service(&tenant).edit_comment(&admin, admin.actor(), id, input).await? })
}

/// Deletes a comment.
#[utoipa::path(delete, path = "/admin/api/comments/{id}")]
async fn delete(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<ReviewComment>,
    Path(id): Path<i64>,
) -> Result<EmptyData, WireError> {
    require_readable_comment(&tenant, &admin, id)?;
    editorial_service(&tenant).delete_comment(&admin, admin.actor(), id).await?;
    Ok(EmptyData)
}

/// Resolves a thread.
#[utoipa::path(post, path = "/admin/api/comments/{id}/resolve")]
async fn resolve(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<ReviewComment>,
    Path(id): Path<i64>,
) -> Result<Data<CommentView>, WireError> {
    require_readable_comment(&tenant, &admin, id)?;
    Ok(Data { data: editorial_service(&tenant).resolve_comment(&admin, admin.actor(), id, true).await? })
}

/// Takes up a resolved thread again.
#[utoipa::path(post, path = "/admin/api/comments/{id}/reopen")]
async fn reopen(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<ReviewComment>,
    Path(id): Path<i64>,
) -> Result<Data<CommentView>, WireError> {
    require_readable_comment(&tenant, &admin, id)?;
    Ok(Data { data: editorial_service(&tenant).resolve_comment(&admin, admin.actor(), id, false).await? })
}

/// 404 for a comment on a document that they may not see.
fn require_readable_comment(tenant: &Tenant, admin: &Admin, id: i64) -> Result<(), WireError> {
    let comment = tenant.content.store().read(|r| r.comments().get(id))?.ok_or_else(WireError::not_found)?.comment;
    let document = &comment.document;
    let is_readable =
        ContentCaller::for_admin(tenant, admin).can_read(tenant, &document.content_type, &document.document_id)?;
    if is_readable { Ok(()) } else { Err(WireError::not_found()) }
}
