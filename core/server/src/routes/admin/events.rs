//! Events, and everybody who hears of them: how far they have got, what failed, and what is done about it.

use super::{Paging, data, time, with_meta};
use crate::error::WireError;
use crate::extract::address::{Path, Query};
use crate::extract::admin::Admin;
use crate::extract::tenant::CurrentTenant;
use crate::routes::users::object;
use crate::tenant::Tenant;
use axum::Router;
use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{Response, StatusCode};
use axum::routing::{get, post};
use cairn_events::admin::{self, AdminError, Overview};
use cairn_store::StoreError;
use cairn_store::WriteTx;
use cairn_store::events::{Actor, DeliveryRow, DeliveryState, Event, EventFilter};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

type Answered = Result<Response<Body>, WireError>;

pub(super) fn routes() -> Router {
    Router::new()
        .route("/admin/api/events", get(list))
        .route("/admin/api/consumers", get(consumers))
        .route("/admin/api/consumers/{name}/pause", post(pause))
        .route("/admin/api/consumers/{name}/resume", post(resume))
        .route("/admin/api/consumers/{name}/deliveries", get(deliveries))
        .route("/admin/api/consumers/{name}/deliveries/retry", post(retry))
        .route("/admin/api/consumers/{name}/deliveries/discard", post(discard))
        .route("/admin/api/consumers/{name}/replay", post(replay))
}

impl From<AdminError> for WireError {
    fn from(e: AdminError) -> Self {
        match e {
            AdminError::NotFound => Self::not_found(),
            AdminError::Refused(message) => Self::validation(message),
            AdminError::Store(StoreError::TooMany(n)) => {
                Self::validation(format!("these are more than {n} events: narrow it by time or name"))
            }
            AdminError::Store(e) => e.into(),
        }
    }
}

/// Which events are meant.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Asked {
    name: Option<String>,
    content_type: Option<String>,
    key: Option<String>,
    from: Option<DateTime<Utc>>,
    to: Option<DateTime<Utc>>,
}

impl From<Asked> for EventFilter {
    fn from(a: Asked) -> Self {
        let ms = |t: Option<DateTime<Utc>>| t.map(|t| t.timestamp_millis());
        Self { name: a.name, content_type: a.content_type, key: a.key, from: ms(a.from), to: ms(a.to) }
    }
}

/// `GET /admin/api/events`: newest first; `name` (with `*` at its end: what begins so), `contentType`, `key`, `from`, `to`.
async fn list(
    CurrentTenant(tenant): CurrentTenant,
    _: Admin,
    Query(asked): Query<Asked>,
    Query(page): Query<Paging>,
) -> Answered {
    let filter = asked.into();
    let events = tenant.content.store().read(|r| r.events(&filter, page.before, page.limit()))?;
    let next = (events.len() as i64 == page.limit()).then(|| events.last().map(|e| e.pos)).flatten();
    Ok(with_meta(events.iter().map(shown).collect::<Vec<_>>(), json!({ "before": next })))
}

/// `GET /admin/api/consumers`.
async fn consumers(CurrentTenant(tenant): CurrentTenant, _: Admin) -> Answered {
    let all = tenant.content.store().read(admin::consumers)?;
    Ok(data(all.iter().map(overview).collect::<Vec<_>>()))
}

async fn pause(tenant: CurrentTenant, admin: Admin, Path(name): Path<String>) -> Answered {
    set_paused(tenant, admin, name, true).await
}

async fn resume(tenant: CurrentTenant, admin: Admin, Path(name): Path<String>) -> Answered {
    set_paused(tenant, admin, name, false).await
}

async fn set_paused(CurrentTenant(tenant): CurrentTenant, admin: Admin, name: String, paused: bool) -> Answered {
    let consumer = name.clone();
    write(&tenant, &admin, move |tx, actor, now| admin::pause(tx, &name, paused, actor, now)).await?;
    let all = tenant.content.store().read(admin::consumers)?;
    Ok(data(all.iter().find(|o| o.row.name == consumer).map_or(Json::Null, overview)))
}

/// Which deliveries are asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct AskedDeliveries {
    state: Option<String>,
    after: Option<i64>,
}

/// `GET /admin/api/consumers/{name}/deliveries`: what waits or was given up, the oldest first; `state`, and `after` a number.
async fn deliveries(
    CurrentTenant(tenant): CurrentTenant,
    _: Admin,
    Path(name): Path<String>,
    Query(asked): Query<AskedDeliveries>,
    Query(page): Query<Paging>,
) -> Answered {
    let state = match asked.state.as_deref() {
        None => None,
        Some("waiting") => Some(DeliveryState::Waiting),
        Some("dead") => Some(DeliveryState::Dead),
        Some("discarded") => Some(DeliveryState::Discarded),
        Some(_) => return Err(WireError::validation("state: expected waiting, dead or discarded")),
    };
    let filter = admin::of(&name, state, asked.after);
    let rows = tenant.content.store().read(|r| r.deliveries(&filter, page.limit()))?;
    let next = (rows.len() as i64 == page.limit()).then(|| rows.last().map(|d| d.id)).flatten();
    Ok(with_meta(rows.iter().map(delivery).collect::<Vec<_>>(), json!({ "after": next })))
}

/// `POST …/deliveries/retry`: `{id}` one, `{}` all that wait or were given up.
async fn retry(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path(name): Path<String>,
    head: Parts,
    body: Body,
) -> Answered {
    let body = object(&tenant, &head, body).await?;
    let id = number(&body, "id")?;
    let n = write(&tenant, &admin, move |tx, actor, now| admin::retry(tx, &name, id, actor, now)).await?;
    Ok(data(json!({ "deliveries": n })))
}

/// `POST …/deliveries/discard`: `{id, reason}` one, `{reason}` all that were given up.
async fn discard(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path(name): Path<String>,
    head: Parts,
    body: Body,
) -> Answered {
    let body = object(&tenant, &head, body).await?;
    let (id, reason) = (number(&body, "id")?, body.get("reason").and_then(Json::as_str).unwrap_or_default().to_owned());
    let n = write(&tenant, &admin, move |tx, actor, now| admin::discard(tx, &name, id, &reason, actor, now)).await?;
    Ok(data(json!({ "deliveries": n })))
}

/// `POST …/replay`: events that are kept are delivered once more; `{name, contentType, key, from, to}`, each of which may be left
/// out, but not all.
async fn replay(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path(name): Path<String>,
    head: Parts,
    body: Body,
) -> Answered {
    let body = object(&tenant, &head, body).await?;
    let known = ["name", "contentType", "key", "from", "to"];
    if let Some(key) = body.keys().find(|key| !known.contains(&key.as_str())) {
        return Err(WireError::validation(format!("{key}: unknown; known here: {}", known.join(", "))));
    }
    if body.values().all(Json::is_null) {
        return Err(WireError::validation("say which events: by name, contentType, key, from or to"));
    }
    let asked: Asked = serde_json::from_value(Json::Object(body))
        .map_err(|e| WireError::validation(format!("expected texts, and times such as 2026-01-02T03:04:05Z: {e}")))?;
    let filter: EventFilter = asked.into();
    let n = write(&tenant, &admin, move |tx, actor, now| admin::replay(tx, &name, &filter, actor, now)).await?;
    Ok(data(json!({ "events": n })))
}

/// Runs what an operator asked for in a transaction.
pub(super) async fn write<T, E, F>(tenant: &Tenant, admin: &Admin, f: F) -> Result<T, WireError>
where
    T: Send + 'static,
    E: From<StoreError> + Into<WireError> + Send + 'static,
    F: FnOnce(&mut WriteTx<'_>, &Actor, i64) -> Result<T, E> + Clone + Send + 'static,
{
    let (actor, now) = (admin.actor().clone(), tenant.access.now().timestamp_millis());
    tenant.content.store().write(move |tx| f(tx, &actor, now)).await.map_err(Into::into)
}

/// A number of a body, where it is given.
pub(super) fn number(body: &Map<String, Json>, key: &str) -> Result<Option<i64>, WireError> {
    match body.get(key) {
        None | Some(Json::Null) => Ok(None),
        Some(json) => json.as_i64().map(Some).ok_or_else(|| WireError::validation(format!("{key}: expected a number"))),
    }
}

/// A number in a path; what is none names nothing.
pub(super) fn id(text: &str) -> Result<i64, WireError> {
    text.parse().map_err(|_| WireError::new(StatusCode::NOT_FOUND, "NotFoundError", "Not Found"))
}

pub(super) fn shown(e: &Event) -> Json {
    json!({
        "pos": e.pos, "id": e.id, "name": e.event.name, "key": e.event.key, "at": time(e.at), "actor": e.actor,
        "contentType": e.event.content_type, "documentId": e.event.document_id, "locale": e.event.locale,
        "status": e.event.status, "data": e.event.data,
    })
}

fn overview(o: &Overview) -> Json {
    json!({
        "name": o.row.name, "state": o.row.state.as_str(), "reason": o.row.reason, "position": o.row.position, "lag": o.lag,
        "behindSince": o.behind_since.map(time), "waiting": o.waiting, "dead": o.dead, "discarded": o.discarded,
        "createdAt": time(o.row.created_at),
    })
}

fn delivery(d: &DeliveryRow) -> Json {
    json!({
        "id": d.id, "state": d.state.as_str(), "attempt": d.attempt, "due": time(d.due), "error": d.error, "reason": d.reason,
        "event": d.event.as_ref().map(shown),
    })
}
