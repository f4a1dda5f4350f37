//! `cairn_cron`: recurring jobs.

use super::{DuplicatePolicy, NewJob};
use crate::namespaces;
use crate::{Reader, Result, StoreError, WriteTx};
use serde_json::Value as Json;
use std::collections::HashMap;

/// How missed runs are made up for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MissedRuns {
    /// One run makes up for all of them.
    Once,
    /// Each missed run is made up for.
    Each,
    /// Missed runs are dropped.
    Skip,
}

impl MissedRuns {
    /// The text that is stored and returned by the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Once => "once",
            Self::Each => "each",
            Self::Skip => "skip",
        }
    }

    /// Parses what [`Self::as_str`] returns.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "once" => Some(Self::Once),
            "each" => Some(Self::Each),
            "skip" => Some(Self::Skip),
            _ => None,
        }
    }
}

/// A recurring job.
#[derive(Debug, Clone, PartialEq)]
pub struct CronRow {
    /// Unique name of the recurring job.
    pub name: String,
    /// Name of the handler.
    pub job: String,
    /// Passed to the handler.
    pub payload: Json,
    /// When it runs, as a cron expression.
    pub cron: String,
    /// Time zone of the cron expression (`Europe/Amsterdam`).
    pub zone: String,
    /// How missed runs are made up for.
    pub missed: MissedRuns,
    /// When it is due next, in milliseconds; `None`: never again.
    pub next: Option<i64>,
    /// When it was due last.
    pub last: Option<i64>,
    /// True if a person paused it.
    pub paused: bool,
}

/// A recurring job to declare.
#[derive(Debug, Clone, PartialEq)]
pub struct NewRecurring {
    /// The job. If one with its name exists, its last run and whether it is paused are retained.
    pub row: CronRow,
    /// Its runs are delayed by up to so many milliseconds. The delay is chosen once for a database.
    pub spread: i64,
}

const COLUMNS: &str = "name, job, payload, cron, zone, missed, next, last, paused";

fn read_cron(r: &crate::connection::Row<'_>) -> Result<CronRow> {
    let (name, payload, missed): (String, String, String) = (r.get(0)?, r.get(2)?, r.get(5)?);
    let payload = serde_json::from_str(&payload)
        .map_err(|e| StoreError::Corrupt { place: format!("cairn_cron {name}"), message: e.to_string() })?;
    let missed = MissedRuns::parse(&missed).unwrap_or(MissedRuns::Once);
    Ok(CronRow {
        name,
        job: r.get(1)?,
        payload,
        cron: r.get(3)?,
        zone: r.get(4)?,
        missed,
        next: r.get(6)?,
        last: r.get(7)?,
        paused: r.get(8)?,
    })
}

impl namespaces::RecurringJobs<Reader<'_>> {
    /// All recurring jobs, by name.
    pub fn list(&self) -> Result<Vec<CronRow>> {
        self.tx.conn.query_all(
            "reading the recurring jobs",
            &format!("SELECT {COLUMNS} FROM cairn_cron ORDER BY name"),
            (),
            read_cron,
        )
    }

    /// Recurring jobs that are due.
    pub fn find_due(&self, now: i64) -> Result<Vec<CronRow>> {
        let sql = format!("SELECT {COLUMNS} FROM cairn_cron WHERE next <= ?1 ORDER BY next, name");
        self.tx.conn.query_all("reading the recurring jobs", &sql, [now], read_cron)
    }
}

impl namespaces::RecurringJobs<&mut WriteTx<'_>> {
    /// Adds a recurring job, or changes the one with that name. If its times did not change, its next run stays.
    pub fn save(&mut self, c: &CronRow) -> Result<()> {
        self.tx.changes.events = true;
        self.tx.conn
            .execute(
                "writing a recurring job",
                "INSERT INTO cairn_cron AS c (name, job, payload, cron, zone, missed, next, paused)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                 ON CONFLICT (name) DO UPDATE SET job = excluded.job, payload = excluded.payload,
                   next = CASE WHEN c.cron = excluded.cron AND c.zone = excluded.zone THEN c.next ELSE excluded.next END,
                   cron = excluded.cron, zone = excluded.zone, missed = excluded.missed, paused = excluded.paused",
                (&c.name, &c.job, c.payload.to_string(), &c.cron, &c.zone, c.missed.as_str(), c.next, c.paused),
            )
            .map(drop)
    }

    /// Replaces the recurring jobs whose names begin with `names`: adds new ones, changes existing ones, deletes the others. Does the same
    /// as [`Self::save`], except that a paused job stays paused.
    ///
    /// # Errors
    /// [`StoreError::Schema`] if a name has another beginning; an error if the database cannot be written.
    pub fn declare(&mut self, names: &str, declared: &[NewRecurring]) -> Result<()> {
        if let Some(other) = declared.iter().find(|d| !d.row.name.starts_with(names)) {
            return Err(StoreError::Schema(format!("{}: the name must begin with {names}", other.row.name)));
        }
        let existing: HashMap<String, bool> = self
            .tx
            .reader()
            .recurring_jobs()
            .list()?
            .into_iter()
            .filter(|row| row.name.starts_with(names))
            .map(|row| (row.name, row.paused))
            .collect();
        for removed_name in existing.keys().filter(|name| declared.iter().all(|d| d.row.name != **name)) {
            self.delete(removed_name)?;
        }
        for NewRecurring { row, spread } in declared {
            let paused = existing.get(&row.name).copied().unwrap_or(row.paused);
            self.save(&CronRow { paused, ..row.clone() })?;
            let delay = if *spread > 0 { rand::random_range(0..*spread) } else { 0 };
            self.tx.conn.execute(
                "writing a recurring job",
                "UPDATE cairn_cron SET delay = CASE WHEN delay > 0 AND delay < ?2 THEN delay ELSE ?3 END WHERE name = ?1",
                (&row.name, *spread, delay),
            )?;
        }
        Ok(())
    }

    /// Deletes a recurring job.
    pub fn delete(&mut self, name: &str) -> Result<bool> {
        Ok(self.tx.conn.execute("removing a recurring job", "DELETE FROM cairn_cron WHERE name = ?1", [name])? > 0)
    }

    /// Moves a recurring job from one due time to the next, and enqueues its runs at `due`. Returns `false` if another node has done so:
    /// then nothing is written.
    pub fn run(&mut self, c: &CronRow, due: &[i64], next: Option<i64>, now: i64) -> Result<bool> {
        let sql = "UPDATE cairn_cron SET last = next, next = ?3 WHERE name = ?1 AND next = ?2 RETURNING delay";
        let moved =
            self.tx.conn.query_first("running a recurring job", sql, (&c.name, c.next, next), |r| r.get::<i64>(0))?;
        let Some(delay) = moved else { return Ok(false) };
        for &at in due {
            let mut payload = c.payload.clone();
            if let Some(object) = payload.as_object_mut() {
                object.insert("scheduledFor".into(), at.into());
            }
            let key = Some(format!("{}@{at}", c.name));
            let job = NewJob {
                name: c.job.clone(),
                key,
                duplicate: DuplicatePolicy::Keep,
                lane: None,
                payload,
                due: at.saturating_add(delay),
            };
            self.tx.jobs().enqueue(&job, now)?;
        }
        Ok(true)
    }
}
