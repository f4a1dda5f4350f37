//! The pages that browsers get from the forms of the website.

use cairn_plugin::{FieldError, Response, translate};
use cairn_plugin_pages::{Page, PageOwner, escape_html};

/// Renders the page that thanks a visitor whose inquiry has come in.
pub(crate) fn render_thank_you_page(language: &str, company: &str) -> Response {
    let text = translate("page.thanks", language, None);
    build_page(
        200,
        language,
        company,
        &translate("page.thanks.title", language, None),
        &format!("<p>{}</p>", escape_html(&text)),
    )
}

/// Renders the page for a visitor who has to mend something. The form itself is where they came from: going back keeps what they filled in.
pub(crate) fn render_problem_page(problems: &[FieldError], language: &str, company: &str) -> Response {
    let items: String = problems.iter().map(|problem| render_problem(problem, language)).collect();
    let hint = translate("page.problems", language, None);
    let body = format!("<p>{}</p><ul>{items}</ul>", escape_html(&hint));
    build_page(400, language, company, &translate("page.problems.title", language, None), &body)
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

fn build_page(status: u16, language: &str, company: &str, title: &str, body: &str) -> Response {
    let body = format!("<main><h1>{}</h1>{body}</main>", escape_html(title));
    let owner = PageOwner { name: company, ..PageOwner::default() };
    Page { language, title, owner, style: "", body: &body, script: "", pictures: false }.render(status)
}
