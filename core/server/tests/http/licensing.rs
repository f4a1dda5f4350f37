//! Rights of files over HTTP (acceptance AC-D-1).

use cairn_access::Clock;
use cairn_testkit::{SchemaBuilder, TestClient, TestProject, TestServer};
use serde_json::{Value as Json, json};
use std::time::Duration;

const PASSWORD: &str = "a password of some length";
const RIGHTS: &str = "/admin/api/assets/rights";

/// With people of these roles, whose addresses begin with them, and clips that show files. The clock stands at the beginning of 2026.
async fn server(roles: &[&str]) -> TestServer {
    let clips = SchemaBuilder::collection(
        "clip",
        json!({
            "title": { "type": "string" }, "video": { "type": "media", "multiple": false }, "stills": { "type": "media", "multiple": true },
            "body": { "type": "richtext" },
        }),
    );
    let server = TestServer::start_with(TestProject::new().with_type(clips.with_drafts())).await;
    let people: Vec<Json> = roles
        .iter()
        .map(|role| json!({ "email": format!("{role}@example.com"), "password": PASSWORD, "roles": [role, "editor"] }))
        .collect();
    let keeper = json!({ "actions": ["media.read", "media.rights"] });
    server.apply_settings(json!({ "adminRoles": { "dam-manager": keeper }, "adminUsers": people })).await;
    server
}

async fn sign_in(server: &TestServer, role: &str) -> TestClient {
    let body = json!({ "email": format!("{role}@example.com"), "password": PASSWORD, "token": true });
    let answer = server.public_client().post("/admin/api/login", body).await.expect_status(200);
    server.with_token(answer.body["data"]["token"].as_str().unwrap())
}

/// Runs the work that is due.
async fn run_due_work(server: &TestServer) {
    for _ in 0..3 {
        server.run_until_idle().await;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Moves the clock to a time.
fn set_clock(server: &TestServer, time: &str) {
    let to = chrono::DateTime::parse_from_rfc3339(time).unwrap().to_utc();
    server.advance_clock((to - server.clock.now()).to_std().unwrap());
}

/// How a file stands: its status, and whether it is delivered.
async fn licensing_status(admin: &TestClient, file: &str) -> (String, bool) {
    let licensing =
        admin.get(&format!("/admin/api/assets/{file}/rights")).await.expect_status(200).body["data"].clone();
    (licensing["status"].as_str().unwrap().to_owned(), licensing["delivered"].as_bool().unwrap())
}

async fn events(admin: &TestClient, name: &str) -> Vec<Json> {
    let list = admin.get(&format!("/admin/api/events?name={name}")).await.expect_status(200);
    list.body["data"].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn files_with_an_expired_licence_are_withheld_until_renewed() {
    let server = server(&["dam-manager"]).await;
    let dam = sign_in(&server, "dam-manager").await;
    let created = server.upload_file("supplier.mp4", "video/mp4", b"not really a video").await.expect_status(201).body;
    let (video, number) = (created[0]["documentId"].as_str().unwrap().to_owned(), created[0]["id"].clone());
    let url = created[0]["url"].as_str().unwrap().to_owned();
    let mut clips = Vec::new();
    for (title, data) in [
        ("one", json!({ "title": "one", "video": number })),
        ("two", json!({ "title": "two", "stills": [number] })),
        ("three", json!({ "title": "three", "video": number })),
    ] {
        clips.push((title, server.create_entry("/api/clips", data).await.expect_status(201).document_id()));
    }
    let right = json!({ "holder": "Supplier", "licence": "licensed", "end": "2026-12-31", "zone": "Europe/Amsterdam", "assets": [video] });
    let right = dam.post(RIGHTS, right).await.expect_status(201).body["data"].clone();
    assert_eq!(right["endsAt"], "2026-12-31T23:00:00.000Z");
    let path = format!("{RIGHTS}/{}", right["id"]);

    set_clock(&server, "2026-12-31T22:59:59Z");
    let dam = sign_in(&server, "dam-manager").await;
    assert_eq!(licensing_status(&dam, &video).await, ("expiring".into(), true));
    // Served: original, rendition, an old signed address, GraphQL, the timeline.
    server.public_client().get(&url).await.expect_status(200);

    set_clock(&server, "2026-12-31T23:00:00Z");
    assert_eq!(licensing_status(&dam, &video).await, ("expired".into(), false));
    let test_answer = server.public_client().get(&url).await.expect_status(410);
    assert_eq!((test_answer.header("cache-control"), test_answer.name()), ("no-store", "GoneError"));

    // The three entries that use it.
    let licensing = dam.get(&format!("/admin/api/assets/{video}/rights")).await.expect_status(200).body["data"].clone();
    let mut used: Vec<&str> =
        licensing["entries"].as_array().unwrap().iter().map(|e| e["documentId"].as_str().unwrap()).collect();
    used.sort_unstable();
    let mut all: Vec<&str> = clips.iter().map(|(_, id)| id.as_str()).collect();
    all.sort_unstable();
    assert_eq!((used, &licensing["entriesTotal"]), (all, &json!(3)));
    assert!(licensing["entries"].as_array().unwrap().iter().all(|e| e["published"] == true));
    assert_eq!(licensing["reasons"][0]["reason"], "licence-expired");
    server.advance_clock(Duration::from_secs(60));
    run_due_work(&server).await;
    for name in ["asset.rights-expired", "asset.purge"] {
        let matching = events(&server, name).await;
        assert_eq!(matching.len(), 1, "{name}: {matching:?}");
    }
    let notices = dam.get("/admin/api/notifications").await.expect_status(200);
    assert!(
        !notices.body.to_string().contains("licence-expired"),
        "it is for those who answer for it: {}",
        notices.body
    );

    // Entries that use the file can no longer be published.
    let refused = server
        .put(&format!("/api/clips/{}", clips[0].1), json!({ "data": { "title": "changed" } }))
        .await
        .expect_status(409);
    assert_eq!(refused.name(), "ConflictError");
    assert_eq!(refused.details()["rights"]["files"][0]["documentId"], video.as_str());
    let check = dam.get(&format!("/admin/api/assets/check/api::clip.clip/{}", clips[0].1)).await.expect_status(200);
    assert_eq!(check.body["data"]["mayPublish"], false);
    let text = json!({ "title": "text", "body": format!("<video src=\"{url}\">") });
    server.post("/api/clips", json!({ "data": text })).await.expect_status(409);

    // Renewed, it is served again.
    dam.put(&path, json!({ "holder": "Supplier", "end": "2027-12-31", "zone": "Europe/Amsterdam" }))
        .await
        .expect_status(200);
    assert_eq!(licensing_status(&dam, &video).await, ("clear".into(), true));
    server.public_client().get(&url).await.expect_status(200);
    server.update_entry(&format!("/api/clips/{}", clips[0].1), json!({ "title": "changed" })).await.expect_status(200);
    run_due_work(&server).await;
    assert_eq!(events(&server, "asset.rights-restored").await.len(), 1);
    assert_eq!(events(&server, "asset.purge").await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn consents_reports_and_policy_control_file_delivery() {
    let server = server(&["dam-manager", "editor"]).await;
    let (dam, editor) = (sign_in(&server, "dam-manager").await, sign_in(&server, "editor").await);
    let mut files = Vec::new();
    for n in 0..3 {
        let created = server.upload_file(&format!("{n}.txt"), "text/plain", b"x").await.expect_status(201).body;
        files.push(created[0]["documentId"].as_str().unwrap().to_owned());
    }
    let consent = dam
        .post("/admin/api/assets/consents", json!({ "person": "Ann", "givenAt": "2025-05-01" }))
        .await
        .expect_status(201);
    let id = consent.id();
    let link = json!({ "consents": [id], "assets": files[..2], "mode": "add" });
    dam.post("/admin/api/assets/bulk/link-rights", link).await.expect_status(200);
    assert_eq!(licensing_status(&editor, &files[0]).await, ("clear".into(), true));
    assert_eq!(
        dam.get(&format!("/admin/api/assets/consents?asset={}", files[1])).await.expect_status(200).body["data"][0]["id"],
        id
    );
    let unknown = editor.get("/admin/api/assets/reports/unknown").await.expect_status(200);
    assert_eq!(unknown.text_column("documentId"), [files[2].as_str()]);
    let withdraw = format!("/admin/api/assets/consents/{id}/withdraw");
    dam.post(&withdraw, json!({})).await.expect_status(200);
    dam.post(&withdraw, json!({})).await.expect_error(409, "This consent has already been withdrawn");
    assert_eq!(licensing_status(&editor, &files[1]).await, ("blocked".into(), false));
    let mut withdrawn = editor.get("/admin/api/assets/reports/withdrawn?limit=1").await.expect_status(200);
    let mut found = withdrawn.text_column("documentId");
    let next = withdrawn.body["meta"]["after"].as_str().unwrap().to_owned();
    withdrawn =
        editor.get(&format!("/admin/api/assets/reports/withdrawn?limit=1&after={next}")).await.expect_status(200);
    found.extend(withdrawn.text_column("documentId"));
    let mut both = files[..2].to_vec();
    both.sort_unstable();
    assert_eq!(found, both);
    run_due_work(&server).await;
    assert_eq!(events(&server, "consent.withdrawn").await.len(), 1);
    // The editor may read these, and not change them.
    for path in [RIGHTS, "/admin/api/assets/consents", "/admin/api/assets/policy", "/admin/api/assets/reports/expiring"]
    {
        editor.get(path).await.expect_status(200);
        assert!(matches!(server.read_only().get(path).await.status, 401 | 403), "{path}");
    }
    for (method, path) in [
        ("POST", RIGHTS.to_owned()),
        ("PUT", format!("{RIGHTS}/1")),
        ("DELETE", format!("{RIGHTS}/1")),
        ("POST", "/admin/api/assets/consents".to_owned()),
        ("PUT", format!("/admin/api/assets/consents/{id}")),
        ("DELETE", format!("/admin/api/assets/consents/{id}")),
        ("POST", withdraw),
        ("PUT", format!("/admin/api/assets/{}/rights", files[0])),
        ("POST", "/admin/api/assets/bulk/link-rights".to_owned()),
        ("PUT", "/admin/api/assets/policy".to_owned()),
    ] {
        let request = editor.request(method, &path).header("content-type", "application/json").body("{}");
        assert_eq!(editor.send(request).await.status, 403, "{method} {path}");
    }
    // The policy.
    dam.put("/admin/api/assets/policy", json!({ "unknown": "block", "expiringDays": 14 })).await.expect_status(200);
    let number = server.get(&format!("/api/upload/files?filters[documentId]={}", files[2])).await.body[0]["id"].clone();
    let refused =
        server.post("/api/clips", json!({ "data": { "title": "x", "video": number } })).await.expect_status(409);
    assert_eq!(refused.details()["rights"]["files"][0]["reasons"][0]["reason"], "unknown");
    let set = json!({ "embargoUntil": { "local": "2030-01-01T09:00", "zone": "Europe/Amsterdam" }, "fallback": files[0], "policy": "ignore" });
    let set = dam.put(&format!("/admin/api/assets/{}/rights", files[2]), set).await.expect_status(200);
    assert_eq!((&set.body["data"]["status"], &set.body["data"]["fallback"]), (&json!("embargoed"), &json!(files[0])));
    for (path, status) in [
        (format!("{RIGHTS}/9"), 404),
        (format!("{RIGHTS}/x"), 400),
        ("/admin/api/assets/nothing/rights".to_owned(), 404),
        ("/admin/api/assets/reports/all".to_owned(), 404),
    ] {
        assert_eq!(dam.get(&path).await.status, status, "{path}");
    }
    let rejected =
        dam.post(RIGHTS, json!({ "holder": "x", "end": "2026-12-31", "zone": "Mars" })).await.expect_status(400);
    assert_eq!(rejected.details()["errors"][0]["path"], json!(["zone"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_file_url_expires_with_its_licence_or_uses_a_fallback() {
    let server = server(&["dam-manager"]).await;
    let upload = async |name: &str, info: Json| {
        let part = reqwest::multipart::Part::bytes(crate::pictures::png(400, 300)).file_name(name.to_owned());
        let form = reqwest::multipart::Form::new().part("files", part).text("fileInfo", info.to_string());
        server.send(server.request("POST", "/api/upload").multipart(form)).await.expect_status(201).body[0].clone()
    };
    let public = upload("public.png", json!({})).await;
    let other = upload("other.png", json!({ "private": true })).await;
    let instead = upload("instead.png", json!({})).await;
    let id = |file: &Json| file["documentId"].as_str().unwrap().to_owned();
    let dam = sign_in(&server, "dam-manager").await;
    let right = json!({
        "holder": "Photographer", "licence": "licensed", "end": "2026-02-01", "zone": "UTC", "assets": [id(&public), id(&other)]
    });
    dam.post(RIGHTS, right).await.expect_status(201);

    set_clock(&server, "2026-02-01T23:58:00Z");
    let mut addresses = Vec::new();
    for file in [&public, &other] {
        let file = server.get(&format!("/api/upload/files/{}", file["id"])).await.expect_status(200).body;
        for url in [&file["url"], &file["formats"]["thumbnail"]["url"]] {
            let url = url.as_str().unwrap().to_owned();
            let separator = if url.contains('?') { '&' } else { '?' };
            addresses.push(format!("{url}{separator}w=320&format=webp"));
            addresses.push(url);
        }
    }
    assert_eq!(addresses.iter().filter(|url| url.contains("signature=")).count(), 4);
    for url in &addresses {
        let test_answer = server.public_client().get(url).await.expect_status(200);
        // Caches must not retain a file beyond the end of its licence.
        let max_age: i64 = test_answer.header("cache-control").rsplit('=').next().unwrap().parse().unwrap();
        assert!(max_age <= 120, "{url}: {max_age}");
    }
    set_clock(&server, "2026-02-02T00:00:00Z");
    for url in &addresses {
        server.public_client().get(url).await.expect_status(410);
        server.public_client().get_with(url, ("if-none-match", "*")).await.expect_status(410);
    }
    let dam = sign_in(&server, "dam-manager").await;
    let set = format!("/admin/api/assets/{}/rights", id(&public));
    dam.put(&set, json!({ "fallback": id(&instead) })).await.expect_status(200);
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let answer = client.get(format!("{}{}", server.base_url(), public["url"].as_str().unwrap())).send().await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), answer.headers()["location"].to_str().unwrap()),
        (307, instead["url"].as_str().unwrap())
    );
    // A file in the trash stands in for nothing.
    dam.post(&format!("/admin/api/assets/{}/trash", id(&instead)), json!({})).await.expect_status(200);
    server.public_client().get(public["url"].as_str().unwrap()).await.expect_status(410);
}
