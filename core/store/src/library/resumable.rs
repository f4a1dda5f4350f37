//! `cairn_resumable`: uploads that arrive in pieces.

use crate::connection::Row;
use crate::namespaces;
use crate::{Reader, Result, StoreError, WriteTx};
use serde_json::Value as Json;

/// Where such an upload is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ResumableState {
    /// Bytes are missing.
    Open,
    /// All bytes are there; the file is being made of them.
    Storing,
    /// The file is there.
    Done,
}

impl ResumableState {
    /// The text that is stored and returned by the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Storing => "storing",
            Self::Done => "done",
        }
    }

    fn parse(text: &str) -> Self {
        match text {
            "storing" => Self::Storing,
            "done" => Self::Done,
            _ => Self::Open,
        }
    }
}

/// An upload to begin.
#[derive(Debug, Clone, PartialEq)]
pub struct NewResumable {
    /// Id of the upload; it is a secret.
    pub id: String,
    /// Key of the actor that began it.
    pub owner: String,
    /// Total length in bytes.
    pub length: i64,
    /// The metadata that the client sent, an object.
    pub metadata: Json,
    /// When it expires unless it is done.
    pub expires_at: i64,
}

/// An upload that arrives in pieces.
#[derive(Debug, Clone, PartialEq)]
pub struct ResumableRow {
    /// The fields it was begun with; its expiry may have been postponed.
    pub upload: NewResumable,
    /// Number of bytes that are safely on disk.
    pub received: i64,
    /// The state of the upload.
    pub state: ResumableState,
    /// The last history entry before the file was created.
    pub mark: i64,
    /// Document id of the file, once it is done.
    pub document_id: Option<String>,
}

const COLUMNS: &str = "id, owner, length, received, metadata, state, mark, document_id, expires_at";

fn read_resumable(r: &Row<'_>) -> Result<ResumableRow> {
    let (id, metadata, state): (String, String, String) = (r.get(0)?, r.get(4)?, r.get(5)?);
    let metadata = serde_json::from_str(&metadata)
        .map_err(|e| StoreError::Corrupt { place: format!("cairn_resumable {id}"), message: e.to_string() })?;
    let upload = NewResumable { id, owner: r.get(1)?, length: r.get(2)?, metadata, expires_at: r.get(8)? };
    let state = ResumableState::parse(&state);
    Ok(ResumableRow { upload, received: r.get(3)?, state, mark: r.get(6)?, document_id: r.get(7)? })
}

impl namespaces::ResumableUploads<Reader<'_>> {
    /// Gets an upload by its id.
    pub fn get(&self, id: &str) -> Result<Option<ResumableRow>> {
        let sql = format!("SELECT {COLUMNS} FROM cairn_resumable WHERE id = ?1");
        self.tx.conn.query_first("reading an upload", &sql, [id], read_resumable)
    }

    /// Number of uploads of an owner that are neither done nor expired.
    pub fn count_open(&self, owner: &str, now: i64) -> Result<i64> {
        let sql = "SELECT count(*) FROM cairn_resumable WHERE owner = ?1 AND state <> 'done' AND expires_at > ?2";
        Ok(self.tx.conn.query_first("counting uploads", sql, (owner, now), |r| r.get(0))?.unwrap_or_default())
    }

    /// Uploads that have expired, at most `limit`.
    pub fn list_expired(&self, now: i64, limit: i64) -> Result<Vec<String>> {
        let sql = "SELECT id FROM cairn_resumable WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2";
        self.tx.conn.query_all("finding old uploads", sql, (now, limit), |r| r.get(0))
    }
}

impl namespaces::History<Reader<'_>> {
    /// Number of the last history entry; 0 if there is none.
    pub fn last_id(&self) -> Result<i64> {
        let sql = "SELECT coalesce(max(id), 0) FROM cairn_history";
        Ok(self.tx.conn.query_first("reading the history", sql, (), |r| r.get(0))?.unwrap_or_default())
    }

    /// The document of a type that was created behind that history entry by the request with that id.
    pub fn find_created_document(&self, content_type: &str, after: i64, request: &str) -> Result<Option<String>> {
        let sql = "SELECT document_id FROM cairn_history
                   WHERE id > ?1 AND type = ?2 AND action = 'created' AND actor LIKE ?3 ESCAPE '\\' ORDER BY id LIMIT 1";
        let actor = super::like_anywhere(&format!("\"request\":{}", Json::from(request)));
        self.tx.conn.query_first("finding a file", sql, (after, content_type, actor), |r| r.get(0))
    }
}

impl namespaces::ResumableUploads<&mut WriteTx<'_>> {
    /// Begins an upload.
    pub fn create(&mut self, u: &NewResumable, now: i64) -> Result<()> {
        let sql =
            "INSERT INTO cairn_resumable (id, owner, length, received, metadata, state, mark, created_at, expires_at)
                   VALUES (?1, ?2, ?3, 0, ?4, 'open', 0, ?5, ?6)";
        let values = (&u.id, &u.owner, u.length, u.metadata.to_string(), now, u.expires_at);
        self.tx.conn.execute("beginning an upload", sql, values).map(drop)
    }

    /// Records the number of bytes received. Returns `false` if the upload was deleted, or is not open any more.
    pub fn set_received(&mut self, id: &str, received: i64, expires_at: i64) -> Result<bool> {
        let sql = "UPDATE cairn_resumable SET received = ?2, expires_at = ?3 WHERE id = ?1 AND state = 'open'";
        Ok(self.tx.conn.execute("recording upload progress", sql, (id, received, expires_at))? > 0)
    }

    /// Records that all bytes have arrived; the file is created next. Returns `false` if the upload was deleted, or
    /// was in this state already.
    pub fn mark_complete(&mut self, id: &str, mark: i64) -> Result<bool> {
        let sql = "UPDATE cairn_resumable SET state = 'storing', mark = ?2 WHERE id = ?1 AND state = 'open'";
        Ok(self.tx.conn.execute("finishing an upload", sql, (id, mark))? > 0)
    }

    /// Records that the file was created.
    pub fn finish(&mut self, id: &str, document_id: &str) -> Result<()> {
        let sql = "UPDATE cairn_resumable SET state = 'done', document_id = ?2 WHERE id = ?1";
        self.tx.conn.execute("finishing an upload", sql, (id, document_id)).map(drop)
    }

    /// Deletes an upload. Returns `false` if it does not exist.
    pub fn delete(&mut self, id: &str) -> Result<bool> {
        Ok(self.tx.conn.execute("deleting an upload", "DELETE FROM cairn_resumable WHERE id = ?1", [id])? > 0)
    }
}
