//! Reads all data out of a database.

use super::tables::{Known, known};
use super::{Table, cells};
use crate::connection::{Param, ToParam, Value, ValueRef};
use crate::{Reader, Result, Store, StoreError};

/// Number of rows read at a time, at most.
const PAGE: i64 = 1_024;
/// Size in bytes above which fewer rows are read at a time.
const PAGE_BYTES: usize = 4 << 20;

impl Store {
    /// Does the same as [`Store::read`] without a time limit: a dump of all tables is one snapshot.
    pub fn read_all<T, E: From<StoreError>>(&self, read: impl FnOnce(&Reader<'_>) -> Result<T, E>) -> Result<T, E> {
        self.read_within(false, read)
    }
}

impl Reader<'_> {
    /// Calls `each` with every row of a table of the outline, in the order of its key; returns the number of rows. Holds a few megabytes in
    /// memory, whatever the table's size.
    ///
    /// # Errors
    /// Returns errors of `each`; an error for data that does not match its column; [`StoreError::Schema`] for a table that does not exist.
    pub fn dump<E: From<StoreError>>(
        &self,
        table: &Table,
        mut each: impl FnMut(&str) -> Result<(), E>,
    ) -> Result<u64, E> {
        let known = known(&self.store.registry, &self.store.schema);
        let Some(Known { key, .. }) = known.into_iter().find(|k| k.table.name == table.name) else {
            return Err(StoreError::Schema(format!("table {} not found", table.name)).into());
        };
        let quoted = |columns: &[super::Column]| -> Vec<String> {
            columns.iter().map(|c| crate::ident::Ident::quote(&c.name).to_string()).collect()
        };
        let keys = quoted(&table.columns[..key]).join(", ");
        let select = format!("SELECT {} FROM {}", quoted(&table.columns).join(", "), table.ident());
        let placeholders: Vec<String> = (2..key + 2).map(|n| format!("?{n}")).collect();
        let first = format!("{select} ORDER BY {keys} LIMIT ?1");
        let next = format!("{select} WHERE ({keys}) > ({}) ORDER BY {keys} LIMIT ?1", placeholders.join(", "));
        let (mut last, mut page, mut total) = (Vec::<Value>::new(), PAGE, 0);
        loop {
            let mut binds: Vec<Param<'_>> = vec![Param::Integer(page)];
            binds.extend(last.iter().map(ToParam::param));
            let sql = if last.is_empty() { &first } else { &next };
            let (mut lines, mut bytes, mut end) = (Vec::new(), 0, Vec::new());
            self.conn.query("reading a table", sql, &binds[..], |row| {
                let mut line = String::with_capacity(128);
                line.push('[');
                for (i, column) in table.columns.iter().enumerate() {
                    if i > 0 {
                        line.push(',');
                    }
                    cells::write(column.kind, row.value(i)?, &mut line).map_err(|e| at(table, column, &line, e))?;
                }
                line.push(']');
                end = (0..key).map(|i| of(row.value(i)?)).collect::<Result<_>>()?;
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
            last = end;
            page = match bytes {
                b if b > PAGE_BYTES => (page / 4).max(1),
                b if b < PAGE_BYTES / 8 => (page * 2).min(PAGE),
                _ => page,
            };
        }
    }
}

/// Reads the value of a key.
fn of(value: ValueRef<'_>) -> Result<Value> {
    match value {
        ValueRef::Integer(n) => Ok(Value::Integer(n)),
        value => match value.text() {
            Some(text) => Ok(Value::Text(text.into_owned())),
            None => {
                Err(StoreError::Corrupt { place: "a key".into(), message: "it is neither text nor a number".into() })
            }
        },
    }
}

/// Adds the place of a cell to an error: by the row's first cell, which is its id or its key.
fn at(table: &Table, column: &super::Column, line: &str, e: StoreError) -> StoreError {
    match e {
        StoreError::Corrupt { message, .. } => {
            let row = line.trim_start_matches('[').split(',').next().unwrap_or_default();
            StoreError::Corrupt { place: format!("{} row {row}, {}", table.name, column.name), message }
        }
        other => other,
    }
}
