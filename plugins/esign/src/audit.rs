//! Writing the audit trail, and checking it. An envelope's events are written with what they tell of, in one transaction and one call.

use crate::audit_chain::{ChainEvent, ChainFinding, GENESIS, LinkedEvent, check_chain};
use crate::model::{AuditEvent, Envelope, Field, Recipient, ReplacedLink};
use cairn_plugin::data::Batch;
use cairn_plugin::prelude::*;
use serde_json::{Map, Value, json};

/// Longest name of who did something, in characters.
const MAX_ACTOR: usize = 200;
/// Events of an envelope that are read at a time.
const PAGE_SIZE: u32 = 1_000;

/// Trail of an envelope, which the transaction holds: events, and changes of what belongs to it.
pub(crate) struct Trail<'a> {
    envelope: &'a str,
    head: String,
    count: i64,
    at: String,
    batch: Batch,
}

impl<'a> Trail<'a> {
    /// Goes on after the events that the envelope has.
    pub(crate) fn of(envelope: &'a Row<Envelope>) -> Self {
        let head = if envelope.audit_head.is_empty() { GENESIS.to_owned() } else { envelope.audit_head.clone() };
        Self {
            envelope: &envelope.document_id,
            head,
            count: envelope.audit_count,
            at: time::format(time::now()),
            batch: Batch::new(),
        }
    }

    /// The time of its events.
    pub(crate) fn at(&self) -> &str {
        &self.at
    }

    /// Adds an event. `data`: texts and whole numbers, by name.
    ///
    /// # Errors
    /// Never: what is added can be written.
    pub(crate) fn add(&mut self, kind: &str, actor: &str, data: Value) -> Result<()> {
        let Value::Object(data) = data else { return Err(Error::Internal(format!("data of {kind}"))) };
        let event = ChainEvent {
            seq: self.count + 1,
            at: self.at.clone(),
            kind: kind.to_owned(),
            actor: clean_text(actor, MAX_ACTOR),
            data: data.into_iter().map(|(name, value)| (name, clean_value(value))).collect(),
        };
        let hash = event.hash(self.envelope, &self.head);
        let ChainEvent { seq, at, kind, actor, data } = event;
        let fields = json!({
            "envelope": self.envelope, "seq": seq, "at": at, "type": kind, "actor": actor, "data": data,
            "previousHash": self.head, "hash": hash,
        });
        self.batch = std::mem::take(&mut self.batch).create::<AuditEvent>(&fields)?;
        (self.head, self.count) = (hash, seq);
        Ok(())
    }

    /// Changes a recipient with it.
    ///
    /// # Errors
    /// Never.
    pub(crate) fn change_recipient(&mut self, id: &str, fields: &Value) -> Result<()> {
        self.batch = std::mem::take(&mut self.batch).update::<Recipient>(id, fields)?;
        Ok(())
    }

    /// Keeps a link that a newer one replaces: whoever follows it is told.
    ///
    /// # Errors
    /// Never.
    pub(crate) fn keep_link(&mut self, recipient: &str, token_hash: &str) -> Result<()> {
        let fields = json!({ "envelope": self.envelope, "recipient": recipient, "tokenHash": token_hash });
        self.batch = std::mem::take(&mut self.batch).create::<ReplacedLink>(&fields)?;
        Ok(())
    }

    /// Fills in a field with it.
    ///
    /// # Errors
    /// Never.
    pub(crate) fn fill_field(&mut self, id: &str, value: &str) -> Result<()> {
        self.batch = std::mem::take(&mut self.batch).update::<Field>(id, &json!({ "value": value }))?;
        Ok(())
    }

    /// Writes its events alone, and returns the fields that the envelope has then: for an envelope that somebody else is writing.
    ///
    /// # Errors
    /// What the host says.
    pub(crate) fn write_events(self) -> Result<Value> {
        let fields = json!({ "auditHead": self.head, "auditCount": self.count });
        self.batch.write()?;
        Ok(fields)
    }

    /// Writes all of it, with changes of the envelope itself.
    ///
    /// # Errors
    /// What the host says.
    pub(crate) fn write(self, changes: Value) -> Result<()> {
        let mut fields = match changes {
            Value::Object(fields) => fields,
            _ => Map::new(),
        };
        fields.insert("auditHead".to_owned(), json!(self.head));
        fields.insert("auditCount".to_owned(), json!(self.count));
        self.batch.update::<Envelope>(self.envelope, &fields)?.write().map(|_| ())
    }
}

/// A text as events keep it: one line, and no longer than that.
pub(crate) fn clean_text(text: &str, most: usize) -> String {
    let line = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    line.take(most).collect::<String>().trim().to_owned()
}

fn clean_value(value: Value) -> Value {
    match value {
        Value::String(text) => json!(clean_text(&text, 1_000)),
        other => other,
    }
}

/// The events of an envelope, the first one first.
///
/// # Errors
/// What the host says.
pub(crate) fn list_events(envelope: &str) -> Result<Vec<LinkedEvent>> {
    let mut events: Vec<LinkedEvent> = Vec::new();
    loop {
        let last_seq = events.last().map_or(0, |event| event.event.seq);
        let filter = json!({ "envelope": { "documentId": envelope }, "seq": { "$gt": last_seq } });
        let page = data::find::<AuditEvent>().filter(filter).sort("seq:asc").all(PAGE_SIZE)?;
        let is_last = page.len() < PAGE_SIZE as usize;
        events.extend(page.into_iter().map(|row| to_linked(row.fields)));
        if is_last {
            return Ok(events);
        }
    }
}

fn to_linked(event: AuditEvent) -> LinkedEvent {
    let AuditEvent { seq, at, kind, actor, data, previous_hash, hash } = event;
    LinkedEvent { event: ChainEvent { seq, at, kind, actor, data }, previous_hash, hash }
}

/// Checks the events of an envelope.
pub(crate) fn check_trail(envelope: &Row<Envelope>, events: &[LinkedEvent]) -> ChainFinding {
    check_chain(&envelope.document_id, events, &envelope.audit_head, envelope.audit_count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_events_are_one_line() {
        assert_eq!(clean_text("  a\r\nb\u{0}", 10), "a  b");
        assert_eq!(clean_text(&"é".repeat(20), 5), "ééééé");
        assert_eq!((clean_value(json!("a\u{0}b")), clean_value(json!(3))), (json!("a b"), json!(3)));
    }
}
