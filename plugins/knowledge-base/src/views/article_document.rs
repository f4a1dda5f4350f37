//! One article as its readers get it: how it stands, where it is and who finds it, its text, and whether it helped.

use super::{ARTICLE, build_condition, describe_pins};
use crate::model::{Article, Space};
use crate::text::truncate;
use crate::votes::count_votes;
use cairn_plugin::prelude::*;
use serde_json::{Value, json};

/// Longest part of a text that is shown, in bytes: a view has a limit. The form has all of it.
const MAX_BODY_BYTES: usize = 18_000;

/// The page of an article. Its values are read with the rights of the reader.
pub(super) fn describe(call: &Call, id: &str) -> Result<Value> {
    let find = |drafts: bool| {
        let query = data::find::<Article>().as_caller().populate(json!({ "space": { "fields": ["key"] } }));
        let query = if drafts { query.drafts() } else { query };
        query.by_ids(&[id]).map(|mut found| found.pop().flatten())
    };
    let article = find(true)?.ok_or_else(|| Error::NotFound(id.to_owned()))?;
    let published = find(false)?;
    let space = match &article.space {
        Some(space) => data::find::<Space>().as_caller().by_ids(&[space.document_id.as_str()])?.pop().flatten(),
        None => None,
    };
    let votes = count_votes(id)?;
    let state = describe_state(&article, published.as_deref());
    let subtitle = space.as_ref().map_or("t:page.noSpace", |space| space.title.as_str());
    let document = json!({ "type": ARTICLE, "documentId": id });
    let fields = |label: &str, fields: &[&str]| json!({ "kind": "fields", "label": format!("t:page.{label}"), "document": document, "fields": fields, "edit": true });
    let mut show = vec![
        json!({ "kind": "header", "title": article.title, "subtitle": subtitle, "badge": {
            "label": format!("t:page.state.{state}"), "tone": if state == "published" { "success" } else { "info" },
        } }),
        json!({ "kind": "text", "text": format!("t:page.state.{state}.next") }),
    ];
    if is_overdue(&article) {
        show.push(json!({ "kind": "text", "text": "t:page.overdue", "tone": "warning" }));
    }
    show.push(json!({ "kind": "stats", "items": [
        { "label": "t:report.helpful", "value": votes.up }, { "label": "t:report.notHelpful", "value": votes.down },
    ] }));
    show.extend([
        fields("place", &["kind", "language", "space", "section", "reviewBy"]),
        fields("found", &["excerpt", "tags", "phases", "groups", "promoted", "slug"]),
    ]);
    show.extend(describe_body(call, &article.body));
    show.push(describe_pins(build_condition("article.documentId", "$eq", json!(id))));
    Ok(json!({ "kind": "stack", "live": [ARTICLE], "show": show }))
}

/// The text, as far as a view can have it.
fn describe_body(call: &Call, body: &str) -> Vec<Value> {
    if body.trim().is_empty() {
        return vec![json!({ "kind": "text", "text": "t:page.noText", "tone": "warning" })];
    }
    let shown = truncate(body, MAX_BODY_BYTES);
    let mut blocks = vec![json!({ "kind": "text", "text": shown, "format": "markdown" })];
    if shown.len() < body.len() {
        blocks.push(json!({ "kind": "text", "text": translate("page.moreText", &call.locale, None) }));
    }
    blocks
}

/// How an article stands, as a key of the texts.
fn describe_state(draft: &Article, published: Option<&Article>) -> &'static str {
    match published {
        None => "draft",
        Some(published) if has_other_content(draft, published) => "changed",
        Some(_) => "published",
    }
}

/// True if readers get something else than what editors last wrote.
fn has_other_content(draft: &Article, published: &Article) -> bool {
    let content =
        |article: &Article| Article { updated_at: None, published_at: None, section: None, ..article.clone() };
    content(draft) != content(published)
}

fn is_overdue(article: &Article) -> bool {
    let today = time::format(time::now());
    article.review_by.as_deref().is_some_and(|day| !day.is_empty() && day <= today.get(..10).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_article_says_whether_readers_have_its_last_text() {
        let text =
            |body: &str, at: &str| Article { body: body.into(), updated_at: Some(at.into()), ..Article::default() };
        assert_eq!(describe_state(&text("a", "1"), None), "draft");
        assert_eq!(describe_state(&text("a", "2"), Some(&text("a", "1"))), "published");
        assert_eq!(describe_state(&text("b", "2"), Some(&text("a", "1"))), "changed");
    }
}
