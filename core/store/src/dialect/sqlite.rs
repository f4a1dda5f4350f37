//! SQLite's spellings and connection settings.

use super::Dialect;
use crate::{Result, StoreError};
use cairn_model::ColumnType;
use rusqlite::Connection;
use std::cmp::Ordering;

pub(crate) struct Sqlite;

impl Dialect for Sqlite {
    fn column(&self, t: ColumnType) -> &'static str {
        match t {
            ColumnType::Text | ColumnType::Date | ColumnType::DateTime | ColumnType::Time | ColumnType::Json => "TEXT",
            ColumnType::Integer | ColumnType::BigInteger | ColumnType::Boolean => "INTEGER",
            ColumnType::Float => "REAL",
            ColumnType::Decimal => "TEXT COLLATE decimal",
        }
    }

    fn json_field(&self, json: &str, name: &str, t: ColumnType) -> String {
        let path = json_path(name);
        match t {
            ColumnType::BigInteger => format!("CAST(json_extract({json}, {path}) AS INTEGER)"),
            ColumnType::Decimal => format!("(json_extract({json}, {path}) COLLATE decimal)"),
            ColumnType::Json => format!("json_extract({json}, {path})"),
            _ => format!("json_extract({json}, {path})"),
        }
    }

    fn json_child(&self, json: &str, name: &str) -> String {
        format!("json_extract({json}, {})", json_path(name))
    }

    fn json_elements(&self, json: &str, alias: &str) -> String {
        format!("json_each({json}) {alias}")
    }

    fn in_list(&self, expr: &str, n: usize) -> String {
        format!("{expr} IN (SELECT value FROM rarray(?{n}))")
    }

    fn like(&self, expr: &str, pattern: &str) -> String {
        format!("{expr} LIKE {pattern} ESCAPE '\\'")
    }

    fn collated(&self, expr: &str, t: ColumnType) -> String {
        match t {
            ColumnType::Decimal => format!("{expr} COLLATE decimal"),
            _ => expr.to_owned(),
        }
    }

    fn lower(&self, expr: &str) -> String {
        format!("lower({expr})")
    }
}

/// `'$."name"'`: attribute names are `[A-Za-z][A-Za-z0-9_-]*` by the loader; quotes are escaped all the same.
fn json_path(name: &str) -> String {
    format!("'$.\"{}\"'", name.replace('"', "").replace('\'', "''"))
}

/// The writer: WAL, every commit synced, statements wait for another process's commit.
pub(crate) fn configure_writer(conn: &Connection) -> Result<()> {
    conn.execute_batch(
        "PRAGMA page_size = 8192;
         PRAGMA busy_timeout = 10000;
         PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA foreign_keys = OFF;
         PRAGMA trusted_schema = OFF;
         PRAGMA temp_store = MEMORY;
         PRAGMA wal_autocheckpoint = 1000;
         PRAGMA cache_size = -8192;",
    )
    .map_err(StoreError::at("configuring the database"))
}

/// A reader.
pub(crate) fn configure_reader(conn: &Connection) -> Result<()> {
    conn.execute_batch(
        "PRAGMA busy_timeout = 10000;
         PRAGMA query_only = ON;
         PRAGMA trusted_schema = OFF;
         PRAGMA temp_store = MEMORY;
         PRAGMA cache_size = -6144;
         PRAGMA mmap_size = 268435456;",
    )
    .map_err(StoreError::at("configuring a reader"))
}

/// Orders canonical decimals (`-12.5`, no exponent, no leading or trailing zeros) by value; other text by its bytes, after them.
/// Named as in SQLite's own decimal extension, so that its command line can read these columns.
pub(crate) fn compare_decimals(a: &str, b: &str) -> Ordering {
    match (Parts::of(a), Parts::of(b)) {
        (Some(x), Some(y)) => match (x.negative, y.negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => x.magnitude(&y),
            (true, true) => y.magnitude(&x),
        },
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => a.cmp(b),
    }
}

struct Parts<'a> {
    negative: bool,
    whole: &'a str,
    fraction: &'a str,
}

impl<'a> Parts<'a> {
    fn of(text: &'a str) -> Option<Self> {
        let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        if whole.is_empty() || !whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit()) {
            return None;
        }
        let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
        Some(Self { negative: negative && !(whole.is_empty() && fraction.is_empty()), whole, fraction })
    }

    fn magnitude(&self, other: &Self) -> Ordering {
        (self.whole.len().cmp(&other.whole.len()))
            .then_with(|| self.whole.cmp(other.whole))
            .then_with(|| self.fraction.cmp(other.fraction))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_order_by_value() {
        let mut all = ["10", "9.99", "-0.5", "0", "-12", "0.05", "0.5", "100000000000000000000", "9.990", "-0.25"];
        all.sort_by(|a, b| compare_decimals(a, b));
        assert_eq!(all, ["-12", "-0.5", "-0.25", "0", "0.05", "0.5", "9.99", "9.990", "10", "100000000000000000000"]);
        assert_eq!(compare_decimals("-0", "0"), Ordering::Equal);
    }
}
