//! Preview links: one draft, and what it populates, to whom has the link; nothing else to anybody.

use cairn_testkit::{SchemaBuilder, TestClient, TestProject, TestResponse, TestServer};
use serde_json::{Value as Json, json};
use std::time::Duration;

fn project() -> TestProject {
    let read = json!({ "api::report.report": ["find", "findOne"], "api::author.author": ["find"] });
    TestProject::new()
        .with_type(
            SchemaBuilder::collection(
                "author",
                json!({ "name": { "type": "string" }, "phone": { "type": "string", "private": true } }),
            )
            .with_drafts(),
        )
        .with_type(SchemaBuilder::collection("secret", json!({ "code": { "type": "string" } })))
        .with_type(SchemaBuilder::single("home", json!({ "hero": { "type": "string" } })).with_drafts())
        .with_type(
            SchemaBuilder::collection(
                "report",
                json!({
                    "title": { "type": "string" },
                    "slug": { "type": "string" },
                    "inside": { "type": "string", "private": true },
                    "author": { "type": "relation", "relation": "manyToOne", "target": "api::author.author" },
                    "secret": { "type": "relation", "relation": "oneToOne", "target": "api::secret.secret" },
                }),
            )
            .with_drafts()
            .with_locales()
            .with_preview_url("https://site.example/{locale}/{slug}?id={documentId}&token={token}"),
        )
        .with_role("public", false, read)
}

struct Reports {
    server: TestServer,
    /// Published as `One`, with a draft `Draft one`.
    one: String,
    /// Never published.
    two: String,
}

async fn reports() -> Reports {
    let server = TestServer::start_with(project()).await;
    let author = server
        .create_entry("/api/authors?status=draft", json!({ "name": "Draft Anna", "phone": "1" }))
        .await
        .document_id();
    let secret = server.create_entry("/api/secrets", json!({ "code": "c" })).await.document_id();
    let one = server.create_entry("/api/reports", json!({ "title": "One" })).await.document_id();
    let draft = json!({ "title": "Draft one", "slug": "a b/c", "inside": "x", "author": author, "secret": secret });
    server.update_entry(&format!("/api/reports/{one}?status=draft"), draft).await;
    let two = server
        .create_entry("/api/reports?status=draft", json!({ "title": "Two", "author": author }))
        .await
        .document_id();
    Reports { server, one, two }
}

impl Reports {
    async fn link(&self, id: &str, extra_fields: Json) -> Json {
        let mut body = json!({ "type": "api::report.report", "documentId": id });
        for (key, value) in extra_fields.as_object().unwrap() {
            body[key] = value.clone();
        }
        self.server.post("/admin/api/preview", body).await.expect_status(200).body["data"].clone()
    }

    async fn token(&self, id: &str) -> String {
        self.link(id, json!({})).await["token"].as_str().unwrap().to_owned()
    }
}

/// As nobody with a token.
async fn get_with_preview_token(client: &TestClient, path: &str, token: &str) -> TestResponse {
    let sign = if path.contains('?') { '&' } else { '?' };
    client.get(&format!("{path}{sign}previewToken={token}")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn preview_link_shows_one_draft_and_its_relations() {
    let s = reports().await;
    let public = s.server.public_client();
    let link = s.link(&s.one, json!({ "ttl": 3600 })).await;
    let token = link["token"].as_str().unwrap();
    assert_eq!(link["url"], format!("https://site.example/en/a%20b%2Fc?id={}&token={token}", s.one));
    let path = format!("/api/reports/{}", s.one);
    assert_eq!(public.get(&path).await.expect_status(200).body["data"]["title"], "One");
    for query in ["", "?status=draft", "?locale=en", "?populate=author", "?fields=title"] {
        let answer = get_with_preview_token(&public, &format!("{path}{query}"), token).await.expect_status(200);
        assert_eq!(answer.body["data"]["title"], "Draft one", "{query}");
        assert_eq!(answer.header("cache-control"), "private, no-store");
        assert!(!answer.headers.iter().any(|(name, _)| name == "etag"));
    }
    let by_header = public.get_with(&path, ("cairn-preview", token)).await.expect_status(200);
    assert_eq!(by_header.body["data"]["title"], "Draft one");
    // Populated documents are drafts as well; what the caller may not read, and private attributes, are left out.
    let test_answer = get_with_preview_token(&public, &format!("{path}?populate=*"), token).await.expect_status(200);
    let data = &test_answer.body["data"];
    assert_eq!((&data["author"]["name"], data["author"].get("phone")), (&json!("Draft Anna"), None));
    assert_eq!((data.get("inside"), data.get("secret").filter(|s| !s.is_null())), (None, None), "{data}");
    // The preview leaves nothing in a cache.
    assert_eq!(public.get(&path).await.expect_status(200).body["data"]["title"], "One");
    assert_eq!(public.get(&format!("{path}?populate=*")).await.expect_status(200).body["data"]["title"], "One");
    // The token opens the document even for a role without any permission on the type.
    let role = json!({ "roles": { "public": { "name": "Public", "permissions": {} } } });
    s.server.apply_settings(role).await;
    assert_eq!(public.get(&path).await.status, 403);
    let preview = get_with_preview_token(&public, &format!("{path}?populate=*"), token).await.expect_status(200);
    assert_eq!((&preview.body["data"]["title"], preview.body["data"].get("author")), (&json!("Draft one"), None));
}

#[tokio::test(flavor = "multi_thread")]
async fn preview_token_reveals_no_other_document() {
    let s = reports().await;
    let public = s.server.public_client();
    let token = s.token(&s.one).await;
    let (one, two) = (format!("/api/reports/{}", s.one), format!("/api/reports/{}", s.two));
    let anna =
        s.server.get("/api/authors?status=draft").await.body["data"][0]["documentId"].as_str().unwrap().to_owned();
    let paths = [
        "/api/reports".to_owned(),
        "/api/reports?status=draft".to_owned(),
        "/api/reports?populate=author".to_owned(),
        "/api/reports?filters[title][$startsWith]=Draft".to_owned(),
        "/api/reports?filters[author][name][$contains]=Anna&pagination[withCount]=true".to_owned(),
        two.clone(),
        format!("{two}?status=draft"),
        format!("{one}?status=published"),
        format!("{one}?locale=nl"),
        format!("{one}?locale=*"),
        format!("{one}?locale[0]=en&locale[1]=nl"),
        format!("{one}?filters[inside][$eq]=x"),
        format!("{one}?filters[title][$startsWith]=Draft"),
        format!("{one}?filters[secret][code][$eq]=c"),
        format!("{one}?sort=title"),
        "/api/authors".to_owned(),
        format!("/api/authors/{anna}"),
        format!("/api/authors/{anna}?status=draft"),
        "/api/secrets".to_owned(),
        "/api/home".to_owned(),
        "/api/no-such".to_owned(),
    ];
    for path in &paths {
        let (plain, answer) = (public.get(path).await, get_with_preview_token(&public, path, &token).await);
        assert_eq!((plain.status, &plain.body), (answer.status, &answer.body), "{path}");
        let by_header = public.get_with(path, ("cairn-preview", &token)).await;
        assert_eq!((plain.status, &plain.body), (by_header.status, &by_header.body), "{path}");
    }
    // Filters inside populate tell nothing that could not be populated.
    for query in [
        "populate[author][filters][phone][$startsWith]=1",
        "populate[author][populate]=*&populate[author][filters][nothing]=1",
    ] {
        let path = format!("{one}?{query}");
        let test_answer = get_with_preview_token(&public, &path, &token).await;
        assert_eq!(test_answer.status, 400, "{path}: {}", test_answer.text());
    }
    let probe = |start: &'static str| {
        let path = format!("{one}?populate[secret][filters][code][$startsWith]={start}");
        let (public, token) = (public.clone(), token.clone());
        async move { get_with_preview_token(&public, &path, &token).await.expect_status(200).text() }
    };
    assert_eq!(probe("c").await, probe("z").await);
    assert!(!probe("c").await.contains("secret"));
    // Writes know no tokens.
    let before = s.server.dump_content().await;
    for (method, path) in [("PUT", one.clone()), ("DELETE", one.clone()), ("POST", "/api/reports".to_owned())] {
        for path in [format!("{path}?previewToken={token}"), path] {
            let request = public.request(method, &path).header("cairn-preview", &token);
            let status = public.send(request.json(&json!({ "data": { "title": "mine" } }))).await.status;
            assert!(matches!(status, 400 | 403), "{method} {path}: {status}");
        }
    }
    assert_eq!(s.server.dump_content().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_and_expired_preview_tokens_are_rejected() {
    let s = reports().await;
    let public = s.server.public_client();
    let path = format!("/api/reports/{}", s.one);
    let token = s.token(&s.one).await;
    let [id, until, signature]: [&str; 3] = token.split('.').collect::<Vec<_>>().try_into().unwrap();
    let later = until.parse::<i64>().unwrap() + 1;
    let other = s.token(&s.two).await;
    let mut flipped = signature.to_owned();
    flipped.replace_range(0..1, if signature.starts_with('0') { "1" } else { "0" });
    for bad in [
        String::new(),
        "x".into(),
        "..".into(),
        format!("{id}.{later}.{signature}"),
        format!("{}.{until}.{signature}", other.split('.').next().unwrap()),
        format!("{id}.{until}.{flipped}"),
        format!("{id}.{until}."),
        format!("{id}.{until}.{}", &signature[..63]),
        format!("{id}.+{until}.{signature}"),
        format!("{id}.0{until}.{signature}"),
        format!("{token}.x"),
        token.to_uppercase(),
    ] {
        get_with_preview_token(&public, &path, &bad)
            .await
            .expect_error(403, "The preview link is not valid or has expired; request a new one");
    }
    assert_eq!(
        get_with_preview_token(&public, &format!("{path}?previewToken=x"), &token).await.status,
        400,
        "two of them"
    );
    assert_eq!(
        get_with_preview_token(&public, &path, &other).await.expect_status(200).body["data"]["title"],
        "One",
        "another document's"
    );
    // Withdrawn.
    let listed = s
        .server
        .get(&format!("/admin/api/preview?type=api::report.report&documentId={}", s.one))
        .await
        .expect_status(200);
    assert_eq!(listed.body["data"].as_array().unwrap().len(), 1);
    assert!(!listed.text().contains(signature), "tokens are not told again");
    s.server.delete(&format!("/admin/api/preview/{id}")).await.expect_status(200);
    assert_eq!(s.server.delete(&format!("/admin/api/preview/{id}")).await.status, 404);
    assert_eq!(get_with_preview_token(&public, &path, &token).await.status, 403);
    // Expired.
    let token = s.link(&s.one, json!({ "ttl": 60 })).await["token"].as_str().unwrap().to_owned();
    get_with_preview_token(&public, &path, &token).await.expect_status(200);
    s.server.advance_clock(Duration::from_secs(60));
    assert_eq!(get_with_preview_token(&public, &path, &token).await.status, 403);
    // A document that is gone.
    let token = s.token(&s.one).await;
    s.server.delete(&path).await.expect_status(204);
    assert_eq!(get_with_preview_token(&public, &path, &token).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn preview_links_are_created_by_admins_for_existing_drafts() {
    let s = reports().await;
    let body = json!({ "type": "api::report.report", "documentId": s.one });
    assert_eq!(s.server.public_client().post("/admin/api/preview", body.clone()).await.status, 401);
    assert_eq!(s.server.read_only().post("/admin/api/preview", body.clone()).await.status, 401);
    for (key, value, status) in [
        ("documentId", json!("nothing"), 404),
        ("documentId", Json::Null, 400),
        ("type", json!("api::no.no"), 400),
        ("type", json!("plugin::users-permissions.user"), 400),
        ("ttl", json!(59), 400),
        ("ttl", json!(30 * 86_400 + 1), 400),
        ("ttl", json!("long"), 400),
        ("locale", json!("nl"), 404),
        ("locale", json!("en&status=published"), 404),
        ("locale", json!("*"), 400),
    ] {
        let mut body = body.clone();
        body[key] = value.clone();
        assert_eq!(s.server.post("/admin/api/preview", body).await.status, status, "{key}: {value}");
    }
    // A single type has them too; without an address of its front end there is none.
    s.server.put("/api/home?status=draft", json!({ "data": { "hero": "Soon" } })).await.expect_status(200);
    let id = s.server.get("/api/home?status=draft").await.document_id();
    let link = s
        .server
        .post("/admin/api/preview", json!({ "type": "api::home.home", "documentId": id }))
        .await
        .expect_status(200);
    assert_eq!((&link.body["data"]["url"], &link.body["data"]["pastReadPolicy"]), (&Json::Null, &json!(false)));
    let token = link.body["data"]["token"].as_str().unwrap();
    let public = s.server.public_client();
    assert_eq!(public.get("/api/home").await.status, 403);
    assert_eq!(
        get_with_preview_token(&public, "/api/home", token).await.expect_status(200).body["data"]["hero"],
        "Soon"
    );
    // Made and withdrawn is in the audit log.
    s.server
        .delete(&format!("/admin/api/preview/{}", link.body["data"]["id"].as_str().unwrap()))
        .await
        .expect_status(200);
    s.server.run_until_idle().await;
    let log = s.server.get("/admin/api/audit?action=preview.*").await.expect_status(200);
    assert_eq!(log.text_column("action"), ["preview.withdrawn", "preview.created"]);
    assert!(!log.text().contains(token));
}
