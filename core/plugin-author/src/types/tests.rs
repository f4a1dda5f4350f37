use super::*;
use serde_json::json;
use std::fs;

fn put(root: &Path, name: &str, content: &str) {
    let place = root.join(name);
    fs::create_dir_all(place.parent().unwrap()).unwrap();
    fs::write(place, content).unwrap();
}

const MANIFEST: &str =
    "[plugin]\nid = \"shop\"\nversion = \"1.0.0\"\napi = \"0.1\"\nname = \"Shop\"\nlicense = \"MIT\"\n";

fn collection(name: &str, attributes: Json) -> String {
    json!({
        "kind": "collectionType", "collectionName": format!("{name}_table"),
        "info": { "singularName": name, "pluralName": format!("{name}s"), "displayName": name },
        "options": { "draftAndPublish": false }, "attributes": attributes,
    })
    .to_string()
}

/// A plugin and a project that have of everything.
fn ground() -> (tempfile::TempDir, PathBuf, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let (plugin, project) = (dir.path().join("shop"), dir.path().join("project"));
    put(&plugin, "plugin.toml", MANIFEST);
    let order = json!({
        "number": { "type": "string", "required": true },
        "type": { "type": "string" },
        "paidAt": { "type": "datetime" },
        "total": { "type": "decimal", "required": true },
        "state": { "type": "enumeration", "enum": ["new", "in-progress", "Done"], "default": "new", "required": true },
        "token": { "type": "string", "private": true },
        "article": { "type": "relation", "relation": "manyToOne", "target": "api::article.article" },
        "lines": { "type": "relation", "relation": "manyToMany", "target": "api::article.article" },
    });
    put(&plugin, "content-types/order/schema.json", &collection("order", order));
    let article = json!({
        "title": { "type": "string", "required": true },
        "views": { "type": "biginteger" },
        "weight": { "type": "float" },
        "count": { "type": "integer" },
        "visible": { "type": "boolean" },
        "secret": { "type": "string", "private": true },
        "more": { "type": "json" },
        "picture": { "type": "media", "multiple": false },
        "seo": { "type": "component", "component": "shared.seo" },
        "parts": { "type": "component", "component": "shared.part", "repeatable": true },
        "zone": { "type": "dynamiczone", "components": ["shared.seo"] },
    });
    put(&project, "content-types/api/article/content-types/article/schema.json", &collection("article", article));
    let component = |attributes: Json| json!({ "info": { "displayName": "x" }, "attributes": attributes }).to_string();
    put(&project, "content-types/components/shared/seo.json", &component(json!({ "metaTitle": { "type": "string" } })));
    let part = json!({ "kind": { "type": "enumeration", "enum": ["a", "b"] } });
    put(&project, "content-types/components/shared/part.json", &component(part));
    (dir, plugin, project)
}

/// What `refresh` writes is what was agreed on.
#[track_caller]
fn agreed(plugin: &Path, project: &Path, name: &str) {
    let types = refresh_types(plugin, Some(project)).unwrap();
    assert_eq!(types, ["plugin::shop.order", "api::article.article"]);
    let made = fs::read_to_string(plugin.join(types_file(plugin))).unwrap();
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("UPDATE").is_some() {
        fs::create_dir_all(golden.parent().unwrap()).unwrap();
        fs::write(&golden, &made).unwrap();
    }
    let known = fs::read_to_string(&golden).unwrap_or_default();
    assert_eq!(made, known, "run with UPDATE=1 where this is meant");
}

#[test]
fn types_are_written_as_they_were_agreed_on() {
    let (_dir, plugin, project) = ground();
    agreed(&plugin, &project, "types.rs.txt");
}

#[test]
fn so_they_are_in_typescript() {
    let (_dir, plugin, project) = ground();
    put(&plugin, "package.json", "{}");
    agreed(&plugin, &project, "types.ts");
    assert!(!plugin.join("src/types.rs").exists());
}

#[test]
fn so_they_are_in_python() {
    let (_dir, plugin, project) = ground();
    put(&plugin, "src/main.py", "");
    agreed(&plugin, &project, "content_types.py");
    assert!(!plugin.join("src/types.rs").exists());
}

#[test]
fn names_that_a_language_has_for_itself_do_no_harm() {
    let (_dir, plugin, project) = ground();
    let odd = json!({ "from": { "type": "string", "required": true }, "class": { "type": "boolean" } });
    let odd = collection("order", odd)
        .replace("\"displayName\":\"order\"", "\"displayName\":\"An */ \\n order \\\"\\\"\\\"\"");
    put(&plugin, "content-types/order/schema.json", &odd);
    put(&plugin, "package.json", "{}");
    refresh_types(&plugin, Some(&project)).unwrap();
    let made = fs::read_to_string(plugin.join("src/types.ts")).unwrap();
    assert!(made.contains("/** An * / order") && made.contains("  from: string;\n"), "{made}");
    fs::remove_file(plugin.join("package.json")).unwrap();
    put(&plugin, "src/main.py", "");
    refresh_types(&plugin, Some(&project)).unwrap();
    let made = fs::read_to_string(plugin.join("src/content_types.py")).unwrap();
    assert!(made.contains("Order = TypedDict(") && made.contains("    \"from\": \"str\",\n"), "{made}");
}

#[test]
fn what_is_installed_of_the_plugin_does_not_count() {
    let (_dir, plugin, project) = ground();
    put(&project, "plugins/shop/plugin.toml", MANIFEST);
    let older = collection("order", json!({ "old": { "type": "string" } }));
    put(&project, "plugins/shop/content-types/order/schema.json", &older);
    let gone = collection("gone", json!({ "old": { "type": "string" } }));
    put(&project, "plugins/shop/content-types/gone/schema.json", &gone);
    assert_eq!(refresh_types(&plugin, Some(&project)).unwrap(), ["plugin::shop.order", "api::article.article"]);
    assert!(!fs::read_to_string(plugin.join("src/types.rs")).unwrap().contains("old"));
}

#[test]
fn a_type_that_only_a_project_has_is_named_where_there_is_none() {
    let (_dir, plugin, _project) = ground();
    let error = refresh_types(&plugin, None).unwrap_err().to_string();
    assert!(error.contains("api::article.article"), "{error}");
    assert!(!plugin.join("src/types.rs").exists());
}

#[test]
fn broken_files_are_named_and_nothing_is_written() {
    let (_dir, plugin, project) = ground();
    let error = |name: &str, content: &str| {
        let before = fs::read(plugin.join(name)).unwrap();
        put(&plugin, name, content);
        let error = refresh_types(&plugin, Some(&project)).unwrap_err().to_string();
        fs::write(plugin.join(name), before).unwrap();
        error
    };
    let schema = "content-types/order/schema.json";
    assert!(error("plugin.toml", "[plugin").contains("plugin.toml:1"));
    assert!(error(schema, "{").contains("invalid JSON"));
    assert!(error(schema, "[]").contains("a JSON object"));
    assert!(error(schema, "{}").contains("order/schema.json"));
    assert!(!plugin.join("src/types.rs").exists());
    fs::remove_file(plugin.join("plugin.toml")).unwrap();
    assert!(refresh_types(&plugin, None).unwrap_err().to_string().contains("plugin.toml"));
}

/// Tests of plugins run on this model: their keys hold there as they do where it is installed.
#[test]
fn a_model_has_the_keys_that_the_manifest_says() {
    let (_dir, plugin, project) = ground();
    let keys = "[content-types]\n[content-types.order]\nunique = [[\"number\", \"article\"]]\n";
    put(&plugin, "plugin.toml", &format!("{MANIFEST}{keys}"));
    let (_, registry) = load_model(&plugin, Some(&project)).unwrap();
    let order = registry.by_uid("plugin::shop.order").unwrap();
    let names = |key: &Vec<usize>| key.iter().map(|id| order.attributes[*id].name.clone()).collect::<Vec<_>>();
    assert_eq!(order.unique_keys.iter().map(names).collect::<Vec<_>>(), [["number", "article"]]);
    // What the project has of it is another version.
    put(&plugin, "plugin.toml", MANIFEST);
    put(&project, "plugins/shop/plugin.toml", &format!("{MANIFEST}{keys}"));
    let (_, registry) = load_model(&plugin, Some(&project)).unwrap();
    assert!(registry.by_uid("plugin::shop.order").unwrap().unique_keys.is_empty());
}
