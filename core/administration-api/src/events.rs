//! Events, and everybody who hears of them: how far they have got, what failed, and what is done about it.

use cairn_access::action_types::{EventsManage, EventsRead};
use cairn_app::Tenant;
use cairn_content::view::ActorView;
use cairn_events::admin::{self, ConsumerOverview};
use cairn_http::error::WireError;
use cairn_http::extract::admin::Admin;
use cairn_http::extract::body::Json;
use cairn_http::extract::require::Require;
use cairn_http::extract::tenant::CurrentTenant;
use cairn_http::extract::url_params::{Path, Query};
use cairn_http::openapi::response_types::{After, Before, Data, List, Page, Time};
use cairn_http::openapi::router::AreaRouter;
use cairn_http::page_params::PageParams;
use cairn_http::routes;
use cairn_store::StoreError;
use cairn_store::WriteTx;
use cairn_store::events::{Actor, ConsumerState, DeliveryRow, DeliveryState, EventFilter};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

/// The routes of events.
pub(super) fn routes() -> AreaRouter {
    AreaRouter::default().routes(routes!(list))
}

/// The routes of those who hear of them.
pub(super) fn consumer_routes() -> AreaRouter {
    AreaRouter::default()
        .routes(routes!(consumers))
        .routes(routes!(pause))
        .routes(routes!(resume))
        .routes(routes!(deliveries))
        .routes(routes!(retry))
        .routes(routes!(discard))
        .routes(routes!(replay))
}

/// Filter of events.
#[derive(Debug, Default, Deserialize, Serialize, IntoParams, ToSchema)]
#[serde(default, rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
#[schema(as = EventsAsked)]
pub(crate) struct ListEventsParams {
    /// Name of the event; with `*` at its end, all that begin so.
    name: Option<String>,
    content_type: Option<String>,
    /// Events of one key are delivered in order: the document id, mostly.
    key: Option<String>,
    /// Earliest moment, included.
    from: Option<DateTime<Utc>>,
    /// Latest moment, excluded.
    to: Option<DateTime<Utc>>,
}

impl From<ListEventsParams> for EventFilter {
    fn from(a: ListEventsParams) -> Self {
        let ms = |t: Option<DateTime<Utc>>| t.map(|t| t.timestamp_millis());
        Self { name: a.name, content_type: a.content_type, key: a.key, from: ms(a.from), to: ms(a.to) }
    }
}

/// Lists the events, newest first.
#[utoipa::path(get, path = "/admin/api/events", params(ListEventsParams, PageParams))]
async fn list(
    CurrentTenant(tenant): CurrentTenant,
    _: Require<EventsRead>,
    Query(params): Query<ListEventsParams>,
    Query(page): Query<PageParams>,
) -> Result<Page<Event>, WireError> {
    let filter = params.into();
    let events = tenant.content.store().read(|r| r.events().list(&filter, page.before, page.limit()))?;
    let before = page.next_before(&events, |e| e.pos);
    Ok(Page { data: events.into_iter().map(Event::from).collect(), meta: Before { before } })
}

/// Everybody who hears of events: how far they have got.
#[utoipa::path(get, path = "/admin/api/consumers", operation_id = "list")]
async fn consumers(CurrentTenant(tenant): CurrentTenant, _: Require<EventsRead>) -> Result<List<Consumer>, WireError> {
    let all = tenant.content.store().read(admin::list_consumers)?;
    Ok(List { data: all.into_iter().map(Consumer::from).collect() })
}

/// Stops delivery to one until it is resumed: events are kept meanwhile.
#[utoipa::path(post, path = "/admin/api/consumers/{name}/pause")]
async fn pause(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<EventsManage>,
    Path(name): Path<String>,
) -> Result<Data<Consumer>, WireError> {
    set_paused(&tenant, &admin, name, true).await
}

/// Goes on with one.
#[utoipa::path(post, path = "/admin/api/consumers/{name}/resume")]
async fn resume(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<EventsManage>,
    Path(name): Path<String>,
) -> Result<Data<Consumer>, WireError> {
    set_paused(&tenant, &admin, name, false).await
}

async fn set_paused(tenant: &Tenant, admin: &Admin, name: String, paused: bool) -> Result<Data<Consumer>, WireError> {
    let consumer = name.clone();
    write_as_admin(tenant, admin, move |tx, actor, now| admin::set_paused(tx, &name, paused, actor, now)).await?;
    let all = tenant.content.store().read(admin::list_consumers)?;
    let overview = all.into_iter().find(|o| o.row.name == consumer).ok_or_else(WireError::not_found)?;
    Ok(Data { data: overview.into() })
}

/// Filter of a consumer's deliveries.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct ListDeliveriesParams {
    /// Where they are.
    #[param(inline, value_type = Option<DeliveryStateView>)]
    state: Option<String>,
    /// Deliveries with greater numbers only.
    after: Option<i64>,
}

/// Lists the deliveries that wait or were given up, the oldest first.
#[utoipa::path(
    get,
    path = "/admin/api/consumers/{name}/deliveries",
    params(
        ListDeliveriesParams,
        ("limit" = Option<i64>, Query, description = "Deliveries at most: 1 to 100, 50 where it is left out"),
    ),
)]
async fn deliveries(
    CurrentTenant(tenant): CurrentTenant,
    _: Require<EventsRead>,
    Path(name): Path<String>,
    Query(params): Query<ListDeliveriesParams>,
    Query(page): Query<PageParams>,
) -> Result<Page<Delivery, After>, WireError> {
    let state = match params.state.as_deref() {
        None => None,
        Some("waiting") => Some(DeliveryState::Waiting),
        Some("dead") => Some(DeliveryState::Dead),
        Some("discarded") => Some(DeliveryState::Discarded),
        Some(_) => return Err(WireError::validation("state: expected waiting, dead or discarded")),
    };
    let filter = admin::delivery_filter(&name, state, params.after);
    let rows = tenant.content.store().read(|r| r.deliveries().list(&filter, page.limit()))?;
    let after = page.next_before(&rows, |d| d.id);
    Ok(Page { data: rows.into_iter().map(Delivery::from).collect(), meta: After { after } })
}

/// Deliveries to retry.
#[derive(ToSchema)]
#[expect(dead_code, reason = "what is wrong with a member is told by its name")]
struct RetryDeliveries {
    /// This one; all that wait or were given up, where it is left out.
    id: Option<i64>,
}

/// How many deliveries.
#[derive(Debug, Serialize, ToSchema)]
struct DeliveryCount {
    deliveries: u64,
}

/// Delivers once more, now.
#[utoipa::path(post, path = "/admin/api/consumers/{name}/deliveries/retry")]
async fn retry(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<EventsManage>,
    Path(name): Path<String>,
    body: Json<RetryDeliveries>,
) -> Result<Data<DeliveryCount>, WireError> {
    let body = body.read_object(&tenant).await?;
    let id = optional_number(&body, "id")?;
    let n = write_as_admin(&tenant, &admin, move |tx, actor, now| admin::retry_deliveries(tx, &name, id, actor, now))
        .await?;
    Ok(Data { data: DeliveryCount { deliveries: n as u64 } })
}

/// Deliveries to discard, and the reason.
#[derive(ToSchema)]
#[expect(dead_code, reason = "what is wrong with a member is told by its name")]
struct DiscardDeliveries {
    /// This one; all that were given up, where it is left out.
    id: Option<i64>,
    reason: String,
}

/// Discards deliveries.
#[utoipa::path(post, path = "/admin/api/consumers/{name}/deliveries/discard")]
async fn discard(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<EventsManage>,
    Path(name): Path<String>,
    body: Json<DiscardDeliveries>,
) -> Result<Data<DeliveryCount>, WireError> {
    let body = body.read_object(&tenant).await?;
    let (id, reason) =
        (optional_number(&body, "id")?, body.get("reason").and_then(Value::as_str).unwrap_or_default().to_owned());
    let n = write_as_admin(&tenant, &admin, move |tx, actor, now| {
        admin::discard_deliveries(tx, &name, id, &reason, actor, now)
    })
    .await?;
    Ok(Data { data: DeliveryCount { deliveries: n as u64 } })
}

/// How many events.
#[derive(Debug, Serialize, ToSchema)]
struct EventCount {
    events: u64,
}

/// Delivers events that are kept once more. Each member may be left out, but not all.
#[utoipa::path(post, path = "/admin/api/consumers/{name}/replay")]
async fn replay(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<EventsManage>,
    Path(name): Path<String>,
    body: Json<ListEventsParams>,
) -> Result<Data<EventCount>, WireError> {
    let body = body.read_object(&tenant).await?;
    let known = ["name", "contentType", "key", "from", "to"];
    if let Some(key) = body.keys().find(|key| !known.contains(&key.as_str())) {
        return Err(WireError::validation(format!("{key}: unknown key; use {}", known.join(", "))));
    }
    if body.values().all(Value::is_null) {
        return Err(WireError::validation("Specify which events to replay: name, contentType, key, from or to"));
    }
    let params: ListEventsParams = serde_json::from_value(Value::Object(body))
        .map_err(|e| WireError::validation(format!("Expected strings, and times such as 2026-01-02T03:04:05Z: {e}")))?;
    let filter: EventFilter = params.into();
    let n = write_as_admin(&tenant, &admin, move |tx, actor, now| admin::replay_events(tx, &name, &filter, actor, now))
        .await?;
    Ok(Data { data: EventCount { events: n as u64 } })
}

/// Runs what an operator asked for in a transaction.
pub(super) async fn write_as_admin<T, E, F>(tenant: &Tenant, admin: &Admin, f: F) -> Result<T, WireError>
where
    T: Send + 'static,
    E: From<StoreError> + Into<WireError> + Send + 'static,
    F: FnOnce(&mut WriteTx<'_>, &Actor, i64) -> Result<T, E> + Clone + Send + 'static,
{
    let (actor, now) = (admin.actor().clone(), tenant.access.now().timestamp_millis());
    tenant.content.store().write(move |tx| f(tx, &actor, now)).await.map_err(Into::into)
}

/// A number of a body, where it is given.
pub(super) fn optional_number(body: &Map<String, Value>, key: &str) -> Result<Option<i64>, WireError> {
    match body.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(json) => json.as_i64().map(Some).ok_or_else(|| WireError::validation(format!("{key}: expected a number"))),
    }
}

/// A number in a path; what is none names nothing.
pub(super) fn parse_id(text: &str) -> Result<i64, WireError> {
    text.parse().map_err(|_| WireError::not_found())
}

/// Something that happened.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Event {
    /// Its place in the order of commits.
    pos: i64,
    /// The same wherever and however often it is delivered.
    id: String,
    /// Name of the event: `cairn.document.created`.
    name: String,
    /// Events of one key are delivered in order: the document id, mostly.
    key: String,
    at: Time,
    actor: ActorView,
    content_type: Option<String>,
    document_id: Option<String>,
    locale: Option<String>,
    /// `draft` or `published`, where it is about one.
    status: Option<String>,
    /// More, depending on its name.
    #[schema(value_type = Object)]
    data: Value,
}

impl From<cairn_store::events::Event> for Event {
    fn from(e: cairn_store::events::Event) -> Self {
        let event = e.event;
        Self {
            pos: e.pos,
            id: e.id,
            name: event.name,
            key: event.key,
            at: Time(e.at),
            actor: e.actor.into(),
            content_type: event.content_type,
            document_id: event.document_id,
            locale: event.locale,
            status: event.status,
            data: event.data,
        }
    }
}

/// State of a consumer: whether events are delivered to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = ConsumerState)]
enum ConsumerStateView {
    /// It receives events.
    Active,
    /// Paused by a person; events wait.
    Paused,
    /// Disabled by Cairn for the stored reason; events wait.
    Disabled,
}

impl From<ConsumerState> for ConsumerStateView {
    fn from(state: ConsumerState) -> Self {
        match state {
            ConsumerState::Active => Self::Active,
            ConsumerState::Paused => Self::Paused,
            ConsumerState::Disabled => Self::Disabled,
        }
    }
}

/// Somebody who hears of events.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Consumer {
    /// `audit`, `webhook:3`
    name: String,
    state: ConsumerStateView,
    /// Why nothing is delivered.
    reason: Option<String>,
    /// The place of the last event it is past.
    position: i64,
    /// Events that it has not come to yet.
    lag: i64,
    /// When the first of these happened.
    behind_since: Option<Time>,
    /// Deliveries that wait for their time.
    waiting: i64,
    /// Deliveries that were given up.
    dead: i64,
    /// Deliveries that somebody discarded.
    discarded: i64,
    created_at: Time,
}

impl From<ConsumerOverview> for Consumer {
    fn from(o: ConsumerOverview) -> Self {
        Self {
            name: o.row.name,
            state: o.row.state.into(),
            reason: o.row.reason,
            position: o.row.position,
            lag: o.lag,
            behind_since: o.behind_since.map(Time),
            waiting: o.waiting,
            dead: o.dead,
            discarded: o.discarded,
            created_at: Time(o.row.created_at),
        }
    }
}

/// Where a delivery is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = DeliveryState)]
enum DeliveryStateView {
    /// To be tried at its due time.
    Waiting,
    /// Given up after the last attempt, until a person retries or discards it.
    Dead,
    /// A person decided that it is not to be delivered.
    Discarded,
}

impl From<DeliveryState> for DeliveryStateView {
    fn from(state: DeliveryState) -> Self {
        match state {
            DeliveryState::Waiting => Self::Waiting,
            DeliveryState::Dead => Self::Dead,
            DeliveryState::Discarded => Self::Discarded,
        }
    }
}

/// An event on its way to somebody.
#[derive(Debug, Serialize, ToSchema)]
struct Delivery {
    id: i64,
    state: DeliveryStateView,
    /// How often it was tried.
    attempt: i64,
    /// When it is tried next.
    due: Time,
    /// Why it failed last.
    error: Option<String>,
    /// Why it was discarded.
    reason: Option<String>,
    /// Null where it is no longer kept.
    event: Option<Event>,
}

impl From<DeliveryRow> for Delivery {
    fn from(d: DeliveryRow) -> Self {
        Self {
            id: d.id,
            state: d.state.into(),
            attempt: d.attempt,
            due: Time(d.due),
            error: d.error,
            reason: d.reason,
            event: d.event.map(Event::from),
        }
    }
}
