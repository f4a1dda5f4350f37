//! Further schemas that Strapi starts with: attributes of the system in the file, targets that are elsewhere, unusual
//! names, values that do not fit.

use cairn_testkit::{TestProject, TestServer};
use serde_json::{Map, Value as Json, json};

fn schema(name: &str, attributes: Json, extra_keys: Json) -> String {
    let info = json!({ "singularName": name, "pluralName": format!("{name}s"), "displayName": name });
    let mut schema = json!({ "kind": "collectionType", "info": info, "attributes": attributes });
    for (key, value) in extra_keys.as_object().unwrap() {
        match value {
            Json::Null => schema.as_object_mut().unwrap().remove(key),
            value => schema.as_object_mut().unwrap().insert(key.clone(), value.clone()),
        };
    }
    schema.to_string()
}

/// A server for a type `note` of those attributes, on every database.
async fn servers(attributes: Json, extra_keys: Json) -> Vec<TestServer> {
    let mut servers = Vec::new();
    for project in TestProject::on_every_database() {
        let file = schema("note", attributes.clone(), extra_keys.clone());
        servers.push(
            TestServer::start_with(project.with_file("src/api/note/content-types/note/schema.json", &file)).await,
        );
    }
    servers
}

/// An entry is made of `data`, given back as sent, changed and deleted.
async fn round_trip(server: &TestServer, data: Json) {
    server.post("/api/notes", json!({ "data": {} })).await.expect_status(201);
    let answer = server.post("/api/notes", json!({ "data": data })).await.expect_status(201);
    let shows = |view: &Json| {
        for (name, value) in data.as_object().unwrap() {
            assert_eq!(&view[name], value, "{name}: {view}");
        }
    };
    let path = format!("/api/notes/{}", answer.document_id());
    shows(server.get(&path).await.expect_status(200).data());
    shows(server.put(&path, json!({ "data": data })).await.expect_status(200).data());
    server.delete(&path).await.expect_status(204);
    server.get(&path).await.expect_status(404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn system_attributes_in_schema_files_are_ignored() {
    let attributes = json!({
        "title": { "type": "string" },
        "createdAt": { "type": "string", "required": true },
        "updatedAt": { "type": "datetime" },
        "publishedAt": { "type": "datetime", "required": true },
        "createdBy": { "type": "relation", "relation": "oneToOne", "target": "admin::user" },
        "updatedBy": { "type": "string" },
        "locale": { "type": "enumeration", "enum": ["fi", "en"] },
        "localizations": { "type": "json" },
        "entry_id": { "type": "integer" },
        "documentId": { "type": "string" },
    });
    for server in servers(attributes, json!({})).await {
        round_trip(&server, json!({ "title": "t", "entry_id": 7 })).await;
        let one = server.post("/api/notes", json!({ "data": { "title": "t" } })).await.expect_status(201);
        assert!(one.data()["createdAt"].as_str().unwrap().ends_with('Z'), "{}", one.body);
        assert!(one.data()["publishedAt"].is_string() && one.data().get("createdBy").is_none(), "{}", one.body);
        let refused = json!({ "data": { "createdAt": "2020-01-01" } });
        server.post("/api/notes", refused).await.expect_error(400, "Invalid key createdAt");
        assert_eq!(server.get("/api/notes?filters[entry_id]=7").await.expect_status(200).pagination_total(), 0);
        server.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn relations_to_unavailable_types_are_empty() {
    let relation = |kind: &str, target: &str| json!({ "type": "relation", "relation": kind, "target": target });
    let attributes = json!({
        "title": { "type": "string" },
        "author": relation("oneToOne", "admin::user"),
        "roles": relation("manyToMany", "admin::role"),
        "audience": relation("oneToMany", "plugin::navigation.audience"),
        "files": { "type": "relation", "relation": "morphMany", "target": "plugin::upload.file", "morphBy": "related" },
        "part": { "type": "component", "component": "shared.part" },
    });
    for test_project in TestProject::on_every_database() {
        let part = json!({ "collectionName": "parts", "info": { "displayName": "Part" }, "attributes": {
            "name": { "type": "string" }, "owner": relation("oneToOne", "admin::user") } });
        let project = test_project
            .with_file("src/api/note/content-types/note/schema.json", &schema("note", attributes.clone(), json!({})))
            .with_file("src/components/shared/part.json", &part.to_string());
        let server = TestServer::start_with(project).await;
        round_trip(&server, json!({ "title": "t" })).await;
        let body = json!({ "title": "t", "author": 1, "roles": [1], "audience": ["x"], "files": [],
            "part": { "name": "p", "owner": { "id": 1 } } });
        server.post("/api/notes", json!({ "data": body })).await.expect_status(201);
        let answer = server.get("/api/notes?populate=*&filters[title]=t").await.expect_status(200);
        let entry = &answer.data()[0];
        assert_eq!((&entry["author"], &entry["roles"]), (&json!(null), &json!([])), "{entry}");
        assert!(entry.get("audience").is_none() && entry.get("files").is_none(), "{entry}");
        assert_eq!(entry["part"]["name"], "p");
        server
            .get("/api/notes?populate[part][populate]=*&populate[author]=true&populate[audience]=true")
            .await
            .expect_status(200);
        server
            .get("/api/notes?filters[author][firstname]=x")
            .await
            .expect_error(400, "Invalid key firstname at author");
        server.get("/api/notes?sort=author.email").await.expect_status(400);
        for filter in [
            "filters[author]=1",
            "filters[audience][name]=x",
            "filters[author][$notNull]=true",
            "filters[part][owner]=1",
        ] {
            assert_eq!(
                server.get(&format!("/api/notes?{filter}")).await.expect_status(200).pagination_total(),
                0,
                "{filter}"
            );
        }
        server.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unusual_attribute_names_are_supported() {
    let names = ["_a", "1st", "my name", "größe", "What's new", "e-mail", "a$b", "日本語"];
    let mut attributes = Map::new();
    let mut data = Map::new();
    for (i, name) in names.iter().enumerate() {
        attributes.insert((*name).to_owned(), json!({ "type": "string", "unique": i == 2 }));
        data.insert((*name).to_owned(), json!(format!("value {i}")));
    }
    let long = "a".repeat(80);
    attributes.insert(long.clone(), json!({ "type": "integer", "index": true }));
    data.insert(long, json!(8));
    let mut all_attributes = attributes.clone();
    all_attributes
        .insert("part".into(), json!({ "type": "component", "component": "shared.part", "repeatable": true }));
    for test_project in TestProject::on_every_database() {
        let part = json!({ "info": {}, "attributes": attributes });
        let extra_keys = json!({ "collectionName": "My Table: \"notes\"; --" });
        let project = test_project
            .with_file(
                "src/api/note/content-types/note/schema.json",
                &schema("note", json!(all_attributes), extra_keys),
            )
            .with_file("src/components/shared/part.json", &part.to_string());
        let server = TestServer::start_with(project).await;
        round_trip(&server, json!(data)).await;
        let mut all = data.clone();
        all.insert("part".into(), json!([data]));
        server.post("/api/notes", json!({ "data": all })).await.expect_status(201);
        for (i, name) in names.iter().enumerate() {
            let name: String = name.bytes().map(|b| format!("%{b:02X}")).collect();
            for query in [
                format!("filters[{name}]=value%20{i}"),
                format!("filters[{name}][$contains]=value&sort={name}:desc&fields[0]={name}"),
                format!("filters[part][{name}][$eq]=value%20{i}&populate[part][fields][0]={name}"),
                format!("sort[{name}]=asc&filters[{name}][$notNull]=true"),
            ] {
                let answer = server.get(&format!("/api/notes?{query}")).await.expect_status(200);
                assert_eq!(answer.pagination_total(), 1, "{query}: {}", answer.body);
            }
        }
        server.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invalid_defaults_are_rejected_when_they_are_used() {
    let attributes = json!({
        "title": { "type": "string" },
        "variant": { "type": "enumeration", "enum": ["dark"], "default": "light" },
    });
    for server in servers(attributes, json!({ "kind": null, "options": { "draftAndPublish": "true" } })).await {
        let refused = server.post("/api/notes", json!({ "data": { "title": "t" } })).await;
        refused.expect_error(400, "variant must be one of the following values: dark, ");
        server.post("/api/notes", json!({ "data": { "title": "t", "variant": "dark" } })).await.expect_status(201);
        // The text "true" switches drafts on.
        assert_eq!(server.get("/api/notes?status=draft").await.expect_status(200).pagination_total(), 1);
        server.stop().await;
    }
    let attributes = json!({
        "open": { "type": "time", "default": "11:50" },
        "five": { "type": "string", "default": 5 },
        "slug": { "type": "uid", "targetField": "nothing" },
        "image": { "type": "media", "allowedTypes": ["image"] },
        "must": { "type": "string", "required": "true" },
    });
    for server in servers(attributes, json!({})).await {
        let all = json!({ "open": "11:50:00", "five": "5", "must": "m", "slug": "s" });
        server.post("/api/notes", json!({ "data": all })).await.expect_status(201);
        let without = |key: &str| {
            let mut data = all.clone();
            data["slug"] = json!(format!("without-{key}"));
            data.as_object_mut().unwrap().remove(key);
            json!({ "data": data })
        };
        let refused = server.post("/api/notes", without("open")).await;
        refused.expect_error(400, "Invalid time format, expected HH:mm:ss.SSS");
        let refused = server.post("/api/notes", without("five")).await;
        refused.expect_error(400, "five must be a `string` type, but the final value was: `5`.");
        server.post("/api/notes", without("must")).await.expect_error(400, "must must be defined.");
        server.post("/api/notes", without("slug")).await.expect_status(201);
        server.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn regexes_use_javascript_syntax_and_are_bounded() {
    let attributes = json!({
        "ahead": { "type": "string", "regex": "^(?!.*[%+&]).+$" },
        "back": { "type": "string", "regex": "^(a|b)\\1$" },
        "broken": { "type": "string", "regex": "[" },
        "slash": { "type": "string", "regex": "^/[a-z]+$" },
        "slow": { "type": "text", "regex": "^(?=((a+)+)$)\\1b" },
        "body": { "type": "customField", "customField": "plugin::ckeditor5.CKEditor" },
    });
    for server in servers(attributes, json!({})).await {
        round_trip(&server, json!({ "ahead": "plain", "back": "aa", "slash": "/a", "body": "<p>x</p>" })).await;
        let refused = async |data: Json, message: &str| {
            let answer = server.post("/api/notes", json!({ "data": data })).await.expect_status(400);
            assert!(answer.message().starts_with(message), "{}", answer.body);
        };
        refused(json!({ "ahead": "a&b" }), r#"ahead must match the following: "/^(?!.*[%+&]).+$/""#).await;
        refused(json!({ "back": "ab" }), r#"back must match the following: "/^(a|b)\1$/""#).await;
        refused(json!({ "slash": "a" }), r#"slash must match the following: "/^\/[a-z]+$/""#).await;
        refused(json!({ "broken": "x" }), "broken cannot be checked: its regex /[/ is not a valid regular expression")
            .await;
        refused(json!({ "slow": "a".repeat(5_000) }), "slow ").await;
        refused(json!({ "slow": "a".repeat(50_000) }), "slow cannot be checked: matching").await;
        refused(json!({ "body": { "a": 1 } }), "body must be a `string` type").await;
        server.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn types_of_local_plugins_and_renamed_folders_are_served() {
    for test_project in TestProject::on_every_database() {
        let run = schema("run", json!({ "name": { "type": "string" } }), json!({}));
        let home = schema(
            "home-page",
            json!({
                "runs": { "type": "relation", "relation": "oneToMany", "target": "plugin::import-products.run" },
                "self": { "type": "relation", "relation": "oneToOne", "target": "api::home-page.home-page" },
                "part": { "type": "component", "component": "sections.herobanner" },
            }),
            json!({}),
        );
        let part = json!({ "info": {}, "attributes": { "name": { "type": "string" } } }).to_string();
        let project = test_project
            .with_file("src/plugins/importer/package.json", r#"{"strapi": {"name": "Import of products"}}"#)
            .with_file(
                "config/plugins.js",
                "module.exports = { 'import-products': { enabled: true, resolve: './src/plugins/importer' } };",
            )
            .with_file("src/plugins/importer/server/content-types/run/schema.json", &run)
            .with_file("src/api/homePage/content-types/homePage/schema.json", &home)
            .with_file("src/components/Sections/HeroBanner.json", &part);
        let server = TestServer::start_with(project).await;
        let run = server.post("/api/import-products/runs", json!({ "data": { "name": "r" } })).await.expect_status(201);
        let data = json!({ "runs": [run.document_id()], "part": { "name": "p" } });
        server.post("/api/home-pages", json!({ "data": data })).await.expect_status(201);
        let answer = server.get("/api/home-pages?populate=*").await.expect_status(200);
        assert_eq!(answer.data()[0]["runs"][0]["name"], "r", "{}", answer.body);
        assert_eq!(answer.data()[0]["part"]["name"], "p", "{}", answer.body);
        server.stop().await;
    }
}
