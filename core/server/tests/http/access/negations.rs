//! Negations: of requests as Strapi reads them, of conditions and of the admin's lists as complements.

use cairn_testkit::{SchemaBuilder, TestClient, TestProject, TestServer};
use serde_json::{Value as Json, json};

const NOTE: &str = "api::note.note";

/// Notes with tags, of which the role `reader` may find those that match a condition.
async fn start_notes(project: TestProject, condition: &Json) -> (TestServer, TestClient) {
    let relation = |kind: &str, target: &str, word: &str, across: &str| json!({ "type": "relation", "relation": kind, "target": format!("api::{target}.{target}"), word: across });
    let rules = json!({ "where": condition });
    let project = project
        .with_type(SchemaBuilder::collection(
            "note",
            json!({
                "title": { "type": "string" }, "kind": { "type": "string" },
                "tags": relation("manyToMany", "tag", "inversedBy", "notes"),
            }),
        ))
        .with_type(SchemaBuilder::collection(
            "tag",
            json!({ "name": { "type": "string" }, "notes": relation("manyToMany", "note", "mappedBy", "tags") }),
        ))
        .with_role("reader", false, json!({ NOTE: { "find": rules, "findOne": rules, "update": rules } }));
    let server = TestServer::start_with(project).await;
    let red = server.create_entry("/api/tags", json!({ "name": "red" })).await.document_id();
    let blue = server.create_entry("/api/tags", json!({ "name": "blue" })).await.document_id();
    for (title, kind, tags) in [
        ("none", json!(null), json!([])),
        ("red", json!("a"), json!([red])),
        ("both", json!("b"), json!([red, blue])),
        ("blue", json!("a"), json!([blue])),
    ] {
        server.create_entry("/api/notes", json!({ "title": title, "kind": kind, "tags": tags })).await;
    }
    let reader = server.create_user("ann", "reader", json!({})).await;
    (server, reader)
}

#[tokio::test(flavor = "multi_thread")]
async fn negated_conditions_match_exactly_what_they_do_not_negate() {
    for (condition, query, permitted, requested) in [
        (
            json!({ "$not": { "tags": { "name": { "$eq": "red" } } } }),
            "filters[$not][tags][name][$eq]=red",
            &["none", "blue"][..],
            &["both", "blue"][..],
        ),
        (json!({ "kind": { "$ne": "a" } }), "filters[kind][$ne]=a", &["none", "both"], &["both"]),
        (json!({ "kind": { "$notIn": ["a", "c"] } }), "filters[kind][$notIn][]=a", &["none", "both"], &["both"]),
        (json!({ "kind": { "$notContains": "a" } }), "filters[kind][$notContains]=a", &["none", "both"], &["both"]),
    ] {
        for project in TestProject::on_every_database() {
            let (server, reader) = start_notes(project, &condition).await;
            let list = reader.get("/api/notes?sort=id").await;
            assert_eq!((list.text_column("title"), list.pagination_total()), (owned(permitted), 2), "{condition}");
            let all = server.get("/api/notes?sort=id").await;
            for note in all.data().as_array().unwrap() {
                let (id, title) = (note["documentId"].as_str().unwrap(), note["title"].as_str().unwrap());
                let status = if permitted.contains(&title) { 200 } else { 404 };
                reader.get(&format!("/api/notes/{id}")).await.expect_status(status);
                reader.put(&format!("/api/notes/{id}"), json!({ "data": {} })).await.expect_status(status);
            }
            let list = server.get(&format!("/api/notes?sort=id&{query}")).await;
            assert_eq!(list.text_column("title"), requested, "{query}");
            let admin = server.super_admin().await;
            let list = admin.get(&format!("/admin/api/content/{NOTE}?sort=id&{query}")).await.expect_status(200);
            assert_eq!(list.text_column("title"), permitted, "{query} in the admin");
            server.stop().await;
        }
    }
}

fn owned(titles: &[&str]) -> Vec<String> {
    titles.iter().map(|&title| title.to_owned()).collect()
}

/// Conditions that an earlier version stored are listed once, by name.
#[tokio::test(flavor = "multi_thread")]
async fn conditions_whose_meaning_changed_are_reported_once() {
    for project in TestProject::on_every_database() {
        let (server, _) = start_notes(project, &json!({ "$not": { "tags": { "name": "red" } } })).await;
        let admin = server.super_admin().await;
        let view = |name: &str, operator: &str| {
            let filters = json!({ "and": [{ "field": "kind", "operator": operator, "value": "a" }] });
            let definition =
                json!({ "kind": "table", "type": NOTE, "columns": [{ "field": "title" }], "filters": filters });
            json!({ "name": name, "type": NOTE, "shared": true, "definition": definition })
        };
        for (name, operator) in [("Not a", "$ne"), ("Only a", "$eq")] {
            admin.post("/admin/api/views", view(name, operator)).await.expect_status(201);
        }
        // A new database has nothing to report.
        assert_eq!(reports(&server).await, [] as [Json; 0]);
        let forget = |tx: &mut cairn_store::WriteTx<'_>| tx.settings().delete("cairn.negations.reported");
        server.app.content.store().write(forget).await.unwrap();
        let server = server.restart_server().await;
        let found = reports(&server).await;
        let [report] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!(
            report["details"]["roles"],
            json!(["reader: api::note.note find", "reader: api::note.note findOne", "reader: api::note.note update"])
        );
        assert_eq!(report["details"]["views"], json!(["Not a (1)"]));
        assert_eq!(report["details"]["adminRoles"], json!([]));
        let server = server.restart_server().await;
        assert_eq!(reports(&server).await.len(), 1);
        server.stop().await;
    }
}

async fn reports(server: &TestServer) -> Vec<Json> {
    server.run_until_idle().await;
    let list = server.get("/admin/api/audit?action=settings.negations-changed").await.expect_status(200);
    list.data().as_array().unwrap().clone()
}
