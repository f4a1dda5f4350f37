//! `pagination`, and totals that stay right.

use crate::news::News;
use cairn_testkit::{SchemaBuilder, TestProject, TestServer};
use serde_json::json;

async fn server_with_numbers(count: usize) -> TestServer {
    let server = TestServer::start_with(
        TestProject::new().with_type(SchemaBuilder::collection("number", json!({"n": {"type": "integer"}}))),
    )
    .await;
    for n in 0..count {
        server.create_entry("/api/numbers", json!({"n": n})).await;
    }
    server
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_and_offsets_are_clamped_to_the_allowed_range() {
    let server = server_with_numbers(7).await;
    let page =
        |page: u64, size: u64, count: u64| json!({"page": page, "pageSize": size, "pageCount": count, "total": 7});
    let offset = |start: u64, limit: u64| json!({"start": start, "limit": limit, "total": 7});
    for (query, expected, first, entries) in [
        ("", page(1, 25, 1), 0, 7),
        ("pagination[page]=2&pagination[pageSize]=3", page(2, 3, 3), 3, 3),
        ("pagination[page]=3&pagination[pageSize]=3", page(3, 3, 3), 6, 1),
        ("pagination[page]=9", page(9, 25, 1), 0, 0),
        ("pagination[page]=0&pagination[pageSize]=0", page(1, 1, 7), 0, 1),
        ("pagination[page]=-3&pagination[pageSize]=-1", page(1, 1, 7), 0, 1),
        ("pagination[pageSize]=1000", page(1, 100, 1), 0, 7),
        ("pagination[pageSize]=1000000000000000000000", page(1, 100, 1), 0, 7),
        ("pagination[pageSize]=abc", page(1, 100, 1), 0, 7),
        ("pagination[start]=2&pagination[limit]=2", offset(2, 2), 2, 2),
        ("pagination[start]=-2&pagination[limit]=-1", offset(0, 1), 0, 1),
        ("pagination[limit]=abc", offset(0, 100), 0, 7),
        ("pagination[start]=1000000000000", offset(1_000_000_000_000, 25), 0, 0),
        ("limit=2&start=1", page(1, 25, 1), 0, 7),
        ("pagination=x", page(1, 25, 1), 0, 7),
        ("pagination[nothing]=1", page(1, 25, 1), 0, 7),
        ("pagination[withCount]=true", page(1, 25, 1), 0, 7),
        ("pagination[withCount]=false", json!({"page": 1, "pageSize": 25}), 0, 7),
        ("pagination[withCount]=0&pagination[start]=1", json!({"start": 1, "limit": 25}), 1, 6),
    ] {
        let answer = server.get(&format!("/api/numbers?{query}")).await.expect_status(200);
        assert_eq!(answer.body["meta"]["pagination"], expected, "{query}");
        let expected: Vec<_> = (first..first + entries).map(|n| json!(n)).collect();
        assert_eq!(answer.data_column("n"), expected, "{query}");
    }
    for (query, name) in [
        ("pagination[page]=1&pagination[start]=1", "PaginationError"),
        ("pagination[pageSize]=1&pagination[limit]=1", "PaginationError"),
        ("page=2&pageSize=2", ""),
        ("pagination[page]=abc", "ValidationError"),
        ("pagination[start]=abc", "ValidationError"),
        ("pagination[start]=1.5", "ValidationError"),
        ("pagination[withCount]=maybe", "ValidationError"),
    ] {
        let answer = server.get(&format!("/api/numbers?{query}")).await;
        assert_eq!(answer.status, 400, "{query}: {}", answer.text());
        answer.assert_envelope();
        assert!(name.is_empty() || answer.name() == name, "{query}: {}", answer.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn empty_list_has_no_pages() {
    let server = server_with_numbers(0).await;
    let answer = server.get("/api/numbers").await;
    assert_eq!(
        answer.body,
        json!({"data": [], "meta": {"pagination": {"page": 1, "pageSize": 25, "pageCount": 0, "total": 0}}})
    );
}

/// Totals come from kept counters where nothing is filtered, and from memory where nothing changed.
#[tokio::test(flavor = "multi_thread")]
async fn totals_are_correct_after_every_kind_of_write() {
    let news = News::new().await;
    let server = &news.server;
    let total = async |query: &str| server.get(&format!("/api/articles?{query}")).await.pagination_total();
    let totals = async || {
        (
            total("").await,
            total("status=draft").await,
            total("filters[views][$notNull]=true").await,
            total("filters[authors][name]=ann").await,
        )
    };
    // Twice each, so that the second is remembered.
    assert_eq!((totals().await, totals().await), ((3, 4, 2, 1), (3, 4, 2, 1)));
    let idea = format!("/api/articles/{}", news.ids["idea"]);
    server.update_entry(&idea, json!({})).await;
    assert_eq!((totals().await, totals().await), ((4, 4, 2, 2), (4, 4, 2, 2)), "published");
    server.update_entry(&idea, json!({"views": 1})).await;
    assert_eq!(totals().await, (4, 4, 3, 2), "updated");
    server.update_entry(&format!("{idea}?status=draft"), json!({"views": null, "authors": []})).await;
    assert_eq!(totals().await, (4, 4, 3, 2), "a draft");
    // A change of a related type only.
    server.update_entry(&format!("/api/authors/{}", news.ids["ann"]), json!({"name": "anna"})).await;
    assert_eq!(totals().await, (4, 4, 3, 0), "renamed");
    server.post("/api/articles", json!({"data": {"title": null}})).await.expect_status(400);
    assert_eq!(totals().await, (4, 4, 3, 0), "refused");
    server.delete(&idea).await.expect_status(204);
    server.delete(&idea).await.expect_status(204);
    assert_eq!(totals().await, (3, 3, 2, 0), "deleted");
    server.create_entry("/api/articles?status=draft", json!({})).await;
    assert_eq!(totals().await, (3, 4, 2, 0), "a new draft");
}

#[tokio::test(flavor = "multi_thread")]
async fn totals_are_counted_per_locale() {
    let server = TestServer::start().await;
    let total = async |query: &str| server.get(&format!("/api/pages?{query}")).await.pagination_total();
    let id = server.create_entry("/api/pages", json!({"title": "a"})).await.document_id();
    server.create_entry("/api/pages?locale=nl&status=draft", json!({"title": "b"})).await;
    server.update_entry(&format!("/api/pages/{id}?locale=nl"), json!({"title": "a"})).await;
    let all = async || {
        (
            total("").await,
            total("locale=nl").await,
            total("locale=*").await,
            total("locale=nl&status=draft").await,
            total("locale=xx").await,
        )
    };
    assert_eq!(all().await, (1, 1, 2, 2, 0));
    assert_eq!(total("locale[0]=en&locale[1]=nl").await, 2);
    server.delete(&format!("/api/pages/{id}?locale=nl")).await.expect_status(204);
    assert_eq!(all().await, (1, 0, 1, 1, 0));
    server.delete(&format!("/api/pages/{id}?locale=*")).await.expect_status(204);
    assert_eq!(all().await, (0, 0, 0, 1, 0));
}
