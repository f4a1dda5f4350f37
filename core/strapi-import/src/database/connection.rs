//! Reading rows of a database, whichever it is.

use crate::error::ImportError;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;

/// Longest value that is read, in bytes: a line of an archive is not longer.
pub(super) const MAX_VALUE_BYTES: usize = 64 << 20;

/// A value of a row.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell<'a> {
    Null,
    Int(i64),
    Float(f64),
    Text(Cow<'a, str>),
}

impl Cell<'_> {
    /// The value as an integer; PostgreSQL returns numbers as text.
    pub(super) fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(value) => Some(*value),
            Self::Float(value) if value.fract() == 0.0 && value.abs() < 2_f64.powi(53) => Some(*value as i64),
            Self::Text(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// The value as a number with a fraction.
    pub(super) fn as_float(&self) -> Option<f64> {
        match self {
            Self::Int(value) => Some(*value as f64),
            Self::Float(value) => Some(*value),
            Self::Text(text) => text.parse().ok().filter(|value: &f64| value.is_finite()),
            Self::Null => None,
        }
    }

    /// The value as text; `None` for null.
    pub(super) fn as_text(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Null => None,
            Self::Int(value) => Some(value.to_string().into()),
            Self::Float(value) => Some(value.to_string().into()),
            Self::Text(text) => Some(Cow::Borrowed(text)),
        }
    }

    fn bytes(&self) -> usize {
        if let Self::Text(text) = self { text.len() } else { 8 }
    }
}

/// Bytes of the values of a row.
pub(super) fn row_bytes(row: &[Cell<'_>]) -> usize {
    row.iter().map(Cell::bytes).sum()
}

/// Rows to select: some columns of a table.
#[derive(Debug)]
pub(super) struct Selection<'s> {
    pub(super) table: &'s str,
    pub(super) columns: Vec<&'s str>,
    pub(super) rows: RowFilter<'s>,
    /// Columns by which the rows are sorted.
    pub(super) order: &'s [&'s str],
    /// Largest number of rows.
    pub(super) limit: Option<usize>,
}

/// The rows of a table that are selected.
#[derive(Debug)]
pub(super) enum RowFilter<'s> {
    /// Rows with a larger id.
    After(i64),
    /// Rows whose value in a column is one of these.
    With(&'s str, &'s [i64]),
}

impl Selection<'_> {
    /// The statement. Names are quoted, values are integers.
    pub(super) fn to_sql(&self, schema: Option<&str>) -> String {
        let columns: Vec<String> = self.columns.iter().map(|column| quote(column)).collect();
        let table =
            schema.map_or_else(|| quote(self.table), |schema| format!("{}.{}", quote(schema), quote(self.table)));
        let rows = match &self.rows {
            RowFilter::After(id) => format!("{} > {id}", quote("id")),
            RowFilter::With(column, ids) => {
                let ids: Vec<String> = ids.iter().map(i64::to_string).collect();
                format!("{} IN ({})", quote(column), ids.join(", "))
            }
        };
        let order: Vec<String> = self.order.iter().map(|column| quote(column)).collect();
        let mut sql = format!("SELECT {} FROM {table} WHERE {rows} ORDER BY {}", columns.join(", "), order.join(", "));
        if let Some(limit) = self.limit {
            sql.push_str(&format!(" LIMIT {limit}"));
        }
        sql
    }
}

fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Receives a row; breaks off the reading, or goes on.
pub(super) type VisitRow<'v> = dyn FnMut(&[Cell<'_>]) -> Result<ControlFlow<()>, ImportError> + 'v;

/// A database in one transaction that only reads: every selection sees the same state.
pub(super) trait RowReader {
    /// Reads the names of all tables and their columns.
    fn read_tables(&mut self) -> Result<Tables, ImportError>;

    /// Calls `visit` with the selected rows, in order.
    fn read_rows(&mut self, selection: &Selection<'_>, visit: &mut VisitRow<'_>) -> Result<(), ImportError>;

    /// Ends the transaction. Fails if what was read may not be one state of the database.
    fn finish(self: Box<Self>) -> Result<(), ImportError>;
}

/// Tables of a database, and the columns of each.
#[derive(Debug, Default)]
pub(super) struct Tables(pub(super) HashMap<String, HashSet<String>>);

impl Tables {
    pub(super) fn has_table(&self, table: &str) -> bool {
        self.0.contains_key(table)
    }

    pub(super) fn has_column(&self, table: &str, column: &str) -> bool {
        self.0.get(table).is_some_and(|columns| columns.contains(column))
    }

    /// Returns an error if a column that is needed is not there; `owner` is the type that it belongs to.
    pub(super) fn require(&self, owner: &str, table: &str, columns: &[&str]) -> Result<(), ImportError> {
        if !self.has_table(table) {
            return Err(ImportError::Database(format!(
                "the table {table} of {owner} is missing in the database: start Strapi once with this database, so that it creates the table"
            )));
        }
        match columns.iter().find(|column| !self.has_column(table, column)) {
            Some(column) => Err(ImportError::Database(format!(
                "the table {table} of {owner} has no column {column}: start Strapi once with this database, so that it adds the column"
            ))),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_leave_their_quotes() {
        let selection = Selection {
            table: "a\" b",
            columns: vec!["id", "order"],
            rows: RowFilter::With("c", &[1, -2]),
            order: &["id"],
            limit: Some(3),
        };
        assert_eq!(
            selection.to_sql(Some("s")),
            r#"SELECT "id", "order" FROM "s"."a"" b" WHERE "c" IN (1, -2) ORDER BY "id" LIMIT 3"#
        );
    }
}
