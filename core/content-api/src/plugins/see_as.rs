//! Routes of plugins in a preview as somebody else: called inside the rehearsal, as the person who is shown.

use super::{request_without_body, require_caller, route_error, to_http_response};
use crate::preview::{self, CAIRN_PREVIEW};
use axum::body::Body;
use axum::http::Response;
use axum::http::request::Parts;
use cairn_app::Tenant;
use cairn_http::error::WireError;
use cairn_http::extract::actor::RequestActor;
use cairn_http::extract::locale::request_locale;
use cairn_plugin_host::routes::{RehearsedResponse, RouteMatch, RouteRequest};
use std::sync::Arc;

/// Calls a route for a read with a see-as token. The plugin does not get the token.
pub(super) async fn read_route(
    tenant: &Arc<Tenant>,
    head: &Parts,
    route_match: RouteMatch,
    token: &str,
) -> Result<Response<Body>, WireError> {
    let see_as = tenant.verify_see_as(token)?;
    let (name, outside_images) = (route_match.plugin.clone(), route_match.route.outside_images);
    let counted = tenant.plugins.plugins().count_rehearsed_request(&route_match, see_as.admin);
    counted.map_err(|error| route_error(&name, error))?;
    let (shared, shared_head) = (tenant.clone(), Arc::new(head.clone()));
    let answer = tenant.rehearse_as(see_as, move |tx, caller| {
        let (tenant, head) = (&*shared, &*shared_head);
        let (plugins, locale) = (tenant.plugins.plugins(), request_locale(&tenant.access.locales(), head));
        require_caller(tenant, &route_match, &caller, &locale)?;
        let actor = Arc::new(caller.request_actor(head));
        let access = plugins.access_in_transaction_as(caller.permissions, actor.clone(), &locale);
        let mut request = request_without_body(head, actor, access, locale);
        remove_token(&mut request, head);
        Ok::<_, WireError>(plugins.rehearse_request(tx, route_match, request))
    });
    let answer = answer.await?.and_then(RehearsedResponse::check);
    to_http_response(tenant, head, &name, outside_images, answer).await
}

fn remove_token(request: &mut RouteRequest, head: &Parts) {
    let query = preview::without_token(&head.method, head.uri.query().unwrap_or_default());
    request.query =
        url::form_urlencoded::parse(query.as_bytes()).map(|(name, value)| (name.into(), value.into())).collect();
    request.headers.retain(|(name, _)| CAIRN_PREVIEW != name.as_str());
}
