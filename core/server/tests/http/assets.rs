//! `/admin/api/assets`: the media library over HTTP.

use crate::pictures::png;
use cairn_store::assets::{Asset, ImageAppearance};
use cairn_store::events::Actor;
use cairn_testkit::TestServer;
use serde_json::{Value as Json, json};

/// A file, and the row beside it where nobody wrote that.
async fn upload_asset(server: &TestServer, name: &str) -> String {
    let created = server.upload_file(name, "image/png", &png(300, 200)).await.expect_status(201).body;
    let document = created[0]["documentId"].as_str().unwrap().to_owned();
    let asset = Asset {
        document_id: document.clone(),
        number: 1,
        sha256: "aa".into(),
        bytes: 3,
        kind: "image".into(),
        folder: 0,
        private: false,
        derived_from: None,
        appearance: ImageAppearance::default(),
        facts: None,
        added_at: 1,
        added_by: Actor::admin(1, "Anna"),
        deleted_at: None,
        deleted_by: None,
    };
    let write = move |tx: &mut cairn_store::WriteTx<'_>| match tx.reader().assets().get(&asset.document_id)? {
        Some(_) => Ok::<_, cairn_store::StoreError>(()),
        None => tx.assets().save(&asset),
    };
    server.app.content.store().write(write).await.unwrap();
    document
}

#[tokio::test(flavor = "multi_thread")]
async fn media_library_routes_manage_assets_folders_and_tags() {
    let server = TestServer::start().await;
    let (a, b) = (upload_asset(&server, "one.png").await, upload_asset(&server, "two.png").await);
    let folder = server.post("/admin/api/assets/folders", json!({ "name": "Press" })).await.expect_status(201).body;
    let id = &folder["data"]["id"];
    server.post("/admin/api/assets/folders", json!({ "name": "Press" })).await.expect_status(409);
    server.post("/admin/api/assets/folders", json!({ "nme": "Press" })).await.expect_status(400);
    let list = server.get("/admin/api/assets?sort=name&limit=1").await.expect_status(200).body;
    let first = &list["data"][0];
    assert_eq!((&first["name"], &first["documentId"], &first["width"]), (&json!("one.png"), &json!(a), &json!(300)));
    assert!(first["thumbnailUrl"].as_str().unwrap().starts_with("/uploads/thumbnail_"), "{first}");
    let next = format!("/admin/api/assets?sort=name&limit=1&after={}", list["meta"]["after"].as_str().unwrap());
    let list = server.get(&next).await.expect_status(200).body;
    assert_eq!((&list["data"][0]["documentId"], &list["meta"]["after"]), (&json!(b), &Json::Null));
    server.get("/admin/api/assets?kidn=image").await.expect_status(400);
    let moved = json!({ "action": "move", "folder": id, "ids": [a, b] });
    let moved = server.post("/admin/api/assets/bulk", moved).await.expect_status(200).body;
    assert_eq!(moved["data"]["changed"], 2);
    let folders = server.get("/admin/api/assets/folders").await.expect_status(200).body;
    assert_eq!((&folders["data"][0]["files"], &folders["meta"]["files"]), (&json!(2), &json!(0)));
    server.delete(&format!("/admin/api/assets/folders/{id}")).await.expect_status(400);
    server.post("/admin/api/assets/bulk", moved["data"]["undo"][0].clone()).await.expect_status(200);
    server.put(&format!("/admin/api/assets/folders/{id}"), json!({ "name": "Pers" })).await.expect_status(200);
    assert_eq!(
        server.get(&format!("/admin/api/assets/folders/{id}")).await.expect_status(200).body["data"]["name"],
        "Pers"
    );
    server.delete(&format!("/admin/api/assets/folders/{id}")).await.expect_status(200);
    let change = json!({ "tags": ["Launch day"], "alternativeText": "A rocket" });
    let changed = server.put(&format!("/admin/api/assets/{a}"), change).await.expect_status(200).body;
    assert_eq!(
        (&changed["data"]["tags"], &changed["data"]["alternativeText"]),
        (&json!(["Launch day"]), &json!("A rocket"))
    );
    server.put("/admin/api/assets/tags/Launch%20day", json!({ "tag": "Launch" })).await.expect_status(200);
    assert_eq!(server.get("/admin/api/assets/tags").await.body["data"], json!([{ "tag": "Launch", "files": 1 }]));
    server.delete("/admin/api/assets/tags/launch").await.expect_status(200);
    server.get("/admin/api/assets/duplicates").await.expect_status(200);
    let used = server.get(&format!("/admin/api/assets/{a}/usages")).await.expect_status(200).body;
    assert_eq!((&used["data"], &used["meta"]["complete"]), (&json!([]), &json!(true)));
    server.get(&format!("/admin/api/assets/usages?ids={a},{b}&mentions=true")).await.expect_status(200);
    server.get("/admin/api/assets/usages").await.expect_status(400);
    server.get("/admin/api/assets/none").await.expect_status(404);
    let trash = json!({ "action": "trash", "ids": [a] });
    assert_eq!(server.post("/admin/api/assets/bulk", trash).await.expect_status(200).body["data"]["changed"], 1);
    assert_eq!(server.get("/admin/api/assets").await.body["data"].as_array().unwrap().len(), 1);
    server.run_until_idle().await;
    let audit = server.get("/admin/api/audit?limit=100").await.expect_status(200).body.to_string();
    for action in ["asset.moved", "asset.tagged", "asset.folder.created", "asset.tag.deleted", "document.updated"] {
        assert!(audit.contains(action), "{action}");
    }
}
