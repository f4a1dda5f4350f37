use super::*;
use serde_json::json;
use std::fs;

fn write_file(root: &Path, name: &str, content: &str) {
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
fn create_plugin_and_project() -> (tempfile::TempDir, PathBuf, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let (plugin, project) = (dir.path().join("shop"), dir.path().join("project"));
    write_file(&plugin, "plugin.toml", MANIFEST);
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
    write_file(&plugin, "content-types/order/schema.json", &collection("order", order));
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
    write_file(
        &project,
        "content-types/api/article/content-types/article/schema.json",
        &collection("article", article),
    );
    let component = |attributes: Json| json!({ "info": { "displayName": "x" }, "attributes": attributes }).to_string();
    write_file(
        &project,
        "content-types/components/shared/seo.json",
        &component(json!({ "metaTitle": { "type": "string" } })),
    );
    let part = json!({ "kind": { "type": "enumeration", "enum": ["a", "b"] } });
    write_file(&project, "content-types/components/shared/part.json", &component(part));
    (dir, plugin, project)
}

/// Asserts that `refresh` writes the types in the golden file.
#[track_caller]
fn assert_matches_golden(plugin: &Path, project: &Path, name: &str) {
    let types = refresh_types(plugin, Some(project)).unwrap();
    assert_eq!(types, ["plugin::shop.order", "api::article.article"]);
    let generated = fs::read_to_string(plugin.join(types_file(plugin))).unwrap();
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("UPDATE").is_some() {
        fs::create_dir_all(golden.parent().unwrap()).unwrap();
        fs::write(&golden, &generated).unwrap();
    }
    let known = fs::read_to_string(&golden).unwrap_or_default();
    assert_eq!(generated, known, "run with UPDATE=1 where this is meant");
}

#[test]
fn rust_types_match_the_golden_file() {
    let (_dir, plugin, project) = create_plugin_and_project();
    assert_matches_golden(&plugin, &project, "types.rs.txt");
}

#[test]
fn typescript_types_match_the_golden_file() {
    let (_dir, plugin, project) = create_plugin_and_project();
    write_file(&plugin, "package.json", "{}");
    assert_matches_golden(&plugin, &project, "types.ts");
    assert!(!plugin.join("src/types.rs").exists());
}

#[test]
fn python_types_match_the_golden_file() {
    let (_dir, plugin, project) = create_plugin_and_project();
    write_file(&plugin, "src/main.py", "");
    assert_matches_golden(&plugin, &project, "content_types.py");
    assert!(!plugin.join("src/types.rs").exists());
}

#[test]
fn reserved_words_and_comment_delimiters_are_escaped() {
    let (_dir, plugin, project) = create_plugin_and_project();
    let odd = json!({ "from": { "type": "string", "required": true }, "class": { "type": "boolean" } });
    let odd = collection("order", odd)
        .replace("\"displayName\":\"order\"", "\"displayName\":\"An */ \\n order \\\"\\\"\\\"\"");
    write_file(&plugin, "content-types/order/schema.json", &odd);
    write_file(&plugin, "package.json", "{}");
    refresh_types(&plugin, Some(&project)).unwrap();
    let generated = fs::read_to_string(plugin.join("src/types.ts")).unwrap();
    assert!(generated.contains("/** An * / order") && generated.contains("  from: string;\n"), "{generated}");
    fs::remove_file(plugin.join("package.json")).unwrap();
    write_file(&plugin, "src/main.py", "");
    refresh_types(&plugin, Some(&project)).unwrap();
    let generated = fs::read_to_string(plugin.join("src/content_types.py")).unwrap();
    assert!(generated.contains("Order = TypedDict(") && generated.contains("    \"from\": \"str\",\n"), "{generated}");
}

#[test]
fn installed_version_of_the_plugin_is_ignored() {
    let (_dir, plugin, project) = create_plugin_and_project();
    write_file(&project, "plugins/shop/plugin.toml", MANIFEST);
    let older = collection("order", json!({ "old": { "type": "string" } }));
    write_file(&project, "plugins/shop/content-types/order/schema.json", &older);
    let removed_type = collection("gone", json!({ "old": { "type": "string" } }));
    write_file(&project, "plugins/shop/content-types/gone/schema.json", &removed_type);
    assert_eq!(refresh_types(&plugin, Some(&project)).unwrap(), ["plugin::shop.order", "api::article.article"]);
    assert!(!fs::read_to_string(plugin.join("src/types.rs")).unwrap().contains("old"));
}

#[test]
fn missing_project_types_are_named_in_the_error() {
    let (_dir, plugin, _project) = create_plugin_and_project();
    let error = refresh_types(&plugin, None).unwrap_err().to_string();
    assert!(error.contains("api::article.article"), "{error}");
    assert!(!plugin.join("src/types.rs").exists());
}

#[test]
fn invalid_files_are_named_and_no_types_are_written() {
    let (_dir, plugin, project) = create_plugin_and_project();
    let error = |name: &str, content: &str| {
        let before = fs::read(plugin.join(name)).unwrap();
        write_file(&plugin, name, content);
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
fn model_has_the_unique_keys_of_the_manifest() {
    let (_dir, plugin, project) = create_plugin_and_project();
    let keys = "[content-types]\n[content-types.order]\nunique = [[\"number\", \"article\"]]\n";
    write_file(&plugin, "plugin.toml", &format!("{MANIFEST}{keys}"));
    let (_, registry) = load_model(&plugin, Some(&project)).unwrap();
    let order = registry.by_uid("plugin::shop.order").unwrap();
    let names = |key: &Vec<usize>| key.iter().map(|id| order.attributes[*id].name.clone()).collect::<Vec<_>>();
    assert_eq!(order.unique_keys.iter().map(names).collect::<Vec<_>>(), [["number", "article"]]);
    // The version that the project has installed does not count.
    write_file(&plugin, "plugin.toml", MANIFEST);
    write_file(&project, "plugins/shop/plugin.toml", &format!("{MANIFEST}{keys}"));
    let (_, registry) = load_model(&plugin, Some(&project)).unwrap();
    assert!(registry.by_uid("plugin::shop.order").unwrap().unique_keys.is_empty());
}

#[test]
fn model_has_the_types_of_other_plugins() {
    let (dir, plugin, project) = create_plugin_and_project();
    let other = dir.path().join("other");
    write_file(&other, "plugin.toml", &MANIFEST.replace("\"shop\"", "\"desk\""));
    write_file(
        &other,
        "content-types/ticket/schema.json",
        &collection("ticket", json!({ "subject": { "type": "string" } })),
    );
    let (id, registry) = load_model_with(&plugin, &[&other], Some(&project)).unwrap();
    assert_eq!(id, "shop");
    for uid in ["plugin::shop.order", "plugin::desk.ticket"] {
        assert!(registry.by_uid(uid).is_some(), "{uid}");
    }
    assert!(load_model_with(&plugin, &[Path::new("/nowhere")], None).is_err());
}

#[test]
fn schemas_are_checked_but_for_what_they_refer_to() {
    let (_dir, plugin, _) = create_plugin_and_project();
    // The project's types and components are not there.
    assert_eq!(check_schemas(&plugin).unwrap(), []);
    let attributes = json!({
        "paid": { "type": "bool" },
        "state": { "type": "enumeration" },
        "article": { "type": "relation", "relation": "manyToOne", "target": "api::article.article" },
    });
    write_file(&plugin, "content-types/order/schema.json", &collection("order", attributes));
    let problems: Vec<String> = check_schemas(&plugin).unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(
        problems[0],
        "content-types/order/schema.json: attributes.paid.type: unknown type `bool`; write `boolean`"
    );
    assert!(problems.len() == 2 && problems[1].contains("attributes.state.enum"), "{problems:?}");
    write_file(&plugin, "content-types/order/schema.json", "[]");
    assert!(check_schemas(&plugin).unwrap_err().to_string().contains("JSON object"));
}
