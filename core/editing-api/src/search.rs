//! Looking for entries of any type by what lists call them: for the command palette.

use cairn_http::content_caller::ContentCaller;
use cairn_http::error::WireError;
use cairn_http::extract::json;
use cairn_http::extract::require::{AnyAdmin, Require};
use cairn_http::extract::tenant::CurrentTenant;
use cairn_http::extract::url_params::Query;
use cairn_http::openapi::response_types::Page;
use cairn_http::openapi::router::AreaRouter;
use cairn_http::routes;
use cairn_model::{AttributeId, ContentType, ContentTypeKind};
use cairn_query::{Action, QueryBuilder, QueryTree};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::time::{Duration, Instant};
use utoipa::{IntoParams, ToSchema};

/// Longest text to look for, in characters.
const MAX_SEARCH_CHARS: usize = 100;
/// Characters from which a text is looked for in the ids of documents as well: less would be found by chance.
const MIN_ID_CHARS: usize = 6;
/// Entries of one type.
const MAX_PER_TYPE: usize = 5;
/// Entries in all, where nothing is said, and at most.
const DEFAULT_LIMIT: usize = 20;
const MAX_LIMIT: usize = 50;
/// After so long no further type is looked at.
const TIME_BUDGET: Duration = Duration::from_millis(400);

pub(super) fn routes() -> AreaRouter {
    AreaRouter::default().routes(routes!(entries))
}

/// Search terms and limit of a search for entries.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct AdminSearchParams {
    /// Part of what an entry is called, or the beginning of its document id, of 6 characters or more; 1 to 100 characters.
    q: String,
    /// Entries at most: 1 to 50, 20 where it is left out.
    limit: Option<usize>,
}

/// An entry that was found.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Hit {
    /// Uid of its type.
    r#type: String,
    document_id: String,
    /// Title of the entry; its document id where it has none, as in lists.
    title: String,
    /// `null` where its type is not localised.
    locale: Option<String>,
}

/// Metadata of the hits of a search.
#[derive(Debug, Serialize, ToSchema)]
struct SearchMeta {
    /// Every type was looked at.
    complete: bool,
}

/// Entries of any collection type that are called so: drafts, in the default locale.
#[utoipa::path(get, path = "/admin/api/search", params(AdminSearchParams))]
async fn entries(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<AnyAdmin>,
    Query(params): Query<AdminSearchParams>,
) -> Result<Page<Hit, SearchMeta>, WireError> {
    let text = params.q.trim();
    if text.is_empty() || text.chars().count() > MAX_SEARCH_CHARS {
        return Err(WireError::validation(format!("q: expected 1 to {MAX_SEARCH_CHARS} characters")));
    }
    let limit = params.limit.unwrap_or(DEFAULT_LIMIT).clamp(1, MAX_LIMIT);
    let asking = ContentCaller::for_admin(&tenant, &admin);
    let (started, mut hits, mut complete) = (Instant::now(), Vec::new(), true);
    let is_searched = |ct: &&ContentType| {
        ct.is_api() && ct.kind == ContentTypeKind::Collection && asking.access().allows_action(ct.id, Action::Find)
    };
    for ct in asking.registry().types().iter().filter(is_searched) {
        if hits.len() >= limit || started.elapsed() > TIME_BUDGET {
            complete = false;
            break;
        }
        let readable = |id: &AttributeId| asking.access().allows_attribute(ct, *id, Action::Find);
        let titles: Vec<&str> =
            ct.title_attributes().filter(readable).map(|id| ct.attributes[id].name.as_str()).collect();
        let Some(query) = title_query(ct, &titles, text) else { continue };
        let response = tenant.content.find(asking.request_context(ct, &query)).await?;
        let found: Json = json::parse_json(&response.body)?;
        for entry in found["data"].as_array().into_iter().flatten() {
            let Some(document_id) = entry["documentId"].as_str() else { continue };
            let title = titles.iter().filter_map(|name| entry[name].as_str()).find(|title| !title.trim().is_empty());
            hits.push(Hit {
                r#type: ct.uid.clone(),
                document_id: document_id.to_owned(),
                title: title.unwrap_or(document_id).to_owned(),
                locale: entry["locale"].as_str().map(str::to_owned),
            });
        }
    }
    hits.truncate(limit);
    Ok(Page { data: hits, meta: SearchMeta { complete } })
}

/// The first entries whose title, or what stands in for one, has the text, or whose document id begins with it. `None` where no entry can.
fn title_query(ct: &ContentType, titles: &[&str], text: &str) -> Option<cairn_query::Query> {
    let condition = |name: &str, operator: &str| QueryTree::from([(name, QueryTree::from([(operator, text)]))]);
    let may_be_id = text.len() >= MIN_ID_CHARS && text.bytes().all(|b| b.is_ascii_alphanumeric());
    let ids = may_be_id.then(|| condition("documentId", "$startsWithi"));
    let conditions: Vec<QueryTree> = titles.iter().map(|title| condition(title, "$containsi")).chain(ids).collect();
    if conditions.is_empty() {
        return None;
    }
    let fields = titles.iter().copied().chain(ct.localized.then_some("locale"));
    let mut query = QueryBuilder::new()
        .with("filters", [("$or", conditions)])
        .with("fields", fields.map(QueryTree::from).collect::<Vec<_>>())
        .with("pagination", [("pageSize", MAX_PER_TYPE.to_string()), ("withCount", "false".to_owned())]);
    if ct.draft_publish {
        query.set("status", "draft");
    }
    Some(query.build())
}
