//! `/graphql`: names and shapes of Strapi's plugin, answered by what answers the REST routes.

mod accounts;
mod permissions;
mod users;
mod writes;

use crate::pictures::png;
use cairn_testkit::{SchemaBuilder, TestClient, TestProject, TestResponse, TestServer};
use serde_json::{Value as Json, json};

fn relation(kind: &str, target: &str) -> Json {
    json!({ "type": "relation", "relation": kind, "target": target })
}

/// Articles with everything that an entry may have.
fn project() -> TestProject {
    let article = json!({
        "title": {"type": "string", "required": true, "pluginOptions": {"i18n": {"localized": true}}},
        "state": {"type": "enumeration", "enum": ["new", "in progress"]}, "views": {"type": "biginteger"}, "price": {"type": "decimal"},
        "day": {"type": "date"}, "at": {"type": "datetime"}, "time": {"type": "time"}, "extra": {"type": "json"},
        "secret": {"type": "string", "private": true},
        "cover": {"type": "media", "multiple": false}, "gallery": {"type": "media", "multiple": true},
        "author": relation("manyToOne", "api::author.author"), "tags": relation("manyToMany", "api::tag.tag"),
        "seo": {"type": "component", "component": "shared.seo"},
        "sections": {"type": "dynamiczone", "components": ["shared.seo", "shared.quote"]},
    });
    TestProject::new()
        .with_type(SchemaBuilder::collection("article", article).with_drafts().with_locales())
        .with_type(SchemaBuilder::collection("author", json!({"name": {"type": "string"}})))
        .with_type(SchemaBuilder::collection("tag", json!({"label": {"type": "string"}})))
        .with_type(SchemaBuilder::single(
            "homepage",
            json!({"hero": {"type": "string"}, "article": relation("oneToOne", "api::article.article")}),
        ))
        .with_component("shared.seo", json!({"metaTitle": {"type": "string"}, "image": {"type": "media"}}))
        .with_component("shared.quote", json!({"text": {"type": "text"}}))
}

async fn ask(client: &TestClient, query: &str) -> TestResponse {
    client.post("/graphql", json!({ "query": query })).await
}

/// The data of an answer without errors.
async fn data(client: &TestClient, query: &str) -> Json {
    let answer = ask(client, query).await;
    assert!(answer.status == 200 && answer.body["errors"].is_null(), "{query}\n{:#}", answer.body);
    answer.body["data"].clone()
}

async fn fill(server: &TestServer) -> String {
    let file = server.upload_file("a.png", "image/png", &png(9, 9)).await.expect_status(201).body[0]["id"].clone();
    let author = server.create_entry("/api/authors", json!({"name": "Ann"})).await.document_id();
    let mut tags = Vec::new();
    for n in 0..12 {
        tags.push(server.create_entry("/api/tags", json!({"label": format!("t{n:02}")})).await.document_id());
    }
    let values = json!({
        "title": "One", "state": "in progress", "views": "9007199254740993", "price": 1.5, "day": "2026-01-02", "at": "2026-01-02T03:04:05Z",
        "time": "10:11:12.000", "extra": {"a": [1, null]}, "secret": "canary", "cover": file, "gallery": [file], "author": author, "tags": tags,
        "seo": {"metaTitle": "m", "image": file},
        "sections": [{"__component": "shared.quote", "text": "q"}, {"__component": "shared.seo", "metaTitle": "z", "image": file}],
    });
    let id = server.create_entry("/api/articles", values).await.document_id();
    server.update_entry(&format!("/api/articles/{id}?locale=nl"), json!({"title": "Een"})).await;
    for n in 2..8 {
        server.create_entry("/api/articles", json!({"title": format!("A{n}")})).await;
    }
    server.create_entry("/api/articles?status=draft", json!({"title": "Draft"})).await;
    server.put("/api/homepage", json!({"data": {"hero": "Hi", "article": id}})).await.expect_status(200);
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_of_an_entry_can_be_selected() {
    let server = TestServer::start_with(project()).await;
    let id = fill(&server).await;
    let found = data(
        &server,
        &format!(
            "{{ article(documentId: \"{id}\") {{ documentId title state views price day at time extra locale publishedAt
                localizations {{ locale title }} cover {{ name url mime width }} gallery {{ name }} author {{ name }}
                tags(sort: \"label:desc\", pagination: {{limit: 2}}) {{ label }}
                tags_connection(sort: \"label:desc\") {{ nodes {{ label }} pageInfo {{ total page pageSize pageCount }} }}
                seo {{ id metaTitle image {{ name }} }}
                sections {{ __typename ... on ComponentSharedQuote {{ text }} ... on ComponentSharedSeo {{ metaTitle image {{ url }} }} }} }} }}"
        ),
    )
    .await;
    let article = &found["article"];
    let rest = server.get(&format!("/api/articles/{id}?populate=*")).await.expect_status(200);
    for name in ["documentId", "title", "price", "day", "at", "time", "extra", "locale", "publishedAt"] {
        assert_eq!(article[name], rest.data()[name], "{name}");
    }
    assert_eq!((&article["state"], &article["views"]), (&json!("in_progress"), &json!("9007199254740993")));
    assert_eq!(article["localizations"], json!([{"locale": "nl", "title": "Een"}]));
    assert_eq!(article["cover"]["url"], rest.data()["cover"]["url"]);
    assert_eq!((&article["gallery"], &article["author"]), (&json!([{"name": "a.png"}]), &json!({"name": "Ann"})));
    assert_eq!(article["tags"], json!([{"label": "t11"}, {"label": "t10"}]));
    assert_eq!(article["tags_connection"]["nodes"].as_array().unwrap().len(), 10);
    assert_eq!(article["tags_connection"]["pageInfo"], json!({"total": 12, "page": 1, "pageSize": 10, "pageCount": 2}));
    assert_eq!(article["seo"]["metaTitle"], "m");
    assert_eq!(article["sections"][0], json!({"__typename": "ComponentSharedQuote", "text": "q"}));
    assert_eq!(
        (&article["sections"][1]["__typename"], &article["sections"][1]["metaTitle"]),
        (&json!("ComponentSharedSeo"), &json!("z"))
    );
    let single = data(&server, "{ homepage { hero article { title } } }").await;
    assert_eq!(single, json!({"homepage": {"hero": "Hi", "article": {"title": "One"}}}));
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_filtered_sorted_and_paged() {
    let server = TestServer::start_with(project()).await;
    let id = fill(&server).await;
    let found = data(
        &server,
        "{ articles(sort: [\"title:desc\"], pagination: {limit: 2}) { title }
           two: articles(filters: {or: [{title: {eq: \"A2\"}}, {author: {name: {eqi: \"ANN\"}}}]}, sort: \"title\") { title author { name } }
           nl: articles(locale: \"nl\") { title }
           drafts: articles(status: DRAFT, filters: {title: {eq: \"Draft\"}}) { title publishedAt }
           articles_connection(pagination: {page: 2, pageSize: 3}, sort: \"title\") { nodes { title } pageInfo { total page pageSize pageCount } }
           part: articles_connection(pagination: {start: 6, limit: 3}) { pageInfo { total page pageSize pageCount } } }",
    )
    .await;
    let expected = json!({
        "articles": [{"title": "One"}, {"title": "A7"}],
        "two": [{"title": "A2", "author": null}, {"title": "One", "author": {"name": "Ann"}}],
        "nl": [{"title": "Een"}], "drafts": [{"title": "Draft", "publishedAt": null}],
        "articles_connection": {
            "nodes": [{"title": "A5"}, {"title": "A6"}, {"title": "A7"}], "pageInfo": {"total": 7, "page": 2, "pageSize": 3, "pageCount": 3},
        },
        "part": {"pageInfo": {"total": 7, "page": 3, "pageSize": 3, "pageCount": 3}},
    });
    assert_eq!(found, expected);
    // What is not there is null; what cannot be asked for is an error of its field, as REST says it.
    assert_eq!(data(&server, "{ article(documentId: \"nothing\") { title } }").await, json!({"article": null}));
    let query = format!(
        "{{ good: article(documentId: \"{id}\") {{ title }} bad: articles_connection(sort: \"nothing\") {{ nodes {{ title }} }} }}"
    );
    let answer = ask(&server, &query).await.expect_status(200);
    assert_eq!(answer.body["data"], json!({"good": {"title": "One"}, "bad": null}), "{:#}", answer.body);
    let error = &answer.body["errors"][0];
    assert_eq!(error["path"], json!(["bad"]), "{:#}", answer.body);
    assert_eq!(error["extensions"]["error"]["name"], "ValidationError");
    assert_eq!(error["message"], server.get("/api/articles?sort=nothing").await.message());
    let both = ask(&server, "{ articles(pagination: {page: 1, start: 0}) { title } }").await.expect_status(200);
    assert_eq!(both.body["errors"][0]["extensions"]["error"]["name"], "PaginationError");
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_change_with_the_content_they_are_from() {
    let server = TestServer::start_with(project()).await;
    let id = fill(&server).await;
    let query = format!(
        "{{ article(documentId: \"{id}\") {{ title author {{ name }} }} articles_connection {{ pageInfo {{ total }} }} }}"
    );
    let before = data(&server, &query).await;
    assert_eq!(data(&server, &query).await, before);
    let author = server.get("/api/authors").await.data()[0]["documentId"].as_str().unwrap().to_owned();
    server.update_entry(&format!("/api/authors/{author}"), json!({"name": "Bea"})).await;
    server.create_entry("/api/articles", json!({"title": "More"})).await;
    let after = data(&server, &query).await;
    assert_eq!(
        (&after["article"]["author"]["name"], &after["articles_connection"]["pageInfo"]["total"]),
        (&json!("Bea"), &json!(8))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_have_the_form_that_apollo_asks_for() {
    let server = TestServer::start_with(project()).await;
    fill(&server).await;
    let with_variables = json!({
        "query": "query A($t: String!) { articles(filters: {title: {eq: $t}}) { title } } query B { homepage { hero } }",
        "operationName": "A", "variables": {"t": "A2"}, "extensions": {"a": 1},
    });
    let answer = server.post("/graphql", with_variables).await.expect_status(200);
    assert_eq!(answer.body, json!({"data": {"articles": [{"title": "A2"}]}}));
    // A query may be an address.
    let address =
        "/graphql?query=query($t: String) { articles(filters: {title: {eq: $t}}) { title } }&variables={\"t\": \"A3\"}";
    let answer = server.get(address).await.expect_status(200);
    assert_eq!(answer.body, json!({"data": {"articles": [{"title": "A3"}]}}));
    assert!(answer.header("vary").contains("Authorization") && answer.header("cache-control").contains("private"));
    let etag = answer.header("etag").to_owned();
    assert_eq!(server.get_with(address, ("if-none-match", &etag)).await.status, 304);
    let answer = server.get("/graphql?query=mutation { createTag(data: {label: \"x\"}) { label } }").await;
    assert_eq!((answer.status, answer.header("allow")), (405, "POST"));
    for path in [
        "/graphql",
        "/graphql?query=",
        "/graphql?query={homepage{hero}}&variables={",
        "/graphql?query={homepage{hero}}&variables=[]",
    ] {
        let answer = server.get(path).await;
        assert!(answer.status == 400 && answer.body["errors"][0]["message"].is_string(), "{path} {}", answer.text());
    }
    // Forms, and texts, which pages of other origins may send.
    for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/graphql", ""] {
        let request =
            server.request("POST", "/graphql").header("content-type", kind).body("{\"query\":\"{homepage{hero}}\"}");
        assert_eq!(server.send(request).await.status, 415, "{kind}");
    }
    for body in [
        "",
        "{",
        "[]",
        "[{\"query\": \"{homepage{hero}}\"}]",
        "{}",
        "{\"query\": 1}",
        "\"{homepage{hero}}\"",
        "null",
        "{\"query\": \"{\\u0000\"}",
    ] {
        let request =
            server.request("POST", "/graphql").header("content-type", "application/json; charset=utf-8").body(body);
        let answer = server.send(request).await;
        assert!(
            answer.status == 400 && answer.body["errors"][0]["extensions"]["error"]["name"].is_string(),
            "{body} {}",
            answer.text()
        );
    }
    let batch = json!((0..1_000).map(|_| json!({"query": "{ homepage { hero } }"})).collect::<Vec<_>>());
    assert_eq!(server.post("/graphql", batch).await.status, 400);
    let big = format!("{{ homepage {{ hero }} }} # {}", "x".repeat(70_000));
    assert_eq!(ask(&server, &big).await.status, 400);
    let huge = "x".repeat((1 << 20) + 1);
    assert_eq!(ask(&server, &huge).await.status, 413);
    for method in ["PUT", "DELETE", "PATCH"] {
        assert_eq!(server.send(server.request(method, "/graphql")).await.status, 405, "{method}");
    }
    let request = server
        .request("OPTIONS", "/graphql")
        .header("origin", "https://site.example")
        .header("access-control-request-method", "POST");
    let preflight = server.send(request.header("access-control-request-headers", "content-type")).await;
    assert_eq!((preflight.status, preflight.header("access-control-allow-origin")), (204, "*"));
    // Callers who say wrongly who they are.
    assert_eq!(ask(&server.with_token("nonsense"), "{ homepage { hero } }").await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_decide_what_is_open() {
    let off = TestServer::start_with(project().with_file("cairn.toml", "[graphql]\nenabled = false")).await;
    assert_eq!(ask(&off, "{ homepage { hero } }").await.status, 404);
    assert_eq!(off.get("/graphql?query={homepage{hero}}").await.status, 404);
    let look = "{ __schema { queryType { name } } }";
    let open =
        TestServer::start_with(project().with_file("cairn.toml", "[graphql]\ndepth_limit = 1\ndefault_limit = 2"))
            .await;
    fill(&open).await;
    assert_eq!(data(&open, look).await["__schema"]["queryType"]["name"], "Query");
    assert_eq!(data(&open, "{ articles { title } }").await["articles"].as_array().unwrap().len(), 2);
    assert_eq!(ask(&open, "{ articles { author { name } } }").await.status, 400);
    let locked = TestServer::start_with(project().with_file("cairn.toml", "[schema]\nlocked = true")).await;
    let refused = ask(&locked, look).await;
    assert!(refused.status == 400 && refused.text().contains("introspection"), "{}", refused.text());
    assert_eq!(data(&locked, "{ __typename }").await, json!({"__typename": "Query"}));
}

/// Small requests that would cost much are answered without being read for.
#[tokio::test(flavor = "multi_thread")]
async fn hostile_documents_are_refused() {
    let server = TestServer::start_with(project()).await;
    let aliases: String = (0..1_000).map(|n| format!("a{n}: homepage {{ hero }} ")).collect();
    let logins: String =
        (0..31).map(|n| format!("a{n}: login(input: {{identifier: \"a\", password: \"b{n}\"}}) {{ jwt }} ")).collect();
    for query in [
        format!("{{ {aliases} }}"),
        format!("mutation {{ {logins} }}"),
        "{".repeat(60_000),
        "[".repeat(100_000),
        format!("{{ articles(filters: {}", "{not:".repeat(10_000)),
        "{ articles { ...A } } fragment A on Article { ...B } fragment B on Article { ...A }".to_owned(),
        "{ articles(pagination: {limit: 100}) { tags(pagination: {limit: 100}) { label } similar: tags(pagination: {limit: 1000}) { label } } }".to_owned(),
    ] {
        let answer = ask(&server, &query).await;
        assert!(answer.status == 400 && answer.bytes.len() < 1_000, "{:.80} {}", query, answer.text());
    }
}
