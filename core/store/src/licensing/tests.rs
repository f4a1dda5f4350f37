//! Facts over derived files, links, and reported states, on both databases.

use super::*;
use crate::assets::{Asset, AssetBlob, ImageAppearance};
use crate::content::NewDocumentRow;
use crate::events::Actor;
use crate::{Database, Store, StoreOptions, WriteTx};
use cairn_model::Value;
use std::collections::HashMap;
use std::sync::Arc;

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
            Database::parse(&format!("{url}?schema=t_rights_{:x}", rand::random::<u64>()), folder).unwrap()
        }));
    }
    all
}

/// Adds a file's row, and its asset if it is derived from another.
fn add_file_row(tx: &mut WriteTx<'_>, id: &str, from: Option<&str>) -> crate::Result<()> {
    let registry = tx.registry();
    let ct = registry.file_type();
    let time = "2026-01-01T00:00:00.000Z".to_owned();
    let mut values = vec![Value::Null; ct.attributes.len()];
    let texts = [("name", id), ("hash", id), ("mime", "image/png"), ("provider", "local"), ("size", "1")];
    for (name, text) in texts {
        values[ct.attributes.get(name).unwrap().0] = Value::Text(text.to_owned());
    }
    values[ct.attributes.get("url").unwrap().0] = Value::Text(format!("/uploads/{id}.png"));
    let row = NewDocumentRow {
        id: 0,
        document_id: id.to_owned(),
        locale: String::new(),
        published: true,
        created_at: time.clone(),
        updated_at: time.clone(),
        version: 0,
        published_at: Some(time),
        values,
        to_one: HashMap::new(),
    };
    tx.documents().insert_row(ct.id, &row)?;
    let Some(from) = from else { return Ok(()) };
    tx.assets().save(&Asset {
        document_id: id.to_owned(),
        number: 1,
        sha256: String::new(),
        bytes: 1,
        kind: "image".into(),
        folder: 7,
        private: false,
        derived_from: Some(from.to_owned()).filter(|f| !f.is_empty()),
        appearance: ImageAppearance::default(),
        facts: None,
        added_at: 1,
        added_by: Actor::public(),
        deleted_at: None,
        deleted_by: None,
    })
}

fn licence(holder: &str, ends_at: Option<i64>) -> NewLicence {
    NewLicence {
        holder: holder.into(),
        licence: "licensed".into(),
        channels: vec!["web".into()],
        ends_at,
        ..NewLicence::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn derived_files_inherit_facts_and_cycles_end() {
    for OpenedStore(store, _) in stores() {
        store
            .write(|tx| {
                add_file_row(tx, "a", Some(""))?;
                add_file_row(tx, "b", Some("a"))?;
                add_file_row(tx, "c", Some("b"))?;
                // Two files derived from each other, and a file derived from itself.
                add_file_row(tx, "x", Some("y"))?;
                add_file_row(tx, "y", Some("x"))?;
                add_file_row(tx, "self", Some("self"))?;
                // From one that is gone, and one of which there is only its row.
                add_file_row(tx, "orphan", Some("gone"))?;
                add_file_row(tx, "plain", None)?;
                let by = Actor::admin(1, "Ann");
                let one = tx.licences().create(&licence("One", Some(50)), &by, 1)?;
                let two = tx.licences().create(&licence("Two", None), &by, 1)?;
                let consent = tx.consents().create(
                    &NewConsent {
                        person: "Bea".into(),
                        kind: "portrait".into(),
                        given_at: Some(1),
                        ..NewConsent::default()
                    },
                    &by,
                    1,
                )?;
                assert_eq!((one, two, consent), (1, 2, 1));
                tx.licensing().link_files(RecordKind::Licence, &[1], &["a", "x", "self"], LinkMode::Add)?;
                tx.licensing().link_files(RecordKind::Licence, &[1, 2], &["c"], LinkMode::Add)?;
                tx.licensing().link_files(RecordKind::Consent, &[1], &["b", "nothing"], LinkMode::Add)?;
                let settings = FileSettings { embargo_until: Some(9), owner: Some(4), ..FileSettings::default() };
                tx.licensing().set_file_settings("a", &settings, &by, 1)
            })
            .await
            .unwrap();
        let all = ["a", "b", "c", "x", "y", "self", "orphan", "plain", "nothing"];
        let (facts, policy) = store.read(|r| r.licensing().get_facts(&all)).unwrap();
        assert_eq!((facts.len(), policy), (8, None));
        let describe_facts = |id: &str| {
            let mut messages: Vec<String> = facts[id]
                .iter()
                .map(|f| match f {
                    LicensingFact::Licence { id, source, .. } => format!("right {id} of {source}"),
                    LicensingFact::Consent { id, source, .. } => format!("consent {id} of {source}"),
                    LicensingFact::Settings { source, distance, .. } => format!("settings of {source} at {distance}"),
                    LicensingFact::Asset { folder, kind } => format!("{kind} in {folder}"),
                })
                .collect();
            messages.sort();
            messages
        };
        assert_eq!(describe_facts("a"), ["image in 7", "right 1 of a", "settings of a at 0"]);
        assert_eq!(describe_facts("b"), ["consent 1 of b", "image in 7", "right 1 of a", "settings of a at 1"]);
        // Facts of a nearer file count rather than those of a farther one.
        assert_eq!(
            describe_facts("c"),
            ["consent 1 of b", "image in 7", "right 1 of c", "right 2 of c", "settings of a at 2"]
        );
        assert_eq!(describe_facts("x"), ["image in 7", "right 1 of x"]);
        assert_eq!(describe_facts("y"), ["image in 7", "right 1 of x"]);
        assert_eq!(describe_facts("self"), ["image in 7", "right 1 of self"]);
        assert_eq!((describe_facts("orphan"), describe_facts("plain")), (vec!["image in 7".to_owned()], vec![]));
        assert!(facts["a"].iter().any(|f| matches!(f, LicensingFact::Licence { ends_at: Some(50), holder, channels, .. } if holder == "One" && channels == &["web"])));

        let under = |ids: &[&str]| store.read(|r| r.assets().find_derived(ids)).unwrap();
        assert_eq!(under(&["a"]), ["a", "b", "c"]);
        assert_eq!(under(&["x"]), ["x", "y"]);
        assert_eq!(under(&["gone"]), ["orphan"]);
        assert!(store.read(|r| r.licensing().has_records()).unwrap());
        let read = |r: &crate::Reader<'_>| {
            Ok::<_, crate::StoreError>((
                r.licensing().list_expiring_files(0, 100, "", 10)?,
                r.licensing().list_expiring_files(0, 100, "b", 2)?,
                r.licensing().list_expiring_files(50, 100, "", 10)?,
                r.licensing().list_withdrawn_files(100, "", 10)?,
                r.licensing().list_unlinked_files("", 10)?,
            ))
        };
        let reports = store.read(read).unwrap();
        assert_eq!(reports.0, ["a", "b", "c", "self", "x", "y"]);
        assert_eq!((reports.1, reports.2.len(), reports.3.len()), (vec!["c".to_owned(), "self".to_owned()], 0, 0));
        assert_eq!(reports.4, ["orphan", "plain", "y"]);
        assert!(store.write(|tx| tx.consents().withdraw(1, 40, &Actor::public(), 45)).await.unwrap());
        assert!(!store.write(|tx| tx.consents().withdraw(1, 41, &Actor::public(), 46)).await.unwrap());
        let withdrawn = |now| store.read(|r| r.licensing().list_withdrawn_files(now, "", 10)).unwrap();
        assert_eq!((withdrawn(39).len(), withdrawn(40)), (0, vec!["b".to_owned(), "c".to_owned()]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn licence_links_are_added_replaced_and_removed() {
    for OpenedStore(store, _) in stores() {
        let touched = store.counters().stamp(&[store.registry().file_type().id]);
        store
            .write(|tx| {
                ["a", "b"].iter().try_for_each(|id| add_file_row(tx, id, None))?;
                for holder in ["1", "2", "3"] {
                    tx.licences().create(&licence(holder, None), &Actor::public(), 1)?;
                }
                tx.licensing().link_files(RecordKind::Licence, &[1, 2], &["a", "b"], LinkMode::Add)?;
                tx.licensing().link_files(RecordKind::Licence, &[2, 3], &["a"], LinkMode::Set)?;
                tx.licensing().link_files(RecordKind::Licence, &[2, 9], &["b"], LinkMode::Remove)
            })
            .await
            .unwrap();
        let list_files =
            |id: i64| store.read(|r| r.licensing().list_files_of_record(RecordKind::Licence, id, "", 10)).unwrap();
        assert_eq!(
            (list_files(1), list_files(2), list_files(3)),
            (vec!["b".to_owned()], vec!["a".to_owned()], vec!["a".to_owned()])
        );
        let after = store.counters().stamp(&[store.registry().file_type().id]);
        assert_ne!(touched, after, "who keeps answers with files hears of it");
        assert_eq!(store.read(|r| r.licences().list(Some("a"), None, 10)).unwrap().len(), 2);
        let (page, next) = store
            .read(|r| {
                Ok::<_, crate::StoreError>((r.licences().list(None, None, 2)?, r.licences().list(None, Some(2), 2)?))
            })
            .unwrap();
        assert_eq!((page[0].id, page[1].id, next[0].id, next.len()), (3, 2, 1, 1));
        assert!(
            store
                .write(|tx| tx.licences().update(2, &licence("two", Some(5)), &Actor::admin(3, "Cas"), 9))
                .await
                .unwrap()
        );
        let row = store.read(|r| r.licences().get(2)).unwrap().unwrap();
        assert_eq!((row.licence, row.version, row.created_at, row.updated_at), (licence("two", Some(5)), 2, 1, 9));
        assert_eq!(row.updated_by, Actor::admin(3, "Cas"));
        assert!(store.write(|tx| tx.licences().delete(2)).await.unwrap());
        assert!(!store.write(|tx| tx.licences().delete(2)).await.unwrap());
        assert!(
            list_files(2).is_empty()
                && store.read(|r| r.licensing().count_files_of_record(RecordKind::Licence, 2)).unwrap() == 0
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn usage_statuses_and_served_names_are_stored() {
    for OpenedStore(store, _) in stores() {
        let build_status = |id: &str, state: &str, next| UsageStatusRow {
            document_id: id.into(),
            state: state.into(),
            delivered: state != "expired",
            next_change: next,
        };
        let all = vec![
            build_status("a", "clear", Some(30)),
            build_status("b", "expiring", Some(10)),
            build_status("c", "expired", None),
        ];
        let noted = all.clone();
        store.write(move |tx| tx.usage_statuses().save(&noted, 1)).await.unwrap();
        let due = |now| store.read(|r| r.usage_statuses().list_due(now, 10)).unwrap();
        assert_eq!((due(9).len(), due(10), due(30)), (0, vec!["b".to_owned()], vec!["b".to_owned(), "a".to_owned()]));
        assert_eq!(store.read(|r| r.usage_statuses().get_many(&["c", "a", "d"])).unwrap().len(), 2);
        let next = build_status("b", "expired", None);
        store.write(move |tx| tx.usage_statuses().save(std::slice::from_ref(&next), 2)).await.unwrap();
        store.write(|tx| tx.usage_statuses().delete(&["a"])).await.unwrap();
        assert!(due(1_000).is_empty());
        store.write(|tx| tx.usage_statuses().mark_all_due(5)).await.unwrap();
        assert_eq!(due(5), ["b", "c"]);

        store
            .write(|tx| {
                add_file_row(tx, "old", None)?;
                add_file_row(tx, "new", Some(""))?;
                let blob = |variant: &str, name: &str| AssetBlob {
                    variant: variant.into(),
                    name: name.into(),
                    blob: "k".into(),
                    mime: "image/png".into(),
                    length: 1,
                };
                tx.assets().serve_blobs("new", 1, &[blob("", "n.png"), blob("small", "small_n.png")])
            })
            .await
            .unwrap();
        let names = store.read(|r| r.assets().find_served_names(&["old", "new", "none"])).unwrap();
        assert_eq!(
            (&names["old"], &names["new"], names.len()),
            (&vec!["old.png".to_owned()], &vec!["n.png".to_owned(), "small_n.png".to_owned()], 2)
        );
        let files = store.read(|r| r.assets().find_by_served_names(&["old.png", "small_n.png", "x.png"])).unwrap();
        assert_eq!((files["old.png"].as_str(), files["small_n.png"].as_str(), files.len()), ("old", "new", 2));
    }
}
