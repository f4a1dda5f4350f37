//! `cairn schema`, as a developer uses it.

use cairn_testkit::{SchemaBuilder, TestProject};
use serde_json::{Value as Json, json};
use std::process::{Command, Stdio};

/// Runs a command, and returns its standard output; where it failed, with its standard error.
fn cairn(project: &TestProject, args: &[&str]) -> Result<String, String> {
    let output = Command::new(env!("CARGO_BIN_EXE_cairn"))
        .args(args)
        .arg("--project")
        .arg(project.path())
        .env("CAIRN_LOG", "error")
        .env("CAIRN_DATABASE_URL", project.database().url())
        .env("CAIRN_SECRET_KEY", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let stdout = text(output.stdout);
    if output.status.success() { Ok(stdout) } else { Err(stdout + &text(output.stderr)) }
}

fn article(attributes: Json) -> SchemaBuilder {
    SchemaBuilder::collection("article", attributes)
}

#[test]
fn schema_changes_are_planned_consented_and_applied() {
    for project in TestProject::on_every_database() {
        let project = project
            .with_component("shared.seo", json!({ "title": { "type": "string" } }))
            .with_type(article(json!({
                "title": { "type": "string" }, "text": { "type": "text" }, "seo": { "type": "component", "component": "shared.seo" },
            })));
        let plan = cairn(&project, &["schema", "plan"]).unwrap();
        assert!(plan.contains("add      Add the content type `api::article.article`"), "{plan}");
        assert!(cairn(&project, &["schema", "check"]).unwrap_err().contains("not applied"));
        cairn(&project, &["schema", "apply"]).unwrap();
        assert_eq!(cairn(&project, &["schema", "check"]).unwrap(), "content types and database match\n");
        assert_eq!(cairn(&project, &["schema", "plan"]).unwrap(), "nothing to change\n");
        assert_eq!(cairn(&project, &["schema", "trash"]).unwrap(), "the trash is empty\n");

        // A renamed attribute is asked about, not guessed.
        let project = project.with_type(article(json!({
            "heading": { "type": "string" }, "seo": { "type": "component", "component": "shared.seo" },
        })));
        let plan = cairn(&project, &["schema", "plan"]).unwrap();
        assert!(plan.contains("QUESTION") && plan.contains("DROP") && plan.contains("--consent"), "{plan}");
        for command in [
            &["doctor"][..],
            &["apply", "-"],
            &["user", "reset-link", "--email", "a@b.co"],
            &["serve", "--listen", "127.0.0.1:0"],
        ] {
            let message = cairn(&project, command).unwrap_err();
            assert!(
                message.contains("cairn schema plan") && message.contains("cairn schema apply"),
                "{command:?}: {message}"
            );
        }
        assert!(cairn(&project, &["schema", "apply"]).unwrap_err().contains("--consent"));
        let rename = ["--rename", "api::article.article.title=heading"];
        let json = cairn(&project, &[&["schema", "plan", "--json", "--try"], &rename[..]].concat()).unwrap();
        let plan: Json = serde_json::from_str(&json).unwrap();
        assert_eq!((&plan[0]["atStart"], &plan[0]["needsConsent"]), (&json!(false), &json!(true)), "{json}");
        assert_eq!(plan[0]["refused"], Json::Null, "{json}");
        let hash = plan[0]["hash"].as_str().unwrap();
        let refusal = cairn(&project, &[&["schema", "apply", "--consent", "abc"], &rename[..]].concat()).unwrap_err();
        assert!(refusal.contains("a different plan") && refusal.contains(hash), "{refusal}");
        let text = cairn(&project, &[&["schema", "apply", "--consent", hash], &rename[..]].concat()).unwrap();
        assert!(text.contains("Rename in `api::article.article` `title` to `heading`."), "{text}");
        assert_eq!(cairn(&project, &["schema", "check"]).unwrap(), "content types and database match\n");
        assert!(cairn(&project, &["doctor"]).unwrap().contains("ok    schema"), "{project:?}");
        // Twice does nothing, whatever is answered.
        let repeated = cairn(&project, &[&["schema", "apply", "--consent", hash], &rename[..]].concat()).unwrap();
        assert_eq!(repeated, "nothing to change\n");
    }
}

#[test]
fn dropped_types_are_restored_with_their_schema_files() {
    for project in TestProject::on_every_database() {
        let project = project
            .with_component("shared.part", json!({ "label": { "type": "string", "required": true } }))
            .with_type(article(json!({
                "title": { "type": "string", "unique": true, "maxLength": 20 }, "kind": { "type": "enumeration", "enum": ["a", "b"] },
                "parts": { "type": "component", "component": "shared.part", "repeatable": true },
                "image": { "type": "media", "multiple": false },
            })))
            .with_type(SchemaBuilder::collection("note", json!({ "text": { "type": "text" } })));
        cairn(&project, &["schema", "apply"]).unwrap();
        let folder = project.path().join("content-types");
        let file = folder.join("api/article/content-types/article/schema.json");
        let was: Json = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
        std::fs::remove_file(&file).unwrap();
        std::fs::remove_dir_all(folder.join("components")).unwrap();
        let json: Json = serde_json::from_str(&cairn(&project, &["schema", "plan", "--json"]).unwrap()).unwrap();
        cairn(&project, &["schema", "apply", "--consent", json[0]["hash"].as_str().unwrap()]).unwrap();
        let list = cairn(&project, &["schema", "trash"]).unwrap();
        assert!(list.contains("type") && list.contains("api::article.article"), "{list}");
        let list: Json = serde_json::from_str(&cairn(&project, &["schema", "trash", "--json"]).unwrap()).unwrap();
        let id = list[0]["id"].to_string();
        let printed = cairn(&project, &["schema", "restore", &id]).unwrap_err();
        assert!(printed.contains("\"collectionName\": \"articles\"") && printed.contains("--write-files"), "{printed}");
        let text = cairn(&project, &["schema", "restore", &id, "--write-files"]).unwrap();
        assert!(text.contains("written: api/article/content-types/article/schema.json"), "{text}");
        assert!(text.contains("api::article.article: 0 value(s) restored"), "{text}");
        let is: Json = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
        assert_eq!(is["attributes"]["title"], was["attributes"]["title"]);
        assert_eq!(is["attributes"]["parts"], was["attributes"]["parts"]);
        assert_eq!(cairn(&project, &["schema", "check"]).unwrap(), "content types and database match\n");
        assert!(cairn(&project, &["schema", "restore", &id]).unwrap_err().contains("no entry"));
    }
}

#[test]
fn polymorphic_relations_are_restored_to_schema_files() {
    for project in TestProject::on_every_database() {
        let inverse = |kind: &str, across: &str| json!({ "type": "relation", "relation": kind, "target": "api::link.link", "morphBy": across });
        let books = json!({ "name": { "type": "string" }, "linked": inverse("morphMany", "many"), "pinned": inverse("morphOne", "one") });
        let links = json!({
            "label": { "type": "string" },
            "one": { "type": "relation", "relation": "morphToOne" }, "many": { "type": "relation", "relation": "morphToMany" },
        });
        let project = project
            .with_type(SchemaBuilder::collection("book", books))
            .with_type(SchemaBuilder::collection("link", links))
            .with_type(SchemaBuilder::collection("note", json!({ "text": { "type": "text" } })));
        cairn(&project, &["schema", "apply"]).unwrap();
        let file = |name: &str| {
            let file = project.path().join(format!("content-types/api/{name}/content-types/{name}/schema.json"));
            let json: Json = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
            (file, json)
        };
        let (place, was) = file("book");
        std::fs::remove_file(&place).unwrap();
        let json: Json = serde_json::from_str(&cairn(&project, &["schema", "plan", "--json"]).unwrap()).unwrap();
        cairn(&project, &["schema", "apply", "--consent", json[0]["hash"].as_str().unwrap()]).unwrap();
        let list: Json = serde_json::from_str(&cairn(&project, &["schema", "trash", "--json"]).unwrap()).unwrap();
        cairn(&project, &["schema", "restore", &list[0]["id"].to_string(), "--write-files"]).unwrap();
        // The restored schema equals the former one.
        let (_, is) = file("book");
        assert_eq!(is["attributes"], was["attributes"]);
        assert_eq!(cairn(&project, &["schema", "check"]).unwrap(), "content types and database match\n");
    }
}

#[test]
fn schema_changes_are_applied_per_tenant() {
    let project = TestProject::new().with_type(article(json!({ "title": { "type": "string" } }))).with_file(
        "settings.json",
        r#"{"tenants": {"one": {"settings": {"locales": {"default": "nl", "available": ["nl"]}}}}}"#,
    );
    let settings = project.path().join("settings.json");
    cairn(&project, &["apply", settings.to_str().unwrap()]).unwrap();
    let project = project.with_type(article(json!({ "title": { "type": "string" }, "text": { "type": "text" } })));
    let message = cairn(&project, &["schema", "check"]).unwrap_err();
    assert!(message.contains("default: 1 change(s)") && message.contains("one: 1 change(s)"), "{message}");
    let text = cairn(&project, &["schema", "apply", "--tenant", "one"]).unwrap();
    assert!(text.contains("Add `text`"), "{text}");
    let output = cairn(&project, &["schema", "apply"]).unwrap();
    assert!(output.contains("tenant one\nnothing to change"), "{output}");
    assert_eq!(cairn(&project, &["schema", "check"]).unwrap(), "content types and database match\n");
    assert!(
        cairn(&project, &["schema", "plan", "--tenant", "none"]).unwrap_err().contains("tenant \"none\" not found")
    );
}

fn apply_with_consent(project: &TestProject) {
    let json: Json = serde_json::from_str(&cairn(project, &["schema", "plan", "--json"]).unwrap()).unwrap();
    cairn(project, &["schema", "apply", "--consent", json[0]["hash"].as_str().unwrap()]).unwrap();
}

/// All files of the content types, with their content.
fn schema_files(folder: &std::path::Path) -> Vec<(std::path::PathBuf, String)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(schema_files(&path)),
            false => found.push((path.clone(), std::fs::read_to_string(&path).unwrap())),
        }
    }
    found.sort();
    found
}

/// Whatever a restore refuses, it leaves no file behind, and the project starts.
#[test]
fn restores_that_fail_write_no_files() {
    for project in TestProject::on_every_database() {
        let part = |project: TestProject| {
            let relation = json!({ "type": "relation", "relation": "oneToOne", "target": "api::book.book" });
            project.with_component("x.y", json!({ "line": { "type": "string" }, "book": relation }))
        };
        let attributes = json!({ "title": { "type": "string" }, "part": { "type": "component", "component": "x.y" } });
        let project = part(project)
            .with_type(article(attributes))
            .with_type(SchemaBuilder::collection("book", json!({ "name": { "type": "string" } })));
        let project = create_article_and_stop(project);
        let types = project.path().join("content-types");
        // The attribute with its component, then the type that the component points to.
        let project = project.with_type(article(json!({ "title": { "type": "string" } })));
        std::fs::remove_dir_all(types.join("components")).unwrap();
        apply_with_consent(&project);
        std::fs::remove_dir_all(types.join("api/book")).unwrap();
        apply_with_consent(&project);
        let list: Json = serde_json::from_str(&cairn(&project, &["schema", "trash", "--json"]).unwrap()).unwrap();
        let id_of =
            |place: &str| list.as_array().unwrap().iter().find(|e| e["place"] == place).unwrap()["id"].to_string();
        let part_id = id_of("api::article.article.part");
        let before = schema_files(&types);
        let message = cairn(&project, &["schema", "restore", &part_id, "--write-files"]).unwrap_err();
        assert!(message.contains("api::book.book") && message.contains("nothing was changed"), "{message}");
        assert_eq!(schema_files(&types), before);
        assert_eq!(cairn(&project, &["schema", "check"]).unwrap(), "content types and database match\n");

        // Deletion of the type itself comes next: its attribute can only be restored after it.
        std::fs::remove_dir_all(types.join("api/article")).unwrap();
        apply_with_consent(&project);
        let list: Json = serde_json::from_str(&cairn(&project, &["schema", "trash", "--json"]).unwrap()).unwrap();
        let id_of =
            |place: &str| list.as_array().unwrap().iter().find(|e| e["place"] == place).unwrap()["id"].to_string();
        let type_id = id_of("api::article.article");
        let before = schema_files(&types);
        for args in [&["schema", "restore", &part_id][..], &["schema", "restore", &part_id, "--write-files"]] {
            let message = cairn(&project, args).unwrap_err();
            assert!(message.contains(&format!("cairn schema restore {type_id} --write-files")), "{message}");
            assert_eq!(schema_files(&types), before);
        }
        for id in [id_of("api::book.book"), type_id, part_id] {
            let text = cairn(&project, &["schema", "restore", &id, "--write-files"]).unwrap();
            assert!(!text.contains("left in the trash"), "{text}");
        }
        assert!(types.join("components/x/y.json").is_file());
        assert_eq!(cairn(&project, &["schema", "check"]).unwrap(), "content types and database match\n");
        assert_eq!(cairn(&project, &["schema", "trash"]).unwrap(), "the trash is empty\n");
        assert_restored_article_is_served(project);
    }
}

/// A type and the relation of another that pointed at it need each other: neither comes back alone.
#[test]
fn types_and_relations_that_need_each_other_are_restored_together() {
    let relation = |kind: &str, target: &str, word: &str, across: &str| json!({ "type": "relation", "relation": kind, "target": format!("api::{target}.{target}"), word: across });
    for project in TestProject::on_every_database() {
        let author = relation("manyToOne", "author", "inversedBy", "articles");
        let project = project
            .with_type(article(json!({ "title": { "type": "string" }, "author": author })))
            .with_type(SchemaBuilder::collection(
                "author",
                json!({ "name": { "type": "string" }, "articles": relation("oneToMany", "article", "mappedBy", "author") }),
            ));
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let project = runtime.block_on(async {
            let server = cairn_testkit::TestServer::start_with(project).await;
            let ann =
                server.create_entry("/api/authors", json!({ "name": "Ann" })).await.expect_status(201).document_id();
            server.create_entry("/api/articles", json!({ "title": "x", "author": ann })).await.expect_status(201);
            std::mem::take(&mut server.stop().await.project)
        });
        let types = project.path().join("content-types");
        std::fs::remove_dir_all(types.join("api/author")).unwrap();
        let project = project.with_type(article(json!({ "title": { "type": "string" } })));
        apply_with_consent(&project);
        let list: Json = serde_json::from_str(&cairn(&project, &["schema", "trash", "--json"]).unwrap()).unwrap();
        let id_of =
            |place: &str| list.as_array().unwrap().iter().find(|e| e["place"] == place).unwrap()["id"].to_string();
        let (type_id, relation_id) = (id_of("api::author.author"), id_of("api::article.article.author"));
        let before = schema_files(&types);
        for (one, other) in [(&type_id, &relation_id), (&relation_id, &type_id)] {
            let message = cairn(&project, &["schema", "restore", one, "--write-files"]).unwrap_err();
            assert!(message.contains("nothing was changed"), "{message}");
            assert!(message.contains(&format!("cairn schema restore {one} {other} --write-files")), "{message}");
            assert_eq!(schema_files(&types), before);
        }
        let text = cairn(&project, &["schema", "restore", &relation_id, &type_id, &type_id, "--write-files"]).unwrap();
        assert!(text.contains("api::author.author: 1 value(s) restored"), "{text}");
        assert!(text.contains("api::article.article.author: 1 value(s) restored"), "{text}");
        assert_eq!(cairn(&project, &["schema", "check"]).unwrap(), "content types and database match\n");
        assert_eq!(cairn(&project, &["schema", "trash"]).unwrap(), "the trash is empty\n");
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let server = cairn_testkit::TestServer::start_with(project).await;
            let found = server.get("/api/authors?populate=articles").await.expect_status(200).body;
            assert_eq!(found["data"][0]["articles"][0]["title"], "x", "{found}");
            server.stop().await;
        });
    }
}

fn assert_restored_article_is_served(project: TestProject) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let server = cairn_testkit::TestServer::start_with(project).await;
        let found = server.get("/api/articles?populate[part][populate]=book").await.expect_status(200).body;
        let (article, part) = (&found["data"][0], &found["data"][0]["part"]);
        assert_eq!((&article["title"], &part["line"]), (&json!("x"), &json!("l")), "{found}");
        server.stop().await;
    });
}

/// Stores an entry with a component and a relation, over HTTP.
fn create_article_and_stop(project: TestProject) -> TestProject {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let server = cairn_testkit::TestServer::start_with(project).await;
        let book = server.create_entry("/api/books", json!({ "name": "One" })).await.expect_status(201).document_id();
        let article = json!({ "title": "x", "part": { "line": "l", "book": book } });
        server.create_entry("/api/articles", article).await.expect_status(201);
        let mut server = server.stop().await;
        std::mem::take(&mut server.project)
    })
}
