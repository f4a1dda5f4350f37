//! The source of filters: a [`QueryTree`] of a request, or the JSON of a condition with its variables filled in.

use crate::brackets::QueryTree;
use serde_json::Value as Json;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// A filter from either source.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum FilterInput<'t> {
    Value(InputValue<'t>),
    List(Vec<FilterInput<'t>>),
    Map(Vec<(&'t str, FilterInput<'t>)>),
}

/// One value of a filter.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum InputValue<'t> {
    /// Any value of a request; in a condition also numbers and booleans.
    Text(Cow<'t, str>),
    /// `null` in a condition: means `$null` in a comparison.
    Null,
    /// A variable without a value: compares as unknown.
    Unknown,
}

impl<'t> FilterInput<'t> {
    pub(crate) fn from_tree(tree: &'t QueryTree) -> Self {
        match tree {
            QueryTree::Text(text) => FilterInput::Value(InputValue::Text(text.into())),
            QueryTree::List(items) => FilterInput::List(items.iter().map(Self::from_tree).collect()),
            QueryTree::Map(entries) => {
                FilterInput::Map(entries.iter().map(|(k, v)| (k.as_str(), Self::from_tree(v))).collect())
            }
        }
    }

    /// Converts a condition; `depth` bounds the recursion on JSON of unknown origin. Without `variables` every text is a text.
    pub(crate) fn from_condition(
        json: &'t Json,
        variables: Option<&'t BTreeMap<String, Json>>,
        depth: usize,
    ) -> Option<Self> {
        let depth = depth.checked_sub(1)?;
        Some(match json {
            Json::String(text) => match (text.strip_prefix('$'), variables) {
                (Some(path), Some(variables)) => Self::from_variable(variables.get(path)),
                _ => FilterInput::Value(InputValue::Text(text.into())),
            },
            Json::Array(items) => FilterInput::List(
                items.iter().map(|i| Self::from_condition(i, variables, depth)).collect::<Option<_>>()?,
            ),
            Json::Object(entries) => {
                let entry =
                    |(k, v): (&'t String, &'t Json)| Some((k.as_str(), Self::from_condition(v, variables, depth)?));
                FilterInput::Map(entries.iter().map(entry).collect::<Option<_>>()?)
            }
            Json::Null => FilterInput::Value(InputValue::Null),
            Json::Bool(_) | Json::Number(_) => FilterInput::Value(InputValue::Text(json.to_string().into())),
        })
    }

    /// Converts a variable, which may be a value or a list of values, never a part of a filter.
    fn from_variable(value: Option<&'t Json>) -> Self {
        let to_input = |value: &'t Json| match value {
            Json::String(text) => InputValue::Text(text.into()),
            Json::Bool(_) | Json::Number(_) => InputValue::Text(value.to_string().into()),
            Json::Null | Json::Array(_) | Json::Object(_) => InputValue::Unknown,
        };
        match value {
            Some(Json::Array(items)) => {
                FilterInput::List(items.iter().map(|item| FilterInput::Value(to_input(item))).collect())
            }
            Some(value) => FilterInput::Value(to_input(value)),
            None => FilterInput::Value(InputValue::Unknown),
        }
    }
}

/// True if the keys are those of a list that was converted to an object.
pub(crate) fn all_indexes<T>(entries: &[(&str, T)]) -> bool {
    !entries.is_empty() && entries.iter().all(|(key, _)| key.bytes().all(|b| b.is_ascii_digit()) && !key.is_empty())
}

/// Casts a boolean like Strapi does: `false`, `f`, `0` and an empty text are false.
pub(crate) fn is_truthy(text: &str) -> bool {
    !matches!(text, "" | "0" | "f" | "false")
}

/// Parses a boolean strictly.
pub(crate) fn parse_boolean(text: &str) -> Option<bool> {
    match text {
        "t" | "1" | "true" => Some(true),
        "f" | "0" | "false" => Some(false),
        _ => None,
    }
}
