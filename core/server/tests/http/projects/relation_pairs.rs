//! Relations whose two sides do not match, as Strapi 5 serves them.

use cairn_testkit::{TestProject, TestServer};
use serde_json::{Value as Json, json};

/// A type `a` and a type `b`, each with a title and those attributes.
fn project(project: TestProject, a: Json, b: Json) -> TestProject {
    let file = |name: &str, mut attributes: Json| {
        attributes["title"] = json!({ "type": "string" });
        let info = json!({ "singularName": name, "pluralName": format!("{name}s"), "displayName": name });
        json!({ "kind": "collectionType", "collectionName": format!("{name}s"), "info": info, "attributes": attributes })
            .to_string()
    };
    project
        .with_file("src/api/a/content-types/a/schema.json", &file("a", a))
        .with_file("src/api/b/content-types/b/schema.json", &file("b", b))
}

fn relation(kind: &str, target: &str, extra_keys: Json) -> Json {
    let mut json = json!({ "type": "relation", "relation": kind, "target": format!("api::{target}.{target}") });
    json.as_object_mut().unwrap().extend(extra_keys.as_object().unwrap().clone());
    json
}

/// Titles of what a populated relation shows.
fn titles(data: &Json, name: &str) -> Option<Vec<String>> {
    let get_title = |one: &Json| one["title"].as_str().unwrap().to_owned();
    match data.get(name)? {
        Json::Null => Some(Vec::new()),
        Json::Array(list) => Some(list.iter().map(get_title).collect()),
        one => Some(vec![get_title(one)]),
    }
}

async fn create_document(server: &TestServer, path: &str, data: Json) -> String {
    server.post(path, json!({ "data": data })).await.expect_status(201).document_id()
}

/// Links `a1` to `b1` in `of_a`, and returns the titles that each then shows of the other.
async fn link_and_populate(server: &TestServer, of_a: &str, of_b: &str) -> (Option<Vec<String>>, Option<Vec<String>>) {
    let b = create_document(server, "/api/bs", json!({ "title": "b1" })).await;
    create_document(server, "/api/bs", json!({ "title": "b2" })).await;
    let a = create_document(server, "/api/as", json!({ "title": "a1", of_a: [b] })).await;
    create_document(server, "/api/as", json!({ "title": "a2" })).await;
    let a = server.get(&format!("/api/as/{a}?populate=*")).await.expect_status(200);
    let b = server.get(&format!("/api/bs/{b}?populate=*")).await.expect_status(200);
    (titles(a.data(), of_a), titles(b.data(), of_b))
}

fn one_title(title: &str) -> Option<Vec<String>> {
    Some(vec![title.to_owned()])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn inversed_by_on_both_sides_is_one_pair() {
    for kind in ["oneToOne", "manyToMany"] {
        for test_project in TestProject::on_every_database() {
            let server = TestServer::start_with(project(
                test_project,
                json!({ "b": relation(kind, "b", json!({ "inversedBy": "a" })) }),
                json!({ "a": relation(kind, "a", json!({ "inversedBy": "b" })) }),
            ))
            .await;
            assert_eq!(link_and_populate(&server, "b", "a").await, (one_title("b1"), one_title("a1")), "{kind}");
            let answer = server.get("/api/as?filters[b][title]=b1").await.expect_status(200);
            assert_eq!(answer.text_column("title"), ["a1"]);
            server.stop().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attribute_name_in_mapped_by_is_ignored() {
    for test_project in TestProject::on_every_database() {
        let server = TestServer::start_with(project(
            test_project,
            json!({ "b": relation("manyToMany", "b", json!({ "inversedBy": "a" })) }),
            json!({ "a": relation("manyToMany", "a", json!({ "mappedBy": "a_name_of_before" })) }),
        ))
        .await;
        assert_eq!(link_and_populate(&server, "b", "a").await, (one_title("b1"), one_title("a1")));
        server.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn inverse_side_belongs_to_the_owner_loaded_last() {
    for test_project in TestProject::on_every_database() {
        let owner = || relation("manyToMany", "b", json!({ "inversedBy": "coupons" }));
        let server = TestServer::start_with(project(
            test_project,
            json!({ "applicable": owner(), "excluded": owner() }),
            json!({ "coupons": relation("manyToMany", "a", json!({ "mappedBy": "applicable" })) }),
        ))
        .await;
        assert_eq!(link_and_populate(&server, "applicable", "coupons").await, (one_title("b1"), Some(vec![])));
        let b = server.get("/api/bs?filters[title]=b2").await.data()[0]["documentId"].clone();
        create_document(&server, "/api/as", json!({ "title": "a3", "excluded": [b] })).await;
        let answer = server.get("/api/bs?filters[title]=b2&populate=coupons").await.expect_status(200);
        assert_eq!(titles(&answer.data()[0], "coupons"), one_title("a3"));
        server.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn inversed_by_an_owning_attribute_is_one_way() {
    for (a, b, of_b) in [
        // A plain relation back.
        (json!({ "inversedBy": "a" }), relation("manyToMany", "a", json!({})), Some(vec![])),
        // A relation to a third type.
        (json!({ "inversedBy": "a" }), relation("manyToMany", "b", json!({})), Some(vec![])),
        // The owner of another pair.
        (json!({ "inversedBy": "a" }), relation("manyToMany", "a", json!({ "inversedBy": "other" })), Some(vec![])),
    ] {
        for test_project in TestProject::on_every_database() {
            let a = json!({
                "b": relation("manyToMany", "b", a.clone()),
                "other": relation("manyToMany", "b", json!({ "mappedBy": "a" })),
            });
            let server = TestServer::start_with(project(test_project, a, json!({ "a": b }))).await;
            assert_eq!(link_and_populate(&server, "b", "a").await, (one_title("b1"), of_b.clone()), "{b}");
            server.stop().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mapped_by_without_an_owner_is_inert() {
    for kind in ["oneToOne", "oneToMany", "manyToMany"] {
        for test_project in TestProject::on_every_database() {
            let server = TestServer::start_with(project(
                test_project,
                json!({ "b": relation(kind, "b", json!({ "mappedBy": "a" })) }),
                json!({ "a": relation("oneToOne", "a", json!({})) }),
            ))
            .await;
            // Ignored in writes, absent from populate.
            assert_eq!(link_and_populate(&server, "b", "a").await, (None, Some(vec![])), "{kind}");
            for populate in ["*", "b"] {
                let all = server.get(&format!("/api/as?populate={populate}")).await.expect_status(200);
                assert_eq!(all.pagination_total(), 2);
                assert!(all.data()[0].get("b").is_none(), "{populate}: {}", all.body);
            }
            server.get("/api/as?populate[b][fields][0]=title").await.expect_status(200);
            for filter in
                ["filters[b][title]=b1", "filters[b][$notNull]=true", "filters[b][id]=1", "filters[b][$null]=true"]
            {
                assert_eq!(
                    server.get(&format!("/api/as?{filter}")).await.expect_status(200).pagination_total(),
                    0,
                    "{filter}"
                );
            }
            server.get("/api/as?sort=b.title").await.expect_status(200);
            let id = server.get("/api/as?filters[title]=a1").await.data()[0]["documentId"].clone();
            let id = id.as_str().unwrap();
            for body in [json!(null), json!({ "set": [] }), json!({ "connect": ["x"] }), json!([1, 2])] {
                server.put(&format!("/api/as/{id}"), json!({ "data": { "b": body } })).await.expect_status(200);
            }
            server.delete(&format!("/api/as/{id}")).await.expect_status(204);
            server.stop().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn repairing_a_relation_pair_preserves_its_links() {
    for test_project in TestProject::on_every_database() {
        let broken = (
            json!({ "b": relation("manyToMany", "b", json!({})) }),
            json!({ "a": relation("manyToMany", "a", json!({ "mappedBy": "b" })) }),
        );
        let server = TestServer::start_with(project(test_project, broken.0, broken.1)).await;
        assert_eq!(link_and_populate(&server, "b", "a").await, (one_title("b1"), None));
        let mut server = server.stop().await;
        server.project = project(
            std::mem::take(&mut server.project),
            json!({ "b": relation("manyToMany", "b", json!({ "inversedBy": "a" })) }),
            json!({ "a": relation("manyToMany", "a", json!({ "mappedBy": "b" })) }),
        );
        let server = server.restart_server().await;
        let b = server.get("/api/bs?filters[title]=b1&populate=a").await.expect_status(200);
        assert_eq!(titles(&b.data()[0], "a"), one_title("a1"));
        server.stop().await;
    }
}
