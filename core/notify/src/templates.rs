//! Templates of mails: the built-in ones in English and Dutch, and the tenant's in their place.
//!
//! A template has a subject, a text and an HTML. It is Handlebars in strict mode: an unknown name is an error, not a gap in a mail. Values
//! are escaped in the HTML. Text and HTML are put into a layout, unless the HTML is a whole page.

mod check;
mod dates;
mod engine;
mod line;
mod moments;
mod names;
pub(crate) mod overrides;
mod partial_template;
mod steps;
mod variables;

pub use check::{TemplateProblem, check_template};
pub use engine::RenderError;
pub(crate) use line::is_break;
pub(crate) use names::REQUESTED_TEMPLATES;
pub use names::{
    ADMIN_INVITATION, ADMIN_PASSWORD_RESET, DIGEST, EMAIL_CONFIRMATION, INVITATION, PASSWORD_RESET, TEST,
    find_template_name, is_about_an_account, template_names,
};
pub use partial_template::PartialTemplate;
pub use variables::{sample_values, template_variables};

use crate::kind::Kind;
use cairn_store::notify::RenderedMail;
use line::single_line;
use serde::Deserialize;
use serde_json::{Map, Value as Json};
use std::collections::HashMap;
use std::sync::LazyLock;

/// Languages of the built-in templates; the first is the fallback for other locales.
pub const LANGUAGES: [&str; 2] = ["en", "nl"];

#[derive(Deserialize)]
struct BuiltInTemplate {
    subject: String,
    text: String,
    html: String,
}

static BUILT_IN: LazyLock<HashMap<&'static str, HashMap<String, RenderedMail>>> = LazyLock::new(|| {
    let files = [("en", include_str!("templates/en.toml")), ("nl", include_str!("templates/nl.toml"))];
    let read = |text: &str| -> HashMap<String, RenderedMail> {
        // Part of the program; a test reads them.
        let all: HashMap<String, BuiltInTemplate> = toml::from_str(text).unwrap_or_default();
        all.into_iter()
            .map(|(name, p)| (name, RenderedMail { subject: p.subject, text: p.text, html: p.html }))
            .collect()
    };
    files.into_iter().map(|(language, text)| (language, read(text))).collect()
});

/// The language of the built-in templates for a locale: `nl` for `nl-BE`, `en` for `fr`.
pub fn template_language(locale: &str) -> &'static str {
    let own = locale.split(['-', '_']).next().unwrap_or_default();
    LANGUAGES.iter().copied().find(|l| own.eq_ignore_ascii_case(l)).unwrap_or(LANGUAGES[0])
}

/// The built-in template with a name, in the language of a locale.
pub fn built_in(name: &str, locale: &str) -> Option<&'static RenderedMail> {
    BUILT_IN.get(template_language(locale))?.get(name)
}

/// The locales under which a tenant's template is looked up, in order: the locale, then its language.
pub fn lookup_locales(locale: &str) -> Vec<String> {
    let own = locale.split(['-', '_']).next().unwrap_or_default();
    if own == locale { vec![locale.to_owned()] } else { vec![locale.to_owned(), own.to_owned()] }
}

/// Renders a template. `values`: see [`template_variables`]. The error describes the problem of a part.
pub fn render_template(
    parts: &RenderedMail,
    locale: &str,
    values: &Map<String, Json>,
) -> Result<RenderedMail, RenderError> {
    let mut values = values.clone();
    moments::write_moments(&mut values, locale);
    values.insert("locale".into(), locale.into());
    let subject = single_line(&engine::render_text("subject", &parts.subject, &values)?);
    let text = engine::render_text("text", &parts.text, &values)?;
    let html = engine::render_html("html", &parts.html, &values)?;
    apply_layout(RenderedMail { subject, text, html }, locale, values)
}

/// Puts rendered parts into the layout. `values`: see [`template_variables`]; those of the whole mail are enough.
///
/// # Errors
/// Describes a problem of the layout, which is part of the program, so there is none.
pub fn apply_layout(
    filled: RenderedMail,
    locale: &str,
    mut values: Map<String, Json>,
) -> Result<RenderedMail, RenderError> {
    let RenderedMail { subject, text, html } = filled;
    values.insert("locale".into(), locale.into());
    let Some(layout) = built_in("layout", locale) else { return Ok(RenderedMail { subject, text, html }) };
    values.insert("subject".into(), subject.clone().into());
    values.insert("body".into(), text.trim().into());
    let text = engine::render_text("text", &layout.text, &values)?;
    let is_document = html.trim_start().get(..14).is_some_and(|t| t.eq_ignore_ascii_case("<!doctype html"));
    let html = if is_document {
        html
    } else {
        values.insert("body".into(), html.into());
        engine::render_html("html", &layout.html, &values)?
    };
    Ok(RenderedMail { subject, text: text.trim().to_owned() + "\n", html: html.trim().to_owned() + "\n" })
}

/// The text of a notification, in one line: the subject of its built-in template.
pub fn notification_title(kind: Kind, locale: &str, data: &Map<String, Json>) -> String {
    let mut filled: Map<String, Json> =
        kind.variables().iter().map(|v| ((*v).to_owned(), data.get(*v).cloned().unwrap_or_default())).collect();
    moments::write_moments(&mut filled, locale);
    let subject = built_in(kind.as_str(), locale).map(|parts| engine::render_text("subject", &parts.subject, &filled));
    match subject {
        Some(Ok(text)) => single_line(&text),
        _ => kind.as_str().to_owned(),
    }
}

#[cfg(test)]
mod tests;
