//! The schema of a database from outside: at a start, and by command.

use super::apply::{Outcome, Run};
use super::trash::{self, Times, TrashEntry};
use super::tx::Tx;
use super::{applied, restore};
use crate::connection::Connection;
use crate::database::Database;
use crate::events::Actor;
use crate::schema::Catalogue;
use crate::{Result, StoreError, postgres, sqlite};
use cairn_model::Registry;
use cairn_model::change::{Answers, Plan, Snapshot, When, plan};

pub(crate) use applied::generation;

/// A statement that fails where the schema is not of that generation, and keeps it from changing to the end of the
/// transaction (PostgreSQL). `?` stands for the generation.
pub(crate) const GUARD: &str = "SELECT 1 / CAST(generation = ? AS integer) FROM cairn_schema";

/// A schema that is up to date.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Opened {
    /// Of the schema: another one, and this process must not write.
    pub(crate) generation: i64,
}

/// What a change of the files means for a database.
#[derive(Debug, Clone)]
pub struct SchemaPlan {
    /// The steps.
    pub plan: Plan,
    /// Whether a start of the server would do it.
    pub at_start: bool,
    /// Tables and columns that no content type names.
    pub leftovers: Vec<String>,
    /// Tables, columns and indexes that should be there and are not.
    pub missing: Vec<String>,
    /// Why it cannot be done with the content there is; `None` where it can, or where it was not tried.
    pub refused: Option<String>,
}

/// A change that was applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppliedChange {
    /// [`Plan::hash`].
    pub hash: String,
    /// The plan, as JSON.
    pub plan: String,
    /// `start` or `command`, or the name of who did it in the admin.
    pub by: String,
    /// ISO time.
    pub applied_at: String,
}

/// Brings the tables up to the model as far as a start may, in the transaction the caller has begun.
pub(crate) fn ensure(conn: &Connection, registry: &Registry) -> Result<Opened> {
    let files = Snapshot::of(registry);
    if let Some(applied) = applied::read(conn)?
        && applied.hash == files.hash()
    {
        return Ok(Opened { generation: applied.generation });
    }
    let tx = Tx { conn };
    let times = database_times(tx)?;
    let before = applied::snapshot(tx, &files, &Catalogue::read(conn)?)?;
    let plan = plan(&before, &files, &Answers::default());
    if !at_start(&plan) {
        return Err(StoreError::Schema(refusal(&plan)));
    }
    wait_for_writers(tx)?;
    let outcome = Run::new(tx, &before, &files, &plan, &times).all(&Actor::system("start"))?;
    for note in &outcome.notes {
        tracing::warn!("{note}");
    }
    for step in &plan.steps {
        tracing::info!(step = step.id, "{}", step.sentence);
    }
    Ok(Opened { generation: outcome.generation })
}

/// The plan. Where the files are applied already there is nothing left to answer: a swap that is answered twice would be
/// undone.
fn planned(tx: Tx<'_>, before: &Snapshot, files: &Snapshot, answers: &Answers) -> Result<Plan> {
    let done = applied::read(tx.conn)?.is_some_and(|applied| applied.hash == files.hash());
    Ok(if done { plan(before, files, &Answers::default()) } else { plan(before, files, answers) })
}

/// Whether a start may do it, if the data allow it.
fn at_start(plan: &Plan) -> bool {
    plan.problems.is_empty() && plan.when() <= When::StartIfItHolds
}

fn refusal(plan: &Plan) -> String {
    let steps = plan.steps.iter().filter(|s| s.when() > When::StartIfItHolds).map(|s| s.sentence.clone());
    let problems = plan.problems.iter().map(|p| format!("{}: {}", p.place, p.message));
    let questions = plan.questions.iter().map(|q| q.sentence.clone());
    let all: Vec<String> = problems.chain(questions).chain(steps).collect();
    format!(
        "the content types differ from the database in ways that need a decision; nothing was changed:\n  {}\n\
         See `cairn schema plan`, then run `cairn schema apply`",
        all.join("\n  ")
    )
}

/// Lets running writes end, and keeps others waiting until the end of the transaction.
fn wait_for_writers(tx: Tx<'_>) -> Result<()> {
    if tx.is_sqlite() {
        return Ok(());
    }
    tx.conn.batch("waiting for writes", "LOCK TABLE cairn_schema IN ACCESS EXCLUSIVE MODE")
}

/// By the database's clock: for what nobody gives a time.
fn database_times(tx: Tx<'_>) -> Result<Times> {
    let sql = if tx.is_sqlite() {
        "SELECT strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '+30 days')"
    } else {
        "SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'),
                to_char((now() + interval '30 days') AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"
    };
    let times = tx.conn.first("asking for the time", sql, (), |r| Ok((r.get(0)?, r.get(1)?)))?;
    let (now, expires) = times.unwrap_or_default();
    Ok(Times { now, expires })
}

impl Database {
    /// Runs `work` where no other start or change of the schema runs, with the system tables up to date. Its changes are
    /// kept where `keep` says so and it ends well. Blocks.
    fn exclusively<T>(&self, keep: bool, registry: &Registry, work: impl FnOnce(Tx<'_>) -> Result<T>) -> Result<T> {
        let work = |conn: &Connection| work(Tx { conn });
        match self {
            Self::Sqlite(path) => sqlite::exclusively(path, keep, registry, work),
            Self::Postgres(options) => postgres::exclusively(options, keep, work),
        }
    }

    /// What the files mean for the database, with what a person answered. Nothing is changed; `tried`: the change is made and
    /// undone again, to see whether the content allows it. Blocks.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub fn schema_plan(&self, registry: &Registry, answers: &Answers, tried: bool) -> Result<SchemaPlan> {
        let files = Snapshot::of(registry);
        if !self.exists()? {
            let plan = plan(&Snapshot::empty(), &files, answers);
            return Ok(SchemaPlan {
                at_start: at_start(&plan),
                plan,
                leftovers: Vec::new(),
                missing: Vec::new(),
                refused: None,
            });
        }
        self.exclusively(false, registry, |tx| {
            let catalogue = Catalogue::read(tx.conn)?;
            let before = applied::snapshot(tx, &files, &catalogue)?;
            let plan = planned(tx, &before, &files, answers)?;
            let leftovers = applied::leftovers(tx, &before, &catalogue);
            let missing = applied::missing(tx, &before, &catalogue);
            let refused = match tried && plan.problems.is_empty() {
                true => {
                    let times = database_times(tx)?;
                    wait_for_writers(tx)?;
                    match Run::new(tx, &before, &files, &plan, &times).all(&Actor::system("trial")) {
                        Err(StoreError::Schema(message)) => Some(message),
                        other => other.map(|_| None)?,
                    }
                }
                false => None,
            };
            Ok(SchemaPlan { at_start: at_start(&plan), plan, leftovers, missing, refused })
        })
    }

    /// Applies the files to the database, with what a person answered: all of it, or nothing. Blocks.
    ///
    /// # Errors
    /// What cannot be done or is not agreed to yet; content that does not fit.
    pub fn schema_apply(&self, registry: &Registry, answers: &Answers, times: &Times) -> Result<(Plan, Outcome)> {
        self.schema_apply_by(registry, answers, times, &Actor::system("command"))
    }

    /// As [`Self::schema_apply`], by somebody.
    ///
    /// # Errors
    /// Likewise.
    pub fn schema_apply_by(
        &self,
        registry: &Registry,
        answers: &Answers,
        times: &Times,
        by: &Actor,
    ) -> Result<(Plan, Outcome)> {
        let files = Snapshot::of(registry);
        self.exclusively(true, registry, |tx| {
            let before = applied::snapshot(tx, &files, &Catalogue::read(tx.conn)?)?;
            let plan = planned(tx, &before, &files, answers)?;
            plan.ready(answers).map_err(|e| StoreError::Schema(e.to_string()))?;
            wait_for_writers(tx)?;
            let same = applied::read(tx.conn)?.is_some_and(|applied| applied.hash == files.hash());
            if same && plan.steps.is_empty() {
                return Ok((plan, Outcome { generation: applied::generation(tx.conn)?, ..Outcome::default() }));
            }
            let outcome = Run::new(tx, &before, &files, &plan, times).all(by)?;
            Ok((plan, outcome))
        })
    }

    /// Whether the files of that model are those that were applied last. Blocks.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub fn schema_is(&self, registry: &Registry) -> Result<bool> {
        if !self.exists()? {
            return Ok(false);
        }
        let wanted = Snapshot::of(registry).hash();
        self.exclusively(
            false,
            registry,
            |tx| Ok(applied::read(tx.conn)?.is_some_and(|applied| applied.hash == wanted)),
        )
    }

    /// Every entry of the trash, the newest first. Blocks.
    pub fn schema_trash(&self, registry: &Registry) -> Result<Vec<TrashEntry>> {
        if !self.exists()? {
            return Ok(Vec::new());
        }
        self.exclusively(false, registry, trash::list)
    }

    /// Brings an entry of the trash back. The files must have what it was again, and the database must be up to date with
    /// them. Blocks.
    ///
    /// # Errors
    /// Where either is not so, or where the content is in the way.
    pub fn schema_restore(&self, registry: &Registry, id: i64, times: &Times) -> Result<restore::Restored> {
        let files = Snapshot::of(registry);
        self.exclusively(true, registry, |tx| {
            if applied::read(tx.conn)?.is_none_or(|applied| applied.hash != files.hash()) {
                return Err(StoreError::Schema(
                    "the database is not up to date with the content types: run `cairn schema apply` first".into(),
                ));
            }
            wait_for_writers(tx)?;
            restore::restore(tx, &files, id, times)
        })
    }

    /// The names of the tenants that the default tenant's database declares, in service or not. Blocks.
    pub fn schema_tenants(&self, registry: &Registry) -> Result<Vec<String>> {
        if !self.exists()? {
            return Ok(Vec::new());
        }
        let sql = "SELECT name FROM cairn_tenants ORDER BY id";
        self.exclusively(false, registry, |tx| tx.all("reading the tenants", sql, (), |r| r.get(0)))
    }

    /// Every change that was applied, the oldest first. Blocks.
    pub fn schema_history(&self, registry: &Registry) -> Result<Vec<AppliedChange>> {
        self.exclusively(false, registry, history)
    }
}

impl crate::Store {
    /// Removes from the trash what has expired by `now` (ISO time). Answers how many entries that were. Blocks.
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
        database.exclusively(true, &registry, |tx| {
            let gone: Vec<TrashEntry> = trash::list(tx)?.into_iter().filter(|e| e.expires_at.as_str() <= now).collect();
            gone.iter().try_for_each(|entry| trash::remove(tx, entry))?;
            Ok(gone.len())
        })
    }
}

fn history(tx: Tx<'_>) -> Result<Vec<AppliedChange>> {
    let sql = "SELECT hash, plan, by, applied_at FROM cairn_schema_changes ORDER BY id";
    tx.all("reading the history", sql, (), |r| {
        Ok(AppliedChange { hash: r.get(0)?, plan: r.get(1)?, by: r.get(2)?, applied_at: r.get(3)? })
    })
}
