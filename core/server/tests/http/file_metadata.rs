//! Metadata about people leaves originals by every way in, unless their folder keeps it.

use crate::pictures::png;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cairn_testkit::{TestResponse, TestServer};
use reqwest::multipart::{Form, Part};
use serde_json::{Value as Json, json};

/// Where a photograph was taken, and by whom.
const SECRET: &[u8] = b"52.3702 N 4.8952 E, Anna, body 0815";

/// A photograph as a camera sends it, and as it is stored.
struct Photograph {
    sent: Vec<u8>,
    stored: Vec<u8>,
}

fn segment(marker: u8, content: &[u8]) -> Vec<u8> {
    [&[0xff, marker][..], &(content.len() as u16 + 2).to_be_bytes(), content].concat()
}

/// EXIF that turns a picture by a quarter; with the place, where there is one.
fn exif(place: Option<&[u8]>) -> Vec<u8> {
    let orientation = b"\x01\x12\0\x03\0\0\0\x01\0\x06\0\0";
    let tags = match place {
        None => [b"\0\x01".as_slice(), orientation, &[0; 4]].concat(),
        Some(place) => {
            let gps = b"\x88\x25\0\x04\0\0\0\x01\0\0\0\x26";
            let text =
                [b"\0\x01\0\x02\0\x02".as_slice(), &(place.len() as u32).to_be_bytes(), b"\0\0\0\x38\0\0\0\0", place];
            [b"\0\x02".as_slice(), orientation, gps, &[0; 4], &text.concat()].concat()
        }
    };
    [b"Exif\0\0MM\0\x2a\0\0\0\x08".as_slice(), &tags].concat()
}

impl Photograph {
    /// Of a picture that the server makes of a PNG. `marked`: something that tells it from others.
    async fn new(server: &TestServer, marked: &[u8]) -> Photograph {
        let plain = server.upload_file("plain.png", "image/png", &png(640, 480)).await.expect_status(201).body;
        let url = format!("{}?w=320&format=jpeg", plain[0]["url"].as_str().unwrap());
        let jpeg = server.public_client().get(&url).await.expect_status(200).bytes;
        let profile = segment(0xe2, &[b"ICC_PROFILE\0\x01\x01".as_slice(), marked, &[7; 150]].concat());
        let behind = [profile.as_slice(), &jpeg[2..]].concat();
        let beside = [
            segment(0xe1, &exif(Some(SECRET))),
            segment(0xe1, &[b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>".as_slice(), SECRET].concat()),
            segment(0xed, &[b"Photoshop 3.0\08BIM\x04\x04".as_slice(), SECRET].concat()),
            segment(0xfe, SECRET),
        ];
        let sent = [b"\xff\xd8".as_slice(), &beside.concat(), &behind, b"ftypmp42 a film", SECRET].concat();
        // The stored file lacks all that, with the same bytes of pixels, colours and orientation.
        let stored = [b"\xff\xd8".as_slice(), &segment(0xe1, &exif(None)), &behind].concat();
        Photograph { sent, stored }
    }
}

async fn upload(server: &TestServer, path: &str, bytes: &[u8], info: Json) -> TestResponse {
    let part = Part::bytes(bytes.to_vec()).file_name("p.jpg").mime_str("image/jpeg").unwrap();
    let form = Form::new().part("files", part).text("fileInfo", info.to_string());
    server.send(server.request("POST", path).multipart(form)).await
}

/// The original behind a file's address.
async fn original(server: &TestServer, file: &Json) -> Vec<u8> {
    server.public_client().get(file["url"].as_str().unwrap()).await.expect_status(200).bytes
}

async fn folder(server: &TestServer, input: Json) -> i64 {
    server.post("/admin/api/assets/folders", input).await.expect_status(201).id()
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_remove_location_and_preserve_appearance() {
    let server = TestServer::start().await;
    let photograph = Photograph::new(&server, b"1").await;
    let file = upload(&server, "/api/upload", &photograph.sent, json!({})).await.expect_status(201).body[0].clone();
    assert_eq!(original(&server, &file).await, photograph.stored);
    // Width and height are those of the turned picture.
    assert_eq!((&file["width"], &file["height"]), (&json!(240), &json!(320)));
    let path = format!("/admin/api/assets/{}", file["documentId"].as_str().unwrap());
    let known = server.get(&path).await.expect_status(200).body["data"].clone();
    assert_eq!(known["bytes"], photograph.stored.len(), "size and hash are those of what is stored");
    // The same photograph without its metadata is the same file.
    let duplicate =
        upload(&server, "/api/upload", &photograph.stored, json!({})).await.expect_status(201).body[0].clone();
    let duplicate = server
        .get(&format!("/admin/api/assets/{}", duplicate["documentId"].as_str().unwrap()))
        .await
        .expect_status(200)
        .body;
    assert_eq!(duplicate["data"]["sha256"], known["sha256"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn folders_inherit_and_override_keeps_metadata() {
    let server = TestServer::start().await;
    let photograph = Photograph::new(&server, b"2").await;
    let keeps = folder(&server, json!({ "name": "Agency", "keepsMetadata": true })).await;
    let inside = folder(&server, json!({ "name": "2026", "parent": keeps })).await;
    let not = folder(&server, json!({ "name": "Press", "parent": inside, "keepsMetadata": false })).await;
    let stored_in = async |folder: i64| {
        let file =
            upload(&server, "/api/upload", &photograph.sent, json!({ "folder": folder })).await.expect_status(201).body;
        original(&server, &file[0]).await
    };
    assert_eq!(stored_in(keeps).await, photograph.sent);
    assert_eq!(stored_in(inside).await, photograph.sent);
    assert_eq!(stored_in(not).await, photograph.stored);
    assert_eq!(stored_in(0).await, photograph.stored);

    let path = |folder: i64| format!("/admin/api/assets/folders/{folder}");
    let read_flags = async |folder: i64| {
        let data = server.get(&path(folder)).await.expect_status(200).body["data"].clone();
        (data["keepsMetadata"].clone(), data["metadataKept"].clone())
    };
    assert_eq!(read_flags(keeps).await, (json!(true), json!(true)));
    assert_eq!(read_flags(inside).await, (Json::Null, json!(true)));
    assert_eq!(read_flags(not).await, (json!(false), json!(false)));
    // A missing member leaves the flag as it is, and null inherits it from the parent folder.
    server.put(&path(not), json!({ "name": "Pers" })).await.expect_status(200);
    assert_eq!(read_flags(not).await, (json!(false), json!(false)));
    server.put(&path(not), json!({ "keepsMetadata": null })).await.expect_status(200);
    assert_eq!(read_flags(not).await, (Json::Null, json!(true)));
    assert_eq!(stored_in(not).await, photograph.sent);
    server.put(&path(keeps), json!({ "keepsMetadata": false })).await.expect_status(200);
    assert_eq!(stored_in(inside).await, photograph.stored);
    server.put(&path(keeps), json!({ "keepsMetadata": "yes" })).await.expect_status(400);
}

#[tokio::test(flavor = "multi_thread")]
async fn moved_files_retain_their_stored_bytes() {
    let server = TestServer::start().await;
    let photograph = Photograph::new(&server, b"3").await;
    let keeps = folder(&server, json!({ "name": "Agency", "keepsMetadata": true })).await;
    let send = async |folder: i64| {
        let file =
            upload(&server, "/api/upload", &photograph.sent, json!({ "folder": folder })).await.expect_status(201).body;
        file[0].clone()
    };
    let (preserved, stripped) = (send(keeps).await, send(0).await);
    for (file, to) in [(&preserved, 0), (&stripped, keeps)] {
        let moved = json!({ "action": "move", "folder": to, "ids": [file["documentId"]] });
        server.post("/admin/api/assets/bulk", moved).await.expect_status(200);
    }
    assert_eq!(original(&server, &preserved).await, photograph.sent);
    assert_eq!(original(&server, &stripped).await, photograph.stored);
    // A replacement goes by the folder that the file is in now.
    let next = Photograph::new(&server, b"4").await;
    for (file, expected) in [(&preserved, &next.stored), (&stripped, &next.sent)] {
        let path = format!("/api/upload?id={}", file["id"]);
        let replaced = upload(&server, &path, &next.sent, json!({})).await.expect_status(200).body;
        assert_eq!(original(&server, &replaced).await, *expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn resumable_uploads_also_remove_metadata() {
    const BODY: &str = "application/offset+octet-stream";
    let server = TestServer::start().await;
    let photograph = Photograph::new(&server, b"5").await;
    let keeps = folder(&server, json!({ "name": "Agency", "keepsMetadata": true })).await.to_string();
    for (folder, expected) in [("0", &photograph.stored), (keeps.as_str(), &photograph.sent)] {
        let metadata = [("filename", "p.jpg"), ("filetype", "image/jpeg"), ("folder", folder)];
        let text = metadata.map(|(name, value)| format!("{name} {}", STANDARD.encode(value))).join(",");
        let begin = server.request("POST", "/api/upload/resumable").header("tus-resumable", "1.0.0");
        let begin = begin.header("upload-length", photograph.sent.len()).header("upload-metadata", text);
        let at = server.send(begin).await.expect_status(201).header("location").to_owned();
        let half = photograph.sent.len() / 2;
        for (offset, piece) in [(0, &photograph.sent[..half]), (half, &photograph.sent[half..])] {
            let patch = server.request("PATCH", &at).header("tus-resumable", "1.0.0").header("content-type", BODY);
            server.send(patch.header("upload-offset", offset).body(piece.to_vec())).await.expect_status(204);
        }
        let upload_state = server.get(&at).await.expect_status(200).body;
        assert_eq!(original(&server, &upload_state["data"]["file"]).await, *expected, "{folder}");
    }
}

/// A file that nobody can show as a picture, and that still says where it was taken, is not stored with that, and not without telling.
#[tokio::test(flavor = "multi_thread")]
async fn photographs_too_damaged_to_clean_are_rejected() {
    let server = TestServer::start().await;
    let photograph = Photograph::new(&server, b"6").await;
    // The first segment claims to be longer than the file.
    let mut damaged = photograph.sent;
    (damaged[4], damaged[5]) = (0xff, 0xff);
    let before = server.get("/api/upload/files").await.expect_status(200).body;
    let refused = upload(&server, "/api/upload", &damaged, json!({})).await.expect_status(400);
    assert!(
        refused.message().contains("damaged") && refused.message().contains("retains metadata"),
        "{}",
        refused.text()
    );
    assert_eq!(server.get("/api/upload/files").await.expect_status(200).body, before);
    let keeps = folder(&server, json!({ "name": "Agency", "keepsMetadata": true })).await;
    let file = upload(&server, "/api/upload", &damaged, json!({ "folder": keeps })).await.expect_status(201).body;
    assert_eq!(original(&server, &file[0]).await, damaged);
}
