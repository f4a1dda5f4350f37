//! An entry of the history, before it is written.

use crate::connection::{Param, ToParam};
use crate::events::Actor;

/// Publication state of the document that an entry is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum HistoryStatus {
    /// The draft, as it was saved.
    #[default]
    Draft,
    /// The published version; of a save that publishes the draft too, which then is the same.
    Published,
}

impl HistoryStatus {
    /// The text that is stored and returned by the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Published => "published",
        }
    }

    pub(crate) fn parse(text: &str) -> Self {
        if text == "published" { Self::Published } else { Self::Draft }
    }
}

/// An entry to add.
#[derive(Debug, Clone, PartialEq)]
pub struct NewHistoryEntry {
    /// Uid of the content type.
    pub content_type: String,
    /// Id of the document.
    pub document_id: String,
    /// Its locale; empty if the type is not localised.
    pub locale: String,
    /// The action: `created`, `updated`, `published`, `unpublished`, `deleted`, `restored`, `baseline`.
    pub action: String,
    /// Status of the version.
    pub status: HistoryStatus,
    /// Its version token.
    pub version: i64,
    /// True if the editor saved by itself.
    pub autosave: bool,
    /// Time of the save.
    pub at: i64,
    /// Actor who saved the version.
    pub actor: Actor,
    /// Names of the attributes that changed.
    pub changed: Vec<String>,
    /// A remark for people.
    pub note: Option<String>,
    /// Content of the version as JSON; `None` if it was deleted.
    pub snapshot: Option<String>,
}

/// An entry that is written with the commit.
pub(crate) struct PendingHistoryEntry {
    pub(super) entry: NewHistoryEntry,
    actor: String,
    actor_key: String,
    changed: String,
}

impl PendingHistoryEntry {
    pub(crate) const INSERT_SQL: &'static str = "INSERT INTO cairn_history
           (type, document_id, locale, action, status, version, autosave, at, actor, actor_key, changed, note, snapshot, began)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)";

    pub(super) fn new(entry: NewHistoryEntry) -> Self {
        let (actor, actor_key, changed) = (entry.actor.to_json(), entry.actor.key(), names_json(&entry.changed));
        Self { entry, actor, actor_key, changed }
    }

    pub(super) fn is_about(&self, content_type: &str, document_id: &str, locale: &str) -> bool {
        self.is_about_document(content_type, document_id) && self.entry.locale == locale
    }

    /// In any locale.
    pub(super) fn is_about_document(&self, content_type: &str, document_id: &str) -> bool {
        self.entry.content_type == content_type && self.entry.document_id == document_id
    }

    pub(crate) fn to_params(&self) -> Vec<Param<'_>> {
        let h = &self.entry;
        vec![
            Param::Text(&h.content_type),
            Param::Text(&h.document_id),
            Param::Text(&h.locale),
            Param::Text(&h.action),
            Param::Text(h.status.as_str()),
            Param::Integer(h.version),
            Param::Bool(h.autosave),
            Param::Integer(h.at),
            Param::Text(&self.actor),
            Param::Text(&self.actor_key),
            Param::Text(&self.changed),
            h.note.param(),
            h.snapshot.param(),
            if h.autosave { Param::Integer(h.at) } else { Param::Null },
        ]
    }
}

/// The names of attributes, as they are stored.
pub(super) fn names_json(names: &[String]) -> String {
    serde_json::to_string(names).unwrap_or_default()
}
