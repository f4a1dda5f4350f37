//! `audit`: entries in the tenant's audit log, which is chained by hash. They go by the outbox as everything that is audited does, so they
//! are there if and only if the transaction commits, within about a second.

use crate::call::state::{CallState, to_guest_charge};
use crate::contract::bindings::host::audit::{Entry, Host};
use crate::contract::bindings::types::{Actor, DocumentRef, Error, Principal};
use crate::contract::guest_errors::{from_content_error, invalid_field};
use crate::contract::host_error::HostResult;
use cairn_plugin_package::Capability;
use cairn_store::events::{AuditEntry, AuditFilter, NewEvent};
use serde_json::{Value as Json, json};

/// Longest action, in bytes.
const MAX_ACTION_BYTES: usize = 64;
/// Largest detail, in bytes.
const MAX_DETAIL_BYTES: usize = 64 << 10;
/// Most entries at a time.
const MAX_ENTRIES: u32 = 1_000;

impl Host for CallState {
    async fn append(&mut self, subject: DocumentRef, action: String, detail: String) -> HostResult<()> {
        self.granted_call(Capability::Audit)?;
        to_guest_charge(self.budget.charge_writes(1))?;
        let event = self.audit_event(subject, &action, &detail)?;
        let (actor, now) = (self.definition.actor.clone(), CallState::now(self));
        let emitted = self.with_transaction(move |tx| {
            tx.events().emit(&actor, &event, now).map_err(|e| from_content_error(e.into()))
        });
        Ok(emitted.await?)
    }

    async fn trail(&mut self, subject: DocumentRef, after: u64, limit: u32) -> HostResult<Vec<Entry>> {
        self.granted_call(Capability::Audit)?;
        let limit = limit.min(self.budget.remaining_reads()).min(MAX_ENTRIES);
        let filter = AuditFilter {
            action: Some(format!("{}*", action_name(self.definition.id(), ""))),
            actor: Some(self.definition.actor.key()),
            content_type: Some(subject.content_type),
            document_id: Some(subject.document_id),
            ..AuditFilter::default()
        };
        let after = i64::try_from(after).unwrap_or(i64::MAX);
        let found = self
            .with_reader(move |r| {
                r.audit().list_oldest_first(&filter, after, i64::from(limit)).map_err(|e| from_content_error(e.into()))
            })
            .await;
        let entries = found?;
        to_guest_charge(self.budget.charge_reads(entries.len()))?;
        let id = self.definition.id();
        Ok(entries.into_iter().map(|entry| to_guest_entry(id, entry)).collect())
    }
}

impl CallState {
    fn audit_event(&self, subject: DocumentRef, action: &str, detail: &str) -> Result<NewEvent, Error> {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.' | b'_');
        if action.is_empty() || action.len() > MAX_ACTION_BYTES || !action.bytes().all(plain) {
            let message = format!(
                "an action must be 1 to {MAX_ACTION_BYTES} lowercase letters, digits, dots and dashes, such as envelope.signed"
            );
            return Err(invalid_field("action", "action", message));
        }
        if detail.len() > MAX_DETAIL_BYTES {
            return Err(invalid_field(
                "detail",
                "too-large",
                format!("a detail can have at most {} KiB", MAX_DETAIL_BYTES >> 10),
            ));
        }
        let detail: Json = serde_json::from_str(detail).map_err(|e| invalid_field("detail", "json", e.to_string()))?;
        for (field, text) in
            [("subject.content-type", &subject.content_type), ("subject.document-id", &subject.document_id)]
        {
            if text.is_empty() || text.len() > 255 {
                return Err(invalid_field(field, "length", "must be 1 to 255 bytes"));
            }
        }
        // The plugin is the actor; the caller is recorded in the details.
        let asker = actor_details(&self.context.actor);
        Ok(NewEvent {
            name: format!("cairn.{}", action_name(self.definition.id(), action)),
            key: subject.document_id.clone(),
            content_type: Some(subject.content_type),
            document_id: Some(subject.document_id),
            locale: subject.locale,
            status: None,
            data: json!({ "detail": detail, "for": asker, "call": self.context.id }),
        })
    }
}

/// Name of a plugin's action in the log.
fn action_name(plugin: &str, action: &str) -> String {
    format!("plugin.{plugin}.{action}")
}

fn actor_details(actor: &Actor) -> Json {
    let principal_json = |kind: &str, p: &Principal| json!({ "kind": kind, "id": p.id, "name": p.name });
    match actor {
        Actor::Anonymous => json!({ "kind": "public" }),
        Actor::User(p) => principal_json("user", p),
        Actor::Admin(p) => principal_json("admin", p),
        Actor::Token(p) => principal_json("token", p),
        Actor::System => json!({ "kind": "system" }),
    }
}

fn to_guest_entry(plugin: &str, entry: AuditEntry) -> Entry {
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
        action: entry.action.strip_prefix(&action_name(plugin, "")).unwrap_or(&entry.action).to_owned(),
        detail: entry.details["detail"].to_string(),
        chain: decode_hash(&hash),
    }
}

/// A hash as bytes.
fn decode_hash(hash: &str) -> Vec<u8> {
    let digit = |b: &u8| char::from(*b).to_digit(16).unwrap_or(0);
    let pairs = hash.as_bytes().chunks_exact(2);
    pairs.map(|pair| u8::try_from(digit(&pair[0]) * 16 + digit(&pair[1])).unwrap_or(0)).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn hex_hashes_are_decoded_to_bytes() {
        assert_eq!(super::decode_hash("00ff10a"), [0, 255, 16]);
    }
}
