//! An event as a row of `cairn_outbox`, before it has a position.

use crate::connection::{Param, ToParam};
use serde_json::Value as Json;

/// An event to write.
#[derive(Debug, Clone, PartialEq)]
pub struct NewEvent {
    /// Name of the event: `cairn.document.created`.
    pub name: String,
    /// Events with one key are delivered in order: mostly the document id.
    pub key: String,
    /// The uid of the content type, where it is about content.
    pub content_type: Option<String>,
    /// Id of the document, if it is about one.
    pub document_id: Option<String>,
    /// Its locale; `None` if the type is not localised.
    pub locale: Option<String>,
    /// `draft` or `published`, where it is about one.
    pub status: Option<String>,
    /// Further data, an object.
    pub data: Json,
}

/// An event that is written with the commit.
pub(crate) struct PendingEvent {
    pub(super) id: String,
    /// Its own data are not used.
    pub(super) event: NewEvent,
    pub(super) at: i64,
    pub(super) actor: String,
    pub(super) data: String,
    pub(super) depth: i64,
}

impl PendingEvent {
    pub(crate) const INSERT_SQL: &'static str =
        "INSERT INTO cairn_outbox (event_id, name, key, type, document_id, locale, status, at, actor, data, depth)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";

    pub(crate) fn to_params(&self) -> Vec<Param<'_>> {
        let e = &self.event;
        vec![
            Param::Text(&self.id),
            Param::Text(&e.name),
            Param::Text(&e.key),
            e.content_type.param(),
            e.document_id.param(),
            e.locale.param(),
            e.status.param(),
            Param::Integer(self.at),
            Param::Text(&self.actor),
            Param::Text(&self.data),
            Param::Integer(self.depth),
        ]
    }
}
