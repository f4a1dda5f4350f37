//! Machine translation: who may have texts translated, what goes to the plugin, and which of its responses are refused.

use super::{PLUGINS, guest, install, stage};
use cairn_plugin_package::package::pack;
use cairn_testkit::{TestResponse, TestServer};
use serde_json::{Value as Json, json};

const TRANSLATIONS: &str = "/admin/api/translations";
const ARTICLE: &str = "api::article.article";
const PASSWORD: &str = "a password of some length";

async fn server() -> TestServer {
    let server = TestServer::start().await;
    let admin = |role: &str| json!({ "email": format!("{role}@example.com"), "password": PASSWORD, "roles": [role] });
    server
        .apply_settings(json!({
            "locales": { "default": "en", "available": ["en", "nl"] },
            "adminRoles": {
                "writer": { "permissions": { ARTICLE: ["find", "findOne", "update"] } },
                "reader": { "permissions": { ARTICLE: ["find", "findOne"] } },
            },
            "adminUsers": [admin("writer"), admin("reader")],
        }))
        .await;
    server
}

async fn install_translator(server: &TestServer, change: impl Fn(String) -> String) {
    let package = pack(&guest("translator", change), None).unwrap();
    let staged = stage(server, &package).await.expect_status(201);
    install(server, &staged, json!({ "unsigned": true })).await.expect_status(201);
}

fn wanted(texts: &[&str]) -> Json {
    json!({ "type": ARTICLE, "source": "en", "target": "nl", "texts": texts })
}

fn reason(answer: &TestResponse) -> &str {
    answer.details()["reason"].as_str().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_are_translated_only_while_a_plugin_that_translates_runs() {
    let server = server().await;
    assert_eq!(*server.get(TRANSLATIONS).await.expect_status(200).data(), json!({ "plugin": null }));
    let off = server.post(TRANSLATIONS, wanted(&["A gate"])).await.expect_status(503);
    assert_eq!(reason(&off), "off");
    install_translator(&server, |text| text).await;
    assert_eq!(*server.get(TRANSLATIONS).await.data(), json!({ "plugin": "translator" }));
    let translated = server.post(TRANSLATIONS, wanted(&["A gate", "A door"])).await.expect_status(200);
    assert_eq!(*translated.data(), json!({ "texts": ["[en>nl] A gate", "[en>nl] A door"] }));
    server.post(&format!("{PLUGINS}/translator/disable"), json!({})).await.expect_status(200);
    assert_eq!(*server.get(TRANSLATIONS).await.data(), json!({ "plugin": null }));
    let off = server.post(TRANSLATIONS, wanted(&["A gate"])).await.expect_status(503);
    assert_eq!(reason(&off), "off");
}

#[tokio::test(flavor = "multi_thread")]
async fn plugins_that_declare_no_service_are_not_used() {
    let server = server().await;
    install_translator(&server, |text| text.replace("provides = \"translation\"\n", "")).await;
    assert_eq!(*server.get(TRANSLATIONS).await.data(), json!({ "plugin": null }));
}

#[tokio::test(flavor = "multi_thread")]
async fn translating_takes_the_permission_to_update_the_type() {
    let server = server().await;
    install_translator(&server, |text| text).await;
    let writer = server.sign_in_admin("writer@example.com", PASSWORD).await;
    let reader = server.sign_in_admin("reader@example.com", PASSWORD).await;
    writer.post(TRANSLATIONS, wanted(&["A gate"])).await.expect_status(200);
    reader.post(TRANSLATIONS, wanted(&["A gate"])).await.expect_status(403);
    server.public_client().post(TRANSLATIONS, wanted(&["A gate"])).await.expect_status(401);
    // Without the plugin's own permission, nobody calls its route past the server's checks.
    let route = "/admin/api/plugin-routes/translator/translate";
    writer
        .post(route, json!({ "source": "en", "target": "nl", "texts": ["x"], "glossary": [] }))
        .await
        .expect_status(403);
    server.public_client().post("/api/translator/translate", json!({})).await.expect_status(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn words_of_the_glossary_go_with_the_texts() {
    let server = server().await;
    install_translator(&server, |text| text).await;
    let terms = json!({
        "gate": { "words": { "en": "gate", "nl": "poort" }, "translate": true },
        "other": { "words": { "en": "door" }, "translate": true },
    });
    server.put("/admin/api/settings/glossary", terms).await.expect_status(200);
    let translated = server.post(TRANSLATIONS, wanted(&["A gate and a door"])).await.expect_status(200);
    assert_eq!(translated.data()["texts"], json!(["[en>nl] A poort and a door"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_no_plugin_can_take_are_refused() {
    let server = server().await;
    install_translator(&server, |text| text).await;
    let with = |key: &str, value: Json| {
        let mut body = wanted(&["A gate"]);
        body[key] = value;
        body
    };
    for body in [
        with("type", json!("api::no.no")),
        with("source", json!("fr")),
        with("target", json!("xx")),
        with("target", json!("en")),
        with("texts", json!([])),
        with("texts", json!(["a", " "])),
        with("texts", json!("a")),
        with("glossary", json!([])),
        json!({}),
        json!([]),
    ] {
        server.post(TRANSLATIONS, body).await.expect_status(400);
    }
    let long = server.post(TRANSLATIONS, with("texts", json!(vec!["a"; 201]))).await.expect_status(400);
    assert_eq!(reason(&long), "tooLong");
    let long = server.post(TRANSLATIONS, with("texts", json!(["x".repeat(49 * 1024)]))).await.expect_status(400);
    assert_eq!(reason(&long), "tooLong");
}

#[tokio::test(flavor = "multi_thread")]
async fn unusable_responses_and_failures_of_the_plugin_are_said_with_their_reason() {
    let server = server().await;
    install_translator(&server, |text| text).await;
    for (text, status, expected) in [
        ("wrong-count", 502, "answer"),
        ("markup", 502, "answer"),
        ("garbage", 502, "answer"),
        ("huge", 502, "answer"),
        ("unreachable", 503, "unreachable"),
        ("panic", 502, "failed"),
    ] {
        let answer = server.post(TRANSLATIONS, wanted(&[text, "A door"])).await.expect_status(status);
        assert_eq!(reason(&answer), expected, "{text}: {}", answer.message());
    }
    let refused = server.post(TRANSLATIONS, wanted(&["no-such-language"])).await.expect_status(400);
    assert!(refused.message().contains("There is no nl here."), "{}", refused.message());
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_beyond_the_rate_of_the_route_are_refused() {
    let server = server().await;
    let rate = "provides = \"translation\"\nrate = { per = \"route\", limit = 1, every = \"1h\" }";
    install_translator(&server, |text| text.replace("provides = \"translation\"", rate)).await;
    server.post(TRANSLATIONS, wanted(&["A gate"])).await.expect_status(200);
    let refused = server.post(TRANSLATIONS, wanted(&["A gate"])).await.expect_status(429);
    assert_eq!(reason(&refused), "tooMany");
}
