//! Registering, signing in and out, passwords and codes, and what is tried against them.

use cairn_access::auth::CodePurpose;
use cairn_testkit::{TestClient, TestProject, TestResponse, TestServer};
use serde_json::{Value as Json, json};
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);

pub(super) async fn server() -> TestServer {
    TestServer::start_with(project()).await
}

/// As `cairn apply` would set it up for a site with accounts.
fn project() -> TestProject {
    let users = "plugin::users-permissions.user";
    let sign_in = [
        "callback",
        "register",
        "forgotPassword",
        "resetPassword",
        "emailConfirmation",
        "sendEmailConfirmation",
        "refresh",
    ];
    let signed_in = ["me", "changePassword", "logout"];
    TestProject::newsroom()
        .with_role("public", false, json!({users: sign_in}))
        .with_role("authenticated", false, json!({users: signed_in}))
        .with_settings("auth", json!({"registration": {"open": true}}))
}

pub(super) async fn register(client: &TestClient, name: &str, password: &str) -> TestResponse {
    let body = json!({"username": name, "email": format!("{name}@Example.com"), "password": password});
    client.post("/api/auth/local/register", body).await
}

pub(super) async fn sign_in(client: &TestClient, identifier: &str, password: &str) -> TestResponse {
    client.post("/api/auth/local", json!({"identifier": identifier, "password": password})).await
}

pub(super) fn jwt(answer: &TestResponse) -> String {
    answer.body["jwt"].as_str().unwrap_or_else(|| panic!("no jwt in {}", answer.text())).to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn registered_users_are_signed_in_and_can_sign_in_again() {
    let server = server().await;
    let public = server.public_client();
    let test_answer = register(&public, "ann", "Passw0rd!").await.expect_status(200);
    let user = test_answer.body["user"].as_object().unwrap();
    let keys: Vec<_> = user.keys().map(String::as_str).collect();
    let expected = [
        "id",
        "documentId",
        "username",
        "email",
        "provider",
        "confirmed",
        "blocked",
        "createdAt",
        "updatedAt",
        "publishedAt",
    ];
    assert_eq!(keys, expected);
    assert_eq!((&user["email"], &user["provider"]), (&json!("ann@example.com"), &json!("local")));
    let me = server.with_token(&jwt(&test_answer)).get("/api/users/me").await.expect_status(200);
    assert_eq!(me.body, test_answer.body["user"]);
    for identifier in ["ann", "ann@example.com", "ANN@EXAMPLE.COM"] {
        let answer = sign_in(&public, identifier, "Passw0rd!").await.expect_status(200);
        assert_eq!(answer.body["user"], test_answer.body["user"], "{identifier}");
    }
    // The case of a name counts.
    sign_in(&public, "Ann", "Passw0rd!").await.expect_error(400, "Invalid identifier or password");
}

/// Whatever a token says of itself: only what this server signed, with the one header it writes, is taken.
#[tokio::test(flavor = "multi_thread")]
async fn forged_tokens_are_refused() {
    let server = server().await;
    let token = jwt(&register(&server.public_client(), "ann", "Passw0rd!").await);
    let parts: Vec<&str> = token.split('.').collect();
    let base64 =
        |json: Json| base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, json.to_string());
    let mut forged = vec![
        format!("{}.{}.", parts[0], parts[1]),
        format!("{}.{}", parts[0], parts[1]),
        format!("{}..{}", parts[0], parts[2]),
        format!("{}.{}.{}x", parts[0], parts[1], parts[2]),
        format!("{}.{}.{}", parts[0], base64(json!({"id": 1})), parts[2]),
    ];
    for header in [
        json!({"alg": "none"}),
        json!({"alg": "None", "typ": "JWT"}),
        json!({"alg": "nOnE", "typ": "JWT"}),
        json!({"alg": "HS384", "typ": "JWT"}),
        json!({"alg": "HS512", "typ": "JWT"}),
        json!({"alg": "RS256", "typ": "JWT"}),
        json!({"alg": "HS256", "typ": "JWT", "kid": "../../dev/null"}),
        json!({"alg": "HS256", "typ": "JWT", "jku": "http://127.0.0.1:1/keys"}),
        json!({"alg": "HS256", "typ": "JWT", "x5u": "http://127.0.0.1:1/keys"}),
        json!({"alg": "HS256", "typ": "JWT", "jwk": {"kty": "oct", "k": "AA"}}),
    ] {
        forged.push(format!("{}.{}.", base64(header.clone()), parts[1]));
        forged.push(format!("{}.{}.{}", base64(header), parts[1], parts[2]));
    }
    for token in forged {
        server.with_token(&token).get("/api/users/me").await.expect_error(401, "Missing or invalid credentials");
    }
    server.with_token(&token).get("/api/users/me").await.expect_status(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn access_tokens_are_valid_only_during_their_lifetime() {
    let server = server().await;
    let ann = server.with_token(&jwt(&register(&server.public_client(), "ann", "Passw0rd!").await));
    server.advance_clock(MINUTE * 60 * 24 * 29);
    ann.get("/api/users/me").await.expect_status(200);
    server.advance_clock(MINUTE * 60 * 24 * 2);
    ann.get("/api/users/me").await.expect_error(401, "Missing or invalid credentials");
    // A token from the future: the clock was set back.
    let bob = server.with_token(&jwt(&register(&server.public_client(), "bob", "Passw0rd!").await));
    bob.get("/api/users/me").await.expect_status(200);
    server.clock.advance(-chrono::TimeDelta::minutes(5));
    bob.get("/api/users/me").await.expect_error(401, "Missing or invalid credentials");
}

#[tokio::test(flavor = "multi_thread")]
async fn user_changes_take_effect_at_the_next_request() {
    let server = server().await;
    server
        .apply_settings(
            json!({"roles": {"editor": {"name": "Editor", "permissions": {"api::article.article": ["find"]}}}}),
        )
        .await;
    let answer = register(&server.public_client(), "ann", "Passw0rd!").await;
    let ann = server.with_token(&jwt(&answer));
    let path = format!("/api/users/{}", answer.body["user"]["id"]);
    ann.get("/api/articles").await.expect_error(403, "Forbidden");
    let roles = server.get("/api/users-permissions/roles").await.body;
    let editor = roles["roles"].as_array().unwrap().iter().find(|r| r["type"] == "editor").unwrap()["id"].clone();
    server.put(&path, json!({"role": editor})).await.expect_status(200);
    ann.get("/api/articles").await.expect_status(200);

    server.put(&path, json!({"blocked": true})).await.expect_status(200);
    ann.get("/api/articles").await.expect_error(401, "Invalid credentials");
    let blocked = sign_in(&server.public_client(), "ann", "Passw0rd!").await;
    blocked.expect_error(400, "Your account has been blocked by an administrator");
    // Whether an account is blocked is told to those alone who know its password.
    sign_in(&server.public_client(), "ann", "wrong").await.expect_error(400, "Invalid identifier or password");
    server.put(&path, json!({"blocked": false})).await.expect_status(200);
    ann.get("/api/articles").await.expect_status(200);
    server.delete(&path).await.expect_status(200);
    ann.get("/api/articles").await.expect_error(401, "Invalid credentials");
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_and_new_passwords_end_sessions() {
    let server = server().await;
    let public = server.public_client();
    register(&public, "ann", "Passw0rd!").await;
    let mut sessions = Vec::new();
    for _ in 0..3 {
        sessions.push(server.with_token(&jwt(&sign_in(&public, "ann", "Passw0rd!").await)));
    }
    sessions[0].post("/api/auth/logout", json!({})).await.expect_status(200);
    sessions[0].get("/api/users/me").await.expect_error(401, "Missing or invalid credentials");
    sessions[1].get("/api/users/me").await.expect_status(200);

    let change = |current: &str, new: &str, confirmation: &str| {
        let body = json!({"currentPassword": current, "password": new, "passwordConfirmation": confirmation});
        let client = sessions[1].clone();
        async move { client.post("/api/auth/change-password", body).await }
    };
    change("wrong", "Passw0rd?", "Passw0rd?").await.expect_error(400, "The provided current password is invalid");
    change("Passw0rd!", "Passw0rd?", "Passw0rd#").await.expect_error(400, "Passwords do not match");
    let fresh = change("Passw0rd!", "Passw0rd?", "Passw0rd?").await.expect_status(200);
    for old in &sessions {
        old.get("/api/users/me").await.expect_error(401, "Missing or invalid credentials");
    }
    server.with_token(&jwt(&fresh)).get("/api/users/me").await.expect_status(200);
    sign_in(&public, "ann", "Passw0rd!").await.expect_error(400, "Invalid identifier or password");

    // An administrator's change ends them as well, and so does a reset (CVE-2026-22706).
    let session = server.with_token(&jwt(&sign_in(&public, "ann", "Passw0rd?").await));
    let id = fresh.body["user"]["id"].clone();
    server.put(&format!("/api/users/{id}"), json!({"password": "Passw0rd+"})).await.expect_status(200);
    session.get("/api/users/me").await.expect_error(401, "Missing or invalid credentials");
    let session = server.with_token(&jwt(&sign_in(&public, "ann", "Passw0rd+").await));
    let code = server.app.access.create_code("ann", CodePurpose::ResetPassword).await.unwrap().unwrap();
    let body = json!({"code": code, "password": "Passw0rd-", "passwordConfirmation": "Passw0rd-"});
    let reset = public.post("/api/auth/reset-password", body).await.expect_status(200);
    session.get("/api/users/me").await.expect_error(401, "Missing or invalid credentials");
    server.with_token(&jwt(&reset)).get("/api/users/me").await.expect_status(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn new_passwords_by_a_code_end_what_failed_attempts_have_locked() {
    let server = server().await;
    let public = server.public_client();
    register(&public, "ann", "Passw0rd!").await;
    // A person who has lost the password tries the name, then the address.
    for name in ["ann", "ann@example.com"] {
        for _ in 0..5 {
            assert_eq!(sign_in(&public, name, "wrong").await.status, 400, "{name}");
        }
        sign_in(&public, name, "Passw0rd!").await.expect_status(429);
    }
    let code = server.app.access.create_code("ann", CodePurpose::ResetPassword).await.unwrap().unwrap();
    let body = json!({"code": code, "password": "Passw0rd+", "passwordConfirmation": "Passw0rd+"});
    public.post("/api/auth/reset-password", body).await.expect_status(200);
    for name in ["ann", "ann@example.com"] {
        sign_in(&public, name, "Passw0rd+").await.expect_status(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_are_valid_once_for_one_purpose_and_half_an_hour() {
    let server = server().await;
    let public = server.public_client();
    register(&public, "ann", "Passw0rd!").await;
    let code = async |purpose| server.app.access.create_code("ann", purpose).await.unwrap().unwrap();
    let reset = |code: Json| {
        let body = json!({"code": code, "password": "Passw0rd+", "passwordConfirmation": "Passw0rd+"});
        let public = public.clone();
        async move { public.post("/api/auth/reset-password", body).await }
    };
    let good = code(CodePurpose::ResetPassword).await;
    // Objects and prefixes are no codes (CVE-2019-18818).
    for invalid in [
        json!({}),
        json!([]),
        json!(null),
        json!(""),
        json!({"$startsWith": ""}),
        json!([good]),
        json!(true),
        json!(0),
        json!(good[..20]),
        json!(format!("{good}0")),
        json!(format!("{good}\u{0}")),
        json!(good.to_uppercase()),
    ] {
        let answer = reset(invalid.clone()).await;
        assert_eq!(answer.status, 400, "{invalid}: {}", answer.text());
        server.advance_clock(MINUTE / 20);
    }
    let confirm = code(CodePurpose::ConfirmEmail).await;
    reset(json!(confirm)).await.expect_error(400, "Incorrect code provided");
    let answer = public.get(&format!("/api/auth/email-confirmation?confirmation={good}")).await;
    answer.expect_error(400, "Invalid token");
    reset(json!(good)).await.expect_status(200);
    reset(json!(good)).await.expect_error(400, "Incorrect code provided");
    let late = code(CodePurpose::ResetPassword).await;
    server.advance_clock(MINUTE * 31);
    reset(json!(late)).await.expect_error(400, "Incorrect code provided");
    // A second code takes the place of the first.
    let (first, second) = (code(CodePurpose::ResetPassword).await, code(CodePurpose::ResetPassword).await);
    reset(json!(first)).await.expect_error(400, "Incorrect code provided");
    reset(json!(second)).await.expect_status(200);
}

/// CVE-2023-38507, CVE-2025-64526: nothing in a request moves an account into another bucket.
#[tokio::test(flavor = "multi_thread")]
async fn sign_in_rate_limit_ignores_the_spelling_of_the_account() {
    let server = server().await;
    let public = server.public_client();
    register(&public, "ann", "Passw0rd!").await;
    let guess = |path: &str, identifier: &str, n: usize| {
        let body = json!({"identifier": identifier, "password": "wrong", "email": format!("{n}@example.com")});
        let request = public.request("POST", path).json(&body).header("x-forwarded-for", format!("10.0.{n}.1"));
        public.send(request.header("forwarded", format!("for=10.0.{n}.1")))
    };
    for (n, (path, identifier)) in [
        ("/api/auth/local", "ann@example.com"),
        ("/api/auth/local/", "ann@EXAMPLE.com"),
        ("/api/auth/local?a=1", "ANN@example.com"),
        ("//api/auth/local", "ann@example.com"),
        ("/api/auth/local", "Ann@Example.Com"),
        ("/api/auth/local/?x", "ann@example.COM"),
    ]
    .into_iter()
    .enumerate()
    {
        let answer = guess(path, identifier, n).await;
        assert!(matches!(answer.status, 400 | 404 | 405), "{path} {identifier}: {}", answer.text());
    }
    let limited = guess("/api/auth/local", "ann@example.com", 99).await.expect_status(429);
    limited.assert_envelope();
    let seconds: u64 = limited.header("retry-after").parse().unwrap();
    assert!((1..=900).contains(&seconds), "{seconds}");
    // Even the right password tells nothing now.
    let right = sign_in(&public, "ann@example.com", "Passw0rd!").await;
    assert_eq!((right.status, right.message()), (429, limited.message()));
    // The user name reveals nothing either: an account that does not exist gets the same responses.
    for name in ["ann", "nobody"] {
        for _ in 0..5 {
            assert_eq!(sign_in(&public, name, "wrong").await.status, 400, "{name}");
        }
        sign_in(&public, name, "wrong").await.expect_status(429);
    }
    server.advance_clock(Duration::from_secs(seconds + 1));
    sign_in(&public, "ann", "Passw0rd!").await.expect_status(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn sign_in_rate_limit_applies_to_each_client_network() {
    let server = server().await;
    let mut statuses = Vec::new();
    for n in 0..35 {
        statuses.push(sign_in(&server.public_client(), &format!("nobody{n}"), "x").await.status);
    }
    assert_eq!((&statuses[..30], &statuses[30..]), (&[400; 30][..], &[429; 5][..]));
    let behind =
        TestServer::start_configured(project(), |c| c.server.trusted_proxies = vec!["127.0.0.1".parse().unwrap()])
            .await;
    for n in 0..35 {
        let body = json!({"identifier": format!("nobody{n}"), "password": "x"});
        let request = behind.public_client().request("POST", "/api/auth/local").json(&body);
        let answer = behind.send(request.header("x-forwarded-for", format!("192.0.{n}.1"))).await;
        assert_eq!(answer.status, 400, "{n}");
    }
}

/// An unknown name is checked against a hash as well: the answers do not differ.
#[tokio::test(flavor = "multi_thread")]
async fn unknown_names_and_wrong_passwords_return_the_same_error() {
    let server = server().await;
    let public = server.public_client();
    register(&public, "ann", "Passw0rd!").await;
    let (wrong_password, unknown) = (sign_in(&public, "ann", "wrong").await, sign_in(&public, "nobody", "wrong").await);
    assert_eq!((wrong_password.status, wrong_password.text()), (unknown.status, unknown.text()));
    wrong_password.expect_error(400, "Invalid identifier or password");
    let forgot = async |email: &str| public.post("/api/auth/forgot-password", json!({"email": email})).await;
    let (known, unknown) = (forgot("ann@example.com").await, forgot("nobody@example.com").await);
    assert_eq!((known.status, known.text()), (200, unknown.text()));
    let send = async |email: &str| public.post("/api/auth/send-email-confirmation", json!({"email": email})).await;
    let (known, unknown) = (send("ann@example.com").await, send("nobody@example.com").await);
    assert_eq!((known.status, known.text().replace("ann", "nobody")), (200, unknown.text()));
}

#[tokio::test(flavor = "multi_thread")]
async fn long_and_non_ascii_passwords_are_compared_in_full() {
    let server = server().await;
    let public = server.public_client();
    // bcrypt would look at 72 bytes of a longer one (CVE-2025-25298).
    let long = "x".repeat(72);
    register(&public, "longer", &format!("{long}y")).await.expect_error(400, "Password must be less than 73 bytes");
    register(&public, "long", &long).await.expect_status(200);
    sign_in(&public, "long", &long).await.expect_status(200);
    for other in [format!("{}y", &long[..71]), format!("{long}y")] {
        sign_in(&public, "long", &other).await.expect_error(400, "Invalid identifier or password");
    }
    register(&public, "accent", "pässwörd").await.expect_status(200);
    sign_in(&public, "accent", "pa\u{308}sswo\u{308}rd").await.expect_status(200);
    for password in ["x".repeat(900_000), "abc\u{0}def".to_owned(), String::new()] {
        let answer = register(&public, "wrong", &password).await;
        assert_eq!(answer.status, 400, "{}", answer.text());
        assert!(!answer.text().contains("abc"), "a password is in an answer: {}", answer.text());
        assert!(answer.bytes.len() < 1_000, "a password is in an answer");
        let answer = sign_in(&public, "long", &password).await;
        assert!(answer.status == 400 && answer.bytes.len() < 1_000, "{}", answer.status);
    }
}

/// CVE-2023-39345, and the rest of what may not be chosen.
#[tokio::test(flavor = "multi_thread")]
async fn registration_rejects_unknown_and_mistyped_parameters() {
    let server = server().await;
    let public = server.public_client();
    let before = server.dump_content().await;
    for (key, value) in [
        ("role", json!(1)),
        ("confirmed", json!(true)),
        ("blocked", json!(false)),
        ("provider", json!("github")),
        ("id", json!(1)),
        ("documentId", json!("x")),
        ("resetPasswordToken", json!("x")),
        ("confirmationToken", json!("x")),
        ("createdAt", json!("2020-01-01")),
        ("isAdmin", json!(true)),
        ("__proto__", json!({"a": 1})),
        ("$eq", json!(1)),
    ] {
        let mut body = json!({"username": "eve", "email": "eve@example.com", "password": "Passw0rd!"});
        body[key] = value;
        public.post("/api/auth/local/register", body).await.expect_error(400, &format!("Invalid parameters: {key}"));
        server.advance_clock(MINUTE / 10);
    }
    for body in [
        json!({"username": {"$ne": ""}, "email": "a@b.nl", "password": "Passw0rd!"}),
        json!([]),
        json!("x"),
        json!({"username": "eve", "email": ["a@b.nl"], "password": "Passw0rd!"}),
        json!({"username": "eve", "email": "a@b.nl", "password": 12345678}),
    ] {
        let answer = public.post("/api/auth/local/register", body.clone()).await;
        assert_eq!(answer.status, 400, "{body}: {}", answer.text());
        server.advance_clock(MINUTE / 10);
    }
    assert_eq!(server.dump_content().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn usernames_and_email_addresses_are_unique() {
    let server = server().await;
    let public = server.public_client();
    register(&public, "ann", "Passw0rd!").await.expect_status(200);
    let conflict = "Email or Username are already taken";
    register(&public, "ann", "Passw0rd!").await.expect_error(400, conflict);
    // A name that is another's address would let its owner sign in as them.
    let body = json!({"username": "ann@example.com", "email": "eve@example.com", "password": "Passw0rd!"});
    public.post("/api/auth/local/register", body).await.expect_error(400, conflict);
    let body = json!({"username": "annie", "email": "ANN@example.COM", "password": "Passw0rd!"});
    public.post("/api/auth/local/register", body).await.expect_error(400, conflict);
    server.apply_settings(json!({"auth": {"signInRateLimit": false}})).await;
    let answers = futures_util::future::join_all((0..20).map(|_| register(&public, "bob", "Passw0rd!"))).await;
    let created = answers.iter().filter(|a| a.status == 200).count();
    assert_eq!(created, 1, "{:?}", answers.iter().map(|a| a.status).collect::<Vec<_>>());
    assert!(answers.iter().all(|a| a.status == 200 || a.message() == conflict));
}

#[tokio::test(flavor = "multi_thread")]
async fn refresh_tokens_are_single_use_and_not_access_tokens() {
    let server = server().await;
    server.apply_settings(json!({"auth": {"sessions": "refresh"}})).await;
    let public = server.public_client();
    let test_answer = register(&public, "ann", "Passw0rd!").await.expect_status(200);
    let first = test_answer.body["refreshToken"].as_str().unwrap().to_owned();
    server.with_token(&first).get("/api/users/me").await.expect_error(401, "Missing or invalid credentials");
    let refresh = async |token: Json| public.post("/api/auth/refresh", json!({"refreshToken": token})).await;
    assert_eq!(refresh(json!(jwt(&test_answer))).await.status, 401, "an access token is no refresh token");
    for invalid_token in [json!(""), json!({}), json!([first]), json!(format!("{first}x")), json!("a.b.c")] {
        let answer = refresh(invalid_token.clone()).await;
        assert!(matches!(answer.status, 400 | 401), "{invalid_token}: {}", answer.text());
        answer.assert_envelope();
    }
    let second = refresh(json!(first)).await.expect_status(200);
    let ann = server.with_token(second.body["jwt"].as_str().unwrap());
    ann.get("/api/users/me").await.expect_status(200);
    // Used again it was stolen, from here or from there: the whole session ends.
    assert_eq!(refresh(json!(first)).await.status, 401);
    ann.get("/api/users/me").await.expect_error(401, "Missing or invalid credentials");
    assert_eq!(refresh(second.body["refreshToken"].clone()).await.status, 401);
}

/// Many at once are told to come back, and everybody else is served meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn many_sign_ins_do_not_block_other_requests() {
    let server = server().await;
    server.apply_settings(json!({"auth": {"signInRateLimit": false}})).await;
    let public = server.public_client();
    let flood = (0..150).map(|n| {
        let public = public.clone();
        tokio::spawn(async move { sign_in(&public, &format!("nobody{n}"), "wrong").await })
    });
    let flood: Vec<_> = flood.collect();
    server.get("/api/articles").await.expect_status(200);
    let mut statuses = Vec::new();
    for attempt in flood {
        statuses.push(attempt.await.unwrap().status);
    }
    assert!(statuses.iter().all(|s| matches!(s, 400 | 429)), "{statuses:?}");
    assert!(statuses.contains(&400));
}
