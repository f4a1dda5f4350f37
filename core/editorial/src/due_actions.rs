//! Applies, in a rehearsal, what is scheduled until a time: the content is then as readers will find it.

use crate::releases::Releases;
use crate::schedules::Schedules;
use cairn_content::{ContentError, Result};
use cairn_store::WriteTx;
use cairn_store::editorial::{ReleaseFilter, ReleaseRow, ReleaseState, ScheduleFilter, ScheduleRow, ScheduleState};

/// Largest number of schedules and releases that a rehearsal applies.
const MAX_DUE_ACTIONS: usize = 1_000;

enum DueAction {
    Schedule(Box<ScheduleRow>),
    Release(Box<ReleaseRow>),
}

/// Schedules and releases that wait, in the order in which their jobs will run them.
pub struct DueActions<'a> {
    /// Schedules of the tenant.
    pub schedules: &'a Schedules,
    /// Releases of the tenant.
    pub releases: &'a Releases,
}

impl DueActions<'_> {
    /// Applies everything that is due until then, by the code that jobs run, each at its own time; what is overdue at the rehearsed time. One that
    /// would fail at its time changes nothing, as then. The rehearsal then continues at `until`.
    ///
    /// # Errors
    /// 400 if more is scheduled than a rehearsal applies; errors of the database, among them that it took too long.
    pub fn rehearse_until(&self, tx: &mut WriteTx<'_>, until: i64) -> Result<()> {
        let now = tx.rehearsed_time().unwrap_or(until);
        for (due, action) in load_due_actions(tx, until)? {
            let at = due.max(now);
            tx.rehearse_at(at)?;
            let applied = tx.run_nested(|tx| match action {
                DueAction::Schedule(mut row) => self.schedules.apply_in(tx, &mut row, at),
                DueAction::Release(release) => self.releases.apply_in(tx, *release, at),
            });
            match applied {
                Ok(()) | Err(ContentError::Refused(_)) => {}
                Err(other) => return Err(other),
            }
        }
        Ok(tx.rehearse_at(until)?)
    }
}

/// Schedules and releases that are due until then, by time; of two at the same time the schedule first, then the older one.
fn load_due_actions(tx: &WriteTx<'_>, until: i64) -> Result<Vec<(i64, DueAction)>> {
    let limit = i64::try_from(MAX_DUE_ACTIONS).unwrap_or(i64::MAX).saturating_add(1);
    let to = Some(until.saturating_add(1));
    let reader = tx.reader();
    let schedules = ScheduleFilter { state: Some(ScheduleState::Waiting), to, ..ScheduleFilter::default() };
    let releases = ReleaseFilter { state: Some(ReleaseState::Scheduled), to, ..ReleaseFilter::default() };
    let schedules = reader.schedules().list(&schedules, limit)?.into_iter();
    let schedules = schedules.map(|row| (row.schedule.due, DueAction::Schedule(Box::new(row))));
    let releases = reader.releases().list(&releases, limit)?.into_iter().filter_map(|release| {
        let due = release.when.as_ref()?.due;
        Some((due, DueAction::Release(Box::new(release))))
    });
    let mut due: Vec<(i64, DueAction)> = schedules.chain(releases).collect();
    if due.len() > MAX_DUE_ACTIONS {
        return Err(ContentError::validation(format!(
            "More than {MAX_DUE_ACTIONS} schedules and releases are due until then: choose an earlier date"
        )));
    }
    // Stable: each list is in its own order already.
    due.sort_by_key(|(due, _)| *due);
    Ok(due)
}
