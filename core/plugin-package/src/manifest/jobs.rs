//! `[[job]]` and `[[schedule]]`: work for later, and when it comes by itself.

use super::hook::section_name;
use super::subscription::{Retry, retry};
use crate::names;
use crate::problem::Place;
use crate::read::{Item, Section};
use crate::words::{nearest, words};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use std::str::FromStr;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);
/// The longest slice of a job that may be asked for.
const MAX_TIMEOUT: Duration = Duration::from_secs(300);
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);
/// About nine hours.
const JOB_RETRY: Retry =
    Retry { first: Duration::from_secs(10), factor: 3.0, max: Duration::from_secs(6 * 3_600), attempts: 8 };
/// Longest cron expression, in bytes.
const MAX_CRON: usize = 200;

/// One `[[job]]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// Its name, handed to the plugin.
    pub name: String,
    /// How long one slice of it may take.
    pub timeout: Duration,
    /// When a slice fails.
    pub retry: Retry,
    /// Where the section begins.
    pub at: Place,
}

words! {
    /// What becomes of runs that fell into a time without a server.
    Missed {
        /// One run makes up for all.
        Once = "once",
        /// Each is made up for.
        Each = "each",
        /// They are left out.
        Skip = "skip",
    }
}

/// Whose time of day a schedule keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Zone {
    /// A zone by its name.
    Named(Tz),
    /// `settings:timezone`: the zone an operator chose in this setting of the plugin.
    Setting(String),
}

/// One `[[schedule]]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// Its name; that of the job unless said.
    pub name: String,
    /// The job it enqueues.
    pub job: String,
    /// Five parts: minute hour day month weekday.
    pub cron: String,
    /// Whose time of day.
    pub zone: Zone,
    /// What becomes of missed runs.
    pub missed: Missed,
    /// Runs begin up to so much later, so that not all plugins of all sites begin at once.
    pub spread: Duration,
    /// Where the section begins.
    pub at: Place,
}

pub(super) fn read_job(s: &Section<'_>) -> Option<Job> {
    let name = s.required("name", "name = \"send-reminder\"", section_name);
    let timeout = s.or("timeout", DEFAULT_TIMEOUT, |i| i.duration(SECOND..=MAX_TIMEOUT));
    let retry = retry(s, JOB_RETRY);
    s.finish();
    Some(Job { name: name?, timeout, retry, at: s.at })
}

pub(super) fn read_schedule(s: &Section<'_>) -> Option<Schedule> {
    let job = s.required("job", "job = \"digest\"", section_name);
    let name = s.optional("name", section_name).or_else(|| job.clone());
    let cron = s.required("cron", "cron = \"0 8 * * MON-FRI\"", |i| i.parsed(cron));
    let zone = s.or("zone", Zone::Named(Tz::UTC), zone);
    let missed = s.or("missed", Missed::Once, Item::word);
    let spread = s.or("spread", Duration::ZERO, |i| i.duration(Duration::ZERO..=Duration::from_secs(3_600)));
    s.finish();
    Some(Schedule { name: name?, job: job?, cron: cron?, zone, missed, spread, at: s.at })
}

fn cron(text: &str) -> Result<String, String> {
    const FORM: &str = "write five parts: minute hour day month weekday, as in \"0 8 * * MON-FRI\"";
    if text.len() > MAX_CRON {
        return Err(format!("is longer than {MAX_CRON} characters"));
    }
    if text.split_whitespace().count() != 5 {
        return Err(format!("is not a valid cron expression; {FORM}"));
    }
    let cron = croner::Cron::from_str(text).map_err(|e| format!("is not a valid cron expression ({e}); {FORM}"))?;
    // Leap days are at most eight years apart, and what is found is found from anywhere.
    match cron.find_next_occurrence(&DateTime::<Utc>::UNIX_EPOCH, false) {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => Err("never runs: no date matches it".into()),
    }
}

fn zone(item: &Item<'_>) -> Option<Zone> {
    item.parsed(|text| {
        if let Some(setting) = text.strip_prefix("settings:") {
            return match names::is_field(setting) {
                true => Ok(Zone::Setting(setting.to_owned())),
                false => Err("does not name a setting; write it as \"settings:timezone\"".into()),
            };
        }
        text.parse::<Tz>().map(Zone::Named).map_err(|_| {
            let near = nearest(text, chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name()));
            let near = near.unwrap_or("Europe/Amsterdam");
            format!("is not a time zone; write a name such as \"{near}\", or \"settings:timezone\"")
        })
    })
}
