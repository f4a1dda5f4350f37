//! Settings and functions that every connection to SQLite needs before its first statement.

use super::{decimal, exact_sum, fold_case, median, periods};
use crate::{Result, StoreError};
use rusqlite::Connection;

/// Number of prepared statements cached per connection.
const STATEMENT_CACHE_CAPACITY: usize = 256;

/// Sets up what every connection needs: functions, collations, the cache of statements.
pub(super) fn prepare_connection(conn: &Connection) -> Result<()> {
    // Plans hang on the schema alone: without this SQLite prepares a statement anew when a bound value might change its plan.
    conn.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)
        .map_err(StoreError::sqlite_error("configuring the database"))?;
    conn.set_prepared_statement_cache_capacity(STATEMENT_CACHE_CAPACITY);
    rusqlite::vtab::array::load_module(conn).map_err(StoreError::sqlite_error("loading the array module"))?;
    exact_sum::register_exact_sum(conn).map_err(StoreError::sqlite_error("registering exact sums"))?;
    median::register_medians(conn).map_err(StoreError::sqlite_error("registering medians"))?;
    fold_case::register_fold_case(conn).map_err(StoreError::sqlite_error("registering case folding"))?;
    periods::register_period_start(conn).map_err(StoreError::sqlite_error("registering calendar periods"))?;
    conn.create_collation("decimal", decimal::compare_decimals)
        .map_err(StoreError::sqlite_error("registering the decimal collation"))
}
