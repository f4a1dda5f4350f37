//! Content as editors work with it: drafts are read and saved, with the rights of who is signed in. What is published is said by
//! the routes of publishing; nothing here publishes.

mod whole;

use super::publishing;
use super::subject::Asking;
use crate::error::WireError;
use crate::extract::address::Path;
use crate::extract::admin::Admin;
use crate::extract::tenant::CurrentTenant;
use crate::extract::{json, version};
use crate::routes::users::object;
use crate::tenant::Tenant;
use crate::{answer, extract::body};
use axum::Router;
use axum::body::Body;
use axum::http::header::IF_NONE_MATCH;
use axum::http::request::Parts;
use axum::http::{Request, Response, StatusCode};
use axum::routing::{get, post};
use cairn_content::{ContentError, WriteAnswer};
use cairn_model::{ContentType, Kind};
use cairn_query::Action;
use cairn_store::content::Standing;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;

type Answered = Result<Response<Body>, WireError>;

/// Documents of one request that changes many.
const MANY: usize = 500;

pub(super) fn routes() -> Router {
    Router::new()
        .route("/admin/api/content/{uid}", get(list).post(create).put(save_single).delete(delete_single))
        .route("/admin/api/content/{uid}/{documentId}", get(one).put(save).delete(delete))
        .route("/admin/api/content/{uid}/{documentId}/duplicate", post(duplicate))
        .route("/admin/api/content/{uid}/bulk/delete", post(delete_many))
        .route("/admin/api/content/{uid}/bulk/update", post(update_many))
}

/// How a document stands in all its locales, for a list.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct State {
    /// Of the locale that is listed; of the first where that one is not there.
    status: &'static str,
    locales: Vec<LocaleState>,
}

#[derive(Debug, Serialize)]
struct LocaleState {
    /// `null` where the type is not localised.
    locale: Option<String>,
    status: &'static str,
}

fn status(standing: &Standing) -> &'static str {
    match (standing.draft, standing.published, standing.modified) {
        (true, true, true) => "modified",
        (_, true, _) => "published",
        _ => "draft",
    }
}

/// `GET /admin/api/content/{uid}`: a page of entries in the query language of the content API; of a single type its entry. Drafts, where
/// `status` says nothing else. `meta.states`: how each stands, by document id.
async fn list(CurrentTenant(tenant): CurrentTenant, admin: Admin, Path(uid): Path<String>, head: Parts) -> Answered {
    let (ct, asking) = (content_type(&tenant, &uid)?, Asking::of(&tenant, &admin));
    asking.require(ct, Action::Find)?;
    let query = query(&asking, ct, &head, Saved::No)?;
    if ct.kind == Kind::Single {
        let found = tenant.content.find_single(asking.ask(ct, &query))?;
        return shown(&tenant, ct, &query, &head, found);
    }
    let found = tenant.content.find(asking.ask(ct, &query)).await?;
    let mut body: Json = json::parse(&found.body)?;
    let states = states(&tenant, ct, &body["data"], &query)?;
    body["meta"]["states"] = serde_json::to_value(states).map_err(WireError::internal)?;
    Ok(answer::value(StatusCode::OK, &body))
}

/// `GET /admin/api/content/{uid}/{documentId}`: one entry. `populate=everything`: all that an editor shows of it, components to their
/// ends and of related entries what they are called by.
async fn one(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path((uid, document_id)): Path<(String, String)>,
    head: Parts,
) -> Answered {
    let (ct, asking) = (collection(&tenant, &uid)?, Asking::of(&tenant, &admin));
    asking.require(ct, Action::FindOne)?;
    let query = query(&asking, ct, &head, Saved::No)?;
    let found = tenant.content.find_one(asking.ask(ct, &query), &document_id)?;
    shown(&tenant, ct, &query, &head, found)
}

/// One entry with its version token and how it stands.
fn shown(tenant: &Tenant, ct: &ContentType, query: &str, head: &Parts, found: cairn_content::Answer) -> Answered {
    let mut body: Json = json::parse(&found.body)?;
    let list = Json::Array(vec![std::mem::take(&mut body["data"])]);
    let states = states(tenant, ct, &list, query)?;
    if let Json::Array(mut list) = list {
        body["data"] = list.pop().unwrap_or_default();
    }
    body["meta"]["states"] = serde_json::to_value(states).map_err(WireError::internal)?;
    let body = serde_json::to_vec(&body).map_err(WireError::internal)?;
    Ok(version::with(answer::read(body, head.headers.get(IF_NONE_MATCH)), found.version))
}

/// How the listed entries stand; one statement.
fn states(
    tenant: &Tenant,
    ct: &ContentType,
    entries: &Json,
    query: &str,
) -> Result<BTreeMap<String, State>, WireError> {
    let documents: Vec<&str> =
        entries.as_array().into_iter().flatten().filter_map(|e| e["documentId"].as_str()).collect();
    let asked = value(query, "locale").unwrap_or_else(|| tenant.access.locales().default.to_string());
    let found = tenant.content.store().read(|r| r.standings(ct.id, &documents)).map_err(ContentError::from)?;
    let mut states: BTreeMap<String, State> = BTreeMap::new();
    for standing in found {
        let status = status(&standing);
        let state = states.entry(standing.document_id).or_default();
        if state.status.is_empty() || standing.locale == asked {
            state.status = status;
        }
        state.locales.push(LocaleState { locale: Some(standing.locale).filter(|l| !l.is_empty()), status });
    }
    Ok(states)
}

/// `POST /admin/api/content/{uid}`: `{data}`; a draft, where the type has them.
async fn create(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path(uid): Path<String>,
    request: Request<Body>,
) -> Answered {
    let (head, body) = request.into_parts();
    let (ct, asking) = (collection(&tenant, &uid)?, Asking::of(&tenant, &admin));
    asking.require(ct, Action::Create)?;
    let query = query(&asking, ct, &head, Saved::Yes)?;
    let body = body::json(&head.headers, body, tenant.config.server.max_body_bytes).await?;
    let made = tenant.content.create(asking.ask(ct, &query), body).await?;
    Ok(written(StatusCode::CREATED, made))
}

/// `PUT /admin/api/content/{uid}/{documentId}`: `{data}`, what it names of one locale's draft. `If-Match`: the version that was seen;
/// `Cairn-Autosave: true`: the editor saves by itself.
async fn save(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path((uid, document_id)): Path<(String, String)>,
    request: Request<Body>,
) -> Answered {
    let ct = collection(&tenant, &uid)?;
    put(&tenant, &admin, ct, Some(&document_id), request).await
}

/// `PUT /admin/api/content/{uid}`: the entry of a single type, made where there is none.
async fn save_single(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path(uid): Path<String>,
    request: Request<Body>,
) -> Answered {
    let ct = single(&tenant, &uid)?;
    put(&tenant, &admin, ct, None, request).await
}

async fn put(
    tenant: &Tenant,
    admin: &Admin,
    ct: &ContentType,
    document_id: Option<&str>,
    request: Request<Body>,
) -> Answered {
    let (head, body) = request.into_parts();
    let asking = Asking::of(tenant, admin);
    asking.require(ct, Action::Update)?;
    let terms = version::terms(&head.headers)?;
    let query = query(&asking, ct, &head, Saved::Yes)?;
    let body = body::json(&head.headers, body, tenant.config.server.max_body_bytes).await?;
    let saved = match document_id {
        Some(id) => tenant.content.update(asking.ask(ct, &query), id, body, terms).await?,
        None => tenant.content.update_single(asking.ask(ct, &query), body, terms).await?,
    };
    Ok(written(StatusCode::OK, saved))
}

fn written(status: StatusCode, answer: WriteAnswer) -> Response<Body> {
    version::with(answer::json(status, answer.body), Some(answer.version))
}

/// `DELETE /admin/api/content/{uid}/{documentId}`: all of a document; with `locale` one locale of it.
async fn delete(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path((uid, document_id)): Path<(String, String)>,
    head: Parts,
) -> Answered {
    let ct = collection(&tenant, &uid)?;
    remove(&tenant, &admin, ct, Some(&document_id), &head).await
}

/// `DELETE /admin/api/content/{uid}`: the entry of a single type.
async fn delete_single(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path(uid): Path<String>,
    head: Parts,
) -> Answered {
    let ct = single(&tenant, &uid)?;
    remove(&tenant, &admin, ct, None, &head).await
}

async fn remove(tenant: &Tenant, admin: &Admin, ct: &ContentType, document_id: Option<&str>, head: &Parts) -> Answered {
    let asking = Asking::of(tenant, admin);
    asking.require(ct, Action::Delete)?;
    let expected = version::expected(&head.headers)?;
    let query = deletion(ct, head.uri.query().unwrap_or_default());
    match document_id {
        Some(id) => tenant.content.delete(asking.ask(ct, &query), id, expected).await?,
        None => tenant.content.delete_single(asking.ask(ct, &query), expected).await?,
    }
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

/// All locales, where none is named.
fn deletion(ct: &ContentType, query: &str) -> String {
    match value(query, "locale") {
        None if ct.localized => "locale=*".to_owned(),
        _ => query.to_owned(),
    }
}

/// Documents, and what is to happen to them.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Many {
    document_ids: Vec<String>,
    #[serde(default)]
    locale: Option<String>,
    /// Of an update: the attributes with their new values.
    #[serde(default)]
    data: Option<Map<String, Json>>,
}

impl Many {
    async fn read(tenant: &Tenant, head: &Parts, body: Body) -> Result<Self, WireError> {
        let many: Self = publishing::read(tenant, head, body).await?;
        if many.document_ids.is_empty() || many.document_ids.len() > MANY {
            return Err(WireError::validation(format!("documentIds: expected 1 to {MANY} documents")));
        }
        Ok(many)
    }

    fn query(&self, ct: &ContentType) -> String {
        let mut query = if ct.draft_publish { "status=draft".to_owned() } else { String::new() };
        if let Some(locale) = &self.locale {
            let locale: String = url::form_urlencoded::byte_serialize(locale.as_bytes()).collect();
            query = format!("{query}&locale={locale}");
        }
        query
    }
}

/// What became of one of many.
fn outcome(document_id: &str, result: Result<(), ContentError>) -> Result<Json, WireError> {
    match result {
        Ok(()) => Ok(json!({ "documentId": document_id, "done": true })),
        Err(ContentError::Refused(refusal)) => {
            Ok(json!({ "documentId": document_id, "done": false, "error": publishing::problem(&refusal) }))
        }
        Err(other) => Err(other.into()),
    }
}

fn outcomes(list: Vec<Json>) -> Response<Body> {
    let failed = list.iter().filter(|o| o["done"] == false).count();
    let meta = json!({ "done": list.len() - failed, "failed": failed });
    super::with_meta(list, meta)
}

/// `POST /admin/api/content/{uid}/bulk/delete`: `{documentIds, locale?}`. Each by itself, with what became of it.
async fn delete_many(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path(uid): Path<String>,
    head: Parts,
    body: Body,
) -> Answered {
    let (ct, asking) = (collection(&tenant, &uid)?, Asking::of(&tenant, &admin));
    asking.require(ct, Action::Delete)?;
    let many = Many::read(&tenant, &head, body).await?;
    let query = match &many.locale {
        Some(_) => many.query(ct).replacen("status=draft", "", 1),
        None => deletion(ct, ""),
    };
    let mut list = Vec::with_capacity(many.document_ids.len());
    for id in &many.document_ids {
        list.push(outcome(id, tenant.content.delete(asking.ask(ct, &query), id, None).await)?);
    }
    Ok(outcomes(list))
}

/// `POST /admin/api/content/{uid}/bulk/update`: `{documentIds, data, locale?}`: the same values for each draft.
async fn update_many(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path(uid): Path<String>,
    head: Parts,
    body: Body,
) -> Answered {
    let (ct, asking) = (collection(&tenant, &uid)?, Asking::of(&tenant, &admin));
    asking.require(ct, Action::Update)?;
    let many = Many::read(&tenant, &head, body).await?;
    let Some(values) = many.data.as_ref().filter(|values| !values.is_empty()) else {
        return Err(WireError::validation("data: expected an object with the attributes to change"));
    };
    let (query, values) = (many.query(ct), json!({ "data": values }));
    let mut list = Vec::with_capacity(many.document_ids.len());
    for id in &many.document_ids {
        let saved = tenant.content.update(asking.ask(ct, &query), id, Some(values.clone()), None).await;
        list.push(outcome(id, saved.map(|_| ()))?);
    }
    Ok(outcomes(list))
}

/// `POST /admin/api/content/{uid}/{documentId}/duplicate`: `{locale?}`; a new draft with the same values. What must be unique is left
/// out, and telling texts say that it is a copy.
async fn duplicate(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path((uid, document_id)): Path<(String, String)>,
    head: Parts,
    body: Body,
) -> Answered {
    let (ct, asking) = (collection(&tenant, &uid)?, Asking::of(&tenant, &admin));
    asking.require(ct, Action::FindOne)?;
    asking.require(ct, Action::Create)?;
    let given = object(&tenant, &head, body).await?.into();
    let locale = super::subject::locale(&given)?;
    let many = Many { document_ids: Vec::new(), locale, data: None };
    let saved = many.query(ct);
    let query = format!("{saved}&{}", whole::populate(tenant.content.registry(), ct, asking.access()));
    let found = tenant.content.find_one(asking.ask(ct, &query), &document_id)?;
    let entry: Json = json::parse(&found.body)?;
    let values = whole::copy(tenant.content.registry(), ct, asking.access(), &entry["data"]);
    let made = tenant.content.create(asking.ask(ct, &saved), Some(json!({ "data": values }))).await?;
    Ok(written(StatusCode::CREATED, made))
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
fn query(asking: &Asking, ct: &ContentType, head: &Parts, saved: Saved) -> Result<String, WireError> {
    let given = head.uri.query().unwrap_or_default();
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
