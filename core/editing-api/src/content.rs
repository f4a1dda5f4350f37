//! Content as editors work with it: drafts are read and saved, with the rights of who is signed in. What is published is said by
//! the routes of publishing; nothing here publishes.

mod aggregates;
mod answer;
mod bulk;
mod csv;
mod draft_problems;
mod entry_status;
mod export;
mod full_entry;
mod list_params;
mod queries;
pub(super) mod recent;
mod usages;

use answer::{ParsedAnswer, parse_answer};
use axum::http::{HeaderMap, Uri};
use cairn_app::Tenant;
use cairn_content::{ContentError, ReadResponse, WriteOptions, WriteResponse};
use cairn_editorial::review::EntryReview;
use cairn_http::content_caller::ContentCaller;
use cairn_http::content_types::find_listed_type;
use cairn_http::error::WireError;
use cairn_http::extract::admin::Admin;
use cairn_http::extract::body::Json;
use cairn_http::extract::require::{AnyAdmin, Require};
use cairn_http::extract::tenant::CurrentTenant;
use cairn_http::extract::url_params::Path;
use cairn_http::extract::version;
use cairn_http::openapi::response_types::{
    CreatedVersioned, CreatedVersionedWithMeta, NoContent, RawDescribedAs, VersionedWithMeta,
};
use cairn_http::openapi::router::AreaRouter;
use cairn_http::routes;
use cairn_model::{ContentType, ContentTypeKind};
use cairn_query::{Action, Query};
use draft_problems::{DraftProblem, load_draft_problems, to_draft_problems};
use entry_status::{EntryStatus, entry_status};
use list_params::EntryListFilter;
use queries::{
    WriteQuery, collection_type, content_query, deletion_query, draft_query, query_parameters, requested_locale,
    single_type,
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use utoipa::ToSchema;

pub(super) fn routes() -> AreaRouter {
    AreaRouter::default()
        .routes(routes!(list, create, save_single, remove_single))
        .routes(routes!(one, save, remove))
        .routes(routes!(duplicate))
        .merge(aggregates::routes())
        .merge(bulk::routes())
        .merge(usages::routes())
        .merge(export::routes())
}

/// An entry of a content type: its attributes are those of the type.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "the content API writes it; this describes it")]
#[schema(as = Entry)]
struct ContentEntry {
    /// Of this version in this locale.
    id: i64,
    document_id: String,
    #[serde(flatten)]
    attributes: Map<String, Value>,
}

/// Attributes with their values, as the content API takes them: what is not named stays.
#[derive(Debug, Deserialize, ToSchema)]
#[expect(dead_code, reason = "the content API reads it; this describes it")]
struct SaveEntry {
    #[schema(value_type = Object)]
    data: Map<String, Value>,
}

/// Page of a list, and the states of its entries.
#[derive(Debug, Serialize, ToSchema)]
struct EntriesMeta {
    /// Missing for a single type.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Pagination>, nullable = false)]
    pagination: Option<Value>,
    /// By document id.
    states: BTreeMap<String, EntryState>,
    /// By document id; missing where the type has no review workflow.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    reviews: Option<BTreeMap<String, EntryReview>>,
    /// Of the draft of a single type: see the entry of a collection type.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    problems: Option<Vec<DraftProblem>>,
}

/// Pages by number; with `pagination[start]` and `pagination[limit]` it has these instead.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "the content API writes it; this describes it")]
struct Pagination {
    page: u64,
    page_size: u64,
    /// Missing with `pagination[withCount]=false`.
    #[schema(nullable = false)]
    page_count: Option<u64>,
    /// Number of entries; missing with `pagination[withCount]=false`.
    #[schema(nullable = false)]
    total: Option<u64>,
}

/// How an entry stands.
#[derive(Debug, Serialize, ToSchema)]
struct EntryMeta {
    /// By document id: one.
    states: BTreeMap<String, EntryState>,
    /// Rules that its values break, each of which publishing refuses; missing where it is not a draft.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    problems: Option<Vec<DraftProblem>>,
}

/// The outcome of a save.
#[derive(Debug, Serialize, ToSchema)]
struct SavedMeta {
    /// Rules that values of the draft break, each of which publishing refuses; missing without `Cairn-Keep-Invalid`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    problems: Option<Vec<DraftProblem>>,
}

/// How a document stands in all its locales.
#[derive(Debug, Default, Serialize, ToSchema)]
struct EntryState {
    /// Of the locale that is asked for; of the first where that one is not there.
    status: EntryStatus,
    /// Version token of the draft in the same locale, or of what is published where there is no draft; `If-Match` takes it.
    version: i64,
    locales: Vec<LocaleState>,
}

/// How a document stands in a locale.
#[derive(Debug, Serialize, ToSchema)]
struct LocaleState {
    /// `null` where the type is not localised.
    locale: Option<String>,
    status: EntryStatus,
}

/// A page of entries, or the entry of a single type.
///
/// Takes the query language of the content API: `filters`, `sort`, `pagination`, `fields`, `populate`, `locale`, `status`, `_q`. Shows
/// drafts, where `status` says nothing else; `populate=everything`: components to their ends, media, and of related entries what they are
/// called by. The entry of a single type comes with its version. Site users are listed too, for whom they are chosen by, without their private
/// attributes: `plugin::users-permissions.user`; and their roles: `plugin::users-permissions.role`.
#[utoipa::path(get, path = "/admin/api/content/{uid}", params(list_params::EntryListParams))]
async fn list(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<AnyAdmin>,
    Path(uid): Path<String>,
    uri: Uri,
) -> Result<VersionedWithMeta<RawDescribedAs<Entries>, EntriesMeta>, WireError> {
    let (ct, asking) = (find_listed_type(&tenant, &uid)?, ContentCaller::for_admin(&tenant, &admin));
    asking.require(ct, Action::Find)?;
    let mut parameters = query_parameters(&uri)?;
    let listed = EntryListFilter::take_from(&mut parameters)?;
    let query = content_query(&asking, ct, parameters, WriteQuery::No)?;
    let ReadResponse { body, version, .. } = match (ct.kind, listed.to_filter(&tenant, &admin, ct)?) {
        (ContentTypeKind::Single, _) => tenant.content.find_single(asking.request_context(ct, &query))?,
        (ContentTypeKind::Collection, None) => tenant.content.find(asking.request_context(ct, &query)).await?,
        (ContentTypeKind::Collection, Some(among)) => {
            tenant.content.find_among(asking.request_context(ct, &query), among).await?
        }
    };
    let ParsedAnswer { data, mut meta } = parse_answer(&body)?;
    let documents = listed_document_ids(&data)?;
    let documents: Vec<&str> = documents.iter().map(String::as_str).collect();
    let states = load_states(&tenant, ct, &documents, &query)?;
    let reviews = list_params::review_states(&tenant, ct, &documents, &query)?;
    let problems = match (ct.kind, documents.first()) {
        (ContentTypeKind::Single, Some(id)) => load_draft_problems(&tenant, &asking, ct, id, &query)?,
        _ => None,
    };
    let meta = EntriesMeta { pagination: meta.remove("pagination"), states, reviews, problems };
    Ok(VersionedWithMeta { data: data.into(), meta, version })
}

/// Entries of a collection type, or the entry of a single type.
#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "the content API writes it; this describes it")]
enum Entries {
    Many(Vec<ContentEntry>),
    One(ContentEntry),
}

/// One entry: `locale`, `populate`, `fields` and `status` as in lists.
#[utoipa::path(get, path = "/admin/api/content/{uid}/{documentId}")]
async fn one(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<AnyAdmin>,
    Path((uid, document_id)): Path<(String, String)>,
    uri: Uri,
) -> Result<VersionedWithMeta<RawDescribedAs<ContentEntry>, EntryMeta>, WireError> {
    let (ct, asking) = (collection_type(&tenant, &uid)?, ContentCaller::for_admin(&tenant, &admin));
    asking.require(ct, Action::FindOne)?;
    let query = content_query(&asking, ct, query_parameters(&uri)?, WriteQuery::No)?;
    let response = tenant.content.find_one(asking.request_context(ct, &query), &document_id)?;
    let data = parse_answer(&response.body)?.data;
    let states = load_states(&tenant, ct, &[&document_id], &query)?;
    let problems = load_draft_problems(&tenant, &asking, ct, &document_id, &query)?;
    Ok(VersionedWithMeta { data: data.into(), meta: EntryMeta { states, problems }, version: response.version })
}

/// Of an entry only what it is called.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct EntryKey {
    document_id: String,
}

/// The documents of a list, or of one entry, or of none.
fn listed_document_ids(entries: &RawValue) -> Result<Vec<String>, WireError> {
    let entries = entries.get();
    let list: Vec<EntryKey> = match entries.as_bytes().first() {
        Some(b'[') => serde_json::from_str(entries).map_err(WireError::internal)?,
        Some(b'{') => vec![serde_json::from_str(entries).map_err(WireError::internal)?],
        _ => Vec::new(),
    };
    Ok(list.into_iter().map(|entry| entry.document_id).collect())
}

/// How the listed entries stand; one statement.
fn load_states(
    tenant: &Tenant,
    ct: &ContentType,
    documents: &[&str],
    query: &Query,
) -> Result<BTreeMap<String, EntryState>, WireError> {
    let requested_locale = requested_locale(tenant, query);
    let rows =
        tenant.content.store().read(|r| r.documents().list_statuses(ct.id, documents)).map_err(ContentError::from)?;
    let mut states: BTreeMap<String, EntryState> = BTreeMap::new();
    for row in rows {
        let status = entry_status(&row);
        let state = states.entry(row.document_id).or_default();
        if state.locales.is_empty() || row.locale == requested_locale {
            state.status = status;
            state.version = row.version;
        }
        state.locales.push(LocaleState { locale: Some(row.locale).filter(|l| !l.is_empty()), status });
    }
    Ok(states)
}

/// Makes an entry: a draft, where the type has them. `Cairn-Keep-Invalid` as where one is saved.
#[utoipa::path(
    post,
    path = "/admin/api/content/{uid}",
    params(("Cairn-Keep-Invalid" = Option<bool>, Header, description = "Values that break rules of the type are stored in the draft, and named")),
)]
async fn create(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<AnyAdmin>,
    Path(uid): Path<String>,
    uri: Uri,
    headers: HeaderMap,
    body: Json<SaveEntry>,
) -> Result<CreatedVersionedWithMeta<RawDescribedAs<ContentEntry>, SavedMeta>, WireError> {
    let (ct, asking) = (collection_type(&tenant, &uid)?, ContentCaller::for_admin(&tenant, &admin));
    asking.require(ct, Action::Create)?;
    let query = content_query(&asking, ct, query_parameters(&uri)?, WriteQuery::Yes)?;
    let keep_invalid = version::keeps_invalid(&headers)?;
    let terms = WriteOptions::of_new_draft(keep_invalid);
    let body = Value::Object(body.read_object(&tenant).await?);
    let saved = tenant.content.create_with(asking.request_context(ct, &query), Some(body), terms).await?;
    let meta = SavedMeta { problems: keep_invalid.then(|| to_draft_problems(&asking, ct, saved.problems)) };
    Ok(CreatedVersionedWithMeta { data: parse_answer(&saved.body)?.data.into(), meta, version: saved.version })
}

fn created_response(response: WriteResponse) -> Result<CreatedVersioned<RawDescribedAs<ContentEntry>>, WireError> {
    Ok(CreatedVersioned { data: parse_answer(&response.body)?.data.into(), version: response.version })
}

/// Saves what is named of one locale's draft.
///
/// `If-Match` names the version that was seen: 409 where it is another by now, with what was changed since; `If-None-Match: *` says that
/// there is none in this locale: 409 where there is. One of them is needed (428). `Cairn-Autosave: true`: the editor saves by itself,
/// which the history tells in one entry. `Cairn-Keep-Invalid: true`: a value that breaks a rule of the type (`maxLength`, `max`) is stored
/// if it is one of its attribute's kind, and `meta.problems` names what has to be mended before the draft is published.
#[utoipa::path(
    put,
    path = "/admin/api/content/{uid}/{documentId}",
    params(
        ("If-Match" = Option<String>, Header, description = "The version that was seen, as `Cairn-Version` had it; `*`: whatever is there"),
        ("If-None-Match" = Option<String>, Header, description = "`*`: there is none yet in this locale"),
        ("Cairn-Autosave" = Option<bool>, Header, description = "The editor saves by itself"),
        ("Cairn-Keep-Invalid" = Option<bool>, Header, description = "Values that break rules of the type are stored in the draft, and named"),
    ),
)]
async fn save(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<AnyAdmin>,
    Path((uid, document_id)): Path<(String, String)>,
    uri: Uri,
    headers: HeaderMap,
    body: Json<SaveEntry>,
) -> Result<VersionedWithMeta<RawDescribedAs<ContentEntry>, SavedMeta>, WireError> {
    let ct = collection_type(&tenant, &uid)?;
    save_entry(&tenant, &admin, ct, Some(&document_id), &uri, &headers, body).await
}

/// Saves the entry of a single type, made where there is none: with `If-Match` or `If-None-Match` as entries of collections.
#[utoipa::path(
    put,
    path = "/admin/api/content/{uid}",
    params(
        ("If-Match" = Option<String>, Header, description = "The version that was seen, as `Cairn-Version` had it; `*`: whatever is there"),
        ("If-None-Match" = Option<String>, Header, description = "`*`: there is none yet in this locale"),
        ("Cairn-Autosave" = Option<bool>, Header, description = "The editor saves by itself"),
        ("Cairn-Keep-Invalid" = Option<bool>, Header, description = "Values that break rules of the type are stored in the draft, and named"),
    ),
)]
async fn save_single(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<AnyAdmin>,
    Path(uid): Path<String>,
    uri: Uri,
    headers: HeaderMap,
    body: Json<SaveEntry>,
) -> Result<VersionedWithMeta<RawDescribedAs<ContentEntry>, SavedMeta>, WireError> {
    let ct = single_type(&tenant, &uid)?;
    save_entry(&tenant, &admin, ct, None, &uri, &headers, body).await
}

async fn save_entry(
    tenant: &Tenant,
    admin: &Admin,
    ct: &ContentType,
    document_id: Option<&str>,
    uri: &Uri,
    headers: &HeaderMap,
    body: Json<SaveEntry>,
) -> Result<VersionedWithMeta<RawDescribedAs<ContentEntry>, SavedMeta>, WireError> {
    let asking = ContentCaller::for_admin(tenant, admin);
    asking.require(ct, Action::Update)?;
    let terms = version::required_write_options(headers)?;
    let keep_invalid = terms.keep_invalid;
    let query = content_query(&asking, ct, query_parameters(uri)?, WriteQuery::Yes)?;
    let body = Some(Value::Object(body.read_object(tenant).await?));
    let saved = match document_id {
        Some(id) => tenant.content.update(asking.request_context(ct, &query), id, body, terms).await?,
        None => tenant.content.update_single(asking.request_context(ct, &query), body, terms).await?,
    };
    let meta = SavedMeta { problems: keep_invalid.then(|| to_draft_problems(&asking, ct, saved.problems)) };
    Ok(VersionedWithMeta { data: parse_answer(&saved.body)?.data.into(), meta, version: Some(saved.version) })
}

/// Deletes a document; with `locale` one locale of it.
///
/// `If-Match` names a version that goes, as it was seen; it is needed (428).
#[utoipa::path(
    delete,
    path = "/admin/api/content/{uid}/{documentId}",
    params(("If-Match" = Option<String>, Header, description = "The version that was seen, as `Cairn-Version` had it; `*`: whatever is there")),
)]
async fn remove(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<AnyAdmin>,
    Path((uid, document_id)): Path<(String, String)>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<NoContent, WireError> {
    let ct = collection_type(&tenant, &uid)?;
    delete_entry(&tenant, &admin, ct, Some(&document_id), &uri, &headers).await
}

/// Deletes the entry of a single type, with `If-Match` as entries of collections.
#[utoipa::path(
    delete,
    path = "/admin/api/content/{uid}",
    params(("If-Match" = Option<String>, Header, description = "The version that was seen, as `Cairn-Version` had it; `*`: whatever is there")),
)]
async fn remove_single(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<AnyAdmin>,
    Path(uid): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<NoContent, WireError> {
    let ct = single_type(&tenant, &uid)?;
    delete_entry(&tenant, &admin, ct, None, &uri, &headers).await
}

async fn delete_entry(
    tenant: &Tenant,
    admin: &Admin,
    ct: &ContentType,
    document_id: Option<&str>,
    uri: &Uri,
    headers: &HeaderMap,
) -> Result<NoContent, WireError> {
    let asking = ContentCaller::for_admin(tenant, admin);
    asking.require(ct, Action::Delete)?;
    let expected = version::required_version(headers)?;
    let query = deletion_query(ct, query_parameters(uri)?);
    match document_id {
        Some(id) => tenant.content.delete(asking.request_context(ct, &query), id, expected).await?,
        None => tenant.content.delete_single(asking.request_context(ct, &query), expected).await?,
    }
    Ok(NoContent)
}

/// Locale that is copied.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
struct Duplicate {
    /// The default locale, where it is left out.
    locale: Option<String>,
}

/// Makes a new draft with the same values.
///
/// What must be unique is left out, and so are related entries that can belong to one only; the title says that it is a copy.
#[utoipa::path(post, path = "/admin/api/content/{uid}/{documentId}/duplicate")]
async fn duplicate(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<AnyAdmin>,
    Path((uid, document_id)): Path<(String, String)>,
    body: Json<Duplicate>,
) -> Result<CreatedVersioned<RawDescribedAs<ContentEntry>>, WireError> {
    let (ct, asking) = (collection_type(&tenant, &uid)?, ContentCaller::for_admin(&tenant, &admin));
    asking.require(ct, Action::FindOne)?;
    asking.require(ct, Action::Create)?;
    let saved = draft_query(ct, body.read(&tenant).await?.locale.as_deref());
    let mut query = saved.clone();
    if let Some(everything) = full_entry::full_populate(tenant.content.registry(), ct, asking.access()) {
        query.set("populate", everything);
    }
    let (query, saved) = (query.build(), saved.build());
    let response = tenant.content.find_one(asking.request_context(ct, &query), &document_id)?;
    let entry = parse_answer(&response.body)?.data;
    let values =
        full_entry::copy_values(tenant.content.registry(), ct, asking.access(), &entry).map_err(WireError::internal)?;
    // A draft is copied as it is, with its problems.
    let terms = WriteOptions::of_new_draft(ct.draft_publish);
    let body = Some(json!({ "data": values }));
    created_response(tenant.content.create_with(asking.request_context(ct, &saved), body, terms).await?)
}
