//! Runs the numbered files of `migrations/` that a database has not seen, in order.

use crate::{Result, StoreError};
use rusqlite::Connection;
use xxhash_rust::xxh3::xxh3_64;

const FILES: &[(&str, &str)] = &[
    ("0001_system", include_str!("../../../migrations/sqlite/0001_system.sql")),
    ("0002_tenants", include_str!("../../../migrations/sqlite/0002_tenants.sql")),
];

/// Brings the system tables up to date. Refuses a database that a newer Cairn has migrated further, or whose
/// migrations differ from the files.
pub(crate) fn run(conn: &mut Connection) -> Result<()> {
    let at = StoreError::at;
    conn.execute_batch(
        "CREATE TABLE IF NOT EXISTS cairn_migrations (name TEXT PRIMARY KEY, hash TEXT NOT NULL) WITHOUT ROWID",
    )
    .map_err(at("preparing the migrations"))?;
    let tx = conn.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).map_err(at("migrating"))?;
    let done: Vec<(String, String)> = tx
        .prepare("SELECT name, hash FROM cairn_migrations ORDER BY name")
        .and_then(|mut s| s.query_map([], |r| Ok((r.get(0)?, r.get(1)?)))?.collect())
        .map_err(at("reading the migrations"))?;
    for (name, hash) in &done {
        match FILES.iter().find(|(n, _)| n == name) {
            None => {
                return Err(StoreError::Schema(format!(
                    "the database has migration {name}, which this version of Cairn does not know: run a newer version"
                )));
            }
            Some((_, sql)) if hash_of(sql) != *hash => {
                return Err(StoreError::Schema(format!("migration {name} differs from the one this database has run")));
            }
            Some(_) => {}
        }
    }
    for (name, sql) in FILES {
        if !done.iter().any(|(n, _)| n == name) {
            tx.execute_batch(sql).map_err(at("running a migration"))?;
            tx.execute("INSERT INTO cairn_migrations (name, hash) VALUES (?1, ?2)", (name, hash_of(sql)))
                .map_err(at("noting a migration"))?;
        }
    }
    tx.commit().map_err(at("committing the migrations"))
}

fn hash_of(sql: &str) -> String {
    format!("{:016x}", xxh3_64(sql.as_bytes()))
}
