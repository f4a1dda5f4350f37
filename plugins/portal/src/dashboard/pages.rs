//! Pages of lists. It knows no host.

use crate::refusals::wrong_field;
use cairn_plugin::{Request, Result};
use serde_json::{Value, json};

/// A page of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Page {
    /// Counted from 1.
    pub(crate) number: u32,
    pub(crate) size: u32,
}

const DEFAULT_SIZE: u32 = 25;
const MAX_SIZE: u32 = 100;
const MAX_NUMBER: u32 = 100_000;

impl Page {
    /// Reads the parameters `page` and `pageSize`.
    ///
    /// # Errors
    /// `Invalid` with the parameter that is no number within its bounds.
    pub(crate) fn read(request: &Request, locale: &str) -> Result<Self> {
        let number = |name: &str, default: u32, most: u32| {
            parse_count(request.query(name), default, most)
                .ok_or_else(|| wrong_field(name, "count", locale, Some(&json!({ "least": 1, "most": most }))))
        };
        Ok(Self { number: number("page", 1, MAX_NUMBER)?, size: number("pageSize", DEFAULT_SIZE, MAX_SIZE)? })
    }

    /// The response with these rows.
    pub(crate) fn describe(self, rows: Vec<Value>, total: Option<u64>) -> Value {
        let total = total.unwrap_or_default();
        let pagination = json!({
            "page": self.number, "pageSize": self.size, "pageCount": total.div_ceil(u64::from(self.size)), "total": total,
        });
        json!({ "data": rows, "meta": { "pagination": pagination } })
    }
}

fn parse_count(text: Option<&str>, default: u32, most: u32) -> Option<u32> {
    let Some(text) = text else { return Some(default) };
    text.parse().ok().filter(|number| (1..=most).contains(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_numbers_within_their_bounds() {
        assert_eq!((parse_count(None, 25, 100), parse_count(Some("7"), 25, 100)), (Some(25), Some(7)));
        for wrong in ["0", "101", "-1", "many", "", "1.5", "99999999999999999999"] {
            assert_eq!(parse_count(Some(wrong), 25, 100), None, "{wrong}");
        }
    }

    #[test]
    fn a_response_says_how_many_there_are() {
        let page = Page { number: 2, size: 25 };
        let pagination = page.describe(Vec::new(), Some(26))["meta"]["pagination"].clone();
        assert_eq!(pagination, json!({ "page": 2, "pageSize": 25, "pageCount": 2, "total": 26 }));
    }
}
