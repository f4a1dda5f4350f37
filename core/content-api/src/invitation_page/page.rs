//! The page itself. Every text that is not ours is escaped.

use super::texts::PageTexts;
use axum::body::Body;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue, REFERRER_POLICY,
    RETRY_AFTER, VARY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{Response, StatusCode};
use cairn_http::typeface::TYPEFACE_SHEET;
use std::fmt::{self, Write};

const STYLE: &str = include_str!("style.css");

/// Why a password was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PasswordProblem {
    TooShort,
    /// Too long.
    NotAcceptable,
    /// The repetition differs.
    Different,
}

/// Content of the page.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum PageContent {
    /// The form for a password.
    Password { code: String, min_chars: usize, problem: Option<PasswordProblem> },
    /// The form for another link; after a link that is not valid, or after an address that is none.
    Request { expired: bool, wrong_address: Option<String> },
    /// Another link was asked for.
    Requested,
    /// The password is set; `site`: where the user goes on.
    Done { site: Option<String> },
    /// Too many attempts.
    TooMany { retry_after_s: u64 },
}

/// The page for one request.
pub(super) struct InvitationPage<'a> {
    pub(super) texts: &'static PageTexts,
    /// Display name of the site.
    pub(super) site: &'a str,
    /// Colour of the tenant, as `#rrggbb`.
    pub(super) accent: Option<&'a str>,
    pub(super) content: &'a PageContent,
    /// False: the page has no form for another link.
    pub(super) may_request: bool,
}

impl InvitationPage<'_> {
    /// The response with its headers.
    pub(super) fn to_response(&self, status: StatusCode) -> Response<Body> {
        let nonce = format!("{:032x}", rand::random::<u128>());
        let mut html = String::with_capacity(4 * 1024);
        // Writing to a string cannot fail.
        let _ = self.write_document(&mut html, &nonce);
        let policy = format!(
            "default-src 'none'; style-src 'nonce-{nonce}'; font-src 'self'; img-src data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
        );
        let mut response = Response::new(Body::from(html));
        *response.status_mut() = status;
        let fixed = HeaderValue::from_static;
        response.headers_mut().extend([
            (CONTENT_TYPE, fixed("text/html; charset=utf-8")),
            (CONTENT_SECURITY_POLICY, HeaderValue::try_from(policy).unwrap_or_else(|_| fixed("default-src 'none'"))),
            (CONTENT_LANGUAGE, fixed(self.texts.lang)),
            (VARY, fixed("Accept-Language")),
            // The address of the page has the code, and is nobody else's business.
            (CACHE_CONTROL, fixed("no-store")),
            (REFERRER_POLICY, fixed("no-referrer")),
            (X_CONTENT_TYPE_OPTIONS, fixed("nosniff")),
            (HeaderName::from_static("x-frame-options"), fixed("DENY")),
        ]);
        if let PageContent::TooMany { retry_after_s } = self.content {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(*retry_after_s));
        }
        response
    }

    /// The heading, and whether it follows a mistake, which the title says first.
    fn title(&self) -> (&'static str, bool) {
        let texts = self.texts;
        match self.content {
            PageContent::Password { problem, .. } => (texts.choose, problem.is_some()),
            PageContent::Request { expired: true, .. } => (texts.expired, false),
            PageContent::Request { wrong_address, .. } => (texts.request, wrong_address.is_some()),
            PageContent::Requested => (texts.requested, false),
            PageContent::Done { .. } => (texts.done, false),
            PageContent::TooMany { .. } => (texts.too_many, false),
        }
    }

    fn write_document(&self, out: &mut String, nonce: &str) -> fmt::Result {
        let (title, is_error) = self.title();
        write!(
            out,
            "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"robots\" content=\"noindex\">\n\
             <link rel=\"icon\" href=\"data:,\">\n<title>",
            self.texts.lang
        )?;
        if is_error {
            write!(out, "{}: ", self.texts.error)?;
        }
        write!(out, "{title} · ")?;
        push_escaped(out, self.site);
        write!(
            out,
            "</title>\n<link rel=\"stylesheet\" href=\"{TYPEFACE_SHEET}\" nonce=\"{nonce}\">\n<style nonce=\"{nonce}\">\n{STYLE}"
        )?;
        if let Some(accent) = self.accent {
            // A line alone: colours of text keep their contrast, whatever the accent is.
            out.push_str("body { border-top: .4rem solid ");
            push_escaped(out, accent);
            out.push_str("; }\n");
        }
        out.push_str("</style>\n</head>\n<body>\n<main>\n<p class=\"site\">");
        push_escaped(out, self.site);
        writeln!(out, "</p>\n<h1>{title}</h1>")?;
        self.write_content(out)?;
        out.push_str("</main>\n</body>\n</html>\n");
        Ok(())
    }

    fn write_content(&self, out: &mut String) -> fmt::Result {
        let texts = self.texts;
        match self.content {
            PageContent::Password { code, min_chars, problem } => {
                self.write_password_form(out, code, *min_chars, *problem)
            }
            PageContent::Request { expired, wrong_address } => {
                if !self.may_request {
                    return writeln!(out, "<p>{}</p>", texts.no_request_explained);
                }
                let explained = if *expired { texts.expired_explained } else { texts.request_explained };
                writeln!(out, "<p>{explained}</p>")?;
                self.write_request_form(out, wrong_address.as_deref())
            }
            PageContent::Requested => writeln!(out, "<p>{}</p>", texts.requested_explained),
            PageContent::Done { site } => {
                writeln!(out, "<p>{}</p>", texts.done_explained)?;
                if let Some(site) = site {
                    out.push_str("<p><a class=\"button\" href=\"");
                    push_escaped(out, site);
                    writeln!(out, "\">{}</a></p>", texts.to_site)?;
                }
                Ok(())
            }
            PageContent::TooMany { retry_after_s } => match retry_after_s.div_ceil(60) {
                0 | 1 => writeln!(out, "<p>{}</p>", texts.too_many_soon),
                minutes => {
                    let (before, after) = texts.too_many_minutes;
                    writeln!(out, "<p>{before}{minutes}{after}</p>")
                }
            },
        }
    }

    fn write_password_form(
        &self,
        out: &mut String,
        code: &str,
        min_chars: usize,
        problem: Option<PasswordProblem>,
    ) -> fmt::Result {
        let texts = self.texts;
        writeln!(out, "<p>{}</p>\n<form method=\"post\" action=\"/invitation\">", texts.choose_explained)?;
        out.push_str("<input type=\"hidden\" name=\"code\" value=\"");
        push_escaped(out, code);
        out.push_str("\">\n");
        let mark = if problem.is_some() {
            out.push_str("<p class=\"problem\" id=\"problem\" role=\"alert\">");
            match problem {
                Some(PasswordProblem::TooShort) => {
                    let (before, after) = texts.too_short;
                    write!(out, "{before}{min_chars}{after}")?;
                }
                Some(PasswordProblem::NotAcceptable) => out.push_str(texts.not_acceptable),
                Some(PasswordProblem::Different) | None => out.push_str(texts.different),
            }
            out.push_str("</p>\n");
            ("problem hint", " aria-invalid=\"true\" autofocus")
        } else {
            ("hint", "")
        };
        let (described_by, invalid) = mark;
        let (before, after) = texts.hint;
        writeln!(
            out,
            "<label for=\"password\">{}</label>\n<p class=\"hint\" id=\"hint\">{before}{min_chars}{after}</p>\n\
             <input id=\"password\" name=\"password\" type=\"password\" autocomplete=\"new-password\" required \
             minlength=\"{min_chars}\" aria-describedby=\"{described_by}\"{invalid}>\n\
             <label for=\"again\">{}</label>\n\
             <input id=\"again\" name=\"passwordConfirmation\" type=\"password\" autocomplete=\"new-password\" required>\n\
             <button>{}</button>\n</form>",
            texts.password, texts.again, texts.save
        )
    }

    fn write_request_form(&self, out: &mut String, wrong_address: Option<&str>) -> fmt::Result {
        let texts = self.texts;
        out.push_str("<form method=\"post\" action=\"/invitation\">\n");
        if wrong_address.is_some() {
            writeln!(out, "<p class=\"problem\" id=\"problem\" role=\"alert\">{}</p>", texts.wrong_address)?;
        }
        write!(
            out,
            "<label for=\"email\">{}</label>\n<input id=\"email\" name=\"email\" type=\"email\" autocomplete=\"email\" required",
            texts.email
        )?;
        if let Some(address) = wrong_address {
            out.push_str(" aria-describedby=\"problem\" aria-invalid=\"true\" autofocus value=\"");
            push_escaped(out, address);
            out.push('"');
        }
        writeln!(out, ">\n<button>{}</button>\n</form>", texts.send)
    }
}

/// Adds a text, also to a quoted attribute.
fn push_escaped(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // Control characters are not allowed in HTML; marks of direction could turn the text around them the other way.
            c if c.is_control() => out.push('\u{fffd}'),
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render(language: &str, content: &PageContent) -> String {
        let page = InvitationPage {
            texts: PageTexts::for_language(language),
            site: "A <b> & \u{202e}co",
            accent: Some("#1f4b99"),
            content,
            may_request: true,
        };
        let mut html = String::new();
        page.write_document(&mut html, "n").unwrap();
        html
    }

    #[test]
    fn foreign_texts_are_escaped() {
        let code = "\"><script>alert(1)</script>".to_owned();
        let html = render("nl", &PageContent::Password { code, min_chars: 8, problem: None });
        assert!(!html.contains("<script>") && !html.contains("<b>") && !html.contains('\u{202e}'), "{html}");
        assert!(html.contains("value=\"&quot;&gt;&lt;script&gt;"), "{html}");
        let address = Some("'\"<x>".to_owned());
        let html = render("en", &PageContent::Request { expired: false, wrong_address: address });
        assert!(html.contains("value=\"&#39;&quot;&lt;x&gt;\""), "{html}");
        let html = render("en", &PageContent::Done { site: Some("https://x.example/?a=\"b".to_owned()) });
        assert!(html.contains("href=\"https://x.example/?a=&quot;b\""), "{html}");
    }

    #[test]
    fn problems_are_tied_to_their_fields_and_begin_the_title() {
        let short = PageContent::Password { code: "c".into(), min_chars: 8, problem: Some(PasswordProblem::TooShort) };
        let html = render("nl-BE", &short);
        for part in [
            "<html lang=\"nl\">",
            "<title>Fout: Kies je wachtwoord",
            "role=\"alert\">Dit wachtwoord is te kort: kies er een van minstens 8 tekens.</p>",
            "aria-describedby=\"problem hint\" aria-invalid=\"true\"",
            "minlength=\"8\"",
        ] {
            assert!(html.contains(part), "{part} in {html}");
        }
        let html = render("de", &PageContent::TooMany { retry_after_s: 61 });
        assert!(html.contains("Try again in 2 minutes."), "{html}");
    }

    #[test]
    fn texts_have_no_markup() {
        for language in ["en", "nl"] {
            let texts = PageTexts::for_language(language);
            let all = [
                texts.choose_explained,
                texts.not_acceptable,
                texts.expired_explained,
                texts.request_explained,
                texts.no_request_explained,
                texts.requested_explained,
                texts.done_explained,
            ];
            assert!(all.iter().all(|text| !text.contains(['<', '>', '&', '"', '\n'])), "{language}");
        }
    }
}
