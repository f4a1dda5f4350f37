//! `cairn_mails`: mails to send, and what became of them. A mail exists if and only if the transaction that requested it
//! commits, and once per once-key.

use super::parse_json;
use crate::connection::{Row, Value};
use crate::namespaces;
use crate::{Reader, Result, WriteTx};
use serde_json::Value as Json;

/// A mail to send.
#[derive(Debug, Clone, PartialEq)]
pub struct NewMail {
    /// Key for which only one mail is ever sent.
    pub once_key: String,
    /// Name of the template.
    pub template: String,
    /// Locale of the template.
    pub locale: String,
    /// Address of the recipient, checked by the caller.
    pub to_address: String,
    /// Display name of the recipient.
    pub to_name: Option<String>,
    /// Address for replies, if it is not the tenant's.
    pub reply_to: Option<String>,
    /// Values for the template, an object.
    pub data: Json,
    /// Confidential values for the template, an object; deleted once the mail is sent.
    pub secret: Option<Json>,
    /// Numeric id of the admin user it is for, if they can unsubscribe from it.
    pub admin_user: Option<i64>,
    /// Kind of notification that they would unsubscribe from.
    pub topic: Option<String>,
}

/// Where a mail is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum MailState {
    /// In the queue, to be sent.
    Waiting,
    /// The mail server took it.
    Sent,
    /// Stored but not sent: mail is in test mode.
    Test,
    /// It cannot be delivered to that address.
    Bounced,
    /// Not sent: the address is suppressed.
    Suppressed,
    /// It could not be sent.
    Failed,
}

impl MailState {
    /// All states, in the order in which counts are listed.
    pub const ALL: [Self; 6] = [Self::Waiting, Self::Sent, Self::Test, Self::Bounced, Self::Suppressed, Self::Failed];

    /// The text that is stored and returned by the API.
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

    /// Parses what [`Self::as_str`] returns.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == text)
    }
}

/// A mail as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderedMail {
    /// The subject, one line of text.
    pub subject: String,
    /// The body as plain text.
    pub text: String,
    /// The body as HTML.
    pub html: String,
}

/// A mail, as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct MailRow {
    /// Numeric id of the mail.
    pub id: i64,
    /// The fields that callers write; without the secret.
    pub mail: NewMail,
    /// The state of the mail.
    pub state: MailState,
    /// Number of attempts so far.
    pub attempts: i64,
    /// Error of the last attempt.
    pub error: Option<String>,
    /// `Message-ID`, the same at every attempt; with angle brackets.
    pub message_id: Option<String>,
    /// The mail as it was sent, with secrets redacted. Not in lists, and deleted when it is old.
    pub rendered: Option<RenderedMail>,
    /// Its subject, if it was sent.
    pub subject: Option<String>,
    /// Its headers, in order: a list of pairs. Not in lists.
    pub headers: Option<Json>,
    /// Time of the request, in milliseconds.
    pub created_at: i64,
    /// Time of its end, in milliseconds.
    pub ended_at: Option<i64>,
}

/// How a mail ended.
#[derive(Debug, Clone, PartialEq)]
pub struct MailOutcome {
    /// The new state.
    pub state: MailState,
    /// Why it was not sent.
    pub error: Option<String>,
    /// The mail as it was sent.
    pub rendered: Option<RenderedMail>,
    /// Its headers, in order: a list of pairs.
    pub headers: Option<Json>,
    /// Its `Message-ID`.
    pub message_id: Option<String>,
    /// True if this counts as an attempt.
    pub tried: bool,
}

/// Selects mails.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MailFilter {
    /// Only mails in this state.
    pub state: Option<MailState>,
    /// Only mails to this address.
    pub to: Option<String>,
    /// Only mails with this template.
    pub template: Option<String>,
    /// Only those with a smaller id.
    pub before: Option<i64>,
}

const COLUMNS: &str = "id, once_key, template, locale, to_address, to_name, reply_to, data, admin_user, topic, state, attempts, error, \
                       message_id, subject, created_at, ended_at";

fn read_mail(r: &Row<'_>) -> Result<MailRow> {
    let id: i64 = r.get(0)?;
    let (data, state): (String, String) = (r.get(7)?, r.get(10)?);
    let mail = NewMail {
        once_key: r.get(1)?,
        template: r.get(2)?,
        locale: r.get(3)?,
        to_address: r.get(4)?,
        to_name: r.get(5)?,
        reply_to: r.get(6)?,
        data: parse_json(|| format!("cairn_mails {id}"), &data)?,
        secret: None,
        admin_user: r.get(8)?,
        topic: r.get(9)?,
    };
    Ok(MailRow {
        id,
        mail,
        state: MailState::parse(&state).unwrap_or(MailState::Failed),
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

impl namespaces::Mails<Reader<'_>> {
    /// Lists the mails of a filter, newest first, without their bodies.
    pub fn list(&self, filter: &MailFilter, limit: i64) -> Result<Vec<MailRow>> {
        let mut values: Vec<Value> = vec![filter.before.unwrap_or(i64::MAX).into(), limit.into()];
        let mut sql = format!("SELECT {COLUMNS} FROM cairn_mails WHERE id < ?1");
        let conditions = [
            ("state", filter.state.map(MailState::as_str)),
            ("to_address", filter.to.as_deref()),
            ("template", filter.template.as_deref()),
        ];
        for (column, value) in conditions {
            if let Some(value) = value {
                values.push(value.into());
                sql.push_str(&format!(" AND {column} = ?{}", values.len()));
            }
        }
        sql.push_str(" ORDER BY id DESC LIMIT ?2");
        self.tx.conn.query_all("reading mails", &sql, &values[..], read_mail)
    }

    /// Gets a mail, with its bodies.
    pub fn get(&self, id: i64) -> Result<Option<MailRow>> {
        let sql = format!("SELECT {COLUMNS}, body_text, body_html, headers FROM cairn_mails WHERE id = ?1");
        self.tx.conn.query_first("reading a mail", &sql, [id], |r| {
            let mut row = read_mail(r)?;
            let (text, html): (Option<String>, Option<String>) = (r.get(17)?, r.get(18)?);
            if let (Some(subject), Some(text), Some(html)) = (&row.subject, text, html) {
                row.rendered = Some(RenderedMail { subject: subject.clone(), text, html });
            }
            let headers: Option<String> = r.get(19)?;
            row.headers = headers.map(|h| parse_json(|| format!("cairn_mails {id}"), &h)).transpose()?;
            Ok(row)
        })
    }

    /// The confidential values of a mail.
    pub fn get_secret(&self, id: i64) -> Result<Option<Json>> {
        let sql = "SELECT data FROM cairn_mail_secrets WHERE mail = ?1";
        let text: Option<String> = self.tx.conn.query_first("reading a mail", sql, [id], |r| r.get(0))?;
        text.map(|t| parse_json(|| format!("cairn_mail_secrets {id}"), &t)).transpose()
    }

    /// True if a mail with that once-key was requested before.
    pub fn exists(&self, once_key: &str) -> Result<bool> {
        self.tx.conn.exists("finding a mail", "SELECT 1 FROM cairn_mails WHERE once_key = ?1", [once_key])
    }

    /// Numeric id of the mail with that once-key.
    pub fn get_id_by_once_key(&self, once_key: &str) -> Result<Option<i64>> {
        self.tx
            .conn
            .query_first("finding a mail", "SELECT id FROM cairn_mails WHERE once_key = ?1", [once_key], |r| r.get(0))
    }

    /// Number of mails in each state.
    pub fn count_by_state(&self) -> Result<Vec<(String, i64)>> {
        let sql = "SELECT state, count(*) FROM cairn_mails GROUP BY state ORDER BY state";
        self.tx.conn.query_all("counting mails", sql, (), |r| Ok((r.get(0)?, r.get(1)?)))
    }
}

impl namespaces::Mails<&mut WriteTx<'_>> {
    /// Adds a mail, and returns its id; `None` if one with its once-key exists.
    pub fn create(&mut self, m: &NewMail, now: i64) -> Result<Option<i64>> {
        let id: Option<i64> = self.tx.conn.query_first(
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
            self.tx.conn.execute("writing a mail", sql, (id, secret.to_string()))?;
        }
        Ok(id)
    }

    /// Ends a waiting mail, and deletes its secret. Returns `false` if it was not waiting.
    pub fn finish(&mut self, id: i64, end: &MailOutcome, now: i64) -> Result<bool> {
        let r = end.rendered.as_ref();
        let updated_rows = self.tx.conn.execute(
            "finishing a mail",
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
        self.tx.conn.execute("finishing a mail", "DELETE FROM cairn_mail_secrets WHERE mail = ?1", [id])?;
        Ok(updated_rows > 0)
    }

    /// Stores the error of a mail that is retried.
    pub fn set_error(&mut self, id: i64, error: &str) -> Result<()> {
        let sql = "UPDATE cairn_mails SET error = ?2, attempts = attempts + 1 WHERE id = ?1 AND state = 'waiting'";
        self.tx.conn.execute("recording a mail's result", sql, (id, error)).map(drop)
    }

    /// Marks a sent mail as bounced. Returns its id and address; `None` if there is no such mail.
    pub fn mark_bounced(&mut self, message_id: &str, error: &str) -> Result<Option<(i64, String)>> {
        self.tx.conn.query_first(
            "recording a bounce",
            "UPDATE cairn_mails SET state = 'bounced', error = ?2 WHERE message_id = ?1 AND state IN ('sent', 'bounced')
             RETURNING id, to_address",
            (message_id, error),
            |r| Ok((r.get(0)?, r.get(1)?)),
        )
    }

    /// Makes a mail that failed, bounced or was suppressed wait again. Returns `false` if it is in another state, or
    /// if its secret was deleted.
    pub fn requeue(&mut self, id: i64) -> Result<bool> {
        let sql = "UPDATE cairn_mails SET state = 'waiting', error = NULL, ended_at = NULL
                   WHERE id = ?1 AND state IN ('failed', 'bounced', 'suppressed')";
        Ok(self.tx.conn.execute("sending a mail again", sql, [id])? > 0)
    }

    /// Deletes the contents of mails from before `contents`, and mails from before `all`, with their once-keys. At most `limit` of
    /// each. Returns their number.
    pub fn purge(&mut self, contents: i64, all: i64, limit: i64) -> Result<usize> {
        let emptied = self.tx.conn.execute(
            "emptying old mails",
            "UPDATE cairn_mails SET body_text = NULL, body_html = NULL, headers = NULL, data = 'null' WHERE id IN (
               SELECT id FROM cairn_mails WHERE created_at < ?1 AND state <> 'waiting' AND data <> 'null' ORDER BY id LIMIT ?2)",
            (contents, limit),
        )?;
        let removed = self.tx.conn.execute(
            "removing old mails",
            "DELETE FROM cairn_mails WHERE id IN (
               SELECT id FROM cairn_mails WHERE created_at < ?1 AND state <> 'waiting' ORDER BY id LIMIT ?2)",
            (all, limit),
        )?;
        Ok(emptied + removed)
    }
}
