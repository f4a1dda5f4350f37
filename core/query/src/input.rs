//! The source of filters: a [`Tree`] of a request, or the JSON of a condition with its variables filled in.

use crate::brackets::Tree;
use serde_json::Value as Json;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// A filter from either source.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Input<'t> {
    Value(Given<'t>),
    List(Vec<Input<'t>>),
    Map(Vec<(&'t str, Input<'t>)>),
}

/// One value of a filter.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Given<'t> {
    /// Any value of a request; in a condition also numbers and booleans.
    Text(Cow<'t, str>),
    /// `null` in a condition: means `$null` in a comparison.
    Null,
    /// A variable without a value: compares as unknown.
    Unknown,
}

impl<'t> Input<'t> {
    pub(crate) fn of_tree(tree: &'t Tree) -> Self {
        match tree {
            Tree::Text(text) => Input::Value(Given::Text(text.into())),
            Tree::List(items) => Input::List(items.iter().map(Self::of_tree).collect()),
            Tree::Map(entries) => Input::Map(entries.iter().map(|(k, v)| (k.as_str(), Self::of_tree(v))).collect()),
        }
    }

    /// Converts a condition; `depth` bounds the recursion on JSON of unknown origin. Without `variables` every text is a text.
    pub(crate) fn of_condition(
        json: &'t Json,
        variables: Option<&'t BTreeMap<String, Json>>,
        depth: usize,
    ) -> Option<Self> {
        let depth = depth.checked_sub(1)?;
        Some(match json {
            Json::String(text) => match (text.strip_prefix('$'), variables) {
                (Some(path), Some(variables)) => Self::of_variable(variables.get(path)),
                _ => Input::Value(Given::Text(text.into())),
            },
            Json::Array(items) => {
                Input::List(items.iter().map(|i| Self::of_condition(i, variables, depth)).collect::<Option<_>>()?)
            }
            Json::Object(entries) => {
                let entry =
                    |(k, v): (&'t String, &'t Json)| Some((k.as_str(), Self::of_condition(v, variables, depth)?));
                Input::Map(entries.iter().map(entry).collect::<Option<_>>()?)
            }
            Json::Null => Input::Value(Given::Null),
            Json::Bool(_) | Json::Number(_) => Input::Value(Given::Text(json.to_string().into())),
        })
    }

    /// Converts a variable, which may be a value or a list of values, never a part of a filter.
    fn of_variable(value: Option<&'t Json>) -> Self {
        let given = |value: &'t Json| match value {
            Json::String(text) => Given::Text(text.into()),
            Json::Bool(_) | Json::Number(_) => Given::Text(value.to_string().into()),
            Json::Null | Json::Array(_) | Json::Object(_) => Given::Unknown,
        };
        match value {
            Some(Json::Array(items)) => Input::List(items.iter().map(|item| Input::Value(given(item))).collect()),
            Some(value) => Input::Value(given(value)),
            None => Input::Value(Given::Unknown),
        }
    }
}

/// Whether the keys are those of a list that was converted to an object.
pub(crate) fn all_indexes<T>(entries: &[(&str, T)]) -> bool {
    !entries.is_empty() && entries.iter().all(|(key, _)| key.bytes().all(|b| b.is_ascii_digit()) && !key.is_empty())
}

/// Casts a boolean like Strapi does: `false`, `f`, `0` and an empty text are false.
pub(crate) fn truthy(text: &str) -> bool {
    !matches!(text, "" | "0" | "f" | "false")
}

/// Parses a boolean strictly.
pub(crate) fn boolean(text: &str) -> Option<bool> {
    match text {
        "t" | "1" | "true" => Some(true),
        "f" | "0" | "false" => Some(false),
        _ => None,
    }
}
