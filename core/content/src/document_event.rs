//! Events of document writes, which are recorded in the outbox in the same transaction as the rows.

use crate::Result;
use crate::files::FileViewer;
use crate::history::HistoryEntryInfo;
use cairn_model::ContentType;
use cairn_store::WriteTx;
use cairn_store::events::{Actor, NewEvent};
use cairn_store::history::HistoryStatus;
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// The author of a write, and its time.
#[derive(Debug, Clone)]
pub struct WriteAuthor {
    /// Actor that is recorded.
    pub actor: Arc<Actor>,
    /// Time in milliseconds since 1970.
    pub at: i64,
    pub(crate) recording: RecordingLevel,
    /// The caller whose read access applies; `None`: Cairn itself, or a caller whose permissions were checked before.
    pub(crate) viewer: Option<FileViewer>,
}

/// Extent of the records of a write besides its rows. Less than everything is for benchmarks, which measure what each part costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordingLevel {
    /// Nothing but the rows.
    Nothing,
    /// An entry of the history.
    History,
    /// An entry of the history, and events.
    All,
}

/// Kind of event that happened to a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentEvent {
    /// A document, or a locale of it, was created.
    Created,
    /// The draft was changed; for a type without drafts, the document.
    Updated,
    /// The published version was replaced.
    Published,
    /// The published version was deleted.
    Unpublished,
    /// The draft was reset to the published version.
    DraftDiscarded,
    /// A document, or a locale of it, was deleted.
    Deleted,
}

impl DocumentEvent {
    /// The name of the event.
    pub fn event_name(self) -> &'static str {
        match self {
            Self::Created => "cairn.document.created",
            Self::Updated => "cairn.document.updated",
            Self::Published => "cairn.document.published",
            Self::Unpublished => "cairn.document.unpublished",
            Self::DraftDiscarded => "cairn.document.draft-discarded",
            Self::Deleted => "cairn.document.deleted",
        }
    }
}

impl DocumentEvent {
    /// The name of the action in the history.
    pub fn history_action(self) -> &'static str {
        self.event_name().rsplit('.').next().unwrap_or_default()
    }
}

impl WriteAuthor {
    /// The origin of a history entry.
    pub(crate) fn history_info(&self, happened: DocumentEvent, status: HistoryStatus) -> HistoryEntryInfo<'_> {
        HistoryEntryInfo {
            action: happened.history_action(),
            status,
            autosave: false,
            actor: &self.actor,
            at: self.at,
            note: None,
        }
    }
}

/// One locale's version of a document.
#[derive(Debug, Clone, Copy)]
pub(crate) struct VersionRef<'a> {
    pub(crate) ct: &'a ContentType,
    pub(crate) document_id: &'a str,
    /// Empty if the type is not localised.
    pub(crate) locale: &'a str,
    pub(crate) published: bool,
}

/// Emits the event.
pub(crate) fn emit_event(
    tx: &mut WriteTx<'_>,
    by: &WriteAuthor,
    happened: DocumentEvent,
    version: VersionRef<'_>,
    data: Json,
) -> Result<()> {
    emit_serialised_event(tx, by, happened, version, (by.actor.to_json(), event_data_text(&data)))
}

/// Does the same as [`emit_event`] for an actor and data that are JSON text already.
pub(crate) fn emit_serialised_event(
    tx: &mut WriteTx<'_>,
    by: &WriteAuthor,
    happened: DocumentEvent,
    version: VersionRef<'_>,
    (actor, data): (String, String),
) -> Result<()> {
    if by.recording != RecordingLevel::All {
        return Ok(());
    }
    let event = NewEvent {
        name: happened.event_name().to_owned(),
        key: version.document_id.to_owned(),
        content_type: Some(version.ct.uid.clone()),
        document_id: Some(version.document_id.to_owned()),
        locale: (!version.locale.is_empty()).then(|| version.locale.to_owned()),
        status: Some(if version.published { "published" } else { "draft" }.to_owned()),
        data: Json::Null,
    };
    Ok(tx.events().emit_serialised(actor, event, data, by.at)?)
}

/// The text of an event's data, as it is stored. `to_string` returns the same and takes twice as long.
pub(crate) fn event_data_text(data: &Json) -> String {
    serde_json::to_string(data).unwrap_or_default()
}

/// The data of save events.
pub(crate) fn save_event_data(version: i64, changed: &[String], shared: &[String]) -> Json {
    let mut data = json!({ "version": version, "changed": changed });
    if !shared.is_empty() {
        // Locales that share a changed attribute.
        data["sharedWith"] = json!(shared);
    }
    data
}
