//! The daily mail with notifications since the last one, at 08:00 in the recipient's time zone.

use crate::channel::{self, Channel, Level};
use crate::kind::Kind;
use crate::notifier::recurring;
use crate::outgoing::{self, MailError, Outgoing};
use crate::{Link, Notifier, templates};
use cairn_events::{JobHandler, Outcome, zone};
use cairn_store::events::JobRow;
use cairn_store::notify::{DigestRow, Person, PreferenceRow};
use cairn_store::{StoreError, WriteTx};
use chrono::DateTime;
use chrono_tz::Tz;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::{Value as Json, json};

/// Name of the job that sends digests.
pub(crate) const JOB: &str = "cairn.notify.digest";
/// When it runs, in each zone.
const CRON: &str = "0 8 * * *";
/// Time zone of users who have none.
pub const DEFAULT_ZONE: &str = "UTC";
/// Largest number of lines in a mail.
const LINES: i64 = 50;
/// Number of entries that are read; if more are waiting, they count as this many.
const READ: i64 = 1_000;

/// Makes sure that the digest for a zone recurs.
pub(crate) fn ensure(tx: &mut WriteTx<'_>, zone: Option<&str>, now: i64) -> Result<(), StoreError> {
    let zone = valid(zone);
    let name = format!("{JOB} {zone}");
    if tx.reader().has_recurring(&name)? {
        return Ok(());
    }
    match recurring(&name, JOB, json!({ "zone": zone }), CRON, zone, now) {
        Some(row) => tx.set_recurring(&row),
        None => Ok(()),
    }
}

/// A valid zone: the given one, or the default.
fn valid(zone: Option<&str>) -> &str {
    zone.filter(|z| zone::parse(z).is_ok()).unwrap_or(DEFAULT_ZONE)
}

pub(crate) struct Digest(pub(crate) Notifier);

impl JobHandler for Digest {
    fn name(&self) -> &'static str {
        JOB
    }

    fn run<'a>(&'a self, job: &'a JobRow) -> BoxFuture<'a, Outcome> {
        async move {
            match self.send(job).await {
                Ok(()) => Outcome::done(),
                Err(e) => Outcome::failed(e),
            }
        }
        .boxed()
    }
}

impl Digest {
    /// Sends digests in one transaction per user: one whose mail cannot be enqueued blocks nobody.
    async fn send(&self, job: &JobRow) -> Result<(), StoreError> {
        let zone = job.payload["zone"].as_str().unwrap_or(DEFAULT_ZONE).to_owned();
        let at = job.payload["scheduledFor"].as_i64().unwrap_or(job.due);
        let (users, notifier) = (self.0.store().read(|r| r.users_with_digest())?, &self.0);
        for user in users {
            let (zone, notifier) = (zone.clone(), notifier.clone());
            let now = notifier.now();
            self.0.store().write(move |tx| one(&notifier, tx, user, &zone, at, now)).await?;
        }
        Ok(())
    }
}

fn one(notifier: &Notifier, tx: &mut WriteTx<'_>, user: i64, zone: &str, at: i64, now: i64) -> Result<(), StoreError> {
    let Some(person) = tx.reader().person(user)? else { return Ok(()) };
    if valid(person.zone.as_deref()) != zone {
        return Ok(());
    }
    let waiting = tx.reader().digest(user, READ)?;
    let Some(last) = waiting.last().map(|row| row.id) else { return Ok(()) };
    let said = tx.reader().preferences(user)?;
    // Who switched it off meanwhile is not told after all.
    let wanted: Vec<&DigestRow> = waiting.iter().filter(|row| is_wanted(&said, &row.notification.kind)).collect();
    if !wanted.is_empty() {
        let day = day(at, zone);
        let mail = compose(notifier, &person, &wanted, &format!("digest:{user}:{day}"));
        match outgoing::send(tx, &mail, now) {
            Ok(Some(_)) => {}
            // This day's was sent: the next one brings it.
            Ok(None) => return Ok(()),
            Err(MailError::Store(e)) => return Err(e),
            Err(error) => tracing::warn!(admin = user, %error, "a digest for an admin user cannot be sent"),
        }
    }
    tx.digest_sent(user, last, now).map(drop)
}

fn is_wanted(said: &[PreferenceRow], kind: &str) -> bool {
    let level = said.iter().find(|p| p.kind == kind && p.channel == channel::Mail.name());
    level.and_then(|p| Level::read(&p.level)) != Some(Level::Off)
}

fn day(at: i64, zone: &str) -> String {
    let zone: Tz = zone.parse().unwrap_or(Tz::UTC);
    DateTime::from_timestamp_millis(at).map(|t| t.with_timezone(&zone).date_naive().to_string()).unwrap_or_default()
}

fn compose(notifier: &Notifier, person: &Person, rows: &[&DigestRow], once_key: &str) -> Outgoing {
    let locale = person.locale.clone().unwrap_or_else(|| notifier.access().locales().default.to_string());
    let url = notifier.site().url;
    let item = |row: &DigestRow| -> Json {
        let n = &row.notification;
        let kind = Kind::read(&n.kind);
        let data = n.data.as_object().cloned().unwrap_or_default();
        let title = kind.map_or_else(|| n.kind.clone(), |kind| templates::title(kind, &locale, &data));
        let link = n.link.clone().and_then(|l| serde_json::from_value::<Link>(l).ok());
        let link = link.map(|l| format!("{url}{}", l.path()));
        json!({ "kind": n.kind, "title": title, "link": link, "at": row.at })
    };
    let lines = rows.len().min(usize::try_from(LINES).unwrap_or(rows.len()));
    let items: Vec<Json> = rows[..lines].iter().map(|row| item(row)).collect();
    let more = rows.len() - lines;
    Outgoing {
        once_key: once_key.to_owned(),
        template: templates::DIGEST,
        locale: Some(locale.clone()),
        to: person.email.clone(),
        to_name: None,
        reply_to: None,
        data: json!({ "items": items, "count": rows.len(), "more": (more > 0).then_some(more) }),
        secret: None,
        unsubscribe: Some((person.id, templates::DIGEST)),
    }
}
