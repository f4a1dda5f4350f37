//! Webhooks: what they are, what was sent to them, and a test.

use crate::events::{optional_number, parse_id, write_as_admin};
use cairn_access::action_types::SettingsWebhooks;
use cairn_app::Tenant;
use cairn_events::webhooks::{WebhookHeaders, WebhookSecrets};
use cairn_http::error::WireError;
use cairn_http::extract::admin::Admin;
use cairn_http::extract::body::Json;
use cairn_http::extract::require::Require;
use cairn_http::extract::tenant::CurrentTenant;
use cairn_http::extract::url_params::{Path, Query};
use cairn_http::openapi::response_types::{AcceptedData, Before, CreatedData, Data, List, NoContent, Page, Time};
use cairn_http::openapi::router::AreaRouter;
use cairn_http::page_params::PageParams;
use cairn_http::routes;
use cairn_settings::webhooks::{self, WebhookChanges, WebhookSaveError};
use cairn_store::events::{AttemptRow, NewWebhook, WebhookRow};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};

/// How long the secret before stays valid, in hours: where nothing is said, and at most.
const DEFAULT_OVERLAP_HOURS: i64 = 24;
const MAX_OVERLAP_HOURS: i64 = 30 * 24;

pub(super) fn routes() -> AreaRouter {
    AreaRouter::default()
        .routes(routes!(list, create))
        .routes(routes!(one, change, delete))
        .routes(routes!(plugin_events))
        .routes(routes!(rotate_secret))
        .routes(routes!(test))
        .routes(routes!(enable))
        .routes(routes!(disable))
        .routes(routes!(deliveries))
        .routes(routes!(delivery))
        .routes(routes!(redeliver))
}

/// Every problem with its place.
fn problems_error(problems: &[(String, String)]) -> WireError {
    let messages: Vec<String> = problems.iter().map(|(path, message)| format!("{path}: {message}")).collect();
    WireError::validation(messages.join("; "))
}

/// Every webhook.
#[utoipa::path(get, path = "/admin/api/webhooks")]
async fn list(CurrentTenant(tenant): CurrentTenant, _: Require<SettingsWebhooks>) -> Result<List<Webhook>, WireError> {
    let rows = tenant.content.store().read(|r| r.webhooks().list())?;
    Ok(List { data: rows.iter().map(|row| Webhook::from_row(&tenant, row)).collect() })
}

/// Gets a webhook.
#[utoipa::path(get, path = "/admin/api/webhooks/{id}", params(("id" = i64, Path)))]
async fn one(
    CurrentTenant(tenant): CurrentTenant,
    _: Require<SettingsWebhooks>,
    Path(webhook): Path<String>,
) -> Result<Data<Webhook>, WireError> {
    Ok(Data { data: find_webhook(&tenant, parse_id(&webhook)?)? })
}

/// A webhook, with its secret where one was made: it is told once.
#[derive(Debug, Serialize, ToSchema)]
struct WebhookWithSecret {
    #[serde(flatten)]
    webhook: Webhook,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    secret: Option<String>,
}

/// Makes a webhook.
#[utoipa::path(post, path = "/admin/api/webhooks")]
async fn create(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<SettingsWebhooks>,
    body: Json<WebhookChanges>,
) -> Result<CreatedData<WebhookWithSecret>, WireError> {
    let changes = read_changes(&tenant, body).await?;
    let saved = save_webhook(&tenant, &admin, None, changes).await?;
    Ok(CreatedData { data: WebhookWithSecret { webhook: find_webhook(&tenant, saved.id)?, secret: saved.secret } })
}

/// Changes a webhook.
#[utoipa::path(put, path = "/admin/api/webhooks/{id}", params(("id" = i64, Path)))]
async fn change(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<SettingsWebhooks>,
    Path(webhook): Path<String>,
    body: Json<WebhookChanges>,
) -> Result<Data<Webhook>, WireError> {
    let webhook = parse_id(&webhook)?;
    let changes = read_changes(&tenant, body).await?;
    save_webhook(&tenant, &admin, Some(webhook), changes).await?;
    Ok(Data { data: find_webhook(&tenant, webhook)? })
}

/// Deletes a webhook, with what waits for it, and its log.
#[utoipa::path(delete, path = "/admin/api/webhooks/{id}", params(("id" = i64, Path)))]
async fn delete(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<SettingsWebhooks>,
    Path(webhook): Path<String>,
) -> Result<NoContent, WireError> {
    let webhook = parse_id(&webhook)?;
    write_as_admin(&tenant, &admin, move |tx, actor, now| webhooks::delete_webhook(tx, webhook, actor, now)).await?;
    tenant.follow_webhooks()?;
    Ok(NoContent)
}

/// The events of running plugins, which a webhook can name beside those of entries and files.
#[utoipa::path(get, path = "/admin/api/webhook-events")]
async fn plugin_events(CurrentTenant(tenant): CurrentTenant, _: Require<SettingsWebhooks>) -> List<String> {
    List { data: tenant.plugins.plugins().published_events().into_iter().collect() }
}

/// How long the secret before stays valid.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "what is wrong with a member is told by its name")]
struct RotateSecret {
    /// 24 where it is left out.
    overlap_hours: Option<i64>,
}

/// Makes a new secret, which is told once; the one before stays valid for a while.
#[utoipa::path(post, path = "/admin/api/webhooks/{id}/rotate-secret", params(("id" = i64, Path)))]
async fn rotate_secret(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<SettingsWebhooks>,
    Path(webhook): Path<String>,
    body: Json<RotateSecret>,
) -> Result<Data<WebhookWithSecret>, WireError> {
    let webhook = parse_id(&webhook)?;
    let hours = optional_number(&body.read_object(&tenant).await?, "overlapHours")?.unwrap_or(DEFAULT_OVERLAP_HOURS);
    if !(0..=MAX_OVERLAP_HOURS).contains(&hours) {
        return Err(WireError::validation(format!("overlapHours: expected 0 to {MAX_OVERLAP_HOURS}")));
    }
    let access = tenant.access.clone();
    let secret = write_as_admin(&tenant, &admin, move |tx, actor, now| {
        webhooks::rotate_secret(tx, &access, webhook, hours * 3_600_000, actor, now)
    })
    .await?;
    tenant.follow_webhooks()?;
    Ok(Data { data: WebhookWithSecret { webhook: find_webhook(&tenant, webhook)?, secret: Some(secret) } })
}

/// Result of a test: the request that was sent and the response to it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct WebhookTest {
    ok: bool,
    error: Option<String>,
    duration_ms: i64,
    /// Headers and body.
    #[schema(value_type = Object)]
    request: Value,
    /// Status, headers and body; null where there was no answer.
    #[schema(value_type = Option<Object>)]
    response: Option<Value>,
}

/// Sends `trigger-test` now.
#[utoipa::path(post, path = "/admin/api/webhooks/{id}/test", params(("id" = i64, Path)))]
async fn test(
    CurrentTenant(tenant): CurrentTenant,
    _: Require<SettingsWebhooks>,
    Path(webhook): Path<String>,
) -> Result<Data<WebhookTest>, WireError> {
    let outcome = tenant.webhooks.send_test(parse_id(&webhook)?).await?.ok_or_else(WireError::not_found)?;
    let ok = outcome.error.is_none();
    let data = WebhookTest {
        ok,
        error: outcome.error,
        duration_ms: outcome.duration,
        request: outcome.request,
        response: outcome.response,
    };
    Ok(Data { data })
}

/// Fate of the deliveries that waited.
#[derive(ToSchema)]
#[expect(dead_code, reason = "what is wrong with a member is told by its name")]
struct EnableWebhook {
    /// It is passed over; else it is sent.
    skip: Option<bool>,
}

/// Sends to a webhook again.
#[utoipa::path(post, path = "/admin/api/webhooks/{id}/enable", params(("id" = i64, Path)))]
async fn enable(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<SettingsWebhooks>,
    Path(webhook): Path<String>,
    body: Json<EnableWebhook>,
) -> Result<Data<Webhook>, WireError> {
    let webhook = parse_id(&webhook)?;
    let skip = match body.read_object(&tenant).await?.get("skip") {
        None | Some(Value::Null) => false,
        Some(json) => json.as_bool().ok_or_else(|| WireError::validation("skip: expected true or false"))?,
    };
    set_webhook_enabled(&tenant, &admin, webhook, true, skip).await
}

/// Sends nothing to a webhook: what happens waits, for as long as events are kept.
#[utoipa::path(post, path = "/admin/api/webhooks/{id}/disable", params(("id" = i64, Path)))]
async fn disable(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<SettingsWebhooks>,
    Path(webhook): Path<String>,
) -> Result<Data<Webhook>, WireError> {
    set_webhook_enabled(&tenant, &admin, parse_id(&webhook)?, false, false).await
}

async fn set_webhook_enabled(
    tenant: &Tenant,
    admin: &Admin,
    webhook: i64,
    on: bool,
    skip: bool,
) -> Result<Data<Webhook>, WireError> {
    let changes = parse_changes(tenant, &json!({ "enabled": on }))?;
    if skip {
        write_as_admin(tenant, admin, move |tx, _, _| {
            let row = tx.reader().webhooks().get(webhook)?.ok_or(WebhookSaveError::NotFound)?;
            tx.consumers()
                .skip_waiting(&row.consumer_name(), "skipped when the webhook was enabled")
                .map_err(WebhookSaveError::from)
        })
        .await?;
    }
    save_webhook(tenant, admin, Some(webhook), changes).await?;
    Ok(Data { data: find_webhook(tenant, webhook)? })
}

/// Filter of a webhook's attempts.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct ListAttemptsParams {
    /// Those that went well, or those that failed; both, where it is left out.
    ok: Option<bool>,
}

/// Attempts, newest first.
#[utoipa::path(get, path = "/admin/api/webhooks/{id}/deliveries", params(("id" = i64, Path), ListAttemptsParams, PageParams))]
async fn deliveries(
    CurrentTenant(tenant): CurrentTenant,
    _: Require<SettingsWebhooks>,
    Path(webhook): Path<String>,
    Query(params): Query<ListAttemptsParams>,
    Query(page): Query<PageParams>,
) -> Result<Page<WebhookAttempt>, WireError> {
    let webhook = parse_id(&webhook)?;
    find_webhook(&tenant, webhook)?;
    let rows =
        tenant.content.store().read(|r| r.webhooks().list_attempts(webhook, params.ok, page.before, page.limit()))?;
    let before = page.next_before(&rows, |row| row.id);
    Ok(Page { data: rows.iter().map(WebhookAttempt::from).collect(), meta: Before { before } })
}

/// An attempt, with what was sent and what came back.
#[utoipa::path(
    get,
    path = "/admin/api/webhooks/{id}/deliveries/{delivery}",
    params(("id" = i64, Path), ("delivery" = i64, Path, description = "The number of the attempt")),
)]
async fn delivery(
    CurrentTenant(tenant): CurrentTenant,
    _: Require<SettingsWebhooks>,
    Path((webhook, delivery)): Path<(String, String)>,
) -> Result<Data<WholeAttempt>, WireError> {
    let row = find_attempt(&tenant, parse_id(&webhook)?, parse_id(&delivery)?)?;
    let attempt = WebhookAttempt::from(&row);
    Ok(Data { data: WholeAttempt { attempt, request: row.attempt.request, response: row.attempt.response } })
}

/// Event that is sent once more.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Redelivered)]
struct RedeliveryStarted {
    event_id: String,
}

/// Sends the event of an attempt once more, in its turn.
#[utoipa::path(
    post,
    path = "/admin/api/webhooks/{id}/deliveries/{delivery}/redeliver",
    params(("id" = i64, Path), ("delivery" = i64, Path, description = "The number of the attempt")),
)]
async fn redeliver(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<SettingsWebhooks>,
    Path((webhook, delivery)): Path<(String, String)>,
) -> Result<AcceptedData<RedeliveryStarted>, WireError> {
    let webhook = parse_id(&webhook)?;
    let row = find_attempt(&tenant, webhook, parse_id(&delivery)?)?;
    let Some(pos) = row.attempt.pos else {
        return Err(WireError::validation("This was a test: send another test instead"));
    };
    let is_redelivered =
        write_as_admin(&tenant, &admin, move |tx, _, now| tx.webhooks().redeliver(webhook, pos, now)).await?;
    if !is_redelivered {
        return Err(WireError::validation("The event has already been deleted"));
    }
    Ok(AcceptedData { data: RedeliveryStarted { event_id: row.attempt.event_id } })
}

async fn read_changes(tenant: &Tenant, body: Json<WebhookChanges>) -> Result<WebhookChanges, WireError> {
    parse_changes(tenant, &Value::Object(body.read_object(tenant).await?))
}

fn parse_changes(tenant: &Tenant, json: &Value) -> Result<WebhookChanges, WireError> {
    webhooks::parse_webhook(tenant.content.registry(), json)
        .map_err(|problems| problems_error(&problems.into_iter().map(|p| (p.path, p.message)).collect::<Vec<_>>()))
}

async fn save_webhook(
    tenant: &Tenant,
    admin: &Admin,
    webhook: Option<i64>,
    changes: WebhookChanges,
) -> Result<webhooks::SavedWebhook, WireError> {
    let access = tenant.access.clone();
    let saved = write_as_admin(tenant, admin, move |tx, actor, now| {
        let before = match webhook {
            Some(id) => Some(tx.reader().webhooks().get(id)?.ok_or(WebhookSaveError::NotFound)?),
            None => None,
        };
        webhooks::save_webhook(tx, &access, &changes, before.as_ref(), actor, now)
    })
    .await?;
    tenant.follow_webhooks()?;
    Ok(saved)
}

fn find_webhook(tenant: &Tenant, id: i64) -> Result<Webhook, WireError> {
    let row = tenant.content.store().read(|r| r.webhooks().get(id))?;
    row.as_ref().map(|row| Webhook::from_row(tenant, row)).ok_or_else(WireError::not_found)
}

fn find_attempt(tenant: &Tenant, webhook: i64, id: i64) -> Result<AttemptRow, WireError> {
    tenant.content.store().read(|r| r.webhooks().get_attempt(webhook, id))?.ok_or_else(WireError::not_found)
}

/// Receiver of events over HTTP. Without secrets, and without the values of headers.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Webhook {
    id: i64,
    name: String,
    url: String,
    events: Vec<String>,
    /// Uids of content types; null: all.
    types: Option<Vec<String>>,
    /// A filter on the entry.
    #[schema(value_type = Option<Object>)]
    condition: Option<Value>,
    /// Names; null where they cannot be read here.
    headers: Option<BTreeMap<String, bool>>,
    enabled: bool,
    disabled_reason: Option<String>,
    /// Reason that its secrets or headers cannot be read, and the way out; null: they can.
    problem: Option<String>,
    /// Those that are valid, the current one first; null where they cannot be read here.
    secrets: Option<Vec<ValidSecret>>,
    failing_since: Option<Time>,
    created_at: Time,
    updated_at: Time,
}

/// A secret that is valid.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ValidSecret {
    /// Null: it is the current one.
    valid_until: Option<Time>,
}

impl Webhook {
    fn from_row(tenant: &Tenant, row: &WebhookRow) -> Self {
        let NewWebhook { name, url, events, types, condition, headers, secrets, enabled, disabled_reason } =
            row.webhook.clone();
        let now = tenant.access.now().timestamp_millis();
        let secrets = WebhookSecrets::open(&tenant.access, &secrets).ok().map(|s| {
            s.valid_at(now).map(|s| ValidSecret { valid_until: s.valid_until().map(Time) }).collect::<Vec<_>>()
        });
        let headers = WebhookHeaders::open(&tenant.access, headers.as_deref())
            .ok()
            .map(|h| h.names().map(|name| (name.to_owned(), true)).collect::<BTreeMap<_, _>>());
        let problem = (secrets.is_none() || headers.is_none()).then(|| {
            "its secrets were encrypted by another installation: set the headers again and rotate the secret".to_owned()
        });
        Self {
            id: row.id,
            name,
            url,
            events,
            types,
            condition,
            headers,
            enabled,
            disabled_reason,
            problem,
            secrets,
            failing_since: row.failing_since.map(Time),
            created_at: Time(row.created_at),
            updated_at: Time(row.updated_at),
        }
    }
}

/// An attempt to deliver an event.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct WebhookAttempt {
    id: i64,
    event_id: String,
    /// As the receiver knows it: `entry.publish`.
    event: String,
    /// Of the content type.
    uid: Option<String>,
    document_id: Option<String>,
    /// The how manieth, from 1 on.
    attempt: i64,
    at: Time,
    duration_ms: i64,
    ok: bool,
    /// Of the answer.
    status: Option<i64>,
    error: Option<String>,
}

impl From<&AttemptRow> for WebhookAttempt {
    fn from(row: &AttemptRow) -> Self {
        let a = row.attempt.clone();
        Self {
            id: row.id,
            event_id: a.event_id,
            event: a.event,
            uid: a.content_type,
            document_id: a.document_id,
            attempt: a.attempt,
            at: Time(a.at),
            duration_ms: a.duration,
            ok: a.ok,
            status: a.status,
            error: a.error,
        }
    }
}

/// An attempt, with what was sent and what came back.
#[derive(Debug, Serialize, ToSchema)]
struct WholeAttempt {
    #[serde(flatten)]
    attempt: WebhookAttempt,
    /// Headers and body.
    #[schema(value_type = Object)]
    request: Value,
    /// Status, headers and body; null where there was no answer.
    #[schema(value_type = Option<Object>)]
    response: Option<Value>,
}
