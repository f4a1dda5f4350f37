//! Rules of recurring slots: an RRULE (RFC 5545) from a local start time in a zone.
//!
//! A rule is expanded in local times, as on paper, and each is then resolved in its zone: ten o'clock stays ten o'clock when
//! the clock changes, and no occurrence is repeated or left out. A time that the clock skips is right after the gap; one that
//! it repeats is the first. A day that a month is too short for is the last day of that month, as in journeys.

use cairn_events::zone;
use chrono::{DateTime, Datelike as _, NaiveDate, NaiveDateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use rrule::{Frequency, RRule, RRuleSet, Unvalidated};

/// Number of occurrences up to which a rule is expanded; a daily one for 54 years.
const MAX_FOLLOWED_OCCURRENCES: usize = 20_000;
/// Longest rule, in bytes.
const MAX_RULE_BYTES: usize = 300;
/// Format of a local time.
const LOCAL_TIME_FORMAT: &str = "%Y-%m-%dT%H:%M";

/// A checked rule.
#[derive(Debug, Clone)]
pub struct RecurrenceRule {
    set: RRuleSet,
    zone: Tz,
    until: Option<NaiveDateTime>,
}

/// A problem of a rule: the key, and how to solve it.
pub type RuleProblem = (&'static str, String);

/// One occurrence of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occurrence {
    /// Its local time by the rule, which identifies it.
    pub local: String,
    /// The moment, in milliseconds.
    pub at: i64,
}

impl RecurrenceRule {
    /// Parses the parts of a rule in the form in which they are sent and stored.
    ///
    /// # Errors
    /// Returns the problem, with the key that it is in. A rule without occurrences is refused.
    pub fn parse(rule: &str, start: &str, zone: &str, until: Option<&str>) -> Result<Self, RuleProblem> {
        let zone = zone::parse_zone(zone).map_err(|e| ("zone", e.to_string()))?;
        let local = |key: &'static str, text: &str| {
            let parsed = NaiveDateTime::parse_from_str(text, LOCAL_TIME_FORMAT);
            parsed.map_err(|_| (key, format!("{text:?} is not a valid local time; expected the form 2026-03-29T09:30")))
        };
        let start = local("start", start)?;
        let until = until.map(|u| local("until", u)).transpose()?;
        if until.is_some_and(|until| until < start) {
            return Err(("until", "until must not be before start".to_owned()));
        }
        let parsed = keep_short_months(parse_rrule(rule).map_err(|problem| ("rule", problem))?, start.date());
        // Local times, as if they were in UTC, which has no gaps.
        let set =
            parsed.build(rrule::Tz::UTC.from_utc_datetime(&start)).map_err(|e| ("rule", format!("{rule:?}: {e}")))?;
        let rule_ = Self { set: set.limit(), zone, until };
        if rule_.local_times().next().is_none() {
            return Err(("rule", format!("{rule:?} has no occurrences from {} on", start.format(LOCAL_TIME_FORMAT))));
        }
        Ok(rule_)
    }

    fn local_times(&self) -> impl Iterator<Item = NaiveDateTime> + '_ {
        let until = self.until;
        let all = self.set.into_iter().take(MAX_FOLLOWED_OCCURRENCES).map(|t| t.naive_utc());
        all.take_while(move |t| until.is_none_or(|until| *t <= until))
    }

    /// The time zone of its occurrences.
    pub fn time_zone(&self) -> Tz {
        self.zone
    }

    /// Occurrences from one moment to before another, at most `limit`.
    pub fn occurrences_between(&self, from: i64, to: i64, limit: usize) -> Vec<Occurrence> {
        // A day more on both sides than any zone is away from UTC.
        let day = TimeDelta::days(2);
        let edge = |ms: i64| DateTime::from_timestamp_millis(ms).map(|t| t.naive_utc());
        let (Some(first_time), Some(last_time)) = (edge(from), edge(to)) else { return Vec::new() };
        let (first_time, last_time) = (first_time.checked_sub_signed(day), last_time.checked_add_signed(day));
        self.local_times()
            .skip_while(|t| first_time.is_some_and(|first_time| *t < first_time))
            .take_while(|t| last_time.is_none_or(|last_time| *t <= last_time))
            .map(|t| self.to_occurrence(t))
            .filter(|o| o.at >= from && o.at < to)
            .take(limit)
            .collect()
    }

    /// The next occurrences at or after a moment.
    pub fn next_occurrences(&self, from: i64, n: usize) -> Vec<Occurrence> {
        self.local_times().map(|t| self.to_occurrence(t)).filter(|o| o.at >= from).take(n).collect()
    }

    /// The occurrence with that local time.
    pub fn find_occurrence(&self, local: &str) -> Option<Occurrence> {
        let local_time = NaiveDateTime::parse_from_str(local, LOCAL_TIME_FORMAT).ok()?;
        self.local_times().take_while(|t| *t <= local_time).find(|t| *t == local_time).map(|t| self.to_occurrence(t))
    }

    fn to_occurrence(&self, local: NaiveDateTime) -> Occurrence {
        Occurrence {
            local: local.format(LOCAL_TIME_FORMAT).to_string(),
            at: resolve_local(local, self.zone).timestamp_millis(),
        }
    }
}

/// The moment of a local time.
fn resolve_local(local: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    // Gaps are a day long at most (the one where a date was left out).
    let minutes = (0..=26 * 60).map(|n| local + TimeDelta::minutes(n));
    let found = minutes.map(|t| zone.from_local_datetime(&t)).find_map(|t| t.earliest());
    found.map_or_else(|| Utc.from_utc_datetime(&local), |t| t.with_timezone(&Utc))
}

fn parse_rrule(rule: &str) -> Result<RRule<Unvalidated>, String> {
    if rule.len() > MAX_RULE_BYTES || rule.chars().any(char::is_control) {
        return Err(format!("A rule must be a single line of at most {MAX_RULE_BYTES} bytes"));
    }
    let hint = "expected an RRULE such as FREQ=WEEKLY;INTERVAL=2;BYDAY=TU";
    let parsed: RRule<Unvalidated> = rule
        .trim()
        .trim_start_matches("RRULE:")
        .parse()
        .map_err(|e| format!("{rule:?} is not a valid rule: {e}; {hint}"))?;
    if !matches!(parsed.get_freq(), Frequency::Daily | Frequency::Weekly | Frequency::Monthly | Frequency::Yearly) {
        return Err("The frequency of slots must be DAILY, WEEKLY, MONTHLY or YEARLY".to_owned());
    }
    if !parsed.get_by_hour().is_empty() || !parsed.get_by_minute().is_empty() || !parsed.get_by_second().is_empty() {
        return Err("The time of day is taken from start: remove BYHOUR, BYMINUTE and BYSECOND".to_owned());
    }
    if parsed.get_until().is_some() {
        return Err("The end date is set by until, in local time: remove UNTIL".to_owned());
    }
    if !(1..=500).contains(&parsed.get_interval()) {
        return Err("INTERVAL must be a number from 1 to 500".to_owned());
    }
    Ok(parsed)
}

/// Gives a rule for the 29th, 30th or 31st an occurrence in every month: the last day of a shorter one. RFC 5545 leaves these months out, which
/// nobody means who chose the 31st. The same applies to a year without the 29th of February. Rules that select days in other ways are left as
/// they are.
fn keep_short_months(rule: RRule<Unvalidated>, start: NaiveDate) -> RRule<Unvalidated> {
    const SHORTEST_MONTH: i8 = 28;
    let selects_otherwise = !rule.get_by_weekday().is_empty()
        || !rule.get_by_set_pos().is_empty()
        || !rule.get_by_week_no().is_empty()
        || !rule.get_by_year_day().is_empty();
    if selects_otherwise {
        return rule;
    }
    let start_day = i8::try_from(start.day()).unwrap_or(1);
    let day = match (rule.get_freq(), rule.get_by_month_day()) {
        (Frequency::Monthly, []) => start_day,
        (Frequency::Monthly, [day]) => *day,
        (Frequency::Yearly, []) if rule.get_by_month().is_empty() && start.month() == 2 => start_day,
        _ => return rule,
    };
    if day <= SHORTEST_MONTH {
        return rule;
    }
    let rule = if rule.get_freq() == Frequency::Yearly { rule.by_month(&[chrono::Month::February]) } else { rule };
    // Of the days up to that one, the last that the month has.
    rule.by_month_day((SHORTEST_MONTH..=day).collect()).by_set_pos(vec![-1])
}

/// A rule in words of every day: `rhythm` (`daily`, `weekly`, `biweekly`, `monthly`, `quarterly`, `yearly`, or in Dutch
/// `dagelijks`, `wekelijks`, `tweewekelijks`, `maandelijks`, `kwartaal`, `jaarlijks`), a weekday, and of months which one
/// (1 to 4, -1: the last) or the day of the month.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize, serde::Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Every)]
pub struct RecurrencePhrase {
    /// How often it recurs: one of the words above.
    pub rhythm: String,
    /// `tuesday`, `dinsdag`, `TU`.
    pub weekday: Option<String>,
    /// Occurrence of the weekday within the month: 1 to 4, or -1 for the last.
    pub nth: Option<i8>,
    /// The day of the month, or the last day of a month that is shorter; -1: the last.
    pub day: Option<i8>,
}

const WEEKDAYS: [(&str, [&str; 4]); 7] = [
    ("MO", ["mo", "monday", "maandag", "ma"]),
    ("TU", ["tu", "tuesday", "dinsdag", "di"]),
    ("WE", ["we", "wednesday", "woensdag", "wo"]),
    ("TH", ["th", "thursday", "donderdag", "do"]),
    ("FR", ["fr", "friday", "vrijdag", "vr"]),
    ("SA", ["sa", "saturday", "zaterdag", "za"]),
    ("SU", ["su", "sunday", "zondag", "zo"]),
];

impl RecurrencePhrase {
    /// Builds the RRULE text.
    ///
    /// # Errors
    /// Returns the problem, with its key.
    pub fn to_rule(&self) -> Result<String, RuleProblem> {
        let rhythm = self.rhythm.trim().to_lowercase();
        let (mut rule, monthly) = match rhythm.as_str() {
            "daily" | "dagelijks" => ("FREQ=DAILY".to_owned(), false),
            "weekly" | "wekelijks" => ("FREQ=WEEKLY".to_owned(), false),
            "biweekly" | "tweewekelijks" => ("FREQ=WEEKLY;INTERVAL=2".to_owned(), false),
            "monthly" | "maandelijks" => ("FREQ=MONTHLY".to_owned(), true),
            "quarterly" | "kwartaal" => ("FREQ=MONTHLY;INTERVAL=3".to_owned(), true),
            "yearly" | "jaarlijks" => ("FREQ=YEARLY".to_owned(), false),
            _ => {
                let known = "daily, weekly, biweekly, monthly, quarterly, yearly (dagelijks, wekelijks, tweewekelijks, maandelijks, kwartaal, jaarlijks)";
                return Err(("every.rhythm", format!("rhythm must be one of {known}")));
            }
        };
        let weekday = self.weekday.as_deref().map(|w| {
            let w = w.trim().to_lowercase();
            let found = WEEKDAYS.iter().find(|(_, names)| names.contains(&w.as_str()));
            found
                .map(|(code, _)| *code)
                .ok_or(("every.weekday", "weekday must be a day of the week, such as tuesday or dinsdag".to_owned()))
        });
        let weekday = weekday.transpose()?;
        if !monthly && (self.nth.is_some() || self.day.is_some()) {
            return Err(("every.nth", "nth and day can only be used with monthly rhythms".to_owned()));
        }
        match (weekday, self.nth, self.day) {
            (None, None, None) => {}
            (Some(w), None, None) if !monthly && !rule.starts_with("FREQ=WEEKLY") => {
                return Err((
                    "every.weekday",
                    format!("A weekday ({w}) can only be used with weekly and monthly rhythms"),
                ));
            }
            (Some(w), None, None) if !monthly => rule.push_str(&format!(";BYDAY={w}")),
            (Some(_), None, None) => {
                return Err((
                    "every.nth",
                    "Specify nth, the weekday's position in the month: 1 to 4, or -1 for the last".to_owned(),
                ));
            }
            (Some(w), Some(n), None) if (1..=4).contains(&n) || n == -1 => rule.push_str(&format!(";BYDAY={n}{w}")),
            (None, None, Some(day)) if (1..=31).contains(&day) || day == -1 => {
                rule.push_str(&format!(";BYMONTHDAY={day}"))
            }
            (None, None, Some(_)) => {
                return Err(("every.day", "The day of the month must be 1 to 31, or -1 for the last".to_owned()));
            }
            (_, Some(_), None) => {
                return Err(("every.nth", "nth requires a weekday and must be 1 to 4, or -1 for the last".to_owned()));
            }
            (_, _, Some(_)) => return Err(("every.day", "Use either a day or a weekday, not both".to_owned())),
        }
        Ok(rule)
    }
}
