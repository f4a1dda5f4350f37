//! What differs between databases in the text of statements, and nothing else: how columns are declared, how members of JSON are read, how
//! text is compared without case, how a list is bound, where nulls sort.
//!
//! Both return the same results: nulls first ascending, text by code point, ASCII letters without case where case does not count.

mod postgres;
mod sqlite;

pub(crate) use postgres::Postgres;
pub(crate) use sqlite::Sqlite;

use cairn_model::ColumnType;

/// SQL fragments of one database. Statements are composed from these and from standard SQL.
pub(crate) trait Dialect: Sync {
    /// The declared type of a column, collation included.
    fn column_type(&self, t: ColumnType) -> &'static str;
    /// The declared type of a column of components.
    fn components_type(&self) -> &'static str;
    /// The declaration of a table's numbered key.
    fn numbered_key(&self) -> &'static str;
    /// What follows the columns in the declaration of a table that has a key of its own.
    fn keyed_table_suffix(&self) -> &'static str;
    /// A column inside an index, so that the index serves our order.
    fn indexed_column(&self, column: &str) -> String;
    /// An index over a column of components, where the database has one (behind the table's name).
    fn components_index(&self, column: &str) -> Option<String>;
    /// An attribute of a JSON object (`json` is an SQL expression), typed as its column type, for comparing.
    fn json_field(&self, json: &str, name: &str, t: ColumnType) -> String;
    /// A component inside a JSON object, as JSON.
    fn json_child(&self, json: &str, name: &str) -> String;
    /// A member of a JSON object, as JSON text.
    fn json_member_text(&self, json: &str, name: &str) -> String;
    /// Whether a member of a JSON object is one of the strings, numbers or booleans in a JSON array that is bound as text.
    fn json_member_in(&self, json: &str, name: &str, placeholder: &str) -> String;
    /// A table expression with one row per element of a JSON array: `<alias>.value`, in the order of `<alias>.key`.
    fn json_elements(&self, json: &str, alias: &str) -> String;
    /// The elements of a JSON array for which `test` holds, in that order, as a JSON array. They are `<alias>.value`.
    fn json_chosen(&self, json: &str, alias: &str, test: &str, order: &str) -> String;
    /// Whether components hold certain values, bound as JSON text: `None` if no index could find them.
    fn json_contains(&self, json: &str, placeholder: &str) -> Option<String>;
    /// `expr` is one of the values of the list bound at `?n`.
    fn in_list(&self, expr: &str, n: usize) -> String;
    /// Substring search that ignores the case of ASCII letters, `pattern` escaped with `\`.
    fn like_condition(&self, expr: &str, t: ColumnType, pattern: &str) -> String;
    /// An expression that has lost its column's collation, to be ordered as the column is.
    fn collated_expression(&self, expr: &str, t: ColumnType) -> String;
    /// ASCII lower case.
    fn lower_expression(&self, expr: &str, t: ColumnType) -> String;
    /// A column as it can be compared.
    fn comparable_expression(&self, expr: &str, t: ColumnType) -> String;
    /// A placeholder for a fraction that a column of integers is compared with, to the last digit.
    fn fraction_placeholder(&self, placeholder: &str) -> String;
    /// The exact sum of a column of whole or decimal numbers, as text; null where there are none.
    fn exact_sum(&self, expr: &str) -> String;
    /// Text of [`Self::exact_sum`] as something that orders by value.
    fn ordered_sum(&self, expr: &str) -> String;
    /// An expression for `ORDER BY`, nulls first ascending.
    fn sort_key(&self, expr: &str, descending: bool) -> String;
    /// The statement that returns the size in bytes of the database or, on PostgreSQL, of the schema.
    fn size_query(&self) -> &'static str;
    /// Whether the planner should see the number of rows requested (else it is bound).
    fn literal_limit(&self) -> bool;
}
