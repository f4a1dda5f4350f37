//! Ids of the published version's components, as a front end has them that shows what is published, in updates.

use cairn_testkit::{ADMIN_TOKEN, SchemaBuilder, TestProject, TestResponse, TestServer};
use serde_json::{Value as Json, json};

fn project(on: TestProject) -> TestProject {
    let component =
        |uid: &str, repeatable: bool| json!({"type": "component", "component": uid, "repeatable": repeatable});
    let attributes = json!({
        "title": {"type": "string"},
        "one": component("x.block", false),
        "list": component("x.block", true),
        "zone": {"type": "dynamiczone", "components": ["x.block", "x.text"]},
    });
    let mut page = attributes.clone();
    page["shared"] = component("x.block", true);
    page["shared"]["localized"] = json!(false);
    on.with_type(SchemaBuilder::collection("post", attributes).with_drafts())
        .with_type(SchemaBuilder::collection("page", page).with_drafts().with_locales())
        .with_type(SchemaBuilder::collection("tag", json!({"name": {"type": "string"}})))
        .with_component(
            "x.block",
            json!({
                "heading": {"type": "string"}, "size": {"type": "integer", "default": 1},
                "tags": {"type": "relation", "relation": "oneToMany", "target": "api::tag.tag"},
                "inner": component("x.inner", true), "deep": component("x.inner", false),
            }),
        )
        .with_component("x.inner", json!({"text": {"type": "string"}, "note": {"type": "string"}}))
        .with_component("x.text", json!({"text": {"type": "string"}}))
}

const QUERY: &str = "populate[one][populate]=*&populate[list][populate]=*&populate[zone][populate]=*";

async fn read_draft(server: &TestServer, path: &str) -> TestResponse {
    let joint = if path.contains('?') { '&' } else { '?' };
    server.get(&format!("{path}{joint}status=draft&{QUERY}")).await
}

/// A published post with two blocks in its list.
async fn create_post(server: &TestServer) -> (String, TestResponse) {
    let tag = server.create_entry("/api/tags", json!({"name": "t"})).await.document_id();
    let block = |heading: &str| json!({"heading": heading, "size": 2, "tags": [tag], "inner": [{"text": "i", "note": "n"}, {"text": "j"}], "deep": {"text": "d", "note": "n"}});
    let zone = json!([{"__component": "x.text", "text": "t"}, {"__component": "x.block", "heading": "z", "inner": [{"text": "i", "note": "n"}]}]);
    let data = json!({"one": block("o"), "list": [block("a"), block("b")], "zone": zone});
    let created = server.create_entry(&format!("/api/posts?{QUERY}"), data).await;
    (format!("/api/posts/{}", created.document_id()), created)
}

#[tokio::test(flavor = "multi_thread")]
async fn published_ids_update_the_components_of_the_draft() {
    for on in TestProject::on_every_database() {
        let server = TestServer::start_with(project(on)).await;
        let (path, shown) = create_post(&server).await;
        let draft = read_draft(&server, &path).await;
        let (shown, draft) = (shown.data(), draft.data());
        assert_ne!(shown["list"][1]["id"], draft["list"][1]["id"]);
        let change = json!({
            "one": {"id": shown["one"]["id"], "heading": "O", "deep": {"id": shown["one"]["deep"]["id"], "text": "D"}},
            "list": [
                {"id": shown["list"][1]["id"], "heading": "B", "inner": [{"id": shown["list"][1]["inner"][0]["id"], "text": "I"}]},
                {"heading": "new"},
                {"id": draft["list"][0]["id"], "inner": [{"id": shown["list"][0]["inner"][1]["id"]}]},
            ],
            "zone": [
                {"__component": "x.block", "id": shown["zone"][1]["id"], "size": 5, "inner": [{"id": shown["zone"][1]["inner"][0]["id"], "text": "Z"}]},
                {"__component": "x.text", "id": shown["zone"][0]["id"]},
            ],
        });
        server.update_entry(&path, change).await;
        let changed = read_draft(&server, &path).await;
        let now = changed.data();
        // The draft's own components were updated: they have their ids, and what was left out.
        let ids = |entry: &Json, list: &str, at: usize| entry[list][at]["id"].clone();
        assert_eq!(now["one"]["id"], draft["one"]["id"]);
        assert_eq!(now["one"]["deep"]["id"], draft["one"]["deep"]["id"]);
        assert_eq!((&now["one"]["heading"], &now["one"]["size"]), (&json!("O"), &json!(2)));
        assert_eq!((&now["one"]["deep"]["text"], &now["one"]["deep"]["note"]), (&json!("D"), &json!("n")));
        assert_eq!(now["one"]["tags"], draft["one"]["tags"]);
        assert_eq!((ids(now, "list", 0), ids(now, "list", 2)), (ids(draft, "list", 1), ids(draft, "list", 0)));
        assert_eq!((&now["list"][0]["heading"], &now["list"][0]["size"]), (&json!("B"), &json!(2)));
        let inner = &now["list"][0]["inner"];
        assert_eq!(
            (inner.as_array().unwrap().len(), &inner[0]["text"], &inner[0]["note"]),
            (1, &json!("I"), &json!("n"))
        );
        assert_eq!(inner[0]["id"], draft["list"][1]["inner"][0]["id"]);
        assert_eq!(now["list"][2]["inner"], json!([draft["list"][0]["inner"][1]]));
        assert_eq!((ids(now, "zone", 0), ids(now, "zone", 1)), (ids(draft, "zone", 1), ids(draft, "zone", 0)));
        assert_eq!((&now["zone"][0]["heading"], &now["zone"][0]["inner"][0]["text"]), (&json!("z"), &json!("Z")));
        assert_eq!(now["zone"][1]["text"], "t");
        // A further publication accepts the ids of the version that is published now, and not the former ones.
        let published = server.get(&format!("{path}?{QUERY}")).await;
        let again = json!({"list": [{"id": published.data()["list"][0]["id"], "size": 9}]});
        let answer = server.update_entry(&format!("{path}?{QUERY}"), again).await;
        assert_eq!((&answer.data()["list"][0]["heading"], &answer.data()["list"][0]["size"]), (&json!("B"), &json!(9)));
        let former = json!({"data": {"list": [{"id": shown["list"][0]["id"]}]}});
        server
            .put(&path, former)
            .await
            .expect_error(400, "Some of the provided components in list are not related to the entity");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn published_ids_find_components_of_a_draft_that_moved_on() {
    let server = TestServer::start_with(project(TestProject::new())).await;
    let (path, shown) = create_post(&server).await;
    let before = read_draft(&server, &path).await;
    let (shown, before) = (shown.data(), before.data());
    // The draft changes the order and a value, and is not published.
    let change = json!({"list": [{"id": before["list"][1]["id"], "size": 7}, {"heading": "first"}, {"id": before["list"][0]["id"]}], "one": {"id": before["one"]["id"], "heading": "later"}});
    server.update_entry(&format!("{path}?status=draft"), change).await;
    let change = json!({"list": [{"id": shown["list"][0]["id"]}, {"id": shown["list"][1]["id"], "heading": "B"}], "one": {"id": shown["one"]["id"], "size": 3}});
    server.update_entry(&format!("{path}?status=draft"), change).await;
    let now = read_draft(&server, &path).await;
    let now = now.data();
    assert_eq!(now["list"][0], before["list"][0]);
    assert_eq!(now["list"][1]["id"], before["list"][1]["id"]);
    assert_eq!((&now["list"][1]["heading"], &now["list"][1]["size"]), (&json!("B"), &json!(7)));
    assert_eq!((&now["one"]["heading"], &now["one"]["size"]), (&json!("later"), &json!(3)));
    // The published version is unchanged, with its ids.
    assert_eq!(server.get(&format!("{path}?{QUERY}")).await.data()["list"], shown["list"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn published_components_that_the_draft_removed_are_made_anew() {
    for on in TestProject::on_every_database() {
        let server = TestServer::start_with(project(on)).await;
        let (path, shown) = create_post(&server).await;
        let before = read_draft(&server, &path).await;
        let (shown, before) = (shown.data(), before.data());
        let removed = json!({"list": [{"id": before["list"][1]["id"]}], "one": null, "zone": []});
        server.update_entry(&format!("{path}?status=draft"), removed).await;
        let change = json!({
            "one": {"id": shown["one"]["id"], "heading": "O"},
            "list": [{"id": shown["list"][1]["id"]}, {"id": shown["list"][0]["id"], "heading": "A", "inner": [{"id": shown["list"][0]["inner"][0]["id"], "text": "I"}, {"text": "new"}]}],
            "zone": [{"__component": "x.block", "id": shown["zone"][1]["id"]}],
        });
        // Twice: a front end that still shows the same version sends the same ids.
        for _ in 0..2 {
            server.update_entry(&format!("{path}?status=draft"), change.clone()).await;
            let now = read_draft(&server, &path).await;
            let now = now.data();
            assert_eq!(now["list"][0], before["list"][1]);
            let anew = &now["list"][1];
            assert!([&shown["list"][0], &before["list"][0]].iter().all(|other| other["id"] != anew["id"]));
            assert_eq!(
                (&anew["heading"], &anew["size"], &anew["tags"]),
                (&json!("A"), &json!(2), &shown["list"][0]["tags"])
            );
            assert_eq!((&anew["deep"]["text"], &anew["inner"][0]["note"]), (&json!("d"), &json!("n")));
            assert_eq!((&anew["inner"][0]["text"], &anew["inner"][1]["text"]), (&json!("I"), &json!("new")));
            assert_eq!((&now["one"]["heading"], &now["one"]["inner"][1]["text"]), (&json!("O"), &json!("j")));
            assert_eq!(now["zone"][0]["inner"][0]["note"], "n");
        }
        // Discarding the draft, the components correspond the other way round.
        server.update_entry(&path, json!({})).await;
        let published = server.get(&format!("{path}?{QUERY}")).await;
        let id = path.rsplit('/').next().unwrap();
        server.update_entry(&format!("{path}?status=draft"), json!({"title": "x"})).await;
        let discard = format!("/admin/api/content/api::post.post/{id}/actions/discard-draft");
        server.with_token(ADMIN_TOKEN).post(&discard, json!({})).await.expect_status(200);
        let change = json!({"list": [{"id": published.data()["list"][1]["id"], "heading": "again"}]});
        let draft = read_draft(&server, &path).await;
        server.update_entry(&format!("{path}?status=draft"), change).await;
        let now = read_draft(&server, &path).await;
        assert_eq!(now.data()["list"][0]["id"], draft.data()["list"][1]["id"]);
        assert_eq!(now.data()["list"][0]["heading"], "again");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn component_ids_of_others_and_repeated_ones_are_rejected() {
    let server = TestServer::start_with(project(TestProject::new())).await;
    let (path, shown) = create_post(&server).await;
    let (_, other) = create_post(&server).await;
    let draft = read_draft(&server, &path).await;
    let (shown, other, draft) = (shown.data(), other.data(), draft.data());
    let page = server
        .create_entry("/api/pages?populate=*", json!({"list": [{"heading": "en"}], "shared": [{"heading": "s"}]}))
        .await;
    let page_path = format!("/api/pages/{}", page.document_id());
    let nl =
        server.update_entry(&format!("{page_path}?locale=nl&populate=*"), json!({"list": [{"heading": "nl"}]})).await;
    let before = server.dump_content().await;
    let (id, draft_id) = (&shown["list"][0]["id"], &draft["list"][0]["id"]);
    for (path, data, name) in [
        (&path, json!({"list": [{"id": other["list"][0]["id"]}]}), "list"),
        (&path, json!({"one": {"id": other["one"]["id"]}}), "one"),
        (&path, json!({"list": [{"id": page.data()["list"][0]["id"]}]}), "list"),
        (&path, json!({"list": [{"id": shown["one"]["id"]}]}), "list"),
        (&path, json!({"list": [{"id": id}, {"id": id}]}), "list"),
        (&path, json!({"list": [{"id": id}, {"id": draft_id}]}), "list"),
        (&path, json!({"list": [{"id": draft_id}, {"id": id}]}), "list"),
        (&path, json!({"list": [{"id": id, "inner": [{"id": shown["list"][1]["inner"][0]["id"]}]}]}), "inner"),
        (&path, json!({"zone": [{"__component": "x.text", "id": shown["zone"][1]["id"]}]}), "zone"),
        // Of the other locale.
        (&page_path, json!({"list": [{"id": nl.data()["list"][0]["id"]}]}), "list"),
        (&page_path, json!({"shared": [{"id": nl.data()["shared"][0]["id"]}]}), "shared"),
    ] {
        let message = format!("Some of the provided components in {name} are not related to the entity");
        let refused = server.put(path, json!({"data": data})).await.expect_error(400, &message);
        assert_eq!(refused.name(), "ApplicationError", "{data}");
    }
    assert_eq!(server.dump_content().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn published_ids_are_known_in_every_locale() {
    let server = TestServer::start_with(project(TestProject::new())).await;
    let page =
        server.create_entry("/api/pages", json!({"shared": [{"heading": "a"}, {"heading": "b", "size": 3}]})).await;
    let path = format!("/api/pages/{}", page.document_id());
    server.update_entry(&format!("{path}?locale=nl"), json!({"title": "nl"})).await;
    // Written in one locale, which is published with it in the other.
    let en = server.get(&format!("{path}?populate=*")).await;
    let change = json!({"shared": [{"id": en.data()["shared"][1]["id"], "heading": "B"}]});
    server.update_entry(&path, change).await;
    let nl = server.get(&format!("{path}?locale=nl&populate=*")).await;
    let draft = server.get(&format!("{path}?locale=nl&status=draft&populate=*")).await;
    let change = json!({"shared": [{"id": nl.data()["shared"][0]["id"], "size": 4}]});
    let changed = server.update_entry(&format!("{path}?locale=nl&status=draft&populate=*"), change).await;
    assert_eq!(changed.data()["shared"][0]["id"], draft.data()["shared"][0]["id"]);
    for locale in ["en", "nl"] {
        let draft = server.get(&format!("{path}?locale={locale}&status=draft&populate=*")).await;
        let shared = &draft.data()["shared"];
        assert_eq!((&shared[0]["heading"], &shared[0]["size"]), (&json!("B"), &json!(4)), "{locale}");
    }
}

/// Copies of entries and translations bring the ids of the entry along that they were made of.
#[tokio::test(flavor = "multi_thread")]
async fn ids_in_new_versions_name_nothing() {
    for on in TestProject::on_every_database() {
        let server = TestServer::start_with(project(on)).await;
        let (path, shown) = create_post(&server).await;
        let before = (read_draft(&server, &path).await.body, server.get(&format!("{path}?{QUERY}")).await.body);
        let (shown, draft) = (shown.data(), before.0["data"].clone());
        for source in [shown, &draft] {
            let copy = json!({"one": source["one"], "list": source["list"], "zone": source["zone"]});
            for query in [QUERY.to_owned(), format!("status=draft&{QUERY}")] {
                let made = server.create_entry(&format!("/api/posts?{query}"), copy.clone()).await;
                let made = made.data();
                assert_eq!(strip_ids(made["list"].clone()), strip_ids(source["list"].clone()));
                assert_eq!(strip_ids(made["zone"].clone()), strip_ids(source["zone"].clone()));
                assert_eq!(strip_ids(made["one"].clone()), strip_ids(source["one"].clone()));
                assert_ne!(made["one"]["id"], source["one"]["id"]);
            }
        }
        let unknown = json!({"one": {"id": 999_999, "heading": "x", "deep": {"id": 7, "text": "d"}}});
        let made = server.create_entry(&format!("/api/posts?{QUERY}"), unknown).await;
        assert_eq!((&made.data()["one"]["heading"], &made.data()["one"]["size"]), (&json!("x"), &json!(1)));
        assert_eq!(made.data()["one"]["deep"]["text"], "d");
        let after = (read_draft(&server, &path).await.body, server.get(&format!("{path}?{QUERY}")).await.body);
        assert_eq!(after, before, "what was copied stays as it was");

        let page = server.create_entry(&format!("/api/pages?{QUERY}"), json!({"list": [{"heading": "en"}]})).await;
        let path = format!("/api/pages/{}?locale=nl&{QUERY}", page.document_id());
        let mut list = page.data()["list"].clone();
        list[0]["heading"] = json!("nl");
        let translated = server.update_entry(&path, json!({"list": list})).await;
        assert_eq!(translated.data()["list"][0]["heading"], "nl");
        let english = server.get(&format!("/api/pages/{}?{QUERY}", page.document_id())).await;
        assert_eq!(english.data()["list"], page.data()["list"]);
        // A new component takes what is in it as new as well.
        let moved = json!({"list": [{"heading": "new", "inner": [{"id": 999_999, "text": "i"}]}]});
        let changed = server.update_entry(&path, moved).await;
        assert_eq!(changed.data()["list"][0]["inner"][0]["text"], "i");
        // From then on it has components of its own.
        let change = json!({"data": {"list": page.data()["list"]}});
        let message = "Some of the provided components in list are not related to the entity";
        server.put(&path, change).await.expect_error(400, message);
    }
}

fn strip_ids(mut value: Json) -> Json {
    match &mut value {
        Json::Array(list) => list.iter_mut().for_each(|one| *one = strip_ids(one.take())),
        Json::Object(map) => {
            // Related entries keep theirs.
            if !map.contains_key("documentId") {
                map.remove("id");
            }
            map.values_mut().for_each(|one| *one = strip_ids(one.take()));
        }
        _ => {}
    }
    value
}
