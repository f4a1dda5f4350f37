//! When a reminder is due. It knows no host.

const HOUR: i64 = 3_600_000;

/// Next step of a reminder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reminder {
    /// At this time, in milliseconds since 1970.
    At(i64),
    /// It is time.
    Now,
    /// The event has begun, or was booked so late that the confirmation is reminder enough.
    Never,
}

/// For a booking that was confirmed just now: at so many hours before the event, unless that has passed.
#[must_use]
pub const fn when_booked(starts_at: i64, hours: u32, now: i64) -> Reminder {
    let due = starts_at.saturating_sub(hours as i64 * HOUR);
    if due > now { Reminder::At(due) } else { Reminder::Never }
}

/// For a timer that went off: the event may have been moved since it was set.
#[must_use]
pub const fn when_due(starts_at: i64, hours: u32, now: i64) -> Reminder {
    match when_booked(starts_at, hours, now) {
        Reminder::Never if starts_at > now => Reminder::Now,
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: i64 = 1_800_000_000_000;

    #[test]
    fn a_day_before() {
        assert_eq!(when_booked(START, 24, START - 48 * HOUR), Reminder::At(START - 24 * HOUR));
    }

    #[test]
    fn who_books_late_or_after_is_not_reminded() {
        assert_eq!(when_booked(START, 24, START - 24 * HOUR), Reminder::Never);
        assert_eq!(when_booked(START, 24, START - HOUR), Reminder::Never);
        assert_eq!(when_booked(START, 24, START + HOUR), Reminder::Never);
    }

    #[test]
    fn a_timer_that_goes_off_looks_again() {
        assert_eq!(when_due(START, 24, START - 24 * HOUR), Reminder::Now);
        assert_eq!(when_due(START, 24, START - HOUR), Reminder::Now, "late is better than never");
        assert_eq!(when_due(START, 24, START), Reminder::Never);
        assert_eq!(when_due(START + 72 * HOUR, 24, START), Reminder::At(START + 48 * HOUR), "moved to later");
    }

    #[test]
    fn no_time_is_too_far() {
        assert_eq!(when_booked(i64::MIN, 336, 0), Reminder::Never);
        assert!(matches!(when_booked(i64::MAX, 336, 0), Reminder::At(_)));
    }
}
