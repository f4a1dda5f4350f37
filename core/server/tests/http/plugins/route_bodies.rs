//! Bodies that plugins receive as files: limits while they arrive, who can read them, and what remains of them.

use super::responses::{install_changed_teller, install_teller};
use cairn_testkit::{TestProject, TestResponse, TestServer};
use serde_json::json;

const RECEIVE: &str = "/api/teller/receive";
const MIB: usize = 1 << 20;

async fn server() -> TestServer {
    let server = TestServer::start_configured(TestProject::newsroom(), |c| c.server.max_body_bytes = 16 << 10).await;
    install_teller(&server).await;
    server
}

async fn send(server: &TestServer, query: &str, body: Vec<u8>) -> TestResponse {
    let public = server.public_client();
    let request = public.request("POST", &format!("{RECEIVE}{query}"));
    public.send(request.header("content-type", "text/plain").body(body)).await
}

/// Files of the tenant: those that are stored, and those that are still arriving.
fn stored_and_arriving(server: &TestServer) -> (usize, usize) {
    let folder = server.project.path().join("data/tenants/default/uploads");
    let names = std::fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().file_name());
    let (arriving, stored): (Vec<_>, Vec<_>) =
        names.partition(|name| name.to_string_lossy().starts_with(cairn_assets::STAGED_PREFIX));
    (stored.len(), arriving.len())
}

/// `size` bytes that begin and end with these eight.
fn body(first: &str, size: usize, last: &str) -> Vec<u8> {
    [first.as_bytes(), &vec![b'.'; size - first.len() - last.len()], last.as_bytes()].concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_larger_than_the_servers_limit_arrive_as_files_and_are_deleted() {
    let server = server().await;
    let answer = send(&server, "", body("at first", 2 * MIB, "the last")).await.expect_status(200);
    let report = &answer.body;
    assert_eq!(
        (&report["bytes"], &report["type"], &report["sha256"]),
        (&json!(2 * MIB), &json!("text/plain"), &json!(32))
    );
    assert_eq!(
        (&report["first"], &report["last"], &report["beyond"]),
        (&json!("at first"), &json!("the last"), &json!(""))
    );
    assert_eq!(stored_and_arriving(&server), (0, 0), "{}", answer.text());
    // An empty body makes no file.
    let empty = send(&server, "", Vec::new()).await.expect_status(200);
    assert_eq!(empty.body, json!({ "file": null, "bytes": 0 }));
    assert_eq!(stored_and_arriving(&server), (0, 0));
    // A route that receives bytes has the server's limit as before.
    let public = server.public_client();
    let request = public.request("POST", "/api/teller/ask").header("content-type", "application/json");
    public.send(request.body(vec![b' '; 17 << 10])).await.expect_status(413);
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_over_their_limit_are_refused_while_they_arrive() {
    let server = server().await;
    // Announced, and found out on the way.
    send(&server, "", vec![b'x'; 3 * MIB + 1]).await.expect_status(413);
    let head = format!(
        "POST {RECEIVE} HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    );
    let chunk = [format!("{:x}\r\n", MIB / 2).as_bytes(), &vec![b'x'; MIB / 2], b"\r\n"].concat();
    let chunked = |chunks: usize, end: &str| [head.as_bytes(), &chunk.repeat(chunks), end.as_bytes()].concat();
    let whole = server.send_raw(chunked(6, "0\r\n\r\n")).await;
    assert_eq!(whole.status(), 200, "{}", whole.text);
    let refused = server.send_raw(chunked(7, "0\r\n\r\n")).await;
    assert_eq!(refused.status(), 413, "{}", refused.text);
    assert!(refused.text.contains("The body is larger than 3145728 bytes"), "{}", refused.text);
    // The chunks are malformed.
    let broken = server.send_raw(chunked(3, "zz\r\n")).await;
    assert_eq!(broken.status(), 400, "{}", broken.text);
    assert_eq!(stored_and_arriving(&server), (0, 0));
    let public = server.public_client();
    let request = public.request("POST", RECEIVE).header("content-type", "application/json").body("{}");
    public.send(request).await.expect_status(415);
    assert_eq!(stored_and_arriving(&server), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_beyond_the_rate_are_refused_before_their_body_arrives() {
    let server = TestServer::start_configured(TestProject::newsroom(), |c| c.server.max_body_bytes = 16 << 10).await;
    let path = "path = \"/receive\"\n";
    let rate = "rate = { per = \"ip\", limit = 2, every = \"1h\" }\n";
    install_changed_teller(&server, |manifest| manifest.replacen(path, &format!("{path}{rate}"), 1)).await;
    send(&server, "", body("at first", MIB, "the last")).await.expect_status(200);
    // A request that is refused for its size counts towards the rate, too.
    send(&server, "", vec![b'x'; 3 * MIB + 1]).await.expect_status(413);
    let head = format!(
        "POST {RECEIVE} HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nConnection: close\r\nContent-Length: {MIB}\r\n\r\n"
    );
    // The body is never sent.
    let refused = server.send_raw(head.into_bytes()).await;
    assert_eq!(refused.status(), 429, "{}", refused.text);
    assert!(refused.text.to_lowercase().contains("retry-after: "), "{}", refused.text);
    assert_eq!(stored_and_arriving(&server), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_limit_files_that_plugins_receive() {
    let server = TestServer::start_configured(TestProject::newsroom(), |c| c.assets.max_bytes = 20_000).await;
    install_teller(&server).await;
    send(&server, "", vec![b'x'; 20_000]).await.expect_status(200);
    send(&server, "", vec![b'x'; 20_001]).await.expect_status(413);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_its_own_call_reads_a_body() {
    let server = server().await;
    let (one, other) = tokio::join!(
        send(&server, "", body("of one..", MIB, "one ends")),
        send(&server, "", body("of other", MIB, "other es")),
    );
    let (one, other) = (one.expect_status(200).body, other.expect_status(200).body);
    assert_eq!((&one["first"], &one["last"]), (&json!("of one.."), &json!("one ends")));
    assert_eq!((&other["first"], &other["last"]), (&json!("of other"), &json!("other es")));
    assert_ne!(one["file"], other["file"]);
    let id = one["file"].as_str().unwrap();
    let later = send(&server, &format!("?peek={id}"), b"something else".to_vec()).await.expect_status(200);
    assert!(later.body["peek"].as_str().unwrap().contains("not found"), "{}", later.text());
    assert_eq!(stored_and_arriving(&server), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn kept_bodies_become_files_of_the_plugin() {
    let server = server().await;
    let content = body("to keep!", 100_000, "the last");
    let report = send(&server, "?keep=letter.txt", content.clone()).await.expect_status(200).body;
    let kept = report["kept"].as_str().unwrap_or_else(|| panic!("{report}")).to_owned();
    assert_ne!(report["file"], json!(kept));
    assert!(report["afterwards"]["error"].as_str().unwrap().contains("not found"), "{report}");
    let public = server.public_client();
    let file = public.post("/api/teller/ask", json!({ "file": kept })).await.expect_status(200);
    assert_eq!(file.text().into_bytes(), content);
    assert_eq!(stored_and_arriving(&server), (1, 0));
    // A name that no file can have keeps nothing.
    let report = send(&server, "?keep=", b"to keep as well".to_vec()).await.expect_status(200).body;
    assert!(report["kept"]["error"].is_string() && report["afterwards"] == "to keep ", "{report}");
    assert_eq!(stored_and_arriving(&server), (1, 0));
}
