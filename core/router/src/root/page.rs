//! The page itself. Every text that comes from the project or its configuration goes through [`EscapedHtml`].

use super::examples::{BaseUrls, ExampleRequest};
use super::texts::PageTexts;
use cairn_http::typeface::TYPEFACE_SHEET;
use std::fmt::{self, Display, Write};

const PAGE_STYLE: &str = include_str!("style.css");

/// Strapi's own documentation of the dialect.
const REST_REFERENCE: &str = "https://docs.strapi.io/cms/api/rest";

/// A settings file with a token, and the commands that make it count.
const TOKEN_EXAMPLE: &str = r#"export TOKEN=$(openssl rand -hex 24)
echo '{ "apiTokens": [{ "name": "me", "type": "full-access", "token": "${TOKEN}" }] }' >settings.json
cairn apply settings.json --project ."#;

/// A role's permissions in a settings file.
const PERMISSIONS_EXAMPLE: &str =
    r#"{ "roles": { "public": { "permissions": { "api::article.article": ["find", "findOne"] } } } }"#;

/// A type that the public may read.
pub(super) struct PublicType<'a> {
    /// Display name of the type.
    pub(super) name: &'a str,
    /// Description of the type; may be empty.
    pub(super) description: &'a str,
    /// Requests for the reader to try.
    pub(super) requests: Vec<ExampleRequest>,
}

/// The content of the page.
pub(super) struct StartPage<'a> {
    pub(super) text: &'static PageTexts,
    /// Nonce that permits the page's own style.
    pub(super) nonce: &'a str,
    pub(super) project: &'a str,
    /// Colour of the tenant, as `#rrggbb`.
    pub(super) accent: Option<&'a str>,
    pub(super) version: &'a str,
    /// Number of types in the project, public or not.
    pub(super) types: usize,
    pub(super) components: usize,
    pub(super) base: BaseUrls,
    pub(super) public: Vec<PublicType<'a>>,
}

impl StartPage<'_> {
    /// The whole document.
    pub(super) fn to_html(&self) -> String {
        let mut out = String::with_capacity(16 * 1024);
        // Writing to a string cannot fail.
        let _ = self.write_document(&mut out);
        out
    }

    fn write_document(&self, out: &mut String) -> fmt::Result {
        let Self { text, nonce, project, .. } = self;
        write!(
            out,
            "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"robots\" content=\"noindex\">\n\
             <link rel=\"icon\" href=\"/favicon.ico\">\n<title>{} · Cairn</title>\n\
             <link rel=\"stylesheet\" href=\"{TYPEFACE_SHEET}\" nonce=\"{nonce}\">\n<style nonce=\"{nonce}\">\n{PAGE_STYLE}",
            text.lang,
            EscapedHtml(project)
        )?;
        if let Some(accent) = self.accent {
            // A line and a dot: colours of text keep their contrast, whatever the accent is.
            writeln!(
                out,
                "body {{ border-top: .4rem solid {accent}; }}\n.state::before {{ background: {accent}; }}",
                accent = EscapedHtml(accent)
            )?;
        }
        out.write_str("</style>\n</head>\n<body>\n")?;
        self.write_header(out)?;
        out.write_str("<main>\n")?;
        self.write_types(out)?;
        self.write_token_help(out)?;
        out.write_str("</main>\n")?;
        self.write_footer(out)?;
        out.write_str("</body>\n</html>\n")
    }

    fn write_header(&self, out: &mut String) -> fmt::Result {
        let text = self.text;
        write!(
            out,
            "<header>\n<h1>{}</h1>\n<p class=\"state\">{}</p>\n<dl class=\"facts\">\n",
            EscapedHtml(self.project),
            text.running
        )?;
        let fact = |out: &mut String, name, value: &dyn Display| {
            writeln!(out, "<div><dt>{name}</dt><dd>{}</dd></div>", EscapedHtml(&value.to_string()))
        };
        fact(out, text.version, &self.version)?;
        fact(out, text.content_types, &self.types)?;
        fact(out, text.components, &self.components)?;
        fact(out, text.open, &self.public.len())?;
        writeln!(
            out,
            "</dl>\n<p class=\"ways\"><a href=\"/admin\">{}</a> <a href=\"/api/openapi.html\">{}</a></p>\n</header>",
            text.open_admin, text.try_api
        )
    }

    fn write_types(&self, out: &mut String) -> fmt::Result {
        let text = self.text;
        writeln!(out, "<section aria-labelledby=\"requests\">\n<h2 id=\"requests\">{}</h2>", text.reading)?;
        if self.types == 0 {
            writeln!(out, "<p>{}</p>", WithCode(text.no_types))?;
        } else if self.public.is_empty() {
            writeln!(out, "<p>{}</p>", text.nothing_public)?;
        }
        for entry in &self.public {
            self.write_type(out, entry)?;
        }
        match self.types - self.public.len() {
            0 => {}
            1 if !self.public.is_empty() => writeln!(out, "<p>{}</p>", text.one_hidden)?,
            _ if self.public.is_empty() => {}
            n => writeln!(out, "<p>{n} {}</p>", text.many_hidden)?,
        }
        out.write_str("</section>\n")
    }

    fn write_type(&self, out: &mut String, entry: &PublicType<'_>) -> fmt::Result {
        writeln!(out, "<article>\n<h3>{}</h3>", EscapedHtml(entry.name))?;
        if !entry.description.is_empty() {
            writeln!(out, "<p>{}</p>", EscapedHtml(entry.description))?;
        }
        let (first_request, other_requests) = entry.requests.split_at(entry.requests.len().min(1));
        self.write_requests(out, first_request)?;
        if !other_requests.is_empty() {
            writeln!(out, "<details>\n<summary>{}</summary>", self.text.more)?;
            self.write_requests(out, other_requests)?;
            out.write_str("</details>\n")?;
        }
        out.write_str("</article>\n")
    }

    fn write_requests(&self, out: &mut String, requests: &[ExampleRequest]) -> fmt::Result {
        out.write_str("<ul class=\"requests\">\n")?;
        for ExampleRequest { shows, target } in requests {
            let BaseUrls { link, command } = &self.base;
            let (target, link, command) = (EscapedHtml(target), EscapedHtml(link), EscapedHtml(command));
            writeln!(
                out,
                "<li><span class=\"what\">{}</span> <a href=\"{link}{target}\"><code>GET {target}</code></a>\n\
                 <pre><code>curl -g '{command}{target}'</code></pre></li>",
                self.text.describe_example(*shows)
            )?;
        }
        out.write_str("</ul>\n")
    }

    fn write_token_help(&self, out: &mut String) -> fmt::Result {
        let text = self.text;
        let route = self.public.first().and_then(|e| e.requests.first()).map_or("/api/articles", |r| r.target.as_str());
        writeln!(
            out,
            "<section aria-labelledby=\"token\">\n<h2 id=\"token\">{}</h2>\n<p>{}</p>\n<pre><code>{}</code></pre>\n<p>{}</p>\n\
             <pre><code>curl -H \"Authorization: Bearer $TOKEN\" '{}{}'</code></pre>\n</section>",
            text.token,
            text.token_file,
            EscapedHtml(TOKEN_EXAMPLE),
            text.token_use,
            EscapedHtml(&self.base.command),
            EscapedHtml(route)
        )?;
        writeln!(
            out,
            "<section aria-labelledby=\"public\">\n<h2 id=\"public\">{}</h2>\n<p>{}</p>\n<pre><code>{}</code></pre>\n</section>",
            text.public,
            text.public_file,
            EscapedHtml(PERMISSIONS_EXAMPLE)
        )
    }

    fn write_footer(&self, out: &mut String) -> fmt::Result {
        let text = self.text;
        writeln!(
            out,
            "<footer>\n<h2>{}</h2>\n<p>{} <a href=\"{REST_REFERENCE}\" rel=\"noreferrer\">{}</a></p>\n<p>{}</p>\n<ul>\n\
             <li><code>docs/front-end-developers.md</code>: {}</li>\n<li><code>docs/operators.md</code>: {}</li>\n</ul>\n</footer>",
            text.documentation, text.dialect, text.rest_reference, text.in_repository, text.front_end, text.operators
        )
    }
}

/// Text as HTML, in an element or a quoted attribute.
struct EscapedHtml<'a>(&'a str);

impl Display for EscapedHtml<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                // Control characters are not allowed in HTML, and directional ones would reverse the text around them.
                c if c.is_control() && c != '\n' => f.write_char('\u{fffd}')?,
                '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => f.write_char('\u{fffd}')?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

/// Text of ours, with `…` around code.
struct WithCode(&'static str);

impl Display for WithCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, part) in self.0.split('`').enumerate() {
            if i % 2 == 0 {
                write!(f, "{}", EscapedHtml(part))?
            } else {
                write!(f, "<code>{}</code>", EscapedHtml(part))?
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::examples::ExampleKind;
    use super::*;

    fn page(language: &str, types: usize, public: Vec<PublicType<'_>>) -> String {
        StartPage {
            text: PageTexts::for_language(language),
            nonce: "abc",
            project: "<b>shop</b>",
            accent: Some("#a1b2c3"),
            version: "1.2.3",
            types,
            components: 4,
            base: BaseUrls::from_addresses(Some("https://x/\"><script>'"), "x"),
            public,
        }
        .to_html()
    }

    fn article() -> PublicType<'static> {
        let request = |shows, target: &str| ExampleRequest { shows, target: target.into() };
        PublicType {
            name: "<script>alert(1)</script>",
            description: "a & b \u{202e}\u{7}",
            requests: vec![
                request(ExampleKind::List, "/api/articles"),
                request(ExampleKind::Related, "/api/articles?populate=*&x=1"),
            ],
        }
    }

    #[test]
    fn text_from_schema_files_is_escaped() {
        let html = page("en", 3, vec![article()]);
        assert!(
            !html.contains("<script") && !html.contains("<b>") && !html.contains('\u{202e}') && !html.contains('\u{7}')
        );
        assert!(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
        assert!(html.contains("a &amp; b"));
        assert!(html.contains("href=\"https://x/&quot;&gt;&lt;script&gt;%27/api/articles?populate=*&amp;x=1\""));
    }

    #[test]
    fn page_loads_no_resources_and_runs_no_scripts() {
        let html = page("en", 3, vec![article()]);
        for mark in ["<script", "src=", "url(", "@import", "style=\"", "onclick", "javascript:"] {
            assert!(!html.contains(mark), "{mark}");
        }
    }

    #[test]
    fn accent_color_is_used_only_in_the_style_element() {
        let html = page("en", 3, vec![article()]);
        let style = html.split("<style nonce=\"abc\">").nth(1).and_then(|rest| rest.split("</style>").next()).unwrap();
        assert_eq!((style.matches("#a1b2c3").count(), html.matches("#a1b2c3").count()), (2, 2));
    }

    #[test]
    fn non_public_content_types_are_only_counted() {
        let hidden = |types, public| page("en", types, public);
        assert!(hidden(3, vec![article()]).contains("<p>2 more content types are not public"));
        assert!(hidden(2, vec![article()]).contains("<p>One more content type is not public"));
        assert!(!hidden(1, vec![article()]).contains("not named here"));
        assert!(hidden(2, vec![]).contains("Nothing can be read without signing in yet"));
        assert!(hidden(0, vec![]).contains("put its file into <code>content-types/</code>"));
    }

    #[test]
    fn every_element_is_closed_in_both_languages() {
        for (language, lang) in [("en", "en"), ("nl", "nl")] {
            for html in [page(language, 3, vec![article(), article()]), page(language, 0, vec![])] {
                assert!(html.starts_with(&format!("<!doctype html>\n<html lang=\"{lang}\">")));
                let mut open = Vec::new();
                for tag in html.split('<').skip(2).filter_map(|t| t.split('>').next()) {
                    let name = tag.split([' ', '\n']).next().unwrap();
                    match name.strip_prefix('/') {
                        Some(closed) => assert_eq!(open.pop(), Some(closed), "{tag}"),
                        None if ["meta", "link"].contains(&name) => {}
                        None => open.push(name),
                    }
                }
                assert_eq!(open, Vec::<&str>::new());
                for landmark in ["<header>", "<main>", "<footer>", "<h1>"] {
                    assert_eq!(html.matches(landmark).count(), 1, "{landmark}");
                }
            }
        }
    }
}
