//! Articles' texts: Markdown as HTML that is safe to show, and as plain text to search.

use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd, html};
use std::collections::{HashMap, HashSet};

/// Longest text that is rendered, in bytes: more than a content type stores.
const MAX_BYTES: usize = 256 << 10;
/// The number that is added to the levels of headings: a page has one `h1`, its title.
const HEADING_OFFSET: usize = 1;

/// Renders Markdown as HTML. Raw HTML is shown as text; links and images lead to `http:`, `https:`, `mailto:` (links only) and relative
/// addresses, others become `#`.
#[must_use]
pub fn to_html(markdown: &str) -> String {
    let mut out = String::with_capacity(markdown.len() * 3 / 2);
    html::push_html(&mut out, parse(markdown).map(make_safe));
    out
}

/// Heading in the text of an article, which an address can lead to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArticleHeading {
    /// Its level, as it is on the page: from 2.
    pub level: usize,
    /// Its name in the address.
    pub id: String,
    /// Its text.
    pub text: String,
}

/// Renders Markdown as [`to_html`] does, with names of headings that addresses can have, and lists the headings.
#[must_use]
pub fn to_page(markdown: &str) -> (String, Vec<ArticleHeading>) {
    let mut events: Vec<Event<'_>> = parse(markdown).map(make_safe).collect();
    let mut headings: Vec<ArticleHeading> = Vec::new();
    let mut names = HeadingNames::default();
    for at in 0..events.len() {
        let Event::Start(Tag::Heading { level, .. }) = &events[at] else { continue };
        let level = *level as usize;
        let inside = events[at + 1..].iter().take_while(|event| !matches!(event, Event::End(TagEnd::Heading(_))));
        let text: String = inside
            .filter_map(|event| match event {
                Event::Text(text) | Event::Code(text) => Some(text.as_ref()),
                Event::SoftBreak | Event::HardBreak => Some(" "),
                _ => None,
            })
            .collect();
        let heading = ArticleHeading { level, id: names.pick(&text), text };
        if let Event::Start(Tag::Heading { id, .. }) = &mut events[at] {
            *id = Some(heading.id.clone().into());
        }
        headings.push(heading);
    }
    let mut out = String::with_capacity(markdown.len() * 3 / 2);
    html::push_html(&mut out, events.into_iter());
    (out, headings)
}

/// Names that the headings of a page have by now.
#[derive(Default)]
struct HeadingNames {
    /// How many headings wanted a name: the next number to try for it.
    wanted: HashMap<String, usize>,
    taken: HashSet<String>,
}

impl HeadingNames {
    /// A name that no other heading of the page has. It begins unlike the names that the page has itself.
    fn pick(&mut self, text: &str) -> String {
        let base = format!("s-{}", crate::slug::from_title(text));
        let count = self.wanted.entry(base.clone()).or_default();
        loop {
            *count += 1;
            let name = if *count == 1 { base.clone() } else { format!("{base}-n{count}") };
            if self.taken.insert(name.clone()) {
                return name;
            }
        }
    }
}

/// The text without markup, in one line.
#[must_use]
pub fn to_plain_text(markdown: &str) -> String {
    let mut out = String::with_capacity(markdown.len());
    for event in parse(markdown) {
        match event {
            Event::Text(text) | Event::Code(text) => out.push_str(&text),
            Event::SoftBreak | Event::HardBreak | Event::Rule => out.push(' '),
            Event::End(end) if !is_inline(end) => out.push(' '),
            _ => {}
        }
    }
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn parse(markdown: &str) -> Parser<'_> {
    Parser::new_ext(crate::text::truncate(markdown, MAX_BYTES), Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH)
}

fn is_inline(end: TagEnd) -> bool {
    matches!(end, TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Link)
}

fn make_safe(event: Event<'_>) -> Event<'_> {
    match event {
        // The writer escapes texts.
        Event::Html(raw) | Event::InlineHtml(raw) => Event::Text(raw),
        Event::Start(Tag::HtmlBlock) => Event::Start(Tag::Paragraph),
        Event::End(TagEnd::HtmlBlock) => Event::End(TagEnd::Paragraph),
        Event::Start(tag) => Event::Start(make_tag_safe(tag)),
        Event::End(TagEnd::Heading(level)) => Event::End(TagEnd::Heading(lower_heading(level))),
        other => other,
    }
}

fn make_tag_safe(tag: Tag<'_>) -> Tag<'_> {
    match tag {
        Tag::Link { link_type, dest_url, title, id } => {
            Tag::Link { link_type, dest_url: safe_address(dest_url, &["http", "https", "mailto"]), title, id }
        }
        Tag::Image { link_type, dest_url, title, id } => {
            Tag::Image { link_type, dest_url: safe_address(dest_url, &["http", "https"]), title, id }
        }
        Tag::Heading { level, .. } => {
            Tag::Heading { level: lower_heading(level), id: None, classes: Vec::new(), attrs: Vec::new() }
        }
        other => other,
    }
}

fn lower_heading(level: pulldown_cmark::HeadingLevel) -> pulldown_cmark::HeadingLevel {
    pulldown_cmark::HeadingLevel::try_from(level as usize + HEADING_OFFSET).unwrap_or(pulldown_cmark::HeadingLevel::H6)
}

/// The address, where it has one of these schemes or none; else `#`. Browsers leave out spaces and control characters, so an address
/// that has any is none of these.
fn safe_address<'a>(address: CowStr<'a>, schemes: &[&str]) -> CowStr<'a> {
    let is_clean = !address.chars().any(|c| c.is_control() || c.is_whitespace());
    // Up to the first of these there is a scheme, or none at all.
    let scheme =
        address.find([':', '/', '?', '#']).filter(|&at| address[at..].starts_with(':')).map(|at| &address[..at]);
    let fits = match scheme {
        Some(scheme) => schemes.iter().any(|known| known.eq_ignore_ascii_case(scheme)),
        None => true,
    };
    if is_clean && fits { address } else { CowStr::Borrowed("#") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_becomes_html_below_the_title() {
        assert_eq!(
            to_html("# A\n\ntext *b* **c** `d`"),
            "<h2>A</h2>\n<p>text <em>b</em> <strong>c</strong> <code>d</code></p>\n"
        );
        assert_eq!(to_html("###### A"), "<h6>A</h6>\n");
        assert!(to_html("| a | b |\n|---|---|\n| 1 | 2 |").contains("<table>"));
        assert!(to_html("1. a\n2. b").contains("<ol>"));
        assert_eq!(to_html(""), "");
    }

    #[test]
    fn headings_have_names_of_their_own() {
        let (html, headings) = to_page("# Hoe *betaal* je?\n\ntext\n\n## Stap\n\n## Stap\n\n## <b>&\n");
        assert!(html.starts_with("<h2 id=\"s-hoe-betaal-je\">Hoe <em>betaal</em> je?</h2>"), "{html}");
        let ids: Vec<&str> = headings.iter().map(|heading| heading.id.as_str()).collect();
        assert_eq!(ids[..3], ["s-hoe-betaal-je", "s-stap", "s-stap-n2"]);
        assert!(ids.iter().enumerate().all(|(at, id)| !ids[..at].contains(id)), "{ids:?}");
        assert_eq!((headings[0].level, headings[0].text.as_str(), headings[1].level), (2, "Hoe betaal je?", 3));
        assert!(!html.contains("<b>"), "{html}");
    }

    #[test]
    fn no_two_headings_have_one_name() {
        let (_, headings) = to_page(
            "# Stap n2\n\n# Stap\n\n# Stap\n\n# Stap n2\n\n# Stap n2 n2\n\n# Stappen\n\n# Stap\n\n# 😀\n\n# !\n",
        );
        let ids: HashSet<&str> = headings.iter().map(|heading| heading.id.as_str()).collect();
        assert_eq!(ids.len(), 9, "{headings:?}");
        // Names of other headings do not change this one.
        assert_eq!(headings[5].id, "s-stappen");
        // Time per heading does not grow with the number of equal headings.
        let many = "# Stap\n\n".repeat(6_000);
        let (_, headings) = to_page(&many);
        assert_eq!(headings.last().unwrap().id, "s-stap-n6000");
    }

    #[test]
    fn raw_html_is_shown_and_never_run() {
        for text in [
            "<script>alert(1)</script>",
            "a <img src=x onerror=alert(1)> b",
            "<div><p onclick=\"x()\"><b>nested</b></p></div>",
            "<iframe src=\"https://evil.example\"></iframe>",
            "<!-- c --><svg onload=alert(1)>",
            "<style>*{display:none}</style>",
            "> <details open ontoggle=alert(1)>",
            "<a href=\"javascript:alert(1)\">x</a>",
        ] {
            let html = to_html(text);
            for tag in ["<script", "<img", "<div", "<b>", "<iframe", "<svg", "<style", "<details", "<a ", "<!--"] {
                assert!(!html.contains(tag), "{text}: {html}");
            }
            assert!(html.contains("&lt;"), "{text}: {html}");
        }
    }

    #[test]
    fn links_lead_to_pages_and_mail_only() {
        for address in [
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "file:///etc/passwd",
            "java&#10;script:alert(1)",
            "&#x6a;avascript:alert(1)",
            "blob:https://a/b",
        ] {
            for text in [
                format!("[x]({address})"),
                format!("[x](<{address}>)"),
                format!("[x][1]\n\n[1]: {address}"),
                format!("![x]({address})"),
            ] {
                let html = to_html(&text);
                assert!(
                    !html.contains("href=\"j") && !html.to_lowercase().contains("script:alert(1)\""),
                    "{text}: {html}"
                );
                assert!(
                    !html.contains("=\"data:")
                        && !html.contains("=\"file:")
                        && !html.contains("=\"vb")
                        && !html.contains("=\"blob:"),
                    "{text}: {html}"
                );
            }
        }
        for address in [
            "https://example.com/a?b=c#d",
            "http://example.com",
            "mailto:a@example.com",
            "/api/kb/help/x",
            "x",
            "?q=1",
            "#top",
            "//example.com/x",
            "a/b:c",
        ] {
            assert!(
                to_html(&format!("[x]({address})")).contains(&format!("href=\"{address}\"")),
                "{address}: {}",
                to_html(&format!("[x]({address})"))
            );
        }
        assert!(to_html("<javascript:alert(1)>").contains("href=\"#\""));
        assert!(to_html("![x](mailto:a@b.nl)").contains("src=\"#\""));
    }

    #[test]
    fn attributes_cannot_be_left() {
        let html = to_html(
            "[x](https://a.example/\"onclick=alert(1) \"t\\\" onmouseover=\\\"y\")\n\n![\"><script>](https://a.example/i)",
        );
        assert!(!html.contains("<script") && !html.contains("\" onmouseover"), "{html}");
    }

    #[test]
    fn huge_and_deep_texts_end() {
        for text in [
            "a".repeat(1 << 20),
            "> ".repeat(20_000),
            "[".repeat(50_000),
            "*a ".repeat(50_000),
            "- ".repeat(20_000),
            "<".repeat(100_000),
            "`".repeat(100_000),
        ] {
            assert!(to_html(&text).len() < 16 << 20);
            assert!(to_plain_text(&text).len() <= 1 << 20);
        }
    }

    #[test]
    fn the_plain_text_is_what_a_reader_sees() {
        assert_eq!(
            to_plain_text("# A\n\ntext *b* **c**\n[d](https://e)\n\n- f\n- g\n\n| h | i |\n|-|-|\n| j | k |"),
            "A text b c d f g h i j k"
        );
        assert_eq!(to_plain_text("onder**houd** ![foto](x)"), "onderhoud foto");
        assert_eq!(to_plain_text("<b>x</b>"), "x");
    }
}
