//! Pins: articles that an editor put first in the searches for a text.

use crate::groups::CallerGroups;
use crate::model::{Article, Language, Pin};
use crate::parameters::SearchParameters;
use crate::text::{normalize_query, split_list};
use cairn_plugin::{Result, Row, data};
use serde_json::{Value, json};
use std::ops::Range;

/// Most pinned articles in front of a search.
const MAX_PINNED: usize = 10;
/// Most pins of a text that are read: the caller may not see all of their articles.
const MAX_READ: u32 = 50;

/// The articles that come first in a search, by rank: those that the caller may see and that the search does not exclude. The same ones on
/// each of its pages.
///
/// # Errors
/// What the host says.
pub(crate) fn find_pinned(
    parameters: &SearchParameters,
    language: Language,
    space_ids: &[&str],
    groups: &CallerGroups,
) -> Result<Vec<Row<Article>>> {
    let query = normalize_query(&parameters.text);
    if query.is_empty() {
        return Ok(Vec::new());
    }
    let fields = ["title", "slug", "language", "kind", "excerpt", "tags", "phases", "groups"];
    let pins = data::find::<Pin>()
        .fields(&["rank"])
        .filter(json!({ "query": query }))
        .populate(json!({ "article": { "fields": fields, "populate": { "space": { "fields": ["key"] } } } }))
        .sort("rank:asc")
        .sort("createdAt:asc")
        .all(MAX_READ)?;
    let articles = pins.into_iter().filter_map(|pin| pin.fields.article).filter(|article| groups.allows(article));
    Ok(articles.filter(|article| is_wanted(article, parameters, language, space_ids)).take(MAX_PINNED).collect())
}

/// True if an article is one that the search may find, whatever its text.
fn is_wanted(article: &Article, parameters: &SearchParameters, language: Language, space_ids: &[&str]) -> bool {
    let has = |list: &str, wanted: Option<&String>| wanted.is_none_or(|wanted| split_list(list).any(|v| v == wanted));
    !article.slug.is_empty()
        && article.language == Some(language)
        && article.space.as_ref().is_some_and(|space| space_ids.contains(&space.document_id.as_str()))
        && parameters.kind.as_ref().is_none_or(|kind| *kind == article.kind)
        && has(&article.tags, parameters.tag.as_ref())
        && has(&article.phases, parameters.phase.as_ref())
}

/// A filter of the index that fits these articles and no others: a slug is unique in its space and language.
pub(crate) fn pinned_filter(pinned: &[Row<Article>]) -> Value {
    let space = |article: &Article| article.space.as_ref().map(|space| space.document_id.clone()).unwrap_or_default();
    let one = |article: &Row<Article>| json!({ "slug": { "$eq": article.slug }, "space": { "$eq": space(article) } });
    json!({ "$or": pinned.iter().map(one).collect::<Vec<_>>() })
}

/// A page of a search whose first hits are pinned.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct PageParts {
    /// The pinned articles that are on it.
    pub(crate) pinned: Range<usize>,
    /// The first of the other hits that is on it.
    pub(crate) start: u32,
    /// How many of the other hits fit.
    pub(crate) limit: u32,
}

/// Divides a page between pinned articles and the other hits.
pub(crate) fn divide_page(start: u32, size: u32, pinned: usize) -> PageParts {
    let count = u32::try_from(pinned).unwrap_or(u32::MAX);
    let (first, end) = (start.min(count), start.saturating_add(size).min(count));
    PageParts { pinned: first as usize..end as usize, start: start.saturating_sub(count), limit: size - (end - first) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Reference;

    #[test]
    fn pinned_articles_fill_the_first_pages() {
        let parts = |start, size, pinned| {
            let parts = divide_page(start, size, pinned);
            (parts.pinned, parts.start, parts.limit)
        };
        assert_eq!(parts(0, 10, 0), (0..0, 0, 10));
        assert_eq!(parts(0, 10, 3), (0..3, 0, 7));
        assert_eq!(parts(10, 10, 3), (3..3, 7, 10));
        assert_eq!(parts(0, 2, 3), (0..2, 0, 0));
        assert_eq!(parts(2, 2, 3), (2..3, 0, 1));
        assert_eq!(parts(4, 2, 3), (3..3, 1, 2));
    }

    #[test]
    fn each_hit_is_on_one_page() {
        for (size, pinned) in [(1, 0), (1, 4), (3, 4), (4, 4), (10, 4)] {
            let (mut pins, mut others) = (Vec::new(), Vec::new());
            for page in 0..20 {
                let parts = divide_page(page * size, size, pinned);
                assert_eq!(parts.pinned.len() + parts.limit as usize, size as usize);
                pins.extend(parts.pinned);
                others.extend(parts.start..parts.start + parts.limit);
            }
            assert!(pins.into_iter().eq(0..pinned), "{size}, {pinned}");
            let count = u32::try_from(others.len()).unwrap();
            assert!(others.into_iter().eq(0..count), "{size}, {pinned}");
        }
    }

    #[test]
    fn what_a_search_excludes_is_not_pinned_to_it() {
        let article = Article {
            slug: "a".into(),
            language: Some(Language::Nl),
            kind: "faq".into(),
            tags: "betalen, factuur".into(),
            phases: "Levering".into(),
            space: Some(Reference { document_id: "s".into() }),
            ..Article::default()
        };
        let all = SearchParameters::default();
        assert!(is_wanted(&article, &all, Language::Nl, &["s"]));
        let narrowed = SearchParameters {
            kind: Some("faq".into()),
            tag: Some("factuur".into()),
            phase: Some("Levering".into()),
            ..SearchParameters::default()
        };
        assert!(is_wanted(&article, &narrowed, Language::Nl, &["s"]));
        for (parameters, language, spaces) in [
            (&all, Language::En, &["s"][..]),
            (&all, Language::Nl, &[]),
            (&all, Language::Nl, &["t"]),
            (&SearchParameters { kind: Some("howto".into()), ..narrowed.clone() }, Language::Nl, &["s"]),
            (&SearchParameters { tag: Some("fact".into()), ..narrowed.clone() }, Language::Nl, &["s"]),
            (&SearchParameters { phase: Some("Nazorg".into()), ..narrowed.clone() }, Language::Nl, &["s"]),
        ] {
            assert!(!is_wanted(&article, parameters, language, spaces), "{parameters:?}, {language:?}, {spaces:?}");
        }
        assert!(!is_wanted(&Article { space: None, ..article.clone() }, &all, Language::Nl, &["s"]));
        assert!(!is_wanted(&Article { slug: String::new(), ..article }, &all, Language::Nl, &["s"]));
    }
}
