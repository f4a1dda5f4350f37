//! Review workflows, and where documents are in them.

use super::Paging;
use super::shapes::review::{Review, ReviewMove, ReviewSummary, Workflow, WorkflowDefinition};
use super::subject::Asking;
use crate::Tenant;
use crate::error::WireError;
use crate::extract::address::{Path, Query};
use crate::extract::admin::Admin;
use crate::extract::body::Json;
use crate::extract::tenant::CurrentTenant;
use crate::openapi::answers::{As, Before, Data, Done, List, Page, each};
use crate::openapi::router::AreaRouter;
use crate::openapi::router::routes;
use cairn_editorial::review::{Approve, Asked, Assign, MoveTo, SetDue};
use cairn_editorial::{Desk, read};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use utoipa::IntoParams;

/// The routes of workflows.
pub(super) fn workflow_routes() -> AreaRouter {
    AreaRouter::default().routes(routes!(workflows)).routes(routes!(workflow, define, delete))
}

/// The routes of reviews.
pub(super) fn routes() -> AreaRouter {
    AreaRouter::default()
        .routes(routes!(list))
        .routes(routes!(one))
        .routes(routes!(move_to))
        .routes(routes!(moves))
        .routes(routes!(approve))
        .routes(routes!(withdraw))
        .routes(routes!(assign))
        .routes(routes!(set_due))
}

/// The desk of a tenant.
pub(super) fn desk(tenant: &Tenant) -> Desk {
    Desk::new(tenant.content.clone(), tenant.access.clone())
}

/// Which of a document's locales is meant.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(super) struct InLocale {
    /// The default one, where it is left out.
    pub(super) locale: Option<String>,
}

/// The body, in the words of the desk where it does not fit.
pub(super) async fn input<T: DeserializeOwned>(tenant: &Tenant, body: Json<T>) -> Result<T, WireError> {
    Ok(read(body.object(tenant).await?.into())?)
}

/// A page, with the number to go on before.
pub(super) fn page<T>((rows, before): (Vec<Value>, Option<i64>)) -> Page<As<T>> {
    Page { data: each(rows), meta: Before { before } }
}

/// Every workflow.
#[utoipa::path(get, path = "/admin/api/workflows", operation_id = "list")]
async fn workflows(CurrentTenant(tenant): CurrentTenant, _: Admin) -> Result<List<As<Workflow>>, WireError> {
    Ok(List { data: each(desk(&tenant).workflows()?) })
}

/// One workflow.
#[utoipa::path(get, path = "/admin/api/workflows/{name}", operation_id = "one")]
async fn workflow(
    CurrentTenant(tenant): CurrentTenant,
    _: Admin,
    Path(name): Path<String>,
) -> Result<Data<As<Workflow>>, WireError> {
    Ok(Data { data: desk(&tenant).workflow(&name)?.into() })
}

/// Defines a workflow, or changes the one of that name.
#[utoipa::path(put, path = "/admin/api/workflows/{name}")]
async fn define(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path(name): Path<String>,
    body: Json<WorkflowDefinition>,
) -> Result<Data<As<Workflow>>, WireError> {
    let definition = body.object(&tenant).await?.into();
    Ok(Data { data: desk(&tenant).define_workflow(admin.actor(), &name, &definition).await?.into() })
}

/// Removes a workflow: its types are published without one.
#[utoipa::path(delete, path = "/admin/api/workflows/{name}")]
async fn delete(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path(name): Path<String>,
) -> Result<Done, WireError> {
    desk(&tenant).delete_workflow(admin.actor(), &name).await?;
    Ok(Done)
}

/// Reviews, newest first.
#[utoipa::path(get, path = "/admin/api/reviews", params(Asked, Paging))]
async fn list(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Query(asked): Query<Asked>,
    Query(of): Query<Paging>,
) -> Result<Page<As<ReviewSummary>>, WireError> {
    let (rows, next) = desk(&tenant).reviews(&admin, &asked, of.before, of.limit()).await?;
    Ok(page((Asking::of(&tenant, &admin).seen(&tenant, rows)?, next)))
}

/// Where a document is, who may do what, what publishing still needs.
#[utoipa::path(get, path = "/admin/api/review/{uid}/{document}", params(InLocale))]
async fn one(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path((uid, document)): Path<(String, String)>,
    Query(of): Query<InLocale>,
) -> Result<Data<As<Review>>, WireError> {
    Ok(Data { data: desk(&tenant).review(&admin, &uid, &document, of.locale.as_deref())?.into() })
}

/// Where a document was, newest first.
#[utoipa::path(get, path = "/admin/api/review/{uid}/{document}/moves", params(InLocale, Paging))]
async fn moves(
    CurrentTenant(tenant): CurrentTenant,
    _: Admin,
    Path((uid, document)): Path<(String, String)>,
    Query(of): Query<InLocale>,
    Query(of_page): Query<Paging>,
) -> Result<Page<As<ReviewMove>>, WireError> {
    let desk = desk(&tenant);
    let d = desk.document(&uid, &document, of.locale.as_deref())?;
    Ok(page(desk.review_moves(&d, of_page.before, of_page.limit())?))
}

/// Brings a document to another stage.
#[utoipa::path(post, path = "/admin/api/review/{uid}/{document}/move", params(InLocale), operation_id = "move")]
async fn move_to(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path((uid, document)): Path<(String, String)>,
    Query(of): Query<InLocale>,
    body: Json<MoveTo>,
) -> Result<Data<As<Review>>, WireError> {
    let desk = desk(&tenant);
    let input = input(&tenant, body).await?;
    let d = desk.document(&uid, &document, of.locale.as_deref())?;
    Ok(Data { data: desk.move_review(&admin, admin.actor(), d, input).await?.into() })
}

/// Approves a version.
#[utoipa::path(post, path = "/admin/api/review/{uid}/{document}/approvals", params(InLocale))]
async fn approve(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path((uid, document)): Path<(String, String)>,
    Query(of): Query<InLocale>,
    body: Json<Approve>,
) -> Result<Data<As<Review>>, WireError> {
    let desk = desk(&tenant);
    let input = input(&tenant, body).await?;
    let d = desk.document(&uid, &document, of.locale.as_deref())?;
    Ok(Data { data: desk.approve(&admin, admin.actor(), d, input).await?.into() })
}

/// Withdraws an approval.
#[utoipa::path(delete, path = "/admin/api/review/{uid}/{document}/approvals/{id}", params(InLocale))]
async fn withdraw(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path((uid, document, id)): Path<(String, String, i64)>,
    Query(of): Query<InLocale>,
) -> Result<Data<As<Review>>, WireError> {
    let desk = desk(&tenant);
    let d = desk.document(&uid, &document, of.locale.as_deref())?;
    Ok(Data { data: desk.withdraw(&admin, admin.actor(), d, id).await?.into() })
}

/// Says who is to see to it.
#[utoipa::path(put, path = "/admin/api/review/{uid}/{document}/assignees", params(InLocale))]
async fn assign(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path((uid, document)): Path<(String, String)>,
    Query(of): Query<InLocale>,
    body: Json<Assign>,
) -> Result<Data<As<Review>>, WireError> {
    let desk = desk(&tenant);
    let input = input(&tenant, body).await?;
    let d = desk.document(&uid, &document, of.locale.as_deref())?;
    Ok(Data { data: desk.assign(&admin, admin.actor(), d, input).await?.into() })
}

/// Says until when it is to be done.
#[utoipa::path(put, path = "/admin/api/review/{uid}/{document}/due", params(InLocale))]
async fn set_due(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path((uid, document)): Path<(String, String)>,
    Query(of): Query<InLocale>,
    body: Json<SetDue>,
) -> Result<Data<As<Review>>, WireError> {
    let desk = desk(&tenant);
    let input = input(&tenant, body).await?;
    let d = desk.document(&uid, &document, of.locale.as_deref())?;
    Ok(Data { data: desk.set_due(&admin, admin.actor(), d, input).await?.into() })
}
