//! Loading projects: every file in `tests/load` is a project and the problems it must give. `UPDATE=1` rewrites them.

#![allow(clippy::unwrap_used)]

mod common;

use cairn_model::load::{SchemaFileChanges, load_changed, load_project, load_with};
use cairn_model::*;
use common::{project, registry, shared_fixture};
use serde_json::{Value as Json, json};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// A case is a list of files, each after a line `--- path`, then `=== problems` (or `=== warnings`) and what is expected.
#[test]
fn projects_report_the_recorded_problems() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/load");
    let mut failed = Vec::new();
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(paths.len() > 10);
    for path in paths {
        let text = fs::read_to_string(&path).unwrap();
        let input = text.split("\n=== ").next().unwrap();
        let mut files: Vec<(&str, String)> = Vec::new();
        for line in input.lines() {
            match (line.strip_prefix("--- "), files.last_mut()) {
                (Some(name), _) => files.push((name, String::new())),
                (None, Some((_, text))) => *text += &format!("{line}\n"),
                (None, None) => {}
            }
        }
        let files: Vec<_> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
        let (heading, schema_problems) = match load_project(project(&files).path()) {
            Ok(loaded) => ("warnings", loaded.warnings),
            Err(problems) => ("problems", problems),
        };
        let mut actual = format!("{}\n=== {heading}\n", input.trim_end());
        for problem in schema_problems {
            writeln!(actual, "{problem}").unwrap();
        }
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&path, actual).unwrap();
        } else if actual != text {
            failed.push(format!("{}:\n{actual}", path.display()));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn types_take_the_collation_of_the_project_unless_they_state_one() {
    let schema = |name: &str, cairn: Json| {
        json!({
            "kind": "collectionType", "info": { "singularName": name, "pluralName": format!("{name}s"), "displayName": name },
            "options": { "cairn": cairn }, "attributes": { "title": { "type": "string" }, "text": { "type": "text" } },
        })
        .to_string()
    };
    let schemas =
        [("own", json!({ "collation": "SV" })), ("none", json!({ "collation": "code-points" })), ("other", json!({}))]
            .map(|(name, cairn)| {
                (format!("content-types/api/{name}/content-types/{name}/schema.json"), schema(name, cairn))
            });
    let mut files: Vec<(&str, &str)> = schemas.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let collations = |files: &[(&str, &str)]| {
        let registry = load_project(project(files).path()).unwrap().registry;
        // Built-in types have none.
        assert!(registry.types().iter().all(|ct| ct.is_api() || ct.collation.is_none()));
        ["own", "none", "other"].map(|name| {
            let ct = registry.by_uid(&format!("api::{name}.{name}")).unwrap();
            assert_eq!(ct.keyed_attributes().count(), usize::from(ct.collation.is_some()));
            ct.collation.as_ref().map(|collation| collation.as_str().to_owned())
        })
    };
    assert_eq!(collations(&files), [Some("sv".into()), None, None]);
    files.push(("cairn.toml", "[server]\nlisten = \"127.0.0.1:1\"\n[schema]\ncollation = \"locale\"\n"));
    assert_eq!(collations(&files), [Some("sv".into()), None, Some("locale".into())]);
    // Taken for a file without a default, it would have the keys of other types dropped.
    files.push(("cairn.toml", "not toml"));
    let problems = load_project(project(&files).path()).unwrap_err();
    assert!(
        problems.iter().any(|problem| problem.file == "cairn.toml" && problem.message.contains("TOML")),
        "{problems:?}"
    );
}

#[test]
fn real_projects_load() {
    for name in ["fixtures/strapi-projects/launchpad", "fixtures/strapi-projects/foodadvisor", "conformance", "bench"] {
        let Some(folder) = shared_fixture(name) else { continue };
        let loaded = load_project(&folder).unwrap_or_else(|problems| panic!("{name}: {problems:#?}"));
        // foodadvisor's user has `articles`, mapped by an attribute that articles do not have.
        assert_eq!(loaded.warnings.len(), usize::from(name.ends_with("foodadvisor")), "{:?}", loaded.warnings);
        assert!(loaded.registry.types().len() > 5, "{name}");
    }
}

#[test]
fn relations_of_the_conformance_project_are_resolved() {
    let Some(folder) = shared_fixture("conformance") else { return };
    let reg = load_project(&folder).unwrap().registry;
    let book = reg.by_route("books").unwrap();
    let genre = reg.by_uid("api::genre.genre").unwrap();
    let side = |ty: &ContentType, name: &str| match &ty.attributes.get(name).unwrap().1.kind {
        FieldKind::Relation(relation) => relation.side,
        other => panic!("{other:?}"),
    };
    let position = |ty: &ContentType, name: &str| ty.attributes.get(name).unwrap().0;
    assert_eq!(side(book, "genre"), RelationSide::Owner { inverse: position(genre, "books") });
    assert_eq!(side(genre, "books"), RelationSide::Inverse { owner: position(book, "genre") });
    assert_eq!(side(book, "sequel"), RelationSide::OneWay);
    assert_eq!(side(genre, "children"), RelationSide::Inverse { owner: position(genre, "parent") });
    let page = reg.by_uid("api::page.page").unwrap();
    let localized = |name: &str| page.attributes.get(name).unwrap().1.localized;
    assert!(page.localized && localized("title") && !localized("priority"));
    assert!(book.attributes.iter().all(|(_, attribute)| !attribute.localized));
}

#[test]
fn user_type_retains_its_system_attributes() {
    let files = [(
        "src/extensions/users-permissions/content-types/user/schema.json",
        r#"{"attributes": {"customer": {"type": "string"}, "password": {"type": "string"}}}"#,
    )];
    let reg = load_project(project(&files).path()).unwrap().registry;
    let attributes = &reg.user_type().attributes;
    assert!(matches!(attributes.get("password").unwrap().1.kind, FieldKind::Password));
    assert!(attributes.get("resetPasswordToken").unwrap().1.private);
    assert!(attributes.get("customer").is_some());
    assert_eq!(reg.user_type().table, "up_users");
}

#[test]
fn projects_cannot_have_an_attribute_that_says_whose_address_it_is() {
    let files = [(
        "src/extensions/users-permissions/content-types/user/schema.json",
        r#"{"attributes": {"emailVerified": {"type": "boolean"}}}"#,
    )];
    let problems = load_project(project(&files).path()).unwrap_err();
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].path, "attributes.emailVerified");
    assert!(problems[0].message.contains("renamedFrom"), "{}", problems[0].message);
}

/// Names and types that a Strapi project's code says and its schema files do not.
#[test]
fn names_of_plugins_and_types_of_custom_fields_are_read_from_code() {
    let schema = |singular: &str, plural: &str, attributes: Json| {
        json!({
            "kind": "collectionType", "collectionName": plural, "attributes": attributes,
            "info": {"singularName": singular, "pluralName": plural, "displayName": "X"}
        })
        .to_string()
    };
    let custom = |uid: &str| json!({"type": "customField", "customField": uid});
    let part = schema("toolpart", "toolparts", json!({"name": {"type": "string"}}));
    let fields = json!({
        "day": custom("global::day"), "shade": custom("plugin::shop-tools.shade"), "level": custom("plugin::tools.level"),
        "unknown": custom("global::unknown"), "part": custom("global::part"),
        "tone": {"type": "customField", "customField": "plugin::shop-tools.tone", "enum": ["a", "b"]},
        "toolpart": {"type": "relation", "relation": "oneToOne", "target": "plugin::shop-tools.toolpart"}
    });
    let article = schema("article", "articles", fields);
    let files = [
        ("src/api/article/content-types/article/schema.json", article.as_str()),
        ("src/plugins/shop/package.json", r#"{"strapi": {"kind": "plugin", "name": "Winkel & werkplaats"}}"#),
        ("src/plugins/shop/server/content-types/tool-part/schema.json", part.as_str()),
        ("config/plugins.ts", "export default () => ({ 'shop-tools': { enabled: true, resolve: './src/plugins/shop' } });"),
        (
            "src/index.ts",
            "export default { register({ strapi }) { strapi.customFields.register({ name: 'day', type: 'date' });
             strapi.customFields.register([{ name: 'part', type: 'component' }, { name: 'level', plugin: 'tools', type: 'integer' }]); } };",
        ),
        (
            "src/plugins/shop/server/register.js",
            "module.exports = ({ strapi }) => { strapi.customFields.register({ name: 'shade', plugin: ID, type: 'string' });
             strapi.customFields.register({ name: 'tone', plugin: 'shop-tools', type: 'enumeration' }); };",
        ),
        ("src/admin/dist/app.js", "customFields.register({ name: 'unknown', type: 'date' })"),
        ("src/admin/app.tsx", "export default { register(app) { app.customFields.register({ name: 'day', type: 'text' }); } };"),
    ];
    let loaded = load_project(project(&files).path()).unwrap();
    assert!(loaded.registry.by_uid("plugin::shop-tools.toolpart").is_some());
    let article = loaded.registry.by_uid("api::article.article").unwrap();
    let kind = |name: &str| article.attributes.get(name).unwrap().1.kind.clone();
    assert!(matches!(kind("day"), FieldKind::Date), "{:?}", kind("day"));
    assert!(matches!(kind("level"), FieldKind::Integer) && matches!(kind("tone"), FieldKind::Enumeration { .. }));
    assert!(matches!(kind("toolpart"), FieldKind::Relation(_)) && matches!(kind("shade"), FieldKind::String));
    // A component is no type of a custom field.
    assert!(matches!(kind("unknown"), FieldKind::Json) && matches!(kind("part"), FieldKind::Json));
    let warned: Vec<&str> = loaded.warnings.iter().map(|warning| warning.path.as_str()).collect();
    assert_eq!(warned, ["attributes.unknown.customField", "attributes.part.customField"], "{:?}", loaded.warnings);
    // A change of the type keeps the name that Strapi gives it.
    let file = "src/plugins/shop/server/content-types/tool-part/schema.json";
    let changed: serde_json::Map<String, Json> = serde_json::from_str(&part).unwrap();
    let changes = SchemaFileChanges::from([(file.to_owned(), Some(changed))]);
    let loaded = load_changed(project(&files).path(), &[], &changes).unwrap();
    assert!(loaded.registry.by_uid("plugin::shop-tools.toolpart").is_some());
}

#[test]
fn empty_projects_have_the_built_in_types() {
    let reg = load_project(project(&[]).path()).unwrap().registry;
    assert_eq!(reg.types().len(), 3);
    assert_eq!((reg.file_type().table.as_str(), reg.role_type().table.as_str()), ("files", "up_roles"));
    assert!(matches!(
        reg.role_type().attributes.get("users").unwrap().1.kind,
        FieldKind::Relation(Relation { side: RelationSide::Inverse { .. }, .. })
    ));
}

#[test]
fn morph_relations_are_resolved() {
    let reg = registry(
        &[
            ("note", json!({}), json!({"about": {"type": "relation", "relation": "morphToMany"}})),
            (
                "lead",
                json!({}),
                json!({"notes": {"type": "relation", "relation": "morphMany", "target": "api::note.note", "morphBy": "about"}}),
            ),
        ],
        &[],
    );
    let kind = |route: &str, name: &str| reg.by_route(route).unwrap().attributes.get(name).unwrap().1.kind.clone();
    let FieldKind::Relation(about) = kind("notes", "about") else { panic!() };
    assert_eq!((about.target, about.side), (None, RelationSide::OneWay));
    let FieldKind::Relation(notes) = kind("leads", "notes") else { panic!() };
    assert_eq!(notes.side, RelationSide::Inverse { owner: 0 });
}

#[test]
fn unreadable_schema_files_are_reported() {
    let folder = project(&[("src/api/a/content-types/a/lifecycles.js", "x")]);
    let at = |name: &str| folder.path().join("src/components/x").join(name);
    fs::create_dir_all(at("")).unwrap();
    fs::write(at("binary.json"), b"\xff\xfe").unwrap();
    fs::write(at("huge.json"), vec![b' '; (1 << 20) + 1]).unwrap();
    fs::write(at("deep.json"), "[".repeat(100_000)).unwrap();
    fs::create_dir(at("folder.json")).unwrap();
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(at("loop.json"), at("loop.json")).unwrap();
        std::os::unix::fs::symlink(folder.path(), folder.path().join("src/api/a/content-types/up")).unwrap();
        std::os::unix::fs::symlink("self", folder.path().join("src/components/self")).unwrap();
    }
    let problems = load_project(folder.path()).unwrap_err();
    let text: Vec<_> = problems.iter().map(ToString::to_string).collect();
    let has = |file: &str, part: &str| {
        let exists = text.iter().any(|line| line.starts_with(&format!("{file}: ")) && line.contains(part));
        assert!(exists, "{file} {part} in {text:#?}");
    };
    has("src/components/x/binary.json", "is not valid UTF-8");
    has("src/components/x/huge.json", "is larger than 1048576 bytes");
    has("src/components/x/deep.json", "recursion limit");
    has("src/components/x/folder.json", "is not a file");
    #[cfg(unix)]
    {
        has("src/components/x/loop.json", "cannot be read");
        has("src/components/self", "missing target");
    }
    assert!(load_project(&folder.path().join("nothing")).is_err());
}

#[test]
fn tenant_types_are_added_to_the_project_types() {
    let part = |name: &str, attributes: &str| {
        format!(
            r#"{{"kind": "collectionType", "collectionName": "{name}s", "attributes": {{{attributes}}},
               "info": {{"singularName": "{name}", "pluralName": "{name}s", "displayName": "x"}}}}"#
        )
    };
    let part_of = r#""whole": {"type": "relation", "relation": "manyToOne", "target": "api::car.car"}"#;
    let (car, wheel) = (part("car", ""), part("wheel", part_of));
    let own = "tenants/shop/content-types/api";
    let files = [
        ("content-types/api/car/content-types/car/schema.json", car.as_str()),
        ("tenants/shop/content-types/api/wheel/content-types/wheel/schema.json", &wheel),
        ("tenants/shop/content-types/components/own/note.json", r#"{"attributes": {"text": {"type": "string"}}}"#),
    ];
    let project = project(&files);
    assert_eq!(load_project(project.path()).unwrap().registry.by_uid("api::wheel.wheel").map(|t| t.id), None);
    let both = load_with(project.path(), &["tenants/shop/content-types"]).unwrap().registry;
    assert!(both.by_route("cars").is_some() && both.by_route("wheels").is_some());
    assert!(both.component_by_uid("own.note").is_some());
    let none = load_with(project.path(), &["tenants/none/content-types"]).unwrap().registry;
    assert_eq!(none.types().len() + 1, both.types().len());
    // Duplicate types and invalid files are reported with their path.
    for (name, text) in [("car", car.as_str()), ("bad", "{")] {
        let file = project.path().join(format!("{own}/{name}/content-types/{name}/schema.json"));
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, text).unwrap();
    }
    let problems = load_with(project.path(), &["tenants/shop/content-types"]).unwrap_err();
    let files: Vec<_> = problems.iter().map(|p| p.file.as_str()).collect();
    assert!(files.iter().all(|f| f.starts_with(own)), "{problems:?}");
    assert!(files.len() >= 2, "{problems:?}");
}

/// Problems that Strapi starts with are tolerated, and cannot be introduced: neither in the attribute that a change adds, nor in one
/// that a change leaves behind.
#[test]
fn changes_cannot_introduce_tolerated_problems() {
    let schema = |name: &str, attributes: serde_json::Value| {
        let info = json!({"singularName": name, "pluralName": format!("{name}s"), "displayName": name});
        let Json::Object(map) = json!({"kind": "collectionType", "collectionName": format!("{name}s"), "info": info, "attributes": attributes})
        else {
            unreachable!()
        };
        map
    };
    let file = |name: &str| format!("src/api/{name}/content-types/{name}/schema.json");
    let pair = |name: &str, word: &str| json!({"type": "relation", "relation": "manyToMany", "target": format!("api::{name}.{name}"), word: "across"});
    let odd = json!({"createdAt": {"type": "datetime"}, "my name": {"type": "string", "default": 5}, "across": pair("b", "inversedBy")});
    let a = schema("a", odd.clone());
    let b = schema("b", json!({"across": pair("a", "mappedBy")}));
    let project =
        project(&[(&file("a"), &Json::Object(a.clone()).to_string()), (&file("b"), &Json::Object(b).to_string())]);
    let change = |changes: &[(String, Option<serde_json::Map<String, Json>>)]| {
        load_changed(project.path(), &[], &changes.iter().cloned().collect::<SchemaFileChanges>())
    };
    let with = |name: &str, attribute: Json| {
        let mut attributes = odd.clone();
        attributes[name] = attribute;
        schema("a", attributes)
    };
    assert_eq!(load_project(project.path()).unwrap().tolerated.len(), 3);
    // Existing problems stay tolerated, also beside something new.
    let model = change(&[(file("a"), Some(with("more", json!({"type": "string"}))))]).unwrap();
    assert_eq!(model.tolerated.len(), 3);
    for (name, attribute) in [
        ("1st", json!({"type": "string"})),
        ("locale", json!({"type": "string"})),
        ("five", json!({"type": "string", "default": 5})),
        ("must", json!({"type": "string", "required": "true"})),
        ("broken", json!({"type": "string", "regex": "["})),
        ("author", json!({"type": "relation", "relation": "oneToOne", "target": "admin::user"})),
        ("away", json!({"type": "relation", "relation": "oneToOne", "target": "plugin::x.y"})),
        ("lone", json!({"type": "relation", "relation": "oneToOne", "target": "api::b.b", "mappedBy": "a"})),
        ("image", json!({"type": "media", "allowedTypes": ["image"]})),
        ("slug", json!({"type": "uid", "targetField": "nothing"})),
    ] {
        let problems = change(&[(file("a"), Some(with(name, attribute)))]).unwrap_err();
        assert!(problems.iter().all(|p| p.path.starts_with(&format!("attributes.{name}"))), "{problems:?}");
        assert_eq!(problems.len(), 1, "{problems:?}");
    }
    // The other side would be left without an owner.
    let mut without = odd.clone();
    without.as_object_mut().unwrap().remove("across");
    let problems = change(&[(file("a"), Some(schema("a", without)))]).unwrap_err();
    assert_eq!((problems.len(), problems[0].file.as_str()), (1, file("b").as_str()), "{problems:?}");
    // A type that is renamed takes along what it had.
    let mut renamed = schema("c", odd.clone());
    renamed.insert("renamedFrom".into(), "api::a.a".into());
    let b = schema("b", json!({"across": pair("c", "mappedBy")}));
    let moved = [(file("a"), None), (file("c"), Some(renamed)), (file("b"), Some(b))];
    assert_eq!(change(&moved).unwrap().tolerated.len(), 3);
    // Mended problems are no longer reported.
    assert_eq!(
        change(&[(file("a"), Some(schema("a", json!({"across": pair("b", "inversedBy")}))))]).unwrap().tolerated,
        []
    );
}
