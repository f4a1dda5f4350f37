//! The job that mails an admin user a link: to choose their first password, or another one. A request for another one gets its response
//! before, the same one whether there is such a user or not.

use crate::mail::queue::{self, MailError, OutgoingMail};
use crate::{Notifier, templates};
use cairn_access::auth::{ADMIN_MAIL_JOB, AdminLink};
use cairn_events::{JobEffect, JobHandler, JobOutcome};
use cairn_store::StoreError;
use cairn_store::events::JobRow;
use cairn_store::system::AdminUserRow;
use chrono::DateTime;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::json;
use std::sync::Arc;

/// Time in milliseconds in which further requests for one user send no mail.
const MIN_INTERVAL_MS: i64 = 60_000;

pub(crate) struct AdminMailJob(pub(crate) Notifier);

impl JobHandler for AdminMailJob {
    fn name(&self) -> &'static str {
        ADMIN_MAIL_JOB
    }

    fn run<'a>(&'a self, job: &'a JobRow) -> BoxFuture<'a, JobOutcome> {
        async move { self.enqueue_link_mail(job).unwrap_or_else(JobOutcome::failed) }.boxed()
    }
}

impl AdminMailJob {
    fn enqueue_link_mail(&self, job: &JobRow) -> Result<JobOutcome, StoreError> {
        let Some(link) = job.payload["purpose"].as_str().and_then(AdminLink::from_stored) else {
            return Ok(JobOutcome::done());
        };
        let user = self.0.store().read(|r| match (job.payload["user"].as_i64(), job.payload["email"].as_str()) {
            (Some(id), _) => r.admin_users().get(id),
            (None, Some(email)) => r.admin_users().get_by_email(email),
            (None, None) => Ok(None),
        })?;
        // An invited user accepts the invitation first; only users with a password can reset it.
        let fits =
            |user: &AdminUserRow| user.active && user.password_hash.is_empty() == (link == AdminLink::Invitation);
        let Some(user) = user.filter(fits) else { return Ok(JobOutcome::done()) };
        let code = match self.0.access().draw_admin_code(link) {
            Ok(code) => code,
            Err(e) => return Ok(JobOutcome::failed(e)),
        };
        let now = self.0.now();
        let requested = DateTime::from_timestamp_millis(job.created_at).unwrap_or(DateTime::UNIX_EPOCH);
        let mail = OutgoingMail {
            once_key: format!("admin-{}:{}:{}", link.name(), user.id, now / MIN_INTERVAL_MS),
            template: match link {
                AdminLink::Invitation => templates::ADMIN_INVITATION,
                AdminLink::ResetPassword => templates::ADMIN_PASSWORD_RESET,
            },
            locale: user.language.clone(),
            to: user.email.clone(),
            to_name: None,
            reply_to: None,
            data: json!({
                "username": user.full_name(), "days": link.valid_for().num_days(), "minutes": link.valid_for().num_minutes(),
            }),
            secret: Some(
                json!({ "url": code.url(&self.0.site().url), "validUntil": code.valid_until().timestamp_millis() }),
            ),
            unsubscribe: None,
        };
        let effect: JobEffect = Arc::new(move |tx| {
            if tx.reader().mails().exists(&mail.once_key)? {
                return Ok(());
            }
            // Changed since it was looked up: whoever asks again gets a link.
            if !code.store_for(tx, &user, requested)? {
                return Ok(());
            }
            match queue::enqueue_mail(tx, &mail, now) {
                Ok(_) => Ok(()),
                Err(MailError::Store(e)) => Err(e),
                Err(error) => {
                    tracing::warn!(user = user.id, %error, "mail to an admin user cannot be sent");
                    Ok(())
                }
            }
        });
        Ok(JobOutcome::Done(Some(effect)))
    }
}
