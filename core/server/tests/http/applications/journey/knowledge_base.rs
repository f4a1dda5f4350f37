//! Help articles for the phases of journeys: a customer finds nothing of a phase that their journey has not reached, at any door of the
//! knowledge base, and finds it from the commit of the move on.

use super::super::install_plugin;
use super::{JourneyFixture, PHASES};
use crate::plugins::PLUGINS;
use cairn_testkit::{TestClient, TestResponse};
use serde_json::{Value as Json, json};
use std::time::Duration;

const ARTICLE: &str = "/admin/api/content/plugin::kb.article";
/// A word of the article for each phase, by which people look for it.
const WORDS: [&str; 7] =
    ["appelkruid", "berkenzwam", "citroenvlinder", "duizendblad", "egelskop", "fluweelboom", "grasklokje"];

/// An article for one phase. Its secret is in its title, excerpt and text, and nobody looks for it.
struct PhaseArticle {
    id: String,
    word: &'static str,
    secret: String,
    slug: String,
}

struct Handbook {
    fixture: JourneyFixture,
    articles: Vec<PhaseArticle>,
}

impl Handbook {
    async fn new() -> Self {
        let fixture = JourneyFixture::new().await;
        install_plugin(&fixture.server, "knowledge-base").await;
        fixture.let_customers_read(&["plugin::kb.article", "plugin::kb.section", "plugin::kb.space"]).await;
        let server = &fixture.server;
        let space = json!({ "key": "auto", "title": "Auto", "visibility": "clients", "defaultLanguage": "nl" });
        let space =
            server.post("/admin/api/content/plugin::kb.space", json!({ "data": space })).await.expect_status(201);
        let space = space.data()["documentId"].as_str().unwrap().to_owned();
        let mut articles = Vec::new();
        for (n, (phase, word)) in PHASES.into_iter().zip(WORDS).enumerate() {
            let (secret, slug) = (format!("zq{n}wx"), format!("uitleg-{n}"));
            let data = json!({
                "title": format!("Handleiding {word} {secret}"), "slug": slug, "excerpt": format!("Over {word}, {secret}."),
                "body": format!("Zo werkt {word}: {secret}."), "tags": word, "language": "nl", "promoted": true,
                "groups": format!("journey:{phase}"), "space": { "set": [space] },
            });
            let made = server.post(ARTICLE, json!({ "data": data })).await.expect_status(201);
            let id = made.data()["documentId"].as_str().unwrap().to_owned();
            server.post(&format!("{ARTICLE}/{id}/actions/publish"), json!({})).await.expect_status(200);
            articles.push(PhaseArticle { id, word, secret, slug });
        }
        // Put first in everybody's search, and renamed: neither opens a door.
        let last_article = articles.last().unwrap();
        let pin = json!({ "query": "handleiding", "article": { "set": [last_article.id] }, "rank": 1 });
        server.post("/admin/api/content/plugin::kb.pin", json!({ "data": pin })).await.expect_status(201);
        let path = format!("{ARTICLE}/{}", last_article.id);
        server.put(&path, json!({ "data": { "slug": "uitleg-laatste" } })).await.expect_status(200);
        server.post(&format!("{path}/actions/publish"), json!({})).await.expect_status(200);
        server.run_until_idle().await;
        Self { fixture, articles }
    }

    /// Checks what somebody finds at every door, who may see the first so many articles.
    async fn check_doors(&self, client: &TestClient, seen: usize, name: &str) {
        // Requests are counted by the minute, and everybody has one address here.
        self.fixture.server.run_until_idle().await;
        self.fixture.server.advance_clock(Duration::from_secs(61));
        for path in self.doors() {
            let answer = client.get(&path).await;
            self.assert_hidden(&answer, seen, &format!("{name}: {path}"));
        }
        for (n, article) in self.articles.iter().enumerate() {
            let (word, is_seen) = (article.word, n < seen);
            let count = u64::from(is_seen);
            let found = client.get(&format!("/api/kb/search?locale=nl&q={word}")).await.expect_status(200);
            assert_eq!(found.pagination_total(), count, "{name}, {word}: {}", found.text());
            // A query with one letter left out gets no hidden word as its better spelling.
            let misspelt = format!("/api/kb/search?locale=nl&q={}{}", &word[..4], &word[5..]);
            let misspelt = client.get(&misspelt).await.expect_status(200);
            assert_eq!(misspelt.pagination_total(), count, "{name}, {word}: {}", misspelt.text());
            assert!(is_seen || misspelt.body["meta"]["suggestion"].is_null(), "{name}: {}", misspelt.text());
            let suggested = client.get(&format!("/api/kb/suggest?locale=nl&q={}", &word[..5])).await.expect_status(200);
            assert_eq!(suggested.data().as_array().unwrap().len() as u64, count, "{name}: {}", suggested.text());
            let filter = format!("/api/kb/articles?filters[title][$contains]={word}");
            assert_eq!(client.get(&filter).await.expect_status(200).pagination_total(), count, "{name}, {word}");
            let status = if is_seen { 200 } else { 404 };
            client.get(&format!("/api/kb/articles/{}", article.id)).await.expect_status(status);
            if n + 1 < self.articles.len() {
                client.get(&format!("/api/kb/read/{}?space=auto", article.slug)).await.expect_status(status);
            }
            // Votes are few by the minute: one of the next phase.
            let vote = format!("/api/kb/read/{}/vote?space=auto", article.slug);
            if n == seen {
                client.post(&vote, json!({ "helpful": true })).await.expect_status(404);
            }
        }
        let all = client.get("/api/kb/search?locale=nl&q=handleiding&pageSize=50").await.expect_status(200);
        assert_eq!(all.pagination_total(), seen as u64, "{name}: {}", all.text());
        assert_eq!(client.get("/api/kb/articles").await.expect_status(200).pagination_total(), seen as u64, "{name}");
    }

    /// Addresses that show articles, or lead to them.
    fn doors(&self) -> Vec<String> {
        let mut doors: Vec<String> = [
            "/api/kb/search",
            "/api/kb/search?locale=nl&q=handleiding&pageSize=50",
            "/api/kb/search?locale=nl&q=handleiding&pageSize=50&kind=article",
            "/api/kb/suggest?locale=nl&q=handl",
            "/api/kb/help?locale=nl&space=auto",
            "/api/kb/help?locale=nl&q=handleiding",
            "/api/kb/articles?populate=*&pagination[pageSize]=50",
            "/api/kb/articles?filters[groups][$notNull]=true&sort=title",
            "/api/kb/spaces?populate=articles",
            "/api/kb/spaces?populate[articles][fields][0]=title&filters[articles][title][$contains]=Handleiding",
            "/api/kb/sections?populate[articles][populate]=*",
            "/api/kb/read/uitleg-laatste?space=auto",
        ]
        .map(str::to_owned)
        .into();
        for article in &self.articles {
            let (word, slug) = (article.word, &article.slug);
            doors.push(format!("/api/kb/search?locale=nl&q={word}"));
            doors.push(format!("/api/kb/search?locale=nl&q={word}&tag={word}"));
            doors.push(format!("/api/kb/help?locale=nl&q={word}"));
            doors.push(format!("/api/kb/help/{slug}?locale=nl&space=auto"));
            doors.push(format!("/api/kb/read/{slug}?space=auto"));
            doors.push(format!("/api/kb/articles?_q={word}"));
            doors.push(format!("/api/kb/articles/{}?populate=*", article.id));
        }
        doors
    }

    fn assert_hidden(&self, answer: &TestResponse, seen: usize, door: &str) {
        for hidden in &self.articles[seen..] {
            assert!(!answer.text().contains(&hidden.secret), "{door} shows {}: {}", hidden.word, answer.text());
        }
        if seen < self.articles.len() {
            assert!(
                !answer.text().contains("uitleg-laatste") || door.contains("uitleg-laatste"),
                "{door}: {}",
                answer.text()
            );
            assert_ne!(answer.status, 301, "{door} leads to what is hidden");
        }
    }
}

mod full {
    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn customers_find_no_articles_of_later_phases_while_journeys_move() {
        let handbook = Handbook::new().await;
        let fixture = &handbook.fixture;
        fixture.server.add_user("stranger", "authenticated", json!({})).await;
        let stranger = fixture.server.with_token(&fixture.server.new_tenant_session("default", "stranger").await);
        for (client, seen, name) in [
            (&fixture.server.public_client(), 0, "the public"),
            (&stranger, 0, "a customer without a journey"),
            (fixture.client("anna"), 1, "anna"),
            (fixture.client("bram"), 4, "bram"),
            (fixture.client("chris"), 6, "chris"),
        ] {
            handbook.check_doors(client, seen, name).await;
        }
        // Staff see everything, pinned first.
        let staff = fixture.server.get("/api/kb/search?locale=nl&q=handleiding&pageSize=50").await.expect_status(200);
        assert_eq!((staff.pagination_total(), &staff.data()[0]["pinned"]), (7, &json!(true)), "{}", staff.text());

        // A move shows with its commit, and one back hides again.
        fixture.move_to("anna", "design-engineering", "Signed").await.expect_status(200);
        handbook.check_doors(fixture.client("anna"), 2, "anna, moved on").await;
        fixture.move_to("bram", "productievoorbereiding", "Too early").await.expect_status(200);
        handbook.check_doors(fixture.client("bram"), 3, "bram, moved back").await;
        fixture.decide("pause", "bram").await.expect_status(200);
        handbook.check_doors(fixture.client("bram"), 3, "bram, paused").await;
        fixture.decide("cancel", "bram").await.expect_status(200);
        handbook.check_doors(fixture.client("bram"), 0, "bram, cancelled").await;
        fixture.move_to("chris", "nazorg", "Delivered").await.expect_status(200);
        handbook.check_doors(fixture.client("chris"), 7, "chris, in the last phase").await;
        fixture.assert_no_call_failed().await;
        let calls = fixture.server.get(&format!("{PLUGINS}/kb/calls")).await.expect_status(200);
        assert_eq!(calls.data(), &json!([]), "a call failed");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn editors_write_groups_that_exist_in_form() {
    let handbook = Handbook::new().await;
    let server = &handbook.fixture.server;
    let path = format!("{ARTICLE}/{}", handbook.articles[0].id);
    for wrong in ["assemblage", "journey:", "Journey:x", "journey:a b", "journey:a|b"] {
        let refused = server.put(&path, json!({ "data": { "groups": wrong } })).await.expect_status(400);
        assert_eq!(refused.details()["errors"][0]["path"], json!(["groups"]), "{wrong}: {}", refused.text());
    }
    let many: Vec<String> = (0..30).map(|n| format!("journey:{n}")).collect();
    server.put(&path, json!({ "data": { "groups": many.join(",") } })).await.expect_status(400);
    // A list is tidied up. What decides in the read policy follows it, whatever an editor writes there.
    let data = json!({ "groups": " journey:levering ,journey:levering", "groupKeys": "|journey:orderbevestiging|" });
    let saved = server.put(&path, json!({ "data": data })).await.expect_status(200);
    assert_eq!(
        (&saved.data()["groups"], &saved.data()["groupKeys"]),
        (&json!("journey:levering"), &json!("|journey:levering|")),
        "{}",
        saved.text()
    );
    server.post(&format!("{path}/actions/publish"), json!({})).await.expect_status(200);
    let anna = handbook.fixture.client("anna");
    let word = WORDS[0];
    assert_eq!(anna.get(&format!("/api/kb/search?locale=nl&q={word}")).await.pagination_total(), 0);
    anna.get(&format!("/api/kb/articles/{}", handbook.articles[0].id)).await.expect_status(404);
    // An article without groups is for everybody who sees the space.
    server.put(&path, json!({ "data": { "groups": "" } })).await.expect_status(200);
    server.post(&format!("{path}/actions/publish"), json!({})).await.expect_status(200);
    assert_eq!(anna.get(&format!("/api/kb/search?locale=nl&q={word}")).await.pagination_total(), 1);
    let stranger: Json =
        anna.get(&format!("/api/kb/articles/{}", handbook.articles[0].id)).await.expect_status(200).body;
    assert!(!stranger.to_string().contains("groupKeys"), "{stranger}");
}
