//! Separation of tenants: cached responses, ETags, unique values, limits on guessing, settings, types, the page for people.

use super::{A, B, server, settings, two_tenant_project};
use cairn_testkit::{SchemaBuilder, TestProject, TestServer, extend_limit};
use serde_json::{Value as Json, json};
use std::time::{Duration, Instant};

#[tokio::test(flavor = "multi_thread")]
async fn cached_responses_and_etags_are_separate_per_tenant() {
    let server = server().await;
    let (a, b) = (server.with_host(A), server.with_host(B));
    for path in ["/api/articles", "/api/articles?populate=*", "/api/articles?sort=title", "/"] {
        let (public_a, public_b) = (a.without_token(), b.without_token());
        // Repeated reads put the empty responses of both into the cache.
        for client in [&public_a, &public_b, &public_a, &public_b] {
            client.get(path).await.expect_status(200);
        }
        let document_id = b.create_entry("/api/articles", json!({"title": "of b"})).await.document_id();
        for _ in 0..3 {
            assert!(!public_a.get(path).await.text().contains("of b"), "{path}");
            if path != "/" {
                let of_b = public_b.get(path).await.expect_status(200);
                assert!(of_b.text().contains("of b"), "{path}");
                // B's tag says nothing of A's answer.
                let etag = of_b.header("etag").to_owned();
                let of_a = public_a.get_with(path, ("if-none-match", &etag)).await.expect_status(200);
                assert_ne!(of_a.header("etag"), etag);
                assert_eq!(public_b.get_with(path, ("if-none-match", &etag)).await.status, 304);
            }
        }
        b.delete(&format!("/api/articles/{document_id}")).await.expect_status(204);
    }
    // Compressed answers come through the other look-up.
    b.create_entry("/api/articles", json!({"title": "of b"})).await;
    for _ in 0..3 {
        for (client, expected) in [(&a, 0), (&b, 1)] {
            let answer = client.without_token().get_with("/api/articles", ("accept-encoding", "identity")).await;
            assert_eq!(answer.pagination_total(), expected);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn unique_values_are_unique_within_a_tenant() {
    let server = server().await;
    let (a, b) = (server.with_host(A), server.with_host(B));
    for client in [&b, &a] {
        client.create_entry("/api/articles", json!({"title": "x", "slug": "one-slug"})).await;
        client.add_user("ann", "authenticated", json!({})).await;
        let answer = client.post("/api/articles", json!({"data": {"title": "y", "slug": "one-slug"}})).await;
        assert_eq!(answer.status, 400, "{}", answer.text());
    }
    let ids = [a.get("/api/users").await, b.get("/api/users").await].map(|u| u.body[0]["documentId"].clone());
    assert_ne!(ids[0], ids[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn sign_in_limits_are_per_tenant_and_survive_closing() {
    let server = server().await;
    for host in [A, B] {
        server.with_host(host).add_user("ann", "authenticated", json!({})).await;
    }
    let sign_in = async |host: &str, password: &str| {
        let body = json!({"identifier": "ann", "password": password});
        server.with_host(host).without_token().post("/api/auth/local", body).await.status
    };
    for _ in 0..5 {
        assert_eq!(sign_in(A, "wrong").await, 400);
    }
    assert_eq!((sign_in(A, "Passw0rd!").await, sign_in(B, "Passw0rd!").await), (429, 200));
    // Ten minutes are less than the limit lasts, and enough to close the tenant.
    server.process.close_idle_tenants();
    server.advance_clock(std::time::Duration::from_secs(601));
    super::lifecycle::wait_until_open(&server, &[]).await;
    assert_eq!((sign_in(A, "Passw0rd!").await, sign_in(B, "Passw0rd!").await), (429, 200));
    server.advance_clock(std::time::Duration::from_secs(300));
    assert_eq!(sign_in(A, "Passw0rd!").await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_apply_to_one_tenant_only() {
    let server = server().await;
    server
        .apply_settings(json!({"tenants": {"a": {"displayName": "Mr. <DJ>", "settings": {
            "locales": {"default": "nl", "available": ["nl"]},
            "roles": {"public": {"permissions": {"api::article.article": ["find"]}}},
            "theme": {"accent": "#A1B2C3", "favicon": "/uploads/of-a.png"},
            "mail": {"fromName": "Mr. DJ", "from": "post@mrdj.example"},
        }}}}))
        .await;
    let codes = async |host: &str| {
        let list = server.with_host(host).get("/api/i18n/locales").await.body;
        list.as_array().unwrap().iter().map(|l| l["code"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!((codes(A).await, codes(B).await), (vec!["nl".to_owned()], vec!["en".into(), "nl".into(), "fr".into()]));
    server.with_host(A).without_token().get("/api/authors").await.expect_error(403, "Forbidden");
    server.with_host(B).without_token().get("/api/authors").await.expect_status(200);
    server.public_client().get("/api/authors").await.expect_status(200);
    // The page for people.
    let page = async |host: &str| server.with_host(host).without_token().get("/").await.expect_status(200).text();
    let (of_a, of_b) = (page(A).await, page(B).await);
    assert!(of_a.contains("<h1>Mr. &lt;DJ&gt;</h1>") && of_a.contains("#a1b2c3"), "{of_a}");
    assert!(of_b.contains("<h1>b</h1>") && !of_b.contains("#a1b2c3"), "{of_b}");
    assert!(of_a.contains("<a href=\"/admin\">"), "{of_a}");
    // The icon that every browser asks for: the tenant's own, or Cairn's.
    let icon_of_a =
        server.send_raw(format!("GET /favicon.ico HTTP/1.1\r\nHost: {A}\r\nConnection: close\r\n\r\n")).await;
    assert_eq!(icon_of_a.status(), 302, "{}", icon_of_a.text);
    assert!(icon_of_a.text.to_ascii_lowercase().contains("location: /uploads/of-a.png\r\n"), "{}", icon_of_a.text);
    let icon_of_b = server.with_host(B).without_token().get("/favicon.ico").await.expect_status(200);
    assert_eq!(icon_of_b.header("content-type"), "image/svg+xml");
    assert!(icon_of_b.text().starts_with("<svg "), "{}", icon_of_b.text());
    // Commands to try name the tenant's own host.
    assert!(of_a.contains(&format!("http://{A}:")) && !of_a.contains(B), "{of_a}");
    let a = server.process.open_tenant("a").await.unwrap();
    assert_eq!(cairn_settings::mail_identity(&a.access).from_name.as_deref(), Some("Mr. DJ"));
    assert_eq!(cairn_settings::mail_identity(&server.app.access).from_name, None);
}

fn project_with_tenant_types() -> TestProject {
    let deal = SchemaBuilder::collection(
        "deal",
        json!({
            "name": {"type": "string"},
            "about": {"type": "relation", "relation": "manyToOne", "target": "api::article.article"},
        }),
    );
    let mut own = settings();
    own["roles"]["public"]["permissions"]["api::deal.deal"] = json!(["find"]);
    let tenants = json!({"a": {"hosts": [A], "settings": own}, "b": {"hosts": [B], "settings": settings()}, "c": {"hosts": ["c"]}});
    TestProject::newsroom().with_tenant_type("a", deal).with_settings("tenants", tenants)
}

#[tokio::test(flavor = "multi_thread")]
async fn tenants_can_have_their_own_content_types() {
    let server = TestServer::start_with(project_with_tenant_types()).await;
    let a = server.with_host(A);
    let article = a.create_entry("/api/articles", json!({"title": "shared"})).await.document_id();
    a.create_entry("/api/deals", json!({"name": "one", "about": article})).await;
    let deals = a.without_token().get("/api/deals?populate=about").await;
    assert_eq!(deals.data()[0]["about"]["title"], "shared");
    for host in [B, "c", "default"] {
        assert_eq!(server.with_host(host).get("/api/deals").await.status, 404);
        assert_eq!(server.with_host(host).without_token().get("/api/deals").await.status, 404);
    }
    // Tenants without types of their own share one model in memory.
    let registry = async |name: &str| server.process.open_tenant(name).await.unwrap().content.registry().clone();
    let (of_a, of_b, of_c) = (registry("a").await, registry("b").await, registry("c").await);
    assert!(std::sync::Arc::ptr_eq(&of_b, &of_c) && std::sync::Arc::ptr_eq(&of_b, server.app.content.registry()));
    assert!(!std::sync::Arc::ptr_eq(&of_a, &of_b));
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_tenant_types_affect_only_that_tenant() {
    let server = TestServer::start_with(project_with_tenant_types()).await;
    let file = "tenants/c/content-types/api/x/content-types/x/schema.json";
    let path = server.project.path().join(file);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, "{").unwrap();
    let c = server.with_host("c");
    let refused = c.get("/api/articles").await;
    refused.assert_envelope();
    assert_eq!((refused.status, refused.header("retry-after")), (503, "1"));
    assert!(!refused.text().contains("schema.json"), "{}", refused.text());
    server.with_host(A).get("/api/articles").await.expect_status(200);
    // The error of applying settings names the file.
    let settings: Json = json!({"tenants": {"c": {"settings": {"locales": {"default": "nl", "available": ["nl"]}}}}});
    let failure = server.process.apply_settings(&settings.to_string(), &|_| None).await.unwrap_err().to_string();
    assert!(failure.contains(file) && failure.contains("tenants.c.settings"), "{failure}");
    std::fs::remove_dir_all(server.project.path().join("tenants/c")).unwrap();
    // A tenant that could not be opened is tried again after a moment.
    let began = Instant::now();
    while c.without_token().get("/api/articles").await.status == 503 {
        assert!(began.elapsed() < extend_limit(Duration::from_secs(10)), "it is not opened again");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    c.without_token().get("/api/articles").await.expect_error(403, "Forbidden");
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_tenant_settings_change_no_tenant() {
    let server = TestServer::start_with(two_tenant_project()).await;
    let before = (server.dump_at_host("a", A).await, server.dump_at_host("b", B).await);
    for (file, part) in [
        (
            json!({"tenants": {"a": {"settings": {"locales": {"default": "nl", "available": ["nl"]}}}, "c": {"hosts": [B]}}}),
            "tenants.c.hosts",
        ),
        (
            json!({"tenants": {"a": {"settings": {"locales": {"default": "nl", "available": ["nl"]}}}, "C": {}}}),
            "tenants.C",
        ),
        (
            json!({"tenants": {"a": {"settings": {"auth": {"registration": {"defaultRole": "none"}}}}}}),
            "tenants.a.settings",
        ),
        (json!({"tenants": {"default": null}}), "tenants.default"),
        (json!({"tenants": {"a": {"settings": {"tenants": {}}}}}), "tenants.a.settings.tenants"),
    ] {
        let failure = server.process.apply_settings(&file.to_string(), &|_| None).await.unwrap_err().to_string();
        assert!(failure.contains(part), "{failure}");
    }
    assert_eq!((server.dump_at_host("a", A).await, server.dump_at_host("b", B).await), before);
    assert_eq!(server.process.declared_tenants(), 2);
}

/// The same rows in two tenants, links and all: what one has signed opens nothing of the other.
#[tokio::test(flavor = "multi_thread")]
async fn preview_links_are_valid_for_one_tenant_only() {
    let server = server().await;
    let mut previews = Vec::new();
    for host in [A, B] {
        let tenant = server.with_host(host);
        let id = tenant.create_entry("/api/articles?status=draft", json!({ "title": host })).await.document_id();
        let body = json!({ "type": "api::article.article", "documentId": id });
        let link = tenant.post("/admin/api/preview", body).await.expect_status(200);
        previews.push((tenant, id, link.body["data"]["token"].as_str().unwrap().to_owned()));
    }
    for (i, (tenant, id, _)) in previews.iter().enumerate() {
        for (j, (_, _, token)) in previews.iter().enumerate() {
            let answer = tenant.without_token().get(&format!("/api/articles/{id}?previewToken={token}")).await;
            assert_eq!(answer.status, if i == j { 200 } else { 403 }, "{i} {j}: {}", answer.text());
        }
    }
}
