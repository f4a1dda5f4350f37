//! Filter objects of REST as queries: `{"price": {"$lt": 10}, "$or": [{"topic": "a"}, {"topic": {"$null": true}}]}`.

use crate::definition::{IndexDefinition, Layout, SearchFieldKind};
use crate::entry::FieldValues;
use crate::error::{Result, SearchError};
use crate::{MAX_CONDITIONS, MAX_DEPTH, MAX_LIST, MAX_TERM};
use serde_json::Value as Json;
use std::ops::Bound;
use tantivy::Term;
use tantivy::query::{
    AllQuery, BooleanQuery, ConstScoreQuery, EmptyQuery, Occur, Query, RangeQuery, RegexQuery, TermQuery, TermSetQuery,
};
use tantivy::schema::{Field, IndexRecordOption};

/// The operators there are, for messages.
const OPERATORS: &str =
    "$eq, $ne, $in, $notIn, $lt, $lte, $gt, $gte, $null, $notNull, $contains, $notContains, $not, $and, $or";

/// A condition that all entries have to meet.
pub(crate) struct Condition {
    /// The field that it is about, where it is about one.
    pub(crate) field: Option<String>,
    pub(crate) query: Box<dyn Query>,
}

impl Clone for Condition {
    fn clone(&self) -> Self {
        Self { field: self.field.clone(), query: self.query.box_clone() }
    }
}

/// The conditions of a filter; all of them hold.
pub(crate) fn compile_conditions(
    definition: &IndexDefinition,
    layout: &Layout,
    filter: Option<&Json>,
) -> Result<Vec<Condition>> {
    let mut conditions = Vec::new();
    if let Some(filter) = filter.filter(|filter| !filter.is_null()) {
        let mut reader = FilterCompiler { definition, layout, conditions_left: MAX_CONDITIONS };
        reader.compile_all(filter, "filters", 0, &mut conditions)?;
    }
    Ok(conditions)
}

/// Entries that meet all of these.
pub(crate) fn all_of(conditions: impl IntoIterator<Item = Condition>) -> Box<dyn Query> {
    let queries: Vec<Box<dyn Query>> = conditions.into_iter().map(|c| c.query).collect();
    intersect_queries(queries)
}

struct FilterCompiler<'a> {
    definition: &'a IndexDefinition,
    layout: &'a Layout,
    conditions_left: usize,
}

impl FilterCompiler<'_> {
    /// Adds the conditions of an object, all of which have to be met.
    fn compile_all(&mut self, filter: &Json, path: &str, depth: usize, to: &mut Vec<Condition>) -> Result<()> {
        if depth > MAX_DEPTH {
            return Err(SearchError::invalid(
                "filters",
                "too-deep",
                format!("a filter can have at most {MAX_DEPTH} levels"),
            ));
        }
        let Some(object) = filter.as_object() else {
            return Err(SearchError::invalid(
                path,
                "type",
                "a filter must be an object, such as {\"topic\": {\"$eq\": \"a\"}}",
            ));
        };
        for (key, value) in object {
            let at = format!("{path}.{key}");
            match key.as_str() {
                "$and" => {
                    for (i, part) in require_list(value, &at)?.iter().enumerate() {
                        self.compile_all(part, &format!("{at}[{i}]"), depth + 1, to)?;
                    }
                }
                "$or" => {
                    let mut parts: Vec<Box<dyn Query>> = Vec::new();
                    for (i, part) in require_list(value, &at)?.iter().enumerate() {
                        parts.push(self.compile_one(part, &format!("{at}[{i}]"), depth + 1)?);
                    }
                    to.push(Condition { field: None, query: union_queries(parts) });
                }
                "$not" => {
                    let query = negate_query(self.compile_one(value, &at, depth + 1)?);
                    to.push(Condition { field: None, query });
                }
                _ if key.starts_with('$') => return Err(unknown_operator(&at, key)),
                field => {
                    let query = self.compile_field(field, value, &at, depth + 1)?;
                    to.push(Condition { field: Some(field.to_owned()), query });
                }
            }
        }
        Ok(())
    }

    fn compile_one(&mut self, filter: &Json, path: &str, depth: usize) -> Result<Box<dyn Query>> {
        let mut parts = Vec::new();
        self.compile_all(filter, path, depth, &mut parts)?;
        Ok(all_of(parts))
    }

    fn compile_field(&mut self, name: &str, value: &Json, path: &str, depth: usize) -> Result<Box<dyn Query>> {
        let Some((kind, field)) = self.layout.values.get(name).copied() else {
            let (code, subject) = match self.definition.field_kind(name) {
                Some(_) => ("not-filterable", "is a `text` field, which can be searched but not filtered by"),
                None => ("unknown", "is not a field of the index"),
            };
            let known = self.definition.field_names(|kind| kind != SearchFieldKind::Text);
            return Err(SearchError::invalid(
                path,
                code,
                format!("{} {subject}; fields to filter by: {known}", quote_input(name)),
            ));
        };
        self.compile_tests(name, kind, field, value, path, depth)
    }

    /// Compiles the tests of a field: a value that it has to equal, or an object of operators.
    fn compile_tests(
        &mut self,
        name: &str,
        kind: SearchFieldKind,
        field: Field,
        value: &Json,
        path: &str,
        depth: usize,
    ) -> Result<Box<dyn Query>> {
        if depth > MAX_DEPTH {
            return Err(SearchError::invalid(
                "filters",
                "too-deep",
                format!("a filter can have at most {MAX_DEPTH} levels"),
            ));
        }
        let Some(object) = value.as_object() else { return self.compile_test(name, kind, field, "$eq", value, path) };
        let mut parts: Vec<Box<dyn Query>> = Vec::new();
        for (operator, value) in object {
            let at = format!("{path}.{operator}");
            parts.push(match operator.as_str() {
                "$not" => negate_query(self.compile_tests(name, kind, field, value, &at, depth + 1)?),
                operator => self.compile_test(name, kind, field, operator, value, &at)?,
            });
        }
        Ok(intersect_queries(parts))
    }

    fn compile_test(
        &mut self,
        name: &str,
        kind: SearchFieldKind,
        field: Field,
        operator: &str,
        value: &Json,
        path: &str,
    ) -> Result<Box<dyn Query>> {
        self.conditions_left = self.conditions_left.checked_sub(1).ok_or_else(|| {
            SearchError::invalid(
                "filters",
                "too-many",
                format!("a filter can have at most {MAX_CONDITIONS} conditions"),
            )
        })?;
        let is_text = matches!(kind, SearchFieldKind::Keyword | SearchFieldKind::Facet);
        let term = |value: &Json| parse_term(kind, field, value, path);
        let is = |term: Term| -> Box<dyn Query> { Box::new(TermQuery::new(term, IndexRecordOption::Basic)) };
        Ok(match operator {
            "$eq" if value.is_null() => negate_query(self.presence_query(name)),
            "$ne" if value.is_null() => self.presence_query(name),
            "$eq" => is(term(value)?),
            "$ne" => negate_query(is(term(value)?)),
            "$in" | "$notIn" => {
                let values = require_list(value, path)?;
                let terms = values.iter().map(term).collect::<Result<Vec<Term>>>()?;
                let any: Box<dyn Query> =
                    if terms.is_empty() { Box::new(EmptyQuery) } else { Box::new(TermSetQuery::new(terms)) };
                if operator == "$in" { any } else { negate_query(any) }
            }
            "$null" | "$notNull" => {
                let yes = match value {
                    Json::Bool(yes) => *yes,
                    Json::String(text) if text == "true" || text == "false" => text == "true",
                    _ => return Err(SearchError::invalid(path, "type", format!("{operator} must be true or false"))),
                };
                let present = self.presence_query(name);
                if yes == (operator == "$notNull") { present } else { negate_query(present) }
            }
            "$lt" => Box::new(RangeQuery::new(Bound::Unbounded, Bound::Excluded(term(value)?))),
            "$lte" => Box::new(RangeQuery::new(Bound::Unbounded, Bound::Included(term(value)?))),
            "$gt" => Box::new(RangeQuery::new(Bound::Excluded(term(value)?), Bound::Unbounded)),
            "$gte" => Box::new(RangeQuery::new(Bound::Included(term(value)?), Bound::Unbounded)),
            "$contains" | "$notContains" if is_text => {
                let text = value.as_str().filter(|text| (1..=100).contains(&text.len()));
                let text = text.ok_or_else(|| {
                    SearchError::invalid(path, "type", format!("{operator} must be a text of 1 to 100 bytes"))
                })?;
                let any: Box<dyn Query> = Box::new(RegexQuery::from_pattern(&contains_pattern(text), field)?);
                if operator == "$contains" { any } else { negate_query(any) }
            }
            "$contains" | "$notContains" => {
                let message = format!(
                    "{operator} looks for a part of a text and cannot be used with a `{}` field",
                    kind.as_str()
                );
                return Err(SearchError::invalid(path, "operator", message));
            }
            _ => return Err(unknown_operator(path, operator)),
        })
    }

    fn presence_query(&self, name: &str) -> Box<dyn Query> {
        Box::new(TermQuery::new(Term::from_field_text(self.layout.present, name), IndexRecordOption::Basic))
    }
}

fn parse_term(kind: SearchFieldKind, field: Field, value: &Json, path: &str) -> Result<Term> {
    // Numbers and booleans may come from a URL, as texts.
    let parsed = match (kind, value) {
        (SearchFieldKind::Number, Json::String(text)) => {
            text.parse::<f64>().ok().filter(|n| n.is_finite()).map(Json::from)
        }
        (SearchFieldKind::Boolean, Json::String(text)) => text.parse::<bool>().ok().map(Json::from),
        _ => None,
    };
    let to_search_error = |(code, message): (&'static str, String)| SearchError::invalid(path, code, message);
    match FieldValues::from_json(kind, parsed.as_ref().unwrap_or(value)).map_err(to_search_error)? {
        FieldValues::Texts(texts) => match (texts.as_slice(), value) {
            ([text], Json::String(_)) if text.len() <= MAX_TERM => Ok(Term::from_field_text(field, text)),
            _ => Err(SearchError::invalid(path, "type", "must be a single value; use $in for several values")),
        },
        FieldValues::Number(number) => Ok(Term::from_field_f64(field, number)),
        FieldValues::Date(date) => Ok(Term::from_field_i64(field, date)),
        FieldValues::Boolean(is) => Ok(Term::from_field_bool(field, is)),
    }
}

/// Characters that mean something in patterns.
const PATTERN_METACHARACTERS: &str = r"\.+*?()|[]{}^$#&-~";

/// A regular expression for every text with this one in it, whatever its case, as in REST.
fn contains_pattern(text: &str) -> String {
    let mut pattern = String::from("(?s:.*)(?i:");
    for c in text.chars() {
        if PATTERN_METACHARACTERS.contains(c) {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push_str(")(?s:.*)");
    pattern
}

fn require_list<'j>(value: &'j Json, path: &str) -> Result<&'j [Json]> {
    match value.as_array() {
        Some(list) if list.len() <= MAX_LIST => Ok(list),
        Some(list) => Err(SearchError::invalid(
            path,
            "too-many",
            format!("{} elements; at most {MAX_LIST} are allowed here", list.len()),
        )),
        None => Err(SearchError::invalid(path, "type", "must be a list")),
    }
}

fn unknown_operator(path: &str, operator: &str) -> SearchError {
    SearchError::invalid(
        path,
        "operator",
        format!("{} is not a search operator; the operators are {OPERATORS}", quote_input(operator)),
    )
}

/// Quotes an input, cut to 60 characters.
pub(crate) fn quote_input(input: &str) -> String {
    format!("{:?}", input.chars().take(60).collect::<String>())
}

fn intersect_queries(mut queries: Vec<Box<dyn Query>>) -> Box<dyn Query> {
    match queries.len() {
        0 => Box::new(AllQuery),
        1 => queries.swap_remove(0),
        _ => Box::new(BooleanQuery::intersection(queries)),
    }
}

fn union_queries(queries: Vec<Box<dyn Query>>) -> Box<dyn Query> {
    if queries.is_empty() { Box::new(EmptyQuery) } else { Box::new(BooleanQuery::union(queries)) }
}

fn negate_query(query: Box<dyn Query>) -> Box<dyn Query> {
    Box::new(BooleanQuery::new(vec![(Occur::Must, Box::new(AllQuery)), (Occur::MustNot, query)]))
}

/// The same entries, and nothing for it.
pub(crate) fn without_score(query: Box<dyn Query>) -> Box<dyn Query> {
    Box::new(ConstScoreQuery::new(query, 0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contains_escapes_pattern_characters() {
        assert_eq!(contains_pattern("a.b*"), "(?s:.*)(?i:a\\.b\\*)(?s:.*)");
        assert_eq!(contains_pattern("é \\"), "(?s:.*)(?i:é \\\\)(?s:.*)");
    }
}
