//! The daily mail with notifications since the last one, at 08:00 in the recipient's time zone.

pub(crate) mod schedule;

pub use schedule::DEFAULT_ZONE;
pub(crate) use schedule::ensure_recurring;

use crate::channel::{self, Channel, NotificationLevel};
use crate::kind::Kind;
use crate::mail::queue::{self, MailError, OutgoingMail};
use crate::{NotificationTarget, Notifier, templates};
use cairn_events::{JobHandler, JobOutcome};
use cairn_store::events::JobRow;
use cairn_store::notify::{DigestRow, Person, PreferenceRow};
use cairn_store::{StoreError, WriteTx};
use chrono::DateTime;
use chrono_tz::Tz;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use schedule::{DIGEST_JOB, valid_zone};
use serde_json::{Value as Json, json};

/// Largest number of lines in a mail.
const MAX_LINES: i64 = 50;
/// Number of entries that are read; if more are waiting, they count as this many.
const MAX_WAITING_ENTRIES: i64 = 1_000;

pub(crate) struct DigestJob(pub(crate) Notifier);

impl JobHandler for DigestJob {
    fn name(&self) -> &'static str {
        DIGEST_JOB
    }

    fn run<'a>(&'a self, job: &'a JobRow) -> BoxFuture<'a, JobOutcome> {
        async move {
            match self.send_digests(job).await {
                Ok(()) => JobOutcome::done(),
                Err(e) => JobOutcome::failed(e),
            }
        }
        .boxed()
    }
}

impl DigestJob {
    /// Sends digests in one transaction per user: one whose mail cannot be enqueued blocks nobody.
    async fn send_digests(&self, job: &JobRow) -> Result<(), StoreError> {
        let zone = job.payload["zone"].as_str().unwrap_or(DEFAULT_ZONE).to_owned();
        let at = job.payload["scheduledFor"].as_i64().unwrap_or(job.due);
        let (users, notifier) = (self.0.store().read(|r| r.digests().find_users())?, &self.0);
        for user in users {
            let (zone, notifier) = (zone.clone(), notifier.clone());
            let now = notifier.now();
            self.0.store().write(move |tx| send_digest(&notifier, tx, user, &zone, at, now)).await?;
        }
        Ok(())
    }
}

fn send_digest(
    notifier: &Notifier,
    tx: &mut WriteTx<'_>,
    user: i64,
    zone: &str,
    at: i64,
    now: i64,
) -> Result<(), StoreError> {
    let Some(person) = tx.reader().notification_preferences().get_recipient(user)? else { return Ok(()) };
    if valid_zone(person.zone.as_deref()) != zone {
        return Ok(());
    }
    let entries = tx.reader().digests().list_entries(user, MAX_WAITING_ENTRIES)?;
    let Some(last_id) = entries.last().map(|row| row.id) else { return Ok(()) };
    let rows = tx.reader().notification_preferences().list(user)?;
    // Kinds that the person has switched off meanwhile are left out.
    let digest_rows: Vec<&DigestRow> = entries.iter().filter(|row| is_wanted(&rows, &row.notification.kind)).collect();
    if !digest_rows.is_empty() {
        let day = local_day(at, zone);
        let mail = compose_digest(notifier, &person, &digest_rows, &format!("digest:{user}:{day}"));
        match queue::enqueue_mail(tx, &mail, now) {
            Ok(Some(_)) => {}
            // The digest of this day was sent: the next one includes these entries.
            Ok(None) => return Ok(()),
            Err(MailError::Store(e)) => return Err(e),
            Err(error) => tracing::warn!(admin = user, %error, "a digest for an admin user cannot be sent"),
        }
    }
    tx.digests().mark_sent(user, last_id, now).map(drop)
}

fn is_wanted(rows: &[PreferenceRow], kind: &str) -> bool {
    let level = rows.iter().find(|p| p.kind == kind && p.channel == channel::MailChannel.name());
    level.and_then(|p| NotificationLevel::parse(&p.level)) != Some(NotificationLevel::Off)
}

fn local_day(at: i64, zone: &str) -> String {
    let zone: Tz = zone.parse().unwrap_or(Tz::UTC);
    DateTime::from_timestamp_millis(at).map(|t| t.with_timezone(&zone).date_naive().to_string()).unwrap_or_default()
}

fn compose_digest(notifier: &Notifier, person: &Person, rows: &[&DigestRow], once_key: &str) -> OutgoingMail {
    let locale = person.locale.clone().unwrap_or_else(|| notifier.access().locales().default.to_string());
    let url = notifier.site().url;
    let item = |row: &DigestRow| -> Json {
        let n = &row.notification;
        let kind = Kind::parse(&n.kind);
        let data = n.data.as_object().cloned().unwrap_or_default();
        let title = kind.map_or_else(|| n.kind.clone(), |kind| templates::notification_title(kind, &locale, &data));
        let link = n.link.clone().and_then(|l| serde_json::from_value::<NotificationTarget>(l).ok());
        let link = link.map(|l| format!("{url}{}", l.admin_path()));
        json!({ "kind": n.kind, "title": title, "link": link, "at": row.at })
    };
    let lines = rows.len().min(usize::try_from(MAX_LINES).unwrap_or(rows.len()));
    let items: Vec<Json> = rows[..lines].iter().map(|row| item(row)).collect();
    let omitted_count = rows.len() - lines;
    OutgoingMail {
        once_key: once_key.to_owned(),
        template: templates::DIGEST,
        locale: Some(locale.clone()),
        to: person.email.clone(),
        to_name: None,
        reply_to: None,
        data: json!({ "items": items, "count": rows.len(), "more": (omitted_count > 0).then_some(omitted_count) }),
        secret: None,
        unsubscribe: Some((person.id, templates::DIGEST)),
    }
}
