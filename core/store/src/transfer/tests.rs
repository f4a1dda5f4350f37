//! Every system table with every kind of value, from each kind of database into each.

mod filler;

use super::load::EMPTIED_TABLES;
use super::tables::EXCLUDED_TABLES;
use super::{DumpOutline, is_excluded};
use crate::testing::test_stores;
use crate::{Store, StoreError, migrations};
use filler::{FilledTable, ROWS};
use std::collections::BTreeMap;

/// Tables that the store itself runs on: the filler leaves them alone, and a load counts on in them.
const INTERNAL_TABLES: [&str; 9] = [
    "cairn_blobs",
    "cairn_changes",
    "cairn_counts",
    "cairn_locks",
    "cairn_migrations",
    "cairn_outbox_place",
    "cairn_plugin_usage",
    "cairn_schema",
    "cairn_sequences",
];
/// Tables that are not transferred and stay as they are when a dump is loaded. Of the others nothing may remain: what is in them would belong to
/// somebody else, who has the same number in the dump.
const KEPT_TABLES: [&str; 14] = [
    "cairn_api_token_uses",
    "cairn_batches",
    "cairn_consumers",
    "cairn_deliveries",
    "cairn_outbox",
    "cairn_plugin_calls",
    "cairn_plugin_logs",
    "cairn_presence",
    "cairn_preview_links",
    "cairn_resumable",
    "cairn_schema_changes",
    "cairn_trash",
    "cairn_trash_values",
    "cairn_webhook_attempts",
];
/// Number of rows that are dumped at a time, so that a table has several pages.
const PAGE_ROWS: i64 = 3;
/// Offset that a load adds to the numbers of the copies of search indexes: indexes on disk under the old numbers are not those of the dump.
const COPY_OFFSET: i64 = 1 << 41;

/// The lines of every table that is transferred.
type Lines = BTreeMap<String, Vec<String>>;

/// Names the system tables that are to have rows, as the database's catalogue lists them.
fn list_tables(store: &Store) -> Vec<FilledTable> {
    let outline = store.read(|r| r.transfer().describe()).unwrap();
    let mut tables = store.read(|r| filler::list_system_tables(r, &outline.tables)).unwrap();
    tables.retain(|t| !INTERNAL_TABLES.contains(&t.name.as_str()));
    assert!(tables.len() > 60, "only {} system tables were found", tables.len());
    tables
}

/// Fills all of them, each database's second time with values in another order.
async fn fill(store: &Store, shift: usize) {
    for table in list_tables(store) {
        let name = table.name.clone();
        let filled = store.write(move |tx| table.fill(tx, shift)).await;
        filled.unwrap_or_else(|e| panic!("{}: {name} cannot be filled: {e}", store.database_kind()));
    }
}

/// The rows of the system tables, in no particular order, as texts that are the same on both databases. Reads them without the dump.
fn rows_of(store: &Store) -> BTreeMap<String, Vec<String>> {
    let tables = list_tables(store);
    let read = store.read(|r| tables.iter().map(|t| Ok((t.name.clone(), t.read_rows(r)?))).collect());
    read.unwrap_or_else(|e: StoreError| panic!("{}: {e}", store.database_kind()))
}

fn dump(store: &Store, page_rows: i64) -> (DumpOutline, Lines) {
    let read = store.read_all(|r| {
        let outline = r.transfer().describe()?;
        let mut tables = BTreeMap::new();
        for table in &outline.tables {
            let mut lines = Vec::new();
            r.transfer().dump_pages(table, page_rows, |line| {
                lines.push(line.to_owned());
                Ok::<_, StoreError>(())
            })?;
            tables.insert(table.name.clone(), lines);
        }
        Ok::<_, StoreError>((outline, tables))
    });
    read.unwrap_or_else(|e| panic!("{}: {e}", store.database_kind()))
}

async fn load(store: &Store, (outline, tables): (DumpOutline, Lines)) {
    let write = store.write(move |tx| {
        tx.transfer().begin_load(&outline, true)?;
        for table in &outline.tables {
            let lines: Vec<&str> = tables[&table.name].iter().map(String::as_str).collect();
            lines.chunks(7).try_for_each(|lines| tx.transfer().load_rows(table, lines))?;
        }
        tx.transfer().finish_load(&outline)
    });
    write.await.unwrap_or_else(|e| panic!("{}: {e}", store.database_kind()));
}

/// Sets the search indexes of a loaded database back to the numbers that they have in the dump.
async fn reset_copy_numbers(store: &Store) {
    let reset = store.write(|tx| {
        for sql in [
            "UPDATE cairn_plugin_indexes SET live = live - ?1, shadow = shadow - ?1",
            "UPDATE cairn_plugin_search SET copy = copy - ?1",
        ] {
            tx.conn.execute("preparing a comparison", sql, [COPY_OFFSET])?;
        }
        Ok::<_, StoreError>(())
    });
    reset.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn every_system_table_is_transferred_with_every_kind_of_value() {
    for from in test_stores() {
        fill(&from, 0).await;
        let (source, dumped) = (rows_of(&from), dump(&from, PAGE_ROWS));
        for (name, rows) in &source {
            assert_eq!(rows.len(), ROWS, "{name} on {}", from.database_kind());
        }
        assert_eq!(dumped.0.left_out, Vec::<String>::new(), "list them in core/store/src/transfer/tables.rs");
        assert_eq!(dumped, dump(&from, i64::MAX / 2), "dumps depend on their pages");
        for to in test_stores() {
            let way = format!("{} to {}", from.database_kind(), to.database_kind());
            // In the place of other rows.
            fill(&to, 5).await;
            to.write(|tx| {
                let sql = "INSERT INTO cairn_admin_token_uses (token, at) SELECT id, 'then' FROM cairn_admin_tokens
                           WHERE id NOT IN (SELECT token FROM cairn_admin_token_uses)";
                tx.conn.execute("preparing a test", sql, ())
            })
            .await
            .unwrap();
            let before = rows_of(&to);
            load(&to, dumped.clone()).await;
            reset_copy_numbers(&to).await;
            let after = rows_of(&to);
            for (name, rows) in &after {
                match name.as_str() {
                    "cairn_admin_tokens" | "cairn_admin_token_uses" => {}
                    name if KEPT_TABLES.contains(&name) => assert_eq!(rows, &before[name], "{way}: {name}"),
                    name if is_excluded(name) => assert!(rows.is_empty(), "{way}: {name} has {rows:?}"),
                    name => assert_eq!(rows, &source[name], "{way}: {name}"),
                }
            }
            assert_eq!(dump(&to, PAGE_ROWS).1, dumped.1, "{way}");
            assert_eq!(to.read(|r| r.plugin_usage().find_differences()).unwrap(), Vec::<String>::new(), "{way}");
            // Tokens of administrators went with them; those of a settings file have no owner.
            let owners = to
                .read(|r| {
                    let sql =
                        "SELECT t.admin_user FROM cairn_admin_tokens t JOIN cairn_admin_token_uses u ON u.token = t.id";
                    r.conn.query_all("reading the owners", sql, (), |row| row.get::<Option<i64>>(0))
                })
                .unwrap();
            assert!(!owners.is_empty() && owners.iter().all(Option::is_none), "{way}: {owners:?}");
            assert!(after["cairn_admin_token_uses"].len() == owners.len(), "{way}");
        }
    }
}

/// The test above fails with the name of a new table or column that nobody has decided about.
#[tokio::test(flavor = "multi_thread")]
async fn tables_and_columns_in_no_list_are_named() {
    for store in test_stores() {
        store
            .write(|tx| {
                tx.conn.execute_batch(
                    "preparing a test",
                    "CREATE TABLE cairn_later (id BIGINT PRIMARY KEY); ALTER TABLE cairn_settings ADD COLUMN later BIGINT",
                )
            })
            .await
            .unwrap();
        let outline = store.read(|r| r.transfer().describe()).unwrap();
        assert_eq!(outline.left_out, ["cairn_later", "cairn_settings.later"], "{}", store.database_kind());
        assert!(list_tables(&store).iter().any(|t| t.name == "cairn_later"));
    }
}

/// Bytes and numbers beyond 53 bits are keys too, also where a page ends with them.
#[tokio::test(flavor = "multi_thread")]
async fn dumps_continue_after_keys_of_bytes() {
    for store in test_stores() {
        let codes: Vec<(i64, Vec<u8>)> = (0..40).map(|n: i64| (n / 10, vec![0xff - n as u8, 0, n as u8])).collect();
        let inserted = codes.clone();
        store
            .write(move |tx| {
                for (user, hash) in &inserted {
                    let sql = "INSERT INTO cairn_admin_recovery_codes (admin_user, hash) VALUES (?1, ?2)";
                    tx.conn.execute("preparing a test", sql, (user, hash))?;
                }
                Ok::<_, StoreError>(())
            })
            .await
            .unwrap();
        let mut expected: Vec<String> =
            codes.iter().map(|(user, hash)| format!("[{user},\"{:02x}00{:02x}\"]", hash[0], hash[2])).collect();
        expected.sort();
        assert_eq!(dump(&store, 7).1["cairn_admin_recovery_codes"], expected, "{}", store.database_kind());
    }
}

/// A name that no migration makes is a table that was renamed: its new name is in no list.
#[test]
fn excluded_tables_exist() {
    let files: String = migrations::SQLITE.iter().chain(migrations::POSTGRES).map(|(_, sql)| *sql).collect();
    for (name, reason) in EXCLUDED_TABLES {
        // The runner of migrations makes its own table.
        let exists = name == "cairn_migrations" || files.contains(&format!("CREATE TABLE {name} ("));
        assert!(exists && !reason.is_empty(), "{name}");
    }
    for name in INTERNAL_TABLES.into_iter().chain(KEPT_TABLES).chain(EMPTIED_TABLES) {
        assert!(is_excluded(name), "{name}");
    }
}
