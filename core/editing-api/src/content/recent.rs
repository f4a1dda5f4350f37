//! Drafts that were saved last and are not published as they stand.

use super::entry_status::EntryStatus;
use super::load_states;
use cairn_app::Tenant;
use cairn_http::content_caller::ContentCaller;
use cairn_http::error::WireError;
use cairn_http::extract::json;
use cairn_http::openapi::response_types::Time;
use cairn_http::type_texts::TypeTexts;
use cairn_model::{AttributeId, ContentType, ContentTypeKind};
use cairn_query::{Action, DocumentStatus, EditorialFilter, Filter, Query, QueryBuilder, QueryTree};
use serde::Serialize;
use serde_json::Value as Json;
use std::time::{Duration, Instant};
use utoipa::ToSchema;

/// Drafts that are shown.
const MAX_RECENT_DRAFTS: usize = 8;
/// After so long no further type is looked at.
const TIME_BUDGET: Duration = Duration::from_millis(400);

/// An entry that was worked on.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RecentDraft {
    /// Uid of its type.
    content_type: String,
    /// Display name of its type.
    type_name: String,
    document_id: String,
    /// `null` where its type is not localised.
    locale: Option<String>,
    /// `null` where it has none, or may not be seen.
    title: Option<String>,
    status: EntryStatus,
    #[schema(value_type = Time)]
    updated_at: String,
}

/// Drafts of all types that somebody may list, the one that was saved last first, with the names of types in a language. Returns an error if the database fails.
pub(crate) async fn recent_drafts(
    tenant: &Tenant,
    asking: &ContentCaller,
    language: &str,
) -> Result<Vec<RecentDraft>, WireError> {
    let (started, mut drafts) = (Instant::now(), Vec::new());
    let listed = |ct: &&ContentType| {
        ct.is_api()
            && ct.draft_publish
            && ct.kind == ContentTypeKind::Collection
            && asking.access().allows_action(ct.id, Action::Find)
    };
    for ct in asking.registry().types().iter().filter(listed) {
        if started.elapsed() > TIME_BUDGET {
            break;
        }
        drafts.extend(drafts_of_type(tenant, asking, ct).await?);
    }
    // Imported entries were saved at the same moment: these are sorted by title.
    drafts.sort_by(|a, b| b.updated_at.cmp(&a.updated_at).then_with(|| a.title.cmp(&b.title)));
    drafts.truncate(MAX_RECENT_DRAFTS);
    let texts =
        TypeTexts::load_for_uids(tenant, language, drafts.iter().map(|draft| draft.content_type.as_str()).collect())
            .await?;
    for draft in &mut drafts {
        if let Some(name) = texts.find_display_name(asking.registry(), &draft.content_type) {
            draft.type_name = name;
        }
    }
    Ok(drafts)
}

async fn drafts_of_type(
    tenant: &Tenant,
    asking: &ContentCaller,
    ct: &ContentType,
) -> Result<Vec<RecentDraft>, WireError> {
    let readable = |id: &AttributeId| asking.access().allows_attribute(ct, *id, Action::Find);
    let titles: Vec<&str> = ct.title_attributes().filter(readable).map(|id| ct.attributes[id].name.as_str()).collect();
    let query = recent_drafts_query(ct, &titles);
    // The database leaves out what is published as it stands, however many of these were saved later.
    let published = Filter::Editorial(EditorialFilter::Status(DocumentStatus::Published));
    let response =
        tenant.content.find_among(asking.request_context(ct, &query), Filter::Not(Box::new(published))).await?;
    let found: Json = json::parse_json(&response.body)?;
    let entries = found["data"].as_array().map(Vec::as_slice).unwrap_or_default();
    let documents: Vec<&str> = entries.iter().filter_map(|entry| entry["documentId"].as_str()).collect();
    let states = load_states(tenant, ct, &documents, Query::empty())?;
    let to_recent_draft = |entry: &Json| {
        let text = |key: &str| entry[key].as_str().map(str::to_owned);
        let (document_id, locale) = (text("documentId")?, text("locale"));
        let of_locale = states.get(&document_id)?.locales.iter().find(|state| state.locale == locale)?;
        (of_locale.status != EntryStatus::Published).then_some(())?;
        let title = titles.iter().filter_map(|name| text(name)).find(|title| !title.trim().is_empty());
        let (content_type, type_name) = (ct.uid.clone(), ct.display_name.clone());
        Some(RecentDraft {
            content_type,
            type_name,
            document_id,
            locale,
            title,
            status: of_locale.status,
            updated_at: text("updatedAt")?,
        })
    };
    Ok(entries.iter().filter_map(to_recent_draft).collect())
}

/// The drafts of all locales that were saved last.
fn recent_drafts_query(ct: &ContentType, titles: &[&str]) -> Query {
    let fields = ["updatedAt"].into_iter().chain(ct.localized.then_some("locale")).chain(titles.iter().copied());
    let mut query = QueryBuilder::new()
        .with("status", "draft")
        .with("sort", "updatedAt:desc")
        .with("fields", fields.map(QueryTree::from).collect::<Vec<_>>())
        .with("pagination", [("pageSize", MAX_RECENT_DRAFTS.to_string()), ("withCount", "false".to_owned())]);
    if ct.localized {
        query.set("locale", "*");
    }
    query.build()
}
