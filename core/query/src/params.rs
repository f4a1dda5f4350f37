//! One file per parameter: parses it, checks it against the model and the caller's permissions, returns its part of the plan.

pub(crate) mod fields;
pub(crate) mod filters;
pub(crate) mod has_published_version;
pub(crate) mod locale;
pub(crate) mod pagination;
pub(crate) mod populate;
pub(crate) mod publication_filter;
pub(crate) mod search;
pub(crate) mod sort;
pub(crate) mod status;

use crate::brackets::QueryTree;

/// A value like JavaScript prints it in messages.
pub(crate) fn print_value(tree: &QueryTree) -> String {
    match tree {
        QueryTree::Text(text) => text.clone(),
        QueryTree::List(items) => items.iter().map(print_value).collect::<Vec<_>>().join(","),
        QueryTree::Map(_) => "[object Object]".to_owned(),
    }
}

/// The elements of a list of names: a text with commas, or a list of such. `None` for other values.
pub(crate) fn parse_names(tree: &QueryTree) -> Option<Vec<&str>> {
    match tree {
        QueryTree::Text(text) => Some(text.split(',').map(str::trim).collect()),
        QueryTree::List(items) => {
            let texts = items.iter().map(QueryTree::as_text).collect::<Option<Vec<_>>>()?;
            Some(texts.into_iter().flat_map(|text| text.split(',')).map(str::trim).collect())
        }
        QueryTree::Map(_) => None,
    }
}
