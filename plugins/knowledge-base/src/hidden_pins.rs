//! Pins that visitors get nothing of: the report says which, and why.

use crate::model::Visibility;
use cairn_plugin::data::or_default;
use cairn_plugin::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::HashSet;

/// Pins that are looked through, and hidden ones that are named.
const MAX_READ: u32 = 1_000;
const MAX_NAMED: usize = 20;

/// A pin with what decides who sees its article.
#[derive(Debug, Deserialize)]
struct ReportedPin {
    #[serde(default, deserialize_with = "or_default")]
    query: String,
    #[serde(default)]
    article: Option<Row<ReportedArticle>>,
}

impl Document for ReportedPin {
    const TYPE: &'static str = "plugin::kb.pin";
}

#[derive(Debug, Deserialize)]
struct ReportedArticle {
    #[serde(default, deserialize_with = "or_default")]
    title: String,
    #[serde(default, deserialize_with = "or_default")]
    groups: String,
    #[serde(default)]
    space: Option<Row<ReportedSpace>>,
}

#[derive(Debug, Deserialize)]
struct ReportedSpace {
    visibility: Visibility,
}

/// Reason that visitors do not get a pinned article.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum HiddenBecause {
    /// None was chosen, or it is not published.
    Unpublished,
    /// It is in no space.
    NoSpace,
    /// Its space is for clients or staff.
    Space,
    /// It is for groups of users.
    Groups,
}

impl HiddenBecause {
    /// The end of the key of its text.
    const fn key(self) -> &'static str {
        match self {
            Self::Unpublished => "unpublished",
            Self::NoSpace => "noSpace",
            Self::Space => "space",
            Self::Groups => "groups",
        }
    }
}

fn find_reason(article: Option<&ReportedArticle>) -> Option<HiddenBecause> {
    let Some(article) = article else { return Some(HiddenBecause::Unpublished) };
    match &article.space {
        None => Some(HiddenBecause::NoSpace),
        Some(space) if space.fields.visibility != Visibility::Public => Some(HiddenBecause::Space),
        Some(_) if !article.groups.trim().is_empty() => Some(HiddenBecause::Groups),
        Some(_) => None,
    }
}

/// True for a pin whose article, or the article's space, the reader was not shown: it is not there, or not for them.
fn needs_look(article: Option<&Row<ReportedArticle>>) -> bool {
    article.is_none_or(|article| article.space.is_none())
}

/// Those of these pins that have a published article in a space.
fn find_unseen(ids: &[&str]) -> Result<HashSet<String>> {
    if ids.is_empty() {
        return Ok(HashSet::new());
    }
    let filter =
        json!({ "documentId": { "$in": ids }, "article": { "space": { "documentId": { "$notNull": true } } } });
    let populate =
        json!({ "article": { "fields": ["groups"], "populate": { "space": { "fields": ["visibility"] } } } });
    let pins = data::find::<ReportedPin>().fields(&["query"]).filter(filter).populate(populate).all(MAX_READ)?;
    let has_place = |pin: &Row<ReportedPin>| !needs_look(pin.article.as_ref());
    Ok(pins.into_iter().filter(has_place).map(|pin| pin.document_id).collect())
}

/// Blocks of the report about pins that visitors see nothing of; none where there are none, or the reader may not see pins.
///
/// # Errors
/// What the host says.
pub(crate) fn describe_hidden_pins(locale: &str) -> Result<Vec<Value>> {
    let populate =
        json!({ "article": { "fields": ["title", "groups"], "populate": { "space": { "fields": ["visibility"] } } } });
    let query = || data::find::<ReportedPin>().fields(&["query"]).sort("query:asc");
    // A caller who may not read pins gets no blocks; articles and spaces that they may not read are not populated.
    let pins = match query().as_caller().populate(populate).all(MAX_READ) {
        Err(Error::Denied(_)) => return Ok(Vec::new()),
        pins => pins?,
    };
    // An article that is there, and that the reader does not see, is none of their business: nor is why it is hidden.
    let ids: Vec<&str> =
        pins.iter().filter(|pin| needs_look(pin.article.as_ref())).map(|pin| pin.document_id.as_str()).collect();
    let unseen = find_unseen(&ids)?;
    let pins: Vec<Row<ReportedPin>> = pins.into_iter().filter(|pin| !unseen.contains(&pin.document_id)).collect();
    let hidden = pins.iter().filter_map(|pin| {
        let article = pin.article.as_ref().map(|article| &article.fields);
        find_reason(article).map(|reason| (pin, article, reason))
    });
    let text = |(pin, article, reason): (&Row<ReportedPin>, Option<&ReportedArticle>, HiddenBecause)| {
        let arguments = json!({ "query": pin.query, "title": article.map_or("", |article| article.title.as_str()) });
        let key = format!("report.hiddenPin.{}", reason.key());
        json!({ "kind": "text", "tone": "warning", "text": translate(&key, locale, Some(&arguments)) })
    };
    Ok(hidden.take(MAX_NAMED).map(text).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn article(json: Value) -> ReportedArticle {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn pins_are_hidden_by_what_visitors_may_not_see() {
        let space = |visibility: &str| json!({ "documentId": "s", "visibility": visibility });
        for (article, reason) in [
            (None, Some(HiddenBecause::Unpublished)),
            (Some(article(json!({ "title": "T" }))), Some(HiddenBecause::NoSpace)),
            (Some(article(json!({ "title": "T", "space": space("clients") }))), Some(HiddenBecause::Space)),
            (
                Some(article(json!({ "title": "T", "space": space("staff"), "groups": "a:b" }))),
                Some(HiddenBecause::Space),
            ),
            (
                Some(article(json!({ "title": "T", "space": space("public"), "groups": "a:b" }))),
                Some(HiddenBecause::Groups),
            ),
            (Some(article(json!({ "title": "T", "space": space("public"), "groups": null }))), None),
        ] {
            assert_eq!(find_reason(article.as_ref()), reason, "{article:?}");
        }
    }
}
