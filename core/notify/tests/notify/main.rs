//! Notifications and mails on a real database, in test mode.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail where tests do")]

mod auth;
mod bounces;
mod common;
mod digests;
mod exactly_once;
mod notifications;
mod smtp;
mod tenant_templates;
mod user_invitations;
