//! From an `Authorization` header to a caller and their rights.

use crate::common::{World, seen};
use cairn_access::{AuthError, Caller, CallerKind, PluginAction, SecretKey, TokenKind};
use cairn_query::Action;
use chrono::TimeDelta;
use serde_json::{Value as Json, json};
use std::sync::Arc;

const UNKNOWN: (u16, &str, &str) = (401, "UnauthorizedError", "Missing or invalid credentials");
const INVALID: (u16, &str, &str) = (401, "UnauthorizedError", "Invalid credentials");

async fn refused(world: &World, token: &str) -> (u16, &'static str, String) {
    seen(world.caller(token).await)
}

fn is(found: (u16, &'static str, String), expected: (u16, &str, &str)) {
    assert_eq!((found.0, found.1, found.2.as_str()), expected);
}

fn may(caller: &Caller, world: &World, uid: &str, action: Action) -> bool {
    caller.permissions.before_policies().allows_action(world.store.registry().by_uid(uid).unwrap().id, action)
}

fn token(kind: &str, rest: Json) -> Json {
    let mut token = json!({ "name": kind, "type": kind, "token": format!("{kind}-0123456789abcdef") });
    token.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    json!({ "apiTokens": [token] })
}

#[tokio::test(flavor = "multi_thread")]
async fn no_header_or_no_bearer_is_the_public() {
    let world = World::new().await;
    for header in [None, Some("Basic YTpi"), Some("Bearer"), Some("Bearer ")] {
        let caller = world.access.authenticate_caller(header.map(str::as_bytes)).await.unwrap();
        assert!(caller.is_public());
        assert!(caller.allows_action(PluginAction::Register) && caller.allows_action(PluginAction::SignIn));
        assert!(!caller.allows_action(PluginAction::Me) && !caller.allows_action(PluginAction::FindLocales));
        assert!(!may(&caller, &world, "api::vehicle.vehicle", Action::Find));
        assert!(!caller.permissions.before_policies().read_drafts);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_public_costs_no_new_access() {
    let world = World::new().await;
    let (a, b) = (world.access.public_caller(), world.access.public_caller());
    assert!(Arc::ptr_eq(a.permissions.before_policies(), b.permissions.before_policies()));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_nothing_known_is_refused() {
    let world = World::new().await;
    let long = "x".repeat(10_000);
    let unsigned = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpZCI6MX0.c2lnbmF0dXJl";
    let none = "eyJhbGciOiJub25lIn0.eyJpZCI6MX0.";
    for bad in ["nonsense", unsigned, none, "a b", &long] {
        is(refused(&world, bad).await, UNKNOWN);
    }
    is(seen(world.access.authenticate_caller(Some(b"Bearer \xff\xfe")).await), UNKNOWN);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_access_token_may_everything() {
    let world = World::new().await;
    world.apply(&token("full-access", json!({}))).await;
    let caller = world.caller("full-access-0123456789abcdef").await.unwrap();
    assert!(
        matches!(&caller.kind, CallerKind::Token { kind: TokenKind::FullAccess, name, .. } if name == "full-access")
    );
    assert!(caller.permissions.before_policies().everything && caller.permissions.before_policies().read_drafts);
    assert!(PluginAction::ALL.iter().all(|a| caller.allows_action(*a)));
    assert!(caller.user().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_only_token_may_find() {
    let world = World::new().await;
    world.apply(&token("read-only", json!({}))).await;
    let caller = world.caller("read-only-0123456789abcdef").await.unwrap();
    for uid in ["api::vehicle.vehicle", "api::home.home", "plugin::users-permissions.user", "plugin::upload.file"] {
        assert!(may(&caller, &world, uid, Action::Find) && may(&caller, &world, uid, Action::FindOne));
        for action in [Action::Create, Action::Update, Action::Delete] {
            assert!(!may(&caller, &world, uid, action));
        }
    }
    assert!(caller.permissions.before_policies().read_drafts);
    assert!(caller.allows_action(PluginAction::FindFiles) && caller.allows_action(PluginAction::FindRoles));
    for action in [PluginAction::FindLocales, PluginAction::Me, PluginAction::Upload, PluginAction::CountUsers] {
        assert!(!caller.allows_action(action), "{action:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_custom_token_may_what_it_says_until_it_expires() {
    let world = World::new().await;
    let rest = json!({
        "permissions": { "api::vehicle.vehicle": { "find": { "where": { "status": "new" }, "fields": ["model"] } } },
        "expiresAt": "2025-01-01T11:00:00Z",
    });
    world.apply(&token("custom", rest)).await;
    let caller = world.caller("custom-0123456789abcdef").await.unwrap();
    let ct = world.store.registry().by_uid("api::vehicle.vehicle").unwrap();
    assert!(may(&caller, &world, &ct.uid, Action::Find) && !may(&caller, &world, &ct.uid, Action::FindOne));
    assert_eq!(
        caller.permissions.before_policies().row_condition(ct.id, Action::Find),
        Some(&json!({ "status": "new" }))
    );
    let id = |name| ct.attributes.get(name).unwrap().0;
    assert!(caller.permissions.before_policies().allows_attribute(ct, id("model"), Action::Find));
    assert!(!caller.permissions.before_policies().allows_attribute(ct, id("status"), Action::Find));
    assert!(!caller.permissions.before_policies().read_drafts && !caller.allows_action(PluginAction::FindFiles));
    world.after(TimeDelta::hours(1));
    is(refused(&world, "custom-0123456789abcdef").await, UNKNOWN);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_has_their_role_alone() {
    let world = World::new().await;
    world
        .apply(&json!({ "roles": {
            "public": { "permissions": { "api::home.home": ["find"] } },
            "authenticated": { "readDrafts": true, "permissions": { "api::vehicle.vehicle": ["find"] } },
        } }))
        .await;
    let id = world.add_user("ann").await;
    let signed_in = world.sign_in("ann").await;
    let caller = world.caller(&signed_in.jwt).await.unwrap();
    let user = caller.user().unwrap();
    assert_eq!((user.document_id.as_str(), user.role.as_deref()), (id.as_str(), Some("authenticated")));
    assert!(
        may(&caller, &world, "api::vehicle.vehicle", Action::Find) && caller.permissions.before_policies().read_drafts
    );
    assert!(!may(&caller, &world, "api::home.home", Action::Find), "what only the public may");
    assert!(caller.allows_action(PluginAction::Me) && !caller.allows_action(PluginAction::SignIn));
    assert!(seen(caller.require(PluginAction::FindUsers)).0 == 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn blocked_deleted_and_expired_users_are_refused_at_the_next_request() {
    let world = World::new().await;
    let id = world.add_user("ann").await;
    let jwt = world.sign_in("ann").await.jwt;
    assert!(world.caller(&jwt).await.is_ok());
    world.block(&id).await;
    is(refused(&world, &jwt).await, INVALID);

    world.add_user("bob").await;
    let jwt = world.sign_in("bob").await.jwt;
    world.after(TimeDelta::days(29));
    assert!(world.caller(&jwt).await.is_ok());
    world.after(TimeDelta::days(2));
    is(refused(&world, &jwt).await, UNKNOWN);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_role_leaves_its_users_with_nothing() {
    let world = World::new().await;
    world
        .apply(&json!({ "roles": { "dealer": { "name": "Dealer", "permissions": { "api::vehicle.vehicle": ["find"] } } } }))
        .await;
    world.add_user_with_role("ann", "dealer").await;
    let jwt = world.sign_in("ann").await.jwt;
    let caller = world.caller(&jwt).await.unwrap();
    assert!(may(&caller, &world, "api::vehicle.vehicle", Action::Find) && caller.allows_action(PluginAction::Me));
    let changes = world.apply(&json!({ "roles": { "dealer": null } })).await;
    assert_eq!(changes, ["role dealer: removed; 1 users no longer have a role"]);
    let caller = world.caller(&jwt).await.unwrap();
    assert!(!may(&caller, &world, "api::vehicle.vehicle", Action::Find) && !caller.allows_action(PluginAction::Me));
    assert_eq!(caller.user().unwrap().role, None);
    // A role of that name that is made again starts with no rights of the old one.
    world.apply(&json!({ "roles": { "dealer": {} } })).await;
    let rows = world.store.read(|r| r.permissions()).unwrap();
    assert!(rows.iter().all(|p| p.role != "dealer" || p.subject.starts_with("plugin::users-permissions.")));
}

#[tokio::test(flavor = "multi_thread")]
async fn variables_are_the_users_and_part_of_the_key() {
    let world = World::new().await;
    let own =
        json!({ "owner": { "documentId": { "$eq": "$user.documentId" } }, "status": { "$ne": "$user.role.type" } });
    world
        .apply(&json!({ "roles": { "authenticated": { "permissions": { "api::vehicle.vehicle": { "find": { "where": own } } } } } }))
        .await;
    let ann = world.add_user("ann").await;
    world.add_user("bob").await;
    let (ann_jwt, bob_jwt) = (world.sign_in("ann").await.jwt, world.sign_in("bob").await.jwt);
    let a = world.caller(&ann_jwt).await.unwrap();
    assert_eq!(a.permissions.before_policies().variables.get("user.documentId"), Some(&Json::from(ann)));
    assert_eq!(a.permissions.before_policies().variables.get("user.role.type"), Some(&json!("authenticated")));
    let (again, b) = (world.caller(&ann_jwt).await.unwrap(), world.caller(&bob_jwt).await.unwrap());
    assert_eq!(a.permissions.before_policies().key, again.permissions.before_policies().key);
    assert_ne!(a.permissions.before_policies().key, b.permissions.before_policies().key);
}

#[tokio::test(flavor = "multi_thread")]
async fn now_is_kept_for_a_second() {
    let world = World::new().await;
    let sellable = json!({ "sellableFrom": { "$lte": "$now" } });
    world
        .apply(&json!({ "roles": { "public": { "permissions": { "api::vehicle.vehicle": { "find": { "where": sellable } } } } } }))
        .await;
    let first = world.access.public_caller();
    assert_eq!(first.permissions.before_policies().variables.get("now"), Some(&json!("2025-01-01T10:00:00.000Z")));
    world.after(TimeDelta::milliseconds(900));
    assert!(Arc::ptr_eq(
        first.permissions.before_policies(),
        world.access.public_caller().permissions.before_policies()
    ));
    world.after(TimeDelta::milliseconds(200));
    let later = world.access.public_caller();
    assert_eq!(later.permissions.before_policies().variables.get("now"), Some(&json!("2025-01-01T10:00:01.000Z")));
    assert_ne!(first.permissions.before_policies().key, later.permissions.before_policies().key);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_single_type_is_found_and_made_by_two_rights() {
    let world = World::new().await;
    world.apply(&json!({ "roles": { "public": { "permissions": { "api::home.home": ["find", "update"] } } } })).await;
    let caller = world.access.public_caller();
    for action in [Action::Find, Action::FindOne, Action::Update, Action::Create] {
        assert!(may(&caller, &world, "api::home.home", action), "{action:?}");
    }
    assert!(!may(&caller, &world, "api::home.home", Action::Delete));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_process_takes_changes_up_when_it_looks() {
    let world = World::new().await;
    let other = world.another().await;
    let before = other.public_caller();
    assert!(!other.reload().unwrap(), "nothing changed");
    assert_eq!(
        before.permissions.before_policies().key,
        other.public_caller().permissions.before_policies().key,
        "what is cached stays good"
    );
    world.apply(&json!({ "roles": { "public": { "permissions": { "api::home.home": ["find"] } } } })).await;
    assert!(!may(&other.public_caller(), &world, "api::home.home", Action::Find));
    assert!(other.reload().unwrap());
    assert!(may(&other.public_caller(), &world, "api::home.home", Action::Find));
    assert_ne!(before.permissions.before_policies().key, other.public_caller().permissions.before_policies().key);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_tenants_tokens_are_nothing_to_another() {
    let world = World::new().await;
    world.add_user("ann").await;
    let jwt = world.sign_in("ann").await.jwt;
    let secret = SecretKey::load(None, world.folder.path()).unwrap();
    let passwords = world.access.passwords().clone();
    let other =
        cairn_access::AccessControl::open(world.store.clone(), &secret, "other", passwords, world.clock.clone()).await;
    let header = format!("Bearer {jwt}");
    assert!(world.access.authenticate_caller(Some(header.as_bytes())).await.is_ok());
    assert!(matches!(other.unwrap().authenticate_caller(Some(header.as_bytes())).await, Err(AuthError::Unknown)));
}
