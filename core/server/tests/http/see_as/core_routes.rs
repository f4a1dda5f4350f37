//! Previews of what has routes of its own: users, files and locales.

use super::{PAGE, REFUSED, add_person, begin, iso, minutes_after, project, schedule, see};
use cairn_access::Clock;
use cairn_testkit::TestServer;
use chrono::TimeDelta;
use serde_json::json;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn users_files_and_locales_are_read_as_the_person() {
    let staff = json!({
        "plugin::users-permissions.user": ["find", "findOne", "count", "me"],
        "plugin::i18n.locale": ["find"],
        "plugin::upload.file": { "find": { "where": { "createdAt": { "$lt": "$now" } } }, "findOne": {} },
        PAGE: ["find"],
    });
    let server = TestServer::start_with(project().with_role("staff", false, staff)).await;
    let (admin, now) = (server.super_admin().await, server.clock.now());
    let (anna, bob) = (add_person(&server, "anna", "staff").await, add_person(&server, "bob", "member").await);
    let number = server.get("/api/users?filters[username]=bob").await.body[0]["id"].as_i64().unwrap();
    let later = iso(now + TimeDelta::hours(2));
    let file = server.upload_file("a.txt", "text/plain", b"a").await.expect_status(201).body[0].clone();
    let file_by_id = format!("/api/upload/files/{}?populate=*", file["id"]);
    let file_by_document = format!("/api/upload/files/{}", file["documentId"].as_str().unwrap());
    let by_id = format!("/api/users/{number}?populate=role");
    let by_document = format!("/api/users/{bob}");
    let paths = [
        "/api/users/me",
        "/api/users?sort=username",
        "/api/users?filters[username]=bob&fields=email",
        "/api/users?filters[nothing]=1",
        "/api/users/count",
        "/api/users/count?filters[username]=bob",
        &by_id,
        &by_document,
        "/api/users/99999",
        "/api/i18n/locales",
        "/api/upload/files?filters[name]=b.txt",
        "/api/upload/files?filters[nothing]=1",
        "/api/upload/files/99999",
        &file_by_id,
        &file_by_document,
    ];
    for (name, person) in [(Some("anna"), Some(&*anna)), (Some("bob"), Some(&*bob)), (None, None)] {
        let token = begin(&admin, person, Some(&later)).await;
        let client = match name {
            Some(name) => server.with_token(&server.new_session(name).await),
            None => server.public_client(),
        };
        for path in paths {
            let (shown, real) = (see(&server, &token, path).await, client.get(path).await);
            assert_eq!((shown.status, &shown.body), (real.status, &real.body), "{name:?} {path}");
            assert_eq!(shown.header("cache-control"), "private, no-store", "{path}");
        }
    }
    let token = begin(&admin, Some(&anna), Some(&later)).await;
    let own = see(&server, &token, "/api/users/me").await.expect_status(200);
    assert_eq!(own.body["username"], "anna");
    // Files by conditions at that time: to Anna, none is there yet.
    let real = server.with_token(&server.new_session("anna").await).get("/api/upload/files").await;
    assert_eq!(real.expect_status(200).body, json!([]));
    let shown = see(&server, &token, "/api/upload/files").await.expect_status(200);
    assert_eq!((&shown.body[0]["name"], &shown.body[0]["isUrlSigned"]), (&json!("a.txt"), &json!(false)));
    // The scheduled locale alone is visible then.
    let page = server.create_entry("/api/pages?status=draft", json!({ "title": "Page" })).await.document_id();
    server.update_entry(&format!("/api/pages/{page}?status=draft&locale=nl"), json!({ "title": "Pagina" })).await;
    schedule(&server, "publish", (PAGE, &page, Some("nl")), minutes_after(now, 60)).await;
    for (locale, titles) in [("en", &[][..]), ("nl", &["Pagina"][..]), ("*", &["Pagina"][..])] {
        let answer = see(&server, &token, &format!("/api/pages?locale={locale}")).await.expect_status(200);
        assert_eq!(answer.text_column("title"), titles, "{locale}");
    }
    // Writes are refused, and so are readers without a valid token.
    for (method, path) in [
        ("PUT", "/api/users/1"),
        ("POST", "/api/users"),
        ("POST", "/api/auth/local"),
        ("DELETE", "/api/upload/files/1"),
    ] {
        let request = server.request(method, path).header("cairn-preview", &token);
        assert_eq!(server.send(request.json(&json!({}))).await.status, 405, "{method} {path}");
    }
    server.advance_clock(Duration::from_secs(15 * 60));
    for path in ["/api/users/me", "/api/users", "/api/i18n/locales", "/api/upload/files", "/api/upload/files/1"] {
        for forged in ["see-as..", &token] {
            see(&server, forged, path).await.expect_error(403, REFUSED);
        }
    }
}
