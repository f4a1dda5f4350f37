//! Review workflows, and where documents are in them.

use super::subject::Asking;
use super::{Paging, data, with_meta};
use crate::Tenant;
use crate::error::WireError;
use crate::extract::address::{Path, Query};
use crate::extract::admin::Admin;
use crate::extract::tenant::CurrentTenant;
use crate::routes::users::object;
use axum::Router;
use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{Response, StatusCode};
use axum::routing::{delete, get, post, put};
use cairn_editorial::review::Asked;
use cairn_editorial::{Desk, read};
use serde::Deserialize;
use serde_json::{Value as Json, json};

type Answered = Result<Response<Body>, WireError>;

pub(super) fn routes() -> Router {
    Router::new()
        .route("/admin/api/workflows", get(workflows))
        .route("/admin/api/workflows/{name}", get(workflow).put(define).delete(remove))
        .route("/admin/api/reviews", get(list))
        .route("/admin/api/review/{uid}/{document}", get(one))
        .route("/admin/api/review/{uid}/{document}/move", post(move_to))
        .route("/admin/api/review/{uid}/{document}/moves", get(moves))
        .route("/admin/api/review/{uid}/{document}/approvals", post(approve))
        .route("/admin/api/review/{uid}/{document}/approvals/{id}", delete(withdraw))
        .route("/admin/api/review/{uid}/{document}/assignees", put(assign))
        .route("/admin/api/review/{uid}/{document}/due", put(due))
}

/// The desk of a tenant.
pub(super) fn desk(tenant: &Tenant) -> Desk {
    Desk::new(tenant.content.clone(), tenant.access.clone())
}

/// `?locale=`
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct InLocale {
    pub(super) locale: Option<String>,
}

/// The body, as JSON.
pub(super) async fn body(tenant: &Tenant, head: &Parts, body: Body) -> Result<Json, WireError> {
    Ok(Json::Object(object(tenant, head, body).await?))
}

/// A page, with the number to go on before.
pub(super) fn page((rows, next): (Vec<Json>, Option<i64>)) -> Response<Body> {
    with_meta(rows, json!({ "before": next }))
}

/// 201 with what was made.
pub(super) fn made(row: Json) -> Response<Body> {
    crate::answer::value(StatusCode::CREATED, &json!({ "data": row }))
}

async fn workflows(CurrentTenant(tenant): CurrentTenant, _: Admin) -> Answered {
    Ok(data(desk(&tenant).workflows()?))
}

async fn workflow(CurrentTenant(tenant): CurrentTenant, _: Admin, Path(name): Path<String>) -> Answered {
    Ok(data(desk(&tenant).workflow(&name)?))
}

/// `PUT /admin/api/workflows/<name>`: defines it, or changes the one of that name.
async fn define(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path(name): Path<String>,
    head: Parts,
    given: Body,
) -> Answered {
    let definition = body(&tenant, &head, given).await?;
    Ok(data(desk(&tenant).define_workflow(admin.actor(), &name, &definition).await?))
}

async fn remove(CurrentTenant(tenant): CurrentTenant, admin: Admin, Path(name): Path<String>) -> Answered {
    desk(&tenant).delete_workflow(admin.actor(), &name).await?;
    Ok(data(json!({})))
}

/// `GET /admin/api/reviews`: newest first; `assignee` (a number or `me`), `waitingForMe`, `overdue`, `contentType`, `stage`,
/// `locale`, `done`.
async fn list(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Query(asked): Query<Asked>,
    Query(of): Query<Paging>,
) -> Answered {
    let (rows, next) = desk(&tenant).reviews(&admin, &asked, of.before, of.limit()).await?;
    Ok(page((Asking::of(&tenant, &admin).seen(&tenant, rows, "contentType", "documentId")?, next)))
}

/// `GET /admin/api/review/<uid>/<document>`: where it is, who may do what, what publishing still needs.
async fn one(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path((uid, document)): Path<(String, String)>,
    Query(of): Query<InLocale>,
) -> Answered {
    Ok(data(desk(&tenant).review(&admin, &uid, &document, of.locale.as_deref())?))
}

async fn moves(
    CurrentTenant(tenant): CurrentTenant,
    _: Admin,
    Path((uid, document)): Path<(String, String)>,
    Query(of): Query<InLocale>,
    Query(of_page): Query<Paging>,
) -> Answered {
    let desk = desk(&tenant);
    let d = desk.document(&uid, &document, of.locale.as_deref())?;
    Ok(page(desk.review_moves(&d, of_page.before, of_page.limit())?))
}

/// `POST …/move`: `{to, comment, version}`.
async fn move_to(
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
    Ok(data(desk.move_review(&admin, admin.actor(), d, input).await?))
}

/// `POST …/approvals`: `{version, role, comment}`.
async fn approve(
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
    Ok(data(desk.approve(&admin, admin.actor(), d, input).await?))
}

async fn withdraw(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path((uid, document, id)): Path<(String, String, i64)>,
    Query(of): Query<InLocale>,
) -> Answered {
    let desk = desk(&tenant);
    let d = desk.document(&uid, &document, of.locale.as_deref())?;
    Ok(data(desk.withdraw(&admin, admin.actor(), d, id).await?))
}

/// `PUT …/assignees`: `{users}`.
async fn assign(
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
    Ok(data(desk.assign(&admin, admin.actor(), d, input).await?))
}

/// `PUT …/due`: `{due: {localTime, zone}}`, `{due: null}`.
async fn due(
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
    Ok(data(desk.set_due(&admin, admin.actor(), d, input).await?))
}
