//! Mail, from the request to the mail server: a mail is put into the `queue` in the transaction of its event, the `send_job` renders it to a
//! `message` and the `mailer` hands that to the mail server. An `invitation` has a calendar as well. `admin_mail`, `auth_mail` and `plugin_mail` request the mails of their kind.

pub(crate) mod address;
mod admin_actions;
pub(crate) mod admin_mail;
pub(crate) mod auth_mail;
pub(crate) mod bounces;
pub(crate) mod invitation;
pub(crate) mod mailer;
pub(crate) mod message;
pub(crate) mod plugin_mail;
pub(crate) mod queue;
pub(crate) mod send_job;
pub(crate) mod unsubscribe;
