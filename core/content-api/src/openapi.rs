//! `/api/openapi.json`: what the caller may call, as an OpenAPI document.

use crate::content::authenticate_headers;
use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, IF_NONE_MATCH, VARY};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Response};
use cairn_access::{Caller, PluginAction};
use cairn_content_openapi::{ApiPermissions, describe_content_api};
use cairn_http::error::WireError;
use cairn_http::extract::tenant::CurrentTenant;
use cairn_http::responses;

/// `GET /api/openapi.json`, for everybody: it describes nothing that the caller may not call.
pub(crate) async fn describe_api(
    CurrentTenant(tenant): CurrentTenant,
    head: Parts,
) -> Result<Response<Body>, WireError> {
    let caller = authenticate_headers(&tenant, &head.headers).await?;
    let describe = move || {
        tenant.api_descriptions.get_or_make(&permissions_key(&caller), || {
            let allows_action = |action| caller.allows_action(action);
            let permissions =
                ApiPermissions { access: caller.permissions.before_policies(), allows_action: &allows_action };
            describe_content_api(tenant.content.registry(), permissions).to_string().into_bytes()
        })
    };
    let document = tokio::task::spawn_blocking(describe).await.map_err(WireError::internal)?;
    let mut response = responses::conditional_response(document.to_vec(), head.headers.get(IF_NONE_MATCH));
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    headers.insert(VARY, HeaderValue::from_static("Authorization"));
    Ok(response)
}

/// Equal for callers who may call the same.
pub(crate) fn permissions_key(caller: &Caller) -> String {
    let allowed = PluginAction::ALL.iter().map(|&action| if caller.allows_action(action) { '1' } else { '0' });
    format!("{} {}", caller.permissions.before_policies().key.permissions(), allowed.collect::<String>())
}
