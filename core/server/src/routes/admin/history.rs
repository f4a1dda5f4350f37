//! The history of documents.

use super::{Paging, data, subject, with_meta};
use crate::error::WireError;
use crate::extract::address::{Path, Query};
use crate::extract::admin::Admin;
use crate::extract::tenant::CurrentTenant;
use crate::routes::users::object;
use axum::Router;
use axum::body::Body;
use axum::http::Response;
use axum::http::request::Parts;
use axum::routing::{get, post};
use cairn_content::{PublishAction, RestoreRequest};
use serde::Deserialize;
use serde_json::{Value as Json, json};

type Answered = Result<Response<Body>, WireError>;

pub(super) fn routes() -> Router {
    Router::new()
        .route("/admin/api/history", get(list).delete(erase))
        .route("/admin/api/history/compare", get(compare))
        .route("/admin/api/history/deleted", get(deleted))
        .route("/admin/api/history/undelete", post(undelete))
        .route("/admin/api/history/{id}", get(version))
        .route("/admin/api/history/{id}/restore", post(restore))
}

/// A document, or a type.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Asked {
    r#type: String,
    document_id: String,
    locale: Option<String>,
}

/// Two versions.
#[derive(Debug, Deserialize)]
struct Pair {
    from: i64,
    to: i64,
}

fn page(entries: Vec<Json>, page: Paging) -> Response<Body> {
    let last = entries.last().filter(|_| entries.len() as i64 == page.limit()).map(|e| e["id"].clone());
    with_meta(entries, json!({ "before": last }))
}

/// `GET /admin/api/history?type=&documentId=`: entries of a document, newest first; `locale`: of that one.
async fn list(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Query(asked): Query<Asked>,
    Query(p): Query<Paging>,
) -> Answered {
    let (who, ct) = (subject::Asking::of(&tenant, &admin), subject::content_type(&tenant, &asked.r#type.into())?);
    let locale = asked.locale.as_deref();
    let entries = tenant.content.history(&who.who(), ct.id, &asked.document_id, locale, p.before, p.limit())?;
    Ok(page(entries, p))
}

/// `GET /admin/api/history/{id}`: a version as REST shows entries.
async fn version(CurrentTenant(tenant): CurrentTenant, admin: Admin, Path(id): Path<i64>) -> Answered {
    Ok(data(tenant.content.history_version(&subject::Asking::of(&tenant, &admin).who(), id)?))
}

/// `GET /admin/api/history/compare?from=&to=`: what differs between two versions.
async fn compare(CurrentTenant(tenant): CurrentTenant, admin: Admin, Query(pair): Query<Pair>) -> Answered {
    // Long texts take their time.
    let compared = tokio::task::spawn_blocking(move || {
        tenant.content.history_compare(&subject::Asking::of(&tenant, &admin).who(), pair.from, pair.to)
    });
    Ok(data(compared.await.map_err(WireError::internal)??))
}

/// `POST /admin/api/history/{id}/restore`: `{fields?, publish?, expected?}`.
async fn restore(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path(id): Path<i64>,
    head: Parts,
    body: Body,
) -> Answered {
    let body: Json = object(&tenant, &head, body).await?.into();
    let refused = |key: &str, expected: &str| WireError::validation(format!("{key}: expected {expected}"));
    let fields = match &body["fields"] {
        Json::Null => None,
        Json::Array(list) => {
            let names = list.iter().map(|f| f.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>();
            Some(names.filter(|n| !n.is_empty()).ok_or_else(|| refused("fields", "names of attributes"))?)
        }
        _ => return Err(refused("fields", "a list of names of attributes")),
    };
    let publish = match &body["publish"] {
        Json::Null => false,
        Json::Bool(publish) => *publish,
        _ => return Err(refused("publish", "true or false")),
    };
    let expected = match &body["expected"] {
        Json::Null => None,
        token => Some(token.as_i64().ok_or_else(|| refused("expected", "a version token"))?),
    };
    let request = RestoreRequest { fields, publish, expected };
    let who = subject::Asking::of(&tenant, &admin);
    if publish {
        let of = tenant.content.store().read(|r| r.history_entry(id))?.ok_or_else(WireError::not_found)?.0;
        if let Some(ct) = tenant.content.registry().by_uid(&of.content_type) {
            who.require_publish_at(&tenant, ct, PublishAction::Publish, &of.document_id, &of.locale).await?;
        }
    }
    let mut restored = tenant.content.history_restore(&who.who(), id, request).await?;
    Ok(with_meta(restored["data"].take(), restored["meta"].take()))
}

/// `GET /admin/api/history/deleted?type=`: documents that can be brought back, newest first.
async fn deleted(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Query(asked): Query<Asked>,
    Query(p): Query<Paging>,
) -> Answered {
    let (who, ct) = (subject::Asking::of(&tenant, &admin), subject::content_type(&tenant, &asked.r#type.into())?);
    Ok(page(tenant.content.deleted(&who.who(), ct.id, p.before, p.limit())?, p))
}

/// `POST /admin/api/history/undelete`: `{type, documentId}`; what came back, for each locale.
async fn undelete(CurrentTenant(tenant): CurrentTenant, admin: Admin, head: Parts, body: Body) -> Answered {
    let body: Json = object(&tenant, &head, body).await?.into();
    let (who, ct) = (subject::Asking::of(&tenant, &admin), subject::content_type(&tenant, &body["type"])?);
    let document = subject::text(&body, "documentId")?;
    Ok(data(tenant.content.undelete(&who.who(), ct.id, document).await?))
}

/// `DELETE /admin/api/history?type=&documentId=`: erases what is known of a document that was deleted.
async fn erase(CurrentTenant(tenant): CurrentTenant, admin: Admin, Query(asked): Query<Asked>) -> Answered {
    let (who, ct) = (subject::Asking::of(&tenant, &admin), subject::content_type(&tenant, &asked.r#type.into())?);
    let erased = tenant.content.erase_history(&who.who(), ct.id, &asked.document_id).await?;
    Ok(data(json!({ "erased": erased })))
}
