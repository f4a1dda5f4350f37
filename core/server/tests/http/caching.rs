//! ETags, `304`, and kept answers: an answer changes exactly when something it was read from did.

use cairn_testkit::{TestClient, TestProject, TestResponse, TestServer};
use serde_json::{Value as Json, json};

const TYPES: [&str; 4] = ["article", "author", "category", "page"];

fn reads(types: &[&str]) -> Json {
    types.iter().map(|t| (format!("api::{t}.{t}"), json!(["find", "findOne"]))).collect()
}

async fn server() -> TestServer {
    TestServer::start_with(TestProject::newsroom().with_role("public", false, reads(&TYPES))).await
}

#[tokio::test(flavor = "multi_thread")]
async fn unchanged_responses_return_304() {
    let server = server().await;
    let id = server.create_entry("/api/articles", json!({"title": "t"})).await.document_id();
    for client in [server.public_client(), (*server).clone()] {
        for path in ["/api/articles".to_owned(), format!("/api/articles/{id}"), "/api/articles?populate=*".into()] {
            let first = client.get(&path).await.expect_status(200);
            let etag = first.header("etag").to_owned();
            assert!(etag.starts_with("W/\"") && etag.len() > 10, "{etag}");
            // From the database, then from memory.
            for _ in 0..2 {
                for tag in
                    [etag.clone(), format!("\"x\", {etag}"), etag.trim_start_matches("W/").to_owned(), "*".into()]
                {
                    let answer = client.get_with(&path, ("if-none-match", &tag)).await;
                    assert_eq!(
                        (answer.status, answer.bytes.len(), answer.header("etag")),
                        (304, 0, etag.as_str()),
                        "{path} {tag}"
                    );
                }
                for tag in ["\"x\"", "", "W/\"\"", &etag[..8]] {
                    assert_eq!(client.get_with(&path, ("if-none-match", tag)).await.bytes, first.bytes, "{tag}");
                }
            }
        }
    }
    let before = server.get("/api/articles").await.header("etag").to_owned();
    server.update_entry(&format!("/api/articles/{id}"), json!({"title": "u"})).await;
    let after = server.get_with("/api/articles", ("if-none-match", &before)).await.expect_status(200);
    assert_ne!(after.header("etag"), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn head_returns_the_headers_of_get_without_a_body() {
    let server = server().await;
    server.create_entry("/api/articles", json!({"title": "t"})).await;
    for path in ["/api/articles", "/api/articles?populate=*", "/api/articles/none", "/api/articles?nothing=1", "/"] {
        let get = server.get(path).await;
        let head = server.send(server.request("HEAD", path)).await;
        assert_eq!((head.status, head.bytes.len()), (get.status, 0), "{path}");
        for name in ["content-type", "etag", "content-length"] {
            assert_eq!(head.header(name), get.header(name), "{path} {name}");
        }
    }
    assert_eq!(server.send(server.request("HEAD", "/api/nothing")).await.status, 404);
}

/// Watch on the response of a path. That it came from memory cannot be told from outside; whether it changed can.
struct ResponseWatch {
    client: TestClient,
    path: String,
    last: TestResponse,
}

impl ResponseWatch {
    async fn new(client: &TestClient, path: &str) -> Self {
        let last_response = client.get(path).await;
        Self { client: client.clone(), path: path.into(), last: last_response }
    }

    /// True if the answer differs from the one before; both the first and every later time it is asked.
    async fn changed(&mut self) -> bool {
        let now = self.client.get(&self.path).await;
        let answer = self.client.get(&self.path).await;
        assert_eq!((now.status, &now.bytes), (answer.status, &answer.bytes), "{}", self.path);
        let changed = now.bytes != self.last.bytes || now.status != self.last.status;
        self.last = now;
        changed
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cached_responses_follow_every_type_they_depend_on() {
    let server = server().await;
    let public = server.public_client();
    let category = server.create_entry("/api/categories", json!({"name": "c"})).await.document_id();
    let author = server.create_entry("/api/authors", json!({"name": "a"})).await.document_id();
    let article = json!({"title": "t", "category": category, "authors": [author], "sections": [{"__component": "block.quote", "author": author}]});
    let article = server.create_entry("/api/articles", article).await.document_id();
    let mut plain = ResponseWatch::new(&public, "/api/articles").await;
    let mut populated = ResponseWatch::new(&public, "/api/articles?populate=category").await;
    let mut zone = ResponseWatch::new(&public, "/api/articles?populate[sections][populate]=*").await;
    let mut filtered = ResponseWatch::new(&public, "/api/articles?filters[category][name]=c").await;
    let mut sorted =
        ResponseWatch::new(&public, "/api/articles?sort=authors.name&populate[authors][fields][0]=name").await;
    let mut one = ResponseWatch::new(&public, &format!("/api/articles/{article}")).await;
    let mut counted = ResponseWatch::new(&public, "/api/categories?populate[articles][count]=true").await;
    let mut missing = ResponseWatch::new(&public, "/api/pages?populate=*").await;

    let mut changes = async || {
        [
            plain.changed().await,
            populated.changed().await,
            zone.changed().await,
            filtered.changed().await,
            sorted.changed().await,
            one.changed().await,
            counted.changed().await,
            missing.changed().await,
        ]
    };
    let none = [false; 8];
    assert_eq!(changes().await, none);
    server.update_entry(&format!("/api/categories/{category}"), json!({"name": "d"})).await;
    assert_eq!(changes().await, [false, true, false, true, false, false, true, false], "category");
    server.update_entry(&format!("/api/authors/{author}"), json!({"name": "b"})).await;
    assert_eq!(changes().await, [false, false, true, false, true, false, false, false], "author");
    server.update_entry(&format!("/api/articles/{article}?status=draft"), json!({"title": "draft"})).await;
    assert_eq!(changes().await, none, "a draft");
    server.update_entry(&format!("/api/articles/{article}"), json!({})).await;
    assert_eq!(changes().await, [true, true, true, false, true, true, false, false], "published");
    server.post("/api/articles", json!({"data": {"title": null}})).await.expect_status(400);
    assert_eq!(changes().await, none, "refused");
    // The inverse side is a change of the owning one.
    server.update_entry(&format!("/api/categories/{category}"), json!({"articles": []})).await;
    let [.., counted_changed, _] = changes().await;
    assert!(counted_changed, "disconnected from the other side");
    server.create_entry("/api/pages", json!({"title": "p"})).await;
    assert_eq!(changes().await, [false, false, false, false, false, false, false, true], "page");
    server.delete(&format!("/api/articles/{article}")).await.expect_status(204);
    let [plain_changed, .., one_changed, _, _] = changes().await;
    assert!(plain_changed && one_changed, "deleted");
}

#[tokio::test(flavor = "multi_thread")]
async fn permission_changes_affect_responses_immediately() {
    let server = server().await;
    let public = server.public_client();
    let author = server.create_entry("/api/authors", json!({"name": "a"})).await.document_id();
    server.create_entry("/api/articles", json!({"title": "t", "authors": [author], "slug": "s"})).await;
    let path = "/api/articles?populate=authors";
    for _ in 0..2 {
        assert_eq!(public.get(path).await.data()[0]["authors"][0]["name"], "a");
    }
    server.apply_settings(json!({"roles": {"public": {"permissions": reads(&["article"])}}})).await;
    assert_eq!(public.get(path).await.data()[0].get("authors"), None);
    let masked = json!({"api::article.article": {"find": {"fields": ["title"]}}});
    server.apply_settings(json!({"roles": {"public": {"permissions": masked}}})).await;
    assert_eq!(public.get("/api/articles").await.data()[0].get("slug"), None);
    public.get(path).await.expect_error(400, "Invalid key authors");
    let narrow = json!({"api::article.article": {"find": {"where": {"title": "other"}}}});
    server.apply_settings(json!({"roles": {"public": {"permissions": narrow}}})).await;
    assert_eq!(public.get(path).await.pagination_total(), 0);
    server.apply_settings(json!({"roles": {"public": {"permissions": {"api::article.article": null}}}})).await;
    public.get(path).await.expect_error(403, "Forbidden");
    server.apply_settings(json!({"roles": {"public": {"permissions": reads(&TYPES)}}})).await;
    assert_eq!(public.get(path).await.data()[0]["authors"][0]["name"], "a");
}

/// D2/36: the same address, asked by one caller and then by another.
#[tokio::test(flavor = "multi_thread")]
async fn cached_responses_are_not_shared_across_callers() {
    let server = server().await;
    server.create_entry("/api/articles", json!({"title": "open"})).await;
    server.create_entry("/api/articles?status=draft", json!({"title": "secret"})).await;
    let public = server.public_client();
    for path in ["/api/articles?status=draft", "/api/users", "/api/upload/files", "/api/i18n/locales"] {
        server.get(path).await.expect_status(200);
        public.get(path).await.expect_error(403, "Forbidden");
        let etag = server.get(path).await.header("etag").to_owned();
        let guessed = public.get_with(path, ("if-none-match", &etag)).await;
        assert_eq!(guessed.status, 403, "{path}");
    }
    let get_text = async |client: &TestClient| client.get("/api/articles?populate=*").await.expect_status(200).text();
    let (first, full, second) = (get_text(&public).await, get_text(&server).await, get_text(&public).await);
    assert_eq!(first, second);
    assert_eq!(full, first, "nothing private in it, so alike");
    // A header that is none is the public's; a bad one is refused whatever is kept.
    public.get_with("/api/articles?populate=*", ("authorization", "Bearer nonsense")).await.expect_status(401);
    assert_eq!(public.get_with("/api/articles?populate=*", ("authorization", "Basic x")).await.text(), first);
}

/// Everybody who is signed in shares responses with those who may see the same, and with nobody else.
#[tokio::test(flavor = "multi_thread")]
async fn cached_responses_are_shared_by_equal_permissions_only() {
    let masked = json!({ "api::article.article": { "find": { "fields": ["title"] } } });
    let own = json!({ "api::article.article": { "find": { "where": { "slug": "$user.username" } } } });
    let project = TestProject::newsroom()
        .with_role("public", false, reads(&["author"]))
        .with_role("authenticated", false, masked)
        .with_role("editor", false, reads(&TYPES))
        .with_role("writer", false, own);
    let server = TestServer::start_with(project).await;
    for name in ["ann", "bob", "cas", "dora"] {
        server.create_entry("/api/articles", json!({ "title": format!("of {name}"), "slug": name })).await;
    }
    let (ann, bob) =
        (server.create_user("ann", "writer", json!({})).await, server.create_user("bob", "writer", json!({})).await);
    let (cas, dora) = (
        server.create_user("cas", "authenticated", json!({})).await,
        server.create_user("dora", "authenticated", json!({})).await,
    );
    let editor = server.create_user("eva", "editor", json!({})).await;
    let reader = server.read_only();
    let list = "/api/articles?sort=title";
    let titles = async |client: &TestClient| client.get(list).await.expect_status(200).text_column("title");
    let all = ["of ann", "of bob", "of cas", "of dora"];
    for _ in 0..3 {
        assert_eq!(titles(&ann).await, ["of ann"]);
        assert_eq!(titles(&bob).await, ["of bob"]);
        for masked in [&cas, &dora] {
            let answer = masked.get(list).await.expect_status(200);
            assert_eq!(
                (answer.text_column("title"), answer.data()[0].get("slug")),
                (all.map(str::to_owned).to_vec(), None)
            );
        }
        for whole in [&editor, &reader, &*server] {
            let answer = whole.get(list).await.expect_status(200);
            assert_eq!((answer.text_column("title").len(), &answer.data()[0]["slug"]), (4, &json!("ann")));
        }
        server.public_client().get(list).await.expect_error(403, "Forbidden");
    }
    // An ETag of another caller's response does not reveal that the responses are equal.
    let whole = editor.get(list).await.header("etag").to_owned();
    assert_eq!(dora.get_with(list, ("if-none-match", &whole)).await.status, 200);
    assert_eq!(reader.get_with(list, ("if-none-match", &whole)).await.status, 304);
    // Changes count for all callers at once: an entry, the permissions of a role, the role of a user, and the account.
    let mine = ann.get(list).await.text_column("documentId")[0].clone();
    server.update_entry(&format!("/api/articles/{mine}"), json!({ "title": "of Ann" })).await;
    for client in [&ann, &cas, &dora, &editor, &reader] {
        assert_eq!(titles(client).await[0], "of Ann");
    }
    server.apply_settings(json!({ "roles": { "authenticated": { "permissions": reads(&TYPES) } } })).await;
    assert_eq!(dora.get(list).await.data()[0]["slug"], "ann");
    server
        .apply_settings(json!({ "roles": { "authenticated": { "permissions": { "api::article.article": null } } } }))
        .await;
    dora.get(list).await.expect_error(403, "Forbidden");
    let roles = server.get("/api/users-permissions/roles").await.body;
    let writer = roles["roles"].as_array().unwrap().iter().find(|role| role["type"] == "writer").unwrap()["id"].clone();
    let users = server.get("/api/users?filters[username]=dora").await.body;
    let id = users[0]["id"].as_i64().unwrap();
    server.put(&format!("/api/users/{id}"), json!({ "role": writer })).await.expect_status(200);
    assert_eq!(titles(&dora).await, ["of dora"]);
    server.put(&format!("/api/users/{id}"), json!({ "blocked": true })).await.expect_status(200);
    assert!(dora.get(list).await.status >= 400, "an account that is blocked");
}

/// A response that depends on a value of the caller is for those who have the same value, from the moment on that they have it.
#[tokio::test(flavor = "multi_thread")]
async fn cached_responses_are_shared_by_equal_values_only() {
    let of_team = json!({ "find": { "where": { "body": "$user.team" } } });
    let permissions = json!({ "api::article.article": of_team, "api::author.author": ["find"] });
    let project = TestProject::newsroom()
        .with_user_attributes(json!({ "team": { "type": "string" } }))
        .with_role("authenticated", false, permissions.clone())
        .with_role("public", false, permissions);
    let server = TestServer::start_with(project).await;
    let author = server.create_entry("/api/authors", json!({ "name": "a" })).await.document_id();
    for (title, team) in [("one", "red"), ("two", "blue"), ("three", "red"), ("four", "null")] {
        server.create_entry("/api/articles", json!({ "title": title, "body": team, "authors": [author] })).await;
    }
    let mut members = Vec::new();
    for (name, team) in [("ann", json!("red")), ("bob", json!("blue")), ("cas", json!("red")), ("dora", json!(null))] {
        members.push(server.create_user(name, "authenticated", json!({ "team": team })).await);
    }
    let titles = async |client: &TestClient, path: &str| {
        client.get(path).await.expect_status(200).text_column("title").join(" ")
    };
    let expect = async |expected: [&str; 5]| {
        // The second time from memory; through the relation the same condition holds as in the list.
        for _ in 0..2 {
            for (n, client) in members.iter().chain([&server.public_client()]).enumerate() {
                assert_eq!(titles(client, "/api/articles?sort=id").await, expected[n], "{n}");
                let found = client.get("/api/authors?populate[articles][sort]=id").await.expect_status(200);
                let articles = found.data()[0]["articles"].as_array().unwrap().iter();
                let names: Vec<_> = articles.map(|article| article["title"].as_str().unwrap().to_owned()).collect();
                assert_eq!(names.join(" "), expected[n], "{n}");
            }
        }
    };
    expect(["one three", "two", "one three", "", ""]).await;
    let users = server.get("/api/users?filters[username]=ann").await.body;
    let ann = format!("/api/users/{}", users[0]["id"]);
    server.put(&ann, json!({ "team": "blue" })).await.expect_status(200);
    expect(["two", "two", "one three", "", ""]).await;
    server.create_entry("/api/articles", json!({ "title": "five", "body": "red-2" })).await;
    server.create_entry("/api/articles", json!({ "title": "six", "body": "green" })).await;
    server.put(&ann, json!({ "team": "green" })).await.expect_status(200);
    let after = titles(&members[0], "/api/articles?sort=id").await;
    assert_eq!((after.as_str(), titles(&members[1], "/api/articles?sort=id").await.as_str()), ("six", "two"));
}

/// Conditions on the caller or the time are nobody else's, and not of the next minute.
#[tokio::test(flavor = "multi_thread")]
async fn time_dependent_responses_are_not_cached() {
    let condition = json!({"issuedOn": {"$lte": "$now"}});
    let project = TestProject::newsroom().with_role(
        "public",
        false,
        json!({"api::article.article": {"find": {"where": condition}}}),
    );
    let server = TestServer::start_with(project).await;
    server.create_entry("/api/articles", json!({"title": "later", "issuedOn": "2026-01-03"})).await;
    let public = server.public_client();
    for _ in 0..2 {
        assert_eq!(public.get("/api/articles").await.pagination_total(), 0);
    }
    server.advance_clock(std::time::Duration::from_secs(86_400));
    assert_eq!(public.get("/api/articles").await.pagination_total(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn query_spellings_do_not_mix_up_cached_responses() {
    let server = server().await;
    for title in ["a", "b"] {
        server.create_entry("/api/articles", json!({"title": title})).await;
    }
    let public = server.public_client();
    for _ in 0..2 {
        for (query, expected) in [
            ("filters[title]=a", "a"),
            ("filters[title]=b", "b"),
            ("filters%5Btitle%5D=a", "a"),
            ("filters[title]=%61", "a"),
            ("filters[title]=a&", "a"),
        ] {
            assert_eq!(public.get(&format!("/api/articles?{query}")).await.text_column("title"), [expected], "{query}");
        }
        public.get("/api/articles?filters[title]=a&x=1").await.expect_status(400);
        assert_eq!(public.get("/api/articles/?filters[title]=b").await.text_column("title"), ["b"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn responses_are_correct_without_a_cache() {
    let project = || TestProject::newsroom().with_role("public", false, reads(&TYPES));
    let server = TestServer::start_configured(project(), |c| c.cache.response_mib = 0).await;
    let public = server.public_client();
    let id = server.create_entry("/api/articles", json!({"title": "t"})).await.document_id();
    let etag = public.get("/api/articles").await.header("etag").to_owned();
    assert_eq!(public.get_with("/api/articles", ("if-none-match", &etag)).await.status, 304);
    server.update_entry(&format!("/api/articles/{id}"), json!({"title": "u"})).await;
    assert_eq!(public.get("/api/articles").await.text_column("title"), ["u"]);
}
