//! Loads a dump into a database, in place of its data.

use super::tables::{KnownTable, known_tables, next_instance, next_number, sequence_name};
use super::{DumpOutline, DumpTable, cells};
use crate::collation_keys::CollatedTable;
use crate::connection::{Connection, Param, ToParam, Value};
use crate::ident::Ident;
use crate::namespaces;
use crate::{Reader, Result, StoreError, WriteTx, migrations};
use cairn_model::ContentType;
use serde_json::value::RawValue;

/// Largest number that may be next: there must be some left after it.
const MAX_NEXT_NUMBER: i64 = i64::MAX / 2;

/// Tables that are not transferred and whose rows belong to rows that a load replaces: sessions, codes and secrets must not become valid for
/// somebody else who has the same number in the dump. And the usage of plugins, which the loaded rows are counted into anew.
pub(super) const EMPTIED_TABLES: [&str; 6] = [
    "cairn_sessions",
    "cairn_one_time_codes",
    "cairn_admin_sessions",
    "cairn_admin_codes",
    "cairn_mail_secrets",
    "cairn_plugin_usage",
];

impl namespaces::Transfer<Reader<'_>> {
    /// True if nobody has added anything to the database yet. The initial roles and locale do not count. Returns an error if the
    /// database cannot be read.
    pub fn is_untouched(&self) -> Result<bool> {
        for KnownTable { table, .. } in known_tables(&self.tx.store.registry, &self.tx.store.schema) {
            let first = match table.name.as_str() {
                "cairn_locales" => 1,
                "cairn_permissions" => continue,
                name if self.is_roles(name) => 2,
                _ => 0,
            };
            let sql = format!("SELECT 1 FROM {} LIMIT {}", table.ident(), first + 1);
            if self.tx.conn.query_all("checking whether a table is empty", &sql, (), |_| Ok(()))?.len() > first {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn is_roles(&self, table: &str) -> bool {
        Ident::table(self.tx.store.registry.role_type()).unquoted_name() == table
    }

    /// Why a dump does not fit into this database: tables, columns or migrations that it lacks.
    pub fn find_misfits(&self, outline: &DumpOutline) -> Vec<String> {
        let tables = known_tables(&self.tx.store.registry, &self.tx.store.schema);
        let mut misfits = Vec::new();
        let files =
            if matches!(self.tx.conn, Connection::Sqlite(_)) { migrations::SQLITE } else { migrations::POSTGRES };
        for name in outline.migrations.iter().filter(|name| !files.iter().any(|(n, _)| n == name)) {
            misfits.push(format!("migration {name}: this version of Cairn does not know it; use a newer version"));
        }
        let numbers = outline.tables.iter().filter_map(|t| t.next).chain([outline.next_instance]);
        for number in numbers.filter(|n| !(1..=MAX_NEXT_NUMBER).contains(n)) {
            misfits.push(format!("{number} is not a valid next id of a row or an instance"));
        }
        for (i, table) in outline.tables.iter().enumerate() {
            let Some(known_table) = tables.iter().find(|k| k.table.name == table.name) else {
                misfits.push(format!("table {}: the content types have no table of that name", table.name));
                continue;
            };
            if outline.tables[..i].iter().any(|t| t.name == table.name) {
                misfits.push(format!("table {}: it occurs twice", table.name));
            }
            for (i, column) in table.columns.iter().enumerate() {
                let place = format!("column {} of {}", column.name, table.name);
                if table.columns[..i].iter().any(|c| c.name == column.name) {
                    misfits.push(format!("{place}: it occurs twice"));
                }
                match known_table.table.columns.iter().find(|c| c.name == column.name) {
                    None => misfits.push(format!("{place}: no column of that name exists")),
                    Some(c) if c.kind != column.kind => {
                        misfits.push(format!("{place}: it is {:?} here, but {:?} in the dump", c.kind, column.kind));
                    }
                    Some(_) => {}
                }
            }
            let key = &known_table.table.columns[..known_table.key];
            for column in key.iter().filter(|c| !table.columns.contains(c)) {
                misfits.push(format!("column {} of {}: it is missing from the dump", column.name, table.name));
            }
        }
        misfits
    }
}

impl namespaces::Transfer<&mut WriteTx<'_>> {
    /// Empties every table that a dump fills; others wait with their writes until the transaction ends, readers see the old data.
    /// `installation`: the list of tenants as well. Fails with [`StoreError::Schema`] if the dump does not fit, see
    /// [`transfer().find_misfits`](crate::namespaces::Transfer::find_misfits).
    pub fn begin_load(&mut self, outline: &DumpOutline, installation: bool) -> Result<()> {
        let misfits = self.tx.reader().transfer().find_misfits(outline);
        if !misfits.is_empty() {
            return Err(StoreError::Schema(misfits.join("\n")));
        }
        let tables: Vec<Ident> = known_tables(&self.tx.store.registry, &self.tx.store.schema)
            .into_iter()
            .filter(|k| installation || !k.table.is_of_installation())
            .map(|k| k.table.ident())
            .collect();
        let counts = Ident::quote("cairn_counts");
        if matches!(self.tx.conn, Connection::Postgres(_)) {
            // Sign-ins and new tokens wait: in the loaded data, their ids may be those of other people.
            let emptied: Vec<Ident> =
                EMPTIED_TABLES.iter().chain(&["cairn_admin_tokens"]).map(|name| Ident::quote(name)).collect();
            let all: Vec<String> = tables.iter().chain([&counts]).chain(&emptied).map(ToString::to_string).collect();
            let sql = format!(
                "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0;
                 LOCK TABLE {} IN EXCLUSIVE MODE",
                all.join(", ")
            );
            self.tx.conn.execute_batch("waiting for the writes of other processes", &sql)?;
        }
        for table in tables.iter().chain([&counts]) {
            self.tx.conn.execute("emptying a table", &format!("DELETE FROM {table}"), ())?;
        }
        self.tx.touch_callers();
        for table in EMPTIED_TABLES {
            self.tx.conn.execute("ending sessions", &format!("DELETE FROM {table}"), ())?;
        }
        // Tokens of a settings file have no owner: they stay valid, whoever the administrators are.
        let sql = "DELETE FROM cairn_admin_tokens WHERE admin_user IS NOT NULL";
        self.tx.conn.execute("removing the tokens of administrators", sql, ())?;
        let sql = "DELETE FROM cairn_admin_token_uses WHERE token NOT IN (SELECT id FROM cairn_admin_tokens)";
        self.tx.conn.execute("removing the tokens of administrators", sql, ())?;
        Ok(())
    }

    /// Inserts lines of a table's dump.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] with the table and line if a line is not a row of it; [`StoreError::Schema`] if the database refuses one.
    pub fn load_rows(&mut self, table: &DumpTable, lines: &[&str]) -> Result<()> {
        let mut columns: Vec<String> = table.columns.iter().map(|c| Ident::quote(&c.name).to_string()).collect();
        let registry = self.tx.registry();
        let collated =
            registry.types().iter().find(|ct| Ident::table(ct) == table.ident()).and_then(CollatedTable::of_type);
        columns.extend(collated.iter().flat_map(CollatedTable::key_columns).map(Ident::to_string));
        let values: Vec<String> = (1..=columns.len()).map(|n| format!("?{n}")).collect();
        let sql = format!("INSERT INTO {} ({}) VALUES ({})", table.ident(), columns.join(", "), values.join(", "));
        let mut rows = Vec::with_capacity(lines.len());
        for line in lines {
            let mut row = cells_of(table, line)?;
            if let Some(collated) = &collated {
                let text = |name: &str| text_of(table, &row, name).map(str::to_owned);
                let keys = collated.keys_of(text_of(table, &row, "locale").unwrap_or_default(), text);
                row.extend(keys.into_iter().map(cells::LoadedCell::Value));
            }
            rows.push(row);
        }
        let params: Vec<Vec<Param<'_>>> = rows.iter().map(|row| row.iter().map(ToParam::param).collect()).collect();
        self.tx.conn.execute_each("loading a table", &sql, &params).map_err(|e| match e {
            StoreError::TooLarge | StoreError::Unique => {
                let text: String = lines.first().into_iter().flat_map(|l| l.chars()).take(60).collect();
                StoreError::Schema(format!("{}: {e}, in the rows from {text}… onwards", table.name))
            }
            other => other,
        })
    }

    /// Finishes a load after the last line: ids continue where they did in the dumped database (or here, if more were assigned), rows are
    /// counted, and every process learns that everything has changed. Returns an error if the database cannot be written.
    pub fn finish_load(&mut self, outline: &DumpOutline) -> Result<()> {
        for table in outline.tables.iter().filter(|t| t.is_numbered()) {
            let next = table.next.unwrap_or(1).max(next_number(self.tx.conn, table)?);
            self.set_next_number(table, next)?;
        }
        let next = outline.next_instance.max(next_instance(self.tx.conn)?);
        self.tx.store.instances.restart_at(self.tx.conn, next)?;
        let registry = self.tx.registry();
        for ct in registry.types() {
            let (slot, zero) = match self.tx.conn {
                Connection::Sqlite(_) => ("", ""),
                Connection::Postgres(_) => ("slot, ", "0, "),
            };
            let sql = format!(
                "INSERT INTO cairn_counts (type, status, locale, {slot}n)
                 SELECT CAST(?1 AS text), _status, locale, {zero}count(*) FROM {} GROUP BY _status, locale",
                Ident::table(ct)
            );
            self.tx.conn.execute("counting rows", &sql, [&ct.uid])?;
            self.tx.touch_type(ct.id);
        }
        // The objects that came with the dump are there; others that were there are orphans.
        let sql = "INSERT INTO cairn_blobs (key, length, state, claims, at)
                   SELECT blob, max(length), 'stored', 0, 0 FROM cairn_asset_blobs WHERE true GROUP BY blob
                   ON CONFLICT (key) DO UPDATE SET state = 'stored', claims = 0";
        self.tx.conn.execute("confirming objects", sql, ())?;
        self.tx.search_indexes().renumber_copies()?;
        self.tx.touch_settings();
        Ok(())
    }

    /// Raises the id of the next row of a type to `next`, unless it is larger already.
    pub(crate) fn raise_next_number(&self, content_type: &ContentType, next: i64) -> Result<()> {
        let name = Ident::table(content_type).unquoted_name();
        let table = DumpTable { name, columns: Vec::new(), next: None };
        let next = next.max(next_number(self.tx.conn, &table)?);
        self.set_next_number(&table, next)
    }

    /// Sets the id of the next row of a table. On PostgreSQL this stays even if the transaction is rolled back: `next` is never smaller
    /// than the previous value.
    fn set_next_number(&self, table: &DumpTable, next: i64) -> Result<()> {
        let doing = "setting a sequence";
        match self.tx.conn {
            Connection::Sqlite(_) => {
                let sql = "UPDATE sqlite_sequence SET seq = ?2 WHERE name = ?1";
                if self.tx.conn.execute(doing, sql, (&table.name, next - 1))? == 0 {
                    let sql = "INSERT INTO sqlite_sequence (name, seq) VALUES (?1, ?2)";
                    self.tx.conn.execute(doing, sql, (&table.name, next - 1))?;
                }
            }
            Connection::Postgres(_) => {
                if let Some(sequence) = sequence_name(self.tx.conn, table)? {
                    let sql = "SELECT setval(CAST(CAST(?1 AS text) AS regclass), ?2, false)";
                    self.tx.conn.exists(doing, sql, (sequence, next))?;
                }
            }
        }
        Ok(())
    }
}

/// The text in a column of a row.
fn text_of<'r>(table: &DumpTable, row: &'r [cells::LoadedCell], column: &str) -> Option<&'r str> {
    match row.get(table.columns.iter().position(|c| c.name == column)?)? {
        cells::LoadedCell::Value(Value::Text(text)) => Some(text),
        _ => None,
    }
}

fn cells_of(table: &DumpTable, line: &str) -> Result<Vec<cells::LoadedCell>> {
    let corrupt = |message: String| {
        let text: String = line.chars().take(60).collect();
        StoreError::Corrupt { place: format!("{} in the dump, {text}…", table.name), message }
    };
    let raw: Vec<&RawValue> = serde_json::from_str(line).map_err(|e| corrupt(e.to_string()))?;
    if raw.len() != table.columns.len() {
        return Err(corrupt(format!("it has {} cells instead of {}", raw.len(), table.columns.len())));
    }
    let cells = table.columns.iter().zip(raw).map(|(column, raw)| {
        cells::read_cell(column.kind, raw).map_err(|e| match e {
            StoreError::Corrupt { message, .. } => corrupt(format!("{}: {message}", column.name)),
            other => other,
        })
    });
    cells.collect()
}
