//! Search indexes of plugins, on both databases.

use super::*;
use crate::testing::test_stores;
use crate::{Store, StoreError};
use serde_json::json;

const NOW: i64 = 1_800_000_000_000;

fn put_change(id: &str, title: &str) -> SearchChange {
    let entry =
        SearchEntry { locale: Some("nl".into()), audience: vec!["role:x".into()], document: json!({ "title": title }) };
    SearchChange { id: id.into(), entry: Some(entry) }
}

fn removal(id: &str) -> SearchChange {
    SearchChange { id: id.into(), entry: None }
}

async fn change(store: &Store, shadow: Option<i64>, changes: Vec<SearchChange>) -> bool {
    store.write(move |tx| tx.search_indexes().change("kb", "articles", shadow, &changes, NOW)).await.unwrap()
}

fn index(store: &Store) -> SearchIndex {
    store.read(|r| r.search_indexes().get("kb", "articles")).unwrap().unwrap()
}

/// Ids and titles of a copy behind a number.
fn rows(store: &Store, copy: i64, after: i64) -> Vec<(String, Option<String>)> {
    let rows = store.read(|r| r.search_indexes().list_changes("kb", "articles", copy, after, 1_000)).unwrap();
    let title = |row: &SearchRow| row.entry.as_ref().map(|e| e.document["title"].as_str().unwrap().to_owned());
    rows.iter().map(|row| (row.id.clone(), title(row))).collect()
}

fn expected_rows(rows: &[(&str, Option<&str>)]) -> Vec<(String, Option<String>)> {
    rows.iter().map(|(id, title)| ((*id).to_owned(), title.map(str::to_owned))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn last_change_of_each_entry_is_stored_in_order() {
    for store in test_stores() {
        assert_eq!(store.read(|r| r.search_indexes().get("kb", "articles")).unwrap(), None);
        assert!(
            change(&store, None, vec![put_change("a", "one"), put_change("b", "two"), put_change("a", "three")]).await
        );
        assert!(change(&store, None, vec![removal("b"), put_change("c", "ü\u{0}")]).await);
        let now = index(&store);
        assert_eq!((now.seq, now.shadow, now.purged, &now.synonyms), (5, None, 0, &json!({})));
        assert_eq!(
            rows(&store, now.live, 0),
            expected_rows(&[("a", Some("three")), ("b", None), ("c", Some("ü\u{0}"))])
        );
        assert_eq!(rows(&store, now.live, 3), expected_rows(&[("b", None), ("c", Some("ü\u{0}"))]));
        let first = store.read(|r| r.search_indexes().list_changes("kb", "articles", now.live, 0, 1)).unwrap();
        let entry = first[0].entry.clone().unwrap();
        assert_eq!((first.len(), first[0].seq), (1, 3));
        assert_eq!((entry.locale.as_deref(), entry.audience), (Some("nl"), vec!["role:x".to_owned()]));
        assert_eq!(store.read(|r| r.search_indexes().list()).unwrap(), vec![now]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rolled_back_changes_leave_no_rows() {
    for store in test_stores() {
        let undone = store.write(|tx| {
            tx.search_indexes().change("kb", "articles", None, &[put_change("a", "one")], NOW)?;
            Err::<(), _>(StoreError::Lost)
        });
        assert!(undone.await.is_err());
        assert_eq!(store.read(|r| r.search_indexes().list()).unwrap(), Vec::new());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sequence_numbers_follow_commit_order() {
    for store in test_stores() {
        // A concurrent reader never sees a number without its predecessors.
        let writers: Vec<_> = (0..8)
            .map(|w| {
                let store = store.clone();
                tokio::spawn(async move {
                    for n in 0..10 {
                        assert!(
                            change(
                                &store,
                                None,
                                vec![put_change(&format!("{w}-{n}"), "x"), put_change(&format!("{w}-{n}b"), "x")]
                            )
                            .await
                        );
                    }
                })
            })
            .collect();
        loop {
            let changes = store.read(|r| match r.search_indexes().get("kb", "articles")? {
                Some(index) => r.search_indexes().list_changes("kb", "articles", index.live, 0, 1_000),
                None => Ok(Vec::new()),
            });
            let numbers: Vec<i64> = changes.unwrap().iter().map(|row| row.seq).collect();
            assert_eq!(numbers, (1..=numbers.len() as i64).collect::<Vec<_>>());
            if numbers.len() == 160 {
                break;
            }
            tokio::task::yield_now().await;
        }
        for writer in writers {
            writer.await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn finished_rebuild_replaces_the_live_copy_with_new_changes() {
    for store in test_stores() {
        change(&store, None, vec![put_change("a", "old"), put_change("b", "old"), put_change("c", "old")]).await;
        let live = index(&store).live;
        let begin = || store.write(|tx| tx.search_indexes().begin_rebuild("kb", "articles", NOW));
        let given_up = begin().await.unwrap();
        assert!(change(&store, Some(given_up), vec![put_change("z", "never")]).await);
        let shadow = begin().await.unwrap();
        assert!(live < given_up && given_up < shadow);
        assert!(!change(&store, Some(given_up), vec![put_change("z", "never")]).await, "another one was begun");
        // Ordinary changes go to both, and what the rebuild puts is from before them.
        change(&store, None, vec![put_change("a", "newest"), removal("b")]).await;
        assert!(
            change(&store, Some(shadow), vec![put_change("a", "new"), put_change("b", "new"), put_change("c", "new")])
                .await
        );
        assert_eq!(rows(&store, live, 0), expected_rows(&[("c", Some("old")), ("a", Some("newest")), ("b", None)]));
        let finish = || store.write(|tx| tx.search_indexes().finish_rebuild("kb", "articles"));
        assert!(finish().await.unwrap());
        assert!(!finish().await.unwrap(), "none is rebuilt");
        let after = index(&store);
        assert_eq!((after.live, after.shadow), (shadow, None));
        assert_eq!(rows(&store, shadow, 0), expected_rows(&[("a", Some("newest")), ("b", None), ("c", Some("new"))]));
        // Copies that are no longer searched are deleted in small steps.
        while store.write(|tx| tx.search_indexes().purge("kb", "articles", 1)).await.unwrap() {}
        assert_eq!(
            (rows(&store, live, 0), rows(&store, given_up, 0), rows(&store, shadow, 0).len()),
            (expected_rows(&[]), expected_rows(&[]), 3)
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn old_removals_are_purged_and_recorded() {
    for store in test_stores() {
        change(&store, None, vec![put_change("a", "one"), removal("a"), put_change("b", "two"), removal("b")]).await;
        let purge = || store.write(|tx| tx.search_indexes().purge("kb", "articles", 100));
        assert!(!purge().await.unwrap());
        assert_eq!(rows(&store, index(&store).live, 0).len(), 2, "nobody may have seen them yet");
        store
            .write(|tx| {
                tx.conn.execute(
                    "ageing it",
                    "UPDATE cairn_plugin_indexes SET seq = seq + ?1",
                    [MIN_REMEMBERED_CHANGES - 2],
                )
            })
            .await
            .unwrap();
        assert!(!purge().await.unwrap());
        let after = index(&store);
        assert_eq!((after.purged, rows(&store, after.live, 0)), (2, expected_rows(&[("b", None)])));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn synonyms_of_a_locale_are_replaced() {
    for store in test_stores() {
        let set = |locale: &'static str, groups: serde_json::Value| {
            store.write(move |tx| tx.search_indexes().set_synonyms("kb", "articles", locale, &groups, NOW))
        };
        set("nl", json!([["a", "b"]])).await.unwrap();
        set("en", json!([["x", "y"]])).await.unwrap();
        set("nl", json!([["c", "d"]])).await.unwrap();
        assert_eq!(index(&store).synonyms, json!({ "nl": [["c", "d"]], "en": [["x", "y"]] }));
        set("nl", json!([])).await.unwrap();
        assert_eq!(index(&store).synonyms, json!({ "en": [["x", "y"]] }));
    }
}
