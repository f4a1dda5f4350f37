//! `/api/openapi.html`: the content API, as the document beside it describes it, to read and to try. The page and its files come from this server,
//! and requests go to it alone. A token that is entered stays in the page.

use crate::reader_language::ReaderLanguage;
use axum::body::Body;
use axum::extract::Extension;
use axum::http::header::{
    ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderMap, HeaderName,
    HeaderValue, REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{Response, StatusCode};
use cairn_app::admin_ui::AdminUi;
use std::sync::Arc;

/// The page, with words in double braces for texts.
const PAGE: &str = include_str!("api_reference/page.html");
/// Script that draws the reference, among the files of the admin UI.
const SCRIPT: &str = "api-reference/swagger-ui-bundle.js";
/// Policy of the page: scripts, styles and requests of this server. Styles of single elements are set by the script, which draws them.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self'; img-src 'self' data: blob:; connect-src 'self'; \
     form-action 'none'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'";

/// The page's words in one language, by the name that the page has for them.
type ReferenceTexts = [(&'static str, &'static str); 10];

const ENGLISH: ReferenceTexts = [
    ("language", "en"),
    ("title", "Content API"),
    (
        "lead",
        "Everything that you may call, with requests to try. They go to this server, and change its content as any request does.",
    ),
    ("token", "API token"),
    ("hint", "Without one you see what everybody may call. The token stays on this page: reloading forgets it."),
    ("use", "Use token"),
    ("refused", "The server refuses this token. Check that you copied all of it, and that it has not expired."),
    ("failed", "The description could not be loaded. Check that the server is running, and reload the page."),
    ("document", "OpenAPI document"),
    ("operations", "Operations"),
];
const DUTCH: ReferenceTexts = [
    ("language", "nl"),
    ("title", "Content-API"),
    (
        "lead",
        "Alles wat je mag aanroepen, met verzoeken om te proberen. Ze gaan naar deze server en wijzigen de content ervan, net als elk ander verzoek.",
    ),
    ("token", "API-token"),
    (
        "hint",
        "Zonder token zie je wat iedereen mag aanroepen. Het token blijft op deze pagina: na herladen is het vergeten.",
    ),
    ("use", "Token gebruiken"),
    (
        "refused",
        "De server weigert dit token. Controleer of je het helemaal hebt gekopieerd en of het niet is verlopen.",
    ),
    ("failed", "De beschrijving kan niet worden geladen. Controleer of de server draait en herlaad de pagina."),
    ("document", "OpenAPI-document"),
    ("operations", "Operaties"),
];

/// Answers `GET /api/openapi.html` with the page; 404 from a binary that was built without the admin UI, and has none of its files.
pub(crate) async fn serve_page(Extension(ui): Extension<Arc<AdminUi>>, headers: HeaderMap) -> Response<Body> {
    let accepted = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let is_built = ui.find_file(SCRIPT).is_some();
    let (language, html) = match is_built {
        true => render_page(ReaderLanguage::from_header(accepted)),
        false => ("en", "This server was built without the admin UI and its files: run cargo xtask build.".to_owned()),
    };
    let mut response = Response::new(Body::from(html));
    *response.status_mut() = if is_built { StatusCode::OK } else { StatusCode::NOT_FOUND };
    let fixed = HeaderValue::from_static;
    response.headers_mut().extend([
        (CONTENT_TYPE, fixed("text/html; charset=utf-8")),
        (CONTENT_SECURITY_POLICY, fixed(POLICY)),
        (CONTENT_LANGUAGE, fixed(language)),
        (VARY, fixed("Accept-Language")),
        (CACHE_CONTROL, fixed("no-cache, private")),
        (X_CONTENT_TYPE_OPTIONS, fixed("nosniff")),
        (REFERRER_POLICY, fixed("no-referrer")),
        (HeaderName::from_static("x-frame-options"), fixed("DENY")),
    ]);
    response
}

/// The language of the page, and the page.
fn render_page(language: ReaderLanguage) -> (&'static str, String) {
    let texts = match language {
        ReaderLanguage::English => ENGLISH,
        ReaderLanguage::Dutch => DUTCH,
    };
    let html = texts.iter().fold(PAGE.to_owned(), |html, (name, text)| html.replace(&format!("{{{{{name}}}}}"), text));
    (texts[0].1, html)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_of_the_page_is_there_in_both_languages() {
        for language in [ReaderLanguage::English, ReaderLanguage::Dutch] {
            let (_, html) = render_page(language);
            assert!(!html.contains("{{"), "{html}");
        }
        assert_eq!(render_page(ReaderLanguage::Dutch).0, "nl");
        assert_eq!(ENGLISH.map(|(name, _)| name), DUTCH.map(|(name, _)| name));
    }
}
