//! Entries are written, folded, listed and deleted.

use super::*;
use crate::events::Actor;
use crate::{Database, Store, StoreOptions};
use std::sync::Arc;

const MINUTE: i64 = 60_000;
const UID: &str = "plugin::users-permissions.user";

/// A store whose database is deleted when the test succeeds.
struct OpenedStore(Store, Database, #[expect(dead_code, reason = "kept")] tempfile::TempDir);

impl OpenedStore {
    async fn add(&self, entry: NewHistoryEntry) {
        self.0.write(move |tx| tx.history().add(entry)).await.unwrap();
    }

    fn list(&self) -> Vec<HistoryEntry> {
        let filter = HistoryFilter {
            content_type: UID.into(),
            document_id: "d".into(),
            locale: Some(String::new()),
            before: None,
        };
        self.0.read(|r| r.history().list(&filter, 10_000)).unwrap()
    }
}

/// A store on SQLite, and one on PostgreSQL if it is available.
fn stores() -> Vec<OpenedStore> {
    let open = |make: &dyn Fn(&std::path::Path) -> Database| {
        let folder = tempfile::tempdir().unwrap();
        let registry = Arc::new(cairn_model::load::load_project(folder.path()).unwrap().registry);
        let database = make(folder.path());
        OpenedStore(Store::open(StoreOptions { database: database.clone() }, registry).unwrap(), database, folder)
    };
    let mut all = vec![open(&|folder| Database::Sqlite(folder.join("cairn.db")))];
    if let Ok(url) = std::env::var("CAIRN_TEST_DATABASE_URL") {
        all.push(open(&|folder| {
            Database::parse(&format!("{url}?schema=t_history_{:x}", rand::random::<u64>()), folder).unwrap()
        }));
    }
    all
}

fn entry(minute: i64, admin_id: i64, autosave: bool, changed: &str) -> NewHistoryEntry {
    NewHistoryEntry {
        content_type: UID.into(),
        document_id: "d".into(),
        locale: String::new(),
        action: "updated".into(),
        status: HistoryStatus::Draft,
        version: minute,
        autosave,
        at: minute * MINUTE,
        actor: Actor::admin(admin_id, "Anna"),
        changed: vec![changed.into()],
        note: None,
        snapshot: Some(format!("{{\"at\":{minute}}}")),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn autosaves_of_one_actor_are_merged() {
    for s in stores() {
        for e in [
            entry(0, 1, true, "a"),
            entry(1, 1, true, "b"),
            entry(4, 1, true, "a"),
            // Five minutes after the first of them.
            entry(5, 1, true, "c"),
            // An entry of another actor in between.
            entry(6, 2, true, "a"),
            entry(7, 1, true, "a"),
            // By hand, published: entries of their own, and nothing is folded into them.
            entry(8, 1, false, "a"),
            entry(9, 1, true, "a"),
            NewHistoryEntry { status: HistoryStatus::Published, ..entry(9, 1, true, "a") },
            entry(10, 1, true, "a"),
        ] {
            s.add(e).await;
        }
        let entries: Vec<(i64, i64, String)> =
            s.list().iter().rev().map(|e| (e.version, e.at / MINUTE, e.changed.join(" "))).collect();
        let expected = [(4, "a b"), (5, "c"), (6, "a"), (7, "a"), (8, "a"), (9, "a"), (9, "a"), (10, "a")];
        assert_eq!(entries, expected.map(|(n, changed)| (n, n, changed.to_owned())), "{}", s.0.database_kind());
        let first = s.list().last().unwrap().id;
        let (_, snapshot) = s.0.read(|r| r.history().get(first)).unwrap().unwrap();
        assert_eq!(snapshot.as_deref(), Some("{\"at\":4}"));
        s.1.erase().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn thousand_versions_are_read_quickly() {
    for s in stores() {
        s.0.write(|tx| {
            let snapshot = format!("{{\"body\":\"{}\"}}", "x".repeat(20_000));
            (0..1_000).try_for_each(|n| {
                tx.history().add(NewHistoryEntry { snapshot: Some(snapshot.clone()), ..entry(n, n, false, "a") })
            })
        })
        .await
        .unwrap();
        let mut fastest = u128::MAX;
        for _ in 0..5 {
            let start = std::time::Instant::now();
            let all = s.list();
            assert_eq!(all.len(), 1_000);
            assert!(s.0.read(|r| r.history().get(all[500].id)).unwrap().unwrap().1.unwrap().len() > 20_000);
            fastest = fastest.min(start.elapsed().as_millis());
        }
        assert!(fastest < 50, "{}: {fastest} ms", s.0.database_kind());
        s.1.erase().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn purge_retains_the_versions_the_policy_requires() {
    for s in stores() {
        for n in 0..10 {
            let status = if n == 2 { HistoryStatus::Published } else { HistoryStatus::Draft };
            s.add(NewHistoryEntry { status, ..entry(n, n, false, "a") }).await;
        }
        s.add(NewHistoryEntry { document_id: "other".into(), ..entry(0, 0, false, "a") }).await;
        let purge = |versions, since: i64, published| {
            let s = &s;
            async move {
                let policy = HistoryPolicy { versions, since: since * MINUTE, published };
                let mut after = Some(0);
                while let Some(from) = after {
                    let search = s.0.read(|r| r.history().find_purgeable(&policy, from, 3)).unwrap();
                    s.0.write(move |tx| tx.history().delete(&search.found)).await.unwrap();
                    after = search.after;
                }
                s.list().iter().rev().map(|e| e.version).collect::<Vec<_>>()
            }
        };
        assert_eq!(purge(4, 5, true).await, [2, 5, 6, 7, 8, 9], "older than the fifth minute, but for the published");
        assert_eq!(purge(4, 9, true).await, [2, 6, 7, 8, 9]);
        assert_eq!(purge(2, 9, false).await, [8, 9]);
        assert_eq!(purge(0, 100, false).await, [9], "the last one stays");
        let other = HistoryFilter { content_type: UID.into(), document_id: "other".into(), ..HistoryFilter::default() };
        assert_eq!(s.0.read(|r| r.history().list(&other, 9)).unwrap().len(), 1);
        // Versions of the same transaction are deleted too, which PostgreSQL writes with the commit.
        let of_other = NewHistoryEntry { document_id: "other".into(), ..entry(1, 0, false, "b") };
        let deleted = s.0.write(move |tx| {
            tx.history().add(of_other)?;
            tx.history().add(entry(101, 0, false, "b"))?;
            tx.history().delete_for_document(UID, "other")
        });
        assert_eq!(deleted.await.unwrap(), 2);
        assert_eq!(s.0.read(|r| r.history().list(&other, 9)).unwrap(), []);
        assert_eq!(s.list().len(), 2, "of the others");
        s.1.erase().unwrap();
    }
}
