//! The theme over HTTP: for everybody, cached, with pictures that are public and with no others.

use super::PortalFixture;
use crate::plugins::PLUGINS;
use reqwest::multipart::{Form, Part};
use serde_json::{Value as Json, json};

/// A picture of one pixel.
const PIXEL: &[u8] = &[
    0x47, 0x49, 0x46, 0x38, 0x39, 0x61, 1, 0, 1, 0, 0x80, 0, 0, 0xff, 0xff, 0xff, 0, 0, 0, 0x2c, 0, 0, 0, 0, 1, 0, 1,
    0, 0, 2, 2, 0x44, 1, 0, 0x3b,
];

#[tokio::test(flavor = "multi_thread")]
async fn everybody_gets_the_theme_and_nothing_that_is_private() {
    let fixture = PortalFixture::new().await;
    let (server, public) = (&fixture.server, fixture.server.public_client());
    let plain = public.get("/api/portal/theme").await.expect_status(200);
    assert_eq!((&plain.body["logo"], &plain.body["picture"]), (&Json::Null, &Json::Null), "{}", plain.text());
    assert_eq!((&plain.body["locales"], &plain.body["timeZone"]), (&json!(["nl", "en"]), &json!("UTC")));

    let picture = server.upload_file("logo.gif", "image/gif", PIXEL).await.expect_status(201);
    let text = server.upload_file("notes.txt", "text/plain", b"not a picture").await.expect_status(201);
    let id = |upload: &cairn_testkit::TestResponse| upload.body[0]["documentId"].as_str().unwrap().to_owned();
    let (picture_id, text_id) = (id(&picture), id(&text));
    let set = async |values: Json| server.put(&format!("{PLUGINS}/portal/settings"), json!({ "values": values })).await;
    set(json!({ "portalName": "My car", "accent": "#B5121B", "logo": picture_id, "picture": text_id }))
        .await
        .expect_status(200);
    let theme = public.get("/api/portal/theme").await.expect_status(200);
    assert_eq!(theme.body["colors"], json!({ "accent": "#b5121b", "onAccent": "#ffffff" }));
    let logo = &theme.body["logo"];
    assert_eq!((&logo["width"], &logo["height"]), (&json!(1), &json!(1)), "{}", theme.text());
    assert_eq!(theme.body["picture"], Json::Null, "a text is no picture: {}", theme.text());
    let address = logo["url"].as_str().unwrap();
    let path = &address[address.find("/uploads/").unwrap()..];
    public.get(path).await.expect_status(200);

    // Cached, until it changes.
    assert_eq!(theme.header("cache-control"), "public, max-age=300");
    let etag = theme.header("etag").to_owned();
    let known = public.get_with("/api/portal/theme", ("if-none-match", &etag)).await.expect_status(304);
    assert!(known.text().is_empty());
    set(json!({ "portalName": "Your car", "accent": "#B5121B", "logo": picture_id })).await.expect_status(200);
    let changed = public.get_with("/api/portal/theme", ("if-none-match", &etag)).await.expect_status(200);
    assert_eq!(changed.body["name"], "Your car");

    // A picture that is not public is in no theme, and neither is its address.
    let part = Part::bytes(PIXEL.to_vec()).file_name("hidden.gif").mime_str("image/gif").unwrap();
    let form = Form::new().part("files", part).text("fileInfo", json!({ "private": true }).to_string());
    let hidden = server.send(server.request("POST", "/api/upload").multipart(form)).await.expect_status(201);
    set(json!({ "logo": id(&hidden), "picture": "nothing" })).await.expect_status(200);
    let theme = public.get("/api/portal/theme").await.expect_status(200);
    assert!(theme.body["logo"].is_null() && !theme.text().contains("/uploads/"), "{}", theme.text());

    for bad in ["b5121b", "#b5121", "red", "#b5121b;background:url(x)"] {
        let refused = set(json!({ "accent": bad })).await.expect_status(400);
        assert!(refused.text().contains("accent"), "{bad}: {}", refused.text());
    }
    fixture.assert_no_call_failed().await;
}
