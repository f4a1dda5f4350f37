//! Notifying people: in-app notifications, and mail over SMTP from templates per tenant and locale.
//!
//! Other crates call two functions, both in a transaction of theirs, so that a notification exists if and only if its event does:
//! [`notify`] notifies admin users as each of them prefers ([`Channel`]), [`send_mail`] mails anybody. Both have a once-key: the same key
//! never notifies the same person twice. [`enqueue_plugin_mail`] mails texts that somebody else has filled in: a plugin.
//!
//! Jobs do the sending; a [`Notifier`] provides their handlers: one per tenant, over the process's one [`Mailer`].

pub mod channel;
mod cleanup;
mod digest;
mod error;
mod job_handlers;
mod kind;
mod link;
mod mail;
mod notification;
mod notifier;
mod once_key;
pub mod preferences;
mod site;
pub mod templates;

pub use channel::{Channel, ChannelNotification, NotificationLevel};
pub use cleanup::CLEANUP_JOB as CLEANUP;
pub use digest::DEFAULT_ZONE;
pub use error::{InvalidFields, NotifyError};
pub use kind::Kind;
pub use link::NotificationTarget;
pub use mail::bounces::ReportSignature;
pub use mail::invitation::{EventTime, Invitation, InvitationMethod, find_invitation};
pub use mail::mailer::{MailMode, MailOptions, Mailer, MailerProblem};
pub use mail::plugin_mail::{
    Attachment, MAX_MAIL_ADDRESSES, MAX_MAIL_FILE_BYTES, MAX_MAIL_FILES, PluginMail, RedactedMail, enqueue_plugin_mail,
    find_attachments,
};
pub use mail::queue::{MailError, OutgoingMail, SEND_MAIL_JOB, enqueue_mail as send_mail};
pub use mail::send_job::REDACTION_MARK;
pub use mail::unsubscribe::{PATH as UNSUBSCRIBE_PATH, UnsubscribeRequest};
pub use notification::{Notification, notify};
pub use notifier::Notifier;
pub use site::{Site, SiteLook, site_values};
pub use templates::PartialTemplate;
pub use templates::overrides::{EffectiveTemplate, PartChanges};
