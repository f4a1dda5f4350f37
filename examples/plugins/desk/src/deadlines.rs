//! When a ticket's timers are due. The rules know no host; only [`plan_first_answer`] asks for working time.

use crate::model::{Priority, Settings, Stage, Ticket};
use cairn_plugin::{Error, Instant, Result, calendar, warn};
use std::time::Duration;

const HOUR: u64 = 3_600;
const DAY: i64 = 86_400_000;
const MINUTE: u64 = 60_000;

/// When the timers of a ticket run; none for one that has nothing to wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timers {
    /// The first answer is due.
    pub overdue: Option<Instant>,
    /// The requester has had long enough to reply.
    pub close: Option<Instant>,
}

/// Next step of a timer that went off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// It is time.
    Now,
    /// Not before then: something moved since it was set.
    At(Instant),
    /// Nothing is to be done any more.
    Never,
}

impl Step {
    /// The step of a timer that is due then.
    #[must_use]
    pub const fn of(due: Option<Instant>, now: Instant) -> Self {
        match due {
            None => Self::Never,
            Some(due) if due > now => Self::At(due),
            Some(_) => Self::Now,
        }
    }
}

impl Timers {
    /// The timers of a ticket as it is now.
    #[must_use]
    pub fn of(ticket: &Ticket, close_after_days: u32) -> Self {
        let is_unanswered = ticket.first_answered_at.is_none() && ticket.overdue_at.is_none();
        let overdue = (is_unanswered && ticket.stage != Stage::Solved)
            .then(|| Ticket::instant(ticket.due_at.as_deref()))
            .flatten();
        let close = (ticket.stage == Stage::Waiting)
            .then(|| Ticket::instant(ticket.waiting_since.as_deref()))
            .flatten()
            .map(|since| since.saturating_add(i64::from(close_after_days).saturating_mul(DAY)));
        Self { overdue, close }
    }
}

/// The time that an answer may take.
#[must_use]
pub fn find_response_time(settings: &Settings, priority: Priority) -> Duration {
    let hours = match priority {
        Priority::Urgent => settings.urgent_hours.min(settings.response_hours),
        Priority::Low | Priority::Normal | Priority::High => settings.response_hours,
    };
    Duration::from_secs(u64::from(hours) * HOUR)
}

/// When the first answer to a ticket of then is due: after so much working time, where the operator chose a calendar, else after so much time. A
/// calendar that cannot be used costs the working time, not the deadline; the plugin's health tells of it.
///
/// # Errors
/// What the host says.
pub fn plan_first_answer(settings: &Settings, priority: Priority, asked: Instant) -> Result<Instant> {
    let span = find_response_time(settings, priority);
    let elapsed = asked.saturating_add(i64::try_from(span.as_millis()).unwrap_or(i64::MAX));
    if settings.calendar.is_empty() {
        return Ok(elapsed);
    }
    match calendar::add_working_time(&settings.calendar, asked, span) {
        Err(error @ (Error::NotFound(_) | Error::Invalid(_) | Error::Denied(_))) => {
            warn!(calendar = &settings.calendar; "the deadline is in elapsed time: {}", error.describe());
            Ok(elapsed)
        }
        due => due,
    }
}

/// The minutes until the first answer, counted as its deadline is: in working time, where the operator chose a calendar. So a night or a weekend
/// does not make an answer slow, and the number can be compared with the hours of the settings.
///
/// # Errors
/// What the host says.
pub fn measure_answer(settings: &Settings, asked: Instant, answered: Instant) -> Result<u64> {
    let answered = answered.max(asked);
    let elapsed = answered.abs_diff(asked) / MINUTE;
    if settings.calendar.is_empty() {
        return Ok(elapsed);
    }
    match calendar::working_time_between(&settings.calendar, asked, answered) {
        Ok(worked) => Ok(worked.as_secs() / 60),
        Err(error @ (Error::NotFound(_) | Error::Invalid(_) | Error::Denied(_))) => {
            warn!(calendar = &settings.calendar; "an answer was measured in elapsed time: {}", error.describe());
            Ok(elapsed)
        }
        Err(error) => Err(error),
    }
}

/// The deadline of a first answer after the calendar changed; none where it stays. One that people moved stays.
#[must_use]
pub const fn replan(due: Instant, planned: Instant, by_calendar: Instant) -> Option<Instant> {
    // The stored deadline was planned a moment before the ticket was stored, from which it is counted here.
    if due != planned || by_calendar.abs_diff(planned) < MINUTE { None } else { Some(by_calendar) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DUE: &str = "2026-01-05T17:00:00.000Z";
    const DUE_AT: Instant = 1_767_632_400_000;

    fn ticket(stage: Stage) -> Ticket {
        Ticket { stage, due_at: Some(DUE.into()), ..Ticket::default() }
    }

    fn settings() -> Settings {
        Settings {
            response_hours: 8,
            urgent_hours: 2,
            calendar: String::new(),
            close_after_days: 7,
            notify: Vec::new(),
            groups: vec!["agents".into()],
            sender: String::new(),
        }
    }

    #[test]
    fn the_clock_runs_until_somebody_answers_or_it_is_solved() {
        for stage in [Stage::New, Stage::Open, Stage::Waiting] {
            assert_eq!(Timers::of(&ticket(stage), 7).overdue, Some(DUE_AT), "{stage:?}");
        }
        assert_eq!(Timers::of(&ticket(Stage::Solved), 7).overdue, None);
        let answered = Ticket { first_answered_at: Some(DUE.into()), ..ticket(Stage::Waiting) };
        assert_eq!(Timers::of(&answered, 7).overdue, None);
        let overdue = Ticket { overdue_at: Some(DUE.into()), ..ticket(Stage::New) };
        assert_eq!(Timers::of(&overdue, 7).overdue, None);
    }

    #[test]
    fn only_what_waits_is_closed() {
        let waiting = Ticket { waiting_since: Some(DUE.into()), ..ticket(Stage::Waiting) };
        assert_eq!(Timers::of(&waiting, 7).close, Some(DUE_AT + 7 * DAY));
        let replied = Ticket { waiting_since: Some(DUE.into()), ..ticket(Stage::Open) };
        assert_eq!(Timers::of(&replied, 7).close, None);
        assert_eq!(Timers::of(&ticket(Stage::Waiting), 7).close, None);
    }

    #[test]
    fn a_timer_that_goes_off_looks_again() {
        assert_eq!(Step::of(None, DUE_AT), Step::Never);
        assert_eq!(Step::of(Some(DUE_AT), DUE_AT), Step::Now);
        assert_eq!(Step::of(Some(DUE_AT - DAY), DUE_AT), Step::Now);
        assert_eq!(Step::of(Some(DUE_AT + DAY), DUE_AT), Step::At(DUE_AT + DAY));
    }

    #[test]
    fn what_is_urgent_is_never_due_later() {
        assert_eq!(find_response_time(&settings(), Priority::Urgent), Duration::from_secs(2 * HOUR));
        let slow = Settings { urgent_hours: 48, ..settings() };
        assert_eq!(find_response_time(&slow, Priority::Urgent), Duration::from_secs(8 * HOUR));
    }

    #[test]
    fn a_changed_calendar_moves_what_nobody_else_moved() {
        assert_eq!(replan(DUE_AT, DUE_AT, DUE_AT + DAY), Some(DUE_AT + DAY));
        assert_eq!(replan(DUE_AT, DUE_AT, DUE_AT - DAY), Some(DUE_AT - DAY));
        assert_eq!(replan(DUE_AT, DUE_AT, DUE_AT + 3), None);
        assert_eq!(replan(DUE_AT + 1, DUE_AT, DUE_AT + DAY), None);
    }

    #[test]
    fn without_a_calendar_an_answer_is_measured_by_the_clock() {
        assert_eq!(measure_answer(&settings(), DUE_AT, DUE_AT + 119_999), Ok(1));
        assert_eq!(measure_answer(&settings(), DUE_AT, DUE_AT + DAY), Ok(1_440));
        assert_eq!(measure_answer(&settings(), DUE_AT, DUE_AT - DAY), Ok(0), "it was dated back");
    }

    #[test]
    fn without_a_calendar_the_hours_are_those_of_the_clock() {
        let now = DUE_AT - 8 * 3_600_000;
        assert_eq!(plan_first_answer(&settings(), Priority::Normal, now), Ok(DUE_AT));
    }
}
