//! One webhook as a consumer: the events it wants, sending, and the consequences of the response.

use super::batch;
use super::payload::{PayloadBuilder, format_time, is_licensing_event, receiver_event_name};
use super::send::{SendOutcome, WebhookRequest, build_client, send_request};
use super::sign::sign_body;
use super::{WebhookHeaders, WebhookSecrets, check_url};
use crate::names::{BATCH_EVENT, is_plugin_event};
use crate::outbound::AddressGuard;
use crate::{Consumer, DeliveryFailure, ExternalConsumer, RetryPolicy, unix_millis};
use cairn_access::{AccessControl, SealError};
use cairn_store::StoreError;
use cairn_store::events::{Actor, Event, NewAttempt, NewEvent, WebhookRow};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::{Value as Json, json};
use std::sync::OnceLock;
use std::time::Duration;

/// A receiver that fails for so long without a success is disabled. In milliseconds.
const DEAD_AFTER_MS: i64 = 5 * 86_400_000;

/// The consumer that the module describes.
pub(super) struct WebhookReceiver {
    name: String,
    row: WebhookRow,
    access: AccessControl,
    guard: AddressGuard,
    payloads: PayloadBuilder,
    client: OnceLock<Result<reqwest::Client, String>>,
}

impl WebhookReceiver {
    pub(super) fn new(access: &AccessControl, guard: &AddressGuard, row: WebhookRow) -> Self {
        Self {
            name: row.consumer_name(),
            payloads: PayloadBuilder::new(access.store().registry(), &row),
            row,
            access: access.clone(),
            guard: guard.clone(),
            client: OnceLock::new(),
        }
    }

    pub(super) fn id(&self) -> i64 {
        self.row.id
    }

    pub(super) fn revision(&self) -> i64 {
        self.row.revision
    }

    /// Sends a test event now.
    pub(super) async fn send_test(&self) -> Result<SendOutcome, StoreError> {
        let id = format!("test-{:032x}", rand::random::<u128>());
        let now = unix_millis(self.access.now());
        let body = json!({ "event": "trigger-test", "createdAt": format_time(now) }).to_string().into_bytes();
        let outcome = match self.send_event("trigger-test", &id, body).await {
            Ok(outcome) => outcome,
            Err(error) => failed_send(error),
        };
        let attempt = self.new_attempt(&outcome, &id, "trigger-test", None, 1, now);
        self.access.store().write(move |tx| tx.webhooks().record_attempt(&attempt)).await?;
        Ok(outcome)
    }

    async fn send_event(&self, event: &str, id: &str, body: Vec<u8>) -> Result<SendOutcome, String> {
        let url = check_url(&self.row.webhook.url)?;
        let sealed = |part: &str, e: SealError| format!("cannot decrypt {part} of the webhook: {e}; set them again");
        let secrets =
            WebhookSecrets::open(&self.access, &self.row.webhook.secrets).map_err(|e| sealed("the secrets", e))?;
        let headers = WebhookHeaders::open(&self.access, self.row.webhook.headers.as_deref())
            .map_err(|e| sealed("the headers", e))?;
        let client = self.client.get_or_init(|| build_client(&self.guard, &url)).as_ref().map_err(Clone::clone)?;
        let now = self.access.now();
        let timestamp = now.timestamp();
        let keys = secrets.valid_at(unix_millis(now)).map(|s| s.signing_key());
        let signature = sign_body(keys, id, timestamp, &body);
        let request =
            WebhookRequest { url: &url, event, id, timestamp, signature: &signature, headers: &headers, body };
        Ok(send_request(client, &self.guard, request, now).await)
    }

    fn new_attempt(
        &self,
        outcome: &SendOutcome,
        id: &str,
        name: &str,
        event: Option<&Event>,
        attempt: i64,
        at: i64,
    ) -> NewAttempt {
        NewAttempt {
            webhook: self.row.id,
            event_id: id.to_owned(),
            pos: event.map(|e| e.pos),
            event: name.to_owned(),
            content_type: event.and_then(|e| e.event.content_type.clone()),
            document_id: event.and_then(|e| e.event.document_id.clone()),
            attempt,
            at,
            duration: outcome.duration,
            ok: outcome.error.is_none(),
            status: outcome.status.map(i64::from),
            error: outcome.error.clone(),
            request: outcome.request.clone(),
            response: outcome.response.clone(),
        }
    }

    /// True if it wants an event, by itself or in a batch.
    fn is_subscribed(&self, event: &Event) -> bool {
        let Some(name) = receiver_event_name(&event.event) else { return false };
        let webhook = &self.row.webhook;
        let of_type = || {
            let uid = event.event.content_type.as_deref();
            webhook.types.as_ref().is_none_or(|types| types.iter().any(|t| Some(t.as_str()) == uid))
        };
        let is_about_entry =
            !(name == BATCH_EVENT || name.starts_with("media.") || is_licensing_event(name) || is_plugin_event(name));
        webhook.events.iter().any(|e| e == name) && (!is_about_entry || of_type())
    }

    /// Records an attempt, and its consequences: a receiver that is gone, or has been failing for long, is disabled.
    async fn record_attempt(&self, outcome: &SendOutcome, attempt: NewAttempt) {
        let (id, name, now) = (self.row.id, self.row.webhook.name.clone(), attempt.at);
        let is_gone = outcome.status == Some(410);
        let last_error = outcome.error.clone().unwrap_or_default();
        let noted = self
            .access
            .store()
            .write(move |tx| {
                let since = tx.webhooks().record_attempt(&attempt)?;
                let reason = match since {
                    _ if is_gone => "the receiver responded with 410 Gone".to_owned(),
                    Some(since) if now.saturating_sub(since) >= DEAD_AFTER_MS => {
                        format!("no delivery has succeeded since {}; last error: {last_error}", format_time(since))
                    }
                    _ => return Ok::<_, StoreError>(None),
                };
                if !tx.webhooks().disable(id, &reason, now)? {
                    return Ok(None);
                }
                let event = NewEvent {
                    name: "cairn.webhook.disabled".to_owned(),
                    key: format!("webhook:{id}"),
                    content_type: None,
                    document_id: None,
                    locale: None,
                    status: None,
                    data: json!({ "id": id, "name": name, "reason": reason }),
                };
                tx.events().emit(&Actor::system("webhooks"), &event, now)?;
                Ok(Some(reason))
            })
            .await;
        match noted {
            Ok(Some(reason)) => tracing::warn!(webhook = self.row.webhook.name, reason, "a webhook was disabled"),
            Ok(None) => {}
            // The attempt has been made: a failure to record it must not repeat it.
            Err(error) => tracing::warn!(webhook = self.row.webhook.name, %error, "an attempt could not be stored"),
        }
    }
}

fn failed_send(error: String) -> SendOutcome {
    SendOutcome {
        request: Json::Null,
        response: None,
        status: None,
        error: Some(error),
        retry_after: None,
        duration: 0,
    }
}

impl Consumer for WebhookReceiver {
    fn name(&self) -> &str {
        &self.name
    }

    fn wants_event(&self, event: &Event) -> bool {
        // Events of a batch are covered by the event of the batch. Those of plugins say what happened: no later one stands for them.
        let with_others = || {
            event.actor.batch.is_some()
                && event.event.name != crate::BATCH_ENDED
                && !is_plugin_event(&event.event.name)
                && self.row.webhook.events.iter().any(|e| e == BATCH_EVENT)
        };
        self.is_subscribed(event) && !with_others()
    }

    /// 2 s, three times as long each time, up to 4 hours: about 25 hours.
    fn retry_policy(&self) -> RetryPolicy {
        RetryPolicy {
            first_pause: Duration::from_secs(2),
            factor: 3.0,
            max_pause: Duration::from_secs(4 * 3_600),
            attempts: 15,
        }
    }

    /// Limits what is sent again when a process dies before attempts were recorded.
    fn batch_size(&self) -> usize {
        50
    }
}

impl ExternalConsumer for WebhookReceiver {
    fn deliver_event<'a>(&'a self, event: &'a Event, attempt: i64) -> BoxFuture<'a, Result<(), DeliveryFailure>> {
        async move {
            let Some(name) = receiver_event_name(&event.event) else { return Ok(()) };
            let now = unix_millis(self.access.now());
            let store = self.access.store();
            let body = match name == BATCH_EVENT {
                true => batch::build_batch_body(store, &self.payloads, event, |e| self.is_subscribed(e), now).await,
                false => store.read(|r| self.payloads.build_body(r, event, name, now)),
            };
            let body = match body {
                Ok(Some(body)) => body,
                Ok(None) => return Ok(()),
                Err(e) => return Err(DeliveryFailure::new(format!("the entry could not be read: {e}"))),
            };
            let outcome = self.send_event(name, &event.id, body).await.unwrap_or_else(failed_send);
            self.record_attempt(&outcome, self.new_attempt(&outcome, &event.id, name, Some(event), attempt, now)).await;
            match outcome.error {
                None => Ok(()),
                Some(error) => Err(DeliveryFailure { error, retry_after: outcome.retry_after, for_good: false }),
            }
        }
        .boxed()
    }
}
