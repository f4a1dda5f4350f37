//! Runs the numbered files of `migrations/` that a database has not seen, in order.

use crate::connection::Connection;
use crate::{Result, StoreError};
use xxhash_rust::xxh3::xxh3_64;

/// Not a migration: the row that concurrent starts wait for, if the database has more than one writer.
pub(crate) const LOCK_FILE: &str = "lock";

/// Name and text of a migration.
type MigrationFile = (&'static str, &'static str);

macro_rules! files {
    ($database:literal: $($name:literal)+) => {
        &[$(($name, include_str!(concat!("../../../migrations/", $database, "/", $name, ".sql")))),+]
    };
}

pub(crate) const SQLITE: &[MigrationFile] = files!("sqlite": "0001_system" "0002_tenants" "0003_schema" "0004_events" "0005_webhooks" "0006_notify" "0007_publishing" "0008_review" "0009_presence" "0010_assets" "0011_rights" "0012_resumable" "0013_admin" "0014_views" "0015_plugins" "0016_plugin_search" "0017_batches" "0018_seal_profiles" "0019_admin_tokens" "0020_plugin_quotas" "0021_folder_metadata" "0022_plugin_choices" "0023_user_groups" "0024_erasures" "0025_plugin_signing_keys" "0026_signing_key_order" "0027_plugin_responses" "0028_file_replacement");
pub(crate) const POSTGRES: &[MigrationFile] = files!("postgres": "0001_system" "0002_tenants" "0003_schema" "0004_events" "0005_webhooks" "0006_notify" "0007_publishing" "0008_review" "0009_presence" "0010_assets" "0011_rights" "0012_resumable" "0013_admin" "0014_views" "0015_plugins" "0016_plugin_search" "0017_batches" "0018_seal_profiles" "0019_admin_tokens" "0020_plugin_quotas" "0021_folder_metadata" "0022_plugin_choices" "0023_user_groups" "0024_erasures" "0025_plugin_signing_keys" "0026_signing_key_order" "0027_plugin_responses" "0028_file_replacement");

/// Brings the system tables up to date, in the transaction that the caller has begun. Refuses a database that a newer Cairn has migrated
/// further, or whose migrations differ from the files.
pub(crate) fn run_migrations(conn: &Connection, files: &[MigrationFile]) -> Result<()> {
    let keyed = conn.dialect().keyed_table_suffix();
    conn.execute_batch(
        "preparing the migrations",
        &format!("CREATE TABLE IF NOT EXISTS cairn_migrations (name TEXT PRIMARY KEY, hash TEXT NOT NULL) {keyed}"),
    )?;
    let sql = "SELECT name, hash FROM cairn_migrations ORDER BY name";
    let applied: Vec<(String, String)> =
        conn.query_all("reading the migrations", sql, (), |r| Ok((r.get(0)?, r.get(1)?)))?;
    for (name, hash) in applied.iter().filter(|(name, _)| name != LOCK_FILE) {
        match files.iter().find(|(n, _)| n == name) {
            None => {
                return Err(StoreError::Schema(format!(
                    "the database has migration {name}, which this version of Cairn does not know; run a newer version"
                )));
            }
            Some((_, sql)) if hash_of(sql) != *hash => {
                return Err(StoreError::Schema(format!(
                    "migration {name} differs from the version that this database has run"
                )));
            }
            Some(_) => {}
        }
    }
    for (name, sql) in files.iter().filter(|(name, _)| !applied.iter().any(|(n, _)| n == name)) {
        conn.execute_batch("running a migration", sql)?;
        let note = "INSERT INTO cairn_migrations (name, hash) VALUES (?1, ?2)";
        conn.execute("recording a migration", note, (*name, hash_of(sql)))?;
    }
    Ok(())
}

fn hash_of(sql: &str) -> String {
    format!("{:016x}", xxh3_64(sql.as_bytes()))
}

#[cfg(test)]
mod tests {
    use crate::{Database, Store, StoreError, StoreOptions};
    use cairn_model::Registry;
    use std::path::Path;
    use std::sync::Arc;

    /// A database of each kind that tests run on, and an empty model.
    fn databases(folder: &Path) -> (Vec<Database>, Arc<Registry>) {
        let registry = Arc::new(cairn_model::load::load_project(folder).unwrap().registry);
        let mut databases = vec![Database::Sqlite(folder.join("cairn.db"))];
        if let Ok(url) = std::env::var("CAIRN_TEST_DATABASE_URL") {
            let url = format!("{url}?schema=t_newer_{:x}", rand::random::<u64>());
            databases.push(Database::parse(&url, folder).unwrap());
        }
        (databases, registry)
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn whoever_may_upload_and_delete_files_may_replace_them_after_an_upgrade() {
        let folder = tempfile::tempdir().unwrap();
        let (databases, registry) = databases(folder.path());
        for database in databases {
            let open = || Store::open(StoreOptions { database: database.clone() }, registry.clone()).unwrap();
            let store = open();
            let before = "
                INSERT INTO cairn_permissions (role, subject, action, condition) VALUES
                  ('both', 'plugin::upload.file', 'upload', '{\"a\":1}'), ('both', 'plugin::upload.file', 'destroy', NULL),
                  ('adds', 'plugin::upload.file', 'upload', NULL), ('adds', 'api::a.a', 'destroy', NULL),
                  ('less', 'plugin::upload.file', 'upload', NULL), ('less', 'plugin::upload.file', 'destroy', '{}');
                INSERT INTO cairn_api_tokens (name, type, hash, permissions, created_at) VALUES
                  ('all', 'full-access', '1', NULL, ''),
                  ('adds', 'custom', '2', '[{\"subject\":\"plugin::upload.file\",\"action\":\"upload\"}]', ''),
                  ('both', 'custom', '3', '[{\"subject\":\"plugin::upload.file\",\"action\":\"upload\",\"condition\":{\"a\":1}},
                    {\"subject\":\"plugin::upload.file\",\"action\":\"destroy\"}]', '');
                DELETE FROM cairn_migrations WHERE name = '0028_file_replacement'";
            store.write(move |tx| tx.conn.execute_batch("preparing a test", before)).await.unwrap();
            drop(store);
            let (roles, tokens) = open()
                .read(|r| {
                    let sql = "SELECT role || coalesce(condition, '') FROM cairn_permissions WHERE action = 'replace' ORDER BY role";
                    let roles: Vec<String> = r.conn.query_all("reading", sql, (), |row| row.get(0))?;
                    let sql = "SELECT name, permissions FROM cairn_api_tokens WHERE permissions IS NOT NULL ORDER BY name";
                    let tokens: Vec<(String, String)> =
                        r.conn.query_all("reading", sql, (), |row| Ok((row.get(0)?, row.get(1)?)))?;
                    Ok::<_, StoreError>((roles, tokens))
                })
                .unwrap();
            assert_eq!(roles, ["both{\"a\":1}"]);
            let (adds, both) = (&tokens[0].1, &tokens[1].1);
            assert!(!adds.contains("replace"), "{adds}");
            let both: Vec<serde_json::Value> = serde_json::from_str(both).unwrap();
            let replace =
                serde_json::json!({ "subject": "plugin::upload.file", "action": "replace", "condition": { "a": 1 } });
            assert_eq!((both.len(), &both[2]), (3, &replace));
            database.erase().unwrap();
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn databases_migrated_by_a_newer_version_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let (databases, registry) = databases(folder.path());
        for database in databases {
            let open = || Store::open(StoreOptions { database: database.clone() }, registry.clone());
            let store = open().unwrap();
            let sql = "INSERT INTO cairn_migrations (name, hash) VALUES ('0999_later', 'x')";
            store.write(move |tx| tx.conn.execute("preparing a test", sql, ())).await.unwrap();
            drop(store);
            let refused = open().map(drop).unwrap_err();
            assert!(
                matches!(&refused, StoreError::Schema(m) if m.contains("0999_later") && m.contains("newer version"))
            );
            database.erase().unwrap();
        }
    }
}
