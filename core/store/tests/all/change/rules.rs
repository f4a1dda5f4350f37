//! Rules, drafts, locales and decisions on databases of every kind: what is checked first, what goes to the trash, and how
//! it comes back.

use super::nodes::{article, database, model};
use super::project::{Dump, dump, insert, open};
use super::times;
use cairn_model::Registry;
use cairn_model::change::Answers;
use cairn_store::change::{ChangeOutcome, TrashKind};
use cairn_store::events::Actor;
use cairn_store::history::{HistoryFilter, HistoryStatus, NewHistoryEntry};
use cairn_store::system::{NewApiToken, PermissionRow};
use cairn_store::{Database, Store, StoreError};
use cairn_testkit::TestDatabase;
use serde_json::{Value as Json, json};
use std::path::Path;
use std::sync::Arc;

const UID: &str = "api::article.article";

/// Rows of articles: (document, locale, published, attributes).
async fn insert_rows(store: &Store, rows: &[(&str, &str, bool, Json)]) {
    let rows: Vec<_> = rows.iter().map(|(d, l, p, row)| ((*d).to_owned(), (*l).to_owned(), *p, row.clone())).collect();
    let work = move |tx: &mut cairn_store::WriteTx<'_>| -> Result<(), StoreError> {
        for (document, locale, published, row) in &rows {
            insert(tx, UID, document, locale, *published, row.as_object().unwrap())?;
        }
        Ok(())
    };
    store.write(work).await.unwrap();
}

/// One attribute of every row, by document, locale and status.
fn attribute_values(dump: &Dump, name: &str) -> Vec<(String, Json)> {
    dump[UID].iter().map(|(key, row)| (key.clone(), row[name].clone())).collect()
}

async fn dump_database(database: &Database, registry: &Arc<Registry>) -> Dump {
    let store = open(database, registry).unwrap();
    assert_eq!(store.check_integrity().unwrap(), Vec::<String>::new());
    dump(&store).await.unwrap()
}

fn apply_with_consent(database: &Database, registry: &Registry, answers: Answers) -> Result<ChangeOutcome, StoreError> {
    let plan = database.schema_plan(registry, &answers, false)?.plan;
    let answers = Answers { consent: Some(plan.hash()), ..answers };
    Ok(database.schema_apply(registry, &answers, &times())?.1)
}

fn decision_answers(place: &str, decision: &str) -> Answers {
    let mut answers = Answers::default();
    answers.add_decision(&format!("{UID}.{place}={decision}")).unwrap();
    answers
}

async fn on_every_database(test: impl AsyncFn(&Database, &Path)) {
    let folder = tempfile::tempdir().unwrap();
    for database_of_test in TestDatabase::all_kinds(folder.path()) {
        test(&database(&database_of_test), folder.path()).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn values_that_do_not_fit_require_a_decision() {
    on_every_database(async |database, folder| {
        let text = article(&folder.join("a"), json!({}), json!({ "price": { "type": "string" } }));
        let number = article(&folder.join("b"), json!({}), json!({ "price": { "type": "integer" } }));
        let rows: Vec<_> = (0..30)
            .map(|i| (format!("d{i:02}"), json!({ "price": if i < 25 { format!("{i} EUR") } else { i.to_string() } })))
            .collect();
        let rows: Vec<_> = rows.iter().map(|(d, row)| (d.as_str(), "", true, row.clone())).collect();
        insert_rows(&open(database, &text).unwrap(), &rows).await;
        let had = dump_database(database, &text).await;
        let start = open(database, &number).err().unwrap().to_string();
        assert!(start.contains("cairn schema plan") && start.contains("Change `price`"), "{start}");
        let tried = database.schema_plan(&number, &Answers::default(), true).unwrap();
        assert!(tried.refused.unwrap().contains("and 5 more"));
        let refused = apply_with_consent(database, &number, Answers::default()).unwrap_err().to_string();
        assert!(refused.contains("api::article.article.price of d00: `0 EUR` is not a number"), "{refused}");
        assert!(refused.contains("and 5 more") && refused.matches("EUR").count() == 20, "{refused}");
        assert_eq!(dump_database(database, &text).await, had);

        let hash = database.schema_plan(&number, &decision_answers("price", "null"), false).unwrap().plan.hash();
        let unagreed =
            database.schema_apply(&number, &decision_answers("price", "null"), &times()).unwrap_err().to_string();
        assert!(unagreed.contains(&hash), "{unagreed}");
        let applied = apply_with_consent(database, &number, decision_answers("price", "null")).unwrap();
        let now = attribute_values(&dump_database(database, &number).await, "price");
        assert_eq!((&now[0].1, &now[29].1), (&Json::Null, &json!(29)));
        let trash = database.schema_trash(&number).unwrap();
        assert_eq!((trash[0].kind, trash[0].values, trash[0].id), (TrashKind::Conversion, 25, applied.trashed[0]));

        // Back: as text they fit again.
        let outcome = database.schema_restore(&number, trash[0].id, &times()).unwrap();
        assert_eq!((outcome.placed, outcome.left_count, outcome.left.len()), (0, 25, 20));
        apply_with_consent(database, &text, Answers::default()).unwrap();
        let back = database.schema_restore(&text, trash[0].id, &times()).unwrap();
        assert_eq!((back.placed, back.left_count), (25, 0));
        assert_eq!(dump_database(database, &text).await, had);
        assert!(database.schema_trash(&text).unwrap().is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_are_checked_before_they_are_applied() {
    on_every_database(async |database, folder| {
        let free = article(&folder.join("a"), json!({}), json!({ "title": { "type": "string" } }));
        let ruled =
            |rule: &str| article(&folder.join(rule), json!({}), json!({ "title": { "type": "string", rule: true } }));
        let (required, unique) = (ruled("required"), ruled("unique"));
        insert_rows(
            &open(database, &free).unwrap(),
            &[
                ("a", "", true, json!({ "title": "x" })),
                ("b", "", true, json!({ "title": "x" })),
                ("c", "", true, json!({ "title": null })),
                ("d", "", true, json!({ "title": "" })),
                ("e", "", true, json!({ "title": "" })),
            ],
        )
        .await;
        let refused = open(database, &required).err().unwrap().to_string();
        assert!(refused.contains("title: c of api::article.article: has no value"), "{refused}");
        let refused = open(database, &unique).err().unwrap().to_string();
        assert!(refused.contains("title: a: another entry") && refused.contains("title: b: "), "{refused}");
        assert!(!refused.contains("title: d: ") && !refused.contains("title: e: "), "{refused}");
        apply_with_consent(database, &required, decision_answers("title", "keep")).unwrap();
        open(database, &free).unwrap();
        let fixed = open(database, &free).unwrap();
        fixed
            .write(|tx| {
                let ct = tx.registry().by_uid(UID).unwrap().id;
                tx.documents()
                    .delete_versions(ct, "c", None)
                    .and_then(|_| tx.documents().delete_versions(ct, "b", None))
                    .map(drop)
            })
            .await
            .unwrap();
        drop(fixed);
        open(database, &required).unwrap();
        let store = open(database, &unique).unwrap();
        let twice = store.write(|tx| insert(tx, UID, "f", "", true, json!({ "title": "x" }).as_object().unwrap()));
        assert!(matches!(twice.await, Err(StoreError::Unique)));
        let empty = store.write(|tx| insert(tx, UID, "f", "", true, json!({ "title": "" }).as_object().unwrap()));
        empty.await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn drafts_can_be_enabled_disabled_and_restored() {
    on_every_database(async |database, folder| {
        let attributes =
            json!({ "title": { "type": "string" }, "part": { "type": "component", "component": "x.part" } });
        let parts = [("x.part", json!({ "files": { "type": "media", "multiple": true } }))];
        let build_model = |name: &str, drafts: bool| {
            model(
                &folder.join(name),
                &[("article", json!({ "options": { "draftAndPublish": drafts } }), attributes.clone())],
                &parts,
            )
        };
        let (plain, drafts) = (build_model("a", false), build_model("b", true));
        let row = |title: &str| json!({ "title": title, "part": { "id": 1, "files": [{ "documentId": "f1" }] } });
        insert_rows(&open(database, &plain).unwrap(), &[("a", "", true, row("A")), ("b", "", true, row("B"))]).await;
        apply_with_consent(database, &drafts, Answers::default()).unwrap();
        let now = dump_database(database, &drafts).await;
        let keys: Vec<&String> = now[UID].keys().collect();
        assert_eq!(keys, ["a  false", "a  true", "b  false", "b  true"]);
        assert_eq!(now[UID]["a  false"]["part"]["files"], now[UID]["a  true"]["part"]["files"]);
        assert_ne!(now[UID]["a  false"]["part"]["id"], now[UID]["a  true"]["part"]["id"]);
        let store = open(database, &drafts).unwrap();
        insert_rows(&store, &[("new", "", false, row("never published"))]).await;
        drop(store);
        let had = dump_database(database, &drafts).await;

        let outcome = apply_with_consent(database, &plain, Answers::default()).unwrap();
        let without = dump_database(database, &plain).await;
        assert_eq!(without[UID].keys().collect::<Vec<_>>(), ["a  true", "b  true"]);
        let trash = database.schema_trash(&plain).unwrap();
        assert_eq!((trash[0].id, trash[0].values), (outcome.trashed[0], 1));
        apply_with_consent(database, &drafts, Answers::default()).unwrap();
        let back = database.schema_restore(&drafts, trash[0].id, &times()).unwrap();
        assert_eq!((back.placed, back.left_count), (1, 0));
        let has = dump_database(database, &drafts).await;
        assert_eq!(attribute_values(&has, "title"), attribute_values(&had, "title"));
        assert_eq!(has[UID]["new  false"]["part"]["files"], json!([{ "documentId": "f1" }]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn locales_can_be_enabled_disabled_and_restored() {
    on_every_database(async |database, folder| {
        let localized = json!({ "i18n": { "localized": true } });
        let build_model = |name: &str, on: bool, title: bool| {
            let mut attributes = json!({ "title": { "type": "string" } });
            let mut options = json!({});
            if on {
                options["pluginOptions"] = localized.clone();
            }
            if title {
                attributes["title"]["pluginOptions"] = localized.clone();
            }
            article(&folder.join(name), options, attributes)
        };
        let (one, many, same) =
            (build_model("a", false, false), build_model("b", true, true), build_model("c", true, false));
        insert_rows(&open(database, &one).unwrap(), &[("a", "", true, json!({ "title": "A" }))]).await;
        apply_with_consent(database, &many, Answers::default()).unwrap();
        let store = open(database, &many).unwrap();
        insert_rows(
            &store,
            &[("a", "nl", true, json!({ "title": "Anl" })), ("b", "nl", true, json!({ "title": "B" }))],
        )
        .await;
        drop(store);
        let had = dump_database(database, &many).await;
        assert_eq!(had[UID].keys().collect::<Vec<_>>(), ["a en true", "a nl true", "b nl true"]);

        // The titles differ by locale, and only one can stay.
        let refused = apply_with_consent(database, &same, Answers::default()).unwrap_err().to_string();
        assert!(refused.contains("title: a, nl: `\"Anl\"` differs from `\"A\"` in en"), "{refused}");
        let outcome = apply_with_consent(database, &same, decision_answers("title", "cut")).unwrap();
        assert_eq!(dump_database(database, &same).await[UID]["a nl true"]["title"], "A");
        apply_with_consent(database, &many, Answers::default()).unwrap();
        let back = database.schema_restore(&many, outcome.trashed[0], &times()).unwrap();
        assert_eq!((back.placed, back.left_count), (1, 0));
        assert_eq!(dump_database(database, &many).await, had);

        let outcome = apply_with_consent(database, &one, Answers::default()).unwrap();
        let without = dump_database(database, &one).await;
        assert_eq!(
            attribute_values(&without, "title"),
            [("a  true".into(), json!("A")), ("b  true".into(), json!("B"))]
        );
        apply_with_consent(database, &many, Answers::default()).unwrap();
        let back = database.schema_restore(&many, outcome.trashed[0], &times()).unwrap();
        assert_eq!((back.placed, back.left_count), (1, 0));
        // Of `b` there was no other version: it is in the default locale now.
        let has = dump_database(database, &many).await;
        assert_eq!(has[UID].keys().collect::<Vec<_>>(), ["a en true", "a nl true", "b en true"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn permissions_follow_renames_and_the_trash_expires() {
    on_every_database(async |database, folder| {
        let old = article(
            &folder.join("a"),
            json!({}),
            json!({ "title": { "type": "string" }, "gone": { "type": "string" } }),
        );
        let new = model(
            &folder.join("b"),
            &[(
                "story",
                json!({ "renamedFrom": UID }),
                json!({ "heading": { "type": "string", "renamedFrom": "title" } }),
            )],
            &[],
        );
        let store = open(database, &old).unwrap();
        insert_rows(&store, &[("a", "", true, json!({ "title": "A", "gone": "G" }))]).await;
        let right = PermissionRow {
            role: "public".into(),
            subject: UID.into(),
            action: "find".into(),
            condition: Some(json!({ "title": { "$eq": "A" } })),
            fields: Some(vec!["title".into(), "gone".into()]),
        };
        let token = NewApiToken {
            name: "t".into(),
            description: String::new(),
            kind: "custom".into(),
            hash: vec![1; 32],
            permissions: Some(json!([{ "subject": UID, "action": "find", "fields": ["title"] }])),
            read_drafts: false,
            expires_at: None,
        };
        let row = right.clone();
        store
            .write(move |tx| {
                tx.permissions().save(&row).and_then(|()| tx.api_tokens().save(&token, "2026-01-01T00:00:00.000Z"))
            })
            .await
            .unwrap();
        drop(store);
        let outcome = apply_with_consent(database, &new, Answers::default()).unwrap();
        assert_eq!(outcome.notes.len(), 1, "{:?}", outcome.notes);
        let store = open(database, &new).unwrap();
        let rights = store.read(|r| r.permissions().list()).unwrap();
        assert_eq!(
            rights,
            [PermissionRow {
                subject: "api::story.story".into(),
                condition: Some(json!({ "heading": { "$eq": "A" } })),
                fields: Some(vec!["heading".into()]),
                ..right
            }]
        );
        let tokens = store.read(|r| r.api_tokens().list()).unwrap();
        assert_eq!(
            tokens[0].token.permissions,
            Some(json!([{ "subject": "api::story.story", "action": "find", "fields": ["heading"] }]))
        );
        assert_eq!(database.schema_trash(&new).unwrap()[0].owner, "api::story.story");
        assert_eq!(store.purge_trash("2026-03-03T09:59:59.999Z").unwrap(), 0);
        assert_eq!(store.purge_trash("2026-03-03T10:00:00.000Z").unwrap(), 1);
        assert!(database.schema_trash(&new).unwrap().is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn history_follows_renames() {
    on_every_database(async |database, folder| {
        let old =
            article(&folder.join("a"), json!({}), json!({ "title": { "type": "string" }, "n": { "type": "integer" } }));
        let heading = json!({ "heading": { "type": "string", "renamedFrom": "title" }, "n": { "type": "integer" } });
        let new = model(&folder.join("b"), &[("story", json!({ "renamedFrom": UID }), heading)], &[]);
        let store = open(database, &old).unwrap();
        insert_rows(&store, &[("a", "", true, json!({ "title": "A" }))]).await;
        let entry = NewHistoryEntry {
            content_type: UID.into(),
            document_id: "a".into(),
            locale: String::new(),
            action: "created".into(),
            status: HistoryStatus::Published,
            version: 1,
            autosave: false,
            at: 0,
            actor: Actor::system("test"),
            changed: vec!["title".into()],
            note: None,
            snapshot: Some(json!({ "title": "A" }).to_string()),
        };
        store.write(move |tx| tx.history().add(entry)).await.unwrap();
        drop(store);
        apply_with_consent(database, &new, Answers::default()).unwrap();
        let store = open(database, &new).unwrap();
        let filter = HistoryFilter {
            content_type: "api::story.story".into(),
            document_id: "a".into(),
            ..HistoryFilter::default()
        };
        let entries = store.read(|r| r.history().list(&filter, 10)).unwrap();
        assert_eq!(entries.len(), 1);
        let renames = store.read(|r| r.history().list_renames(entries[0].id)).unwrap();
        let mut names: Vec<(&str, &str)> = renames.iter().map(|r| (r.old.as_str(), r.new.as_str())).collect();
        names.sort_unstable();
        assert_eq!(names, [(UID, "api::story.story"), ("title", "heading")]);
        assert!(store.read(|r| r.history().list_renames(entries[0].id + 1)).unwrap().is_empty());
    })
    .await;
}

/// A database in which nobody has written down what its tables were made from.
#[test]
fn databases_without_schema_records_are_adopted() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("cairn.db");
    let place = Database::Sqlite(file.clone());
    let registry = article(&folder.path().join("a"), json!({}), json!({ "title": { "type": "string" } }));
    drop(open(&place, &registry).unwrap());
    let conn = rusqlite::Connection::open(&file).unwrap();
    conn.execute_batch(
        "DELETE FROM cairn_schema; DELETE FROM cairn_schema_changes; ALTER TABLE articles ADD COLUMN old TEXT;
         CREATE TABLE forgotten (id INTEGER); INSERT INTO articles (document_id, locale, _status, created_at, updated_at, title, old)
         VALUES ('a', '', 1, '2026', '2026', 'T', 'O');",
    )
    .unwrap();
    drop(conn);
    let wider_registry = article(
        &folder.path().join("b"),
        json!({}),
        json!({ "title": { "type": "string" }, "old": { "type": "string" }, "text": { "type": "text" } }),
    );
    let planned = place.schema_plan(&registry, &Answers::default(), false).unwrap();
    assert_eq!(planned.plan.steps, []);
    assert_eq!(planned.leftovers, ["column old of table articles", "table forgotten"]);
    // Taken as applied where the files have it.
    let planned = place.schema_plan(&wider_registry, &Answers::default(), false).unwrap();
    assert_eq!(planned.plan.steps.iter().map(|s| s.id.as_str()).collect::<Vec<_>>(), ["add:api::article.article.text"]);
    // Leftover columns are renamed if the files have another attribute of that name later.
    drop(open(&place, &registry).unwrap());
    drop(open(&place, &wider_registry).unwrap());
    let conn = rusqlite::Connection::open(&file).unwrap();
    let leftover: String = conn.query_row("SELECT _leftover_old FROM articles", [], |r| r.get(0)).unwrap();
    assert_eq!(leftover, "O");
    let forgotten: i64 = conn.query_row("SELECT count(*) FROM forgotten", [], |r| r.get(0)).unwrap();
    assert_eq!(forgotten, 0);
}
