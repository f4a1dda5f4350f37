//! The job behind "forgot password" and "confirm your address": looks up the user with an address, and mails them a code. The request gets
//! its response before, the same one whether there is such an account or not.

use crate::outgoing::{self, MailError, Outgoing};
use crate::{Notifier, templates};
use cairn_access::auth::{CODE_MINUTES, MAIL_JOB, Purpose};
use cairn_events::{Effect, JobHandler, Outcome};
use cairn_store::StoreError;
use cairn_store::events::JobRow;
use cairn_store::system::UserRow;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::json;
use std::sync::Arc;

/// Time in milliseconds in which further requests for one user send no mail.
const PAUSE: i64 = 60_000;

pub(crate) struct AuthMail(pub(crate) Notifier);

impl JobHandler for AuthMail {
    fn name(&self) -> &'static str {
        MAIL_JOB
    }

    fn run<'a>(&'a self, job: &'a JobRow) -> BoxFuture<'a, Outcome> {
        async move { self.outcome(job).unwrap_or_else(Outcome::failed) }.boxed()
    }
}

impl AuthMail {
    fn outcome(&self, job: &JobRow) -> Result<Outcome, StoreError> {
        let purpose = job.payload["purpose"].as_str().and_then(Purpose::read);
        let (Some(purpose), Some(email)) = (purpose, job.payload["email"].as_str()) else {
            return Ok(Outcome::done());
        };
        let user = self.0.store().read(|r| r.user_by_email(email))?;
        let Some(user) = user.filter(|u| !u.blocked && (purpose == Purpose::ResetPassword || !u.confirmed)) else {
            return Ok(Outcome::done());
        };
        let code = match self.0.access().draw_code(purpose) {
            Ok(code) => code,
            Err(e) => return Ok(Outcome::failed(e)),
        };
        let now = self.0.now();
        let mail = self.compose(purpose, &user, code.text(), now);
        let effect: Effect = Arc::new(move |tx| {
            if tx.reader().has_mail(&mail.once_key)? {
                return Ok(());
            }
            code.keep(tx, &user.document_id)?;
            match outgoing::send(tx, &mail, now) {
                Ok(_) => Ok(()),
                Err(MailError::Store(e)) => Err(e),
                Err(error) => {
                    tracing::warn!(user = user.document_id, %error, "mail to a user cannot be sent");
                    Ok(())
                }
            }
        });
        Ok(Outcome::Done(Some(effect)))
    }

    fn compose(&self, purpose: Purpose, user: &UserRow, code: &str, now: i64) -> Outgoing {
        let base = self.0.site().url;
        let settings = self.0.access().auth_settings();
        let (template, url) = match purpose {
            Purpose::ResetPassword => {
                let page = settings.reset_password_url.clone().unwrap_or_else(|| format!("{base}/reset-password"));
                let joint = if page.contains('?') { '&' } else { '?' };
                (templates::PASSWORD_RESET, format!("{page}{joint}code={code}"))
            }
            Purpose::ConfirmEmail => {
                (templates::EMAIL_CONFIRMATION, format!("{base}/api/auth/email-confirmation?confirmation={code}"))
            }
        };
        Outgoing {
            once_key: format!("{}:{}:{}", purpose.name(), user.document_id, now / PAUSE),
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
