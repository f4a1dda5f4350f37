//! Webhooks against a real receiver: what is sent, how it is signed, and what becomes of a receiver that fails.

mod admin;
mod batches;
mod failures;
mod receiver;
mod sending;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cairn_testkit::{TestProject, TestServer};
use receiver::{ReceivedRequest, Receiver};
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

/// A server that may send to receivers on this machine.
async fn server() -> TestServer {
    TestServer::start_configured(TestProject::newsroom(), |config| {
        config.webhooks.allow_private = vec!["127.0.0.1".into()];
    })
    .await
}

/// Makes a webhook; its number and secret.
async fn create_webhook(server: &TestServer, receiver: &Receiver, extra_fields: Json) -> (i64, String) {
    let mut body = json!({ "name": format!("hook {}", receiver.address.port()), "url": receiver.url("/hook") });
    for (key, value) in extra_fields.as_object().unwrap() {
        body[key] = value.clone();
    }
    let answer = server.post("/admin/api/webhooks", body).await.expect_status(201);
    (answer.id(), answer.data()["secret"].as_str().unwrap_or_default().to_owned())
}

async fn create_article(server: &TestServer, title: &str) -> String {
    server.post("/api/articles", json!({ "data": { "title": title } })).await.expect_status(201).document_id()
}

/// HMAC-SHA-256 as RFC 2104 has it, written down here so that it shares nothing with what is tested.
fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut block = [0_u8; 64];
    match key.len() {
        0..=64 => block[..key.len()].copy_from_slice(key),
        _ => block[..32].copy_from_slice(&Sha256::digest(key)),
    }
    let inner = Sha256::new().chain_update(block.map(|b| b ^ 0x36)).chain_update(message).finalize();
    Sha256::new().chain_update(block.map(|b| b ^ 0x5c)).chain_update(inner).finalize().to_vec()
}

/// Verifies a request as Standard Webhooks tells its receiver to: `now` in seconds.
fn verify_signature(request: &ReceivedRequest, secret: &str, now: i64) -> Result<(), &'static str> {
    let key = STANDARD.decode(secret.strip_prefix("whsec_").ok_or("no secret")?).map_err(|_| "no secret")?;
    let (id, timestamp) = (request.header("webhook-id"), request.header("webhook-timestamp"));
    let sent_at: i64 = timestamp.parse().map_err(|_| "no timestamp")?;
    if (now - sent_at).abs() > 300 {
        return Err("too old");
    }
    let message = [format!("{id}.{timestamp}.").as_bytes(), &request.body].concat();
    let expected = STANDARD.encode(hmac(&key, &message));
    let mut signatures = request.header("webhook-signature").split(' ').filter_map(|s| s.strip_prefix("v1,"));
    if signatures.any(|s| s == expected) { Ok(()) } else { Err("wrong signature") }
}
