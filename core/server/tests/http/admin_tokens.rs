//! Admin tokens: what opens the admin API beside a session, how far, and until when.

mod attacks;
mod lifecycle;
mod routes;
mod settings;

use cairn_testkit::{TestClient, TestProject, TestServer};
use serde_json::{Value as Json, json};

const PASSWORD: &str = "a password of some length";
const TOKENS: &str = "/admin/api/admin-tokens";
/// Well within what a token lives at most.
const UNTIL: &str = "2026-06-01T00:00:00.000Z";

/// A server with a super admin, somebody who keeps tokens and reads the audit log, and an editor.
async fn server() -> TestServer {
    server_for(TestProject::newsroom()).await
}

async fn server_for(project: TestProject) -> TestServer {
    let server = TestServer::start_with(project).await;
    server
        .apply_settings(json!({
            "adminRoles": {
                "keeper": { "name": "Keeper", "actions": ["settings.api-tokens", "audit.read", "jobs.read"] },
            },
            "adminUsers": [
                { "email": "root@example.com", "password": PASSWORD, "roles": ["super-admin"] },
                { "email": "kim@example.com", "password": PASSWORD, "roles": ["keeper"] },
                { "email": "ed@example.com", "password": PASSWORD, "roles": ["editor"] },
            ],
        }))
        .await;
    server
}

async fn root(server: &TestServer) -> TestClient {
    server.sign_in_admin("root@example.com", PASSWORD).await
}

/// A new token of somebody: its number, and who sends it.
async fn create_token(by: &TestClient, name: &str, actions: &[&str], permissions: Json) -> (i64, TestClient) {
    let body = json!({ "name": name, "actions": actions, "permissions": permissions, "expiresAt": UNTIL });
    let answer = by.post(TOKENS, body).await.expect_status(201);
    let text = answer.data()["text"].as_str().unwrap();
    assert!(text.starts_with("cairn_adt_") && text.len() == 74, "{text}");
    (answer.id(), by.with_token(text))
}
