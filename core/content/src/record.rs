//! What a write records besides its rows: an event in the outbox, in the same transaction.

use crate::Result;
use crate::files::Viewer;
use crate::history::Made;
use cairn_model::ContentType;
use cairn_store::WriteTx;
use cairn_store::events::{Actor, NewEvent};
use cairn_store::history::HistoryStatus;
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// The author of a write, and its time.
#[derive(Debug, Clone)]
pub struct By {
    /// Actor that is recorded.
    pub actor: Arc<Actor>,
    /// Time in milliseconds since 1970.
    pub at: i64,
    pub(crate) kept: Kept,
    /// The caller whose read access applies; `None`: Cairn itself, or a caller whose permissions were checked before.
    pub(crate) viewer: Option<Viewer>,
}

/// What writes record besides their rows. Less than everything is for benchmarks, which measure what each part costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// Nothing but the rows.
    Nothing,
    /// An entry of the history.
    History,
    /// An entry of the history, and events.
    All,
}

/// What happened to a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happened {
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

impl Happened {
    /// The name of the event.
    pub fn event(self) -> &'static str {
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

impl Happened {
    /// The name of the action in the history.
    pub fn action(self) -> &'static str {
        self.event().rsplit('.').next().unwrap_or_default()
    }
}

impl By {
    /// The origin of a history entry.
    pub(crate) fn made(&self, happened: Happened, status: HistoryStatus) -> Made<'_> {
        Made { action: happened.action(), status, autosave: false, actor: &self.actor, at: self.at, note: None }
    }
}

/// One locale's version of a document.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Version<'a> {
    pub(crate) ct: &'a ContentType,
    pub(crate) document_id: &'a str,
    /// Empty if the type is not localised.
    pub(crate) locale: &'a str,
    pub(crate) published: bool,
}

/// Emits the event.
pub(crate) fn emit(tx: &mut WriteTx<'_>, by: &By, happened: Happened, version: Version<'_>, data: Json) -> Result<()> {
    if by.kept != Kept::All {
        return Ok(());
    }
    let event = NewEvent {
        name: happened.event().to_owned(),
        key: version.document_id.to_owned(),
        content_type: Some(version.ct.uid.clone()),
        document_id: Some(version.document_id.to_owned()),
        locale: (!version.locale.is_empty()).then(|| version.locale.to_owned()),
        status: Some(if version.published { "published" } else { "draft" }.to_owned()),
        data,
    };
    Ok(tx.emit(&by.actor, &event, by.at)?)
}

/// The data of save events.
pub(crate) fn saved(version: i64, changed: &[String], shared: &[String]) -> Json {
    let mut data = json!({ "version": version, "changed": changed });
    if !shared.is_empty() {
        // Other locales that share a changed attribute.
        data["sharedWith"] = json!(shared);
    }
    data
}
