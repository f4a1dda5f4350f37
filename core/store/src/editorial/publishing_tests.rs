//! Schedules and releases, on every database.

use super::*;
use crate::events::Actor;
use crate::{Database, Store, StoreError, StoreOptions};
use cairn_testkit::TestDatabase;
use serde_json::json;
use std::path::Path;
use std::sync::Arc;

fn stores(folder: &Path) -> Vec<(Store, TestDatabase)> {
    let open = |database: TestDatabase| {
        let registry = Arc::new(cairn_model::load::load_project(folder).unwrap().registry);
        let options = StoreOptions { database: Database::parse(database.url(), Path::new("")).unwrap() };
        (Store::open(options, registry).unwrap(), database)
    };
    TestDatabase::all_kinds(folder).into_iter().map(open).collect()
}

fn schedule(document: &str, due: i64) -> NewSchedule {
    NewSchedule {
        content_type: "api::a.a".into(),
        document_id: document.into(),
        locale: String::new(),
        action: "publish".into(),
        local_time: "2026-03-29T09:00".into(),
        zone: "Europe/Amsterdam".into(),
        due,
        actor: Actor::admin(1, "anna"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn identical_schedules_cannot_wait_twice() {
    let folder = tempfile::tempdir().unwrap();
    for (store, _database) in stores(folder.path()) {
        let add =
            |document: &'static str, due| store.write(move |tx| tx.schedules().create(&schedule(document, due), 5));
        let one = add("x", 10).await.unwrap();
        assert!(matches!(add("x", 10).await, Err(StoreError::Unique)));
        let two = add("x", 20).await.unwrap();
        let clash = store.write(move |tx| {
            // A clash leaves the transaction usable.
            let clash = tx.schedules().update(two, &schedule("x", 10));
            assert!(matches!(clash, Err(StoreError::Unique)));
            tx.schedules().finish(one, ScheduleState::Failed, Some(&json!({ "message": "m" })), 30)
        });
        clash.await.unwrap();
        // A finished schedule clashes with no other.
        store.write(move |tx| tx.schedules().update(two, &schedule("x", 10))).await.unwrap();
        let row = store.write(move |tx| tx.schedules().lock(one)).await.unwrap().unwrap();
        assert_eq!(
            (row.state, row.problem, row.created_at, row.ended_at),
            (ScheduleState::Failed, Some(json!({ "message": "m" })), 5, Some(30))
        );
        assert_eq!(row.schedule, schedule("x", 10));
        assert_eq!(store.read(|r| r.schedules().get(99)).unwrap(), None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn schedules_are_filtered() {
    let folder = tempfile::tempdir().unwrap();
    for (store, _database) in stores(folder.path()) {
        for (document, due) in [("x", 30), ("y", 10), ("x", 20)] {
            store.write(move |tx| tx.schedules().create(&schedule(document, due), 5)).await.unwrap();
        }
        let dues = |filter: ScheduleFilter| -> Vec<i64> {
            store.read(|r| r.schedules().list(&filter, 10)).unwrap().into_iter().map(|row| row.schedule.due).collect()
        };
        let all = ScheduleFilter::default;
        assert_eq!(dues(all()), [20, 10, 30]);
        assert_eq!(dues(ScheduleFilter { before: Some(3), ..all() }), [10, 30]);
        assert_eq!(dues(ScheduleFilter { document_id: Some("x".into()), ..all() }), [20, 30]);
        assert_eq!(dues(ScheduleFilter { from: Some(15), to: Some(30), ..all() }), [20]);
        assert_eq!(dues(ScheduleFilter { from: Some(0), ..all() }), [10, 20, 30]);
        assert!(dues(ScheduleFilter { state: Some(ScheduleState::Done), ..all() }).is_empty());
        assert!(dues(ScheduleFilter { content_type: Some("api::b.b".into()), ..all() }).is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn releases_and_their_items_are_stored_and_filtered() {
    let folder = tempfile::tempdir().unwrap();
    for (store, _database) in stores(folder.path()) {
        let actor = Actor::admin(1, "anna");
        let item = |document: &str, action: &str| NewReleaseItem {
            content_type: "api::a.a".into(),
            document_id: document.into(),
            locale: "nl".into(),
            action: action.into(),
        };
        let items = [item("x", "publish"), item("y", "publish"), item("x", "unpublish")];
        let (one, two, new) = store
            .write(move |tx| {
                let one = tx.releases().create("One", None, &actor, 5)?;
                let two = tx.releases().create("Two", Some("note"), &actor, 6)?;
                let mut new = Vec::new();
                for item in &items {
                    new.push(tx.releases().save_item(one, item)?);
                }
                tx.releases().save_item(two, &items[1])?;
                Ok::<_, StoreError>((one, two, new))
            })
            .await
            .unwrap();
        assert_eq!(new, [true, true, false]);
        let rows = store.read(|r| r.releases().list_items(one, 0, 10)).unwrap();
        assert_eq!(
            rows.iter().map(|row| row.item.clone()).collect::<Vec<_>>(),
            [item("x", "unpublish"), item("y", "publish")]
        );
        assert_eq!(store.read(|r| r.releases().list_items(one, rows[0].id, 10)).unwrap().len(), 1);
        assert_eq!(store.read(|r| r.releases().find_conflicts(one)).unwrap(), [(rows[1].id, two, "Two".to_owned())]);

        let mut row = rows[0].clone();
        row.outcome = Some("unpublished".into());
        row.before = Some(json!({ "values": {} }));
        row.after = Some("1.2".into());
        let updated_item = row.clone();
        let release = store
            .write(move |tx| {
                tx.releases().update_item(&updated_item)?;
                let mut release = tx.releases().lock(two)?.unwrap();
                release.state = ReleaseState::Scheduled;
                release.when =
                    Some(ReleaseWhen { local_time: "2026-03-29T09:00".into(), zone: "UTC".into(), due: 100 });
                release.ended_by = Some(Actor::admin(2, "bob"));
                tx.releases().update(&release)?;
                Ok::<_, StoreError>(release)
            })
            .await
            .unwrap();
        assert_eq!(store.read(|r| r.releases().list_items(one, 0, 10)).unwrap()[0], row);
        assert_eq!(store.read(|r| r.releases().get(two)).unwrap(), Some(release));
        let names = |filter: ReleaseFilter| -> Vec<String> {
            store.read(|r| r.releases().list(&filter, 10)).unwrap().into_iter().map(|row| row.name).collect()
        };
        let all = ReleaseFilter::default;
        assert_eq!(names(all()), ["Two", "One"]);
        assert_eq!(names(ReleaseFilter { state: Some(ReleaseState::Open), ..all() }), ["One"]);
        assert_eq!(names(ReleaseFilter { document: Some(("api::a.a".into(), "x".into())), ..all() }), ["One"]);
        assert_eq!(names(ReleaseFilter { from: Some(50), to: Some(101), ..all() }), ["Two"]);
        assert_eq!(names(ReleaseFilter { before: Some(two), ..all() }), ["One"]);
        store
            .write(move |tx| {
                assert!(tx.releases().delete_item(one, rows[1].id)?);
                assert!(!tx.releases().delete_item(two, rows[0].id)?);
                tx.releases().delete(two)
            })
            .await
            .unwrap();
        assert_eq!(store.read(|r| r.releases().count_items(one)).unwrap(), 1);
        assert_eq!(store.read(|r| r.releases().count_items(two)).unwrap(), 0);
        assert_eq!(store.read(|r| r.releases().get(two)).unwrap(), None);
    }
}
