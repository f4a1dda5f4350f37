//! Reads of the content API with a see-as token: what a user of it, or the public, gets at a time to come. The token is where those of preview
//! links are, and decides alone who is answered: an `Authorization` header beside it has no effect.
//!
//! Each read is a rehearsal that is rolled back. Whatever is not such a read is refused: nobody must take what an ordinary request does for a
//! preview.

use super::plugins;
use super::policed_request::{apply_policies_of_read_in, request_context, request_query, require_action};
use super::preview::{has_preview_token, preview_token, preview_tokens, private_response};
use super::source_maps::mark_preview;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{ALLOW, HeaderValue};
use axum::http::request::Parts;
use axum::http::{Method, Response, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::routing::MethodRouter;
use cairn_access::SeeAs;
use cairn_app::Tenant;
use cairn_content::RouteRead;
use cairn_http::error::WireError;
use cairn_http::extract::tenant::CurrentTenant;
use cairn_http::extract::version;
use cairn_http::responses;
use cairn_http::v4_format;
use cairn_model::ErrorKind;
use cairn_model::{ContentType, ContentTypeKind};
use futures_util::future::BoxFuture;
use std::sync::Arc;

/// The see-as token of a request, whatever it asks for; `None` for one without a token, or with that of a preview link. Fails with 400 for one
/// with more tokens than that.
pub(crate) fn see_as_token(head: &Parts) -> Result<Option<String>, WireError> {
    // Browsers ask which methods there are before they send the token.
    let claims_one = || has_preview_token(head) && preview_tokens(head).any(SeeAs::has_token_form);
    if head.method == Method::OPTIONS || !claims_one() {
        return Ok(None);
    }
    preview_token(head)
}

/// Answers a request with a see-as token for a path of the content API without a route of its own. `ct`: the type that it names, if any; `id`:
/// what follows.
pub(crate) async fn answer_see_as(
    tenant: &Arc<Tenant>,
    ct: Option<&ContentType>,
    id: Option<&str>,
    head: &Parts,
    token: &str,
) -> Response<Body> {
    if !matches!(head.method, Method::GET | Method::HEAD) {
        return refuse_method();
    }
    let answer = match ct {
        Some(ct) => read_entries(tenant, ct, id, head, token).await.unwrap_or_else(WireError::into_http_response),
        None => {
            let answer = plugins::answer_see_as(tenant, head, token).await;
            answer.unwrap_or_else(|| not_previewed().into_http_response())
        }
    };
    private_response(answer)
}

async fn read_entries(
    tenant: &Arc<Tenant>,
    ct: &ContentType,
    id: Option<&str>,
    head: &Parts,
    token: &str,
) -> Result<Response<Body>, WireError> {
    let read = match (id, ct.kind) {
        (Some(id), ContentTypeKind::Collection) => RouteRead::One(id.to_owned()),
        (None, ContentTypeKind::Collection) => RouteRead::List,
        (None, ContentTypeKind::Single) => RouteRead::Single,
        (Some(_), ContentTypeKind::Single) => return Err(WireError::not_found()),
    };
    let see_as = tenant.verify_see_as(token)?;
    let (shared, shared_head, content_type) = (tenant.clone(), Arc::new(head.clone()), ct.id);
    let answer = tenant.rehearse_as(see_as, move |tx, caller| {
        let (tenant, head) = (&*shared, &*shared_head);
        let ct = tenant.content.registry().get(content_type);
        require_action(&caller, ct, read.action())?;
        let query = request_query(head);
        let policed_caller = apply_policies_of_read_in(tenant, tx, caller, ct, read.action(), &query, head)?;
        let context = request_context(tenant, &policed_caller, ct, query, head);
        Ok::<_, WireError>(tenant.content.read_in(&tx.reader(), context.as_request_context(), &read)?)
    });
    let answer = answer.await?;
    let body = mark_preview(tenant, ct, head, answer.body)?;
    let body = v4_format::shape_body(tenant.content.registry(), ct, &head.headers, body)?;
    Ok(version::with_version_header(responses::json_response(StatusCode::OK, body), answer.version))
}

/// Read of a route of the content API for the person and the time of a see-as preview.
pub(crate) type PreviewRead =
    for<'a> fn(&'a Arc<Tenant>, &'a Parts, SeeAs) -> BoxFuture<'a, Result<Response<Body>, WireError>>;

/// Adds to a route what it reads with a see-as token.
pub(crate) fn add_preview(route: MethodRouter, read: PreviewRead) -> MethodRouter {
    route.layer(from_fn_with_state(read, preview_route))
}

async fn preview_route(
    State(read): State<PreviewRead>,
    CurrentTenant(tenant): CurrentTenant,
    request: Request,
    next: Next,
) -> Response<Body> {
    let (head, body) = request.into_parts();
    let token = match see_as_token(&head) {
        Ok(Some(token)) => token,
        Ok(None) => return next.run(Request::from_parts(head, body)).await,
        Err(error) => return error.into_http_response(),
    };
    if !matches!(head.method, Method::GET | Method::HEAD) {
        return refuse_method();
    }
    let response = match tenant.verify_see_as(&token) {
        Ok(see_as) => read(&tenant, &head, see_as).await,
        Err(error) => Err(error.into()),
    };
    private_response(response.unwrap_or_else(WireError::into_http_response))
}

/// Refuses requests with a see-as token. A layer of routes that have no preview: nobody must take what an ordinary request does for one.
pub(crate) async fn refuse_preview(request: Request, next: Next) -> Response<Body> {
    let (head, body) = request.into_parts();
    match see_as_token(&head) {
        Ok(Some(_)) if !matches!(head.method, Method::GET | Method::HEAD) => refuse_method(),
        Ok(Some(_)) => private_response(not_previewed().into_http_response()),
        Ok(None) => next.run(Request::from_parts(head, body)).await,
        Err(error) => error.into_http_response(),
    }
}

fn refuse_method() -> Response<Body> {
    let message = "A see-as preview only reads: send GET or HEAD, or leave out the token";
    let mut response = WireError::new(ErrorKind::MethodNotAllowed, message).into_http_response();
    response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET,HEAD"));
    private_response(response)
}

fn not_previewed() -> WireError {
    WireError::validation(
        "A see-as preview shows entries, users, files, locales and routes of plugins; this path cannot be previewed",
    )
}
