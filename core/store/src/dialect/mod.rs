//! What differs between databases, and nothing else: how columns are declared, how JSON is reached into, how text is
//! compared without case, how a list is bound. SQLite now; PostgreSQL implements the same trait.

pub(crate) mod sqlite;

use cairn_model::ColumnType;

/// Spellings of one database. SQL parts are composed from these and from standard SQL.
pub(crate) trait Dialect {
    /// The declared type of a column, collation included.
    fn column(&self, t: ColumnType) -> &'static str;
    /// An attribute of a JSON object (`json` is an SQL expression), typed as its column type, for comparing.
    fn json_field(&self, json: &str, name: &str, t: ColumnType) -> String;
    /// A component inside a JSON object, as JSON.
    fn json_child(&self, json: &str, name: &str) -> String;
    /// A table expression with one row per element of a JSON array; the element is `<alias>.value`.
    fn json_elements(&self, json: &str, alias: &str) -> String;
    /// `expr` is one of the values of the list bound at `?n`.
    fn in_list(&self, expr: &str, n: usize) -> String;
    /// Substring search that ignores the case of ASCII letters, `pattern` escaped with `\`.
    fn like(&self, expr: &str, pattern: &str) -> String;
    /// An expression that has lost its column's collation, to be ordered as the column is.
    fn collated(&self, expr: &str, t: ColumnType) -> String;
    /// ASCII lower case.
    fn lower(&self, expr: &str) -> String;
}
