//! The pages that visitors get: the form, and the thanks. Every text of others is escaped. They know no host: texts come from the caller.

use crate::intake::{Form, MAX_EMAIL, MAX_MESSAGE, MAX_NAME, MAX_SUBJECT};
use cairn_plugin::Response;
use cairn_plugin_pages::{NO_STORE, TYPEFACE_SHEET, escape_html};
use std::fmt::Write as _;

/// Policy of the pages, besides the host's, before the sources of styles and pictures: no script in line, and none of another site.
const POLICY: &str = "default-src 'none'; script-src 'self'; connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; \
                      frame-ancestors 'none'";

/// The look of the site that the page belongs to.
#[derive(Debug, Clone, Copy)]
pub struct Look<'a> {
    /// A colour, as `#rrggbb`.
    pub accent: &'a str,
    /// The colour of text on it.
    pub on_accent: &'a str,
    /// Address of the logo, where there is one.
    pub logo: Option<&'a str>,
    /// Name of the site, as the text for the logo.
    pub name: &'a str,
}

/// The origin of an address; none of a text that a policy cannot name.
fn find_origin(address: &str) -> Option<&str> {
    let host = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"))?;
    let length = host.find(['/', '?', '#']).unwrap_or(host.len());
    let is_named =
        length > 0 && host[..length].bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:".contains(&byte));
    is_named.then(|| &address[..address.len() - host.len() + length])
}

/// A page in a language.
pub struct Page<'a> {
    /// `en` or `nl`.
    pub language: &'a str,
    /// Address of the style.
    pub style: &'a str,
    /// Address of the script.
    pub script: &'a str,
    /// Look of the site.
    pub look: Look<'a>,
    /// A text that nobody guesses, by which the policy knows the colours of the site.
    pub nonce: &'a str,
    /// A text of the package by its key.
    pub text: &'a dyn Fn(&str) -> String,
}

/// A field that is wrong, with the message for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldMessage {
    /// Name of the field in the form.
    pub field: String,
    /// The message.
    pub message: String,
}

impl Page<'_> {
    /// The form, with what was sent and what is wrong with it. `about`: title of the document that it is about.
    #[must_use]
    pub fn render_form(&self, status: u16, form: &Form, about: Option<&str>, problems: &[FieldMessage]) -> Response {
        let mut body = format!("<h1>{}</h1>", self.escaped("page.title"));
        if let Some(title) = about {
            let _ = write!(
                body,
                "<p class=\"about\">{} <strong>{}</strong></p>",
                self.escaped("page.about"),
                escape_html(title)
            );
        }
        let _ = write!(
            body,
            "<form method=\"post\" action=\"/api/desk/intake\" novalidate data-failed=\"{}\" data-busy=\"{}\">",
            self.escaped("page.failed"),
            self.escaped("page.busy"),
        );
        let summary = if problems.is_empty() { String::new() } else { self.escaped("page.problems") };
        let hidden = if problems.is_empty() { " hidden" } else { "" };
        let _ = write!(
            body,
            "<p class=\"summary\" role=\"alert\" data-text=\"{}\"{hidden}>{summary}</p>",
            self.escaped("page.problems")
        );
        for (name, kind, value, max, autocomplete) in [
            ("name", "text", &form.name, MAX_NAME, "name"),
            ("email", "email", &form.email, MAX_EMAIL, "email"),
            ("subject", "text", &form.subject, MAX_SUBJECT, "off"),
        ] {
            let control = format!(
                "<input id=\"{name}\" name=\"{name}\" type=\"{kind}\" required maxlength=\"{max}\" autocomplete=\"{autocomplete}\" value=\"{}\"",
                escape_html(value)
            );
            self.push_field(&mut body, name, &control, "", problems);
        }
        let control =
            format!("<textarea id=\"message\" name=\"message\" rows=\"8\" required maxlength=\"{MAX_MESSAGE}\"");
        // A line break right behind the tag is left out by browsers.
        self.push_field(
            &mut body,
            "message",
            &control,
            &format!("\n{}</textarea>", escape_html(&form.message)),
            problems,
        );
        let _ = write!(
            body,
            "<p class=\"trap\" aria-hidden=\"true\"><label>Website <input name=\"website\" tabindex=\"-1\" autocomplete=\"off\"></label></p>\
             <input type=\"hidden\" name=\"about\" value=\"{}\">\
             <input type=\"hidden\" name=\"locale\" value=\"{}\">\
             <input type=\"hidden\" name=\"requestId\" value=\"{}\">\
             <p><button>{}</button></p></form>",
            escape_html(&form.about),
            self.language,
            escape_html(&form.request_id),
            self.escaped("page.send"),
        );
        self.render(status, &body)
    }

    /// The thanks, with the reference.
    #[must_use]
    pub fn render_thanks(&self, status: u16, reference: &str) -> Response {
        let body = format!(
            "<h1>{}</h1><p role=\"status\">{}</p><p class=\"reference\">{} <strong>{}</strong></p>",
            self.escaped("thanks.title"),
            self.escaped("thanks.text"),
            self.escaped("thanks.reference"),
            escape_html(reference),
        );
        self.render(status, &body)
    }

    fn push_field(&self, body: &mut String, name: &str, control: &str, content: &str, problems: &[FieldMessage]) {
        let problem = problems.iter().find(|problem| problem.field == name);
        let invalid = if problem.is_some() { "true" } else { "false" };
        let message = problem.map_or_else(String::new, |problem| escape_html(&problem.message));
        let hidden = if problem.is_some() { "" } else { " hidden" };
        let _ = write!(
            body,
            "<p class=\"field\"><label for=\"{name}\">{}</label>{control} aria-invalid=\"{invalid}\" aria-describedby=\"{name}-problem\">{content}\
             <span class=\"problem\" id=\"{name}-problem\"{hidden}>{message}</span></p>",
            self.escaped(&format!("field.{name}")),
        );
    }

    fn escaped(&self, key: &str) -> String {
        escape_html(&(self.text)(key))
    }

    fn render(&self, status: u16, body: &str) -> Response {
        let Look { accent, on_accent, logo, name } = self.look;
        let shown = logo.and_then(|address| find_origin(address).map(|origin| (address, origin)));
        let logo = shown.map_or_else(String::new, |(address, _)| {
            format!("<img class=\"logo\" src=\"{}\" alt=\"{}\">", escape_html(address), escape_html(name))
        });
        let pictures = shown.map_or("'none'", |(_, origin)| origin);
        let html = format!(
            "<!doctype html><html lang=\"{}\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><meta name=\"robots\" content=\"noindex\">\
             <meta name=\"referrer\" content=\"no-referrer\"><title>{}</title>\
             <link rel=\"stylesheet\" href=\"{TYPEFACE_SHEET}\">\
             <link rel=\"stylesheet\" href=\"{}\"><style nonce=\"{}\">:root{{--accent:{accent};--on-accent:{on_accent}}}</style>\
             <script src=\"{}\" defer></script></head><body><main>{logo}{body}</main></body></html>",
            self.language,
            self.escaped("page.title"),
            escape_html(self.style),
            self.nonce,
            escape_html(self.script),
        );
        Response::bytes(status, "text/html; charset=utf-8", html.into_bytes()).header("cache-control", NO_STORE).header(
            "content-security-policy",
            &format!("{POLICY}; style-src 'self' 'nonce-{}'; img-src {pictures}", self.nonce),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cairn_plugin::Body;

    const HOSTILE: &str = "\"><script>alert('1')</script>";

    const LOOK: Look<'static> = Look { accent: "#ffd400", on_accent: "#000000", logo: None, name: "Site" };

    fn respond(look: Look<'_>, with: impl Fn(&Page<'_>) -> Response) -> Response {
        let text = |key: &str| format!("[{key}]");
        with(&Page { language: "nl", style: "/intake.css", script: "/intake.js", look, nonce: "0a1b", text: &text })
    }

    fn body_of(response: Response) -> String {
        let Body::Bytes(bytes) = response.body else { panic!("a page has a body") };
        String::from_utf8(bytes).unwrap()
    }

    fn render(with: impl Fn(&Page<'_>) -> Response) -> String {
        body_of(respond(LOOK, with))
    }

    /// The page with a logo at that address, and the page's policy.
    fn render_logo(address: &str) -> (String, String) {
        let look = Look { logo: Some(address), name: HOSTILE, ..LOOK };
        let response = respond(look, |page| page.render_thanks(200, "K7QFM-3XDWA"));
        let policy = response.headers.iter().find(|(name, _)| name == "content-security-policy").unwrap().1.clone();
        (body_of(response), policy)
    }

    #[test]
    fn nothing_that_was_sent_becomes_a_tag() {
        let form = Form {
            name: HOSTILE.into(),
            email: HOSTILE.into(),
            subject: HOSTILE.into(),
            message: format!("</textarea>{HOSTILE}"),
            about: HOSTILE.into(),
            request_id: HOSTILE.into(),
            ..Form::default()
        };
        let problems = [FieldMessage { field: "name".into(), message: HOSTILE.into() }];
        let html = render(|page| page.render_form(400, &form, Some(HOSTILE), &problems));
        assert_eq!(html.matches("<script").count(), 1, "{html}");
        assert_eq!(html.matches("</textarea>").count(), 1, "{html}");
        assert!(!html.contains("alert('1')"), "{html}");
        let html = render(|page| page.render_thanks(200, HOSTILE));
        assert_eq!(html.matches("<script").count(), 1, "{html}");
    }

    #[test]
    fn a_problem_is_told_at_its_field() {
        let problems = [FieldMessage { field: "email".into(), message: "Check this.".into() }];
        let html = render(|page| page.render_form(400, &Form::default(), None, &problems));
        assert!(html.contains("id=\"email-problem\">Check this.</span>"), "{html}");
        assert!(html.contains("id=\"name-problem\" hidden></span>"), "{html}");
        assert_eq!(html.matches("aria-invalid=\"true\"").count(), 1);
    }

    #[test]
    fn what_was_typed_is_still_there() {
        let form = Form { name: "Zoë".into(), message: "\n\none\ntwo".into(), ..Form::default() };
        let html = render(|page| page.render_form(400, &form, None, &[]));
        assert!(html.contains("value=\"Zoë\""), "{html}");
        assert!(html.contains(">\n\n\none\ntwo</textarea>"), "{html}");
        assert!(html.contains("<html lang=\"nl\">"), "{html}");
    }

    #[test]
    fn nothing_is_in_line_but_the_colours_of_the_site() {
        let html = render(|page| page.render_form(200, &Form::default(), None, &[]));
        assert!(!html.contains("style=") && html.contains("<script src="), "{html}");
        assert_eq!(html.matches("<style").count(), 1, "{html}");
        assert!(html.contains("<style nonce=\"0a1b\">:root{--accent:#ffd400;--on-accent:#000000}</style>"), "{html}");
    }

    #[test]
    fn the_policy_names_where_the_logo_is_and_nothing_else() {
        for (address, origin) in [
            ("https://site.test/uploads/logo.svg?v=1", "https://site.test"),
            ("http://localhost:1337/uploads/logo.png", "http://localhost:1337"),
        ] {
            let (html, policy) = render_logo(address);
            let logo = format!("<img class=\"logo\" src=\"{address}\" alt=\"{}\">", escape_html(HOSTILE));
            assert!(html.contains(&logo), "{html}");
            assert!(policy.ends_with(&format!("style-src 'self' 'nonce-0a1b'; img-src {origin}")), "{policy}");
        }
        for address in ["/uploads/logo.svg", "https://a b/logo.svg", "https://a;script-src *", "https://", "data:,x"] {
            let (html, policy) = render_logo(address);
            assert!(!html.contains("<img"), "{html}");
            assert!(policy.ends_with("img-src 'none'"), "{policy}");
        }
    }
}
