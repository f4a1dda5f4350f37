//! Lists in the order of a language: the option of a content type, the default of the project, and what the admin changes while the server runs.

use cairn_testkit::{SchemaBuilder, TestProject, TestServer};
use serde_json::{Value as Json, json};

const NOTE: &str = "api::note.note";
const APPLY: &str = "/admin/api/content-types/apply";

fn titles(list: &Json) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|entry| entry["title"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_are_sorted_in_the_language_of_their_locale() {
    let word = SchemaBuilder::collection("word", json!({ "title": { "type": "string", "index": true } }));
    let words = json!({ "type": "relation", "relation": "oneToMany", "target": "api::word.word" });
    for project in TestProject::on_every_database() {
        let project = project
            .with_file("cairn.toml", "[schema]\ncollation = \"locale\"\n")
            .with_settings("locales", json!({ "default": "nl", "available": ["nl", "sv"] }))
            .with_type(word.clone().with_drafts().with_locales())
            .with_type(SchemaBuilder::collection("shelf", json!({ "words": words })));
        let server = TestServer::start_with(project).await;
        let mut ids = Vec::new();
        for title in ["zebra", "Åland", "école", "aap", "Zwolle"] {
            let id = server.create_entry("/api/words?locale=nl", json!({ "title": title })).await.document_id();
            let swedish = json!({ "data": { "title": title } });
            server.put(&format!("/api/words/{id}?locale=sv"), swedish).await.expect_status(200);
            ids.push(id);
        }
        let in_dutch = ["aap", "Åland", "école", "zebra", "Zwolle"];
        let in_swedish = ["aap", "école", "zebra", "Zwolle", "Åland"];
        for (locale, expected) in [("nl", in_dutch), ("sv", in_swedish)] {
            for status in ["published", "draft"] {
                let at = format!("/api/words?locale={locale}&status={status}&sort=title");
                assert_eq!(titles(server.get(&at).await.expect_status(200).data()), expected, "{at}");
            }
            let at = format!("/admin/api/content/api::word.word?locale={locale}&sort=title:DESC");
            let reversed: Vec<&str> = expected.iter().rev().copied().collect();
            assert_eq!(titles(server.get(&at).await.expect_status(200).data()), reversed, "{at}");
            // Pages follow one another in that order.
            let at = format!("/api/words?locale={locale}&sort=title&pagination[start]=3&pagination[limit]=2");
            assert_eq!(titles(server.get(&at).await.expect_status(200).data()), expected[3..], "{at}");
        }
        // Related entries are sorted in the same way. Filters compare the texts themselves: capitals before small letters, and Å behind both.
        server.create_entry("/api/shelfs", json!({ "words": ids })).await;
        let shelves = server.get("/api/shelfs?populate[words][sort]=title").await.expect_status(200);
        assert_eq!(titles(&shelves.data()[0]["words"]), in_dutch);
        let behind = server.get("/api/words?filters[title][$gt]=Zz&sort=title").await.expect_status(200);
        assert_eq!(titles(behind.data()), ["aap", "Åland", "école", "zebra"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_order_is_changed_while_the_server_runs() {
    let note = SchemaBuilder::collection("note", json!({ "title": { "type": "string" } }));
    let server = TestServer::start_with(TestProject::new().with_type(note)).await;
    for title in ["item 10", "Item 2", "ëtage", "eiland"] {
        server.create_entry("/api/notes", json!({ "title": title })).await;
    }
    let change = |collation: Json| {
        json!({ "contentTypes": { NOTE: {
            "kind": "collectionType", "collectionName": "notes",
            "info": { "singularName": "note", "pluralName": "notes", "displayName": "note" },
            "options": { "draftAndPublish": false, "cairn": { "collation": collation } },
            "attributes": { "title": { "type": "string" } },
        } } })
    };
    for (collation, expected) in [
        (None, ["Item 2", "eiland", "item 10", "ëtage"]),
        (Some("nl"), ["eiland", "ëtage", "item 10", "Item 2"]),
        (Some("nl-u-kn"), ["eiland", "ëtage", "Item 2", "item 10"]),
        (Some("code-points"), ["Item 2", "eiland", "item 10", "ëtage"]),
    ] {
        if let Some(collation) = collation {
            server.post(APPLY, change(collation.into())).await.expect_status(200);
        }
        let list = server.get("/api/notes?sort=title").await.expect_status(200);
        assert_eq!(titles(list.data()), expected, "{collation:?}");
    }
    let refused = server.post(APPLY, change(json!("Dutch, please"))).await.expect_status(400);
    assert_eq!(refused.body["error"]["details"]["problems"][0]["path"], "options.cairn.collation");
}
