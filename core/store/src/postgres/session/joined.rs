//! Several inserts as one statement: the driver has one statement under way at a time, so each would cost a round trip.

use crate::connection::Param;
use std::fmt::Write;

/// An insert with the values of its row.
type Insert<'p> = (&'static str, Vec<Param<'p>>);

/// Number of rows in one statement. Powers of two are joined, so that few different statements are prepared.
const MAX_ROWS: usize = 128;
/// Number of values in one statement: half of what the protocol has room for.
const MAX_VALUES: usize = 32_000;
/// Number of inserts that a commit joins.
const MAX_INSERTS: usize = 16;

/// Splits the last inserts of a transaction into parts that [`join_inserts`] takes.
pub(super) fn joinable_parts<'a, 'p>(inserts: &'a [Insert<'p>]) -> impl Iterator<Item = &'a [Insert<'p>]> {
    inserts.chunks(MAX_INSERTS)
}

/// Joins inserts whose rows all differ in their keys: those with the same text get several rows, in order, and all but the last text
/// become parts of its `WITH`.
pub(super) fn join_inserts<'p>(inserts: &[Insert<'p>]) -> (String, Vec<Param<'p>>) {
    let mut joined = String::new();
    let mut params = Vec::new();
    let groups: Vec<&[Insert<'p>]> = inserts.chunk_by(|a, b| a.0 == b.0).collect();
    for (i, group) in groups.iter().enumerate() {
        let last = i + 1 == groups.len();
        if !last {
            joined.push_str(if i == 0 { "WITH " } else { ", " });
            let _ = write!(joined, "part{i} AS (");
        } else if i > 0 {
            joined.push(' ');
        }
        let rows = group.iter().map(|(_, row)| row.as_slice());
        let sql = group.first().map_or("", |(sql, _)| *sql);
        write_rows(&mut joined, sql, rows, &mut params);
        if !last {
            joined.push(')');
        }
    }
    (joined, params)
}

/// Splits rows into parts that one statement inserts. Only plain inserts are joined: another statement may change a row twice.
pub(super) fn row_parts<'a, 'p>(sql: &str, rows: &'a [Vec<Param<'p>>]) -> impl Iterator<Item = &'a [Vec<Param<'p>>]> {
    let plain = sql.trim_start().starts_with("INSERT") && values_span(sql).is_some() && !sql.contains("DO UPDATE");
    let width = rows.first().map_or(1, |row| row.len().max(1));
    let most = if plain { MAX_ROWS.min(MAX_VALUES / width).max(1) } else { 1 };
    let mut rest = rows;
    std::iter::from_fn(move || {
        let fitting = rest.len().min(most);
        // The largest power of two.
        let (part, after) = rest.split_at(1 << fitting.checked_ilog2()?);
        rest = after;
        Some(part)
    })
}

/// One insert of several rows.
pub(super) fn join_rows<'p>(sql: &str, rows: &[Vec<Param<'p>>]) -> (String, Vec<Param<'p>>) {
    let (mut joined, mut params) = (String::with_capacity(sql.len() * 2), Vec::new());
    write_rows(&mut joined, sql, rows.iter().map(Vec::as_slice), &mut params);
    (joined, params)
}

/// Writes an insert with the values of each row; those of `params` come before.
fn write_rows<'r, 'p: 'r>(
    out: &mut String,
    sql: &str,
    rows: impl Iterator<Item = &'r [Param<'p>]>,
    params: &mut Vec<Param<'p>>,
) {
    let (begin, end) = values_span(sql).unwrap_or((sql.len(), sql.len()));
    out.push_str(&sql[..begin]);
    for (i, row) in rows.enumerate() {
        if i > 0 {
            out.push_str(", ");
        }
        write_shifted(out, &sql[begin..end], params.len());
        params.extend_from_slice(row);
    }
    out.push_str(&sql[end..]);
}

/// Where the row of `VALUES (…)` is; `None` if there is none, or if placeholders follow it.
fn values_span(sql: &str) -> Option<(usize, usize)> {
    let begin = sql.find("VALUES (")? + "VALUES ".len();
    let mut depth = 0;
    for (i, c) in sql[begin..].char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            let end = begin + i + 1;
            return (!sql[end..].contains('?') && !sql[..begin].contains('?')).then_some((begin, end));
        }
    }
    None
}

/// Writes a row of placeholders, each with its number increased.
fn write_shifted(out: &mut String, row: &str, by: usize) {
    let mut parts = row.split('?');
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let digits = part.len() - part.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let number = part[..digits].parse::<usize>().unwrap_or_default();
        let _ = write!(out, "?{}{}", number + by, &part[digits..]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inserts_are_joined_in_order() {
        let counts = "INSERT INTO c (a, b) VALUES (?1, lower(?2)) ON CONFLICT (a) DO UPDATE SET b = excluded.b";
        let row = |a: i64| vec![Param::Integer(a), Param::Integer(-a)];
        let history = "INSERT INTO h (x) VALUES (?1)";
        let inserts = [(counts, row(1)), (counts, row(2)), (history, vec![Param::Integer(3)])];
        let (sql, params) = join_inserts(&inserts);
        assert_eq!(
            sql,
            "WITH part0 AS (INSERT INTO c (a, b) VALUES (?1, lower(?2)), (?3, lower(?4)) ON CONFLICT (a) DO UPDATE SET \
             b = excluded.b) INSERT INTO h (x) VALUES (?5)"
        );
        assert_eq!(params, [1, -1, 2, -2, 3].map(Param::Integer));
        assert_eq!(join_inserts(&inserts[2..]).0, history);
    }

    #[test]
    fn only_plain_inserts_are_split_into_joined_rows() {
        let rows: Vec<Vec<Param<'_>>> = (0..300).map(|i| vec![Param::Integer(i)]).collect();
        let parts = |sql: &str| row_parts(sql, &rows).map(<[_]>::len).collect::<Vec<_>>();
        assert_eq!(parts("INSERT INTO t (a) VALUES (?1)"), [128, 128, 32, 8, 4]);
        assert_eq!(parts("UPDATE t SET a = ?1"), [1; 300]);
        assert_eq!(parts("INSERT INTO t (a) VALUES (?1) ON CONFLICT (a) DO UPDATE SET a = 1"), [1; 300]);
        assert_eq!(parts("INSERT INTO t (a) SELECT ?1 WHERE true"), [1; 300]);
    }
}
