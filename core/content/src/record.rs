//! What a write leaves beside its rows: an event in the outbox, in the same transaction.

use crate::Result;
use crate::files::Viewer;
use crate::history::Made;
use cairn_model::ContentType;
use cairn_store::WriteTx;
use cairn_store::events::{Actor, NewEvent};
use cairn_store::history::HistoryStatus;
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// Who writes, and when.
#[derive(Debug, Clone)]
pub struct By {
    /// Who.
    pub actor: Arc<Actor>,
    /// When, in milliseconds.
    pub at: i64,
    pub(crate) kept: Kept,
    /// Who looks at what is there; `None`: it is Cairn itself, or somebody whose rights were asked before.
    pub(crate) viewer: Option<Viewer>,
}

/// What writes leave beside their rows. Less than all of it is for benches, which tell what each part costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// Rows only.
    Nothing,
    /// An entry of the history.
    History,
    /// That, and events.
    All,
}

/// What became of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happened {
    /// A document, or a locale of it, was made.
    Created,
    /// A draft was changed; of a type without drafts, the document.
    Updated,
    /// Its published version was made anew.
    Published,
    /// Its published version went.
    Unpublished,
    /// Its draft became what is published.
    DraftDiscarded,
    /// It went, or a locale of it.
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
    /// As the history tells it.
    pub fn action(self) -> &'static str {
        self.event().rsplit('.').next().unwrap_or_default()
    }
}

impl By {
    /// An entry of the history.
    pub(crate) fn made(&self, happened: Happened, status: HistoryStatus) -> Made<'_> {
        Made { action: happened.action(), status, autosave: false, actor: &self.actor, at: self.at, note: None }
    }
}

/// One locale's version of a document.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Version<'a> {
    pub(crate) ct: &'a ContentType,
    pub(crate) document_id: &'a str,
    /// Empty where the type is not localised.
    pub(crate) locale: &'a str,
    pub(crate) published: bool,
}

/// Writes the event.
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

/// What events of a save say.
pub(crate) fn saved(version: i64, changed: &[String], shared: &[String]) -> Json {
    let mut data = json!({ "version": version, "changed": changed });
    if !shared.is_empty() {
        // Other locales that share a changed attribute.
        data["sharedWith"] = json!(shared);
    }
    data
}
