//! The job behind "forgot password" and "confirm your address": looks up the user with an address, and mails them a code. The request gets
//! its response before, the same one whether there is such an account or not.

use crate::mail::queue::{self, MailError, OutgoingMail};
use crate::{Notifier, templates};
use cairn_access::auth::{CODE_MINUTES, CodePurpose, MAIL_JOB};
use cairn_events::{JobEffect, JobHandler, JobOutcome};
use cairn_store::StoreError;
use cairn_store::events::JobRow;
use cairn_store::system::UserRow;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::json;
use std::sync::Arc;

/// Time in milliseconds in which further requests for one user send no mail.
const MIN_INTERVAL_MS: i64 = 60_000;

pub(crate) struct AuthMailJob(pub(crate) Notifier);

impl JobHandler for AuthMailJob {
    fn name(&self) -> &'static str {
        MAIL_JOB
    }

    fn run<'a>(&'a self, job: &'a JobRow) -> BoxFuture<'a, JobOutcome> {
        async move { self.enqueue_code_mail(job).unwrap_or_else(JobOutcome::failed) }.boxed()
    }
}

impl AuthMailJob {
    fn enqueue_code_mail(&self, job: &JobRow) -> Result<JobOutcome, StoreError> {
        let purpose = job.payload["purpose"].as_str().and_then(CodePurpose::from_stored);
        let (Some(purpose), Some(email)) = (purpose, job.payload["email"].as_str()) else {
            return Ok(JobOutcome::done());
        };
        let user = self.0.store().read(|r| r.users().get_by_email(email))?;
        let Some(user) = user.filter(|u| !u.blocked && (purpose == CodePurpose::ResetPassword || !u.confirmed)) else {
            return Ok(JobOutcome::done());
        };
        let code = match self.0.access().draw_code(purpose) {
            Ok(code) => code,
            Err(e) => return Ok(JobOutcome::failed(e)),
        };
        let now = self.0.now();
        let mail = self.compose_mail(purpose, &user, code.text(), now);
        let effect: JobEffect = Arc::new(move |tx| {
            if tx.reader().mails().exists(&mail.once_key)? {
                return Ok(());
            }
            // Changed since it was looked up: whoever asks again gets a code.
            if !code.store_for(tx, &user)? {
                return Ok(());
            }
            match queue::enqueue_mail(tx, &mail, now) {
                Ok(_) => Ok(()),
                Err(MailError::Store(e)) => Err(e),
                Err(error) => {
                    tracing::warn!(user = user.document_id, %error, "mail to a user cannot be sent");
                    Ok(())
                }
            }
        });
        Ok(JobOutcome::Done(Some(effect)))
    }

    fn compose_mail(&self, purpose: CodePurpose, user: &UserRow, code: &str, now: i64) -> OutgoingMail {
        let base = self.0.site().url;
        let settings = self.0.access().auth_settings();
        let (template, url) = match purpose {
            CodePurpose::ResetPassword => {
                let page = settings.reset_password_url.clone().unwrap_or_else(|| format!("{base}/reset-password"));
                let joint = if page.contains('?') { '&' } else { '?' };
                (templates::PASSWORD_RESET, format!("{page}{joint}code={code}"))
            }
            CodePurpose::ConfirmEmail => {
                (templates::EMAIL_CONFIRMATION, format!("{base}/api/auth/email-confirmation?confirmation={code}"))
            }
        };
        OutgoingMail {
            once_key: format!("{}:{}:{}", purpose.name(), user.document_id, now / MIN_INTERVAL_MS),
            template,
            locale: None,
            to: user.email.clone(),
            to_name: None,
            reply_to: None,
            data: json!({ "username": user.username, "minutes": CODE_MINUTES }),
            secret: Some(json!({ "url": url, "validUntil": now + CODE_MINUTES * 60_000 })),
            unsubscribe: None,
        }
    }
}
