//! Mutations, signing in, and who is signed in.

use super::{ask, data, project};
use cairn_testkit::TestServer;
use serde_json::{Value as Json, json};

#[tokio::test(flavor = "multi_thread")]
async fn entries_are_created_changed_and_deleted() {
    let server = TestServer::start_with(project()).await;
    let author = server.create_entry("/api/authors", json!({"name": "Ann"})).await.document_id();
    let query = "mutation($data: ArticleInput!) { createArticle(data: $data, status: DRAFT) { documentId title state views author { name } seo { id metaTitle } sections { __typename } publishedAt } }";
    let values = json!({
        "title": "T", "state": "in_progress", "views": "9007199254740993", "author": author, "seo": {"metaTitle": "m"},
        "sections": [{"__component": "shared.quote", "text": "q"}],
    });
    let answer =
        server.post("/graphql", json!({"query": query, "variables": {"data": values}})).await.expect_status(200);
    let created = &answer.body["data"]["createArticle"];
    assert_eq!(created["publishedAt"], Json::Null, "{:#}", answer.body);
    assert_eq!(
        (&created["state"], &created["views"], &created["author"]["name"]),
        (&json!("in_progress"), &json!("9007199254740993"), &json!("Ann"))
    );
    assert_eq!(
        (&created["seo"]["metaTitle"], &created["sections"][0]["__typename"]),
        (&json!("m"), &json!("ComponentSharedQuote"))
    );
    let (id, seo) = (created["documentId"].as_str().unwrap(), created["seo"]["id"].as_str().unwrap());
    let update = format!(
        "mutation {{ updateArticle(documentId: \"{id}\", data: {{seo: {{id: \"{seo}\", metaTitle: \"n\"}}, author: null}}) {{ title author {{ name }} seo {{ id metaTitle }} publishedAt }} }}"
    );
    let updated = data(&server, &update).await;
    // What is published has components of its own; that of the draft is the one that was sent.
    assert_eq!(updated["updateArticle"]["seo"]["metaTitle"], "n");
    let draft = format!("{{ article(documentId: \"{id}\", status: DRAFT) {{ seo {{ id metaTitle }} }} }}");
    assert_eq!(data(&server, &draft).await["article"]["seo"], json!({"id": seo, "metaTitle": "n"}));
    assert!(
        updated["updateArticle"]["author"].is_null() && updated["updateArticle"]["publishedAt"].is_string(),
        "{updated:#}"
    );
    let dutch = format!(
        "mutation {{ updateArticle(documentId: \"{id}\", locale: \"nl\", data: {{title: \"Een\"}}) {{ locale title }} }}"
    );
    assert_eq!(data(&server, &dutch).await["updateArticle"], json!({"locale": "nl", "title": "Een"}));
    let deleted =
        data(&server, &format!("mutation {{ deleteArticle(documentId: \"{id}\", locale: \"*\") {{ documentId }} }}"))
            .await;
    assert_eq!(deleted["deleteArticle"]["documentId"], id);
    assert_eq!(server.get(&format!("/api/articles/{id}")).await.status, 404);
    assert_eq!(
        data(&server, "mutation { updateHomepage(data: {hero: \"Hi\"}) { hero } }").await,
        json!({"updateHomepage": {"hero": "Hi"}})
    );
    // In turn: what fails does not undo what came before it.
    let answer = ask(&server, "mutation { a: createTag(data: {label: \"x\"}) { label } b: updateTag(documentId: \"none\", data: {label: \"y\"}) { label } c: createTag(data: {label: \"z\"}) { label } }").await.expect_status(200);
    assert_eq!(
        (&answer.body["data"]["a"]["label"], &answer.body["data"]["b"]),
        (&json!("x"), &Json::Null),
        "{:#}",
        answer.body
    );
    assert_eq!(answer.body["errors"][0]["extensions"]["code"], "STRAPI_NOT_FOUND_ERROR");
    assert_eq!(server.get("/api/tags?sort=label").await.text_column("label"), ["x", "z"]);
    // What REST refuses, in its words.
    let refused = ask(&server, "mutation { createArticle(data: {title: null}) { title } }").await.expect_status(200);
    let rest = server.post("/api/articles", json!({"data": {"title": null}})).await;
    assert_eq!(refused.body["errors"][0]["message"], rest.message());
    assert_eq!(&refused.body["errors"][0]["extensions"]["error"]["details"], rest.details());
}

#[tokio::test(flavor = "multi_thread")]
async fn people_sign_in_and_see_who_they_are() {
    let rights = json!({"plugin::users-permissions.auth": ["callback"], "plugin::users-permissions.user": ["me"]});
    let project = project().with_role("public", false, rights.clone()).with_role("authenticated", false, rights);
    let server = TestServer::start_with(project).await;
    server.add_user("ann", "authenticated", json!({"confirmed": true})).await;
    let public = server.public_client();
    let login = |password: &str| {
        format!(
            "mutation {{ login(input: {{identifier: \"ann\", password: \"{password}\"}}) {{ jwt user {{ id documentId username email confirmed blocked }} }} }}"
        )
    };
    let signed_in = data(&public, &login("Passw0rd!")).await["login"].clone();
    assert_eq!((&signed_in["user"]["username"], &signed_in["user"]["confirmed"]), (&json!("ann"), &json!(true)));
    let ann = public.with_token(signed_in["jwt"].as_str().unwrap());
    assert_eq!(
        data(&ann, "{ me { username email } }").await,
        json!({"me": {"username": "ann", "email": "ann@example.com"}})
    );
    let wrong = ask(&public, &login("wrong")).await.expect_status(200);
    let rest = public.post("/api/auth/local", json!({"identifier": "ann", "password": "wrong"})).await;
    assert_eq!(wrong.body["errors"][0]["message"], rest.message());
    let nobody = ask(&public, "{ me { username } }").await.expect_status(200);
    assert_eq!(nobody.body["errors"][0]["extensions"]["code"], "FORBIDDEN", "{:#}", nobody.body);
    let other =
        ask(&public, "mutation { login(input: {identifier: \"ann\", password: \"x\", provider: \"github\"}) { jwt } }")
            .await;
    assert!(other.body["errors"][0]["message"].as_str().unwrap().contains("provider"), "{:#}", other.body);
    // Of many in one request, the first that fails is the last.
    let many: String = (0..30)
        .map(|n| format!("a{n}: login(input: {{identifier: \"ann\", password: \"wrong{n}\"}}) {{ jwt }} "))
        .collect();
    let ended = ask(&public, &format!("mutation {{ {many} }}")).await.expect_status(200);
    assert_eq!(
        (&ended.body["data"], ended.body["errors"].as_array().unwrap().len()),
        (&Json::Null, 1),
        "{:#}",
        ended.body
    );
}
