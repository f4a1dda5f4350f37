//! The locales that a query asks for. They are no content type, and few: their list is filtered, sorted and cut here.

use crate::request::ApiError;
use cairn_model::ColumnType;
use cairn_model::fields::{Operand, parse_operand};
use cairn_query::{Query, QueryTree};
use serde_json::{Value as Json, json};
use std::cmp::Ordering;

/// Texts of a locale, which filters compare.
pub(crate) const TEXTS: [&str; 2] = ["name", "code"];
/// Most conditions and operands of a filter.
const MAX_CONDITIONS: usize = 500;
/// Times of a locale.
pub(crate) const TIMES: [&str; 3] = ["createdAt", "updatedAt", "publishedAt"];

/// The locales that a query asks for, and the numbers of their page.
#[derive(Debug)]
pub struct SelectedLocales {
    locales: Vec<Json>,
    pagination: Json,
}

impl SelectedLocales {
    /// Selects from all locales, as `/api/i18n/locales` lists them, what a query asks for.
    ///
    /// # Errors
    /// A filter or a sort key that locales do not have, or a page that is none.
    pub fn select(all: Vec<Json>, query: &Query, max_page_size: u64) -> Result<Self, ApiError> {
        let parameters = query.parameters().map_err(|error| ApiError::invalid(error.to_string()))?;
        let filters = parameters.get("filters");
        if filters.is_some_and(|filters| count(filters) > MAX_CONDITIONS) {
            return Err(ApiError::invalid(format!("filters has more than {MAX_CONDITIONS} conditions")));
        }
        let mut matching = Vec::new();
        for locale in all {
            if filters.map_or(Ok(true), |filters| matches(&locale, filters))? {
                matching.push(locale);
            }
        }
        sort(&mut matching, parameters.get("sort"))?;
        let page = LocalePage::read(parameters.get("pagination"), max_page_size)?;
        let pagination = page.describe(matching.len());
        let locales = matching.into_iter().skip(page.start()).take(page.size()).collect();
        Ok(Self { locales, pagination })
    }

    /// Returns the body of a list of entries.
    pub fn into_body(self) -> Json {
        json!({ "data": self.locales, "meta": { "pagination": self.pagination } })
    }
}

/// True if a locale matches a filter: a map of attributes and of `$and`, `$or` and `$not`.
fn matches(locale: &Json, filter: &QueryTree) -> Result<bool, ApiError> {
    let QueryTree::Map(entries) = filter else { return Err(ApiError::invalid("filters must be an object")) };
    for (key, tree) in entries {
        let holds = match key.as_str() {
            "$and" => all(operands(tree), |operand| matches(locale, operand))?,
            // An empty choice is no condition, as for entries.
            "$or" => operands(tree).is_empty() || any(operands(tree), |operand| matches(locale, operand))?,
            "$not" => !matches(locale, tree)?,
            attribute => matches_value(&read_text(locale, attribute, "filters")?, column_of(attribute), tree)?,
        };
        if !holds {
            return Ok(false);
        }
    }
    Ok(true)
}

/// True if a value fulfils all of the operators in a map.
fn matches_value(value: &str, column: ColumnType, operators: &QueryTree) -> Result<bool, ApiError> {
    let QueryTree::Map(entries) = operators else { return Err(ApiError::invalid("filters must have operators")) };
    all(entries, |(operator, tree)| match operator.as_str() {
        "$not" => matches_value(value, column, tree).map(|holds| !holds),
        "$in" | "$notIn" => {
            let is_in = any(operands(tree), |item| Ok(compare(value, column, item)? == Ordering::Equal))?;
            Ok(is_in == (operator == "$in"))
        }
        "$between" => match operands(tree) {
            [from, to] => {
                Ok(compare(value, column, from)? != Ordering::Less && compare(value, column, to)? != Ordering::Greater)
            }
            _ => Err(ApiError::invalid("between takes two values")),
        },
        // Locales lack no value.
        "$null" => Ok(is_false(tree)),
        "$notNull" => Ok(!is_false(tree)),
        "$eq" => Ok(compare(value, column, tree)? == Ordering::Equal),
        "$ne" => Ok(compare(value, column, tree)? != Ordering::Equal),
        "$lt" => Ok(compare(value, column, tree)? == Ordering::Less),
        "$lte" => Ok(compare(value, column, tree)? != Ordering::Greater),
        "$gt" => Ok(compare(value, column, tree)? == Ordering::Greater),
        "$gte" => Ok(compare(value, column, tree)? != Ordering::Less),
        textual => matches_text(value, textual, tree.as_text().unwrap_or_default()),
    })
}

fn matches_text(value: &str, operator: &str, operand: &str) -> Result<bool, ApiError> {
    let (folded, folded_operand) = (value.to_lowercase(), operand.to_lowercase());
    Ok(match operator {
        "$eqi" => folded == folded_operand,
        "$nei" => folded != folded_operand,
        "$startsWith" => value.starts_with(operand),
        "$endsWith" => value.ends_with(operand),
        "$contains" => value.contains(operand),
        "$notContains" => !value.contains(operand),
        "$containsi" => folded.contains(&folded_operand),
        "$notContainsi" => !folded.contains(&folded_operand),
        _ => return Err(ApiError::invalid(format!("Invalid operator {operator}"))),
    })
}

/// The order of a value and an operand, which is read as the column's type.
fn compare(value: &str, column: ColumnType, operand: &QueryTree) -> Result<Ordering, ApiError> {
    match parse_operand(column, operand.as_text().unwrap_or_default()) {
        Ok(Operand::Text(text)) => Ok(value.cmp(&text)),
        Ok(_) => Err(ApiError::invalid("A locale has texts and times alone")),
        Err(error) => Err(ApiError::invalid(error.message)),
    }
}

fn column_of(attribute: &str) -> ColumnType {
    if TIMES.contains(&attribute) { ColumnType::DateTime } else { ColumnType::Text }
}

/// Number of all parts of a filter.
fn count(tree: &QueryTree) -> usize {
    match tree {
        QueryTree::Text(_) => 1,
        QueryTree::List(items) => 1 + items.iter().map(count).sum::<usize>(),
        QueryTree::Map(entries) => 1 + entries.iter().map(|(_, inner)| count(inner)).sum::<usize>(),
    }
}

fn operands(tree: &QueryTree) -> &[QueryTree] {
    match tree {
        QueryTree::List(items) => items,
        one => std::slice::from_ref(one),
    }
}

fn is_false(tree: &QueryTree) -> bool {
    tree.as_text() == Some("false")
}

fn all<'t, T: 't>(
    items: impl IntoIterator<Item = &'t T>,
    mut holds: impl FnMut(&'t T) -> Result<bool, ApiError>,
) -> Result<bool, ApiError> {
    for item in items {
        if !holds(item)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn any<'t, T: 't>(
    items: impl IntoIterator<Item = &'t T>,
    mut holds: impl FnMut(&'t T) -> Result<bool, ApiError>,
) -> Result<bool, ApiError> {
    all(items, |item| holds(item).map(|holds| !holds)).map(|none| !none)
}

/// The text of an attribute of a locale. `param`: where it is named.
fn read_text(locale: &Json, attribute: &str, param: &str) -> Result<String, ApiError> {
    let is_known = attribute == "documentId" || TEXTS.contains(&attribute) || TIMES.contains(&attribute);
    match locale[attribute].as_str() {
        Some(text) if is_known => Ok(text.to_owned()),
        _ => Err(ApiError {
            details: json!({ "key": attribute, "path": null, "source": "query", "param": param }),
            ..ApiError::invalid(format!("Invalid key {attribute}"))
        }),
    }
}

/// Sorts locales by keys such as `code:desc`.
fn sort(locales: &mut [Json], keys: Option<&QueryTree>) -> Result<(), ApiError> {
    let texts = keys.map(operands).unwrap_or_default().iter().filter_map(QueryTree::as_text);
    let keys: Vec<&str> = texts.flat_map(|text| text.split(',')).map(str::trim).filter(|key| !key.is_empty()).collect();
    // Sorting is stable, so the first key comes last.
    for key in keys.into_iter().rev() {
        let (attribute, order) = key.split_once(':').unwrap_or((key, "asc"));
        let descends = match order.to_lowercase().as_str() {
            "asc" => false,
            "desc" => true,
            _ => return Err(ApiError::invalid(format!("Invalid order {order}: asc or desc"))),
        };
        let order = |ordering: Ordering| if descends { ordering.reverse() } else { ordering };
        if attribute == "id" {
            locales.sort_by(|a, b| order(a["id"].as_i64().cmp(&b["id"].as_i64())));
            continue;
        }
        for locale in &*locales {
            read_text(locale, attribute, "sort")?;
        }
        locales.sort_by(|a, b| order(a[attribute].as_str().cmp(&b[attribute].as_str())));
    }
    Ok(())
}

/// A page of the list, by its number or by where it starts.
enum LocalePage {
    Number { page: usize, size: usize },
    Offset { start: usize, limit: usize },
}

impl LocalePage {
    fn read(tree: Option<&QueryTree>, max_page_size: u64) -> Result<Self, ApiError> {
        let number = |name: &str| {
            let text = tree.and_then(|tree| tree.get(name)).and_then(QueryTree::as_text)?;
            Some(usize::try_from(text.parse::<i64>().unwrap_or_default().max(0)).unwrap_or(usize::MAX))
        };
        let max = usize::try_from(max_page_size).unwrap_or(usize::MAX);
        let to_size = |wanted: Option<usize>| wanted.unwrap_or(max).clamp(1, max.max(1));
        let (page, page_size, start, limit) = (number("page"), number("pageSize"), number("start"), number("limit"));
        let by_page = page.is_some() || page_size.is_some();
        let by_offset = start.is_some() || limit.is_some();
        match (by_page, by_offset) {
            (true, true) => Err(ApiError {
                name: "PaginationError".into(),
                ..ApiError::invalid("Cannot use both page & offset pagination in the same query")
            }),
            (_, true) => Ok(Self::Offset { start: start.unwrap_or_default(), limit: to_size(limit) }),
            (_, false) => Ok(Self::Number { page: page.unwrap_or(1).max(1), size: to_size(page_size) }),
        }
    }

    fn start(&self) -> usize {
        match self {
            Self::Number { page, size } => (page - 1).saturating_mul(*size),
            Self::Offset { start, .. } => *start,
        }
    }

    fn size(&self) -> usize {
        match self {
            Self::Number { size, .. } => *size,
            Self::Offset { limit, .. } => *limit,
        }
    }

    /// The member `pagination` of a list's `meta`.
    fn describe(&self, total: usize) -> Json {
        match self {
            Self::Number { page, size } => {
                json!({ "page": page, "pageSize": size, "pageCount": total.div_ceil(*size), "total": total })
            }
            Self::Offset { start, limit } => json!({ "start": start, "limit": limit, "total": total }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cairn_query::QueryBuilder;

    fn locales() -> Vec<Json> {
        let codes = [("en", "English (en)"), ("nl", "Dutch (nl)"), ("fr", "French (fr)")];
        let list = codes.iter().zip(1_i64..).map(|((code, name), id)| {
            let time = format!("2026-01-0{id}T00:00:00.000Z");
            json!({
                "id": id, "documentId": format!("d{id}"), "code": code, "name": name, "createdAt": time, "updatedAt": time,
                "publishedAt": time, "isDefault": id == 1,
            })
        });
        list.collect()
    }

    fn select(parameters: Json) -> Result<SelectedLocales, ApiError> {
        let Json::Object(members) = parameters else { panic!("no parameters") };
        let query = members
            .into_iter()
            .fold(QueryBuilder::new(), |query, (name, value)| query.with(&name, QueryTree::from_json(value).unwrap()));
        SelectedLocales::select(locales(), &query.build(), 100)
    }

    fn codes(parameters: Json) -> Vec<String> {
        select(parameters).unwrap().locales.iter().map(|locale| locale["code"].as_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn locales_are_filtered_as_entries_are() {
        for (filters, expected) in [
            (json!({}), vec!["en", "nl", "fr"]),
            (json!({"code": {"$eq": "nl"}}), vec!["nl"]),
            (json!({"code": {"$in": ["nl", "fr"]}, "name": {"$startsWith": "F"}}), vec!["fr"]),
            (json!({"code": {"$notIn": ["nl"]}}), vec!["en", "fr"]),
            (json!({"code": {"$in": []}}), vec![]),
            (json!({"$or": [{"code": {"$eq": "en"}}, {"name": {"$containsi": "DUTCH"}}]}), vec!["en", "nl"]),
            (json!({"$or": []}), vec!["en", "nl", "fr"]),
            (json!({"$and": [{"code": {"$ne": "en"}}, {"documentId": {"$eq": "d3"}}]}), vec!["fr"]),
            (json!({"$not": {"code": {"$eq": "en"}}}), vec!["nl", "fr"]),
            (json!({"code": {"$not": {"$eq": "en"}}}), vec!["nl", "fr"]),
            (json!({"createdAt": {"$gt": "2026-01-02T00:00:00Z"}}), vec!["fr"]),
            (json!({"createdAt": {"$between": ["2026-01-01", "2026-01-02"]}}), vec!["en", "nl"]),
            (json!({"code": {"$null": "true"}}), vec![]),
            (json!({"code": {"$notNull": "true"}}), vec!["en", "nl", "fr"]),
            (json!({"code": {"$eqi": "EN"}}), vec!["en"]),
        ] {
            assert_eq!(codes(json!({ "filters": filters })), expected, "{filters}");
        }
        for filters in [
            json!({"isDefault": {"$eq": "true"}}),
            json!({"nothing": {"$eq": "x"}}),
            json!({"code": {"$nothing": "x"}}),
            json!({"createdAt": {"$gt": "yesterday"}}),
            json!({"code": {"$in": vec!["en"; 1_000]}}),
        ] {
            assert_eq!(select(json!({ "filters": filters })).unwrap_err().name, "ValidationError", "{filters}");
        }
    }

    #[test]
    fn locales_are_sorted_and_paged() {
        assert_eq!(codes(json!({"sort": ["code:desc"]})), ["nl", "fr", "en"]);
        assert_eq!(codes(json!({"sort": "name,id:desc"})), ["nl", "en", "fr"]);
        assert_eq!(codes(json!({"sort": "id:desc", "pagination": {"start": "1", "limit": "5"}})), ["nl", "en"]);
        assert_eq!(codes(json!({"pagination": {"page": "2", "pageSize": "2", "withCount": "true"}})), ["fr"]);
        assert_eq!(codes(json!({"pagination": {"page": "9", "pageSize": "2"}})), [""; 0]);
        let page = select(json!({"pagination": {"page": "2", "pageSize": "2"}})).unwrap();
        assert_eq!(
            page.into_body()["meta"]["pagination"],
            json!({"page": 2, "pageSize": 2, "pageCount": 2, "total": 3})
        );
        let part = select(json!({"pagination": {"start": "0", "limit": "999"}})).unwrap();
        assert_eq!(part.pagination, json!({"start": 0, "limit": 100, "total": 3}));
        let error = select(json!({"sort": "isDefault"})).unwrap_err();
        assert_eq!(error.details, json!({"key": "isDefault", "path": null, "source": "query", "param": "sort"}));
        assert!(select(json!({"sort": "code:up"})).is_err());
        let both = select(json!({"pagination": {"page": "1", "start": "0"}})).unwrap_err();
        assert_eq!(both.name, "PaginationError");
    }
}
