//! Content types of the project that the operator chose as content of journeys.

use super::JourneyFixture;
use crate::plugins::PLUGINS;
use cairn_testkit::TestClient;
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};

const CHAPTER: &str = "api::chapter.chapter";
const SHELF: &str = "api::shelf.shelf";

/// Chapters for phases and journeys, and a shelf with all of them.
struct Library {
    fixture: JourneyFixture,
    /// Ids by title.
    chapters: BTreeMap<&'static str, String>,
    shelf: String,
}

impl Library {
    async fn new() -> Self {
        let fixture = JourneyFixture::new().await;
        let relation = |target: &str| json!({ "type": "relation", "relation": "manyToMany", "target": target });
        let schema = |name: &str, plural: &str, attributes: Json| {
            json!({
                "kind": "collectionType", "collectionName": plural, "options": { "draftAndPublish": true },
                "info": { "singularName": name, "pluralName": plural, "displayName": name }, "attributes": attributes,
            })
        };
        let chapter = json!({
            "title": { "type": "string" }, "phases": relation("plugin::journey.phase"),
            "journeys": relation("plugin::journey.journey"),
        });
        let shelf = json!({ "name": { "type": "string" }, "chapters": relation(CHAPTER) });
        let types = json!({ "contentTypes": {
            CHAPTER: schema("chapter", "chapters", chapter), SHELF: schema("shelf", "shelves", shelf),
        } });
        fixture.server.post("/admin/api/content-types/apply", types).await.expect_status(200);
        fixture.let_customers_read(&[CHAPTER, SHELF]).await;

        let mut chapters = BTreeMap::new();
        for (title, phase, owner) in [
            ("MARKER-order", Some("orderbevestiging"), None),
            ("MARKER-assembly", Some("assemblage"), None),
            ("MARKER-aftercare", Some("nazorg"), None),
            ("MARKER-of-bram", Some("orderbevestiging"), Some("bram")),
            ("MARKER-without-phase", None, None),
        ] {
            let phases: Vec<&String> = phase.iter().map(|key| &fixture.phases[*key]).collect();
            let journeys: Vec<&str> = owner.iter().map(|name| fixture.journey(name)).collect();
            let data = json!({ "data": { "title": title, "phases": phases, "journeys": journeys } });
            let made = fixture.server.post("/api/chapters", data).await.expect_status(201);
            chapters.insert(title, made.data()["documentId"].as_str().unwrap().to_owned());
        }
        let all: Vec<&String> = chapters.values().collect();
        let data = json!({ "data": { "name": "All", "chapters": all } });
        let made = fixture.server.post("/api/shelves", data).await.expect_status(201);
        let shelf = made.data()["documentId"].as_str().unwrap().to_owned();
        Self { fixture, chapters, shelf }
    }

    /// Chooses the chapters as content, and agrees to what that means.
    async fn choose_chapters(&self) {
        let path = format!("{PLUGINS}/journey/choices");
        let body = |agreed: &Json| json!({ "choices": { "content": [CHAPTER] }, "agreed": agreed });
        let asked = self.fixture.server.put(&path, body(&json!([]))).await.expect_status(409);
        let agreed = &asked.details()["widened"];
        assert!(agreed.to_string().contains(&format!("Decides who sees which documents of {CHAPTER}")), "{agreed}");
        self.fixture.server.put(&path, body(agreed)).await.expect_status(200);
    }

    /// Titles of the chapters that the response about a customer's journeys lists.
    async fn list_titles(&self, name: &str) -> BTreeSet<&'static str> {
        let me = self.fixture.me(name).await;
        let documents = me["documents"].as_array().unwrap();
        let is_listed = |id: &str| documents.iter().any(|document| document["documentId"] == id);
        self.chapters.iter().filter(|(_, id)| is_listed(id)).map(|(title, _)| *title).collect()
    }

    /// Every door shows exactly these chapters: lists, counts, single documents, relations, filters, orders, searches and previews.
    async fn assert_seen(&self, who: &str, client: &TestClient, seen: &[&str]) {
        let list = client.get("/api/chapters").await.expect_status(200);
        let found: BTreeSet<String> = list.text_column("title").into_iter().collect();
        assert_eq!(found, seen.iter().map(|title| (*title).to_owned()).collect(), "{who}");
        let total = async |path: String| client.get(&path).await.expect_status(200).pagination_total();
        assert_eq!(total("/api/chapters?pagination[pageSize]=1".to_owned()).await, seen.len() as u64, "{who}");

        let preview = json!({ "type": SHELF, "documentId": self.shelf });
        let link = self.fixture.server.post("/admin/api/preview", preview).await.expect_status(200);
        let token = link.data()["token"].as_str().unwrap();
        let shelf = format!("/api/shelves/{}", self.shelf);
        let paths = [
            "/api/chapters?populate[phases][populate]=*&populate[journeys][populate]=*".to_owned(),
            "/api/chapters?sort=journeys.title&_q=MARKER".to_owned(),
            "/api/chapters?filters[phases][order][$gte]=0&status=draft".to_owned(),
            "/api/shelves?populate[chapters][populate]=*&sort=chapters.title".to_owned(),
            format!("{shelf}?populate=*"),
            format!("{shelf}?populate[chapters][populate]=*&previewToken={token}"),
        ];
        let hidden: Vec<_> = self.chapters.iter().filter(|(title, _)| !seen.contains(title)).collect();
        for path in &paths {
            let answer = client.get(path).await;
            assert!([200, 403].contains(&answer.status), "{who} {path}: {}", answer.text());
            let text = answer.text();
            let leaked = hidden.iter().find(|(title, id)| text.contains(*title) || text.contains(id.as_str()));
            assert_eq!(leaked, None, "{who} {path}: {text}");
        }
        for (title, id) in &self.chapters {
            let is_seen = seen.contains(title);
            client.get(&format!("/api/chapters/{id}")).await.expect_status(if is_seen { 200 } else { 404 });
            for path in [
                format!("/api/chapters?filters[title]={title}"),
                format!("/api/chapters?_q={title}"),
                format!("/api/shelves?filters[chapters][title]={title}"),
            ] {
                assert_eq!(total(path.clone()).await, u64::from(is_seen), "{who} {path}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn project_types_follow_the_phase() {
    let library = Library::new().await;
    let fixture = &library.fixture;
    let all: Vec<&str> = library.chapters.keys().copied().collect();
    let public = fixture.server.public_client();
    // The choice of types is still empty: what callers see is up to their roles.
    library.assert_seen("anna", fixture.client("anna"), &all).await;
    library.assert_seen("public", &public, &all).await;

    assert_eq!(library.list_titles("anna").await, BTreeSet::new());
    library.choose_chapters().await;
    library.assert_seen("anna", fixture.client("anna"), &["MARKER-order"]).await;
    let of_bram = ["MARKER-order", "MARKER-assembly", "MARKER-of-bram"];
    assert_eq!(library.list_titles("anna").await, BTreeSet::from(["MARKER-order"]));
    assert_eq!(library.list_titles("bram").await, BTreeSet::from(of_bram));
    library.assert_seen("bram", fixture.client("bram"), &of_bram).await;
    library.assert_seen("public", &public, &[]).await;
    library.assert_seen("a token", &fixture.server, &all).await;

    // A move there and back takes effect with its commit.
    fixture.move_to("anna", "nazorg", "Delivered").await.expect_status(200);
    let of_anna = ["MARKER-order", "MARKER-assembly", "MARKER-aftercare"];
    library.assert_seen("anna", fixture.client("anna"), &of_anna).await;
    library.assert_seen("bram", fixture.client("bram"), &of_bram).await;
    fixture.move_to("anna", "orderbevestiging", "By mistake").await.expect_status(200);
    library.assert_seen("anna", fixture.client("anna"), &["MARKER-order"]).await;
    fixture.decide("cancel", "bram").await.expect_status(200);
    library.assert_seen("bram", fixture.client("bram"), &[]).await;
    fixture.assert_no_call_failed().await;
}
