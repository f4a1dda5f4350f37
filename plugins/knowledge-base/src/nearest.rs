//! Words and articles near to a search that finds nothing, and to an article.

use crate::audience::VisibleSpaces;
use crate::model::{Article, Language};
use crate::parameters::SearchParameters;
use crate::search::{Found, IndexedArticle, articles};
use crate::text::split_list;
use cairn_plugin::search::{Hit, Tolerance};
use cairn_plugin::{Result, Row};
use serde::Serialize;

/// Most words and most articles.
const MAX_NEAREST: usize = 5;
/// Words of a text for which something near is looked for.
const MAX_WORDS: usize = 3;
/// Shortest word that another can be near to, and shortest beginning that they share, in characters.
const MIN_WORD_CHARS: usize = 4;
const MIN_SHARED_CHARS: usize = 4;

/// An article to go to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct ArticleLink {
    /// Its title.
    pub(crate) title: String,
    /// Its name in addresses.
    pub(crate) slug: String,
    /// The key of its space.
    pub(crate) space: String,
}

/// Words and articles near to a search in vain.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Nearest {
    /// Words of titles.
    pub(crate) words: Vec<String>,
    /// Articles that have such words.
    pub(crate) articles: Vec<ArticleLink>,
}

/// Words and articles that begin like the words of a search that found nothing. `None` where it found something, or was none.
///
/// # Errors
/// What the host says.
pub(crate) fn find_nearest(
    parameters: &SearchParameters,
    found: &Found,
    spaces: &VisibleSpaces,
) -> Result<Option<Nearest>> {
    let ids = spaces.ids(parameters.space.as_deref());
    if found.total > 0 || parameters.text.is_empty() || ids.is_empty() {
        return Ok(None);
    }
    let audience = spaces.groups().search_audience(&ids);
    let mut nearest = Nearest::default();
    for start in list_starts(&parameters.text) {
        let search = articles(&start, found.language, &audience).highlight("title").unfinished();
        let limit = u32::try_from(MAX_NEAREST).unwrap_or(u32::MAX);
        for hit in search.tolerance(Tolerance::Off).page(0, limit).run::<IndexedArticle>()?.hits {
            let marked =
                hit.highlights.iter().filter(|(field, _)| field == "title").flat_map(|(_, html)| list_marked(html));
            for word in marked {
                if nearest.words.len() < MAX_NEAREST && !nearest.words.contains(&word) {
                    nearest.words.push(word);
                }
            }
            let link = to_link(hit, spaces).filter(|link| !nearest.articles.contains(link));
            nearest.articles.extend(link.filter(|_| nearest.articles.len() < MAX_NEAREST));
        }
    }
    Ok(Some(nearest))
}

/// Articles that have most in common with one: the words of its title and its tags.
///
/// # Errors
/// What the host says.
pub(crate) fn find_related(
    article: &Row<Article>,
    language: Language,
    spaces: &VisibleSpaces,
) -> Result<Vec<ArticleLink>> {
    let ids = spaces.ids(None);
    let tags = split_list(&article.tags).collect::<Vec<_>>().join(" ");
    let text = crate::text::clean_query(&format!("{tags} {}", article.title));
    if ids.is_empty() || text.is_empty() {
        return Ok(Vec::new());
    }
    let search = articles(&text, article.language.unwrap_or(language), &spaces.groups().search_audience(&ids));
    let limit = u32::try_from(MAX_NEAREST + 1).unwrap_or(u32::MAX);
    let hits = search.tolerance(Tolerance::Off).page(0, limit).run::<IndexedArticle>()?.hits;
    let others = hits.into_iter().filter(|hit| hit.id != article.document_id);
    Ok(others.filter_map(|hit| to_link(hit, spaces)).take(MAX_NEAREST).collect())
}

fn to_link(hit: Hit<IndexedArticle>, spaces: &VisibleSpaces) -> Option<ArticleLink> {
    let space = spaces.by_id(&hit.document.space)?.key.clone();
    Some(ArticleLink { title: hit.document.title, slug: hit.document.slug, space })
}

/// The beginnings of the words of a text: more than half of each.
fn list_starts(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().count() >= MIN_WORD_CHARS);
    let start = |word: &str| {
        let chars = word.chars().count();
        word.chars().take((chars * 3 / 5).max(MIN_SHARED_CHARS)).collect::<String>().to_lowercase()
    };
    words.map(start).take(MAX_WORDS).collect()
}

/// The marked words of a passage, as text.
fn list_marked(html: &str) -> Vec<String> {
    let marked = html.split("<mark>").skip(1).filter_map(|part| part.split_once("</mark>"));
    marked.map(|(word, _)| word.to_lowercase()).filter(|word| word.chars().all(char::is_alphanumeric)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_half_of_a_word_is_looked_for() {
        assert_eq!(list_starts("Zonnepanelen op het dak"), ["zonnepa"]);
        assert_eq!(list_starts("kast, stoel & bank: tafels"), ["kast", "stoe", "bank"]);
        assert_eq!(list_starts("é op"), Vec::<String>::new());
    }

    #[test]
    fn marked_words_are_texts() {
        assert_eq!(list_marked("De <mark>Zon</mark> &amp; <mark>zonnepark</mark>"), ["zon", "zonnepark"]);
        assert_eq!(list_marked("<mark>a&lt;b</mark>"), Vec::<String>::new());
    }
}
