//! Notifying people: in-app notifications, and mail over SMTP from templates per tenant and locale.
//!
//! Other crates call two functions, both in a transaction of theirs, so that a notification exists if and only if its event does:
//! [`notify`] notifies admin users as each of them prefers ([`Channel`]), [`send_mail`] mails anybody. Both have a once-key: the same key
//! never notifies the same person twice. [`enqueue_plugin_mail`] mails texts that somebody else has filled in: a plugin.
//!
//! Jobs do the sending; a [`Notifier`] provides their handlers: one per tenant, over the process's one [`Mailer`].

pub mod address;
mod admin_mail;
mod auth_mail;
mod bounces;
pub mod channel;
mod cleanup;
mod digest;
mod error;
mod kind;
mod link;
mod mail_actions;
mod mailer;
mod message;
mod notification;
mod notifier;
mod plugin_mail;
pub mod preferences;
mod queue;
mod send_job;
mod template_overrides;
pub mod templates;
mod unsubscribe;

pub use bounces::ReportSignature;
pub use channel::{Channel, NotificationLevel};
pub use cleanup::CLEANUP_JOB as CLEANUP;
pub use digest::DEFAULT_ZONE;
pub use error::{InvalidFields, NotifyError};
pub use kind::Kind;
pub use link::NotificationTarget;
pub use mailer::{MailMode, MailOptions, Mailer, MailerProblem};
pub use notification::{ChannelNotification, Notification, notify};
pub use notifier::{Notifier, Site};
pub use plugin_mail::{
    Attachment, MAX_MAIL_ADDRESSES, MAX_MAIL_FILE_BYTES, MAX_MAIL_FILES, PluginMail, RedactedMail, enqueue_plugin_mail,
};
pub use queue::{MailError, OutgoingMail, SEND_MAIL_JOB, enqueue_mail as send_mail};
pub use send_job::REDACTION_MARK;
pub use template_overrides::{EffectiveTemplate, PartChanges};
pub use templates::PartialTemplate;
pub use unsubscribe::{PATH as UNSUBSCRIBE_PATH, UnsubscribeRequest};
