//! Who has which document open.

use super::{data, subject};
use crate::error::WireError;
use crate::extract::address::Query;
use crate::extract::admin::Admin;
use crate::extract::tenant::CurrentTenant;
use crate::routes::users::object;
use axum::Router;
use axum::body::Body;
use axum::http::Response;
use axum::http::request::Parts;
use axum::routing::get;
use cairn_content::Beat;
use serde::Deserialize;
use serde_json::{Value as Json, json};

type Answered = Result<Response<Body>, WireError>;

pub(super) fn routes() -> Router {
    Router::new().route("/admin/api/presence", get(list).post(here).delete(gone))
}

/// A document; none: everywhere.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Asked {
    r#type: Option<String>,
    document_id: Option<String>,
    locale: Option<String>,
}

fn beat(body: &Json) -> Result<Beat, WireError> {
    let flag = |key: &str| match &body[key] {
        Json::Null => Ok(false),
        Json::Bool(flag) => Ok(*flag),
        _ => Err(WireError::validation(format!("{key}: expected true or false"))),
    };
    let field = match &body["field"] {
        Json::Null => String::new(),
        Json::String(field) => field.clone(),
        _ => return Err(WireError::validation("field: expected a text")),
    };
    Ok(Beat {
        document_id: subject::text(body, "documentId")?.to_owned(),
        locale: subject::locale(body)?,
        tab: subject::text(body, "tab")?.to_owned(),
        field,
        lock: flag("lock")?,
        take_over: flag("takeOver")?,
    })
}

/// `POST /admin/api/presence`: `{type, documentId, locale?, tab, field?, lock?, takeOver?}`, every 20 to 30 seconds →
/// `{present, lock, leaseSeconds}`.
async fn here(CurrentTenant(tenant): CurrentTenant, admin: Admin, head: Parts, body: Body) -> Answered {
    let body: Json = object(&tenant, &head, body).await?.into();
    let (who, ct) = (subject::Asking::of(&tenant, &admin), subject::content_type(&tenant, &body["type"])?);
    Ok(data(tenant.content.be_present(&who.who(), ct, beat(&body)?).await?))
}

/// `DELETE /admin/api/presence`: the same body; the tab has gone.
async fn gone(CurrentTenant(tenant): CurrentTenant, admin: Admin, head: Parts, body: Body) -> Answered {
    let body: Json = object(&tenant, &head, body).await?.into();
    let (who, ct) = (subject::Asking::of(&tenant, &admin), subject::content_type(&tenant, &body["type"])?);
    tenant.content.leave(&who.who(), ct, beat(&body)?).await?;
    Ok(data(json!({})))
}

/// `GET /admin/api/presence`: who is in a document (`type`, `documentId`, `locale`), or anywhere.
async fn list(CurrentTenant(tenant): CurrentTenant, admin: Admin, Query(asked): Query<Asked>) -> Answered {
    let who = subject::Asking::of(&tenant, &admin);
    let present = match (asked.r#type, asked.document_id) {
        (None, None) => tenant.content.present_anywhere(&who.who())?,
        (Some(uid), Some(document)) => {
            let ct = subject::content_type(&tenant, &uid.into())?;
            tenant.content.present(&who.who(), ct, &document, asked.locale.as_deref())?
        }
        _ => return Err(WireError::validation("type and documentId belong together")),
    };
    Ok(data(present))
}
