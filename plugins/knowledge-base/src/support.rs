//! Questions to support, by mail to the address in the settings.

use crate::model::Settings;
use crate::text::{clean_query, parse_email};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cairn_plugin::prelude::*;
use cairn_plugin::{FieldError, Instant, site};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Longest message, in characters.
const MAX_MESSAGE_CHARS: usize = 5_000;
const DAY_MILLIS: Instant = 24 * 3_600 * 1_000;

/// Question of somebody to support.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
pub(crate) struct Question {
    /// Text that they searched for before.
    #[serde(default)]
    pub(crate) query: Option<String>,
    /// Where the answer goes.
    pub(crate) email: String,
    /// The question.
    pub(crate) message: String,
}

/// A question that can be sent.
#[derive(Debug, PartialEq, Eq)]
struct CheckedQuestion<'a> {
    query: String,
    email: &'a str,
    message: &'a str,
}

/// Model of the mail's template.
#[derive(Debug, Serialize)]
struct Model<'a> {
    site: &'a str,
    query: &'a str,
    email: &'a str,
    message: &'a str,
}

/// Outcome of a question.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Sent {
    /// It is on its way.
    Accepted,
    /// The settings have no address to send it to.
    NoAddress,
}

/// Sends a question. The same question of the same person on the same day is sent once.
///
/// # Errors
/// `Invalid` with the fields that are wrong; what the host says.
pub(crate) fn send_question(locale: &str, question: &Question, settings: &Settings) -> Result<Sent> {
    let checked = check_question(question).map_err(|problems| {
        let field = |&(path, code): &(&str, &str)| FieldError {
            path: path.to_owned(),
            code: code.to_owned(),
            message: translate(&format!("refused.{code}"), locale, None),
        };
        Error::Invalid(problems.iter().map(field).collect())
    })?;
    let Some(address) = parse_email(&settings.support_address) else { return Ok(Sent::NoAddress) };
    let site_name = site_name(settings);
    let model = Model { site: &site_name, query: &checked.query, email: checked.email, message: checked.message };
    mail::mail(mail_key(&checked, time::now()), address)
        .template("ask-support")
        .locale(settings.default_language.as_str())
        .reply_to(checked.email)
        .send(&model)?;
    Ok(Sent::Accepted)
}

/// Name of the site: by the settings, else by the operator.
pub(crate) fn site_name(settings: &Settings) -> String {
    match settings.site_name.trim() {
        "" => site().map(|site| site.name).unwrap_or_default(),
        name => name.to_owned(),
    }
}

fn check_question(question: &Question) -> Result<CheckedQuestion<'_>, Vec<(&'static str, &'static str)>> {
    let message = question.message.trim();
    let mut problems = Vec::new();
    let email = parse_email(&question.email);
    if email.is_none() {
        problems.push(("email", "email"));
    }
    if message.is_empty() {
        problems.push(("message", "message-empty"));
    } else if message.chars().count() > MAX_MESSAGE_CHARS {
        problems.push(("message", "message-long"));
    }
    match email {
        Some(email) if problems.is_empty() => {
            Ok(CheckedQuestion { query: clean_query(question.query.as_deref().unwrap_or_default()), email, message })
        }
        _ => Err(problems),
    }
}

/// Equal for equal questions of a day: a mail of a key leaves once.
fn mail_key(question: &CheckedQuestion<'_>, now: Instant) -> String {
    let text = format!("{}\n{}\n{}", question.email.to_lowercase(), question.query, question.message);
    format!("ask/{}/{}", now.div_euclid(DAY_MILLIS), URL_SAFE_NO_PAD.encode(Sha256::digest(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(email: &str, message: &str) -> Question {
        Question { query: Some(" wat\tis ".into()), email: email.into(), message: message.into() }
    }

    #[test]
    fn questions_are_checked() {
        let good = question(" ann@example.com ", " Hallo ");
        assert_eq!(
            check_question(&good),
            Ok(CheckedQuestion { query: "wat is".into(), email: "ann@example.com", message: "Hallo" })
        );
        let long = "x".repeat(MAX_MESSAGE_CHARS + 1);
        for (email, message, problems) in [
            ("", "", vec![("email", "email"), ("message", "message-empty")]),
            ("a@b.nl\nbcc: c@d.nl", "x", vec![("email", "email")]),
            ("a@b.nl", " \n ", vec![("message", "message-empty")]),
            ("a@b.nl", long.as_str(), vec![("message", "message-long")]),
        ] {
            assert_eq!(check_question(&question(email, message)), Err(problems), "{email}");
        }
    }

    #[test]
    fn one_question_has_one_key_for_a_day() {
        let (one, other) = (question("A@example.com", "x"), question("a@example.com", "y"));
        let key = |question: &Question, now| mail_key(&check_question(question).unwrap(), now);
        assert_eq!(key(&one, 5), key(&question("a@example.com", " x"), 6));
        assert_ne!(key(&one, 5), key(&other, 5));
        assert_ne!(key(&one, 5), key(&one, 5 + DAY_MILLIS));
    }
}
