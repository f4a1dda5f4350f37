//! Lists of the admin: narrowed by how drafts stand and by their reviews, as files, and where entries are used.

use crate::editorial::{ARTICLE, server, sign_in};
use cairn_testkit::{SchemaBuilder, TestProject, TestResponse, TestServer};
use serde_json::{Value as Json, json};
use std::time::Duration;

const LIST: &str = "/admin/api/content/api::article.article";

fn titles(list: &TestResponse) -> Vec<String> {
    let entries = list.body["data"].as_array().unwrap();
    entries.iter().map(|e| e["title"].as_str().unwrap().to_owned()).collect()
}

async fn article(server: &TestServer, title: &str) -> String {
    server.create_entry("/api/articles?status=draft", json!({ "title": title })).await.document_id()
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_filtered_by_publication_state() {
    let server = server(&["editor"]).await;
    let editor = sign_in(&server, "editor").await;
    article(&server, "new").await;
    for title in ["old", "same"] {
        let id = article(&server, title).await;
        editor.post(&format!("{LIST}/{id}/actions/publish"), json!({})).await.expect_status(200);
        if title == "old" {
            server.advance_clock(Duration::from_secs(60));
            editor.put(&format!("{LIST}/{id}"), json!({ "data": { "title": "newer" } })).await.expect_status(200);
        }
    }
    for (standing, expected) in [("draft", ["new"]), ("modified", ["newer"]), ("published", ["same"])] {
        let list = editor.get(&format!("{LIST}?standing={standing}")).await.expect_status(200);
        assert_eq!(titles(&list), expected, "{standing}");
        assert_eq!(list.body["meta"]["pagination"]["total"], 1);
    }
    let both = editor.get(&format!("{LIST}?standing=published&filters[title][$eq]=new")).await.expect_status(200);
    assert_eq!(titles(&both), [""; 0]);
    let empty = editor.get(&format!("{LIST}?standing=&sort=title")).await.expect_status(200);
    assert_eq!(titles(&empty), ["new", "newer", "same"]);
    assert_eq!(empty.body["meta"].get("reviews"), None);
    editor
        .get(&format!("{LIST}?standing=gone"))
        .await
        .expect_error(400, "standing: expected draft, modified or published");
    editor
        .get(&format!("{LIST}?stage=draft"))
        .await
        .expect_error(400, "stage: the workflow of api::article.article has no stage \"draft\"");
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_filtered_by_review_stage_assignee_and_due_date() {
    let server = server(&["editor"]).await;
    server
        .apply_settings(json!({ "workflows": { "articles": { "contentTypes": [ARTICLE], "stages": [
            { "name": "draft" }, { "name": "review", "backTo": "draft" }, { "name": "done" },
        ] } } }))
        .await;
    let editor = sign_in(&server, "editor").await;
    let mut ids = Vec::new();
    for title in ["never moved", "in review", "fell back", "done and changed"] {
        ids.push(article(&server, title).await);
    }
    let review = |id: &str| format!("/admin/api/review/{ARTICLE}/{id}");
    for id in &ids[1..] {
        editor.post(&format!("{}/move", review(id)), json!({ "to": "review" })).await.expect_status(200);
    }
    editor.post(&format!("{}/move", review(&ids[3])), json!({ "to": "done" })).await.expect_status(200);
    for id in &ids[2..] {
        editor.put(&format!("{LIST}/{id}"), json!({ "data": { "body": "changed" } })).await.expect_status(200);
    }
    for (stage, expected) in
        [("draft", &["never moved", "fell back"][..]), ("review", &["in review"]), ("done", &["done and changed"])]
    {
        let list = editor.get(&format!("{LIST}?stage={stage}")).await.expect_status(200);
        assert_eq!(titles(&list), expected, "{stage}");
        // The review of each entry reports the same stage.
        for entry in list.body["data"].as_array().unwrap() {
            let id = entry["documentId"].as_str().unwrap();
            assert_eq!(list.body["meta"]["reviews"][id]["stage"], stage);
            assert_eq!(editor.get(&review(id)).await.expect_status(200).body["data"]["stage"], stage);
        }
    }

    let me = editor.get("/admin/api/me").await.expect_status(200).body["data"]["id"].clone();
    editor.put(&format!("{}/assignees", review(&ids[1])), json!({ "users": [me] })).await.expect_status(200);
    let due = json!({ "due": { "localTime": "2026-01-04T12:00", "zone": "Europe/Amsterdam" } });
    editor.put(&format!("{}/due", review(&ids[1])), due).await.expect_status(200);
    let list = |query: String| {
        let editor = &editor;
        async move { titles(&editor.get(&format!("{LIST}?{query}")).await.expect_status(200)) }
    };
    assert_eq!(list("assignee=me".to_owned()).await, ["in review"]);
    assert_eq!(list(format!("assignee={me}&stage=review")).await, ["in review"]);
    assert_eq!(list("assignee=none".to_owned()).await, ["never moved", "fell back", "done and changed"]);
    assert_eq!(list("assignee=99999".to_owned()).await, [""; 0]);
    let answer = editor.get(LIST).await.expect_status(200);
    let review_state = &answer.body["meta"]["reviews"][&ids[1]];
    assert_eq!(
        (&review_state["assignees"], &review_state["due"], &review_state["returned"]),
        (&json!([me]), &json!("2026-01-04T11:00:00.000Z"), &json!(false))
    );
    assert_eq!(answer.body["meta"]["reviews"][&ids[2]]["returned"], true);
    for (days, overdue, week) in [(0, 0, 1), (4, 1, 0)] {
        server.advance_clock(Duration::from_secs(days * 86_400));
        let editor = sign_in(&server, "editor").await;
        for (due, expected) in [("overdue", overdue), ("week", week)] {
            let test_answer = editor.get(&format!("{LIST}?due={due}")).await.expect_status(200);
            assert_eq!(titles(&test_answer).len(), expected, "{due} after {days} days");
        }
    }
    let editor = sign_in(&server, "editor").await;
    for (parameter, why) in [
        ("stage=gone", "stage: the workflow of api::article.article has no stage \"gone\""),
        ("stage=%27%3B--", "stage: the workflow of api::article.article has no stage \"';--\""),
        ("assignee=x", "assignee must be the id of an admin user, me or none"),
        ("due=never", "due must be overdue or week"),
    ] {
        editor.get(&format!("{LIST}?{parameter}")).await.expect_error(400, why);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_exported_as_csv_json_and_ndjson() {
    let project = TestProject::new()
        .with_type(SchemaBuilder::collection("tag", json!({ "name": { "type": "string" } })))
        .with_type(
            SchemaBuilder::collection(
                "item",
                json!({
                    "title": { "type": "string" }, "price": { "type": "decimal" }, "facts": { "type": "json" },
                    "word": { "type": "password" },
                    "tags": { "type": "relation", "relation": "manyToMany", "target": "api::tag.tag" },
                }),
            )
            .with_drafts(),
        );
    let server = TestServer::start_with(project).await;
    let items = "/admin/api/content/api::item.item";
    let export = |query: &str| format!("{items}/export?{query}");
    let none = server.get(&export("format=csv")).await.expect_status(200);
    assert_eq!(none.text(), "\u{feff}id,documentId\r\n");
    assert_eq!(server.get(&export("format=json")).await.expect_status(200).body, json!([]));
    assert_eq!(server.get(&export("format=ndjson")).await.expect_status(200).text(), "");

    let (red, blue) = (
        server.create_entry("/api/tags", json!({ "name": "red" })).await.document_id(),
        server.create_entry("/api/tags", json!({ "name": "blue; \"sky\"" })).await.document_id(),
    );
    let first = json!({
        "title": "=HYPERLINK(\"http://x\")", "price": "123456789012345678.9012345", "facts": { "a": [1, "b"] },
        "word": "secret", "tags": [red, blue],
    });
    server.post(items, json!({ "data": first })).await.expect_status(201);
    for n in 1..250 {
        server.post(items, json!({ "data": { "title": format!("item {:03}", 250 - n) } })).await.expect_status(201);
    }
    let csv = server.get(&export("format=csv&populate[tags][fields][0]=name")).await.expect_status(200);
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    assert!(csv.header("content-disposition").starts_with("attachment; filename=\"items-"), "{csv:?}");
    let text = csv.text();
    let mut lines = text.trim_start_matches('\u{feff}').split("\r\n");
    assert_eq!(lines.next().unwrap(), "id,documentId,title,price,facts,createdAt,updatedAt,publishedAt,tags");
    let line = lines.next().unwrap();
    assert!(
        line.contains(",\"'=HYPERLINK(\"\"http://x\"\")\",123456789012345678.9012345,\"{\"\"a\"\":[1,\"\"b\"\"]}\","),
        "{line}"
    );
    assert!(line.ends_with(",\"red; blue; \"\"sky\"\"\""), "{line}");
    assert_eq!(lines.count(), 250, "249 lines, and what is after the last");

    let all = server.get(&export("format=json&pagination[page]=2&pagination[pageSize]=3")).await.expect_status(200);
    let ids: std::collections::BTreeSet<i64> =
        all.body.as_array().unwrap().iter().map(|e| e["id"].as_i64().unwrap()).collect();
    assert_eq!(ids.len(), 250);
    let sorted =
        server.get(&export("format=ndjson&sort=title&filters[title][$startsWith]=item")).await.expect_status(200);
    let titles: Vec<String> = sorted
        .text()
        .lines()
        .map(|line| serde_json::from_str::<Json>(line).unwrap()["title"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(titles.len(), 249);
    assert!(titles.is_sorted(), "{titles:?}");
    let few = server.get(&export("format=ndjson&fields[0]=title&filters[title]=item 007")).await.expect_status(200);
    assert_eq!(few.text().lines().count(), 1);

    server.get(&export("")).await.expect_error(400, "format: expected csv, json or ndjson");
    server.get(&export("format=xls")).await.expect_error(400, "format: expected csv, json or ndjson");
    server.get(&export("format=csv&filters[gone]=1")).await.expect_status(400);
    server.get(&export("format=csv&standing=gone")).await.expect_status(400);
    server.public_client().get(&export("format=csv")).await.expect_status(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_of_a_list_are_counted_and_added_up_by_group() {
    let project = TestProject::new()
        .with_type(SchemaBuilder::collection("stage", json!({ "name": { "type": "string" } })))
        .with_type(
            SchemaBuilder::collection(
                "sale",
                json!({
                    "title": { "type": "string" }, "amount": { "type": "decimal" }, "won": { "type": "date" },
                    "stage": { "type": "relation", "relation": "manyToOne", "target": "api::stage.stage" },
                }),
            )
            .with_drafts(),
        );
    let server = TestServer::start_with(project).await;
    let stage = server.create_entry("/api/stages", json!({ "name": "New" })).await.document_id();
    let sales = "/admin/api/content/api::sale.sale";
    for (title, amount, won) in [
        ("a", "0.10", json!("2026-01-31")),
        ("b", "0.20", json!("2026-02-01")),
        ("c", "12345678901234567890.5", json!("2026-02-28")),
    ] {
        let data = json!({ "title": title, "amount": amount, "won": won, "stage": stage });
        server.post(sales, json!({ "data": data })).await.expect_status(201);
    }
    server.post(sales, json!({ "data": { "title": "d" } })).await.expect_status(201);
    let aggregate = async |query: &str| {
        let answer = server.get(&format!("{sales}/aggregates?{query}")).await.expect_status(200);
        answer.text().trim_start_matches("{\"data\":").trim_end_matches('}').to_owned()
    };
    let by_stage = "groupBy[0]=stage.documentId&measures[0]=count&measures[1]=sum.amount";
    assert_eq!(
        aggregate(by_stage).await,
        format!(
            r#"[{{"group":{{"stage.documentId":null}},"count":1,"sum":{{"amount":null}}}},{{"group":{{"stage.documentId":"{stage}"}},"count":3,"sum":{{"amount":12345678901234567890.8}}}}]"#
        )
        .trim_end_matches('}'),
        "drafts, with every digit"
    );
    assert_eq!(
        aggregate("groupBy=won@month&measures=count&filters[won][$notNull]=true&order=count:desc&pagination[page]=9")
            .await,
        r#"[{"group":{"won@month":"2026-02-01"},"count":2},{"group":{"won@month":"2026-01-01"},"count":1}]"#
    );
    assert_eq!(
        aggregate("measures=median.amount&order=median.amount:desc").await,
        r#"[{"group":{},"median":{"amount":0.2}}]"#,
        "nulls are left out"
    );
    assert_eq!(aggregate("measures=count&standing=published").await, r#"[{"group":{},"count":0}]"#);
    assert_eq!(aggregate("measures=count&_q=c").await, r#"[{"group":{},"count":1}]"#);
    let get = async |query: &str| server.get(&format!("{sales}/aggregates?{query}")).await;
    get("groupBy=title").await.expect_error(400, "measures: at least one measure is required, such as count");
    get("measures=sum.title").await.expect_status(400);
    get("measures=median.won").await.expect_status(400);
    get("measures=sum.gone").await.expect_error(400, "Invalid key gone");
    get("measures=count&groupBy=stage").await.expect_status(400);
    get("measures=count&limit=1001").await.expect_error(400, "limit: must be between 1 and 1000 groups, not 1001");
    get("measures=count&filters[gone]=1").await.expect_status(400);
    get("measures=count&standing=gone").await.expect_status(400);
    get(&"measures=count&".repeat(11)).await.expect_status(400);
    server.public_client().get(&format!("{sales}/aggregates?measures=count")).await.expect_status(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_have_the_version_that_a_change_is_made_from() {
    let server = server(&["editor"]).await;
    let editor = sign_in(&server, "editor").await;
    let id = article(&server, "One").await;
    let path = format!("{LIST}/{id}");
    let listed_version =
        async || editor.get(LIST).await.expect_status(200).body["meta"]["states"][&id]["version"].clone();
    let seen = listed_version().await;
    let save = async |title: &str, version: &Json| {
        let request = editor.request("PUT", &path).header("if-match", &format!("\"{version}\""));
        editor.send(request.json(&json!({ "data": { "title": title } }))).await
    };
    save("Two", &seen).await.expect_status(200);
    save("Three", &seen).await.expect_status(409);
    editor.post(&format!("{path}/actions/publish"), json!({})).await.expect_status(200);
    server.advance_clock(Duration::from_secs(60));
    save("Four", &listed_version().await).await.expect_status(200);
    let modified = editor.get(LIST).await.expect_status(200);
    assert_eq!(modified.body["meta"]["states"][&id]["status"], "modified");
    save("Five", &listed_version().await).await.expect_status(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn exports_and_usages_omit_rows_a_role_may_not_read() {
    let server = TestServer::start().await;
    let own_rows = json!({ "title": { "$startsWith": "Mine" } });
    let password = "a password of some length";
    server
        .apply_settings(json!({
            "adminRoles": { "own": { "permissions": { ARTICLE: {
                "find": { "where": own_rows, "fields": ["title"] }, "findOne": { "where": own_rows, "fields": ["title"] } } } } },
            "adminUsers": [{ "email": "own@example.com", "password": password, "roles": ["own"] }],
        }))
        .await;
    let hidden = article(&server, "Theirs").await;
    article(&server, "Mine").await;
    let own = server.sign_in_admin("own@example.com", password).await;
    let lines = own.get(&format!("{LIST}/export?format=ndjson")).await.expect_status(200).text();
    assert!(lines.contains("Mine") && !lines.contains("Theirs") && !lines.contains("views"), "{lines}");
    let counted = own.get(&format!("{LIST}/aggregates?groupBy=title&measures=count")).await.expect_status(200);
    assert_eq!(counted.body["data"], json!([{ "group": { "title": "Mine" }, "count": 1 }]));
    own.get(&format!("{LIST}/aggregates?measures=sum.views")).await.expect_error(400, "Invalid key views");
    own.get(&format!("{LIST}/aggregates?groupBy=body&measures=count")).await.expect_error(400, "Invalid key body");
    own.get("/admin/api/content/api::author.author/aggregates?measures=count").await.expect_status(403);
    own.get(&format!("{LIST}/{hidden}/usages")).await.expect_status(404);
    own.get("/admin/api/content/api::author.author/export?format=csv").await.expect_status(403);
}

#[tokio::test(flavor = "multi_thread")]
async fn usages_list_every_entry_that_links_to_a_document() {
    let project = TestProject::new()
        .with_component(
            "shared.link",
            json!({ "to": { "type": "relation", "relation": "oneToOne", "target": "api::tag.tag" } }),
        )
        .with_type(SchemaBuilder::collection("tag", json!({ "name": { "type": "string" } })))
        .with_type(SchemaBuilder::single("start", json!({ "name": { "type": "string" } })))
        .with_type(
            SchemaBuilder::collection(
                "note",
                json!({
                    "title": { "type": "string" },
                    "tags": { "type": "relation", "relation": "manyToMany", "target": "api::tag.tag" },
                    "links": { "type": "component", "component": "shared.link", "repeatable": true },
                }),
            )
            .with_drafts()
            .with_locales(),
        );
    let server = TestServer::start_with(project).await;
    let tag = server.create_entry("/api/tags", json!({ "name": "red" })).await.document_id();
    let other = server.create_entry("/api/tags", json!({ "name": "blue" })).await.document_id();
    let note = "/admin/api/content/api::note.note";
    let data = json!({ "title": "One", "tags": [tag], "links": [{ "to": null }, { "to": tag }] });
    let answer = server.post(note, json!({ "data": data })).await.expect_status(201);
    let id = answer.body["data"]["documentId"].as_str().unwrap();
    server.post(&format!("{note}/{id}/actions/publish"), json!({})).await.expect_status(200);
    server
        .put(&format!("{note}/{id}?locale=nl"), json!({ "data": { "title": "Een", "tags": [tag] } }))
        .await
        .expect_status(200);
    let usages = |tag: String| {
        let server = &server;
        async move { server.get(&format!("/admin/api/content/api::tag.tag/{tag}/usages")).await.expect_status(200).body }
    };
    let found = usages(tag).await;
    assert_eq!(found["meta"], json!({ "complete": true }));
    let text = |value: &Json, key: &str| value[key].as_str().unwrap_or("-").to_owned();
    let mut all: Vec<String> = found["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|u| format!("{} {} {} {}", text(u, "locale"), text(u, "status"), text(u, "path"), text(u, "title")))
        .collect();
    all.sort();
    assert_eq!(
        all,
        [
            "en draft links.1.to One",
            "en draft tags One",
            "en published links.1.to One",
            "en published tags One",
            "nl draft tags Een",
        ]
    );
    assert_eq!(
        (&found["data"][0]["contentType"], &found["data"][0]["documentId"]),
        (&json!("api::note.note"), &json!(id))
    );
    assert_eq!(usages(other).await["data"], json!([]));
    server.get("/admin/api/content/api::tag.tag/gone/usages").await.expect_status(404);
    server.get("/admin/api/content/api::gone.gone/x/usages").await.expect_status(404);
    // The one entry of a single type has usages like any other.
    let start = server.put("/api/start", json!({ "data": { "name": "Hello" } })).await.document_id();
    let used = server.get(&format!("/admin/api/content/api::start.start/{start}/usages")).await.expect_status(200);
    assert_eq!(used.body["data"], json!([]));
}
