//! The audit log: every event becomes an entry, whose hash covers what it says and the hash of the entry before it. Whoever
//! changes, removes or moves an entry would have to change all that follow, and the last hash, which can be kept elsewhere.

use crate::{Consumer, Inside};
use cairn_store::events::{AuditEntry, Event, NewAuditEntry};
use cairn_store::{Reader, Store, StoreError, WriteTx};
use sha2::{Digest, Sha256};

/// The hash before the first entry.
pub const START: &str = "0000000000000000000000000000000000000000000000000000000000000000";
/// Entries read at a time.
const PAGE: i64 = 2_000;

/// Writes the log.
pub struct Audit;

impl Consumer for Audit {
    fn name(&self) -> &str {
        "audit"
    }

    fn from_start(&self) -> bool {
        true
    }

    fn holds(&self) -> bool {
        true
    }
}

impl Inside for Audit {
    fn apply(&self, tx: &mut WriteTx<'_>, events: &[Event]) -> Result<(), StoreError> {
        let (mut n, mut previous) = tx.reader().last_audit()?.unwrap_or((0, START.to_owned()));
        for event in events {
            n += 1;
            let e = &event.event;
            let entry = NewAuditEntry {
                n,
                event_id: event.id.clone(),
                at: event.at,
                action: e.name.strip_prefix("cairn.").unwrap_or(&e.name).to_owned(),
                actor: event.actor.clone(),
                content_type: e.content_type.clone(),
                document_id: e.document_id.clone(),
                locale: e.locale.clone(),
                details: e.data.clone(),
                previous,
            };
            let (actor, details) = (event.actor.to_json(), e.data.to_string());
            let hash = hash(&entry, &actor, &details);
            tx.add_audit(&entry, &actor, &details, &hash)?;
            previous = hash;
        }
        Ok(())
    }
}

/// SHA-256, in hex, of all parts of an entry, each preceded by its length: no two entries have the same text.
fn hash(e: &NewAuditEntry, actor: &str, details: &str) -> String {
    let mut sha = Sha256::new();
    let (n, at) = (e.n.to_string(), e.at.to_string());
    let optional = |o: &Option<String>| o.as_ref().map_or_else(|| "-".to_owned(), |v| format!("+{v}"));
    let (uid, document, locale) = (optional(&e.content_type), optional(&e.document_id), optional(&e.locale));
    for part in [&n, &e.event_id, &at, &e.action, actor, &uid, &document, &locale, details, &e.previous] {
        sha.update((part.len() as u64).to_be_bytes());
        sha.update(part.as_bytes());
    }
    sha.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What a check of the log found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verified {
    /// Every entry is as it was written: how many, and the last hash.
    Whole {
        /// Entries.
        entries: i64,
        /// Hash of the last one.
        head: String,
    },
    /// The first entry that is not.
    Broken {
        /// Its number.
        n: i64,
        /// What is wrong with it.
        problem: String,
    },
}

/// Checks the whole log. `head`: a number and hash that were kept elsewhere; the log must still have that entry. Blocks.
///
/// # Errors
/// Where it cannot be read.
pub fn verify(store: &Store, head: Option<(i64, &str)>) -> Result<Verified, StoreError> {
    let (mut n, mut previous) = (0, START.to_owned());
    let mut kept = head.is_none();
    loop {
        let page = store.read(|r: &Reader<'_>| r.audit_after(n, PAGE))?;
        for AuditEntry { entry, stored, hash: stored_hash } in &page {
            let problem = if entry.n != n + 1 {
                let next = n + 1;
                return Ok(Verified::Broken { n: next, problem: format!("entry {next} is missing") });
            } else if entry.previous != previous {
                Some("it does not follow the entry before it")
            } else if hash(entry, &stored.0, &stored.1) != *stored_hash {
                Some("it is not what was written")
            } else if head.is_some_and(|(at, hash)| at == entry.n && hash != stored_hash) {
                Some("its hash is not the one that was kept")
            } else {
                None
            };
            if let Some(problem) = problem {
                return Ok(Verified::Broken { n: entry.n, problem: problem.to_owned() });
            }
            kept |= head.is_some_and(|(at, _)| at == entry.n);
            n = entry.n;
            previous.clone_from(stored_hash);
        }
        if page.len() < PAGE as usize {
            break;
        }
    }
    match head {
        Some((at, _)) if !kept => Ok(Verified::Broken { n: at, problem: format!("the log ends at {n}") }),
        _ => Ok(Verified::Whole { entries: n, head: previous }),
    }
}
