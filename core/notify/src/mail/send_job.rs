//! The job that sends one mail.
//!
//! Acceptance by the mail server is recorded in the transaction that ends the job. A process that dies between the two sends the mail
//! again, with the same `Message-ID`; it is recorded as sent once. There is no way around that window: the two are not one system.

use crate::mail::address;
use crate::mail::invitation::CalendarPart;
use crate::mail::mailer::{MailMode, SendError, tenant_sender};
use crate::mail::message::{self, Envelope, MailFile};
use crate::mail::plugin_mail::{self, StoredPluginMail};
use crate::mail::{queue, unsubscribe};
use crate::{NotificationTarget, Notifier, templates};
use cairn_events::{JobEffect, JobHandler, JobOutcome, RetryPolicy};
use cairn_store::StoreError;
use cairn_store::events::{Actor, JobRow, NewEvent};
use cairn_store::notify::{MailOutcome, MailRow, MailState, RenderedMail, Suppression, SuppressionReason, TemplateRow};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use lettre::message::Mailbox;
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;
use std::time::Duration;

/// Text in place of a secret in mails that are shown.
pub const REDACTION_MARK: &str = "•••";

pub(crate) struct SendMailJob(pub(crate) Notifier);

impl JobHandler for SendMailJob {
    fn name(&self) -> &'static str {
        queue::SEND_MAIL_JOB
    }

    /// 10 s, doubled up to an hour: for about a day.
    fn retry_policy(&self) -> RetryPolicy {
        RetryPolicy {
            first_pause: Duration::from_secs(10),
            factor: 2.0,
            max_pause: Duration::from_secs(3_600),
            attempts: 32,
        }
    }

    fn timeout(&self) -> Duration {
        Duration::from_secs(120)
    }

    fn run<'a>(&'a self, job: &'a JobRow) -> BoxFuture<'a, JobOutcome> {
        async move { self.send_mail(job).await.unwrap_or_else(JobOutcome::failed) }.boxed()
    }
}

/// The stored data of a mail.
struct MailToSend {
    row: MailRow,
    secret: Option<Json>,
    suppressed: Option<Suppression>,
    own: Option<TemplateRow>,
}

impl SendMailJob {
    async fn send_mail(&self, job: &JobRow) -> Result<JobOutcome, StoreError> {
        let notifier = &self.0;
        let Some(send) = job.payload["mail"].as_i64().map(|id| find_mail(notifier, id)).transpose()?.flatten() else {
            return Ok(JobOutcome::done());
        };
        let id = send.row.id;
        if send.row.state != MailState::Waiting {
            return Ok(JobOutcome::done());
        }
        if let Some(s) = &send.suppressed {
            let why = format!("the address is suppressed ({})", s.reason.as_str());
            return Ok(end_mail_outcome(notifier, id, mail_end(MailState::Suppressed, Some(why))));
        }
        if let Some(why) = too_late_reason(&send, notifier.now()) {
            return Ok(end_mail_outcome(notifier, id, mail_end(MailState::Failed, Some(why))));
        }
        let prepared = match load_files(notifier, &send.row).await {
            Ok(files) => prepare_mail(notifier, &send, files),
            Err(FileReadError::Gone(why)) => Err(why),
            // The file store may be out of reach for a while.
            Err(FileReadError::Later(why)) => {
                return self.retry_or_end(job, id, why, mail_end(MailState::Failed, None)).await;
            }
        };
        let mail = match prepared {
            Ok(mail) => mail,
            Err(why) => return Ok(end_mail_outcome(notifier, id, mail_end(MailState::Failed, Some(why)))),
        };
        let PreparedMail { message, mut end } = mail;
        if notifier.mode() == MailMode::Test {
            end.state = MailState::Test;
            return Ok(end_mail_outcome(notifier, id, end));
        }
        if cairn_settings::mail_identity(notifier.access()).held
            && !templates::REQUESTED_TEMPLATES.contains(&&*send.row.mail.template)
        {
            let why = "this site holds its mail; turn sending on under Settings, Mail sender, and send it again";
            return Ok(end_mail_outcome(
                notifier,
                id,
                MailOutcome { state: MailState::Suppressed, error: Some(why.into()), ..end },
            ));
        }
        end.tried = true;
        match notifier.mailer().send_message(message).await {
            Ok(()) => Ok(end_mail_outcome(notifier, id, end)),
            Err(SendError::Mail(why)) => {
                Ok(end_mail_outcome(notifier, id, MailOutcome { state: MailState::Failed, error: Some(why), ..end }))
            }
            Err(SendError::Address(why)) => Ok(bounced_outcome(notifier, &send.row, end, why)),
            Err(SendError::Later(why)) => self.retry_or_end(job, id, why, end).await,
        }
    }

    /// Records a temporary failure: the mail is retried, or ends if it was tried often enough.
    async fn retry_or_end(
        &self,
        job: &JobRow,
        id: i64,
        why: String,
        end: MailOutcome,
    ) -> Result<JobOutcome, StoreError> {
        let (notifier, noted) = (&self.0, why.clone());
        let now = notifier.now();
        if self.retry_policy().pause_after(job.attempt, None).is_none() {
            let end = MailOutcome { state: MailState::Failed, error: Some(noted), ..end };
            notifier.store().write(move |tx| tx.mails().finish(id, &end, now)).await?;
            return Ok(JobOutcome::Dead(why));
        }
        notifier.store().write(move |tx| tx.mails().set_error(id, &noted)).await?;
        Ok(JobOutcome::failed(why))
    }
}

fn find_mail(notifier: &Notifier, id: i64) -> Result<Option<MailToSend>, StoreError> {
    let default = notifier.access().locales().default.clone();
    notifier.store().read(|r| {
        let Some(row) = r.mails().get(id)? else { return Ok(None) };
        let locale = if row.mail.locale.is_empty() { &*default } else { &row.mail.locale };
        let mut own = None;
        for place in templates::lookup_locales(locale) {
            own = own.or(r.mail_templates().get(&row.mail.template, &place)?);
        }
        let suppressed = r.mail_suppressions().get(&address::suppression_key(&row.mail.to_address))?;
        Ok::<_, StoreError>(Some(MailToSend { secret: r.mails().get_secret(id)?, suppressed, own, row }))
    })
}

/// Why a mail is not sent any more: its link has expired, or was not stored.
fn too_late_reason(send: &MailToSend, now: i64) -> Option<String> {
    let template = &*send.row.mail.template;
    let needs = matches!(template, templates::PASSWORD_RESET | templates::EMAIL_CONFIRMATION | templates::INVITATION)
        || plugin_mail::stored_mail_in(&send.row.mail.data).is_some_and(|stored| stored.visible);
    match &send.secret {
        None if needs => Some("its link is no longer available: request a new one".into()),
        Some(secret) => {
            let until = secret["validUntil"].as_i64();
            until.filter(|until| *until <= now).map(|_| "its link had expired before it could be sent".into())
        }
        None => None,
    }
}

/// Why an attached file could not be read.
enum FileReadError {
    /// It does not exist any more.
    Gone(String),
    /// Temporarily: it is retried.
    Later(String),
}

/// Reads the files that are attached to a mail.
async fn load_files(notifier: &Notifier, row: &MailRow) -> Result<Vec<MailFile>, FileReadError> {
    let attached = plugin_mail::find_attachments(&row.mail.data);
    if attached.is_empty() {
        return Ok(Vec::new());
    }
    let read = notifier.file_reader().ok_or_else(|| FileReadError::Later("files cannot be read here".into()))?;
    let all = tokio::task::spawn_blocking(move || {
        let one = |file: plugin_mail::Attachment| match read(&file.object) {
            Ok(Some(bytes)) => Ok(MailFile { name: file.name, media_type: file.media_type, bytes }),
            Ok(None) => Err(FileReadError::Gone(format!("the attached file {} was deleted", file.name))),
            Err(error) => Err(FileReadError::Later(format!("the attached file {} cannot be read: {error}", file.name))),
        };
        attached.into_iter().map(one).collect()
    });
    all.await.unwrap_or_else(|error| Err(FileReadError::Later(error.to_string())))
}

struct PreparedMail {
    message: lettre::Message,
    end: MailOutcome,
}

/// Renders a mail and its headers. The error is for people.
fn prepare_mail(notifier: &Notifier, send: &MailToSend, files: Vec<MailFile>) -> Result<PreparedMail, String> {
    let row = &send.row;
    let unsubscribe = unsubscribe_url(notifier, row);
    let secret = send.secret.as_ref();
    let (mail, mut end) = render_mail(notifier, send, secret, unsubscribe.as_deref())?;
    let identity = cairn_settings::mail_identity(notifier.access());
    let from = tenant_sender(notifier.mailer(), &identity).map_err(|e| e.to_string())?;
    let message_id = message::message_id(notifier.tenant(), &row.mail.once_key, &from);
    let visible = plugin_mail::stored_mail_in(&row.mail.data);
    let confidential = send.secret.as_ref().and_then(plugin_mail::stored_mail_in);
    let sent_mail = confidential.as_ref().or(visible.as_ref());
    let envelope = Envelope {
        calendar: sent_mail.and_then(|stored| write_calendar(stored, &from, row).transpose()).transpose()?,
        from,
        shown: sent_mail.map(|stored| &stored.shown),
        files,
        to: (&row.mail.to_address, row.mail.to_name.as_deref()),
        reply_to: row.mail.reply_to.as_deref().or(identity.reply_to.as_deref()),
        message_id: &message_id,
        unsubscribe: unsubscribe.as_deref(),
        // The same at every attempt.
        at: row.created_at,
    };
    let message = message::build_message(envelope, &mail).map_err(|e| e.to_string())?;
    let headers = message::headers_json(&message);
    end.headers = Some(match notifier.mode() {
        MailMode::Smtp if secret.is_some() => {
            let mut visible = visible.map(|stored| stored.shown.headers).unwrap_or_default();
            // A subject is written by a template as the rest is: what it may say of a secret is what is kept of it.
            visible.extend(end.rendered.as_ref().map(|rendered| ("Subject".to_owned(), rendered.subject.clone())));
            redact_headers(headers, &visible)
        }
        _ => headers,
    });
    end.message_id = Some(message_id);
    Ok(PreparedMail { message, end })
}

/// The calendar of an invitation. The error is for people.
fn write_calendar(stored: &StoredPluginMail, from: &Mailbox, row: &MailRow) -> Result<Option<CalendarPart>, String> {
    let Some(invitation) = &stored.invitation else { return Ok(None) };
    let written = invitation.write_calendar(from, &stored.shown, &row.mail.to_address, row.created_at);
    written.map(Some).map_err(|problem| problem.to_string())
}

/// The headers of a mail as they are stored: those with secrets have the visible values instead.
fn redact_headers(mut headers: Json, visible: &[(String, String)]) -> Json {
    for pair in headers.as_array_mut().into_iter().flatten() {
        let name = pair[0].as_str().unwrap_or_default();
        if let Some((_, value)) = visible.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
            pair[1] = json!(value);
        }
    }
    headers
}

fn unsubscribe_url(notifier: &Notifier, row: &MailRow) -> Option<String> {
    let (user, topic) = (row.mail.admin_user?, row.mail.topic.as_deref()?);
    Some(unsubscribe::signed_url(notifier, user, topic))
}

/// Renders the mail, and what is stored of it: without secrets, unless it is stored in place of being sent.
fn render_mail(
    notifier: &Notifier,
    send: &MailToSend,
    secret: Option<&Json>,
    unsubscribe: Option<&str>,
) -> Result<(RenderedMail, MailOutcome), String> {
    let values = template_values(notifier, &send.row, secret, unsubscribe);
    let mail = fill_template(notifier, send, &values, secret)?;
    let rendered_mail = match secret.and_then(Json::as_object) {
        Some(secret) if notifier.mode() == MailMode::Smtp => {
            let mut blotted = values;
            for key in secret.keys() {
                blotted.insert(key.clone(), REDACTION_MARK.into());
            }
            fill_template(notifier, send, &blotted, None)?
        }
        _ => mail.clone(),
    };
    let end = MailOutcome { rendered: Some(rendered_mail), ..mail_end(MailState::Sent, None) };
    Ok((mail, end))
}

/// Fills the template. `secret`: the confidential values of a mail with foreign texts, for the recipient alone;
/// without it, the visible ones.
fn fill_template(
    notifier: &Notifier,
    send: &MailToSend,
    values: &Map<String, Json>,
    secret: Option<&Json>,
) -> Result<RenderedMail, String> {
    let mail = &send.row.mail;
    let locale = mail_locale(notifier, mail.locale.as_str());
    if let Some(stored_mail) =
        secret.and_then(plugin_mail::stored_mail_in).or_else(|| plugin_mail::stored_mail_in(&mail.data))
    {
        return templates::apply_layout(stored_mail.parts(), &locale, values.clone()).map_err(|e| e.to_string());
    }
    if let Some(own) = &send.own {
        match templates::render_template(&own.parts, &locale, values) {
            Ok(mail) => return Ok(mail),
            // A mail in the built-in words is better than none.
            Err(error) => {
                tracing::warn!(template = mail.template, locale, %error, "the tenant's own template cannot be rendered")
            }
        }
    }
    let built_in = templates::built_in(&mail.template, &locale);
    let built_in = built_in.ok_or_else(|| format!("template {} not found", mail.template))?;
    templates::render_template(built_in, &locale, values).map_err(|e| e.to_string())
}

fn mail_locale(notifier: &Notifier, locale: &str) -> String {
    if locale.is_empty() { notifier.access().locales().default.to_string() } else { locale.to_owned() }
}

/// Values for the template: everything it may name, null if it was not given.
fn template_values(
    notifier: &Notifier,
    row: &MailRow,
    secret: Option<&Json>,
    unsubscribe: Option<&str>,
) -> Map<String, Json> {
    let mut values: Map<String, Json> =
        templates::template_variables(&row.mail.template).into_iter().map(|v| (v.to_owned(), Json::Null)).collect();
    let mail_data = [Some(&row.mail.data), secret].into_iter().flatten().filter_map(Json::as_object).flatten();
    for (key, value) in mail_data {
        if let Some(place) = values.get_mut(key) {
            *place = value.clone();
        }
    }
    let link = values.get("link").cloned().unwrap_or_default();
    if let Ok(link) = serde_json::from_value::<NotificationTarget>(link) {
        values.insert("link".into(), format!("{}{}", notifier.site().url, link.admin_path()).into());
    }
    values.insert("site".into(), notifier.site_values());
    values.insert("recipient".into(), json!({ "name": row.mail.to_name, "address": row.mail.to_address }));
    values.insert("unsubscribe".into(), unsubscribe.map_or(Json::Null, Json::from));
    values
}

fn mail_end(state: MailState, error: Option<String>) -> MailOutcome {
    MailOutcome { state, error, rendered: None, headers: None, message_id: None, tried: false }
}

fn end_mail_outcome(notifier: &Notifier, id: i64, end: MailOutcome) -> JobOutcome {
    let now = notifier.now();
    let effect: JobEffect = Arc::new(move |tx| tx.mails().finish(id, &end, now).map(drop));
    JobOutcome::Done(Some(effect))
}

/// Handles an address that does not accept mail: it is suppressed until somebody clears it.
fn bounced_outcome(notifier: &Notifier, row: &MailRow, end: MailOutcome, why: String) -> JobOutcome {
    let (now, id) = (notifier.now(), row.id);
    let suppression = Suppression {
        address: address::suppression_key(&row.mail.to_address),
        reason: SuppressionReason::Bounce,
        detail: Some(why.clone()),
        mail: Some(id),
        at: now,
    };
    let end = MailOutcome { state: MailState::Bounced, error: Some(why), ..end };
    let effect: JobEffect = Arc::new(move |tx| {
        if tx.mails().finish(id, &end, now)? {
            tx.mail_suppressions().create(&suppression)?;
            tx.events().emit(&Actor::system("mail"), &bounce_event(id, "bounce"), now)?;
        }
        Ok(())
    });
    JobOutcome::Done(Some(effect))
}

/// The event of a bounce. The address is in the list of suppressions, not in the log.
pub(crate) fn bounce_event(mail: i64, reason: &str) -> NewEvent {
    new_event("cairn.mail.bounced", &format!("mail {mail}"), json!({ "mail": mail, "reason": reason }))
}

pub(crate) fn new_event(name: &str, key: &str, data: Json) -> NewEvent {
    NewEvent {
        name: name.to_owned(),
        key: key.to_owned(),
        content_type: None,
        document_id: None,
        locale: None,
        status: None,
        data,
    }
}

impl Notifier {
    /// Renders a mail that is not sent yet, without secrets. Returns an error if the store fails.
    pub fn preview_mail(&self, id: i64) -> Result<Option<RenderedMail>, StoreError> {
        let Some(send) = find_mail(self, id)? else { return Ok(None) };
        let unsubscribe = unsubscribe_url(self, &send.row);
        let blots = json!({ "url": REDACTION_MARK });
        let values = template_values(self, &send.row, send.secret.as_ref().map(|_| &blots), unsubscribe.as_deref());
        Ok(fill_template(self, &send, &values, None).ok())
    }
}
