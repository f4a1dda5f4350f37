//! `filters`: from `{title: {contains: "x"}}` to what REST calls `filters[title][$contains]=x`.

use super::{value_json, value_text};
use crate::request::ApiError;
use crate::shapes::{FilterShape, Shapes};
use async_graphql::Value;
use cairn_query::QueryTree;

/// The operators of plain values, as in Strapi; REST puts a `$` before each.
pub(crate) const OPERATORS: [&str; 19] = [
    "eq",
    "eqi",
    "ne",
    "nei",
    "startsWith",
    "endsWith",
    "contains",
    "notContains",
    "containsi",
    "notContainsi",
    "gt",
    "gte",
    "lt",
    "lte",
    "null",
    "notNull",
    "in",
    "notIn",
    "between",
];

pub(super) struct Filters<'p> {
    pub(super) shapes: &'p Shapes,
}

impl Filters<'_> {
    /// Converts the filters of a type or component; `None` for those that filter nothing.
    pub(super) fn convert(&self, input: &str, filters: &Value) -> Result<Option<QueryTree>, ApiError> {
        let tree = self.convert_object(input, filters)?;
        Ok(Some(tree).filter(|tree| !matches!(tree, QueryTree::Map(entries) if entries.is_empty())))
    }

    fn convert_object(&self, input: &str, filters: &Value) -> Result<QueryTree, ApiError> {
        let Value::Object(members) = filters else {
            return Err(ApiError::invalid("filters must be an object"));
        };
        let fields = self.shapes.filters.get(input);
        let mut entries = Vec::new();
        for (name, value) in members.iter().filter(|(_, value)| **value != Value::Null) {
            let (key, tree) = match (name.as_str(), fields.and_then(|fields| fields.get(name.as_str()))) {
                ("and" | "or", _) => {
                    let items = match value {
                        Value::List(items) => items.as_slice(),
                        one => std::slice::from_ref(one),
                    };
                    let items = items.iter().filter(|item| **item != Value::Null);
                    let operands: Vec<QueryTree> =
                        items.map(|item| self.convert_object(input, item)).collect::<Result<_, _>>()?;
                    (format!("${name}"), Some(operands.into()))
                }
                ("not", _) => ("$not".to_owned(), self.convert(input, value)?),
                (_, Some(FilterShape::Value)) => (name.to_string(), convert_operators(value)?),
                (_, Some(FilterShape::Nested(nested))) => (name.to_string(), self.convert(nested, value)?),
                (_, None) => return Err(ApiError::invalid(format!("Invalid key {name}"))),
            };
            entries.extend(tree.map(|tree| (key, tree)));
        }
        Ok(QueryTree::Map(entries))
    }
}

/// Converts the operators on a plain value; `None` where there are none.
fn convert_operators(value: &Value) -> Result<Option<QueryTree>, ApiError> {
    let Value::Object(members) = value else {
        return Err(ApiError::invalid("A filter of a value must be an object with operators"));
    };
    let mut entries = Vec::new();
    for (name, operand) in members {
        let (key, tree) = match (name.as_str(), operand) {
            // As a filter, null is a value.
            ("eq", Value::Null) => ("$null".to_owned(), Some("true".into())),
            ("ne", Value::Null) => ("$notNull".to_owned(), Some("true".into())),
            (_, Value::Null) => continue,
            ("not", nested) => ("$not".to_owned(), convert_operators(nested)?),
            ("in" | "notIn" | "between", operand) => {
                let items = match operand {
                    Value::List(items) => items.as_slice(),
                    one => std::slice::from_ref(one),
                };
                let texts: Vec<QueryTree> = items.iter().map(operand_text).collect::<Result<_, _>>()?;
                (format!("${name}"), Some(texts.into()))
            }
            (name, operand) => (format!("${name}"), Some(operand_text(operand)?)),
        };
        entries.extend(tree.map(|tree| (key, tree)));
    }
    Ok((!entries.is_empty()).then_some(QueryTree::Map(entries)))
}

fn operand_text(value: &Value) -> Result<QueryTree, ApiError> {
    match value {
        Value::Null => Err(ApiError::invalid("A list of values to compare with has no null")),
        // Of JSON.
        Value::List(_) | Value::Object(_) => Ok(value_json(value).to_string().into()),
        plain => value_text(plain)
            .map(QueryTree::from)
            .ok_or_else(|| ApiError::invalid("A value to compare with must be plain")),
    }
}
