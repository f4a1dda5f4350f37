//! Preview tokens on reads of the content API: `?previewToken=` or the header `Cairn-Preview`.
//!
//! A token opens one document. On any other read it has no effect: the response is that to the caller without it. Writes ignore tokens. No
//! response to a request with a token is cached.

use super::policed_request::{apply_read_policies, request_context, request_query, widest_reach};
use super::source_maps::mark_preview;
use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, HeaderName, HeaderValue, REFERRER_POLICY};
use axum::http::request::Parts;
use axum::http::{Method, Response, StatusCode};
use cairn_access::Caller;
use cairn_app::Tenant;
use cairn_http::error::WireError;
use cairn_http::extract::version;
use cairn_http::responses;
use cairn_http::v4_format;
use cairn_model::ContentType;
use cairn_plugin_host::policies::PolicyReach;
use cairn_query::Query;

/// Header with a preview token, on reads of the content API.
pub const CAIRN_PREVIEW: HeaderName = HeaderName::from_static("cairn-preview");
/// Query parameter with a preview token.
const PREVIEW_PARAMETER: &str = "previewToken";

fn is_token(part: &&str) -> bool {
    part.split('=').next() == Some(PREVIEW_PARAMETER)
}

/// True if a read names a token.
pub(crate) fn has_preview_token(head: &Parts) -> bool {
    head.headers.contains_key(CAIRN_PREVIEW)
        || head
            .uri
            .query()
            .is_some_and(|query| query.contains(PREVIEW_PARAMETER) && query.split('&').any(|p| is_token(&p)))
}

/// The query of a request as it is planned: that of a read without its token.
pub(crate) fn without_token(method: &Method, query: &str) -> String {
    if !query.contains(PREVIEW_PARAMETER) || !matches!(*method, Method::GET | Method::HEAD) {
        return query.to_owned();
    }
    query.split('&').filter(|part| !is_token(part)).collect::<Vec<_>>().join("&")
}

/// All tokens of a request, in its query and in its headers.
pub(crate) fn preview_tokens(head: &Parts) -> impl Iterator<Item = &str> {
    let query = head.uri.query().unwrap_or_default();
    let query_tokens =
        query.split('&').filter(is_token).map(|part| part.split_once('=').map_or("", |(_, value)| value));
    query_tokens.chain(head.headers.get_all(CAIRN_PREVIEW).iter().map(|v| v.to_str().unwrap_or_default()))
}

/// The token of a read. Fails with 400 for more than one.
pub(crate) fn preview_token(head: &Parts) -> Result<Option<String>, WireError> {
    let mut all = preview_tokens(head);
    match (all.next(), all.next()) {
        (one, None) => Ok(one.map(str::to_owned)),
        _ => Err(WireError::validation("Expected exactly one preview token, in previewToken or in Cairn-Preview")),
    }
}

/// The document that a token opens; `None` where there is no token, or it has no effect here. Fails with 403 for a token that is not valid,
/// has expired, or was revoked.
pub(crate) async fn read_preview(
    tenant: &Tenant,
    caller: &Caller,
    ct: &ContentType,
    document_id: Option<&str>,
    head: &Parts,
) -> Result<Option<Response<Body>>, WireError> {
    let Some(token) = preview_token(head)? else { return Ok(None) };
    let preview = tenant.content.verify_preview(&token)?;
    // The document was chosen by who made the link; what it populates is the caller's to see, or not.
    let policed_caller = apply_read_policies(tenant, caller.clone(), widest_reach(&[ct.id], head), Some(head)).await;
    let context = request_context(tenant, &policed_caller, ct, request_query(head), head);
    let response = tenant.content.find_preview(context.as_request_context(), &preview, document_id)?;
    let Some(read_response) = response else { return Ok(None) };
    let body = mark_preview(tenant, ct, head, read_response.body)?;
    let body = v4_format::shape_body(tenant.content.registry(), ct, &head.headers, body)?;
    Ok(Some(private_response(version::with_version_header(
        responses::json_response(StatusCode::OK, body),
        read_response.version,
    ))))
}

/// The body of [`read_preview`] for one of the queries of a request, which are not in its address. `None` as there.
pub(crate) async fn read_preview_body(
    tenant: &Tenant,
    caller: &Caller,
    ct: &ContentType,
    document_id: Option<&str>,
    query: &Query,
    head: &Parts,
) -> Result<Option<Vec<u8>>, WireError> {
    let Some(token) = preview_token(head)? else { return Ok(None) };
    let preview = tenant.content.verify_preview(&token)?;
    let types = [ct.id];
    let reach = PolicyReach::Everything(&types);
    let policed_caller = apply_read_policies(tenant, caller.clone(), reach, Some(head)).await;
    let context = request_context(tenant, &policed_caller, ct, query.clone(), head);
    let response = tenant.content.find_preview(context.as_request_context(), &preview, document_id)?;
    Ok(response.map(|response| response.body))
}

/// Marks a response as one that must not be cached.
pub(crate) fn private_response(mut response: Response<Body>) -> Response<Body> {
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn preview_token_is_removed_from_get_queries() {
        let read = |query: &str| without_token(&Method::GET, query);
        assert_eq!(read("a=1&previewToken=x&b=2"), "a=1&b=2");
        assert_eq!(read("previewToken=x"), "");
        assert_eq!(read("previewToken&a=previewToken"), "a=previewToken");
        assert_eq!(read("previewTokens=x"), "previewTokens=x");
        assert_eq!(without_token(&Method::PUT, "previewToken=x"), "previewToken=x");
    }
}
