//! The history of documents.

use super::shapes::history::{Comparison, DeletedVersion, Restored, RestoredMeta, Version, VersionWithContent};
use super::{Paging, subject};
use crate::error::WireError;
use crate::extract::address::{Path, Query};
use crate::extract::admin::Admin;
use crate::extract::body::Json;
use crate::extract::tenant::CurrentTenant;
use crate::extract::version;
use crate::openapi::answers::{As, Before, Data, List, Page, WithMeta, each};
use crate::openapi::router::AreaRouter;
use crate::openapi::router::routes;
use axum::http::HeaderMap;
use cairn_content::{PublishAction, RestoreRequest};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

pub(super) fn routes() -> AreaRouter {
    AreaRouter::default()
        .routes(routes!(list, erase))
        .routes(routes!(compare))
        .routes(routes!(deleted))
        .routes(routes!(undelete))
        .routes(routes!(one))
        .routes(routes!(restore))
}

/// A document.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct OfDocument {
    /// The uid of its type.
    #[param(required)]
    r#type: String,
    #[param(required)]
    document_id: String,
    /// Of all, where it is left out.
    locale: Option<String>,
}

/// A content type.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct OfType {
    /// Its uid.
    #[param(required)]
    r#type: String,
}

/// Two versions.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Pair {
    /// The number of one,
    from: i64,
    /// and of the other.
    to: i64,
}

fn page<T>(versions: Vec<Value>, page: Paging) -> Page<As<T>> {
    let before = page.next(&versions, |e| e["id"].as_i64().unwrap_or_default());
    Page { data: each(versions), meta: Before { before } }
}

/// Versions of a document, newest first.
#[utoipa::path(get, path = "/admin/api/history", params(OfDocument, Paging))]
async fn list(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Query(asked): Query<OfDocument>,
    Query(p): Query<Paging>,
) -> Result<Page<As<Version>>, WireError> {
    let (who, ct) = (subject::Asking::of(&tenant, &admin), subject::content_type(&tenant, &asked.r#type.into())?);
    let locale = asked.locale.as_deref();
    let entries = tenant.content.history(&who.who(), ct.id, &asked.document_id, locale, p.before, p.limit())?;
    Ok(page(entries, p))
}

/// A version as REST shows entries.
#[utoipa::path(get, path = "/admin/api/history/{id}")]
async fn one(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path(id): Path<i64>,
) -> Result<Data<As<VersionWithContent>>, WireError> {
    Ok(Data { data: tenant.content.history_version(&subject::Asking::of(&tenant, &admin).who(), id)?.into() })
}

/// What differs between two versions.
#[utoipa::path(get, path = "/admin/api/history/compare", params(Pair))]
async fn compare(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Query(pair): Query<Pair>,
) -> Result<Data<As<Comparison>>, WireError> {
    // Long texts take their time.
    let compared = tokio::task::spawn_blocking(move || {
        tenant.content.history_compare(&subject::Asking::of(&tenant, &admin).who(), pair.from, pair.to)
    });
    Ok(Data { data: compared.await.map_err(WireError::internal)??.into() })
}

/// What is to come back of a version.
#[derive(ToSchema)]
#[expect(dead_code, reason = "what is wrong with a member is told by its name")]
struct RestoreVersion {
    /// Names of attributes; all, where it is left out.
    fields: Option<Vec<String>>,
    /// Whether it is published at once.
    publish: Option<bool>,
    /// The version of the draft that was seen; `If-Match` says the same.
    expected: Option<i64>,
}

/// Brings a version back.
///
/// The version of the draft that was seen is needed, as `expected` or in `If-Match` (428).
#[utoipa::path(
    post,
    path = "/admin/api/history/{id}/restore",
    params(("If-Match" = Option<String>, Header, description = "The version that was seen, as `Cairn-Version` had it; `*`: whatever is there")),
)]
async fn restore(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path(id): Path<i64>,
    headers: HeaderMap,
    body: Json<RestoreVersion>,
) -> Result<WithMeta<As<Restored>, As<RestoredMeta>>, WireError> {
    let body: Value = body.object(&tenant).await?.into();
    let refused = |key: &str, expected: &str| WireError::validation(format!("{key}: expected {expected}"));
    let fields = match &body["fields"] {
        Value::Null => None,
        Value::Array(list) => {
            let names = list.iter().map(|f| f.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>();
            Some(names.filter(|n| !n.is_empty()).ok_or_else(|| refused("fields", "names of attributes"))?)
        }
        _ => return Err(refused("fields", "a list of names of attributes")),
    };
    let publish = match &body["publish"] {
        Value::Null => false,
        Value::Bool(publish) => *publish,
        _ => return Err(refused("publish", "true or false")),
    };
    let expected = match &body["expected"] {
        Value::Null => version::required_of_existing(&headers)?,
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
    Ok(WithMeta { data: restored["data"].take().into(), meta: restored["meta"].take().into() })
}

/// Documents that can be brought back, newest first: one for each locale.
#[utoipa::path(get, path = "/admin/api/history/deleted", params(OfType, Paging))]
async fn deleted(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Query(asked): Query<OfType>,
    Query(p): Query<Paging>,
) -> Result<Page<As<DeletedVersion>>, WireError> {
    let (who, ct) = (subject::Asking::of(&tenant, &admin), subject::content_type(&tenant, &asked.r#type.into())?);
    Ok(page(tenant.content.deleted(&who.who(), ct.id, p.before, p.limit())?, p))
}

/// A document that was deleted.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "what is wrong with a member is told by its name")]
struct DeletedDocument {
    /// The uid of its type.
    r#type: String,
    document_id: String,
}

/// A locale of a document that was brought back.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes JSON")]
struct Undeleted {
    data: Restored,
    meta: RestoredMeta,
}

/// Brings a document back; what came back, for each locale.
#[utoipa::path(post, path = "/admin/api/history/undelete")]
async fn undelete(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    body: Json<DeletedDocument>,
) -> Result<List<As<Undeleted>>, WireError> {
    let body: Value = body.object(&tenant).await?.into();
    let (who, ct) = (subject::Asking::of(&tenant, &admin), subject::content_type(&tenant, &body["type"])?);
    let document = subject::text(&body, "documentId")?;
    Ok(List { data: each(tenant.content.undelete(&who.who(), ct.id, document).await?) })
}

/// How much is known no longer.
#[derive(Debug, Serialize, ToSchema)]
struct Erased {
    /// Versions.
    erased: usize,
}

/// Erases what is known of a document that was deleted.
#[utoipa::path(delete, path = "/admin/api/history", params(OfDocument))]
async fn erase(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Query(asked): Query<OfDocument>,
) -> Result<Data<Erased>, WireError> {
    let (who, ct) = (subject::Asking::of(&tenant, &admin), subject::content_type(&tenant, &asked.r#type.into())?);
    let erased = tenant.content.erase_history(&who.who(), ct.id, &asked.document_id).await?;
    Ok(Data { data: Erased { erased } })
}
