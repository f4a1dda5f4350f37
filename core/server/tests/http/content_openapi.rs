//! `/api/openapi.json`: the content API as far as the caller may call it, and true of what it answers.

use crate::pictures::png;
use cairn_testkit::{SchemaBuilder, TestClient, TestProject, TestResponse, TestServer};
use serde_json::{Value as Json, json};

const READER: &str = "token-of-a-reader-0123456789";
const AT: &str = "/api/openapi.json";

fn project() -> TestProject {
    let article = json!({
        "title": {"type": "string", "required": true, "pluginOptions": {"i18n": {"localized": true}}},
        "state": {"type": "enumeration", "enum": ["new", "old"]}, "views": {"type": "biginteger"},
        "price": {"type": "decimal"}, "day": {"type": "date"}, "at": {"type": "datetime"}, "time": {"type": "time"},
        "extra": {"type": "json"}, "body": {"type": "blocks"}, "secret": {"type": "string", "private": true},
        "cover": {"type": "media", "multiple": false}, "gallery": {"type": "media", "multiple": true},
        "author": {"type": "relation", "relation": "manyToOne", "target": "api::author.author", "inversedBy": "articles"},
        "seo": {"type": "component", "component": "shared.seo"},
        "sections": {"type": "dynamiczone", "components": ["shared.seo", "shared.quote"]},
    });
    let author = json!({
        "name": {"type": "string", "required": true},
        "articles": {"type": "relation", "relation": "oneToMany", "target": "api::article.article", "mappedBy": "author"},
    });
    TestProject::new()
        .with_type(SchemaBuilder::collection("article", article).with_drafts().with_locales())
        .with_type(SchemaBuilder::collection("author", author))
        .with_type(SchemaBuilder::single("home", json!({"hero": {"type": "string"}})))
        .with_component("shared.seo", json!({"metaTitle": {"type": "string"}, "image": {"type": "media"}}))
        .with_component("shared.quote", json!({"text": {"type": "text"}}))
        .with_role(
            "public",
            true,
            json!({"api::author.author": ["find"], "plugin::users-permissions.auth": ["callback"]}),
        )
        .with_token(json!({"name": "reader", "type": "read-only", "token": READER}))
}

/// Panics where a response is not as the document says.
#[track_caller]
fn assert_described(document: &Json, method: &str, path: &str, response: &TestResponse) {
    let responses = &document["paths"][path][method.to_ascii_lowercase()]["responses"];
    assert!(responses.is_object(), "{method} {path} is not described");
    let status = response.status.to_string();
    let described = responses.get(&status).unwrap_or(&responses["default"]);
    let described = match described["$ref"].as_str() {
        Some(name) => document.pointer(name.trim_start_matches('#')).unwrap(),
        None => described,
    };
    assert!(response.status >= 400 || responses.get(&status).is_some(), "{method} {path}: {status} is not described");
    let mut schema = described["content"]["application/json"]["schema"].clone();
    if schema.is_null() {
        assert!(response.bytes.is_empty(), "{method} {path}: {}", response.text());
        return;
    }
    schema["components"] = document["components"].clone();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let faults: Vec<String> =
        validator.iter_errors(&response.body).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
    assert!(faults.is_empty(), "{method} {path}: {faults:#?}\n{:#}", response.body);
}

async fn document(client: &TestClient) -> Json {
    client.get(AT).await.expect_status(200).body.clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn responses_are_as_the_document_says() {
    let server = TestServer::start_with(project()).await;
    let document = document(&server).await;
    let file = server.upload_file("a.png", "image/png", &png(9, 9)).await;
    assert_described(&document, "POST", "/api/upload", &file);
    let file_id = file.body[0]["id"].as_i64().unwrap();
    let author = server.post("/api/authors", json!({"data": {"name": "Ann"}})).await.expect_status(201);
    assert_described(&document, "POST", "/api/authors", &author);
    let data = json!({
        "title": "T", "state": "new", "views": "9007199254740993", "price": 1.5, "day": "2026-01-02", "at": "2026-01-02T03:04:05Z",
        "time": "10:11:12.000", "extra": {"a": [1, null]}, "body": [{"type": "paragraph", "children": [{"type": "text", "text": "x"}]}],
        "secret": "s", "cover": file_id, "gallery": [file_id], "author": author.data()["documentId"],
        "seo": {"metaTitle": "m", "image": file_id},
        "sections": [{"__component": "shared.quote", "text": "q"}, {"__component": "shared.seo", "metaTitle": "z"}],
    });
    let article = server.post("/api/articles?status=draft", json!({"data": data})).await.expect_status(201);
    assert_described(&document, "POST", "/api/articles", &article);
    let id = article.data()["documentId"].as_str().unwrap().to_owned();
    let one = format!("/api/articles/{id}");
    let published = server.put(&one, json!({"data": {"title": "U"}})).await.expect_status(200);
    assert_described(&document, "PUT", "/api/articles/{documentId}", &published);
    let everything = "populate[cover]=true&populate[gallery]=true&populate[author][populate][articles][count]=true&populate[seo][populate]=*\
                      &populate[sections][populate]=*&populate[localizations]=true";
    for query in
        ["", "fields=title", "populate=*", everything, "status=draft", "pagination[start]=0&pagination[limit]=1"]
    {
        let list = server.get(&format!("/api/articles?{query}")).await.expect_status(200);
        assert_described(&document, "GET", "/api/articles", &list);
        let found =
            server.get(&format!("{one}?{}", query.split("pagination").next().unwrap())).await.expect_status(200);
        assert_described(&document, "GET", "/api/articles/{documentId}", &found);
        // Members of a response are all described.
        let known = document["components"]["schemas"]["Article"]["properties"].as_object().unwrap();
        let unknown: Vec<&String> =
            found.data().as_object().unwrap().keys().filter(|name| !known.contains_key(*name)).collect();
        assert!(unknown.is_empty(), "{query}: {unknown:?}");
    }
    for bad in ["filters[nothing]=1", "sort=nothing", "populate=nothing", "status=nothing"] {
        let refused = server.get(&format!("/api/articles?{bad}")).await;
        assert_eq!(refused.status, 400, "{bad}");
        assert_described(&document, "GET", "/api/articles", &refused);
    }
    assert_described(&document, "GET", "/api/articles/{documentId}", &server.get("/api/articles/nothing").await);
    assert_described(&document, "PUT", "/api/home", &server.put("/api/home", json!({"data": {"hero": "h"}})).await);
    assert_described(&document, "GET", "/api/home", &server.get("/api/home").await);
    server.add_user("bea", "authenticated", json!({"confirmed": true})).await;
    for path in ["/api/users", "/api/users/count", "/api/upload/files", "/api/i18n/locales"] {
        assert_described(&document, "GET", path, &server.get(path).await.expect_status(200));
    }
    assert_described(
        &document,
        "GET",
        "/api/users/{id}",
        &server.get("/api/users/1?populate=role").await.expect_status(200),
    );
    let path = format!("/api/upload/files/{file_id}");
    assert_described(&document, "GET", "/api/upload/files/{id}", &server.get(&path).await.expect_status(200));
    let credentials = json!({"identifier": "bea", "password": "Passw0rd!"});
    let signed_in = server.public_client().post("/api/auth/local", credentials).await.expect_status(200);
    assert_described(&document, "POST", "/api/auth/local", &signed_in);
    assert_described(&document, "DELETE", "/api/articles/{documentId}", &server.delete(&one).await.expect_status(204));
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_say_how_lost_updates_and_repeated_reads_are_answered() {
    let server = TestServer::start_with(project()).await;
    let document = document(&server).await;
    let author = server.post("/api/authors", json!({"data": {"name": "Ann"}})).await.expect_status(201);
    let path = format!("/api/authors/{}", author.document_id());
    let described = |method: &str, name: &str| {
        let parameters = document["paths"]["/api/authors/{documentId}"][method]["parameters"].as_array().unwrap();
        let reference = json!({ "$ref": format!("#/components/parameters/{name}") });
        assert!(parameters.contains(&reference), "{method} {name}");
        let parameter = &document["components"]["parameters"][name];
        assert_eq!((&parameter["name"], &parameter["in"]), (&json!(name), &json!("header")));
    };
    described("get", "If-None-Match");
    let first = server.get(&path).await.expect_status(200);
    let again = server.get_with(&path, ("if-none-match", first.header("etag"))).await.expect_status(304);
    assert_described(&document, "GET", "/api/authors/{documentId}", &again);
    let seen = first.header("cairn-version").to_owned();
    server.put(&path, json!({"data": {"name": "Bea"}})).await.expect_status(200);
    for method in ["PUT", "DELETE"] {
        described(&method.to_lowercase(), "If-Match");
        let request = server.request(method, &path).header("if-match", &seen).json(&json!({"data": {"name": "Cas"}}));
        let message = "The entry has changed since the version named in If-Match; read it again";
        let stale = server.send(request).await.expect_error(409, message);
        assert_described(&document, method, "/api/authors/{documentId}", &stale);
        let names = &document["paths"]["/api/authors/{documentId}"][method.to_lowercase()]["responses"]["409"];
        let about = names["description"].as_str().unwrap();
        for name in stale.body["error"]["details"].as_object().unwrap().keys() {
            assert!(about.contains(&format!("`{name}`")), "{name} is not in {about}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn callers_learn_of_nothing_that_they_may_not_call() {
    let server = TestServer::start_with(project()).await;
    let public = server.public_client();
    let answer = public.get(AT).await.expect_status(200);
    let paths: Vec<&String> = answer.body["paths"].as_object().unwrap().keys().collect();
    assert_eq!(paths, ["/api/authors", "/api/auth/local"]);
    let text = answer.text();
    for hidden in ["rticle", "secret", "metaTitle", "hero", "/api/users"] {
        assert!(!text.contains(hidden), "{hidden} in {text}");
    }
    let reader = document(&server.with_token(READER)).await;
    let methods: std::collections::BTreeSet<&String> =
        reader["paths"].as_object().unwrap().values().flat_map(|path| path.as_object().unwrap().keys()).collect();
    assert!(methods.iter().all(|method| ["get", "parameters"].contains(&method.as_str())), "{methods:?}");
    assert!(reader["paths"]["/api/articles"]["get"].is_object());
    assert_eq!(reader["components"]["schemas"]["Article"]["properties"]["secret"], Json::Null);
    server.with_token("nonsense").get(AT).await.expect_status(401);

    // Caches retain the response for this caller alone, and revalidate it.
    assert_eq!(answer.header("cache-control"), "private, no-cache");
    assert!(answer.header("vary").to_lowercase().contains("authorization"));
    let tag = answer.header("etag").to_owned();
    let again = public.send(public.request("GET", AT).header("if-none-match", &tag)).await;
    assert_eq!(again.status, 304);
    // The cached response depends on permissions, not on the caller.
    server.apply_settings(json!({"roles": {"public": {"permissions": {"api::author.author": ["findOne"]}}}})).await;
    let changed = public.send(public.request("GET", AT).header("if-none-match", &tag)).await.expect_status(200);
    let paths: Vec<&String> = changed.body["paths"].as_object().unwrap().keys().collect();
    assert!(paths.contains(&&"/api/authors/{documentId}".to_owned()) && !paths.contains(&&"/api/authors".to_owned()));
}
