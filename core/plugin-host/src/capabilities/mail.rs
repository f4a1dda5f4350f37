//! `mail`: mails to anybody and notifications to admin users, in the present transaction. Both have a key, by which they are sent once, and
//! a rate per hour that was granted.

use crate::bindings::host::mail::{Confidential, Host, Message, Notice};
use crate::bindings::types::Error;
use crate::faults::{invalid, of_content};
use crate::state::{State, charged};
use cairn_notify::{
    Attachment, BLOT, FILES, Kind, Link, MailError, Notification, Visible, Written, notify, send_written,
};
use cairn_plugin_package::Capability;
use cairn_store::{StoreError, WriteTx};
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// Largest number of mails, or notifications, of one call.
const MOST: usize = 100;
/// Longest key, in bytes.
const KEY: usize = 255;
/// Longest title of a notification, and longest text, in characters.
const TITLE: usize = 200;
const TEXT: usize = 500;
/// Largest number of secrets of a mail, and their shortest and longest size in bytes: blotting out single letters
/// would leave nothing of the mail.
const SECRETS: usize = 20;
const SHORTEST: usize = 6;
const LONGEST: usize = 2_000;
/// Largest number of recipients that one notification names.
const TO: usize = 100;
const HOUR: i64 = 3_600_000;

impl Host for State {
    async fn send(&mut self, messages: Vec<Message>) -> wasmtime::Result<Result<Vec<String>, Error>> {
        let messages = messages.into_iter().map(|message| Confidential { message, secrets: Vec::new() });
        self.send_confidential(messages.collect()).await
    }

    async fn send_confidential(&mut self, messages: Vec<Confidential>) -> wasmtime::Result<Result<Vec<String>, Error>> {
        if let Err(error) = self.granted_call(Capability::Mail)? {
            return Ok(Err(error));
        }
        if messages.len() > MOST {
            let message = format!("{} mails in one call; the limit is {MOST}", messages.len());
            return Ok(Err(invalid("messages", "too-many", message)));
        }
        let addresses =
            messages.iter().map(|Confidential { message: m, .. }| m.to.len() + m.cc.len() + m.bcc.len()).sum();
        if let Err(error) = charged(self.budget.write(addresses))? {
            return Ok(Err(error));
        }
        if let Err(error) = charged(self.budget.read(messages.iter().map(|m| m.message.attachments.len()).sum()))? {
            return Ok(Err(error));
        }
        let mut written = Vec::with_capacity(messages.len());
        for (i, message) in messages.into_iter().enumerate() {
            match self.written(i, message).await {
                Ok(mail) => written.push(mail),
                Err(error) => return Ok(Err(error)),
            }
        }
        let written = Arc::new(written);
        let rate = Rate::of(self, "mails", self.generation.grants.mail_per_hour());
        Ok(self
            .write(move |tx| {
                let (mut ids, mut new) = (Vec::new(), 0);
                for (i, mail) in written.iter().enumerate() {
                    let (numbers, fresh) = send_written(tx, mail, rate.now).map_err(|e| refused(i, e))?;
                    ids.extend(numbers.into_iter().map(|id| id.to_string()));
                    new += fresh;
                }
                rate.take(tx, new)?;
                Ok(ids)
            })
            .await)
    }

    async fn notify(&mut self, notices: Vec<Notice>) -> wasmtime::Result<Result<(), Error>> {
        if let Err(error) = self.granted_call(Capability::Notify)? {
            return Ok(Err(error));
        }
        if notices.len() > MOST {
            let message = format!("{} notifications in one call; the limit is {MOST}", notices.len());
            return Ok(Err(invalid("notices", "too-many", message)));
        }
        if let Err(error) = charged(self.budget.write(notices.iter().map(|n| n.to.len()).sum()))? {
            return Ok(Err(error));
        }
        let told = notices.into_iter().enumerate().map(|(i, notice)| self.notice(i, notice));
        let told = match told.collect::<Result<Vec<(Notification, Vec<String>)>, Error>>() {
            Ok(told) => Arc::new(told),
            Err(error) => return Ok(Err(error)),
        };
        let rate = Rate::of(self, "notices", self.generation.grants.notices_per_hour());
        Ok(self
            .write(move |tx| {
                rate.take(tx, told.len())?;
                for (notice, roles) in &*told {
                    let mut notice = notice.clone();
                    notice.to.extend(with_roles(tx, roles).map_err(of_store)?);
                    notify(tx, &notice, rate.now).map_err(of_store)?;
                }
                Ok(())
            })
            .await)
    }
}

/// A number per hour, which begins with the first.
struct Rate {
    /// Namespace of the counters: stored beside the plugin's own entries, under a name that no plugin has.
    place: String,
    what: &'static str,
    most: u32,
    now: i64,
}

impl Rate {
    fn of(state: &State, what: &'static str, most: u32) -> Self {
        let place = format!("{}/rates", state.generation.id());
        Self { place, what, most, now: State::now(state) }
    }

    fn take(&self, tx: &mut WriteTx<'_>, count: usize) -> Result<(), Error> {
        if count == 0 {
            return Ok(());
        }
        let by = i64::try_from(count).unwrap_or(i64::MAX);
        let until = Some(self.now.saturating_add(HOUR));
        let used = tx.increment_plugin_entry(&self.place, self.what, by, until, self.now).map_err(of_store)?;
        match used.is_some_and(|used| used <= i64::from(self.most)) {
            true => Ok(()),
            false => Err(Error::Exhausted(format!("{}-per-hour", self.what))),
        }
    }
}

impl State {
    async fn written(&mut self, i: usize, mail: Confidential) -> Result<Written, Error> {
        let Confidential { message, secrets } = mail;
        let at = format!("messages[{i}].");
        let attachments = self.attachments(&at, &message.attachments).await?;
        let parts = self.filled(&message.template, &message.model, &message.locale, &at)?;
        let visible = self.visible(&at, &message, &secrets)?;
        let source = match &message.template {
            crate::bindings::host::templates::Template::Named(name) => {
                format!("plugin:{}:{name}", self.generation.id())
            }
            crate::bindings::host::templates::Template::Inline(_) => format!("plugin:{}", self.generation.id()),
        };
        Ok(Written {
            once_key: format!("plugin:{}:{}", self.generation.id(), key(&at, message.key)?),
            source,
            locale: message.locale,
            to: message.to,
            cc: message.cc,
            bcc: message.bcc,
            reply_to: message.reply_to,
            parts,
            headers: message.headers,
            attachments,
            visible,
        })
    }

    /// The stored and displayed form of a mail with secrets, in which each is blotted out. The template is rendered a second time, from
    /// values without them, so that they are removed however the template writes them.
    fn visible(&self, at: &str, message: &Message, secrets: &[String]) -> Result<Option<Visible>, Error> {
        if secrets.is_empty() {
            return Ok(None);
        }
        let wrong = |message: String| invalid(&format!("{at}secrets"), "invalid", message);
        if secrets.len() > SECRETS {
            return Err(wrong(format!("a mail can have at most {SECRETS} secrets")));
        }
        if secrets.iter().any(|secret| !(SHORTEST..=LONGEST).contains(&secret.len())) {
            return Err(wrong(format!("a secret must have {SHORTEST} to {LONGEST} bytes")));
        }
        let blot =
            |text: &str| secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), BLOT));
        let mut model: Json =
            serde_json::from_str(&message.model).map_err(|e| invalid(&format!("{at}model"), "json", e.to_string()))?;
        blot_values(&mut model, &blot);
        let mut parts = self.filled(&message.template, &model.to_string(), &message.locale, at)?;
        // A template may have one written into it.
        for part in [&mut parts.subject, &mut parts.text, &mut parts.html].into_iter().flatten() {
            *part = blot(part);
        }
        let headers = message.headers.iter().map(|(name, value)| (name.clone(), blot(value))).collect();
        Ok(Some(Visible { parts, headers }))
    }

    /// The attachments of a mail: the plugin's own files, in their present state.
    async fn attachments(&mut self, at: &str, ids: &[String]) -> Result<Vec<Attachment>, Error> {
        let wrong = |message: String| invalid(&format!("{at}attachments"), "invalid", message);
        if ids.len() > FILES {
            return Err(wrong(format!("a mail can have at most {FILES} attachments")));
        }
        let mut files = Vec::with_capacity(ids.len());
        for id in ids {
            let known = match self.known_file(id).await {
                Err(Error::NotFound(message)) => return Err(wrong(message)),
                known => known?,
            };
            if !known.own {
                let why =
                    "only files that the plugin created can be attached to its mails; send a link to this file instead";
                return Err(wrong(format!("the file {id:?} does not belong to the plugin: {why}")));
            }
            let (name, media_type, bytes) = (known.name, known.media_type, known.bytes);
            files.push(Attachment { name, media_type, bytes, object: known.blob });
        }
        Ok(files)
    }

    /// A notification to users that are named by id, and the roles whose members are notified too.
    fn notice(&self, i: usize, notice: Notice) -> Result<(Notification, Vec<String>), Error> {
        let at = format!("notices[{i}].");
        let wrong = |field: &str, message: String| invalid(&format!("{at}{field}"), "invalid", message);
        let key = key(&at, notice.key)?;
        if notice.to.is_empty() || notice.to.len() > TO {
            return Err(wrong("to", format!("a notification requires 1 to {TO} users or roles")));
        }
        let (mut to, mut roles) = (Vec::new(), Vec::new());
        for whom in &notice.to {
            match (whom.strip_prefix("role:"), whom.parse::<i64>()) {
                (Some(role), _) if !role.is_empty() => roles.push(role.to_owned()),
                (None, Ok(id)) => to.push(id),
                _ => {
                    let message = format!("{whom:?} is not a recipient: use the id of an admin user, or role:<name>");
                    return Err(wrong("to", message));
                }
            }
        }
        for (field, text, most) in [("title", &notice.title, TITLE), ("text", &notice.text, TEXT)] {
            if text.chars().count() > most || text.chars().any(|c| c.is_control() && c != '\n') {
                return Err(wrong(field, format!("must have at most {most} characters, and no control characters")));
            }
        }
        if notice.title.trim().is_empty() {
            return Err(wrong("title", "a notification requires a title".into()));
        }
        let link = match notice.link {
            None => None,
            Some(path) if Link::is_admin_path(&path) => Some(Link::Admin { path }),
            Some(_) => {
                return Err(wrong("link", "must be a path of the admin, such as /admin/plugins/crm/deals".into()));
            }
        };
        let told = Notification {
            kind: Kind::Plugin,
            to,
            data: json!({ "title": notice.title, "excerpt": notice.text }),
            once_key: format!("plugin:{}:{key}", self.generation.id()),
            link,
        };
        Ok((told, roles))
    }
}

/// Blots out texts of a value at any depth.
fn blot_values(value: &mut Json, blot: &dyn Fn(&str) -> String) {
    match value {
        Json::String(text) => *text = blot(text),
        Json::Array(list) => list.iter_mut().for_each(|one| blot_values(one, blot)),
        Json::Object(map) => map.values_mut().for_each(|one| blot_values(one, blot)),
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}

fn key(at: &str, key: String) -> Result<String, Error> {
    match key.is_empty() || key.len() > KEY {
        true => Err(invalid(&format!("{at}key"), "key", format!("a key must have 1 to {KEY} bytes"))),
        false => Ok(key),
    }
}

/// The admin users who have one of these roles.
fn with_roles(tx: &WriteTx<'_>, roles: &[String]) -> Result<Vec<i64>, StoreError> {
    if roles.is_empty() {
        return Ok(Vec::new());
    }
    let all = tx.reader().admin_users()?;
    let has = |user: &&cairn_store::system::AdminUserRow| user.active && user.roles.iter().any(|r| roles.contains(r));
    Ok(all.iter().filter(has).map(|user| user.id).collect())
}

fn refused(i: usize, error: MailError) -> Error {
    match error {
        MailError::Store(error) => of_store(error),
        MailError::Field(told) => {
            let field = match told.field {
                "subject" | "text" => "template",
                "replyTo" => "reply-to",
                other => other,
            };
            invalid(&format!("messages[{i}].{field}"), "invalid", told.problem)
        }
    }
}

fn of_store(error: StoreError) -> Error {
    of_content(error.into())
}
