//! Content as editors work with it: drafts are read and saved, with the rights of who is signed in. What is published is said by
//! the routes of publishing; nothing here publishes.

mod whole;

use super::publishing::Refused;
use super::subject::Asking;
use crate::error::WireError;
use crate::extract::address::Path;
use crate::extract::admin::Admin;
use crate::extract::body::Json;
use crate::extract::tenant::CurrentTenant;
use crate::extract::{json, version};
use crate::openapi::answers::{As, CreatedVersioned, NoContent, Page, Versioned, VersionedWithMeta, WithMeta};
use crate::tenant::Tenant;
use axum::http::{HeaderMap, StatusCode, Uri};
use cairn_content::{ContentError, WriteAnswer};
use cairn_model::{ContentType, Kind};
use cairn_query::Action;
use cairn_store::content::Standing;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Documents of one request that changes many.
const MANY: usize = 500;

pub(super) fn routes() -> OpenApiRouter {
    OpenApiRouter::default()
        .routes(routes!(list, create, save_single, remove_single))
        .routes(routes!(one, save, remove))
        .routes(routes!(duplicate))
        .routes(routes!(remove_many))
        .routes(routes!(update_many))
}

/// An entry of a content type: its attributes are those of the type.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "the content API writes it; this describes it")]
struct Entry {
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

/// Which part of a list it is, and how its entries stand.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the content API writes it; this describes it")]
struct EntriesMeta {
    /// Missing for a single type.
    #[schema(nullable = false)]
    pagination: Option<Pagination>,
    /// By document id.
    states: BTreeMap<String, EntryState>,
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
    /// Likewise.
    #[schema(nullable = false)]
    total: Option<u64>,
}

/// How an entry stands.
#[derive(Debug, Serialize, ToSchema)]
struct EntryMeta {
    /// By document id: one.
    states: BTreeMap<String, EntryState>,
}

/// How a document stands in all its locales.
#[derive(Debug, Default, Serialize, ToSchema)]
struct EntryState {
    /// Of the locale that is asked for; of the first where that one is not there.
    status: EntryStatus,
    locales: Vec<LocaleState>,
}

/// How a draft stands to what is published.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
enum EntryStatus {
    /// It was never published, or was taken off.
    #[default]
    Draft,
    /// It was saved after it was published.
    Modified,
    /// It is what is published; or its type has no drafts.
    Published,
}

/// How a document stands in a locale.
#[derive(Debug, Serialize, ToSchema)]
struct LocaleState {
    /// `null` where the type is not localised.
    locale: Option<String>,
    status: EntryStatus,
}

fn status(standing: &Standing) -> EntryStatus {
    match (standing.draft, standing.published, standing.modified) {
        (true, true, true) => EntryStatus::Modified,
        (_, true, _) => EntryStatus::Published,
        _ => EntryStatus::Draft,
    }
}

/// A page of entries, or the entry of a single type.
///
/// Takes the query language of the content API: `filters`, `sort`, `pagination`, `fields`, `populate`, `locale`, `status`, `_q`. Shows
/// drafts, where `status` says nothing else; `populate=everything`: components to their ends, media, and of related entries what they are
/// called by.
#[utoipa::path(get, path = "/admin/api/content/{uid}")]
async fn list(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path(uid): Path<String>,
    uri: Uri,
) -> Result<WithMeta<As<Entries>, As<EntriesMeta>>, WireError> {
    let (ct, asking) = (content_type(&tenant, &uid)?, Asking::of(&tenant, &admin));
    asking.require(ct, Action::Find)?;
    let query = query(&asking, ct, &uri, Saved::No)?;
    let body = match ct.kind {
        Kind::Single => tenant.content.find_single(asking.ask(ct, &query))?.body,
        Kind::Collection => tenant.content.find(asking.ask(ct, &query)).await?.body,
    };
    let mut body: Value = json::parse(&body)?;
    let states = states(&tenant, ct, &body["data"], &query)?;
    body["meta"]["states"] = serde_json::to_value(states).map_err(WireError::internal)?;
    Ok(WithMeta { data: body["data"].take().into(), meta: body["meta"].take().into() })
}

/// Entries of a collection type, or the entry of a single type.
#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "the content API writes it; this describes it")]
enum Entries {
    Many(Vec<Entry>),
    One(Entry),
}

/// One entry: `locale`, `populate`, `fields` and `status` as in lists.
#[utoipa::path(get, path = "/admin/api/content/{uid}/{documentId}")]
async fn one(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path((uid, document_id)): Path<(String, String)>,
    uri: Uri,
) -> Result<VersionedWithMeta<As<Entry>, EntryMeta>, WireError> {
    let (ct, asking) = (collection(&tenant, &uid)?, Asking::of(&tenant, &admin));
    asking.require(ct, Action::FindOne)?;
    let query = query(&asking, ct, &uri, Saved::No)?;
    let found = tenant.content.find_one(asking.ask(ct, &query), &document_id)?;
    let mut body: Value = json::parse(&found.body)?;
    let states = states(&tenant, ct, &body["data"], &query)?;
    Ok(VersionedWithMeta { data: body["data"].take().into(), meta: EntryMeta { states }, version: found.version })
}

/// How the listed entries stand; one statement.
fn states(
    tenant: &Tenant,
    ct: &ContentType,
    entries: &Value,
    query: &str,
) -> Result<BTreeMap<String, EntryState>, WireError> {
    let list = entries.as_array().map_or(std::slice::from_ref(entries), Vec::as_slice);
    let documents: Vec<&str> = list.iter().filter_map(|e| e["documentId"].as_str()).collect();
    let asked = value(query, "locale").unwrap_or_else(|| tenant.access.locales().default.to_string());
    let found = tenant.content.store().read(|r| r.standings(ct.id, &documents)).map_err(ContentError::from)?;
    let mut states: BTreeMap<String, EntryState> = BTreeMap::new();
    for standing in found {
        let status = status(&standing);
        let state = states.entry(standing.document_id).or_default();
        if state.locales.is_empty() || standing.locale == asked {
            state.status = status;
        }
        state.locales.push(LocaleState { locale: Some(standing.locale).filter(|l| !l.is_empty()), status });
    }
    Ok(states)
}

/// Makes an entry: a draft, where the type has them.
#[utoipa::path(post, path = "/admin/api/content/{uid}")]
async fn create(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path(uid): Path<String>,
    uri: Uri,
    body: Json<SaveEntry>,
) -> Result<CreatedVersioned<As<Entry>>, WireError> {
    let (ct, asking) = (collection(&tenant, &uid)?, Asking::of(&tenant, &admin));
    asking.require(ct, Action::Create)?;
    let query = query(&asking, ct, &uri, Saved::Yes)?;
    let body = Value::Object(body.object(&tenant).await?);
    created(tenant.content.create(asking.ask(ct, &query), Some(body)).await?)
}

fn created(made: WriteAnswer) -> Result<CreatedVersioned<As<Entry>>, WireError> {
    let mut body: Value = json::parse(&made.body)?;
    Ok(CreatedVersioned { data: body["data"].take().into(), version: made.version })
}

/// Saves what is named of one locale's draft.
///
/// `If-Match` names the version that was seen: 409 where it is another by now, with what was changed since. `Cairn-Autosave: true`: the
/// editor saves by itself, which the history tells in one entry.
#[utoipa::path(
    put,
    path = "/admin/api/content/{uid}/{documentId}",
    params(
        ("If-Match" = Option<String>, Header, description = "The version that was seen, as `Cairn-Version` had it"),
        ("Cairn-Autosave" = Option<bool>, Header, description = "The editor saves by itself"),
    ),
)]
async fn save(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path((uid, document_id)): Path<(String, String)>,
    uri: Uri,
    headers: HeaderMap,
    body: Json<SaveEntry>,
) -> Result<Versioned<As<Entry>>, WireError> {
    let ct = collection(&tenant, &uid)?;
    put(&tenant, &admin, ct, Some(&document_id), &uri, &headers, body).await
}

/// Saves the entry of a single type, made where there is none.
#[utoipa::path(
    put,
    path = "/admin/api/content/{uid}",
    params(
        ("If-Match" = Option<String>, Header, description = "The version that was seen, as `Cairn-Version` had it"),
        ("Cairn-Autosave" = Option<bool>, Header, description = "The editor saves by itself"),
    ),
)]
async fn save_single(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path(uid): Path<String>,
    uri: Uri,
    headers: HeaderMap,
    body: Json<SaveEntry>,
) -> Result<Versioned<As<Entry>>, WireError> {
    let ct = single(&tenant, &uid)?;
    put(&tenant, &admin, ct, None, &uri, &headers, body).await
}

async fn put(
    tenant: &Tenant,
    admin: &Admin,
    ct: &ContentType,
    document_id: Option<&str>,
    uri: &Uri,
    headers: &HeaderMap,
    body: Json<SaveEntry>,
) -> Result<Versioned<As<Entry>>, WireError> {
    let asking = Asking::of(tenant, admin);
    asking.require(ct, Action::Update)?;
    let terms = version::terms(headers)?;
    let query = query(&asking, ct, uri, Saved::Yes)?;
    let body = Some(Value::Object(body.object(tenant).await?));
    let saved = match document_id {
        Some(id) => tenant.content.update(asking.ask(ct, &query), id, body, terms).await?,
        None => tenant.content.update_single(asking.ask(ct, &query), body, terms).await?,
    };
    let mut body: Value = json::parse(&saved.body)?;
    Ok(Versioned { data: body["data"].take().into(), version: Some(saved.version) })
}

/// Deletes a document; with `locale` one locale of it.
#[utoipa::path(delete, path = "/admin/api/content/{uid}/{documentId}")]
async fn remove(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path((uid, document_id)): Path<(String, String)>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<NoContent, WireError> {
    let ct = collection(&tenant, &uid)?;
    delete(&tenant, &admin, ct, Some(&document_id), &uri, &headers).await
}

/// Deletes the entry of a single type.
#[utoipa::path(delete, path = "/admin/api/content/{uid}")]
async fn remove_single(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path(uid): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<NoContent, WireError> {
    let ct = single(&tenant, &uid)?;
    delete(&tenant, &admin, ct, None, &uri, &headers).await
}

async fn delete(
    tenant: &Tenant,
    admin: &Admin,
    ct: &ContentType,
    document_id: Option<&str>,
    uri: &Uri,
    headers: &HeaderMap,
) -> Result<NoContent, WireError> {
    let asking = Asking::of(tenant, admin);
    asking.require(ct, Action::Delete)?;
    let expected = version::expected(headers)?;
    let query = deletion(ct, uri.query().unwrap_or_default());
    match document_id {
        Some(id) => tenant.content.delete(asking.ask(ct, &query), id, expected).await?,
        None => tenant.content.delete_single(asking.ask(ct, &query), expected).await?,
    }
    Ok(NoContent)
}

/// All locales, where none is named.
fn deletion(ct: &ContentType, query: &str) -> String {
    match value(query, "locale") {
        None if ct.localized => "locale=*".to_owned(),
        _ => query.to_owned(),
    }
}

/// The documents that are to go.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RemoveMany {
    /// 1 to 500.
    document_ids: Vec<String>,
    /// One locale of them; all, where it is left out.
    #[serde(default)]
    locale: Option<String>,
}

/// The same values for many documents.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct UpdateMany {
    /// 1 to 500.
    document_ids: Vec<String>,
    /// The default locale, where it is left out.
    #[serde(default)]
    locale: Option<String>,
    /// The attributes with their new values.
    data: Map<String, Value>,
}

fn few(documents: &[String]) -> Result<(), WireError> {
    match documents.len() {
        1..=MANY => Ok(()),
        _ => Err(WireError::validation(format!("documentIds: expected 1 to {MANY} documents"))),
    }
}

/// The query of a write about one locale's draft.
fn draft(ct: &ContentType, locale: Option<&str>) -> String {
    let locale = locale.map(|locale| format!("locale={}", encoded(locale)));
    let status = ct.draft_publish.then(|| "status=draft".to_owned());
    [status, locale].into_iter().flatten().collect::<Vec<_>>().join("&")
}

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// What became of one document of many.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct EntryOutcome {
    document_id: String,
    done: bool,
    /// Why it is not done.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    error: Option<Refused>,
}

/// How many.
#[derive(Debug, Serialize, ToSchema)]
struct OutcomeMeta {
    done: usize,
    failed: usize,
}

fn outcome(document_id: &str, result: Result<(), ContentError>) -> Result<EntryOutcome, WireError> {
    let error = match result {
        Ok(()) => None,
        Err(ContentError::Refused(refusal)) => Some(Refused::from(&refusal)),
        Err(other) => return Err(other.into()),
    };
    Ok(EntryOutcome { document_id: document_id.to_owned(), done: error.is_none(), error })
}

fn outcomes(list: Vec<EntryOutcome>) -> Page<EntryOutcome, OutcomeMeta> {
    let failed = list.iter().filter(|o| !o.done).count();
    Page { meta: OutcomeMeta { done: list.len() - failed, failed }, data: list }
}

/// Deletes many documents: each by itself, with what became of it.
#[utoipa::path(post, path = "/admin/api/content/{uid}/bulk/delete")]
async fn remove_many(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path(uid): Path<String>,
    body: Json<RemoveMany>,
) -> Result<Page<EntryOutcome, OutcomeMeta>, WireError> {
    let (ct, asking) = (collection(&tenant, &uid)?, Asking::of(&tenant, &admin));
    asking.require(ct, Action::Delete)?;
    let RemoveMany { document_ids, locale } = body.read(&tenant).await?;
    few(&document_ids)?;
    let query = match &locale {
        Some(locale) => format!("locale={}", encoded(locale)),
        None => deletion(ct, ""),
    };
    let mut list = Vec::with_capacity(document_ids.len());
    for id in &document_ids {
        list.push(outcome(id, tenant.content.delete(asking.ask(ct, &query), id, None).await)?);
    }
    Ok(outcomes(list))
}

/// Saves the same values in many drafts: each by itself, with what became of it.
#[utoipa::path(post, path = "/admin/api/content/{uid}/bulk/update")]
async fn update_many(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path(uid): Path<String>,
    body: Json<UpdateMany>,
) -> Result<Page<EntryOutcome, OutcomeMeta>, WireError> {
    let (ct, asking) = (collection(&tenant, &uid)?, Asking::of(&tenant, &admin));
    asking.require(ct, Action::Update)?;
    let UpdateMany { document_ids, locale, data } = body.read(&tenant).await?;
    few(&document_ids)?;
    if data.is_empty() {
        return Err(WireError::validation("data: expected an object with the attributes to change"));
    }
    let (query, values) = (draft(ct, locale.as_deref()), json!({ "data": data }));
    let mut list = Vec::with_capacity(document_ids.len());
    for id in &document_ids {
        let saved = tenant.content.update(asking.ask(ct, &query), id, Some(values.clone()), None).await;
        list.push(outcome(id, saved.map(|_| ()))?);
    }
    Ok(outcomes(list))
}

/// Which locale is copied.
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
    admin: Admin,
    Path((uid, document_id)): Path<(String, String)>,
    body: Json<Duplicate>,
) -> Result<CreatedVersioned<As<Entry>>, WireError> {
    let (ct, asking) = (collection(&tenant, &uid)?, Asking::of(&tenant, &admin));
    asking.require(ct, Action::FindOne)?;
    asking.require(ct, Action::Create)?;
    let saved = draft(ct, body.read(&tenant).await?.locale.as_deref());
    let query = format!("{saved}&{}", whole::populate(tenant.content.registry(), ct, asking.access()));
    let found = tenant.content.find_one(asking.ask(ct, &query), &document_id)?;
    let entry: Value = json::parse(&found.body)?;
    let values = whole::copy(tenant.content.registry(), ct, asking.access(), &entry["data"]);
    created(tenant.content.create(asking.ask(ct, &saved), Some(json!({ "data": values }))).await?)
}

/// A type of the project's own.
pub(super) fn content_type<'t>(tenant: &'t Tenant, uid: &str) -> Result<&'t ContentType, WireError> {
    let found = tenant.content.registry().by_uid(uid).filter(|ct| ct.is_api());
    found.ok_or_else(|| {
        let message = format!("There is no content type {uid:?}");
        WireError::new(StatusCode::NOT_FOUND, "NotFoundError", message)
    })
}

fn collection<'t>(tenant: &'t Tenant, uid: &str) -> Result<&'t ContentType, WireError> {
    let ct = content_type(tenant, uid)?;
    match ct.kind {
        Kind::Collection => Ok(ct),
        Kind::Single => Err(WireError::validation(format!("{uid} is a single type: it has one entry, without an id"))),
    }
}

fn single<'t>(tenant: &'t Tenant, uid: &str) -> Result<&'t ContentType, WireError> {
    let ct = content_type(tenant, uid)?;
    match ct.kind {
        Kind::Single => Ok(ct),
        Kind::Collection => Err(WireError::validation(format!("{uid} has many entries: name one by its document id"))),
    }
}

/// Whether a query is that of a write.
#[derive(Clone, Copy, PartialEq)]
enum Saved {
    Yes,
    No,
}

/// The query as the content API takes it: of drafts, and with all that `populate=everything` means.
fn query(asking: &Asking, ct: &ContentType, uri: &Uri, saved: Saved) -> Result<String, WireError> {
    let given = uri.query().unwrap_or_default();
    let mut parts: Vec<String> = Vec::new();
    let mut with_status = false;
    for (part, key, value) in pairs(given) {
        match (&*key, &*value) {
            ("populate", "everything") => {
                parts.push(whole::populate(asking.registry(), ct, asking.access()));
                continue;
            }
            ("status", "draft") => with_status = true,
            ("status", _) if saved == Saved::Yes => {
                return Err(WireError::validation("status: drafts are saved here; publish them by the action publish"));
            }
            ("status", _) => with_status = true,
            _ => {}
        }
        parts.push(part.to_owned());
    }
    if ct.draft_publish && !with_status {
        parts.push("status=draft".to_owned());
    }
    parts.retain(|part| !part.is_empty());
    Ok(parts.join("&"))
}

/// The parts of a query as they were sent, each with its key and value decoded.
fn pairs(query: &str) -> impl Iterator<Item = (&str, String, String)> {
    query.split('&').filter(|part| !part.is_empty()).map(|part| {
        let (key, value) = url::form_urlencoded::parse(part.as_bytes()).next().unwrap_or_default();
        (part, key.into_owned(), value.into_owned())
    })
}

fn value(query: &str, key: &str) -> Option<String> {
    pairs(query).find(|(_, k, _)| k == key).map(|(_, _, value)| value).filter(|value| !value.is_empty())
}
