//! `cairn_notifications`: notifications of admin users in the admin.

use super::parse_json;
use crate::connection::{Param, Row, Value};
use crate::namespaces;
use crate::{Reader, Result, WriteTx};
use serde_json::Value as Json;
use std::collections::HashSet;

/// A notification for one admin user.
#[derive(Debug, Clone, PartialEq)]
pub struct NewNotification {
    /// Numeric id of the admin user.
    pub admin_user: i64,
    /// Kind of the notification.
    pub kind: String,
    /// Key for which a user gets only one notification.
    pub once_key: String,
    /// Values for the title, an object.
    pub data: Json,
    /// The thing it is about, an object.
    pub link: Option<Json>,
}

/// A notification, as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct NotificationRow {
    /// Numeric id of the notification.
    pub id: i64,
    /// The fields that callers write.
    pub notification: NewNotification,
    /// Time in milliseconds since 1970.
    pub at: i64,
    /// When they read it, in milliseconds.
    pub read_at: Option<i64>,
}

pub(super) fn read_new(r: &Row<'_>, place: &str) -> Result<(i64, NewNotification)> {
    let id: i64 = r.get(0)?;
    let (data, link): (String, Option<String>) = (r.get(4)?, r.get(5)?);
    let describe_row = || format!("{place} {id}");
    let notification = NewNotification {
        admin_user: r.get(1)?,
        kind: r.get(2)?,
        once_key: r.get(3)?,
        data: parse_json(describe_row, &data)?,
        link: link.map(|l| parse_json(describe_row, &l)).transpose()?,
    };
    Ok((id, notification))
}

fn read_notification_row(r: &Row<'_>) -> Result<NotificationRow> {
    let (id, notification) = read_new(r, "cairn_notifications")?;
    Ok(NotificationRow { id, notification, at: r.get(6)?, read_at: r.get(7)? })
}

impl namespaces::Notifications<Reader<'_>> {
    /// Lists the notifications of a user, newest first, before an id (`None`: from the newest on).
    pub fn list(
        &self,
        admin_user: i64,
        unread_only: bool,
        kind: Option<&str>,
        before: Option<i64>,
        limit: i64,
    ) -> Result<Vec<NotificationRow>> {
        let mut values: Vec<Value> = vec![admin_user.into(), before.unwrap_or(i64::MAX).into(), limit.into()];
        let mut sql = "SELECT id, admin_user, kind, once_key, data, link, at, read_at FROM cairn_notifications
                       WHERE admin_user = ?1 AND id < ?2"
            .to_owned();
        if unread_only {
            sql.push_str(" AND read_at IS NULL");
        }
        if let Some(kind) = kind {
            values.push(kind.into());
            sql.push_str(" AND kind = ?4");
        }
        sql.push_str(" ORDER BY id DESC LIMIT ?3");
        self.tx.conn.query_all("reading notifications", &sql, &values[..], read_notification_row)
    }

    /// Number of unread notifications of a user.
    pub fn count_unread(&self, admin_user: i64) -> Result<i64> {
        let sql = "SELECT count(*) FROM cairn_notifications WHERE admin_user = ?1 AND read_at IS NULL";
        Ok(self.tx.conn.query_first("counting notifications", sql, [admin_user], |r| r.get(0))?.unwrap_or(0))
    }
}

impl namespaces::Notifications<&mut WriteTx<'_>> {
    /// Adds a notification, and returns its id; `None` if the user has one with its once-key.
    pub fn create(&mut self, n: &NewNotification, now: i64) -> Result<Option<i64>> {
        self.tx.conn.query_first(
            "writing a notification",
            "INSERT INTO cairn_notifications (admin_user, kind, once_key, data, link, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (admin_user, once_key) DO NOTHING RETURNING id",
            (n.admin_user, &n.kind, &n.once_key, n.data.to_string(), n.link.as_ref().map(Json::to_string), now),
            |r| r.get(0),
        )
    }

    /// Marks a notification of a user as read, or as unread (`at`: `None`). Returns `false` if it is not theirs.
    pub fn mark_read(&mut self, admin_user: i64, id: i64, at: Option<i64>) -> Result<bool> {
        // Reading a notification again does not change when it was first read.
        let sql = "UPDATE cairn_notifications SET read_at = CASE WHEN CAST(?3 AS BIGINT) IS NULL THEN NULL ELSE coalesce(read_at, ?3) END
                   WHERE id = ?1 AND admin_user = ?2";
        Ok(self.tx.conn.execute("reading a notification", sql, (id, admin_user, at))? > 0)
    }

    /// Marks all notifications of a user as read, up to an id (`None`: all). Returns their number.
    pub fn mark_all_read(&mut self, admin_user: i64, up_to: Option<i64>, at: i64) -> Result<usize> {
        let sql = "UPDATE cairn_notifications SET read_at = ?3 WHERE admin_user = ?1 AND id <= ?2 AND read_at IS NULL";
        self.tx.conn.execute("reading notifications", sql, (admin_user, up_to.unwrap_or(i64::MAX), at))
    }

    /// Deletes the notifications that link to one of the documents, or whose once-key names one. Returns their number.
    pub fn delete_for_documents(&mut self, document_ids: &[&str]) -> Result<usize> {
        if document_ids.is_empty() {
            return Ok(0);
        }
        let wanted: HashSet<&str> = document_ids.iter().copied().filter(|id| !id.is_empty()).collect();
        let names_one = |text: &str| text.split(|c: char| !c.is_ascii_alphanumeric()).any(|part| wanted.contains(part));
        let sql = "SELECT id, once_key, link FROM cairn_notifications";
        let read = |r: &Row<'_>| Ok((r.get::<i64>(0)?, r.get::<String>(1)?, r.get::<Option<String>>(2)?));
        let all = self.tx.conn.query_all("finding notifications", sql, (), read)?;
        let about = all.into_iter().filter(|(_, key, link)| names_one(key) || link.as_deref().is_some_and(names_one));
        let ids: Vec<i64> = about.map(|(id, ..)| id).collect();
        if ids.is_empty() {
            return Ok(0);
        }
        let sql = format!("DELETE FROM cairn_notifications WHERE {}", self.tx.conn.dialect().in_list("id", 1));
        self.tx.conn.execute("removing notifications", &sql, [Param::Integers(&ids)])
    }

    /// Deletes notifications that were read before `read` or added before `all`, and those of deleted users. At most `limit`
    /// notifications. Returns their number.
    pub fn purge(&mut self, read: i64, all: i64, limit: i64) -> Result<usize> {
        let n = self.tx.conn.execute(
            "removing old notifications",
            "DELETE FROM cairn_notifications WHERE id IN (
               SELECT id FROM cairn_notifications
               WHERE at < ?2 OR (at < ?1 AND read_at < ?1) OR admin_user NOT IN (SELECT id FROM cairn_admin_users) LIMIT ?3)",
            (read, all, limit),
        )?;
        for (doing, sql) in [
            (
                "removing preferences",
                "DELETE FROM cairn_notification_preferences WHERE admin_user NOT IN (SELECT id FROM cairn_admin_users)",
            ),
            (
                "removing preferences",
                "DELETE FROM cairn_notification_people WHERE admin_user NOT IN (SELECT id FROM cairn_admin_users)",
            ),
        ] {
            self.tx.conn.execute(doing, sql, ())?;
        }
        Ok(n)
    }
}
