//! Polymorphic relations: targets of several types in one attribute, told apart by `__type`.

use cairn_testkit::{SchemaBuilder, TestProject, TestServer};
use serde_json::{Value as Json, json};

fn project(drafts: bool) -> TestProject {
    let link = json!({
        "label": {"type": "string"},
        "one": {"type": "relation", "relation": "morphToOne"},
        "many": {"type": "relation", "relation": "morphToMany"},
    });
    let inverse = |kind: &str, across: &str| json!({"type": "relation", "relation": kind, "target": "api::link.link", "morphBy": across});
    let book = json!({"name": {"type": "string"}, "linked": inverse("morphMany", "many"), "pinned": inverse("morphOne", "one")});
    let apply_drafts = |schema: SchemaBuilder| if drafts { schema.with_drafts() } else { schema };
    TestProject::new()
        .with_type(apply_drafts(SchemaBuilder::collection("link", link)))
        .with_type(apply_drafts(SchemaBuilder::collection("book", book)))
        .with_type(SchemaBuilder::collection("film", json!({"name": {"type": "string"}, "year": {"type": "integer"}})))
}

const BOOK: &str = "api::book.book";
const FILM: &str = "api::film.film";

fn types_and_names(list: &Json) -> Vec<(String, String)> {
    let text = |v: &Json| v.as_str().unwrap_or_default().to_owned();
    list.as_array().unwrap().iter().map(|e| (text(&e["__type"]), text(&e["name"]))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn polymorphic_targets_share_one_order() {
    for drafts in [false, true] {
        let server = TestServer::start_with(project(drafts)).await;
        let book = server.create_entry("/api/books", json!({"name": "Dune"})).await;
        let film = server.create_entry("/api/films", json!({"name": "Alien", "year": 1979})).await;
        let other = server.create_entry("/api/films", json!({"name": "Brazil", "year": 1985})).await;
        let to = |uid: &str, target: &cairn_testkit::TestResponse| json!({"__type": uid, "documentId": target.document_id()});
        let data = json!({"one": to(FILM, &film), "many": [to(FILM, &film), to(BOOK, &book), {"__type": FILM, "id": other.id()}]});
        let answer = server.create_entry("/api/links?populate=*", data).await;
        assert_eq!(answer.data()["one"]["name"], "Alien", "{}", answer.text());
        assert_eq!(answer.data()["one"]["__type"], FILM);
        let expected = [(FILM, "Alien"), (BOOK, "Dune"), (FILM, "Brazil")].map(|(t, n)| (t.to_owned(), n.to_owned()));
        assert_eq!(types_and_names(&answer.data()["many"]), expected);
        let path = format!("/api/links/{}", answer.document_id());
        assert_eq!(server.get(&format!("{path}?populate=many,one")).await.data()["many"], answer.data()["many"]);
        let change = json!({"many": {"disconnect": [to(FILM, &film)], "connect": [{"__type": FILM, "documentId": other.document_id(), "position": {"start": true}}]}, "one": null});
        let changed = server.update_entry(&format!("{path}?populate=*"), change).await;
        assert_eq!(
            types_and_names(&changed.data()["many"]).iter().map(|(_, n)| n.as_str()).collect::<Vec<_>>(),
            ["Brazil", "Dune"]
        );
        assert_eq!(changed.data()["one"], Json::Null);
        let counted = server.get(&format!("{path}?populate[many][count]=true")).await;
        assert_eq!(counted.data()["many"]["count"], 2);
        // Deleted targets leave the list.
        server.delete(&format!("/api/films/{}", other.document_id())).await.expect_status(204);
        let test_answer = server.get(&format!("{path}?populate=many")).await;
        assert_eq!(types_and_names(&test_answer.data()["many"]).len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fragments_select_and_shape_targets_by_type() {
    let server = TestServer::start_with(project(false)).await;
    let book = server.create_entry("/api/books", json!({"name": "Dune"})).await.document_id();
    let film = server.create_entry("/api/films", json!({"name": "Alien", "year": 1979})).await.document_id();
    let many = json!([{"__type": FILM, "documentId": film}, {"__type": BOOK, "documentId": book}]);
    let document_id = server.create_entry("/api/links", json!({"many": many})).await.document_id();
    let query = format!("/api/links/{document_id}?populate[many][on][{FILM}][fields][0]=year");
    let answer = server.get(&query).await;
    let list = answer.data()["many"].as_array().unwrap();
    assert_eq!(list.len(), 1, "{}", answer.text());
    assert_eq!((&list[0]["year"], list[0].get("name")), (&json!(1979), None));
    let unknown = server.get(&format!("/api/links/{document_id}?populate[many][on][api::nope.nope]=true")).await;
    assert_eq!(unknown.status, 400, "{}", unknown.text());
    let deep = server
        .get(&format!("/api/links/{document_id}?populate[many][on][{BOOK}][populate]=*"))
        .await
        .expect_status(200);
    assert_eq!(deep.data()["many"][0]["name"], "Dune");
    server.get("/api/links?filters[many][name]=Dune").await.expect_error(400, "Invalid key many");
    server.get("/api/links?sort=many.name").await.expect_error(400, "Invalid key many");
}

#[tokio::test(flavor = "multi_thread")]
async fn inverse_side_lists_the_linking_entries() {
    let server = TestServer::start_with(project(false)).await;
    let book = server.create_entry("/api/books", json!({"name": "Dune"})).await.document_id();
    let to = json!({"__type": BOOK, "documentId": book});
    for label in ["a", "b"] {
        server.create_entry("/api/links", json!({"label": label, "many": [to], "one": to})).await;
    }
    let answer = server.get(&format!("/api/books/{book}?populate=*")).await;
    let labels: Vec<_> = answer.data()["linked"].as_array().unwrap().iter().map(|l| l["label"].clone()).collect();
    assert_eq!(labels, ["a", "b"], "{}", answer.text());
    assert!(["a", "b"].contains(&answer.data()["pinned"]["label"].as_str().unwrap()));
    assert_eq!(server.get("/api/books?filters[linked][label]=b").await.pagination_total(), 1);
    assert_eq!(server.get("/api/books?filters[linked][label]=c").await.pagination_total(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn polymorphic_values_without_a_valid_type_are_rejected() {
    let server = TestServer::start_with(project(false)).await;
    let book = server.create_entry("/api/books", json!({"name": "Dune"})).await.document_id();
    let before = server.dump_content().await;
    for value in [
        json!(book),
        json!({"documentId": book}),
        json!({"__type": "api::nope.nope", "documentId": book}),
        json!({"__type": FILM, "documentId": book}),
        json!({"__type": BOOK}),
        json!({"__type": 7, "documentId": book}),
        json!({"__type": {"a": 1}, "documentId": book}),
        json!([{"__type": BOOK, "documentId": book}, 1]),
        json!({"connect": [{"documentId": book}]}),
    ] {
        for attribute in ["one", "many"] {
            let refused = server.post("/api/links", json!({"data": {attribute: value}})).await;
            assert_eq!(refused.status, 400, "{attribute} {value}: {}", refused.text());
            refused.assert_envelope();
        }
    }
    assert_eq!(server.dump_content().await, before);
}
