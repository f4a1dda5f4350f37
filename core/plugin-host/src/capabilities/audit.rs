//! `audit`: entries in the tenant's audit log, which is chained by hash. They go by the outbox as everything that is audited does, so they
//! are there if and only if the transaction commits, within about a second.

use crate::bindings::host::audit::{Entry, Host};
use crate::bindings::types::{Actor, DocumentRef, Error, Principal};
use crate::faults::{invalid, of_content};
use crate::state::{State, charged};
use cairn_plugin_package::Capability;
use cairn_store::events::{AuditEntry, AuditFilter, NewEvent};
use serde_json::{Value as Json, json};

/// Longest action, in bytes.
const ACTION: usize = 64;
/// Largest detail, in bytes.
const DETAIL: usize = 64 << 10;
/// Most entries at a time.
const ENTRIES: u32 = 1_000;

impl Host for State {
    async fn append(
        &mut self,
        subject: DocumentRef,
        action: String,
        detail: String,
    ) -> wasmtime::Result<Result<(), Error>> {
        if let Err(error) = self.granted_call(Capability::Audit)? {
            return Ok(Err(error));
        }
        if let Err(error) = charged(self.budget.write(1))? {
            return Ok(Err(error));
        }
        let event = match self.audited(subject, &action, &detail) {
            Ok(event) => event,
            Err(error) => return Ok(Err(error)),
        };
        let (actor, now) = (self.generation.actor.clone(), State::now(self));
        Ok(self.write(move |tx| tx.emit(&actor, &event, now).map_err(|e| of_content(e.into()))).await)
    }

    async fn trail(
        &mut self,
        subject: DocumentRef,
        after: u64,
        limit: u32,
    ) -> wasmtime::Result<Result<Vec<Entry>, Error>> {
        if let Err(error) = self.granted_call(Capability::Audit)? {
            return Ok(Err(error));
        }
        let limit = limit.min(self.budget.readable()).min(ENTRIES);
        let filter = AuditFilter {
            action: Some(format!("{}*", name_of(self.generation.id(), ""))),
            actor: Some(self.generation.actor.key()),
            content_type: Some(subject.content_type),
            document_id: Some(subject.document_id),
            ..AuditFilter::default()
        };
        let after = i64::try_from(after).unwrap_or(i64::MAX);
        let found =
            self.read(move |r| r.audit_trail(&filter, after, i64::from(limit)).map_err(|e| of_content(e.into()))).await;
        let found = match found {
            Ok(found) => found,
            Err(error) => return Ok(Err(error)),
        };
        if let Err(error) = charged(self.budget.read(found.len()))? {
            return Ok(Err(error));
        }
        let id = self.generation.id();
        Ok(Ok(found.into_iter().map(|entry| told(id, entry)).collect()))
    }
}

impl State {
    fn audited(&self, subject: DocumentRef, action: &str, detail: &str) -> Result<NewEvent, Error> {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.' | b'_');
        if action.is_empty() || action.len() > ACTION || !action.bytes().all(plain) {
            let message = format!(
                "an action must be 1 to {ACTION} lowercase letters, digits, dots and dashes, such as envelope.signed"
            );
            return Err(invalid("action", "action", message));
        }
        if detail.len() > DETAIL {
            return Err(invalid("detail", "too-large", format!("a detail can have at most {} KiB", DETAIL >> 10)));
        }
        let detail: Json = serde_json::from_str(detail).map_err(|e| invalid("detail", "json", e.to_string()))?;
        for (field, text) in
            [("subject.content-type", &subject.content_type), ("subject.document-id", &subject.document_id)]
        {
            if text.is_empty() || text.len() > 255 {
                return Err(invalid(field, "length", "must be 1 to 255 bytes"));
            }
        }
        // The plugin is who did it; for whom is told beside it.
        let asker = asker(&self.asked.actor);
        Ok(NewEvent {
            name: format!("cairn.{}", name_of(self.generation.id(), action)),
            key: subject.document_id.clone(),
            content_type: Some(subject.content_type),
            document_id: Some(subject.document_id),
            locale: subject.locale,
            status: None,
            data: json!({ "detail": detail, "for": asker, "call": self.asked.id }),
        })
    }
}

/// What an action of a plugin is called in the log.
fn name_of(plugin: &str, action: &str) -> String {
    format!("plugin.{plugin}.{action}")
}

fn asker(actor: &Actor) -> Json {
    let of = |kind: &str, p: &Principal| json!({ "kind": kind, "id": p.id, "name": p.name });
    match actor {
        Actor::Anonymous => json!({ "kind": "public" }),
        Actor::User(p) => of("user", p),
        Actor::Admin(p) => of("admin", p),
        Actor::Token(p) => of("token", p),
        Actor::System => json!({ "kind": "system" }),
    }
}

fn told(plugin: &str, entry: AuditEntry) -> Entry {
    let AuditEntry { entry, hash, .. } = entry;
    let asker = &entry.details["for"];
    let kind = asker["kind"].as_str().unwrap_or("system");
    Entry {
        sequence: u64::try_from(entry.n).unwrap_or_default(),
        at: entry.at,
        actor: match asker["id"].as_str() {
            Some(id) => format!("{kind}:{id}"),
            None => kind.to_owned(),
        },
        action: entry.action.strip_prefix(&name_of(plugin, "")).unwrap_or(&entry.action).to_owned(),
        detail: entry.details["detail"].to_string(),
        chain: bytes(&hash),
    }
}

/// A hash as bytes.
fn bytes(hash: &str) -> Vec<u8> {
    let digit = |b: &u8| char::from(*b).to_digit(16).unwrap_or(0);
    let pairs = hash.as_bytes().chunks_exact(2);
    pairs.map(|pair| u8::try_from(digit(&pair[0]) * 16 + digit(&pair[1])).unwrap_or(0)).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn hashes_are_bytes() {
        assert_eq!(super::bytes("00ff10a"), [0, 255, 16]);
    }
}
