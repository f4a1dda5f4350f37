//! Databases that are not for us: each is refused with what to do, and nothing in it is touched.

use cairn_model::Registry;
use cairn_store::{Database, Store, StoreError, StoreOptions};
use cairn_testkit::TestDatabase;
use std::path::Path;
use std::sync::Arc;

fn registry() -> Arc<Registry> {
    let folder = tempfile::tempdir().unwrap();
    Arc::new(cairn_model::load::load_project(folder.path()).unwrap().registry)
}

fn open(url: &str) -> Result<Store, StoreError> {
    let database = Database::parse(url, Path::new("")).unwrap();
    Store::open(StoreOptions { database }, registry())
}

#[track_caller]
fn assert_open_refused(url: &str, parts: &[&str]) {
    let message = open(url).map(drop).unwrap_err().to_string();
    for part in parts {
        assert!(message.contains(part), "{part:?} is not in: {message}");
    }
    assert!(!message.contains("geheim"), "{message}");
}

fn sqlite_file(folder: &Path, bytes: &[u8]) -> String {
    let file = folder.join("a.db");
    std::fs::write(&file, bytes).unwrap();
    format!("sqlite:{}", file.display())
}

#[test]
fn foreign_sqlite_files_are_refused_unchanged() {
    let folder = tempfile::tempdir().unwrap();
    let text = b"Dear diary, today I opened a database. ".repeat(200);
    let url = sqlite_file(folder.path(), &text);
    assert_open_refused(&url, &["not a SQLite database", "Nothing was changed"]);
    assert_eq!(std::fs::read(folder.path().join("a.db")).unwrap(), text);
    // Of another program.
    let other = folder.path().join("other.db");
    let script = "CREATE TABLE invoices (id INTEGER); INSERT INTO invoices VALUES (7);";
    let mut sqlite = std::process::Command::new("python3");
    sqlite.args(["-c", "import sqlite3,sys; sqlite3.connect(sys.argv[1]).executescript(sys.argv[2])"]);
    if sqlite.arg(&other).arg(script).status().is_ok_and(|s| s.success()) {
        let before = std::fs::read(&other).unwrap();
        assert_open_refused(&format!("sqlite:{}", other.display()), &["not Cairn's (invoices)", "a new file"]);
        assert_eq!(std::fs::read(&other).unwrap(), before);
    }
    // A folder where the file should be.
    assert_open_refused(&format!("sqlite:{}", folder.path().display()), &["cannot be"]);
}

/// Adds to the parameters of a URL.
fn with_parameter(url: &str, parameter: &str) -> String {
    format!("{url}{}{parameter}", if url.contains('?') { '&' } else { '?' })
}

#[test]
fn unreachable_or_foreign_postgresql_is_refused() {
    assert_open_refused(
        "postgres://u:geheim@127.0.0.1:1/db",
        &["127.0.0.1:1/db", "cannot be reached", "Check that it is running"],
    );
    assert_open_refused("postgres://u:geheim@no-such-host.invalid/db", &["cannot be reached"]);
    let folder = tempfile::tempdir().unwrap();
    let database = TestDatabase::new(folder.path());
    if !database.is_postgres() {
        return;
    }
    let url = database.url();
    let (head, query) = url.split_once('?').unwrap();
    let (server, _) = head.rsplit_once('/').unwrap();
    assert_open_refused(&format!("{server}/no_such_database?{query}"), &["no_such_database", "createdb"]);
    let read_only = "options=-c%20default_transaction_read_only%3Don";
    assert_open_refused(&with_parameter(url, read_only), &["read-only", "name the primary"]);
    // The refused attempts created no schema.
    assert!(!Database::parse(url, Path::new("")).unwrap().exists().unwrap());
    assert_open_refused(&with_parameter(head, "schema=information_schema"), &["not Cairn's", "?schema="]);
    let standby = std::env::var("CAIRN_TEST_REPLICA_URL").ok();
    if let Some(standby) = standby {
        assert_open_refused(&standby, &["read-only; if it is a standby"]);
    }
    // A user who may not make schemas.
    let role = format!("poor_{:x}", rand::random::<u32>());
    let sql = |sql: &str| {
        let status = std::process::Command::new("psql").args([head, "-X", "-q", "-c", sql]).status();
        status.is_ok_and(|s| s.success())
    };
    if sql(&format!("CREATE ROLE {role} LOGIN PASSWORD 'x'")) {
        let place = server.rsplit_once('@').map_or(server, |(_, place)| place);
        let database_name = head.rsplit_once('/').unwrap().1;
        assert_open_refused(
            &format!("postgres://{role}:x@{place}/{database_name}?{query}"),
            &["permission denied", "GRANT"],
        );
        assert!(sql(&format!("DROP ROLE {role}")));
    }
    open(url).unwrap();
}

/// Fifty starts on two nodes: one of them makes the schema, the others wait for it.
#[test]
fn concurrent_starts_create_one_schema() {
    let folder = tempfile::tempdir().unwrap();
    let database = TestDatabase::new(folder.path());
    let url = database.url();
    let nodes = [(); 2].map(|()| Database::parse(url, Path::new("")).unwrap());
    let registry = registry();
    std::thread::scope(|scope| {
        let starts: Vec<_> = (0..50)
            .map(|i| {
                let (database, registry) = (nodes[i % 2].clone(), registry.clone());
                scope.spawn(move || Store::open(StoreOptions { database }, registry).map(drop))
            })
            .collect();
        for start in starts {
            start.join().unwrap().unwrap();
        }
    });
    assert!(open(url).unwrap().check_integrity().unwrap().is_empty());
}

/// Tenants share one PostgreSQL database: the size of one says nothing of the others' content.
#[test]
fn database_size_counts_own_tables_only() {
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let [ours, other] = [0, 1].map(|i| TestDatabase::new(folders[i].path()));
    let (store, neighbour) = (open(ours.url()).unwrap(), open(other.url()).unwrap());
    let size = |store: &Store| store.read(|r| r.database_size()).unwrap().unwrap();
    let (before, small) = (size(&store), size(&neighbour));
    assert!(before > 0 && small > 0);
    if !ours.is_postgres() {
        return;
    }
    other.run_sql(
        "CREATE TABLE {schema}.ballast AS SELECT repeat('x', 1000) || i AS text FROM generate_series(1, 5000) i",
    );
    assert!(size(&neighbour) >= small + 4_000_000, "{} {small}", size(&neighbour));
    assert!(size(&store) < before + 1_000_000, "{} {before}", size(&store));
}
