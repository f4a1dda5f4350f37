use super::*;
use cairn_model::load::load_project;
use serde_json::Value as Json;
use std::path::Path;

fn write_file(root: &Path, name: &str, content: &Json) {
    let place = root.join(name);
    std::fs::create_dir_all(place.parent().unwrap()).unwrap();
    std::fs::write(place, content.to_string()).unwrap();
}

fn write_collection(root: &Path, name: &str, options: Json, attributes: Json) {
    let schema = json!({
        "kind": "collectionType", "collectionName": format!("{name}_table"),
        "info": { "singularName": name, "pluralName": format!("{name}s"), "displayName": format!("{name} */ of\nmany words") },
        "options": { "draftAndPublish": options["drafts"] }, "pluginOptions": { "i18n": { "localized": options["localized"] } },
        "attributes": attributes,
    });
    write_file(root, &format!("content-types/api/{name}/content-types/{name}/schema.json"), &schema);
}

/// A project that has of everything.
fn load_sample(root: &Path) -> Registry {
    let article = json!({
        "title": { "type": "string", "required": true, "pluginOptions": { "i18n": { "localized": true } } },
        "slug": { "type": "uid", "targetField": "title", "required": true },
        "state": { "type": "enumeration", "enum": ["new", "in progress", "it's"], "default": "new", "required": true },
        "views": { "type": "biginteger" }, "weight": { "type": "float" }, "visible": { "type": "boolean", "required": true },
        "day": { "type": "date" }, "extra": { "type": "json" }, "body": { "type": "blocks" },
        "secret": { "type": "string", "private": true }, "code": { "type": "password", "required": true },
        "a-name": { "type": "string" },
        "cover": { "type": "media", "multiple": false, "required": true }, "gallery": { "type": "media", "multiple": true },
        "author": { "type": "relation", "relation": "manyToOne", "target": "api::zone.zone", "inversedBy": "articles" },
        "owner": { "type": "relation", "relation": "oneToOne", "target": "plugin::users-permissions.user" },
        "subject": { "type": "relation", "relation": "morphToOne" },
        "seo": { "type": "component", "component": "shared.seo", "required": true },
        "parts": { "type": "component", "component": "shared.part", "repeatable": true },
        "sections": { "type": "dynamiczone", "components": ["shared.seo", "shared.part"] },
    });
    write_collection(root, "article", json!({ "drafts": true, "localized": true }), article);
    // A name that the file itself uses.
    let zone = json!({
        "name": { "type": "string", "required": true },
        "articles": { "type": "relation", "relation": "oneToMany", "target": "api::article.article", "mappedBy": "author" },
    });
    write_collection(root, "zone", json!({ "drafts": false, "localized": false }), zone);
    write_collection(
        root,
        "pick",
        json!({ "drafts": false, "localized": false }),
        json!({ "name": { "type": "string" } }),
    );
    let component = |attributes: Json| json!({ "info": { "displayName": "x" }, "attributes": attributes });
    let seo = component(json!({ "metaTitle": { "type": "string", "required": true }, "image": { "type": "media" } }));
    write_file(root, "content-types/components/shared/seo.json", &seo);
    let part = json!({ "text": { "type": "richtext" }, "seo": { "type": "component", "component": "shared.seo" } });
    write_file(root, "content-types/components/shared/part.json", &component(part));
    load_project(root).unwrap().registry
}

#[test]
fn types_of_a_project_match_the_golden_file() {
    let folder = tempfile::tempdir().unwrap();
    let registry = load_sample(folder.path());
    let rendered = render_front_end_types(&registry);
    assert_eq!(rendered, render_front_end_types(&registry), "the same model gives the same text");
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/front-end/cairn-types.ts");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&golden, &rendered).unwrap();
    }
    assert_eq!(rendered, std::fs::read_to_string(&golden).unwrap_or_default(), "run with UPDATE=1 if this is intended");
}

#[test]
fn no_content_type_has_a_name_of_the_shared_part() {
    let folder = tempfile::tempdir().unwrap();
    let rendered = render_front_end_types(&load_sample(folder.path()));
    for name in ["Zone", "Pick"] {
        assert!(!rendered.contains(&format!("export type {name}<")), "{name}");
    }
    assert!(rendered.contains("export type ZoneZone<"), "named with what owns it");
    assert!(reserved_names().contains(&"Entry") && reserved_names().contains(&"ReadZoneItem"));
}

#[test]
fn projects_without_content_types_have_a_file_that_compiles() {
    let folder = tempfile::tempdir().unwrap();
    let registry = load_project(folder.path()).unwrap().registry;
    let rendered = render_front_end_types(&registry);
    assert!(rendered.contains("export interface Models") && rendered.contains("plugin::upload.file"), "{rendered}");
}
