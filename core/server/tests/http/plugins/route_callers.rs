//! Callers that plugins' routes admit: each kind of credentials at routes that admit several kinds, and the permissions that routes need.

use super::{allow_package, install, stage};
use crate::tenants::{B, server as server_of_tenants};
use cairn_testkit::{FULL_TOKEN, TestClient, TestServer};
use serde_json::{Value as Json, json};

const PASSWORD: &str = "a password of some length";
const WITH: &str = "token-with-the-permission";
const ADMIN_TOKEN_WITH: &str = "cairn_adt_0123456789abcdef0123456789abcdef";
const WITHOUT: &str = "token-without-a-permission";
/// Where the route is that users, tokens and admins may call who have its permission.
const ECHO: &str = "/api/allow/echo/x";

/// The guest with a route for users, tokens and admins with a permission, one for users and tokens, one for tokens and admins with it.
fn mixed_routes(text: String) -> String {
    let auth = |path: &str, auth: &str| {
        (format!("path = \"{path}\"\nauth = \"none\""), format!("path = \"{path}\"\nauth = {auth}"))
    };
    let permission = "permission = \"board.read\"";
    let routes = [
        auth("/echo/{word}", &format!("[\"user\", \"token\", \"admin\"]\n{permission}")),
        auth("/read-notes", "[\"token\", \"user\"]"),
        auth("/large", &format!("[\"admin\", \"token\"]\n{permission}")),
    ];
    let text = routes.into_iter().fold(text, |text, (before, after)| text.replace(&before, &after));
    text + "\n[[permission]]\nname = \"board.read\"\ntitle = \"See the board\"\n"
}

async fn install_mixed_routes(client: &TestClient) {
    let staged = stage(client, &allow_package("1.0.0", None, mixed_routes)).await.expect_status(201);
    install(client, &staged, json!({ "unsigned": true })).await.expect_status(201);
}

fn custom_token(text: &str, permissions: Json) -> Json {
    json!({ "name": text, "type": "custom", "token": text, "permissions": permissions })
}

async fn server() -> TestServer {
    let server = TestServer::start().await;
    install_mixed_routes(&server).await;
    let admin = |role: &str| json!({ "email": format!("{role}@example.com"), "password": PASSWORD, "roles": [role] });
    let board = json!({ "plugin::allow": ["board.read"] });
    server
        .apply_settings(json!({
            "roles": { "boarder": { "name": "Boarder", "permissions": board } },
            "apiTokens": [custom_token(WITH, board.clone()), custom_token(WITHOUT, json!({ "api::page.page": ["find"] }))],
            "adminRoles": {
                "boarder": { "actions": ["plugin::allow.board.read"] },
                "other": { "actions": ["audit.read"] },
            },
            "adminUsers": [admin("boarder"), admin("other")],
            "adminTokens": [{
                "name": "boarder",
                "token": ADMIN_TOKEN_WITH,
                "actions": ["plugin::allow.board.read"],
                "expiresAt": "2027-01-02T00:00:00Z",
            }],
        }))
        .await;
    server
}

/// A new user of the server as it is after the installation.
async fn signed_in_user(server: &TestServer, name: &str, role: &str) -> TestClient {
    server.add_user(name, role, json!({})).await;
    let body = json!({ "identifier": name, "password": "Passw0rd!" });
    let answer = server.public_client().post("/api/auth/local", body).await.expect_status(200);
    server.with_token(answer.body["jwt"].as_str().unwrap())
}

/// The statuses of the three routes.
async fn statuses(client: &TestClient) -> [u16; 3] {
    [
        client.post(ECHO, json!({})).await.status,
        client.get("/api/allow/read-notes").await.status,
        client.get("/api/allow/large").await.status,
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_decide_which_routes_admit_their_owners() {
    let server = server().await;
    for (name, client, expected) in [
        ("nobody", server.public_client(), [401, 401, 401]),
        ("a full-access token", server.with_token(FULL_TOKEN), [200, 200, 200]),
        ("a read-only token", server.read_only(), [403, 200, 403]),
        ("a token with the permission", server.with_token(WITH), [200, 200, 200]),
        ("a token without it", server.with_token(WITHOUT), [403, 200, 403]),
        ("a user with it", signed_in_user(&server, "eva", "boarder").await, [200, 200, 403]),
        ("a user without it", signed_in_user(&server, "ann", "authenticated").await, [403, 200, 403]),
        ("an admin with it", server.sign_in_admin("boarder@example.com", PASSWORD).await, [200, 401, 200]),
        ("an admin without it", server.sign_in_admin("other@example.com", PASSWORD).await, [403, 401, 403]),
        ("an admin token", server.with_token(ADMIN_TOKEN_WITH), [200, 401, 200]),
        ("an unknown token", server.with_token("nonsense"), [401, 401, 401]),
        ("an unknown admin token", server.with_token("cairn_adt_ffff"), [401, 401, 401]),
    ] {
        assert_eq!(statuses(&client).await, expected, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn plugins_learn_which_kind_of_caller_it_is() {
    let server = server().await;
    let kind = async |client: &TestClient, path: &str| {
        let answer = client.post(path, json!({})).await.expect_status(200);
        answer.body["call"]["actor"]["kind"].as_str().unwrap().to_owned()
    };
    assert_eq!(kind(&server.with_token(WITH), ECHO).await, "token");
    assert_eq!(kind(&signed_in_user(&server, "eva", "boarder").await, ECHO).await, "user");
    let admin = server.sign_in_admin("boarder@example.com", PASSWORD).await;
    assert_eq!(kind(&admin, ECHO).await, "admin");
    // Routes below the admin's own path are for admins alone.
    let within = |path: &str| format!("/admin/api/plugin-routes/allow{path}");
    assert_eq!(kind(&admin, &within("/echo/x")).await, "admin");
    admin.get(&within("/read-notes")).await.expect_status(403);
    server.with_token(WITH).post(&within("/echo/x"), json!({})).await.expect_status(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_name_the_permission_that_is_lacking() {
    let server = server().await;
    for client in [server.with_token(WITHOUT), signed_in_user(&server, "ann", "authenticated").await] {
        let refused = client.post(ECHO, json!({})).await.expect_status(403);
        assert_eq!(refused.message(), "This requires the permission \"See the board\"");
        assert_eq!(refused.details(), &json!({ "action": "plugin::allow.board.read", "title": "See the board" }));
    }
    // Of the wrong kind of caller there is nothing to be said.
    let eva = signed_in_user(&server, "eva", "boarder").await;
    let refused = eva.get("/api/allow/large").await.expect_status(403);
    assert_eq!((refused.message(), refused.details()), ("Forbidden", &json!({})));
}

#[tokio::test(flavor = "multi_thread")]
async fn revoked_permissions_and_tokens_count_at_once() {
    let server = server().await;
    let (token, eva) = (server.with_token(WITH), signed_in_user(&server, "eva", "boarder").await);
    assert_eq!((statuses(&token).await, statuses(&eva).await), ([200, 200, 200], [200, 200, 403]));
    server
        .apply_settings(json!({
            "roles": { "boarder": { "permissions": { "api::page.page": ["find"] } } },
            "apiTokens": [{ "name": WITH, "permissions": { "plugin::other": ["board.read"] } }],
        }))
        .await;
    assert_eq!((statuses(&token).await, statuses(&eva).await), ([403, 200, 403], [403, 200, 403]));
    server.apply_settings(json!({ "apiTokens": [{ "name": WITH, "token": null }] })).await;
    assert_eq!(statuses(&token).await, [401, 401, 401]);
}

#[tokio::test(flavor = "multi_thread")]
async fn callers_of_another_tenant_are_not_admitted() {
    let server = server_of_tenants().await;
    let b = server.with_host(B);
    install_mixed_routes(&server).await;
    let tokens = json!([custom_token(WITH, json!({ "plugin::allow": ["board.read"] }))]);
    server.apply_settings(json!({ "tenants": { "b": { "settings": { "apiTokens": tokens } } } })).await;
    b.add_user("eva", "authenticated", json!({})).await;
    let body = json!({ "identifier": "eva", "password": "Passw0rd!" });
    let signed_in = b.without_token().post("/api/auth/local", body).await.expect_status(200);
    let eva = signed_in.body["jwt"].as_str().unwrap();
    for credential in [WITH, eva] {
        b.with_token(credential).get(ECHO).await.expect_status(404);
        assert_eq!(statuses(&server.with_token(credential)).await, [401, 401, 401]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn content_roles_and_tokens_list_permissions_of_plugins() {
    let server = server().await;
    let root = server.super_admin().await;
    let role = root.get("/admin/api/content-roles/boarder").await.expect_status(200);
    assert_eq!(role.data()["permissions"]["plugin::allow"], json!({ "board.read": {} }));
    // Edited like others, and listed by those who edit them.
    let change = json!({ "permissions": { "plugin::allow": ["board.read"], "plugin::away": { "tea.make": {} } } });
    let changed = root.put("/admin/api/content-roles/boarder", change).await.expect_status(200);
    assert_eq!(changed.data()["permissions"]["plugin::away"], json!({ "tea.make": {} }));
    for invalid in
        [json!({ "plugin::allow": ["Board"] }), json!({ "plugin::allow": { "board.read": { "fields": ["a"] } } })]
    {
        root.put("/admin/api/content-roles/boarder", json!({ "permissions": invalid })).await.expect_status(400);
    }
    let listed = root.get("/admin/api/plugin-permissions").await.expect_status(200);
    let permission = json!({ "name": "board.read", "title": "See the board" });
    assert_eq!(listed.data(), &json!([{ "plugin": "allow", "name": "Allow", "permissions": [permission] }]));
    server
        .sign_in_admin("other@example.com", PASSWORD)
        .await
        .get("/admin/api/plugin-permissions")
        .await
        .expect_status(403);
    let routes = root.get("/admin/api/plugins/allow").await.expect_status(200).data()["routes"].clone();
    let echo = routes.as_array().unwrap().iter().find(|route| route["name"] == "echo").unwrap();
    assert_eq!((&echo["auth"], &echo["permission"]), (&json!(["user", "token", "admin"]), &json!("board.read")));
}

/// The three routes that the description of the API has.
async fn described(client: &TestClient) -> [bool; 3] {
    let document = client.get("/api/openapi.json").await.expect_status(200).body;
    let has = |path: &str, method: &str| document["paths"][path][method].is_object();
    [has("/api/allow/echo/{word}", "post"), has("/api/allow/read-notes", "get"), has("/api/allow/large", "get")]
}

#[tokio::test(flavor = "multi_thread")]
async fn routes_are_described_to_those_whom_they_admit() {
    let server = server().await;
    for (name, client) in [
        ("nobody", server.public_client()),
        ("a full-access token", server.with_token(FULL_TOKEN)),
        ("a read-only token", server.read_only()),
        ("a token with the permission", server.with_token(WITH)),
        ("a token without it", server.with_token(WITHOUT)),
        ("a user with it", signed_in_user(&server, "eva", "boarder").await),
        ("a user without it", signed_in_user(&server, "ben", "authenticated").await),
    ] {
        let admitted = statuses(&client).await.map(|status| status == 200);
        assert_eq!(described(&client).await, admitted, "{name}");
    }
    // A plugin that is switched off has no routes, and the description follows.
    let client = server.with_token(FULL_TOKEN);
    server.post("/admin/api/plugins/allow/disable", json!({})).await.expect_status(200);
    assert_eq!(described(&client).await, [false; 3]);
    server.post("/admin/api/plugins/allow/enable", json!({})).await.expect_status(200);
    assert_eq!(described(&client).await, [true; 3]);
}
