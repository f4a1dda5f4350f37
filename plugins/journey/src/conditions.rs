//! Conditions of rules: a tree of comparisons over a snapshot of a journey. They are checked when a rule is saved, and evaluating them has
//! no effects. The operators are those of the filters of the content API. It needs no host.

use serde::Serialize;
use serde_json::{Map, Value};
use std::cmp::Ordering;

/// Deepest tree.
const MAX_DEPTH: usize = 8;
/// Longest value of a trace, in bytes of JSON.
const MAX_TRACED_BYTES: usize = 400;
/// Most comparisons of one rule.
const MAX_COMPARISONS: usize = 50;
/// Most values of one list.
const MAX_VALUES: usize = 100;
/// Longest text to compare with, in bytes.
const MAX_TEXT: usize = 500;

/// Fields of a snapshot that are single values.
const FIELDS: [&str; 5] = ["phase", "status", "title", "language", "shiftDays"];
/// Parts of a snapshot that have fields of their own.
const GROUPS: [&str; 2] = ["variables", "event"];

/// Problem of a condition tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ConditionProblem {
    /// Where it is, from the root of the tree: `$and[1].phase.$like`.
    pub(crate) path: String,
    pub(crate) code: &'static str,
}

/// One comparison, and how it turned out.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct TraceLine {
    pub(crate) field: String,
    pub(crate) operator: String,
    pub(crate) expected: Value,
    pub(crate) actual: Value,
    /// The snapshot has no such value: the comparison is false.
    pub(crate) missing: bool,
    pub(crate) met: bool,
}

/// Conditions that were checked.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
    Compare(Comparison),
}

/// A field, an operator and the value to compare with.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Comparison {
    /// Where it is, from the root of the tree.
    pub(crate) path: String,
    pub(crate) field: String,
    pub(crate) operator: Operator,
    pub(crate) value: Value,
}

/// How a value is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    Eq,
    Ne,
    Lt,
    Lte,
    Gt,
    Gte,
    In,
    NotIn,
    Contains,
    StartsWith,
    EndsWith,
    Null,
    NotNull,
}

const OPERATORS: [(&str, Operator); 13] = [
    ("$eq", Operator::Eq),
    ("$ne", Operator::Ne),
    ("$lt", Operator::Lt),
    ("$lte", Operator::Lte),
    ("$gt", Operator::Gt),
    ("$gte", Operator::Gte),
    ("$in", Operator::In),
    ("$notIn", Operator::NotIn),
    ("$contains", Operator::Contains),
    ("$startsWith", Operator::StartsWith),
    ("$endsWith", Operator::EndsWith),
    ("$null", Operator::Null),
    ("$notNull", Operator::NotNull),
];

impl Operator {
    fn parse(name: &str) -> Option<Self> {
        OPERATORS.iter().find(|(own, _)| *own == name).map(|(_, operator)| *operator)
    }

    fn name(self) -> &'static str {
        OPERATORS.iter().find(|(_, own)| *own == self).map_or("", |(name, _)| name)
    }

    /// True if it can be used with a value.
    fn accepts(self, value: &Value) -> bool {
        let is_scalar = |value: &Value| match value {
            Value::String(text) => text.len() <= MAX_TEXT,
            Value::Number(_) | Value::Bool(_) => true,
            Value::Null | Value::Array(_) | Value::Object(_) => false,
        };
        match self {
            Self::Eq | Self::Ne => is_scalar(value),
            Self::Lt | Self::Lte | Self::Gt | Self::Gte => is_scalar(value) && !value.is_boolean(),
            Self::In | Self::NotIn => {
                value.as_array().is_some_and(|all| all.len() <= MAX_VALUES && all.iter().all(is_scalar))
            }
            Self::Contains | Self::StartsWith | Self::EndsWith => is_scalar(value) && value.is_string(),
            Self::Null | Self::NotNull => value.is_boolean(),
        }
    }
}

/// Reads a tree and checks depth, size, fields, operators and values. Nothing at all is always met.
///
/// # Errors
/// The first thing that is wrong, with its path.
pub(crate) fn parse_conditions(tree: &Value) -> Result<Condition, ConditionProblem> {
    let mut comparisons = 0;
    match tree {
        Value::Null => Ok(Condition::All(Vec::new())),
        Value::Object(members) => parse_members(members, "", "", 1, &mut comparisons),
        _ => Err(problem("", "conditions-object")),
    }
}

fn problem(path: &str, code: &'static str) -> ConditionProblem {
    ConditionProblem { path: path.to_owned(), code }
}

fn join(path: &str, member: &str) -> String {
    if path.is_empty() { member.to_owned() } else { format!("{path}.{member}") }
}

/// The members of an object, all of which have to be met. `field`: the one that they are about; empty at the root.
fn parse_members(
    members: &Map<String, Value>,
    field: &str,
    path: &str,
    depth: usize,
    comparisons: &mut usize,
) -> Result<Condition, ConditionProblem> {
    if depth > MAX_DEPTH {
        return Err(problem(path, "conditions-depth"));
    }
    if members.is_empty() && !path.is_empty() {
        return Err(problem(path, "conditions-empty"));
    }
    let mut all = Vec::with_capacity(members.len());
    for (name, value) in members {
        let path = join(path, name);
        all.push(match (name.as_str(), value) {
            ("$and" | "$or", Value::Array(parts)) if field.is_empty() => {
                let parts: Result<Vec<Condition>, _> = parts
                    .iter()
                    .enumerate()
                    .map(|(n, part)| {
                        let path = format!("{path}[{n}]");
                        let part = part.as_object().ok_or_else(|| problem(&path, "conditions-object"))?;
                        parse_members(part, "", &path, depth + 1, comparisons)
                    })
                    .collect();
                let parts = parts?;
                if parts.is_empty() {
                    return Err(problem(&path, "conditions-empty"));
                }
                if name == "$and" { Condition::All(parts) } else { Condition::Any(parts) }
            }
            ("$not", Value::Object(members)) => {
                Condition::Not(Box::new(parse_members(members, field, &path, depth + 1, comparisons)?))
            }
            ("$and" | "$or" | "$not", _) => return Err(problem(&path, "conditions-object")),
            (operator, value) if operator.starts_with('$') => {
                let operator = Operator::parse(operator).ok_or_else(|| problem(&path, "conditions-operator"))?;
                if !is_whole_field(field) {
                    return Err(problem(&path, "conditions-field"));
                }
                if !operator.accepts(value) {
                    return Err(problem(&path, "conditions-value"));
                }
                *comparisons += 1;
                if *comparisons > MAX_COMPARISONS {
                    return Err(problem(&path, "conditions-size"));
                }
                Condition::Compare(Comparison { path, field: field.to_owned(), operator, value: value.clone() })
            }
            (name, Value::Object(members)) => {
                let field = join(field, name);
                if !is_field(&field) {
                    return Err(problem(&path, "conditions-field"));
                }
                parse_members(members, &field, &path, depth + 1, comparisons)?
            }
            // `{ "phase": "order" }` is short for `$eq`, as in filters.
            (name, value) => {
                let field = join(field, name);
                if !is_whole_field(&field) {
                    return Err(problem(&path, "conditions-field"));
                }
                if !Operator::Eq.accepts(value) {
                    return Err(problem(&path, "conditions-value"));
                }
                *comparisons += 1;
                if *comparisons > MAX_COMPARISONS {
                    return Err(problem(&path, "conditions-size"));
                }
                Condition::Compare(Comparison { path, field, operator: Operator::Eq, value: value.clone() })
            }
        });
    }
    Ok(if all.len() == 1 { all.remove(0) } else { Condition::All(all) })
}

/// True if a path leads into a snapshot.
fn is_field(field: &str) -> bool {
    let mut parts = field.split('.');
    let first = parts.next().unwrap_or_default();
    let is_name = |part: &str| !part.is_empty() && part.len() <= 60;
    if FIELDS.contains(&first) { field == first } else { GROUPS.contains(&first) && parts.all(is_name) }
}

/// True if a path leads to a value of a snapshot.
pub(crate) fn is_whole_field(field: &str) -> bool {
    is_field(field) && !GROUPS.contains(&field)
}

/// The value of a snapshot at a path; `None` where it has none.
pub(crate) fn find_value<'a>(snapshot: &'a Value, field: &str) -> Option<&'a Value> {
    field.split('.').try_fold(snapshot, |value, part| value.get(part)).filter(|value| !value.is_null())
}

impl Condition {
    /// All comparisons of the tree, in their order.
    pub(crate) fn comparisons(&self) -> Vec<&Comparison> {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::comparisons).collect(),
            Self::Not(part) => part.comparisons(),
            Self::Compare(comparison) => vec![comparison],
        }
    }

    /// True if a snapshot meets it. Every comparison is noted in the trace.
    pub(crate) fn evaluate(&self, snapshot: &Value, trace: &mut Vec<TraceLine>) -> bool {
        match self {
            // Evaluation does not stop early: the trace explains every comparison.
            Self::All(parts) => {
                parts.iter().map(|part| part.evaluate(snapshot, trace)).fold(true, |all, one| all & one)
            }
            Self::Any(parts) => {
                parts.iter().map(|part| part.evaluate(snapshot, trace)).fold(false, |any, one| any | one)
            }
            Self::Not(part) => !part.evaluate(snapshot, trace),
            Self::Compare(Comparison { field, operator, value, .. }) => {
                let actual = find_value(snapshot, field);
                let met = compare(actual, *operator, value);
                trace.push(TraceLine {
                    field: field.clone(),
                    operator: operator.name().to_owned(),
                    expected: shorten_value(value),
                    actual: actual.map(shorten_value).unwrap_or_default(),
                    missing: actual.is_none(),
                    met,
                });
                met
            }
        }
    }
}

/// A value as a trace shows it: fifty comparisons with the data of a large event would be a trace of many times its size.
fn shorten_value(value: &Value) -> Value {
    let text = value.to_string();
    if text.len() <= MAX_TRACED_BYTES {
        return value.clone();
    }
    let text = value.as_str().unwrap_or(&text);
    let kept: String = text.chars().take(MAX_TRACED_BYTES / 4).collect();
    Value::String(kept + "…")
}

/// A value that is missing meets nothing, except that it is asked whether it is there.
fn compare(actual: Option<&Value>, operator: Operator, expected: &Value) -> bool {
    match operator {
        Operator::Null => return actual.is_none() == expected.as_bool().unwrap_or(true),
        Operator::NotNull => return actual.is_some() == expected.as_bool().unwrap_or(true),
        _ => {}
    }
    let Some(actual) = actual else { return false };
    let order = || match (actual, expected) {
        (Value::Number(a), Value::Number(b)) => a.as_f64()?.partial_cmp(&b.as_f64()?),
        (Value::String(a), Value::String(b)) => Some(a.as_str().cmp(b.as_str())),
        _ => None,
    };
    let is_same = |other: &Value| match (actual, other) {
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (a, b) => a == b,
    };
    let text =
        |test: fn(&str, &str) -> bool| matches!((actual, expected), (Value::String(a), Value::String(b)) if test(a, b));
    let is_listed = || expected.as_array().is_some_and(|all| all.iter().any(is_same));
    match operator {
        Operator::Eq => is_same(expected),
        Operator::Ne => !is_same(expected),
        Operator::Lt => order() == Some(Ordering::Less),
        Operator::Lte => order().is_some_and(Ordering::is_le),
        Operator::Gt => order() == Some(Ordering::Greater),
        Operator::Gte => order().is_some_and(Ordering::is_ge),
        Operator::In => is_listed(),
        Operator::NotIn => !is_listed(),
        Operator::Contains => text(|a, b| a.contains(b)),
        Operator::StartsWith => text(|a, b| a.starts_with(b)),
        Operator::EndsWith => text(|a, b| a.ends_with(b)),
        Operator::Null | Operator::NotNull => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn evaluate(tree: &Value) -> (bool, Vec<TraceLine>) {
        let snapshot = json!({
            "phase": "testen", "status": "active", "title": "F22 Rood", "language": "nl", "shiftDays": 30,
            "variables": { "colour": "red", "extras": 2, "paid": true }, "event": { "part": { "status": "late" } },
        });
        let mut trace = Vec::new();
        let met = parse_conditions(tree).unwrap().evaluate(&snapshot, &mut trace);
        (met, trace)
    }

    #[test]
    fn traces_show_the_beginning_of_what_is_long() {
        let long = "é".repeat(20_000);
        let snapshot = json!({ "event": { "text": long, "list": vec![1; 9_000], "days": 3 } });
        let tree = json!({ "event": { "text": { "$notNull": true }, "list": { "$notNull": true }, "days": 3 } });
        let mut trace = Vec::new();
        assert!(parse_conditions(&tree).unwrap().evaluate(&snapshot, &mut trace));
        assert!(serde_json::to_string(&trace).unwrap().len() < 2_000);
        let actual = |field: &str| trace.iter().find(|line| line.field == field).map(|line| line.actual.clone());
        assert_eq!(actual("event.days"), Some(json!(3)));
        assert!(actual("event.text").unwrap().as_str().unwrap().ends_with("é…"));
        assert!(actual("event.list").unwrap().as_str().unwrap().starts_with("[1,1,"));
    }

    #[test]
    fn comparisons_are_those_of_the_filters() {
        for (tree, met) in [
            (json!(null), true),
            (json!({}), true),
            (json!({ "phase": { "$eq": "testen" }, "status": "active" }), true),
            (json!({ "phase": { "$in": ["levering", "testen"] } }), true),
            (json!({ "phase": { "$notIn": ["levering", "testen"] } }), false),
            (json!({ "shiftDays": { "$gte": 30, "$lt": 31 } }), true),
            (json!({ "shiftDays": { "$gt": 30.0 } }), false),
            (json!({ "variables": { "extras": 2.0, "paid": true } }), true),
            (json!({ "variables": { "extras": { "$lt": "3" } } }), false),
            (json!({ "event": { "part": { "status": { "$startsWith": "la" } } } }), true),
            (json!({ "title": { "$contains": "Rood" } }), true),
            (json!({ "title": { "$endsWith": "rood" } }), false),
            (json!({ "$or": [{ "phase": "order" }, { "variables": { "colour": { "$ne": "blue" } } }] }), true),
            (json!({ "$not": { "phase": "testen" } }), false),
            (json!({ "phase": { "$not": { "$eq": "order" } } }), true),
            (json!({ "$and": [{ "phase": "testen" }, { "language": "en" }] }), false),
        ] {
            assert_eq!(evaluate(&tree).0, met, "{tree}");
        }
    }

    #[test]
    fn missing_values_are_false_and_reported() {
        for operator in ["$eq", "$ne", "$gt", "$in", "$notIn", "$contains"] {
            let value = if operator.ends_with('n') && operator != "$contains" { json!(["x"]) } else { json!("x") };
            let (met, trace) = evaluate(&json!({ "variables": { "none": { operator: value } } }));
            assert!(!met && trace[0].missing, "{operator}");
        }
        assert!(evaluate(&json!({ "variables": { "none": { "$null": true } } })).0);
        assert!(!evaluate(&json!({ "variables": { "none": { "$notNull": true } } })).0);
        // The trace has all comparisons, also those after a false one.
        let (_, trace) = evaluate(&json!({ "$and": [{ "phase": "order" }, { "event": { "part": { "id": 7 } } }] }));
        assert_eq!(
            trace.iter().map(|line| (line.met, line.missing)).collect::<Vec<_>>(),
            [(false, false), (false, true)]
        );
        assert_eq!((trace[0].actual.clone(), trace[1].field.as_str()), (json!("testen"), "event.part.id"));
    }

    #[test]
    fn what_cannot_be_evaluated_is_refused_with_its_path() {
        for (tree, path, code) in [
            (json!([]), "", "conditions-object"),
            (json!({ "phase": { "$like": "a" } }), "phase.$like", "conditions-operator"),
            (json!({ "vehicle": "a" }), "vehicle", "conditions-field"),
            (json!({ "phase": { "key": "a" } }), "phase.key", "conditions-field"),
            (json!({ "variables": { "$eq": "a" } }), "variables.$eq", "conditions-field"),
            (json!({ "$or": [{ "phase": "a" }, { "phase": { "$in": "a" } }] }), "$or[1].phase.$in", "conditions-value"),
            (json!({ "$and": [] }), "$and", "conditions-empty"),
            (json!({ "$not": {} }), "$not", "conditions-empty"),
            (json!({ "$or": { "phase": "a" } }), "$or", "conditions-object"),
            (json!({ "$eq": "a" }), "$eq", "conditions-field"),
            (json!({ "title": { "$eq": "x".repeat(501) } }), "title.$eq", "conditions-value"),
            (json!({ "title": { "$in": vec!["x"; 101] } }), "title.$in", "conditions-value"),
        ] {
            assert_eq!(parse_conditions(&tree), Err(problem(path, code)), "{tree}");
        }
        let many = json!({ "$and": vec![json!({ "phase": "a" }); 51] });
        assert_eq!(parse_conditions(&many).unwrap_err().code, "conditions-size");
        let deep = (0..20).fold(json!({ "phase": "a" }), |tree, _| json!({ "$not": tree }));
        assert_eq!(parse_conditions(&deep).unwrap_err().code, "conditions-depth");
    }
}
