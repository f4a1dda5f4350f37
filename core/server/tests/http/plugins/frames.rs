//! Parts of a plugin that browsers load: pages in frames, and routes that scripts of other origins call.

use super::{PLUGINS, guest, install, stage};
use cairn_plugin_package::package::pack;
use cairn_testkit::TestServer;
use serde_json::json;

const CORS: &str = "\n[[route]]\nname = \"shared\"\nmethod = \"POST\"\npath = \"/shared/{word}\"\nauth = \"none\"\n\
                    cors = { origins = [\"https://www.example.com\"], headers = [\"x-visitor\"], credentials = true, max-age = \"1h\" }\n";

async fn server() -> TestServer {
    let server = TestServer::start().await;
    let mut files = guest("allow", |text| format!("{text}{CORS}"));
    for (name, content) in
        [("admin/board/index.html", "<h1>Board</h1>"), ("admin/board/main.js", "1"), ("admin/board/notes.txt", "x")]
    {
        files.add(name, content.as_bytes().to_vec()).unwrap();
    }
    let staged = stage(&server, &pack(&files, None).unwrap()).await.expect_status(201);
    install(&server, &staged, json!({ "unsigned": true })).await.expect_status(201);
    server
}

#[tokio::test(flavor = "multi_thread")]
async fn plugin_frames_are_sandboxed_without_network_access() {
    let server = server().await;
    let page = server.public_client().get("/admin/plugins/allow/frame/board/index.html").await.expect_status(200);
    assert_eq!(page.text(), "<h1>Board</h1>");
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(
        page.header("content-security-policy"),
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; \
         connect-src 'none'; frame-ancestors 'self'; sandbox allow-scripts"
    );
    assert_eq!(page.header("x-content-type-options"), "nosniff");
    assert_eq!(page.header("set-cookie"), "");
    let script = server.public_client().get("/admin/plugins/allow/frame/board/main.js").await.expect_status(200);
    assert_eq!(script.header("content-type"), "text/javascript; charset=utf-8");
    assert!(script.header("content-security-policy").contains("sandbox"));
    // Files of other kinds, files in other folders of the package, and missing files are not served.
    for path in [
        "allow/frame/board/notes.txt",
        "allow/frame/board",
        "allow/frame/board/none.html",
        "allow/frame/..%2fplugin.toml",
        "allow/frame/..%2flocales%2fen.json",
        "allow/frame/%2e%2e/locales/en.json",
        "nothing/frame/board/index.html",
    ] {
        let answer = server.public_client().get(&format!("/admin/plugins/{path}")).await;
        assert!(answer.status == 404 || !answer.text().contains("plugin"), "{path}: {}", answer.text());
        assert!(!answer.text().contains("[plugin]"), "{path}");
    }
    server.post(&format!("{PLUGINS}/allow/disable"), json!({})).await.expect_status(200);
    server.public_client().get("/admin/plugins/allow/frame/board/index.html").await.expect_status(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn cors_is_limited_to_the_origins_of_the_route() {
    let server = server().await;
    let client = server.public_client();
    let ask = async |origin: &str, method: &str, path: &str| {
        let request = client
            .request("OPTIONS", path)
            .header("origin", origin)
            .header("access-control-request-method", method)
            .header("access-control-request-headers", "x-visitor,content-type");
        client.send(request).await
    };
    let good = ask("https://www.example.com", "POST", "/api/allow/shared/x").await.expect_status(204);
    assert_eq!(good.header("access-control-allow-origin"), "https://www.example.com");
    assert_eq!(good.header("access-control-allow-credentials"), "true");
    assert_eq!(good.header("access-control-allow-methods"), "POST");
    assert_eq!(good.header("access-control-allow-headers"), "x-visitor, content-type");
    assert_eq!(good.header("access-control-max-age"), "3600");
    for (origin, method, path) in [
        ("https://evil.example", "POST", "/api/allow/shared/x"),
        ("https://www.example.com.evil.example", "POST", "/api/allow/shared/x"),
        ("null", "POST", "/api/allow/shared/x"),
        ("https://www.example.com", "DELETE", "/api/allow/shared/x"),
        ("https://www.example.com", "POST", "/api/allow/echo/x"),
        ("https://evil.example", "POST", "/api/allow/echo/x"),
    ] {
        let answer = ask(origin, method, path).await;
        assert_eq!(answer.header("access-control-allow-origin"), "", "{origin} {method} {path}");
    }
    // Elsewhere below `/api` the rule of the whole server holds: any origin, without cookies.
    for path in ["/api/nothing/shared/x", "/api/articles"] {
        let answer = ask("https://www.example.com", "GET", path).await;
        assert_eq!(answer.header("access-control-allow-origin"), "*", "{path}");
        assert_eq!(answer.header("access-control-allow-credentials"), "", "{path}");
    }
    let unlisted = client.request("POST", "/api/allow/echo/x").header("origin", "https://www.example.com");
    let unlisted = client.send(unlisted.json(&json!({}))).await;
    assert_eq!(unlisted.header("access-control-allow-origin"), "", "a route without rules permits no origin");
    let call = async |origin: &str| {
        let request = client.request("POST", "/api/allow/shared/x").header("origin", origin).json(&json!({}));
        client.send(request).await
    };
    let answer = call("https://www.example.com").await;
    assert_eq!(answer.header("access-control-allow-origin"), "https://www.example.com");
    let other = call("https://evil.example").await;
    assert_eq!(other.header("access-control-allow-origin"), "");
    // Caches are told for every origin, in a header beside that of the compression.
    for origin in ["https://www.example.com", "https://evil.example"] {
        let head = format!(
            "POST /api/allow/shared/x HTTP/1.1\r\nhost: x\r\norigin: {origin}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        );
        let answer = server.send_raw(head).await;
        assert!(answer.text.to_ascii_lowercase().contains("vary: origin"), "{}", answer.text);
    }
}
