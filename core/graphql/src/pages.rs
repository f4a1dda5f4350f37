//! Pages: the part of a list that `pagination` asks for, and the numbers of a connection.

use async_graphql::{Name, Value};
use serde_json::{Value as Json, json};

/// The bounds that `pagination` sets, before the length of the list is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PageBounds {
    start: usize,
    /// The size that was asked for.
    size: usize,
}

impl PageBounds {
    /// Reads the bounds from the argument.
    pub(crate) fn read(pagination: Option<&Value>, default_size: u64) -> Self {
        let number = |name: &str| match pagination {
            Some(Value::Object(pagination)) => match pagination.get(&Name::new(name)) {
                Some(Value::Number(number)) => number.as_i64(),
                _ => None,
            },
            _ => None,
        };
        let to_size = |number: i64| usize::try_from(number).unwrap_or(usize::MAX);
        let default_size = usize::try_from(default_size).unwrap_or(usize::MAX);
        let size = number("pageSize").or_else(|| number("limit")).map_or(default_size, to_size);
        let start = match number("page") {
            Some(page) => usize::try_from(page.saturating_sub(1)).unwrap_or(0).saturating_mul(size),
            None => number("start").map_or(0, |start| usize::try_from(start).unwrap_or(0)),
        };
        Self { start, size }
    }

    /// True if the item at that position is inside.
    pub(crate) fn contains(self, position: usize) -> bool {
        position >= self.start && position - self.start < self.size
    }

    /// The part of a list that has so many items.
    pub(crate) fn of_list(self, count: usize) -> Window {
        let from = self.start.min(count);
        Window { from, to: from.saturating_add(self.size).min(count), size: self.size }
    }
}

/// A part of a populated list.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) from: usize,
    pub(crate) to: usize,
    /// The size that was asked for.
    size: usize,
}

impl Window {
    /// The numbers of the page, of a list with so many items.
    pub(crate) fn page_numbers(&self, count: usize) -> Json {
        let size = self.size.clamp(1, count.max(1));
        json!({ "total": count, "page": self.from / size + 1, "pageSize": size, "pageCount": count.div_ceil(size) })
    }
}

/// The numbers of a page, in the form of pages whether the request was for a page or for a part.
pub(crate) fn read_page_info(pagination: &Json) -> Json {
    let number = |name: &str| pagination[name].as_u64();
    match (number("start"), number("limit")) {
        (Some(start), Some(limit)) => {
            let (limit, total) = (limit.max(1), number("total").unwrap_or_default());
            json!({ "total": total, "page": start / limit + 1, "pageSize": limit, "pageCount": total.div_ceil(limit) })
        }
        _ => pagination.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_inside_of_lists() {
        for (pagination, expected) in [
            (json!({}), (0, 10)),
            (json!({"limit": 3, "start": 2}), (2, 5)),
            (json!({"limit": -1}), (0, 25)),
            (json!({"limit": -1, "start": 20}), (20, 25)),
            (json!({"limit": 0}), (0, 0)),
            (json!({"page": 3, "pageSize": 10}), (20, 25)),
            (json!({"page": 0}), (0, 10)),
            (json!({"page": i64::MIN + 1}), (0, 10)),
            (json!({"page": i64::MAX, "pageSize": i64::MAX}), (25, 25)),
            (json!({"start": -3}), (0, 10)),
            (json!({"start": 90}), (25, 25)),
        ] {
            let bounds = PageBounds::read(Some(&Value::from_json(pagination.clone()).unwrap()), 10);
            let Window { from, to, .. } = bounds.of_list(25);
            assert_eq!((from, to), expected, "{pagination}");
            let inside: Vec<usize> = (0..25).filter(|position| bounds.contains(*position)).collect();
            assert_eq!(inside, (from..to).collect::<Vec<_>>(), "{pagination}");
        }
        assert_eq!(PageBounds::read(None, 10).of_list(3), Window { from: 0, to: 3, size: 10 });
    }

    #[test]
    fn numbers_of_pages_are_those_of_the_whole_list() {
        let numbers = |from: usize, size: usize, count: usize| Window { from, to: count, size }.page_numbers(count);
        assert_eq!(numbers(10, 5, 23), json!({"total": 23, "page": 3, "pageSize": 5, "pageCount": 5}));
        assert_eq!(numbers(0, usize::MAX, 23), json!({"total": 23, "page": 1, "pageSize": 23, "pageCount": 1}));
        assert_eq!(numbers(0, 10, 0), json!({"total": 0, "page": 1, "pageSize": 1, "pageCount": 0}));
        let part = json!({"start": 4, "limit": 2, "total": 7});
        assert_eq!(read_page_info(&part), json!({"total": 7, "page": 3, "pageSize": 2, "pageCount": 4}));
    }
}
