//! Notifying people: in-app notifications, and mail over SMTP from templates per tenant and locale.
//!
//! Other crates call two functions, both in a transaction of theirs, so that a notification exists if and only if its event does:
//! [`notify`] notifies admin users as each of them prefers ([`Channel`]), [`send_mail`] mails anybody. Both have a once-key: the same key
//! never notifies the same person twice. [`send_written`] mails texts that somebody else has filled in: a plugin.
//!
//! Jobs do the sending; a [`Notifier`] provides their handlers: one per tenant, over the process's one [`Mailer`].

pub mod address;
mod admin_mail;
mod auth_mail;
mod bounces;
pub mod channel;
mod cleanup;
mod digest;
mod invalid;
mod kind;
mod link;
mod mailer;
mod mails;
mod message;
mod notification;
mod notifier;
mod outgoing;
mod own_templates;
pub mod preferences;
mod send;
pub mod templates;
mod unsubscribe;
mod written;

pub use bounces::Signature;
pub use channel::{Channel, Level};
pub use cleanup::JOB as CLEANUP;
pub use digest::DEFAULT_ZONE;
pub use invalid::{Invalid, Refusal};
pub use kind::Kind;
pub use link::Link;
pub use mailer::{MailMode, MailOptions, Mailer, MailerProblem};
pub use notification::{Notification, Telling, notify};
pub use notifier::{Notifier, Site};
pub use outgoing::{MailError, Outgoing, SEND, send as send_mail};
pub use own_templates::{PartChanges, Shown};
pub use send::BLOT;
pub use templates::Foreign;
pub use unsubscribe::{PATH as UNSUBSCRIBE_PATH, Unsubscribe};
pub use written::{ADDRESSES, Attachment, FILE_BYTES, FILES, Visible, Written, send_written};
