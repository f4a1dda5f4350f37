//! Drafts are seen by roles with `readDrafts` alone, in every sink.

use cairn_testkit::{TestClient, TestProject, TestServer};
use serde_json::{Value as Json, json};

const SECRET: &str = "unpublished";

/// Everything may be read by `public` and `editor`; the latter reads drafts. The public may write articles, too.
async fn server() -> (TestServer, TestClient) {
    let types = ["article", "author", "category", "page"];
    let reads: Json = types.iter().map(|t| (format!("api::{t}.{t}"), json!(["find", "findOne"]))).collect();
    let mut writes = reads.clone();
    writes["api::article.article"] = json!(["find", "findOne", "create", "update"]);
    let project = TestProject::newsroom().with_role("public", false, writes).with_role("editor", true, reads);
    let server = TestServer::start_with(project).await;
    let editor = server.create_user("editor", "editor", json!({})).await;
    let category = server.create_entry("/api/categories", json!({"name": "c", "rank": 1})).await.document_id();
    let author = server.create_entry("/api/authors", json!({"name": "Ann"})).await.document_id();
    let links = json!({"category": category, "authors": [author]});
    let draft = json!({"title": SECRET, "slug": SECRET, "views": 99, "category": category, "authors": [author]});
    let draft = server.create_entry("/api/articles?status=draft", draft).await.document_id();
    let mut open = json!({"title": "open", "views": 1, "sequel": draft, "subject": {"__type": "api::article.article", "documentId": draft}});
    open.as_object_mut().unwrap().extend(links.as_object().unwrap().clone());
    let open = server.create_entry("/api/articles", open).await.document_id();
    // A published entry with a newer draft.
    server.update_entry(&format!("/api/articles/{open}?status=draft"), json!({"body": SECRET})).await;
    (server, editor)
}

#[tokio::test(flavor = "multi_thread")]
async fn requesting_drafts_requires_the_read_drafts_permission() {
    let (server, editor) = server().await;
    let public = server.public_client();
    let open = server.get("/api/articles").await.text_column("documentId").remove(0);
    for query in
        ["status=draft", "status=", "hasPublishedVersion=false", "hasPublishedVersion=true", "hasPublishedVersion=x"]
    {
        public.get(&format!("/api/articles?{query}")).await.expect_error(403, "Forbidden");
        public.get(&format!("/api/articles/{open}?{query}")).await.expect_error(403, "Forbidden");
    }
    for query in ["status=draft", "status=", "status=draft&hasPublishedVersion=false"] {
        assert!(editor.get(&format!("/api/articles?{query}")).await.pagination_total() >= 1, "{query}");
    }
    // Permissions are checked before the rest of the query.
    public.get("/api/articles?status=draft&nothing=1").await.expect_error(403, "Forbidden");
}

#[tokio::test(flavor = "multi_thread")]
async fn populate_filters_and_search_never_reveal_drafts() {
    let (server, editor) = server().await;
    let public = server.public_client();
    for route in ["articles", "categories", "authors", "pages"] {
        for query in [
            "populate=*",
            "populate[articles][populate]=*",
            "populate[category][populate][articles][populate]=*",
            "populate[authors][populate][articles]=true",
            "populate[sequel][populate]=*",
            "populate[subject][populate]=*",
            "populate[articles][filters][views][$gt]=0",
            "populate[articles][sort]=views",
            "_q=unpublished",
            "sort=views:desc",
            "locale=*&populate=*",
        ] {
            let answer = public.get(&format!("/api/{route}?{query}")).await;
            assert!(matches!(answer.status, 200 | 400), "{route} {query}: {}", answer.text());
            assert!(!answer.text().contains(SECRET), "{route} {query}: {}", answer.text());
        }
    }
    for (route, query) in [
        ("articles", "filters[title]=unpublished"),
        ("articles", "filters[body]=unpublished"),
        ("articles", "filters[sequel][title]=unpublished"),
        ("articles", "filters[sequel][id][$notNull]=true"),
        ("articles", "filters[category][articles][views]=99"),
        ("categories", "filters[articles][title]=unpublished"),
        ("categories", "filters[articles][views]=99"),
        ("categories", "filters[articles][body]=unpublished"),
        ("categories", "filters[articles][$and][0][views][$gt]=2"),
        ("authors", "filters[articles][title][$startsWith]=unpub"),
        ("authors", "filters[articles][sequel][title]=unpublished"),
    ] {
        assert_eq!(public.get(&format!("/api/{route}?{query}")).await.pagination_total(), 0, "{route} {query}");
    }
    // An editor's filters from a type without drafts see them (as recorded).
    assert_eq!(editor.get("/api/categories?filters[articles][title]=unpublished").await.pagination_total(), 1);
    let counted = public.get("/api/categories?populate[articles][count]=true").await;
    assert_eq!(counted.data()[0]["articles"]["count"], 1);
}

/// The order of a list would tell what a draft holds.
#[tokio::test(flavor = "multi_thread")]
async fn sorting_ignores_drafts_for_public_callers() {
    let (server, editor) = server().await;
    server.create_entry("/api/categories", json!({"name": "empty"})).await;
    let names = async |client: &TestClient, sort: &str| {
        client.get(&format!("/api/categories?sort={sort}")).await.text_column("name")
    };
    let two = server.create_entry("/api/categories", json!({"name": "two"})).await.document_id();
    server.create_entry("/api/articles", json!({"title": "two", "views": 50, "category": two})).await;
    // Of c the draft (99) is first, the published one (1) second.
    assert_eq!(names(&server.public_client(), "articles.views:desc").await, ["two", "c", "empty"]);
    assert_eq!(names(&editor, "articles.views:desc").await[0], "c");
}

#[tokio::test(flavor = "multi_thread")]
async fn writes_by_public_callers_do_not_reveal_drafts() {
    let (server, _) = server().await;
    let public = server.public_client();
    let draft =
        server.get("/api/articles?status=draft&filters[title]=unpublished").await.text_column("documentId").remove(0);
    let open = server.get("/api/articles").await.text_column("documentId").remove(0);
    for id in [&draft, &open] {
        let path = format!("/api/articles/{id}?status=draft");
        public.put(&path, json!({"data": {}})).await.expect_error(403, "Forbidden");
        public.put(&format!("{path}&populate=*"), json!({"data": {"views": 2}})).await.expect_error(403, "Forbidden");
    }
    // A new draft is the writer's own; what it points at is not.
    let answer =
        public.post("/api/articles?status=draft&populate=*", json!({"data": {"title": "mine", "sequel": draft}})).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    assert_eq!(answer.data()["publishedAt"], Json::Null);
    assert!(!answer.text().contains(SECRET), "{}", answer.text());
    let published = public
        .post("/api/articles?populate=*", json!({"data": {"title": "x", "sequel": draft}}))
        .await
        .expect_status(201);
    assert!(!published.text().contains(SECRET), "{}", published.text());
}
