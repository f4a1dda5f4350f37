//! `/api/i18n/locales`.

use crate::policed_request::authenticate_headers;
use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Response, StatusCode};
use cairn_access::{PluginAction, SeeAs};
use cairn_app::Tenant;
use cairn_http::error::WireError;
use cairn_http::extract::tenant::CurrentTenant;
use cairn_http::responses;
use futures_util::future::BoxFuture;
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// A bare list, in the order the locales were made.
pub(crate) async fn serve_locales(
    CurrentTenant(tenant): CurrentTenant,
    headers: HeaderMap,
) -> Result<Response<Body>, WireError> {
    let caller = authenticate_headers(&tenant, &headers).await?;
    caller.require(PluginAction::FindLocales)?;
    Ok(list_locales(&tenant))
}

/// The same for the person and the time of a see-as preview.
pub(crate) fn list_locales_as<'a>(
    tenant: &'a Arc<Tenant>,
    _: &'a Parts,
    see_as: SeeAs,
) -> BoxFuture<'a, Result<Response<Body>, WireError>> {
    Box::pin(async move {
        tenant.rehearse_as(see_as, |_, caller| Ok::<_, WireError>(caller.require(PluginAction::FindLocales)?)).await?;
        Ok(list_locales(tenant))
    })
}

fn list_locales(tenant: &Tenant) -> Response<Body> {
    responses::json_value_response(StatusCode::OK, &Json::Array(locale_views(tenant)))
}

/// All locales, as the route lists them.
pub(crate) fn locale_views(tenant: &Tenant) -> Vec<Json> {
    let locales = tenant.access.locales();
    let views = locales.available.iter().map(|l| {
        json!({
            "id": l.id, "documentId": l.document_id, "name": l.name, "code": l.code, "createdAt": l.created_at,
            "updatedAt": l.updated_at, "publishedAt": l.created_at, "isDefault": l.is_default,
        })
    });
    views.collect()
}
