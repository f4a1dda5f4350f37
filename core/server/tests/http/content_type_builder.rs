//! `/api/content-type-builder` and `/api/connect`: what generators of types and pages read, and sign-in through other services.

use cairn_testkit::{SchemaBuilder, TestProject, TestServer};
use serde_json::{Value as Json, json};

const TOKEN: &str = "token-of-a-generator-0123456789";

fn project() -> TestProject {
    let attributes = json!({
        "title": {"type": "string", "required": true, "pluginOptions": {"i18n": {"localized": true}}},
        "cover": {"type": "media", "allowedTypes": ["images"]},
        "author": {"type": "relation", "relation": "manyToOne", "target": "api::author.author", "inversedBy": "articles"},
        "seo": {"type": "component", "component": "shared.seo"},
        "internal": {"type": "text", "private": true},
    });
    let articles =
        json!({"type": "relation", "relation": "oneToMany", "target": "api::article.article", "mappedBy": "author"});
    let permissions = json!({
        "plugin::content-type-builder.content-types": ["getContentTypes", "getContentType"],
        "plugin::content-type-builder.components": ["getComponents", "getComponent"],
    });
    TestProject::new()
        .with_type(SchemaBuilder::collection("article", attributes).with_drafts().with_locales())
        .with_type(SchemaBuilder::collection("author", json!({"name": {"type": "string"}, "articles": articles})))
        .with_type(SchemaBuilder::single("home", json!({"hero": {"type": "string"}})))
        .with_component("shared.seo", json!({"metaTitle": {"type": "string"}}))
        .with_token(json!({"name": "generator", "type": "custom", "token": TOKEN, "permissions": permissions}))
        .with_token(json!({"name": "reader", "type": "read-only", "token": "token-of-a-reader-0123456789"}))
}

fn uids(list: &Json) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|item| item["uid"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn content_types_have_the_shape_of_strapi() {
    let server = TestServer::start_with(project()).await;
    let generator = server.with_token(TOKEN);
    let list = generator.get("/api/content-type-builder/content-types").await.expect_status(200);
    let types = uids(list.data());
    for uid in ["api::article.article", "api::home.home", "plugin::users-permissions.user", "plugin::upload.file"] {
        assert!(types.contains(&uid), "{types:?}");
    }
    let single = generator.get("/api/content-type-builder/content-types?kind=singleType").await.expect_status(200);
    assert_eq!(uids(single.data()), ["api::home.home"]);
    let wrong = generator.get("/api/content-type-builder/content-types?kind=page").await.expect_status(400);
    assert_eq!(wrong.details()["errors"][0]["path"], json!(["kind"]));
    let path = "/api/content-type-builder/content-types/api::article.article";
    let article = generator.get(path).await.expect_status(200);
    let mut article = article.data().clone();
    let attributes = article["schema"]["attributes"].take();
    assert_eq!(
        (&article["uid"], &article["apiID"], article.get("plugin")),
        (&json!("api::article.article"), &json!("article"), None)
    );
    let schema = &article["schema"];
    for (key, value) in [
        ("kind", json!("collectionType")),
        ("singularName", json!("article")),
        ("draftAndPublish", json!(true)),
        ("description", json!("")),
        ("visible", json!(true)),
        ("restrictRelationsTo", Json::Null),
    ] {
        assert_eq!(schema[key], value, "{key}");
    }
    assert_eq!(schema["pluginOptions"]["i18n"]["localized"], true);
    // Localized one by one, as the project's file says it.
    let localized = json!({"i18n": {"localized": true}});
    assert_eq!(
        attributes,
        json!({
            "title": {"type": "string", "required": true, "pluginOptions": localized},
            "cover": {
                "type": "media", "multiple": false, "required": false, "private": false, "allowedTypes": ["images"],
                "pluginOptions": localized
            },
            "author": {
                "type": "relation", "relation": "manyToOne", "target": "api::author.author", "inversedBy": "articles",
                "targetAttribute": "articles", "private": false, "pluginOptions": localized
            },
            "seo": {"type": "component", "component": "shared.seo", "pluginOptions": localized},
            "internal": {"type": "text", "private": true, "pluginOptions": localized},
        })
    );
    let user = generator.get("/api/content-type-builder/content-types/plugin::users-permissions.user").await;
    let user = user.expect_status(200);
    assert_eq!((&user.data()["plugin"], &user.data()["apiID"]), (&json!("users-permissions"), &json!("user")));
    let missing = generator.get("/api/content-type-builder/content-types/api::no.no").await;
    missing.expect_error(404, "contentType.notFound");
}

#[tokio::test(flavor = "multi_thread")]
async fn components_have_the_shape_of_strapi() {
    let server = TestServer::start_with(project()).await;
    let generator = server.with_token(TOKEN);
    let list = generator.get("/api/content-type-builder/components").await.expect_status(200);
    assert_eq!(uids(list.data()), ["shared.seo"]);
    let one = generator.get("/api/content-type-builder/components/shared.seo").await.expect_status(200);
    assert_eq!(one.data(), &list.data()[0]);
    assert_eq!((&one.data()["category"], &one.data()["apiId"]), (&json!("shared"), &json!("seo")));
    assert_eq!(one.data()["schema"]["attributes"], json!({"metaTitle": {"type": "string"}}));
    generator.get("/api/content-type-builder/components/no.no").await.expect_error(404, "component.notFound");
}

#[tokio::test(flavor = "multi_thread")]
async fn content_types_are_for_full_access_and_permitted_tokens() {
    let server = TestServer::start_with(project()).await;
    server.get("/api/content-type-builder/content-types").await.expect_status(200);
    server.get("/api/content-type-builder/components").await.expect_status(200);
    for client in [&server.public_client(), &server.with_token("token-of-a-reader-0123456789")] {
        for path in ["content-types", "content-types/api::article.article", "components", "components/shared.seo"] {
            let path = format!("/api/content-type-builder/{path}");
            client.get(&path).await.expect_error(403, "Forbidden");
        }
    }
    // The token may read no content.
    server.with_token(TOKEN).get("/api/articles").await.expect_status(403);
}

#[tokio::test(flavor = "multi_thread")]
async fn other_sign_in_services_are_disabled() {
    let server = TestServer::start_with(project()).await;
    let refused = server.public_client().get("/api/connect/google").await;
    refused.expect_error(400, "This provider is disabled").assert_envelope();
}
