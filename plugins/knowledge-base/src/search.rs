//! Searching articles, and suggesting them while somebody types.

use crate::audience::VisibleSpaces;
use crate::html::complete_passage;
use crate::index::INDEX;
use crate::model::{Article, Language, Settings};
use crate::parameters::SearchParameters;
use crate::pins::{divide_page, find_pinned, pinned_filter};
use crate::text::shorten;
use cairn_plugin::search::{self, Hit as IndexHit, Search};
use cairn_plugin::{Result, Row};
use cairn_plugin_pages::escape_html;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Suggestions while somebody types.
const MAX_SUGGESTIONS: u32 = 8;
/// Longest excerpt that stands in for a passage with matches, in characters.
const SNIPPET_CHARS: usize = 240;

/// An article that was found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Hit {
    /// Its title.
    pub(crate) title: String,
    /// Its name in addresses.
    pub(crate) slug: String,
    /// The key of its space.
    pub(crate) space: String,
    /// Its kind.
    pub(crate) kind: String,
    /// The language that it is in.
    pub(crate) locale: Language,
    /// The passage that matches best, or its excerpt: HTML, escaped, with `mark` around matches.
    pub(crate) snippet: String,
    /// Fields with passages of them, as HTML of the same form.
    pub(crate) highlights: BTreeMap<String, String>,
    /// How well it fits, among those of one search; 0 for a pinned article without the words of the text.
    pub(crate) score: f64,
    /// True if an editor put it first.
    pub(crate) pinned: bool,
}

/// Results of a search.
#[derive(Debug)]
pub(crate) struct Found {
    /// The hits of the page.
    pub(crate) hits: Vec<Hit>,
    /// All hits.
    pub(crate) total: u64,
    /// A better spelling of the text, where there is one.
    pub(crate) suggestion: Option<String>,
    /// The language that was searched.
    pub(crate) language: Language,
}

/// Fields of an entry that the index returns.
#[derive(Debug, Deserialize)]
pub(crate) struct IndexedArticle {
    /// Its title.
    pub(crate) title: String,
    /// Its name in addresses.
    pub(crate) slug: String,
    /// The id of its space.
    pub(crate) space: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    excerpt: String,
}

/// The language of a search: that of the request, of the space that it names, or the default.
fn search_language(
    wanted: Option<Language>,
    space: Option<&str>,
    spaces: &VisibleSpaces,
    settings: &Settings,
) -> Language {
    let of_space = || spaces.by_key(space?).map(|space| space.default_language);
    wanted.or_else(of_space).unwrap_or(settings.default_language)
}

/// Searches the articles of the caller's spaces; without a text, the promoted ones.
///
/// # Errors
/// What the host says: `Unavailable` while the index is being built.
pub(crate) fn find_hits(parameters: &SearchParameters, spaces: &VisibleSpaces, settings: &Settings) -> Result<Found> {
    let language = search_language(parameters.language, parameters.space.as_deref(), spaces, settings);
    let ids = spaces.ids(parameters.space.as_deref());
    if ids.is_empty() {
        return Ok(Found { hits: Vec::new(), total: 0, suggestion: None, language });
    }
    let mut filter = Map::new();
    let equal = [("kind", &parameters.kind), ("tags", &parameters.tag), ("phases", &parameters.phase)];
    for (field, value) in equal {
        if let Some(value) = value {
            filter.insert(field.to_owned(), json!({ "$eq": value }));
        }
    }
    if parameters.text.is_empty() {
        filter.insert("promoted".to_owned(), json!({ "$eq": true }));
    }
    let audience = spaces.groups().search_audience(&ids);
    let pinned = find_pinned(parameters, language, &ids, spaces.groups())?;
    let page = divide_page(parameters.start(), parameters.page_size, pinned.len());
    let mut hits = match &pinned[page.pinned] {
        [] => Vec::new(),
        shown => pinned_hits(parameters, language, &audience, shown, spaces)?,
    };
    if !pinned.is_empty() {
        filter.insert("$not".to_owned(), pinned_filter(&pinned));
    }
    let mut search = detailed(&parameters.text, language, &audience).page(page.start, page.limit);
    if !filter.is_empty() {
        search = search.filter(&Value::Object(filter));
    }
    if parameters.text.is_empty() {
        search = search.sort("at:desc");
    }
    let results = search.run::<IndexedArticle>()?;
    hits.extend(results.hits.into_iter().filter_map(|hit| to_hit(hit, language, spaces)));
    let total = results.total + pinned.len() as u64;
    Ok(Found { hits, total, suggestion: results.suggestion, language })
}

/// Pinned articles as hits, in their order: with marks where they have the words of the text.
fn pinned_hits(
    parameters: &SearchParameters,
    language: Language,
    audience: &[String],
    pinned: &[Row<Article>],
    spaces: &VisibleSpaces,
) -> Result<Vec<Hit>> {
    let search = detailed(&parameters.text, language, audience).filter(&pinned_filter(pinned));
    let mut matching = search.page(0, u32::try_from(pinned.len()).unwrap_or(u32::MAX)).run::<IndexedArticle>()?.hits;
    let hit = |article: &Row<Article>| {
        let found = matching.iter().position(|hit| hit.id == article.document_id).map(|at| matching.swap_remove(at));
        let hit = found.map_or_else(|| plain_hit(article), Some)?;
        to_hit(hit, language, spaces).map(|hit| Hit { pinned: true, ..hit })
    };
    Ok(pinned.iter().filter_map(hit).collect())
}

/// An article as the index would return it, without any match.
fn plain_hit(article: &Row<Article>) -> Option<IndexHit<IndexedArticle>> {
    let document = IndexedArticle {
        title: article.title.clone(),
        slug: article.slug.clone(),
        space: article.space.as_ref()?.document_id.clone(),
        kind: article.kind.clone(),
        excerpt: article.excerpt.clone(),
    };
    Some(IndexHit { id: article.document_id.clone(), score: 0.0, document, highlights: Vec::new() })
}

/// An article whose title, or text, begins with what was typed.
#[derive(Debug, Serialize)]
pub(crate) struct Suggestion {
    title: String,
    slug: String,
    space: String,
    /// The title as HTML, escaped, with `mark` around matches.
    highlight: String,
}

/// Suggests articles for an unfinished text; none for an empty one.
///
/// # Errors
/// What the host says.
pub(crate) fn find_suggestions(
    parameters: &SearchParameters,
    spaces: &VisibleSpaces,
    settings: &Settings,
) -> Result<Vec<Suggestion>> {
    let language = search_language(parameters.language, parameters.space.as_deref(), spaces, settings);
    let ids = spaces.ids(parameters.space.as_deref());
    if ids.is_empty() || parameters.text.is_empty() {
        return Ok(Vec::new());
    }
    let audience = spaces.groups().search_audience(&ids);
    let search = articles(&parameters.text, language, &audience).field("kind").highlight("title").unfinished();
    let results = search.page(0, MAX_SUGGESTIONS).run::<IndexedArticle>()?;
    let suggestion = |hit: IndexHit<IndexedArticle>| {
        let space = spaces.by_id(&hit.document.space)?.key.clone();
        let marked = hit.highlights.into_iter().find(|(field, _)| field == "title").map(|(_, html)| html);
        let IndexedArticle { title, slug, .. } = hit.document;
        let highlight = marked.map_or_else(|| escape_html(&title), |passage| complete_passage(&title, &passage));
        Some(Suggestion { title, slug, space, highlight })
    };
    Ok(results.hits.into_iter().filter_map(suggestion).collect())
}

/// A search for all that a hit has.
fn detailed(text: &str, language: Language, audience: &[String]) -> Search {
    let search = articles(text, language, audience).field("kind").field("excerpt");
    search.highlight("title").highlight("excerpt").highlight("body")
}

/// A search for what every list of articles shows.
pub(crate) fn articles(text: &str, language: Language, audience: &[String]) -> Search {
    search::search(INDEX, text)
        .locale(language.as_str())
        .audience(audience.iter().cloned())
        .field("title")
        .field("slug")
        .field("space")
}

fn to_hit(hit: IndexHit<IndexedArticle>, locale: Language, spaces: &VisibleSpaces) -> Option<Hit> {
    let IndexedArticle { title, slug, space, kind, excerpt } = hit.document;
    // A hit in a space that stopped being visible between the two reads is left out.
    let space = spaces.by_id(&space)?.key.clone();
    let mut highlights: BTreeMap<String, String> = BTreeMap::new();
    for (field, html) in hit.highlights {
        let html = if field == "title" { complete_passage(&title, &html) } else { html };
        highlights.entry(field).or_insert(html);
    }
    let marked =
        ["body", "excerpt"].iter().filter_map(|field| highlights.get(*field)).find(|html| html.contains("<mark>"));
    let snippet = marked.cloned().unwrap_or_else(|| escape_html(&shorten(&excerpt, SNIPPET_CHARS)));
    Some(Hit { title, slug, space, kind, locale, snippet, highlights, score: hit.score, pinned: false })
}
