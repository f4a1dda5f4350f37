//! The audit trail as a chain: `hash_n = SHA256(hash_{n-1} ‖ canonical JSON of event n)`. Whoever changes, drops or inserts an event breaks
//! it from there on. It knows no host.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// Predecessor's hash in the first event: 32 zero bytes, in hexadecimal.
pub(crate) const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Something that happened to an envelope, as far as it is hashed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ChainEvent {
    pub(crate) seq: i64,
    /// `2026-01-05T09:00:00.000Z`.
    pub(crate) at: String,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) actor: String,
    /// Texts and whole numbers.
    pub(crate) data: Map<String, Value>,
}

/// An event with its links.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LinkedEvent {
    #[serde(flatten)]
    pub(crate) event: ChainEvent,
    pub(crate) previous_hash: String,
    pub(crate) hash: String,
}

impl ChainEvent {
    /// The event as bytes: keys in the order of their characters, no space, UTF-8.
    pub(crate) fn canonical(&self, envelope: &str) -> String {
        // A map of `serde_json` keeps its keys sorted.
        json!({
            "actor": self.actor, "at": self.at, "data": self.data, "envelope": envelope, "seq": self.seq, "type": self.kind,
        })
        .to_string()
    }

    /// Its hash after that of the event before.
    pub(crate) fn hash(&self, envelope: &str, previous: &str) -> String {
        let mut hash = Sha256::new();
        hash.update(read_hex(previous));
        hash.update(self.canonical(envelope));
        write_hex(&hash.finalize())
    }
}

/// Finding of a check of a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ChainFinding {
    /// Nothing was changed.
    Intact,
    /// The first event that does not fit.
    Broken(i64),
}

/// Checks a chain from its first event. `head` and `count` are those that the envelope has: events cut off at the end are missed there.
pub(crate) fn check_chain(envelope: &str, events: &[LinkedEvent], head: &str, count: i64) -> ChainFinding {
    let mut previous = GENESIS.to_owned();
    let mut expected = 0;
    for LinkedEvent { event, previous_hash, hash } in events {
        expected += 1;
        if event.seq != expected || *previous_hash != previous || event.hash(envelope, &previous) != *hash {
            return ChainFinding::Broken(expected);
        }
        previous.clone_from(hash);
    }
    let head = if head.is_empty() { GENESIS } else { head };
    if expected == count && previous == head { ChainFinding::Intact } else { ChainFinding::Broken(expected + 1) }
}

/// SHA-256 of bytes, in hexadecimal.
pub(crate) fn hash_bytes(bytes: &[u8]) -> String {
    write_hex(&Sha256::digest(bytes))
}

/// Bytes in hexadecimal.
pub(crate) fn write_hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn read_hex(text: &str) -> Vec<u8> {
    let pair = |at: usize| text.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
    (0..text.len()).step_by(2).filter_map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain(count: i64) -> (Vec<LinkedEvent>, String) {
        let mut previous = GENESIS.to_owned();
        let mut events = Vec::new();
        for seq in 1..=count {
            let Value::Object(data) = json!({ "recipient": format!("r{seq}"), "n": seq }) else { unreachable!() };
            let event = ChainEvent {
                seq,
                at: format!("2026-01-05T09:00:0{seq}.000Z"),
                kind: "viewed".into(),
                actor: "Ann".into(),
                data,
            };
            let hash = event.hash("e", &previous);
            events.push(LinkedEvent { event, previous_hash: previous.clone(), hash: hash.clone() });
            previous = hash;
        }
        (events, previous)
    }

    #[test]
    fn the_canonical_form_is_the_one_that_is_documented() {
        let (events, _) = chain(1);
        assert_eq!(
            events[0].event.canonical("e"),
            r#"{"actor":"Ann","at":"2026-01-05T09:00:01.000Z","data":{"n":1,"recipient":"r1"},"envelope":"e","seq":1,"type":"viewed"}"#
        );
        // printf of 32 zero bytes and that text, through sha256sum.
        let mut bytes = vec![0; 32];
        bytes.extend_from_slice(events[0].event.canonical("e").as_bytes());
        assert_eq!(events[0].hash, hash_bytes(&bytes));
        assert_eq!(hash_bytes(b""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }

    #[test]
    fn every_change_is_found_where_it_is() {
        let (events, head) = chain(5);
        assert_eq!(check_chain("e", &events, &head, 5), ChainFinding::Intact);
        assert_eq!(check_chain("other", &events, &head, 5), ChainFinding::Broken(1));
        for at in 0..5 {
            let number = at as i64 + 1;
            let broken = ChainFinding::Broken(number);
            let changed = |change: &dyn Fn(&mut LinkedEvent)| {
                let mut events = events.clone();
                change(&mut events[at]);
                check_chain("e", &events, &head, 5)
            };
            assert_eq!(changed(&|e| e.event.actor.push('a')), broken);
            assert_eq!(changed(&|e| e.event.at = "2026-01-05T09:00:09.000Z".into()), broken);
            assert_eq!(changed(&|e| e.event.kind = "signed".into()), broken);
            assert_eq!(changed(&|e| drop(e.event.data.insert("x".into(), json!("y")))), broken);
            assert_eq!(changed(&|e| e.event.seq += 1), broken);
            assert_eq!(changed(&|e| e.hash = GENESIS.into()), broken);
            let mut missing = events.clone();
            missing.remove(at);
            assert_eq!(check_chain("e", &missing, &head, 5), broken);
        }
    }

    #[test]
    fn events_that_were_cut_off_or_added_are_missed_at_the_end() {
        let (events, head) = chain(3);
        assert_eq!(check_chain("e", &events[..2], &head, 3), ChainFinding::Broken(3));
        assert_eq!(check_chain("e", &events[..2], &events[1].hash, 3), ChainFinding::Broken(3));
        assert_eq!(check_chain("e", &events, &events[1].hash, 2), ChainFinding::Broken(4));
        assert_eq!(check_chain("e", &[], "", 0), ChainFinding::Intact);
    }
}
