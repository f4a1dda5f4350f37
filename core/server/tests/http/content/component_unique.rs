//! `unique` inside components.

use cairn_testkit::{ADMIN_TOKEN, SchemaBuilder, TestProject, TestResponse, TestServer};
use serde_json::{Value as Json, json};

const MESSAGE: &str = "This attribute must be unique";

fn project(on: TestProject) -> TestProject {
    let component =
        |uid: &str, repeatable: bool| json!({"type": "component", "component": uid, "repeatable": repeatable});
    let attributes = json!({
        "name": {"type": "string"},
        "code": {"type": "string", "unique": true},
        "main": component("x.line", false),
        "lines": component("x.line", true),
        "others": component("x.line", true),
        "zone": {"type": "dynamiczone", "components": ["x.line", "x.box"]},
    });
    on.with_type(SchemaBuilder::collection("plain", attributes.clone()))
        .with_type(SchemaBuilder::collection("coupon", attributes.clone()).with_drafts())
        .with_type(SchemaBuilder::collection("page", attributes).with_drafts().with_locales())
        .with_component(
            "x.line",
            json!({
                "sku": {"type": "string", "unique": true}, "number": {"type": "integer", "unique": true},
                "big": {"type": "biginteger", "unique": true}, "price": {"type": "decimal", "unique": true},
                "weight": {"type": "float", "unique": true}, "day": {"type": "date", "unique": true},
                "secret": {"type": "string", "unique": true, "private": true},
                "part": component("x.box", false), "parts": component("x.box", true),
            }),
        )
        .with_component("x.box", json!({"sku": {"type": "integer", "unique": true}, "label": {"type": "string"}}))
}

fn assert_paths(refused: TestResponse, paths: &[&str]) {
    let message = if paths.len() == 1 { MESSAGE.to_owned() } else { format!("{} errors occurred", paths.len()) };
    let refused = refused.expect_error(400, &message);
    let errors = refused.details()["errors"].as_array().unwrap();
    let path =
        |e: &Json| e["path"].as_array().unwrap().iter().map(|p| p.as_str().unwrap()).collect::<Vec<_>>().join(".");
    assert_eq!(errors.iter().map(path).collect::<Vec<_>>(), paths, "{}", refused.text());
    assert!(errors.iter().all(|e| e["message"] == MESSAGE));
}

#[tokio::test(flavor = "multi_thread")]
async fn unique_values_of_components_are_enforced_among_published_entries() {
    for on in TestProject::on_every_database() {
        let server = TestServer::start_with(project(on)).await;
        for route in ["/api/plains", "/api/coupons", "/api/pages"] {
            let line = json!({"sku": "a", "number": 1, "big": "9007199254740993", "price": 1.50, "weight": 0.1, "day": "2026-01-02", "secret": "s",
                "part": {"sku": 5}, "parts": [{"sku": 6}, {"sku": 7}]});
            let zone = json!([{"__component": "x.box", "sku": 8}, {"__component": "x.line", "sku": "z", "parts": [{"sku": 9}]}]);
            let data = json!({"main": {"sku": "m"}, "lines": [{"sku": "0"}, line], "zone": zone});
            let first = server.create_entry(route, data.clone()).await.document_id();
            let before = server.dump_content().await;
            for (value, path) in [
                (json!({"sku": "a"}), "sku"),
                (json!({"number": 1}), "number"),
                (json!({"big": "9007199254740993"}), "big"),
                (json!({"price": "1.5"}), "price"),
                (json!({"weight": 0.1}), "weight"),
                (json!({"day": "2026-01-02"}), "day"),
                (json!({"part": {"sku": 5}}), "part.sku"),
                (json!({"parts": [{"sku": 1}, {"sku": 6}]}), "parts.1.sku"),
            ] {
                let refused = server.post(route, json!({"data": {"lines": [{"sku": "new"}, value]}})).await;
                assert_paths(refused, &[&format!("lines.1.{path}")]);
            }
            assert_paths(server.post(route, json!({"data": {"main": {"sku": "m"}}})).await, &["main.sku"]);
            let zone = json!([{"__component": "x.line", "sku": "z", "parts": [{"sku": 9}]}, {"__component": "x.box", "sku": 8}]);
            let refused = server.post(route, json!({"data": {"zone": zone}})).await;
            assert_paths(refused, &["zone.0.sku", "zone.0.parts.0.sku", "zone.1.sku"]);
            // The value is named, unless it is hidden.
            let refused = server.post(route, json!({"data": {"lines": [{"sku": "a", "secret": "s"}]}})).await;
            assert_eq!(refused.details()["errors"][0]["value"], "a");
            assert_eq!(refused.details()["errors"][1].get("value"), None);
            assert_paths(refused, &["lines.0.sku", "lines.0.secret"]);
            assert_eq!(server.dump_content().await, before);
            // At other places, in another case, without a value; and the entry itself.
            for data in [
                json!({"main": {"sku": "a"}, "others": [{"sku": "a", "part": {"sku": 6}, "parts": [{"sku": 5}]}]}),
                json!({"lines": [{"sku": "A"}, {"sku": "a "}, {"big": "9007199254740992", "weight": 0.2, "price": 1.51}]}),
                json!({"lines": [{"sku": ""}, {"sku": ""}, {"sku": null}, {}]}),
                json!({"lines": [{"sku": ""}, {}], "zone": [{"__component": "x.box", "sku": 9}, {"__component": "x.line", "sku": "8"}]}),
            ] {
                server.create_entry(route, data).await;
            }
            server.update_entry(&format!("{route}/{first}"), data).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn unique_values_occur_once_in_an_entry() {
    for on in TestProject::on_every_database() {
        let server = TestServer::start_with(project(on)).await;
        for route in ["/api/plains", "/api/coupons", "/api/pages"] {
            let lines = json!([{"sku": "a"}, {"sku": "b"}, {"sku": "a"}]);
            let refused = server.post(route, json!({"data": {"lines": lines}})).await;
            assert_paths(refused, &["lines.0.sku", "lines.2.sku"]);
            let lines = json!([{"parts": [{"sku": 1}]}, {"parts": [{"sku": 2}, {"sku": 1}]}]);
            let refused = server.post(route, json!({"data": {"lines": lines}})).await;
            assert_paths(refused, &["lines.0.parts.0.sku", "lines.1.parts.1.sku"]);
            let zone = json!([{"__component": "x.box", "sku": 1}, {"__component": "x.line", "sku": "1"}, {"__component": "x.box", "sku": 1}]);
            let refused = server.post(route, json!({"data": {"zone": zone}})).await;
            assert_paths(refused, &["zone.0.sku", "zone.2.sku"]);
            assert_eq!(server.get(route).await.pagination_total(), 0);
            // Beside a unique attribute of the entry.
            server.create_entry(route, json!({"code": "c", "lines": [{"sku": "a"}]})).await;
            let refused = server.post(route, json!({"data": {"code": "c", "lines": [{"sku": "a"}]}})).await;
            refused.expect_error(400, "2 errors occurred");
            // Values that move or were given up are free.
            let both = server.create_entry(route, json!({"lines": [{"sku": "x"}, {"sku": "y"}]})).await.document_id();
            server.update_entry(&format!("{route}/{both}"), json!({"lines": [{"sku": "y"}]})).await;
            server.create_entry(route, json!({"lines": [{"sku": "x"}]})).await;
            server.delete(&format!("{route}/{both}")).await.expect_status(204);
            server.create_entry(route, json!({"lines": [{"sku": "y"}]})).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn drafts_may_repeat_unique_values_of_components() {
    let server = TestServer::start_with(project(TestProject::new())).await;
    server.create_entry("/api/coupons", json!({"lines": [{"sku": "a"}]})).await;
    let data = json!({"lines": [{"sku": "b"}, {"sku": "a"}, {"sku": "b"}]});
    let id = server.create_entry("/api/coupons?status=draft", data).await.document_id();
    let path = format!("/api/coupons/{id}");
    let paths = ["lines.0.sku", "lines.1.sku", "lines.2.sku"];
    assert_paths(server.put(&path, json!({"data": {}})).await, &paths);
    let (admin, publish) =
        (server.with_token(ADMIN_TOKEN), format!("/admin/api/content/api::coupon.coupon/{id}/actions/publish"));
    let refused = admin.post(&publish, json!({})).await;
    assert_paths(refused, &paths);
    server.get(&path).await.expect_error(404, "Not Found");
    server.update_entry(&format!("{path}?status=draft"), json!({"lines": [{"sku": "b"}, {"sku": "c"}]})).await;
    admin.post(&publish, json!({})).await.expect_status(200);
    // A draft alone takes nothing from others.
    server.update_entry(&format!("{path}?status=draft"), json!({"lines": [{"sku": "d"}]})).await;
    server.create_entry("/api/coupons", json!({"lines": [{"sku": "d"}]})).await;
    assert_paths(server.put(&path, json!({"data": {}})).await, &["lines.0.sku"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn unique_values_of_components_are_compared_per_locale() {
    let server = TestServer::start_with(project(TestProject::new())).await;
    let data = json!({"lines": [{"sku": "a"}]});
    server.create_entry("/api/pages", data.clone()).await;
    let nl = server.create_entry("/api/pages?locale=nl", data.clone()).await.document_id();
    assert_paths(server.post("/api/pages?locale=nl", json!({"data": data})).await, &["lines.0.sku"]);
    assert_paths(server.put(&format!("/api/pages/{nl}"), json!({"data": data})).await, &["lines.0.sku"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_many_concurrent_equal_component_values_is_published() {
    for on in TestProject::on_every_database() {
        let server = TestServer::start_with(project(on)).await;
        for route in ["/api/plains", "/api/coupons", "/api/pages?locale=nl"] {
            let tasks: Vec<_> = (0..20)
                .map(|_| {
                    let client = (*server).clone();
                    let body = json!({"data": {"lines": [{"sku": "same"}]}});
                    tokio::spawn(async move { client.send(client.request("POST", route).json(&body)).await })
                })
                .collect();
            let mut created = 0;
            for task in tasks {
                let answer = task.await.unwrap();
                match answer.status {
                    201 => created += 1,
                    _ => assert_paths(answer, &["lines.0.sku"]),
                }
            }
            assert_eq!(created, 1, "{route}");
        }
    }
}
