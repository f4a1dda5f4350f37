//! `/api/<plural>` and `/api/<plural>/<documentId>`, `/api/<singular>`: find, findOne, create, update, delete.

use crate::policed_request::{
    PolicedCaller, apply_policies_of_entries, authenticate_headers, request_context, request_query, require_action,
};
use crate::source_maps::are_source_maps_granted;
use crate::{plugins, preview, see_as};
use axum::body::{Body, Bytes};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use cairn_app::Tenant;
use cairn_content::ReadResponse;
use cairn_http::cached_response::find_cached_response;
use cairn_http::content_types::find_type_by_path;
use cairn_http::error::WireError;
use cairn_http::extract::tenant::CurrentTenant;
use cairn_http::extract::version;
use cairn_http::responses::{self, mark_methods, method_not_allowed, method_not_allowed_with};
use cairn_http::source_maps::{SOURCE_MAPS_HEADER, mark_sources};
use cairn_http::{extract, v4_format};
use cairn_model::{ContentType, ContentTypeKind};
use cairn_query::{Access, Action, ReadPolicies};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Routes a request by the model. A path that is no route is 404 to reads and 405 to everything else.
pub(crate) async fn dispatch_content(CurrentTenant(tenant): CurrentTenant, request: Request<Body>) -> Response<Body> {
    let options = *request.method() == Method::OPTIONS && request.uri().path().starts_with("/api/");
    let response = answer_content(tenant, request).await;
    if options { mark_methods(response) } else { response }
}

async fn answer_content(tenant: Arc<Tenant>, request: Request<Body>) -> Response<Body> {
    // A body is not Sync: handlers that await get the head by reference and the body by value.
    let (head, body) = request.into_parts();
    // Clients that take compressed answers come here: the layer around compresses what is kept.
    if head.method == Method::GET
        && !head.headers.contains_key(AUTHORIZATION)
        && !head.headers.contains_key(preview::CAIRN_PREVIEW)
        && !head.headers.contains_key(v4_format::V4_FORMAT_HEADER)
        && !head.headers.contains_key(SOURCE_MAPS_HEADER)
        && let Some(key) = head.uri.path_and_query()
        && tenant.cache.contains_key(key.as_str())
        && tenant.content.store().wait_until_fresh().await.is_ok()
        && let Some(cached) = find_cached_response(&tenant, key.as_str(), &head.headers)
    {
        return cached;
    }
    let path = head.uri.path();
    let method = match head.method {
        Method::HEAD => Method::GET,
        ref other => other.clone(),
    };
    let (ct, id) = find_type_by_path(&tenant.content, path).map_or((None, None), |(ct, id)| (Some(ct), id));
    match see_as::see_as_token(&head) {
        Ok(Some(token)) => return see_as::answer_see_as(&tenant, ct, id, &head, &token).await,
        Err(error) => return error.into_http_response(),
        Ok(None) => {}
    }
    if ct.is_none() {
        if let Some(answer) = plugins::answer_route(&tenant, &head, body).await {
            return answer;
        }
        return if method == Method::GET { WireError::not_found().into_http_response() } else { method_not_allowed() };
    }
    let handled = match (ct, id, &method) {
        (Some(ct), None, &Method::GET) if ct.kind == ContentTypeKind::Collection => {
            list_entries(&tenant, ct, &head).await
        }
        (Some(ct), None, &Method::POST) if ct.kind == ContentTypeKind::Collection => {
            create_entry(&tenant, ct, &head, body).await
        }
        (Some(ct), Some(id), &Method::GET) if ct.kind == ContentTypeKind::Collection => {
            find_entry(&tenant, ct, id, &head).await
        }
        (Some(ct), Some(id), &Method::PUT) if ct.kind == ContentTypeKind::Collection => {
            update_entry(&tenant, ct, Some(id), &head, body).await
        }
        (Some(ct), Some(id), &Method::DELETE) if ct.kind == ContentTypeKind::Collection => {
            delete_entry(&tenant, ct, Some(id), &head).await
        }
        (Some(ct), None, &Method::GET) => find_single_entry(&tenant, ct, &head).await,
        (Some(ct), None, &Method::PUT) if ct.kind == ContentTypeKind::Single => {
            update_entry(&tenant, ct, None, &head, body).await
        }
        (Some(ct), None, &Method::DELETE) if ct.kind == ContentTypeKind::Single => {
            delete_entry(&tenant, ct, None, &head).await
        }
        (_, _, &Method::GET) => Err(WireError::not_found()),
        (Some(ct), None, _) if ct.kind == ContentTypeKind::Collection => {
            return method_not_allowed_with("GET,HEAD,POST");
        }
        (Some(ct), id, _) if id.is_some() == (ct.kind == ContentTypeKind::Collection) => {
            return method_not_allowed_with("GET,HEAD,PUT,DELETE");
        }
        _ => return method_not_allowed(),
    };
    handled.unwrap_or_else(WireError::into_http_response)
}

async fn list_entries(tenant: &Tenant, ct: &ContentType, head: &Parts) -> Result<Response<Body>, WireError> {
    let caller = authenticate_headers(tenant, &head.headers).await?;
    require_action(&caller, ct, Action::Find)?;
    let query = request_query(head);
    let policed_caller = apply_policies_of_entries(tenant, caller, ct, Action::Find, &query, head).await?;
    if let Some(cached) = cached_response(tenant, head, &policed_caller).await {
        return Ok(cached);
    }
    let answer =
        tenant.content.find(request_context(tenant, &policed_caller, ct, query, head).as_request_context()).await?;
    read_response(tenant, ct, head, &policed_caller, answer)
}

async fn find_entry(tenant: &Tenant, ct: &ContentType, id: &str, head: &Parts) -> Result<Response<Body>, WireError> {
    let caller = authenticate_headers(tenant, &head.headers).await?;
    if let Some(answer) = preview::read_preview(tenant, &caller, ct, Some(id), head).await? {
        return Ok(answer);
    }
    require_action(&caller, ct, Action::FindOne)?;
    let query = request_query(head);
    let policed_caller = apply_policies_of_entries(tenant, caller, ct, Action::FindOne, &query, head).await?;
    if let Some(cached) = cached_response(tenant, head, &policed_caller).await {
        return Ok(cached);
    }
    let answer =
        tenant.content.find_one(request_context(tenant, &policed_caller, ct, query, head).as_request_context(), id)?;
    read_response(tenant, ct, head, &policed_caller, answer)
}

async fn find_single_entry(tenant: &Tenant, ct: &ContentType, head: &Parts) -> Result<Response<Body>, WireError> {
    let caller = authenticate_headers(tenant, &head.headers).await?;
    if let Some(answer) = preview::read_preview(tenant, &caller, ct, None, head).await? {
        return Ok(answer);
    }
    require_action(&caller, ct, Action::Find)?;
    let query = request_query(head);
    let policed_caller = apply_policies_of_entries(tenant, caller, ct, Action::Find, &query, head).await?;
    if let Some(cached) = cached_response(tenant, head, &policed_caller).await {
        return Ok(cached);
    }
    let answer =
        tenant.content.find_single(request_context(tenant, &policed_caller, ct, query, head).as_request_context())?;
    read_response(tenant, ct, head, &policed_caller, answer)
}

async fn create_entry(
    tenant: &Tenant,
    ct: &ContentType,
    head: &Parts,
    body: Body,
) -> Result<Response<Body>, WireError> {
    let caller = authenticate_headers(tenant, &head.headers).await?;
    require_action(&caller, ct, Action::Create)?;
    let query = request_query(head);
    let policed_caller = apply_policies_of_entries(tenant, caller, ct, Action::Create, &query, head).await?;
    let context = request_context(tenant, &policed_caller, ct, query, head);
    let body = extract::body::read_json(&head.headers, body, tenant.config.server.max_body_bytes).await?;
    let answer = tenant.content.create(context.as_request_context(), body).await?;
    let body = v4_format::shape_body(tenant.content.registry(), ct, &head.headers, answer.body)?;
    Ok(version::with_version_header(responses::json_response(StatusCode::CREATED, body), Some(answer.version)))
}

async fn update_entry(
    tenant: &Tenant,
    ct: &ContentType,
    id: Option<&str>,
    head: &Parts,
    body: Body,
) -> Result<Response<Body>, WireError> {
    let caller = authenticate_headers(tenant, &head.headers).await?;
    require_action(&caller, ct, Action::Update)?;
    let query = request_query(head);
    let policed_caller = apply_policies_of_entries(tenant, caller, ct, Action::Update, &query, head).await?;
    let terms = version::write_options(&head.headers)?;
    let context = request_context(tenant, &policed_caller, ct, query, head);
    let body = extract::body::read_json(&head.headers, body, tenant.config.server.max_body_bytes).await?;
    let answer = match id {
        Some(id) => tenant.content.update(context.as_request_context(), id, body, terms).await?,
        None => tenant.content.update_single(context.as_request_context(), body, terms).await?,
    };
    let body = v4_format::shape_body(tenant.content.registry(), ct, &head.headers, answer.body)?;
    Ok(version::with_version_header(responses::json_response(StatusCode::OK, body), Some(answer.version)))
}

async fn delete_entry(
    tenant: &Tenant,
    ct: &ContentType,
    id: Option<&str>,
    head: &Parts,
) -> Result<Response<Body>, WireError> {
    let caller = authenticate_headers(tenant, &head.headers).await?;
    require_action(&caller, ct, Action::Delete)?;
    let query = request_query(head);
    let policed_caller = apply_policies_of_entries(tenant, caller, ct, Action::Delete, &query, head).await?;
    let expected = version::expected_version(&head.headers)?;
    let context = request_context(tenant, &policed_caller, ct, query, head);
    match id {
        Some(id) => tenant.content.delete(context.as_request_context(), id, expected).await?,
        None => tenant.content.delete_single(context.as_request_context(), expected).await?,
    }
    Ok(responses::empty_response(StatusCode::NO_CONTENT))
}

/// The cache key of a response: the address alone for the public, which is looked up before the caller is known, and otherwise together
/// with the format and with the key of the permissions, read policies included. Callers who may see the same share responses: what the
/// permissions say about users does not matter unless the response depends on it ([`key_with_values`]).
fn cache_key(head: &Parts, caller: &PolicedCaller) -> Option<String> {
    let path = head.uri.path_and_query()?.as_str();
    // A NUL is in no address, so it can separate the parts.
    let shape = if v4_format::is_v4_requested(&head.headers) { "\0v4" } else { "" };
    Some(match caller.is_unlimited_public() {
        true => format!("{path}{shape}"),
        false => format!("{path}{shape}\0{}", caller.access.key.permissions()),
    })
}

/// The cache key of a response that depends on these variables of the caller's permissions.
fn key_with_values(key: &str, access: &Access, variables: &BTreeSet<String>) -> String {
    format!("{key}\0{}", access.key_with(variables.iter().map(String::as_str)))
}

/// True if the response to a request may come from the cache, and go into it. Admin users rarely read twice what nobody changed.
fn uses_cache(tenant: &Tenant, head: &Parts, caller: &PolicedCaller) -> bool {
    tenant.cache.is_on()
        && head.method == Method::GET
        && !caller.caller.is_admin()
        && !preview::has_preview_token(head)
        && !are_source_maps_granted(tenant, &caller.access, head)
}

/// The cached body of a read with a key of its own, which is no address of a request.
pub(crate) async fn find_cached_body(tenant: &Tenant, key: &str, caller: &PolicedCaller) -> Option<Bytes> {
    if !tenant.cache.is_on() || caller.caller.is_admin() {
        return None;
    }
    let (mut key, store) = (format!("{key}\0{}", caller.access.key.permissions()), tenant.content.store());
    if let Some(variables) = tenant.cache.find_variables(&key) {
        key = key_with_values(&key, &caller.access, &variables);
    }
    if !tenant.cache.contains_key(&key) || store.wait_until_fresh().await.is_err() {
        return None;
    }
    Some(tenant.cache.find_valid(&key, store.counters())?.body.clone())
}

/// Caches the body of a read for [`find_cached_body`].
pub(crate) fn cache_body(tenant: &Tenant, key: &str, caller: &PolicedCaller, answer: &ReadResponse, body: &Bytes) {
    if tenant.cache.is_on() && !caller.caller.is_admin() {
        let key = format!("{key}\0{}", caller.access.key.permissions());
        cache_answer(tenant, key, caller, answer, responses::weak_etag(body), body);
    }
}

/// Caches the answer to a read.
fn cache_answer(
    tenant: &Tenant,
    mut key: String,
    caller: &PolicedCaller,
    answer: &ReadResponse,
    etag: HeaderValue,
    body: &Bytes,
) {
    if !answer.variables.is_empty() && !answer.per_caller {
        tenant.cache.insert_variables(&key, &answer.variables);
        key = key_with_values(&key, &caller.access, &answer.variables);
    }
    tenant.cache.insert_response(&key, answer, etag, body);
    // Plugins that have started since may hide from others what this response shows.
    if tenant.plugins.plugins().run_count() != caller.runs {
        tenant.cache.remove_entry(&key);
    }
}

/// A cached response to a caller; those to the public without policies are looked up before the caller is known.
async fn cached_response(tenant: &Tenant, head: &Parts, caller: &PolicedCaller) -> Option<Response<Body>> {
    let was_looked_up = caller.is_unlimited_public()
        && !head.headers.contains_key(AUTHORIZATION)
        && !head.headers.contains_key(v4_format::V4_FORMAT_HEADER)
        && !head.headers.contains_key(SOURCE_MAPS_HEADER);
    if !uses_cache(tenant, head, caller) {
        return None;
    }
    let (mut key, store) = (cache_key(head, caller)?, tenant.content.store());
    match tenant.cache.find_variables(&key) {
        Some(variables) => key = key_with_values(&key, &caller.access, &variables),
        None if was_looked_up => return None,
        None => {}
    }
    if !tenant.cache.contains_key(&key) || store.wait_until_fresh().await.is_err() {
        return None;
    }
    let cached = find_cached_response(tenant, &key, &head.headers)?;
    Some(vary_by_language(caller, cached))
}

/// The cached response to a `GET` by a signed-in user who is remembered, for whom no read policy of a plugin has to be asked, without any
/// read of the database. The request asks for neither a preview, source maps nor Strapi 4's format, and no other process writes. `None` where the router
/// has to decide, about bad credentials as well.
pub fn find_response_to_known_caller(
    tenant: &Tenant,
    path_and_query: &str,
    headers: &HeaderMap,
) -> Option<Response<Body>> {
    if !tenant.cache.is_on() || tenant.plugins.plugins().has_policies() {
        return None;
    }
    let authorization = extract::authorization::authorization_header(headers).ok()??;
    let permissions = tenant.access.find_known_permissions(authorization)?;
    let access = permissions.with_policies(&ReadPolicies::none());
    // The key is that of `cache_key` for a caller who is not the public.
    let key = format!("{path_and_query}\0{}", access.key.permissions());
    match tenant.cache.find_variables(&key) {
        Some(variables) => find_cached_response(tenant, &key_with_values(&key, &access, &variables), headers),
        None => find_cached_response(tenant, &key, headers),
    }
}

/// The response to a read, 200 or 304, which may be cached.
fn read_response(
    tenant: &Tenant,
    ct: &ContentType,
    head: &Parts,
    caller: &PolicedCaller,
    mut answer: ReadResponse,
) -> Result<Response<Body>, WireError> {
    let mut body = std::mem::take(&mut answer.body);
    let is_marked = are_source_maps_granted(tenant, &caller.access, head);
    if is_marked {
        body = mark_sources(tenant.content.registry(), ct, &body)?;
    }
    answer.body = v4_format::shape_body(tenant.content.registry(), ct, &head.headers, body)?;
    let mut response = match is_marked || preview::has_preview_token(head) {
        true => preview::private_response(version::with_version_header(
            responses::json_response(StatusCode::OK, answer.body),
            answer.version,
        )),
        false => vary_by_language(caller, cacheable_response(tenant, head, caller, answer)),
    };
    response.headers_mut().append(VARY, v4_format::VARY_BY_V4_FORMAT);
    Ok(response)
}

/// Adds the headers for the language, which read policies of plugins may depend on.
fn vary_by_language(caller: &PolicedCaller, mut response: Response<Body>) -> Response<Body> {
    if caller.shared_as.is_some() {
        response.headers_mut().append(VARY, HeaderValue::from_static("Accept-Language"));
    }
    response
}

fn cacheable_response(
    tenant: &Tenant,
    head: &Parts,
    caller: &PolicedCaller,
    mut answer: ReadResponse,
) -> Response<Body> {
    let (Some(key), true) = (cache_key(head, caller), uses_cache(tenant, head, caller)) else {
        return version::with_version_header(
            responses::conditional_response(answer.body, head.headers.get(IF_NONE_MATCH)),
            answer.version,
        );
    };
    let body = Bytes::from(std::mem::take(&mut answer.body));
    let etag = responses::weak_etag(&body);
    cache_answer(tenant, key, caller, &answer, etag.clone(), &body);
    let mut response = if responses::not_modified(head.headers.get(IF_NONE_MATCH), &etag) {
        responses::empty_response(StatusCode::NOT_MODIFIED)
    } else {
        Response::new(Body::from(body))
    };
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, responses::JSON_CONTENT_TYPE);
    headers.insert(ETAG, etag);
    version::with_version_header(response, answer.version)
}
