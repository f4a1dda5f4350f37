//! A record whose parts all contain the same, so that any mixture of two writes is detected.

use serde_json::{Value, json};

/// The content of one version of a record, as written. The length of lists and the numbers follow from `figures`,
/// every text follows from `stamp`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RecordVersion {
    /// Unique to the write that set all parts.
    pub(super) stamp: String,
    /// The topics that the zone's figures point at, by position; as many as there are lines.
    pub(super) figures: Vec<String>,
    /// The topics of the relation, in order; as many as figures, but a relation write exchanges single ones.
    pub(super) topics: Vec<String>,
}

/// A document with its draft and its published version.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct RecordDocument {
    /// `None`: no such document exists.
    pub(super) draft: Option<RecordVersion>,
    /// `None`: it is not published.
    pub(super) published: Option<RecordVersion>,
}

/// The parameters with which a record shows all of its parts.
pub(super) const POPULATE_QUERY: &str = "populate[meta]=true&populate[lines]=true&populate[zone][populate]=*\
    &populate[topics][fields][0]=name&populate[owner][fields][0]=name";

impl RecordVersion {
    /// A version that is written in one request.
    pub(super) fn new(stamp: String, topics: Vec<String>) -> Self {
        Self { stamp, figures: topics.clone(), topics }
    }

    /// All attributes but `code`.
    pub(super) fn to_body(&self) -> Value {
        let count = self.figures.len();
        let stamp = &self.stamp;
        let lines: Vec<_> = (0..count).map(|i| json!({ "stamp": stamp, "position": i })).collect();
        let figure = |i: usize| json!({ "__component": "crash.figure", "stamp": stamp, "position": i, "topic": self.figures[i] });
        let text = |_| json!({ "__component": "crash.text", "stamp": stamp, "body": long_note(stamp) });
        let zone: Vec<_> = (0..count).map(figure).chain((0..count).map(text)).collect();
        json!({
            "stamp": stamp, "amount": count, "note": long_note(stamp),
            "meta": { "stamp": stamp, "amount": count }, "lines": lines, "zone": zone,
            "topics": { "set": self.topics }, "owner": self.topics.first(),
        })
    }

    /// Reads a version from a response to a request with [`POPULATE_QUERY`]. Returns an error if its parts do not agree, naming them.
    pub(super) fn from_entry(entry: &Value) -> Result<Self, String> {
        let stamp = entry["stamp"].as_str().unwrap_or_default().to_owned();
        let agree = |part: &Value, name: &str| {
            if part["stamp"] == stamp {
                Ok(())
            } else {
                Err(format!("{name} is stamped {}, not {stamp}", part["stamp"]))
            }
        };
        let parts = |name: &str| entry[name].as_array().cloned().ok_or_else(|| format!("{name} is not a list"));
        let (lines, zone) = (parts("lines")?, parts("zone")?);
        let (texts, figures): (Vec<&Value>, Vec<&Value>) =
            zone.iter().partition(|part| part["__component"] == "crash.text");
        agree(&entry["meta"], "meta")?;
        for (i, part) in lines.iter().enumerate().chain(figures.iter().copied().enumerate()) {
            agree(part, "a line or a figure")?;
            if part["position"] != i {
                return Err(format!("found position {} instead of {i}", part["position"]));
            }
        }
        for text in &texts {
            agree(text, "a text")?;
        }
        if entry["note"] != long_note(&stamp) || texts.iter().any(|text| text["body"] != long_note(&stamp)) {
            return Err("a long text differs from the one that was written".to_owned());
        }
        let ids = |list: &[Value]| list.iter().filter_map(|t| t["documentId"].as_str()).map(str::to_owned).collect();
        let pointed: Vec<Value> = figures.iter().map(|figure| figure["topic"].clone()).collect();
        let version = Self { stamp, figures: ids(&pointed), topics: ids(&parts("topics")?) };
        let counts = [lines.len(), figures.len(), texts.len(), version.figures.len(), version.topics.len()];
        let amount = entry["amount"].as_u64().unwrap_or_default();
        let same = counts.iter().all(|&count| count as u64 == amount) && entry["meta"]["amount"] == amount;
        if !same {
            return Err(format!("amount {amount}, lines, figures, texts, figures' topics, topics {counts:?}"));
        }
        if entry["owner"]["documentId"].as_str() != version.figures.first().map(String::as_str) {
            return Err("the owner is from another write".to_owned());
        }
        Ok(version)
    }
}

/// A text long enough to need more than one page of the database now and then.
fn long_note(stamp: &str) -> String {
    format!("{stamp} ").repeat(40)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The response of a server to the body that was written.
    fn server_entry(version: &RecordVersion) -> Value {
        let mut entry = version.to_body();
        let show = |id: &str| json!({ "documentId": id });
        entry["topics"] = version.topics.iter().map(|id| show(id)).collect();
        entry["owner"] = show(&version.topics[0]);
        for part in entry["zone"].as_array_mut().unwrap() {
            if let Some(id) = part["topic"].as_str() {
                part["topic"] = show(id);
            }
        }
        entry
    }

    #[test]
    fn records_are_read_back_and_mixed_writes_are_detected() {
        let (a, b, c) = ("a".to_owned(), "b".to_owned(), "c".to_owned());
        let old = RecordVersion::new("1".to_owned(), vec![a.clone(), b.clone()]);
        let new = RecordVersion::new("2".to_owned(), vec![c, b, a]);
        let entry = server_entry(&new);
        assert_eq!(RecordVersion::from_entry(&entry).unwrap(), new);
        for (part, value) in server_entry(&old).as_object().unwrap() {
            let mut mixed = entry.clone();
            mixed[part] = value.clone();
            assert!(RecordVersion::from_entry(&mixed).is_err(), "{part} of the older write goes unnoticed");
        }
    }

    #[test]
    fn missing_list_rows_are_detected() {
        let entry = server_entry(&RecordVersion::new("1".to_owned(), vec!["a".to_owned(), "b".to_owned()]));
        for part in ["lines", "zone", "topics"] {
            let mut torn = entry.clone();
            torn[part].as_array_mut().unwrap().pop();
            assert!(RecordVersion::from_entry(&torn).is_err(), "{part}");
        }
        let mut torn = entry;
        torn["lines"] = json!([]);
        assert!(RecordVersion::from_entry(&torn).is_err());
    }
}
