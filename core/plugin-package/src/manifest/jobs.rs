//! `[[job]]` and `[[schedule]]`: work for later, and when it comes by itself.

use super::items::read_section_name;
use super::subscription::{ManifestRetry, read_retry};
use crate::names;
use crate::problem::SourceLocation;
use crate::strict_toml::{TomlItem, TomlSection};
use crate::words::{nearest_word, words};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use std::str::FromStr;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);
/// The longest slice of a job that may be asked for.
const MAX_TIMEOUT: Duration = Duration::from_secs(300);
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);
/// About nine hours.
const JOB_RETRY: ManifestRetry =
    ManifestRetry { first: Duration::from_secs(10), factor: 3.0, max: Duration::from_secs(6 * 3_600), attempts: 8 };
/// Longest cron expression, in bytes.
const MAX_CRON_BYTES: usize = 200;

/// One `[[job]]`.
#[derive(Debug, Clone, PartialEq)]
pub struct ManifestJob {
    /// Its name, handed to the plugin.
    pub name: String,
    /// How long one slice of it may take.
    pub timeout: Duration,
    /// When a slice fails.
    pub retry: ManifestRetry,
    /// Largest number of jobs in one call and one transaction; `None`: they run one by one.
    pub batch: Option<u32>,
    /// Where the section begins.
    pub at: SourceLocation,
}

words! {
    /// Treatment of runs that fell into a time without a server.
    Missed {
        /// One run makes up for all.
        Once = "once",
        /// Each is made up for.
        Each = "each",
        /// They are left out.
        Skip = "skip",
    }
}

/// Time zone whose time of day a schedule keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Zone {
    /// A zone by its name.
    Named(Tz),
    /// `settings:timezone`: the zone an operator chose in this setting of the plugin.
    Setting(String),
}

/// One `[[schedule]]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestSchedule {
    /// Its name; that of the job unless said.
    pub name: String,
    /// The job it enqueues.
    pub job: String,
    /// Five parts: minute hour day month weekday.
    pub cron: String,
    /// Time zone of `cron`.
    pub zone: Zone,
    /// Treatment of missed runs.
    pub missed: Missed,
    /// Runs begin up to so much later, so that not all plugins of all sites begin at once.
    pub spread: Duration,
    /// Where the section begins.
    pub at: SourceLocation,
}

pub(super) fn read_job(s: &TomlSection<'_>) -> Option<ManifestJob> {
    let name = s.required("name", "name = \"send-reminder\"", read_section_name);
    let timeout = s.optional_or("timeout", DEFAULT_TIMEOUT, |i| i.duration(SECOND..=MAX_TIMEOUT));
    let retry = read_retry(s, JOB_RETRY);
    let batch = s.optional("batch", |i| i.integer(1..=500));
    s.finish();
    Some(ManifestJob { name: name?, timeout, retry, batch, at: s.at })
}

pub(super) fn read_schedule(s: &TomlSection<'_>) -> Option<ManifestSchedule> {
    let job = s.required("job", "job = \"digest\"", read_section_name);
    let name = s.optional("name", read_section_name).or_else(|| job.clone());
    let cron = s.required("cron", "cron = \"0 8 * * MON-FRI\"", |i| i.parse_text(check_cron));
    let zone = s.optional_or("zone", Zone::Named(Tz::UTC), read_zone);
    let missed = s.optional_or("missed", Missed::Once, TomlItem::word);
    let spread = s.optional_or("spread", Duration::ZERO, |i| i.duration(Duration::ZERO..=Duration::from_secs(3_600)));
    s.finish();
    Some(ManifestSchedule { name: name?, job: job?, cron: cron?, zone, missed, spread, at: s.at })
}

fn check_cron(text: &str) -> Result<String, String> {
    const FORM: &str = "write five parts: minute hour day month weekday, as in \"0 8 * * MON-FRI\"";
    if text.len() > MAX_CRON_BYTES {
        return Err(format!("is longer than {MAX_CRON_BYTES} characters"));
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

fn read_zone(item: &TomlItem<'_>) -> Option<Zone> {
    item.parse_text(|text| {
        if let Some(setting) = text.strip_prefix("settings:") {
            return match names::is_field(setting) {
                true => Ok(Zone::Setting(setting.to_owned())),
                false => Err("does not name a setting; write it as \"settings:timezone\"".into()),
            };
        }
        text.parse::<Tz>().map(Zone::Named).map_err(|_| {
            let near = nearest_word(text, chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name()));
            let near = near.unwrap_or("Europe/Amsterdam");
            format!("is not a time zone; write a name such as \"{near}\", or \"settings:timezone\"")
        })
    })
}
