//! The job behind "forgot password", "confirm your address" and invitations: looks up a user, and mails them a code. A request gets its
//! response before, the same one whether there is such an account or not.

use crate::mail::queue::{self, MailError, OutgoingMail};
use crate::{Notifier, templates};
use cairn_access::auth::{
    CODE_MINUTES, CodePurpose, MAIL_JOB, OneTimeCode, format_mail_key, has_password, needs_invitation,
};
use cairn_access::is_locale_code;
use cairn_events::{JobEffect, JobHandler, JobOutcome};
use cairn_store::events::JobRow;
use cairn_store::system::{UserPath, UserRow};
use cairn_store::{Reader, StoreError};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::json;
use std::sync::Arc;

/// Time in milliseconds in which requests of strangers for an invitation of one user send one mail.
const REQUEST_INTERVAL_MS: i64 = 3_600_000;
/// Attributes of a project's users that can hold the language of their mails.
const LANGUAGE_ATTRIBUTES: [&str; 2] = ["language", "locale"];

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
        let Some(purpose) = purpose else { return Ok(JobOutcome::done()) };
        let (user, own_language) = self.0.store().read(|r| {
            let user = match (job.payload["user"].as_str(), job.payload["email"].as_str()) {
                (Some(id), _) => r.users().get_by_document(id)?,
                (None, Some(email)) => r.users().get_by_email(email)?,
                (None, None) => None,
            };
            let language = user.as_ref().map(|user| self.find_own_language(r, user)).transpose()?.flatten();
            Ok::<_, StoreError>((user, language))
        })?;
        // Invitations can be requested by anyone for any address: they neither end a link that the user has nor fill their mailbox.
        let is_anonymous = purpose == CodePurpose::Invitation && job.payload["user"].is_null();
        let is_local = |user: &UserRow| user.provider.as_deref() == Some("local");
        let fits = |user: &UserRow| match purpose {
            CodePurpose::ResetPassword => true,
            CodePurpose::ConfirmEmail => !user.confirmed,
            // A user with a password can request a link to choose another.
            CodePurpose::Invitation if is_anonymous => !has_password(user) && is_local(user),
            CodePurpose::Invitation => needs_invitation(user) && is_local(user),
        };
        let Some(user) = user.filter(|user| !user.blocked && fits(user)) else { return Ok(JobOutcome::done()) };
        let code = match self.0.access().draw_code(purpose) {
            Ok(code) => code,
            Err(e) => return Ok(JobOutcome::failed(e)),
        };
        let now = self.0.now();
        let locale = own_language.or_else(|| job.payload["language"].as_str().map(str::to_owned));
        let mut mail = self.compose_mail(purpose, &user, &code, locale, job.created_at);
        if is_anonymous {
            let hour = job.created_at / REQUEST_INTERVAL_MS;
            mail.once_key = format!("{}-request:{}:{hour}", purpose.name(), user.document_id);
        }
        let effect: JobEffect = Arc::new(move |tx| {
            if tx.reader().mails().exists(&mail.once_key)? {
                return Ok(());
            }
            // Changed since it was looked up: whoever asks again gets a code.
            let is_stored = if is_anonymous { code.add_for(tx, &user)? } else { code.store_for(tx, &user)? };
            if !is_stored {
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

    /// The language that a user has chosen, where the project's users have an attribute for it.
    fn find_own_language(&self, reader: &Reader<'_>, user: &UserRow) -> Result<Option<String>, StoreError> {
        for name in LANGUAGE_ATTRIBUTES {
            let Ok(path) = UserPath::resolve(self.0.store().registry(), name) else { continue };
            let value = reader.users().get_value(&path, user.id, &user.document_id)?;
            if let Some(language) = value.as_str().filter(|text| is_locale_code(text)) {
                return Ok(Some(language.to_owned()));
            }
        }
        Ok(None)
    }

    fn compose_mail(
        &self,
        purpose: CodePurpose,
        user: &UserRow,
        code: &OneTimeCode,
        locale: Option<String>,
        requested_at: i64,
    ) -> OutgoingMail {
        let base = self.0.site().url;
        let settings = self.0.access().auth_settings();
        let text = code.text();
        let (template, url) = match purpose {
            CodePurpose::ResetPassword => {
                let page = settings.reset_password_url.clone().unwrap_or_else(|| format!("{base}/reset-password"));
                (templates::PASSWORD_RESET, add_code(&page, text))
            }
            CodePurpose::ConfirmEmail => {
                (templates::EMAIL_CONFIRMATION, format!("{base}/api/auth/email-confirmation?confirmation={text}"))
            }
            CodePurpose::Invitation => {
                let page = settings.invitation_url.clone().unwrap_or_else(|| format!("{base}/invitation"));
                (templates::INVITATION, add_code(&page, text))
            }
        };
        let data = match purpose {
            CodePurpose::Invitation => {
                // A user who was invited by address alone has it as the name, which is no greeting. The name of an account with a password was chosen
                // by the person who registered, and may say anything.
                let name = Some(&user.username).filter(|name| !name.contains('@') && !has_password(user));
                json!({ "username": name, "days": settings.invitation_days })
            }
            CodePurpose::ResetPassword | CodePurpose::ConfirmEmail => {
                json!({ "username": user.username, "minutes": CODE_MINUTES })
            }
        };
        OutgoingMail {
            once_key: format_mail_key(purpose, &user.document_id, requested_at),
            template,
            locale,
            to: user.email.clone(),
            to_name: None,
            reply_to: None,
            data,
            secret: Some(json!({ "url": url, "validUntil": code.valid_until().timestamp_millis() })),
            unsubscribe: None,
        }
    }
}

/// Adds a code to the query of a page's address.
fn add_code(page: &str, code: &str) -> String {
    let joint = if page.contains('?') { '&' } else { '?' };
    format!("{page}{joint}code={code}")
}
