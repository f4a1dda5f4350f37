//! Publishing: documents at once, one or many; schedules.

use super::{Paging, data, time, with_meta};
use crate::answer;
use crate::error::WireError;
use crate::extract::address::{Path, Query};
use crate::extract::admin::Admin;
use crate::extract::tenant::CurrentTenant;
use crate::extract::version;
use crate::routes::users::object;
use crate::tenant::Tenant;
use axum::Router;
use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{Response, StatusCode};
use axum::routing::{get, post};
use cairn_content::{InLocales, LocaleChange, LocaleCheck, PublishAction, Refusal};
use cairn_editorial::When;
use cairn_editorial::schedules::Wanted;
use cairn_events::zone::Fold;
use cairn_model::ContentType;
use cairn_store::editorial::{ScheduleFilter, ScheduleRow, ScheduleState};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};

type Answered = Result<Response<Body>, WireError>;

/// The routes of publishing and of schedules.
pub(super) fn routes() -> Router {
    Router::new()
        .route("/admin/api/content/{uid}/actions/{action}", post(many))
        .route("/admin/api/content/{uid}/{documentId}/actions/{action}", post(one))
        .route("/admin/api/schedules", get(schedules).post(add_schedule))
        .route("/admin/api/schedules/{id}", get(one_schedule).put(change_schedule).delete(cancel_schedule))
}

/// `locales` of a body: some, or `"*"`.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Locales {
    Word(String),
    List(Vec<String>),
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
struct One {
    locales: Option<Locales>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Many {
    document_ids: Vec<String>,
    #[serde(default)]
    locales: Option<Locales>,
    /// All or none.
    #[serde(default)]
    atomic: bool,
}

/// `POST /admin/api/content/{uid}/{documentId}/actions/{publish|unpublish|discard-draft}`: `{locales}`, some or `"*"`; the
/// default locale where none is named. `If-Match` names the draft that was seen.
async fn one(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path((uid, document_id, action)): Path<(String, String, String)>,
    head: Parts,
    body: Body,
) -> Answered {
    let (ct, action) = (content_type(&tenant, &uid)?, action_of_path(&action)?);
    let expected = version::expected(&head.headers)?;
    let One { locales } = read(&tenant, &head, body).await?;
    let locales = in_locales(&tenant, ct, locales);
    let changes = tenant.content.publish(action, ct.id, &document_id, locales, admin.actor(), expected).await?;
    let version = if let [one] = changes.as_slice() { Some(one.version) } else { None };
    let shown = json!({ "documentId": document_id, "locales": changes.iter().map(change).collect::<Vec<_>>() });
    Ok(version::with(data(shown), version))
}

/// `POST /admin/api/content/{uid}/actions/{action}`: `{documentIds, locales, atomic}`. Each by itself, with what became of it;
/// with `atomic` all or none.
async fn many(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path((uid, action)): Path<(String, String)>,
    head: Parts,
    body: Body,
) -> Answered {
    let (ct, action) = (content_type(&tenant, &uid)?, action_of_path(&action)?);
    let Many { document_ids, locales, atomic } = read(&tenant, &head, body).await?;
    let locales = in_locales(&tenant, ct, locales);
    let outcomes = match atomic {
        true => tenant.content.publish_together(action, ct.id, &document_ids, &locales, admin.actor()).await?,
        false => tenant.content.publish_each(action, ct.id, &document_ids, &locales, admin.actor()).await?,
    };
    let failed = outcomes.iter().filter(|o| o.result.is_err()).count();
    let (total, mut list) = (outcomes.len(), Vec::with_capacity(outcomes.len()));
    for outcome in outcomes {
        list.push(match outcome.result {
            Ok(changes) => json!({ "documentId": outcome.document_id, "done": true,
                "locales": changes.iter().map(change).collect::<Vec<_>>() }),
            Err(refusal) => json!({ "documentId": outcome.document_id, "done": false, "error": problem(&refusal) }),
        });
    }
    Ok(with_meta(list, json!({ "done": total - failed, "failed": failed })))
}

/// What schedules are asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Asked {
    content_type: Option<String>,
    document_id: Option<String>,
    state: Option<String>,
    from: Option<DateTime<Utc>>,
    to: Option<DateTime<Utc>>,
}

/// `GET /admin/api/schedules`: newest first, with `from` or `to` as they are due; `contentType`, `documentId`, `state`.
async fn schedules(
    CurrentTenant(tenant): CurrentTenant,
    _: Admin,
    Query(asked): Query<Asked>,
    Query(page): Query<Paging>,
) -> Answered {
    let state = |text: &str| {
        let expected = "state: expected waiting, done, failed or cancelled";
        ScheduleState::parse(text).ok_or_else(|| WireError::validation(expected))
    };
    let filter = ScheduleFilter {
        content_type: asked.content_type,
        document_id: asked.document_id,
        state: asked.state.as_deref().map(state).transpose()?,
        from: asked.from.map(|t| t.timestamp_millis()),
        to: asked.to.map(|t| t.timestamp_millis()),
        before: page.before,
    };
    let rows = tenant.content.store().read(|r| r.schedules(&filter, page.limit()))?;
    let ranged = filter.from.is_some() || filter.to.is_some();
    let next = (rows.len() as i64 == page.limit() && !ranged).then(|| rows.last().map(|row| row.id)).flatten();
    Ok(with_meta(rows.iter().map(schedule).collect::<Vec<_>>(), json!({ "before": next })))
}

/// A local time in a zone.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Time {
    local_time: String,
    zone: String,
    /// Of a time that comes twice.
    #[serde(default)]
    fold: Option<WhichFold>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum WhichFold {
    Earlier,
    Later,
}

impl From<Time> for When {
    fn from(Time { local_time, zone, fold }: Time) -> Self {
        let fold = fold.map(|fold| match fold {
            WhichFold::Earlier => Fold::Earlier,
            WhichFold::Later => Fold::Later,
        });
        Self { local_time, zone, fold }
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewSchedule {
    content_type: String,
    document_id: String,
    #[serde(default)]
    locale: Option<String>,
    action: String,
    local_time: String,
    zone: String,
    #[serde(default)]
    fold: Option<WhichFold>,
}

/// `POST /admin/api/schedules`: `{contentType, documentId, locale, action, localTime, zone, fold}`. `meta.problems`: what would
/// be wrong with it now.
async fn add_schedule(CurrentTenant(tenant): CurrentTenant, admin: Admin, head: Parts, body: Body) -> Answered {
    let new: NewSchedule = read(&tenant, &head, body).await?;
    let ct = content_type(&tenant, &new.content_type)?;
    let wanted = Wanted {
        content_type: ct.id,
        document_id: new.document_id,
        locale: new.locale.unwrap_or_else(|| default_locale(&tenant, ct)),
        action: action(&new.action)?,
        when: Time { local_time: new.local_time, zone: new.zone, fold: new.fold }.into(),
    };
    let (row, checks) = tenant.schedules.create(wanted, admin.actor()).await?;
    let body = json!({ "data": schedule(&row), "meta": { "problems": problems(&checks) } });
    Ok(answer::value(StatusCode::CREATED, &body))
}

/// `GET /admin/api/schedules/{id}`.
async fn one_schedule(CurrentTenant(tenant): CurrentTenant, _: Admin, Path(id): Path<String>) -> Answered {
    let id = number(&id)?;
    let row = tenant.content.store().read(|r| r.schedule(id))?.ok_or_else(WireError::not_found)?;
    Ok(data(schedule(&row)))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
struct ChangedSchedule {
    action: Option<String>,
    local_time: Option<String>,
    zone: Option<String>,
    fold: Option<WhichFold>,
}

/// `PUT /admin/api/schedules/{id}`: `{action}`, or `{localTime, zone, fold}`, or both; one that waits.
async fn change_schedule(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path(id): Path<String>,
    head: Parts,
    body: Body,
) -> Answered {
    let id = number(&id)?;
    let changed: ChangedSchedule = read(&tenant, &head, body).await?;
    let when = match (changed.local_time, changed.zone) {
        (Some(local_time), Some(zone)) => Some(Time { local_time, zone, fold: changed.fold }.into()),
        (None, None) => None,
        _ => return Err(WireError::validation("\"localTime\" and \"zone\" go together: give both")),
    };
    let action = changed.action.as_deref().map(action).transpose()?;
    Ok(data(schedule(&tenant.schedules.change(id, when, action, admin.actor()).await?)))
}

/// `DELETE /admin/api/schedules/{id}`: cancels one that waits.
async fn cancel_schedule(CurrentTenant(tenant): CurrentTenant, admin: Admin, Path(id): Path<String>) -> Answered {
    Ok(data(schedule(&tenant.schedules.cancel(number(&id)?, admin.actor()).await?)))
}

/// The body as that object.
pub(super) async fn read<T: DeserializeOwned>(tenant: &Tenant, head: &Parts, body: Body) -> Result<T, WireError> {
    let object = object(tenant, head, body).await?;
    serde_json::from_value(Json::Object(object))
        .map_err(|e| WireError::validation(format!("The body is not right: {e}")))
}

/// A number in a path.
pub(super) fn number(text: &str) -> Result<i64, WireError> {
    text.parse().map_err(|_| WireError::not_found())
}

pub(super) fn content_type<'t>(tenant: &'t Tenant, uid: &str) -> Result<&'t ContentType, WireError> {
    tenant.content.registry().by_uid(uid).ok_or_else(|| {
        let uid: String = uid.chars().take(100).collect();
        WireError::new(StatusCode::NOT_FOUND, "NotFoundError", format!("There is no content type {uid:?}"))
    })
}

/// Of a body.
pub(super) fn action(text: &str) -> Result<PublishAction, WireError> {
    PublishAction::parse(text).ok_or_else(|| WireError::validation("action: expected \"publish\" or \"unpublish\""))
}

fn action_of_path(text: &str) -> Result<PublishAction, WireError> {
    PublishAction::parse(text).ok_or_else(WireError::not_found)
}

/// The locale that is meant where none is named.
pub(super) fn default_locale(tenant: &Tenant, ct: &ContentType) -> String {
    if ct.localized { tenant.access.locales().default.clone() } else { String::new() }
}

fn in_locales(tenant: &Tenant, ct: &ContentType, locales: Option<Locales>) -> InLocales {
    match locales {
        Some(Locales::Word(word)) if word == "*" => InLocales::All,
        Some(Locales::Word(word)) => InLocales::These(vec![word]),
        Some(Locales::List(list)) => InLocales::These(list),
        None if ct.localized => InLocales::These(vec![default_locale(tenant, ct)]),
        None => InLocales::All,
    }
}

fn change(change: &LocaleChange) -> Json {
    json!({ "locale": shown_locale(&change.locale), "changed": change.changed, "version": change.version })
}

/// Null where there is none.
pub(super) fn shown_locale(locale: &str) -> Json {
    if locale.is_empty() { Json::Null } else { locale.into() }
}

pub(super) fn problem(refusal: &Refusal) -> Json {
    json!({ "message": refusal.message, "details": refusal.details })
}

fn problems(checks: &[LocaleCheck]) -> Vec<Json> {
    let of = |check: &LocaleCheck| {
        let locale = shown_locale(&check.locale);
        let with_locale = move |refusal: &Refusal| {
            let mut problem = problem(refusal);
            problem["locale"] = locale.clone();
            problem
        };
        check.problems.iter().map(with_locale).collect::<Vec<_>>()
    };
    checks.iter().flat_map(of).collect()
}

fn schedule(row: &ScheduleRow) -> Json {
    let s = &row.schedule;
    json!({
        "id": row.id, "contentType": s.content_type, "documentId": s.document_id, "locale": shown_locale(&s.locale),
        "action": s.action, "localTime": s.local_time, "zone": s.zone, "due": time(s.due), "state": row.state.as_str(),
        "problem": row.problem, "createdAt": time(row.created_at), "createdBy": s.actor,
        "endedAt": row.ended_at.map_or(Json::Null, time),
    })
}
