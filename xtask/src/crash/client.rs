//! One client: random writes to its own documents, and a record of what was acknowledged.

use super::document::{RecordDocument, RecordVersion};
use crate::api::Api;
use anyhow::{Result, bail};
use rand::Rng;
use rand::seq::{IndexedRandom, IteratorRandom};
use serde_json::json;
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use ureq::http::Method;

/// A client and what it expects to be on the server.
pub(super) struct CrashClient {
    number: usize,
    /// Counter that makes stamps and codes unique.
    writes: u64,
    /// By document id; deleted ones stay, empty.
    pub(super) documents: HashMap<String, RecordDocument>,
    /// Ids of documents with an acknowledged write since the last verification.
    pub(super) touched: HashSet<String>,
    /// The write whose outcome was unknown when the server or its database was killed.
    pub(super) in_flight: Option<InFlight>,
    /// Acknowledged writes since the last verification.
    pub(super) acknowledged: u64,
}

/// A write of unknown outcome: it may have happened or not.
pub(super) enum InFlight {
    /// A new document, identified by its code.
    Create {
        /// Value of the attribute `code`.
        code: String,
        /// Expected document if the write happened.
        after: RecordDocument,
    },
    /// A change of an existing document.
    Change {
        /// Id of the document.
        id: String,
        /// Expected document if the change happened.
        after: RecordDocument,
    },
}

impl CrashClient {
    /// A client with nothing on the server.
    pub(super) fn new(number: usize) -> Self {
        Self { number, writes: 0, documents: HashMap::new(), touched: HashSet::new(), in_flight: None, acknowledged: 0 }
    }

    /// Writes until the server or its database is killed, and counts what was acknowledged in this round. Returns an error if the server refuses
    /// a write, or one of the two is gone before it was killed.
    pub(super) fn write_until_killed(
        &mut self,
        api: &Api,
        topics: &[String],
        killed: &AtomicBool,
        acknowledged: &AtomicU64,
    ) -> Result<()> {
        while !killed.load(Ordering::SeqCst) {
            let before = self.acknowledged;
            let written = self.write_one(api, topics);
            acknowledged.fetch_add(self.acknowledged - before, Ordering::SeqCst);
            if let Err(error) = written {
                if killed.load(Ordering::SeqCst) && self.in_flight.is_some() {
                    return Ok(());
                }
                return Err(error);
            }
        }
        Ok(())
    }

    fn write_one(&mut self, api: &Api, topics: &[String]) -> Result<()> {
        let mut rng = rand::rng();
        self.writes += 1;
        let stamp = format!("{}-{}", self.number, self.writes);
        let count = rng.random_range(1..=4);
        let version = RecordVersion::new(stamp, topics.choose_multiple(&mut rng, count).cloned().collect());
        let living = self.documents.iter().filter(|(_, document)| document.draft.is_some());
        let Some((id, document)) = living.choose(&mut rng).map(|(id, d)| (id.clone(), d.clone())) else {
            return self.create_document(api, version, false);
        };
        let both =
            |version: &RecordVersion| RecordDocument { draft: Some(version.clone()), published: Some(version.clone()) };
        match rng.random_range(0..100) {
            0..35 => self.create_document(api, version, false),
            35..45 => self.create_document(api, version, true),
            45..65 => self.change_document(api, id, Some((version.to_body(), "")), both(&version)),
            65..75 => {
                let after = RecordDocument { draft: Some(version.clone()), ..document };
                self.change_document(api, id, Some((version.to_body(), "?status=draft")), after)
            }
            75..90 => {
                // Exchanges one topic for another through the relation alone; everything else stays.
                let Some(mut draft) = document.draft else { bail!("the client chose a deleted document") };
                let free = topics.iter().filter(|topic| !draft.topics.contains(topic)).choose(&mut rng);
                let (Some(free), false) = (free.cloned(), draft.topics.is_empty()) else { return Ok(()) };
                let dropped = draft.topics.remove(rng.random_range(0..draft.topics.len()));
                let body = json!({ "topics": { "disconnect": [dropped], "connect": [&free] } });
                draft.topics.push(free);
                self.change_document(api, id, Some((body, "")), both(&draft))
            }
            _ => self.change_document(api, id, None, RecordDocument::default()),
        }
    }

    fn create_document(&mut self, api: &Api, version: RecordVersion, draft: bool) -> Result<()> {
        let code = format!("code-{}", version.stamp);
        let mut body = version.to_body();
        body["code"] = code.as_str().into();
        let published = (!draft).then(|| version.clone());
        let after = RecordDocument { draft: Some(version), published };
        self.in_flight = Some(InFlight::Create { code, after: after.clone() });
        let path = if draft { "/api/records?status=draft" } else { "/api/records" };
        let entry = api.send(Method::POST, path, &json!({ "data": body }));
        let Some(entry) = self.take_answer(entry, "create")? else { return Ok(()) };
        match entry["documentId"].as_str() {
            Some(id) => self.acknowledge_write(id.to_owned(), after),
            None => bail!("create: an entry without documentId"),
        }
        Ok(())
    }

    /// Sends a PUT with that body and query, or a DELETE where there is none.
    fn change_document(
        &mut self,
        api: &Api,
        id: String,
        update: Option<(serde_json::Value, &str)>,
        after: RecordDocument,
    ) -> Result<()> {
        self.in_flight = Some(InFlight::Change { id: id.clone(), after: after.clone() });
        let answer = match update {
            Some((body, query)) => {
                api.send(Method::PUT, &format!("/api/records/{id}{query}"), &json!({ "data": body }))
            }
            None => api.delete(&format!("/api/records/{id}")),
        };
        if self.take_answer(answer, "change")?.is_some() {
            self.acknowledge_write(id, after);
        }
        Ok(())
    }

    /// The entry of a response. A transport error leaves the write in flight, and so does a 503: the database went away, with the write or
    /// without it. A refusal does not.
    fn take_answer(
        &mut self,
        answer: Result<crate::api::ApiAnswer>,
        action: &str,
    ) -> Result<Option<serde_json::Value>> {
        let answer = answer?;
        if answer.status == 503 {
            bail!("{action}: status 503, {}", answer.body);
        }
        self.in_flight = None;
        answer.into_data(action).map(Some)
    }

    fn acknowledge_write(&mut self, id: String, after: RecordDocument) {
        self.acknowledged += 1;
        self.touched.insert(id.clone());
        self.documents.insert(id, after);
    }
}
