//! Ways on from an article and from a search in vain: where somebody is, which headings a page has, and other articles.

use super::page::Page;
use super::{article_address, home_address, search_address};
use crate::html::encode_query;
use crate::markdown::ArticleHeading;
use crate::model::{Article, Space};
use crate::nearest::{ArticleLink, Nearest};
use cairn_plugin_pages::escape_html;
use std::fmt::Write as _;

/// Headings from which on an article has a table of contents.
const MIN_HEADINGS: usize = 3;

/// The way from the first page to an article. `space`: where there are several.
pub(super) fn push_breadcrumb(page: &mut Page, article: &Article, space: Option<&Space>) {
    let home = home_address(page.language);
    let mut links = vec![(home.clone(), page.text("help.title"))];
    let of_space = space.map(|space| format!("{home}&space={}", encode_query(&space.key)));
    if let Some((address, space)) = of_space.clone().zip(space) {
        links.push((address, escape_html(&space.title)));
    }
    if let Some(section) = &article.section {
        let address = format!("{}#{}", of_space.unwrap_or(home), section_anchor(&section.document_id));
        links.push((address, escape_html(&section.title)));
    }
    let _ = write!(page.main, "<nav class=\"breadcrumb\" aria-label=\"{}\"><ol>", page.text("help.breadcrumb"));
    for (address, title) in links {
        let _ = write!(page.main, "<li><a href=\"{}\">{title}</a></li>", escape_html(&address));
    }
    let _ = write!(page.main, "<li aria-current=\"page\">{}</li></ol></nav>", escape_html(&article.title));
}

/// The headings of an article, as links, where there are some.
pub(super) fn push_contents(page: &mut Page, headings: &[ArticleHeading]) {
    if headings.len() < MIN_HEADINGS {
        return;
    }
    let label = page.text("help.contents");
    let _ =
        write!(page.main, "<nav class=\"contents\" aria-labelledby=\"contents\"><h2 id=\"contents\">{label}</h2><ul>");
    for heading in headings {
        let class = if heading.level > 2 { " class=\"deeper\"" } else { "" };
        let _ = write!(page.main, "<li{class}><a href=\"#{}\">{}</a></li>", heading.id, escape_html(&heading.text));
    }
    page.main.push_str("</ul></nav>");
}

/// Other articles on the subject of one.
pub(super) fn push_related(page: &mut Page, articles: &[ArticleLink]) {
    push_links(page, "related", "help.related", articles);
}

/// Words and articles near to a search that found nothing.
pub(super) fn push_nearest(page: &mut Page, nearest: &Nearest) {
    if !nearest.words.is_empty() {
        let _ = write!(page.main, "<p>{}", page.text("help.nearestWords"));
        for (at, word) in nearest.words.iter().enumerate() {
            let address = search_address(word, page.language, 1);
            let comma = if at > 0 { "," } else { "" };
            let _ = write!(page.main, "{comma} <a href=\"{}\">{}</a>", escape_html(&address), escape_html(word));
        }
        page.main.push_str("</p>");
    }
    push_links(page, "nearest", "help.nearest", &nearest.articles);
}

fn push_links(page: &mut Page, id: &str, key: &str, articles: &[ArticleLink]) {
    if articles.is_empty() {
        return;
    }
    let _ = write!(page.main, "<section aria-labelledby=\"{id}\"><h2 id=\"{id}\">{}</h2><ul>", page.text(key));
    for article in articles {
        let address = article_address(&article.slug, &article.space, page.language);
        let _ = write!(page.main, "<li><a href=\"{}\">{}</a></li>", escape_html(&address), escape_html(&article.title));
    }
    page.main.push_str("</ul></section>");
}

/// The place of a section on the first page.
pub(super) fn section_anchor(id: &str) -> String {
    format!("section-{}", encode_query(id))
}
