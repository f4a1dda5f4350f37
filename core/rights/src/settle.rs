//! The effects of a change in licensing, whatever made it: each file is examined, and what changed since the last report is reported
//! once, in the same transaction.

use crate::desk::hold;
use crate::notices::{self, Ends};
use crate::standing::{Reason, Standing, State, Why, iso};
use cairn_model::registry::FILE_UID;
use cairn_store::events::{Actor, NewEvent};
use cairn_store::rights::{FileUsage, FileUsages, Record, Told};
use cairn_store::{Reader, StoreError, WriteTx};
use serde_json::{Value as Json, json};
use std::collections::{BTreeSet, HashMap};

/// Event: a licence of a file ends soon.
pub const EXPIRING: &str = "asset.rights-expiring";
/// Event: a licence of a file has ended.
pub const EXPIRED: &str = "asset.rights-expired";
/// Event: a file that was not delivered because of its licensing is delivered again.
pub const RESTORED: &str = "asset.rights-restored";
/// Event: a consent was withdrawn.
pub const CONSENT_WITHDRAWN: &str = "consent.withdrawn";
/// Event: caches must drop a file, since whether it is delivered has changed.
pub const PURGE: &str = "asset.purge";

/// Number of files that are examined together.
pub(crate) const BATCH: usize = 500;
/// Number of entries that are listed for each file.
const ENTRIES: usize = 100;
/// Number of files that are listed for a consent.
const FILES: usize = 500;

/// An entry that uses a file.
pub(crate) fn entry(u: &FileUsage) -> Json {
    let locale = (!u.locale.is_empty()).then_some(&u.locale);
    json!({ "contentType": u.content_type, "documentId": u.document_id, "locale": locale, "published": u.published })
}

/// The files of a record.
pub(crate) fn files_of(tx: &WriteTx<'_>, record: Record, id: i64) -> Result<Vec<String>, StoreError> {
    tx.reader().files_of_record(record, id, "", i64::MAX)
}

/// As [`settle`], for all files of a record.
pub(crate) fn settle_record(
    tx: &mut WriteTx<'_>,
    record: Record,
    id: i64,
    actor: &Actor,
    now: i64,
) -> Result<(), StoreError> {
    let files = files_of(tx, record, id)?;
    settle(tx, &files, actor, now).map(drop)
}

/// For code that changes what licensing depends on without writing records: a file was restored, or is derived from another. Reports the
/// changed states of these files in this transaction.
///
/// # Errors
/// Returned when the store fails.
pub fn refresh(tx: &mut WriteTx<'_>, documents: &[String], actor: &Actor, now: i64) -> Result<(), StoreError> {
    hold(tx)?;
    settle(tx, documents, actor, now).map(drop)
}

/// Examines files and everything derived from them: reports what has changed since the last report, and notes when to look again. Returns
/// all files that were examined. The caller must have called [`hold`].
pub(crate) fn settle(
    tx: &mut WriteTx<'_>,
    documents: &[String],
    actor: &Actor,
    now: i64,
) -> Result<Vec<String>, StoreError> {
    let mut all: BTreeSet<String> = documents.iter().cloned().collect();
    for some in documents.chunks(BATCH) {
        all.extend(tx.reader().derived_files(&some.iter().map(String::as_str).collect::<Vec<_>>())?);
    }
    let all: Vec<String> = all.into_iter().collect();
    for some in all.chunks(BATCH) {
        settle_some(tx, some, actor, now)?;
    }
    Ok(all)
}

/// A file whose state differs from the reported one.
struct Changed<'a> {
    document: &'a str,
    standing: &'a Standing,
    before: State,
    state: State,
    delivery: bool,
}

impl Changed<'_> {
    fn events(&self) -> Vec<&'static str> {
        let mut events = Vec::new();
        let was_refused = matches!(self.before, State::Expired | State::Blocked);
        if was_refused && self.state.may_deliver() {
            events.push(RESTORED);
        }
        match self.state {
            State::Expiring if self.before != State::Expiring => events.push(EXPIRING),
            State::Expired if self.before != State::Expired => events.push(EXPIRED),
            _ => {}
        }
        if self.delivery {
            events.push(PURGE);
        }
        events
    }
}

fn settle_some(tx: &mut WriteTx<'_>, documents: &[String], actor: &Actor, now: i64) -> Result<(), StoreError> {
    let documents: Vec<&str> = documents.iter().map(String::as_str).collect();
    let reader = tx.reader();
    let standings = crate::standings(&reader, &documents)?;
    let told: HashMap<String, Told> =
        reader.told_standings(&documents)?.into_iter().map(|t| (t.document_id.clone(), t)).collect();
    let (mut notes, mut gone, mut changed) = (Vec::new(), Vec::new(), Vec::new());
    for document in &documents {
        let before = told.get(*document);
        let Some(standing) = standings.get(*document) else {
            gone.push(*document);
            continue;
        };
        let (state, next_change) = (standing.at(now), standing.next_change(now));
        let was = before.and_then(|b| State::read(&b.state)).unwrap_or(State::Unknown);
        let delivered = state.may_deliver();
        let delivery = before.is_none_or(|b| b.delivered) != delivered;
        if was != state || delivery {
            changed.push(Changed { document, standing, before: was, state, delivery });
        }
        let note =
            Told { document_id: (*document).to_owned(), state: state.as_str().to_owned(), delivered, next_change };
        if state == State::Unknown && next_change.is_none() {
            // Nothing is said of it that could ever change.
            gone.extend(before.map(|_| *document));
        } else if before != Some(&note) {
            notes.push(note);
        }
    }
    let telling: Vec<&str> = changed.iter().filter(|c| !c.events().is_empty()).map(|c| c.document).collect();
    let told = if telling.is_empty() { Telling::default() } else { Telling::read(&reader, &telling)? };
    if !notes.is_empty() {
        tx.tell_standings(&notes, now)?;
    }
    if !gone.is_empty() {
        tx.forget_standings(&gone)?;
    }
    let mut ends = Vec::new();
    for change in &changed {
        for name in change.events() {
            let data = if name == PURGE { told.purge(change) } else { told.change(change, now) };
            let event = NewEvent {
                name: name.to_owned(),
                key: change.document.to_owned(),
                content_type: Some(FILE_UID.to_owned()),
                document_id: Some(change.document.to_owned()),
                locale: None,
                status: None,
                data,
            };
            tx.emit(actor, &event, now)?;
            let why = match name {
                EXPIRING => Why::LicenceExpiring,
                EXPIRED => Why::LicenceExpired,
                _ => continue,
            };
            for reason in change.standing.reasons(now).into_iter().filter(|r| r.why == why) {
                ends.push(Ends { document: change.document, reason, entries: told.usages(change.document).total });
            }
        }
    }
    notices::tell(tx, &ends, &told.names, now)
}

/// A reason for consumers other than the desk, without the person who gave a consent.
fn outside(reason: &Reason) -> Json {
    let who = reason
        .who
        .clone()
        .filter(|_| reason.consent.is_none())
        .or_else(|| reason.consent.map(|_| "a person".to_owned()));
    Reason { who, ..reason.clone() }.to_json()
}

/// What is reported of files besides their state.
#[derive(Default)]
struct Telling {
    names: HashMap<String, String>,
    served: HashMap<String, Vec<String>>,
    usages: HashMap<String, FileUsages>,
}

impl Telling {
    fn read(reader: &Reader<'_>, documents: &[&str]) -> Result<Self, StoreError> {
        Ok(Self {
            names: reader.file_names(documents)?,
            served: reader.served_names(documents)?,
            usages: reader.file_usages(documents, ENTRIES)?,
        })
    }

    fn usages(&self, document: &str) -> FileUsages {
        self.usages.get(document).cloned().unwrap_or_default()
    }

    fn change(&self, c: &Changed<'_>, now: i64) -> Json {
        let usages = self.usages(c.document);
        json!({
            "documentId": c.document, "name": self.names.get(c.document), "status": c.state, "before": c.before,
            "delivered": c.state.may_deliver(), "endsAt": c.standing.ends_at(now).map(iso), "fallback": c.standing.fallback(),
            "reasons": c.standing.reasons(now).iter().map(outside).collect::<Vec<_>>(),
            "entries": usages.entries.iter().map(entry).collect::<Vec<_>>(), "entriesTotal": usages.total,
        })
    }

    fn purge(&self, c: &Changed<'_>) -> Json {
        let names = self.served.get(c.document).cloned().unwrap_or_default();
        let urls: Vec<String> = names.iter().map(|n| format!("/uploads/{n}")).collect();
        let usages = self.usages(c.document);
        json!({
            "documentId": c.document, "status": c.state, "delivered": c.state.may_deliver(), "names": names, "urls": urls,
            "entries": usages.entries.iter().map(entry).collect::<Vec<_>>(), "entriesTotal": usages.total,
        })
    }
}

/// The affected files, with the entries that use them.
pub(crate) fn hit(reader: &Reader<'_>, documents: &[String]) -> Result<Json, StoreError> {
    let named: Vec<&str> = documents.iter().take(FILES).map(String::as_str).collect();
    let (names, mut usages) = if named.is_empty() {
        Default::default()
    } else {
        (reader.file_names(&named)?, reader.file_usages(&named, ENTRIES)?)
    };
    let file = |document: &&str| {
        let usages = usages.remove(*document).unwrap_or_default();
        json!({
            "documentId": document, "name": names.get(*document),
            "entries": usages.entries.iter().map(entry).collect::<Vec<_>>(), "entriesTotal": usages.total,
        })
    };
    Ok(json!({ "assets": named.iter().map(file).collect::<Vec<_>>(), "assetsTotal": documents.len() }))
}
