//! Access of tokens to each route of the admin API. Every route there is gets asked: a new one that lets in a token
//! it should not fails here.

use super::{create_token, root, server};
use crate::admin::{OPEN, fill_path, routes, send};
use crate::golden::assert_golden;
use cairn_access::AdminAction;
use cairn_testkit::{FULL_TOKEN, READ_TOKEN};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// In every entry there is.
const CANARY: &str = "canary77ab";
/// Asked for with another kind of proof than who asks.
const SIGNED: &str = "POST /admin/api/mail/bounces";

#[tokio::test(flavor = "multi_thread")]
async fn content_api_credentials_are_rejected_on_admin_routes() {
    let server = server().await;
    let custom = json!([{ "name": "custom", "type": "custom", "token": "custom-token-0123456789",
        "permissions": { "api::article.article": ["find", "create", "update", "delete"] } }]);
    server.apply_settings(json!({ "apiTokens": custom })).await;
    let user = server.create_user("ann", "authenticated", json!({})).await;
    let others = [FULL_TOKEN, READ_TOKEN, "custom-token-0123456789"].map(|token| server.with_token(token));
    // The credentials are valid on the content API.
    server.with_token(FULL_TOKEN).get("/api/articles").await.expect_status(200);
    for (method, path) in routes() {
        let route = format!("{method} {path}");
        for client in others.iter().chain([&user]) {
            for id in ["1", "api::article.article"] {
                if OPEN.contains(&route.as_str()) {
                    continue;
                }
                let answer = send(client, &method, &fill_path(&path, id), "{}").await;
                assert_eq!(answer.status, 401, "{route}: {}", answer.text());
                answer.assert_envelope();
                if route != SIGNED {
                    assert_eq!(answer.details()["code"], "admin_token_required", "{route}: {}", answer.text());
                    assert!(answer.message().contains("admin token"), "{route}: {}", answer.text());
                }
            }
        }
    }
    // Routes that are open to all say that these callers are not signed in.
    for client in others.iter().chain([&user]) {
        let session = client.get("/admin/api/session").await.expect_status(200);
        assert_eq!((&session.data()["signedIn"], &session.data()["me"]), (&json!(false), &json!(null)));
    }
    server.with_token(FULL_TOKEN).get("/api/articles").await.expect_status(200);
}

/// Routes that each action of a token opens: one token for each action, and one with none. What is open to all of them
/// shows nothing of the content.
#[tokio::test(flavor = "multi_thread")]
async fn admin_token_actions_permit_only_their_routes() {
    let server = server().await;
    let root = root(&server).await;
    let document = server.create_entry("/api/articles", json!({ "title": CANARY })).await.document_id();
    let release = root.post("/admin/api/releases", json!({ "name": CANARY })).await.expect_status(201).id();
    assert!(release > 0);
    let mut opened: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    let all: Vec<&str> = AdminAction::ALL.iter().filter(|a| !a.is_for_people()).map(|a| a.as_str()).collect();
    // A token without permissions comes first: all tokens open what it opens.
    for action in [""].iter().chain(&all) {
        let actions: &[&str] = if action.is_empty() { &[] } else { std::slice::from_ref(action) };
        let (_, token) = create_token(&root, &format!("only {action}"), actions, json!({})).await;
        for (method, path) in routes() {
            let route = format!("{method} {path}");
            if OPEN.contains(&route.as_str()) || route == SIGNED {
                continue;
            }
            let known = path.contains("{uid}").then(|| fill_content_path(&path, "api::article.article", &document));
            let at = known.unwrap_or_else(|| fill_path(&path, "987654"));
            let query = format!("{at}?type=api::article.article&documentId={document}&q={CANARY}");
            let answer = send(&token, &method, if method == "GET" { &query } else { &at }, "{}").await;
            assert!(answer.status < 500, "{route}: {}", answer.text());
            if answer.status == 401 {
                panic!("{route}: {}", answer.text());
            }
            if answer.status != 403 {
                let those = opened.entry(route.clone()).or_default();
                if !those.contains("any token") {
                    those.insert(if action.is_empty() { "any token" } else { action });
                }
            }
            let about_content =
                ["releases", "calendar", "events", "audit", "jobs"].iter().any(|area| path.contains(area));
            assert!(about_content || !answer.text().contains(CANARY), "{route} with {action}: {}", answer.text());
        }
    }
    let line = |(route, by): (&String, &BTreeSet<&str>)| {
        format!("{route}: {}\n", Vec::from_iter(by.iter().copied()).join(", "))
    };
    assert_golden("admin_token_routes.txt", &opened.iter().map(line).collect::<String>());
}

fn fill_content_path(path: &str, uid: &str, document: &str) -> String {
    path.replace("{uid}", uid)
        .split('/')
        .map(|part| if part.starts_with('{') { document } else { part })
        .collect::<Vec<_>>()
        .join("/")
}

/// The routes by which somebody gets rights, by all that a token can have.
#[tokio::test(flavor = "multi_thread")]
async fn admin_tokens_cannot_grant_permissions() {
    let server = server().await;
    let token = server.with_token(cairn_testkit::ADMIN_TOKEN);
    let expires = super::UNTIL;
    for (method, path, body) in [
        ("POST", "/admin/api/admin-tokens", json!({ "name": "x", "actions": [], "expiresAt": expires })),
        ("GET", "/admin/api/admin-tokens", json!({})),
        ("DELETE", "/admin/api/admin-tokens/1", json!({})),
        ("POST", "/admin/api/api-tokens", json!({ "name": "x", "type": "read-only" })),
        ("GET", "/admin/api/api-tokens", json!({})),
        ("POST", "/admin/api/users", json!({ "email": "x@example.com", "roles": ["super-admin"] })),
        ("PUT", "/admin/api/users/1", json!({ "roles": ["super-admin"] })),
        ("POST", "/admin/api/users/1/invitation-link", json!({})),
        ("DELETE", "/admin/api/users/1/second-factor", json!({})),
        ("PUT", "/admin/api/roles/x", json!({ "name": "X", "actions": [] })),
        ("PUT", "/admin/api/content-roles/public", json!({ "permissions": {} })),
        ("PUT", "/admin/api/settings/auth", json!({ "registration": { "open": true } })),
        ("PUT", "/admin/api/me", json!({ "firstName": "x" })),
        ("POST", "/admin/api/me/password", json!({})),
        ("GET", "/admin/api/people", json!({})),
        ("GET", "/admin/api/people/names?ids=1", json!({})),
    ] {
        let answer = send(&token, method, path, &body.to_string()).await;
        assert_eq!(answer.status, 403, "{method} {path}: {}", answer.text());
    }
    let as_role = token.get_with("/admin/api/content-types", ("cairn-view-as", "editor")).await;
    assert_eq!(as_role.status, 403, "{}", as_role.text());
    // The token reads its own name, and that it is no person.
    let me = token.get("/admin/api/me").await.expect_status(200);
    assert_eq!(
        (&me.data()["id"], &me.data()["name"], &me.data()["roles"]),
        (&json!(null), &json!("tests"), &json!([]))
    );
    let session = token.get("/admin/api/session").await.expect_status(200);
    assert_eq!((&session.data()["signedIn"], &session.data()["permissions"]["isSuper"]), (&json!(true), &json!(false)));
    let names = session.data()["permissions"]["actions"].as_array().unwrap();
    assert!(!names.iter().any(|name| AdminAction::parse(name.as_str().unwrap()).unwrap().is_for_people()));
}
