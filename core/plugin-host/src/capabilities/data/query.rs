//! A query of the contract as the query language reads it.

use crate::contract::bindings::host::data::{Query, Status};
use crate::contract::bindings::types::Error;
use crate::contract::guest_errors::invalid_field;
use cairn_query::{MAX_BRACKET_DEPTH, QueryBuilder, QueryTree};
use serde_json::Value as Json;

/// The query in the query language.
///
/// # Errors
/// Filters or populate that are not JSON, or nested too deeply.
pub(super) fn to_content_query(query: &Query) -> Result<cairn_query::Query, Error> {
    let mut parameters = QueryBuilder::new();
    if let Some(filters) = &query.filters {
        parameters.set("filters", parse_json("filters", filters)?);
    }
    if let Some(populate) = &query.populate {
        parameters.set("populate", parse_json("populate", populate)?);
    }
    for (name, list) in [("sort", &query.sort), ("fields", &query.fields)] {
        if !list.is_empty() {
            parameters.set(name, list.iter().map(|item| QueryTree::from(&**item)).collect::<Vec<_>>());
        }
    }
    if let Some(locale) = &query.locale {
        parameters.set("locale", &**locale);
    }
    let status = match query.status {
        Status::Draft => "draft",
        Status::Published => "published",
    };
    Ok(parameters.with("status", status).build())
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
        let query = to_content_query(&query(r#"{"rank":{"$in":[1,2]},"done":{"$eq":false}}"#)).unwrap();
        let text =
            "filters[rank][$in][0]=1&filters[rank][$in][1]=2&filters[done][$eq]=false&sort[0]=title:desc&status=draft";
        assert_eq!(query.parameters(), cairn_query::Query::from_text(text).parameters());
    }

    #[test]
    fn malformed_and_deeply_nested_filters_are_refused() {
        assert!(matches!(to_content_query(&query("{")), Err(Error::Invalid(_))));
        let deep = format!("{}1{}", "[".repeat(100), "]".repeat(100));
        assert!(matches!(to_content_query(&query(&deep)), Err(Error::Invalid(_))));
    }
}
