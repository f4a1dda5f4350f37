//! The effects of a change in licensing, whatever made it: each file is examined, and what changed since the last report is reported
//! once, in the same transaction.

mod view;

pub use view::{AffectedFileView, UsingEntryView, WithdrawalView};

use crate::notices::{self, LicenceEnd};
use crate::service::lock_licensing;
use crate::usage_timeline::{UsageReason, UsageReasonKind, UsageReasonView, UsageStatus, UsageTimeline};
use cairn_content::view::Time;
use cairn_model::registry::FILE_UID;
use cairn_store::events::{Actor, NewEvent};
use cairn_store::licensing::{FileUsages, RecordKind, UsageStatusRow};
use cairn_store::{Reader, StoreError, WriteTx};
use serde_json::{Value as Json, json};
use std::collections::{BTreeSet, HashMap};

/// Event: a licence of a file ends soon.
pub const EXPIRING_EVENT: &str = "asset.rights-expiring";
/// Event: a licence of a file has ended.
pub const EXPIRED_EVENT: &str = "asset.rights-expired";
/// Event: a file that was not delivered because of its licensing is delivered again.
pub const RESTORED_EVENT: &str = "asset.rights-restored";
/// Event: a consent was withdrawn.
pub const CONSENT_WITHDRAWN_EVENT: &str = "consent.withdrawn";
/// Event: caches must drop a file, since whether it is delivered has changed.
pub const PURGE_EVENT: &str = "asset.purge";

/// Number of files that are examined together.
pub(crate) const FILE_BATCH_SIZE: usize = 500;
/// Number of entries that are listed for each file.
const MAX_NAMED_ENTRIES: usize = 100;
/// Number of files that are listed for a consent.
const MAX_NAMED_FILES: usize = 500;

/// The files of a record.
pub(crate) fn files_of_record(tx: &WriteTx<'_>, record: RecordKind, id: i64) -> Result<Vec<String>, StoreError> {
    tx.reader().licensing().list_files_of_record(record, id, "", i64::MAX)
}

/// As [`update_usage`], for all files of a record.
pub(crate) fn settle_record(
    tx: &mut WriteTx<'_>,
    record: RecordKind,
    id: i64,
    actor: &Actor,
    now: i64,
) -> Result<(), StoreError> {
    let files = files_of_record(tx, record, id)?;
    update_usage(tx, &files, actor, now).map(drop)
}

/// For code that changes what licensing depends on without writing records: a file was restored, or is derived from another. Reports the
/// changed states of these files in this transaction. Returns an error if the store fails.
pub fn refresh_usage(tx: &mut WriteTx<'_>, documents: &[String], actor: &Actor, now: i64) -> Result<(), StoreError> {
    lock_licensing(tx)?;
    update_usage(tx, documents, actor, now).map(drop)
}

/// Examines files and everything derived from them: reports what has changed since the last report, and notes when to look again. Returns
/// all files that were examined. The caller must have called [`lock_licensing`].
pub(crate) fn update_usage(
    tx: &mut WriteTx<'_>,
    documents: &[String],
    actor: &Actor,
    now: i64,
) -> Result<Vec<String>, StoreError> {
    let mut all: BTreeSet<String> = documents.iter().cloned().collect();
    for some in documents.chunks(FILE_BATCH_SIZE) {
        all.extend(tx.reader().assets().find_derived(&some.iter().map(String::as_str).collect::<Vec<_>>())?);
    }
    let all: Vec<String> = all.into_iter().collect();
    for some in all.chunks(FILE_BATCH_SIZE) {
        settle_some(tx, some, actor, now)?;
    }
    Ok(all)
}

/// A file whose state differs from the reported one.
struct ChangedUsage<'a> {
    document: &'a str,
    timeline: &'a UsageTimeline,
    before: UsageStatus,
    state: UsageStatus,
    delivery: bool,
}

impl ChangedUsage<'_> {
    fn event_names(&self) -> Vec<&'static str> {
        let mut events = Vec::new();
        let was_refused = matches!(self.before, UsageStatus::Expired | UsageStatus::Blocked);
        if was_refused && self.state.is_deliverable() {
            events.push(RESTORED_EVENT);
        }
        match self.state {
            UsageStatus::Expiring if self.before != UsageStatus::Expiring => events.push(EXPIRING_EVENT),
            UsageStatus::Expired if self.before != UsageStatus::Expired => events.push(EXPIRED_EVENT),
            _ => {}
        }
        if self.delivery {
            events.push(PURGE_EVENT);
        }
        events
    }
}

fn settle_some(tx: &mut WriteTx<'_>, documents: &[String], actor: &Actor, now: i64) -> Result<(), StoreError> {
    let documents: Vec<&str> = documents.iter().map(String::as_str).collect();
    let reader = tx.reader();
    let standings = crate::load_timelines(&reader, &documents)?;
    let stored: HashMap<String, UsageStatusRow> =
        reader.usage_statuses().get_many(&documents)?.into_iter().map(|t| (t.document_id.clone(), t)).collect();
    let (mut notes, mut obsolete, mut changed) = (Vec::new(), Vec::new(), Vec::new());
    for document in &documents {
        let before = stored.get(*document);
        let Some(usage_timeline) = standings.get(*document) else {
            obsolete.push(*document);
            continue;
        };
        let (state, next_change) = (usage_timeline.status_at(now), usage_timeline.next_change(now));
        let was = before.and_then(|b| UsageStatus::from_stored(&b.state)).unwrap_or(UsageStatus::Unknown);
        let delivered = state.is_deliverable();
        let delivery = before.is_none_or(|b| b.delivered) != delivered;
        if was != state || delivery {
            changed.push(ChangedUsage { document, timeline: usage_timeline, before: was, state, delivery });
        }
        let note = UsageStatusRow {
            document_id: (*document).to_owned(),
            state: state.as_str().to_owned(),
            delivered,
            next_change,
        };
        if state == UsageStatus::Unknown && next_change.is_none() {
            // A file of unknown status that will not change needs no row.
            obsolete.extend(before.map(|_| *document));
        } else if before != Some(&note) {
            notes.push(note);
        }
    }
    let telling: Vec<&str> = changed.iter().filter(|c| !c.event_names().is_empty()).map(|c| c.document).collect();
    let context =
        if telling.is_empty() { EventContext::default() } else { EventContext::load_context(&reader, &telling)? };
    if !notes.is_empty() {
        tx.usage_statuses().save(&notes, now)?;
    }
    if !obsolete.is_empty() {
        tx.usage_statuses().delete(&obsolete)?;
    }
    let mut ends = Vec::new();
    for change in &changed {
        for name in change.event_names() {
            let data = if name == PURGE_EVENT { context.purge_json(change) } else { context.change_json(change, now) };
            let event = NewEvent {
                name: name.to_owned(),
                key: change.document.to_owned(),
                content_type: Some(FILE_UID.to_owned()),
                document_id: Some(change.document.to_owned()),
                locale: None,
                status: None,
                data,
            };
            tx.events().emit(actor, &event, now)?;
            let why = match name {
                EXPIRING_EVENT => UsageReasonKind::LicenceExpiring,
                EXPIRED_EVENT => UsageReasonKind::LicenceExpired,
                _ => continue,
            };
            for reason in change.timeline.reasons_at(now).into_iter().filter(|r| r.why == why) {
                ends.push(LicenceEnd {
                    document: change.document,
                    reason,
                    entries: context.usages_of(change.document).total,
                });
            }
        }
    }
    notices::notify_ends(tx, &ends, &context.names, now)
}

/// A reason for consumers other than the desk, without the person who gave a consent.
fn public_reason(reason: &UsageReason) -> UsageReasonView {
    let who = reason
        .who
        .clone()
        .filter(|_| reason.consent.is_none())
        .or_else(|| reason.consent.map(|_| "a person".to_owned()));
    UsageReason { who, ..reason.clone() }.to_view()
}

/// Data of files that events report besides their state.
#[derive(Default)]
struct EventContext {
    names: HashMap<String, String>,
    served: HashMap<String, Vec<String>>,
    usages: HashMap<String, FileUsages>,
}

impl EventContext {
    fn load_context(reader: &Reader<'_>, documents: &[&str]) -> Result<Self, StoreError> {
        Ok(Self {
            names: reader.assets().find_names(documents)?,
            served: reader.assets().find_served_names(documents)?,
            usages: reader.assets().find_usages(documents, MAX_NAMED_ENTRIES)?,
        })
    }

    fn usages_of(&self, document: &str) -> FileUsages {
        self.usages.get(document).cloned().unwrap_or_default()
    }

    fn change_json(&self, c: &ChangedUsage<'_>, now: i64) -> Json {
        let usages = self.usages_of(c.document);
        json!({
            "documentId": c.document, "name": self.names.get(c.document), "status": c.state, "before": c.before,
            "delivered": c.state.is_deliverable(), "endsAt": c.timeline.ends_at(now).map(Time), "fallback": c.timeline.fallback_document(),
            "reasons": c.timeline.reasons_at(now).iter().map(public_reason).collect::<Vec<_>>(),
            "entries": usages.entries.iter().map(UsingEntryView::from).collect::<Vec<_>>(), "entriesTotal": usages.total,
        })
    }

    fn purge_json(&self, c: &ChangedUsage<'_>) -> Json {
        let names = self.served.get(c.document).cloned().unwrap_or_default();
        let urls: Vec<String> = names.iter().map(|n| format!("/uploads/{n}")).collect();
        let usages = self.usages_of(c.document);
        json!({
            "documentId": c.document, "status": c.state, "delivered": c.state.is_deliverable(), "names": names, "urls": urls,
            "entries": usages.entries.iter().map(UsingEntryView::from).collect::<Vec<_>>(), "entriesTotal": usages.total,
        })
    }
}

/// The first of the affected files, with the entries that use them.
pub(crate) fn load_affected_files(
    reader: &Reader<'_>,
    documents: &[String],
) -> Result<Vec<AffectedFileView>, StoreError> {
    let listed: Vec<&str> = documents.iter().take(MAX_NAMED_FILES).map(String::as_str).collect();
    let (names, mut usages) = if listed.is_empty() {
        Default::default()
    } else {
        (reader.assets().find_names(&listed)?, reader.assets().find_usages(&listed, MAX_NAMED_ENTRIES)?)
    };
    let file = |document: &&str| {
        let usages = usages.remove(*document).unwrap_or_default();
        AffectedFileView::from_usages(document, names.get(*document).cloned(), &usages)
    };
    Ok(listed.iter().map(file).collect())
}
