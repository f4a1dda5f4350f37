//! Idempotent requests: the response is stored under the key that the client sends, and returned to repetitions.

use super::{NoResponse, Response};
use crate::bindings::types::Conflict;
use crate::faults::{in_conflict, later};
use crate::generation::Generation;
use cairn_store::StoreError;
use cairn_store::plugins::KvPut;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::time::Duration;

/// How long until a request without a response is considered lost, in milliseconds.
const LOST: i64 = 60_000;

/// What is stored of a request.
#[derive(Serialize, Deserialize)]
enum Kept {
    Running,
    Answered { status: u16, headers: Vec<(String, String)>, body: Vec<u8> },
}

/// The stored response of a request.
pub(super) struct Once<'a> {
    generation: &'a Generation,
    key: String,
    keep: Duration,
}

impl<'a> Once<'a> {
    /// The response of a request to a route with that key.
    pub(super) fn new(generation: &'a Generation, route: &str, key: &str, keep: Duration) -> Self {
        let hash = Sha256::digest(key.as_bytes());
        let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        Self { generation, key: format!("{route}:{hash}"), keep }
    }

    /// The stored response; `None`: this request is the first, and is held until [`Self::end`].
    pub(super) async fn begin(&self) -> Result<Option<Response>, NoResponse> {
        let now = self.generation.now();
        if self.put(&Kept::Running, now + LOST, Some(0)).await? {
            return Ok(None);
        }
        let (place, key) = (self.place(), self.key.clone());
        let found = self.generation.content().store().read(|r| r.plugin_entries(&place, &[&key], now));
        let kept = found.map_err(failed)?.into_iter().next().flatten();
        match kept.and_then(|entry| serde_json::from_slice(&entry.value).ok()) {
            Some(Kept::Answered { status, headers, body }) => Ok(Some(Response { status, headers, body })),
            Some(Kept::Running) => {
                let message = "A request with this key is in progress".to_owned();
                let conflict = Conflict { kind: "idempotency".to_owned(), existing: None, message };
                Err(NoResponse::Refused(in_conflict(conflict)))
            }
            // It has expired between the two looks.
            None => Err(NoResponse::Refused(later("Try again", None))),
        }
    }

    /// Stores the response; without one, or where the plugin says that a retry may succeed, the request can be made again.
    pub(super) async fn end(&self, answer: Option<&Response>) {
        let now = self.generation.now();
        let kept = match answer.filter(|answer| answer.status < 500) {
            Some(Response { status, headers, body }) => {
                let kept = Kept::Answered { status: *status, headers: headers.clone(), body: body.clone() };
                let keep = i64::try_from(self.keep.as_millis()).unwrap_or(i64::MAX);
                self.put(&kept, now.saturating_add(keep), None).await.map(drop)
            }
            None => {
                let (place, key) = (self.place(), self.key.clone());
                let store = self.generation.content().store();
                let gone = store.write(move |tx| tx.delete_plugin_entries(&place, &[&key], now));
                gone.await.map(drop).map_err(failed)
            }
        };
        if kept.is_err() {
            tracing::warn!(
                plugin = self.generation.id(),
                "a response could not be stored: the request may be processed again"
            );
        }
    }

    async fn put(&self, kept: &Kept, expires_at: i64, expect: Option<i64>) -> Result<bool, NoResponse> {
        let value = serde_json::to_vec(kept).map_err(|_| NoResponse::Failed)?;
        let put = KvPut { key: self.key.clone(), value, expires_at: Some(expires_at), expect };
        let (place, now) = (self.place(), self.generation.now());
        let written = self
            .generation
            .content()
            .store()
            .write(move |tx| tx.put_plugin_entries(&place, std::slice::from_ref(&put), now))
            .await;
        Ok(written.map_err(failed)?.is_none())
    }

    /// Namespace of the responses: stored beside the plugin's own entries, under a name that no plugin has.
    fn place(&self) -> String {
        format!("{}/answers", self.generation.id())
    }
}

fn failed(error: StoreError) -> NoResponse {
    tracing::warn!(%error, "cannot store responses of plugins");
    NoResponse::Refused(later("Try again", None))
}
