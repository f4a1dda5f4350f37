//! Texts of a plugin for people: those in `locales/` and the templates in `templates/` of its package, with the operator's replacements.

use crate::definition::load_error::LoadError;
use crate::definition::pdf_templates::PdfTemplates;
use cairn_notify::PartialTemplate;
use cairn_plugin_package::locales;
use cairn_plugin_package::package::PackageFiles;
use serde_json::Value as Json;
use std::collections::{BTreeMap, HashMap};

/// Prefix of a text that is a key to look up.
const KEY_PREFIX: &str = "t:";

/// The texts and templates of one package; see the module.
pub(crate) struct Translations {
    /// Texts by locale, then by key.
    texts: HashMap<String, BTreeMap<String, String>>,
    /// Mail templates by name, then by locale.
    templates: HashMap<String, HashMap<String, PartialTemplate>>,
    /// Templates of PDFs.
    pdf_templates: PdfTemplates,
    /// Default locale of the plugin.
    default: String,
}

impl Translations {
    /// Reads all of them, so that broken ones are found when the plugin is loaded, not when a mail is sent.
    pub(crate) fn from_files(files: &PackageFiles, default: &str) -> Result<Self, LoadError> {
        let mut texts = HashMap::new();
        for (name, content) in files.iter_below("locales/") {
            let Some(locale) = name.strip_suffix(".json") else { continue };
            let read = locales::parse_texts(content);
            let read = read.map_err(|problem| LoadError::Words { file: format!("locales/{name}"), problem })?;
            texts.insert(locale.to_owned(), read);
        }
        let mut templates: HashMap<String, HashMap<String, PartialTemplate>> = HashMap::new();
        for (path, content) in files.iter_below("templates/") {
            let Some(rest) = path.strip_suffix(".toml") else { continue };
            let to_error = |problem: String| LoadError::Words { file: format!("templates/{path}"), problem };
            let (name, locale) = rest
                .rsplit_once('.')
                .ok_or_else(|| to_error("has no locale in its name: use <name>.<locale>.toml".into()))?;
            let text = std::str::from_utf8(content).map_err(|_| to_error("is not valid UTF-8".into()))?;
            let template = PartialTemplate::parse(text).map_err(to_error)?;
            templates.entry(name.to_owned()).or_default().insert(locale.to_owned(), template);
        }
        Ok(Self { texts, templates, pdf_templates: PdfTemplates::from_files(files), default: default.to_owned() })
    }

    /// The locales to look in, in order: the requested one, its language, then those of the tenant's default and of the plugin's.
    fn locale_chain<'a>(&'a self, locale: &'a str, tenant: &'a str) -> impl Iterator<Item = &'a str> {
        [locale, tenant, &self.default].into_iter().flat_map(|code| {
            let language = code.split(['-', '_']).next().unwrap_or_default();
            [code, language]
        })
    }

    /// A text, and the locale that it is in.
    pub(crate) fn find_text<'a>(&'a self, key: &str, locale: &'a str, tenant: &'a str) -> Option<(&'a str, &'a str)> {
        self.locale_chain(locale, tenant).find_map(|code| Some((code, self.texts.get(code)?.get(key)?.as_str())))
    }

    /// A text of a view or of the manifest for people: one that begins with `t:` is looked up for `locale` or, where that lacks it, in the
    /// plugin's default; where neither has it, the key is shown.
    pub(crate) fn resolve_text<'t>(&'t self, text: &'t str, locale: &'t str) -> &'t str {
        let Some(key) = text.strip_prefix(KEY_PREFIX) else { return text };
        self.find_text(key, locale, &self.default).map_or(key, |(_, found)| found)
    }

    /// Replaces the texts to look up anywhere in a value.
    pub(crate) fn resolve_all(&self, json: &mut Json, locale: &str) {
        match json {
            Json::String(text) if text.starts_with(KEY_PREFIX) => *text = self.resolve_text(text, locale).to_owned(),
            Json::Array(list) => list.iter_mut().for_each(|inner| self.resolve_all(inner, locale)),
            Json::Object(object) => object.values_mut().for_each(|inner| self.resolve_all(inner, locale)),
            _ => {}
        }
    }

    /// The templates of PDFs, with the files that they may read.
    pub(crate) fn pdf_templates(&self) -> &PdfTemplates {
        &self.pdf_templates
    }

    /// The path of the template of a PDF among those files: `/report.nl.typ`.
    ///
    /// # Errors
    /// A message for the author with what the package has instead.
    pub(crate) fn pdf_template_path(&self, name: &str, locale: &str, tenant: &str) -> Result<String, String> {
        let locales = self.pdf_templates.template_locales(name).ok_or_else(|| {
            let known: Vec<&str> = self.pdf_templates.template_names().collect();
            format!("the package has no templates/{name}.<locale>.typ; it has {}", list_names(&known))
        })?;
        let found = self.locale_chain(locale, tenant).find(|code| locales.contains(*code));
        let found = found.map(|code| format!("/{name}.{code}.typ"));
        found.ok_or_else(|| {
            let known: Vec<&str> = locales.iter().map(String::as_str).collect();
            format!("templates/{name} exists only in {}; add templates/{name}.{}.typ", list_names(&known), self.default)
        })
    }

    /// A mail template by its name.
    ///
    /// # Errors
    /// A message for the author with what the package has instead.
    pub(crate) fn mail_template(&self, name: &str, locale: &str, tenant: &str) -> Result<&PartialTemplate, String> {
        let Some(locales) = self.templates.get(name) else {
            let mut known: Vec<&str> = self.templates.keys().map(String::as_str).collect();
            known.sort_unstable();
            return Err(format!("the package has no templates/{name}.<locale>.toml; it has {}", list_names(&known)));
        };
        self.locale_chain(locale, tenant).find_map(|code| locales.get(code)).ok_or_else(|| {
            let mut known: Vec<&str> = locales.keys().map(String::as_str).collect();
            known.sort_unstable();
            format!(
                "templates/{name} exists only in {}; add templates/{name}.{}.toml",
                list_names(&known),
                self.default
            )
        })
    }
}

fn list_names(known: &[&str]) -> String {
    match known.is_empty() {
        true => "none".to_owned(),
        false => known.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn package_files(all: &[(&str, &str)]) -> PackageFiles {
        let mut files = PackageFiles::new();
        for (path, content) in all {
            files.add(path, content.as_bytes().to_vec()).unwrap();
        }
        files
    }

    fn template_text(template: &Result<&PartialTemplate, String>) -> String {
        template.as_ref().map(|t| t.text.clone().unwrap()).unwrap_or_else(|e| format!("! {e}"))
    }

    #[test]
    fn missing_texts_fall_back_to_language_tenant_and_plugin() {
        let translations = Translations::from_files(
            &package_files(&[
                ("locales/en.json", r#"{"a":"en a","b":"en b","c":"en c"}"#),
                ("locales/nl.json", r#"{"a":"nl a","b":"nl b"}"#),
                ("locales/nl-BE.json", r#"{"a":"be a"}"#),
                ("templates/hi.en.toml", "text = 'en'"),
                ("templates/hi.nl.toml", "text = 'nl'"),
                ("templates/rare.de.toml", "text = 'de'"),
                ("templates/paper.en.typ", "= Paper"),
            ]),
            "en",
        )
        .unwrap();
        assert_eq!(translations.find_text("a", "nl-BE", "en"), Some(("nl-BE", "be a")));
        assert_eq!(translations.find_text("b", "nl-BE", "en"), Some(("nl", "nl b")));
        assert_eq!(translations.find_text("b", "fr", "nl"), Some(("nl", "nl b")));
        assert_eq!(translations.find_text("c", "nl", "nl"), Some(("en", "en c")));
        assert_eq!(translations.find_text("d", "nl", "nl"), None);
        assert_eq!(template_text(&translations.mail_template("hi", "nl-BE", "en")), "nl");
        assert_eq!(template_text(&translations.mail_template("hi", "fr", "fr")), "en");
        assert_eq!(template_text(&translations.mail_template("rare", "de-AT", "en")), "de");
        assert!(
            template_text(&translations.mail_template("rare", "nl", "nl"))
                .contains("exists only in de; add templates/rare.en.toml")
        );
        assert!(template_text(&translations.mail_template("../hi", "nl", "nl")).contains("it has hi, rare"));
        assert_eq!(translations.pdf_template_path("paper", "nl-BE", "nl").unwrap(), "/paper.en.typ");
        assert!(
            translations
                .pdf_template_path("papers", "nl", "nl")
                .unwrap_err()
                .contains("no templates/papers.<locale>.typ; it has paper")
        );
    }

    #[test]
    fn view_texts_use_the_nearest_language() {
        let translations = Translations::from_files(
            &package_files(&[
                ("locales/en.json", r#"{"title":"Board","only":"English"}"#),
                ("locales/nl.json", r#"{"title":"Bord"}"#),
            ]),
            "en",
        )
        .unwrap();
        for (text, locale, expected) in [
            ("t:title", "nl", "Bord"),
            ("t:title", "nl-BE", "Bord"),
            ("t:title", "fr", "Board"),
            ("t:only", "nl", "English"),
            ("t:nothing", "nl", "nothing"),
            ("title", "nl", "title"),
        ] {
            assert_eq!(translations.resolve_text(text, locale), expected, "{text} {locale}");
        }
        let mut view = json!({ "kind": "stack", "show": [{ "title": "t:title", "n": 1 }] });
        translations.resolve_all(&mut view, "nl");
        assert_eq!(view, json!({ "kind": "stack", "show": [{ "title": "Bord", "n": 1 }] }));
    }

    #[test]
    fn invalid_templates_and_locales_are_reported() {
        for (path, content, message) in [
            ("templates/a.en.toml", "text = '{{#if x}}'", "templates/a.en.toml: text: "),
            ("templates/a.en.toml", "text = 'x'\nhtml = 1", "templates/a.en.toml: line 2: "),
            ("templates/a.toml", "text = 'x'", "<name>.<locale>.toml"),
            ("templates/a.en.toml", "", "is empty"),
            ("locales/en.json", "{\"a\":1}", "locales/en.json: "),
        ] {
            let error = Translations::from_files(&package_files(&[(path, content)]), "en").err().unwrap().to_string();
            assert!(error.contains(message), "{error}");
        }
        let mut broken = PackageFiles::new();
        broken.add("templates/a.en.toml", vec![0xff]).unwrap();
        assert!(Translations::from_files(&broken, "en").err().unwrap().to_string().contains("UTF-8"));
    }
}
