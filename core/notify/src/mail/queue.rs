//! Enqueuing a mail, in the transaction of its event: it is sent if and only if that commits, and once per once-key.

use crate::mail::address::{self, MailFieldProblem};
use crate::once_key::bounded_key;
use crate::templates;
use cairn_store::events::{DuplicatePolicy, NewJob};
use cairn_store::notify::NewMail;
use cairn_store::{StoreError, WriteTx};
use serde_json::{Value as Json, json};

/// The job that sends a mail.
pub const SEND_MAIL_JOB: &str = "cairn.mail.send";

/// A mail to send.
#[derive(Debug, Clone, PartialEq)]
pub struct OutgoingMail {
    /// Subject and occasion: the same key never mails twice.
    pub once_key: String,
    /// Name of a template ([`templates::template_names`]).
    pub template: &'static str,
    /// Locale of the mail; `None`: the tenant's default locale.
    pub locale: Option<String>,
    /// Address of the recipient.
    pub to: String,
    /// Display name of the recipient.
    pub to_name: Option<String>,
    /// Address for replies, if it is not the tenant's.
    pub reply_to: Option<String>,
    /// Values for the template ([`templates::template_variables`]); an object. `link` may be a [`crate::NotificationTarget`].
    pub data: Json,
    /// Further values, for a one-time code or a link with one: stored separately until the mail is sent, in no backup and no response of
    /// the admin API. `validUntil` (milliseconds): it is not sent later than that.
    pub secret: Option<Json>,
    /// The admin user it is for and the kind, if they may unsubscribe from it.
    pub unsubscribe: Option<(i64, &'static str)>,
}

/// Why a mail was not enqueued.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// A field cannot be used.
    #[error(transparent)]
    Field(#[from] MailFieldProblem),
    /// The database returned an error.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Enqueues a mail. Returns its id; `None` if one with that once-key was enqueued before. `now` is in milliseconds.
///
/// # Errors
/// Names the field that cannot be used, before anything is written; else returns errors of the store.
pub fn enqueue_mail(tx: &mut WriteTx<'_>, mail: &OutgoingMail, now: i64) -> Result<Option<i64>, MailError> {
    let template = templates::find_template_name(mail.template).ok_or_else(|| MailFieldProblem {
        field: "template",
        problem: format!("template {} not found", mail.template),
    })?;
    let row = NewMail {
        once_key: bounded_key(&mail.once_key),
        template: template.to_owned(),
        // Of the tenant, as it is when the mail is sent.
        locale: mail.locale.clone().unwrap_or_default(),
        to_address: address::parse_address("to", &mail.to)?,
        to_name: mail.to_name.as_deref().map(|n| address::parse_name("toName", n)).transpose()?.flatten(),
        reply_to: mail.reply_to.as_deref().map(|a| address::parse_address("replyTo", a)).transpose()?,
        data: mail.data.clone(),
        secret: mail.secret.clone(),
        admin_user: mail.unsubscribe.map(|(user, _)| user),
        topic: mail.unsubscribe.map(|(_, kind)| kind.to_owned()),
    };
    let Some(id) = tx.mails().create(&row, now)? else { return Ok(None) };
    tx.jobs().enqueue(&send_mail_job(id, now), now)?;
    Ok(Some(id))
}

pub(crate) fn send_mail_job(mail: i64, due: i64) -> NewJob {
    NewJob {
        name: SEND_MAIL_JOB.to_owned(),
        key: Some(mail.to_string()),
        duplicate: DuplicatePolicy::Keep,
        lane: None,
        payload: json!({ "mail": mail }),
        due,
    }
}
