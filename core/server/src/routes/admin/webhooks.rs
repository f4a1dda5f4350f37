//! Webhooks: what they are, what was sent to them, and a test.

use super::events::{id, number, write};
use super::{Paging, data, time, with_meta};
use crate::answer;
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
use cairn_access::webhooks::{self, Headers, SaveError, Secrets, WebhookChanges};
use cairn_store::events::{AttemptRow, NewWebhook, WebhookRow};
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

type Answered = Result<Response<Body>, WireError>;

/// How long the secret before stays valid, in hours: where nothing is said, and at most.
const OVERLAP: i64 = 24;
const LONGEST_OVERLAP: i64 = 30 * 24;

pub(super) fn routes() -> Router {
    Router::new()
        .route("/admin/api/webhooks", get(list).post(create))
        .route("/admin/api/webhooks/{id}", get(one).put(update).delete(delete))
        .route("/admin/api/webhooks/{id}/rotate-secret", post(rotate))
        .route("/admin/api/webhooks/{id}/test", post(test))
        .route("/admin/api/webhooks/{id}/enable", post(enable))
        .route("/admin/api/webhooks/{id}/disable", post(disable))
        .route("/admin/api/webhooks/{id}/deliveries", get(deliveries))
        .route("/admin/api/webhooks/{id}/deliveries/{delivery}", get(delivery))
        .route("/admin/api/webhooks/{id}/deliveries/{delivery}/redeliver", post(redeliver))
}

impl From<SaveError> for WireError {
    fn from(e: SaveError) -> Self {
        match e {
            SaveError::Problem(part, message) => refused(&[(part.to_owned(), message)]),
            SaveError::NotFound => Self::not_found(),
            SaveError::Seal(e) => Self::internal(e),
            SaveError::Store(e) => e.into(),
        }
    }
}

/// Every problem with its place.
fn refused(problems: &[(String, String)]) -> WireError {
    let told: Vec<String> = problems.iter().map(|(path, message)| format!("{path}: {message}")).collect();
    WireError::validation(told.join("; "))
}

/// `GET /admin/api/webhooks`.
async fn list(CurrentTenant(tenant): CurrentTenant, _: Admin) -> Answered {
    let rows = tenant.content.store().read(|r| r.webhooks())?;
    Ok(data(rows.iter().map(|row| shown(&tenant, row)).collect::<Vec<_>>()))
}

/// `GET /admin/api/webhooks/{id}`.
async fn one(CurrentTenant(tenant): CurrentTenant, _: Admin, Path(webhook): Path<String>) -> Answered {
    Ok(data(found(&tenant, id(&webhook)?)?))
}

/// `POST /admin/api/webhooks`: 201 with the webhook, and with its secret where one was made, which is never told again.
async fn create(CurrentTenant(tenant): CurrentTenant, admin: Admin, head: Parts, body: Body) -> Answered {
    let changes = changes(&tenant, &head, body).await?;
    let saved = save(&tenant, &admin, None, changes).await?;
    let mut made = found(&tenant, saved.id)?;
    if let Some(secret) = saved.secret {
        made["secret"] = secret.into();
    }
    Ok(answer::value(StatusCode::CREATED, &json!({ "data": made })))
}

/// `PUT /admin/api/webhooks/{id}`: what is not named stays, `null` makes it the default.
async fn update(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path(webhook): Path<String>,
    head: Parts,
    body: Body,
) -> Answered {
    let webhook = id(&webhook)?;
    let changes = changes(&tenant, &head, body).await?;
    save(&tenant, &admin, Some(webhook), changes).await?;
    Ok(data(found(&tenant, webhook)?))
}

/// `DELETE /admin/api/webhooks/{id}`: with what waits for it, and its log.
async fn delete(CurrentTenant(tenant): CurrentTenant, admin: Admin, Path(webhook): Path<String>) -> Answered {
    let webhook = id(&webhook)?;
    write(&tenant, &admin, move |tx, actor, now| webhooks::delete(tx, webhook, actor, now)).await?;
    tenant.follow_webhooks()?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

/// `POST …/rotate-secret`: a new secret, told once; the one before stays valid for `overlapHours` (24).
async fn rotate(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path(webhook): Path<String>,
    head: Parts,
    body: Body,
) -> Answered {
    let webhook = id(&webhook)?;
    let hours = number(&object(&tenant, &head, body).await?, "overlapHours")?.unwrap_or(OVERLAP);
    if !(0..=LONGEST_OVERLAP).contains(&hours) {
        return Err(WireError::validation(format!("overlapHours: expected 0 to {LONGEST_OVERLAP}")));
    }
    let access = tenant.access.clone();
    let secret = write(&tenant, &admin, move |tx, actor, now| {
        webhooks::rotate(tx, &access, webhook, hours * 3_600_000, actor, now)
    })
    .await?;
    tenant.follow_webhooks()?;
    let mut shown = found(&tenant, webhook)?;
    shown["secret"] = secret.into();
    Ok(data(shown))
}

/// `POST …/test`: sends `trigger-test` now, and answers what was sent and what came back.
async fn test(CurrentTenant(tenant): CurrentTenant, _: Admin, Path(webhook): Path<String>) -> Answered {
    let sent = tenant.webhooks.test(id(&webhook)?).await?.ok_or_else(WireError::not_found)?;
    Ok(data(json!({
        "ok": sent.error.is_none(), "error": sent.error, "durationMs": sent.duration, "request": sent.request,
        "response": sent.response,
    })))
}

/// `POST …/enable`: what waited meanwhile is sent, or with `{"skip": true}` passed over.
async fn enable(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path(webhook): Path<String>,
    head: Parts,
    body: Body,
) -> Answered {
    let webhook = id(&webhook)?;
    let skip = match object(&tenant, &head, body).await?.get("skip") {
        None | Some(Json::Null) => false,
        Some(json) => json.as_bool().ok_or_else(|| WireError::validation("skip: expected true or false"))?,
    };
    switch(&tenant, &admin, webhook, true, skip).await
}

/// `POST …/disable`: what happens waits, for as long as events are kept.
async fn disable(CurrentTenant(tenant): CurrentTenant, admin: Admin, Path(webhook): Path<String>) -> Answered {
    switch(&tenant, &admin, id(&webhook)?, false, false).await
}

async fn switch(tenant: &Tenant, admin: &Admin, webhook: i64, on: bool, skip: bool) -> Answered {
    let changes = parsed(tenant, &json!({ "enabled": on }))?;
    if skip {
        write(tenant, admin, move |tx, _, _| {
            let row = tx.reader().webhook(webhook)?.ok_or(SaveError::NotFound)?;
            tx.skip_waiting(&row.consumer(), "skipped when the webhook was enabled").map_err(SaveError::from)
        })
        .await?;
    }
    save(tenant, admin, Some(webhook), changes).await?;
    Ok(data(found(tenant, webhook)?))
}

/// Which attempts are asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    ok: Option<bool>,
}

/// `GET …/deliveries`: attempts, newest first; `ok=false`: those that failed.
async fn deliveries(
    CurrentTenant(tenant): CurrentTenant,
    _: Admin,
    Path(webhook): Path<String>,
    Query(asked): Query<Asked>,
    Query(page): Query<Paging>,
) -> Answered {
    let webhook = id(&webhook)?;
    found(&tenant, webhook)?;
    let rows = tenant.content.store().read(|r| r.webhook_attempts(webhook, asked.ok, page.before, page.limit()))?;
    let next = (rows.len() as i64 == page.limit()).then(|| rows.last().map(|a| a.id)).flatten();
    Ok(with_meta(rows.iter().map(attempt).collect::<Vec<_>>(), json!({ "before": next })))
}

/// `GET …/deliveries/{n}`: with what was sent and what came back.
async fn delivery(
    CurrentTenant(tenant): CurrentTenant,
    _: Admin,
    Path((webhook, delivery)): Path<(String, String)>,
) -> Answered {
    let row = attempt_of(&tenant, id(&webhook)?, id(&delivery)?)?;
    let mut shown = attempt(&row);
    shown["request"] = row.attempt.request;
    shown["response"] = row.attempt.response.unwrap_or(Json::Null);
    Ok(data(shown))
}

/// `POST …/deliveries/{n}/redeliver`: 202; the event is sent once more, in its turn.
async fn redeliver(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    Path((webhook, delivery)): Path<(String, String)>,
) -> Answered {
    let webhook = id(&webhook)?;
    let row = attempt_of(&tenant, webhook, id(&delivery)?)?;
    let Some(pos) = row.attempt.pos else {
        return Err(WireError::validation("this was a test: send another one"));
    };
    let again = write(&tenant, &admin, move |tx, _, now| tx.redeliver(webhook, pos, now)).await?;
    if !again {
        return Err(WireError::validation("the event is no longer kept"));
    }
    Ok(answer::value(StatusCode::ACCEPTED, &json!({ "data": { "eventId": row.attempt.event_id } })))
}

async fn changes(tenant: &Tenant, head: &Parts, body: Body) -> Result<WebhookChanges, WireError> {
    parsed(tenant, &Json::Object(object(tenant, head, body).await?))
}

fn parsed(tenant: &Tenant, json: &Json) -> Result<WebhookChanges, WireError> {
    webhooks::parse(tenant.content.registry(), json)
        .map_err(|problems| refused(&problems.into_iter().map(|p| (p.path, p.message)).collect::<Vec<_>>()))
}

async fn save(
    tenant: &Tenant,
    admin: &Admin,
    webhook: Option<i64>,
    changes: WebhookChanges,
) -> Result<webhooks::Saved, WireError> {
    let access = tenant.access.clone();
    let saved = write(tenant, admin, move |tx, actor, now| {
        let before = match webhook {
            Some(id) => Some(tx.reader().webhook(id)?.ok_or(SaveError::NotFound)?),
            None => None,
        };
        webhooks::save(tx, &access, &changes, before.as_ref(), actor, now)
    })
    .await?;
    tenant.follow_webhooks()?;
    Ok(saved)
}

fn found(tenant: &Tenant, id: i64) -> Result<Json, WireError> {
    let row = tenant.content.store().read(|r| r.webhook(id))?;
    row.as_ref().map(|row| shown(tenant, row)).ok_or_else(WireError::not_found)
}

fn attempt_of(tenant: &Tenant, webhook: i64, id: i64) -> Result<AttemptRow, WireError> {
    tenant.content.store().read(|r| r.webhook_attempt(webhook, id))?.ok_or_else(WireError::not_found)
}

/// Without secrets, and without the values of headers.
fn shown(tenant: &Tenant, row: &WebhookRow) -> Json {
    let NewWebhook { name, url, events, types, condition, headers, secrets, enabled, disabled_reason } = &row.webhook;
    let now = tenant.access.now().timestamp_millis();
    let secrets = Secrets::open(&tenant.access, secrets);
    let valid: Option<Vec<Json>> =
        secrets.as_ref().ok().map(|s| s.valid(now).map(|s| json!({ "validUntil": s.until().map(time) })).collect());
    let headers: Option<Map<String, Json>> = Headers::open(&tenant.access, headers.as_deref())
        .ok()
        .map(|h| h.names().map(|name| (name.to_owned(), Json::Bool(true))).collect());
    let problem = (valid.is_none() || headers.is_none())
        .then_some("what is secret of it was sealed by another installation: set headers anew and rotate the secret");
    json!({
        "id": row.id, "name": name, "url": url, "events": events, "types": types, "condition": condition, "headers": headers,
        "enabled": enabled, "disabledReason": disabled_reason, "problem": problem, "secrets": valid,
        "failingSince": row.failing_since.map(time), "createdAt": time(row.created_at), "updatedAt": time(row.updated_at),
    })
}

fn attempt(row: &AttemptRow) -> Json {
    let a = &row.attempt;
    json!({
        "id": row.id, "eventId": a.event_id, "event": a.event, "uid": a.content_type, "documentId": a.document_id,
        "attempt": a.attempt, "at": time(a.at), "durationMs": a.duration, "ok": a.ok, "status": a.status, "error": a.error,
    })
}
