//! Published articles, by their slug.

use crate::audience::VisibleSpaces;
use crate::model::{Article, Language, Settings};
use cairn_plugin::{Result, Row, data};
use serde_json::json;

/// Most articles of one slug that are considered: one for each space and language.
const MAX_CANDIDATES: u32 = 20;

/// Address of an article, of all that may have its slug.
#[derive(Debug)]
pub(crate) struct ArticleAddress<'a> {
    /// Its slug.
    pub(crate) slug: &'a str,
    /// The key of its space, where one was named.
    pub(crate) space: Option<&'a str>,
    /// Its language, where one was named. Where it is not written in that language, another one is better than none.
    pub(crate) language: Option<Language>,
}

/// Finds the published article that is meant, among those of the caller's spaces. One that the caller may not see is not there.
///
/// # Errors
/// What the host says.
pub(crate) fn find_article(
    wanted: &ArticleAddress<'_>,
    spaces: &VisibleSpaces,
    settings: &Settings,
) -> Result<Option<Row<Article>>> {
    let ids = spaces.ids(wanted.space);
    if ids.is_empty() {
        return Ok(None);
    }
    let candidates = data::find::<Article>()
        .filter(json!({ "slug": wanted.slug, "space": { "documentId": { "$in": ids } } }))
        .populate(json!({ "space": { "fields": ["key"] }, "section": { "fields": ["title"], "populate": { "space": { "fields": ["key"] } } } }))
        .all(MAX_CANDIDATES)?;
    let default_space = spaces.by_key(&settings.default_space).map(|space| space.document_id.as_str());
    let language = wanted.language.unwrap_or(settings.default_language);
    let visible = candidates.into_iter().filter(|article| spaces.groups().allows(article));
    let best = visible.min_by_key(|article| {
        let space = article.space.as_ref().map(|space| space.document_id.as_str());
        (
            article.language != Some(language),
            article.language != Some(settings.default_language),
            space != default_space,
        )
    });
    Ok(best.map(|mut article| {
        // The section may belong to a space that is not visible.
        article.section = article
            .section
            .take()
            .filter(|section| section.space.as_ref().is_some_and(|space| spaces.by_id(&space.document_id).is_some()));
        article
    }))
}
