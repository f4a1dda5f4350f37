//! The history of documents.

use axum::http::HeaderMap;
use cairn_access::action_types::HistoryErase;
use cairn_content::{
    DeletedVersion, DocumentVersion, PublishAction, RestoreRequest, RestoredData, RestoredDocument, RestoredMeta,
    VersionComparison, VersionWithContent,
};
use cairn_http::content_caller;
use cairn_http::error::WireError;
use cairn_http::extract::body::Json;
use cairn_http::extract::require::{AnyAdmin, Require};
use cairn_http::extract::tenant::CurrentTenant;
use cairn_http::extract::url_params::{Path, Query};
use cairn_http::extract::version;
use cairn_http::openapi::response_types::{Before, Data, List, Page, WithMeta};
use cairn_http::openapi::router::AreaRouter;
use cairn_http::page_params::PageParams;
use cairn_http::routes;
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

/// The document whose history is meant.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct DocumentHistoryParams {
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
struct DeletedDocumentsParams {
    /// Uid of the content type.
    #[param(required)]
    r#type: String,
}

/// Two versions to compare.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct CompareVersionsParams {
    /// The number of one,
    from: i64,
    /// and of the other.
    to: i64,
}

/// Versions of a document, newest first.
#[utoipa::path(get, path = "/admin/api/history", params(DocumentHistoryParams, PageParams))]
async fn list(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<AnyAdmin>,
    Query(params): Query<DocumentHistoryParams>,
    Query(p): Query<PageParams>,
) -> Result<Page<DocumentVersion>, WireError> {
    let (caller, ct) = (
        content_caller::ContentCaller::for_admin(&tenant, &admin),
        content_caller::content_type(&tenant, &params.r#type.into())?,
    );
    let locale = params.locale.as_deref();
    let data = tenant.content.history_entries(
        &caller.editorial_caller(),
        ct.id,
        &params.document_id,
        locale,
        p.before,
        p.limit(),
    )?;
    let before = p.next_before(&data, |version| version.id);
    Ok(Page { data, meta: Before { before } })
}

/// A version as REST shows entries.
#[utoipa::path(get, path = "/admin/api/history/{id}")]
async fn one(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<AnyAdmin>,
    Path(id): Path<i64>,
) -> Result<Data<VersionWithContent>, WireError> {
    Ok(Data {
        data: tenant
            .content
            .history_version(&content_caller::ContentCaller::for_admin(&tenant, &admin).editorial_caller(), id)?,
    })
}

/// Compares two versions.
#[utoipa::path(get, path = "/admin/api/history/compare", params(CompareVersionsParams))]
async fn compare(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<AnyAdmin>,
    Query(pair): Query<CompareVersionsParams>,
) -> Result<Data<VersionComparison>, WireError> {
    // Long texts take their time.
    let compared = tokio::task::spawn_blocking(move || {
        tenant.content.history_compare(
            &content_caller::ContentCaller::for_admin(&tenant, &admin).editorial_caller(),
            pair.from,
            pair.to,
        )
    });
    Ok(Data { data: compared.await.map_err(WireError::internal)?? })
}

/// Attributes of a version to restore, and how.
#[derive(ToSchema)]
#[expect(dead_code, reason = "what is wrong with a member is told by its name")]
struct RestoreVersion {
    /// Names of attributes; all, where it is left out.
    fields: Option<Vec<String>>,
    /// True if it is published at once.
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
    admin: Require<AnyAdmin>,
    Path(id): Path<i64>,
    headers: HeaderMap,
    body: Json<RestoreVersion>,
) -> Result<WithMeta<RestoredData, RestoredMeta>, WireError> {
    let body: Value = body.read_object(&tenant).await?.into();
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
        Value::Null => version::required_version(&headers)?,
        token => Some(token.as_i64().ok_or_else(|| refused("expected", "a version token"))?),
    };
    let request = RestoreRequest { fields, publish, expected };
    let caller = content_caller::ContentCaller::for_admin(&tenant, &admin);
    if publish {
        let entry = tenant.content.store().read(|r| r.history().get(id))?.ok_or_else(WireError::not_found)?.0;
        if let Some(ct) = tenant.content.registry().by_uid(&entry.content_type) {
            caller.require_publish_at(&tenant, ct, PublishAction::Publish, &entry.document_id, &entry.locale).await?;
        }
    }
    let RestoredDocument { data, meta } =
        tenant.content.history_restore(&caller.editorial_caller(), id, request).await?;
    Ok(WithMeta { data, meta })
}

/// Documents that can be brought back, newest first: one for each locale.
#[utoipa::path(get, path = "/admin/api/history/deleted", params(DeletedDocumentsParams, PageParams))]
async fn deleted(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<AnyAdmin>,
    Query(params): Query<DeletedDocumentsParams>,
    Query(p): Query<PageParams>,
) -> Result<Page<DeletedVersion>, WireError> {
    let (caller, ct) = (
        content_caller::ContentCaller::for_admin(&tenant, &admin),
        content_caller::content_type(&tenant, &params.r#type.into())?,
    );
    let data = tenant.content.deleted_documents(&caller.editorial_caller(), ct.id, p.before, p.limit())?;
    let before = p.next_before(&data, |deleted| deleted.version.id);
    Ok(Page { data, meta: Before { before } })
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

/// Brings a document back; what came back, for each locale.
#[utoipa::path(post, path = "/admin/api/history/undelete")]
async fn undelete(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<AnyAdmin>,
    body: Json<DeletedDocument>,
) -> Result<List<RestoredDocument>, WireError> {
    let body: Value = body.read_object(&tenant).await?.into();
    let (caller, ct) = (
        content_caller::ContentCaller::for_admin(&tenant, &admin),
        content_caller::content_type(&tenant, &body["type"])?,
    );
    let document = content_caller::required_text(&body, "documentId")?;
    Ok(List { data: tenant.content.undelete(&caller.editorial_caller(), ct.id, document).await? })
}

/// How much is known no longer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Erased)]
struct ErasedHistory {
    /// Number of versions that were deleted.
    erased: usize,
}

/// Erases what is known of a document that was deleted.
#[utoipa::path(delete, path = "/admin/api/history", params(DocumentHistoryParams))]
async fn erase(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<HistoryErase>,
    Query(params): Query<DocumentHistoryParams>,
) -> Result<Data<ErasedHistory>, WireError> {
    let (caller, ct) = (
        content_caller::ContentCaller::for_admin(&tenant, &admin),
        content_caller::content_type(&tenant, &params.r#type.into())?,
    );
    let erased = tenant.content.erase_history(&caller.editorial_caller(), ct.id, &params.document_id).await?;
    Ok(Data { data: ErasedHistory { erased } })
}
