//! Stores changes to a webhook, with the event that reports them, in one transaction.

use super::input::{ContentTypeUids, EventNames, HeaderValue, WebhookChanges};
use crate::change::SettingChange;
use cairn_access::{AccessControl, SealError};
use cairn_events::names::DEFAULT_EVENTS;
use cairn_events::webhooks::{WebhookHeaders, WebhookSecrets, check_condition, generate_secret};
use cairn_store::events::{Actor, NewEvent, NewWebhook, WebhookRow};
use cairn_store::{StoreError, WriteTx};
use serde_json::{Value as Json, json};

/// Default time for which the previous secret stays valid, in milliseconds.
const DEFAULT_OVERLAP_MS: i64 = 24 * 3_600_000;
/// Largest number of webhooks of one tenant: each is a separate consumer.
const MAX_WEBHOOKS: usize = 100;

/// Why nothing was stored.
#[derive(Debug, thiserror::Error)]
pub enum WebhookSaveError {
    /// A part is missing or invalid: its name, and the problem.
    #[error("{0}: {1}")]
    Problem(&'static str, String),
    /// No webhook has this id.
    #[error("webhook not found")]
    NotFound,
    /// A value cannot be encrypted or decrypted.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The database returned an error.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The result of saving a webhook.
#[derive(Debug)]
pub struct SavedWebhook {
    /// Numeric id of the webhook.
    pub id: i64,
    /// The secret if one was generated: it is never returned again.
    pub secret: Option<String>,
    /// True if anything changed.
    pub changed: bool,
    /// True if the webhook is new.
    pub added: bool,
}

/// Adds a webhook, or changes the given one. `now` is in milliseconds. Returns an error for missing or invalid parts.
pub fn save_webhook(
    tx: &mut WriteTx<'_>,
    access: &AccessControl,
    changes: &WebhookChanges,
    before: Option<&WebhookRow>,
    actor: &Actor,
    now: i64,
) -> Result<SavedWebhook, WebhookSaveError> {
    let old = before.map(|row| &row.webhook);
    let missing = |what| WebhookSaveError::Problem(what, "is missing".to_owned());
    let name = changes.name.clone().map(String::from).or(old.map(|o| o.name.clone())).ok_or_else(|| missing("name"))?;
    let url = match &changes.url {
        SettingChange::Set(url) => url.clone().into(),
        SettingChange::Keep => old.map(|o| o.url.clone()).ok_or_else(|| missing("url"))?,
        SettingChange::Remove => return Err(WebhookSaveError::Problem("url", "is required".to_owned())),
    };
    let all = || DEFAULT_EVENTS.iter().map(|e| (*e).to_owned()).collect::<Vec<_>>();
    let events = changes.events.clone().map_value(|EventNames(names)| names);
    let events = events.apply_to(old.map_or_else(all, |o| o.events.clone()), all());
    let types = changes.types.clone().map_value(ContentTypeUids::into_sorted);
    let types = optional_after(&types, old.and_then(|o| o.types.clone()));
    let condition = changes.condition.clone().map_value(Json::Object);
    let condition = optional_after(&condition, old.and_then(|o| o.condition.clone()));
    if let Some(condition) = &condition {
        let registry = tx.registry().clone();
        check_condition(&registry, types.as_deref(), condition)
            .map_err(|message| WebhookSaveError::Problem("condition", message))?;
    }
    let headers = sealed_headers(access, changes, old)?;
    let (secrets, told) = secrets_after(access, changes, old, now)?;
    let enabled = changes.enabled.apply_to(old.is_none_or(|o| o.enabled), true);
    let disabled_reason = old.filter(|o| !enabled && !o.enabled).and_then(|o| o.disabled_reason.clone());
    let after = NewWebhook { name, url, events, types, condition, headers, secrets, enabled, disabled_reason };
    if old == Some(&after) {
        return Ok(SavedWebhook { id: before.map_or(0, |b| b.id), secret: None, changed: false, added: false });
    }
    let taken = |e| match e {
        StoreError::Unique => {
            WebhookSaveError::Problem("name", format!("another webhook is already called {}", after.name))
        }
        e => e.into(),
    };
    let id = match before {
        Some(row) => {
            tx.webhooks().update(row.id, &after, now).map_err(taken)?;
            row.id
        }
        None => {
            if tx.reader().webhooks().list()?.len() >= MAX_WEBHOOKS {
                return Err(WebhookSaveError::Problem(
                    "name",
                    format!("there are already {MAX_WEBHOOKS} webhooks: remove one first"),
                ));
            }
            tx.webhooks().create(&after, now).map_err(taken)?
        }
    };
    let suffix = if before.is_some() { "updated" } else { "created" };
    emit_webhook_event(tx, actor, suffix, id, &after.name, changed_parts(old, &after), now)?;
    Ok(SavedWebhook { id, secret: told, changed: true, added: before.is_none() })
}

/// Generates a new secret for a webhook; the previous one stays valid for `overlap` milliseconds. Returns the new one, which
/// is never returned again. Returns an error if there is no such webhook.
pub fn rotate_secret(
    tx: &mut WriteTx<'_>,
    access: &AccessControl,
    id: i64,
    overlap: i64,
    actor: &Actor,
    now: i64,
) -> Result<String, WebhookSaveError> {
    let row = tx.reader().webhooks().get(id)?.ok_or(WebhookSaveError::NotFound)?;
    let secret = generate_secret()?;
    let after = match WebhookSecrets::open(access, &row.webhook.secrets) {
        Ok(before) => before.with_replacement(secret.clone(), now, now.saturating_add(overlap)),
        // Of another installation: nobody can sign with it here.
        Err(_) => WebhookSecrets::from_text(secret.clone()),
    };
    let after = NewWebhook { secrets: after.seal(access)?, ..row.webhook };
    tx.webhooks().update(id, &after, now)?;
    emit_webhook_event(tx, actor, "secret-rotated", id, &after.name, json!({}), now)?;
    Ok(secret)
}

/// Deletes a webhook. Returns an error if there is no such webhook.
pub fn delete_webhook(tx: &mut WriteTx<'_>, id: i64, actor: &Actor, now: i64) -> Result<(), WebhookSaveError> {
    let row = tx.reader().webhooks().get(id)?.ok_or(WebhookSaveError::NotFound)?;
    tx.webhooks().delete(id)?;
    Ok(emit_webhook_event(tx, actor, "deleted", id, &row.webhook.name, json!({}), now)?)
}

fn emit_webhook_event(
    tx: &mut WriteTx<'_>,
    actor: &Actor,
    suffix: &str,
    id: i64,
    name: &str,
    mut data: Json,
    now: i64,
) -> Result<(), StoreError> {
    data["name"] = json!(name);
    data["id"] = json!(id);
    let event = NewEvent {
        name: format!("cairn.webhook.{suffix}"),
        key: format!("webhook:{id}"),
        content_type: None,
        document_id: None,
        locale: None,
        status: None,
        data,
    };
    tx.events().emit(actor, &event, now)
}

/// Names of the parts that changed, without their values.
fn changed_parts(old: Option<&NewWebhook>, new: &NewWebhook) -> Json {
    let Some(old) = old else { return json!({ "url": redact_url(&new.url) }) };
    let parts = [
        ("name", old.name != new.name),
        ("url", old.url != new.url),
        ("events", old.events != new.events),
        ("types", old.types != new.types),
        ("condition", old.condition != new.condition),
        ("headers", old.headers != new.headers),
        ("secret", old.secrets != new.secrets),
        ("enabled", old.enabled != new.enabled),
    ];
    json!({ "changed": parts.iter().filter(|(_, is)| *is).map(|(part, _)| *part).collect::<Vec<_>>() })
}

/// Scheme and host of an address: paths and parameters of receivers are often secret.
fn redact_url(url: &str) -> String {
    url::Url::parse(url).map(|u| u.origin().ascii_serialization()).unwrap_or_default()
}

fn optional_after<T: Clone>(change: &SettingChange<T>, before: Option<T>) -> Option<T> {
    match change {
        SettingChange::Keep => before,
        SettingChange::Remove => None,
        SettingChange::Set(value) => Some(value.clone()),
    }
}

/// The encrypted headers; the stored ones if nothing changed.
fn sealed_headers(
    access: &AccessControl,
    changes: &WebhookChanges,
    old: Option<&NewWebhook>,
) -> Result<Option<String>, WebhookSaveError> {
    let stored = old.and_then(|o| o.headers.as_deref());
    let given = match &changes.headers {
        SettingChange::Keep => return Ok(stored.map(str::to_owned)),
        SettingChange::Remove => return Ok(None),
        SettingChange::Set(given) => &given.0,
    };
    // Headers that another installation sealed cannot be opened, so they have no value to keep.
    let before = WebhookHeaders::open(access, stored).unwrap_or_default();
    let mut after = Vec::with_capacity(given.len());
    for (name, value) in given {
        let value = match value {
            HeaderValue::Text(value) => value.clone(),
            HeaderValue::Stored(_) => before
                .get(name)
                .ok_or_else(|| {
                    WebhookSaveError::Problem("headers", format!("{name}: there is no stored value to keep"))
                })?
                .to_owned(),
        };
        after.push((name.clone(), value));
    }
    let after = WebhookHeaders::new(after);
    if after == before {
        return Ok(stored.map(str::to_owned));
    }
    Ok(after.seal(access)?)
}

/// The encrypted secrets, and the generated one, if any.
fn secrets_after(
    access: &AccessControl,
    changes: &WebhookChanges,
    old: Option<&NewWebhook>,
    now: i64,
) -> Result<(String, Option<String>), WebhookSaveError> {
    let before = old.map(|o| WebhookSecrets::open(access, &o.secrets));
    match (&changes.secret, old, before) {
        (SettingChange::Set(text), Some(old), Some(Ok(before))) => match before.current_is(text.as_ref()) {
            true => Ok((old.secrets.clone(), None)),
            false => {
                Ok((before.with_replacement(text.clone().into(), now, now + DEFAULT_OVERLAP_MS).seal(access)?, None))
            }
        },
        (SettingChange::Set(text), ..) => Ok((WebhookSecrets::from_text(text.clone().into()).seal(access)?, None)),
        (_, Some(old), _) => Ok((old.secrets.clone(), None)),
        (_, None, _) => {
            let made = generate_secret()?;
            Ok((WebhookSecrets::from_text(made.clone()).seal(access)?, Some(made)))
        }
    }
}
