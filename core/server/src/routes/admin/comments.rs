//! Comments on documents.

use super::review::{InLocale, body, desk, made, page};
use super::subject::Asking;
use super::{Paging, data};
use crate::error::WireError;
use crate::extract::address::{Path, Query};
use crate::extract::admin::Admin;
use crate::extract::tenant::CurrentTenant;
use crate::tenant::Tenant;
use axum::Router;
use axum::body::Body;
use axum::http::Response;
use axum::http::request::Parts;
use axum::routing::{get, post, put};
use cairn_editorial::read;
use serde::Deserialize;
use serde_json::json;

type Answered = Result<Response<Body>, WireError>;

pub(super) fn routes() -> Router {
    Router::new()
        .route("/admin/api/content/{uid}/{document}/comments", get(list).post(write))
        .route("/admin/api/comments/{id}", put(edit).delete(remove))
        .route("/admin/api/comments/{id}/resolve", post(resolve))
        .route("/admin/api/comments/{id}/reopen", post(reopen))
}

/// `?resolved=`
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    resolved: Option<bool>,
}

/// `GET …/comments`: threads, newest first, with their answers; `resolved=true|false`, `locale`.
async fn list(
    CurrentTenant(tenant): CurrentTenant,
    _: Admin,
    Path((uid, document)): Path<(String, String)>,
    Query(of): Query<InLocale>,
    Query(asked): Query<Asked>,
    Query(of_page): Query<Paging>,
) -> Answered {
    let desk = desk(&tenant);
    let d = desk.document(&uid, &document, of.locale.as_deref())?;
    Ok(page(desk.comments(&d, asked.resolved, of_page.before, of_page.limit())?))
}

/// `POST …/comments`: `{text, path, instance}`, or `{text, thread}`.
async fn write(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path((uid, document)): Path<(String, String)>,
    Query(of): Query<InLocale>,
    head: Parts,
    given: Body,
) -> Answered {
    let desk = desk(&tenant);
    let input = read(body(&tenant, &head, given).await?)?;
    let d = desk.document(&uid, &document, of.locale.as_deref())?;
    Ok(made(desk.write_comment(&admin, admin.actor(), d, input).await?))
}

/// `PUT /admin/api/comments/<id>`: `{text}`.
async fn edit(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path(id): Path<i64>,
    head: Parts,
    given: Body,
) -> Answered {
    of_seen(&tenant, &admin, id)?;
    let input = read(body(&tenant, &head, given).await?)?;
    Ok(data(desk(&tenant).edit_comment(&admin, admin.actor(), id, input).await?))
}

async fn remove(CurrentTenant(tenant): CurrentTenant, admin: Admin, Path(id): Path<i64>) -> Answered {
    of_seen(&tenant, &admin, id)?;
    desk(&tenant).delete_comment(&admin, admin.actor(), id).await?;
    Ok(data(json!({})))
}

async fn resolve(CurrentTenant(tenant): CurrentTenant, admin: Admin, Path(id): Path<i64>) -> Answered {
    of_seen(&tenant, &admin, id)?;
    Ok(data(desk(&tenant).resolve_comment(&admin, admin.actor(), id, true).await?))
}

async fn reopen(CurrentTenant(tenant): CurrentTenant, admin: Admin, Path(id): Path<i64>) -> Answered {
    of_seen(&tenant, &admin, id)?;
    Ok(data(desk(&tenant).resolve_comment(&admin, admin.actor(), id, false).await?))
}

/// 404 for a comment on a document that they may not see.
fn of_seen(tenant: &Tenant, admin: &Admin, id: i64) -> Result<(), WireError> {
    let comment = tenant.content.store().read(|r| r.comment(id))?.ok_or_else(WireError::not_found)?.comment;
    let of = &comment.document;
    let seen = Asking::of(tenant, admin).reads(tenant, &of.content_type, &of.document_id)?;
    if seen { Ok(()) } else { Err(WireError::not_found()) }
}
