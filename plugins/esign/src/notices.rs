//! Notices in the admin and mails for who sent an envelope, and for those who were asked to sign it, when it ends.

use crate::envelope_state::{RecipientStatus, Role};
use crate::envelopes::{admin_path, approval_path};
use crate::model::{Envelope, Recipient};
use crate::settings::{Settings, pick_language};
use cairn_plugin::mail::mail;
use cairn_plugin::prelude::*;
use cairn_plugin::{FileId, mail as mails, warn};
use serde::Serialize;
use serde_json::json;

/// Tells somebody of the team about an envelope, once for each occasion. That nobody can be told is noted and stops nothing.
pub(crate) fn notify_team(
    to: &str,
    envelope: &Row<Envelope>,
    what: &str,
    occasion: &str,
    detail: &str,
    settings: &Settings,
) {
    if to.is_empty() {
        return;
    }
    let clean = |text: &str, most: usize| text.chars().filter(|c| !c.is_control()).take(most).collect::<String>();
    let arguments = json!({ "title": clean(&envelope.title, 100), "detail": clean(detail, 300) });
    let text = |part: &str| translate(&format!("notice.{what}.{part}"), &settings.language, Some(&arguments));
    let id = &envelope.document_id;
    let key = format!("envelope/{id}/{what}/{occasion}");
    let link = if what == "approval" { approval_path(id) } else { admin_path(id) };
    match mails::notify(&key, &[to], &text("title"), &text("text"), Some(&link)) {
        Ok(()) | Err(Error::Denied(_)) => {}
        Err(error) => warn!(envelope = id; "nobody could be told: {}", error.describe()),
    }
}

/// How an envelope ended without being signed, for those who are told.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EnvelopeEnding<'a> {
    /// `declined`, `voided` or `expired`; with an occasion where it can happen more than once.
    pub(crate) kind: &'a str,
    pub(crate) occasion: &'a str,
    pub(crate) by: &'a str,
    pub(crate) reason: &'a str,
}

/// Model of the mail's template.
#[derive(Serialize)]
struct EndingMail<'a> {
    name: &'a str,
    title: &'a str,
    sender: &'a str,
    by: &'a str,
    reason: &'a str,
    declined: bool,
    voided: bool,
    expired: bool,
}

/// Tells the sender, and all others who had a part in it, how an envelope ended. `except`: who knows already.
///
/// # Errors
/// What the host says.
pub(crate) fn tell_ending(
    envelope: &Row<Envelope>,
    ending: EnvelopeEnding<'_>,
    except: Option<&str>,
    settings: &Settings,
) -> Result<()> {
    // A signer who only got an early invitation has not learned the title of the document, and does not learn it now.
    let heard = |recipient: &&Row<Recipient>| {
        recipient.role == Role::Signer
            && recipient.status != RecipientStatus::Waiting
            && envelope.is_let_in(recipient)
            && Some(recipient.document_id.as_str()) != except
    };
    let company = settings.company();
    let team = pick_language(&[envelope.language.as_deref(), Some(&settings.language)]);
    let sender = envelope.sender_email.as_deref().map(|email| (email, envelope.sender_name.as_str(), team));
    let others = envelope.recipients.iter().filter(heard).map(|recipient| {
        (recipient.email.as_str(), recipient.name.as_str(), envelope.language_of(Some(recipient), settings))
    });
    for (email, name, language) in sender.into_iter().chain(others) {
        let model = EndingMail {
            name,
            title: &envelope.title,
            sender: &company,
            by: ending.by,
            reason: ending.reason,
            declined: ending.kind == "declined",
            voided: ending.kind == "voided",
            expired: ending.kind == "expired",
        };
        let key = format!("envelope/{}/{}/{}", envelope.document_id, ending.kind, ending.occasion);
        send_or_warn(envelope, Mail { key, to: email, template: "ended", language, attach: None }, &model, settings)?;
    }
    notify_team(&envelope.owner, envelope, ending.kind, ending.occasion, ending.reason, settings);
    Ok(())
}

/// A mail to one address.
pub(crate) struct Mail<'a> {
    pub(crate) key: String,
    pub(crate) to: &'a str,
    pub(crate) template: &'a str,
    pub(crate) language: &'a str,
    pub(crate) attach: Option<FileId>,
}

/// Sends a mail. An address that cannot be written to is noted and keeps nothing else from happening.
///
/// # Errors
/// What another attempt may cure.
pub(crate) fn send_or_warn(
    envelope: &Row<Envelope>,
    about: Mail<'_>,
    model: &impl Serialize,
    settings: &Settings,
) -> Result<()> {
    let mut message = mail(about.key, about.to).template(about.template).locale(about.language);
    if let Some(file) = about.attach {
        message = message.attach(file);
    }
    if !settings.reply_to.is_empty() {
        message = message.reply_to(&settings.reply_to);
    }
    match message.send(model) {
        Ok(_) => Ok(()),
        Err(error @ Error::Invalid(_)) => {
            warn!(envelope = &envelope.document_id; "a mail was not sent: {}", error.describe());
            Ok(())
        }
        Err(error) => Err(error),
    }
}
