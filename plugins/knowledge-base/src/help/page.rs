//! The frame of a page: head, style, links, and the headers that it is sent with.

use super::colours::accent_style;
use crate::model::{Language, Settings};
use crate::support::site_name;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cairn_plugin::{Response, translate};
use cairn_plugin_pages::{TYPEFACE_SHEET, escape_html};
use sha2::{Digest, Sha256};

const STYLE: &str = include_str!("style.css");

/// A page that is being written.
pub(super) struct Page {
    /// The language of its texts.
    pub(super) language: Language,
    /// The HTML of its content.
    pub(super) main: String,
    title: String,
    site: String,
    style: String,
}

impl Page {
    /// An empty page.
    pub(super) fn new(language: Language, title: &str, settings: &Settings) -> Self {
        let style = format!("{STYLE}{}", accent_style(&settings.accent_colour));
        Self { language, main: String::new(), title: title.to_owned(), site: site_name(settings), style }
    }

    /// A text of `locales/` in its language, as HTML.
    pub(super) fn text(&self, key: &str) -> String {
        escape_html(&translate(key, self.language.as_str(), None))
    }

    /// The page as a response. Its policy allows its own style, the typeface and pictures, and nothing that runs; the host adds a sandbox.
    pub(super) fn into_response(self, status: u16) -> Response {
        let policy = format!(
            "default-src 'none'; style-src 'self' 'sha256-{}'; font-src 'self'; img-src 'self' https:; base-uri 'none'",
            STANDARD.encode(Sha256::digest(&self.style))
        );
        Response::bytes(status, "text/html; charset=utf-8", self.render().into_bytes())
            .header("content-security-policy", &policy)
            .header("content-language", self.language.as_str())
            .header("cache-control", "private, no-cache")
            .header("vary", "Accept-Language, Authorization")
    }

    fn render(&self) -> String {
        let title = match self.site.as_str() {
            "" => escape_html(&self.title),
            site => format!("{} – {}", escape_html(&self.title), escape_html(site)),
        };
        let home = match self.site.as_str() {
            "" => self.text("help.title"),
            site => escape_html(site),
        };
        format!(
            "<!doctype html><html lang=\"{lang}\"><head><meta charset=\"utf-8\"><title>{title}</title>\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><meta name=\"color-scheme\" content=\"light dark\">\
             <link rel=\"stylesheet\" href=\"{TYPEFACE_SHEET}\"><style>{style}</style></head><body><header><a href=\"/api/kb/help?locale={lang}\">{home}</a>\
             <nav aria-label=\"{languages}\"><a href=\"/api/kb/help?locale=nl\" lang=\"nl\" hreflang=\"nl\">Nederlands</a> \
             <a href=\"/api/kb/help?locale=en\" lang=\"en\" hreflang=\"en\">English</a></nav></header><main>{main}</main></body></html>",
            lang = self.language.as_str(),
            style = self.style,
            languages = self.text("help.languages"),
            main = self.main,
        )
    }
}
