//! Fills system tables by what the database's own catalogue says of their columns, so that a new table needs nothing here.

use crate::connection::{Connection, Param, ToParam, Value, ValueRef};
use crate::ident::Ident;
use crate::transfer::cells::LoadedCell;
use crate::transfer::{CellKind, DumpTable};
use crate::{Reader, Result, WriteTx};
use std::collections::HashMap;

/// Rows of each table: more than there are values of a kind, so that each column has all of them.
pub(super) const ROWS: usize = 20;

/// Texts that something on the way could change: quoting, lines, escapes of JSON and `COPY`, order, normal forms, what looks like another type.
const TEXTS: [&str; 17] = [
    "",
    "plain",
    "\"double\" 'single' `back` \"\"",
    "two\nlines\r\nand\ra\ttab\n",
    "back\\slash \\u0000 \\N \\. \\",
    "\u{1}\u{8}\u{b}\u{1f}\u{7f}\u{85}",
    "nul \0 inside and at the end\0",
    "\u{feff}\u{fffd}\u{ffff}",
    "\u{2028}\u{2029}\u{202e}\u{200b}",
    "é e\u{301} ß İ \u{1f600}\u{10ffff}",
    "Zebra",
    "apple",
    "null",
    "{\"z\": [1.50, null, \"\\u0000\"], \"a\": 12345678901234567890}",
    " 0012 ",
    "1e400",
    "true",
];
const INTEGERS: [i64; 10] =
    [0, 1, -1, 2, 1_732_800_000_123, (1 << 53) + 1, -(1 << 53) - 1, i64::MAX, i64::MIN, i64::MIN + 1];
const SMALL_INTEGERS: [i64; 5] = [0, 1, -1, 32_767, -32_768];
const FLOATS: [f64; 6] = [0.0, 0.1, 0.300_000_000_000_000_04, 5e-324, f64::MAX, -1e20];
const BYTES: [&[u8]; 7] = [b"", b"\0", b"text", b"\"'\\\n\r", b"\\x41", &[0xff, 0xfe, 0x80], &[0, 0xff, 0, 0x10]];

/// Columns whose values something works with: a load adds to the numbers of the copies of search indexes.
const NUMBERED_COPIES: [(&str, &str); 3] =
    [("cairn_plugin_indexes", "live"), ("cairn_plugin_indexes", "shadow"), ("cairn_plugin_search", "copy")];

/// The type of a column, as far as its values differ.
#[derive(Debug, Clone, Copy, PartialEq)]
enum ColumnKind {
    Text,
    Integer,
    SmallInteger,
    Boolean,
    Float,
    Bytes,
}

/// The part that a column has in the unique keys of its table.
#[derive(Debug, Clone, Copy, PartialEq)]
enum KeyPart {
    None,
    /// Repeats in several rows.
    Prefix,
    /// The last column of a key: no two rows have the same.
    Last,
}

#[derive(Debug, Clone)]
struct FilledColumn {
    name: String,
    kind: ColumnKind,
    nullable: bool,
    /// True if the database numbers the rows.
    numbered: bool,
    key: KeyPart,
}

/// A table with what its rows have to satisfy.
#[derive(Debug, Clone)]
pub(super) struct FilledTable {
    pub(super) name: String,
    columns: Vec<FilledColumn>,
}

/// Every system table of the database, by name. On SQLite `transferred` says which numbers are booleans: it has no type for them.
pub(super) fn list_system_tables(r: &Reader<'_>, transferred: &[DumpTable]) -> Result<Vec<FilledTable>> {
    let (columns, keys, references) = match r.conn {
        Connection::Sqlite(_) => (
            "SELECT m.name, c.name, lower(c.type), c.\"notnull\" = 0 AND c.pk = 0, c.pk = 1 AND instr(m.sql, 'AUTOINCREMENT') > 0, ''
             FROM sqlite_schema m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name GLOB 'cairn_*' ORDER BY m.name, c.cid",
            "SELECT m.name, i.name, c.name FROM sqlite_schema m JOIN pragma_index_list(m.name) i JOIN pragma_index_info(i.name) c
             WHERE m.type = 'table' AND m.name GLOB 'cairn_*' AND i.\"unique\" = 1
             UNION ALL SELECT m.name, 'key', c.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c
             WHERE m.type = 'table' AND m.name GLOB 'cairn_*' AND c.pk = 1 AND lower(c.type) = 'integer'
               AND NOT EXISTS (SELECT 1 FROM pragma_table_info(m.name) d WHERE d.pk > 1)",
            "SELECT m.name FROM sqlite_schema m JOIN pragma_foreign_key_list(m.name) f WHERE m.name GLOB 'cairn_*'",
        ),
        Connection::Postgres(_) => (
            "SELECT c.relname, a.attname, t.typname, NOT a.attnotnull, a.attidentity <> '', coalesce(k.collname, '')
             FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid JOIN pg_type t ON t.oid = a.atttypid
             LEFT JOIN pg_collation k ON k.oid = a.attcollation
             WHERE c.relnamespace = CAST(current_schema() AS regnamespace) AND c.relkind = 'r' AND starts_with(c.relname, 'cairn_')
               AND a.attnum > 0 AND NOT a.attisdropped ORDER BY c.relname, a.attnum",
            "SELECT c.relname, x.relname, a.attname FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_class x ON x.oid = i.indexrelid
             CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY u (attnum, n)
             JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = u.attnum
             WHERE c.relnamespace = CAST(current_schema() AS regnamespace) AND starts_with(c.relname, 'cairn_') AND i.indisunique
             ORDER BY c.relname, x.relname, u.n",
            "SELECT c.relname FROM pg_constraint f JOIN pg_class c ON c.oid = f.conrelid
             WHERE c.relnamespace = CAST(current_schema() AS regnamespace) AND f.contype = 'f'",
        ),
    };
    let doing = "reading the catalogue";
    // A load inserts tables in the order of the lists, and deletes before that: a foreign key would have to be part of both.
    let references = r.conn.query_all(doing, references, (), |row| row.get::<String>(0))?;
    assert_eq!(references, Vec::<String>::new(), "system tables have no foreign keys");
    let mut indexes: HashMap<(String, String), Vec<String>> = HashMap::new();
    for (table, index, column) in
        r.conn.query_all(doing, keys, (), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
    {
        indexes.entry((table, index)).or_default().push(column);
    }
    let is_boolean = |table: &str, column: &str| {
        let columns = transferred.iter().filter(|t| t.name == table).flat_map(|t| &t.columns);
        columns.filter(|c| c.name == column).any(|c| c.kind == CellKind::Boolean)
    };
    let mut tables: Vec<FilledTable> = Vec::new();
    r.conn.query(doing, columns, (), |row| {
        let (table, name, declared): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let kind = match declared.as_str() {
            "text" => ColumnKind::Text,
            "integer" if is_boolean(&table, &name) => ColumnKind::Boolean,
            "integer" | "bigint" | "int8" => ColumnKind::Integer,
            "int2" | "int4" => ColumnKind::SmallInteger,
            "bool" => ColumnKind::Boolean,
            "real" | "float8" => ColumnKind::Float,
            "blob" | "bytea" => ColumnKind::Bytes,
            other => panic!("{table}.{name}: the filler has no values of the type {other}"),
        };
        // The names of migrations are of one alphabet.
        let is_ordered = ["", "C"].contains(&row.get::<String>(5)?.as_str()) || table == "cairn_migrations";
        assert!(is_ordered, "{table}.{name} is not compared by code point (COLLATE \"C\")");
        let own_keys = || indexes.iter().filter(|((t, _), _)| *t == table).map(|(_, columns)| columns);
        let key = if own_keys().any(|columns| columns.last() == Some(&name)) {
            KeyPart::Last
        } else if own_keys().any(|columns| columns.contains(&name)) {
            KeyPart::Prefix
        } else {
            KeyPart::None
        };
        let column = FilledColumn { name, kind, nullable: row.get(3)?, numbered: row.get(4)?, key };
        match tables.last_mut().filter(|t| t.name == table) {
            Some(table) => table.columns.push(column),
            None => tables.push(FilledTable { name: table, columns: vec![column] }),
        }
        Ok(())
    })?;
    Ok(tables)
}

impl FilledTable {
    /// Replaces its rows, such as the event of the first start. `shift` turns the order of the values, so that another database has other rows.
    pub(super) fn fill(&self, tx: &WriteTx<'_>, shift: usize) -> Result<()> {
        let columns: Vec<String> = self.columns.iter().map(|c| Ident::quote(&c.name).to_string()).collect();
        let places: Vec<String> = (1..=columns.len()).map(|n| format!("?{n}")).collect();
        let table = Ident::quote(&self.name);
        let sql = format!("INSERT INTO {table} ({}) VALUES ({})", columns.join(", "), places.join(", "));
        tx.conn.execute("emptying a table", &format!("DELETE FROM {table}"), ())?;
        for row in 0..ROWS {
            let cells: Vec<LoadedCell> =
                self.columns.iter().enumerate().map(|(i, c)| self.make_cell(c, row, row + i + shift)).collect();
            let params: Vec<Param<'_>> = cells.iter().map(ToParam::param).collect();
            tx.conn.execute("filling a table", &sql, &params[..])?;
        }
        Ok(())
    }

    /// The value of a column in a row; `turn` numbers its values, beginning again after the last.
    fn make_cell(&self, column: &FilledColumn, row: usize, turn: usize) -> LoadedCell {
        let name = column.name.as_str();
        if NUMBERED_COPIES.contains(&(self.name.as_str(), name)) {
            return if column.nullable && row == 0 { null() } else { integer(row as i64 % 4 + 1) };
        }
        if column.numbered {
            return integer(if row == ROWS - 1 { (1 << 53) + 1 } else { row as i64 + 1 });
        }
        match column.key {
            KeyPart::Last if column.nullable && row == ROWS - 1 => null(),
            KeyPart::Last => column.kind.distinct_value(row).unwrap_or_else(|| {
                panic!("{}.{name} ends a unique key: the filler has too few values of its type", self.name)
            }),
            KeyPart::Prefix => column.kind.value(turn / 3),
            KeyPart::None if column.nullable && turn % (column.kind.count() + 1) == column.kind.count() => null(),
            KeyPart::None => column.kind.value(turn % (column.kind.count() + usize::from(column.nullable))),
        }
    }

    /// Its rows in a form that is the same on both databases, sorted.
    pub(super) fn read_rows(&self, r: &Reader<'_>) -> Result<Vec<String>> {
        let mut columns: Vec<&str> = self.columns.iter().map(|c| c.name.as_str()).collect();
        columns.sort_unstable();
        let select: Vec<String> = columns.iter().map(|name| Ident::quote(name).to_string()).collect();
        let sql = format!("SELECT {} FROM {}", select.join(", "), Ident::quote(&self.name));
        let mut rows = r.conn.query_all("reading a table", &sql, (), |row| {
            let cells = columns.iter().enumerate().map(|(i, name)| {
                Ok(match row.value_at(i)? {
                    ValueRef::Integer(n) => format!("{name}={n}"),
                    ValueRef::Real(f) => format!("{name}={:x}", f.to_bits()),
                    // PostgreSQL holds U+FFFE in the place of U+0000.
                    ValueRef::Text(text) => {
                        format!("{name}={:?}", String::from_utf8_lossy(text).replace('\0', "\u{fffe}"))
                    }
                    other => format!("{name}={other:?}"),
                })
            });
            Ok(cells.collect::<Result<Vec<_>>>()?.join(" "))
        })?;
        rows.sort_unstable();
        Ok(rows)
    }
}

impl ColumnKind {
    /// Number of its values.
    fn count(self) -> usize {
        match self {
            Self::Text => TEXTS.len(),
            Self::Integer => INTEGERS.len(),
            Self::SmallInteger => SMALL_INTEGERS.len(),
            Self::Boolean => 2,
            Self::Float => FLOATS.len(),
            Self::Bytes => BYTES.len(),
        }
    }

    fn value(self, turn: usize) -> LoadedCell {
        let i = turn % self.count();
        match self {
            Self::Text => LoadedCell::Value(TEXTS[i].into()),
            Self::Integer => integer(INTEGERS[i]),
            Self::SmallInteger => integer(SMALL_INTEGERS[i]),
            Self::Boolean => LoadedCell::Value(Value::Bool(i == 1)),
            Self::Float => LoadedCell::Value(FLOATS[i].into()),
            Self::Bytes => LoadedCell::Bytes(BYTES[i].to_vec()),
        }
    }

    /// A value that no other row has: the values themselves, then others. `None` if there are too few.
    fn distinct_value(self, row: usize) -> Option<LoadedCell> {
        if row < self.count() {
            return Some(self.value(row));
        }
        Some(match self {
            Self::Text => LoadedCell::Value(format!("{} {row}", TEXTS[row % TEXTS.len()]).into()),
            Self::Integer | Self::SmallInteger => integer(100 + row as i64),
            Self::Float => LoadedCell::Value((100.5 + row as f64).into()),
            Self::Bytes => LoadedCell::Bytes([BYTES[row % BYTES.len()], &[row as u8]].concat()),
            Self::Boolean => return None,
        })
    }
}

fn integer(n: i64) -> LoadedCell {
    LoadedCell::Value(n.into())
}

fn null() -> LoadedCell {
    LoadedCell::Value(Value::Null)
}
