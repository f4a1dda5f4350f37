//! The look-ups of users and roles, on a database of the built-in types.

use super::*;
use crate::WriteTx;
use crate::{Database, Store, StoreOptions};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

const NOW: &str = "2025-01-01T10:00:00.000Z";

fn store(folder: &Path) -> Store {
    let registry = cairn_model::load::load_project(folder).unwrap().registry;
    Store::open(StoreOptions { database: Database::Sqlite(folder.join("cairn.db")) }, Arc::new(registry)).unwrap()
}

async fn add_user(store: &Store, username: &'static str, email: &'static str) -> Result<String> {
    let write = move |tx: &mut WriteTx<'_>| {
        tx.users().ensure_indexes()?;
        tx.users().create(&NewUser { username, email, password_hash: "x", confirmed: true, role: None }, NOW)
    };
    store.write(write).await
}

#[tokio::test(flavor = "multi_thread")]
async fn users_are_found_by_name_email_or_id_and_are_unique() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    let stamp = store.counters().stamp(&[store.registry().user_type().id]);
    let ann = add_user(&store, "Ann", "ann@example.com").await.unwrap();
    assert_ne!(store.counters().stamp(&[store.registry().user_type().id]), stamp, "caches of users are stale");
    assert_eq!(store.counters().row_count(store.registry().user_type().id), 1);
    assert!(matches!(add_user(&store, "Ann", "other@example.com").await, Err(StoreError::Unique)));
    store
        .read(|r| {
            let user = r.users().get_by_username("Ann")?.unwrap();
            assert_eq!(
                (user.document_id.as_str(), user.provider.as_deref(), user.blocked),
                (ann.as_str(), Some("local"), false)
            );
            assert_eq!(r.users().get_by_username("ann")?, None);
            assert_eq!(r.users().get_by_email("ANN@Example.com")?, Some(user.clone()));
            assert_eq!(r.users().get_by_id(user.id)?, Some(user.clone()));
            assert!(r.users().is_taken("new", "Ann@example.com", None)?);
            assert!(!r.users().is_taken("Ann", "Ann@example.com", Some(&user.document_id))?);
            Ok::<_, StoreError>(())
        })
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_are_found_however_their_domain_is_spelled() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    let find = |email: &str| store.read(|r| r.users().get_by_email(email)).unwrap().map(|user| user.document_id);
    let ann = add_user(&store, "Ann", "info@xn--bcher-kva.example").await.unwrap();
    for same in ["info@xn--bcher-kva.example", "Info@Bücher.example", " \u{202a}info@BÜCHER.example\u{202c}"] {
        assert_eq!(find(same).as_ref(), Some(&ann), "{same}");
        assert!(store.read(|r| r.users().is_taken("new", same, None)).unwrap());
    }
    assert_eq!(find("info@bucher.example"), None);
    // Stored before both were one address: each still signs in with their own.
    let bob = add_user(&store, "Bob", "info@bücher.example").await.unwrap();
    assert_eq!(find("INFO@bücher.example"), Some(bob));
    assert_eq!(find("info@XN--bcher-kva.example"), Some(ann));
}

#[tokio::test(flavor = "multi_thread")]
async fn admin_users_have_one_account_for_all_spellings_of_an_address() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    let roles = ["editor".to_owned()];
    store
        .write(move |tx| tx.admin_users().create("ann@bücher.example", "", &roles, "2026-01-01T00:00:00.000Z"))
        .await
        .unwrap();
    let find = |email: &str| store.read(|r| r.admin_users().get_by_email(email)).unwrap();
    let stored = find("Ann@xn--bcher-kva.example").unwrap();
    assert_eq!(stored.email, "ann@bücher.example");
    let roles = ["editor".to_owned()];
    let again = roles.clone();
    let taken = store
        .write(move |tx| tx.admin_users().create("ann@xn--bcher-kva.example", "", &roles, "2026-01-02T00:00:00.000Z"));
    assert!(matches!(taken.await, Err(StoreError::Unique)));
    store
        .write(move |tx| tx.admin_users().save("ann@xn--bcher-kva.example", "hash", &again, "2026-01-03T00:00:00.000Z"))
        .await
        .unwrap();
    let all = store.read(|r| r.admin_users().list()).unwrap();
    assert_eq!(
        all.iter().map(|user| (user.id, user.password_hash.as_str())).collect::<Vec<_>>(),
        [(stored.id, "hash")]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn user_lookups_scan_no_table() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    add_user(&store, "Ann", "ann@example.com").await.unwrap();
    for condition in ["document_id = 'x'", "id = 1", "\"username\" = 'x'", "lower(\"email\") = lower('x')"] {
        let plan: Vec<String> = store
            .read(|r| {
                let sql = format!(
                    "EXPLAIN QUERY PLAN SELECT id FROM up_users WHERE _status = 1 AND {condition} ORDER BY id LIMIT 1"
                );
                r.conn.query_all("explaining", &sql, (), |row| row.get(3))
            })
            .unwrap();
        assert!(plan.iter().any(|step| step.starts_with("SEARCH")), "{condition}: {plan:?}");
        assert!(!plan.iter().any(|step| step.starts_with("SCAN")), "{condition}: {plan:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn failed_writes_leave_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    let failed = store
        .write(|tx| {
            tx.locales().create("nl", "Dutch (nl)", NOW)?;
            tx.locales().create("nl", "Dutch (nl)", NOW)
        })
        .await;
    assert!(matches!(failed, Err(StoreError::Unique)));
    assert_eq!(store.read(|r| r.locales().list()).unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn expired_sessions_are_deleted_with_the_next_insert() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    let session = |id: &str, created: &str, expires: &str| SessionRow {
        id: id.into(),
        user_document_id: "u".into(),
        generation: None,
        created_at: created.into(),
        expires_at: expires.into(),
    };
    let (old, new) = (session("a", "2025-01-01", "2025-01-31"), session("b", "2025-02-01", "2025-03-01"));
    store
        .write(move |tx| {
            tx.sessions().create(&old)?;
            tx.sessions().create(&new)
        })
        .await
        .unwrap();
    let left = store.read(|r| Ok::<_, StoreError>((r.sessions().get("a")?, r.sessions().get("b")?))).unwrap();
    assert!(left.0.is_none() && left.1.is_some());
    assert_eq!(store.write(|tx| tx.sessions().end_for_user("u")).await.unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_of_users_are_replaced_by_plugin_and_listed_by_page() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    let set = async |user: &'static str, plugin: &'static str, names: &[&str]| {
        let names: BTreeSet<String> = names.iter().map(|name| (*name).to_owned()).collect();
        store.write(move |tx| tx.user_groups().set(user, plugin, &names)).await.unwrap();
    };
    let list = |user: &str| store.read(|r| r.user_groups().list(user)).unwrap();
    set("ann", "journey", &["b", "a"]).await;
    set("ann", "crm", &["vip"]).await;
    set("bob", "journey", &["a"]).await;
    assert_eq!(list("ann"), ["crm:vip", "journey:a", "journey:b"]);
    set("ann", "journey", &["c", "a"]).await;
    assert_eq!(list("ann"), ["crm:vip", "journey:a", "journey:c"]);
    let own = store.read(|r| r.user_groups().list_from_plugin("ann", "journey")).unwrap();
    assert_eq!(own, ["a", "c"]);
    let page = |after: Option<&str>| store.read(|r| r.user_groups().list_members("journey", "a", after, 1)).unwrap();
    assert_eq!(page(None), ["ann"]);
    assert_eq!(page(Some("ann")), ["bob"]);
    assert_eq!(page(Some("bob")), Vec::<String>::new());
    store.write(|tx| tx.user_groups().delete_of_user("ann")).await.unwrap();
    assert_eq!(list("ann"), Vec::<String>::new());
    assert_eq!(list("bob"), ["journey:a"]);
    store.write(|tx| tx.user_groups().delete_of_plugin("journey")).await.unwrap();
    assert_eq!(list("bob"), Vec::<String>::new());
}
