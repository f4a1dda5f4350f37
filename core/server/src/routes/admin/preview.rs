//! Preview links.

use super::{data, subject};
use crate::error::WireError;
use crate::extract::address::{Path, Query};
use crate::extract::admin::Admin;
use crate::extract::tenant::CurrentTenant;
use crate::routes::users::object;
use axum::Router;
use axum::body::Body;
use axum::http::Response;
use axum::http::request::Parts;
use axum::routing::{delete, get};
use cairn_content::NewPreview;
use serde::Deserialize;
use serde_json::{Value as Json, json};

type Answered = Result<Response<Body>, WireError>;

pub(super) fn routes() -> Router {
    Router::new().route("/admin/api/preview", get(list).post(create)).route("/admin/api/preview/{id}", delete(withdraw))
}

/// Life of a link where none is asked for, in seconds.
const DAY: i64 = 86_400;

/// A document.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Asked {
    r#type: String,
    document_id: String,
}

/// `POST /admin/api/preview`: `{type, documentId, locale?, ttl?}` → `{id, token, url, expiresAt}`.
async fn create(CurrentTenant(tenant): CurrentTenant, admin: Admin, head: Parts, body: Body) -> Answered {
    let body: Json = object(&tenant, &head, body).await?.into();
    let (who, ct) = (subject::Asking::of(&tenant, &admin), subject::content_type(&tenant, &body["type"])?);
    let seconds = match &body["ttl"] {
        Json::Null => DAY,
        ttl => ttl.as_i64().ok_or_else(|| WireError::validation("ttl: expected a whole number of seconds"))?,
    };
    let new = NewPreview {
        document_id: subject::text(&body, "documentId")?.to_owned(),
        locale: subject::locale(&body)?,
        seconds,
    };
    Ok(data(tenant.content.make_preview(&who.who(), ct, new).await?))
}

/// `GET /admin/api/preview?type=&documentId=`: the links that can be used.
async fn list(CurrentTenant(tenant): CurrentTenant, admin: Admin, Query(asked): Query<Asked>) -> Answered {
    let (who, ct) = (subject::Asking::of(&tenant, &admin), subject::content_type(&tenant, &asked.r#type.into())?);
    Ok(data(tenant.content.previews(&who.who(), ct, &asked.document_id)?))
}

/// `DELETE /admin/api/preview/{id}`: withdraws one.
async fn withdraw(CurrentTenant(tenant): CurrentTenant, admin: Admin, Path(id): Path<String>) -> Answered {
    tenant.content.withdraw_preview(&subject::Asking::of(&tenant, &admin).who(), &id).await?;
    Ok(data(json!({})))
}
