//! `/uploads/<name>`: what browsers and caches are told, replaced files, private ones, pictures made of pictures.

use crate::pictures::png;
use cairn_testkit::{TestProject, TestResponse, TestServer, extend_limit};
use reqwest::multipart::{Form, Part};
use serde_json::{Value as Json, json};
use std::time::{Duration, Instant};

async fn replace(server: &TestServer, id: &Json, name: &str, mime: &str, bytes: Vec<u8>) -> TestResponse {
    let part = Part::bytes(bytes).file_name(name.to_owned()).mime_str(mime).unwrap();
    let form = Form::new().part("files", part);
    server.send(server.request("POST", &format!("/api/upload?id={id}")).multipart(form)).await
}

async fn admin_session_token(server: &TestServer) -> String {
    let people =
        json!([{ "email": "root@example.com", "password": "a password of some length", "roles": ["super-admin"] }]);
    server.apply_settings(json!({ "adminUsers": people })).await;
    let body = json!({ "email": "root@example.com", "password": "a password of some length", "token": true });
    let answer = server.public_client().post("/admin/api/login", body).await.expect_status(200);
    answer.body["data"]["token"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn replaced_files_keep_their_url_and_get_a_new_etag() {
    let server = TestServer::start().await;
    let public = server.public_client();
    let file = server.upload_file("a.png", "image/png", &png(600, 400)).await.expect_status(201).body[0].clone();
    let url = file["url"].as_str().unwrap();
    let first = public.get(url).await.expect_status(200);
    assert_eq!(first.header("cache-control"), "public, max-age=60");
    assert_eq!(first.header("cdn-cache-control"), "public, max-age=31536000");
    assert_eq!(first.header("cache-tag"), file["documentId"]);
    let etag = first.header("etag").to_owned();
    let version = etag.trim_matches('"')[..16].to_owned();
    let versioned = public.get(&format!("{url}?v={version}")).await.expect_status(200);
    assert_eq!(versioned.header("cache-control"), "public, max-age=31536000, immutable");
    let small = file["formats"]["small"]["url"].as_str().unwrap().to_owned();

    for (name, mime) in [("a.txt", "text/plain"), ("a.html", "text/html")] {
        replace(&server, &file["id"], name, mime, b"hello".to_vec()).await.expect_status(400);
    }
    assert_eq!(public.get(url).await.header("etag"), etag);
    let new = replace(&server, &file["id"], "other.PNG", "image/png", png(300, 200)).await.expect_status(200).body;
    assert_eq!((&new["url"], &new["width"], &new["name"]), (&file["url"], &json!(300), &file["name"]));
    assert_eq!(new["formats"].get("small"), None);
    let second = public.get_with(url, ("if-none-match", &etag)).await.expect_status(200);
    assert_ne!(second.header("etag"), etag);
    // A request for the former version gets the current bytes, and a short cache time.
    let late = public.get(&format!("{url}?v={version}")).await.expect_status(200);
    assert_eq!((late.header("cache-control"), &late.bytes), ("public, max-age=60", &second.bytes));
    // A picture that is too small now for this size is shown as it is.
    assert_eq!(public.get(&small).await.expect_status(200).bytes, second.bytes);
    let two = Form::new()
        .part("files", Part::bytes(png(9, 9)).file_name("a.png"))
        .part("files", Part::bytes(png(9, 9)).file_name("b.png"));
    server
        .send(server.request("POST", &format!("/api/upload?id={}", file["id"])).multipart(two))
        .await
        .expect_status(400);
}

#[tokio::test(flavor = "multi_thread")]
async fn admins_restore_asset_versions_and_deleted_assets() {
    let server = TestServer::start().await;
    let (public, session) = (server.public_client(), admin_session_token(&server).await);
    let client = server.with_token(&session);
    let file = server.upload_file("a.txt", "text/plain", b"one").await.expect_status(201).body[0].clone();
    let (url, document) = (file["url"].as_str().unwrap(), file["documentId"].as_str().unwrap());
    let entry = server.create_entry("/api/articles", json!({ "title": "t", "cover": file["id"] })).await;
    replace(&server, &file["id"], "a.txt", "text/plain", b"two".to_vec()).await.expect_status(200);
    assert_eq!(public.get(url).await.text(), "two");
    client.post(&format!("/admin/api/assets/{document}/versions/1/restore"), json!({})).await.expect_status(200);
    assert_eq!(public.get(url).await.text(), "one");
    client.post(&format!("/admin/api/assets/{document}/versions/7/restore"), json!({})).await.expect_status(404);

    let used = client.post(&format!("/admin/api/assets/{document}/trash"), json!({})).await.expect_status(409);
    assert_eq!(used.details()["usages"].as_array().unwrap().len(), 2, "{}", used.text());
    assert_eq!(public.get(url).await.text(), "one");
    client.post(&format!("/admin/api/assets/{document}/trash?force=true"), json!({})).await.expect_status(200);
    public.get(url).await.expect_status(404);
    let text = format!("/api/articles/{}?populate=cover", entry.document_id());
    assert_eq!(server.get(&text).await.data()["cover"], Json::Null);
    client.delete(&format!("/admin/api/assets/{}/purge", "nothing")).await.expect_status(404);
    let back = client.post(&format!("/admin/api/assets/{document}/restore"), json!({})).await.expect_status(200);
    assert_eq!((&back.body["data"]["id"], &back.body["meta"]["restoredLinks"]), (&file["id"], &json!(2)));
    assert_eq!(server.get(&text).await.data()["cover"]["id"], file["id"]);
    assert_eq!(public.get(url).await.text(), "one");
    client.post(&format!("/admin/api/assets/{document}/trash?force=true"), json!({})).await.expect_status(200);
    client.delete(&format!("/admin/api/assets/{document}/purge")).await.expect_status(200);
    client.post(&format!("/admin/api/assets/{document}/restore"), json!({})).await.expect_status(404);
    public.post(&format!("/admin/api/assets/{document}/restore"), json!({})).await.expect_status(401);
}

/// Two customers, each with an album of their own.
#[tokio::test(flavor = "multi_thread")]
async fn private_files_are_visible_to_readers_of_their_entries() {
    let own = json!({ "where": { "title": "$user.username" } });
    let project = TestProject::newsroom().with_role(
        "authenticated",
        false,
        json!({ "api::article.article": { "find": own, "findOne": own, "create": own }, "plugin::upload.file": ["find", "findOne", "upload"] }),
    );
    let server = TestServer::start_with(project).await;
    let (anna, bob) = (
        server.create_user("anna", "authenticated", json!({})).await,
        server.create_user("bob", "authenticated", json!({})).await,
    );
    let mut albums = Vec::new();
    for name in ["anna", "bob"] {
        let part = Part::bytes(png(400, 300)).file_name(format!("{name}.png")).mime_str("image/png").unwrap();
        let form = Form::new().part("files", part).text("fileInfo", json!({ "private": true }).to_string());
        let file =
            server.send(server.request("POST", "/api/upload").multipart(form)).await.expect_status(201).body[0].clone();
        assert_eq!(file["isUrlSigned"], true);
        let entry = server.create_entry("/api/articles", json!({ "title": name, "cover": file["id"] })).await;
        albums.push((entry.document_id(), file));
    }
    let answer = anna.get("/api/articles?populate=cover").await.expect_status(200);
    assert_eq!(answer.data().as_array().unwrap().len(), 1);
    let cover = &answer.data()[0]["cover"];
    let (url, thumbnail) = (cover["url"].as_str().unwrap(), cover["formats"]["thumbnail"]["url"].as_str().unwrap());
    for url in [url, thumbnail] {
        assert!(url.starts_with("/uploads/private/") && url.contains("?expires="), "{url}");
        let picture = server.public_client().get(url).await.expect_status(200);
        assert_eq!((picture.header("cache-control"), picture.header("cdn-cache-control")), ("private, max-age=60", ""));
        let picture = server.public_client().get(&format!("{url}&w=320&format=webp")).await.expect_status(200);
        assert_eq!(
            (picture.header("cache-control"), picture.header("content-type")),
            ("private, max-age=60", "image/webp")
        );
    }
    // A missing or changed signature, that of another file, and the public address all respond with 404.
    let plain = url.split('?').next().unwrap();
    let name = plain.strip_prefix("/uploads/private/").unwrap();
    let other = albums[1].1["url"].as_str().unwrap().split('?').next().unwrap();
    let query = url.split('?').nth(1).unwrap();
    for bad in [
        plain.to_owned(),
        format!("/uploads/{name}"),
        format!("{plain}?expires=99999999999&signature=x"),
        format!("{other}?{query}"),
        format!("{plain}?{}", query.replace("expires=1", "expires=2")),
        format!("{plain}?{query}x"),
        format!("{plain}?expires=&signature="),
        format!("{plain}?w=320"),
    ] {
        server.public_client().get(&bad).await.expect_error(404, "Not Found");
    }
    // Bob reaches his own file alone, also in lists of files; an address written into a text does not get signed.
    anna.get(&format!("/api/articles/{}?populate=cover", albums[1].0)).await.expect_status(404);
    assert_eq!(bob.get("/api/upload/files").await.expect_status(200).body, json!([]));
    bob.get(&format!("/api/upload/files/{}", albums[0].1["id"])).await.expect_status(404);
    server.create_entry("/api/articles", json!({ "title": "bob", "body": format!("see {plain}") })).await;
    let text = bob.get("/api/articles?populate=*").await.expect_status(200).text();
    assert!(!text.contains(&format!("{plain}?")), "{text}");
    // An entry of his own does not sign another user's file either, by its number.
    for cover in [&albums[0].1["id"], &albums[0].1["documentId"]] {
        let test_answer =
            bob.post("/api/articles?populate=cover", json!({ "data": { "title": "bob", "cover": cover } })).await;
        assert!(!test_answer.expect_status(400).text().contains("expires="));
    }
    let own = json!({ "data": { "title": "bob", "cover": albums[1].1["id"] } });
    let reused = bob.post("/api/articles?populate=cover", own).await.expect_status(201);
    assert_eq!(reused.data()["cover"]["id"], albums[1].1["id"]);
    // Answers with such addresses are nobody else's, also from a cache.
    server
        .apply_settings(json!({ "roles": { "public": { "permissions": { "api::article.article": ["find"] } } } }))
        .await;
    let one = server.public_client().get("/api/articles?populate=cover&sort=title").await.expect_status(200).text();
    server.advance_clock(Duration::from_secs(16 * 60));
    server.public_client().get(url).await.expect_status(403);
    let two = server.public_client().get("/api/articles?populate=cover&sort=title").await.expect_status(200).text();
    assert_ne!(one, two);
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_are_rendered_only_in_listed_or_signed_sizes() {
    let server = TestServer::start_configured(TestProject::newsroom(), |config| {
        config.assets.pictures = vec!["w=100&h=50&fit=cover".into()];
    })
    .await;
    let (public, session) = (server.public_client(), admin_session_token(&server).await);
    let file = server.upload_file("a.png", "image/png", &png(900, 600)).await.expect_status(201).body[0].clone();
    let url = file["url"].as_str().unwrap();
    let get = async |query: &str, accept: &str| public.get_with(&format!("{url}?{query}"), ("accept", accept)).await;
    for (query, accept, kind, vary) in [
        ("w=320", "image/avif,image/webp,*/*", "image/avif", "Accept"),
        ("w=320", "image/webp", "image/webp", "Accept"),
        ("w=320&format=auto", "*/*", "image/jpeg", "Accept"),
        ("w=480&format=png", "image/avif", "image/png", ""),
        ("fit=cover&h=50&w=100", "", "image/jpeg", "Accept"),
        ("w=320&format=webp&updatedAt=2", "", "image/webp", ""),
    ] {
        let answer = get(query, accept).await;
        if query.contains("updatedAt") {
            answer.expect_status(400);
            continue;
        }
        let test_answer = answer.expect_status(200);
        assert_eq!(test_answer.header("content-type"), kind, "{query}");
        assert!(test_answer.header("vary").contains(vary), "{query}: {}", test_answer.header("vary"));
        assert_eq!(test_answer.header("x-content-type-options"), "nosniff");
        let revalidated =
            public.get_with(&format!("{url}?{query}"), ("if-none-match", test_answer.header("etag"))).await;
        assert!(accept != "*/*" || revalidated.status == 304, "{query}");
    }
    // Arbitrary sizes would fill the disk.
    for query in ["w=321", "w=320&q=11", "w=320&h=100", "w=321&s=x", "h=100", "crop=0,0,0.5,0.5", "format=webp"] {
        get(query, "").await.expect_status(403);
    }
    for query in ["w=0", "w=x", "w=-1", "w=320&w=480", "w=320&evil=1", "fit=cover&w=10", "w=99999999999999999999"] {
        get(query, "").await.expect_status(400);
    }
    let document = file["documentId"].as_str().unwrap();
    let links = format!("/admin/api/assets/{document}/links");
    let client = server.with_token(&session);
    let signed = client
        .post(&links, json!({ "pictures": ["w=123&h=45&fit=cover&format=png"] }))
        .await
        .expect_status(200)
        .body["data"][0]
        .clone();
    let signed = signed.as_str().unwrap();
    assert_eq!(public.get(signed).await.expect_status(200).header("content-type"), "image/png");
    public.get(&signed.replace("w=123", "w=124")).await.expect_status(403);
    client.post(&links, json!({ "pictures": ["w=1&evil=2"] })).await.expect_status(400);
    client.post(&links, json!({ "pictures": "w=1" })).await.expect_status(400);
    client.post("/admin/api/assets/nothing/links", json!({ "pictures": [] })).await.expect_status(404);
    // Of what is no picture nothing is made.
    let text = server.upload_file("a.txt", "text/plain", b"hello").await.expect_status(201).body[0]["url"].clone();
    public.get(&format!("{}?w=320", text.as_str().unwrap())).await.expect_status(400);
    public.get(&format!("{}?updatedAt=1", text.as_str().unwrap())).await.expect_status(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn srcset_and_placeholder_are_returned_when_requested() {
    let server = TestServer::start().await;
    let file = server.upload_file("a.png", "image/png", &png(900, 600)).await.expect_status(201).body[0].clone();
    assert_eq!((file.get("srcset"), file.get("placeholder")), (None, None));
    server.create_entry("/api/articles", json!({ "title": "t", "cover": file["id"] })).await;
    let plain = server.get("/api/articles?populate=cover").await.expect_status(200);
    assert_eq!(plain.data()[0]["cover"].get("srcset"), None);
    for fields in
        ["populate[cover][fields]=url,srcset,placeholder,colour", "populate[cover][fields]=*,srcset,placeholder,colour"]
    {
        let response = server.get(&format!("/api/articles?{fields}")).await.expect_status(200);
        let cover = &response.data()[0]["cover"];
        assert_eq!((&cover["url"], &cover["colour"]), (&file["url"], &json!("#808080")), "{cover}");
        assert!(cover["placeholder"].as_str().is_some_and(|p| p.len() > 4));
        let widths: Vec<i64> =
            cover["srcset"].as_array().unwrap().iter().map(|s| s["width"].as_i64().unwrap()).collect();
        assert_eq!(widths, [320, 480, 640, 768, 900]);
        for picture in cover["srcset"].as_array().unwrap() {
            server.public_client().get(picture["url"].as_str().unwrap()).await.expect_status(200);
        }
    }
    // Of a private one every address is signed.
    let part = Part::bytes(png(700, 500)).file_name("b.png").mime_str("image/png").unwrap();
    let form = Form::new().part("files", part).text("fileInfo", json!({ "private": true }).to_string());
    let file =
        server.send(server.request("POST", "/api/upload").multipart(form)).await.expect_status(201).body[0].clone();
    let view = server.get(&format!("/api/upload/files/{}?fields=srcset", file["id"])).await.expect_status(200).body;
    for picture in view["srcset"].as_array().unwrap() {
        server.public_client().get(picture["url"].as_str().unwrap()).await.expect_status(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn trash_and_unused_blobs_are_deleted_after_their_retention() {
    let server = TestServer::start().await;
    let file = server.upload_file("a.txt", "text/plain", b"gone one day").await.expect_status(201).body[0].clone();
    let retained = server.upload_file("b.txt", "text/plain", b"kept").await.expect_status(201).body[0].clone();
    server.delete(&format!("/api/upload/files/{}", file["id"])).await.expect_status(200);
    let uploads = server.project.path().join("data/tenants/default/uploads");
    let objects = || std::fs::read_dir(&uploads).unwrap().count();
    let idle = async || {
        for _ in 0..5 {
            server.run_until_idle().await;
            tokio::time::sleep(Duration::from_millis(80)).await;
        }
    };
    server.advance_clock(Duration::from_secs(29 * 86_400));
    idle().await;
    assert_eq!(objects(), 2);
    // Out of the trash after thirty days, out of the folder a day later.
    server.advance_clock(Duration::from_secs(2 * 86_400));
    idle().await;
    server.advance_clock(Duration::from_secs(2 * 86_400));
    let began = Instant::now();
    while objects() > 1 {
        assert!(began.elapsed() < extend_limit(Duration::from_secs(10)), "it stays in the folder");
        idle().await;
    }
    assert_eq!(objects(), 1);
    assert_eq!(server.public_client().get(retained["url"].as_str().unwrap()).await.expect_status(200).text(), "kept");
    let client = server.with_token(&admin_session_token(&server).await);
    let restore = format!("/admin/api/assets/{}/restore", file["documentId"].as_str().unwrap());
    client.post(&restore, json!({})).await.expect_status(404);
}
