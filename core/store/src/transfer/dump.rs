//! Reads all data out of a database.

use super::cells::LoadedCell;
use super::tables::{KnownTable, known_tables};
use super::{DumpTable, cells};
use crate::connection::{Param, ToParam, Value, ValueRef};
use crate::namespaces;
use crate::{Reader, Result, StoreError};

/// Number of rows read at a time, at most.
const ROWS_PER_PAGE: i64 = 1_024;
/// Size in bytes above which fewer rows are read at a time.
const MAX_PAGE_BYTES: usize = 4 << 20;

impl namespaces::Transfer<Reader<'_>> {
    /// Calls `each` with every row of a table of the outline, in the order of its key; returns the number of rows. Holds a few megabytes in
    /// memory, whatever the table's size.
    ///
    /// # Errors
    /// Returns errors of `each`; an error for data that does not match its column; [`StoreError::Schema`] for a table that does not exist.
    pub fn dump_table<E: From<StoreError>>(
        &self,
        table: &DumpTable,
        each: impl FnMut(&str) -> Result<(), E>,
    ) -> Result<u64, E> {
        self.dump_pages(table, ROWS_PER_PAGE, each)
    }

    /// Does the same with that number of rows at a time, at most.
    pub(super) fn dump_pages<E: From<StoreError>>(
        &self,
        table: &DumpTable,
        max_rows: i64,
        mut each: impl FnMut(&str) -> Result<(), E>,
    ) -> Result<u64, E> {
        let tables = known_tables(&self.tx.store.registry, &self.tx.store.schema);
        let Some(KnownTable { key, .. }) = tables.into_iter().find(|k| k.table.name == table.name) else {
            return Err(StoreError::Schema(format!("table {} not found", table.name)).into());
        };
        let quoted = |columns: &[super::DumpColumn]| -> Vec<String> {
            columns.iter().map(|c| crate::ident::Ident::quote(&c.name).to_string()).collect()
        };
        let keys = quoted(&table.columns[..key]).join(", ");
        let select = format!("SELECT {} FROM {}", quoted(&table.columns).join(", "), table.ident());
        let placeholders: Vec<String> = (2..key + 2).map(|n| format!("?{n}")).collect();
        let first = format!("{select} ORDER BY {keys} LIMIT ?1");
        let next = format!("{select} WHERE ({keys}) > ({}) ORDER BY {keys} LIMIT ?1", placeholders.join(", "));
        let (mut last_key, mut page, mut total) = (Vec::<LoadedCell>::new(), max_rows, 0);
        loop {
            let mut binds: Vec<Param<'_>> = vec![Param::Integer(page)];
            binds.extend(last_key.iter().map(ToParam::param));
            let sql = if last_key.is_empty() { &first } else { &next };
            let (mut lines, mut bytes, mut end) = (Vec::new(), 0, Vec::new());
            self.tx.conn.query("reading a table", sql, &binds[..], |row| {
                let mut line = String::with_capacity(128);
                line.push('[');
                for (i, column) in table.columns.iter().enumerate() {
                    if i > 0 {
                        line.push(',');
                    }
                    cells::write_cell(column.kind, row.value_at(i)?, &mut line)
                        .map_err(|e| at_cell(table, column, &line, e))?;
                }
                line.push(']');
                end = table.columns[..key]
                    .iter()
                    .enumerate()
                    .map(|(i, column)| key_value(row.value_at(i)?).map_err(|e| at_cell(table, column, &line, e)))
                    .collect::<Result<_>>()?;
                bytes += line.len();
                lines.push(line);
                Ok(())
            })?;
            for line in &lines {
                each(line)?;
            }
            total += lines.len() as u64;
            if (lines.len() as i64) < page {
                return Ok(total);
            }
            last_key = end;
            page = match bytes {
                b if b > MAX_PAGE_BYTES => (page / 4).max(1),
                b if b < MAX_PAGE_BYTES / 8 => (page * 2).min(max_rows),
                _ => page,
            };
        }
    }
}

/// Reads the value of a key's column, to continue after it.
fn key_value(value: ValueRef<'_>) -> Result<LoadedCell> {
    Ok(match value {
        ValueRef::Integer(n) => LoadedCell::Value(Value::Integer(n)),
        ValueRef::Real(f) => LoadedCell::Value(Value::Real(f)),
        ValueRef::Blob(bytes) => LoadedCell::Bytes(bytes.to_vec()),
        value => match value.to_text() {
            Some(text) => LoadedCell::Value(Value::Text(text.into_owned())),
            // Comparisons with NULL are never true: the rows after it would be missing from the dump.
            None => return Err(StoreError::Corrupt { place: String::new(), message: "a key cannot be empty".into() }),
        },
    })
}

/// Adds the place of a cell to an error: by the row's first cell, which is its id or its key.
fn at_cell(table: &DumpTable, column: &super::DumpColumn, line: &str, e: StoreError) -> StoreError {
    match e {
        StoreError::Corrupt { message, .. } => {
            let row = line.trim_start_matches('[').split(',').next().unwrap_or_default();
            StoreError::Corrupt { place: format!("{} row {row}, {}", table.name, column.name), message }
        }
        other => other,
    }
}
