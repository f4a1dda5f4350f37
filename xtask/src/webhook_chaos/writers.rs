//! Clients that write: each its own documents, one write after another.

use crate::api::Api;
use anyhow::{Context, Result, bail};
use rand::Rng;
use serde_json::json;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use ureq::http::Method;

/// Documents of a client.
const DOCUMENTS_PER_CLIENT: usize = 40;

/// All clients, and how much they have written.
pub(super) struct Writers {
    clients: Vec<WriterClient>,
    written: AtomicUsize,
}

#[derive(Default)]
struct WriterClient {
    /// Ids with the number of the last write.
    documents: Vec<(String, i64)>,
}

impl Writers {
    pub(super) fn new(count: usize) -> Self {
        Self { clients: (0..count).map(|_| WriterClient::default()).collect(), written: AtomicUsize::new(0) }
    }

    /// Acknowledged writes.
    pub(super) fn acknowledged_writes(&self) -> usize {
        self.written.load(Ordering::Relaxed)
    }

    /// Writes until there are `goal` acknowledged writes, then calls `end` while the clients go on writing, and waits for them. Returns an
    /// error if a write is refused, or the server is gone before the end.
    pub(super) fn write_until(
        &mut self,
        api: &impl Fn() -> Api,
        goal: usize,
        end: impl FnOnce() -> Result<()>,
    ) -> Result<()> {
        let (ending, written) = (AtomicBool::new(false), &self.written);
        std::thread::scope(|scope| {
            let workers: Vec<_> = self
                .clients
                .iter_mut()
                .map(|client| {
                    let (api, ending) = (api(), &ending);
                    scope.spawn(move || {
                        while !ending.load(Ordering::SeqCst) || written.load(Ordering::SeqCst) < goal {
                            match client.write_one(&api) {
                                Ok(()) => drop(written.fetch_add(1, Ordering::SeqCst)),
                                // The outbox tells whether a write with a lost response was committed.
                                Err(_) if ending.load(Ordering::SeqCst) => return Ok(()),
                                Err(error) => return Err(error),
                            }
                        }
                        Ok(())
                    })
                })
                .collect();
            while written.load(Ordering::SeqCst) < goal && !workers.iter().any(|w| w.is_finished()) {
                std::thread::sleep(Duration::from_millis(2));
            }
            ending.store(true, Ordering::SeqCst);
            let result = end();
            for worker in workers {
                worker.join().unwrap_or_else(|_| bail!("a client panicked"))?;
            }
            result
        })
    }
}

impl WriterClient {
    fn write_one(&mut self, api: &Api) -> Result<()> {
        let mut rng = rand::rng();
        if self.documents.len() < DOCUMENTS_PER_CLIENT {
            let body = json!({ "data": { "n": 0, "mark": "made" } });
            let created = api.send(Method::POST, "/api/notes", &body)?.into_data("creating a note")?;
            let id = created["documentId"].as_str().context("a note has no documentId")?.to_owned();
            self.documents.push((id, 0));
            return Ok(());
        }
        let (id, n) = &mut self.documents[rng.random_range(0..DOCUMENTS_PER_CLIENT)];
        *n += 1;
        let body = json!({ "data": { "n": *n, "mark": format!("{:08x}", rng.random::<u32>()) } });
        api.send(Method::PUT, &format!("/api/notes/{id}"), &body)?.into_data("a note")?;
        Ok(())
    }
}
