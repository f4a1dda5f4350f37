//! After a restart: is what was acknowledged there, whole, and nothing else?

use super::client::{CrashClient, InFlight};
use super::document::{POPULATE_QUERY, RecordDocument, RecordVersion};
use super::fetch_list;
use crate::api::{Api, encode_query};
use anyhow::{Context, Result, bail};
use rand::seq::IteratorRandom;
use serde_json::Value;
use std::collections::HashMap;
use std::fmt;

/// Documents of earlier rounds that are looked at again in every round; all are at the end.
const SAMPLE_SIZE: usize = 30;
/// Documents asked for in one request.
const BATCH_SIZE: usize = 40;
/// Problems that are printed; further ones are only counted.
const MAX_PRINTED_PROBLEMS: u64 = 20;

/// Findings of all rounds so far.
#[derive(Default)]
pub(super) struct CrashFindings {
    acknowledged: u64,
    lost: u64,
    half: u64,
}

impl CrashFindings {
    /// True if nothing is lost or half.
    pub(super) fn is_clean(&self) -> bool {
        self.lost == 0 && self.half == 0
    }

    fn add_lost(&mut self, problem: &str) {
        self.lost += 1;
        self.print_problem("lost", problem);
    }

    fn add_half(&mut self, problem: &str) {
        self.half += 1;
        self.print_problem("half", problem);
    }

    fn print_problem(&self, subject: &str, problem: &str) {
        if self.lost + self.half <= MAX_PRINTED_PROBLEMS {
            println!("crash: {subject}: {problem}");
        }
    }
}

impl fmt::Display for CrashFindings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} writes acknowledged, {} lost, {} half", self.acknowledged, self.lost, self.half)
    }
}

/// Looks at everything written since the last verification, at a sample of the rest, and at the totals. Returns an error if the server
/// refuses to show something.
pub(super) fn verify_round(api: &Api, clients: &mut [CrashClient], findings: &mut CrashFindings) -> Result<()> {
    for client in clients.iter_mut() {
        findings.acknowledged += std::mem::take(&mut client.acknowledged);
        let mut ids = std::mem::take(&mut client.touched);
        settle_in_flight(api, client, findings)?;
        ids.extend(client.documents.keys().choose_multiple(&mut rand::rng(), SAMPLE_SIZE).into_iter().cloned());
        let ids: Vec<String> = ids.into_iter().collect();
        for batch in ids.chunks(BATCH_SIZE) {
            let mut found = fetch_documents(api, batch)?;
            for id in batch {
                compare_document(id, &client.documents[id], found.remove(id).unwrap_or_default(), findings);
            }
        }
    }
    check_totals(api, clients, findings)
}

/// Looks at every document there is. Returns an error if the server refuses to show something.
pub(super) fn verify_everything(api: &Api, clients: &mut [CrashClient], findings: &mut CrashFindings) -> Result<()> {
    let mut found: HashMap<String, ShownDocument> = HashMap::new();
    for status in ["draft", "published"] {
        let mut last_id = 0;
        loop {
            let path = format!(
                "/api/records?status={status}&sort=id&filters[id][$gt]={last_id}&pagination[pageSize]=100&\
                 {POPULATE_QUERY}"
            );
            let entries = fetch_list(api, &path)?;
            let Some(end) = entries.last() else { break };
            last_id = end["id"].as_i64().context("an entry without id")?;
            collect_versions(&mut found, status, &entries)?;
        }
    }
    for client in clients.iter() {
        for (id, expected) in &client.documents {
            compare_document(id, expected, found.remove(id).unwrap_or_default(), findings);
        }
    }
    for id in found.keys() {
        findings.add_lost(&format!("{id}: a document that no client created"));
    }
    check_totals(api, clients, findings)
}

/// Versions of one document that the server shows, each or why it makes no sense.
#[derive(Default)]
struct ShownDocument {
    draft: Option<Result<RecordVersion, String>>,
    published: Option<Result<RecordVersion, String>>,
}

fn fetch_documents(api: &Api, ids: &[String]) -> Result<HashMap<String, ShownDocument>> {
    let filter: Vec<String> =
        ids.iter().enumerate().map(|(i, id)| format!("filters[documentId][$in][{i}]={id}")).collect();
    let mut found = HashMap::new();
    for status in ["draft", "published"] {
        let path =
            format!("/api/records?status={status}&pagination[pageSize]=100&{}&{POPULATE_QUERY}", filter.join("&"));
        collect_versions(&mut found, status, &fetch_list(api, &path)?)?;
    }
    Ok(found)
}

fn collect_versions(found: &mut HashMap<String, ShownDocument>, status: &str, entries: &[Value]) -> Result<()> {
    for entry in entries {
        let id = entry["documentId"].as_str().context("an entry without documentId")?;
        let document = found.entry(id.to_owned()).or_default();
        let version = if status == "draft" { &mut document.draft } else { &mut document.published };
        if version.replace(RecordVersion::from_entry(entry)).is_some() {
            *version = Some(Err(format!("{status} exists twice")));
        }
    }
    Ok(())
}

fn compare_document(id: &str, expected: &RecordDocument, document: ShownDocument, findings: &mut CrashFindings) {
    match to_document(document) {
        Err(problem) => findings.add_half(&format!("{id}: {problem}")),
        Ok(record_document) if record_document == *expected => {}
        Ok(found) => findings.add_lost(&format!("{id}: {found:?} instead of {expected:?}")),
    }
}

/// The document, if its versions are whole and there is a draft of what is published.
fn to_document(shown_document: ShownDocument) -> Result<RecordDocument, String> {
    let document =
        RecordDocument { draft: shown_document.draft.transpose()?, published: shown_document.published.transpose()? };
    if document.draft.is_none() && document.published.is_some() {
        return Err("published without a draft".to_owned());
    }
    Ok(document)
}

/// Finds out whether the write that was under way happened, and remembers it: before or after, nothing between.
fn settle_in_flight(api: &Api, client: &mut CrashClient, findings: &mut CrashFindings) -> Result<()> {
    let (id, before, after) = match client.in_flight.take() {
        None => return Ok(()),
        Some(InFlight::Change { id, after }) => {
            let before = client.documents.get(&id).cloned().unwrap_or_default();
            (id, before, after)
        }
        Some(InFlight::Create { code, after }) => {
            let path = format!("/api/records?status=draft&fields[0]=code&filters[code][$eq]={}", encode_query(&code));
            let entries = fetch_list(api, &path)?;
            let Some(id) = entries.first().and_then(|entry| entry["documentId"].as_str()) else { return Ok(()) };
            (id.to_owned(), RecordDocument::default(), after)
        }
    };
    let document = fetch_documents(api, std::slice::from_ref(&id))?.remove(&id).unwrap_or_default();
    match to_document(document) {
        Ok(record_document) if record_document == after || record_document == before => {
            client.documents.insert(id, record_document);
        }
        Ok(found) => findings.add_half(&format!("{id}: {found:?}, expected between {before:?} and {after:?}")),
        Err(problem) => findings.add_half(&format!("{id}: {problem}")),
    }
    Ok(())
}

/// The totals that the server keeps must be those of the documents it acknowledged.
fn check_totals(api: &Api, clients: &[CrashClient], findings: &mut CrashFindings) -> Result<()> {
    let documents = || clients.iter().flat_map(|client| client.documents.values());
    let drafts = documents().filter(|document| document.draft.is_some()).count();
    let published = documents().filter(|document| document.published.is_some()).count();
    for (status, expected) in [("draft", drafts), ("published", published)] {
        let path = format!("/api/records?status={status}&fields[0]=code&pagination[pageSize]=1");
        let answer = api.get(&path)?;
        let total = answer.body["meta"]["pagination"]["total"].as_u64();
        if !answer.is_ok() {
            bail!("the total of {status}: status {}, {}", answer.status, answer.body);
        }
        if total != Some(expected as u64) {
            findings.add_lost(&format!("the total of {status} is {total:?} instead of {expected}"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(stamp: &str) -> RecordVersion {
        RecordVersion::new(stamp.to_owned(), vec!["t".to_owned()])
    }

    fn compare_counts(expected: &RecordDocument, document: ShownDocument) -> (u64, u64) {
        let mut findings = CrashFindings::default();
        compare_document("d", expected, document, &mut findings);
        (findings.lost, findings.half)
    }

    #[test]
    fn lost_and_partial_writes_are_distinguished() {
        let both = RecordDocument { draft: Some(version("1")), published: Some(version("1")) };
        let build_document = |draft: Option<&str>, published: Option<&str>| ShownDocument {
            draft: draft.map(|stamp| Ok(version(stamp))),
            published: published.map(|stamp| Ok(version(stamp))),
        };
        assert_eq!(compare_counts(&both, build_document(Some("1"), Some("1"))), (0, 0));
        assert_eq!(compare_counts(&both, build_document(None, None)), (1, 0), "the document is gone");
        assert_eq!(compare_counts(&both, build_document(Some("1"), None)), (1, 0), "not published");
        assert_eq!(compare_counts(&both, build_document(None, Some("1"))), (0, 1), "no draft");
        assert_eq!(
            compare_counts(&RecordDocument::default(), build_document(Some("1"), None)),
            (1, 0),
            "a deleted one is back"
        );
        let torn = ShownDocument { draft: Some(Err("torn".to_owned())), published: None };
        assert_eq!(compare_counts(&both, torn), (0, 1));
    }
}
