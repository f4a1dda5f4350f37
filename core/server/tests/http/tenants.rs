//! Several tenants on one server: who is asked for, what is open, and that nothing of one is ever another's.

mod hosts;
mod isolation;
mod lifecycle;
mod matrix;

use cairn_testkit::{FULL_TOKEN, READ_TOKEN, TestProject, TestServer};
use serde_json::{Value as Json, json};

/// Hosts of the two tenants.
pub(crate) const A: &str = "a.example.com";
pub(crate) const B: &str = "b.example.com";

/// Settings of every tenant in these tests: the public reads everything, tokens are those of the default tenant.
pub(crate) fn settings() -> Json {
    let reads: Json = ["article", "author", "category", "page", "site"]
        .iter()
        .map(|t| (format!("api::{t}.{t}"), if *t == "site" { json!(["find"]) } else { json!(["find", "findOne"]) }))
        .collect();
    json!({
        "locales": { "default": "en", "available": ["en", "nl", "fr"] },
        "roles": { "public": { "permissions": reads } },
        "apiTokens": [
            { "name": "full", "type": "full-access", "token": FULL_TOKEN },
            { "name": "read", "type": "read-only", "token": READ_TOKEN },
        ],
        "adminTokens": [cairn_testkit::admin_token()],
    })
}

/// Two tenants beside the default one, with the same types, settings and tokens.
pub(crate) fn two_tenant_project() -> TestProject {
    let tenant = |host: &str| json!({ "hosts": [host], "settings": settings() });
    let tenants = json!({ "a": tenant(A), "b": tenant(B) });
    TestProject::newsroom().with_settings("roles", settings()["roles"].clone()).with_settings("tenants", tenants)
}

/// A server with [`two_tenant_project`].
pub(crate) async fn server() -> TestServer {
    TestServer::start_with(two_tenant_project()).await
}
