//! The knowledge base over HTTP: an editor publishes, a customer finds, and nobody finds what is not for them.

mod bad_input;
mod upgrade;
mod visitors;

use super::person::{count_records, erase_person, find_source};
use super::{apply_roles, server_with_plugin};
use crate::plugins::PLUGINS;
use cairn_testkit::{TestClient, TestServer};
use serde_json::{Value as Json, json};

const CONTENT: &str = "/admin/api/content/plugin::kb.";
const PASSWORD: &str = "a password of some length";

/// Creates an article in a space and publishes it. Returns its document id.
async fn publish_article(server: &TestClient, space: &str, title: &str, body: &str) -> String {
    let data = json!({ "title": title, "body": body, "language": "nl", "space": { "set": [space] } });
    let path = format!("{CONTENT}article");
    let made = server.post(&path, json!({ "data": data })).await.expect_status(201);
    let id = made.data()["documentId"].as_str().unwrap().to_owned();
    server.post(&format!("{path}/{id}/actions/publish"), json!({})).await.expect_status(200);
    id
}

async fn create_space(server: &TestClient, key: &str, visibility: &str) -> String {
    let data = json!({ "key": key, "title": key, "visibility": visibility, "defaultLanguage": "nl" });
    let made = server.post(&format!("{CONTENT}space"), json!({ "data": data })).await.expect_status(201);
    made.data()["documentId"].as_str().unwrap().to_owned()
}

/// A new user of the content API, signed in.
async fn sign_in_customer(server: &TestServer, name: &str) -> TestClient {
    server.add_user(name, "authenticated", json!({})).await;
    server.with_token(&server.new_tenant_session("default", name).await)
}

/// Titles of what a caller finds.
async fn find_titles(client: &TestClient, text: &str) -> Vec<String> {
    let found = client.get(&format!("/api/kb/search?locale=nl&q={text}")).await.expect_status(200);
    assert_eq!(found.body["meta"]["pagination"]["total"], found.data().as_array().unwrap().len(), "{}", found.text());
    found.data().as_array().unwrap().iter().map(|hit| hit["title"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn customers_find_what_is_for_them() {
    let server = server_with_plugin("knowledge-base").await;
    let (open, clients, staff) = (
        create_space(&server, "open", "public").await,
        create_space(&server, "klanten", "clients").await,
        create_space(&server, "intern", "staff").await,
    );
    publish_article(&server, &open, "Aanbetaling van je bruiloft", "Je betaalt 25% vooraf.").await;
    publish_article(&server, &clients, "Aanbetaling van je auto", "De aanbetaling staat in je contract.").await;
    publish_article(&server, &staff, "Aanbetaling boeken", "Zo boek je een aanbetaling.").await;
    // The roles that come with the plugin let editors write, publish and search.
    let lisa = json!({ "email": "lisa@example.com", "password": PASSWORD, "roles": ["help-editor"] });
    apply_roles(&server, "knowledge-base", json!([lisa])).await;
    let editor = server.sign_in_admin("lisa@example.com", PASSWORD).await;
    let article = json!({ "title": "Licht bij aanbetaling", "language": "nl", "space": { "set": [staff] } });
    let article = editor.post(&format!("{CONTENT}article"), json!({ "data": article })).await.expect_status(201);
    let article = article.data()["documentId"].as_str().unwrap().to_owned();
    let publish = format!("{CONTENT}article/{article}/actions/publish");
    editor.post(&publish, json!({})).await.expect_status(200);
    server.run_until_idle().await;
    let found = editor.get("/admin/api/plugin-routes/kb/staff/search?locale=nl&q=aanbetaling").await.expect_status(200);
    assert_eq!(found.data().as_array().unwrap().len(), 4, "{}", found.text());
    let (public, user) = (server.public_client(), sign_in_customer(&server, "sanne").await);
    // The query has a typing error, as people make them.
    assert_eq!(find_titles(&public, "aanbtaling").await, ["Aanbetaling van je bruiloft"]);
    let mut titles = find_titles(&user, "aanbetaling").await;
    titles.sort();
    assert_eq!(titles, ["Aanbetaling van je auto", "Aanbetaling van je bruiloft"]);
    // Hidden articles are missing on the other routes, too, with the same response as for an unknown slug.
    for slug in ["aanbetaling-van-je-auto", "aanbetaling-boeken", "nothing"] {
        public.get(&format!("/api/kb/read/{slug}?locale=nl")).await.expect_status(404);
        public.get(&format!("/api/kb/help/{slug}?locale=nl")).await.expect_status(404);
    }
    user.get("/api/kb/read/aanbetaling-van-je-auto?space=klanten&locale=nl").await.expect_status(200);
    user.get("/api/kb/read/aanbetaling-boeken?space=intern&locale=nl").await.expect_status(404);
    // Of articles with one title each has an address, also where they are written at the same moment.
    let same = json!({ "data": { "title": "Parkeren", "language": "nl", "space": { "set": [staff] } } });
    let path = format!("{CONTENT}article");
    let (one, two, three) = tokio::join!(
        editor.post(&path, same.clone()),
        editor.post(&path, same.clone()),
        server.post(&path, same.clone()),
    );
    let mut slugs = [one, two, three].map(|made| made.expect_status(201).data()["slug"].as_str().unwrap().to_owned());
    slugs.sort();
    assert_eq!(slugs, ["parkeren", "parkeren-2", "parkeren-3"]);
    let typed =
        json!({ "data": { "title": "Auto", "slug": "parkeren", "language": "nl", "space": { "set": [staff] } } });
    let refused = editor.post(&path, typed).await.expect_status(400);
    assert_eq!(refused.details()["errors"][0]["path"], json!(["slug"]), "{}", refused.text());
    // A space that closes, closes at once.
    let closed = json!({ "data": { "visibility": "staff" } });
    server.put(&format!("{CONTENT}space/{clients}"), closed).await.expect_status(200);
    assert_eq!(find_titles(&user, "aanbetaling").await, ["Aanbetaling van je bruiloft"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn customers_vote_once_and_ask_support() {
    let server = server_with_plugin("knowledge-base").await;
    let open = create_space(&server, "open", "public").await;
    publish_article(&server, &open, "Licht huren", "Zo huur je licht.").await;
    let values = json!({ "values": { "supportAddress": "support@example.com", "defaultSpace": "open" } });
    server.put(&format!("{PLUGINS}/kb/settings"), values).await.expect_status(200);
    let (public, user) = (server.public_client(), sign_in_customer(&server, "tom").await);
    let vote = "/api/kb/read/licht-huren/vote?space=open&locale=nl";
    for (helpful, up, down) in [(true, 1, 0), (true, 1, 0), (false, 0, 1)] {
        let votes = user.post(vote, json!({ "helpful": helpful })).await.expect_status(200);
        assert_eq!(votes.data()["votes"], json!({ "up": up, "down": down }), "{}", votes.text());
    }
    let page = public.get("/api/kb/help?locale=nl&q=zonnepanelen").await.expect_status(200);
    assert!(page.header("content-security-policy").contains("sandbox"), "{}", page.text());
    let question = json!({ "query": "zonnepanelen", "email": "not an address", "message": "" });
    let refused = public.post("/api/kb/ask-support", question).await.expect_status(400);
    let paths: Vec<&Json> = refused.details()["errors"].as_array().unwrap().iter().map(|e| &e["path"]).collect();
    assert!(paths.contains(&&json!(["email"])) && paths.contains(&&json!(["message"])), "{}", refused.text());
    let question =
        json!({ "query": "zonnepanelen", "email": "tom@example.com", "message": "Kan dat op zonne-energie?" });
    public.post("/api/kb/ask-support", question).await.expect_status(202);
    server.run_until_idle().await;
    let mails = server.get("/admin/api/mails").await.expect_status(200);
    assert_eq!(mails.data()[0]["to"], "support@example.com", "{}", mails.text());
    // A search is stored as soon as three visitors have made it.
    user.get("/api/kb/search?locale=nl&q=zonnepanelen").await.expect_status(200);
    let asked = server.get(&format!("{CONTENT}query?filters[text]=zonnepanelen")).await.expect_status(200);
    assert_eq!(asked.data(), &json!([]), "{}", asked.text());
    let third = sign_in_customer(&server, "ann").await;
    third.get("/api/kb/search?locale=nl&q=zonnepanelen").await.expect_status(200);
    let asked = server.get(&format!("{CONTENT}query?filters[text]=zonnepanelen")).await.expect_status(200);
    assert_eq!((&asked.data()[0]["count"], &asked.data()[0]["hits"]), (&json!(3), &json!(0)), "{}", asked.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn votes_of_a_person_are_reported_and_erased() {
    let server = server_with_plugin("knowledge-base").await;
    let open = create_space(&server, "open", "public").await;
    for title in ["Licht huren", "Geluid huren"] {
        publish_article(&server, &open, title, "Zo huur je het.").await;
    }
    let (ann, tom) = (sign_in_customer(&server, "ann").await, sign_in_customer(&server, "tom").await);
    for (voter, slug) in [(&ann, "licht-huren"), (&ann, "geluid-huren"), (&tom, "licht-huren")] {
        let vote = format!("/api/kb/read/{slug}/vote?space=open&locale=nl");
        voter.post(&vote, json!({ "helpful": true })).await.expect_status(200);
    }
    let counted = count_records(&server, "kb", "ANN@example.com").await;
    assert_eq!(counted.into_iter().collect::<Vec<_>>(), [("Vote on an article".to_owned(), 2)]);
    let (erasure, _) = erase_person(&server, "ann@example.com").await;
    assert_eq!(find_source(&erasure, "kb")["erased"], 2, "{erasure}");
    let left = server.get(&format!("{CONTENT}feedback")).await.expect_status(200);
    assert_eq!(left.data().as_array().unwrap().len(), 1, "{}", left.text());
    assert!(count_records(&server, "kb", "ann@example.com").await.is_empty());
    assert_eq!(count_records(&server, "kb", "tom@example.com").await.len(), 1);
}
