//! Mutations of accounts: the routes below `/api/auth`, with their permissions, rules and limits.

use super::{ask, data};
use cairn_access::auth::CodePurpose;
use cairn_testkit::{TestClient, TestProject, TestResponse, TestServer};
use serde_json::{Value as Json, json};

const AUTH: &str = "plugin::users-permissions.auth";

/// A site where anybody may register, and as often as they like.
fn project() -> TestProject {
    TestProject::new().with_settings("auth", json!({"registration": {"open": true}, "signInRateLimit": false}))
}

fn registration(name: &str, password: &str) -> Json {
    json!({"username": name, "email": format!("{name}@example.com"), "password": password})
}

async fn register(client: &TestClient, input: Json) -> TestResponse {
    let query = "mutation($input: UsersPermissionsRegisterInput!) {
        register(input: $input) { jwt user { id documentId username email confirmed blocked role { name } } } }";
    client.post("/graphql", json!({"query": query, "variables": {"input": input}})).await
}

/// Asserts that a field failed as the REST route does.
fn assert_as_rest(field: &TestResponse, rest: &TestResponse) {
    let error = &field.body["errors"][0];
    assert!(field.status == 200 && rest.status >= 400, "{:#} {:#}", field.body, rest.body);
    assert_eq!(error["message"], rest.message(), "{:#}", field.body);
    assert_eq!(error["extensions"]["error"]["name"], rest.name(), "{:#}", field.body);
    assert_eq!(&error["extensions"]["error"]["details"], rest.details(), "{:#}", field.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn registration_follows_the_rules_of_rest() {
    let server = TestServer::start_with(project()).await;
    let public = server.public_client();
    let registered = register(&public, registration("ann", "Passw0rd!")).await.expect_status(200);
    let payload = &registered.body["data"]["register"];
    assert_eq!(payload["user"]["username"], "ann", "{:#}", registered.body);
    assert_eq!((&payload["user"]["confirmed"], &payload["user"]["role"]), (&json!(true), &Json::Null));
    let ann = public.with_token(payload["jwt"].as_str().unwrap());
    assert_eq!(data(&ann, "{ me { email } }").await["me"]["email"], "ann@example.com");
    let before = server.dump_content().await;
    let long = format!("{}y", "x".repeat(72));
    for input in [
        registration("ann", "Passw0rd!"),
        json!({"username": "annie", "email": "ANN@example.COM", "password": "Passw0rd!"}),
        json!({"username": "ann@example.com", "email": "eve@example.com", "password": "Passw0rd!"}),
        json!({"username": "eve", "email": "nowhere", "password": "Passw0rd!"}),
        json!({"username": "", "email": "eve@example.com", "password": "Passw0rd!"}),
        registration("eve", "short"),
        registration("eve", &long),
    ] {
        let refused = register(&public, input.clone()).await;
        assert_as_rest(&refused, &public.post("/api/auth/local/register", input.clone()).await);
        assert_eq!(refused.body["data"], Json::Null, "{input}");
        assert!(!refused.text().contains(&long), "a password is in an answer");
    }
    let taken = register(&public, registration("ann", "Passw0rd!")).await;
    assert_eq!(taken.body["errors"][0]["extensions"]["code"], "STRAPI_APPLICATION_ERROR", "{:#}", taken.body);
    // What nobody may choose for themselves has no name.
    for (key, value) in [
        ("role", json!("1")),
        ("confirmed", json!(true)),
        ("blocked", json!(false)),
        ("provider", json!("github")),
        ("documentId", json!("x")),
        ("resetPasswordToken", json!("x")),
    ] {
        let mut input = registration("eve", "Passw0rd!");
        input[key] = value.clone();
        let refused = register(&public, input).await;
        assert!(refused.body["errors"][0]["message"].is_string() && refused.body["data"].is_null(), "{key}");
        let written = format!(
            "mutation {{ register(input: {{username: \"eve\", email: \"eve@example.com\", password: \"Passw0rd!\", {key}: {value}}}) {{ jwt }} }}"
        );
        assert_eq!(ask(&public, &written).await.status, 400, "{key}");
    }
    server.apply_settings(json!({"auth": {"registration": {"open": false}}})).await;
    let closed = register(&public, registration("bob", "Passw0rd!")).await;
    assert_as_rest(&closed, &public.post("/api/auth/local/register", registration("bob", "Passw0rd!")).await);
    assert!(closed.text().contains("currently disabled"), "{}", closed.text());
    assert_eq!(server.dump_content().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_are_confirmed_before_anybody_is_signed_in() {
    let server = TestServer::start_with(project()).await;
    server.apply_settings(json!({"auth": {"registration": {"confirmByMail": true}}})).await;
    let public = server.public_client();
    let registered = register(&public, registration("ann", "Passw0rd!")).await.expect_status(200);
    let payload = &registered.body["data"]["register"];
    assert_eq!((&payload["jwt"], &payload["user"]["confirmed"]), (&Json::Null, &json!(false)), "{:#}", registered.body);
    let login = "mutation { login(input: {identifier: \"ann\", password: \"Passw0rd!\"}) { jwt } }";
    let refused = ask(&public, login).await;
    let rest = public.post("/api/auth/local", json!({"identifier": "ann", "password": "Passw0rd!"})).await;
    assert_as_rest(&refused, &rest);
    let confirm = async |code: &str| {
        let query = format!(
            "mutation {{ emailConfirmation(confirmation: \"{code}\") {{ jwt user {{ username confirmed }} }} }}"
        );
        ask(&public, &query).await
    };
    assert_as_rest(&confirm("x").await, &public.get("/api/auth/email-confirmation?confirmation=x").await);
    let to_reset = server.app.access.create_code("ann", CodePurpose::ResetPassword).await.unwrap().unwrap();
    assert!(confirm(&to_reset).await.text().contains("Invalid token"), "a code is for one purpose");
    let code = server.app.access.create_code("ann", CodePurpose::ConfirmEmail).await.unwrap().unwrap();
    let confirmed = confirm(&code).await;
    let user = json!({"username": "ann", "confirmed": true});
    // A link in a mail confirms, and signs nobody in.
    assert_eq!(confirmed.body, json!({"data": {"emailConfirmation": {"jwt": null, "user": user}}}));
    assert!(confirm(&code).await.text().contains("Invalid token"), "a code is used once");
    assert!(data(&public, login).await["login"]["jwt"].is_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn passwords_are_reset_and_changed() {
    let server = TestServer::start_with(project()).await;
    let public = server.public_client();
    let registered = register(&public, registration("ann", "Passw0rd!")).await;
    let ann = public.with_token(registered.body["data"]["register"]["jwt"].as_str().unwrap());
    // Nobody learns which addresses are known.
    for address in ["ann@example.com", "nobody@example.com"] {
        let asked = data(&public, &format!("mutation {{ forgotPassword(email: \"{address}\") {{ ok }} }}")).await;
        assert_eq!(asked, json!({"forgotPassword": {"ok": true}}));
    }
    let forgot = ask(&public, "mutation { forgotPassword(email: \"nowhere\") { ok } }").await;
    assert_as_rest(&forgot, &public.post("/api/auth/forgot-password", json!({"email": "nowhere"})).await);
    let change = async |client: &TestClient, current: &str, password: &str, repeated: &str| {
        let query = format!(
            "mutation {{ changePassword(currentPassword: \"{current}\", password: \"{password}\", passwordConfirmation: \"{repeated}\") {{ jwt user {{ username }} }} }}"
        );
        ask(client, &query).await
    };
    for (current, password, repeated) in
        [("wrong", "Passw0rd+", "Passw0rd+"), ("Passw0rd!", "Passw0rd+", "other"), ("Passw0rd!", "x", "x")]
    {
        let body = json!({"currentPassword": current, "password": password, "passwordConfirmation": repeated});
        let refused = change(&ann, current, password, repeated).await;
        assert_as_rest(&refused, &ann.post("/api/auth/change-password", body).await);
        assert_eq!(refused.body["data"], json!({"changePassword": null}));
    }
    let changed = change(&ann, "Passw0rd!", "Passw0rd+", "Passw0rd+").await;
    let payload = &changed.body["data"]["changePassword"];
    assert_eq!(payload["user"]["username"], "ann", "{:#}", changed.body);
    // Other sessions end with the old password.
    assert_eq!(ask(&ann, "{ me { username } }").await.status, 401);
    let ann = public.with_token(payload["jwt"].as_str().unwrap());
    assert_eq!(data(&ann, "{ me { username } }").await["me"]["username"], "ann");
    let reset = async |code: &str, password: &str| {
        let query = format!(
            "mutation {{ resetPassword(code: \"{code}\", password: \"{password}\", passwordConfirmation: \"{password}\") {{ jwt user {{ username }} }} }}"
        );
        ask(&public, &query).await
    };
    let long = "x".repeat(73);
    let body = json!({"code": "none", "password": "Passw0rd-", "passwordConfirmation": "Passw0rd-"});
    assert_as_rest(&reset("none", "Passw0rd-").await, &public.post("/api/auth/reset-password", body).await);
    let code = server.app.access.create_code("ann", CodePurpose::ResetPassword).await.unwrap().unwrap();
    assert!(reset(&code, &long).await.text().contains("less than 73 bytes"));
    let done = reset(&code, "Passw0rd-").await;
    assert!(done.body["data"]["resetPassword"]["jwt"].is_string(), "{:#}", done.body);
    assert!(done.body["errors"].is_null() && !reset(&code, "Passw0rd?").await.body["errors"].is_null());
    assert_eq!(ask(&ann, "{ me { username } }").await.status, 401);
}

/// A caller sees, and can call, what their role permits by REST.
#[tokio::test(flavor = "multi_thread")]
async fn each_mutation_takes_its_own_permission() {
    let server = TestServer::start_with(project()).await;
    let calls = [
        (
            "register",
            "register(input: {username: \"eve\", email: \"eve@example.com\", password: \"Passw0rd!\"}) { jwt }",
        ),
        ("forgotPassword", "forgotPassword(email: \"eve@example.com\") { ok }"),
        (
            "resetPassword",
            "resetPassword(code: \"c\", password: \"Passw0rd!\", passwordConfirmation: \"Passw0rd!\") { jwt }",
        ),
        (
            "changePassword",
            "changePassword(currentPassword: \"a\", password: \"Passw0rd!\", passwordConfirmation: \"Passw0rd!\") { jwt }",
        ),
        ("emailConfirmation", "emailConfirmation(confirmation: \"c\") { jwt }"),
    ];
    let public = server.public_client();
    let names = async || {
        let found = data(&public, "{ __schema { mutationType { fields { name } } } }").await;
        let fields = found["__schema"]["mutationType"]["fields"].as_array().cloned().unwrap_or_default();
        fields.iter().map(|field| field["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let grant = async |actions: Json| {
        let permissions = json!({AUTH: actions, "plugin::i18n.locale": ["find"]});
        server.apply_settings(json!({"roles": {"public": {"permissions": permissions}}})).await;
    };
    grant(json!([])).await;
    let before = server.dump_content().await;
    assert!(names().await.is_empty());
    for (name, call) in calls {
        let refused = ask(&public, &format!("mutation {{ {call} }}")).await;
        assert_eq!(refused.status, 400, "{name}: {}", refused.text());
    }
    assert_eq!(server.dump_content().await, before);
    for (name, _) in calls {
        grant(json!([name])).await;
        assert_eq!(names().await, [name]);
        for (other, call) in calls {
            let answer = ask(&public, &format!("mutation {{ {call} }}")).await;
            assert_eq!(answer.status, if other == name { 200 } else { 400 }, "{name}, {other}: {}", answer.text());
        }
    }
    // Who may do nothing at all is told so.
    let nothing = json!({"permissions": {AUTH: [], "plugin::i18n.locale": []}});
    server.apply_settings(json!({"roles": {"public": nothing}})).await;
    ask(&public, "mutation { forgotPassword(email: \"a@b.nl\") { ok } }").await.expect_status(403);
}

/// The limits of REST and GraphQL are the same ones: thirty requests of a kind in a minute, whatever they come in.
#[tokio::test(flavor = "multi_thread")]
async fn mutations_in_one_document_count_each() {
    let project = TestProject::new().with_settings("auth", json!({"registration": {"open": true}}));
    let server = TestServer::start_with(project).await;
    let public = server.public_client();
    let calls: String =
        (0..30).map(|n| format!("a{n}: forgotPassword(email: \"n{n}@example.com\") {{ ok }} ")).collect();
    let many = data(&public, &format!("mutation {{ {calls} }}")).await;
    assert_eq!(many.as_object().unwrap().len(), 30);
    let one = "mutation { forgotPassword(email: \"n@example.com\") { ok } }";
    let limited = ask(&public, one).await.expect_status(200);
    let error = &limited.body["errors"][0]["extensions"];
    assert_eq!(
        (&error["code"], &error["error"]["name"]),
        (&json!("STRAPI_RATE_LIMIT_ERROR"), &json!("RateLimitError"))
    );
    public.post("/api/auth/forgot-password", json!({"email": "n@example.com"})).await.expect_status(429);
    let more = format!("mutation {{ {calls} b: forgotPassword(email: \"n@example.com\") {{ ok }} }}");
    assert_eq!(ask(&public, &more).await.status, 400);
}
