//! `mail`: mails to anybody and notifications to admin users, in the present transaction. Both have a key, by which they are sent once, and
//! a rate per hour that was granted.

use super::hourly_rate::HourlyRate;
use crate::call::state::{CallState, to_guest_charge};
use crate::contract::bindings::host::mail::{self as contract, Confidential, Host, InvitationMail, Message, Notice};
use crate::contract::bindings::types::Error;
use crate::contract::guest_errors::{from_content_error, invalid_field};
use crate::contract::host_error::HostResult;
use cairn_notify::{
    Attachment, EventTime, Invitation, InvitationMethod, Kind, MAX_MAIL_FILES, MailError, Notification,
    NotificationTarget, PluginMail, REDACTION_MARK, RedactedMail, enqueue_plugin_mail, notify,
};
use cairn_plugin_package::Capability;
use cairn_store::{StoreError, WriteTx};
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// Largest number of mails, or notifications, of one call.
const MAX_MESSAGES: usize = 100;
/// Longest key, in bytes.
const MAX_KEY_BYTES: usize = 255;
/// Longest title of a notification, and longest text, in characters.
const MAX_TITLE_CHARS: usize = 200;
const MAX_TEXT_CHARS: usize = 500;
/// Largest number of secrets of a mail, and their shortest and longest size in bytes: blotting out single letters
/// would leave nothing of the mail.
const MAX_SECRETS: usize = 20;
const MIN_SECRET_BYTES: usize = 6;
const MAX_SECRET_BYTES: usize = 2_000;
/// Largest number of recipients that one notification names.
const MAX_RECIPIENTS: usize = 100;

impl Host for CallState {
    async fn send(&mut self, messages: Vec<Message>) -> HostResult<Vec<String>> {
        let to_mail = |message| RequestedMail { message, secrets: Vec::new(), invitation: None };
        self.send_mails(messages.into_iter().map(to_mail).collect()).await
    }

    async fn send_confidential(&mut self, messages: Vec<Confidential>) -> HostResult<Vec<String>> {
        let to_mail = |Confidential { message, secrets }| RequestedMail { message, secrets, invitation: None };
        self.send_mails(messages.into_iter().map(to_mail).collect()).await
    }

    async fn send_invitations(&mut self, messages: Vec<InvitationMail>) -> HostResult<Vec<String>> {
        let to_mail = |InvitationMail { message, invitation, secrets }| {
            let invitation = Some(to_invitation(invitation));
            RequestedMail { message, secrets, invitation }
        };
        self.send_mails(messages.into_iter().map(to_mail).collect()).await
    }

    async fn notify(&mut self, notices: Vec<Notice>) -> HostResult<()> {
        self.granted_call(Capability::Notify)?;
        if notices.len() > MAX_MESSAGES {
            let message = format!("{} notifications in one call; the limit is {MAX_MESSAGES}", notices.len());
            return Err(invalid_field("notices", "too-many", message).into());
        }
        to_guest_charge(self.budget.charge_writes(notices.iter().map(|n| n.to.len()).sum()))?;
        let notifications = notices.into_iter().enumerate().map(|(i, notice)| self.build_notice(i, notice));
        let notifications = Arc::new(notifications.collect::<Result<Vec<(Notification, Vec<String>)>, Error>>()?);
        let rate = HourlyRate::for_plugin(self, "notices", self.definition.grants.notices_per_hour());
        Ok(self
            .with_transaction(move |tx| {
                rate.take(tx, notifications.len())?;
                for (notice, roles) in &*notifications {
                    let mut notice = notice.clone();
                    notice.to.extend(users_with_roles(tx, roles).map_err(store_error)?);
                    notify(tx, &notice, rate.now).map_err(store_error)?;
                }
                Ok(())
            })
            .await?)
    }
}

/// A mail, by whichever function it was requested.
struct RequestedMail {
    message: Message,
    secrets: Vec<String>,
    invitation: Option<Invitation>,
}

impl CallState {
    async fn send_mails(&mut self, mails: Vec<RequestedMail>) -> HostResult<Vec<String>> {
        self.granted_call(Capability::Mail)?;
        if mails.len() > MAX_MESSAGES {
            let message = format!("{} mails in one call; the limit is {MAX_MESSAGES}", mails.len());
            return Err(invalid_field("messages", "too-many", message).into());
        }
        let addresses =
            mails.iter().map(|RequestedMail { message: m, .. }| m.to.len() + m.cc.len() + m.bcc.len()).sum();
        to_guest_charge(self.budget.charge_writes(addresses))?;
        let attachments = mails.iter().map(|m| m.message.attachments.len()).sum();
        to_guest_charge(self.budget.charge_reads(attachments))?;
        let mut composed = Vec::with_capacity(mails.len());
        for (i, mail) in mails.into_iter().enumerate() {
            composed.push(self.compose_mail(i, mail).await?);
        }
        let mails = Arc::new(composed);
        let rate = HourlyRate::for_plugin(self, "mails", self.definition.grants.mail_per_hour());
        Ok(self
            .with_transaction(move |tx| {
                let (mut ids, mut new) = (Vec::new(), 0);
                for (i, mail) in mails.iter().enumerate() {
                    let (numbers, fresh) = enqueue_plugin_mail(tx, mail, rate.now).map_err(|e| mail_error(i, e))?;
                    ids.extend(numbers.into_iter().map(|id| id.to_string()));
                    new += fresh;
                }
                rate.take(tx, new)?;
                Ok(ids)
            })
            .await?)
    }

    async fn compose_mail(&mut self, i: usize, mail: RequestedMail) -> Result<PluginMail, Error> {
        let RequestedMail { message, secrets, invitation } = mail;
        let at = format!("messages[{i}].");
        let attachments = self.load_attachments(&at, &message.attachments).await?;
        let parts = self.render_template(&message.template, &message.model, &message.locale, &at)?;
        let visible = self.redact_mail(&at, &message, &secrets, invitation.as_ref())?;
        let once_key = match &invitation {
            None => format!("plugin:{}:{}", self.definition.id(), check_key(&at, message.key)?),
            Some(_) if message.key.is_empty() => format!("plugin:{}", self.definition.id()),
            Some(_) => {
                let why = "must be empty: the uid, sequence and method of an invitation are its key";
                return Err(invalid_field(&format!("{at}key"), "key", why));
            }
        };
        let source = match &message.template {
            crate::contract::bindings::host::templates::Template::Named(name) => {
                format!("plugin:{}:{name}", self.definition.id())
            }
            crate::contract::bindings::host::templates::Template::Inline(_) => {
                format!("plugin:{}", self.definition.id())
            }
        };
        Ok(PluginMail {
            once_key,
            source,
            locale: message.locale,
            to: self.resolve_recipients(&format!("{at}to"), message.to)?,
            cc: self.resolve_recipients(&format!("{at}cc"), message.cc)?,
            bcc: self.resolve_recipients(&format!("{at}bcc"), message.bcc)?,
            reply_to: message.reply_to,
            parts,
            headers: message.headers,
            attachments,
            invitation,
            visible,
        })
    }

    /// The addresses of recipients, of whom `admin:<id>` is an admin user: plugins can write to them without knowing where they read mail.
    fn resolve_recipients(&self, field: &str, recipients: Vec<String>) -> Result<Vec<String>, Error> {
        let resolve = |recipient: String| {
            let Some(id) = recipient.strip_prefix("admin:") else { return Ok(recipient) };
            let user = match id.parse() {
                Ok(id) => self.definition.content().store().read(|r| r.admin_users().get(id)).map_err(store_error)?,
                Err(_) => None,
            };
            user.filter(|user| user.active).map(|user| user.email).ok_or_else(|| {
                invalid_field(field, "recipient", format!("{recipient:?} is no admin user who can sign in"))
            })
        };
        recipients.into_iter().map(resolve).collect()
    }

    /// The stored and displayed form of a mail with secrets, in which each is blotted out. The template is rendered a second time, from
    /// values without them, so that they are removed however the template writes them.
    fn redact_mail(
        &self,
        at: &str,
        message: &Message,
        secrets: &[String],
        invitation: Option<&Invitation>,
    ) -> Result<Option<RedactedMail>, Error> {
        if secrets.is_empty() {
            return Ok(None);
        }
        let invalid = |message: String| invalid_field(&format!("{at}secrets"), "invalid", message);
        if secrets.len() > MAX_SECRETS {
            return Err(invalid(format!("a mail can have at most {MAX_SECRETS} secrets")));
        }
        if secrets.iter().any(|secret| !(MIN_SECRET_BYTES..=MAX_SECRET_BYTES).contains(&secret.len())) {
            return Err(invalid(format!("a secret must have {MIN_SECRET_BYTES} to {MAX_SECRET_BYTES} bytes")));
        }
        let blot = |text: &str| {
            secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), REDACTION_MARK))
        };
        let mut model: Json = serde_json::from_str(&message.model)
            .map_err(|e| invalid_field(&format!("{at}model"), "json", e.to_string()))?;
        redact_values(&mut model, &blot);
        let mut parts = self.render_template(&message.template, &model.to_string(), &message.locale, at)?;
        // A template may have one written into it.
        for part in [&mut parts.subject, &mut parts.text, &mut parts.html].into_iter().flatten() {
            *part = blot(part);
        }
        let headers = message.headers.iter().map(|(name, value)| (name.clone(), blot(value))).collect();
        let invitation = invitation.map(|invitation| Invitation {
            summary: blot(&invitation.summary),
            description: invitation.description.as_deref().map(blot),
            location: invitation.location.as_deref().map(blot),
            ..invitation.clone()
        });
        Ok(Some(RedactedMail { parts, headers, invitation }))
    }

    /// The attachments of a mail: files that the plugin may see now, in their present state.
    async fn load_attachments(&mut self, at: &str, ids: &[String]) -> Result<Vec<Attachment>, Error> {
        let invalid = |message: String| invalid_field(&format!("{at}attachments"), "invalid", message);
        if ids.len() > MAX_MAIL_FILES {
            return Err(invalid(format!("a mail can have at most {MAX_MAIL_FILES} attachments")));
        }
        let mut files = Vec::with_capacity(ids.len());
        for id in ids {
            let visible_file = match self.find_visible_file(id).await {
                Err(Error::NotFound(message)) => return Err(invalid(message)),
                known => known?,
            };
            let (name, media_type, bytes) = (visible_file.name, visible_file.media_type, visible_file.bytes);
            files.push(Attachment { name, media_type, bytes, object: visible_file.blob });
        }
        Ok(files)
    }

    /// A notification to users that are named by id, and the roles whose members are notified too.
    fn build_notice(&self, i: usize, notice: Notice) -> Result<(Notification, Vec<String>), Error> {
        let at = format!("notices[{i}].");
        let invalid = |field: &str, message: String| invalid_field(&format!("{at}{field}"), "invalid", message);
        let key = check_key(&at, notice.key)?;
        if notice.to.is_empty() || notice.to.len() > MAX_RECIPIENTS {
            return Err(invalid("to", format!("a notification requires 1 to {MAX_RECIPIENTS} users or roles")));
        }
        let (mut to, mut roles) = (Vec::new(), Vec::new());
        for whom in &notice.to {
            match (whom.strip_prefix("role:"), whom.parse::<i64>()) {
                (Some(role), _) if !role.is_empty() => roles.push(role.to_owned()),
                (None, Ok(id)) => to.push(id),
                _ => {
                    let message = format!("{whom:?} is not a recipient: use the id of an admin user, or role:<name>");
                    return Err(invalid("to", message));
                }
            }
        }
        for (field, text, limit) in [("title", &notice.title, MAX_TITLE_CHARS), ("text", &notice.text, MAX_TEXT_CHARS)]
        {
            if text.chars().count() > limit || text.chars().any(|c| c.is_control() && c != '\n') {
                return Err(invalid(field, format!("must have at most {limit} characters, and no control characters")));
            }
        }
        if notice.title.trim().is_empty() {
            return Err(invalid("title", "a notification requires a title".into()));
        }
        let link = match notice.link {
            None => None,
            Some(path) if NotificationTarget::is_admin_path(&path) => Some(NotificationTarget::Admin { path }),
            Some(_) => {
                return Err(invalid("link", "must be a path of the admin, such as /admin/plugins/crm/deals".into()));
            }
        };
        let notification = Notification {
            kind: Kind::Plugin,
            to,
            data: json!({ "title": notice.title, "excerpt": notice.text }),
            once_key: format!("plugin:{}:{key}", self.definition.id()),
            link,
        };
        Ok((notification, roles))
    }
}

fn to_invitation(invitation: contract::Invitation) -> Invitation {
    Invitation {
        uid: invitation.uid,
        sequence: invitation.sequence,
        method: match invitation.method {
            contract::InvitationMethod::Request => InvitationMethod::Request,
            contract::InvitationMethod::Cancel => InvitationMethod::Cancel,
        },
        time: match invitation.time {
            contract::EventTime::Timed(span) => EventTime::Timed { start: span.start, end: span.end },
            contract::EventTime::AllDay(days) => {
                EventTime::AllDay { first_day: days.first_day, last_day: days.last_day }
            }
        },
        summary: invitation.summary,
        description: invitation.description,
        location: invitation.location,
    }
}

/// Blots out texts of a value at any depth.
fn redact_values(value: &mut Json, blot: &dyn Fn(&str) -> String) {
    match value {
        Json::String(text) => *text = blot(text),
        Json::Array(list) => list.iter_mut().for_each(|one| redact_values(one, blot)),
        Json::Object(map) => map.values_mut().for_each(|one| redact_values(one, blot)),
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}

fn check_key(at: &str, key: String) -> Result<String, Error> {
    match key.is_empty() || key.len() > MAX_KEY_BYTES {
        true => Err(invalid_field(&format!("{at}key"), "key", format!("a key must have 1 to {MAX_KEY_BYTES} bytes"))),
        false => Ok(key),
    }
}

/// The admin users who have one of these roles.
fn users_with_roles(tx: &WriteTx<'_>, roles: &[String]) -> Result<Vec<i64>, StoreError> {
    if roles.is_empty() {
        return Ok(Vec::new());
    }
    let all = tx.reader().admin_users().list()?;
    let has = |user: &&cairn_store::system::AdminUserRow| user.active && user.roles.iter().any(|r| roles.contains(r));
    Ok(all.iter().filter(has).map(|user| user.id).collect())
}

fn mail_error(i: usize, error: MailError) -> Error {
    match error {
        MailError::Store(error) => store_error(error),
        MailError::Field(problem) => {
            let field = match problem.field {
                "subject" | "text" => "template",
                "replyTo" => "reply-to",
                other => other,
            };
            invalid_field(&format!("messages[{i}].{field}"), "invalid", problem.problem)
        }
    }
}

fn store_error(error: StoreError) -> Error {
    from_content_error(error.into())
}
