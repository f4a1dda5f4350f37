//! Several statements as one: the driver has one statement under way at a time, so each would cost a round trip.

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
        let is_last = i + 1 == groups.len();
        if !is_last {
            joined.push_str(if i == 0 { "WITH " } else { ", " });
            let _ = write!(joined, "part{i} AS (");
        } else if i > 0 {
            joined.push(' ');
        }
        let rows = group.iter().map(|(_, row)| row.as_slice());
        let sql = group.first().map_or("", |(sql, _)| *sql);
        write_rows(&mut joined, sql, rows, &mut params);
        if !is_last {
            joined.push(')');
        }
    }
    (joined, params)
}

/// A statement that can have several rows of values.
pub(super) struct MultiRow<'s> {
    sql: &'s str,
    form: MultiRowForm<'s>,
    /// The places of the values that tell rows apart: one statement changes no row twice. Empty: all rows are new.
    key: Vec<usize>,
}

enum MultiRowForm<'s> {
    /// `INSERT … VALUES (…)`
    Insert,
    /// `UPDATE … SET … WHERE id = ?1`, without the condition.
    Update(&'s str),
}

impl<'s> MultiRow<'s> {
    /// `None` for statements of any other form.
    pub(super) fn parse(sql: &'s str) -> Option<Self> {
        if let Some(rest) = sql.strip_prefix("UPDATE ") {
            let (changes, id) = sql.rsplit_once(" WHERE id = ?")?;
            let key = vec![id.parse::<usize>().ok()?.checked_sub(1)?];
            return (!rest.contains(" FROM ")).then_some(Self { sql, form: MultiRowForm::Update(changes), key });
        }
        let (begin, end) = values_span(sql).filter(|_| sql.trim_start().starts_with("INSERT"))?;
        let key = if sql.contains("DO UPDATE") { conflict_key(sql, begin, end)? } else { Vec::new() };
        Some(Self { sql, form: MultiRowForm::Insert, key })
    }

    /// True if [`Self::join`] has to know the types of the values.
    pub(super) fn is_update(&self) -> bool {
        matches!(self.form, MultiRowForm::Update(_))
    }

    /// Splits rows into parts for one statement each, in order. Rows with the same key are in different parts, so that a later one changes
    /// what an earlier one wrote.
    pub(super) fn parts<'a, 'p>(&self, rows: &'a [Vec<Param<'p>>]) -> impl Iterator<Item = &'a [Vec<Param<'p>>]> {
        let width = rows.first().map_or(1, |row| row.len().max(1));
        let most = MAX_ROWS.min(MAX_VALUES / width).max(1);
        let mut rest = rows;
        std::iter::from_fn(move || {
            let fitting = self.distinct(&rest[..rest.len().min(most)]);
            // The largest power of two.
            let (part, after) = rest.split_at(1 << fitting.checked_ilog2()?);
            rest = after;
            Some(part)
        })
    }

    /// Number of rows before the first whose key an earlier one has.
    fn distinct(&self, rows: &[Vec<Param<'_>>]) -> usize {
        if self.key.is_empty() {
            return rows.len();
        }
        let has_same_key = |a: &[Param<'_>], b: &[Param<'_>]| self.key.iter().all(|&i| a.get(i) == b.get(i));
        let repeated = |n: &usize| rows[..*n].iter().any(|earlier| has_same_key(earlier, &rows[*n]));
        (0..rows.len()).find(repeated).unwrap_or(rows.len())
    }

    /// One statement for several rows; `types` are those of the values of a row.
    pub(super) fn join<'p>(&self, rows: &[Vec<Param<'p>>], types: &[&str]) -> (String, Vec<Param<'p>>) {
        let (mut joined, mut params) = (String::with_capacity(self.sql.len() * 2), Vec::new());
        match self.form {
            MultiRowForm::Insert => write_rows(&mut joined, self.sql, rows.iter().map(Vec::as_slice), &mut params),
            MultiRowForm::Update(changes) => {
                joined.push_str(&changes.replace('?', "row_values.value"));
                joined.push_str(" FROM (VALUES ");
                // The casts in the first row give the values of all rows their types, which nothing else does.
                let typed: Vec<String> =
                    types.iter().enumerate().map(|(i, name)| format!("CAST(?{} AS {name})", i + 1)).collect();
                let untyped: Vec<String> = (1..=types.len()).map(|i| format!("?{i}")).collect();
                for (i, row) in rows.iter().enumerate() {
                    let (comma, row_sql) = if i == 0 { ("", &typed) } else { (", ", &untyped) };
                    joined.push_str(comma);
                    write_shifted(&mut joined, &format!("({})", row_sql.join(", ")), params.len());
                    params.extend_from_slice(row);
                }
                let names: Vec<String> = (1..=types.len()).map(|i| format!("value{i}")).collect();
                let id = self.key.first().map_or(0, |i| i + 1);
                let _ = write!(joined, ") AS row_values ({}) WHERE id = row_values.value{id}", names.join(", "));
            }
        }
        (joined, params)
    }
}

/// The places of the values of an insert that `ON CONFLICT (…)` compares; `None` if they cannot be told.
fn conflict_key(sql: &str, begin: usize, end: usize) -> Option<Vec<usize>> {
    let list = |text: &'_ str| text.split(',').map(|item| item.trim().to_owned()).collect::<Vec<_>>();
    let (_, columns) = sql[..begin].split_once('(')?;
    let columns = list(columns.split_once(')')?.0);
    let values = sql.get(begin + 1..end - 1).filter(|values| !values.contains('('))?;
    let values = list(values);
    let (_, compared) = sql[end..].split_once("ON CONFLICT (")?;
    let compared = list(compared.split_once(')')?.0);
    let mut key = Vec::with_capacity(compared.len());
    for name in compared {
        let value = values.get(columns.iter().position(|column| *column == name)?)?;
        // A value that is not a placeholder is the same in every row.
        if let Some(number) = value.strip_prefix('?') {
            key.push(number.parse::<usize>().ok()?.checked_sub(1)?);
        }
    }
    (!key.is_empty()).then_some(key)
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

    fn part_sizes(sql: &str, keys: impl Iterator<Item = i64>) -> Option<Vec<usize>> {
        let rows: Vec<Vec<Param<'_>>> = keys.map(|i| vec![Param::Integer(i), Param::Integer(7)]).collect();
        MultiRow::parse(sql).map(|statement| statement.parts(&rows).map(<[_]>::len).collect())
    }

    #[test]
    fn rows_are_joined_by_powers_of_two() {
        let joined = Some(vec![128, 128, 32, 8, 4]);
        let upsert =
            "INSERT INTO t AS x (b, a) VALUES (?2, ?1) ON CONFLICT (a) DO UPDATE SET b = excluded.b WHERE x.b = 0";
        for sql in ["INSERT INTO t (a, b) VALUES (?1, ?2)", upsert, "UPDATE t SET b = ?2 WHERE id = ?1"] {
            assert_eq!(part_sizes(sql, 0..300), joined, "{sql}");
        }
        for sql in [
            "DELETE FROM t WHERE id = ?1",
            "INSERT INTO t (a) SELECT ?1 WHERE true",
            "INSERT INTO t (a, b) VALUES (?1, ?2) ON CONFLICT (a) DO UPDATE SET b = 1 WHERE t.b < ?2",
            "INSERT INTO t (a, b) VALUES (lower(?1), ?2) ON CONFLICT (a) DO UPDATE SET b = 1",
            "INSERT INTO t (a, b) VALUES (1, ?2) ON CONFLICT (a) DO UPDATE SET b = 1",
            "UPDATE t SET b = ?2 FROM s WHERE id = ?1",
        ] {
            assert_eq!(part_sizes(sql, 0..300), None, "{sql}");
        }
    }

    #[test]
    fn one_statement_changes_no_row_twice() {
        let upsert = "INSERT INTO t (a, b) VALUES (?1, ?2) ON CONFLICT (a) DO UPDATE SET b = excluded.b";
        let keys = || [1, 2, 3, 4, 2, 5, 6, 6].into_iter();
        assert_eq!(part_sizes(upsert, keys()), Some(vec![4, 2, 1, 1]));
        assert_eq!(part_sizes("UPDATE t SET b = ?2 WHERE id = ?1", keys()), Some(vec![4, 2, 1, 1]));
        assert_eq!(part_sizes("INSERT INTO t (a, b) VALUES (?1, ?2)", keys()), Some(vec![8]));
    }

    #[test]
    fn updates_take_their_values_from_rows() {
        let rows = [[1, 2], [3, 4]].map(|row| row.map(Param::Integer).to_vec());
        let update = MultiRow::parse("UPDATE t SET a = ?1 WHERE id = ?2").unwrap();
        let (sql, params) = update.join(&rows, &["TEXT", "INT8"]);
        assert_eq!(
            sql,
            "UPDATE t SET a = row_values.value1 FROM (VALUES (CAST(?1 AS TEXT), CAST(?2 AS INT8)), (?3, ?4)) AS \
             row_values (value1, value2) WHERE id = row_values.value2"
        );
        assert_eq!(params, [1, 2, 3, 4].map(Param::Integer));
    }
}
