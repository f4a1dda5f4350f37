//! Review workflows, and where documents are in them.

use cairn_access::action_types::{ReviewAct, SettingsWorkflows};
use cairn_app::Tenant;
use cairn_editorial::review::{
    ApprovalInput, AssignmentInput, MoveReviewInput, ReviewListParams, ReviewMove, ReviewSummary, ReviewView, SetDue,
    WorkflowApproval, WorkflowStage, WorkflowView,
};
use cairn_editorial::{EditorialService, read_input};
use cairn_http::content_caller::ContentCaller;
use cairn_http::error::WireError;
use cairn_http::extract::body::Json;
use cairn_http::extract::require::{AnyAdmin, PersonOr, ReadDocument, ReadDocumentAnd, Require};
use cairn_http::extract::tenant::CurrentTenant;
use cairn_http::extract::url_params::{Path, Query};
use cairn_http::openapi::response_types::{Before, Data, EmptyData, List, Page};
use cairn_http::openapi::router::AreaRouter;
use cairn_http::page_params::PageParams;
use cairn_http::routes;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use utoipa::{IntoParams, ToSchema};

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
pub(super) fn editorial_service(tenant: &Tenant) -> EditorialService {
    EditorialService::new(tenant.content.clone(), tenant.access.clone())
}

/// Locale of the document that is meant.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(super) struct LocaleParams {
    /// The default one, where it is left out.
    pub(super) locale: Option<String>,
}

/// The body, in the words of the desk where it does not fit.
pub(super) async fn parse_body<T: DeserializeOwned>(tenant: &Tenant, body: Json<T>) -> Result<T, WireError> {
    Ok(read_input(body.read_object(tenant).await?.into())?)
}

/// A page, with the number to go on before.
pub(super) fn numbered_page<T>((data, before): (Vec<T>, Option<i64>)) -> Page<T> {
    Page { data, meta: Before { before } }
}

/// Every workflow.
#[utoipa::path(get, path = "/admin/api/workflows", operation_id = "list")]
async fn workflows(
    CurrentTenant(tenant): CurrentTenant,
    _: Require<PersonOr<SettingsWorkflows>>,
) -> Result<List<WorkflowView>, WireError> {
    Ok(List { data: editorial_service(&tenant).list_workflows()? })
}

/// Gets a workflow.
#[utoipa::path(get, path = "/admin/api/workflows/{name}", operation_id = "one")]
async fn workflow(
    CurrentTenant(tenant): CurrentTenant,
    _: Require<PersonOr<SettingsWorkflows>>,
    Path(name): Path<String>,
) -> Result<Data<WorkflowView>, WireError> {
    Ok(Data { data: editorial_service(&tenant).get_workflow(&name)? })
}

/// The same without its name, which is in the address.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "what is wrong with a member is told by its name")]
struct WorkflowDefinition {
    /// Uids of the types that have it.
    content_types: Vec<String>,
    stages: Vec<WorkflowStage>,
    /// Approvals that publishing needs.
    #[schema(nullable = false)]
    approvals: Option<Vec<WorkflowApproval>>,
    /// The stages in which they may be published; missing: in each.
    #[schema(nullable = false)]
    publish_in: Option<Vec<String>>,
    /// True if changes of whoever approved leave the approval as it is.
    #[schema(nullable = false)]
    own_changes: Option<bool>,
}

/// Defines a workflow, or changes the one of that name.
#[utoipa::path(put, path = "/admin/api/workflows/{name}")]
async fn define(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<SettingsWorkflows>,
    Path(name): Path<String>,
    body: Json<WorkflowDefinition>,
) -> Result<Data<WorkflowView>, WireError> {
    let definition = body.read_object(&tenant).await?.into();
    Ok(Data { data: editorial_service(&tenant).define_workflow(admin.actor(), &name, &definition).await? })
}

/// Removes a workflow: its types are published without one.
#[utoipa::path(delete, path = "/admin/api/workflows/{name}")]
async fn delete(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<SettingsWorkflows>,
    Path(name): Path<String>,
) -> Result<EmptyData, WireError> {
    editorial_service(&tenant).delete_workflow(admin.actor(), &name).await?;
    Ok(EmptyData)
}

/// The content type and the document of a review in a list.
pub(super) fn reviewed_document(review: &ReviewSummary) -> Option<(&str, &str)> {
    Some((&review.content_type, &review.document_id))
}

/// Reviews, newest first.
#[utoipa::path(get, path = "/admin/api/reviews", params(ReviewListParams, PageParams))]
async fn list(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<AnyAdmin>,
    Query(params): Query<ReviewListParams>,
    Query(of): Query<PageParams>,
) -> Result<Page<ReviewSummary>, WireError> {
    let (rows, next) = editorial_service(&tenant).list_reviews(&admin, &params, of.before, of.limit()).await?;
    let rows = ContentCaller::for_admin(&tenant, &admin).keep_readable(&tenant, rows, reviewed_document)?;
    Ok(numbered_page((rows, next)))
}

/// Where a document is, who may do what, what publishing still needs.
#[utoipa::path(get, path = "/admin/api/review/{uid}/{document}", params(LocaleParams))]
async fn one(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<ReadDocument>,
    Path((uid, document)): Path<(String, String)>,
    Query(of): Query<LocaleParams>,
) -> Result<Data<ReviewView>, WireError> {
    Ok(Data { data: editorial_service(&tenant).get_review(&admin, &uid, &document, of.locale.as_deref())? })
}

/// Where a document was, newest first.
#[utoipa::path(get, path = "/admin/api/review/{uid}/{document}/moves", params(LocaleParams, PageParams))]
async fn moves(
    CurrentTenant(tenant): CurrentTenant,
    _: Require<ReadDocument>,
    Path((uid, document)): Path<(String, String)>,
    Query(of): Query<LocaleParams>,
    Query(of_page): Query<PageParams>,
) -> Result<Page<ReviewMove>, WireError> {
    let service = editorial_service(&tenant);
    let d = service.resolve_document(&uid, &document, of.locale.as_deref())?;
    Ok(numbered_page(service.review_moves(&d, of_page.before, of_page.limit())?))
}

/// Brings a document to another stage.
#[utoipa::path(post, path = "/admin/api/review/{uid}/{document}/move", params(LocaleParams), operation_id = "move")]
async fn move_to(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<ReadDocumentAnd<ReviewAct>>,
    Path((uid, document)): Path<(String, String)>,
    Query(of): Query<LocaleParams>,
    body: Json<MoveReviewInput>,
) -> Result<Data<ReviewView>, WireError> {
    let service = editorial_service(&tenant);
    let input = parse_body(&tenant, body).await?;
    let d = service.resolve_document(&uid, &document, of.locale.as_deref())?;
    Ok(Data { data: service.move_review(&admin, admin.actor(), d, input).await? })
}

/// Approves a version.
#[utoipa::path(post, path = "/admin/api/review/{uid}/{document}/approvals", params(LocaleParams))]
async fn approve(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<ReadDocumentAnd<ReviewAct>>,
    Path((uid, document)): Path<(String, String)>,
    Query(of): Query<LocaleParams>,
    body: Json<ApprovalInput>,
) -> Result<Data<ReviewView>, WireError> {
    let service = editorial_service(&tenant);
    let input = parse_body(&tenant, body).await?;
    let d = service.resolve_document(&uid, &document, of.locale.as_deref())?;
    Ok(Data { data: service.approve_draft(&admin, admin.actor(), d, input).await? })
}

/// Withdraws an approval.
#[utoipa::path(delete, path = "/admin/api/review/{uid}/{document}/approvals/{id}", params(LocaleParams))]
async fn withdraw(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<ReadDocumentAnd<ReviewAct>>,
    Path((uid, document, id)): Path<(String, String, i64)>,
    Query(of): Query<LocaleParams>,
) -> Result<Data<ReviewView>, WireError> {
    let service = editorial_service(&tenant);
    let d = service.resolve_document(&uid, &document, of.locale.as_deref())?;
    Ok(Data { data: service.withdraw_approval(&admin, admin.actor(), d, id).await? })
}

/// Says who is to see to it.
#[utoipa::path(put, path = "/admin/api/review/{uid}/{document}/assignees", params(LocaleParams))]
async fn assign(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<ReadDocumentAnd<ReviewAct>>,
    Path((uid, document)): Path<(String, String)>,
    Query(of): Query<LocaleParams>,
    body: Json<AssignmentInput>,
) -> Result<Data<ReviewView>, WireError> {
    let service = editorial_service(&tenant);
    let input = parse_body(&tenant, body).await?;
    let d = service.resolve_document(&uid, &document, of.locale.as_deref())?;
    Ok(Data { data: service.assign_people(&admin, admin.actor(), d, input).await? })
}

/// Says until when it is to be done.
#[utoipa::path(put, path = "/admin/api/review/{uid}/{document}/due", params(LocaleParams))]
async fn set_due(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<ReadDocumentAnd<ReviewAct>>,
    Path((uid, document)): Path<(String, String)>,
    Query(of): Query<LocaleParams>,
    body: Json<SetDue>,
) -> Result<Data<ReviewView>, WireError> {
    let service = editorial_service(&tenant);
    let input = parse_body(&tenant, body).await?;
    let d = service.resolve_document(&uid, &document, of.locale.as_deref())?;
    Ok(Data { data: service.set_due(&admin, admin.actor(), d, input).await? })
}
