//! `[mail]`.

use super::error::ConfigError;
use cairn_notify::{MailMode, MailOptions};
use serde::Deserialize;
use std::fmt;
use std::path::PathBuf;

/// `[mail]`: how mails are sent, and from whom where a tenant's settings say nothing else.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MailConfig {
    /// `smtp_url` (`CAIRN_SMTP_URL`): `smtps://user:password@host:465` or `smtp://user:password@host:587`.
    pub smtp_url: Option<String>,
    /// `from` (`CAIRN_MAIL_FROM`): an address, or `Name <address>`; needed with `smtp_url`.
    pub from: Option<String>,
    /// `mode` (`CAIRN_MAIL_MODE`): `smtp`, or `test`: mails are stored and shown, not sent. Default: `smtp`
    /// where there is a URL, else `test`.
    pub mode: Option<MailConfigMode>,
    /// `ca_file` (`CAIRN_SMTP_CA_FILE`): a PEM file with certificates that are trusted beside the system's.
    pub ca_file: Option<PathBuf>,
}

/// Value of `mode`: whether mails are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MailConfigMode {
    /// Mails are sent over SMTP.
    Smtp,
    /// Mails are stored and shown, not sent.
    Test,
}

impl fmt::Debug for MailConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The URL has a password in it.
        f.debug_struct("Mail").field("from", &self.from).field("mode", &self.mode).finish_non_exhaustive()
    }
}

impl MailConfig {
    pub(super) fn apply_environment(&mut self, env: &dyn Fn(&str) -> Option<String>) -> Result<(), ConfigError> {
        if let Some(v) = env("CAIRN_SMTP_URL") {
            self.smtp_url = Some(v);
        }
        if let Some(v) = env("CAIRN_MAIL_FROM") {
            self.from = Some(v);
        }
        if let Some(v) = env("CAIRN_SMTP_CA_FILE") {
            self.ca_file = Some(v.into());
        }
        if let Some(v) = env("CAIRN_MAIL_MODE") {
            self.mode = Some(match v.as_str() {
                "smtp" => MailConfigMode::Smtp,
                "test" => MailConfigMode::Test,
                _ => return Err(ConfigError(format!("CAIRN_MAIL_MODE: expected smtp or test, not {v:?}"))),
            });
        }
        Ok(())
    }

    /// The options that the mailer takes.
    pub(crate) fn mailer_options(&self) -> MailOptions {
        MailOptions {
            smtp_url: self.smtp_url.clone(),
            from: self.from.clone(),
            mode: self.mode.map(|mode| match mode {
                MailConfigMode::Smtp => MailMode::Smtp,
                MailConfigMode::Test => MailMode::Test,
            }),
            ca_file: self.ca_file.clone(),
        }
    }
}
