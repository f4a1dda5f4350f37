//! The schema of a database by a command.

use super::restore::{self, RestoreOutcome};
use super::run::{ChangeOutcome, ChangeRun};
use super::schema_row;
use super::start::{database_times, is_safe_at_start};
use super::trash::{self, ChangeTimes, TrashEntry};
use super::tx::ChangeTx;
use crate::connection::Connection;
use crate::events::Actor;
use crate::schema::Catalogue;
use crate::store::Backend;
use crate::{Database, Result, Store, StoreError, postgres, sqlite};
use cairn_model::Registry;
use cairn_model::change::{Answers, ChangePlan, Snapshot, plan_change};

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

/// Plans the change. If the files are applied already no answers are left to give: a swap that is answered twice would be undone.
fn plan_schema(tx: ChangeTx<'_>, before: &Snapshot, files: &Snapshot, answers: &Answers) -> Result<ChangePlan> {
    let is_applied = schema_row::read_applied(tx.conn)?.is_some_and(|applied| applied.hash == files.hash());
    Ok(if is_applied { plan_change(before, files, &Answers::default()) } else { plan_change(before, files, answers) })
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
                    tx.wait_for_writers()?;
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
            tx.wait_for_writers()?;
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
    pub fn schema_restore(&self, registry: &Registry, id: i64, times: &ChangeTimes) -> Result<RestoreOutcome> {
        let files = Snapshot::from_registry(registry);
        self.run_exclusively(true, registry, |tx| {
            if schema_row::read_applied(tx.conn)?.is_none_or(|applied| applied.hash != files.hash()) {
                return Err(StoreError::Schema(
                    "the database is not up to date with the content types; run `cairn schema apply` first".into(),
                ));
            }
            tx.wait_for_writers()?;
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

impl Store {
    /// Deletes trash entries that have expired by `now` (ISO time), and returns their number. Blocks.
    pub fn purge_trash(&self, now: &str) -> Result<usize> {
        let expired = "SELECT 1 FROM cairn_trash WHERE expires_at <= ?1";
        if !self.read(|r| r.conn.exists("reading the trash", expired, [now]))? {
            return Ok(0);
        }
        let database = match &self.inner.backend {
            Backend::Sqlite(b) => Database::Sqlite(b.path.clone()),
            Backend::Postgres(b) => Database::Postgres(b.options().clone()),
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
