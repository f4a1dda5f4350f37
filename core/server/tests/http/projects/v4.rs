//! `Strapi-Response-Format: v4`.

use cairn_testkit::{TestProject, TestServer};
use serde_json::{Value as Json, json};

const V4: (&str, &str) = ("Strapi-Response-Format", "v4");

async fn server() -> TestServer {
    let file = |name: &str, attributes: Json, extra_keys: Json| {
        let info = json!({ "singularName": name, "pluralName": format!("{name}s"), "displayName": name });
        let mut schema = json!({ "kind": "collectionType", "info": info, "attributes": attributes });
        schema.as_object_mut().unwrap().extend(extra_keys.as_object().unwrap().clone());
        schema.to_string()
    };
    let place = |name: &str| format!("src/api/{name}/content-types/{name}/schema.json");
    let relation = |kind: &str, target: &str| json!({ "type": "relation", "relation": kind, "target": target });
    let page = json!({
        "title": { "type": "string" },
        "price": { "type": "decimal" },
        "big": { "type": "biginteger" },
        "extra": { "type": "json" },
        "tag": relation("oneToOne", "api::tag.tag"),
        "tags": relation("manyToMany", "api::tag.tag"),
        "about": { "type": "relation", "relation": "morphToMany" },
        "author": relation("oneToOne", "admin::user"),
        "cover": { "type": "media" },
        "gallery": { "type": "media", "multiple": true },
        "seo": { "type": "component", "component": "shared.seo" },
        "links": { "type": "component", "component": "shared.seo", "repeatable": true },
        "blocks": { "type": "dynamiczone", "components": ["shared.seo"] },
    });
    let seo = json!({ "name": { "type": "string" }, "tag": relation("oneToOne", "api::tag.tag"), "image": { "type": "media" } });
    let localized = json!({ "pluginOptions": { "i18n": { "localized": true } } });
    let project = TestProject::new()
        .with_component("shared.seo", seo)
        .with_file(&place("page"), &file("page", page, localized))
        .with_file(&place("tag"), &file("tag", json!({ "name": { "type": "string" } }), json!({})))
        .with_file(
            &place("home"),
            &file("home", json!({ "name": { "type": "string" } }), json!({ "kind": "singleType" })),
        )
        .with_role("public", false, json!({ "api::page.page": ["find", "findOne"], "api::tag.tag": ["find"] }));
    TestServer::start_with(project).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn v4_entries_nest_attributes_and_relations_nest_data() {
    let server = server().await;
    let tag = server.post("/api/tags", json!({ "data": { "name": "red" } })).await.expect_status(201);
    let tag_id = tag.document_id();
    let file = server.upload_file("a.txt", "text/plain", b"hello").await.expect_status(201).body[0]["id"].clone();
    let seo = json!({ "name": "s", "tag": tag_id, "image": file });
    let mut block = seo.clone();
    block["__component"] = json!("shared.seo");
    let data = json!({
        "title": "One", "price": 1000000.5, "big": "9007199254740993", "extra": { "id": 1, "data": [1.50] },
        "tag": tag_id, "tags": [tag_id], "about": [{ "__type": "api::tag.tag", "documentId": tag_id }],
        "cover": file, "gallery": [file], "seo": seo, "links": [seo], "blocks": [block],
    });
    let path = format!(
        "/api/pages/{}",
        server.post("/api/pages", json!({ "data": data })).await.expect_status(201).document_id()
    );
    server.put(&format!("{path}?locale=nl"), json!({ "data": { "title": "Een" } })).await.expect_status(200);
    let deep = "populate[seo][populate]=*&populate[links][populate]=*&populate[blocks][on][shared.seo][populate]=*\
                &populate[tag]=true&populate[tags]=true&populate[about]=true&populate[author]=true&populate[cover]=true\
                &populate[gallery]=true&populate[localizations]=true";
    let flat = server.get(&format!("{path}?{deep}")).await.expect_status(200);
    let v4 = server.get_with(&format!("{path}?{deep}"), V4).await.expect_status(200);
    let entry = |flat: &Json| {
        let mut attributes = flat.as_object().unwrap().clone();
        let (id, document) = (attributes.remove("id"), attributes.remove("documentId"));
        json!({ "id": id, "documentId": document, "attributes": attributes })
    };
    let related = |flat: &Json| match flat {
        Json::Array(list) => json!({ "data": list.iter().map(entry).collect::<Vec<_>>() }),
        Json::Null => json!({ "data": null }),
        one => json!({ "data": entry(one) }),
    };
    let component = |flat: &Json| {
        let mut one = flat.clone();
        one["tag"] = related(&flat["tag"]);
        one["image"] = related(&flat["image"]);
        one
    };
    let flat = flat.data();
    let mut expected = entry(flat);
    for name in ["tag", "tags", "author", "cover", "gallery", "localizations"] {
        expected["attributes"][name] = related(&flat[name]);
    }
    expected["attributes"]["seo"] = component(&flat["seo"]);
    for name in ["links", "blocks"] {
        expected["attributes"][name] = json!([component(&flat[name][0])]);
    }
    assert_eq!(v4.data(), &expected);
    // A relation to any type keeps its shape, and so does JSON.
    assert_eq!(expected["attributes"]["about"], flat["about"]);
    assert_eq!(v4.data()["attributes"]["extra"], json!({ "id": 1, "data": [1.5] }));
    assert_eq!(v4.body["meta"], json!({}));
    assert!(v4.text().contains("\"price\":1000000.5") && v4.text().contains("\"extra\":{\"id\":1,\"data\":[1.5]}"));
    // Empty relations, counts, lists, and writes.
    let empty = server.post("/api/pages?populate=*", json!({ "data": {} })).await.expect_status(201).document_id();
    let empty = server.get_with(&format!("/api/pages/{empty}?populate=*"), V4).await.expect_status(200);
    assert_eq!(empty.data()["attributes"]["tag"], json!({ "data": null }));
    assert_eq!(empty.data()["attributes"]["tags"], json!({ "data": [] }));
    assert_eq!(empty.data()["attributes"]["seo"], json!(null));
    assert_eq!(empty.data()["attributes"]["blocks"], json!([]));
    let count = server.get_with(&format!("{path}?populate[tags][count]=true"), V4).await.expect_status(200);
    assert_eq!(count.data()["attributes"]["tags"], json!({ "data": { "attributes": { "count": 1 } } }));
    let list = server
        .get_with("/api/pages?pagination[pageSize]=1&fields[0]=title&sort=title:desc", V4)
        .await
        .expect_status(200);
    // The title is one for all locales.
    assert_eq!(list.data()[0]["attributes"], json!({ "title": "Een" }));
    assert_eq!(list.body["meta"]["pagination"]["total"], 2);
    let request = server.request("POST", "/api/tags").header(V4.0, V4.1).json(&json!({ "data": { "name": "blue" } }));
    let test_answer = server.send(request).await.expect_status(201);
    assert_eq!(test_answer.data()["attributes"]["name"], "blue", "{}", test_answer.body);
    let request = server.request("PUT", "/api/home").header(V4.0, V4.1).json(&json!({ "data": { "name": "h" } }));
    assert_eq!(server.send(request).await.expect_status(200).data()["attributes"]["name"], "h");
    assert_eq!(server.get_with("/api/home", V4).await.expect_status(200).data()["attributes"]["name"], "h");
    // Errors and other formats are as ever.
    server.get_with("/api/pages/nothing", V4).await.expect_status(404).assert_envelope();
    server.get_with("/api/pages?filters[x]=1", V4).await.expect_status(400).assert_envelope();
    for other in ["v5", "V4", "", "v4, v4"] {
        let answer = server.get_with("/api/home", ("Strapi-Response-Format", other)).await.expect_status(200);
        assert_eq!(answer.data()["name"], "h", "{other}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn v4_and_v5_responses_are_cached_separately() {
    let server = server().await;
    server.post("/api/pages", json!({ "data": { "title": "One" } })).await.expect_status(201);
    let public = server.public_client();
    let mut tags = std::collections::HashSet::new();
    for _ in 0..3 {
        let flat = public.get("/api/pages").await.expect_status(200);
        let v4 = public.get_with("/api/pages", V4).await.expect_status(200);
        assert_eq!(flat.data()[0]["title"], "One", "{}", flat.body);
        assert_eq!(v4.data()[0]["attributes"]["title"], "One", "{}", v4.body);
        for answer in [&flat, &v4] {
            assert!(
                answer.header("vary").to_lowercase().contains("strapi-response-format"),
                "{:?}",
                answer.header("vary")
            );
            tags.insert(answer.header("etag").to_owned());
        }
        // The tag of one is none of the other.
        let known = |etag: &str, v4: bool| {
            let request = public.request("GET", "/api/pages").header("If-None-Match", etag);
            public.send(if v4 { request.header(V4.0, V4.1) } else { request })
        };
        known(v4.header("etag"), true).await.expect_status(304);
        known(v4.header("etag"), false).await.expect_status(200);
        known(flat.header("etag"), true).await.expect_status(200);
        known(flat.header("etag"), false).await.expect_status(304);
    }
    assert_eq!(tags.len(), 2);
    let id = public.get("/api/pages").await.data()[0]["documentId"].as_str().unwrap().to_owned();
    server.put(&format!("/api/pages/{id}"), json!({ "data": { "title": "Two" } })).await.expect_status(200);
    assert_eq!(public.get_with("/api/pages", V4).await.data()[0]["attributes"]["title"], "Two");
    server.stop().await;
}
