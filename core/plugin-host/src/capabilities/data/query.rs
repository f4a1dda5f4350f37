//! A query of the contract as the query language reads it.

use crate::contract::bindings::host::data::{Query, Status};
use crate::contract::bindings::types::Error;
use crate::contract::guest_errors::invalid_field;
use cairn_query::QueryTree;
use cairn_query::brackets::MAX_BRACKET_DEPTH;
use serde_json::Value as Json;

/// As a parsed query string.
///
/// # Errors
/// What is no JSON, or nested too deeply.
pub(super) fn query_tree(query: &Query) -> Result<QueryTree, Error> {
    let mut entries = Vec::new();
    if let Some(filters) = &query.filters {
        entries.push(("filters".to_owned(), parse_json("filters", filters)?));
    }
    if let Some(populate) = &query.populate {
        entries.push(("populate".to_owned(), parse_json("populate", populate)?));
    }
    for (name, list) in [("sort", &query.sort), ("fields", &query.fields)] {
        if !list.is_empty() {
            entries.push((name.to_owned(), QueryTree::List(list.iter().cloned().map(QueryTree::Text).collect())));
        }
    }
    if let Some(locale) = &query.locale {
        entries.push(("locale".to_owned(), QueryTree::Text(locale.clone())));
    }
    let status = match query.status {
        Status::Draft => "draft",
        Status::Published => "published",
    };
    entries.push(("status".to_owned(), QueryTree::Text(status.to_owned())));
    Ok(QueryTree::Map(entries))
}

fn parse_json(name: &str, text: &str) -> Result<QueryTree, Error> {
    let json: Json = serde_json::from_str(text).map_err(|e| invalid_field(name, "json", e.to_string()))?;
    QueryTree::from_json(json)
        .ok_or_else(|| invalid_field(name, "depth", format!("is nested more than {MAX_BRACKET_DEPTH} levels deep")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(filters: &str) -> Query {
        Query {
            content_type: String::new(),
            filters: Some(filters.to_owned()),
            sort: vec!["title:desc".to_owned()],
            fields: Vec::new(),
            populate: None,
            locale: None,
            status: Status::Draft,
        }
    }

    #[test]
    fn json_filters_equal_their_query_string_form() {
        let tree = query_tree(&query(r#"{"rank":{"$in":[1,2]},"done":{"$eq":false}}"#)).unwrap();
        let text =
            "filters[rank][$in][0]=1&filters[rank][$in][1]=2&filters[done][$eq]=false&sort[0]=title:desc&status=draft";
        assert_eq!(tree, cairn_query::brackets::parse_query(text).unwrap());
    }

    #[test]
    fn malformed_and_deeply_nested_filters_are_refused() {
        assert!(matches!(query_tree(&query("{")), Err(Error::Invalid(_))));
        let deep = format!("{}1{}", "[".repeat(100), "]".repeat(100));
        assert!(matches!(query_tree(&query(&deep)), Err(Error::Invalid(_))));
    }
}
