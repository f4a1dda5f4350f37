//! The tables, columns and indexes that a database has.

use crate::Result;
use crate::connection::Connection;
use crate::ident::Ident;
use std::collections::{HashMap, HashSet};

/// The tables, columns and indexes of a database (PostgreSQL: of the schema in use).
#[derive(Debug, Default)]
pub(crate) struct Catalogue {
    relations: HashSet<String>,
    /// Column types by table and column.
    columns: HashMap<(String, String), String>,
}

impl Catalogue {
    pub(crate) fn load(conn: &Connection) -> Result<Self> {
        let doing = "reading the schema";
        let (relations, columns) = match conn {
            Connection::Sqlite(_) => (
                "SELECT name FROM sqlite_schema WHERE type IN ('table', 'index')",
                "SELECT m.name, c.name, c.type FROM sqlite_schema m JOIN pragma_table_info(m.name) c WHERE m.type = 'table'",
            ),
            Connection::Postgres(_) => (
                "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                 WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p', 'i', 'I')",
                "SELECT c.relname, a.attname, t.typname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                 JOIN pg_attribute a ON a.attrelid = c.oid JOIN pg_type t ON t.oid = a.atttypid
                 WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped",
            ),
        };
        let relations = conn.query_all(doing, relations, (), |r| r.get(0))?.into_iter().collect();
        let columns =
            conn.query_all(doing, columns, (), |r| Ok(((r.get(0)?, r.get(1)?), r.get(2)?)))?.into_iter().collect();
        Ok(Self { relations, columns })
    }

    /// True if a table or index with that name exists.
    pub(crate) fn contains(&self, name: &Ident) -> bool {
        self.relations.contains(&name.unquoted_name())
    }

    /// Every column: its table and its name.
    pub(crate) fn all_columns(&self) -> impl Iterator<Item = (&str, &str)> {
        self.columns.keys().map(|(table, column)| (table.as_str(), column.as_str()))
    }

    /// The type of a column, as the database reports it.
    pub(crate) fn column_type(&self, table: &Ident, column: &Ident) -> Option<&str> {
        self.columns.get(&(table.unquoted_name(), column.unquoted_name())).map(String::as_str)
    }
}

impl Catalogue {
    /// True if a table with that name exists.
    pub(crate) fn is_table(&self, name: &Ident) -> bool {
        let name = name.unquoted_name();
        self.columns.keys().any(|(table, _)| *table == name)
    }

    /// The names of all tables.
    pub(crate) fn tables(&self) -> impl Iterator<Item = &str> {
        let tables: std::collections::BTreeSet<&str> = self.columns.keys().map(|(table, _)| table.as_str()).collect();
        tables.into_iter()
    }

    /// The names of a table's columns.
    pub(crate) fn columns<'c>(&'c self, table: &Ident) -> impl Iterator<Item = &'c str> + use<'c> {
        let table = table.unquoted_name();
        self.columns.keys().filter(move |(owner, _)| *owner == table).map(|(_, column)| column.as_str())
    }
}

/// True if a column type `found` is what `declared` creates.
pub(crate) fn is_same_type(found: &str, declared: &str) -> bool {
    let base = declared.split([' ', '(']).next().unwrap_or(declared);
    let alias = match base {
        "bigint" => "int8",
        "smallint" => "int2",
        "boolean" => "bool",
        "double" => "float8",
        other => other,
    };
    found.eq_ignore_ascii_case(base) || found == alias
}
