//! Views for editors: the report of what was searched in vain, what is due for review and what did not help; an article, and a search.

mod article_document;
mod search;

use crate::KnowledgeBase;
use crate::hidden_pins::describe_hidden_pins;
use crate::jobs::enqueue_rebuild;
use crate::model::{Article, Feedback, Pin, Query, Settings, Space};
use crate::slug;
use crate::text::shorten;
use crate::votes::VoteCounts;
use cairn_plugin::data::{Batch, Measure};
use cairn_plugin::prelude::*;
use cairn_plugin::{ActionRequest, ActionResult, DocumentRef, ViewRequest};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const ARTICLE: &str = "plugin::kb.article";
const FEEDBACK: &str = "plugin::kb.feedback";
const QUERY: &str = "plugin::kb.query";
/// Groups of votes that are read: two for each article.
const MAX_GROUPS: u32 = 1_000;
/// Articles in the chart of votes.
const MAX_CHARTED: usize = 10;
/// Longest title in the chart, in characters.
const MAX_TITLE_CHARS: usize = 40;
/// Longest title of a draft that answers a search, in characters: somewhat shorter than the field.
const MAX_DRAFT_TITLE_CHARS: usize = 150;

impl Views for KnowledgeBase {
    fn view(call: &Call, request: &ViewRequest) -> Result<Value> {
        match request.view.as_str() {
            "report" => report(call),
            "article" => article_document::describe(call, require_document(request.document.as_ref(), ARTICLE)?),
            "query" => search::describe(call, require_document(request.document.as_ref(), QUERY)?),
            other => Err(Error::NotFound(other.to_owned())),
        }
    }

    /// `rebuild`: the search index, from the published articles. `write`: a draft of an article that answers a search. `pin`: a pin for a
    /// search, of which the person chooses the article. The host checks the permission of the view alone, so each action belongs to views
    /// with the permission that it needs.
    fn act(_call: &Call, request: &ActionRequest) -> Result<ActionResult> {
        match (request.view.as_str(), request.action.as_str()) {
            ("report" | "query", "write") => write_article(request),
            ("report" | "query", "pin") => pin_article(request),
            ("report", "rebuild") => {
                enqueue_rebuild()?;
                Ok(ActionResult::notice("t:report.rebuilding"))
            }
            (_, action) => Err(Error::NotFound(action.to_owned())),
        }
    }
}

fn report(call: &Call) -> Result<Value> {
    let condition = build_condition;
    let all = |conditions: &[Value]| json!({ "and": conditions });
    let no_hits = all(&[condition("hits", "$eq", json!(0))]);
    let with_hits = all(&[condition("hits", "$gt", json!(0))]);
    let [write, pin] = describe_query_actions();
    let today = time::format(time::now()).chars().take(10).collect::<String>();
    let due = all(&[condition("reviewBy", "$lte", json!(today))]);
    let count = |label: &str, uid: &str, filters: Value| json!({ "label": label, "count": { "type": uid, "filters": filters } });
    let mut show = vec![
        json!({ "kind": "header", "title": "t:view.report", "subtitle": "t:report.subtitle", "actions": [
            { "id": "rebuild", "call": "rebuild", "label": "t:report.rebuild", "confirm": "t:report.rebuild.confirm" },
        ] }),
        json!({ "kind": "stats", "items": [
            count("t:report.noHits", QUERY, no_hits.clone()),
            count("t:report.due", ARTICLE, due.clone()),
            count("t:report.helpful", FEEDBACK, all(&[condition("helpful", "$eq", json!(true))])),
            count("t:report.notHelpful", FEEDBACK, all(&[condition("helpful", "$eq", json!(false))])),
        ] }),
    ];
    show.extend(describe_hidden_pins(&call.locale)?);
    show.extend([
        json!({ "kind": "text", "text": "t:report.whichSearches" }),
        json!({ "kind": "table", "type": QUERY, "label": "t:report.noHits", "filters": no_hits, "sort": ["count:desc", "lastAsked:desc"],
            "columns": [
                { "field": "text", "label": "t:report.text" },
                { "field": "language", "label": "t:report.language" },
                { "field": "count", "label": "t:report.count" },
                { "field": "lastAsked", "label": "t:report.lastAsked" },
            ],
            "actions": [write, pin, { "id": "delete" }] }),
        json!({ "kind": "table", "type": QUERY, "label": "t:report.frequent", "filters": with_hits, "sort": ["count:desc", "lastAsked:desc"],
            "columns": [
                { "field": "text", "label": "t:report.text" },
                { "field": "language", "label": "t:report.language" },
                { "field": "count", "label": "t:report.count" },
                { "field": "hits", "label": "t:report.hits" },
            ],
            "actions": [pin] }),
        json!({ "kind": "table", "type": ARTICLE, "label": "t:report.due", "filters": due, "sort": ["reviewBy:asc"],
            "columns": [
                { "field": "title", "label": "t:report.title" },
                { "field": "language", "label": "t:report.language" },
                { "field": "reviewBy", "label": "t:report.reviewBy" },
                { "field": "updatedAt", "label": "t:report.updatedAt" },
            ] }),
    ]);
    show.extend(votes_chart()?);
    Ok(json!({ "kind": "stack", "show": show }))
}

/// A condition of a view.
fn build_condition(field: &str, operator: &str, value: Value) -> Value {
    json!({ "field": field, "operator": operator, "value": value })
}

/// Actions on a search: an article that answers it, and one that comes first.
fn describe_query_actions() -> [Value; 2] {
    ["write", "pin"].map(|call| json!({ "id": call, "call": call, "label": format!("t:report.{call}") }))
}

/// Pins as a table, those that meet a condition.
fn describe_pins(condition: Value) -> Value {
    json!({ "kind": "table", "type": Pin::TYPE, "label": "t:page.pins", "filters": { "and": [condition] }, "sort": ["rank:asc"],
        "columns": [{ "field": "query" }, { "field": "article" }, { "field": "rank" }] })
}

/// The id of the document that a view or an action is for.
fn require_document<'a>(document: Option<&'a DocumentRef>, content_type: &str) -> Result<&'a str> {
    let document = document.filter(|document| document.content_type == content_type);
    document.map(|document| document.document_id.as_str()).ok_or_else(|| Error::NotFound(String::new()))
}

/// The search that an action is for, if the person may see it.
fn require_query(request: &ActionRequest) -> Result<Row<Query>> {
    let id = require_document(request.document.as_ref(), QUERY)?;
    let found = data::find::<Query>().as_caller().by_ids(&[id])?.pop().flatten();
    found.ok_or_else(|| Error::NotFound(String::new()))
}

/// Creates a pin for a search, with the permissions of the person, and leads to it; to the one that has no article yet, where there is one.
fn pin_article(request: &ActionRequest) -> Result<ActionResult> {
    let query = require_query(request)?;
    let unfinished = json!({ "query": query.text, "article": { "documentId": { "$null": true } } });
    let id = match data::find::<Pin>().as_caller().fields(&["rank"]).filter(unfinished).first()? {
        Some(pin) => pin.document_id,
        None => {
            let pin = json!({ "query": query.text, "rank": 1 });
            let written = Batch::new().as_caller().create::<Pin>(&pin)?.write()?;
            written.into_iter().next().map(|written| written.target.document_id).unwrap_or_default()
        }
    };
    Ok(ActionResult {
        navigate: Some(format!("/content/{}/{id}", Pin::TYPE)),
        ..ActionResult::notice("t:report.pinned")
    })
}

/// Creates a draft that is called like a search, with the permissions of the person, and leads to it.
fn write_article(request: &ActionRequest) -> Result<ActionResult> {
    let query = require_query(request)?;
    let settings: Settings = settings()?;
    let space = data::find::<Space>().filter(json!({ "key": settings.default_space })).first()?;
    // The plugin's own writes do not pass its hooks: what these fill in is filled in here.
    let draft = json!({
        "title": capitalize(&shorten(&query.text, MAX_DRAFT_TITLE_CHARS)),
        "slug": slug::from_title(&query.text),
        "language": query.language,
        "space": space.map(|space| space.document_id),
    });
    let written = Batch::new().drafts().as_caller().create::<Article>(&draft)?.write()?;
    let id = written.first().map(|written| written.target.document_id.as_str()).unwrap_or_default();
    Ok(ActionResult { navigate: Some(format!("/content/{ARTICLE}/{id}")), ..ActionResult::notice("t:report.written") })
}

fn capitalize(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The articles that helped least, where anybody has voted.
fn votes_chart() -> Result<Option<Value>> {
    let groups = data::find::<Feedback>().sort("count:desc").aggregate(
        &["article.documentId", "helpful"],
        &[(Measure::Count, "")],
        MAX_GROUPS,
    )?;
    let ranked = rank_votes(&groups);
    let ids: Vec<&str> = ranked.iter().map(|(id, _)| id.as_str()).collect();
    if ids.is_empty() {
        return Ok(None);
    }
    // Drafts: every article has one, also while it is not published.
    let titles = match data::find::<Article>().drafts().as_caller().fields(&["title"]).by_ids(&ids) {
        // A caller who may not read articles sees no titles of them.
        Err(Error::Denied(_)) => return Ok(None),
        titles => titles?,
    };
    let (mut labels, mut up, mut down) = (Vec::new(), Vec::new(), Vec::new());
    for (article, (_, counts)) in titles.into_iter().zip(&ranked) {
        let Some(article) = article else { continue };
        labels.push(shorten(&article.title, MAX_TITLE_CHARS));
        up.push(counts.up);
        down.push(counts.down);
    }
    Ok((!labels.is_empty()).then(|| {
        json!({ "kind": "chart", "mark": "bar", "stacked": true, "label": "t:report.votes", "x": labels, "series": [
            { "label": "t:report.notHelpful", "values": down, "tone": "danger" },
            { "label": "t:report.helpful", "values": up, "tone": "success" },
        ] })
    }))
}

/// Votes by article, those that helped least first.
fn rank_votes(groups: &[Value]) -> Vec<(String, VoteCounts)> {
    let mut by_article: BTreeMap<String, VoteCounts> = BTreeMap::new();
    for group in groups {
        // Votes on a deleted article have none.
        if let Some(id) = group["group"]["article.documentId"].as_str() {
            by_article.entry(id.to_owned()).or_default().add_group(group);
        }
    }
    let mut ranked: Vec<(String, VoteCounts)> = by_article.into_iter().collect();
    ranked.sort_by_key(|(_, counts)| (std::cmp::Reverse(counts.down), counts.up));
    ranked.truncate(MAX_CHARTED);
    ranked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn articles_that_helped_least_come_first() {
        let group = |id: Value, helpful: bool, count: u64| json!({ "group": { "article.documentId": id, "helpful": helpful }, "count": count });
        let ranked = rank_votes(&[
            group(json!("a"), true, 9),
            group(json!("b"), false, 3),
            group(json!("a"), false, 1),
            group(Value::Null, false, 7),
        ]);
        assert_eq!(
            ranked,
            [("b".to_owned(), VoteCounts { up: 0, down: 3 }), ("a".to_owned(), VoteCounts { up: 9, down: 1 })]
        );
    }
}
