//! Pages of plugins for visitors: the files that they load, and the routes that their scripts call.

use super::{PLUGINS, guest, install, stage};
use cairn_plugin_package::package::pack;
use cairn_testkit::{TestResponse, TestServer};
use serde_json::json;

const FILES: &str = "/plugins/hostile/1.0.0";

async fn server_with_hostile_plugin() -> TestServer {
    let server = TestServer::start().await;
    let staged = stage(&server, &pack(&guest("hostile", |text| text), None).unwrap()).await.expect_status(201);
    let sentences = staged.text();
    assert!(sentences.contains("Shows pages to visitors"), "{sentences}");
    install(&server, &staged, json!({ "unsigned": true })).await.expect_status(201);
    server
}

#[tokio::test(flavor = "multi_thread")]
async fn public_files_are_served_to_everybody_and_run_nowhere_else() {
    let server = server_with_hostile_plugin().await;
    let public = server.public_client();
    let script = public.get(&format!("{FILES}/thief.js")).await.expect_status(200);
    assert_eq!(script.header("content-type"), "text/javascript; charset=utf-8");
    assert_eq!(script.header("access-control-allow-origin"), "*");
    assert_eq!(script.header("access-control-allow-credentials"), "");
    assert_eq!((script.header("cache-control"), script.header("set-cookie")), ("no-cache", ""));
    assert_eq!(script.header("x-content-type-options"), "nosniff");
    let etag = script.header("etag").to_owned();
    public.get_with(&format!("{FILES}/thief.js"), ("if-none-match", &etag)).await.expect_status(304);
    let compressed =
        public.get_with(&format!("{FILES}/thief.js"), ("accept-encoding", "gzip")).await.expect_status(200);
    assert_eq!((compressed.header("content-encoding"), compressed.header("etag")), ("gzip", &*format!("W/{etag}")));
    let part = public.get_with(&format!("{FILES}/thief.js"), ("range", "bytes=2-5")).await.expect_status(206);
    assert_eq!((part.header("etag"), &part.bytes[..]), (&*etag, &script.bytes[2..6]));
    // A picture that is a script has no origin when it is opened by itself.
    let picture = public.get(&format!("{FILES}/dot.svg")).await.expect_status(200);
    assert_eq!(picture.header("content-type"), "image/svg+xml");
    assert!(picture.header("content-security-policy").starts_with("sandbox allow-forms allow-scripts;"));
    // By the address that the plugin writes into its pages, it is kept for as long as browsers like.
    let page = public.get("/api/hostile/page/public").await.expect_status(200);
    let html = page.text();
    let address = html.split('"').find(|part| part.starts_with(&format!("{FILES}/thief.js?v="))).unwrap();
    let kept = public.get(address).await.expect_status(200);
    assert_eq!(kept.header("cache-control"), "public, max-age=31536000, immutable");
    let other = public.get(&format!("{FILES}/thief.js?v=00")).await.expect_status(200);
    assert_eq!(other.header("cache-control"), "no-cache");
    for path in [
        "thief.css/x",
        "none.js",
        "..%2fplugin.toml",
        "%2e%2e/plugin.toml",
        "../../hostile/1.0.0/..%2f..%2flocales%2fen.json",
        "thief.js%00",
        "%ff",
    ] {
        let answer = public.get(&format!("{FILES}/{path}")).await;
        assert!(matches!(answer.status, 400 | 404), "{path}: {}", answer.status);
        assert!(!answer.text().contains("[plugin]"), "{path}");
    }
    for path in ["/plugins/hostile/1.0.1/thief.js", "/plugins/hostile/thief.js", "/plugins/none/1.0.0/thief.js"] {
        public.get(path).await.expect_status(404);
    }
    let posted = public.post(&format!("{FILES}/thief.js"), json!({})).await;
    assert_eq!(posted.status, 405);
    // The script cannot be a worker, nor run in pages of this site's origin.
    for dest in ["worker", "sharedworker", "serviceworker"] {
        public.get_with(&format!("{FILES}/worker.js"), ("sec-fetch-dest", dest)).await.expect_status(403);
    }
    let ask = async |site: &str, dest: &str| -> TestResponse {
        let request = public.request("GET", &format!("{FILES}/thief.js"));
        public.send(request.header("sec-fetch-site", site).header("sec-fetch-dest", dest)).await
    };
    ask("same-origin", "script").await.expect_status(403);
    ask("same-origin", "style").await.expect_status(403);
    ask("cross-site", "script").await.expect_status(200);
    server.post(&format!("{PLUGINS}/hostile/disable"), json!({})).await.expect_status(200);
    public.get(&format!("{FILES}/thief.js")).await.expect_status(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn page_policies_name_only_what_is_the_plugins_own() {
    let server = server_with_hostile_plugin().await;
    let page = server.public_client().get("/api/hostile/page/public").await.expect_status(200);
    let policy = page.header("content-security-policy").to_owned();
    let host = server.base_url().trim_start_matches("http://").trim_end_matches('/').to_owned();
    assert!(policy.contains(&format!("script-src 'unsafe-inline' {host}/plugins/hostile/;")), "{policy}");
    assert!(policy.contains(&format!("connect-src {host}/plugins/hostile/ {host}/api/hostile/;")), "{policy}");
    assert!(policy.contains(&format!("form-action {host}/api/hostile/;")), "{policy}");
    assert!(
        policy.contains("default-src 'none'") && !policy.contains("'self'") && !policy.contains("https:"),
        "{policy}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_without_origin_call_only_the_routes_that_permit_it() {
    let server = server_with_hostile_plugin().await;
    let public = server.public_client();
    let preflight = async |origin: &str, method: &str, path: &str| -> TestResponse {
        let request = public
            .request("OPTIONS", path)
            .header("origin", origin)
            .header("access-control-request-method", method)
            .header("access-control-request-headers", "content-type");
        public.send(request).await
    };
    let permitted = preflight("null", "POST", "/api/hostile/told").await.expect_status(204);
    assert_eq!(permitted.header("access-control-allow-origin"), "null");
    assert_eq!(permitted.header("access-control-allow-methods"), "POST");
    assert_eq!(permitted.header("access-control-allow-headers"), "content-type");
    assert_eq!(permitted.header("access-control-allow-credentials"), "");
    assert_eq!(permitted.header("access-control-max-age"), "600");
    for (origin, path) in [
        ("https://www.example.com", "/api/hostile/told"),
        ("null", "/api/hostile/any/kv"),
        ("NULL", "/api/hostile/told"),
    ] {
        let refused = preflight(origin, "POST", path).await;
        assert_eq!(refused.header("access-control-allow-origin"), "", "{origin} {path}");
    }
    let call = async |origin: &str, path: &str| -> TestResponse {
        public.send(public.request("POST", path).header("origin", origin).json(&json!({}))).await
    };
    let called = call("null", "/api/hostile/told").await.expect_status(200);
    assert_eq!(called.body["told"], true);
    assert_eq!(called.header("access-control-allow-origin"), "null");
    for (origin, path) in [("https://evil.example", "/api/hostile/told"), ("null", "/api/hostile/any/kv")] {
        assert_eq!(call(origin, path).await.header("access-control-allow-origin"), "", "{origin} {path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn scripts_of_pages_are_not_redirected_to_others() {
    let server = server_with_hostile_plugin().await;
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let ask = async |path: &str, headers: &[(&str, &str)]| -> u16 {
        let request = client.get(format!("{}{path}", server.base_url()));
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        request.send().await.unwrap().status().as_u16()
    };
    let script = [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "cors"), ("origin", "null")];
    let picture = [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "no-cors")];
    let person = [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")];
    for path in ["/api/hostile/hop/redirect", "/api/hostile/hop/redirect-plugin", "/api/hostile/hop/redirect-content"] {
        assert_eq!((ask(path, &script).await, ask(path, &picture).await), (403, 403), "{path}");
        assert_eq!((ask(path, &person).await, ask(path, &[]).await), (302, 302), "{path}");
    }
}
