//! Templates of mails: the built-in ones in English and Dutch, and the tenant's in their place.
//!
//! A template has a subject, a text and an HTML. It is Handlebars in strict mode: an unknown name is an error, not a gap in a mail. Values
//! are escaped in the HTML. Text and HTML are put into a layout, unless the HTML is a whole page.

mod check;
mod engine;
mod foreign;
mod steps;
mod variables;

pub use check::{TemplateProblem, check};
pub use engine::RenderError;
pub use foreign::Foreign;
pub use variables::{sample, variables};

use crate::kind::Kind;
use cairn_store::notify::Rendered;
use serde::Deserialize;
use serde_json::{Map, Value as Json};
use std::collections::HashMap;
use std::sync::LazyLock;

/// Mail to a content API user who has forgotten their password.
pub const PASSWORD_RESET: &str = "password-reset";
/// Mail to a content API user who has to confirm their address.
pub const EMAIL_CONFIRMATION: &str = "email-confirmation";
/// Mail to somebody who is invited to the admin.
pub const ADMIN_INVITATION: &str = "admin-invitation";
/// Mail to an admin user who has forgotten their password.
pub const ADMIN_PASSWORD_RESET: &str = "admin-password-reset";
/// The daily mail with the notifications of that day.
pub const DIGEST: &str = "digest";
/// A mail with which an admin checks whether mails arrive.
pub const TEST: &str = "test";
/// Mails that a user requested and waits for: they are sent even from a site that holds its mails.
pub(crate) const ASKED_FOR: [&str; 5] =
    [PASSWORD_RESET, EMAIL_CONFIRMATION, ADMIN_INVITATION, ADMIN_PASSWORD_RESET, TEST];
/// Languages of the built-in templates; the first is the fallback for other locales.
pub const LANGUAGES: [&str; 2] = ["en", "nl"];
/// Longest subject that is sent, in characters.
const SUBJECT: usize = 200;

#[derive(Deserialize)]
struct Parts {
    subject: String,
    text: String,
    html: String,
}

static BUILT_IN: LazyLock<HashMap<&'static str, HashMap<String, Rendered>>> = LazyLock::new(|| {
    let files = [("en", include_str!("templates/en.toml")), ("nl", include_str!("templates/nl.toml"))];
    let read = |text: &str| -> HashMap<String, Rendered> {
        // Part of the program; a test reads them.
        let all: HashMap<String, Parts> = toml::from_str(text).unwrap_or_default();
        all.into_iter().map(|(name, p)| (name, Rendered { subject: p.subject, text: p.text, html: p.html })).collect()
    };
    files.into_iter().map(|(language, text)| (language, read(text))).collect()
});

/// Mails with a link that gives whoever has it access to an account.
const ACCOUNTS: [&str; 4] = [PASSWORD_RESET, EMAIL_CONFIRMATION, ADMIN_INVITATION, ADMIN_PASSWORD_RESET];

/// Whether mails of a template contain a link that gives access to an account.
pub fn is_about_an_account(template: &str) -> bool {
    ACCOUNTS.contains(&template)
}

/// Names of all templates, in the order in which they are shown.
pub fn names() -> impl Iterator<Item = &'static str> {
    ACCOUNTS.into_iter().chain(Kind::ALL.iter().map(|k| k.as_str())).chain([DIGEST, TEST])
}

/// The static name, if it is a template's.
pub fn known(name: &str) -> Option<&'static str> {
    names().find(|n| *n == name)
}

/// The language of the built-in templates for a locale: `nl` for `nl-BE`, `en` for `fr`.
pub fn language(locale: &str) -> &'static str {
    let own = locale.split(['-', '_']).next().unwrap_or_default();
    LANGUAGES.iter().copied().find(|l| own.eq_ignore_ascii_case(l)).unwrap_or(LANGUAGES[0])
}

/// The built-in template with a name, in the language of a locale.
pub fn built_in(name: &str, locale: &str) -> Option<&'static Rendered> {
    BUILT_IN.get(language(locale))?.get(name)
}

/// The locales under which a tenant's template is looked up, in order: the locale, then its language.
pub fn places(locale: &str) -> Vec<String> {
    let own = locale.split(['-', '_']).next().unwrap_or_default();
    if own == locale { vec![locale.to_owned()] } else { vec![locale.to_owned(), own.to_owned()] }
}

/// Renders a template. `values`: see [`variables`].
///
/// # Errors
/// Describes the problem of a part.
pub fn render(parts: &Rendered, locale: &str, values: &Map<String, Json>) -> Result<Rendered, RenderError> {
    let mut values = values.clone();
    values.insert("locale".into(), locale.into());
    let subject = line(&engine::text("subject", &parts.subject, &values)?);
    let text = engine::text("text", &parts.text, &values)?;
    let html = engine::html("html", &parts.html, &values)?;
    laid_out(Rendered { subject, text, html }, locale, values)
}

/// Puts rendered parts into the layout. `values`: see [`variables`]; those of the whole mail are enough.
///
/// # Errors
/// Describes a problem of the layout, which is part of the program, so there is none.
pub fn laid_out(filled: Rendered, locale: &str, mut values: Map<String, Json>) -> Result<Rendered, RenderError> {
    let Rendered { subject, text, html } = filled;
    values.insert("locale".into(), locale.into());
    let Some(layout) = built_in("layout", locale) else { return Ok(Rendered { subject, text, html }) };
    values.insert("subject".into(), subject.clone().into());
    values.insert("body".into(), text.trim().into());
    let text = engine::text("text", &layout.text, &values)?;
    let whole = html.trim_start().get(..14).is_some_and(|t| t.eq_ignore_ascii_case("<!doctype html"));
    let html = if whole {
        html
    } else {
        values.insert("body".into(), html.into());
        engine::html("html", &layout.html, &values)?
    };
    Ok(Rendered { subject, text: text.trim().to_owned() + "\n", html: html.trim().to_owned() + "\n" })
}

/// The text of a notification, in one line: the subject of its built-in template.
pub fn title(kind: Kind, locale: &str, data: &Map<String, Json>) -> String {
    let filled: Map<String, Json> =
        kind.variables().iter().map(|v| ((*v).to_owned(), data.get(*v).cloned().unwrap_or_default())).collect();
    let subject = built_in(kind.as_str(), locale).map(|parts| engine::text("subject", &parts.subject, &filled));
    match subject {
        Some(Ok(text)) => line(&text),
        _ => kind.as_str().to_owned(),
    }
}

/// Joins a text to one line of bounded length: a header has no more.
fn line(text: &str) -> String {
    let clean: String = text.chars().map(|c| if is_break(c) { ' ' } else { c }).collect();
    let words: Vec<&str> = clean.split_whitespace().collect();
    let line = words.join(" ");
    if line.chars().count() > SUBJECT {
        let cut: String = line.chars().take(SUBJECT - 1).collect();
        return cut + "…";
    }
    line
}

/// Whether a character must not occur in a header's line.
pub(crate) fn is_break(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests;
