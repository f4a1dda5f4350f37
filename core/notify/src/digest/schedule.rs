//! When digests are sent.

use cairn_events::{Cron, unix_millis, zone};
use cairn_store::events::{CronRow, MissedRuns};
use cairn_store::{StoreError, WriteTx};
use serde_json::{Value as Json, json};

/// Name of the job that sends digests.
pub(crate) const DIGEST_JOB: &str = "cairn.notify.digest";
/// When it runs, in each zone.
const DIGEST_CRON: &str = "0 8 * * *";
/// Time zone of users who have none.
pub const DEFAULT_ZONE: &str = "UTC";

/// Makes sure that the digest for a zone recurs.
pub(crate) fn ensure_recurring(tx: &mut WriteTx<'_>, zone: Option<&str>, now: i64) -> Result<(), StoreError> {
    let zone = valid_zone(zone);
    let name = format!("{DIGEST_JOB} {zone}");
    if tx.reader().recurring_jobs().exists(&name)? {
        return Ok(());
    }
    match recurring_row(&name, DIGEST_JOB, json!({ "zone": zone }), DIGEST_CRON, zone, now) {
        Some(row) => tx.recurring_jobs().save(&row),
        None => Ok(()),
    }
}

/// A valid zone: the given one, or the default.
pub(super) fn valid_zone(zone: Option<&str>) -> &str {
    zone.filter(|z| zone::parse_zone(z).is_ok()).unwrap_or(DEFAULT_ZONE)
}

/// A recurring job from now on; `None` if it never occurs.
fn recurring_row(name: &str, job: &str, payload: Json, cron: &str, zone: &str, now: i64) -> Option<CronRow> {
    let parsed = Cron::parse(cron, zone).ok()?;
    let next = parsed.next_after(chrono::DateTime::from_timestamp_millis(now)?).map(unix_millis);
    Some(CronRow {
        name: name.to_owned(),
        job: job.to_owned(),
        payload,
        cron: cron.to_owned(),
        zone: zone.to_owned(),
        missed: MissedRuns::Once,
        next,
        last: None,
        paused: false,
    })
}
