//! How long quotes and payments have to be retained: the Dutch tax authority asks for the accounts of seven years after the year that they are
//! of. It knows no host.

use crate::local_date::read_date;
use cairn_plugin::Instant;
use chrono::{Datelike, NaiveDate, NaiveTime};

/// Years for which accounts are retained, after the year that they are of.
const FISCAL_YEARS: i32 = 7;

/// When something of that day need no longer be retained; none for a text that is no day. `day`: a date, or a time that begins with one.
pub(crate) fn find_fiscal_end(day: &str) -> Option<Instant> {
    let year = read_date(day.get(..10)?)?.year();
    let end = NaiveDate::from_ymd_opt(year.checked_add(FISCAL_YEARS + 1)?, 1, 1)?;
    Some(end.and_time(NaiveTime::MIN).and_utc().timestamp_millis())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_are_retained_until_seven_years_are_over() {
        let end =
            |year| NaiveDate::from_ymd_opt(year, 1, 1).unwrap().and_time(NaiveTime::MIN).and_utc().timestamp_millis();
        for day in ["2027-01-01", "2027-12-31", "2027-02-05T15:30:00.000Z"] {
            assert_eq!(find_fiscal_end(day), Some(end(2035)), "{day}");
        }
        for wrong in ["", "soon", "2027", "2027-13-01", "€€€€"] {
            assert_eq!(find_fiscal_end(wrong), None, "{wrong}");
        }
    }
}
