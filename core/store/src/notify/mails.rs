//! `cairn_mails`: what is to be sent, and what became of it. A mail is there if and only if the transaction that asked for it
//! commits, and once per once-key.

use super::json;
use crate::connection::{Row, Value};
use crate::{Reader, Result, WriteTx};
use serde_json::Value as Json;

/// A mail to send.
#[derive(Debug, Clone, PartialEq)]
pub struct NewMail {
    /// The same key never mails twice.
    pub once_key: String,
    /// Which template.
    pub template: String,
    /// In which language.
    pub locale: String,
    /// To whom: an address, checked by the caller.
    pub to_address: String,
    /// Their name.
    pub to_name: Option<String>,
    /// Where answers go, where that is not the tenant's.
    pub reply_to: Option<String>,
    /// What the template is filled with; an object.
    pub data: Json,
    /// Likewise, but nobody else may read it; removed once the mail is sent. An object.
    pub secret: Option<Json>,
    /// The admin user it is for, where they may unsubscribe from it.
    pub admin_user: Option<i64>,
    /// What they would unsubscribe from: a kind of notification.
    pub topic: Option<String>,
}

/// Where a mail is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MailState {
    /// To be sent.
    Waiting,
    /// The mail server took it.
    Sent,
    /// Kept, not sent: mail is in test mode.
    Test,
    /// It cannot be delivered to that address.
    Bounced,
    /// Not sent: the address is suppressed.
    Suppressed,
    /// It could not be sent.
    Failed,
}

impl MailState {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Waiting, Self::Sent, Self::Test, Self::Bounced, Self::Suppressed, Self::Failed];

    /// The form that is stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sent => "sent",
            Self::Test => "test",
            Self::Bounced => "bounced",
            Self::Suppressed => "suppressed",
            Self::Failed => "failed",
        }
    }

    /// Of its form.
    pub fn read(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == text)
    }
}

/// A mail as it went out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// One line.
    pub subject: String,
    /// As plain text.
    pub text: String,
    /// As HTML.
    pub html: String,
}

/// A mail.
#[derive(Debug, Clone, PartialEq)]
pub struct MailRow {
    /// Its number.
    pub id: i64,
    /// What was asked for; without the secret.
    pub mail: NewMail,
    /// Where it is.
    pub state: MailState,
    /// How often it was tried.
    pub attempts: i64,
    /// What went wrong last.
    pub error: Option<String>,
    /// `Message-ID`, the same at every attempt; with angle brackets.
    pub message_id: Option<String>,
    /// As it went out, secrets blotted out. Not in lists, and gone when it is old.
    pub rendered: Option<Rendered>,
    /// Its subject, where it went out.
    pub subject: Option<String>,
    /// Its headers, in order: a list of pairs. Not in lists.
    pub headers: Option<Json>,
    /// When it was asked for, in milliseconds.
    pub created_at: i64,
    /// When it ended, in milliseconds.
    pub ended_at: Option<i64>,
}

/// How a mail ended.
#[derive(Debug, Clone, PartialEq)]
pub struct MailEnd {
    /// Where it is now.
    pub state: MailState,
    /// Why, where it is not what was hoped for.
    pub error: Option<String>,
    /// As it went out.
    pub rendered: Option<Rendered>,
    /// Its headers.
    pub headers: Option<Json>,
    /// Its `Message-ID`.
    pub message_id: Option<String>,
    /// Whether it was tried this time.
    pub tried: bool,
}

/// Which mails are meant.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MailFilter {
    /// In this state.
    pub state: Option<MailState>,
    /// To this address.
    pub to: Option<String>,
    /// Of this template.
    pub template: Option<String>,
    /// With a smaller number.
    pub before: Option<i64>,
}

const COLUMNS: &str = "id, once_key, template, locale, to_address, to_name, reply_to, data, admin_user, topic, state, attempts, error, \
                       message_id, subject, created_at, ended_at";

fn read(r: &Row<'_>) -> Result<MailRow> {
    let id: i64 = r.get(0)?;
    let (data, state): (String, String) = (r.get(7)?, r.get(10)?);
    let mail = NewMail {
        once_key: r.get(1)?,
        template: r.get(2)?,
        locale: r.get(3)?,
        to_address: r.get(4)?,
        to_name: r.get(5)?,
        reply_to: r.get(6)?,
        data: json(|| format!("cairn_mails {id}"), &data)?,
        secret: None,
        admin_user: r.get(8)?,
        topic: r.get(9)?,
    };
    Ok(MailRow {
        id,
        mail,
        state: MailState::read(&state).unwrap_or(MailState::Failed),
        attempts: r.get(11)?,
        error: r.get(12)?,
        message_id: r.get(13)?,
        subject: r.get(14)?,
        rendered: None,
        headers: None,
        created_at: r.get(15)?,
        ended_at: r.get(16)?,
    })
}

impl Reader<'_> {
    /// Mails of a filter, newest first, without their bodies.
    pub fn mails(&self, filter: &MailFilter, limit: i64) -> Result<Vec<MailRow>> {
        let mut values: Vec<Value> = vec![filter.before.unwrap_or(i64::MAX).into(), limit.into()];
        let mut sql = format!("SELECT {COLUMNS} FROM cairn_mails WHERE id < ?1");
        let given = [
            ("state", filter.state.map(MailState::as_str)),
            ("to_address", filter.to.as_deref()),
            ("template", filter.template.as_deref()),
        ];
        for (column, value) in given {
            if let Some(value) = value {
                values.push(value.into());
                sql.push_str(&format!(" AND {column} = ?{}", values.len()));
            }
        }
        sql.push_str(" ORDER BY id DESC LIMIT ?2");
        self.conn.all("reading mails", &sql, &values[..], read)
    }

    /// A mail, with its bodies.
    pub fn mail(&self, id: i64) -> Result<Option<MailRow>> {
        let sql = format!("SELECT {COLUMNS}, body_text, body_html, headers FROM cairn_mails WHERE id = ?1");
        self.conn.first("reading a mail", &sql, [id], |r| {
            let mut row = read(r)?;
            let (text, html): (Option<String>, Option<String>) = (r.get(17)?, r.get(18)?);
            if let (Some(subject), Some(text), Some(html)) = (&row.subject, text, html) {
                row.rendered = Some(Rendered { subject: subject.clone(), text, html });
            }
            let headers: Option<String> = r.get(19)?;
            row.headers = headers.map(|h| json(|| format!("cairn_mails {id}"), &h)).transpose()?;
            Ok(row)
        })
    }

    /// What a mail is filled with that nobody else may read.
    pub fn mail_secret(&self, id: i64) -> Result<Option<Json>> {
        let sql = "SELECT data FROM cairn_mail_secrets WHERE mail = ?1";
        let text: Option<String> = self.conn.first("reading a mail", sql, [id], |r| r.get(0))?;
        text.map(|t| json(|| format!("cairn_mail_secrets {id}"), &t)).transpose()
    }

    /// Whether a mail of that once-key was asked for before.
    pub fn has_mail(&self, once_key: &str) -> Result<bool> {
        self.conn.exists("looking for a mail", "SELECT 1 FROM cairn_mails WHERE once_key = ?1", [once_key])
    }

    /// The number of the mail of that once-key.
    pub fn mail_of(&self, once_key: &str) -> Result<Option<i64>> {
        self.conn
            .first("looking for a mail", "SELECT id FROM cairn_mails WHERE once_key = ?1", [once_key], |r| r.get(0))
    }

    /// How many mails are in which state.
    pub fn mail_counts(&self) -> Result<Vec<(String, i64)>> {
        let sql = "SELECT state, count(*) FROM cairn_mails GROUP BY state ORDER BY state";
        self.conn.all("counting mails", sql, (), |r| Ok((r.get(0)?, r.get(1)?)))
    }
}

impl WriteTx<'_> {
    /// Adds a mail. Its number; `None` where one of its once-key was there.
    pub fn insert_mail(&mut self, m: &NewMail, now: i64) -> Result<Option<i64>> {
        let id: Option<i64> = self.conn.first(
            "writing a mail",
            "INSERT INTO cairn_mails (once_key, template, locale, to_address, to_name, reply_to, data, admin_user, topic, state, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 'waiting', ?10)
             ON CONFLICT (once_key) DO NOTHING RETURNING id",
            (
                &m.once_key,
                &m.template,
                &m.locale,
                &m.to_address,
                &m.to_name,
                &m.reply_to,
                m.data.to_string(),
                m.admin_user,
                &m.topic,
                now,
            ),
            |r| r.get(0),
        )?;
        if let (Some(id), Some(secret)) = (id, &m.secret) {
            let sql = "INSERT INTO cairn_mail_secrets (mail, data) VALUES (?1, ?2)";
            self.conn.execute("writing a mail", sql, (id, secret.to_string()))?;
        }
        Ok(id)
    }

    /// A mail that waits ended so. Its secret goes. False where it did not wait.
    pub fn end_mail(&mut self, id: i64, end: &MailEnd, now: i64) -> Result<bool> {
        let r = end.rendered.as_ref();
        let done = self.conn.execute(
            "ending a mail",
            "UPDATE cairn_mails SET state = ?2, error = ?3, subject = ?4, body_text = ?5, body_html = ?6, headers = ?7,
               message_id = ?8, ended_at = ?9, attempts = attempts + ?10 WHERE id = ?1 AND state = 'waiting'",
            (
                id,
                end.state.as_str(),
                &end.error,
                r.map(|r| &r.subject),
                r.map(|r| &r.text),
                r.map(|r| &r.html),
                end.headers.as_ref().map(Json::to_string),
                &end.message_id,
                now,
                i64::from(end.tried),
            ),
        )?;
        self.conn.execute("ending a mail", "DELETE FROM cairn_mail_secrets WHERE mail = ?1", [id])?;
        Ok(done > 0)
    }

    /// What went wrong with a mail that is tried again.
    pub fn mail_error(&mut self, id: i64, error: &str) -> Result<()> {
        let sql = "UPDATE cairn_mails SET error = ?2, attempts = attempts + 1 WHERE id = ?1 AND state = 'waiting'";
        self.conn.execute("noting what a mail met", sql, (id, error)).map(drop)
    }

    /// A mail that was sent came back. The address it went to; `None` where there is no such mail.
    pub fn mail_bounced(&mut self, message_id: &str, error: &str) -> Result<Option<(i64, String)>> {
        self.conn.first(
            "noting a bounce",
            "UPDATE cairn_mails SET state = 'bounced', error = ?2 WHERE message_id = ?1 AND state IN ('sent', 'bounced')
             RETURNING id, to_address",
            (message_id, error),
            |r| Ok((r.get(0)?, r.get(1)?)),
        )
    }

    /// A mail that failed, bounced or was suppressed waits again. False where it did not, or where its secret is gone.
    pub fn mail_again(&mut self, id: i64) -> Result<bool> {
        let sql = "UPDATE cairn_mails SET state = 'waiting', error = NULL, ended_at = NULL
                   WHERE id = ?1 AND state IN ('failed', 'bounced', 'suppressed')";
        Ok(self.conn.execute("sending a mail again", sql, [id])? > 0)
    }

    /// Removes the contents of mails from before `contents`, and mails from before `all`, with their once-keys. At most
    /// `limit` of each. How many.
    pub fn purge_mails(&mut self, contents: i64, all: i64, limit: i64) -> Result<usize> {
        let emptied = self.conn.execute(
            "emptying old mails",
            "UPDATE cairn_mails SET body_text = NULL, body_html = NULL, headers = NULL, data = 'null' WHERE id IN (
               SELECT id FROM cairn_mails WHERE created_at < ?1 AND state <> 'waiting' AND data <> 'null' ORDER BY id LIMIT ?2)",
            (contents, limit),
        )?;
        let removed = self.conn.execute(
            "removing old mails",
            "DELETE FROM cairn_mails WHERE id IN (
               SELECT id FROM cairn_mails WHERE created_at < ?1 AND state <> 'waiting' ORDER BY id LIMIT ?2)",
            (all, limit),
        )?;
        Ok(emptied + removed)
    }
}
