//! The knowledge base: an article that is published, found, voted on, renamed and withdrawn.

/// Tests that take long: `cargo xtask test --full`.
mod full {
    use crate::applications::killed_server::{Application, KilledServer, StepRequest, list_seeds};
    use serde_json::{Value as Json, json};

    const ARTICLE: &str = "/admin/api/content/plugin::kb.article";

    fn knowledge_base() -> Application {
        let settings = json!({ "supportAddress": "support@example.com", "defaultSpace": "open" });
        Application { folder: "knowledge-base", id: "kb", settings, environment: Vec::new() }
    }

    /// Slugs of what a visitor finds.
    async fn find_slugs(server: &KilledServer, text: &str) -> Vec<Json> {
        let path = format!("/api/kb/search?locale=nl&q={text}");
        let found = server.client().expect(&StepRequest::get(path), &[200]).await.data();
        found.as_array().unwrap().iter().map(|hit| hit["slug"].clone()).collect()
    }

    /// Plays the story of two articles, and tells what is there at its end.
    async fn play_story(seed: Option<u64>) -> Json {
        let mut server = KilledServer::start(knowledge_base(), seed).await;
        let root = server.root().to_owned();
        let tom = server.create_user("tom").await;
        let space = json!({ "key": "open", "title": "Open", "visibility": "public", "defaultLanguage": "nl" });
        let space = server.create("plugin::kb.space", space).await;
        let mut articles = Vec::new();
        for title in ["Licht huren", "Geluid huren"] {
            let data =
                json!({ "title": title, "body": "Zo huur je het.", "language": "nl", "space": { "set": [space] } });
            articles.push(server.create("plugin::kb.article", data).await);
        }
        let act = |article: &str, action: &str| {
            StepRequest::post(format!("{ARTICLE}/{article}/actions/{action}"), json!({})).by(&root)
        };
        for article in &articles {
            server.step(act(article, "publish"), &[200]).await;
        }
        let vote = StepRequest::post("/api/kb/read/licht-huren/vote?space=open&locale=nl", json!({ "helpful": true }))
            .by(&tom);
        server.step(vote, &[200]).await;
        let question = json!({ "query": "zon", "email": "tom@example.com", "message": "Kan dat op zonne-energie?" });
        server.step(StepRequest::post("/api/kb/ask-support", question), &[202]).await;
        // The first article is renamed, and the second is unpublished.
        let renamed = json!({ "data": { "title": "Lampen huren", "slug": "lampen-huren" } });
        server.step(StepRequest::put(format!("{ARTICLE}/{}", articles[0]), renamed).by(&root), &[200]).await;
        server.step(act(&articles[0], "publish"), &[200]).await;
        server.step(act(&articles[1], "unpublish"), &[200]).await;
        server.settle(async || tell_end(&server).await).await
    }

    async fn tell_end(server: &KilledServer) -> Json {
        let feedback = server.rows("plugin::kb.feedback", "").await;
        let former = server.rows("plugin::kb.former-slug", "").await;
        let old = StepRequest::get("/api/kb/read/licht-huren?space=open&locale=nl");
        json!({
            "found": find_slugs(server, "huren").await,
            "lamps": find_slugs(server, "lampen").await,
            "withdrawn": find_slugs(server, "geluid").await,
            "votes": feedback.iter().map(|row| row["helpful"].clone()).collect::<Vec<_>>(),
            "former": former.iter().map(|row| row["slug"].clone()).collect::<Vec<_>>(),
            "old": server.client().send(&old).await.status,
            "mails": server.mails_to("support@example.com"),
        })
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn killed_program_finds_what_is_published_and_nothing_else() {
        let undisturbed = play_story(None).await;
        for (name, expected) in [
            ("found", json!(["lampen-huren"])),
            ("lamps", json!(["lampen-huren"])),
            ("withdrawn", json!([])),
            ("votes", json!([true])),
            ("former", json!(["licht-huren"])),
        ] {
            assert_eq!(undisturbed[name], expected, "{name}: {undisturbed}");
        }
        assert_eq!(undisturbed["mails"].as_array().unwrap().len(), 1, "{undisturbed}");
        for seed in list_seeds(4) {
            assert_eq!(play_story(Some(seed)).await, undisturbed, "SEED={seed}");
        }
    }
}
