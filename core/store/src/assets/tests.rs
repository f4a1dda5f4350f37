//! The blob protocol, and which objects are served under a name.

use super::*;
use crate::events::Actor;
use crate::{Database, Store, StoreOptions};
use serde_json::json;
use std::sync::Arc;

/// A store whose database is deleted when the test succeeds.
struct OpenedStore(Store, #[expect(dead_code, reason = "kept")] tempfile::TempDir);

/// A store on SQLite, and one on PostgreSQL if it is available.
fn stores() -> Vec<OpenedStore> {
    let open = |make: &dyn Fn(&std::path::Path) -> Database| {
        let folder = tempfile::tempdir().unwrap();
        let registry = Arc::new(cairn_model::load::load_project(folder.path()).unwrap().registry);
        OpenedStore(Store::open(StoreOptions { database: make(folder.path()) }, registry).unwrap(), folder)
    };
    let mut all = vec![open(&|folder| Database::Sqlite(folder.join("cairn.db")))];
    if let Ok(url) = std::env::var("CAIRN_TEST_DATABASE_URL") {
        all.push(open(&|folder| {
            Database::parse(&format!("{url}?schema=t_assets_{:x}", rand::random::<u64>()), folder).unwrap()
        }));
    }
    all
}

fn claim(key: &str) -> BlobClaim {
    BlobClaim { key: key.into(), length: 3 }
}

fn asset(document_id: &str) -> Asset {
    Asset {
        document_id: document_id.into(),
        number: 1,
        sha256: "aa".into(),
        bytes: 3,
        kind: "image".into(),
        folder: 0,
        private: false,
        derived_from: None,
        appearance: ImageAppearance {
            colour: Some("#102030".into()),
            animated: Some(false),
            ..ImageAppearance::default()
        },
        facts: Some(json!({ "pages": 2 })),
        added_at: 5,
        added_by: Actor::admin(1, "Anna"),
        deleted_at: None,
        deleted_by: None,
    }
}

fn blob(variant: &str, name: &str, key: &str) -> AssetBlob {
    AssetBlob { variant: variant.into(), name: name.into(), blob: key.into(), mime: "image/png".into(), length: 3 }
}

#[tokio::test(flavor = "multi_thread")]
async fn claimed_or_used_blobs_are_not_removed() {
    for OpenedStore(store, _) in stores() {
        let claimed = store.write(|tx| tx.blobs().claim(&[claim("aa"), claim("bb")], 100)).await.unwrap();
        assert_eq!(claimed, [BlobClaimOutcome::Put, BlobClaimOutcome::Put]);
        // A second upload of the same bytes fails; the first one continues.
        assert_eq!(store.write(|tx| tx.blobs().claim(&[claim("aa")], 101)).await.unwrap(), [BlobClaimOutcome::Put]);
        assert!(store.write(|tx| tx.blobs().release(&["aa".into()], 140)).await.unwrap().is_empty());
        store
            .write(|tx| {
                tx.assets().save(&asset("d"))?;
                tx.assets().serve_blobs("d", 1, &[blob("", "a.png", "aa")])?;
                assert!(tx.blobs().settle(&["aa".into()], 110)?);
                Ok::<_, crate::StoreError>(())
            })
            .await
            .unwrap();
        assert_eq!(store.write(|tx| tx.blobs().claim(&[claim("aa")], 120)).await.unwrap(), [BlobClaimOutcome::Stored]);
        // A failed upload of bytes that were stored already removes nothing.
        assert!(store.write(|tx| tx.blobs().release(&["aa".into()], 140)).await.unwrap().is_empty());
        assert_eq!(store.write(|tx| tx.blobs().release(&["bb".into()], 140)).await.unwrap(), ["bb"]);
        assert_eq!(
            store.write(|tx| tx.blobs().claim(&[claim("bb")], 130)).await.unwrap(),
            [BlobClaimOutcome::Removing]
        );
        assert!(!store.write(|tx| tx.blobs().revive("bb", 140)).await.unwrap());
        assert!(!store.write(|tx| tx.blobs().settle(&["bb".into()], 150)).await.unwrap());
        store.write(|tx| tx.blobs().delete(&["aa".into(), "bb".into()])).await.unwrap();
        assert_eq!(store.read(|r| r.blobs().list_stored("", 10)).unwrap(), [claim("aa")]);
        assert_eq!(store.read(|r| r.blobs().find_unknown(&["aa", "bb"])).unwrap(), ["bb"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn orphaned_blobs_are_unused_and_not_recently_claimed() {
    for OpenedStore(store, _) in stores() {
        store.write(|tx| tx.blobs().claim(&[claim("aa"), claim("bb"), claim("cc")], 100)).await.unwrap();
        store
            .write(|tx| {
                tx.assets().save(&asset("d"))?;
                tx.assets().serve_blobs("d", 1, &[blob("", "a.png", "aa")])?;
                tx.blobs().settle(&["aa".into()], 100).map(drop)
            })
            .await
            .unwrap();
        store.write(|tx| tx.blobs().claim(&[claim("cc")], 200)).await.unwrap();
        assert_eq!(store.read(|r| r.blobs().list_orphaned(150, 0, "", 10)).unwrap(), ["bb"]);
        let all = || ["aa".to_owned(), "bb".to_owned(), "cc".to_owned()];
        assert_eq!(store.write(move |tx| tx.blobs().condemn(&all(), 150, 0, 300)).await.unwrap(), ["bb"]);
        // The key `dd` has no row; the others do.
        let keys = || ["cc".to_owned(), "dd".to_owned()];
        assert_eq!(store.write(move |tx| tx.blobs().condemn_unknown(&keys(), 300)).await.unwrap(), ["dd"]);
        assert_eq!(
            store.write(|tx| tx.blobs().claim(&[claim("dd")], 300)).await.unwrap(),
            [BlobClaimOutcome::Removing]
        );
        store.write(|tx| tx.assets().delete("d", 400)).await.unwrap();
        assert!(store.read(|r| r.blobs().list_orphaned(400, 0, "", 10)).unwrap().iter().all(|key| key != "aa"));
        assert!(store.read(|r| r.blobs().list_orphaned(401, 0, "", 10)).unwrap().contains(&"aa".to_owned()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn served_names_lead_to_the_current_untrashed_version() {
    for OpenedStore(store, _) in stores() {
        store
            .write(|tx| {
                tx.assets().save(&asset("d"))?;
                tx.assets().serve_blobs("d", 1, &[blob("", "a.png", "aa"), blob("small", "small_a.png", "bb")])?;
                let before = AssetVersion {
                    number: 1,
                    file: json!({ "size": 3 }),
                    replaced_at: 7,
                    replaced_by: Actor::public(),
                };
                tx.assets().store_version("d", &before)?;
                tx.assets().save(&Asset { number: 2, private: true, ..asset("d") })?;
                tx.assets().serve_blobs("d", 2, &[blob("", "a.png", "cc")])
            })
            .await
            .unwrap();
        let served = |name: &str| store.read(|r| r.blobs().get_served(name)).unwrap();
        assert_eq!(served("a.png").map(|s| (s.blob, s.document_id, s.private)), Some(("cc".into(), "d".into(), true)));
        assert_eq!(served("small_a.png"), None);
        assert_eq!(store.read(|r| r.assets().list_blobs("d", 1)).unwrap().len(), 2);
        assert_eq!(store.read(|r| r.assets().list_versions("d")).unwrap()[0].file, json!({ "size": 3 }));
        assert_eq!(
            store.read(|r| r.assets().get("d")).unwrap().unwrap(),
            Asset { number: 2, private: true, ..asset("d") }
        );

        let trash = json!({ "row": 1 });
        let move_to_trash = {
            let trash = trash.clone();
            move |tx: &mut crate::WriteTx<'_>| tx.assets().trash("d", &trash, 50, &Actor::public())
        };
        assert!(store.write(move_to_trash.clone()).await.unwrap());
        assert!(!store.write(move_to_trash).await.unwrap());
        assert_eq!((served("a.png"), store.read(|r| r.assets().get_trashed("d")).unwrap()), (None, Some(trash)));
        assert_eq!(store.read(|r| r.assets().list_trashed_before(51, 10)).unwrap(), ["d"]);
        assert!(store.read(|r| r.assets().list_trashed_before(50, 10)).unwrap().is_empty());
        assert!(store.write(|tx| tx.assets().restore("d")).await.unwrap());
        assert!(served("a.png").is_some());
        store.write(|tx| tx.assets().delete("d", 60)).await.unwrap();
        assert_eq!((served("a.png"), store.read(|r| r.assets().get("d")).unwrap()), (None, None));
    }
}
