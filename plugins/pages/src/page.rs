//! The frame of pages that browsers get.

use crate::html::escape_html;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cairn_plugin::{Response, translate};
use sha2::{Digest, Sha256};

/// Value of `cache-control` for what nobody keeps.
pub const NO_STORE: &str = "no-store";
/// How all pages look, by day and by night.
const STYLE: &str = "\
:root{color-scheme:light dark;--text:#1c1e21;--back:#fff;--soft:#565b62;--line:#d9dce1;--edge:#7a7f87;--field:#fff;--problem:#b3261e;\
--accent:#1f4b99;--on-accent:#fff;--mark:#1f4b99}\
@media(prefers-color-scheme:dark){:root{--text:#e8eaed;--back:#16181b;--soft:#b1b7c0;--line:#3a3f46;--edge:#8b919a;--field:#1f2226;\
--problem:#ff8a80;--accent:#9ec1ff;--on-accent:#10131a;--mark:#1f4b99}a{color:#9ec1ff}}\
*{box-sizing:border-box}\
body{font:1.05rem/1.5 system-ui,sans-serif;color:var(--text);background:var(--back);max-width:46rem;margin:1.5rem auto 4rem;padding:0 1rem;\
overflow-wrap:anywhere}\
a:focus-visible,button:focus-visible,input:focus-visible,textarea:focus-visible,summary:focus-visible,canvas:focus-visible\
{outline:3px solid var(--edge);outline-offset:2px}";

/// A page that needs nothing but itself and, where it says so, pictures of its own site; a policy tells the browser.
#[derive(Debug, Clone, Copy)]
pub struct Page<'a> {
    /// Of its texts; those that begin with `nl` are Dutch, all others English.
    pub language: &'a str,
    /// Its title, as text.
    pub title: &'a str,
    /// Style of its own, after that of all pages.
    pub style: &'a str,
    /// Its content, as HTML.
    pub body: &'a str,
    /// Its script; empty for none.
    pub script: &'a str,
    /// True if it shows pictures of its own site.
    pub pictures: bool,
}

impl Page<'_> {
    /// The page, with that status. Nobody keeps it, no search engine lists it, and its address goes nowhere.
    #[must_use]
    pub fn render(&self, status: u16) -> Response {
        let Self { language, title, style, body, script, pictures } = self;
        let language = if language.to_lowercase().starts_with("nl") { "nl" } else { "en" };
        let (script, allowed) = match *script {
            "" => (String::new(), String::new()),
            script => {
                let hash = STANDARD.encode(Sha256::digest(script));
                (format!("<script>{script}</script>"), format!("script-src 'sha256-{hash}'; "))
            }
        };
        let images = if *pictures { "img-src 'self' data:; " } else { "" };
        let policy = format!(
            "default-src 'none'; {images}style-src 'unsafe-inline'; {allowed}form-action 'self'; base-uri 'none'; \
             frame-ancestors 'none'"
        );
        let html = format!(
            "<!doctype html><html lang=\"{language}\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><meta name=\"robots\" content=\"noindex\">\
             <meta name=\"referrer\" content=\"no-referrer\"><title>{}</title><style>{STYLE}{style}</style></head>\
             <body>{body}{script}</body></html>",
            escape_html(title)
        );
        Response::bytes(status, "text/html; charset=utf-8", html.into_bytes())
            .header("cache-control", NO_STORE)
            .header("content-security-policy", &policy)
            .header("x-robots-tag", "noindex")
    }
}

/// A page that says one thing: `key` names its text, and `<key>.title` its title.
#[must_use]
pub fn render_message_page(status: u16, language: &str, key: &str) -> Response {
    let title = translate(&format!("{key}.title"), language, None);
    let text = translate(key, language, None);
    let body = format!("<main><h1>{}</h1><p>{}</p></main>", escape_html(&title), escape_html(&text));
    Page { language, title: &title, style: "", body: &body, script: "", pictures: false }.render(status)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_pages_own_script_runs() {
        let page =
            |script| Page { language: "nl", title: "<T>", style: "", body: "", script, pictures: false }.render(200);
        let policy = |response: &Response| {
            response.headers.iter().find(|(name, _)| name == "content-security-policy").unwrap().1.clone()
        };
        assert!(!policy(&page("")).contains("script-src") && !policy(&page("")).contains("img-src"));
        let with = page("alert(1)");
        assert!(
            policy(&with).contains("script-src 'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='"),
            "{}",
            policy(&with)
        );
    }
}
