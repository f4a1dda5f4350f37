//! Idempotent requests: the response is stored under the key that the client sends, and returned to repetitions. A key is for one request: its
//! route, method, address and body.

use super::message::{RouteError, RouteRequest, RouteResponse};
use super::response_file::find_response_file;
use crate::call::quotas::{PluginQuotas, RUNNING_REQUEST_MS, response_namespace};
use crate::contract::bindings::types::{Conflict, Error};
use crate::contract::guest_errors::{conflict_refusal, to_refusal, unavailable_refusal};
use crate::runtime::generation::Generation;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cairn_plugin_package::manifest::ManifestRoute;
use cairn_store::StoreError;
use cairn_store::plugins::KvPut;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};
use std::time::Duration;

/// State of a request with an idempotency key, as it is stored.
#[derive(Serialize, Deserialize)]
enum IdempotencyRecord {
    Running {
        request: RequestFingerprint,
    },
    Answered {
        /// Missing in records of versions that returned the response to any request with the key.
        #[serde(default)]
        request: Option<RequestFingerprint>,
        status: u16,
        headers: Vec<(String, String)>,
        #[serde(serialize_with = "write_body", deserialize_with = "read_body")]
        body: Vec<u8>,
        /// Id of the file that is the body.
        #[serde(default)]
        file: Option<String>,
    },
}

/// Hashes that tell a request from others with the same key, in hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct RequestFingerprint {
    /// Hash of route, method and body.
    request: String,
    /// Hash of path and query; `None`: of a replay, whose record lacks what is secret there.
    address: Option<String>,
}

impl RequestFingerprint {
    fn from_request(route: &ManifestRoute, request: &RouteRequest) -> Self {
        let file = request.file.as_ref().map(|file| file.sha256.as_bytes()).unwrap_or_default();
        let query = request.query.iter().flat_map(|(name, value)| [name.as_bytes(), value.as_bytes()]);
        let address: Vec<&[u8]> = std::iter::once(request.path.as_bytes()).chain(query).collect();
        Self {
            request: hash_parts(&[route.name.as_bytes(), request.method.as_bytes(), &request.body, file]),
            address: Some(hash_parts(&address)),
        }
    }

    fn is_of_same_request(&self, other: &Self) -> bool {
        let is_of_same_address = match (&self.address, &other.address) {
            (Some(own), Some(other)) => own == other,
            _ => true,
        };
        is_of_same_address && self.request == other.request
    }
}

/// The stored response of a request.
pub(super) struct IdempotentRequest<'a> {
    generation: &'a Generation,
    key: String,
    keep: Duration,
    fingerprint: RequestFingerprint,
    is_replay: bool,
}

impl<'a> IdempotentRequest<'a> {
    /// The response of a request with that key. One of somebody who is known is theirs: whoever else sends their key makes a request of
    /// their own.
    pub(super) fn new(
        generation: &'a Generation,
        route: &ManifestRoute,
        request: &RouteRequest,
        key: &str,
        keep: Duration,
    ) -> Self {
        let sender = &request.actor;
        let mut hash = Sha256::new();
        if sender.id.is_some() {
            hash.update(format!("{}\0", sender.key()));
        }
        hash.update(key);
        let fingerprint = RequestFingerprint::from_request(route, request);
        Self { generation, key: format_hash(hash), keep, fingerprint, is_replay: false }
    }

    /// The same for a request that the operator repeats: whatever was answered under its key meanwhile is its response.
    pub(super) fn into_replay(self) -> Self {
        let fingerprint = RequestFingerprint { address: None, ..self.fingerprint };
        Self { fingerprint, is_replay: true, ..self }
    }

    /// The stored response; `None`: this request is the first, and is held until [`Self::store_answer`].
    pub(super) async fn find_answer_or_begin(&self) -> Result<Option<RouteResponse>, RouteError> {
        let now = self.generation.now();
        let running = IdempotencyRecord::Running { request: self.fingerprint.clone() };
        if self.begin(&running, now).await? {
            return Ok(None);
        }
        let (place, key) = (response_namespace(self.generation.id()), self.key.clone());
        let found = self.generation.content().store().read(|r| r.plugin_kv().get_entries(&place, &[&key], now));
        let kv_entry = found.map_err(storage_error)?.into_iter().next().flatten();
        match kv_entry.and_then(|entry| serde_json::from_slice(&entry.value).ok()) {
            Some(IdempotencyRecord::Answered { request, status, headers, body, file }) => {
                if request.is_some_and(|earlier| self.is_other_request(&earlier)) {
                    return Err(other_request_error());
                }
                // A file in a stored response is looked up again: the plugin must be allowed to see it now.
                let file = file.map(|id| find_response_file(self.generation, id)).transpose();
                let file = file.map_err(|_| {
                    let gone = Error::NotFound("the file that was the response does not exist any more".to_owned());
                    RouteError::Refused(to_refusal(gone))
                })?;
                Ok(Some(RouteResponse { status, headers, body, file }))
            }
            Some(IdempotencyRecord::Running { request }) if self.is_other_request(&request) => {
                Err(other_request_error())
            }
            Some(IdempotencyRecord::Running { .. }) => {
                Err(key_conflict("A request with this key is in progress. Repeat it in a moment"))
            }
            // The key expired between the two reads.
            None => Err(RouteError::Refused(unavailable_refusal("Try again", None))),
        }
    }

    /// Stores the response of a request that was accepted. Without one, or where the request was refused, nothing remains under the key: it
    /// can be sent again, corrected or not.
    pub(super) async fn store_answer(&self, answer: Option<&RouteResponse>) {
        let stored = match answer.filter(|answer| is_accepted(answer.status)) {
            Some(answer) => self.store_response(answer).await,
            None => self.release_key().await.map(|()| true),
        };
        if !matches!(stored, Ok(true)) {
            tracing::warn!(
                plugin = self.generation.id(),
                "a response could not be stored: the request may be processed again"
            );
        }
    }

    fn is_other_request(&self, earlier: &RequestFingerprint) -> bool {
        !self.is_replay && !earlier.is_of_same_request(&self.fingerprint)
    }

    /// Holds the key for this request; returns whether it was free.
    async fn begin(&self, running: &IdempotencyRecord, now: i64) -> Result<bool, RouteError> {
        let value = serde_json::to_vec(running).map_err(|_| RouteError::Failed)?;
        let expires_at = Some(now.saturating_add(RUNNING_REQUEST_MS));
        let kv_put = KvPut { key: self.key.clone(), value, expires_at, expect: Some(0) };
        let (place, store) = (response_namespace(self.generation.id()), self.generation.content().store());
        let outcome = store.write(move |tx| tx.plugin_kv().put(&place, std::slice::from_ref(&kv_put), now)).await;
        Ok(outcome.map_err(storage_error)?.is_none())
    }

    /// Stores a response within the plugin's quota, in place of older ones where there is no room; returns whether there was any.
    async fn store_response(&self, answer: &RouteResponse) -> Result<bool, RouteError> {
        let RouteResponse { status, headers, body, file } = answer;
        let record = IdempotencyRecord::Answered {
            request: Some(self.fingerprint.clone()),
            status: *status,
            headers: headers.clone(),
            body: body.clone(),
            file: file.as_ref().map(|file| file.id.clone()),
        };
        let value = serde_json::to_vec(&record).map_err(|_| RouteError::Failed)?;
        let now = self.generation.now();
        let keep = i64::try_from(self.keep.as_millis()).unwrap_or(i64::MAX);
        let kv_put = KvPut { key: self.key.clone(), value, expires_at: Some(now.saturating_add(keep)), expect: None };
        let quotas = PluginQuotas::for_plugin(self.generation);
        let store = self.generation.content().store();
        let outcome = store.write(move |tx| quotas.store_response(tx, &kv_put, now));
        outcome.await.map_err(storage_error)
    }

    async fn release_key(&self) -> Result<(), RouteError> {
        let (place, key, now) = (response_namespace(self.generation.id()), self.key.clone(), self.generation.now());
        let store = self.generation.content().store();
        let future = store.write(move |tx| tx.plugin_kv().delete(&place, &[&key], now));
        future.await.map(drop).map_err(storage_error)
    }
}

/// True if a response says that the request was accepted, so that a repetition gets it too. What was refused left nothing behind that a
/// repetition would do twice.
fn is_accepted(status: u16) -> bool {
    (200..400).contains(&status)
}

fn other_request_error() -> RouteError {
    key_conflict("This idempotency key belongs to another request. Repeat that request unchanged, or send a new key")
}

fn key_conflict(message: &str) -> RouteError {
    let conflict = Conflict { kind: "idempotency".to_owned(), existing: None, message: message.to_owned() };
    RouteError::Refused(conflict_refusal(conflict))
}

/// Hashes parts, each with its length: no two lists of parts are the same text.
fn hash_parts(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
        hash.update(part);
    }
    format_hash(hash)
}

fn format_hash(hash: Sha256) -> String {
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn write_body<S: Serializer>(body: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&STANDARD.encode(body))
}

/// Reads a body in base64, or as the list of numbers that earlier versions wrote.
fn read_body<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum StoredBody {
        Base64(String),
        Numbers(Vec<u8>),
    }
    match StoredBody::deserialize(deserializer)? {
        StoredBody::Base64(text) => STANDARD.decode(text).map_err(serde::de::Error::custom),
        StoredBody::Numbers(bytes) => Ok(bytes),
    }
}

fn storage_error(error: StoreError) -> RouteError {
    tracing::warn!(%error, "cannot store responses of plugins");
    RouteError::Refused(unavailable_refusal("Try again", None))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::quotas::RUNNING_RECORD_START;

    #[test]
    fn records_of_running_requests_begin_as_those_that_are_spared() {
        let request = RequestFingerprint { request: "a".to_owned(), address: None };
        let running = serde_json::to_vec(&IdempotencyRecord::Running { request }).unwrap();
        assert!(running.starts_with(RUNNING_RECORD_START));
        let answered = IdempotencyRecord::Answered {
            request: None,
            status: 200,
            headers: Vec::new(),
            body: Vec::new(),
            file: None,
        };
        assert!(!serde_json::to_vec(&answered).unwrap().starts_with(RUNNING_RECORD_START));
    }

    #[test]
    fn records_of_earlier_versions_are_read() {
        let stored = r#"{"Answered":{"status":201,"headers":[["x-crm","1"]],"body":[111,107]}}"#;
        let Ok(IdempotencyRecord::Answered { request, status, body, file, .. }) = serde_json::from_str(stored) else {
            panic!("it is not read");
        };
        assert_eq!((request, status, body.as_slice(), file), (None, 201, b"ok".as_slice(), None));
    }

    #[test]
    fn bodies_of_any_bytes_survive_storage() {
        let (request, body) = (None, (0..=255).collect::<Vec<u8>>());
        let record =
            IdempotencyRecord::Answered { request, status: 200, headers: Vec::new(), body: body.clone(), file: None };
        let stored = serde_json::to_vec(&record).unwrap();
        assert!(stored.len() < 2 * body.len(), "{} bytes", stored.len());
        let Ok(IdempotencyRecord::Answered { body: read, .. }) = serde_json::from_slice(&stored) else {
            panic!("it is not read");
        };
        assert_eq!(read, body);
    }
}
