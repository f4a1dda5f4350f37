//! `pagination`: by page or by offset. Numbers are parsed like JavaScript does, as in Strapi.

use super::print_value;
use crate::brackets::QueryTree;
use crate::error::{ParamError, ParamErrorKind};
use crate::input::parse_boolean;
use crate::limits::QueryLimits;
use crate::plan::Page;

/// Parses the page of a list; returns the first error in it.
pub(crate) fn parse(query: &QueryTree, limits: &QueryLimits) -> Result<Page, ParamError> {
    // At the top level these are let through and ignored, but for this.
    if query.get("page").is_some() || query.get("pageSize").is_some() {
        return Err(ParamError::validation(
            "Invalid pagination parameters. Cannot use both page-based (page, pageSize) and offset-based (start, limit) \
             pagination in the same query.",
        ));
    }
    let parameter = |name: &str| query.get("pagination").and_then(|pagination| pagination.get(name));
    let (page, page_size) = (parameter("page"), parameter("pageSize"));
    let (start, limit) = (parameter("start"), parameter("limit"));
    let by_page = page.is_some() || page_size.is_some();
    let by_offset = start.is_some() || limit.is_some();
    if by_page && by_offset {
        return Err(both_paginations());
    }
    if by_offset {
        let start = whole_start(start.map_or(0.0, |tree| at_least(0.0, js_number(tree))))?;
        let limit = limit_page_size(limit.map_or(limits.page_size_default as f64, js_number), limits)?;
        let with_count = with_count(parameter("withCount"))?;
        return Ok(Page::Offset { start, limit, with_count });
    }
    let page_size = match page_size {
        Some(tree) if !is_empty(tree) => limit_page_size(js_number(tree), limits)?,
        _ => limits.page_size_default.min(limits.page_size_max),
    };
    let page = match page {
        Some(tree) if !is_empty(tree) => at_least(1.0, js_number(tree)),
        _ => 1.0,
    };
    whole_start((page - 1.0) * page_size as f64)?;
    if page.fract() != 0.0 {
        return Err(ParamError::validation(format!(
            "Invalid parameter at 'page'. Expected integer >= 1, received: {page}"
        )));
    }
    let with_count = with_count(parameter("withCount"))?;
    // Beyond any table, and small enough for the offset to be an i64.
    let page = (page as u64).min(i64::MAX as u64 / page_size.max(1));
    Ok(Page::Number { page, page_size, with_count })
}

/// The page for something that is not a list.
pub(crate) fn single_page(limits: &QueryLimits) -> Page {
    let page_size = limits.page_size_default.min(limits.page_size_max);
    Page::Number { page: 1, page_size, with_count: false }
}

/// A page with everything, for lists without pages.
pub(crate) fn unlimited_page() -> Page {
    list_part(0, i64::MAX as u64)
}

/// Parses the part of a list that has no pages of its own: everything, unless the request says otherwise in `pagination` or, as in Strapi,
/// in `start` and `limit` beside it. `limit=-1` is everything. No limit is reduced: whoever may read the list may read all of it.
pub(crate) fn parse_part(query: &QueryTree, limits: &QueryLimits) -> Result<Page, ParamError> {
    let parameter = |name: &str| {
        let nested = query.get("pagination").and_then(|pagination| pagination.get(name));
        match (query.get(name), nested) {
            (Some(_), Some(_)) => {
                Err(ParamError::validation(format!("Cannot use both {name} and pagination[{name}] in the same query")))
            }
            (outer, inner) => Ok(outer.or(inner).filter(|tree| !is_empty(tree))),
        }
    };
    let (page, page_size) = (parameter("page")?, parameter("pageSize")?);
    let (start, limit) = (parameter("start")?, parameter("limit")?);
    if page.is_some() || page_size.is_some() {
        if start.is_some() || limit.is_some() {
            return Err(both_paginations());
        }
        let page = page.map_or(Ok(1), |tree| whole_number(tree, "page", 1))?;
        let size = page_size.map_or(Ok(limits.page_size_default), |tree| whole_number(tree, "pageSize", 1))?;
        return Ok(list_part((page - 1).saturating_mul(size), size));
    }
    let start = start.map_or(Ok(0), |tree| whole_number(tree, "start", 0))?;
    let limit = match limit {
        Some(tree) if tree.as_text() != Some("-1") => whole_number(tree, "limit", 0)?,
        _ => i64::MAX as u64,
    };
    Ok(list_part(start, limit))
}

/// A part of a list whose end is an i64.
fn list_part(start: u64, limit: u64) -> Page {
    let start = start.min(i64::MAX as u64);
    Page::Offset { start, limit: limit.min(i64::MAX as u64 - start), with_count: false }
}

fn whole_number(tree: &QueryTree, name: &str, least: u64) -> Result<u64, ParamError> {
    let number = tree.as_text().filter(|text| text.bytes().all(|b| b.is_ascii_digit())).and_then(|t| t.parse().ok());
    number.filter(|number| *number >= least).ok_or_else(|| {
        let received = print_value(tree);
        ParamError::validation(format!(
            "Invalid parameter at '{name}'. Expected integer >= {least}, received: {received}"
        ))
    })
}

fn both_paginations() -> ParamError {
    ParamError {
        kind: ParamErrorKind::Pagination,
        ..ParamError::validation("Cannot use both page & offset pagination in the same query")
    }
}

/// `Math.max` of JavaScript: NaN stays NaN.
fn at_least(least: f64, value: f64) -> f64 {
    if value.is_nan() { value } else { value.max(least) }
}

fn whole_start(start: f64) -> Result<u64, ParamError> {
    if start.is_finite() && start.fract() == 0.0 {
        return Ok((start as u64).min(i64::MAX as u64));
    }
    let received = if start.is_infinite() { "Infinity".to_owned() } else { start.to_string() };
    Err(ParamError::validation(format!("Invalid parameter at 'start'. Expected integer >= 0, received: {received}")))
}

/// The size of a page: at least 1, at most the limit, which also replaces NaN.
fn limit_page_size(value: f64, limits: &QueryLimits) -> Result<u64, ParamError> {
    let value = at_least(1.0, value);
    if value.is_nan() || value >= limits.page_size_max as f64 {
        return Ok(limits.page_size_max);
    }
    if value.fract() != 0.0 {
        return Err(ParamError::validation(format!(
            "Invalid parameter at 'limit'. Expected integer >= 0, received: {value}"
        )));
    }
    Ok(value as u64)
}

fn with_count(tree: Option<&QueryTree>) -> Result<bool, ParamError> {
    let Some(tree) = tree else { return Ok(true) };
    tree.as_text().and_then(parse_boolean).ok_or_else(|| {
        ParamError::validation(r#"Invalid withCount parameter. Expected "t","1","true","false","0","f""#)
    })
}

fn is_empty(tree: &QueryTree) -> bool {
    tree.as_text().is_some_and(str::is_empty)
}

/// `Number(…)` of JavaScript.
fn js_number(tree: &QueryTree) -> f64 {
    let Some(text) = tree.as_text().map(str::trim) else { return f64::NAN };
    let digits = text.trim_start_matches(['+', '-']);
    match text {
        "" => 0.0,
        "Infinity" | "+Infinity" => f64::INFINITY,
        "-Infinity" => f64::NEG_INFINITY,
        // Rust also reads words such as `nan` and `inf`.
        _ if digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') => text.parse().unwrap_or(f64::NAN),
        _ => f64::NAN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::brackets;

    fn parse_raw(raw: &str) -> Result<Page, String> {
        let tree = brackets::parse_query(raw).expect(raw);
        parse(&tree, &QueryLimits::default()).map_err(|error| error.message)
    }

    fn number_page(page: u64, page_size: u64) -> Result<Page, String> {
        Ok(Page::Number { page, page_size, with_count: true })
    }

    fn offset_page(start: u64, limit: u64) -> Result<Page, String> {
        Ok(Page::Offset { start, limit, with_count: true })
    }

    #[test]
    fn pagination_values_are_clamped() {
        for (query, expected) in [
            ("", number_page(1, 25)),
            ("limit=2&start=1", number_page(1, 25)),
            ("pagination=1", number_page(1, 25)),
            ("pagination[nothing]=1", number_page(1, 25)),
            ("pagination[page]=2", number_page(2, 25)),
            ("pagination[page]=0", number_page(1, 25)),
            ("pagination[page]=-1", number_page(1, 25)),
            ("pagination[page]=", number_page(1, 25)),
            ("pagination[page]=1e1&pagination[pageSize]=3", number_page(10, 3)),
            ("pagination[pageSize]=0", number_page(1, 1)),
            ("pagination[pageSize]=-1", number_page(1, 1)),
            ("pagination[pageSize]=abc", number_page(1, 100)),
            ("pagination[pageSize]=nan", number_page(1, 100)),
            ("pagination[pageSize]=1000", number_page(1, 100)),
            ("pagination[pageSize]=1e999", number_page(1, 100)),
            ("pagination[start]=2&pagination[limit]=2", offset_page(2, 2)),
            ("pagination[start]=-2", offset_page(0, 25)),
            ("pagination[limit]=-1", offset_page(0, 1)),
            ("pagination[limit]=abc", offset_page(0, 100)),
            ("pagination[start]=1000000000000", offset_page(1_000_000_000_000, 25)),
        ] {
            assert_eq!(parse_raw(query), expected, "{query}");
        }
    }

    #[test]
    fn offsets_must_be_whole_and_fit_the_database() {
        let refused =
            |received| Err(format!("Invalid parameter at 'start'. Expected integer >= 0, received: {received}"));
        assert_eq!(parse_raw("pagination[page]=abc"), refused("NaN"));
        assert_eq!(parse_raw("pagination[page]=1.5"), refused("12.5"));
        assert_eq!(parse_raw("pagination[start]=12.5"), refused("12.5"));
        assert_eq!(parse_raw("pagination[page][x]=1"), refused("NaN"));
        assert_eq!(parse_raw("pagination[start]=Infinity"), refused("Infinity"));
        assert!(parse_raw("pagination[page]=1.5&pagination[pageSize]=2").is_err());
        for query in ["pagination[page]=1e300&pagination[pageSize]=100", "pagination[start]=1e300"] {
            let (start, limit) = parse_raw(query).expect(query).row_window();
            assert!(start.checked_add(limit).is_some_and(|end| end <= i64::MAX as u64 + 100), "{query}");
        }
    }

    #[test]
    fn lists_without_pages_have_everything_or_the_requested_part() {
        let part = |raw: &str| {
            let tree = brackets::parse_query(raw).expect(raw);
            parse_part(&tree, &QueryLimits::default()).map(Page::row_window).map_err(|error| error.message)
        };
        let all = i64::MAX as u64;
        for (query, window) in [
            ("", (0, all)),
            ("limit=", (0, all)),
            ("limit=2", (0, 2)),
            ("limit=500", (0, 500)),
            ("limit=0", (0, 0)),
            ("limit=-1&start=3", (3, all - 3)),
            ("start=1&limit=2", (1, 2)),
            ("pagination[start]=1&limit=2", (1, 2)),
            ("pagination[limit]=2&pagination[withCount]=true", (0, 2)),
            ("page=3&pageSize=4", (8, 4)),
            ("pagination[page]=2", (25, 25)),
            ("pagination[page]=18446744073709551615&pagination[pageSize]=9", (all, 0)),
        ] {
            assert_eq!(part(query), Ok(window), "{query}");
        }
        for (query, message) in [
            ("limit=abc", "Invalid parameter at 'limit'. Expected integer >= 0, received: abc"),
            ("limit=1&limit=2", "Invalid parameter at 'limit'. Expected integer >= 0, received: 1,2"),
            ("start=-1", "Invalid parameter at 'start'. Expected integer >= 0, received: -1"),
            ("pagination[page]=0", "Invalid parameter at 'page'. Expected integer >= 1, received: 0"),
            ("pageSize=1.5", "Invalid parameter at 'pageSize'. Expected integer >= 1, received: 1.5"),
            ("limit=1&pagination[limit]=1", "Cannot use both limit and pagination[limit] in the same query"),
            ("page=1&start=0", "Cannot use both page & offset pagination in the same query"),
        ] {
            assert_eq!(part(query), Err(message.to_owned()), "{query}");
        }
    }

    #[test]
    fn page_and_offset_exclude_each_other() {
        for query in ["pagination[page]=1&pagination[start]=0", "pagination[pageSize]=2&pagination[limit]=1"] {
            let error = parse(&brackets::parse_query(query).expect(query), &QueryLimits::default()).expect_err(query);
            assert_eq!(error.kind, ParamErrorKind::Pagination);
            assert_eq!(error.message, "Cannot use both page & offset pagination in the same query");
        }
        assert!(parse_raw("page=2&pageSize=2").expect_err("an error").starts_with("Invalid pagination parameters."));
    }

    #[test]
    fn counting_can_be_switched_off() {
        for (value, expected) in [("false", false), ("0", false), ("f", false), ("t", true), ("1", true)] {
            let page = parse_raw(&format!("pagination[withCount]={value}")).expect(value);
            assert_eq!(page.with_count(), expected, "{value}");
        }
        assert_eq!(
            parse_raw("pagination[withCount]=maybe"),
            Err(r#"Invalid withCount parameter. Expected "t","1","true","false","0","f""#.to_owned())
        );
    }
}
