//! Text without case: SQLite's own `lower` and `LIKE` know the letters of ASCII only.

use cairn_model::case_fold::fold_case;
use rusqlite::functions::FunctionFlags;
use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, Result};

/// Registers the SQL function `fold_case(text)`. Whatever is no text is returned as it is.
pub(super) fn register_fold_case(conn: &Connection) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    conn.create_scalar_function("fold_case", 1, flags, |context| {
        Ok(match context.get_raw(0) {
            ValueRef::Text(text) => Value::Text(fold_case(&String::from_utf8_lossy(text))),
            other => Value::from(other),
        })
    })
}
