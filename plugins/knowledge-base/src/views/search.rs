//! One text that people search for: how often, what they find, and which articles come first.

use super::{QUERY, build_condition, describe_pins, describe_query_actions};
use crate::model::Query;
use cairn_plugin::prelude::*;
use serde_json::{Value, json};

/// The page of a search. The counts are shown to whoever may read it.
pub(super) fn describe(_call: &Call, id: &str) -> Result<Value> {
    let found = data::find::<Query>().as_caller().by_ids(&[id])?.pop().flatten();
    let query = found.ok_or_else(|| Error::NotFound(id.to_owned()))?;
    let (state, tone) = if query.hits == 0 { ("vain", "warning") } else { ("found", "success") };
    Ok(json!({ "kind": "stack", "live": [QUERY], "show": [
        { "kind": "header", "title": query.text, "badge": { "label": format!("t:page.search.{state}"), "tone": tone },
            "actions": describe_query_actions() },
        { "kind": "text", "text": format!("t:page.search.{state}.next") },
        { "kind": "stats", "items": [
            { "label": "t:report.count", "value": query.count }, { "label": "t:report.hits", "value": query.hits },
        ] },
        { "kind": "fields", "document": { "type": QUERY, "documentId": id }, "fields": ["language", "firstAsked", "lastAsked"] },
        describe_pins(build_condition("query", "$eq", json!(query.text))),
    ] }))
}
