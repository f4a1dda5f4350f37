//! From an `Authorization` header to a caller and their rights.

use crate::common::{AccessFixture, to_response};
use cairn_access::{AuthError, Caller, CallerKind, PluginAction, SecretKey, TokenKind};
use cairn_query::Action;
use chrono::TimeDelta;
use serde_json::{Value as Json, json};
use std::sync::Arc;

const UNKNOWN: (u16, &str, &str) = (401, "UnauthorizedError", "Missing or invalid credentials");
const INVALID: (u16, &str, &str) = (401, "UnauthorizedError", "Invalid credentials");

async fn authentication_error(fixture: &AccessFixture, token: &str) -> (u16, &'static str, String) {
    to_response(fixture.caller(token).await)
}

fn assert_error(found: (u16, &'static str, String), expected: (u16, &str, &str)) {
    assert_eq!((found.0, found.1, found.2.as_str()), expected);
}

fn allows(caller: &Caller, fixture: &AccessFixture, uid: &str, action: Action) -> bool {
    caller.permissions.before_policies().allows_action(fixture.store.registry().by_uid(uid).unwrap().id, action)
}

fn token_settings(kind: &str, rest: Json) -> Json {
    let mut token = json!({ "name": kind, "type": kind, "token": format!("{kind}-0123456789abcdef") });
    token.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    json!({ "apiTokens": [token] })
}

#[tokio::test(flavor = "multi_thread")]
async fn missing_or_other_headers_authenticate_the_public_caller() {
    let fixture = AccessFixture::new().await;
    for header in [None, Some("Basic YTpi"), Some("Bearer"), Some("Bearer ")] {
        let caller = fixture.access.authenticate_caller(header.map(str::as_bytes)).await.unwrap();
        assert!(caller.is_public());
        assert!(caller.allows_action(PluginAction::Register) && caller.allows_action(PluginAction::SignIn));
        assert!(!caller.allows_action(PluginAction::Me) && !caller.allows_action(PluginAction::FindLocales));
        assert!(!allows(&caller, &fixture, "api::vehicle.vehicle", Action::Find));
        assert!(!caller.permissions.before_policies().read_drafts);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn public_callers_share_one_permissions_object() {
    let fixture = AccessFixture::new().await;
    let (a, b) = (fixture.access.public_caller(), fixture.access.public_caller());
    assert!(Arc::ptr_eq(a.permissions.before_policies(), b.permissions.before_policies()));
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_tokens_are_rejected() {
    let fixture = AccessFixture::new().await;
    let long = "x".repeat(10_000);
    let unsigned = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpZCI6MX0.c2lnbmF0dXJl";
    let none = "eyJhbGciOiJub25lIn0.eyJpZCI6MX0.";
    for bad in ["nonsense", unsigned, none, "a b", &long] {
        assert_error(authentication_error(&fixture, bad).await, UNKNOWN);
    }
    assert_error(to_response(fixture.access.authenticate_caller(Some(b"Bearer \xff\xfe")).await), UNKNOWN);
}

#[tokio::test(flavor = "multi_thread")]
async fn full_access_token_allows_every_action() {
    let fixture = AccessFixture::new().await;
    fixture.apply(&token_settings("full-access", json!({}))).await;
    let caller = fixture.caller("full-access-0123456789abcdef").await.unwrap();
    assert!(
        matches!(&caller.kind, CallerKind::Token { kind: TokenKind::FullAccess, name, .. } if name == "full-access")
    );
    assert!(caller.permissions.before_policies().everything && caller.permissions.before_policies().read_drafts);
    assert!(PluginAction::ALL.iter().all(|a| caller.allows_action(*a)));
    assert!(caller.allows_plugin_permission("crm", "deals.read"));
    assert!(caller.user().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn read_only_token_allows_find_actions_only() {
    let fixture = AccessFixture::new().await;
    fixture.apply(&token_settings("read-only", json!({}))).await;
    let caller = fixture.caller("read-only-0123456789abcdef").await.unwrap();
    for uid in ["api::vehicle.vehicle", "api::home.home", "plugin::users-permissions.user", "plugin::upload.file"] {
        assert!(allows(&caller, &fixture, uid, Action::Find) && allows(&caller, &fixture, uid, Action::FindOne));
        for action in [Action::Create, Action::Update, Action::Delete] {
            assert!(!allows(&caller, &fixture, uid, action));
        }
    }
    assert!(caller.permissions.before_policies().read_drafts);
    assert!(caller.allows_action(PluginAction::FindFiles) && caller.allows_action(PluginAction::FindRoles));
    for action in [PluginAction::FindLocales, PluginAction::Me, PluginAction::Upload, PluginAction::CountUsers] {
        assert!(!caller.allows_action(action), "{action:?}");
    }
    assert!(!caller.allows_plugin_permission("crm", "deals.read"));
}

#[tokio::test(flavor = "multi_thread")]
async fn custom_token_allows_its_permissions_until_it_expires() {
    let fixture = AccessFixture::new().await;
    let rest = json!({
        "permissions": {
            "api::vehicle.vehicle": { "find": { "where": { "status": "new" }, "fields": ["model"] } },
            "plugin::crm": ["deals.read"],
        },
        "expiresAt": "2025-01-01T11:00:00Z",
    });
    fixture.apply(&token_settings("custom", rest)).await;
    let caller = fixture.caller("custom-0123456789abcdef").await.unwrap();
    let ct = fixture.store.registry().by_uid("api::vehicle.vehicle").unwrap();
    assert!(allows(&caller, &fixture, &ct.uid, Action::Find) && !allows(&caller, &fixture, &ct.uid, Action::FindOne));
    assert_eq!(
        caller.permissions.before_policies().row_condition(ct.id, Action::Find),
        Some(&json!({ "status": "new" }))
    );
    let id = |name| ct.attributes.get(name).unwrap().0;
    assert!(caller.permissions.before_policies().allows_attribute(ct, id("model"), Action::Find));
    assert!(!caller.permissions.before_policies().allows_attribute(ct, id("status"), Action::Find));
    assert!(!caller.permissions.before_policies().read_drafts && !caller.allows_action(PluginAction::FindFiles));
    assert!(caller.allows_plugin_permission("crm", "deals.read"));
    assert!(
        !caller.allows_plugin_permission("crm", "deals.write") && !caller.allows_plugin_permission("hr", "deals.read")
    );
    fixture.advance_clock(TimeDelta::hours(1));
    assert_error(authentication_error(&fixture, "custom-0123456789abcdef").await, UNKNOWN);
}

#[tokio::test(flavor = "multi_thread")]
async fn user_has_only_the_permissions_of_their_role() {
    let fixture = AccessFixture::new().await;
    fixture
        .apply(&json!({ "roles": {
            "public": { "permissions": { "api::home.home": ["find"] } },
            "authenticated": {
                "readDrafts": true,
                "permissions": { "api::vehicle.vehicle": ["find"], "plugin::crm": { "deals.read": {} } },
            },
        } }))
        .await;
    let id = fixture.add_user("ann").await;
    let signed_in = fixture.sign_in("ann").await;
    let caller = fixture.caller(&signed_in.jwt).await.unwrap();
    let user = caller.user().unwrap();
    assert_eq!((user.document_id.as_str(), user.role.as_deref()), (id.as_str(), Some("authenticated")));
    assert!(
        allows(&caller, &fixture, "api::vehicle.vehicle", Action::Find)
            && caller.permissions.before_policies().read_drafts
    );
    assert!(!allows(&caller, &fixture, "api::home.home", Action::Find), "what only the public may");
    assert!(caller.allows_action(PluginAction::Me) && !caller.allows_action(PluginAction::SignIn));
    assert!(caller.allows_plugin_permission("crm", "deals.read"));
    assert!(!fixture.access.public_caller().allows_plugin_permission("crm", "deals.read"));
    assert!(to_response(caller.require(PluginAction::FindUsers)).0 == 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn blocked_users_and_expired_sessions_are_rejected() {
    let fixture = AccessFixture::new().await;
    let id = fixture.add_user("ann").await;
    let jwt = fixture.sign_in("ann").await.jwt;
    assert!(fixture.caller(&jwt).await.is_ok());
    fixture.block(&id).await;
    assert_error(authentication_error(&fixture, &jwt).await, INVALID);

    fixture.add_user("bob").await;
    let jwt = fixture.sign_in("bob").await.jwt;
    fixture.advance_clock(TimeDelta::days(29));
    assert!(fixture.caller(&jwt).await.is_ok());
    fixture.advance_clock(TimeDelta::days(2));
    assert_error(authentication_error(&fixture, &jwt).await, UNKNOWN);
}

#[tokio::test(flavor = "multi_thread")]
async fn users_of_a_removed_role_have_no_permissions() {
    let fixture = AccessFixture::new().await;
    fixture
        .apply(&json!({ "roles": { "dealer": { "name": "Dealer", "permissions": { "api::vehicle.vehicle": ["find"] } } } }))
        .await;
    fixture.add_user_with_role("ann", "dealer").await;
    let jwt = fixture.sign_in("ann").await.jwt;
    let caller = fixture.caller(&jwt).await.unwrap();
    assert!(allows(&caller, &fixture, "api::vehicle.vehicle", Action::Find) && caller.allows_action(PluginAction::Me));
    let changes = fixture.apply(&json!({ "roles": { "dealer": null } })).await;
    assert_eq!(changes, ["role dealer: removed; 1 users no longer have a role"]);
    let caller = fixture.caller(&jwt).await.unwrap();
    assert!(
        !allows(&caller, &fixture, "api::vehicle.vehicle", Action::Find) && !caller.allows_action(PluginAction::Me)
    );
    assert_eq!(caller.user().unwrap().role, None);
    // A role of that name that is made again starts with no rights of the old one.
    fixture.apply(&json!({ "roles": { "dealer": {} } })).await;
    let rows = fixture.store.read(|r| r.permissions().list()).unwrap();
    assert!(rows.iter().all(|p| p.role != "dealer" || p.subject.starts_with("plugin::users-permissions.")));
}

#[tokio::test(flavor = "multi_thread")]
async fn user_variables_are_set_and_part_of_the_permissions_key() {
    let fixture = AccessFixture::new().await;
    let own =
        json!({ "owner": { "documentId": { "$eq": "$user.documentId" } }, "status": { "$ne": "$user.role.type" } });
    fixture
        .apply(&json!({ "roles": { "authenticated": { "permissions": { "api::vehicle.vehicle": { "find": { "where": own } } } } } }))
        .await;
    let ann = fixture.add_user("ann").await;
    fixture.add_user("bob").await;
    let (ann_jwt, bob_jwt) = (fixture.sign_in("ann").await.jwt, fixture.sign_in("bob").await.jwt);
    let a = fixture.caller(&ann_jwt).await.unwrap();
    assert_eq!(a.permissions.before_policies().variables.get("user.documentId"), Some(&Json::from(ann)));
    assert_eq!(a.permissions.before_policies().variables.get("user.role.type"), Some(&json!("authenticated")));
    let (second, b) = (fixture.caller(&ann_jwt).await.unwrap(), fixture.caller(&bob_jwt).await.unwrap());
    assert_eq!(a.permissions.before_policies().key, second.permissions.before_policies().key);
    assert_ne!(a.permissions.before_policies().key, b.permissions.before_policies().key);
}

#[tokio::test(flavor = "multi_thread")]
async fn now_variable_is_cached_for_one_second() {
    let fixture = AccessFixture::new().await;
    let sellable = json!({ "sellableFrom": { "$lte": "$now" } });
    fixture
        .apply(&json!({ "roles": { "public": { "permissions": { "api::vehicle.vehicle": { "find": { "where": sellable } } } } } }))
        .await;
    let first = fixture.access.public_caller();
    assert_eq!(first.permissions.before_policies().variables.get("now"), Some(&json!("2025-01-01T10:00:00.000Z")));
    fixture.advance_clock(TimeDelta::milliseconds(900));
    assert!(Arc::ptr_eq(
        first.permissions.before_policies(),
        fixture.access.public_caller().permissions.before_policies()
    ));
    fixture.advance_clock(TimeDelta::milliseconds(200));
    let later = fixture.access.public_caller();
    assert_eq!(later.permissions.before_policies().variables.get("now"), Some(&json!("2025-01-01T10:00:01.000Z")));
    assert_ne!(first.permissions.before_policies().key, later.permissions.before_policies().key);
}

#[tokio::test(flavor = "multi_thread")]
async fn single_type_find_and_update_imply_find_one_and_create() {
    let fixture = AccessFixture::new().await;
    fixture.apply(&json!({ "roles": { "public": { "permissions": { "api::home.home": ["find", "update"] } } } })).await;
    let caller = fixture.access.public_caller();
    for action in [Action::Find, Action::FindOne, Action::Update, Action::Create] {
        assert!(allows(&caller, &fixture, "api::home.home", action), "{action:?}");
    }
    assert!(!allows(&caller, &fixture, "api::home.home", Action::Delete));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_process_sees_changes_after_reload() {
    let fixture = AccessFixture::new().await;
    let other = fixture.open_second_process().await;
    let before = other.public_caller();
    assert!(!other.reload().unwrap(), "nothing changed");
    assert_eq!(
        before.permissions.before_policies().key,
        other.public_caller().permissions.before_policies().key,
        "what is cached stays good"
    );
    fixture.apply(&json!({ "roles": { "public": { "permissions": { "api::home.home": ["find"] } } } })).await;
    assert!(!allows(&other.public_caller(), &fixture, "api::home.home", Action::Find));
    assert!(other.reload().unwrap());
    assert!(allows(&other.public_caller(), &fixture, "api::home.home", Action::Find));
    assert_ne!(before.permissions.before_policies().key, other.public_caller().permissions.before_policies().key);
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_of_one_tenant_are_rejected_by_another() {
    let fixture = AccessFixture::new().await;
    fixture.add_user("ann").await;
    let jwt = fixture.sign_in("ann").await.jwt;
    let secret = SecretKey::load(None, fixture.folder.path()).unwrap();
    let passwords = fixture.access.passwords().clone();
    let other =
        cairn_access::AccessControl::open(fixture.store.clone(), &secret, "other", passwords, fixture.clock.clone())
            .await;
    let header = format!("Bearer {jwt}");
    assert!(fixture.access.authenticate_caller(Some(header.as_bytes())).await.is_ok());
    assert!(matches!(other.unwrap().authenticate_caller(Some(header.as_bytes())).await, Err(AuthError::Unknown)));
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_of_plugins_are_variables_of_conditions_and_part_of_the_key() {
    let fixture = AccessFixture::new().await;
    let by_group = json!({ "find": { "where": { "status": { "$in": "$user.groups" } } } });
    fixture
        .apply(&json!({ "roles": { "authenticated": { "permissions": { "api::vehicle.vehicle": by_group } } } }))
        .await;
    let id = fixture.add_user("ann").await;
    let jwt = fixture.sign_in("ann").await.jwt;
    let before = fixture.caller(&jwt).await.unwrap();
    assert_eq!(before.user().unwrap().groups, Vec::<String>::new());
    assert_eq!(before.permissions.before_policies().variables["user.groups"], json!([]));
    let set = |names: &[&str]| {
        let (id, names) = (id.clone(), names.iter().map(|name| (*name).to_owned()).collect());
        fixture.store.write(move |tx| tx.user_groups().set(&id, "journey", &names))
    };
    set(&["b", "a"]).await.unwrap();
    let after = fixture.caller(&jwt).await.unwrap();
    let groups = json!(["journey:a", "journey:b"]);
    assert_eq!(json!(after.user().unwrap().groups), groups);
    assert_eq!(after.permissions.before_policies().variables["user.groups"], groups);
    assert_ne!(before.permissions.key(), after.permissions.key());
    // The public has no groups: the variable is null.
    assert!(!fixture.access.public_caller().permissions.before_policies().variables.contains_key("user.groups"));
}
