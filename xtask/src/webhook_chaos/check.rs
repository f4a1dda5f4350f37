//! Comparison of what was committed with what was received.

use super::receiver::ChaosReceiver;
use crate::api::Api;
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::path::Path;

/// Events asked for at a time.
const EVENT_PAGE_SIZE: usize = 100;

/// Outcome of a run.
#[derive(Debug, Default)]
pub(super) struct ChaosReport {
    committed: usize,
    received: usize,
    repeats: usize,
    untold: usize,
    lost: Vec<String>,
    unknown: Vec<String>,
    unordered: Vec<String>,
    /// Entries of the audit log about documents, and what is wrong with it.
    audited: usize,
    audit: Option<String>,
}

impl fmt::Display for ChaosReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} events committed, {} received ({} more than once, {} without the sender knowing), {} lost, {} never \
             committed, {} out of order, {} in the audit log",
            self.committed,
            self.received,
            self.repeats,
            self.untold,
            self.lost.len(),
            self.unknown.len(),
            self.unordered.len(),
            self.audited,
        )
    }
}

impl ChaosReport {
    /// # Errors
    /// When anything is not as it has to be.
    pub(super) fn into_result(self, events: usize, project: &Path) -> Result<()> {
        for (subject, ids) in
            [("lost", &self.lost), ("never committed", &self.unknown), ("out of order", &self.unordered)]
        {
            ids.iter().take(10).for_each(|id| println!("storm: {subject}: {id}"));
        }
        if let Some(problem) = &self.audit {
            println!("storm: the audit log: {problem}");
        }
        let good = self.lost.is_empty() && self.unknown.is_empty() && self.unordered.is_empty() && self.audit.is_none();
        if !good || self.audited != self.committed {
            bail!("events were not delivered as they were committed; the project is {}", project.display());
        }
        if self.committed < events {
            bail!("only {} of {events} events were committed", self.committed);
        }
        Ok(())
    }
}

/// Compares the outbox, the receiver and the audit log. Returns an error if the server does not tell.
pub(super) fn compare_logs(api: &Api, receiver: &ChaosReceiver) -> Result<ChaosReport> {
    // By event id: its place, and its document.
    let mut committed: HashMap<String, (i64, String)> = HashMap::new();
    for_each_page(api, "/admin/api/events?name=cairn.document.*", "pos", |event| {
        let id = event["id"].as_str().context("an event has no id")?;
        let document = event["documentId"].as_str().context("an event has no document")?;
        committed
            .insert(id.to_owned(), (event["pos"].as_i64().context("an event has no position")?, document.to_owned()));
        Ok(())
    })?;
    let mut report = ChaosReport { committed: committed.len(), ..ChaosReport::default() };
    let mut seen_ids: HashSet<&str> = HashSet::new();
    let mut last_positions: HashMap<&str, i64> = HashMap::new();
    let events = receiver.received_events();
    for t in &events {
        report.untold += usize::from(!t.told);
        let Some((pos, document)) = committed.get(&t.id) else {
            report.unknown.push(t.id.clone());
            continue;
        };
        if !seen_ids.insert(&t.id) {
            report.repeats += 1;
            continue;
        }
        let before = last_positions.insert(document, *pos).unwrap_or(0);
        if before > *pos {
            report.unordered.push(format!("{} of {document}", t.id));
        }
    }
    report.received = seen_ids.len();
    report.lost = committed.keys().filter(|id| !seen_ids.contains(id.as_str())).cloned().collect();
    for_each_page(api, "/admin/api/audit?action=document.*", "n", |_| {
        report.audited += 1;
        Ok(())
    })?;
    let verified = api.get("/admin/api/audit/verify")?.into_data("checking the audit log")?;
    report.audit = (verified["whole"] != true).then(|| verified.to_string());
    Ok(report)
}

/// Every entry of a list that is paged by a number.
fn for_each_page(api: &Api, path: &str, number: &str, mut each: impl FnMut(&Value) -> Result<()>) -> Result<()> {
    let mut before = String::new();
    loop {
        let page = api.get(&format!("{path}&limit={EVENT_PAGE_SIZE}{before}"))?.into_data(path)?;
        let list = page.as_array().context("no list")?;
        list.iter().try_for_each(&mut each)?;
        match list.last() {
            Some(last_entry) if list.len() == EVENT_PAGE_SIZE => before = format!("&before={}", last_entry[number]),
            _ => return Ok(()),
        }
    }
}
