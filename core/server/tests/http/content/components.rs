//! Components and dynamic zones on write.

use cairn_testkit::{SchemaBuilder, TestProject, TestServer};
use serde_json::{Value as Json, json};

fn project() -> TestProject {
    let component =
        |uid: &str, repeatable: bool| json!({"type": "component", "component": uid, "repeatable": repeatable});
    let attributes = json!({
        "one": component("x.part", false),
        "list": component("x.part", true),
        "zone": {"type": "dynamiczone", "components": ["x.part", "x.text"]},
    });
    TestProject::new()
        .with_type(SchemaBuilder::collection("post", attributes.clone()).with_drafts())
        .with_type(SchemaBuilder::collection("note", attributes))
        .with_component("x.part", json!({"a": {"type": "string"}, "b": {"type": "integer", "default": 7}, "deep": component("x.deep", false), "deeper": component("x.deep", true)}))
        .with_component("x.deep", json!({"c": {"type": "string"}}))
        .with_component("x.text", json!({"text": {"type": "text"}}))
}

const QUERY: &str = "populate[one][populate]=*&populate[list][populate]=*&populate[zone][populate]=*";

#[tokio::test(flavor = "multi_thread")]
async fn components_are_updated_by_id_and_replaced_without_one() {
    let server = TestServer::start_with(project()).await;
    for route in ["notes", "posts"] {
        let data = json!({"one": {"a": "x", "b": 1, "deep": {"c": "d"}}, "list": [{"a": "1"}, {"a": "2", "deeper": [{"c": "e"}]}]});
        let answer = server.create_entry(&format!("/api/{route}?{QUERY}"), data).await;
        assert_eq!(answer.data()["list"][0]["b"], 7);
        let path = format!("/api/{route}/{}", answer.document_id());
        let draft = server.get(&format!("{path}?status=draft&{QUERY}")).await;
        let (one, second) = (draft.data()["one"]["id"].clone(), draft.data()["list"][1]["id"].clone());
        let deep = draft.data()["one"]["deep"]["id"].clone();
        let change = json!({"one": {"id": one, "b": 2}, "list": [{"id": second, "b": 9}, {"a": "new"}]});
        let changed = server.update_entry(&format!("{path}?{QUERY}"), change).await;
        let (one_now, list) = (&changed.data()["one"], changed.data()["list"].as_array().unwrap());
        assert_eq!(
            (&one_now["a"], &one_now["b"], &one_now["deep"]["c"]),
            (&json!("x"), &json!(2), &json!("d")),
            "{}",
            changed.text()
        );
        assert_eq!(list.len(), 2);
        assert_eq!((&list[0]["a"], &list[0]["b"], &list[0]["deeper"][0]["c"]), (&json!("2"), &json!(9), &json!("e")));
        assert_eq!((&list[1]["a"], &list[1]["b"]), (&json!("new"), &json!(7)));
        let test_answer = server.get(&format!("{path}?status=draft&{QUERY}")).await;
        assert_eq!(test_answer.data()["one"]["id"], one);
        assert_eq!(test_answer.data()["one"]["deep"]["id"], deep);
        // A nested component by its id.
        let nested = json!({"one": {"id": one, "deep": {"id": deep, "c": "f"}}});
        let changed = server.update_entry(&format!("{path}?{QUERY}"), nested).await;
        assert_eq!((&changed.data()["one"]["a"], &changed.data()["one"]["deep"]["c"]), (&json!("x"), &json!("f")));
        // A component without an id is new: attributes that are left out get their default, or null.
        let fresh = server.update_entry(&format!("{path}?{QUERY}"), json!({"one": {"a": "y"}})).await;
        assert_eq!((&fresh.data()["one"]["b"], &fresh.data()["one"]["deep"]), (&json!(7), &Json::Null));
        assert_ne!(server.get(&format!("{path}?status=draft&populate=*")).await.data()["one"]["id"], one);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn component_ids_of_other_entries_are_rejected() {
    let server = TestServer::start_with(project()).await;
    let other =
        server.create_entry("/api/posts?status=draft&populate=*", json!({"one": {"a": "x"}, "list": [{}]})).await;
    let (foreign, in_list) = (other.data()["one"]["id"].clone(), other.data()["list"][0]["id"].clone());
    let answer =
        server.create_entry("/api/posts?populate=*", json!({"one": {"a": "mine"}, "list": [{"a": "l"}]})).await;
    let path = format!("/api/posts/{}", answer.document_id());
    let draft = server.get(&format!("{path}?status=draft&populate=*")).await;
    let (own, own_in_list) = (draft.data()["one"]["id"].clone(), draft.data()["list"][0]["id"].clone());
    assert_ne!(own, answer.data()["one"]["id"], "draft and published version have rows of their own");
    let before = server.dump_content().await;
    let message = |name: &str| format!("Some of the provided components in {name} are not related to the entity");
    for (data, name) in [
        (json!({"one": {"id": foreign}}), "one"),
        (json!({"one": {"id": 999_999}}), "one"),
        (json!({"one": {"id": own_in_list}}), "one"),
        (json!({"one": {"id": answer.data()["list"][0]["id"]}}), "one"),
        (json!({"list": [{"id": answer.data()["one"]["id"]}]}), "list"),
        (json!({"list": [{"id": in_list}]}), "list"),
        (json!({"list": [{"id": own}]}), "list"),
    ] {
        let refused = server.put(&path, json!({"data": data})).await.expect_error(400, &message(name));
        assert_eq!(refused.name(), "ApplicationError", "{data}");
    }
    for invalid_id in [json!("x"), json!({"a": 1}), json!([1]), json!(-1), json!(1.5), json!(true)] {
        let refused = server.put(&path, json!({"data": {"one": {"id": invalid_id}}})).await;
        assert_eq!(refused.status, 400, "{invalid_id}: {}", refused.text());
    }
    assert_eq!(server.dump_content().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn component_lists_and_zones_are_replaced_and_emptied() {
    let server = TestServer::start_with(project()).await;
    let answer = server.create_entry("/api/posts?populate=*", json!({})).await;
    assert_eq!(
        (&answer.data()["one"], &answer.data()["list"], &answer.data()["zone"]),
        (&Json::Null, &json!([]), &json!([]))
    );
    let path = format!("/api/posts/{}", answer.document_id());
    let zone = json!([{"__component": "x.text", "text": "t"}, {"__component": "x.part", "a": "p", "deep": {"c": "d"}}, {"__component": "x.text"}]);
    let changed =
        server.update_entry(&format!("{path}?{QUERY}"), json!({"zone": zone, "list": [{"a": "1"}, {"a": "2"}]})).await;
    let kinds: Vec<_> = changed.data()["zone"].as_array().unwrap().iter().map(|c| c["__component"].clone()).collect();
    assert_eq!(kinds, ["x.text", "x.part", "x.text"]);
    assert_eq!(changed.data()["zone"][1]["deep"]["c"], "d");
    assert_eq!(changed.data()["zone"][2]["text"], Json::Null);
    let shorter = server
        .update_entry(&format!("{path}?populate=*"), json!({"zone": [{"__component": "x.part"}], "list": []}))
        .await;
    assert_eq!((shorter.data()["zone"].as_array().unwrap().len(), &shorter.data()["list"]), (1, &json!([])));
    let before = server.dump_content().await;
    for (data, message) in [
        (json!({"list": null}), "list must be a `array` type, but the final value was: `null`."),
        (json!({"zone": null}), "zone must be a `array` type, but the final value was: `null`."),
        (json!({"zone": [{}]}), "zone[0].__component is a required field"),
        (json!({"zone": [{"text": "t"}]}), "zone[0].__component is a required field"),
    ] {
        let refused = server.put(&path, json!({"data": data})).await;
        // A key that belongs to no component is refused as such.
        assert!(
            refused.status == 400 && (refused.message() == message || refused.name() == "ValidationError"),
            "{}",
            refused.text()
        );
    }
    for data in [
        json!({"zone": [{"__component": "x.nope"}]}),
        json!({"zone": {"__component": "x.text"}}),
        json!({"zone": ["x"]}),
        json!({"list": {"a": "x"}}),
        json!({"list": [7]}),
        json!({"one": []}),
        json!({"one": "x"}),
        json!({"zone": [{"__component": ["x.text"]}]}),
    ] {
        let refused = server.put(&path, json!({"data": data})).await;
        assert_eq!(refused.status, 400, "{data}: {}", refused.text());
        refused.assert_envelope();
    }
    assert_eq!(server.dump_content().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn draft_components_are_hidden_until_published() {
    let server = TestServer::start_with(project()).await;
    let answer = server
        .create_entry(
            "/api/posts",
            json!({"one": {"a": "public"}, "zone": [{"__component": "x.text", "text": "public"}]}),
        )
        .await;
    let path = format!("/api/posts/{}", answer.document_id());
    server.update_entry(&format!("{path}?status=draft"), json!({"one": {"a": "secret"}, "zone": []})).await;
    let public = server.get(&format!("{path}?populate=*")).await;
    assert_eq!((&public.data()["one"]["a"], public.data()["zone"].as_array().unwrap().len()), (&json!("public"), 1));
    server.update_entry(&path, json!({})).await;
    let public = server.get(&format!("{path}?populate=*")).await;
    assert_eq!((&public.data()["one"]["a"], &public.data()["zone"]), (&json!("secret"), &json!([])));
}
