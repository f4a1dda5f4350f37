//! The process's connection to a mail server: SMTP with a pool, or none (test mode).

use crate::mail::address;
use lettre::message::Mailbox;
use lettre::transport::smtp::PoolConfig;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use percent_encoding::percent_decode_str;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;
use url::Url;

/// Longest wait for a connection, or for the response to a command.
const SMTP_TIMEOUT: Duration = Duration::from_secs(20);
/// Largest number of connections at a time.
const MAX_CONNECTIONS: u32 = 8;
/// Idle time after which a connection is closed.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);

/// Mode of the mailer: whether it sends mails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MailMode {
    /// Mails are sent by SMTP.
    Smtp,
    /// They are kept and shown, not sent.
    Test,
}

impl MailMode {
    /// The text in the configuration and in responses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Smtp => "smtp",
            Self::Test => "test",
        }
    }
}

/// `[mail]` of the configuration.
#[derive(Clone, Default)]
pub struct MailOptions {
    /// `smtps://user:password@host:port`, or `smtp://…` (STARTTLS, except for this machine; `?tls=required`, `?tls=opportunistic` or
    /// `?tls=none` overrides it).
    pub smtp_url: Option<String>,
    /// The default sender of tenants: an address, or `Name <address>`.
    pub from: Option<String>,
    /// `None`: [`MailMode::Smtp`] if there is a URL, else [`MailMode::Test`].
    pub mode: Option<MailMode>,
    /// A PEM file with certificates that are trusted besides the system's.
    pub ca_file: Option<PathBuf>,
}

impl fmt::Debug for MailOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The URL has a password in it.
        f.debug_struct("MailOptions").field("from", &self.from).field("mode", &self.mode).finish_non_exhaustive()
    }
}

/// A problem of `[mail]`; names the key, and nothing secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("mail.{key}: {problem}")]
pub struct MailerProblem {
    /// Name of the key.
    pub key: &'static str,
    /// Description of the problem.
    pub problem: String,
}

/// How an attempt to send failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SendError {
    /// Temporarily: it is retried.
    Later(String),
    /// The address does not accept mail.
    Address(String),
    /// This mail is refused for good, which says nothing about the address.
    Mail(String),
}

/// Sends mails of all tenants of a process.
pub struct Mailer {
    smtp: Option<AsyncSmtpTransport<Tokio1Executor>>,
    from: (Option<String>, String),
}

impl fmt::Debug for Mailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mailer").field("mode", &self.mode()).finish_non_exhaustive()
    }
}

impl Mailer {
    /// Creates a mailer that stores mails and sends none.
    pub fn in_test_mode() -> Self {
        Self { smtp: None, from: (Some("Cairn".into()), "cairn@localhost".into()) }
    }

    /// Creates a mailer from the configuration. Reads the file with certificates; opens no connection. The error describes
    /// the problem of a key.
    pub fn new(options: &MailOptions) -> Result<Self, MailerProblem> {
        let to_problem = |key, problem: &str| MailerProblem { key, problem: problem.to_owned() };
        let from = match &options.from {
            Some(text) => Some(
                address::parse_sender("from", text).map_err(|e| MailerProblem { key: "from", problem: e.problem })?,
            ),
            None => None,
        };
        let smtp = match (options.mode, &options.smtp_url) {
            // A mistake in it is told before it is needed.
            (Some(MailMode::Test), Some(url)) => smtp_transport(url, options).map(|_| None)?,
            (Some(MailMode::Test) | None, None) => None,
            (Some(MailMode::Smtp), None) => {
                return Err(to_problem("smtp_url", "is required when mode is \"smtp\" (CAIRN_SMTP_URL)"));
            }
            (Some(MailMode::Smtp) | None, Some(url)) => Some(smtp_transport(url, options)?),
        };
        match (smtp, from) {
            (Some(_), None) => Err(to_problem(
                "from",
                "is required: mails need a sender, such as \"Example <post@example.com>\" (CAIRN_MAIL_FROM)",
            )),
            (smtp, from) => Ok(Self { smtp, from: from.unwrap_or(Self::in_test_mode().from) }),
        }
    }

    /// Returns whether mails are sent, or only kept and shown.
    pub fn mode(&self) -> MailMode {
        if self.smtp.is_some() { MailMode::Smtp } else { MailMode::Test }
    }

    /// Name and address of the default sender.
    pub fn from(&self) -> (Option<&str>, &str) {
        (self.from.0.as_deref(), &self.from.1)
    }

    pub(crate) async fn send_message(&self, message: Message) -> Result<(), SendError> {
        let Some(smtp) = &self.smtp else { return Ok(()) };
        match smtp.send(message).await {
            Ok(_) => Ok(()),
            Err(e) => Err(classify_error(&e)),
        }
    }
}

/// Interprets the mail server's response. An address counts as not accepting mail only if the response is about the address: a wrong
/// password or a sender who may not send says nothing about the recipient.
fn classify_error(e: &lettre::transport::smtp::Error) -> SendError {
    let text = error_text(e);
    // The server lacks what this mail needs. Other than, say, STARTTLS, which the configuration asks for.
    if e.is_client() && ["SMTPUTF8", "8BITMIME"].iter().any(|needed| text.contains(needed)) {
        return SendError::Mail(text);
    }
    let Some(code) = e.status().filter(|_| e.is_permanent()) else { return SendError::Later(text) };
    match (u16::from(code), enhanced_status(&text)) {
        // The client is not signed in or not authorised: the configuration has to change, not the mail.
        (500..=504 | 530 | 534 | 535 | 538, _) => SendError::Later(text),
        // The sender's address, policy, protocol, contents.
        (_, Some((1, 7 | 8) | (3 | 5 | 6 | 7, _))) => SendError::Mail(text),
        (_, Some((1 | 2 | 4, _))) | (550 | 551 | 553 | 556, _) => SendError::Address(text),
        _ => SendError::Mail(text),
    }
}

/// Subject and detail of an enhanced status code (RFC 3463), `5.1.1` in a response.
fn enhanced_status(text: &str) -> Option<(u16, u16)> {
    text.split(|c: char| c.is_whitespace() || c == ':').find_map(|word| {
        let mut parts = word.trim_start_matches('#').strip_prefix("5.")?.split('.');
        let pair = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        parts.next().is_none().then_some(pair)
    })
}

/// An error with its causes, on one line of bounded length.
fn error_text(e: &dyn std::error::Error) -> String {
    let mut text = e.to_string();
    let mut cause = e.source();
    while let Some(c) = cause {
        let cause_text = c.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        cause = c.source();
    }
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(500).collect();
    line
}

fn smtp_transport(url: &str, options: &MailOptions) -> Result<AsyncSmtpTransport<Tokio1Executor>, MailerProblem> {
    // Messages never quote the URL: it contains a password.
    let to_problem = |problem: String| MailerProblem { key: "smtp_url", problem };
    let form = || to_problem("expected smtps://user:password@host:port or smtp://host:port (CAIRN_SMTP_URL)".into());
    let url = Url::parse(url).map_err(|_| form())?;
    let host = url.host_str().filter(|h| !h.is_empty()).ok_or_else(form)?.trim_matches(['[', ']']).to_owned();
    let is_local = host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
    let mut tls_mode = None;
    for (key, value) in url.query_pairs() {
        match (&*key, &*value) {
            ("tls", "required" | "opportunistic" | "none") => tls_mode = Some(value.into_owned()),
            ("tls", _) => return Err(to_problem("tls must be required, opportunistic or none".into())),
            _ => return Err(to_problem(format!("unknown parameter {key}; only tls is supported"))),
        }
    }
    if !matches!(url.path(), "" | "/") {
        return Err(form());
    }
    let parameters = || -> Result<TlsParameters, MailerProblem> {
        let mut builder = TlsParameters::builder(host.clone());
        if let Some(file) = &options.ca_file {
            let ca_problem = |problem: String| MailerProblem { key: "ca_file", problem };
            let pem = std::fs::read(file).map_err(|e| ca_problem(format!("{}: {e}", file.display())))?;
            let certificate = Certificate::from_pem(&pem)
                .map_err(|_| ca_problem(format!("{}: expected certificates in PEM format", file.display())))?;
            builder = builder.add_root_certificate(certificate);
        }
        builder.build().map_err(|e| to_problem(format!("TLS cannot be used: {}", error_text(&e))))
    };
    let (tls, port) = match (url.scheme(), tls_mode.as_deref()) {
        ("smtps", None | Some("required")) => (Tls::Wrapper(parameters()?), 465),
        ("smtp", Some("none")) => (Tls::None, 25),
        ("smtp", None) if is_local => (Tls::None, 25),
        ("smtp", Some("opportunistic")) => (Tls::Opportunistic(parameters()?), 587),
        ("smtp", _) => (Tls::Required(parameters()?), 587),
        _ => return Err(form()),
    };
    let plain = matches!(tls, Tls::None) && !is_local;
    let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&host)
        .port(url.port().unwrap_or(port))
        .tls(tls)
        .timeout(Some(SMTP_TIMEOUT))
        .pool_config(PoolConfig::new().max_size(MAX_CONNECTIONS).idle_timeout(IDLE_TIMEOUT));
    if !url.username().is_empty() {
        if plain {
            return Err(to_problem("a password requires TLS; use smtps:// or smtp://…?tls=required".into()));
        }
        let decoded = |text: &str| percent_decode_str(text).decode_utf8().map(|t| t.into_owned()).map_err(|_| form());
        let password = decoded(url.password().unwrap_or_default())?;
        builder = builder.credentials(Credentials::new(decoded(url.username())?, password));
    }
    Ok(builder.build())
}

/// The sender: the tenant's identity, else the configuration's.
pub(crate) fn tenant_sender(
    mailer: &Mailer,
    identity: &cairn_settings::MailIdentity,
) -> Result<Mailbox, address::MailFieldProblem> {
    let (name, own) = mailer.from();
    match &identity.from {
        Some(from) => address::parse_mailbox("from", identity.from_name.as_deref(), from),
        None => address::parse_mailbox("from", identity.from_name.as_deref().or(name), own),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new_mailer(url: Option<&str>, from: Option<&str>, mode: Option<MailMode>) -> Result<Mailer, MailerProblem> {
        Mailer::new(&MailOptions { smtp_url: url.map(Into::into), from: from.map(Into::into), mode, ca_file: None })
    }

    #[tokio::test]
    async fn configuration_errors_name_the_key_but_no_password() {
        let from = Some("post@example.com");
        for (url, from, mode, key) in [
            (None, from, Some(MailMode::Smtp), "smtp_url"),
            (Some("smtp://u:geheim@mail.example.com"), None, None, "from"),
            (Some("smtp://u:geheim@mail.example.com"), Some("nobody"), None, "from"),
            (Some("smtp://u:geheim@mail.example.com"), Some("a@b.nl\r\nBcc: c@d.nl"), None, "from"),
            (Some("http://u:geheim@mail.example.com"), from, None, "smtp_url"),
            (Some("geheim"), from, None, "smtp_url"),
            (Some("smtp://"), from, None, "smtp_url"),
            (Some("smtp://u:geheim@mail.example.com?tls=maybe"), from, None, "smtp_url"),
            (Some("smtp://u:geheim@mail.example.com?ssl=1"), from, None, "smtp_url"),
            (Some("smtp://u:geheim@mail.example.com?tls=none"), from, None, "smtp_url"),
            (Some("smtps://u:geheim@mail.example.com?tls=none"), from, None, "smtp_url"),
            (Some("smtps://u:geheim@mail.example.com/x"), from, Some(MailMode::Test), "smtp_url"),
        ] {
            let problem = new_mailer(url, from, mode).unwrap_err();
            assert_eq!(problem.key, key, "{url:?}");
            assert!(!format!("{problem} {problem:?}").contains("geheim"), "{problem}");
        }
        let options = MailOptions { smtp_url: Some("smtps://u:geheim@h".into()), ..MailOptions::default() };
        assert!(!format!("{options:?}").contains("geheim"));
    }

    #[tokio::test]
    async fn mail_mode_follows_from_the_configuration() {
        assert_eq!(new_mailer(None, None, None).unwrap().mode(), MailMode::Test);
        let (url, from) = (Some("smtp://127.0.0.1:2525"), Some("Post <post@example.com>"));
        assert_eq!(new_mailer(url, from, None).unwrap().mode(), MailMode::Smtp);
        assert_eq!(new_mailer(url, from, Some(MailMode::Test)).unwrap().mode(), MailMode::Test);
        for url in ["smtps://u:p%40ss@mail.example.com", "smtp://mail.example.com:25?tls=none", "smtp://[::1]:2525"] {
            assert_eq!(new_mailer(Some(url), from, None).unwrap().mode(), MailMode::Smtp, "{url}");
        }
    }

    #[test]
    fn enhanced_status_codes_are_parsed() {
        assert_eq!(enhanced_status("permanent error (550): 5.1.1 no such user"), Some((1, 1)));
        assert_eq!(enhanced_status("permanent error (554): #5.7.1: refused"), Some((7, 1)));
        assert_eq!(enhanced_status("permanent error (550): no such user at 5.1"), None);
        assert_eq!(enhanced_status("5.x.1 5.1.2.3"), None);
    }
}
