//! The plugin's content types and settings, as Rust types.

use cairn_plugin::data::{Link, or_default};
use cairn_plugin::{Document, Instant, time};
use serde::{Deserialize, Serialize};

/// Place of a ticket in the work of the desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// Nobody has looked at it.
    #[default]
    New,
    /// Somebody of the desk works on it.
    Open,
    /// The requester has to reply.
    Waiting,
    /// Done.
    Solved,
}

/// Urgency of a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Priority {
    /// Can wait.
    Low,
    /// Everything else.
    #[default]
    Normal,
    /// Before others.
    High,
    /// Has a shorter time to the first answer.
    Urgent,
}

/// Question of one person.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Ticket {
    /// The text by which people name it.
    #[serde(default, deserialize_with = "or_default")]
    pub reference: String,
    /// The question in a line.
    #[serde(default, deserialize_with = "or_default")]
    pub subject: String,
    /// Name of the requester.
    pub requester_name: Option<String>,
    /// Address of the requester.
    pub requester_email: Option<String>,
    /// Their account, where they have one with a verified address.
    pub requester: Option<Link>,
    /// Language of mails about it.
    pub language: Option<String>,
    /// Its place in the work.
    #[serde(default, deserialize_with = "or_default")]
    pub stage: Stage,
    /// Its urgency.
    #[serde(default, deserialize_with = "or_default")]
    pub priority: Priority,
    /// When the first answer is due.
    pub due_at: Option<String>,
    /// When it was marked as overdue.
    pub overdue_at: Option<String>,
    /// When the first answer was written.
    pub first_answered_at: Option<String>,
    /// When it began to wait for the requester.
    pub waiting_since: Option<String>,
    /// When it was stored.
    pub created_at: Option<String>,
    /// When the call about it is, where one is planned.
    pub call_at: Option<String>,
    /// Its length.
    pub call_minutes: Option<u32>,
    /// The time zone in which it was planned.
    pub call_zone: Option<String>,
    /// Number of the last invitation.
    pub call_sequence: Option<u32>,
    /// Address of the admin user who planned it.
    pub call_with: Option<String>,
}

impl Document for Ticket {
    const TYPE: &'static str = "plugin::desk.ticket";
}

impl Ticket {
    /// Language of mails about it.
    #[must_use]
    pub fn language(&self) -> &str {
        self.language.as_deref().unwrap_or("en")
    }

    /// The number of the next invitation: greater than those before, also after a call was cancelled.
    #[must_use]
    pub fn next_sequence(&self) -> u32 {
        self.call_sequence.map_or(0, |sequence| sequence.saturating_add(1))
    }

    /// A stored time; none where it is not there or malformed.
    #[must_use]
    pub fn instant(text: Option<&str>) -> Option<Instant> {
        text.and_then(|text| time::parse(text).ok())
    }
}

/// Ticket as far as its deadline goes.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlannedTicket {
    /// When it was stored.
    pub created_at: Option<String>,
    /// Its priority.
    #[serde(default, deserialize_with = "or_default")]
    pub priority: Priority,
    /// When the first answer is due.
    pub due_at: Option<String>,
    /// When it was due by the calendar, before people moved it.
    pub planned_due_at: Option<String>,
}

impl Document for PlannedTicket {
    const TYPE: &'static str = Ticket::TYPE;
}

/// Sender and readers of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// From the requester.
    In,
    /// To the requester.
    Out,
    /// For the desk only.
    Note,
}

/// Message of a ticket.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// The ticket, where it is still there.
    pub ticket: Option<Link>,
    /// Sender and readers.
    pub direction: Direction,
    /// Name of the author.
    pub author: Option<String>,
    /// The text.
    pub text: String,
    /// When it was written.
    pub at: Option<String>,
    /// The file that came with it, where files were read.
    pub file: Option<Link>,
}

impl Document for Message {
    const TYPE: &'static str = "plugin::desk.message";
}

/// An account of the content API, as far as it was granted.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// Name of the account.
    pub username: Option<String>,
    /// Its address.
    pub email: Option<String>,
    /// True if the password was chosen through a link that was mailed to the address.
    #[serde(default, deserialize_with = "or_default")]
    pub email_verified: bool,
    /// True if it may not sign in.
    #[serde(default, deserialize_with = "or_default")]
    pub blocked: bool,
}

impl Document for Account {
    const TYPE: &'static str = "plugin::users-permissions.user";
}

impl Account {
    /// Fields that are granted.
    pub const FIELDS: &'static [&'static str] = &["username", "email", "emailVerified", "blocked"];

    /// True if its address proves who it is.
    #[must_use]
    pub const fn is_trusted(&self) -> bool {
        self.email_verified && !self.blocked
    }
}

/// Settings of the operator.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    /// Hours until the first answer.
    pub response_hours: u32,
    /// Hours until the first answer to something urgent.
    pub urgent_hours: u32,
    /// Name of the calendar whose working time counts; empty for elapsed time.
    pub calendar: String,
    /// Days that a ticket waits for its requester.
    pub close_after_days: u32,
    /// Recipients of notifications about overdue tickets: ids of admin users, or `role:<name>`.
    pub notify: Vec<String>,
    /// Groups that tickets are assigned to, without the plugin's id.
    pub groups: Vec<String>,
    /// The last line of mails.
    pub sender: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use cairn_plugin::Row;

    #[test]
    fn tickets_are_read_with_what_is_null_or_missing() {
        let row: Row<Ticket> =
            serde_json::from_str(r#"{"documentId":"t","subject":null,"stage":"waiting","requester":null}"#).unwrap();
        assert_eq!((row.subject.as_str(), row.stage, row.language()), ("", Stage::Waiting, "en"));
        assert_eq!(Ticket::instant(Some("soon")), None);
        assert_eq!(Ticket::instant(Some("1970-01-01T00:00:01.000Z")), Some(1_000));
    }

    #[test]
    fn an_account_proves_an_address_only_if_it_is_verified_and_may_sign_in() {
        let account = |text: &str| serde_json::from_str::<Account>(text).unwrap().is_trusted();
        assert!(account(r#"{"emailVerified":true}"#));
        assert!(!account(r#"{"emailVerified":null}"#));
        assert!(!account(r#"{"emailVerified":true,"blocked":true}"#));
    }
}
