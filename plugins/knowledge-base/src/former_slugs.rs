//! Slugs that published articles had: addresses with them lead to the article as it is called now.

use crate::articles::ArticleAddress;
use crate::audience::VisibleSpaces;
use crate::model::{Article, FormerSlug, Settings};
use cairn_plugin::{Result, Row, data};
use serde_json::json;

/// Most articles that are considered of those that once had a slug: one for each space and language.
const MAX_CANDIDATES: u32 = 20;

/// Stores the slug of a published article that another version is about to take the place of, where that has another slug. In the
/// transaction of the publication.
///
/// # Errors
/// What the host says.
pub(crate) fn keep_former_slug(id: &str, next: &Article) -> Result<()> {
    let published = data::find::<Article>()
        .fields(&["slug", "language"])
        .populate(json!({ "space": { "fields": ["key"] } }))
        .by_ids(&[id])?
        .pop()
        .flatten();
    let Some(Row { fields: Article { slug, language: Some(language), space: Some(space), .. }, .. }) = published else {
        return Ok(());
    };
    if slug.is_empty() || slug == next.slug {
        return Ok(());
    }
    let key = json!({ "space": space.document_id, "language": language, "slug": slug });
    let new = json!({ "space": space.document_id, "language": language, "slug": slug, "article": id });
    data::upsert::<FormerSlug>(&key, &new, &json!({ "article": id })).map(drop)
}

/// The published article that had the slug of an address before, among those of the caller's spaces.
///
/// # Errors
/// What the host says.
pub(crate) fn find_renamed(
    wanted: &ArticleAddress<'_>,
    spaces: &VisibleSpaces,
    settings: &Settings,
) -> Result<Option<Row<Article>>> {
    let ids = spaces.ids(wanted.space);
    if ids.is_empty() {
        return Ok(None);
    }
    let article = json!({ "fields": ["slug", "language", "groups"], "populate": { "space": { "fields": ["key"] } } });
    let candidates = data::find::<FormerSlug>()
        .fields(&["slug"])
        .filter(json!({ "slug": wanted.slug, "space": { "documentId": { "$in": ids } } }))
        .populate(json!({ "article": article }))
        .sort("updatedAt:desc")
        .all(MAX_CANDIDATES)?;
    let language = wanted.language.unwrap_or(settings.default_language);
    let is_visible = |article: &Row<Article>| {
        !article.slug.is_empty()
            && article.slug != wanted.slug
            && spaces.groups().allows(article)
            && article.space.as_ref().is_some_and(|space| spaces.by_id(&space.document_id).is_some())
    };
    let articles = candidates.into_iter().filter_map(|former| former.fields.article).filter(is_visible);
    Ok(articles.min_by_key(|article| article.language != Some(language)))
}
