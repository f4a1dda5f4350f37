use super::*;
use cairn_model::TypeId;
use cairn_model::load::load_project;
use cairn_query::{AccessRule, Action};
use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;

fn write_file(root: &Path, name: &str, content: &Json) {
    let place = root.join(name);
    std::fs::create_dir_all(place.parent().unwrap()).unwrap();
    std::fs::write(place, content.to_string()).unwrap();
}

fn write_type(root: &Path, name: &str, kind: &str, drafts: bool, attributes: Json) {
    let schema = json!({
        "kind": kind, "collectionName": format!("{name}_table"),
        "info": { "singularName": name, "pluralName": format!("{name}s"), "displayName": format!("A {name}") },
        "options": { "draftAndPublish": drafts }, "pluginOptions": { "i18n": { "localized": drafts } },
        "attributes": attributes,
    });
    write_file(root, &format!("content-types/api/{name}/content-types/{name}/schema.json"), &schema);
}

/// A project that has of everything.
fn load_sample() -> Registry {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let article = json!({
        "title": { "type": "string", "required": true, "maxLength": 80 }, "slug": { "type": "uid", "targetField": "title" },
        "state": { "type": "enumeration", "enum": ["new", "it's"], "default": "new" },
        "views": { "type": "biginteger" }, "weight": { "type": "decimal" }, "visible": { "type": "boolean" },
        "day": { "type": "date" }, "at": { "type": "datetime" }, "extra": { "type": "json" }, "body": { "type": "blocks" },
        "secret": { "type": "string", "private": true }, "code": { "type": "password" },
        "cover": { "type": "media", "multiple": false }, "gallery": { "type": "media", "multiple": true },
        "author": { "type": "relation", "relation": "manyToOne", "target": "api::error.error", "inversedBy": "articles" },
        "similar": { "type": "relation", "relation": "manyToMany", "target": "api::article.article" },
        "subject": { "type": "relation", "relation": "morphToOne" },
        "seo": { "type": "component", "component": "shared.seo" },
        "sections": { "type": "dynamiczone", "components": ["shared.seo", "shared.part"] },
    });
    write_type(root, "article", "collectionType", true, article);
    // A name that the document itself uses.
    let error = json!({
        "name": { "type": "string", "required": true, "maxLength": 20 }, "age": { "type": "integer", "required": true, "min": 1, "max": 9 },
        "articles": { "type": "relation", "relation": "oneToMany", "target": "api::article.article", "mappedBy": "author" },
    });
    write_type(root, "error", "collectionType", false, error);
    write_type(root, "home", "singleType", false, json!({ "title": { "type": "string" } }));
    let component = |attributes: Json| json!({ "info": { "displayName": "x" }, "attributes": attributes });
    let seo = component(json!({ "metaTitle": { "type": "string" }, "image": { "type": "media" } }));
    write_file(root, "content-types/components/shared/seo.json", &seo);
    let part = json!({ "text": { "type": "richtext" }, "seo": { "type": "component", "component": "shared.seo", "repeatable": true } });
    write_file(root, "content-types/components/shared/part.json", &component(part));
    load_project(root).unwrap().registry
}

fn describe(registry: &Registry, access: &Access, allows: &dyn Fn(PluginAction) -> bool) -> Json {
    describe_content_api(registry, ApiPermissions { access, allows_action: allows, plugin_routes: &[] })
}

/// Access to some attributes of the articles, by names; all, where it is `None`.
fn access_to(registry: &Registry, rules: &[(&str, Action, Option<&[&str]>)]) -> Access {
    let rules = rules.iter().map(|(uid, action, fields)| {
        let ct = registry.by_uid(uid).unwrap();
        let ids = |names: &&[&str]| Arc::new(names.iter().map(|name| ct.attributes.get(name).unwrap().0).collect());
        ((ct.id, *action), AccessRule { condition: None, fields: fields.as_ref().map(ids) })
    });
    let rules: HashMap<(TypeId, Action), AccessRule> = rules.collect();
    Access { rules: Arc::new(rules), ..Access::none() }
}

/// All texts after `$ref`.
fn collect_references(json: &Json, found: &mut BTreeSet<String>) {
    match json {
        Json::Object(map) => {
            for (key, value) in map {
                match value.as_str() {
                    Some(text) if key == "$ref" => {
                        found.insert(text.to_owned());
                    }
                    _ => collect_references(value, found),
                }
            }
        }
        Json::Array(list) => list.iter().for_each(|value| collect_references(value, found)),
        _ => {}
    }
}

fn operation_ids(document: &Json) -> Vec<String> {
    let paths = document["paths"].as_object().unwrap().values();
    let operations = paths.flat_map(|path| path.as_object().unwrap().values());
    operations.filter_map(|operation| operation["operationId"].as_str().map(str::to_owned)).collect()
}

#[test]
fn documents_match_the_golden_file_and_name_everything_once() {
    let registry = load_sample();
    let document = describe(&registry, &Access::full(), &|_| true);
    let text = format!("{document:#}\n");
    assert_eq!(document, describe(&registry, &Access::full(), &|_| true), "the same model gives the same document");
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/openapi.json");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&golden, &text).unwrap();
    }
    assert_eq!(text, std::fs::read_to_string(&golden).unwrap_or_default(), "run with UPDATE=1 if this is intended");

    let ids = operation_ids(&document);
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{ids:?}");
    for wanted in ["listArticle", "createArticle", "getHome", "deleteErrorError", "signIn", "uploadFiles"] {
        assert!(ids.iter().any(|id| id == wanted), "{wanted} is not among {ids:?}");
    }
    let mut references = BTreeSet::new();
    collect_references(&document, &mut references);
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let parts = document["components"].as_object().unwrap().iter().filter(|(part, _)| *part != "securitySchemes");
    let names: BTreeSet<String> = parts
        .flat_map(|(part, all)| all.as_object().unwrap().keys().map(move |name| format!("#/components/{part}/{name}")))
        .collect();
    assert_eq!(references, names, "what is referred to is there, and nothing else");
    assert!(schemas.values().all(|schema| !schema.is_null()));
    // Secrets are never returned; a caller who may write the entry sets them.
    for hidden in ["secret", "code"] {
        assert_eq!(document["components"]["schemas"]["Article"]["properties"][hidden], Json::Null, "{hidden}");
        assert_ne!(document["components"]["schemas"]["ArticleInput"]["properties"][hidden], Json::Null, "{hidden}");
    }
    for refused in ["resetPasswordToken", "confirmationToken"] {
        assert_eq!(document["components"]["schemas"]["UserInput"]["properties"][refused], Json::Null, "{refused}");
    }
}

#[test]
fn types_that_are_called_as_something_else_have_names_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    for (name, attribute) in [("article", "title"), ("article-input", "note"), ("file", "label"), ("own-user", "name")]
    {
        write_type(folder.path(), name, "collectionType", false, json!({ attribute: { "type": "string" } }));
    }
    let registry = load_project(folder.path()).unwrap().registry;
    let document = describe(&registry, &Access::full(), &|_| true);
    let ids = operation_ids(&document);
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{ids:?}");
    assert!(ids.iter().any(|id| id == "get_OwnUser"), "{ids:?}");
    let sent = |path: &str| {
        let body = &document["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"];
        let reference = body["properties"]["data"]["$ref"].as_str().unwrap();
        let schema = document.pointer(reference.trim_start_matches('#')).unwrap();
        schema["properties"].as_object().unwrap().keys().cloned().collect::<Vec<_>>()
    };
    assert_eq!((sent("/api/articles"), sent("/api/article-inputs")), (vec!["title".into()], vec!["note".into()]));
}

#[test]
fn nothing_is_described_that_a_caller_may_not_do() {
    let registry = load_sample();
    let empty = describe(&registry, &Access::none(), &|_| false);
    assert_eq!(empty["paths"], json!({}));
    assert_eq!(
        empty["components"]["schemas"].as_object().unwrap().keys().collect::<Vec<_>>(),
        ["Error", "ErrorDescription"]
    );

    let access = access_to(
        &registry,
        &[
            ("api::article.article", Action::Find, Some(&["title", "author", "similar", "cover", "secret"])),
            ("api::article.article", Action::Update, Some(&["title", "secret"])),
        ],
    );
    let document = describe(&registry, &access, &|action| action == PluginAction::SignIn);
    let paths: Vec<&String> = document["paths"].as_object().unwrap().keys().collect();
    assert_eq!(paths, ["/api/articles", "/api/articles/{documentId}", "/api/auth/local"]);
    assert_eq!(operation_ids(&document), ["listArticle", "updateArticle", "signIn"]);
    let article = document["components"]["schemas"]["Article"]["properties"].as_object().unwrap();
    // The author is left out, because the caller may not see authors.
    for (name, is_there) in
        [("title", true), ("similar", true), ("cover", true), ("author", false), ("secret", false), ("views", false)]
    {
        assert_eq!(article.contains_key(name), is_there, "{name}");
    }
    let update = document["components"]["schemas"]["ArticleUpdate"]["properties"].as_object().unwrap();
    assert_eq!(update.keys().collect::<Vec<_>>(), ["title", "secret"]);
}

#[test]
fn every_parameter_of_the_query_is_described_but_those_of_other_lists() {
    let described = operations::describe_parameters();
    for parameter in cairn_query::PARAMETERS {
        let of_others = ["page", "pageSize", "start", "limit"].contains(&parameter.name);
        assert_eq!(described.contains_key(parameter.name), !of_others, "{}", parameter.name);
    }
}

#[test]
fn reads_and_writes_say_which_versions_they_compare() {
    let document = describe(&load_sample(), &Access::full(), &|_| true);
    let described = |method: &str, path: &str| {
        let operation = &document["paths"][path][method];
        let parameters: Vec<&str> = operation["parameters"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|parameter| parameter["$ref"].as_str()?.strip_prefix("#/components/parameters/If-"))
            .collect();
        let responses = operation["responses"].as_object().unwrap();
        let headers: Vec<String> = responses
            .iter()
            .map(|(status, response)| {
                let names = response["headers"].as_object().into_iter().flat_map(Map::keys).map(String::as_str);
                format!("{status} {}", names.collect::<Vec<_>>().join(" ")).trim_end().to_owned()
            })
            .collect();
        (parameters.join(", "), headers.join(", "))
    };
    for (method, path, parameters, responses) in [
        ("get", "/api/articles", "None-Match", "200 ETag, 304 ETag, default"),
        ("get", "/api/articles/{documentId}", "None-Match", "200 ETag Cairn-Version, 304 ETag Cairn-Version, default"),
        ("post", "/api/articles", "", "201 Cairn-Version, default"),
        ("put", "/api/articles/{documentId}", "Match", "200 Cairn-Version, 201 Cairn-Version, 409, default"),
        ("delete", "/api/articles/{documentId}", "Match", "204, 409, default"),
        ("put", "/api/home", "Match", "200 Cairn-Version, 201 Cairn-Version, 409, default"),
        ("get", "/api/users/me", "None-Match", "200 ETag, 304 ETag, default"),
        ("get", "/api/users/{id}", "None-Match", "200 ETag, 204, 304 ETag, default"),
        ("put", "/api/users/{id}", "", "200, default"),
        ("get", "/api/i18n/locales", "", "200, default"),
    ] {
        assert_eq!(described(method, path), (parameters.to_owned(), responses.to_owned()), "{method} {path}");
    }
}

fn body_of(media_type: &str, schema: Option<&Json>) -> PluginBody {
    PluginBody { media_type: media_type.to_owned(), schema: schema.cloned().map(Arc::new) }
}

#[test]
fn request_bodies_of_plugins_are_described_as_their_manifests_declare_them() {
    let lead = json!({ "type": "object", "properties": { "email": { "type": "string" } }, "required": ["email"] });
    let optional = json!({ "type": "object", "properties": { "email": { "type": "string" } } });
    let (json_type, form) = ("application/json", "application/x-www-form-urlencoded");
    for (bodies, expected) in [
        (
            vec![body_of(json_type, Some(&lead))],
            json!({ "required": true, "content": { json_type: { "schema": lead } } }),
        ),
        (vec![body_of(json_type, Some(&optional))], json!({ "content": { json_type: { "schema": optional } } })),
        // Values of forms are texts, which the schema of the JSON does not describe.
        (
            vec![body_of(json_type, Some(&lead)), body_of(form, None)],
            json!({ "content": { json_type: { "schema": lead }, form: {} } }),
        ),
        (vec![], json!({ "content": { "*/*": {} } })),
    ] {
        let route = PluginRoute {
            plugin: "crm".to_owned(),
            name: "intake".to_owned(),
            method: "POST".to_owned(),
            path: "/intake".to_owned(),
            description: String::new(),
            bodies: Some(bodies),
            responses: Vec::new(),
        };
        let routes = [route];
        let permissions = ApiPermissions { access: &Access::none(), allows_action: &|_| false, plugin_routes: &routes };
        let document = describe_content_api(&load_sample(), permissions);
        assert_eq!(document["paths"]["/api/crm/intake"]["post"]["requestBody"], expected);
    }
}

#[test]
fn routes_of_plugins_are_described_as_their_manifests_say() {
    let route = |name: &str, method: &str, path: &str, media_types: Option<&[&str]>| PluginRoute {
        plugin: "crm".to_owned(),
        name: name.to_owned(),
        method: method.to_owned(),
        path: path.to_owned(),
        description: String::new(),
        bodies: media_types.map(|types| types.iter().map(|&name| body_of(name, None)).collect()),
        responses: Vec::new(),
    };
    let routes = [
        route("lead-intake", "POST", "/leads/{source}", Some(&["application/json"])),
        // The path repeats with another name for its parameter: two paths would make the document invalid.
        route("leads", "GET", "/leads/{form}", None),
        route("file", "PUT", "/files/{*rest}", Some(&[])),
    ];
    let registry = load_sample();
    let permissions = ApiPermissions { access: &Access::none(), allows_action: &|_| false, plugin_routes: &routes };
    let document = describe_content_api(&registry, permissions);
    let paths: Vec<&String> = document["paths"].as_object().unwrap().keys().collect();
    assert_eq!(paths, ["/api/crm/leads/{source}", "/api/crm/files/{rest}"]);
    let leads = &document["paths"]["/api/crm/leads/{source}"];
    assert_eq!(leads["parameters"][0]["name"], "source");
    assert_eq!(leads["post"]["operationId"], "crm__lead_intake");
    assert!(leads["post"]["requestBody"]["content"]["application/json"].is_object());
    assert!(leads["get"].is_object() && leads["get"].get("requestBody").is_none());
    assert!(document["paths"]["/api/crm/files/{rest}"]["put"]["requestBody"]["content"]["*/*"].is_object());
    assert_eq!(document["tags"], json!([{ "name": "plugin crm" }]));
}

#[test]
fn responses_of_plugins_are_described_as_their_manifests_declare_them() {
    let response =
        |status: u16, media_type: Option<&str>, schema: Option<Json>, description: Option<&str>| PluginResponse {
            status,
            media_type: media_type.map(str::to_owned),
            schema: schema.map(Arc::new),
            description: description.map(str::to_owned),
        };
    let lead = json!({ "type": "object", "properties": { "id": { "type": "string" } } });
    let json_type = Some("application/json");
    let intake = PluginRoute {
        plugin: "crm".to_owned(),
        name: "intake".to_owned(),
        method: "POST".to_owned(),
        path: "/intake".to_owned(),
        description: String::new(),
        bodies: Some(vec![body_of("application/x-www-form-urlencoded", None)]),
        responses: vec![
            response(201, json_type, Some(lead.clone()), Some("The lead")),
            response(303, None, None, Some("The page that thanks")),
            response(400, Some("text/html"), None, None),
            response(410, json_type, Some(lead.clone()), None),
        ],
    };
    let silent =
        PluginRoute { name: "silent".to_owned(), method: "GET".to_owned(), responses: Vec::new(), ..intake.clone() };
    let routes = [intake, silent];
    let registry = load_sample();
    let permissions = ApiPermissions { access: &Access::none(), allows_action: &|_| false, plugin_routes: &routes };
    let document = describe_content_api(&registry, permissions);
    let described = &document["paths"]["/api/crm/intake"]["post"]["responses"];
    assert_eq!(
        described["201"],
        json!({ "description": "The lead", "content": { "application/json": { "schema": lead } } })
    );
    assert_eq!(described["303"], json!({ "description": "The page that thanks" }));
    let error = json!({ "$ref": "#/components/schemas/Error" });
    // Cairn itself may answer an error of that status, too.
    assert_eq!(described["400"]["content"], json!({ "application/json": { "schema": error }, "text/html": {} }));
    assert_eq!(described["410"]["content"]["application/json"]["schema"], json!({ "anyOf": [lead, error] }));
    for status in ["429", "502", "503"] {
        assert_eq!(described[status]["content"], json!({ "application/json": { "schema": error }, "text/html": {} }));
    }
    assert!(described.get("2XX").is_none() && described["default"].is_object());
    let silent = &document["paths"]["/api/crm/intake"]["get"]["responses"];
    assert_eq!(silent.as_object().unwrap().keys().collect::<Vec<_>>(), ["2XX", "default"]);
}
