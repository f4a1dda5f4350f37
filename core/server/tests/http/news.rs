//! A newsroom with something in it, for tests that read.

use cairn_testkit::TestServer;
use serde_json::json;
use std::collections::HashMap;

/// Server, and documentIds by name.
pub(crate) struct News {
    pub(crate) server: TestServer,
    pub(crate) ids: HashMap<&'static str, String>,
}

impl News {
    /// Categories `fiction` > `scifi` and `essay`; authors `ann` (mentor of `bob`), `bob`, `cid`; published articles
    /// `dune` (scifi; ann, bob), `emma` (fiction; cid), `solo` (nothing), and the draft `idea` (scifi; ann).
    pub(crate) async fn new() -> Self {
        let server = TestServer::start().await;
        let mut ids: HashMap<&str, String> = HashMap::new();
        for (name, rank, parent) in [("fiction", 2, None), ("scifi", 1, Some("fiction")), ("essay", 3, None)] {
            let parent = parent.map(|p: &str| ids[p].clone());
            let answer =
                server.create_entry("/api/categories", json!({"name": name, "rank": rank, "parent": parent})).await;
            ids.insert(name, answer.document_id());
        }
        for (name, born, mentor, city) in [
            ("ann", Some("1950-01-01"), None, "Ede"),
            ("bob", Some("1980-05-05"), Some("ann"), "Assen"),
            ("cid", None, None, "Ede"),
        ] {
            let mentor = mentor.map(|p: &str| ids[p].clone());
            let author = json!({"name": name, "born": born, "mentor": mentor, "address": {"city": city}});
            let test_answer = server.create_entry("/api/authors", author).await;
            ids.insert(name, test_answer.document_id());
        }
        let articles = [
            (
                "dune",
                json!({"title": "Dune", "slug": "dune", "views": 300, "price": 9.99, "featured": true, "level": "high",
                "category": ids["scifi"], "authors": [ids["bob"], ids["ann"]], "seo": {"metaTitle": "Sand"},
                "links": [{"label": "home", "kind": "nav"}, {"label": "shop", "kind": "social"}],
                "sections": [{"__component": "block.hero", "heading": "H", "cta": {"label": "go"}},
                    {"__component": "block.quote", "text": "Fear", "author": ids["ann"]}],
                "subject": {"__type": "api::author.author", "documentId": ids["ann"]}}),
            ),
            (
                "emma",
                json!({"title": "Emma", "slug": "emma", "views": 100, "price": 10, "featured": false, "level": "low",
                "category": ids["fiction"], "authors": [ids["cid"]], "links": [{"label": "home", "kind": "social"}]}),
            ),
            ("solo", json!({"title": "Solo"})),
        ];
        for (name, article) in articles {
            ids.insert(name, server.create_entry("/api/articles", article).await.document_id());
        }
        let idea = json!({"title": "Idea", "category": ids["scifi"], "authors": [ids["ann"]], "sequel": ids["dune"]});
        ids.insert("idea", server.create_entry("/api/articles?status=draft", idea).await.document_id());
        Self { server, ids }
    }

    /// The titles of a list of articles.
    pub(crate) async fn titles(&self, query: &str) -> Vec<String> {
        self.server.get(&format!("/api/articles?{query}")).await.text_column("title")
    }
}
