//! Opens a schema: checks before anything is changed, then migrations and tables in one transaction, for which concurrent starts wait.

use super::runtime::blocking;
use super::statistics::Statistics;
use super::{Backend, PostgresOptions};
use crate::connection::Connection;
use crate::instance_numbers::InstanceNumbers;
use crate::state::StoreState;
use crate::{ChangeCounters, Result, StoreError, change, dialect, migrations, schema};
use cairn_model::Registry;
use std::sync::Arc;

/// The oldest PostgreSQL that is supported, in the form of `server_version_num`.
const OLDEST: i64 = 130_000;
/// Number of attempts when several starts create the same schema at the same time.
const TRIES: u32 = 20;

/// Opens a schema, and creates it if it is missing. Blocks.
pub(crate) fn open(options: PostgresOptions, registry: Arc<Registry>) -> Result<(StoreState, Backend)> {
    let schema = schema::WriteSchema::from_registry(&registry);
    let (opened, known_changes) =
        run_exclusively(&options, true, |conn| Ok((change::ensure_schema(conn, &registry)?, Backend::changes(conn)?)))?;
    let counters = ChangeCounters::new(registry.types().len());
    let mut backend = Backend::new(options, known_changes, opened.generation);
    let mut instances = Err(StoreError::Closed);
    backend.read(false, &mut |conn| {
        instances = schema::load_counts(conn, &registry, &counters).and_then(|()| InstanceNumbers::load(conn));
    })?;
    let instances = instances?;
    backend.statistics = Statistics::new(registry.types().iter().map(|t| counters.row_count(t.id)));
    let state = StoreState::new(&dialect::Postgres, registry, schema, counters, instances, opened.generation);
    Ok((state, backend))
}

/// Runs `work` in a transaction that starts and changes of the schema wait for, with the system tables up to date. Commits if `keep` is
/// set and `work` succeeds.
pub(crate) fn run_exclusively<T>(
    options: &PostgresOptions,
    keep: bool,
    work: impl FnOnce(&Connection) -> Result<T>,
) -> Result<T> {
    blocking(|| {
        let mut lease = options.server.writers.get(&options.schema)?;
        let mut checked = check(&lease, options);
        if checked.is_err() && lease.session().is_broken() {
            // A connection that ended since it was last used.
            lease = options.server.writers.get(&options.schema)?;
            checked = check(&lease, options);
        }
        checked?;
        make_schema(&lease, options)?;
        // Prepared statements may refer to tables that have been replaced.
        lease.session().forget();
        lease.session().begin();
        lease.execute_batch("opening the schema", "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0")?;
        lease.execute(
            "waiting for other processes to start",
            "INSERT INTO cairn_migrations (name, hash) VALUES (?1, '') ON CONFLICT (name) DO UPDATE SET hash = excluded.hash",
            [migrations::LOCK_FILE],
        )?;
        migrations::run_migrations(&lease, migrations::POSTGRES)?;
        let result = work(&lease)?;
        match keep {
            true => lease.session().commit(&[])?,
            false => lease.session().rollback(),
        }
        lease.session().forget();
        Ok(result)
    })
}

/// Refuses a database that is not Cairn's before anything is written.
fn check(conn: &Connection, options: &PostgresOptions) -> Result<()> {
    let place = &options.server.place;
    let refuse = |message: String| Err(StoreError::Schema(message));
    let setting = |name: &str| -> Result<String> {
        let sql = "SELECT current_setting(?1)";
        Ok(conn.query_first("reading the server's settings", sql, [name], |r| r.get(0))?.unwrap_or_default())
    };
    let version = setting("server_version_num")?.parse().unwrap_or(0i64);
    if version < OLDEST {
        return refuse(format!("PostgreSQL at {place} is too old: Cairn needs version {} or newer", OLDEST / 10_000));
    }
    if setting("server_encoding")? != "UTF8" {
        return refuse(format!(
            "the database {place} is not in UTF-8; create it with `createdb --encoding=UTF8 --template=template0`"
        ));
    }
    // The session requires a writable transaction; a standby refuses that with its own message.
    let standby: Option<bool> =
        conn.query_first("reading the server's role", "SELECT pg_is_in_recovery()", (), |r| r.get(0))?;
    if standby == Some(true)
        || setting("default_transaction_read_only")? == "on" && setting("transaction_read_only")? == "on"
    {
        return refuse(format!(
            "the database {place} is read-only; if it is a standby, name the primary in the database URL"
        ));
    }
    let sql = "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
               WHERE n.nspname = ?1 AND c.relkind IN ('r', 'p', 'v', 'm', 'f') ORDER BY 1";
    let tables: Vec<String> = conn.query_all("inspecting the schema", sql, [&options.schema], |r| r.get(0))?;
    if !tables.is_empty() && !tables.iter().any(|t| t == "cairn_migrations") {
        return refuse(format!(
            "the schema {} of {place} contains tables that are not Cairn's ({}); name an empty or a new schema \
             with ?schema= in the database URL. Nothing was changed",
            options.schema,
            tables[..tables.len().min(3)].join(", ")
        ));
    }
    Ok(())
}

/// Creates the schema and the table that starts wait for. `IF NOT EXISTS` does not help if two create it at once: the second gets an error
/// that it exists, and checks again.
fn make_schema(conn: &Connection, options: &PostgresOptions) -> Result<()> {
    let exists_sql = "SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                 WHERE n.nspname = ?1 AND c.relname = 'cairn_migrations'";
    let schema = crate::ident::Ident::quote(&options.schema);
    let sql = format!(
        "CREATE SCHEMA IF NOT EXISTS {schema};
         CREATE TABLE IF NOT EXISTS {schema}.cairn_migrations (name TEXT PRIMARY KEY, hash TEXT NOT NULL)"
    );
    let mut last_error = None;
    for _ in 0..TRIES {
        if conn.exists("finding the schema", exists_sql, [&options.schema])? {
            return Ok(());
        }
        match conn.execute_batch("creating the schema", &sql) {
            Ok(()) => return Ok(()),
            // Two at once: one of them clashes in the catalogue.
            Err(e @ (StoreError::Unique | StoreError::Conflict | StoreError::Database { .. })) => last_error = Some(e),
            Err(e) => return Err(e),
        }
        std::thread::sleep(std::time::Duration::from_millis(rand::random_range(5..50)));
    }
    Err(last_error.unwrap_or(StoreError::Closed))
}
