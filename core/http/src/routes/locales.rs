//! `/api/i18n/locales`.

use crate::error::WireError;
use crate::extract::tenant::CurrentTenant;
use crate::responses;
use crate::routes::content::authenticate_headers;
use axum::body::Body;
use axum::http::{HeaderMap, Response, StatusCode};
use cairn_access::PluginAction;
use serde_json::{Value as Json, json};

/// A bare list, in the order the locales were made.
pub(crate) async fn serve_locales(
    CurrentTenant(tenant): CurrentTenant,
    headers: HeaderMap,
) -> Result<Response<Body>, WireError> {
    let caller = authenticate_headers(&tenant, &headers).await?;
    caller.require(PluginAction::FindLocales)?;
    let locales = tenant.access.locales();
    let list: Vec<Json> = locales
        .available
        .iter()
        .map(|l| {
            json!({
                "id": l.id, "documentId": l.document_id, "name": l.name, "code": l.code, "createdAt": l.created_at,
                "updatedAt": l.updated_at, "publishedAt": l.created_at, "isDefault": l.is_default,
            })
        })
        .collect();
    Ok(responses::json_value_response(StatusCode::OK, &Json::Array(list)))
}
