//! Transfers all of a tenant's data from one database to another, of either kind, table by table: the content of a backup. And
//! exports documents for people.
//!
//! A row is one line of JSON: an array of its cells in the order of [`DumpTable::columns`]. Cells are in the canonical text
//! of their columns, so that equal data has equal lines, whichever database it comes from.

mod assets;
mod cells;
mod dump;
mod editorial;
mod erasures;
mod export;
mod licensing;
mod load;
mod plugins;
mod tables;
#[cfg(test)]
mod tests;

pub use tables::is_excluded;

use serde::{Deserialize, Serialize};

/// Outline of the data to transfer, on one snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DumpOutline {
    /// Content first, then system tables, in a fixed order.
    pub tables: Vec<DumpTable>,
    /// Id of the next component instance.
    pub next_instance: i64,
    /// The migrations that the database has run, in order.
    pub migrations: Vec<String>,
    /// Tables and columns that the content types do not name any more. They are not transferred.
    pub left_out: Vec<String>,
}

/// A table that is transferred.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DumpTable {
    /// Its name in the database.
    pub name: String,
    /// Its columns; a line has a cell for each.
    pub columns: Vec<DumpColumn>,
    /// Id of its next row, if rows are numbered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<i64>,
}

/// A column that is transferred.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DumpColumn {
    /// Its name in the database.
    pub name: String,
    /// The type of its values.
    pub kind: CellKind,
}

/// The type of a column, and how a cell of it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CellKind {
    /// Text, as a JSON string.
    Text,
    /// A number of at most 64 bits.
    Integer,
    /// A string with the shortest digits that mean the same: careless readers of JSON numbers lose some.
    Float,
    /// `true` or `false`.
    Boolean,
    /// `"2020-01-02"`.
    Date,
    /// `"2020-01-02T03:04:05.000Z"`.
    DateTime,
    /// `"03:04:05.000"`.
    Time,
    /// A string without exponent and superfluous zeros.
    Decimal,
    /// A string: the JSON text as it was sent.
    Json,
    /// A string: JSON text with its keys in order.
    Components,
    /// A string of hexadecimal digits.
    Bytes,
}

/// A system table: its name, its columns, and how many of these are the key.
type SystemTable = (&'static str, &'static [(&'static str, CellKind)], usize);
