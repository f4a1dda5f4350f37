//! Idempotent requests: the response is stored under the key that the client sends, and returned to repetitions.

use super::message::{RouteError, RouteResponse};
use super::response_file::find_response_file;
use crate::contract::bindings::types::{Conflict, Error};
use crate::contract::guest_errors::{conflict_refusal, to_refusal, unavailable_refusal};
use crate::runtime::generation::Generation;
use cairn_store::StoreError;
use cairn_store::events::Actor;
use cairn_store::plugins::KvPut;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::time::Duration;

/// How long until a request without a response is considered lost, in milliseconds.
const LOST_AFTER_MS: i64 = 60_000;

/// State of a request with an idempotency key, as it is stored.
#[derive(Serialize, Deserialize)]
enum IdempotencyRecord {
    Running,
    Answered {
        status: u16,
        headers: Vec<(String, String)>,
        body: Vec<u8>,
        /// Id of the file that is the body.
        #[serde(default)]
        file: Option<String>,
    },
}

/// The stored response of a request.
pub(super) struct IdempotentRequest<'a> {
    generation: &'a Generation,
    key: String,
    keep: Duration,
}

impl<'a> IdempotentRequest<'a> {
    /// The response of a request to a route with that key. One of somebody who is known is theirs: whoever else sends their key makes a
    /// request of their own.
    pub(super) fn new(generation: &'a Generation, route: &str, sender: &Actor, key: &str, keep: Duration) -> Self {
        let mut hash = Sha256::new();
        if sender.id.is_some() {
            hash.update(format!("{}\0", sender.key()));
        }
        hash.update(key);
        let hash = hash.finalize();
        let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        Self { generation, key: format!("{route}:{hash}"), keep }
    }

    /// The stored response; `None`: this request is the first, and is held until [`Self::store_answer`].
    pub(super) async fn find_answer_or_begin(&self) -> Result<Option<RouteResponse>, RouteError> {
        let now = self.generation.now();
        if self.put_record(&IdempotencyRecord::Running, now + LOST_AFTER_MS, Some(0)).await? {
            return Ok(None);
        }
        let (place, key) = (self.record_namespace(), self.key.clone());
        let found = self.generation.content().store().read(|r| r.plugin_kv().get_entries(&place, &[&key], now));
        let kv_entry = found.map_err(storage_error)?.into_iter().next().flatten();
        match kv_entry.and_then(|entry| serde_json::from_slice(&entry.value).ok()) {
            Some(IdempotencyRecord::Answered { status, headers, body, file }) => {
                // What is sent is a file that the plugin may see now.
                let file = file.map(|id| find_response_file(self.generation, id)).transpose();
                let file = file.map_err(|_| {
                    let gone = Error::NotFound("the file that was the response does not exist any more".to_owned());
                    RouteError::Refused(to_refusal(gone))
                })?;
                Ok(Some(RouteResponse { status, headers, body, file }))
            }
            Some(IdempotencyRecord::Running) => {
                let message = "A request with this key is in progress".to_owned();
                let conflict = Conflict { kind: "idempotency".to_owned(), existing: None, message };
                Err(RouteError::Refused(conflict_refusal(conflict)))
            }
            // It has expired between the two looks.
            None => Err(RouteError::Refused(unavailable_refusal("Try again", None))),
        }
    }

    /// Stores the response; without one, or where the plugin says that a retry may succeed, the request can be made again.
    pub(super) async fn store_answer(&self, answer: Option<&RouteResponse>) {
        let now = self.generation.now();
        let result = match answer.filter(|answer| is_final(answer.status)) {
            Some(RouteResponse { status, headers, body, file }) => {
                let record = IdempotencyRecord::Answered {
                    status: *status,
                    headers: headers.clone(),
                    body: body.clone(),
                    file: file.as_ref().map(|file| file.id.clone()),
                };
                let keep = i64::try_from(self.keep.as_millis()).unwrap_or(i64::MAX);
                self.put_record(&record, now.saturating_add(keep), None).await.map(drop)
            }
            None => {
                let (place, key) = (self.record_namespace(), self.key.clone());
                let store = self.generation.content().store();
                let future = store.write(move |tx| tx.plugin_kv().delete(&place, &[&key], now));
                future.await.map(drop).map_err(storage_error)
            }
        };
        if result.is_err() {
            tracing::warn!(
                plugin = self.generation.id(),
                "a response could not be stored: the request may be processed again"
            );
        }
    }

    async fn put_record(
        &self,
        record: &IdempotencyRecord,
        expires_at: i64,
        expect: Option<i64>,
    ) -> Result<bool, RouteError> {
        let value = serde_json::to_vec(record).map_err(|_| RouteError::Failed)?;
        let kv_put = KvPut { key: self.key.clone(), value, expires_at: Some(expires_at), expect };
        let (place, now) = (self.record_namespace(), self.generation.now());
        let outcome = self
            .generation
            .content()
            .store()
            .write(move |tx| tx.plugin_kv().put(&place, std::slice::from_ref(&kv_put), now))
            .await;
        Ok(outcome.map_err(storage_error)?.is_none())
    }

    /// Namespace of the responses: stored beside the plugin's own entries, under a name that no plugin has.
    fn record_namespace(&self) -> String {
        format!("{}/answers", self.generation.id())
    }
}

/// True if a response says what has become of the request, so that a repetition gets it too. What says that it may succeed later does not.
fn is_final(status: u16) -> bool {
    const REQUEST_TIMEOUT: u16 = 408;
    const TOO_EARLY: u16 = 425;
    const TOO_MANY_REQUESTS: u16 = 429;
    status < 500 && !matches!(status, REQUEST_TIMEOUT | TOO_EARLY | TOO_MANY_REQUESTS)
}

fn storage_error(error: StoreError) -> RouteError {
    tracing::warn!(%error, "cannot store responses of plugins");
    RouteError::Refused(unavailable_refusal("Try again", None))
}
