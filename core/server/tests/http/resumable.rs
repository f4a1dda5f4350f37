//! `/api/upload/resumable`: every status of tus 1.0.0 that is spoken there, and what a broken connection leaves.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cairn_testkit::{TestClient, TestProject, TestResponse, TestServer, extend_limit};
use serde_json::{Value as Json, json};
use std::time::Duration;
use tokio::io::AsyncWriteExt;

const AT: &str = "/api/upload/resumable";
const BODY: &str = "application/offset+octet-stream";

async fn send(client: &TestClient, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> TestResponse {
    let mut request = client.request(method, path).header("tus-resumable", "1.0.0").body(body.to_vec());
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    client.send(request).await
}

fn metadata(pairs: &[(&str, &str)]) -> String {
    pairs.iter().map(|(k, v)| format!("{k} {}", STANDARD.encode(v))).collect::<Vec<_>>().join(",")
}

async fn begin(client: &TestClient, length: usize) -> String {
    let text = metadata(&[("filename", "a.txt"), ("filetype", "text/plain")]);
    let length = length.to_string();
    let headers = [("upload-length", length.as_str()), ("upload-metadata", text.as_str())];
    let created = send(client, "POST", AT, &headers, b"").await.expect_status(201);
    assert_eq!(created.header("tus-resumable"), "1.0.0");
    assert!(created.header("upload-expires").ends_with("GMT"), "{}", created.header("upload-expires"));
    created.header("location").to_owned()
}

async fn patch(client: &TestClient, path: &str, offset: usize, body: &[u8]) -> TestResponse {
    let offset = offset.to_string();
    send(client, "PATCH", path, &[("content-type", BODY), ("upload-offset", &offset)], body).await
}

#[tokio::test(flavor = "multi_thread")]
async fn file_is_uploaded_in_pieces() {
    let server = TestServer::start().await;
    let at = begin(&server, 11).await;
    let head = send(&server, "HEAD", &at, &[], b"").await.expect_status(200);
    assert_eq!((head.header("upload-offset"), head.header("upload-length")), ("0", "11"));
    assert_eq!(head.header("cache-control"), "no-store");
    let added = patch(&server, &at, 0, b"hello ").await.expect_status(204);
    assert_eq!((added.header("upload-offset"), added.header("cairn-file")), ("6", ""));
    let state = server.get(&at).await.expect_status(200).body;
    assert_eq!((&state["data"]["state"], &state["data"]["offset"]), (&json!("open"), &json!(6)));
    assert_eq!((&state["data"]["file"], &state["data"]["metadata"]["filename"]), (&Json::Null, &json!("a.txt")));
    patch(&server, &at, 5, b"x").await.expect_error(409, "The upload has 6 bytes: the next piece must start there");
    patch(&server, &at, 6, b"world!").await.expect_status(413);
    let test_answer = patch(&server, &at, 6, b"world").await.expect_status(204);
    let file = test_answer.header("cairn-file").to_owned();
    assert_eq!(test_answer.header("upload-offset"), "11");
    // The answer was lost, and the piece comes again; another one does not fit.
    let repeated = patch(&server, &at, 6, b"world").await.expect_status(204);
    assert_eq!((repeated.header("upload-offset"), repeated.header("cairn-file")), ("11", file.as_str()));
    patch(&server, &at, 3, b"world").await.expect_status(409);
    let head = send(&server, "HEAD", &at, &[], b"").await.expect_status(200);
    assert_eq!((head.header("upload-offset"), head.header("cairn-file")), ("11", file.as_str()));
    let state = server.get(&at).await.expect_status(200).body;
    assert_eq!((&state["data"]["state"], &state["data"]["file"]["documentId"]), (&json!("done"), &json!(file)));
    assert_eq!(state["data"]["file"]["isUrlSigned"], false);
    let url = state["data"]["file"]["url"].as_str().unwrap().to_owned();
    assert_eq!(server.public_client().get(&url).await.expect_status(200).text(), "hello world");
    assert_eq!(server.get("/api/upload/files").await.body.as_array().unwrap().len(), 1);
    send(&server, "DELETE", &at, &[], b"").await.expect_status(204);
    server.get(&at).await.expect_status(404);
    server.public_client().get(&url).await.expect_status(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn protocol_version_headers_and_checksums_are_validated() {
    let server = TestServer::start().await;
    let spoken = server.public_client().send(server.public_client().request("OPTIONS", AT)).await.expect_status(204);
    for (name, value) in [
        ("tus-resumable", "1.0.0"),
        ("tus-version", "1.0.0"),
        ("tus-extension", "creation,creation-with-upload,expiration,termination,checksum"),
        ("tus-max-size", "200000000"),
        ("tus-checksum-algorithm", "sha1,sha256"),
    ] {
        assert_eq!(spoken.header(name), value);
    }
    let at = begin(&server, 5).await;
    server.send(server.request("OPTIONS", &at)).await.expect_status(204);
    // Elsewhere nothing is.
    server.send(server.request("OPTIONS", "/admin/api/content-types")).await.expect_status(405);
    for version in [None, Some("0.2.2")] {
        for (method, path) in [("POST", AT), ("HEAD", &at), ("PATCH", &at), ("DELETE", &at)] {
            let request = server.request(method, path);
            let request = if let Some(version) = version { request.header("tus-resumable", version) } else { request };
            let answer = server.send(request).await.expect_status(412);
            assert_eq!(answer.header("tus-version"), "1.0.0", "{method}");
        }
    }
    for (headers, status) in [
        (vec![], 400),
        (vec![("upload-length", "x")], 400),
        (vec![("upload-length", "-1")], 400),
        (vec![("upload-length", "0")], 400),
        (vec![("upload-length", "200000001")], 413),
        (vec![("upload-defer-length", "1")], 400),
        (vec![("upload-length", "5"), ("upload-metadata", "filename ???")], 400),
        (vec![("upload-length", "5"), ("upload-metadata", "folder OTk=")], 400),
        (vec![("upload-length", "5"), ("upload-checksum", "crc32 AAAA")], 400),
    ] {
        let answer = send(&server, "POST", AT, &headers, b"").await.expect_status(status);
        answer.assert_envelope();
    }
    send(&server, "PATCH", &at, &[("content-type", BODY)], b"hello").await.expect_status(400);
    send(&server, "PATCH", &at, &[("upload-offset", "0")], b"hello").await.expect_status(415);
    let sum = format!("sha1 {}", STANDARD.encode([0; 20]));
    let headers = [("content-type", BODY), ("upload-offset", "0"), ("upload-checksum", &*sum)];
    send(&server, "PATCH", &at, &headers, b"hello").await.expect_status(460);
    let right = format!("sha256 {}", STANDARD.encode(sha(b"hello")));
    let headers = [("content-type", BODY), ("upload-offset", "0"), ("upload-checksum", &*right)];
    assert_ne!(send(&server, "PATCH", &at, &headers, b"hello").await.expect_status(204).header("cairn-file"), "");
    server.get(&format!("{AT}/nothing")).await.expect_status(404);
    // The whole file in one request.
    let headers = [("upload-length", "5"), ("content-type", BODY)];
    let test_answer = send(&server, "POST", AT, &headers, b"hello").await.expect_status(201);
    assert_eq!(test_answer.header("upload-offset"), "5");
    assert_ne!(test_answer.header("cairn-file"), "");
}

fn sha(bytes: &[u8]) -> Vec<u8> {
    use sha2::Digest;
    sha2::Sha256::digest(bytes).to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_require_a_permission_and_belong_to_their_creator() {
    let people = json!([{ "email": "ed@example.com", "password": "a password of some length", "roles": ["editor"] }]);
    let server = TestServer::start_with(TestProject::newsroom().with_settings("adminUsers", people)).await;
    let headers = [("upload-length", "5")];
    send(&server.public_client(), "POST", AT, &headers, b"").await.expect_status(403);
    send(&server.read_only(), "POST", AT, &headers, b"").await.expect_status(403);
    send(&server.with_token("nonsense"), "POST", AT, &headers, b"").await.expect_status(401);
    send(&server.with_token("cairn_admin_00"), "POST", AT, &headers, b"").await.expect_status(401);
    let signed = json!({ "email": "ed@example.com", "password": "a password of some length", "token": true });
    let signed = server.public_client().post("/admin/api/login", signed).await.expect_status(200).body;
    let ed = server.with_token(signed["data"]["token"].as_str().unwrap());
    let at = begin(&ed, 5).await;
    // Uploads of another user are not found.
    server.get(&at).await.expect_status(404);
    patch(&server, &at, 0, b"hello").await.expect_status(404);
    send(&server, "DELETE", &at, &[], b"").await.expect_status(404);
    let file = patch(&ed, &at, 0, b"hello").await.expect_status(204).header("cairn-file").to_owned();
    let file = server.get(&format!("/api/upload/files/{file}")).await.expect_status(200).body;
    assert_eq!(file["name"], "a.txt");
}

/// Sends part of a piece, and breaks the connection.
async fn send_partial_piece(server: &TestServer, at: &str, offset: usize, announced: usize, bytes: &[u8]) {
    let mut stream = tokio::net::TcpStream::connect(server.address).await.unwrap();
    let head = format!(
        "PATCH {at} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\ntus-resumable: 1.0.0\r\ncontent-type: {BODY}\r\n\
         upload-offset: {offset}\r\ncontent-length: {announced}\r\n\r\n",
        server.address,
        cairn_testkit::FULL_TOKEN
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    stream.flush().await.unwrap();
    // The server gives no sign that it has begun to read, and a request for it could replace the piece.
    tokio::time::sleep(extend_limit(Duration::from_millis(300))).await;
    // A piece that is under way locks the upload.
    patch(server, at, offset, b"x").await.expect_status(423);
    drop(stream);
}

async fn upload_offset(server: &TestServer, at: &str) -> usize {
    send(server, "HEAD", at, &[], b"").await.expect_status(200).header("upload-offset").parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn interrupted_pieces_retain_the_received_bytes() {
    let server = TestServer::start().await;
    let content: Vec<u8> = (0..3_000_000_u32).map(|n| (n % 251) as u8).collect();
    let at = begin(&server, content.len()).await;
    send_partial_piece(&server, &at, 0, content.len(), &content[..1_000_000]).await;
    let mut offset = 0;
    for _ in 0..50 {
        offset = upload_offset(&server, &at).await;
        if offset > 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(offset, 1_000_000);
    let answer = patch(&server, &at, offset, &content[offset..]).await.expect_status(204);
    let file = server.get(&format!("/api/upload/files/{}", answer.header("cairn-file"))).await.expect_status(200).body;
    let stored = server.public_client().get(file["url"].as_str().unwrap()).await.expect_status(200).bytes;
    assert_eq!(sha(&stored), sha(&content));
}

#[tokio::test(flavor = "multi_thread")]
async fn abandoned_uploads_expire_after_a_day() {
    let server = TestServer::start().await;
    let at = begin(&server, 5).await;
    patch(&server, &at, 0, b"he").await.expect_status(204);
    let folder = server.project.path().join("data/tenants/default/resumable");
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1);
    server.advance_clock(Duration::from_secs(26 * 3_600));
    server.get(&at).await.expect_status(404);
    server.run_until_idle().await;
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn configured_cors_origins_can_upload() {
    let server = TestServer::start_configured(TestProject::newsroom(), |c| {
        c.server.cors_origins = vec!["https://app.example".into()]
    })
    .await;
    let request = server.request("OPTIONS", AT).header("origin", "https://app.example");
    let answer = server.send(request.header("access-control-request-method", "PATCH")).await.expect_status(204);
    assert!(answer.header("access-control-allow-methods").contains("PATCH"));
    let request = server.request("OPTIONS", AT).header("origin", "https://app.example");
    let test_answer = server.send(request).await.expect_status(204);
    for name in ["Location", "Upload-Offset", "Upload-Length", "Tus-Resumable", "Cairn-File"] {
        assert!(test_answer.header("access-control-expose-headers").contains(name), "{name}");
    }
}
