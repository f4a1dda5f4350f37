//! `cairn_comments`: comments on documents.

use super::DocumentKey;
use crate::connection::{Param, Row};
use crate::events::Actor;
use crate::namespaces;
use crate::{Reader, Result, WriteTx};

/// A comment to add.
#[derive(Debug, Clone, PartialEq)]
pub struct NewComment {
    /// The document that it is about.
    pub document: DocumentKey,
    /// Path of the attribute that it is about; `None`: the document.
    pub path: Option<String>,
    /// The component instance of the draft that it is about.
    pub instance: Option<i64>,
    /// The comment that it replies to.
    pub thread: Option<i64>,
    /// Number of the admin user.
    pub admin_user: i64,
    /// The author, as recorded at that time.
    pub actor: Actor,
    /// The comment, as plain text.
    pub text: String,
    /// The admin users that it mentions.
    pub mentions: Vec<i64>,
}

/// A comment, as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct CommentRow {
    /// Numeric id of the comment.
    pub id: i64,
    /// The fields that callers write.
    pub comment: NewComment,
    /// Time of creation.
    pub created_at: i64,
    /// Time of the last change of its text.
    pub edited_at: Option<i64>,
    /// When it was deleted: its text is gone, but it is still listed with its replies.
    pub deleted_at: Option<i64>,
    /// When the thread was resolved.
    pub resolved_at: Option<i64>,
    /// Actor who resolved the thread; `None` if it is not resolved.
    pub resolved_by: Option<Actor>,
}

const COLUMNS: &str = "id, type, document_id, locale, path, instance, thread, admin_user, actor, text, mentions, created_at, edited_at, deleted_at, resolved_at, resolved_by";

fn read_comment(r: &Row<'_>) -> Result<CommentRow> {
    let (actor, mentions): (String, String) = (r.get(8)?, r.get(10)?);
    let comment = NewComment {
        document: DocumentKey { content_type: r.get(1)?, document_id: r.get(2)?, locale: r.get(3)? },
        path: r.get(4)?,
        instance: r.get(5)?,
        thread: r.get(6)?,
        admin_user: r.get(7)?,
        actor: Actor::from_json(&actor),
        text: r.get(9)?,
        mentions: serde_json::from_str(&mentions).unwrap_or_default(),
    };
    let resolved_by: Option<String> = r.get(15)?;
    Ok(CommentRow {
        id: r.get(0)?,
        comment,
        created_at: r.get(11)?,
        edited_at: r.get(12)?,
        deleted_at: r.get(13)?,
        resolved_at: r.get(14)?,
        resolved_by: resolved_by.map(|a| Actor::from_json(&a)),
    })
}

impl namespaces::Comments<Reader<'_>> {
    /// Gets the comment with that id.
    pub fn get(&self, id: i64) -> Result<Option<CommentRow>> {
        let sql = format!("SELECT {COLUMNS} FROM cairn_comments WHERE id = ?1");
        self.tx.conn.query_first("reading a comment", &sql, [id], read_comment)
    }

    /// Lists the threads of a document, newest first: the comments that are not replies. `resolved` selects threads that are
    /// resolved, or that are not.
    pub fn list_threads(
        &self,
        d: &DocumentKey,
        resolved: Option<bool>,
        before: Option<i64>,
        limit: i64,
    ) -> Result<Vec<CommentRow>> {
        let which = match resolved {
            None => "",
            Some(true) => " AND resolved_at IS NOT NULL",
            Some(false) => " AND resolved_at IS NULL",
        };
        let sql = format!(
            "SELECT {COLUMNS} FROM cairn_comments
             WHERE type = ?1 AND document_id = ?2 AND locale = ?3 AND thread IS NULL AND id < ?4{which} ORDER BY id DESC LIMIT ?5"
        );
        let values = (&d.content_type, &d.document_id, &d.locale, before.unwrap_or(i64::MAX), limit);
        self.tx.conn.query_all("reading comments", &sql, values, read_comment)
    }

    /// Lists the replies in some threads, oldest first.
    pub fn list_replies(&self, threads: &[i64], limit: i64) -> Result<Vec<CommentRow>> {
        let inside = self.tx.conn.dialect().in_list("thread", 1);
        let sql = format!("SELECT {COLUMNS} FROM cairn_comments WHERE {inside} ORDER BY id LIMIT ?2");
        self.tx.conn.query_all(
            "reading comments",
            &sql,
            [Param::Integers(threads), Param::Integer(limit)],
            read_comment,
        )
    }

    /// Number of comments on a document.
    pub fn count(&self, d: &DocumentKey) -> Result<i64> {
        let sql = "SELECT count(*) FROM cairn_comments WHERE type = ?1 AND document_id = ?2 AND locale = ?3";
        let values = (&d.content_type, &d.document_id, &d.locale);
        Ok(self.tx.conn.query_first("counting comments", sql, values, |r| r.get(0))?.unwrap_or(0))
    }

    /// Number of replies to a comment.
    pub fn count_replies(&self, thread: i64) -> Result<i64> {
        let sql = "SELECT count(*) FROM cairn_comments WHERE thread = ?1";
        Ok(self.tx.conn.query_first("counting comments", sql, [thread], |r| r.get(0))?.unwrap_or(0))
    }
}

impl namespaces::Comments<&mut WriteTx<'_>> {
    /// Adds a comment; returns its id.
    pub fn create(&mut self, c: &NewComment, now: i64) -> Result<i64> {
        let d = &c.document;
        self.tx.conn.insert(
            "adding a comment",
            "INSERT INTO cairn_comments
               (type, document_id, locale, path, instance, thread, admin_user, actor, text, mentions, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            (
                &d.content_type,
                &d.document_id,
                &d.locale,
                &c.path,
                c.instance,
                c.thread,
                c.admin_user,
                c.actor.to_json(),
                &c.text,
                mentions_json(&c.mentions),
                now,
            ),
            false,
        )
    }

    /// Changes a comment's text.
    pub fn update_text(&mut self, id: i64, text: &str, mentioned: &[i64], now: i64) -> Result<()> {
        let sql = "UPDATE cairn_comments SET text = ?2, mentions = ?3, edited_at = ?4 WHERE id = ?1";
        self.tx.conn.execute("changing a comment", sql, (id, text, mentions_json(mentioned), now)).map(drop)
    }

    /// Deletes a comment: its text, and its row too if it has no replies.
    pub fn delete(&mut self, id: i64, now: i64) -> Result<()> {
        let doing = "deleting a comment";
        let sql = "DELETE FROM cairn_comments WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM cairn_comments a WHERE a.thread = ?1)";
        if self.tx.conn.execute(doing, sql, [id])? > 0 {
            return Ok(());
        }
        let sql = "UPDATE cairn_comments SET text = '', mentions = '[]', deleted_at = ?2 WHERE id = ?1";
        self.tx.conn.execute(doing, sql, (id, now)).map(drop)
    }

    /// Resolves a thread, or reopens it (`None`).
    pub fn resolve_thread(&mut self, id: i64, by: Option<(&Actor, i64)>) -> Result<()> {
        let sql = "UPDATE cairn_comments SET resolved_at = ?2, resolved_by = ?3 WHERE id = ?1";
        let values = (id, by.map(|(_, at)| at), by.map(|(actor, _)| actor.to_json()));
        self.tx.conn.execute("resolving a thread", sql, values).map(drop)
    }

    /// Deletes all comments on a document.
    pub fn delete_for_document(&mut self, d: &DocumentKey) -> Result<usize> {
        let sql = "DELETE FROM cairn_comments WHERE type = ?1 AND document_id = ?2 AND locale = ?3";
        self.tx.conn.execute("removing comments", sql, (&d.content_type, &d.document_id, &d.locale))
    }
}

fn mentions_json(users: &[i64]) -> String {
    serde_json::Value::from(users).to_string()
}
