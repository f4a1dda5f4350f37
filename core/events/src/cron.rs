//! When recurring jobs run: cron expressions in a time zone.

use crate::zone::{self, ZoneError};
use cairn_store::events::{CronRow, MissedRuns, NewRecurring};
use cairn_store::{Store, StoreError};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde_json::Value as Json;
use std::str::FromStr;
use std::time::Duration;

/// Number of missed runs of a job with `missed = "each"` that are made up for at a time; the others follow with the next passes.
const MAX_CATCH_UP_RUNS: usize = 1_000;

/// Why a cron expression is invalid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CronError {
    /// It is not of the form `minute hour day month weekday`.
    #[error(
        "{expression:?} is not a valid cron expression: {problem}. Expected five parts: minute hour day month \
         weekday, as in \"0 8 * * MON-FRI\""
    )]
    Form {
        /// The invalid expression.
        expression: String,
        /// Description of the problem.
        problem: String,
    },
    /// It has only times that never occur.
    #[error("{0:?} never runs: no date matches it")]
    Never(String),
    /// The time zone is unknown.
    #[error(transparent)]
    Zone(#[from] ZoneError),
}

/// A cron expression in a time zone. A run in the hour that a clock skips happens right after it; one in an hour that
/// is repeated happens once.
#[derive(Debug, Clone)]
pub struct Cron {
    cron: croner::Cron,
    zone: Tz,
}

impl Cron {
    /// Parses an expression with five parts and the name of a zone. One that never occurs is refused. The error describes
    /// the problem of either.
    pub fn parse(expression: &str, zone: &str) -> Result<Self, CronError> {
        let form = |problem: String| CronError::Form { expression: expression.to_owned(), problem };
        if expression.len() > 200 {
            return Err(form("it is longer than 200 characters".into()));
        }
        let zone = zone::parse_zone(zone)?;
        let cron = croner::Cron::from_str(expression).map_err(|e| form(e.to_string()))?;
        let parsed = Self { cron, zone };
        // Leap days are at most eight years apart.
        match parsed.next_after(DateTime::UNIX_EPOCH) {
            Some(_) => Ok(parsed),
            None => Err(CronError::Never(expression.to_owned())),
        }
    }

    /// The first time after `time`.
    pub fn next_after(&self, time: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let local = time.with_timezone(&self.zone);
        let next = self.cron.find_next_occurrence(&local, false).ok()?.with_timezone(&Utc);
        (next > time).then_some(next)
    }
}

/// A recurring job in the form in which it is declared, for [`recurring_jobs().declare`](cairn_store::namespaces::RecurringJobs::declare).
#[derive(Debug, Clone, PartialEq)]
pub struct RecurringSchedule {
    /// Its name: `plugin:crm:digest`.
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
    /// Largest delay of its runs.
    pub spread: Duration,
}

impl RecurringSchedule {
    /// Converts it; its first run is the first one after `now`. The error describes the problem of its expression or its zone.
    pub fn from_now(&self, now: DateTime<Utc>) -> Result<NewRecurring, CronError> {
        let next = Cron::parse(&self.cron, &self.zone)?.next_after(now).map(crate::unix_millis);
        let row = CronRow {
            name: self.name.clone(),
            job: self.job.clone(),
            payload: self.payload.clone(),
            cron: self.cron.clone(),
            zone: self.zone.clone(),
            missed: self.missed,
            next,
            last: None,
            paused: false,
        };
        Ok(NewRecurring { row, spread: i64::try_from(self.spread.as_millis()).unwrap_or(i64::MAX) })
    }
}

/// Enqueues the runs that are due, and moves each recurring job to its next time. Those whose jobs nobody here runs wait: once somebody
/// does, missed runs are handled as each of them declares.
pub(crate) async fn enqueue_due_runs(
    store: &Store,
    has_handler: impl Fn(&str) -> bool,
    now: i64,
) -> Result<(), StoreError> {
    for row in store.read(|r| r.recurring_jobs().find_due(now))? {
        let Some(first) = row.next.filter(|_| has_handler(&row.job)) else { continue };
        let cron = match Cron::parse(&row.cron, &row.zone) {
            Ok(cron) => cron,
            Err(error) => {
                tracing::error!(name = row.name, %error, "a recurring job will never run");
                store.write(move |tx| tx.recurring_jobs().run(&row, &[], None, now)).await?;
                continue;
            }
        };
        let (due, next) = due_runs(&row, &cron, first, now);
        store.write(move |tx| tx.recurring_jobs().run(&row, &due, next, now)).await?;
    }
    Ok(())
}

/// The runs to enqueue, and the time of the next one.
fn due_runs(row: &CronRow, cron: &Cron, first: i64, now: i64) -> (Vec<i64>, Option<i64>) {
    let after = |t: i64| DateTime::from_timestamp_millis(t).and_then(|t| cron.next_after(t)).map(crate::unix_millis);
    if row.paused {
        return (Vec::new(), after(now));
    }
    match row.missed {
        // The one that is due now counts as missed only where the next one has come as well.
        MissedRuns::Skip => match after(first) {
            Some(second) if second <= now => (Vec::new(), after(now)),
            next => (vec![first], next),
        },
        MissedRuns::Once => (vec![first], after(now)),
        MissedRuns::Each => {
            let mut due = vec![first];
            let mut next = after(first);
            while let Some(t) = next.filter(|t| *t <= now && due.len() < MAX_CATCH_UP_RUNS) {
                due.push(t);
                next = after(t);
            }
            (due, next)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn next_times(expression: &str, zone: &str, from: &str, n: usize) -> Vec<String> {
        let cron = Cron::parse(expression, zone).unwrap();
        let mut at = utc(from);
        (0..n)
            .map(|_| {
                at = cron.next_after(at).unwrap();
                at.format("%Y-%m-%dT%H:%MZ").to_string()
            })
            .collect()
    }

    #[test]
    fn local_run_times_are_stable_over_clock_changes() {
        // Amsterdam: 2026-03-29 02:00 to 03:00, 2026-10-25 03:00 to 02:00.
        assert_eq!(
            next_times("0 8 * * *", "Europe/Amsterdam", "2026-03-27T12:00:00Z", 3),
            ["2026-03-28T07:00Z", "2026-03-29T06:00Z", "2026-03-30T06:00Z"]
        );
        // In the hour that is skipped: once, right after it. In the hour that comes twice: once.
        let spring = next_times("30 2 * * *", "Europe/Amsterdam", "2026-03-28T12:00:00Z", 2);
        assert_eq!(spring, ["2026-03-29T01:00Z", "2026-03-30T00:30Z"]);
        let autumn = next_times("30 2 * * *", "Europe/Amsterdam", "2026-10-24T12:00:00Z", 2);
        assert_eq!(autumn, ["2026-10-25T00:30Z", "2026-10-26T01:30Z"]);
    }

    #[test]
    fn invalid_and_impossible_expressions_are_refused() {
        for bad in ["", "* * * *", "61 * * * *", "a b c d e", "0 0 31 2 *", "0 0 30 2 *", &"1,".repeat(200)] {
            assert!(Cron::parse(bad, "UTC").is_err(), "{bad}");
        }
        assert!(matches!(Cron::parse("0 0 31 2 *", "UTC"), Err(CronError::Never(_))));
        assert!(matches!(Cron::parse("0 0 * * *", "Mars/Olympus"), Err(CronError::Zone(_))));
        assert_eq!(next_times("0 0 29 2 *", "UTC", "2026-01-01T00:00:00Z", 1), ["2028-02-29T00:00Z"]);
    }

    #[test]
    fn missed_runs_follow_their_policy() {
        let cron = Cron::parse("0 * * * *", "UTC").unwrap();
        let row = |missed, paused| CronRow {
            name: "n".into(),
            job: "j".into(),
            payload: json!({}),
            cron: String::new(),
            zone: String::new(),
            missed,
            next: None,
            last: None,
            paused,
        };
        let at = |text: &str| utc(text).timestamp_millis();
        let (first, now) = (at("2026-01-01T01:00:00Z"), at("2026-01-01T03:30:00Z"));
        let next = Some(at("2026-01-01T04:00:00Z"));
        assert_eq!(due_runs(&row(MissedRuns::Once, false), &cron, first, now), (vec![first], next));
        assert_eq!(due_runs(&row(MissedRuns::Skip, false), &cron, first, now), (vec![], next));
        assert_eq!(due_runs(&row(MissedRuns::Each, false), &cron, first, now).0.len(), 3);
        assert_eq!(due_runs(&row(MissedRuns::Each, true), &cron, first, now), (vec![], next));
        // A run that is late by minutes was not missed.
        let soon = at("2026-01-01T01:10:00Z");
        assert_eq!(due_runs(&row(MissedRuns::Skip, false), &cron, first, soon).0, [first]);
    }
}
