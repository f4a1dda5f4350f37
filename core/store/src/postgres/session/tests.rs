//! Tests of a session's work in the database. On SQLite the results are the same.

use super::numbered;
use crate::connection::{Connection, Param};
use crate::plugins::{KvPut, LogLevel, NewLog};
use crate::testing::{TestStore, test_stores};
use crate::{Result, StoreError, WriteTx};

const NOW: i64 = 1_800_000_000_000;

/// Number of times that the session of a write waits for the server while `work` runs; `None` on SQLite.
async fn waits(
    store: &TestStore,
    work: impl FnOnce(&mut WriteTx<'_>) -> Result<()> + Clone + Send + 'static,
) -> Option<usize> {
    let counted = move |tx: &mut WriteTx<'_>| {
        let count = |tx: &WriteTx<'_>| match tx.conn {
            Connection::Postgres(session) => Some(session.waits.get()),
            Connection::Sqlite(_) => None,
        };
        // Begins the transaction.
        tx.conn.exists("beginning", "SELECT 1", ())?;
        let before = count(tx);
        work(tx)?;
        Ok::<_, StoreError>(count(tx).zip(before).map(|(after, before)| after - before))
    };
    store.write(counted).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn upserts_of_many_rows_take_few_round_trips() {
    for store in test_stores() {
        let entries = |keys: std::ops::Range<usize>, value: &'static [u8]| {
            keys.map(move |n| KvPut { key: format!("{n:03}"), value: value.to_vec(), expires_at: None, expect: None })
        };
        let all: Vec<KvPut> = entries(0..100, b"1").collect();
        let put_entries =
            |entries: Vec<KvPut>| move |tx: &mut WriteTx<'_>| tx.plugin_kv().put("crm", &entries, NOW).map(drop);
        // Three statements, which are prepared the first time.
        assert!(waits(&store, put_entries(all.clone())).await.is_none_or(|n| n <= 6));
        assert!(waits(&store, put_entries(all.clone())).await.is_none_or(|n| n <= 6));
        // Two keys come twice, and the later value stays.
        let twice: Vec<KvPut> = all.into_iter().chain(entries(40..42, b"2")).collect();
        waits(&store, put_entries(twice)).await;
        let keys: Vec<String> = (0..100).map(|n| format!("{n:03}")).collect();
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        let stored = store.read(|r| r.plugin_kv().get_entries("crm", &keys, NOW)).unwrap();
        for (n, entry) in stored.into_iter().enumerate() {
            let expected = if (40..42).contains(&n) { (b"2".to_vec(), 4) } else { (b"1".to_vec(), 3) };
            let entry = entry.unwrap();
            assert_eq!((entry.value, entry.revision), expected, "{n}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn updates_of_many_rows_take_few_round_trips() {
    let read = |tx: &WriteTx<'_>| {
        let sql = "SELECT id, at, message, call FROM cairn_plugin_logs ORDER BY id";
        tx.conn.query_all("reading", sql, (), |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?)))
    };
    for store in test_stores() {
        let line = |n: i64| NewLog {
            plugin: "crm".into(),
            at: n,
            level: LogLevel::Info,
            message: n.to_string(),
            fields: serde_json::json!({}),
            call: Some("c".into()),
        };
        let lines: Vec<NewLog> = (0..100).map(line).collect();
        store.write(move |tx| tx.plugin_logs().append(&lines)).await.unwrap();
        let update = move |tx: &mut WriteTx<'_>| {
            let before: Vec<(i64, i64, String, Option<String>)> = read(tx)?;
            let texts: Vec<String> = before.iter().map(|(_, at, ..)| format!("it's {at}")).collect();
            let rows: Vec<Vec<Param<'_>>> = before
                .iter()
                .zip(&texts)
                .map(|((id, at, ..), text)| {
                    vec![Param::Text(text), Param::Integer(at + 1), Param::Null, Param::Integer(*id)]
                })
                .collect();
            let sql = "UPDATE cairn_plugin_logs SET message = ?1, at = ?2, call = ?3 WHERE id = ?4";
            tx.conn.execute_each("changing", sql, &rows)
        };
        // A query and the statement of one row are prepared as well.
        assert!(waits(&store, update).await.is_none_or(|n| n <= 9));
        let found: Vec<(i64, i64, String, Option<String>)> = store.write(move |tx| read(tx)).await.unwrap();
        assert_eq!(found.len(), 100);
        for (n, (_, at, message, call)) in found.into_iter().enumerate() {
            assert_eq!((at, message, call), (n as i64 + 1, format!("it's {n}"), None));
        }
    }
}

#[test]
fn placeholders_are_converted_outside_quotes() {
    assert_eq!(numbered("a = ?1 AND b IN (?12)"), "a = $1 AND b IN ($12)");
    assert_eq!(numbered("a = '?1' AND \"?2\" = ?3 AND c = 'it''s ?4'"), "a = '?1' AND \"?2\" = $3 AND c = 'it''s ?4'");
}

#[tokio::test(flavor = "multi_thread")]
async fn transactions_continue_after_each_row_that_is_not_unique() {
    for store in test_stores() {
        let insert = |tx: &mut WriteTx<'_>| {
            let sql = "INSERT INTO cairn_asset_tags (document_id, tag) VALUES (?1, ?2)";
            tx.conn.execute_unique("tagging", sql, ("a", "b"))
        };
        let work = move |tx: &mut WriteTx<'_>| {
            insert(tx)?;
            // The server's last words about a failure come a little later than the failure.
            for _ in 0..200 {
                assert!(matches!(insert(tx), Err(StoreError::Unique)));
                assert!(tx.conn.exists("reading tags", "SELECT 1 FROM cairn_asset_tags", ())?);
            }
            assert!(matches!(insert(tx), Err(StoreError::Unique)));
            Err::<(), _>(StoreError::Closed)
        };
        for _ in 0..20 {
            assert!(matches!(store.write(work).await, Err(StoreError::Closed)));
        }
    }
}
