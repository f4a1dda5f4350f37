//! Every route × what belongs to another tenant: its ids, file addresses, tokens, sessions and codes, asked for at this
//! tenant's host, with every header that might lead elsewhere. The answer is that to what does not exist; nothing of the
//! other tenant is in any answer, and nothing of it changes.

use super::{A, B, settings};
use crate::access::routes::router_routes;
use cairn_access::auth::CodePurpose;
use cairn_testkit::{TestClient, TestProject, TestResponse, TestServer};
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};

/// In everything that B has and A has not.
const CANARY: &str = "canary4e1b";
/// A token of B alone.
const B_TOKEN: &str = "token-of-b-alone-0123456789";

/// A request: method, route as `router.rs` has it (empty: the fallback's), address, body. `{name}` stands for an
/// identifier: one of B's, and then one that nobody has.
type Case = (&'static str, &'static str, &'static str, Json);

/// Of a route for every method; what it is asked by is a GET.
const ANY: &str = "ANY";

/// The method that a case is sent with.
fn method_of(case: &Case) -> &'static str {
    if case.0 == ANY { "GET" } else { case.0 }
}

fn cases() -> Vec<Case> {
    let none = Json::Null;
    let data = |data: Json| json!({ "data": data });
    vec![
        ("GET", "/", "/", none.clone()),
        ("GET", "/favicon.ico", "/favicon.ico", none.clone()),
        ("GET", "/cairn/preview.js", "/cairn/preview.js", none.clone()),
        ("GET", "/cairn/typeface/{file}", "/cairn/typeface/inter.css", none.clone()),
        ("GET", "/_health", "/_health", none.clone()),
        ("GET", "/invitation", "/invitation?code={invitation}", none.clone()),
        ("POST", "/invitation", "/invitation", json!({"code": "{invitation}", "password": "An0ther!!"})),
        ("GET", "/uploads/{file}", "{url}", none.clone()),
        ("GET", "/uploads/{file}", "{thumbnail}", none.clone()),
        ("GET", "/uploads/private/{file}", "/uploads/private{url}", none.clone()),
        // Live updates: what is told in them is told by `live.rs`.
        ("GET", "/api/live", "/api/live?types={name}", none.clone()),
        // Files.
        ("POST", "/api/upload", "/api/upload", json!({"fileInfo": {"name": "x"}})),
        ("POST", "/api/upload", "/api/upload?id={file}", json!({"fileInfo": {"name": "taken over"}})),
        ("GET", "/api/upload/files", "/api/upload/files?filters[documentId]={file_doc}", none.clone()),
        ("GET", "/api/upload/files", "/api/upload/files?filters[id]={file}", none.clone()),
        ("GET", "/api/upload/files/{id}", "/api/upload/files/{file}", none.clone()),
        ("GET", "/api/upload/files/{id}", "/api/upload/files/{file_doc}", none.clone()),
        ("DELETE", "/api/upload/files/{id}", "/api/upload/files/{file}", none.clone()),
        ("DELETE", "/api/upload/files/{id}", "/api/upload/files/{file_doc}", none.clone()),
        // Files in pieces.
        ("POST", "/api/upload/resumable", "/api/upload/resumable", none.clone()),
        ("GET", "/api/upload/resumable/{id}", "/api/upload/resumable/{name}", none.clone()),
        ("PATCH", "/api/upload/resumable/{id}", "/api/upload/resumable/{name}", none.clone()),
        ("DELETE", "/api/upload/resumable/{id}", "/api/upload/resumable/{name}", none.clone()),
        // The same for admins.
        ("GET", "/admin/api/live", "/admin/api/live?types={name}", none.clone()),
        ("POST", "/admin/api/upload", "/admin/api/upload?id={file}", json!({"fileInfo": {"name": "taken over"}})),
        ("GET", "/admin/api/upload/files", "/admin/api/upload/files?filters[id]={file}", none.clone()),
        ("GET", "/admin/api/upload/files/{id}", "/admin/api/upload/files/{file}", none.clone()),
        ("DELETE", "/admin/api/upload/files/{id}", "/admin/api/upload/files/{file_doc}", none.clone()),
        ("POST", "/admin/api/upload/resumable", "/admin/api/upload/resumable", none.clone()),
        ("GET", "/admin/api/upload/resumable/{id}", "/admin/api/upload/resumable/{name}", none.clone()),
        ("PATCH", "/admin/api/upload/resumable/{id}", "/admin/api/upload/resumable/{name}", none.clone()),
        ("DELETE", "/admin/api/upload/resumable/{id}", "/admin/api/upload/resumable/{name}", none.clone()),
        (ANY, "/admin/api/plugin-routes/{plugin}/{*path}", "/admin/api/plugin-routes/{name}/x", none.clone()),
        // Users & permissions.
        ("POST", "/api/auth/local", "/api/auth/local", json!({"identifier": "{name}", "password": "Passw0rd!"})),
        (
            "POST",
            "/api/auth/local",
            "/api/auth/local",
            json!({"identifier": "{name}@example.com", "password": "Passw0rd!"}),
        ),
        (
            "POST",
            "/api/auth/local/register",
            "/api/auth/local/register",
            json!({"username": "{name}", "email": "{name}", "password": "Passw0rd!"}),
        ),
        ("POST", "/api/auth/forgot-password", "/api/auth/forgot-password", json!({"email": "{name}@example.com"})),
        (
            "POST",
            "/api/auth/reset-password",
            "/api/auth/reset-password",
            json!({"code": "{code}", "password": "An0ther!!", "passwordConfirmation": "An0ther!!"}),
        ),
        ("POST", "/api/auth/check-invitation", "/api/auth/check-invitation", json!({"code": "{invitation}"})),
        (
            "POST",
            "/api/auth/accept-invitation",
            "/api/auth/accept-invitation",
            json!({"code": "{invitation}", "password": "An0ther!!"}),
        ),
        (
            "POST",
            "/api/auth/request-invitation",
            "/api/auth/request-invitation",
            json!({"email": "{name}@example.com"}),
        ),
        (
            "POST",
            "/api/auth/change-password",
            "/api/auth/change-password",
            json!({"currentPassword": "{name}", "password": "An0ther!!", "passwordConfirmation": "An0ther!!"}),
        ),
        (
            "GET",
            "/api/auth/email-confirmation",
            "/api/auth/email-confirmation?confirmation={confirmation}",
            none.clone(),
        ),
        (
            "POST",
            "/api/auth/send-email-confirmation",
            "/api/auth/send-email-confirmation",
            json!({"email": "{name}@example.com"}),
        ),
        ("POST", "/api/auth/refresh", "/api/auth/refresh", json!({"refreshToken": "{refresh}"})),
        ("POST", "/api/auth/logout", "/api/auth/logout", json!({"session": "{session}"})),
        ("GET", "/api/users", "/api/users?filters[username]={name}", none.clone()),
        ("GET", "/api/users", "/api/users?filters[documentId]={user_doc}", none.clone()),
        (
            "POST",
            "/api/users",
            "/api/users",
            json!({"username": "x", "email": "x@example.com", "password": "Passw0rd!", "role": "{role}"}),
        ),
        ("GET", "/api/users/me", "/api/users/me?filters[id]={user}", none.clone()),
        ("GET", "/api/users/count", "/api/users/count?filters[username]={name}", none.clone()),
        ("GET", "/api/users/{id}", "/api/users/{user}", none.clone()),
        ("GET", "/api/users/{id}", "/api/users/{user_doc}", none.clone()),
        ("PUT", "/api/users/{id}", "/api/users/{user}", json!({"username": "taken-over"})),
        ("PUT", "/api/users/{id}", "/api/users/{user_doc}", json!({"username": "taken-over"})),
        ("DELETE", "/api/users/{id}", "/api/users/{user}", none.clone()),
        ("DELETE", "/api/users/{id}", "/api/users/{user_doc}", none.clone()),
        ("GET", "/api/users-permissions/roles", "/api/users-permissions/roles", none.clone()),
        ("GET", "/api/users-permissions/roles/{id}", "/api/users-permissions/roles/{role}", none.clone()),
        ("GET", "/api/users-permissions/roles/{id}", "/api/users-permissions/roles/{role_doc}", none.clone()),
        ("GET", "/api/users-permissions/permissions", "/api/users-permissions/permissions", none.clone()),
        ("GET", "/api/connect/{provider}", "/api/connect/{name}", none.clone()),
        (
            "GET",
            "/api/content-type-builder/content-types",
            "/api/content-type-builder/content-types?kind=singleType",
            none.clone(),
        ),
        (
            "GET",
            "/api/content-type-builder/content-types/{uid}",
            "/api/content-type-builder/content-types/{name}",
            none.clone(),
        ),
        ("GET", "/api/content-type-builder/components", "/api/content-type-builder/components", none.clone()),
        (
            "GET",
            "/api/content-type-builder/components/{uid}",
            "/api/content-type-builder/components/{name}",
            none.clone(),
        ),
        ("GET", "/api/openapi.json", "/api/openapi.json", none.clone()),
        ("GET", "/api/openapi.html", "/api/openapi.html", none.clone()),
        ("GET", "/graphql", "/graphql?query={article(documentId:\"{doc}\"){title}}", none.clone()),
        (
            "POST",
            "/graphql",
            "/graphql",
            json!({"query": "query($id: ID!) { article(documentId: $id) { title } }", "variables": {"id": "{doc}"}}),
        ),
        (
            "POST",
            "/graphql",
            "/graphql",
            json!({"query": "mutation($id: ID!) { updateArticle(documentId: $id, data: {title: \"taken over\"}) { title } }", "variables": {"id": "{doc}"}}),
        ),
        (
            "POST",
            "/graphql",
            "/graphql",
            json!({"query": "mutation($id: ID!) { updateUsersPermissionsUser(id: $id, data: {username: \"taken-over\"}) { data { username } } }", "variables": {"id": "{user_doc}"}}),
        ),
        (
            "POST",
            "/graphql",
            "/graphql",
            json!({"query": "mutation($id: ID!) { deleteUsersPermissionsUser(id: $id) { data { username } } }", "variables": {"id": "{user_doc}"}}),
        ),
        (
            "POST",
            "/graphql",
            "/graphql",
            json!({"query": "mutation($id: ID!) { updateUploadFile(id: $id, info: {caption: \"taken over\"}) { name } }", "variables": {"id": "{file}"}}),
        ),
        (
            "POST",
            "/graphql",
            "/graphql",
            json!({"query": "mutation($id: ID!) { deleteUploadFile(id: $id) { name } }", "variables": {"id": "{file}"}}),
        ),
        ("GET", "/api/i18n/locales", "/api/i18n/locales", none.clone()),
        // Content.
        ("GET", "", "/api/articles?filters[documentId]={doc}", none.clone()),
        ("GET", "", "/api/articles?filters[id]={row}", none.clone()),
        ("GET", "", "/api/articles?filters[category][documentId]={category}&populate=*", none.clone()),
        ("GET", "", "/api/articles?filters[slug]={slug}", none.clone()),
        ("GET", "", "/api/articles?_q={slug}", none.clone()),
        ("GET", "", "/api/articles/{doc}", none.clone()),
        ("GET", "", "/api/articles/{row}", none.clone()),
        ("GET", "", "/api/articles/{doc}?status=draft&populate=*", none.clone()),
        ("POST", "", "/api/articles", data(json!({"title": "t", "category": "{category}"}))),
        (
            "POST",
            "",
            "/api/articles",
            data(json!({"title": "t", "authors": {"connect": [{"documentId": "{author}"}]}})),
        ),
        ("POST", "", "/api/articles", data(json!({"title": "t", "cover": "{file}"}))),
        ("POST", "", "/api/articles", data(json!({"title": "t", "slug": "{slug}"}))),
        ("PUT", "", "/api/articles/{doc}", data(json!({"title": "taken over"}))),
        ("PUT", "", "/api/articles/{row}", data(json!({"title": "taken over"}))),
        ("DELETE", "", "/api/articles/{doc}", none.clone()),
        ("DELETE", "", "/api/articles/{row}", none.clone()),
        ("GET", "", "/api/site?filters[documentId]={site}&populate=*", none.clone()),
        ("PUT", "", "/api/pages/{page}?locale=nl", data(json!({"title": "taken over"}))),
        ("GET", "", "/api/pages/{page}?locale=nl", none.clone()),
        ("DELETE", "", "/api/pages/{page}?locale=nl", none),
    ]
}

/// Headers that must not matter at A's host.
const SPOOFS: [(&str, &str); 7] = [
    ("x-forwarded-host", B),
    ("forwarded", "host=b.example.com"),
    ("x-original-host", B),
    ("x-host", B),
    ("x-tenant", "b"),
    ("x-original-url", "http://b.example.com/api/articles"),
    ("referer", "http://b.example.com/"),
];

struct TwoTenants {
    server: TestServer,
    /// Identifiers of what is B's, and identifiers that nobody has.
    foreign: BTreeMap<&'static str, String>,
    nowhere: BTreeMap<&'static str, String>,
    /// Session token of B's user.
    jwt: String,
}

impl TwoTenants {
    async fn new() -> Self {
        let everything = json!([
            "api::article.article",
            "api::author.author",
            "api::category.category",
            "api::page.page",
            "api::site.site",
            "plugin::upload.file",
            "plugin::users-permissions.user",
            "plugin::users-permissions.role"
        ]);
        let full: Json = everything
            .as_array()
            .unwrap()
            .iter()
            .map(|uid| {
                let uid = uid.as_str().unwrap();
                let actions = match uid {
                    "api::site.site" => json!(["find", "update", "delete"]),
                    "plugin::upload.file" => json!(["find", "findOne", "upload", "replace", "destroy"]),
                    "plugin::users-permissions.role" => json!(["find", "findOne"]),
                    "plugin::users-permissions.user" => {
                        json!(["find", "findOne", "count", "create", "update", "destroy", "me"])
                    }
                    _ => json!(["find", "findOne", "create", "update", "delete"]),
                };
                (uid.to_owned(), actions)
            })
            .collect();
        let mut own = settings();
        own["auth"] = json!({"sessions": "refresh", "signInRateLimit": false});
        own["roles"]["editor"] = json!({"name": "Editor", "readDrafts": true, "permissions": full});
        let mut of_b = own.clone();
        for extra in ["one", "two", "three"] {
            of_b["roles"][extra] = json!({"name": format!("{CANARY} {extra}")});
        }
        of_b["apiTokens"]
            .as_array_mut()
            .unwrap()
            .push(json!({"name": "other", "type": "full-access", "token": B_TOKEN}));
        of_b["theme"] = json!({"accent": "#ca4a4b"});
        of_b["mail"] = json!({"fromName": CANARY});
        let tenants = json!({
            "a": {"hosts": [A], "settings": own},
            "b": {"hosts": [B], "displayName": CANARY, "settings": of_b},
        });
        let server = TestServer::start_with(TestProject::newsroom().with_settings("tenants", tenants)).await;
        let (foreign, jwt) = Self::fill(&server).await;
        let nowhere = foreign.iter().map(|(name, value)| (*name, unknown_identifier(value))).collect();
        Self { server, foreign, nowhere, jwt }
    }

    /// Both tenants have the same user; all else is B's, with numbers beyond those of A.
    async fn fill(server: &TestServer) -> (BTreeMap<&'static str, String>, String) {
        let (a, b) = (server.with_host(A), server.with_host(B));
        for client in [&a, &b] {
            client.add_user("ann", "editor", json!({})).await;
            client.create_entry("/api/articles", json!({"title": "of both", "slug": "of-both"})).await;
        }
        for _ in 0..12 {
            let path = format!(
                "/api/articles/{}",
                b.create_entry("/api/articles", json!({"title": CANARY})).await.document_id()
            );
            b.delete(&path).await.expect_status(204);
            let id = b.upload_file("x.txt", "text/plain", CANARY.as_bytes()).await.body[0]["id"].clone();
            b.delete(&format!("/api/upload/files/{id}")).await.expect_status(200);
        }
        let category = b.create_entry("/api/categories", json!({"name": CANARY})).await.document_id();
        let author = b.create_entry("/api/authors", json!({"name": CANARY})).await.document_id();
        let slug = format!("{CANARY}-slug");
        let article = json!({"title": CANARY, "slug": slug, "category": category, "authors": [author], "body": CANARY});
        let article = b.create_entry("/api/articles", article).await;
        let page = b.create_entry("/api/pages?locale=nl", json!({"title": CANARY})).await.document_id();
        let site = b.put("/api/site", json!({"data": {"name": CANARY}})).await.expect_status(200).document_id();
        let picture = crate::pictures::png(400, 300);
        let file =
            b.upload_file(&format!("{CANARY}.png"), "image/png", &picture).await.expect_status(201).body[0].clone();
        for i in 0..3 {
            b.add_user(&format!("extra{i}"), "editor", json!({})).await;
        }
        let name = format!("{CANARY}-bob");
        let user = b.add_user(&name, "editor", json!({"confirmed": true})).await.body;
        let credentials = json!({"identifier": name, "password": "Passw0rd!"});
        let signed_in = b.without_token().post("/api/auth/local", credentials).await.expect_status(200).body;
        let jwt = signed_in["jwt"].as_str().unwrap().to_owned();
        let tenant = server.process.open_tenant("b").await.unwrap();
        let code = async |purpose| tenant.access.create_code(&name, purpose).await.unwrap().unwrap();
        let roles = b.get("/api/users-permissions/roles").await.body;
        let role = roles["roles"].as_array().unwrap().iter().find(|r| r["type"] == "three").unwrap().clone();
        let text = |json: &Json| json.as_str().map_or_else(|| json.to_string(), str::to_owned);
        let foreign = [
            ("doc", article.document_id()),
            ("row", article.id().to_string()),
            ("slug", slug),
            ("category", category),
            ("author", author),
            ("page", page),
            ("site", site),
            ("file", text(&file["id"])),
            ("file_doc", text(&file["documentId"])),
            ("url", text(&file["url"])),
            ("thumbnail", text(&file["formats"]["thumbnail"]["url"])),
            ("user", text(&user["id"])),
            ("user_doc", text(&user["documentId"])),
            ("role", text(&role["id"])),
            ("role_doc", text(&role["documentId"])),
            ("code", code(CodePurpose::ResetPassword).await),
            ("confirmation", code(CodePurpose::ConfirmEmail).await),
            ("invitation", code(CodePurpose::Invitation).await),
            ("refresh", text(&signed_in["refreshToken"])),
            ("session", text(&signed_in["refreshToken"]).split('.').next().unwrap().to_owned()),
            ("name", name),
        ];
        (foreign.into(), jwt)
    }

    async fn send(
        &self,
        client: &TestClient,
        case: &Case,
        ids: &BTreeMap<&str, String>,
        header: Option<(&str, &str)>,
    ) -> TestResponse {
        let (_, _, path, body) = case;
        let method = method_of(case);
        let mut request = client.request(method, &fill_placeholders(path, ids));
        if !body.is_null() {
            request =
                request.header("content-type", "application/json").body(fill_placeholders(&body.to_string(), ids));
        }
        if let Some((name, value)) = header {
            request = request.header(name, value);
        }
        let answer = client.send(request).await;
        let full_text = format!("{:?} {}", answer.headers, answer.text());
        let context = format!("{path} {body} {full_text}");
        // A response may repeat ids of the request, which reveals nothing.
        let news =
            ids.values().filter(|v| v.contains(CANARY)).fold(full_text, |text, value| text.replace(value.as_str(), ""));
        assert!(!news.contains(CANARY), "{method} {context}");
        assert!(answer.status < 500 && answer.status != 429, "{method} {context}");
        answer
    }
}

/// Of the same form, and nobody's.
fn unknown_identifier(value: &str) -> String {
    if value.parse::<i64>().is_ok() {
        return "987654".into();
    }
    // Signed parts and random ones alike: letters and digits become others.
    let other = |c: char| match c {
        'a'..='y' | 'A'..='Y' | '0'..='8' => char::from_u32(c as u32 + 1).unwrap(),
        'z' => 'a',
        'Z' => 'A',
        '9' => '0',
        c => c,
    };
    match value.strip_prefix("/uploads/") {
        Some(name) => {
            let (stem, extension) = name.rsplit_once('.').unwrap();
            format!("/uploads/{}.{extension}", stem.chars().map(other).collect::<String>())
        }
        None => value.chars().map(other).collect(),
    }
}

fn fill_placeholders(text: &str, ids: &BTreeMap<&str, String>) -> String {
    ids.iter().fold(text.to_owned(), |text, (name, id)| text.replace(&format!("{{{name}}}"), id))
}

/// Parts of a response that must be the same: status, and the body with the identifiers taken out of it; what was made
/// just now differs by itself.
fn comparable_response(answer: &TestResponse, ids: &BTreeMap<&str, String>) -> (u16, String, bool) {
    let is_created = (200..300).contains(&answer.status) && !answer.body.is_null() && answer.header("etag").is_empty();
    let page = answer.header("content-type").starts_with("text/html");
    let text = if is_created || page { String::new() } else { answer.text() };
    // Short numbers are in every answer by chance.
    let long = ids.iter().filter(|(_, id)| id.len() > 4);
    let text = long.fold(text, |text, (name, id)| text.replace(id.as_str(), &format!("{{{name}}}")));
    (answer.status, text, answer.header("etag").is_empty())
}

/// The matrix has every route of the router.
#[test]
fn every_route_is_covered_by_the_matrix() {
    let tried: BTreeSet<String> = cases().iter().map(|(method, route, ..)| format!("{method} {route}")).collect();
    let missing: Vec<_> = router_routes().difference(&tried).cloned().collect();
    assert!(missing.is_empty(), "no case for {missing:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn identifiers_of_another_tenant_are_not_found() {
    let fixture = TwoTenants::new().await;
    let before = fixture.server.dump_at_host("b", B).await;
    let a = fixture.server.with_host(A);
    // A session for each request: some end it.
    let ann = async || a.with_token(&fixture.server.new_tenant_session("a", "ann").await);
    for case in cases() {
        for caller in ["public", "ann", "full access"] {
            let client = async || match caller {
                "public" => a.without_token(),
                "ann" => ann().await,
                _ => a.clone(),
            };
            let nowhere = fixture.send(&client().await, &case, &fixture.nowhere, None).await;
            let foreign = fixture.send(&client().await, &case, &fixture.foreign, None).await;
            let (expected, found) =
                (comparable_response(&nowhere, &fixture.nowhere), comparable_response(&foreign, &fixture.foreign));
            assert_eq!(found, expected, "{caller}: {case:?}");
        }
        // Once more, with whatever might lead to B.
        let plain = fixture.send(&a, &case, &fixture.foreign, None).await;
        for spoof in SPOOFS {
            let spoofed = fixture.send(&a, &case, &fixture.foreign, Some(spoof)).await;
            assert_eq!(
                comparable_response(&spoofed, &fixture.foreign),
                comparable_response(&plain, &fixture.foreign),
                "{spoof:?}: {case:?}"
            );
        }
        for spelling in ["A.Example.COM", "a.example.com.", "a.example.com:8080"] {
            let spelled = fixture.send(&a.with_host(spelling), &case, &fixture.foreign, None).await;
            assert_eq!(
                comparable_response(&spelled, &fixture.foreign),
                comparable_response(&plain, &fixture.foreign),
                "{spelling}: {case:?}"
            );
        }
    }
    assert_eq!(fixture.server.dump_at_host("b", B).await, before, "something of B changed");
    assert_b_is_still_usable(&fixture).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_of_another_tenant_are_rejected() {
    let fixture = TwoTenants::new().await;
    let before = fixture.server.dump_at_host("b", B).await;
    let a = fixture.server.with_host(A);
    for case in cases() {
        let (_, route, path, _) = &case;
        let garbage =
            fixture.send(&a.with_token(&unknown_identifier(&fixture.jwt)), &case, &fixture.nowhere, None).await;
        for token in [
            fixture.jwt.as_str(),
            B_TOKEN,
            &fixture.foreign["refresh"],
            &fixture.foreign["code"],
            &fixture.foreign["session"],
        ] {
            let client = a.with_token(token);
            for header in SPOOFS.into_iter().map(Some).chain([None]) {
                let answer = fixture.send(&client, &case, &fixture.foreign, header).await;
                assert_eq!(
                    comparable_response(&answer, &fixture.foreign),
                    comparable_response(&garbage, &fixture.nowhere),
                    "{case:?} with a credential of B and {header:?}"
                );
            }
        }
        // Public routes ignore credentials; all others refuse them.
        let open = [
            "/",
            "/favicon.ico",
            "/cairn/preview.js",
            "/cairn/typeface/{file}",
            "/api/openapi.html",
            "/_health",
            "/invitation",
            "/uploads/{file}",
            "/uploads/private/{file}",
            "/api/connect/{provider}",
        ];
        let open = open.contains(route);
        assert_eq!(garbage.status == 401, !open, "{path}: {}", garbage.text());
    }
    assert_eq!(fixture.server.dump_at_host("b", B).await, before, "something of B changed");
    assert_b_is_still_usable(&fixture).await;
}

/// A proxy and Cairn might each believe another of two hosts: what names both goes to neither.
#[tokio::test(flavor = "multi_thread")]
async fn requests_naming_two_hosts_are_rejected() {
    let fixture = TwoTenants::new().await;
    let before = (fixture.server.dump_at_host("a", A).await, fixture.server.dump_at_host("b", B).await);
    for case in cases() {
        let (_, _, path, body) = &case;
        let method = method_of(&case);
        let path = fill_placeholders(path, &fixture.foreign);
        let body = fill_placeholders(&body.to_string(), &fixture.foreign);
        for (target, hosts) in [
            (format!("http://{B}{path}"), format!("Host: {A}\r\n")),
            (format!("http://{A}@{B}{path}"), format!("Host: {A}\r\n")),
            (path.clone(), format!("Host: {A}\r\nHost: {B}\r\n")),
            (path.clone(), format!("Host: {B}\r\nHost: {A}\r\n")),
            (path.clone(), format!("Host: {A}, {B}\r\n")),
            (path.clone(), format!("Host: {A}@{B}\r\n")),
        ] {
            for token in [&fixture.jwt, B_TOKEN, cairn_testkit::FULL_TOKEN] {
                let request = format!(
                    "{method} {target} HTTP/1.1\r\n{hosts}Authorization: Bearer {token}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                    body.len()
                );
                let answer = fixture.server.send_raw(request).await;
                let twice = hosts.matches("Host:").count() > 1;
                let expected = if path == "/_health" && !twice { 204 } else { 400 };
                assert_eq!(answer.status(), expected, "{method} {target} {hosts} {}", answer.text);
            }
        }
    }
    assert_eq!((fixture.server.dump_at_host("a", A).await, fixture.server.dump_at_host("b", B).await), before);
    assert_b_is_still_usable(&fixture).await;
}

/// Nothing of B was used up, ended or rotated: all of it is good at B.
async fn assert_b_is_still_usable(fixture: &TwoTenants) {
    let b = fixture.server.with_host(B).without_token();
    b.with_token(&fixture.jwt).get("/api/users/me").await.expect_status(200);
    b.with_token(B_TOKEN).get("/api/articles").await.expect_status(200);
    assert!(b.get(&fixture.foreign["url"]).await.expect_status(200).bytes.len() > 100);
    let at_b = |path: &str, body: Json| {
        let (path, body) =
            (path.to_owned(), serde_json::from_str(&fill_placeholders(&body.to_string(), &fixture.foreign)).unwrap());
        let b = b.clone();
        async move { b.post(&path, body).await }
    };
    at_b("/api/auth/refresh", json!({"refreshToken": "{refresh}"})).await.expect_status(200);
    let confirmation = &fixture.foreign["confirmation"];
    assert!(b.get(&format!("/api/auth/email-confirmation?confirmation={confirmation}")).await.status < 400);
    let new = json!({"code": "{code}", "password": "An0ther!!", "passwordConfirmation": "An0ther!!"});
    at_b("/api/auth/reset-password", new).await.expect_status(200);
}
