//! Files of content types that say that their files are private: of a customer's contract no other customer sees any.

use crate::pictures::png;
use cairn_testkit::{SchemaBuilder, TestClient, TestProject, TestResponse, TestServer};
use reqwest::multipart::{Form, Part};
use serde_json::{Value as Json, json};

const CONTRACTS: &str = "/api/contracts";

async fn server() -> TestServer {
    let contract = json!({
        "title": { "type": "string" }, "owner": { "type": "string" },
        "file": { "type": "media", "multiple": false }, "photos": { "type": "media", "multiple": true },
        "album": { "type": "component", "component": "parts.album", "repeatable": true },
    });
    let news = json!({ "title": { "type": "string" }, "cover": { "type": "media", "multiple": false } });
    let own = json!({ "where": { "owner": { "$eq": "$user.username" } } });
    let all = json!({ "find": own, "findOne": own, "create": own, "update": own, "delete": own });
    let project = TestProject::new()
        .with_component("parts.album", json!({ "pictures": { "type": "media", "multiple": true } }))
        .with_type(SchemaBuilder::collection("contract", contract).private_files())
        .with_type(SchemaBuilder::collection("news", news))
        .with_role("public", false, json!({ "api::news.news": ["find"], "plugin::upload.file": ["find", "findOne"] }))
        .with_role(
            "customer",
            false,
            json!({
                "api::contract.contract": all, "api::news.news": ["find", "create"],
                "plugin::upload.file": ["find", "findOne", "upload", "replace", "destroy"],
            }),
        );
    TestServer::start_with(project).await
}

/// Uploads a picture, perhaps into an entry, with what is said of it.
async fn upload(client: &TestClient, name: &str, into: Option<(i64, &str)>, info: Option<Json>) -> TestResponse {
    let part = Part::bytes(png(900, 600)).file_name(name.to_owned()).mime_str("image/png").unwrap();
    let mut form = Form::new().part("files", part);
    if let Some((row, field)) = into {
        form =
            form.text("ref", "api::contract.contract").text("refId", row.to_string()).text("field", field.to_owned());
    }
    if let Some(info) = info {
        form = form.text("fileInfo", info.to_string());
    }
    client.send(client.request("POST", "/api/upload").multipart(form)).await
}

/// Says something of a file that is there.
async fn update_file_info(client: &TestClient, id: &str, info: Json) -> TestResponse {
    let form = Form::new().text("fileInfo", info.to_string());
    client.send(client.request("POST", &format!("/api/upload?id={id}")).multipart(form)).await
}

/// Every address that an answer has.
fn collect_urls(json: &Json, found: &mut Vec<String>) {
    match json {
        Json::String(text) if text.starts_with("/uploads/") => found.push(text.clone()),
        Json::Array(list) => list.iter().for_each(|one| collect_urls(one, found)),
        Json::Object(object) => object.values().for_each(|one| collect_urls(one, found)),
        _ => {}
    }
}

fn is_private(file: &Json) -> bool {
    let mut all = Vec::new();
    collect_urls(file, &mut all);
    assert!(!all.is_empty(), "{file}");
    let private = all.iter().filter(|url| url.starts_with("/uploads/private/")).count();
    assert!(private == 0 || private == all.len(), "{all:?}");
    private > 0
}

#[tokio::test(flavor = "multi_thread")]
async fn customers_never_see_files_of_another_customer() {
    let server = server().await;
    let (ann, bob) = (
        server.create_user("ann", "customer", json!({})).await,
        server.create_user("bob", "customer", json!({})).await,
    );
    let contract = ann.create_entry(CONTRACTS, json!({ "title": "hers", "owner": "ann" })).await;
    let (row, id) = (contract.id(), contract.document_id());
    // Uploaded into the entry, without a word of what it is.
    let file = upload(&ann, "hers.png", Some((row, "file")), None).await.expect_status(201).body[0].clone();
    let photo = upload(&ann, "photo.png", Some((row, "photos")), None).await.expect_status(201).body[0].clone();
    // Uploaded first and put into it afterwards, as the media picker and most clients do; also inside of components.
    let loose = upload(&ann, "loose.png", None, None).await.expect_status(201).body[0].clone();
    assert!(is_private(&file) && is_private(&photo) && !is_private(&loose));
    let album = json!([{ "pictures": [loose["id"]] }]);
    ann.update_entry(&format!("{CONTRACTS}/{id}"), json!({ "album": album })).await;
    let answer = ann
        .get(&format!("{CONTRACTS}/{id}?populate[album][populate]=*&populate[file]=true&populate[photos]=true"))
        .await;
    let mut signed = Vec::new();
    collect_urls(&answer.expect_status(200).body, &mut signed);
    assert!(signed.len() > 6 && signed.iter().all(|url| url.starts_with("/uploads/private/")), "{signed:?}");
    let names = ["hers.png", "photo.png", "loose.png"];
    for other in [&bob, &server.public_client()] {
        for path in
            ["/api/upload/files", "/api/contracts?populate[album][populate]=*&populate=*", "/api/newss?populate=*"]
        {
            let text = other.get(path).await.text();
            assert!(names.iter().all(|name| !text.contains(name)), "{path}: {text}");
        }
        for file in [&file, &photo, &loose] {
            for id in [file["id"].to_string(), file["documentId"].as_str().unwrap().to_owned()] {
                assert_eq!(other.get(&format!("/api/upload/files/{id}")).await.status, 404);
                let change = json!({ "private": false });
                assert_ne!(update_file_info(other, &id, change).await.status, 200);
                assert_ne!(other.delete(&format!("/api/upload/files/{id}")).await.status, 200);
            }
            // Entries of other users cannot use the file either.
            let body = json!({ "data": { "title": "his", "owner": "bob", "photos": [file["id"]] } });
            assert_ne!(other.post(CONTRACTS, body).await.status, 201);
            let body = json!({ "data": { "title": "his", "cover": file["id"] } });
            assert_ne!(other.post("/api/newss", body).await.status, 201);
        }
        // By its address: where it was when it was public, without its signature, in other sizes and forms.
        for url in &signed {
            let unsigned = url.split('?').next().unwrap();
            let name = unsigned.rsplit('/').next().unwrap();
            for path in [unsigned.to_owned(), format!("/uploads/{name}")] {
                for query in ["", "?w=320", "?w=320&h=320", "?format=webp", "?expires=99999999999&signature=x"] {
                    let status = other.get(&format!("{path}{query}")).await.status;
                    assert!((400..500).contains(&status), "{path}{query}: {status}");
                }
            }
        }
    }
    for url in &signed {
        server.public_client().get(url).await.expect_status(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn files_used_by_a_private_type_become_private_or_are_rejected() {
    let server = server().await;
    let admin = TestClient::clone(&server);
    let contract = admin.create_entry(CONTRACTS, json!({ "title": "x", "owner": "ann" })).await;
    let (row, path) = (contract.id(), format!("{CONTRACTS}/{}", contract.document_id()));
    // File info sent with the upload does not make the file public.
    let file_info = Some(json!({ "private": false }));
    let refused = upload(&admin, "no.png", Some((row, "file")), file_info).await.expect_status(400);
    assert!(refused.message().contains("private"), "{}", refused.message());
    // A public file that is shown elsewhere stays what it is.
    let view = upload(&admin, "shown.png", None, None).await.expect_status(201).body[0].clone();
    admin.create_entry("/api/newss", json!({ "title": "n", "cover": view["id"] })).await;
    let refused = admin.put(&path, json!({ "data": { "file": view["id"] } })).await.expect_status(400);
    assert!(
        refused.message().contains("shown.png") && refused.message().contains("elsewhere"),
        "{}",
        refused.message()
    );
    let unchanged = admin.get(&format!("/api/upload/files/{}", view["id"])).await.expect_status(200).body;
    assert!(!is_private(&unchanged));
    // An unused file becomes private from then on, and its public address is gone.
    let free = upload(&admin, "free.png", None, None).await.expect_status(201).body[0].clone();
    let url = free["url"].as_str().unwrap().to_owned();
    server.public_client().get(&url).await.expect_status(200);
    admin.update_entry(&path, json!({ "file": free["id"] })).await;
    let now = admin.get(&format!("/api/upload/files/{}", free["id"])).await.expect_status(200).body;
    assert!(is_private(&now), "{now}");
    server.public_client().get(&url).await.expect_status(404);
    // The file stays private while the entry uses it.
    let public = json!({ "private": false });
    update_file_info(&admin, &free["id"].to_string(), public.clone()).await.expect_status(400);
    admin.update_entry(&path, json!({ "file": null })).await;
    update_file_info(&admin, &free["id"].to_string(), public).await.expect_status(200);
    // A caller who may not change files cannot make another user's public file private.
    let ann = server.create_user("ann", "customer", json!({})).await;
    let library = upload(&admin, "library.png", None, None).await.expect_status(201).body[0].clone();
    let rights = json!({ "api::contract.contract": ["create", "find"], "plugin::upload.file": ["find"] });
    let root = server.super_admin().await;
    root.put("/admin/api/content-roles/customer", json!({ "permissions": rights })).await.expect_status(200);
    let body = json!({ "data": { "title": "y", "owner": "ann", "file": library["id"] } });
    let refused = ann.post(CONTRACTS, body).await.expect_status(400);
    assert!(refused.message().contains("library.png"), "{}", refused.message());
    let unchanged = admin.get(&format!("/api/upload/files/{}", library["id"])).await.expect_status(200).body;
    assert!(!is_private(&unchanged));
}

/// Put into something of one's own, a file that one does not see is as good as none: by its number its id is not told.
#[tokio::test(flavor = "multi_thread")]
async fn writes_do_not_distinguish_hidden_from_missing_files() {
    let server = server().await;
    let (ann, bob) = (
        server.create_user("ann", "customer", json!({})).await,
        server.create_user("bob", "customer", json!({})).await,
    );
    let contract = ann.create_entry(CONTRACTS, json!({ "title": "hers", "owner": "ann" })).await;
    let file = upload(&ann, "hers.png", Some((contract.id(), "file")), None).await.expect_status(201).body[0].clone();
    let document = file["documentId"].as_str().unwrap();
    let post_photos = async |photos: Json| {
        bob.post(CONTRACTS, json!({ "data": { "title": "his", "owner": "bob", "photos": photos } })).await
    };
    let by_number = post_photos(json!([file["id"]])).await.expect_status(400);
    assert!(!by_number.text().contains(document), "{}", by_number.text());
    assert_eq!(by_number.text(), post_photos(json!([99_999_999])).await.text());
    let none = "abcdefghijklmnopqrstuvwx";
    let by_document = post_photos(json!([document])).await.expect_status(400);
    assert_eq!(by_document.text().replace(document, none), post_photos(json!([none])).await.text());
}
