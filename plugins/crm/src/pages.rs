//! The small pages that a browser gets which sent the form itself. They need nothing but themselves.

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

fn build_page(status: u16, language: &str, title: &str, body: &str) -> Response {
    let language = if language.to_lowercase().starts_with("nl") { "nl" } else { "en" };
    let title = escape_html(title);
    let html = format!(
        "<!doctype html><html lang=\"{language}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{title}</title>\
         <style>body{{font:1.1rem/1.5 system-ui,sans-serif;max-width:36rem;margin:4rem auto;padding:0 1rem}}</style></head>\
         <body><main><h1>{title}</h1>{body}</main></body></html>"
    );
    Response::bytes(status, "text/html; charset=utf-8", html.into_bytes())
        .header("cache-control", "no-store")
        .header("x-robots-tag", "noindex")
}

fn escape_html(text: &str) -> String {
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
