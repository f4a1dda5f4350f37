//! The database of one test: a SQLite file in the test's folder, or a separate PostgreSQL schema.
//!
//! The environment decides: where [`DATABASE_VARIABLE`] names a PostgreSQL database, every test database is a new schema in it; otherwise a file.
//! Tests do not check which one they have, unless they test something that only one has.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// Environment variable with a PostgreSQL database (`postgres://…`, without a schema) to run tests on.
pub const DATABASE_VARIABLE: &str = "CAIRN_TEST_DATABASE_URL";

/// A database that no other test uses. When dropped, its schema is dropped; a file is deleted with its folder.
#[derive(Debug)]
pub struct TestDatabase {
    url: String,
    place: DatabaseLocation,
}

#[derive(Debug)]
enum DatabaseLocation {
    File(PathBuf),
    Schema { server: String, name: String },
}

impl TestDatabase {
    /// A database of the kind that the environment chooses; a file is created in `folder`.
    pub fn new(folder: &Path) -> Self {
        server_url().map_or_else(|| Self::new_sqlite(folder), Self::new_schema)
    }

    /// One database of every available kind: a file, and a schema where the environment names a server.
    pub fn all_kinds(folder: &Path) -> Vec<Self> {
        let mut all = vec![Self::new_sqlite(folder)];
        all.extend(server_url().map(Self::new_schema));
        all
    }

    fn new_sqlite(folder: &Path) -> Self {
        let file = folder.join("cairn.db");
        Self { url: format!("sqlite:{}", file.display()), place: DatabaseLocation::File(file) }
    }

    fn new_schema(server: String) -> Self {
        let name = new_name();
        let joint = if server.contains('?') { '&' } else { '?' };
        Self { url: format!("{server}{joint}schema={name}"), place: DatabaseLocation::Schema { server, name } }
    }

    /// The value for `CAIRN_DATABASE_URL`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// True if it is on PostgreSQL.
    pub fn is_postgres(&self) -> bool {
        matches!(self.place, DatabaseLocation::Schema { .. })
    }

    /// The SQLite file; `None` on PostgreSQL.
    pub fn file(&self) -> Option<&Path> {
        match &self.place {
            DatabaseLocation::File(file) => Some(file),
            DatabaseLocation::Schema { .. } => None,
        }
    }

    /// Runs SQL beside the other users of the database, with `{schema}` standing for its schema. For preparing what a test is about, such
    /// as a schema that belongs to somebody else. On PostgreSQL only.
    pub fn run_sql(&self, sql: &str) {
        let DatabaseLocation::Schema { server, name } = &self.place else { panic!("SQL beside a file") };
        let output =
            psql_command(server, &sql.replace("{schema}", name)).output().unwrap_or_else(|e| panic!("psql: {e}"));
        assert!(output.status.success(), "psql: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// Everything in it, as text and bytes in no particular order: for checking whether something was written. On PostgreSQL
    /// the rows, not the server's files.
    pub fn read_contents(&self) -> Vec<u8> {
        match &self.place {
            DatabaseLocation::File(file) => {
                let folder = file.parent().unwrap();
                let name = file.file_name().unwrap().to_string_lossy().into_owned();
                let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
                // With the log and the index beside it.
                let database_files = files.filter(|entry| entry.file_name().to_string_lossy().starts_with(&name));
                database_files.flat_map(|entry| std::fs::read(entry.path()).unwrap()).collect()
            }
            DatabaseLocation::Schema { server, name } => {
                let select = format!("SELECT schema_to_xml('{name}', true, false, '')");
                let output = psql_command(server, &select).output().unwrap_or_else(|e| panic!("psql: {e}"));
                assert!(output.status.success(), "psql: {}", String::from_utf8_lossy(&output.stderr));
                output.stdout
            }
        }
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if let DatabaseLocation::Schema { server, name } = &self.place {
            // Without psql it stays, in a server that is thrown away. So it does where a test's own server still works
            // on it, which is waited for a moment only. Tenants have schemas of their own, whose names begin with it.
            let drop = format!(
                "SET lock_timeout = '2s'; SET client_min_messages = error; DO $$ DECLARE s text; BEGIN FOR s IN \
                 SELECT nspname FROM pg_namespace WHERE nspname = '{name}' OR starts_with(nspname, '{name}_') \
                 LOOP EXECUTE format('DROP SCHEMA %I CASCADE', s); END LOOP; END $$"
            );
            let _ = psql_command(server, &drop).stdout(Stdio::null()).stderr(Stdio::null()).status();
        }
    }
}

/// The server for tests; `None`: tests use files.
///
/// Panics where the variable has a value that no test could use.
fn server_url() -> Option<String> {
    let url = std::env::var(DATABASE_VARIABLE).ok().filter(|url| !url.is_empty())?;
    let postgres = url.starts_with("postgres://") || url.starts_with("postgresql://");
    assert!(postgres && !url.contains("schema="), "{DATABASE_VARIABLE}: expected postgres://… without a schema");
    Some(url)
}

/// A name that shows its origin, for people who find one that a panic left behind.
fn new_name() -> String {
    static NEXT_SCHEMA: AtomicU32 = AtomicU32::new(0);
    let next = NEXT_SCHEMA.fetch_add(1, Ordering::Relaxed);
    // Process ids come again: the clock tells those of one server apart.
    let now = std::time::UNIX_EPOCH.elapsed().map_or(0, |since| since.as_micros());
    format!("t_{}_{next}_{now:x}", std::process::id())
}

fn psql_command(server: &str, sql: &str) -> Command {
    let mut psql = Command::new(psql_program());
    psql.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", server, "-c", sql]).stdin(Stdio::null());
    psql
}

/// Debian's `psql` in the PATH is a script that takes longer than the work itself.
fn psql_program() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut programs = versions.map(|version| version.path().join("bin/psql")).filter(|program| program.is_file());
    programs.next().unwrap_or_else(|| "psql".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn postgres_url_names_the_schema() {
        for (server, begin) in [
            ("postgres://a:b@h:1/d", "postgres://a:b@h:1/d?schema=t_"),
            ("postgres:///d?host=/s", "postgres:///d?host=/s&schema=t_"),
        ] {
            let database = TestDatabase::new_schema(server.to_owned());
            assert!(database.url().starts_with(begin), "{}", database.url());
            assert!(database.is_postgres() && database.file().is_none());
            std::mem::forget(database);
        }
        assert_ne!(new_name(), new_name());
    }

    #[test]
    fn sqlite_database_is_created_in_the_folder() {
        let folder = std::env::temp_dir();
        let database = TestDatabase::new_sqlite(&folder);
        assert_eq!(database.file().unwrap(), folder.join("cairn.db"));
        assert_eq!(database.url(), format!("sqlite:{}", folder.join("cairn.db").display()));
    }

    /// Where there is a server, a schema and what is in it is really gone.
    #[test]
    fn schema_is_dropped_with_the_test_database() {
        let Some(server) = server_url() else { return };
        let database = TestDatabase::new_schema(server.clone());
        let DatabaseLocation::Schema { name, .. } = &database.place else { unreachable!() };
        let make = format!("CREATE SCHEMA {name}; CREATE TABLE {name}.x AS SELECT 'canary' AS y");
        assert!(psql_command(&server, &make).status().unwrap().success());
        assert!(String::from_utf8(database.read_contents()).unwrap().contains("canary"));
        let count = format!("SELECT count(*) FROM pg_namespace WHERE nspname = '{name}'");
        drop(database);
        assert_eq!(psql_command(&server, &count).output().unwrap().stdout, b"0\n");
    }
}
