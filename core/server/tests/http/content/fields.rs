//! `fields`.

use crate::news::News;
use serde_json::{Value as Json, json};

#[tokio::test(flavor = "multi_thread")]
async fn fields_selects_scalars_in_schema_order() {
    let news = News::new().await;
    let keys = async |query: &str| {
        let answer = news.server.get(&format!("/api/articles/{}?{query}", news.ids["dune"])).await.expect_status(200);
        answer.data().as_object().unwrap().keys().cloned().collect::<Vec<_>>()
    };
    assert_eq!(keys("fields=title,views").await, ["id", "documentId", "title", "views"]);
    assert_eq!(keys("fields[0]=title&fields[1]=views").await, ["id", "documentId", "title", "views"]);
    assert_eq!(keys("fields[]=id").await, ["id", "documentId"]);
    assert_eq!(keys("fields=*").await, keys("").await);
    assert_eq!(keys("fields=createdAt,title").await.len(), 4);
    let mut with = keys("fields=title&populate=category,seo").await;
    with.sort();
    assert_eq!(with, ["category", "documentId", "id", "seo", "title"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_rejects_names_that_are_not_scalars() {
    let news = News::new().await;
    for (query, key, path) in [
        ("fields=nothing", "nothing", Json::Null),
        ("fields[0]=note", "note", json!("note")),
        ("fields=category", "category", json!("category")),
        ("fields=seo", "seo", json!("seo")),
        ("fields=sections", "sections", json!("sections")),
        ("fields=cover", "cover", json!("cover")),
        ("fields=title,,views", "", Json::Null),
        ("fields=createdBy", "createdBy", json!("createdBy")),
        ("fields=*,note", "note", json!("note")),
        ("fields=locale", "locale", json!("locale")),
        ("fields=title.x", "title.x", Json::Null),
    ] {
        let refused =
            news.server.get(&format!("/api/articles?{query}")).await.expect_error(400, &format!("Invalid key {key}"));
        let details = refused.details();
        assert_eq!((&details["key"], &details["param"]), (&json!(key), &json!("fields")), "{query}");
        assert_eq!(details["path"], path, "{query}: {}", refused.text());
    }
    let message = "Invalid fields parameter. Expected a string or an array of strings";
    news.server.get("/api/articles?fields[a]=title").await.expect_error(400, message);
    let empty = news.server.get("/api/articles?fields=").await;
    assert!(matches!(empty.status, 200 | 400), "{}", empty.text());
}
