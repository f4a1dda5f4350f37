//! One webhook as a consumer: the events it wants, sending, and the consequences of the response.

use super::batch;
use super::payload::{Payloads, is_of_rights, name_of, time};
use super::send::{Request, Sent, client, send};
use super::sign::signature;
use crate::outbound::Guard;
use crate::{Consumer, Failure, Outside, Retry, millis};
use cairn_access::webhooks::{BATCH, Headers, Secrets, check_url};
use cairn_access::{AccessControl, SealError};
use cairn_store::StoreError;
use cairn_store::events::{Actor, Event, NewAttempt, NewEvent, WebhookRow};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::{Value as Json, json};
use std::sync::OnceLock;
use std::time::Duration;

/// A receiver that fails for so long without a success is disabled. In milliseconds.
const DEAD: i64 = 5 * 86_400_000;

/// The consumer that the module describes.
pub(super) struct Receiver {
    name: String,
    row: WebhookRow,
    access: AccessControl,
    guard: Guard,
    payloads: Payloads,
    client: OnceLock<Result<reqwest::Client, String>>,
}

impl Receiver {
    pub(super) fn new(access: &AccessControl, guard: &Guard, row: WebhookRow) -> Self {
        Self {
            name: row.consumer(),
            payloads: Payloads::new(access.store().registry(), &row),
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
    pub(super) async fn test(&self) -> Result<Sent, StoreError> {
        let id = format!("test-{:032x}", rand::random::<u128>());
        let now = millis(self.access.now());
        let body = json!({ "event": "trigger-test", "createdAt": time(now) }).to_string().into_bytes();
        let sent = match self.send("trigger-test", &id, body).await {
            Ok(sent) => sent,
            Err(error) => failed(error),
        };
        let attempt = self.attempt(&sent, &id, "trigger-test", None, 1, now);
        self.access.store().write(move |tx| tx.add_webhook_attempt(&attempt)).await?;
        Ok(sent)
    }

    async fn send(&self, event: &str, id: &str, body: Vec<u8>) -> Result<Sent, String> {
        let url = check_url(&self.row.webhook.url)?;
        let sealed = |what: &str, e: SealError| format!("cannot decrypt {what} of the webhook: {e}; set them again");
        let secrets = Secrets::open(&self.access, &self.row.webhook.secrets).map_err(|e| sealed("the secrets", e))?;
        let headers =
            Headers::open(&self.access, self.row.webhook.headers.as_deref()).map_err(|e| sealed("the headers", e))?;
        let client = self.client.get_or_init(|| client(&self.guard, &url)).as_ref().map_err(Clone::clone)?;
        let now = self.access.now();
        let timestamp = now.timestamp();
        let keys = secrets.valid(millis(now)).map(|s| s.key());
        let signature = signature(keys, id, timestamp, &body);
        let request = Request { url: &url, event, id, timestamp, signature: &signature, headers: &headers, body };
        Ok(send(client, &self.guard, request, now).await)
    }

    fn attempt(&self, sent: &Sent, id: &str, name: &str, event: Option<&Event>, attempt: i64, at: i64) -> NewAttempt {
        NewAttempt {
            webhook: self.row.id,
            event_id: id.to_owned(),
            pos: event.map(|e| e.pos),
            event: name.to_owned(),
            content_type: event.and_then(|e| e.event.content_type.clone()),
            document_id: event.and_then(|e| e.event.document_id.clone()),
            attempt,
            at,
            duration: sent.duration,
            ok: sent.error.is_none(),
            status: sent.status.map(i64::from),
            error: sent.error.clone(),
            request: sent.request.clone(),
            response: sent.response.clone(),
        }
    }

    /// Whether it wants an event, by itself or in a batch.
    fn names(&self, event: &Event) -> bool {
        let Some(name) = name_of(&event.event) else { return false };
        let webhook = &self.row.webhook;
        let of_type = || {
            let uid = event.event.content_type.as_deref();
            webhook.types.as_ref().is_none_or(|types| types.iter().any(|t| Some(t.as_str()) == uid))
        };
        let typed = !(name == BATCH || name.starts_with("media.") || is_of_rights(name));
        webhook.events.iter().any(|e| e == name) && (!typed || of_type())
    }

    /// Records an attempt, and its consequences: a receiver that is gone, or has been failing for long, is disabled.
    async fn note(&self, sent: &Sent, attempt: NewAttempt) {
        let (id, name, now) = (self.row.id, self.row.webhook.name.clone(), attempt.at);
        let gone = sent.status == Some(410);
        let last = sent.error.clone().unwrap_or_default();
        let noted = self
            .access
            .store()
            .write(move |tx| {
                let since = tx.add_webhook_attempt(&attempt)?;
                let reason = match since {
                    _ if gone => "the receiver responded with 410 Gone".to_owned(),
                    Some(since) if now.saturating_sub(since) >= DEAD => {
                        format!("no delivery has succeeded since {}; last error: {last}", time(since))
                    }
                    _ => return Ok::<_, StoreError>(None),
                };
                if !tx.disable_webhook(id, &reason, now)? {
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
                tx.emit(&Actor::system("webhooks"), &event, now)?;
                Ok(Some(reason))
            })
            .await;
        match noted {
            Ok(Some(reason)) => tracing::warn!(webhook = self.row.webhook.name, reason, "a webhook was disabled"),
            Ok(None) => {}
            // What was sent was sent: that it could not be noted does not make it be sent again.
            Err(error) => tracing::warn!(webhook = self.row.webhook.name, %error, "an attempt could not be stored"),
        }
    }
}

fn failed(error: String) -> Sent {
    Sent { request: Json::Null, response: None, status: None, error: Some(error), retry_after: None, duration: 0 }
}

impl Consumer for Receiver {
    fn name(&self) -> &str {
        &self.name
    }

    fn wants(&self, event: &Event) -> bool {
        // What comes with a batch does not come by itself.
        let with_others = || {
            event.actor.batch.is_some()
                && event.event.name != crate::BATCH_ENDED
                && self.row.webhook.events.iter().any(|e| e == BATCH)
        };
        self.names(event) && !with_others()
    }

    /// 2 s, three times as long each time, up to 4 hours: about 25 hours.
    fn retry(&self) -> Retry {
        Retry { first: Duration::from_secs(2), factor: 3.0, longest: Duration::from_secs(4 * 3_600), attempts: 15 }
    }

    /// Limits what is sent again when a process dies before attempts were recorded.
    fn batch(&self) -> usize {
        50
    }
}

impl Outside for Receiver {
    fn deliver<'a>(&'a self, event: &'a Event, attempt: i64) -> BoxFuture<'a, Result<(), Failure>> {
        async move {
            let Some(name) = name_of(&event.event) else { return Ok(()) };
            let now = millis(self.access.now());
            let store = self.access.store();
            let body = match name == BATCH {
                true => batch::body(store, &self.payloads, event, |e| self.names(e), now).await,
                false => store.read(|r| self.payloads.body(r, event, name, now)),
            };
            let body = match body {
                Ok(Some(body)) => body,
                Ok(None) => return Ok(()),
                Err(e) => return Err(Failure::new(format!("the entry could not be read: {e}"))),
            };
            let sent = self.send(name, &event.id, body).await.unwrap_or_else(failed);
            self.note(&sent, self.attempt(&sent, &event.id, name, Some(event), attempt, now)).await;
            match sent.error {
                None => Ok(()),
                Some(error) => Err(Failure { error, retry_after: sent.retry_after, for_good: false }),
            }
        }
        .boxed()
    }
}
