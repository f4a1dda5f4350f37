//! `/api/openapi.json`: what the caller may call, as an OpenAPI document.

use crate::plugins::admits_caller;
use crate::policed_request::authenticate_headers;
use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, IF_NONE_MATCH, VARY};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Response};
use cairn_access::{Caller, PluginAction};
use cairn_app::Tenant;
use cairn_content_openapi::{ApiPermissions, PluginBody, PluginResponse, PluginRoute, describe_content_api};
use cairn_http::error::WireError;
use cairn_http::extract::tenant::CurrentTenant;
use cairn_http::responses;
use cairn_plugin_host::routes::DescribedRoute;
use cairn_plugin_package::manifest::RatePer;
use xxhash_rust::xxh3::xxh3_128;

/// `GET /api/openapi.json`, for everybody: it describes nothing that the caller may not call.
pub(crate) async fn describe_api(
    CurrentTenant(tenant): CurrentTenant,
    head: Parts,
) -> Result<Response<Body>, WireError> {
    let caller = authenticate_headers(&tenant, &head.headers).await?;
    let describe = move || {
        let plugin_routes = list_plugin_routes(&tenant, &caller);
        let key = format!("{} {:x}", permissions_key(&caller), xxh3_128(format!("{plugin_routes:?}").as_bytes()));
        tenant.api_descriptions.get_or_make(&key, || {
            let allows_action = |action| caller.allows_action(action);
            let access = caller.permissions.before_policies();
            let permissions = ApiPermissions { access, allows_action: &allows_action, plugin_routes: &plugin_routes };
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

/// Routes of plugins that the caller may call.
fn list_plugin_routes(tenant: &Tenant, caller: &Caller) -> Vec<PluginRoute> {
    let routes = tenant.plugins.plugins().list_routes();
    let admitted = routes.into_iter().filter(|described| admits_caller(&described.plugin, &described.route, caller));
    admitted.map(describe_plugin_route).collect()
}

/// A route of a plugin, as the OpenAPI document has it.
pub fn describe_plugin_route(described: DescribedRoute) -> PluginRoute {
    let DescribedRoute { plugin, route, request_schema, response_schemas } = described;
    let describe_body = |media_type: &String| PluginBody {
        media_type: media_type.clone(),
        schema: request_schema.clone().filter(|_| route.body.is_described(media_type)),
    };
    let bodies = route.method.takes_body().then(|| route.body.types.iter().map(describe_body).collect());
    let rate = route.rate.map(|rate| {
        let per = match rate.per {
            RatePer::Ip => "for one network address",
            RatePer::Caller => "for one caller",
            RatePer::Route => "in all",
        };
        format!("At most {} requests in {} seconds {per}.", rate.limit, rate.every.as_secs())
    });
    let responses = route.responses.into_iter().map(|response| PluginResponse {
        status: response.status,
        media_type: response.media_type,
        schema: response.schema.and_then(|file| response_schemas.get(&file).cloned()),
        description: response.description,
    });
    PluginRoute {
        plugin,
        name: route.name,
        method: route.method.as_str().to_owned(),
        path: route.path,
        description: rate.unwrap_or_default(),
        bodies,
        responses: responses.collect(),
    }
}

/// Equal for callers who may call the same.
pub(crate) fn permissions_key(caller: &Caller) -> String {
    let allowed = PluginAction::ALL.iter().map(|&action| if caller.allows_action(action) { '1' } else { '0' });
    format!("{} {}", caller.permissions.before_policies().key.permissions(), allowed.collect::<String>())
}
