//! `cairn_releases` and `cairn_release_items`: documents that are published or unpublished together.

use super::parse_json;
use crate::connection::Connection;
use crate::connection::{Row, Value};
use crate::events::Actor;
use crate::namespaces;
use crate::{Reader, Result, WriteTx};
use serde_json::Value as Json;

/// Where a release is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReleaseState {
    /// Being put together.
    Open,
    /// To be done at its time.
    Scheduled,
    /// Published: all its items were published or unpublished.
    Done,
    /// It could not be done at its time; nothing of it was. It can be changed and done again.
    Failed,
    /// Done, and undone.
    RolledBack,
}

impl ReleaseState {
    const ALL: [Self; 5] = [Self::Open, Self::Scheduled, Self::Done, Self::Failed, Self::RolledBack];

    /// The text that is stored and returned by the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Scheduled => "scheduled",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::RolledBack => "rolled-back",
        }
    }

    /// Parses what [`Self::as_str`] returns.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// True if the release has ended: its items do not change any more.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::RolledBack)
    }
}

/// When a release is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseWhen {
    /// The local time as it was entered.
    pub local_time: String,
    /// Time zone of `local_time`.
    pub zone: String,
    /// The same moment in milliseconds since 1970.
    pub due: i64,
}

/// A release, as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct ReleaseRow {
    /// Numeric id of the release.
    pub id: i64,
    /// Display name of the release.
    pub name: String,
    /// A note for editors.
    pub note: Option<String>,
    /// The state of the release.
    pub state: ReleaseState,
    /// When it is or was due; `None`: not scheduled.
    pub when: Option<ReleaseWhen>,
    /// Why it failed: `{message, details}`.
    pub problem: Option<Json>,
    /// Time of creation.
    pub created_at: i64,
    /// Actor who created it.
    pub actor: Actor,
    /// When it was published, or failed.
    pub ended_at: Option<i64>,
    /// Actor who published it, or tried to.
    pub ended_by: Option<Actor>,
    /// When it was rolled back.
    pub rolled_back_at: Option<i64>,
}

/// Selects releases.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ReleaseFilter {
    /// Only releases in this state.
    pub state: Option<ReleaseState>,
    /// Only releases that contain this document (uid, document id).
    pub document: Option<(String, String)>,
    /// Only those due, or published, at or after this time.
    pub from: Option<i64>,
    /// Only those due, or published, before this time.
    pub to: Option<i64>,
    /// Only those with a smaller id.
    pub before: Option<i64>,
}

/// An item to add.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewReleaseItem {
    /// Uid of the content type.
    pub content_type: String,
    /// Id of the document.
    pub document_id: String,
    /// Empty if the type is not localised.
    pub locale: String,
    /// `publish` or `unpublish`.
    pub action: String,
}

/// An item of a release, as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct ReleaseItemRow {
    /// Numeric id of the item.
    pub id: i64,
    /// Numeric id of the release.
    pub release: i64,
    /// The document and what to do with it.
    pub item: NewReleaseItem,
    /// The outcome: `published`, `unpublished`, `unchanged`, after a roll-back `restored`.
    pub outcome: Option<String>,
    /// Why the release failed at this item: `{message, details}`.
    pub problem: Option<Json>,
    /// The published version before the release.
    pub before: Option<Json>,
    /// The published row after the release.
    pub after: Option<String>,
}

const COLUMNS: &str = "r.id, r.name, r.note, r.state, r.local_time, r.zone, r.due, r.problem, r.created_at, r.actor, \
                       r.ended_at, r.ended_by, r.rolled_back_at";
const ITEM_COLUMNS: &str = "i.id, i.release_id, i.type, i.document_id, i.locale, i.action, i.outcome, i.problem, i.before_version, i.after_version";

fn read_release(r: &Row<'_>) -> Result<ReleaseRow> {
    let id = r.get(0)?;
    let (state, actor): (String, String) = (r.get(3)?, r.get(9)?);
    let (local_time, zone, due): (Option<String>, Option<String>, Option<i64>) = (r.get(4)?, r.get(5)?, r.get(6)?);
    let when = match (local_time, zone, due) {
        (Some(local_time), Some(zone), Some(due)) => Some(ReleaseWhen { local_time, zone, due }),
        _ => None,
    };
    Ok(ReleaseRow {
        id,
        name: r.get(1)?,
        note: r.get(2)?,
        state: ReleaseState::parse(&state).unwrap_or(ReleaseState::Failed),
        when,
        problem: r.get::<Option<String>>(7)?.map(|p| parse_json(&p, "cairn_releases", id)).transpose()?,
        created_at: r.get(8)?,
        actor: Actor::from_json(&actor),
        ended_at: r.get(10)?,
        ended_by: r.get::<Option<String>>(11)?.map(|a| Actor::from_json(&a)),
        rolled_back_at: r.get(12)?,
    })
}

fn read_item(r: &Row<'_>) -> Result<ReleaseItemRow> {
    let id = r.get(0)?;
    let optional = |text: Option<String>| text.map(|t| parse_json(&t, "cairn_release_items", id)).transpose();
    Ok(ReleaseItemRow {
        id,
        release: r.get(1)?,
        item: NewReleaseItem { content_type: r.get(2)?, document_id: r.get(3)?, locale: r.get(4)?, action: r.get(5)? },
        outcome: r.get(6)?,
        problem: optional(r.get(7)?)?,
        before: optional(r.get(8)?)?,
        after: r.get(9)?,
    })
}

impl namespaces::Releases<Reader<'_>> {
    /// Gets the release with that id.
    pub fn get(&self, id: i64) -> Result<Option<ReleaseRow>> {
        let sql = format!("SELECT {COLUMNS} FROM cairn_releases r WHERE r.id = ?1");
        self.tx.conn.query_first("reading a release", &sql, [id], read_release)
    }

    /// Lists the releases of a filter: for a range of time in the order in which they are due, else newest first.
    pub fn list(&self, filter: &ReleaseFilter, limit: i64) -> Result<Vec<ReleaseRow>> {
        let mut values: Vec<Value> = vec![filter.before.unwrap_or(i64::MAX).into(), limit.into()];
        let mut sql = format!("SELECT {COLUMNS} FROM cairn_releases r WHERE r.id < ?1");
        let mut add = |text: &str, arguments: &[Value]| {
            let mut text = text.to_owned();
            for value in arguments {
                values.push(value.clone());
                text = text.replacen('#', &format!("?{}", values.len()), 1);
            }
            sql.push_str(&text);
        };
        if let Some(state) = filter.state {
            add(" AND r.state = #", &[state.as_str().into()]);
        }
        if let Some((uid, document)) = &filter.document {
            let text = " AND EXISTS (SELECT 1 FROM cairn_release_items i WHERE i.release_id = r.id AND i.type = # AND i.document_id = #)";
            add(text, &[uid.as_str().into(), document.as_str().into()]);
        }
        let ranged = filter.from.is_some() || filter.to.is_some();
        if let Some(from) = filter.from {
            add(" AND coalesce(r.ended_at, r.due) >= #", &[from.into()]);
        }
        if let Some(to) = filter.to {
            add(" AND coalesce(r.ended_at, r.due) < #", &[to.into()]);
        }
        let order = if ranged {
            " ORDER BY coalesce(r.ended_at, r.due), r.id LIMIT ?2"
        } else {
            " ORDER BY r.id DESC LIMIT ?2"
        };
        sql.push_str(order);
        self.tx.conn.query_all("reading releases", &sql, &values[..], read_release)
    }

    /// Number of items in a release.
    pub fn count_items(&self, release: i64) -> Result<i64> {
        let sql = "SELECT count(*) FROM cairn_release_items WHERE release_id = ?1";
        Ok(self.tx.conn.query_first("counting items of a release", sql, [release], |r| r.get(0))?.unwrap_or(0))
    }

    /// Lists items of a release behind an item, in the order in which they were added.
    pub fn list_items(&self, release: i64, after: i64, limit: i64) -> Result<Vec<ReleaseItemRow>> {
        let sql = format!(
            "SELECT {ITEM_COLUMNS} FROM cairn_release_items i WHERE i.release_id = ?1 AND i.id > ?2 ORDER BY i.id LIMIT ?3"
        );
        self.tx.conn.query_all("reading items of a release", &sql, (release, after, limit), read_item)
    }

    /// Finds documents of this release in other releases that have not ended: item of this one, and the other release.
    pub fn find_conflicts(&self, release: i64) -> Result<Vec<(i64, i64, String)>> {
        let sql = "SELECT i.id, r.id, r.name FROM cairn_release_items i
                   JOIN cairn_release_items o ON o.type = i.type AND o.document_id = i.document_id AND o.locale = i.locale
                   JOIN cairn_releases r ON r.id = o.release_id
                   WHERE i.release_id = ?1 AND o.release_id <> ?1 AND r.state IN ('open', 'scheduled', 'failed')
                   ORDER BY i.id, r.id";
        self.tx.conn.query_all("finding other releases", sql, [release], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))
    }
}

impl namespaces::Releases<&mut WriteTx<'_>> {
    /// Adds an open release; returns its id.
    pub fn create(&mut self, name: &str, note: Option<&str>, actor: &Actor, now: i64) -> Result<i64> {
        let sql = "INSERT INTO cairn_releases (name, note, state, created_at, actor) VALUES (?1, ?2, 'open', ?3, ?4)";
        self.tx.conn.insert("writing a release", sql, (name, note, now, actor.to_json()), false)
    }

    /// Locks a release until this transaction ends, and returns it.
    pub fn lock(&mut self, id: i64) -> Result<Option<ReleaseRow>> {
        let lock = match self.tx.conn {
            Connection::Sqlite(_) => "",
            Connection::Postgres(_) => " FOR UPDATE",
        };
        let sql = format!("SELECT {COLUMNS} FROM cairn_releases r WHERE r.id = ?1{lock}");
        self.tx.conn.query_first("locking a release", &sql, [id], read_release)
    }

    /// Writes everything that can change of a locked release.
    pub fn update(&mut self, r: &ReleaseRow) -> Result<()> {
        let sql = "UPDATE cairn_releases SET name = ?2, note = ?3, state = ?4, local_time = ?5, zone = ?6, due = ?7, problem = ?8,
                     ended_at = ?9, ended_by = ?10, rolled_back_at = ?11 WHERE id = ?1";
        let when = r.when.as_ref();
        let values = (
            r.id,
            &r.name,
            &r.note,
            r.state.as_str(),
            when.map(|w| w.local_time.as_str()),
            when.map(|w| w.zone.as_str()),
            when.map(|w| w.due),
            r.problem.as_ref().map(Json::to_string),
            r.ended_at,
            r.ended_by.as_ref().map(Actor::to_json),
            r.rolled_back_at,
        );
        self.tx.conn.execute("writing a release", sql, values).map(drop)
    }

    /// Deletes a release with its items.
    pub fn delete(&mut self, id: i64) -> Result<()> {
        self.tx.conn.execute("removing a release", "DELETE FROM cairn_release_items WHERE release_id = ?1", [id])?;
        self.tx.conn.execute("removing a release", "DELETE FROM cairn_releases WHERE id = ?1", [id]).map(drop)
    }

    /// Adds an item to a locked release, or changes the action of the item for that document and locale. Returns `true` if it was added.
    pub fn save_item(&mut self, release: i64, item: &NewReleaseItem) -> Result<bool> {
        let sql = "UPDATE cairn_release_items SET action = ?5, problem = NULL
                   WHERE release_id = ?1 AND type = ?2 AND document_id = ?3 AND locale = ?4";
        let values = (release, &item.content_type, &item.document_id, &item.locale, &item.action);
        if self.tx.conn.execute("writing an item of a release", sql, values)? > 0 {
            return Ok(false);
        }
        let sql = "INSERT INTO cairn_release_items (release_id, type, document_id, locale, action) VALUES (?1, ?2, ?3, ?4, ?5)";
        self.tx.conn.insert("writing an item of a release", sql, values, false).map(|_| true)
    }

    /// Removes an item from a locked release. Returns `false` if the release does not contain it.
    pub fn delete_item(&mut self, release: i64, item: i64) -> Result<bool> {
        let sql = "DELETE FROM cairn_release_items WHERE release_id = ?1 AND id = ?2";
        Ok(self.tx.conn.execute("removing an item of a release", sql, (release, item))? > 0)
    }

    /// Writes the outcome of an item.
    pub fn update_item(&mut self, item: &ReleaseItemRow) -> Result<()> {
        let sql = "UPDATE cairn_release_items SET outcome = ?2, problem = ?3, before_version = ?4, after_version = ?5 WHERE id = ?1";
        let text = |json: &Option<Json>| json.as_ref().map(Json::to_string);
        let values = (item.id, &item.outcome, text(&item.problem), text(&item.before), &item.after);
        self.tx.conn.execute("writing an item of a release", sql, values).map(drop)
    }
}
