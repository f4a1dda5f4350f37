//! `/admin`: the page and its files, from a folder here, since a binary may be built without them.

use cairn_testkit::{TestProject, TestServer};
use std::path::Path;

const PAGE: &str = r#"<meta property="csp-nonce" nonce="CAIRN_CSP_NONCE"><script src="/admin/assets/a-1.js"></script>"#;

fn write(folder: &Path, name: &str, text: &[u8]) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

async fn server() -> TestServer {
    TestServer::start_configured(TestProject::new(), |config| {
        let folder = config.project.join("ui");
        write(&folder, "index.html", PAGE.as_bytes());
        write(&folder, "assets/a-1.js", b"plain");
        write(&folder, "assets/a-1.js.br", b"brotli");
        write(&folder, "assets/a-1.js.gz", b"gzip");
        write(&folder, "favicon.svg", b"<svg/>");
        write(&folder, "typeface/inter.css", b"@font-face{}");
        write(&folder, "assets/inter-latin-1.woff2", b"letters");
        write(&folder, "api-reference/swagger-ui-bundle.js", b"drawing");
        config.server.admin_ui = Some("ui".into());
    })
    .await
}

async fn get(server: &TestServer, path: &str, accept: &str) -> reqwest::Response {
    // A client that does not unpack: what was sent is looked at.
    let request = reqwest::Client::new().get(format!("{}{path}", server.base_url())).header("Accept-Encoding", accept);
    request.send().await.unwrap()
}

fn header<'a>(response: &'a reqwest::Response, name: &str) -> &'a str {
    response.headers().get(name).map(|v| v.to_str().unwrap()).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_admin_path_serves_the_page() {
    let server = server().await;
    for path in [
        "/admin",
        "/admin/",
        "/admin/content/api::article.article/abc?locale=nl",
        "/admin/settings/webhooks",
        "/admin/a.b",
    ] {
        let response = get(&server, path, "identity").await;
        assert_eq!(response.status(), 200, "{path}");
        assert_eq!(header(&response, "content-type"), "text/html; charset=utf-8");
        assert_eq!(header(&response, "cache-control"), "no-cache, private");
        assert!(response.text().await.unwrap().contains("/admin/assets/a-1.js"), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn page_policy_forbids_foreign_scripts_and_framing() {
    let server = server().await;
    let mut nonces = Vec::new();
    for _ in 0..2 {
        let response = get(&server, "/admin", "identity").await;
        let policy = header(&response, "content-security-policy").to_owned();
        assert!(policy.contains("script-src 'self';") && policy.contains("frame-ancestors 'none'"), "{policy}");
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
        assert_eq!(header(&response, "x-content-type-options"), "nosniff");
        assert_eq!(header(&response, "x-frame-options"), "DENY");
        assert_eq!(header(&response, "referrer-policy"), "same-origin");
        let nonce = policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap().to_owned();
        assert_eq!(nonce.len(), 32);
        let html = response.text().await.unwrap();
        assert!(html.contains(&format!("nonce=\"{nonce}\"")) && !html.contains("CAIRN_CSP_NONCE"), "{html}");
        nonces.push(nonce);
    }
    assert_ne!(nonces[0], nonces[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn assets_are_served_compressed_and_cached_immutably() {
    let server = server().await;
    let cases = [
        ("br, gzip", "br", "brotli"),
        ("gzip, deflate, br;q=0", "gzip", "gzip"),
        ("GZIP;q=0.5", "gzip", "gzip"),
        ("identity", "", "plain"),
        ("br;q=0, gzip;q=0.0", "", "plain"),
    ];
    for (accept, coding, text) in cases {
        let response = get(&server, "/admin/assets/a-1.js", accept).await;
        assert_eq!(response.status(), 200);
        assert_eq!(header(&response, "content-encoding"), coding, "{accept}");
        assert_eq!(header(&response, "content-type"), "text/javascript; charset=utf-8");
        assert_eq!(header(&response, "cache-control"), "public, max-age=31536000, immutable");
        assert!(header(&response, "vary").to_ascii_lowercase().contains("accept-encoding"));
        assert_eq!(header(&response, "x-content-type-options"), "nosniff");
        assert_eq!(response.text().await.unwrap(), text, "{accept}");
    }
    let icon = get(&server, "/admin/favicon.svg", "identity").await;
    assert_eq!((header(&icon, "content-type"), header(&icon, "cache-control")), ("image/svg+xml", "no-cache"));
}

#[tokio::test(flavor = "multi_thread")]
async fn missing_assets_and_api_paths_return_404() {
    let server = server().await;
    for path in [
        "/admin/assets/old-2.js",
        "/admin/api",
        "/admin/api/no-such",
        "/admin/api/me/no-such",
        "/admin/assets/a-1.js.br",
    ] {
        let response = get(&server, path, "identity").await;
        assert_eq!(response.status(), 404, "{path}");
        assert!(header(&response, "content-type").starts_with("application/json"), "{path}");
    }
    let posted = reqwest::Client::new().post(format!("{}/admin/api/no-such", server.base_url())).send().await.unwrap();
    assert_eq!(posted.status(), 404);
    for path in ["/admin/..%2f..%2fcairn.toml", "/admin/assets/..%2f..%2findex.html", "/admin/%2e%2e/cairn.toml"] {
        let text = get(&server, path, "identity").await.text().await.unwrap();
        assert!(text.contains("/admin/assets/a-1.js") || text.contains("NotFoundError"), "{path}: {text}");
    }
    // Tools that speak Strapi's admin API read JSON: a page in its place says nothing to them.
    let client = reqwest::Client::new();
    let address = |path: &str| format!("{}{path}", server.base_url());
    for request in [
        client.post(address("/admin/login")),
        client.get(address("/admin/information")).header("Accept", "application/json, text/plain, */*"),
    ] {
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 404);
        assert_eq!(header(&response, "content-type"), "application/json; charset=utf-8");
    }
    let opened =
        client.get(address("/admin/information")).header("Accept", "text/html,application/json;q=0.9,*/*;q=0.8");
    assert_eq!(opened.send().await.unwrap().status(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn typeface_is_served_to_all_pages_and_cached() {
    let server = server().await;
    for (name, kind, cached, text) in [
        ("inter.css", "text/css; charset=utf-8", "public, max-age=3600", "@font-face{}"),
        ("inter-latin-1.woff2", "font/woff2", "public, max-age=31536000, immutable", "letters"),
    ] {
        let response = get(&server, &format!("/cairn/typeface/{name}"), "identity").await;
        assert_eq!(response.status(), 200, "{name}");
        assert_eq!(header(&response, "content-type"), kind);
        assert_eq!(header(&response, "cache-control"), cached);
        // Pages of plugins have no origin.
        assert_eq!(header(&response, "access-control-allow-origin"), "*");
        assert_eq!(header(&response, "cross-origin-resource-policy"), "cross-origin");
        assert_eq!(header(&response, "x-content-type-options"), "nosniff");
        assert!(header(&response, "set-cookie").is_empty(), "{name}");
        assert_eq!(response.text().await.unwrap(), text);
    }
    // Nothing else of the admin UI is there.
    for name in
        ["inter-latin-2.woff2", "a-1.js", "index.html", "inter-x.css", "..%2fassets%2fa-1.js", "..%2findex.html"]
    {
        assert_eq!(get(&server, &format!("/cairn/typeface/{name}"), "identity").await.status(), 404, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_the_server_name_the_typeface_and_permit_it() {
    let server = server().await;
    for path in ["/", "/api/openapi.html"] {
        let request = reqwest::Client::new().get(format!("{}{path}", server.base_url())).header("Accept", "text/html");
        let response = request.send().await.unwrap();
        let policy = header(&response, "content-security-policy").to_owned();
        assert!(policy.contains("font-src 'self';"), "{path}: {policy}");
        let html = response.text().await.unwrap();
        assert!(html.contains("<link rel=\"stylesheet\" href=\"/cairn/typeface/inter.css\""), "{path}: {html}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn missing_admin_ui_folder_prevents_startup() {
    let project = TestProject::new();
    let mut config = cairn_server::config::Config::load(&project.path(), &|_| None).unwrap();
    config.server.admin_ui = Some("nowhere".into());
    let clock = std::sync::Arc::new(cairn_access::FixedClock::starting_at("2026-01-02T03:04:05Z".parse().unwrap()));
    let failure = cairn_server::build_app(config, clock).await.err().unwrap().to_string();
    assert!(failure.contains("server.admin_ui (CAIRN_ADMIN_UI)"), "{failure}");
}

#[tokio::test(flavor = "multi_thread")]
async fn page_of_the_content_api_loads_and_asks_nothing_elsewhere() {
    let server = server().await;
    let page = |language: &str| {
        let request = reqwest::Client::new().get(format!("{}/api/openapi.html", server.base_url()));
        request.header("Accept-Language", language).send()
    };
    for (language, label) in [("en-GB", "Use token"), ("nl-NL,nl;q=0.9", "Token gebruiken"), ("de", "Use token")] {
        let response = page(language).await.unwrap();
        assert_eq!(response.status(), 200);
        let policy = header(&response, "content-security-policy").to_owned();
        assert!(policy.contains("default-src 'none'; script-src 'self';") && policy.contains("connect-src 'self'"));
        assert!(!policy.contains("http"), "{policy}");
        let html = response.text().await.unwrap();
        assert!(html.contains(label) && !html.contains("://"), "{html}");
    }
    let script = get(&server, "/admin/api-reference/swagger-ui-bundle.js", "identity").await;
    assert_eq!(header(&script, "content-type"), "text/javascript; charset=utf-8");
    assert_eq!(header(&script, "cache-control"), "no-cache");
    assert_eq!(server.post("/api/openapi.html", serde_json::json!({})).await.status, 405);
}

#[tokio::test(flavor = "multi_thread")]
async fn start_page_of_an_empty_project_leads_to_the_admin() {
    let server = server().await;
    for (language, link, hint) in [
        ("en-GB", "Open the admin", "Create the first one in the admin"),
        ("nl-NL,nl;q=0.9", "Open de beheeromgeving", "Maak het eerste in de beheeromgeving"),
    ] {
        let request = reqwest::Client::new().get(server.base_url()).header("Accept-Language", language);
        let html = request.send().await.unwrap().text().await.unwrap();
        assert!(html.contains(&format!("<a href=\"/admin\">{link}</a>")) && html.contains(hint), "{html}");
    }
}
