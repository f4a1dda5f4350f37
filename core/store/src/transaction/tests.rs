//! Parts of a transaction that fail alone, on both databases.

use crate::events::{Actor, EventFilter, NewEvent};
use crate::history::{HistoryFilter, HistoryStatus, NewHistoryEntry};
use crate::system::NewUser;
use crate::testing::{TestStore, test_stores};
use crate::{Result, StoreError, WriteTx};
use serde_json::{Value as Json, json};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier};

const NOW: &str = "2025-01-01T10:00:00.000Z";

fn emit_event(tx: &mut WriteTx<'_>, name: &str) -> Result<()> {
    let event = NewEvent {
        name: name.into(),
        key: "k".into(),
        content_type: None,
        document_id: None,
        locale: None,
        status: None,
        data: json!({}),
    };
    tx.events().emit(&Actor::public(), &event, 1)
}

fn add_user(tx: &mut WriteTx<'_>, name: &str) -> Result<String> {
    let email = format!("{name}@example.com");
    tx.users().create(&NewUser { username: name, email: &email, password_hash: "x", confirmed: true, role: None }, NOW)
}

fn add_history_entry(tx: &mut WriteTx<'_>, version: i64, autosave: bool) -> Result<()> {
    tx.history().add(NewHistoryEntry {
        content_type: "plugin::users-permissions.user".into(),
        document_id: "d".into(),
        locale: String::new(),
        action: "updated".into(),
        status: HistoryStatus::Draft,
        version,
        autosave,
        at: 1,
        actor: Actor::public(),
        changed: vec![],
        note: None,
        snapshot: None,
    })
}

/// Provokes a clash with a unique key that no savepoint protects.
fn cause_unique_error(tx: &mut WriteTx<'_>) -> Result<()> {
    for _ in 0..2 {
        let sql = "INSERT INTO cairn_admin_users (email, password_hash, roles, created_at, updated_at) VALUES ('a', '', '', '', '')";
        tx.conn.execute("preparing a test", sql, ())?;
    }
    Ok(())
}

fn set_flag(tx: &mut WriteTx<'_>, key: &str) -> Result<()> {
    tx.settings().set(key, &json!(true))
}

/// Data that remains after the test: events, versions in the history, users, settings.
fn remaining_data(store: &TestStore) -> (Vec<String>, Vec<i64>, i64, Vec<&'static str>) {
    let filter = HistoryFilter {
        content_type: "plugin::users-permissions.user".into(),
        document_id: "d".into(),
        locale: Some(String::new()),
        before: None,
    };
    store
        .read(|r| {
            // Events without a position are included.
            let sql = "SELECT name FROM cairn_outbox WHERE key = 'k' ORDER BY name";
            let events = r.conn.query_all("reading events", sql, (), |row| row.get(0))?;
            let versions = r.history().list(&filter, 9)?.into_iter().map(|e| e.version).collect();
            let settings: Result<Vec<_>> = ["a", "b", "c", "d"]
                .into_iter()
                .filter_map(|key| match r.settings().get(key) {
                    Ok(None) => None,
                    Ok(Some(_)) => Some(Ok(key)),
                    Err(e) => Some(Err(e)),
                })
                .collect();
            let admins: Option<i64> =
                r.conn.query_first("counting", "SELECT count(*) FROM cairn_admin_users", (), |row| row.get(0))?;
            assert_eq!(admins, Some(0), "rows of the clash are undone");
            Ok::<_, StoreError>((
                events,
                versions,
                store.counters().row_count(store.registry().user_type().id),
                settings?,
            ))
        })
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn failed_savepoints_roll_back_only_their_own_writes() {
    for store in test_stores() {
        let result = store
            .write(|tx| {
                tx.users().ensure_indexes()?;
                emit_event(tx, "1")?;
                add_history_entry(tx, 1, false)?;
                add_user(tx, "ann")?;
                let failed = tx.run_nested(|tx| {
                    set_flag(tx, "a")?;
                    emit_event(tx, "2")?;
                    add_user(tx, "bob")?;
                    // Has what was to be written with the commit written at once.
                    add_history_entry(tx, 2, true)?;
                    cause_unique_error(tx)
                });
                assert!(matches!(failed, Err(StoreError::Unique)), "{failed:?}");
                let text = tx.run_nested(|tx| {
                    set_flag(tx, "b")?;
                    emit_event(tx, "3")?;
                    add_history_entry(tx, 3, false)?;
                    Ok::<_, StoreError>("kept")
                })?;
                add_user(tx, "bob")?;
                Ok::<_, StoreError>(text)
            })
            .await;
        assert_eq!(result.unwrap(), "kept");
        let expected = (vec!["1".to_owned(), "3".to_owned()], vec![3, 1], 2, vec!["b"]);
        assert_eq!(remaining_data(&store), expected);
        let users = store.read(|r| r.users().get_by_username("bob")).unwrap();
        assert!(users.is_some());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn savepoints_can_be_nested() {
    for store in test_stores() {
        store
            .write(|tx| {
                tx.run_nested(|tx| {
                    emit_event(tx, "1")?;
                    let inner = tx.run_nested(|tx| {
                        emit_event(tx, "2")?;
                        let innermost: Result<()> = tx.run_nested(|tx| emit_event(tx, "3"));
                        innermost?;
                        cause_unique_error(tx)
                    });
                    assert!(matches!(inner, Err(StoreError::Unique)));
                    set_flag(tx, "a")
                })?;
                let outer: Result<(), StoreError> = tx.run_nested(|tx| {
                    tx.run_nested(|tx| {
                        emit_event(tx, "4")?;
                        set_flag(tx, "b")
                    })?;
                    Err(StoreError::Lost)
                });
                assert!(matches!(outer, Err(StoreError::Lost)));
                tx.run_nested(|tx| tx.run_nested(|tx| tx.run_nested(|tx| set_flag(tx, "c"))))
            })
            .await
            .unwrap();
        assert_eq!(remaining_data(&store), (vec!["1".to_owned()], vec![], 0, vec!["a", "c"]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn savepoints_must_be_closed_in_reverse_order() {
    for store in test_stores() {
        // A savepoint that can no longer be closed: its writes are committed with the transaction.
        store
            .write(|tx| {
                let (first, _open) = (tx.savepoint()?, tx.savepoint()?);
                set_flag(tx, "a")?;
                assert!(matches!(tx.release(first), Err(StoreError::Database { .. })));
                Ok::<_, StoreError>(())
            })
            .await
            .unwrap();
        let foreign = Arc::new(parking_lot::Mutex::new(None));
        let keep = foreign.clone();
        let failed = store
            .write(move |tx| {
                *keep.lock() = Some(tx.savepoint()?);
                Err::<(), _>(StoreError::Lost)
            })
            .await;
        assert!(matches!(failed, Err(StoreError::Lost)));
        store
            .write(move |tx| {
                let own = tx.savepoint()?;
                let Some(foreign) = foreign.lock().take() else { return Err(StoreError::Closed) };
                assert!(matches!(tx.rollback_to(foreign), Err(StoreError::Database { .. })));
                set_flag(tx, "b")?;
                tx.rollback_to(own)?;
                // A part that forgets its savepoint fails.
                let forgot = tx.run_nested(|tx| {
                    set_flag(tx, "c")?;
                    let _open = tx.savepoint()?;
                    set_flag(tx, "d")
                });
                assert!(matches!(forgot, Err(StoreError::Database { .. })));
                let (outer, inner) = (tx.savepoint()?, tx.savepoint()?);
                cause_unique_error(tx).unwrap_err();
                tx.rollback_to(inner)?;
                emit_event(tx, "1")?;
                tx.release(outer)
            })
            .await
            .unwrap();
        assert_eq!(remaining_data(&store), (vec!["1".to_owned()], vec![], 0, vec!["a"]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn swallowed_errors_never_commit_partial_writes() {
    for store in test_stores() {
        let swallowed = |nested: bool| {
            store.write(move |tx| {
                set_flag(tx, "a")?;
                let part = |tx: &mut WriteTx<'_>| {
                    // On PostgreSQL no statement works after it; SQLite undoes the statement alone.
                    let _ = cause_unique_error(tx);
                    let sql = "DELETE FROM cairn_admin_users";
                    tx.conn.execute("preparing a test", sql, ()).map(drop)
                };
                if nested { tx.run_nested(part) } else { part(tx).or(Ok(())) }
            })
        };
        let result = swallowed(false).await;
        assert_eq!(result.is_ok(), !store.is_shared(), "{result:?}");
        assert_eq!(remaining_data(&store).3.len(), usize::from(result.is_ok()), "as the answer says");
        let result = swallowed(true).await;
        assert_eq!(result.is_ok(), !store.is_shared(), "{result:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn grouped_writes_have_independent_savepoints() {
    for store in test_stores() {
        let writes = (0..60).map(|i: i64| {
            store.write(move |tx| {
                let key = format!("n {i}");
                tx.settings().set(&key, &json!(0))?;
                let failed: Result<(), StoreError> = tx.run_nested(|tx| {
                    tx.settings().set(&key, &json!(1))?;
                    Err(StoreError::Lost)
                });
                assert!(failed.is_err());
                tx.run_nested(|tx| tx.settings().set(&format!("m {i}"), &json!(2)))?;
                if i % 3 == 0 { Err(StoreError::Lost) } else { Ok(()) }
            })
        });
        let results = futures_util::future::join_all(writes).await;
        for (i, result) in results.into_iter().enumerate() {
            let read = |key: &str| store.read(|r| r.settings().get(&format!("{key} {i}"))).unwrap();
            let expected = result.is_ok().then_some((json!(0), json!(2)));
            assert_eq!(read("n").zip(read("m")), expected, "{i}");
        }
    }
}

/// Checks that a transaction that lost against another inside a part is retried as a whole, whatever it makes of the part's error.
#[tokio::test(flavor = "multi_thread")]
async fn conflicts_inside_a_savepoint_retry_the_transaction() {
    for store in test_stores().into_iter().filter(|store| store.is_shared()) {
        let barrier = Arc::new(Barrier::new(2));
        let write = |own_name: &'static str, other_name: &'static str| {
            let (barrier, first) = (barrier.clone(), Arc::new(AtomicBool::new(true)));
            store.write(move |tx| {
                tx.lock_name(own_name)?;
                if first.swap(false, Ordering::SeqCst) {
                    barrier.wait();
                }
                let _: Result<(), StoreError> = tx.run_nested(|tx| {
                    tx.lock_name(other_name)?;
                    set_flag(tx, own_name)
                });
                Ok::<_, StoreError>(())
            })
        };
        let (one, two) = tokio::join!(write("a", "b"), write("b", "a"));
        one.and(two).unwrap();
        let both: Vec<Option<Json>> =
            store.read(|r| ["a", "b"].map(|k| r.settings().get(k)).into_iter().collect()).unwrap();
        assert_eq!(both, [Some(json!(true)), Some(json!(true))]);
        assert!(store.read(|r| r.events().list(&EventFilter::default(), None, 9)).is_ok());
    }
}
