//! Looking for entries of any type by what they are called: for the command palette.

use cairn_http::content_caller::ContentCaller;
use cairn_http::error::WireError;
use cairn_http::extract::json;
use cairn_http::extract::require::{AnyAdmin, Require};
use cairn_http::extract::tenant::CurrentTenant;
use cairn_http::extract::url_params::Query;
use cairn_http::openapi::response_types::Page;
use cairn_http::openapi::router::AreaRouter;
use cairn_http::routes;
use cairn_model::{AttributeId, ContentType};
use cairn_query::{Action, QueryBuilder, QueryTree};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::time::{Duration, Instant};
use utoipa::{IntoParams, ToSchema};

/// Longest text to look for, in characters.
const MAX_SEARCH_CHARS: usize = 100;
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
    /// Part of what an entry is called; 1 to 100 characters.
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
    /// Title of the entry.
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

/// Entries of any type that are called so: drafts, in the default locale.
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
    for ct in asking.registry().types().iter().filter(|ct| ct.is_api()) {
        if hits.len() >= limit || started.elapsed() > TIME_BUDGET {
            complete = false;
            break;
        }
        let readable = |id: &AttributeId| asking.access().allows_attribute(ct, *id, Action::Find);
        let titles: Vec<&str> =
            ct.title_attributes().filter(readable).map(|id| ct.attributes[id].name.as_str()).collect();
        if titles.is_empty() {
            continue;
        }
        let query = title_query(ct, &titles, text);
        let response = tenant.content.find(asking.request_context(ct, &query)).await?;
        let found: Json = json::parse_json(&response.body)?;
        for entry in found["data"].as_array().into_iter().flatten() {
            let title = titles.iter().filter_map(|name| entry[name].as_str()).find(|title| !title.is_empty());
            let (Some(document_id), Some(title)) = (entry["documentId"].as_str(), title) else { continue };
            hits.push(Hit {
                r#type: ct.uid.clone(),
                document_id: document_id.to_owned(),
                title: title.to_owned(),
                locale: entry["locale"].as_str().map(str::to_owned),
            });
        }
    }
    hits.truncate(limit);
    Ok(Page { data: hits, meta: SearchMeta { complete } })
}

/// The first entries whose title, or what stands in for one, has the text.
fn title_query(ct: &ContentType, titles: &[&str], text: &str) -> cairn_query::Query {
    let fields = titles.iter().copied().chain(ct.localized.then_some("locale"));
    let conditions = titles.iter().map(|title| QueryTree::from([(*title, QueryTree::from([("$containsi", text)]))]));
    let mut query = QueryBuilder::new()
        .with("filters", [("$or", conditions.collect::<Vec<_>>())])
        .with("fields", fields.map(QueryTree::from).collect::<Vec<_>>())
        .with("pagination", [("pageSize", MAX_PER_TYPE.to_string()), ("withCount", "false".to_owned())]);
    if ct.draft_publish {
        query.set("status", "draft");
    }
    query.build()
}
