//! Signing in to the admin by cookie: the first administrator, sessions, CSRF, profile, preferences, passwords.

use cairn_testkit::{TestBrowser, TestProject, TestServer};
use serde_json::{Value as Json, json};
use std::time::Duration;

const ROOT: &str = "root@example.com";
const PASSWORD: &str = "a password of some length";
const HOUR: Duration = Duration::from_secs(3_600);

async fn server() -> TestServer {
    let server = TestServer::start().await;
    server
        .apply_settings(json!({ "adminUsers": [
            { "email": ROOT, "password": PASSWORD, "roles": ["super-admin"] },
            { "email": "ed@example.com", "password": PASSWORD, "roles": ["editor"] },
        ]}))
        .await;
    server
}

async fn signed_in_browser(server: &TestServer, email: &str) -> TestBrowser {
    let mut browser = server.new_browser();
    let answer = browser.sign_in(email, PASSWORD).await.expect_status(200);
    assert!(!browser.cookie.is_empty() && !browser.csrf.is_empty(), "{}", answer.text());
    browser
}

async fn audit_actions(server: &TestServer) -> Vec<String> {
    server.run_until_idle().await;
    server.get("/admin/api/audit?limit=100").await.expect_status(200).text_column("action")
}

#[tokio::test(flavor = "multi_thread")]
async fn first_administrator_is_created_only_once() {
    let server = TestServer::start().await;
    let mut browser = server.new_browser();
    let session = browser.get("/admin/api/session").await.expect_status(200);
    assert_eq!(session.header("cache-control"), "no-store");
    let data = session.data();
    assert_eq!((&data["setupNeeded"], &data["signedIn"]), (&json!(true), &json!(false)));
    assert_eq!(data["locales"]["default"], "en");
    for (body, message) in [
        (json!({}), "missing field `email`"),
        (json!({ "email": "no address", "password": PASSWORD }), "email must be a valid email"),
        (
            json!({ "email": ROOT, "password": "short" }),
            "password must have at least 8 characters and at most 1024 bytes",
        ),
        (json!({ "email": ROOT, "password": PASSWORD, "roles": ["x"] }), "unknown field `roles`"),
        (json!({ "email": ROOT, "password": 12345678 }), "expected a string"),
        (
            json!({ "email": ROOT, "password": PASSWORD, "firstName": "a\nb" }),
            "firstName must be one visible line of at most 100 characters",
        ),
        (
            json!({ "email": ROOT, "password": PASSWORD, "language": "no code" }),
            "language: expected a code such as en or nl",
        ),
    ] {
        let answer = browser.post("/admin/api/setup", body).await;
        assert!(answer.status == 400 && answer.message().contains(message), "{}", answer.text());
    }
    // Of several at once one is the first.
    let tries: Vec<_> = (0..8)
        .map(|i| {
            let mut browser = server.new_browser();
            tokio::spawn(async move {
                let body = json!({ "email": format!("root{i}@example.com"), "password": PASSWORD, "firstName": " Ro ", "language": "nl" });
                (browser.post("/admin/api/setup", body).await, browser)
            })
        })
        .collect();
    let mut created = Vec::new();
    for answer in tries {
        let (answer, browser) = answer.await.unwrap();
        match answer.status {
            200 => created.push((answer, browser)),
            403 => drop(answer.expect_error(403, "Forbidden")),
            other => panic!("{other} {}", answer.text()),
        }
    }
    assert_eq!(created.len(), 1);
    let (answer, mut browser) = created.pop().unwrap();
    let data = answer.data();
    assert_eq!((&data["setupNeeded"], &data["signedIn"]), (&json!(false), &json!(true)));
    assert_eq!(data["me"]["roles"], json!([{ "code": "super-admin", "name": "Super admin" }]));
    assert_eq!(
        (&data["me"]["firstName"], &data["me"]["name"], &data["me"]["language"]),
        (&json!("Ro"), &json!("Ro"), &json!("nl"))
    );
    assert_eq!(data["permissions"]["isSuper"], true);
    browser.get("/admin/api/audit").await.expect_status(200);
    browser
        .post("/admin/api/setup", json!({ "email": "x@example.com", "password": PASSWORD }))
        .await
        .expect_error(403, "Forbidden");
    assert_eq!(audit_actions(&server).await[..2], ["login.succeeded", "admin-user.added"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn session_cookie_is_protected_and_writes_require_csrf_token() {
    let server = server().await;
    let mut browser = server.new_browser();
    let answer = browser.sign_in(ROOT, PASSWORD).await.expect_status(200);
    let cookies: Vec<&str> = answer.header("set-cookie").lines().collect();
    let [cookie, before] = cookies[..] else { panic!("{cookies:?}") };
    for part in ["cairn_admin=cairn_admin_", "; Path=/admin; ", "; HttpOnly", "; SameSite=Strict", "; Max-Age=1209600"]
    {
        assert!(cookie.contains(part), "{cookie}");
    }
    // The cookie that earlier versions set for the whole host is deleted.
    assert_eq!(before, "cairn_admin=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0");
    assert!(!cookie.contains("Secure") && !answer.text().contains("cairn_admin_"), "{}", answer.text());
    browser.get("/admin/api/me").await.expect_status(200);
    let send = |headers: Vec<(&'static str, String)>| {
        let request =
            server.public_client().request("PUT", "/admin/api/me/preferences").header("cookie", &browser.cookie);
        let request =
            headers.into_iter().fold(request, |r, (name, value)| r.header(name, value)).json(&json!({ "a": 1 }));
        let client = server.public_client();
        async move { client.send(request).await }
    };
    let csrf = || ("x-csrf-token", browser.csrf.clone());
    let other = signed_in_browser(&server, ROOT).await.csrf;
    for headers in [vec![], vec![("x-csrf-token", String::new())], vec![("x-csrf-token", other)]] {
        let refused =
            send(headers).await.expect_error(403, "The X-CSRF-Token header is missing or does not match this session");
        assert_eq!(refused.details()["reason"], "csrf");
    }
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "http://evil.example"),
        ("origin", "null"),
    ] {
        let refused = send(vec![csrf(), (name, value.to_owned())]).await;
        refused.expect_error(403, "Requests from other sites are not allowed");
    }
    send(vec![csrf()]).await.expect_status(200);
    send(vec![csrf(), ("origin", server.base_url().to_owned())]).await.expect_status(200);
    // Pages of other sites can neither sign anybody in nor create the first user.
    for path in ["/admin/api/login", "/admin/api/setup"] {
        let body = json!({ "email": ROOT, "password": PASSWORD });
        let request = server.public_client().request("POST", path).header("sec-fetch-site", "cross-site").json(&body);
        server.public_client().send(request).await.expect_error(403, "Requests from other sites are not allowed");
    }
    // Over TLS the cookie is for encrypted connections only.
    let body = json!({ "email": ROOT, "password": PASSWORD });
    let request =
        server.public_client().request("POST", "/admin/api/login").header("x-forwarded-proto", "https").json(&body);
    let encrypted = server.public_client().send(request).await.expect_status(200);
    assert!(encrypted.header("set-cookie").lines().all(|cookie| cookie.ends_with("; Secure")));
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_expire_when_idle_or_after_fourteen_days() {
    let server = server().await;
    let mut browser = signed_in_browser(&server, ROOT).await;
    for _ in 0..3 {
        server.advance_clock(11 * HOUR);
        browser.get("/admin/api/me").await.expect_status(200);
    }
    let cookie = browser.cookie.clone();
    let out = browser.post("/admin/api/logout", json!({})).await.expect_status(200);
    let taken_back =
        ["/admin", "/"].map(|path| format!("cairn_admin=; Path={path}; HttpOnly; SameSite=Strict; Max-Age=0"));
    assert_eq!(out.header("set-cookie"), taken_back.join("\n"));
    let mut stolen = TestBrowser { cookie, ..browser.clone() };
    stolen.get("/admin/api/me").await.expect_error(401, "Unauthorized");
    assert_eq!(stolen.get("/admin/api/session").await.data()["signedIn"], false);
    // Unused it ends after twelve hours, and used after fourteen days.
    let mut idle = signed_in_browser(&server, ROOT).await;
    server.advance_clock(12 * HOUR + Duration::from_secs(1));
    idle.get("/admin/api/me").await.expect_error(401, "Unauthorized");
    let mut busy = signed_in_browser(&server, ROOT).await;
    for hour in 0..14 * 3 {
        let status = busy.get("/admin/api/me").await.status;
        assert_eq!(status, 200, "after {} hours", hour * 8);
        server.advance_clock(8 * HOUR);
    }
    busy.get("/admin/api/me").await.expect_error(401, "Unauthorized");
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_are_listed_and_ended() {
    let server = server().await;
    let mut first = signed_in_browser(&server, ROOT).await;
    server.advance_clock(Duration::from_secs(60));
    let mut second = signed_in_browser(&server, ROOT).await;
    let mut other = signed_in_browser(&server, "ed@example.com").await;
    let list = first.get("/admin/api/me/sessions").await.expect_status(200);
    assert_eq!(list.data_column("current"), [json!(false), json!(true)]);
    assert_eq!(list.data_column("ip"), [json!("127.0.0.1"), json!("127.0.0.1")]);
    let id = list.text_column("id")[0].clone();
    assert!(!first.cookie.contains(&id) && !second.cookie.contains(&id));
    // Sessions of other users cannot be ended.
    other.delete(&format!("/admin/api/me/sessions/{id}")).await.expect_status(404);
    second.get("/admin/api/me").await.expect_status(200);
    first.delete(&format!("/admin/api/me/sessions/{id}")).await.expect_status(200);
    second.get("/admin/api/me").await.expect_status(401);
    first.delete(&format!("/admin/api/me/sessions/{id}")).await.expect_status(404);
    let mut third = signed_in_browser(&server, ROOT).await;
    assert_eq!(first.delete("/admin/api/me/sessions").await.expect_status(200).data()["ended"], 1);
    third.get("/admin/api/me").await.expect_status(401);
    first.get("/admin/api/me").await.expect_status(200);
    other.get("/admin/api/me").await.expect_status(200);
    // A token is nobody.
    let answer = server.get("/admin/api/me").await.expect_status(200);
    assert_eq!((&answer.data()["id"], &answer.data()["email"]), (&Json::Null, &Json::Null));
    for path in ["sessions", "preferences"] {
        let refused = server.get(&format!("/admin/api/me/{path}")).await;
        refused.expect_error(403, "Admin tokens cannot use this: sign in as an admin user instead");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn users_change_only_their_own_profile_and_preferences() {
    let server = server().await;
    let mut ed = signed_in_browser(&server, "ed@example.com").await;
    let changed = ed.put("/admin/api/me", json!({ "firstName": "Éd", "lastName": "Itor", "language": "nl" })).await;
    assert_eq!(changed.expect_status(200).data()["name"], "Éd Itor");
    let changed = ed.put("/admin/api/me", json!({ "lastName": null })).await.expect_status(200);
    let data = changed.data();
    assert_eq!((&data["firstName"], &data["lastName"], &data["language"]), (&json!("Éd"), &Json::Null, &json!("nl")));
    for (body, message) in [
        (json!({ "roles": ["super-admin"] }), "unknown field `roles`"),
        (json!({ "email": "x@example.com" }), "unknown field `email`"),
        (json!({ "firstName": "x".repeat(101) }), "firstName must be one visible line of at most 100 characters"),
        (json!({ "lastName": "a\u{202e}b" }), "lastName must be one visible line of at most 100 characters"),
        (json!({ "firstName": 1 }), "expected a string"),
    ] {
        let answer = ed.put("/admin/api/me", body).await;
        assert!(answer.status == 400 && answer.message().contains(message), "{}", answer.text());
    }
    assert_eq!(ed.get("/admin/api/me/preferences").await.data(), &json!({}));
    ed.put("/admin/api/me/preferences", json!({ "theme": "dark", "views": { "a": 1 } })).await.expect_status(200);
    let merged =
        ed.put("/admin/api/me/preferences", json!({ "theme": null, "density": "compact" })).await.expect_status(200);
    assert_eq!(merged.data(), &json!({ "views": { "a": 1 }, "density": "compact" }));
    let large = ed.put("/admin/api/me/preferences", json!({ "large": "x".repeat(65_536) })).await;
    large.expect_error(400, "The preferences must not exceed 65536 bytes");
    assert_eq!(ed.get("/admin/api/me/preferences").await.data(), merged.data());
    assert_eq!(signed_in_browser(&server, ROOT).await.get("/admin/api/me/preferences").await.data(), &json!({}));
    // Two that are sent at the same time are both kept.
    let both = (0..10).map(|i| {
        let mut ed = ed.clone();
        tokio::spawn(async move {
            ed.put("/admin/api/me/preferences", json!({ format!("k{i}"): i })).await.expect_status(200)
        })
    });
    for one in both.collect::<Vec<_>>() {
        one.await.unwrap();
    }
    assert_eq!(ed.get("/admin/api/me/preferences").await.data().as_object().unwrap().len(), 12);
}

#[tokio::test(flavor = "multi_thread")]
async fn changing_the_password_ends_other_sessions() {
    let server = server().await;
    let (mut first, mut second) = (signed_in_browser(&server, ROOT).await, signed_in_browser(&server, ROOT).await);
    let change = |current: &str, password: &str| json!({ "currentPassword": current, "password": password });
    let path = "/admin/api/me/password";
    let refused = first.post(path, change("not mine", "another password")).await;
    let refused = refused.expect_error(400, "The provided current password is invalid");
    assert_eq!(refused.details()["errors"][0]["path"], json!(["currentPassword"]));
    first.post(path, change(PASSWORD, "short")).await.expect_status(400);
    first.post(path, change(PASSWORD, PASSWORD)).await.expect_status(400);
    first.post(path, change(PASSWORD, "another password")).await.expect_status(200);
    first.get("/admin/api/me").await.expect_status(200);
    second.get("/admin/api/me").await.expect_status(401);
    second.sign_in(ROOT, PASSWORD).await.expect_error(400, "Invalid email or password");
    second.sign_in(ROOT, "another password").await.expect_status(200);
    assert!(audit_actions(&server).await.contains(&"admin-user.password-changed".to_owned()));
    // Guesses at the current password are limited, for a screen that was left open.
    let mut limited = 0;
    for _ in 0..8 {
        limited += u32::from(first.post(path, change("guess", "another password 2")).await.status == 429);
    }
    assert!(limited > 0, "guessing is not limited");
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_addresses_and_wrong_passwords_return_the_same_error() {
    let server = TestServer::start_with(TestProject::newsroom()).await;
    server
        .apply_settings(json!({ "adminUsers": [{ "email": ROOT, "password": PASSWORD, "roles": ["super-admin"] }] }))
        .await;
    let mut browser = server.new_browser();
    let unknown = browser.sign_in("nobody@example.com", PASSWORD).await;
    let wrong_password = browser.sign_in(ROOT, "wrong password").await;
    assert_eq!((unknown.status, unknown.text()), (wrong_password.status, wrong_password.text()));
    for _ in 0..10 {
        browser.sign_in(ROOT, "wrong password").await;
    }
    browser.sign_in(ROOT, PASSWORD).await.expect_status(429);
}

/// Passkeys without a device: where there are none, and answers that no device gave. With a device: the browser's goal tests.
#[tokio::test(flavor = "multi_thread")]
async fn forged_and_expired_passkey_responses_are_rejected() {
    let server = server().await;
    const BEGIN: &str = "/admin/api/login/passkey/begin";
    const FINISH: &str = "/admin/api/login/passkey/finish";
    assert_eq!(server.get("/admin/api/session").await.data()["passkeys"], false);
    let needed = "Passkeys require an https address with a host name: set server.public_url, or use localhost";
    server.public_client().post(BEGIN, json!({})).await.expect_error(400, needed);
    let local = server.public_client().with_host("localhost");
    assert_eq!(local.get("/admin/api/session").await.data()["passkeys"], true);
    let challenge = local.post(BEGIN, json!({})).await.expect_status(200);
    let options = challenge.data();
    assert_eq!((&options["rpId"], &options["userVerification"]), (&json!("localhost"), &json!("required")));
    assert_eq!(options["allowCredentials"], json!([]));
    let cookie = challenge.header("set-cookie").to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    let cookie = cookie.split(';').next().unwrap().to_owned();
    local.post(BEGIN, json!({ "pending": "1.99999999999.x" })).await.expect_status(400);

    let id = "AAAAAAAAAAAAAAAAAAAAAA";
    let forged = json!({ "id": id, "rawId": id, "type": "public-key", "extensions": {}, "response": {
        "authenticatorData": "AAAA", "clientDataJSON": "e30", "signature": "AAAA", "userHandle": null } });
    let late = "This took too long: start again";
    let refused = "This passkey was not accepted: try again, or sign in another way";
    let finish = async |cookie: &str, body: &Json| {
        local.send(local.request("POST", FINISH).header("cookie", cookie).json(body)).await
    };
    finish("", &forged).await.expect_error(400, late);
    finish(&format!("{cookie}x"), &forged).await.expect_error(400, late);
    finish(&cookie, &forged).await.expect_error(400, refused);
    finish(&cookie, &json!({})).await.expect_error(400, refused);
    finish(&cookie, &json!({ "id": 1, "response": [] })).await.expect_error(400, refused);
    let other_site = local.request("POST", FINISH).header("origin", "https://elsewhere.example").json(&forged);
    assert_eq!(local.send(other_site).await.status, 403);
    // A challenge for signing in registers no device, and a token has no devices.
    local.with_token("").post("/admin/api/me/passkeys/register/begin", json!({})).await.expect_status(401);
    server.with_host("localhost").post("/admin/api/me/passkeys/register/begin", json!({})).await.expect_status(403);
    let editor = server.sign_in_admin("ed@example.com", PASSWORD).await.with_host("localhost");
    let challenge = editor.post("/admin/api/me/passkeys/register/begin", json!({})).await.expect_status(200);
    assert_eq!(challenge.data()["user"]["name"], "ed@example.com");
    let register_cookie = challenge.header("set-cookie").split(';').next().unwrap().to_owned();
    let register = async |cookie: &str, name: &str| {
        let body = json!({ "name": name, "credential": forged });
        let path = "/admin/api/me/passkeys/register/finish";
        editor.send(editor.request("POST", path).header("cookie", cookie).json(&body)).await
    };
    register(&cookie, "x").await.expect_error(400, late);
    register(&register_cookie, "x").await.expect_error(400, refused);
    register(&register_cookie, " ").await.expect_error(400, "Enter a name, such as the name of the device");
    register(&register_cookie, &"x".repeat(65)).await.expect_error(400, "A name must have at most 64 characters");
    server.advance_clock(Duration::from_secs(301));
    register(&register_cookie, "x").await.expect_error(400, late);
    assert_eq!(editor.get("/admin/api/me/passkeys").await.data(), &json!([]));
    editor.delete("/admin/api/me/passkeys/1").await.expect_status(404);
    editor.put("/admin/api/me/passkeys/1", json!({ "name": "x" })).await.expect_status(404);
}

/// Whoever finds an open browser looks, and writes; they give no rights, and take nothing along.
#[tokio::test(flavor = "multi_thread")]
async fn sensitive_admin_actions_require_a_recent_sign_in() {
    let server = server().await;
    let (mut root, mut ed) =
        (signed_in_browser(&server, ROOT).await, signed_in_browser(&server, "ed@example.com").await);
    let (cookie, csrf) = (root.cookie.clone(), root.csrf.clone());
    let token = json!({ "name": "a", "type": "read-only" });
    root.post("/admin/api/api-tokens", token.clone()).await.expect_status(201);
    root.get("/admin/api/session/lately").await.expect_status(204);
    server.advance_clock(Duration::from_secs(15 * 60 + 1));
    let weighty: [(&str, &str); 16] = [
        ("POST", "/admin/api/api-tokens"),
        ("POST", "/admin/api/api-tokens/1/regenerate"),
        ("PUT", "/admin/api/roles/editor"),
        ("DELETE", "/admin/api/content-roles/public"),
        ("POST", "/admin/api/users"),
        ("PUT", "/admin/api/users/1"),
        ("GET", "/admin/api/content/api::article.article/export"),
        ("GET", "/admin/api/plugins/none/export"),
        ("GET", "/admin/api/backups/none.cairn.tar.gz"),
        ("POST", "/admin/api/backups/none.cairn.tar.gz/restore"),
        ("POST", "/admin/api/content-types/apply"),
        ("PUT", "/admin/api/seal-profiles/a"),
        ("POST", "/admin/api/personal-data/export"),
        ("POST", "/admin/api/personal-data/erasures"),
        ("POST", "/admin/api/plugins"),
        ("POST", "/admin/api/content-users"),
    ];
    for (method, path) in weighty.into_iter().chain([("GET", "/admin/api/session/lately")]) {
        let body = || (method != "GET").then(|| json!({}));
        let refused = root.send(method, path, body()).await.expect_status(401);
        assert_eq!(refused.body["error"]["details"]["code"], "step_up_required", "{method} {path}");
        // A caller without the permission gets 403, and is not asked to sign in for it.
        let expected =
            if path.contains("export") && path.contains("article") || path.contains("lately") { 401 } else { 403 };
        ed.send(method, path, body()).await.expect_status(expected);
    }
    // A token is no open browser: what it may it may at any time.
    for path in ["/admin/api/content/api::article.article/export", "/admin/api/backups/none"] {
        let status = server.get(path).await.status;
        assert!(!matches!(status, 401 | 403), "{path}: {status}");
    }
    // Routes that need no recent sign-in go on.
    for path in ["/admin/api/roles", "/admin/api/api-tokens", "/admin/api/backups", "/admin/api/audit"] {
        root.get(path).await.expect_status(200);
    }
    root.post("/admin/api/content/api::article.article", json!({ "data": { "title": "a" } })).await.expect_status(201);
    // Wrong passwords do not help; the right one does, and nothing else that is open in the browser notices.
    root.sign_in(ROOT, "another password").await.expect_status(400);
    root.post("/admin/api/api-tokens", token.clone()).await.expect_status(401);
    root.sign_in(ROOT, PASSWORD).await.expect_status(200);
    assert_eq!((&root.cookie, &root.csrf), (&cookie, &csrf));
    root.post("/admin/api/api-tokens", json!({ "name": "b", "type": "read-only" })).await.expect_status(201);
    assert_eq!(root.get("/admin/api/me/sessions").await.expect_status(200).data().as_array().unwrap().len(), 1);
    // A sign-in by another user starts a session of their own.
    root.sign_in("ed@example.com", PASSWORD).await.expect_status(200);
    assert_ne!(root.cookie, cookie);
    assert_eq!(root.get("/admin/api/session").await.data()["me"]["email"], "ed@example.com");
}
