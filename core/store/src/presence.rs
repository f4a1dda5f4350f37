//! `cairn_presence`: who has which document open, and who has locked it.
//!
//! Every tab of a browser reports at intervals that it is open. A row counts until it expires, so that nobody who went away blocks anybody.
//! Times are milliseconds since 1970 in UTC and are passed by the caller.

use crate::connection::Row;
use crate::namespaces;
use crate::{Reader, Result, WriteTx};

/// A document, in a locale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PresenceDocument {
    /// Uid of the content type.
    pub content_type: String,
    /// Id of the document.
    pub document_id: String,
    /// Its locale; empty if the type is not localised.
    pub locale: String,
}

/// A browser tab that has a document open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Presence {
    /// The open document.
    pub document: PresenceDocument,
    /// Key of its actor ([`crate::events::Actor::key`]).
    pub actor_key: String,
    /// Distinguishes the tabs of one actor.
    pub tab: String,
    /// Display name of the actor.
    pub name: String,
    /// Name of the focused field; empty for none: a lock then applies to the whole document.
    pub field: String,
    /// Since when it requests the lock; `None`: it does not.
    pub locked_at: Option<i64>,
    /// Since when the tab has the document open.
    pub since: i64,
    /// When the row expires.
    pub expires_at: i64,
}

impl Presence {
    /// True if two tabs cannot both have the locks they request.
    fn excludes(&self, other: &Self) -> bool {
        self.field.is_empty() || other.field.is_empty() || self.field == other.field
    }
}

/// For tabs in one document, whether each has the lock that it requests: the first request wins.
pub fn lock_holders(all: &[Presence]) -> Vec<bool> {
    let mut order: Vec<usize> = (0..all.len()).filter(|&i| all[i].locked_at.is_some()).collect();
    order.sort_by_key(|&i| (all[i].locked_at, &all[i].actor_key, &all[i].tab));
    let mut holds = vec![false; all.len()];
    for i in order {
        holds[i] = !(0..all.len()).any(|other| holds[other] && all[i].excludes(&all[other]));
    }
    holds
}

const COLUMNS: &str = "type, document_id, locale, actor_key, tab, name, field, locked_at, since, expires_at";

fn read_presence(r: &Row<'_>) -> Result<Presence> {
    Ok(Presence {
        document: PresenceDocument { content_type: r.get(0)?, document_id: r.get(1)?, locale: r.get(2)? },
        actor_key: r.get(3)?,
        tab: r.get(4)?,
        name: r.get(5)?,
        field: r.get(6)?,
        locked_at: r.get(7)?,
        since: r.get(8)?,
        expires_at: r.get(9)?,
    })
}

impl namespaces::Presence<&mut WriteTx<'_>> {
    /// Records that a tab is open at `now`. An earlier lock request continues if it is for the same field and the tab
    /// has been open all the time.
    pub fn save(&mut self, p: &Presence, now: i64) -> Result<()> {
        let PresenceDocument { content_type, document_id, locale } = &p.document;
        self.tx
            .conn
            .execute(
                "recording presence",
                "INSERT INTO cairn_presence AS p
                   (type, document_id, locale, actor_key, tab, name, field, locked_at, since, expires_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
                 ON CONFLICT (type, document_id, locale, actor_key, tab) DO UPDATE SET name = excluded.name,
                   field = excluded.field, expires_at = excluded.expires_at,
                   since = CASE WHEN p.expires_at > ?11 THEN p.since ELSE excluded.since END,
                   locked_at = CASE WHEN excluded.locked_at IS NULL THEN NULL
                     WHEN p.locked_at IS NOT NULL AND p.field = excluded.field AND p.expires_at > ?11 THEN p.locked_at
                     ELSE excluded.locked_at END",
                (
                    content_type,
                    document_id,
                    locale,
                    &p.actor_key,
                    &p.tab,
                    &p.name,
                    &p.field,
                    p.locked_at,
                    p.since,
                    p.expires_at,
                    now,
                ),
            )
            .map(drop)
    }

    /// Takes the lock of a field (or with an empty one the document) from its holder; `but`: actor and tab that retain theirs.
    pub fn take_over_lock(&mut self, place: &PresenceDocument, field: &str, but: (&str, &str)) -> Result<()> {
        let PresenceDocument { content_type, document_id, locale } = place;
        self.tx
            .conn
            .execute(
                "taking over an entry",
                "UPDATE cairn_presence SET locked_at = NULL
                 WHERE type = ?1 AND document_id = ?2 AND locale = ?3 AND locked_at IS NOT NULL
                   AND (field = ?4 OR field = '' OR CAST(?4 AS text) = '') AND NOT (actor_key = ?5 AND tab = ?6)",
                (content_type, document_id, locale, field, but.0, but.1),
            )
            .map(drop)
    }

    /// Records that a tab was closed.
    pub fn delete(&mut self, place: &PresenceDocument, actor_key: &str, tab: &str) -> Result<()> {
        let PresenceDocument { content_type, document_id, locale } = place;
        let sql = "DELETE FROM cairn_presence
                   WHERE type = ?1 AND document_id = ?2 AND locale = ?3 AND actor_key = ?4 AND tab = ?5";
        self.tx.conn.execute("leaving", sql, (content_type, document_id, locale, actor_key, tab)).map(drop)
    }

    /// Deletes rows that expired before `before`.
    pub fn purge(&mut self, before: i64) -> Result<usize> {
        self.tx.conn.execute("removing expired presence", "DELETE FROM cairn_presence WHERE expires_at < ?1", [before])
    }
}

impl namespaces::Presence<Reader<'_>> {
    /// Lists the tabs in a document at `now`, the earliest first.
    pub fn list(&self, place: &PresenceDocument, now: i64) -> Result<Vec<Presence>> {
        let PresenceDocument { content_type, document_id, locale } = place;
        let sql = format!(
            "SELECT {COLUMNS} FROM cairn_presence
             WHERE type = ?1 AND document_id = ?2 AND locale = ?3 AND expires_at > ?4 ORDER BY since, actor_key, tab"
        );
        self.tx.conn.query_all("reading presence", &sql, (content_type, document_id, locale, now), read_presence)
    }

    /// Lists the tabs in any document at `now`, the latest first.
    pub fn list_all(&self, now: i64, limit: i64) -> Result<Vec<Presence>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM cairn_presence WHERE expires_at > ?1 ORDER BY since DESC, actor_key, tab LIMIT ?2"
        );
        self.tx.conn.query_all("reading presence", &sql, (now, limit), read_presence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn presence_at(actor: &str, field: &str, locked_at: Option<i64>) -> Presence {
        let place = PresenceDocument { content_type: "t".into(), document_id: "d".into(), locale: String::new() };
        let (actor_key, field) = (actor.to_owned(), field.to_owned());
        Presence {
            document: place,
            actor_key,
            tab: "1".into(),
            name: String::new(),
            field,
            locked_at,
            since: 0,
            expires_at: 9,
        }
    }

    #[test]
    fn earliest_lock_request_holds_the_lock() {
        let find_holders = |list: &[Presence]| lock_holders(list);
        assert_eq!(
            find_holders(&[
                presence_at("a", "x", Some(2)),
                presence_at("b", "x", Some(1)),
                presence_at("c", "y", Some(3))
            ]),
            [false, true, true]
        );
        assert_eq!(find_holders(&[presence_at("a", "x", None), presence_at("b", "x", Some(1))]), [false, true]);
        // At the same moment: one of them, and the same one for everybody.
        assert_eq!(find_holders(&[presence_at("b", "x", Some(1)), presence_at("a", "x", Some(1))]), [false, true]);
        // The document as a whole and a field of it; an actor that waits does not block others.
        assert_eq!(find_holders(&[presence_at("a", "", Some(1)), presence_at("b", "x", Some(2))]), [true, false]);
        assert_eq!(
            find_holders(&[
                presence_at("a", "x", Some(1)),
                presence_at("b", "", Some(2)),
                presence_at("c", "y", Some(3))
            ]),
            [true, false, true]
        );
    }
}
