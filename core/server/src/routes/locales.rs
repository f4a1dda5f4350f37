//! `/api/i18n/locales`.

use crate::answer;
use crate::error::WireError;
use crate::extract::tenant::CurrentTenant;
use crate::routes::content::caller;
use axum::body::Body;
use axum::http::{HeaderMap, Response, StatusCode};
use cairn_access::PluginAction;
use serde_json::{Value as Json, json};

/// A bare list, in the order the locales were made.
pub(crate) async fn list(
    CurrentTenant(tenant): CurrentTenant,
    headers: HeaderMap,
) -> Result<Response<Body>, WireError> {
    let caller = caller(&tenant, &headers).await?;
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
    Ok(answer::value(StatusCode::OK, &Json::Array(list)))
}
