//! `cairn_erasures`: erasures of one person's data and how far they are; `cairn_retained_records`: what stayed, and why.

use crate::connection::Row;
use crate::events::Actor;
use crate::namespaces;
use crate::{Reader, Result, StoreError, WriteTx};
use serde_json::Value as Json;

/// Where an erasure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ErasureState {
    /// Sources are left that have not been asked.
    Running,
    /// All sources were asked, and some could not answer: it can be continued.
    Incomplete,
    /// Everything is erased, or retained for a reason.
    Done,
}

impl ErasureState {
    /// The text that is stored and returned by the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Incomplete => "incomplete",
            Self::Done => "done",
        }
    }

    fn parse(text: &str) -> Self {
        match text {
            "done" => Self::Done,
            "incomplete" => Self::Incomplete,
            _ => Self::Running,
        }
    }
}

/// An erasure to begin.
#[derive(Debug, Clone, PartialEq)]
pub struct NewErasure {
    /// SHA-256 of the address, in hexadecimal.
    pub subject: String,
    /// The person; deleted once it is done.
    pub person: Json,
    /// Language of the texts about what stays.
    pub locale: String,
    /// State of each source.
    pub sources: Json,
    /// Actor who began it.
    pub started_by: Actor,
}

/// An erasure, as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct ErasureRow {
    /// Numeric id of the erasure.
    pub id: i64,
    /// SHA-256 of the address, in hexadecimal.
    pub subject: String,
    /// The person; `None` once it is done.
    pub person: Option<Json>,
    /// Language of the texts about what stays.
    pub locale: String,
    /// State of the erasure.
    pub state: ErasureState,
    /// State of each source.
    pub sources: Json,
    /// Number that grows with every step.
    pub revision: i64,
    /// Time of its beginning, in milliseconds.
    pub started_at: i64,
    /// Actor who began it.
    pub started_by: Actor,
    /// Time of its last step, in milliseconds.
    pub updated_at: i64,
    /// Time of its end, in milliseconds.
    pub finished_at: Option<i64>,
}

/// One thing that stayed, to add.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRetainedRecord {
    /// Holder of the data: `plugin:crm`.
    pub source: String,
    /// Kind of the record, for people.
    pub kind: String,
    /// Tells it from others of its kind.
    pub title: String,
    /// Why it stays, for people.
    pub reason: String,
    /// Until when, in milliseconds; `None` where that is not known.
    pub until: Option<i64>,
}

/// One thing that stayed, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetainedRecordRow {
    /// Number within the erasure, from 1.
    pub n: i64,
    /// Data that was retained, and why.
    pub record: NewRetainedRecord,
}

const COLUMNS: &str =
    "id, subject, person, locale, state, sources, revision, started_at, started_by, updated_at, finished_at";

fn read_erasure(r: &Row<'_>) -> Result<ErasureRow> {
    let (person, state, sources): (Option<String>, String, String) = (r.get(2)?, r.get(4)?, r.get(5)?);
    let started_by: String = r.get(8)?;
    let parse = |text: &str| {
        let corrupt =
            |e: serde_json::Error| StoreError::Corrupt { place: "cairn_erasures".to_owned(), message: e.to_string() };
        serde_json::from_str::<Json>(text).map_err(corrupt)
    };
    Ok(ErasureRow {
        id: r.get(0)?,
        subject: r.get(1)?,
        person: person.as_deref().map(parse).transpose()?,
        locale: r.get(3)?,
        state: ErasureState::parse(&state),
        sources: parse(&sources)?,
        revision: r.get(6)?,
        started_at: r.get(7)?,
        started_by: Actor::from_json(&started_by),
        updated_at: r.get(9)?,
        finished_at: r.get(10)?,
    })
}

fn read_retained(r: &Row<'_>) -> Result<RetainedRecordRow> {
    let record =
        NewRetainedRecord { source: r.get(1)?, kind: r.get(2)?, title: r.get(3)?, reason: r.get(4)?, until: r.get(5)? };
    Ok(RetainedRecordRow { n: r.get(0)?, record })
}

impl namespaces::Erasures<Reader<'_>> {
    /// Lists erasures, the newest first. `before`: only those with a smaller id.
    pub fn list(&self, before: Option<i64>, limit: i64) -> Result<Vec<ErasureRow>> {
        let sql = format!("SELECT {COLUMNS} FROM cairn_erasures WHERE id < ?1 ORDER BY id DESC LIMIT ?2");
        self.tx.conn.query_all("reading erasures", &sql, (before.unwrap_or(i64::MAX), limit), read_erasure)
    }

    /// Gets the erasure with that id.
    pub fn get(&self, id: i64) -> Result<Option<ErasureRow>> {
        let sql = format!("SELECT {COLUMNS} FROM cairn_erasures WHERE id = ?1");
        self.tx.conn.query_first("reading an erasure", &sql, [id], read_erasure)
    }

    /// Gets the last erasure of that person.
    pub fn get_last(&self, subject: &str) -> Result<Option<ErasureRow>> {
        let sql = format!("SELECT {COLUMNS} FROM cairn_erasures WHERE subject = ?1 ORDER BY id DESC LIMIT 1");
        self.tx.conn.query_first("reading an erasure", &sql, [subject], read_erasure)
    }

    /// Lists what stayed, behind a number, in order.
    pub fn list_retained(&self, erasure: i64, after: i64, limit: i64) -> Result<Vec<RetainedRecordRow>> {
        let sql = "SELECT n, source, kind, title, reason, until FROM cairn_retained_records
                   WHERE erasure = ?1 AND n > ?2 ORDER BY n LIMIT ?3";
        self.tx.conn.query_all("reading what stayed of a person", sql, (erasure, after, limit), read_retained)
    }

    /// Counts what stayed.
    pub fn count_retained(&self, erasure: i64) -> Result<i64> {
        let sql = "SELECT count(*) FROM cairn_retained_records WHERE erasure = ?1";
        Ok(self.tx.conn.query_first("counting what stayed of a person", sql, [erasure], |r| r.get(0))?.unwrap_or(0))
    }
}

impl namespaces::Erasures<&mut WriteTx<'_>> {
    /// Begins an erasure and returns its id. Returns [`StoreError::Unique`] if one of that person is not done.
    pub fn create(&mut self, new: &NewErasure, now: i64) -> Result<i64> {
        let id: Option<i64> = self.tx.conn.query_first(
            "writing an erasure",
            "INSERT INTO cairn_erasures (subject, person, locale, state, sources, revision, started_at, started_by, updated_at)
             VALUES (?1, ?2, ?3, 'running', ?4, 1, ?5, ?6, ?5) RETURNING id",
            (&new.subject, new.person.to_string(), &new.locale, new.sources.to_string(), now, new.started_by.to_json()),
            |r| r.get(0),
        )?;
        id.ok_or_else(|| StoreError::Corrupt {
            place: "cairn_erasures".to_owned(),
            message: "a row that was just added cannot be found".to_owned(),
        })
    }

    /// Claims the next step of an erasure, before it is taken: nobody else takes it. Returns `false` if it is past that revision.
    pub fn claim(&mut self, id: i64, revision: i64, now: i64) -> Result<bool> {
        let sql = "UPDATE cairn_erasures SET revision = revision + 1, updated_at = ?3 WHERE id = ?1 AND revision = ?2";
        Ok(self.tx.conn.execute("claiming a step of an erasure", sql, (id, revision, now))? > 0)
    }

    /// Stores how far an erasure is, after [`claim`](Self::claim) in the same transaction. One that is done no longer has its person.
    pub fn update(&mut self, id: i64, state: ErasureState, sources: &Json, now: i64) -> Result<()> {
        let finished = (state != ErasureState::Running).then_some(now);
        let sql = "UPDATE cairn_erasures SET state = ?2, sources = ?3, finished_at = ?4,
                     person = CASE WHEN ?2 = 'done' THEN NULL ELSE person END WHERE id = ?1";
        let values = (id, state.as_str(), sources.to_string(), finished);
        self.tx.conn.execute("storing how far an erasure is", sql, values).map(drop)
    }

    /// Adds what stayed, behind what was added before.
    pub fn add_retained(&mut self, erasure: i64, records: &[NewRetainedRecord]) -> Result<()> {
        let sql = "SELECT coalesce(max(n), 0) FROM cairn_retained_records WHERE erasure = ?1";
        let last_number: i64 =
            self.tx.conn.query_first("reading what stayed of a person", sql, [erasure], |r| r.get(0))?.unwrap_or(0);
        for (n, record) in (last_number + 1..).zip(records) {
            let sql = "INSERT INTO cairn_retained_records (erasure, n, source, kind, title, reason, until)
                       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
            let NewRetainedRecord { source, kind, title, reason, until } = record;
            self.tx.conn.execute(
                "writing what stayed of a person",
                sql,
                (erasure, n, source, kind, title, reason, *until),
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::test_stores;
    use serde_json::json;

    fn new_erasure(subject: &str) -> NewErasure {
        NewErasure {
            subject: subject.to_owned(),
            person: json!({ "email": "ann@example.com" }),
            locale: "en".to_owned(),
            sources: json!([]),
            started_by: Actor::system("test"),
        }
    }

    fn retained(source: &str, until: Option<i64>) -> NewRetainedRecord {
        let text = str::to_owned;
        NewRetainedRecord {
            source: source.to_owned(),
            kind: text("Quote"),
            title: text("7"),
            reason: text("fiscal"),
            until,
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn one_erasure_of_a_person_is_open_at_a_time() {
        for store in test_stores() {
            let id = store.write(|tx| tx.erasures().create(&new_erasure("a"), 1)).await.unwrap();
            let again = store.write(|tx| tx.erasures().create(&new_erasure("a"), 2)).await;
            assert!(matches!(again, Err(StoreError::Unique)), "{again:?}");
            store.write(|tx| tx.erasures().create(&new_erasure("b"), 2)).await.unwrap();
            let claimed = store
                .write(move |tx| Ok::<_, StoreError>((tx.erasures().claim(id, 1, 3)?, tx.erasures().claim(id, 1, 3)?)));
            assert_eq!(claimed.await.unwrap(), (true, false));
            let sources = json!([{ "source": "plugin:crm", "state": "done" }]);
            let stored = sources.clone();
            store.write(move |tx| tx.erasures().update(id, ErasureState::Done, &stored, 4)).await.unwrap();
            let row = store.read(|r| r.erasures().get(id)).unwrap().unwrap();
            assert_eq!(
                (row.state, row.person, row.sources, row.finished_at),
                (ErasureState::Done, None, sources, Some(4))
            );
            let again = store.write(|tx| tx.erasures().create(&new_erasure("a"), 5)).await.unwrap();
            assert_eq!(store.read(|r| r.erasures().get_last("a")).unwrap().unwrap().id, again);
            let listed = store.read(|r| r.erasures().list(Some(again), 1)).unwrap();
            assert_eq!(listed.iter().map(|row| row.subject.as_str()).collect::<Vec<_>>(), ["b"]);
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_stayed_is_numbered_within_its_erasure() {
        for store in test_stores() {
            store
                .write(|tx| {
                    tx.erasures().add_retained(1, &[retained("plugin:crm", Some(5)), retained("core:audit", None)])?;
                    tx.erasures().add_retained(1, &[retained("plugin:crm", Some(6))])?;
                    tx.erasures().add_retained(2, &[retained("plugin:crm", None)])
                })
                .await
                .unwrap();
            let rows = store.read(|r| r.erasures().list_retained(1, 1, 10)).unwrap();
            let facts: Vec<_> = rows.iter().map(|row| (row.n, row.record.source.as_str(), row.record.until)).collect();
            assert_eq!(facts, [(2, "core:audit", None), (3, "plugin:crm", Some(6))]);
            assert_eq!(store.read(|r| r.erasures().count_retained(1)).unwrap(), 3);
            assert_eq!(store.read(|r| r.erasures().count_retained(2)).unwrap(), 1);
        }
    }
}
