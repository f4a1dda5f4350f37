//! `templates`: renders templates for people, with the engine of mails: no code is run, values are escaped, and loops end.

use crate::call::state::CallState;
use crate::contract::bindings::host::templates::{Host, Rendered, Template};
use crate::contract::bindings::types::Error;
use crate::contract::guest_errors::{internal_error, invalid_field};
use crate::contract::host_error::HostResult;
use cairn_notify::{PartialTemplate, site_values};
use cairn_plugin_package::Capability;
use serde_json::{Map, Value as Json};

/// Largest model, in bytes.
const MAX_MODEL_BYTES: usize = 256 << 10;

impl Host for CallState {
    async fn render(&mut self, template: Template, model: String, locale: String) -> HostResult<Rendered> {
        self.granted_call(Capability::Templates)?;
        let PartialTemplate { subject, text, html } = self.render_template(&template, &model, &locale, "")?;
        Ok(Rendered { subject, html, text })
    }
}

impl CallState {
    /// Renders a template. `at`: its path in the request, with a dot at its end.
    pub(crate) fn render_template(
        &self,
        template: &Template,
        model: &str,
        locale: &str,
        at: &str,
    ) -> Result<PartialTemplate, Error> {
        let invalid = |field: &str, code: &str, message: String| invalid_field(&format!("{at}{field}"), code, message);
        if !is_locale(locale) {
            return Err(invalid("locale", "locale", "must be a locale code, such as nl or nl-BE".into()));
        }
        if model.len() > MAX_MODEL_BYTES {
            return Err(invalid(
                "model",
                "too-large",
                format!("a model can have at most {} KiB", MAX_MODEL_BYTES >> 10),
            ));
        }
        let model: Json = serde_json::from_str(model).map_err(|e| invalid("model", "json", e.to_string()))?;
        let Json::Object(mut model) = model else {
            return Err(invalid("model", "json", "must be an object".into()));
        };
        self.add_site_and_locale(&mut model, locale);
        let tenant = self.definition.access().locales();
        let named_template = match template {
            Template::Named(name) => {
                let found = self.definition.translations.mail_template(name, locale, &tenant.default);
                Some(found.map_err(Error::NotFound)?)
            }
            Template::Inline(_) => None,
        };
        let filled = run_on_own_thread(|| match (named_template, template) {
            (Some(named_template), _) => named_template.render(&model).map_err(|e| e.to_string()),
            (None, Template::Named(source) | Template::Inline(source)) => {
                let parts = parse_inline_template(source);
                match parts.check().into_iter().next() {
                    Some(problem) => Err(format!("{}: {}", problem.part, problem.message)),
                    None => parts.render(&model).map_err(|e| e.to_string()),
                }
            }
        });
        filled?.map_err(|message| invalid("template", "template", message))
    }

    /// Adds what every template may name: `site` and `locale`, unless the plugin has given something else by that name.
    fn add_site_and_locale(&self, model: &mut Map<String, Json>, locale: &str) {
        if !model.contains_key("site") {
            let site = site_values(self.definition.access(), self.definition.site().as_ref());
            model.insert("site".to_owned(), site);
        }
        if !model.contains_key("locale") {
            model.insert("locale".to_owned(), locale.into());
        }
    }
}

/// Runs `f` on a separate thread: the parser of templates measures the stack that it is on, and does not know that of a guest's call.
fn run_on_own_thread<T: Send>(f: impl FnOnce() -> T + Send) -> Result<T, Error> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("cairn-templates".to_owned());
        let running = thread.spawn_scoped(scope, f).map_err(internal_error)?;
        running.join().map_err(|_| internal_error("rendering a template panicked"))
    })
}

/// The parts of a template that is part of the call: an object with them, or one text, which is then shown as HTML as well.
fn parse_inline_template(source: &str) -> PartialTemplate {
    serde_json::from_str(source).unwrap_or_else(|_| PartialTemplate {
        subject: None,
        text: Some(source.to_owned()),
        html: Some(source.to_owned()),
    })
}

/// True if `code` has the form of a locale's code.
pub(crate) fn is_locale(code: &str) -> bool {
    (2..=35).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inline_templates_are_parts_or_plain_text() {
        let parts = parse_inline_template(r#"{"subject":"s {{a}}","text":"t"}"#);
        assert_eq!((parts.subject.as_deref(), parts.text.as_deref(), parts.html), (Some("s {{a}}"), Some("t"), None));
        for text in ["{{a}} and b", "{\"a\":1}", "\"x\"", "", "{\"text\":1}"] {
            let parts = parse_inline_template(text);
            assert_eq!((parts.text.as_deref(), parts.html.as_deref()), (Some(text), Some(text)));
        }
    }

    #[test]
    fn locale_codes_allow_only_plain_characters() {
        for good in ["nl", "nl-BE", "zh_Hans"] {
            assert!(is_locale(good), "{good}");
        }
        for bad in ["", "n", "nl BE", "nl\0", "../x", &"a".repeat(36)] {
            assert!(!is_locale(bad), "{bad}");
        }
    }
}
