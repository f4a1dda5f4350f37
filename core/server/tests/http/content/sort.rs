//! `sort`.

use crate::news::News;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn sort_accepts_all_documented_spellings() {
    let news = News::new().await;
    for (query, expected) in [
        ("sort=title", ["Dune", "Emma", "Solo"]),
        ("sort=title:desc", ["Solo", "Emma", "Dune"]),
        ("sort=title:DESC", ["Solo", "Emma", "Dune"]),
        ("sort[title]=desc", ["Solo", "Emma", "Dune"]),
        ("sort[0]=title:desc", ["Solo", "Emma", "Dune"]),
        ("sort[]=title:desc", ["Solo", "Emma", "Dune"]),
        ("sort[0][title]=desc", ["Solo", "Emma", "Dune"]),
        ("sort=title:desc:x", ["Solo", "Emma", "Dune"]),
        ("sort=views", ["Solo", "Emma", "Dune"]),
        ("sort=views:desc", ["Dune", "Emma", "Solo"]),
        ("sort=price", ["Solo", "Dune", "Emma"]),
        ("sort=featured:asc,title", ["Solo", "Emma", "Dune"]),
        ("sort=category.name", ["Solo", "Emma", "Dune"]),
        ("sort[category][name]=desc", ["Dune", "Emma", "Solo"]),
        ("sort=category.parent.name,title:desc", ["Solo", "Emma", "Dune"]),
        ("sort=category.rank:desc", ["Emma", "Dune", "Solo"]),
        // The first related value decides: bob comes first in Dune.
        ("sort=authors.name:desc", ["Emma", "Dune", "Solo"]),
        ("sort=authors.name", ["Solo", "Dune", "Emma"]),
        ("sort=links.kind", ["Solo", "Dune", "Emma"]),
        ("sort=seo.metaTitle:desc", ["Dune", "Solo", "Emma"]),
        ("sort=", ["Dune", "Emma", "Solo"]),
        ("sort=id:desc", ["Solo", "Emma", "Dune"]),
        ("sort=createdAt,documentId,id", ["?", "?", "?"]),
    ] {
        let titles = news.titles(query).await;
        let any = expected == ["?"; 3];
        assert!(titles == expected || any && titles.len() == 3, "{query}: {titles:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn text_is_sorted_by_code_point() {
    let news = News::new().await;
    for name in ["zoe", "Zoe", "Élan", "elan", "", "10", "9", "𝒳"] {
        news.server.create_entry("/api/authors", json!({"name": name})).await;
    }
    news.server.create_entry("/api/authors", json!({})).await;
    let sorted = news.server.get("/api/authors?sort=name").await.text_column("name");
    assert_eq!(sorted, ["", "", "10", "9", "Zoe", "ann", "bob", "cid", "elan", "zoe", "Élan", "𝒳"]);
    let backwards = news.server.get("/api/authors?sort=name:desc").await.text_column("name");
    assert_eq!(backwards, sorted.iter().rev().cloned().collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_sort_keys_and_directions_are_rejected() {
    let news = News::new().await;
    let order = "Invalid order. order can only be one of asc|desc|ASC|DESC";
    for (query, message) in [
        ("sort=title:up", order),
        ("sort=title:", order),
        ("sort[title]=up", order),
        ("sort=nothing", "Invalid key nothing"),
        ("sort=category", "Invalid key category"),
        ("sort=links", "Invalid key links"),
        ("sort=sections", "Invalid key sections"),
        ("sort=category.nothing", "Invalid key nothing at category"),
        ("sort=note", "Invalid key note"),
    ] {
        news.server.get(&format!("/api/articles?{query}")).await.expect_error(400, message);
    }
    let many = vec!["title"; 21].join(",");
    let refused = news.server.get(&format!("/api/articles?sort={many}")).await.expect_status(400);
    assert!(refused.message().starts_with("Query too complex"), "{}", refused.text());
}

/// Entries that do not differ in the keys keep one order, so that no page shows what another did.
#[tokio::test(flavor = "multi_thread")]
async fn pages_of_equal_entries_do_not_overlap() {
    let news = News::new().await;
    for _ in 0..20 {
        news.server.create_entry("/api/authors", json!({"name": "same"})).await;
    }
    for sort in ["name", "name:desc", "mentor.name", "mentor.name:desc", "address.city"] {
        let mut paged_ids = Vec::new();
        for page in 1..=8 {
            let list = news
                .server
                .get(&format!("/api/authors?sort={sort}&pagination[page]={page}&pagination[pageSize]=3"))
                .await;
            paged_ids.extend(list.text_column("documentId"));
        }
        let all =
            news.server.get(&format!("/api/authors?sort={sort}&pagination[limit]=100")).await.text_column("documentId");
        assert_eq!(paged_ids, all, "{sort}");
        assert_eq!(all.len(), 23);
    }
}
