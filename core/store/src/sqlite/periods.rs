//! Calendar periods of dates and instants, which SQLite has only without time zones.

use cairn_query::Period;
use chrono::{DateTime, Datelike, NaiveDate};
use chrono_tz::Tz;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Error, Result};

/// Registers the SQL function `period_start(value, period, zone)`: the first day, as `2026-03-01`, of the period that an instant falls into
/// in a zone, or a date if the zone is empty. Null of null, and of what is neither.
pub(super) fn register_period_start(conn: &Connection) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    conn.create_scalar_function("period_start", 3, flags, |context| {
        let period = read_argument(context, 1, |name| Period::ALL.into_iter().find(|period| period.as_str() == name))?;
        let zone = read_argument(context, 2, |name| match name {
            "" => Some(None),
            name => name.parse::<Tz>().ok().map(Some),
        })?;
        let ValueRef::Text(value) = context.get_raw(0) else { return Ok(None) };
        let value = std::str::from_utf8(value).unwrap_or_default();
        let day = match zone {
            Some(zone) => DateTime::parse_from_rfc3339(value).map(|at| at.with_timezone(&zone).date_naive()),
            None => value.parse::<NaiveDate>(),
        };
        Ok(day.ok().and_then(|day| find_start(period, day)).map(|start| start.format("%Y-%m-%d").to_string()))
    })
}

fn read_argument<T>(context: &Context<'_>, at: usize, parse: impl Fn(&str) -> Option<T>) -> Result<T> {
    let text = context.get_raw(at).as_str().unwrap_or_default();
    parse(text).ok_or_else(|| Error::UserFunctionError(format!("{text:?} is not a period or zone").into()))
}

/// The first day of the period that a day is in.
fn find_start(period: Period, day: NaiveDate) -> Option<NaiveDate> {
    match period {
        Period::Day => Some(day),
        Period::Week => day.checked_sub_days(chrono::Days::new(day.weekday().num_days_from_monday().into())),
        Period::Month => day.with_day(1),
        Period::Quarter => NaiveDate::from_ymd_opt(day.year(), day.month0() / 3 * 3 + 1, 1),
        Period::Year => NaiveDate::from_ymd_opt(day.year(), 1, 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(value: &str, period: &str, zone: &str) -> Option<String> {
        let conn = Connection::open_in_memory().unwrap();
        register_period_start(&conn).unwrap();
        conn.query_row("SELECT period_start(?1, ?2, ?3)", [value, period, zone], |row| row.get(0)).unwrap()
    }

    #[test]
    fn instants_fall_into_the_periods_of_their_zone() {
        // Midnight in Amsterdam is 23:00 UTC in winter and 22:00 in summer.
        for (value, period, zone, expected) in [
            ("2026-03-28T22:59:59.999Z", "day", "Europe/Amsterdam", "2026-03-28"),
            ("2026-03-28T23:00:00.000Z", "day", "Europe/Amsterdam", "2026-03-29"),
            ("2026-03-29T21:59:59.999Z", "day", "Europe/Amsterdam", "2026-03-29"),
            ("2026-03-29T22:00:00.000Z", "day", "Europe/Amsterdam", "2026-03-30"),
            ("2026-03-29T21:59:59.999Z", "week", "Europe/Amsterdam", "2026-03-23"),
            ("2026-03-29T22:00:00.000Z", "week", "Europe/Amsterdam", "2026-03-30"),
            ("2026-10-25T22:59:59.999Z", "day", "Europe/Amsterdam", "2026-10-25"),
            ("2026-10-25T23:00:00.000Z", "day", "Europe/Amsterdam", "2026-10-26"),
            ("2026-12-31T23:00:00.000Z", "month", "Europe/Amsterdam", "2027-01-01"),
            ("2026-12-31T23:00:00.000Z", "month", "UTC", "2026-12-01"),
            ("2026-06-30T22:00:00.000Z", "quarter", "Europe/Amsterdam", "2026-07-01"),
            ("2026-06-30T21:59:00.000Z", "quarter", "Europe/Amsterdam", "2026-04-01"),
            ("2027-01-01T04:59:00.000Z", "year", "America/New_York", "2026-01-01"),
            ("2024-02-29", "month", "", "2024-02-01"),
            ("2024-02-29", "year", "", "2024-01-01"),
            ("2027-01-01", "week", "", "2026-12-28"),
        ] {
            assert_eq!(start(value, period, zone).as_deref(), Some(expected), "{value} {period} {zone}");
        }
        for value in ["", "x", "2026-02-30", "2026-13-01T00:00:00Z"] {
            assert_eq!(start(value, "day", ""), None, "{value}");
            assert_eq!(start(value, "day", "UTC"), None, "{value}");
        }
    }
}
