//! Entries of the search index.

use crate::groups::article_audience;
use crate::markdown::to_plain_text;
use crate::model::{Article, Language, Settings};
use crate::text::{split_list, truncate};
use cairn_plugin::search::{Entry, entry};
use cairn_plugin::{Instant, Result, time};
use serde_json::json;

/// The index of the manifest.
pub(crate) const INDEX: &str = "articles";
/// Most bytes of an article's text that are searched: the host takes 256 KiB for all of an entry.
const MAX_BODY_BYTES: usize = 200_000;
/// Most tags, and phases, that are searched.
const MAX_VALUES: usize = 50;
/// Most bytes of a tag, or a phase, that are searched.
const MAX_VALUE_BYTES: usize = 200;

/// The entry of a published article; `None` where nobody could read it, since it is in no space or has no slug.
///
/// # Errors
/// Where it cannot be written as JSON.
pub(crate) fn article_entry(id: &str, article: &Article, settings: &Settings, now: Instant) -> Result<Option<Entry>> {
    let Some(space) = article.space.as_ref().filter(|_| !article.slug.is_empty()) else { return Ok(None) };
    let body = to_plain_text(&article.body);
    let published = article.published_at.as_deref().and_then(|at| time::parse(at).ok()).unwrap_or(now);
    let document = json!({
        "title": article.title,
        "excerpt": article.excerpt,
        "body": truncate(&body, MAX_BODY_BYTES),
        "words": values(&article.tags),
        "slug": article.slug,
        "space": space.document_id,
        "kind": article.kind,
        "tags": values(&article.tags),
        "phases": values(&article.phases),
        "promoted": article.promoted,
        "at": published,
    });
    let language = article.language.unwrap_or(settings.default_language);
    Ok(Some(
        entry(id, &document)?
            .locale(Language::as_str(language))
            .only_for(article_audience(&space.document_id, &article.groups)),
    ))
}

fn values(list: &str) -> Vec<&str> {
    split_list(list).map(|value| truncate(value, MAX_VALUE_BYTES)).take(MAX_VALUES).collect()
}
