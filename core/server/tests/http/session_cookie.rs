//! How far the cookie of an admin session reaches: below `/admin`, where the routes that admins need of the content API are once more.

use crate::live::EventStream;
use crate::plugins::{allow_package, install, stage};
use cairn_testkit::{ADMIN_TOKEN, FULL_TOKEN, TestBrowser, TestProject, TestResponse, TestServer};
use reqwest::multipart::{Form, Part};
use serde_json::json;

const ROOT: &str = "root@example.com";
const PASSWORD: &str = "a password of some length";
const PIECES: &str = "/admin/api/upload/resumable";
/// A route of the plugin for admins, and one for everybody.
const ADMINS: &str = "/admin/api/plugin-routes/allow/echo/x";
const EVERYBODY: &str = "/admin/api/plugin-routes/allow/read-notes";

/// With a plugin that has a route for admins who may see its board, and one that pages of another site may ask as well.
async fn server() -> TestServer {
    let people = json!([
        { "email": ROOT, "password": PASSWORD, "roles": ["super-admin"] },
        { "email": "ed@example.com", "password": PASSWORD, "roles": ["editor"] },
    ]);
    let server = TestServer::start_with(TestProject::newsroom().with_settings("adminUsers", people)).await;
    let board = |text: String| {
        let admins = "path = \"/echo/{word}\"\nauth = \"admin\"\npermission = \"board.read\"";
        let shared = "path = \"/read-notes\"\nauth = \"none\"\ncors = { origins = [\"https://www.example.com\"] }";
        text.replace("path = \"/echo/{word}\"\nauth = \"none\"", admins)
            .replace("path = \"/read-notes\"\nauth = \"none\"", shared)
            + "\n[[permission]]\nname = \"board.read\"\ntitle = \"See the board\"\n"
    };
    let staged = stage(&server, &allow_package("1.0.0", None, board)).await.expect_status(201);
    install(&server, &staged, json!({ "unsigned": true })).await.expect_status(201);
    server
}

async fn signed_in_browser(server: &TestServer, email: &str) -> TestBrowser {
    let mut browser = server.new_browser();
    browser.sign_in(email, PASSWORD).await.expect_status(200);
    browser
}

/// A request with the cookie, as a browser of the same site sends it that keeps to no path.
fn request(browser: &TestBrowser, method: &str, path: &str) -> reqwest::RequestBuilder {
    let request = browser.client.request(method, path).header("cookie", &browser.cookie);
    request.header("sec-fetch-site", "same-origin").header("x-csrf-token", &browser.csrf)
}

async fn send(browser: &TestBrowser, method: &str, path: &str) -> TestResponse {
    browser.client.send(request(browser, method, path)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn admin_session_is_ignored_by_the_content_api() {
    let server = server().await;
    let root = signed_in_browser(&server, ROOT).await;
    send(&root, "GET", "/admin/api/me").await.expect_status(200);
    let nobody = TestBrowser { cookie: "a=b".to_owned(), csrf: String::new(), ..root.clone() };
    let draft = server.create_entry("/api/articles?status=draft", json!({ "title": "draft" })).await.document_id();
    let file = server.upload_file("a.txt", "text/plain", b"x").await.expect_status(201).body[0]["id"].clone();
    let (file, draft) = (format!("/api/upload/files/{file}"), format!("/api/articles/{draft}?status=draft"));
    for (method, path) in [
        ("GET", "/api/upload/files"),
        ("GET", file.as_str()),
        ("DELETE", file.as_str()),
        ("POST", "/api/upload"),
        ("POST", "/api/upload/resumable"),
        ("GET", "/api/upload/resumable/x"),
        ("PATCH", "/api/upload/resumable/x"),
        ("DELETE", "/api/upload/resumable/x"),
        ("GET", "/api/live"),
        ("GET", "/api/users"),
        ("GET", "/api/users/me"),
        ("GET", "/api/articles?status=draft"),
        ("GET", draft.as_str()),
        ("PUT", draft.as_str()),
        ("DELETE", draft.as_str()),
        ("POST", "/api/allow/echo/x"),
        ("GET", "/api/allow/echo/x"),
        ("GET", "/uploads/a.txt"),
        ("GET", "/"),
    ] {
        let (signed, unsigned) = (send(&root, method, path).await, send(&nobody, method, path).await);
        assert_eq!(signed.status, unsigned.status, "{method} {path}: {}", signed.text());
        // The page at the address of the host is for everybody, and has a number of its own in every answer.
        if path != "/" {
            assert!(signed.status >= 400, "{method} {path}: {}", signed.text());
            assert_eq!(signed.text(), unsigned.text(), "{method} {path}");
        }
        assert_eq!(signed.header("set-cookie"), "", "{method} {path}");
    }
    server.get(&file).await.expect_status(200);
    // The cookie does not get in the way of a token in the header.
    for (token, status) in [(FULL_TOKEN, 200), (ADMIN_TOKEN, 200), ("nonsense", 401)] {
        let client = server.with_token(token);
        let request = client.request("GET", "/api/upload/files").header("cookie", &root.cookie);
        client.send(request).await.expect_status(status);
    }
}

/// Before, browsers had the cookie for the whole host: whoever is signed in stays so, and has it below `/admin` from the next time on.
#[tokio::test(flavor = "multi_thread")]
async fn host_wide_cookies_of_earlier_versions_are_replaced() {
    let server = server().await;
    let mut root = signed_in_browser(&server, ROOT).await;
    let before = root.cookie.clone();
    let answer = root.sign_in(ROOT, PASSWORD).await.expect_status(200);
    // The same session goes on.
    assert_eq!(root.cookie, before);
    let set: Vec<&str> = answer.header("set-cookie").lines().collect();
    assert!(set[0].starts_with(&format!("{before}; Path=/admin; ")), "{set:?}");
    assert!(set[1].starts_with("cairn_admin=; Path=/; ") && set[1].contains("Max-Age=0"), "{set:?}");
    // A browser that has both cookies until then is signed in by the older one only if the other is empty.
    let both = |other: &str| TestBrowser { cookie: format!("{before}; cairn_admin={other}"), ..root.clone() };
    send(&both(""), "GET", "/admin/api/me").await.expect_status(200);
    send(&both("planted"), "GET", "/admin/api/me").await.expect_status(401);
    // A planted cookie locks nobody out.
    let mut locked = both("planted");
    locked.sign_in(ROOT, PASSWORD).await.expect_status(200);
    locked.get("/admin/api/me").await.expect_status(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn admin_sessions_manage_files_below_admin() {
    let server = server().await;
    let root = signed_in_browser(&server, ROOT).await;
    let form = || Form::new().part("files", Part::text("x").file_name("a.txt").mime_str("text/plain").unwrap());
    let upload = async |browser: &TestBrowser| {
        browser.client.send(request(browser, "POST", "/admin/api/upload").multipart(form())).await
    };
    let answer = upload(&root).await.expect_status(201);
    let (id, document) = (answer.body[0]["id"].clone(), answer.body[0]["documentId"].clone());
    let texts = Form::new().text("fileInfo", json!({ "caption": "c" }).to_string());
    let path = format!("/admin/api/upload?id={id}");
    let changed = root.client.send(request(&root, "POST", &path).multipart(texts)).await.expect_status(200);
    assert_eq!(changed.body["caption"], "c");
    let list = send(&root, "GET", "/admin/api/upload/files").await.expect_status(200);
    assert_eq!(list.body[0]["documentId"], document);
    let one = format!("/admin/api/upload/files/{id}");
    assert_eq!(send(&root, "GET", &one).await.expect_status(200).body["name"], "a.txt");
    // Routes require the session's CSRF token and the permission, as elsewhere in the admin.
    let forged = TestBrowser { csrf: String::new(), ..root.clone() };
    upload(&forged).await.expect_status(403);
    send(&forged, "DELETE", &one).await.expect_status(403);
    let nobody = TestBrowser { cookie: String::new(), ..root.clone() };
    for client in [&nobody.client, &server.with_token(FULL_TOKEN), &server.with_token("nonsense")] {
        client.get("/admin/api/upload/files").await.expect_status(401);
        client.get("/admin/api/live").await.expect_status(401);
    }
    server.with_token(ADMIN_TOKEN).get("/admin/api/upload/files").await.expect_status(200);
    send(&root, "DELETE", &one).await.expect_status(200);
    send(&root, "GET", &one).await.expect_status(404);
}

/// Where an upload goes on is answered: below `/api` the cookie would be lost.
#[tokio::test(flavor = "multi_thread")]
async fn resumable_uploads_of_admins_stay_below_admin() {
    let server = server().await;
    let root = signed_in_browser(&server, ROOT).await;
    let tus = |method: &str, path: &str, headers: &[(&'static str, &'static str)], body: &'static str| {
        let request = request(&root, method, path).header("tus-resumable", "1.0.0").body(body);
        root.client.send(headers.iter().fold(request, |request, (name, value)| request.header(*name, *value)))
    };
    let created = tus("POST", PIECES, &[("upload-length", "5"), ("upload-metadata", "filename YS50eHQ=")], "")
        .await
        .expect_status(201);
    let at = created.header("location").to_owned();
    assert!(at.starts_with(&format!("{PIECES}/")), "{at}");
    let piece = ("content-type", "application/offset+octet-stream");
    tus("PATCH", &at, &[piece, ("upload-offset", "0")], "he").await.expect_status(204);
    assert_eq!(tus("HEAD", &at, &[], "").await.expect_status(200).header("upload-offset"), "2");
    let answer = tus("PATCH", &at, &[piece, ("upload-offset", "2")], "llo").await.expect_status(204);
    let state = send(&root, "GET", &at).await.expect_status(200);
    assert_eq!(state.data()["file"]["documentId"], answer.header("cairn-file"));
    // At the other address it is nobody's, with the cookie or without.
    let other = at.strip_prefix("/admin").unwrap();
    tus("HEAD", other, &[], "").await.expect_status(403);
    tus("DELETE", other, &[], "").await.expect_status(403);
    tus("DELETE", &at, &[], "").await.expect_status(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn admin_sessions_receive_live_events_below_admin() {
    let server = server().await;
    let mut root = signed_in_browser(&server, ROOT).await;
    send(&root, "GET", "/api/live").await.expect_status(403);
    let types = "/admin/api/live?types=api::article.article";
    let mut listening = EventStream::subscribe_with(request(&root, "GET", types)).await;
    let document_id = server.create_entry("/api/articles", json!({ "title": "new" })).await.document_id();
    listening.messages_until(&document_id).await;
    let before = root.clone();
    root.post("/admin/api/logout", json!({})).await.expect_status(200);
    send(&before, "GET", types).await.expect_status(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn admin_plugin_routes_are_served_below_admin() {
    let server = server().await;
    let (root, ed) = (signed_in_browser(&server, ROOT).await, signed_in_browser(&server, "ed@example.com").await);
    let post = async |browser: &TestBrowser, path: &str| {
        browser.client.send(request(browser, "POST", path).json(&json!({ "a": 1 }))).await
    };
    let response = post(&root, ADMINS).await.expect_status(200).body;
    let actor = &response["call"]["actor"];
    assert_eq!((&actor["kind"], &actor["roles"]), (&json!("admin"), &json!(["super-admin"])));
    // The plugin sees its routes under a single path, and gets no credentials.
    assert_eq!(response["path"], "/api/allow/echo/x");
    assert!(!response.to_string().contains("cairn_admin"), "{response}");
    let lacks = post(&ed, ADMINS).await.expect_status(403);
    assert_eq!(lacks.details()["action"], "plugin::allow.board.read");
    let forged = TestBrowser { csrf: "x".to_owned(), ..root.clone() };
    assert_eq!(post(&forged, ADMINS).await.expect_status(403).details()["reason"], "csrf");
    server.public_client().post(ADMINS, json!({})).await.expect_status(401);
    server.with_token(FULL_TOKEN).post(ADMINS, json!({})).await.expect_status(401);
    // A program asks at either address, and needs the permission as everybody.
    for path in [ADMINS, "/api/allow/echo/x"] {
        server.with_token(ADMIN_TOKEN).post(path, json!({})).await.expect_status(403);
    }
    // Pages of the plugin in the admin may also call its public routes, anonymously. Routes below the admin are not shared with other sites.
    let from_elsewhere = |request: reqwest::RequestBuilder| request.header("origin", "https://www.example.com");
    let answer = root.client.send(from_elsewhere(request(&root, "GET", EVERYBODY))).await.expect_status(200);
    assert_eq!(answer.header("access-control-allow-origin"), "");
    let public = server.public_client();
    let test_answer =
        public.send(from_elsewhere(public.request("GET", "/api/allow/read-notes"))).await.expect_status(200);
    assert_eq!(test_answer.header("access-control-allow-origin"), "https://www.example.com");
    // Paths without a route get the same responses as below `/api`.
    send(&root, "GET", ADMINS).await.expect_status(405);
    for path in [
        "/admin/api/plugin-routes/allow/nothing",
        "/admin/api/plugin-routes/nobody/x",
        "/admin/api/plugin-routes/allow",
    ] {
        send(&root, "GET", path).await.expect_status(404);
    }
    server.post("/admin/api/plugins/allow/disable", json!({})).await.expect_status(200);
    let away = post(&root, ADMINS).await.expect_status(503);
    assert!(!away.header("retry-after").is_empty());
}
