//! Malformed tokens, too many at once, and the tokens of others.

use super::{PASSWORD, TOKENS, create_token, root, server};
use crate::tenants::{A, B, settings};
use cairn_testkit::{ADMIN_TOKEN, TestProject, TestServer};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn malformed_or_misplaced_admin_tokens_are_rejected() {
    let server = server().await;
    let root = root(&server).await;
    let (_, token) = create_token(&root, "ci", &["audit.read"], json!({})).await;
    token.get("/admin/api/audit").await.expect_status(200);
    let ask = |header: Vec<u8>| {
        let request = server.public_client().request("GET", "/admin/api/audit").header("authorization", header);
        let server = &server;
        async move { server.public_client().send(request).await }
    };
    let long = |n: usize| format!("Bearer cairn_adt_{}", "a".repeat(n)).into_bytes();
    for header in [
        b"Bearer cairn_adt_".to_vec(),
        b"Bearer cairn_adt_\xff\xfe".to_vec(),
        b"Bearer cairn_adt_' OR 1=1 --".to_vec(),
        b"Bearer cairn_adt_%00".to_vec(),
        format!("Bearer {}", &ADMIN_TOKEN[..ADMIN_TOKEN.len() - 1]).into_bytes(),
        format!("Bearer {ADMIN_TOKEN}0").into_bytes(),
        format!("Bearer {}", ADMIN_TOKEN.to_uppercase()).into_bytes(),
        format!("Bearer {ADMIN_TOKEN}, Bearer {ADMIN_TOKEN}").into_bytes(),
        format!("Bearer {ADMIN_TOKEN} {ADMIN_TOKEN}").into_bytes(),
        format!("Basic {ADMIN_TOKEN}").into_bytes(),
        ADMIN_TOKEN.as_bytes().to_vec(),
        long(64),
        long(1_100),
        long(9_000),
        long(60_000),
    ] {
        let text = String::from_utf8_lossy(&header[..header.len().min(80)]).into_owned();
        let answer = ask(header).await;
        assert_eq!(answer.status, 401, "{text}: {}", answer.text());
        answer.assert_envelope();
    }
    ask(format!("bearer  {ADMIN_TOKEN} ").into_bytes()).await.expect_status(200);
    // Twice is not once.
    let twice = format!(
        "GET /admin/api/audit HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {ADMIN_TOKEN}\r\nAuthorization: Bearer {ADMIN_TOKEN}\r\nConnection: close\r\n\r\n"
    );
    assert_eq!(server.send_raw(twice).await.status(), 401);
    // Browsers send cookies for whatever page asks them to.
    for path in ["/admin/api/audit", "/admin/api/events"] {
        let cookie = format!("cairn_admin={ADMIN_TOKEN}");
        let answer = server.public_client().get_with(path, ("cookie", &cookie)).await;
        assert_eq!(answer.status, 401, "{}", answer.text());
    }
    // The content API knows no admin tokens, but for its routes of files, as with sessions.
    token.get("/api/articles").await.expect_error(401, "Missing or invalid credentials");
    token.get("/api/upload/files").await.expect_status(403);
    let (_, files) = create_token(&root, "files", &["media.read"], json!({})).await;
    files.get("/api/upload/files").await.expect_status(200);
    assert_eq!(files.upload_file("a.txt", "text/plain", b"x").await.status, 403);
}

/// Of many who remove a token at the same time one did; who uses it meanwhile is let in or not, and afterwards nobody.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_token_changes_succeed_once() {
    let server = server().await;
    let root = root(&server).await;
    for round in 0..5 {
        let (id, token) = create_token(&root, &format!("round {round}"), &["audit.read"], json!({})).await;
        let path = format!("{TOKENS}/{id}");
        let removed = (0..8).map(|_| root.delete(&path));
        let used = (0..8).map(|_| token.get("/admin/api/audit"));
        let (removed, used) =
            tokio::join!(futures_util::future::join_all(removed), futures_util::future::join_all(used));
        let mut statuses: Vec<u16> = removed.iter().map(|answer| answer.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [204, 404, 404, 404, 404, 404, 404, 404]);
        assert!(used.iter().all(|answer| [200, 401].contains(&answer.status)), "{used:?}");
        token.get("/admin/api/audit").await.expect_status(401);
    }
    // A name is given once, whoever is first.
    let body = json!({ "name": "one", "actions": [], "expiresAt": super::UNTIL });
    let answers = futures_util::future::join_all((0..8).map(|_| root.post(TOKENS, body.clone()))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    assert_eq!(answers.iter().filter(|answer| answer.status == 400).count(), 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn admin_tokens_are_valid_for_one_tenant_only() {
    let mut own = settings();
    own["adminTokens"] = json!([]);
    own["adminUsers"] = json!([{ "email": "root@example.com", "password": PASSWORD, "roles": ["super-admin"] }]);
    let tenants = json!({ "a": { "hosts": [A], "settings": own }, "b": { "hosts": [B], "settings": own } });
    let server = TestServer::start_with(TestProject::newsroom().with_settings("tenants", tenants)).await;
    let (a, b) = (server.with_host(A), server.with_host(B));
    let of_a = a.sign_in_admin("root@example.com", PASSWORD).await;
    let of_b = b.sign_in_admin("root@example.com", PASSWORD).await;
    // The same numbers, names and owners in both.
    let (_, token) = create_token(&of_a, "ci", &["audit.read"], json!({})).await;
    let (_, other) = create_token(&of_b, "ci", &["audit.read"], json!({})).await;
    token.get("/admin/api/audit").await.expect_status(200);
    other.get("/admin/api/audit").await.expect_status(200);
    for (client, host) in
        [(&token, B), (&other, A), (&token, "elsewhere.example"), (&server.with_token(ADMIN_TOKEN), A)]
    {
        client.with_host(host).get("/admin/api/audit").await.expect_error(401, "Missing or invalid credentials");
    }
    of_b.delete(&format!("{TOKENS}/1")).await.expect_status(204);
    token.get("/admin/api/audit").await.expect_status(200);
}
