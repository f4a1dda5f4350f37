//! Responses of plugin routes, and what a browser may make of them.

use super::{PLUGINS, guest, install, stage};
use cairn_plugin_package::package::pack;
use cairn_testkit::TestServer;
use serde_json::{Value as Json, json};

/// A server with the guest that does everything a plugin must not.
async fn server_with_hostile_plugin() -> TestServer {
    let server = TestServer::start().await;
    let staged = stage(&server, &pack(&guest("hostile", |text| text), None).unwrap()).await.expect_status(201);
    install(&server, &staged, json!({ "unsigned": true })).await.expect_status(201);
    server
}

#[tokio::test(flavor = "multi_thread")]
async fn executable_responses_are_sandboxed() {
    let server = server_with_hostile_plugin().await;
    for page in ["thief", "thief.xhtml", "thief.svg", "worker.js"] {
        let request = server.public_client().request("GET", &format!("/api/hostile/page/{page}"));
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 200, "{page}");
        let policies: Vec<&str> =
            answer.headers().get_all("content-security-policy").iter().map(|value| value.to_str().unwrap()).collect();
        // The page's own policy stands beside the sandbox and cannot remove it.
        assert_eq!(policies.len(), if page == "thief" { 2 } else { 1 }, "{page}: {policies:?}");
        let own = policies.last().unwrap();
        assert!(own.starts_with("sandbox ") && !own.contains("allow-same-origin"), "{page}: {own}");
        assert!(own.contains("frame-ancestors 'none'"), "{page}: {own}");
        let header = |name: &str| answer.headers()[name].to_str().unwrap();
        assert_eq!(header("x-content-type-options"), "nosniff", "{page}");
        assert_eq!(header("referrer-policy"), "no-referrer", "{page}");
        assert_eq!(header("x-frame-options"), "DENY", "{page}");
        assert!(!answer.headers().contains_key("service-worker-allowed"), "{page}");
    }
    // Data are data.
    let data = server.public_client().request("POST", "/api/hostile/any/kv").send().await.unwrap();
    assert!(!data.headers().contains_key("content-security-policy"), "{:?}", data.headers());
    assert_eq!(data.headers()["x-content-type-options"], "nosniff");
}

#[tokio::test(flavor = "multi_thread")]
async fn worker_scripts_are_rejected() {
    let server = server_with_hostile_plugin().await;
    let script = "/api/hostile/page/worker.js";
    server.public_client().get_with(script, ("service-worker", "script")).await.expect_status(403);
    server.public_client().get_with("/uploads/a.js", ("service-worker", "script")).await.expect_status(403);
    server.public_client().get_with("/admin/", ("service-worker", "script")).await.expect_status(403);
    for dest in ["serviceworker", "worker", "sharedworker"] {
        server.public_client().get_with(script, ("sec-fetch-dest", dest)).await.expect_status(403);
    }
    server.public_client().get_with(script, ("sec-fetch-dest", "script")).await.expect_status(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn forbidden_response_headers_are_removed_and_logged_once() {
    let server = server_with_hostile_plugin().await;
    for _ in 0..3 {
        let request = server.public_client().request("POST", "/api/hostile/any/header-list");
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 200);
        for name in [
            "clear-site-data",
            "www-authenticate",
            "set-cookie",
            "service-worker-allowed",
            "access-control-allow-origin",
            "location",
        ] {
            assert!(!answer.headers().contains_key(name), "{name}");
        }
        assert_eq!(answer.headers()["x-hostile-mark"], "kept");
        assert_eq!(answer.headers()["cache-control"], "no-store");
    }
    let log = server.get(&format!("{PLUGINS}/hostile/logs")).await.expect_status(200);
    let lines = log.text().matches("response headers were removed").count();
    assert_eq!(lines, 1, "{}", log.text());
    assert!(log.text().contains("clear-site-data") && log.text().contains("service-worker-allowed"), "{}", log.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_response_headers_fail_the_call() {
    let server = server_with_hostile_plugin().await;
    for trial in ["header-flood", "header-injection", "header-name"] {
        let answer =
            server.public_client().post(&format!("/api/hostile/any/{trial}"), json!({})).await.expect_status(502);
        assert!(answer.message().contains("\"hostile\" did not respond"), "{trial}: {}", answer.text());
        assert_eq!(answer.header("x-a"), "", "{trial}");
    }
    let calls = server.get(&format!("{PLUGINS}/hostile/calls")).await.expect_status(200);
    let text = calls.text();
    for message in ["100001 headers", "a control character", "is not a valid header name"] {
        assert!(text.contains(message), "{message}: {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_plugin_paths_return_404_and_disabled_plugins_503() {
    let server = server_with_hostile_plugin().await;
    let all = ["GET", "POST", "PUT", "PATCH", "DELETE"];
    for method in all {
        let missing = server.send(server.public_client().request(method, "/api/hostile/nothing/there")).await;
        assert_eq!(missing.status, 404, "{method}: {}", missing.text());
    }
    // A path that is there has other methods.
    let other = server.send(server.public_client().request("DELETE", "/api/hostile/any/kv")).await;
    assert_eq!((other.status, other.header("allow")), (405, "POST"));
    server.post(&format!("{PLUGINS}/hostile/disable"), json!({})).await.expect_status(200);
    for method in all {
        let away = server.send(server.public_client().request(method, "/api/hostile/any/kv")).await;
        assert_eq!(away.status, 503, "{method}: {}", away.text());
        assert!(away.header("retry-after").parse::<u32>().unwrap() > 0);
    }
}

/// Installs the guest that does what it is told.
pub(crate) async fn install_teller(server: &TestServer) {
    install_changed_teller(server, |manifest| manifest).await;
}

/// Installs it with a change to its manifest.
pub(super) async fn install_changed_teller(server: &TestServer, change: impl Fn(String) -> String) {
    // The guest begins transactions, for which an installed package needs a grant for data.
    let grant =
        "[[grant]]\nuse = \"data.read\"\ntypes = [\"api::article.article\"]\nreason = \"Begins transactions.\"\n\n";
    let package = guest("teller", |text| change(text.replacen("[[grant]]\n", &format!("{grant}[[grant]]\n"), 1)));
    let staged = stage(server, &pack(&package, None).unwrap()).await.expect_status(201);
    install(server, &staged, json!({ "unsigned": true })).await.expect_status(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn routes_respond_with_files_that_the_plugin_may_see() {
    let server = TestServer::start().await;
    install_teller(&server).await;
    let public = server.public_client();
    let ask = async |file: &str, headers: &[(&str, &str)]| {
        let mut request = public.request("POST", "/api/teller/ask").header("content-type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        public.send(request.body(json!({ "file": file }).to_string())).await
    };
    let upload = async |name: &str, content: &str, info: Json| {
        let part = reqwest::multipart::Part::bytes(content.as_bytes().to_vec()).file_name(name.to_owned());
        let form = reqwest::multipart::Form::new().part("files", part).text("fileInfo", info.to_string());
        let uploaded = server.send(server.request("POST", "/api/upload").multipart(form)).await.expect_status(201);
        uploaded.body[0]["documentId"].as_str().unwrap().to_owned()
    };
    let text = upload("a.txt", "0123456789", json!({})).await;
    let whole = ask(&text, &[]).await.expect_status(200);
    assert_eq!((whole.text().as_str(), whole.header("content-type")), ("0123456789", "text/plain; charset=utf-8"));
    assert_eq!((whole.header("accept-ranges"), whole.header("cache-control")), ("bytes", "private, no-cache"));
    let part = ask(&text, &[("range", "bytes=2-4")]).await.expect_status(206);
    assert_eq!((part.text().as_str(), part.header("content-range")), ("234", "bytes 2-4/10"));
    let etag = whole.header("etag").to_owned();
    ask(&text, &[("if-none-match", &etag)]).await.expect_status(304);
    // A repeated key returns the same file.
    for _ in 0..2 {
        let keyed = ask(&text, &[("idempotency-key", "once")]).await.expect_status(200);
        assert_eq!(keyed.text(), "0123456789");
    }
    // The plugin's file type does not make the browser run the file.
    let page = upload("a.html", "<script>alert(1)</script>", json!({})).await;
    let page = ask(&page, &[]).await.expect_status(200);
    assert!(page.header("content-disposition").starts_with("attachment;"), "{}", page.header("content-disposition"));
    assert_eq!(page.header("content-security-policy"), "sandbox; default-src 'none'");
    // A file that does not exist, and a private one that no document of the plugin has.
    ask("nothing", &[]).await.expect_status(502);
    let private = upload("b.txt", "secret", json!({ "private": true })).await;
    ask(&private, &[]).await.expect_status(502);
}
