//! The audit log: every event becomes an entry, whose hash covers its content and the hash of the entry before it. Whoever changes, deletes
//! or moves an entry would have to change all that follow, and the last hash, which can be stored elsewhere.

use crate::{Consumer, TransactionalConsumer};
use cairn_store::events::{AuditEntry, Event, NewAuditEntry};
use cairn_store::{Reader, Store, StoreError, WriteTx};
use sha2::{Digest, Sha256};

/// The hash before the first entry.
pub const GENESIS_HASH: &str = "0000000000000000000000000000000000000000000000000000000000000000";
/// Number of entries read at a time.
const ENTRIES_PER_READ: i64 = 2_000;

/// The consumer that writes the log.
pub struct AuditConsumer;

impl Consumer for AuditConsumer {
    fn name(&self) -> &str {
        "audit"
    }

    fn receives_past_events(&self) -> bool {
        true
    }

    fn holds_key_after_dead(&self) -> bool {
        true
    }
}

impl TransactionalConsumer for AuditConsumer {
    fn apply_events(&self, tx: &mut WriteTx<'_>, events: &[Event]) -> Result<(), StoreError> {
        let (mut n, mut previous) = tx.reader().audit().get_last()?.unwrap_or((0, GENESIS_HASH.to_owned()));
        let mut entries = Vec::with_capacity(events.len());
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
            let hash = entry_hash(&entry, &actor, &details);
            previous = hash.clone();
            entries.push(AuditEntry { entry, stored: (actor, details), hash });
        }
        tx.audit().append(&entries)
    }
}

/// SHA-256, in hex, of all parts of an entry, each preceded by its length: no two entries have the same text.
fn entry_hash(e: &NewAuditEntry, actor: &str, details: &str) -> String {
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

/// The result of checking the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuditLogCheck {
    /// Every entry is as it was written.
    Intact {
        /// Number of entries.
        entries: i64,
        /// Hash of the last entry.
        head: String,
    },
    /// An entry has changed; this is the first one.
    Broken {
        /// Number of the entry.
        n: i64,
        /// Description of the problem.
        problem: String,
    },
}

/// Makes sure that the present log is on disk. Must be awaited before its head is returned to be stored elsewhere: entries do not wait for
/// the disk, and after a crash of PostgreSQL the events of the last half second may get other positions. Returns an error if the database
/// cannot be written to.
pub async fn flush_log(store: &Store) -> Result<(), StoreError> {
    // On PostgreSQL a row that is written, and with it all that was written before.
    store.write(|tx| tx.lock_name("audit")).await
}

/// Checks the whole log. `head`: a number and hash that were stored elsewhere; the log must still contain that entry. Blocks. Returns an
/// error if the log cannot be read.
pub fn verify_log(store: &Store, head: Option<(i64, &str)>) -> Result<AuditLogCheck, StoreError> {
    let mut chain = ChainVerifier::new(head);
    loop {
        let page = store.read(|r: &Reader<'_>| r.audit().list_after(chain.n, ENTRIES_PER_READ))?;
        for entry in &page {
            if let Err((n, problem)) = chain.verify_next(entry) {
                return Ok(AuditLogCheck::Broken { n, problem });
            }
        }
        if page.len() < ENTRIES_PER_READ as usize {
            return Ok(chain.into_check());
        }
    }
}

/// The state of following the log.
struct ChainVerifier<'h> {
    n: i64,
    last: String,
    head: Option<(i64, &'h str)>,
}

impl<'h> ChainVerifier<'h> {
    fn new(head: Option<(i64, &'h str)>) -> Self {
        Self { n: 0, last: GENESIS_HASH.to_owned(), head }
    }

    /// Checks the next entry; the error contains the number of a changed entry, and the reason.
    fn verify_next(&mut self, audit_entry: &AuditEntry) -> Result<(), (i64, String)> {
        let AuditEntry { entry, stored, hash: stored_hash } = audit_entry;
        let next = self.n + 1;
        let problem = if entry.n != next {
            return Err((next, format!("entry {next} is missing")));
        } else if entry.previous != self.last {
            "it does not follow the previous entry"
        } else if entry_hash(entry, &stored.0, &stored.1) != *stored_hash {
            "it was changed after it was written"
        } else if self.head.is_some_and(|(at, hash)| at == entry.n && hash != stored_hash) {
            "its hash does not match the one provided"
        } else {
            self.n = entry.n;
            self.last.clone_from(stored_hash);
            return Ok(());
        };
        Err((entry.n, problem.to_owned()))
    }

    fn into_check(self) -> AuditLogCheck {
        match self.head {
            Some((at, _)) if at > self.n => {
                AuditLogCheck::Broken { n: self.n + 1, problem: format!("the log ends at entry {}", self.n) }
            }
            _ => AuditLogCheck::Intact { entries: self.n, head: self.last },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cairn_store::events::Actor;
    use serde_json::json;

    fn sample_log(entries: i64) -> Vec<AuditEntry> {
        let mut previous = GENESIS_HASH.to_owned();
        (1..=entries)
            .map(|n| {
                let actor = Actor::admin(n, "ed@example.com");
                let entry = NewAuditEntry {
                    n,
                    event_id: format!("e{n}"),
                    at: 1_000 * n,
                    action: "document.updated".into(),
                    content_type: Some("api::article.article".into()),
                    document_id: Some("d".into()),
                    locale: (n % 2 == 0).then(|| "nl".into()),
                    details: json!({ "n": n }),
                    previous: previous.clone(),
                    actor: actor.clone(),
                };
                let stored = (actor.to_json(), entry.details.to_string());
                let hash = entry_hash(&entry, &stored.0, &stored.1);
                previous = hash.clone();
                AuditEntry { entry, stored, hash }
            })
            .collect()
    }

    fn verify_chain(log: &[AuditEntry], head: Option<(i64, &str)>) -> Result<AuditLogCheck, (i64, String)> {
        let mut chain = ChainVerifier::new(head);
        log.iter().try_for_each(|entry| chain.verify_next(entry))?;
        Ok(chain.into_check())
    }

    #[test]
    fn verification_names_the_first_changed_entry() {
        let audit_entries = sample_log(9);
        let head = (9, audit_entries[8].hash.clone());
        assert_eq!(
            verify_chain(&audit_entries, Some((head.0, &head.1))),
            Ok(AuditLogCheck::Intact { entries: 9, head: audit_entries[8].hash.clone() })
        );
        let changes: [fn(&mut AuditEntry); 10] = [
            |e| e.entry.event_id.push('x'),
            |e| e.entry.at += 1,
            |e| e.entry.action = "document.deleted".into(),
            |e| e.stored.0 = Actor::public().to_json(),
            |e| e.entry.content_type = None,
            |e| e.entry.document_id = Some(String::new()),
            |e| e.entry.locale = Some("fr".into()),
            |e| e.stored.1 = "{}".into(),
            |e| e.entry.previous = GENESIS_HASH.into(),
            |e| e.hash = GENESIS_HASH.into(),
        ];
        for (i, change) in changes.iter().enumerate() {
            let mut log = audit_entries.clone();
            change(&mut log[4]);
            assert_eq!(verify_chain(&log, None).unwrap_err().0, 5, "change {i}");
        }
        // Removed, repeated, moved.
        let mut without = audit_entries.clone();
        without.remove(2);
        assert_eq!(verify_chain(&without, None).unwrap_err().0, 3);
        let mut twice = audit_entries.clone();
        twice.insert(2, audit_entries[1].clone());
        assert_eq!(verify_chain(&twice, None).unwrap_err().0, 3);
        let mut moved = audit_entries.clone();
        moved.swap(5, 6);
        assert_eq!(verify_chain(&moved, None).unwrap_err().0, 6);
    }

    #[test]
    fn truncated_or_rewritten_logs_do_not_match_their_head() {
        let audit_entries = sample_log(9);
        let head = Some((9, audit_entries[8].hash.as_str()));
        assert!(matches!(verify_chain(&audit_entries[..6], head), Ok(AuditLogCheck::Broken { n: 7, .. })));
        assert!(matches!(verify_chain(&audit_entries[..6], None), Ok(AuditLogCheck::Intact { entries: 6, .. })));
        assert_eq!(verify_chain(&audit_entries, Some((9, GENESIS_HASH))).unwrap_err().0, 9);
    }
}
