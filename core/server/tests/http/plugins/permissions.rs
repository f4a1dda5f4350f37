//! Permissions to look at plugins and manage them, and permissions that plugins declare.

use super::{PLUGINS, allow_package, install, stage};
use cairn_testkit::TestServer;
use serde_json::{Value as Json, json};

const PASSWORD: &str = "a password of some length";

/// Method, address, and whether it changes something.
const ROUTES: [(&str, &str, bool); 23] = [
    ("GET", "", false),
    ("POST", "", true),
    ("POST", "/packages", true),
    ("DELETE", "/packages/x", true),
    ("GET", "/allow", false),
    ("DELETE", "/allow", true),
    ("POST", "/allow/enable", true),
    ("POST", "/allow/disable", true),
    ("POST", "/allow/rollback", true),
    ("GET", "/allow/settings", false),
    ("PUT", "/allow/settings", true),
    ("PUT", "/allow/secrets/x", true),
    ("DELETE", "/allow/secrets/x", true),
    ("PUT", "/allow/signing-keys/x", true),
    ("DELETE", "/allow/signing-keys/x", true),
    ("PUT", "/allow/grants", true),
    ("GET", "/allow/logs", false),
    ("GET", "/allow/calls", false),
    ("GET", "/allow/calls/x", false),
    ("DELETE", "/allow/calls/x", true),
    ("POST", "/allow/calls/x/replay", true),
    ("GET", "/allow/export", true),
    ("DELETE", "/allow/calls", true),
];

async fn server(change: impl Fn(String) -> String) -> TestServer {
    let server = TestServer::start().await;
    let staged = stage(&server, &allow_package("1.0.0", None, change)).await.expect_status(201);
    install(&server, &staged, json!({ "unsigned": true })).await.expect_status(201);
    server
        .apply_settings(json!({
            "adminRoles": {
                "looker": { "actions": ["plugins.read"] },
                "manager": { "actions": ["plugins.read", "plugins.manage"] },
                "other": { "actions": ["audit.read"] },
                "boarder": { "actions": ["plugin::allow.board.read"] },
            },
            "adminUsers": (["looker", "manager", "other", "boarder"].map(|role| {
                json!({ "email": format!("{role}@example.com"), "password": PASSWORD, "roles": [role] })
            })),
        }))
        .await;
    server
}

async fn send_request(client: &cairn_testkit::TestClient, method: &str, path: &str) -> cairn_testkit::TestResponse {
    client.send(client.request(method, &format!("{PLUGINS}{path}"))).await
}

#[tokio::test(flavor = "multi_thread")]
async fn reading_and_managing_plugins_require_separate_permissions() {
    let server = server(|text| text).await;
    let read_state = async || {
        let test_answer = server.get(&format!("{PLUGINS}/allow")).await.expect_status(200);
        ["state", "version", "grants", "secrets", "changedAt"].map(|part| test_answer.data()[part].clone())
    };
    let before = read_state().await;
    let invalid_client = server.with_token("nonsense");
    let (looker, other) = (
        server.sign_in_admin("looker@example.com", PASSWORD).await,
        server.sign_in_admin("other@example.com", PASSWORD).await,
    );
    for (method, path, changes) in ROUTES {
        for nobody in [&server.public_client(), &invalid_client, &server.read_only()] {
            let answer = send_request(nobody, method, path).await;
            assert!(matches!(answer.status, 401 | 403), "{method} {path}: {}", answer.status);
        }
        let answer = send_request(&other, method, path).await.expect_status(403);
        let lacked = if changes { "plugins.manage" } else { "plugins.read" };
        assert_eq!(answer.details()["action"], lacked, "{method} {path}");
        let looker_answer = send_request(&looker, method, path).await;
        assert_eq!(looker_answer.status == 403, changes, "{method} {path}: {}", looker_answer.text());
    }
    assert_eq!(read_state().await, before);
    let manager = server.sign_in_admin("manager@example.com", PASSWORD).await;
    manager.post(&format!("{PLUGINS}/allow/disable"), json!({})).await.expect_status(200);
    manager.post(&format!("{PLUGINS}/allow/enable"), json!({})).await.expect_status(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn plugin_changes_require_the_csrf_token() {
    let server = server(|text| text).await;
    let mut browser = server.new_browser();
    browser.sign_in("manager@example.com", PASSWORD).await.expect_status(200);
    browser.get(PLUGINS).await.expect_status(200);
    browser.csrf = String::new();
    browser.post(&format!("{PLUGINS}/allow/disable"), json!({})).await.expect_status(403);
    assert_eq!(server.get(&format!("{PLUGINS}/allow")).await.data()["state"], "enabled");
}

#[tokio::test(flavor = "multi_thread")]
async fn permissions_declared_by_plugins_are_granted_by_roles() {
    let board = |text: String| {
        format!(
            "{text}\n[[permission]]\nname = \"board.read\"\ntitle = \"See the board\"\n\n[[route]]\nname = \"echo-admin\"\nmethod = \"POST\"\npath = \"/admin-echo/{{word}}\"\nauth = \"admin\"\npermission = \"board.read\"\n"
        )
    };
    let server = server(board).await;
    let root = server.super_admin().await;
    let actions = root.get("/admin/api/roles/actions").await.expect_status(200);
    let listed = actions.data().as_array().unwrap().iter().find(|a| a["code"] == "plugin::allow.board.read");
    assert!(listed.is_some_and(|a| a["description"].as_str().unwrap().contains("See the board")), "{}", actions.text());
    let (boarder, other) = (
        server.sign_in_admin("boarder@example.com", PASSWORD).await,
        server.sign_in_admin("other@example.com", PASSWORD).await,
    );
    let path = "/api/allow/admin-echo/x";
    let lacks = other.post(path, json!({})).await.expect_status(403);
    assert_eq!(lacks.details()["action"], "plugin::allow.board.read", "{}", lacks.text());
    assert_eq!(lacks.details()["roles"], json!(["super-admin", "boarder"]));
    assert_ne!(boarder.post(path, json!({})).await.status, 403);
    server.public_client().post(path, json!({})).await.expect_status(401);
    // A role shows it, and only what has a plugin's form is taken.
    let role = root.get("/admin/api/roles/boarder").await.expect_status(200);
    assert_eq!(role.data()["actions"], json!(["plugin::allow.board.read"]));
    for bad in ["plugin::allow", "plugin::allow.", "plugin::Allow.x", "allow.board.read", "plugin::allow.a b"] {
        root.put("/admin/api/roles/boarder", json!({ "actions": [bad] })).await.expect_status(400);
    }
    // A user cannot put a permission into a role that they lack themselves.
    server
        .apply_settings(json!({
            "adminRoles": { "roles": { "actions": ["settings.roles"] } },
            "adminUsers": [{ "email": "roles@example.com", "password": PASSWORD, "roles": ["roles"] }],
        }))
        .await;
    let roles = server.sign_in_admin("roles@example.com", PASSWORD).await;
    let input: Json = json!({ "actions": ["settings.roles", "plugin::allow.board.read"] });
    roles.put("/admin/api/roles/roles", input).await.expect_status(403);
}

#[tokio::test(flavor = "multi_thread")]
async fn plugins_receive_the_roles_of_the_caller() {
    let echo = |auth: &str, extra_toml: &str| {
        let (auth, extra_toml) = (format!("path = \"/echo/{{word}}\"\nauth = {auth}"), extra_toml.to_owned());
        move |text: String| text.replace("path = \"/echo/{word}\"\nauth = \"none\"", &auth) + &extra_toml
    };
    let permission = "\n[[permission]]\nname = \"board.read\"\ntitle = \"See the board\"\n";
    let admin_server = server(echo("\"admin\"\npermission = \"board.read\"", permission)).await;
    let boarder = admin_server.sign_in_admin("boarder@example.com", PASSWORD).await;
    let answer = boarder.post("/api/allow/echo/x", json!({})).await.expect_status(200);
    assert_eq!(answer.body["call"]["actor"]["roles"], json!(["boarder"]), "{}", answer.text());
    let user_server = TestServer::start().await;
    let eva = user_server.create_user("eva", "authenticated", json!({})).await;
    let staged = stage(&user_server, &allow_package("1.0.0", None, echo("\"user\"", ""))).await.expect_status(201);
    install(&user_server, &staged, json!({ "unsigned": true })).await.expect_status(201);
    let test_answer = eva.post("/api/allow/echo/x", json!({})).await.expect_status(200);
    let actor = &test_answer.body["call"]["actor"];
    assert_eq!(
        (&actor["kind"], &actor["roles"]),
        (&json!("user"), &json!(["authenticated"])),
        "{}",
        test_answer.text()
    );
}
