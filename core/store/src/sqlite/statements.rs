//! Statements on a connection to SQLite.

use crate::connection::{Param, Row, Value};
use crate::{Result, StoreError};
use rusqlite::types::{ToSqlOutput, Value as SqlValue, ValueRef};
use rusqlite::{Connection, Statement};
use std::rc::Rc;

/// Runs a statement that changes rows; returns their number.
pub(crate) fn execute(conn: &Connection, doing: &'static str, sql: &str, params: &[Param<'_>]) -> Result<usize> {
    let mut statement = conn.prepare_cached(sql).map_err(StoreError::sqlite_error(doing))?;
    bind_params(&mut statement, doing, params)?;
    statement.raw_execute().map_err(StoreError::sqlite_error(doing))
}

/// Inserts a row; returns its id.
pub(crate) fn insert(conn: &Connection, doing: &'static str, sql: &str, params: &[Param<'_>]) -> Result<i64> {
    execute(conn, doing, sql, params)?;
    Ok(conn.last_insert_rowid())
}

/// Calls `each` with every row.
pub(crate) fn query(
    conn: &Connection,
    doing: &'static str,
    sql: &str,
    params: &[Param<'_>],
    each: &mut dyn FnMut(&Row<'_>) -> Result<()>,
) -> Result<()> {
    let mut statement = conn.prepare_cached(sql).map_err(StoreError::sqlite_error(doing))?;
    bind_params(&mut statement, doing, params)?;
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next().map_err(StoreError::sqlite_error(doing))? {
        each(&Row::Sqlite(row))?;
    }
    Ok(())
}

fn bind_params(statement: &mut Statement<'_>, doing: &'static str, params: &[Param<'_>]) -> Result<()> {
    for (i, param) in params.iter().enumerate() {
        let i = i + 1;
        let borrowed = |v| ToSqlOutput::Borrowed(v);
        let list = |values: Vec<SqlValue>| ToSqlOutput::Array(Rc::new(values));
        let value = match param {
            Param::Null => borrowed(ValueRef::Null),
            Param::Bool(b) => borrowed(ValueRef::Integer(i64::from(*b))),
            Param::Integer(n) => borrowed(ValueRef::Integer(*n)),
            Param::Real(f) => borrowed(ValueRef::Real(*f)),
            Param::Text(t) => borrowed(ValueRef::Text(t.as_bytes())),
            Param::Blob(b) => borrowed(ValueRef::Blob(b)),
            Param::Integers(all) => list(all.iter().map(|&n| SqlValue::Integer(n)).collect()),
            Param::Texts(all) => list(all.iter().map(|&t| SqlValue::Text(t.to_owned())).collect()),
            Param::List(all) => list(
                all.iter()
                    .map(|v| match v {
                        Value::Null => SqlValue::Null,
                        Value::Bool(b) => SqlValue::Integer(i64::from(*b)),
                        Value::Integer(n) => SqlValue::Integer(*n),
                        Value::Real(f) => SqlValue::Real(*f),
                        Value::Text(t) => SqlValue::Text(t.clone()),
                        Value::Bytes(b) => SqlValue::Blob(b.clone()),
                    })
                    .collect(),
            ),
        };
        statement.raw_bind_parameter(i, value).map_err(StoreError::sqlite_error(doing))?;
    }
    Ok(())
}
