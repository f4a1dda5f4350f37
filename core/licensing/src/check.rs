//! Check of the files that an entry uses: whether it may be published with them.

mod view;

pub use view::{EntryCheckView, FileFindingView};

use crate::input::is_id;
use crate::service::{LicensingService, not_found};
use crate::usage_timeline::{UnlinkedPolicy, UsageReason, UsageStatus, UsageTimeline};
use cairn_content::{ContentError, Result};
use cairn_model::{LinkTarget, TypeId, Value};
use cairn_store::content::DocumentRow;
use cairn_store::{StoreError, WriteTx};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

/// Path of files in texts.
const UPLOADS_PREFIX: &str = "/uploads/";
/// Longest name that is looked up, in bytes.
const MAX_NAME_BYTES: usize = 255;
/// Largest number of names that are looked up for one entry.
const MAX_NAMES: usize = 5_000;

/// A file that an entry uses, with its licensing state.
#[derive(Debug, Clone)]
pub(crate) struct FileFinding {
    pub(crate) document: String,
    pub(crate) name: String,
    /// Attributes of the entry that use it; for one inside a component, those of the component.
    pub(crate) attributes: Vec<String>,
    pub(crate) state: UsageStatus,
    pub(crate) reasons: Vec<UsageReason>,
}

impl FileFinding {
    pub(crate) fn to_view(&self) -> FileFindingView {
        FileFindingView {
            document_id: self.document.clone(),
            name: self.name.clone(),
            attributes: self.attributes.clone(),
            status: self.state,
            reasons: self.reasons.iter().map(UsageReason::to_view).collect(),
        }
    }

    /// The file with its reasons, in one line for people.
    pub(crate) fn to_message(&self) -> String {
        let why: Vec<String> = self.reasons.iter().map(UsageReason::message).collect();
        format!("{} ({})", self.name, why.join(", "))
    }
}

/// The findings about an entry's files.
#[derive(Debug, Clone, Default)]
pub(crate) struct FileFindings {
    /// Files that the entry may not be published with.
    pub(crate) refused: Vec<FileFinding>,
    /// Files that people are warned of.
    pub(crate) warned: Vec<FileFinding>,
}

/// The findings about the files of an entry in its present state.
pub(crate) fn entry_findings(
    tx: &WriteTx<'_>,
    ct: TypeId,
    row: &DocumentRow,
    now: i64,
) -> Result<FileFindings, StoreError> {
    let mut findings = FileFindings::default();
    let used = used_files(tx, ct, row)?;
    if used.is_empty() {
        return Ok(findings);
    }
    let documents: Vec<&str> = used.keys().map(String::as_str).collect();
    let standings = crate::load_timelines(&tx.reader(), &documents)?;
    let registry = tx.registry();
    let channel = registry.get(ct).channel.as_deref();
    let mut names: Vec<&str> = Vec::new();
    for (document, attributes) in &used {
        let Some(timeline) = standings.get(document) else { continue };
        let found = |reasons| FileFinding {
            document: document.clone(),
            name: document.clone(),
            attributes: attributes.iter().cloned().collect(),
            state: timeline.status_at(now),
            reasons,
        };
        let (refused, reasons) = judge_file(timeline, channel, now);
        if refused {
            findings.refused.push(found(reasons));
        } else if !reasons.is_empty() {
            findings.warned.push(found(reasons));
        } else {
            continue;
        }
        names.push(document);
    }
    if !names.is_empty() {
        let names = tx.reader().assets().find_names(&names)?;
        for finding in findings.refused.iter_mut().chain(&mut findings.warned) {
            if let Some(name) = names.get(&finding.document) {
                finding.name.clone_from(name);
            }
        }
    }
    Ok(findings)
}

/// True if a file prevents publication, with the reasons; else what people should know.
fn judge_file(timeline: &UsageTimeline, channel: Option<&str>, now: i64) -> (bool, Vec<UsageReason>) {
    let out = channel.map(|c| timeline.out_of_scope(c)).unwrap_or_default();
    let state = timeline.status_at(now);
    let mut reasons = timeline.reasons_at(now);
    if !state.is_deliverable() {
        reasons.extend(out);
        return (true, reasons);
    }
    if !out.is_empty() {
        return (true, out);
    }
    match (state, timeline.unlinked_policy()) {
        (UsageStatus::Unknown, UnlinkedPolicy::Block) => (true, reasons),
        (UsageStatus::Unknown, UnlinkedPolicy::Ignore) => (false, Vec::new()),
        _ => (false, reasons),
    }
}

/// The files that a version of an entry uses, with the attributes: links in its row and its components, links in join tables, and names in
/// texts. At most three statements.
fn used_files(
    tx: &WriteTx<'_>,
    ct: TypeId,
    row: &DocumentRow,
) -> Result<BTreeMap<String, BTreeSet<String>>, StoreError> {
    let registry = tx.registry();
    let content_type = registry.get(ct);
    let file = registry.file_type().id;
    let mut used: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut by_name: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (id, a) in content_type.attributes.iter() {
        let (mut targets, mut names) = (Vec::new(), BTreeSet::new());
        collect_references(&row.values[id], &mut targets, &mut names);
        for target in targets.into_iter().filter(|t| t.content_type == file) {
            used.entry(target.document_id.clone()).or_default().insert(a.name.clone());
        }
        for name in names {
            by_name.entry(name).or_default().insert(a.name.clone());
        }
        let one = row.to_one.get(&id).filter(|_| registry.attribute_link(a).and_then(|l| l.target) == Some(file));
        if let Some((document, _)) = one {
            used.entry(document.clone()).or_default().insert(a.name.clone());
        }
    }
    for (id, targets) in tx.reader().links().find_targets(ct, row.id)? {
        for target in targets.into_iter().filter(|t| t.content_type == file) {
            used.entry(target.document_id).or_default().insert(content_type.attributes[id].name.clone());
        }
    }
    if !by_name.is_empty() {
        let names: Vec<&str> = by_name.keys().map(String::as_str).take(MAX_NAMES).collect();
        for (name, document) in tx.reader().assets().find_by_served_names(&names)? {
            used.entry(document).or_default().extend(by_name.get(&name).into_iter().flatten().cloned());
        }
    }
    Ok(used)
}

/// Collects links and names inside a value, at any depth.
fn collect_references<'a>(value: &'a Value, targets: &mut Vec<&'a LinkTarget>, names: &mut BTreeSet<String>) {
    match value {
        Value::Instance(instance) => instance.values.iter().for_each(|v| collect_references(v, targets, names)),
        Value::Instances(list) => {
            list.iter().flat_map(|i| &i.values).for_each(|v| collect_references(v, targets, names))
        }
        Value::Links(links) => targets.extend(links),
        Value::Text(text) => names_in(text, names),
        Value::Json(json) => json_names(json, names),
        _ => {}
    }
}

fn json_names(json: &Json, names: &mut BTreeSet<String>) {
    match json {
        Json::String(text) => names_in(text, names),
        Json::Array(list) => list.iter().for_each(|json| json_names(json, names)),
        Json::Object(map) => map.values().for_each(|json| json_names(json, names)),
        _ => {}
    }
}

/// Collects the names of files in addresses within a text.
fn names_in(text: &str, names: &mut BTreeSet<String>) {
    for after in text.split(UPLOADS_PREFIX).skip(1) {
        let plain =
            |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '~' | '%' | '+' | '@' | '!' | ',' | '=');
        let end = after.find(|c| !plain(c)).unwrap_or(after.len());
        let name = percent_decode(&after[..end]);
        // Punctuation after the address is not part of the name.
        let name = name.trim_end_matches(['.', ',', '!']);
        if !name.is_empty() && name.len() <= MAX_NAME_BYTES {
            names.insert(name.to_owned());
        }
    }
}

fn percent_decode(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let bytes = text.as_bytes();
    let (mut out, mut i) = (Vec::with_capacity(bytes.len()), 0);
    while i < bytes.len() {
        let pair = bytes.get(i + 1..i + 3).filter(|_| bytes[i] == b'%');
        let byte = pair.and_then(|p| std::str::from_utf8(p).ok()).and_then(|p| u8::from_str_radix(p, 16).ok());
        match byte {
            Some(byte) => {
                out.push(byte);
                i += 3;
            }
            None => {
                out.push(bytes[i]);
                i += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

impl LicensingService {
    /// The findings about the files of an entry's draft: those that it may not be published with, and those that people are warned of.
    /// Fails with 404 if there is no such entry.
    pub async fn check_entry(&self, uid: &str, document_id: &str, locale: Option<&str>) -> Result<EntryCheckView> {
        let no_entry = || not_found("Entry not found");
        let ct = self.content.registry().by_uid(uid).filter(|t| t.is_api()).ok_or_else(no_entry)?;
        let locale = match (ct.localized, locale.filter(|l| !l.is_empty())) {
            (false, _) => String::new(),
            (true, Some(locale)) => locale.to_owned(),
            (true, None) => {
                let locales = self.store().read(|r| r.locales().list())?;
                locales.into_iter().find(|l| l.is_default).map(|l| l.code).unwrap_or_default()
            }
        };
        if !is_id(document_id) || !(locale.is_empty() || is_id(&locale)) {
            return Err(no_entry());
        }
        let (id, drafts, channel) = (ct.id, ct.draft_publish, ct.channel.clone());
        let (document_id, now) = (document_id.to_owned(), self.now());
        self.store()
            .write(move |tx| {
                let row = tx.reader().documents().get_row(id, &document_id, &locale, !drafts)?.ok_or_else(no_entry)?;
                let findings = if tx.reader().licensing().has_records()? {
                    entry_findings(tx, id, &row, now)?
                } else {
                    FileFindings::default()
                };
                let content_type = tx.registry().get(id).uid.clone();
                Ok::<_, ContentError>(EntryCheckView {
                    content_type,
                    document_id,
                    channel,
                    may_publish: findings.refused.is_empty(),
                    refused: findings.refused.iter().map(FileFinding::to_view).collect(),
                    warnings: findings.warned.iter().map(FileFinding::to_view).collect(),
                })
            })
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn file_names_are_found_in_texts() {
        let names = |text: &str| {
            let mut names = BTreeSet::new();
            names_in(text, &mut names);
            names.into_iter().collect::<Vec<_>>()
        };
        assert_eq!(
            names("![x](/uploads/a_b1.png) and <img src=\"https://x.example/uploads/c.jpg?w=3\">"),
            ["a_b1.png", "c.jpg"]
        );
        assert_eq!(names("see /uploads/a.pdf. Or /uploads/a%20b.pdf#page=2"), ["a b.pdf", "a.pdf"]);
        assert_eq!(names("/uploads/é.png /uploads/ /uploads/../x /uploads/%zz.png"), ["%zz.png", "é.png"]);
        assert!(names("uploads/a.png /upload/a.png").is_empty());
        assert!(names(&format!("/uploads/{}", "x".repeat(300))).is_empty());
        let mut found = BTreeSet::new();
        json_names(&json!([{ "type": "image", "image": { "url": "/uploads/z.png" } }, 3, null]), &mut found);
        assert_eq!(found.into_iter().collect::<Vec<_>>(), ["z.png"]);
    }
}
