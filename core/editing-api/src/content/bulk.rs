//! Many documents at a time: each by itself, with what became of it.

use super::queries::{collection_type, deletion_query, draft_query};
use crate::publishing::RefusalView;
use cairn_content::ContentError;
use cairn_http::content_caller::ContentCaller;
use cairn_http::error::WireError;
use cairn_http::extract::body::Json;
use cairn_http::extract::require::{AnyAdmin, Require};
use cairn_http::extract::tenant::CurrentTenant;
use cairn_http::extract::url_params::Path;
use cairn_http::openapi::response_types::Page;
use cairn_http::openapi::router::AreaRouter;
use cairn_http::routes;
use cairn_query::{Action, QueryBuilder};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

/// Documents of one request that changes many.
const MAX_BULK_DOCUMENTS: usize = 500;
/// Of those, how many are worked on at a time.
const BULK_CONCURRENCY: usize = 8;

pub(super) fn routes() -> AreaRouter {
    AreaRouter::default().routes(routes!(remove_many)).routes(routes!(update_many))
}

/// The documents that are to go.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RemoveMany {
    /// Ids of 1 to 500 documents.
    document_ids: Vec<String>,
    /// One locale of them; all, where it is left out.
    #[serde(default)]
    locale: Option<String>,
}

/// The same values for many documents.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct UpdateMany {
    /// Ids of 1 to 500 documents.
    document_ids: Vec<String>,
    /// The default locale, where it is left out.
    #[serde(default)]
    locale: Option<String>,
    /// The attributes with their new values.
    data: Map<String, Value>,
}

fn check_bulk_size(documents: &[String]) -> Result<(), WireError> {
    match documents.len() {
        1..=MAX_BULK_DOCUMENTS => Ok(()),
        _ => Err(WireError::validation(format!("documentIds: expected 1 to {MAX_BULK_DOCUMENTS} documents"))),
    }
}

/// Outcome for one document of many.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct EntryOutcome {
    document_id: String,
    done: bool,
    /// Why it is not done.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    error: Option<RefusalView>,
}

/// Number of documents by outcome.
#[derive(Debug, Serialize, ToSchema)]
struct OutcomeMeta {
    done: usize,
    failed: usize,
}

fn to_outcome(document_id: &str, result: Result<(), ContentError>) -> Result<EntryOutcome, WireError> {
    let error = match result {
        Ok(()) => None,
        Err(ContentError::Refused(refusal)) => Some(RefusalView::from(&refusal)),
        Err(other) => return Err(other.into()),
    };
    Ok(EntryOutcome { document_id: document_id.to_owned(), done: error.is_none(), error })
}

/// Runs each and returns the outcomes, in their order. Some run at a time, which lets them share commits.
async fn collect_outcomes<F>(each: Vec<F>) -> Result<Page<EntryOutcome, OutcomeMeta>, WireError>
where
    F: Future<Output = Result<EntryOutcome, WireError>>,
{
    let data: Vec<EntryOutcome> = stream::iter(each).buffered(BULK_CONCURRENCY).try_collect().await?;
    let failed = data.iter().filter(|o| !o.done).count();
    Ok(Page { meta: OutcomeMeta { done: data.len() - failed, failed }, data })
}

/// Deletes many documents: each by itself, with what became of it.
#[utoipa::path(post, path = "/admin/api/content/{uid}/bulk/delete")]
async fn remove_many(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<AnyAdmin>,
    Path(uid): Path<String>,
    body: Json<RemoveMany>,
) -> Result<Page<EntryOutcome, OutcomeMeta>, WireError> {
    let ct = collection_type(&tenant, &uid)?;
    ContentCaller::for_admin(&tenant, &admin).require(ct, Action::Delete)?;
    let RemoveMany { document_ids, locale } = body.read(&tenant).await?;
    check_bulk_size(&document_ids)?;
    let asking = ContentCaller::for_admin(&tenant, &admin.into_admin().with_batch(document_ids.len()));
    let query = match &locale {
        Some(locale) => QueryBuilder::new().with("locale", &**locale).build(),
        None => deletion_query(ct, QueryBuilder::new()),
    };
    let mut each = Vec::with_capacity(document_ids.len());
    for id in &document_ids {
        let deleted = tenant.content.delete(asking.request_context(ct, &query), id, None);
        each.push(async { to_outcome(id, deleted.await) });
    }
    collect_outcomes(each).await
}

/// Saves the same values in many drafts: each by itself, with what became of it.
#[utoipa::path(post, path = "/admin/api/content/{uid}/bulk/update")]
async fn update_many(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<AnyAdmin>,
    Path(uid): Path<String>,
    body: Json<UpdateMany>,
) -> Result<Page<EntryOutcome, OutcomeMeta>, WireError> {
    let ct = collection_type(&tenant, &uid)?;
    ContentCaller::for_admin(&tenant, &admin).require(ct, Action::Update)?;
    let UpdateMany { document_ids, locale, data } = body.read(&tenant).await?;
    check_bulk_size(&document_ids)?;
    let asking = ContentCaller::for_admin(&tenant, &admin.into_admin().with_batch(document_ids.len()));
    if data.is_empty() {
        return Err(WireError::validation("data: expected an object with the attributes to change"));
    }
    let (query, values) = (draft_query(ct, locale.as_deref()).build(), json!({ "data": data }));
    let mut each = Vec::with_capacity(document_ids.len());
    for id in &document_ids {
        let saved = tenant.content.update(asking.request_context(ct, &query), id, Some(values.clone()), None);
        each.push(async { to_outcome(id, saved.await.map(|_| ())) });
    }
    collect_outcomes(each).await
}
