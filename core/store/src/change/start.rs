//! The schema of a database at a start.

use super::run::ChangeRun;
use super::schema_row::CurrentSchema;
use super::trash::ChangeTimes;
use super::tx::ChangeTx;
use super::{schema_row, unique_indexes};
use crate::connection::Connection;
use crate::events::Actor;
use crate::schema::Catalogue;
use crate::{Result, StoreError};
use cairn_model::Registry;
use cairn_model::change::{Answers, ChangePlan, Snapshot, StepTiming, plan_change};

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
    tx.wait_for_writers()?;
    let outcome = ChangeRun::new(tx, &before, files, &plan, &times).apply_all(&Actor::system("start"))?;
    for note in &outcome.notes {
        tracing::warn!("{note}");
    }
    for step in &plan.steps {
        tracing::info!(step = step.id, "{}", step.sentence);
    }
    Ok(CurrentSchema { generation: outcome.generation })
}

/// True if a start may apply the plan, if the data allow it.
pub(super) fn is_safe_at_start(plan: &ChangePlan) -> bool {
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

/// The times of a change by the database's clock, for callers that pass none.
pub(super) fn database_times(tx: ChangeTx<'_>) -> Result<ChangeTimes> {
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
