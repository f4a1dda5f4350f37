//! The schema of a database from outside: at a start, and by a command.

use super::apply::{ChangeOutcome, ChangeRun};
use super::trash::{self, ChangeTimes, TrashEntry};
use super::tx::ChangeTx;
use super::{restore, schema_row, unique_indexes};
use crate::connection::Connection;
use crate::database::Database;
use crate::events::Actor;
use crate::schema::Catalogue;
use crate::{Result, StoreError, postgres, sqlite};
use cairn_model::Registry;
use cairn_model::change::{Answers, ChangePlan, Snapshot, StepTiming, plan_change};

pub(crate) use schema_row::read_generation;

/// SQL statement that fails if the schema has another generation, and prevents changes to it until the end of the transaction
/// (PostgreSQL). `?` is the generation.
pub(crate) const GENERATION_GUARD_SQL: &str = "SELECT 1 / CAST(generation = ? AS integer) FROM cairn_schema";

/// The state of a schema that is up to date.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CurrentSchema {
    /// Generation of the schema; if it changes, this process must not write any more.
    pub(crate) generation: i64,
}

/// Effect of a change of the files on a database.
#[derive(Debug, Clone)]
pub struct SchemaPlan {
    /// The plan from the applied schema to the files.
    pub plan: ChangePlan,
    /// True if a start of the server would apply it.
    pub at_start: bool,
    /// Tables and columns that no content type names.
    pub leftovers: Vec<String>,
    /// Tables, columns and indexes that should exist and do not.
    pub missing: Vec<String>,
    /// Why it cannot be applied to the present content; `None` if it can, or if that was not tried.
    pub refused: Option<String>,
}

/// A change that was applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppliedChange {
    /// Hash of the plan ([`ChangePlan::hash`]).
    pub hash: String,
    /// The plan, as JSON.
    pub plan: String,
    /// `start`, `command`, or the name of the admin user who applied it.
    pub by: String,
    /// Time of the change, ISO 8601 in UTC.
    pub applied_at: String,
}

/// Brings the tables up to the model as far as a start may, in the transaction that the caller has begun.
pub(crate) fn ensure_schema(conn: &Connection, registry: &Registry) -> Result<CurrentSchema> {
    let files = Snapshot::from_registry(registry);
    let current = apply_at_start(conn, &files)?;
    unique_indexes::leave_out_empty_texts(ChangeTx { conn }, &files)?;
    Ok(current)
}

fn apply_at_start(conn: &Connection, files: &Snapshot) -> Result<CurrentSchema> {
    if let Some(applied) = schema_row::read_applied(conn)?
        && applied.hash == files.hash()
    {
        return Ok(CurrentSchema { generation: applied.generation });
    }
    let tx = ChangeTx { conn };
    let times = database_times(tx)?;
    let before = schema_row::applied_snapshot(tx, files, &Catalogue::load(conn)?)?;
    let plan = plan_change(&before, files, &Answers::default());
    if !is_safe_at_start(&plan) {
        return Err(StoreError::Schema(refusal_message(&plan)));
    }
    wait_for_writers(tx)?;
    let outcome = ChangeRun::new(tx, &before, files, &plan, &times).apply_all(&Actor::system("start"))?;
    for note in &outcome.notes {
        tracing::warn!("{note}");
    }
    for step in &plan.steps {
        tracing::info!(step = step.id, "{}", step.sentence);
    }
    Ok(CurrentSchema { generation: outcome.generation })
}

/// Plans the change. If the files are applied already no answers are left to give: a swap that is answered twice would be undone.
fn plan_schema(tx: ChangeTx<'_>, before: &Snapshot, files: &Snapshot, answers: &Answers) -> Result<ChangePlan> {
    let is_applied = schema_row::read_applied(tx.conn)?.is_some_and(|applied| applied.hash == files.hash());
    Ok(if is_applied { plan_change(before, files, &Answers::default()) } else { plan_change(before, files, answers) })
}

/// True if a start may apply the plan, if the data allow it.
fn is_safe_at_start(plan: &ChangePlan) -> bool {
    plan.problems.is_empty() && plan.latest_timing() <= StepTiming::StartIfItHolds
}

fn refusal_message(plan: &ChangePlan) -> String {
    let steps = plan.steps.iter().filter(|s| s.timing() > StepTiming::StartIfItHolds).map(|s| s.sentence.clone());
    let problems = plan.problems.iter().map(|p| format!("{}: {}", p.place, p.message));
    let questions = plan.questions.iter().map(|q| q.sentence.clone());
    let all: Vec<String> = problems.chain(questions).chain(steps).collect();
    format!(
        "the content types differ from the database in ways that need a decision; nothing was changed:\n  \
         {}\nReview the change with `cairn schema plan`, then run `cairn schema apply`",
        all.join("\n  ")
    )
}

/// Waits for running writes to end, and blocks others until the end of the transaction.
pub(super) fn wait_for_writers(tx: ChangeTx<'_>) -> Result<()> {
    if tx.is_sqlite() {
        return Ok(());
    }
    tx.conn.execute_batch("waiting for pending writes", "LOCK TABLE cairn_schema IN ACCESS EXCLUSIVE MODE")
}

/// The times of a change by the database's clock, for callers that pass none.
fn database_times(tx: ChangeTx<'_>) -> Result<ChangeTimes> {
    let sql = if tx.is_sqlite() {
        "SELECT strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '+30 days')"
    } else {
        "SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'),
                to_char((now() + interval '30 days') AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"
    };
    let times = tx.conn.query_first("reading the server's time", sql, (), |r| Ok((r.get(0)?, r.get(1)?)))?;
    let (now, expires) = times.unwrap_or_default();
    Ok(ChangeTimes { now, expires })
}

impl Database {
    /// Runs `work` while no other start or change of the schema runs, with the system tables up to date. Commits if `keep` is set and
    /// `work` succeeds. Blocks.
    fn run_exclusively<T>(
        &self,
        keep: bool,
        registry: &Registry,
        work: impl FnOnce(ChangeTx<'_>) -> Result<T>,
    ) -> Result<T> {
        let work = |conn: &Connection| work(ChangeTx { conn });
        match self {
            Self::Sqlite(path) => sqlite::run_exclusively(path, keep, registry, work),
            Self::Postgres(options) => postgres::run_exclusively(options, keep, work),
        }
    }

    /// Plans what the files mean for the database, with the answers that a person gave. Changes nothing; with `tried`, makes the change and
    /// rolls it back, to see whether the content allows it. Blocks. Returns an error if the database cannot be read.
    pub fn schema_plan(&self, registry: &Registry, answers: &Answers, tried: bool) -> Result<SchemaPlan> {
        let files = Snapshot::from_registry(registry);
        if !self.exists()? {
            let plan = plan_change(&Snapshot::empty(), &files, answers);
            return Ok(SchemaPlan {
                at_start: is_safe_at_start(&plan),
                plan,
                leftovers: Vec::new(),
                missing: Vec::new(),
                refused: None,
            });
        }
        self.run_exclusively(false, registry, |tx| {
            let catalogue = Catalogue::load(tx.conn)?;
            let before = schema_row::applied_snapshot(tx, &files, &catalogue)?;
            let plan = plan_schema(tx, &before, &files, answers)?;
            let leftovers = schema_row::find_leftovers(tx, &before, &catalogue);
            let missing = schema_row::find_missing(tx, &before, &catalogue);
            let refused = match tried && plan.problems.is_empty() {
                true => {
                    let times = database_times(tx)?;
                    wait_for_writers(tx)?;
                    match ChangeRun::new(tx, &before, &files, &plan, &times).apply_all(&Actor::system("trial")) {
                        Err(StoreError::Schema(message)) => Some(message),
                        other => other.map(|_| None)?,
                    }
                }
                false => None,
            };
            Ok(SchemaPlan { at_start: is_safe_at_start(&plan), plan, leftovers, missing, refused })
        })
    }

    /// Applies the files to the database, with the answers that a person gave: all of it, or nothing. Blocks. Returns an error for changes
    /// that are impossible or not agreed to yet, and for content that does not fit.
    pub fn schema_apply(
        &self,
        registry: &Registry,
        answers: &Answers,
        times: &ChangeTimes,
    ) -> Result<(ChangePlan, ChangeOutcome)> {
        self.schema_apply_by(registry, answers, times, &Actor::system("command"))
    }

    /// Does the same as [`Self::schema_apply`], on behalf of an actor.
    ///
    /// # Errors
    /// Returns the same errors as [`Self::schema_apply`].
    pub fn schema_apply_by(
        &self,
        registry: &Registry,
        answers: &Answers,
        times: &ChangeTimes,
        by: &Actor,
    ) -> Result<(ChangePlan, ChangeOutcome)> {
        let files = Snapshot::from_registry(registry);
        self.run_exclusively(true, registry, |tx| {
            let before = schema_row::applied_snapshot(tx, &files, &Catalogue::load(tx.conn)?)?;
            let plan = plan_schema(tx, &before, &files, answers)?;
            plan.check_ready(answers).map_err(|e| StoreError::Schema(e.to_string()))?;
            wait_for_writers(tx)?;
            let same = schema_row::read_applied(tx.conn)?.is_some_and(|applied| applied.hash == files.hash());
            if same && plan.steps.is_empty() {
                return Ok((
                    plan,
                    ChangeOutcome { generation: schema_row::read_generation(tx.conn)?, ..ChangeOutcome::default() },
                ));
            }
            let outcome = ChangeRun::new(tx, &before, &files, &plan, times).apply_all(by)?;
            Ok((plan, outcome))
        })
    }

    /// True if the files of that model are those that were applied last. Blocks. Returns an error if the database cannot be read.
    pub fn schema_is(&self, registry: &Registry) -> Result<bool> {
        if !self.exists()? {
            return Ok(false);
        }
        let expected_hash = Snapshot::from_registry(registry).hash();
        self.run_exclusively(false, registry, |tx| {
            Ok(schema_row::read_applied(tx.conn)?.is_some_and(|applied| applied.hash == expected_hash))
        })
    }

    /// Lists every trash entry, the newest first. Blocks.
    pub fn schema_trash(&self, registry: &Registry) -> Result<Vec<TrashEntry>> {
        if !self.exists()? {
            return Ok(Vec::new());
        }
        self.run_exclusively(false, registry, trash::list_entries)
    }

    /// Restores a trash entry. The files must contain again what was dropped, and the database must be up to date with them. Blocks.
    /// Returns an error if either is not so, or if existing content is in the way.
    pub fn schema_restore(&self, registry: &Registry, id: i64, times: &ChangeTimes) -> Result<restore::RestoreOutcome> {
        let files = Snapshot::from_registry(registry);
        self.run_exclusively(true, registry, |tx| {
            if schema_row::read_applied(tx.conn)?.is_none_or(|applied| applied.hash != files.hash()) {
                return Err(StoreError::Schema(
                    "the database is not up to date with the content types; run `cairn schema apply` first".into(),
                ));
            }
            wait_for_writers(tx)?;
            restore::restore_entry(tx, &files, id, times)
        })
    }

    /// The names of the tenants that the default tenant's database declares, active or not. Blocks.
    pub fn schema_tenants(&self, registry: &Registry) -> Result<Vec<String>> {
        if !self.exists()? {
            return Ok(Vec::new());
        }
        let sql = "SELECT name FROM cairn_tenants ORDER BY id";
        self.run_exclusively(false, registry, |tx| tx.query_all("reading the tenants", sql, (), |r| r.get(0)))
    }

    /// Lists every change that was applied, the oldest first. Blocks.
    pub fn schema_history(&self, registry: &Registry) -> Result<Vec<AppliedChange>> {
        self.run_exclusively(false, registry, applied_changes)
    }
}

impl crate::Store {
    /// Deletes trash entries that have expired by `now` (ISO time), and returns their number. Blocks.
    pub fn purge_trash(&self, now: &str) -> Result<usize> {
        let expired = "SELECT 1 FROM cairn_trash WHERE expires_at <= ?1";
        if !self.read(|r| r.conn.exists("reading the trash", expired, [now]))? {
            return Ok(0);
        }
        let database = match &self.inner.backend {
            crate::database::Backend::Sqlite(b) => Database::Sqlite(b.path.clone()),
            crate::database::Backend::Postgres(b) => Database::Postgres(b.options().clone()),
        };
        let registry = self.registry().clone();
        database.run_exclusively(true, &registry, |tx| {
            let entries: Vec<TrashEntry> =
                trash::list_entries(tx)?.into_iter().filter(|e| e.expires_at.as_str() <= now).collect();
            entries.iter().try_for_each(|entry| trash::remove_entry(tx, entry))?;
            Ok(entries.len())
        })
    }
}

fn applied_changes(tx: ChangeTx<'_>) -> Result<Vec<AppliedChange>> {
    let sql = "SELECT hash, plan, by, applied_at FROM cairn_schema_changes ORDER BY id";
    tx.query_all("reading the history", sql, (), |r| {
        Ok(AppliedChange { hash: r.get(0)?, plan: r.get(1)?, by: r.get(2)?, applied_at: r.get(3)? })
    })
}
