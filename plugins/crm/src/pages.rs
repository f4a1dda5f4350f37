//! The pages that browsers get. They need nothing but themselves, and a policy says so: no script, no file, no frame.

use cairn_plugin::{FieldError, Response, translate};

/// What a visitor sees whose inquiry has come in.
pub(crate) fn render_thank_you_page(language: &str) -> Response {
    let text = translate("page.thanks", language, None);
    build_page(
        200,
        language,
        &translate("page.thanks.title", language, None),
        &format!("<p>{}</p>", escape_html(&text)),
    )
}

/// What a visitor sees who has to mend something. The form itself is where they came from: going back keeps what they filled in.
pub(crate) fn render_problem_page(problems: &[FieldError], language: &str) -> Response {
    let items: String = problems.iter().map(|problem| render_problem(problem, language)).collect();
    let hint = translate("page.problems", language, None);
    let body = format!("<p>{}</p><ul>{items}</ul>", escape_html(&hint));
    build_page(400, language, &translate("page.problems.title", language, None), &body)
}

/// What a visitor sees whose network sent too many inquiries.
pub(crate) fn render_limit_page(language: &str) -> Response {
    let body = format!("<p>{}</p>", escape_html(&translate("wrong.tooMany", language, None)));
    build_page(429, language, &translate("page.problems.title", language, None), &body)
}

fn render_problem(problem: &FieldError, language: &str) -> String {
    let key = format!("field.{}", problem.path);
    // A field without a name of its own is told by the form's.
    let name =
        Some(translate(&key, language, None)).filter(|name| *name != key).unwrap_or_else(|| problem.path.clone());
    match name.is_empty() {
        true => format!("<li>{}</li>", escape_html(&problem.message)),
        false => format!("<li><strong>{}</strong>: {}</li>", escape_html(&name), escape_html(&problem.message)),
    }
}

/// A page that says one thing: `key` names its text, and `<key>.title` its title.
pub(crate) fn render_message_page(status: u16, language: &str, key: &str) -> Response {
    let body = format!("<p>{}</p>", escape_html(&translate(key, language, None)));
    build_page(status, language, &translate(&format!("{key}.title"), language, None), &body)
}

fn build_page(status: u16, language: &str, title: &str, body: &str) -> Response {
    let body = format!("<h1>{}</h1>{body}", escape_html(title));
    Page { language, title, style: "", body: &body, footer: "" }.render(status)
}

/// Pages that nobody keeps.
pub(crate) const NO_STORE: &str = "no-store";
/// What a page may load and where its forms go.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
/// How all pages look, by day and by night.
const STYLE: &str = "\
:root{color-scheme:light dark;--text:#1c1e21;--back:#fff;--soft:#5a5f66;--line:#d9dce1;--edge:#7a7f87;--field:#fff;--problem:#b3261e;\
--accent:#1f4b99;--on-accent:#fff}\
@media(prefers-color-scheme:dark){:root{--text:#e8eaed;--back:#16181b;--soft:#a9afb8;--line:#3a3f46;--edge:#8b919a;--field:#1f2226;\
--problem:#ff8a80}a{color:#9ec1ff}}\
body{font:1.05rem/1.5 system-ui,sans-serif;color:var(--text);background:var(--back);max-width:40rem;margin:2.5rem auto;padding:0 1rem}\
a:focus-visible,button:focus-visible,input:focus-visible,textarea:focus-visible,summary:focus-visible{outline:3px solid var(--edge);\
outline-offset:2px}";

/// A page of the plugin.
pub(crate) struct Page<'a> {
    pub(crate) language: &'a str,
    pub(crate) title: &'a str,
    /// Style of its own, after that of all pages.
    pub(crate) style: &'a str,
    /// Its content, as HTML.
    pub(crate) body: &'a str,
    /// What follows the content, as HTML.
    pub(crate) footer: &'a str,
}

impl Page<'_> {
    /// The page, with that status. Nobody keeps it, and no search engine lists it.
    pub(crate) fn render(&self, status: u16) -> Response {
        let Self { language, title, style, body, footer } = self;
        let language = if language.to_lowercase().starts_with("nl") { "nl" } else { "en" };
        let html = format!(
            "<!doctype html><html lang=\"{language}\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><meta name=\"robots\" content=\"noindex\">\
             <meta name=\"referrer\" content=\"no-referrer\"><title>{}</title><style>{STYLE}{style}</style></head>\
             <body><main>{body}</main>{footer}</body></html>",
            escape_html(title)
        );
        Response::bytes(status, "text/html; charset=utf-8", html.into_bytes())
            .header("cache-control", NO_STORE)
            .header("content-security-policy", POLICY)
            .header("x-robots-tag", "noindex")
    }
}

/// A text as HTML: nothing of it becomes a tag or ends an attribute.
pub(crate) fn escape_html(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_text_becomes_a_tag() {
        assert_eq!(escape_html("<b a='1' c=\"2\">&"), "&lt;b a=&#39;1&#39; c=&quot;2&quot;&gt;&amp;");
    }
}
