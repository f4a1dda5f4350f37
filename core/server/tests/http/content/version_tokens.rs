//! `Cairn-Version` and `If-Match`: nobody overwrites what they have not seen.

use cairn_testkit::{TestProject, TestServer};
use reqwest::Method;
use serde_json::{Value as Json, json};

async fn put(server: &TestServer, path: &str, if_match: &str, data: Json) -> (u16, Option<i64>) {
    let client = reqwest::Client::new();
    let request =
        client.request(Method::PUT, format!("{}{path}", server.base_url())).bearer_auth(cairn_testkit::FULL_TOKEN);
    let request = request.header("content-type", "application/json").header("if-match", if_match);
    let answer = request.body(json!({ "data": data }).to_string()).send().await.unwrap();
    let version = answer.headers().get("cairn-version").map(|v| v.to_str().unwrap().parse().unwrap());
    (answer.status().as_u16(), version)
}

fn version(answer: &cairn_testkit::TestResponse) -> i64 {
    answer.header("cairn-version").parse().unwrap_or_else(|_| panic!("no Cairn-Version in {}", answer.text()))
}

#[tokio::test(flavor = "multi_thread")]
async fn writes_with_an_outdated_version_token_are_rejected() {
    let server = TestServer::start().await;
    let answer = server.post("/api/articles", json!({"data": {"title": "a"}})).await.expect_status(201);
    let path = format!("/api/articles/{}", answer.body["data"]["documentId"].as_str().unwrap());
    let first = version(&answer);
    assert_eq!(version(&server.get(&path).await), first);
    let (status, second) = put(&server, &path, &format!("\"{first}\""), json!({"title": "b"})).await;
    assert_eq!(status, 200);
    assert_ne!(second, Some(first));
    assert_eq!(version(&server.get(&path).await), second.unwrap());
    assert_eq!(put(&server, &path, &first.to_string(), json!({"title": "c"})).await.0, 409);
    assert_eq!(server.get(&path).await.body["data"]["title"], "b");
    // The version token of the published entry does not permit overwriting a draft begun since.
    server.put(&format!("{path}?status=draft"), json!({"data": {"title": "draft"}})).await.expect_status(200);
    assert_eq!(version(&server.get(&path).await), second.unwrap());
    assert_eq!(put(&server, &path, &second.unwrap().to_string(), json!({"title": "d"})).await.0, 409);
    let draft = version(&server.get(&format!("{path}?status=draft")).await);
    assert_eq!(put(&server, &path, &draft.to_string(), json!({"title": "e"})).await.0, 200);
    for bad in ["x", "W/\"1\"", "1, 2"] {
        assert_eq!(put(&server, &path, bad, json!({"title": "f"})).await.0, 400, "{bad}");
    }
    assert_eq!(put(&server, &path, "*", json!({"title": "g"})).await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn version_tokens_belong_to_one_locale() {
    let server = TestServer::start().await;
    let answer = server.post("/api/pages?locale=en", json!({"data": {"title": "a"}})).await.expect_status(201);
    let path = format!("/api/pages/{}", answer.body["data"]["documentId"].as_str().unwrap());
    // The Dutch entry does not exist, so it has no version token yet.
    assert_eq!(put(&server, &format!("{path}?locale=nl"), "1", json!({"title": "b"})).await.0, 409);
    assert_eq!(put(&server, &format!("{path}?locale=nl"), "*", json!({"title": "b"})).await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn single_types_and_deletes_check_version_tokens() {
    let server = TestServer::start().await;
    assert_eq!(put(&server, "/api/site", "1", json!({"name": "a"})).await.0, 409);
    let answer = server.put("/api/site", json!({"data": {}})).await.expect_status(200);
    assert_eq!(version(&server.get("/api/site").await), version(&answer));
    let client = reqwest::Client::new();
    let delete = |token: String| {
        let url = format!("{}/api/site", server.base_url());
        client.delete(url).bearer_auth(cairn_testkit::FULL_TOKEN).header("if-match", token).send()
    };
    assert_eq!(delete((version(&answer) + 1).to_string()).await.unwrap().status(), 409);
    assert_eq!(delete(version(&answer).to_string()).await.unwrap().status(), 204);
}

/// Every increment reads, adds one and writes what it saw: none is lost, whoever comes between is told.
#[tokio::test(flavor = "multi_thread")]
async fn version_tokens_prevent_lost_increments() {
    increment_concurrently(8, 10).await;
}

/// With many at once, most of whom have to try again each time.
mod full {
    use super::increment_concurrently;

    #[tokio::test(flavor = "multi_thread")]
    async fn version_tokens_prevent_lost_increments_of_many() {
        increment_concurrently(22, 20).await;
    }
}

/// Lets `workers` increment a counter `each` times, all at once, each with the version that it has read.
async fn increment_concurrently(workers: usize, each: usize) {
    let server = std::sync::Arc::new(TestServer::start_with(TestProject::newsroom()).await);
    let answer =
        server.post("/api/articles", json!({"data": {"title": "counter", "views": 0}})).await.expect_status(201);
    let path = format!("/api/articles/{}", answer.body["data"]["documentId"].as_str().unwrap());
    let tasks = (0..workers).map(|_| {
        let (server, path) = (server.clone(), path.clone());
        tokio::spawn(async move {
            for _ in 0..each {
                loop {
                    let test_answer = server.get(&path).await.expect_status(200);
                    let views = test_answer.body["data"]["views"].as_i64().unwrap();
                    let (status, _) =
                        put(&server, &path, &version(&test_answer).to_string(), json!({"views": views + 1})).await;
                    match status {
                        200 => break,
                        409 => {}
                        other => panic!("{other}"),
                    }
                }
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
    assert_eq!(server.get(&path).await.body["data"]["views"], workers * each);
}

#[tokio::test(flavor = "multi_thread")]
async fn conflict_errors_describe_the_changes() {
    let server = TestServer::start().await;
    let test_answer = server.post("/api/articles", json!({"data": {"title": "a"}})).await.expect_status(201);
    let path = format!("/api/articles/{}", test_answer.body["data"]["documentId"].as_str().unwrap());
    let version_token = version(&test_answer);
    server.put(&path, json!({"data": {"title": "b"}})).await.expect_status(200);
    server.put(&format!("{path}?status=draft"), json!({"data": {"views": 2}})).await.expect_status(200);
    for method in [Method::PUT, Method::DELETE] {
        let request = reqwest::Client::new().request(method, format!("{}{path}", server.base_url()));
        let request = request.bearer_auth(cairn_testkit::FULL_TOKEN).header("if-match", version_token.to_string());
        let body = json!({ "data": { "title": "mine" } }).to_string();
        let answer = request.header("content-type", "application/json").body(body).send().await.unwrap();
        assert_eq!(answer.status(), 409);
        let error: Json = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        let error = &error["error"];
        assert_eq!(error["name"], "ConflictError");
        let details = &error["details"];
        assert_eq!(
            (&details["currentVersion"], &details["yourVersion"]),
            (&json!(version_token + 2), &json!(version_token))
        );
        assert_eq!((&details["by"]["kind"], &details["changed"]), (&json!("token"), &json!(["title", "views"])));
        assert!(details["at"].as_str().is_some_and(|at| at.ends_with('Z')), "{details}");
        assert_eq!((details["by"].get("ip"), details["by"].get("request")), (None, None));
    }
}
