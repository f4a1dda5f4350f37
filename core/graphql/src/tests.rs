use super::*;
use async_graphql::Name;
use cairn_model::load::load_project;
use cairn_model::{Registry, TypeId};
use cairn_query::{Access, AccessRule, Action, Query};
use futures_util::future::BoxFuture;
use serde_json::{Value as Json, json};
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

mod agreement;
mod fixed_fields;
mod hostile;
mod planning;

const LIMITS: GraphqlLimits =
    GraphqlLimits { depth: 10, default_page_size: 10, max_page_size: 100, introspection: true };

fn write_file(root: &Path, name: &str, content: &Json) {
    let place = root.join(name);
    std::fs::create_dir_all(place.parent().unwrap()).unwrap();
    std::fs::write(place, content.to_string()).unwrap();
}

fn write_type(root: &Path, name: &str, kind: &str, drafts: bool, attributes: Json) {
    let schema = json!({
        "kind": kind, "collectionName": format!("{}_table", name.replace('-', "_")),
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
        "title": { "type": "string", "required": true }, "slug": { "type": "uid", "targetField": "title" },
        "state": { "type": "enumeration", "enum": ["new", "it's", "2nd"] },
        "views": { "type": "biginteger" }, "weight": { "type": "decimal" }, "visible": { "type": "boolean" },
        "day": { "type": "date" }, "at": { "type": "datetime" }, "hour": { "type": "time" }, "extra": { "type": "json" },
        "secret": { "type": "string", "private": true }, "code": { "type": "password" }, "a-b": { "type": "string" },
        "cover": { "type": "media", "multiple": false }, "gallery": { "type": "media", "multiple": true },
        "author": { "type": "relation", "relation": "manyToOne", "target": "api::author.author", "inversedBy": "articles" },
        "similar": { "type": "relation", "relation": "manyToMany", "target": "api::article.article" },
        "subject": { "type": "relation", "relation": "morphToOne" },
        "seo": { "type": "component", "component": "shared.seo" },
        "quotes": { "type": "component", "component": "shared.quote", "repeatable": true },
        "sections": { "type": "dynamiczone", "components": ["shared.seo", "shared.quote"] },
    });
    write_type(root, "article", "collectionType", true, article);
    let author = json!({
        "name": { "type": "string" },
        "articles": { "type": "relation", "relation": "oneToMany", "target": "api::article.article", "mappedBy": "author" },
    });
    write_type(root, "author", "collectionType", false, author);
    // Names that the language has itself, and that another type has.
    write_type(root, "date", "collectionType", false, json!({ "name": { "type": "string" } }));
    write_type(root, "home-page", "singleType", false, json!({ "title": { "type": "string" } }));
    let component = |attributes: Json| json!({ "info": { "displayName": "x" }, "attributes": attributes });
    let seo = component(json!({ "metaTitle": { "type": "string" }, "image": { "type": "media" } }));
    write_file(root, "content-types/components/shared/seo.json", &seo);
    let quote = component(json!({
        "text": { "type": "richtext" }, "tone": { "type": "enumeration", "enum": ["dry", "wry"] },
        "of": { "type": "relation", "relation": "oneToOne", "target": "api::author.author" },
    }));
    write_file(root, "content-types/components/shared/quote.json", &quote);
    load_project(root).unwrap().registry
}

/// Permissions on content types alone.
fn content_permissions(access: &Access) -> SchemaPermissions<'_> {
    SchemaPermissions { access, reads_self: false, signs_in: false, reads_locales: false, mutations: &[] }
}

fn schema_for(registry: &Registry, access: &Access) -> Option<ApiSchema> {
    build_schema(registry, content_permissions(access), 10).unwrap()
}

fn full_schema(registry: &Registry) -> ApiSchema {
    let access = Access::full();
    let permissions = SchemaPermissions {
        reads_self: true,
        signs_in: true,
        reads_locales: true,
        mutations: &FixedMutation::ALL,
        ..content_permissions(&access)
    };
    build_schema(registry, permissions, 10).unwrap().unwrap()
}

/// A content API that answers what it is given, and remembers what it was asked for.
#[derive(Default)]
struct FakeSource {
    answer: Json,
    error: Option<ApiError>,
    asked: Mutex<Vec<ContentRequest>>,
}

impl ContentSource for FakeSource {
    fn run(&self, request: ContentRequest) -> BoxFuture<'_, Result<Option<Json>, ApiError>> {
        self.asked.lock().unwrap().push(request);
        let answer = match &self.error {
            Some(error) => Err(error.clone()),
            None => Ok(Some(self.answer.clone()).filter(|answer| !answer.is_null())),
        };
        Box::pin(async move { answer })
    }
}

async fn run(schema: &ApiSchema, body: Json, source: &Arc<FakeSource>) -> (u16, Json) {
    run_with(schema, body, source, LIMITS).await
}

async fn run_with(schema: &ApiSchema, body: Json, source: &Arc<FakeSource>, limits: GraphqlLimits) -> (u16, Json) {
    let request = GraphqlRequest::from_json(body).unwrap();
    let response = schema.execute(request, limits, false, source.clone()).await;
    (response.status, serde_json::from_slice(&response.body).unwrap())
}

/// The parameters that a query asks the content API for.
async fn parameters(schema: &ApiSchema, body: Json) -> Json {
    let source = Arc::new(FakeSource { answer: json!({ "data": null }), ..FakeSource::default() });
    let (status, answer) = run(schema, body, &source).await;
    assert_eq!(status, 200, "{answer:#}");
    let asked = source.asked.lock().unwrap();
    let query: &Query = match asked.as_slice() {
        [ContentRequest::List { query, .. } | ContentRequest::One { query, .. }] => query,
        [ContentRequest::Create { query, .. } | ContentRequest::Update { query, .. }] => query,
        other => panic!("{other:?} {answer:#}"),
    };
    query.parameters().unwrap().clone().into_json()
}

fn access_to(registry: &Registry, rules: &[(&str, Action, Option<&[&str]>)]) -> Access {
    let rules = rules.iter().map(|(uid, action, fields)| {
        let ct = registry.by_uid(uid).unwrap();
        let ids = |names: &&[&str]| Arc::new(names.iter().map(|name| ct.attributes.get(name).unwrap().0).collect());
        ((ct.id, *action), AccessRule { condition: None, fields: fields.as_ref().map(ids) })
    });
    let rules: HashMap<(TypeId, Action), AccessRule> = rules.collect();
    Access { rules: Arc::new(rules), ..Access::none() }
}

#[test]
fn schemas_match_the_golden_file() {
    let registry = load_sample();
    let schema = full_schema(&registry);
    let text = schema.to_sdl();
    assert_eq!(text, full_schema(&registry).to_sdl(), "the same model gives the same schema");
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schema.graphql");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(golden.parent().unwrap()).unwrap();
        std::fs::write(&golden, &text).unwrap();
    }
    assert_eq!(text, std::fs::read_to_string(&golden).unwrap_or_default(), "run with UPDATE=1 if this is intended");
    // Private values can be set, as in the REST API, and are in no type that is read.
    let article = text.split("type Article {").nth(1).and_then(|rest| rest.split('}').next()).unwrap();
    assert!(article.contains("title") && !article.contains("secret") && !article.contains("code"), "{article}");
    assert!(!text.contains("a-b") && !text.contains("subject"), "{text}");
    let notes = schema.notes.join("\n");
    assert!(notes.contains("api::date.date is called Date2") && notes.contains("\"a-b\""), "{notes}");
}

#[test]
fn schemas_have_what_the_caller_may_use() {
    let registry = load_sample();
    assert!(schema_for(&registry, &Access::none()).is_none());
    let reads = |rules: &[_]| schema_for(&registry, &access_to(&registry, rules)).unwrap().to_sdl();
    let articles = reads(&[("api::article.article", Action::Find, None)]);
    assert!(articles.contains("articles(") && !articles.contains("article(") && !articles.contains("Author"));
    assert!(!articles.contains("type Mutation") && articles.contains("type UploadFile"), "{articles}");
    let titles = reads(&[("api::article.article", Action::FindOne, Some(&["title"]))]);
    assert!(titles.contains("title: String") && !titles.contains("slug") && !titles.contains("UploadFile"), "{titles}");
    let authors = reads(&[("api::author.author", Action::Find, None)]);
    assert!(!authors.contains("articles") && !authors.contains("Article"), "{authors}");
    // Whoever may only write reads what they may set.
    let writes = reads(&[("api::author.author", Action::Create, Some(&["name"]))]);
    assert!(
        writes.contains("createAuthor(") && writes.contains("_empty") && writes.contains("name: String"),
        "{writes}"
    );
    assert!(!writes.contains("updateAuthor") && !writes.contains("deleteAuthor"), "{writes}");
}

#[tokio::test]
async fn results_are_projected_by_the_selection() {
    let registry = load_sample();
    let schema = full_schema(&registry);
    let entry = json!({
        "id": 7, "documentId": "abc", "title": "Dune", "state": "it's", "views": "9007199254740993", "weight": 1.5, "extra": {"a": [1]},
        "cover": {"id": 1, "documentId": "f", "url": "/uploads/a.png"},
        "similar": (0..12).map(|n| json!({"id": n, "documentId": format!("s{n}"), "title": format!("S{n}")})).collect::<Vec<_>>(),
        "seo": {"id": 3, "metaTitle": "m", "image": null},
        "quotes": [{"id": 1, "text": "a"}, {"id": 2, "text": "b"}],
        "sections": [
            {"__component": "shared.quote", "id": 9, "text": "q", "tone": "dry"},
            {"__component": "shared.gone", "id": 8},
            {"__component": "shared.seo", "id": 4, "metaTitle": "z"},
        ],
    });
    let meta = json!({"pagination": {"page": 2, "pageSize": 1, "pageCount": 5, "total": 5}});
    let source = Arc::new(FakeSource { answer: json!({"data": [entry], "meta": meta}), ..FakeSource::default() });
    let query = "query Q($small: Int = 2, $no: Boolean!) {
        list: articles { documentId name: title state views weight extra slug skipped: slug @skip(if: true) cover @include(if: $no) { url }
            similar(pagination: {start: 10, limit: $small}) { title }
            first: similar(pagination: {limit: 1}) { documentId }
            similar_connection(pagination: {page: 2, pageSize: 5}) { nodes { documentId } pageInfo { total page pageSize pageCount } }
            ...Parts }
        articles_connection(pagination: {page: 2, pageSize: 1}) { nodes { title } pageInfo { total page pageSize pageCount } }
    }
    fragment Parts on Article { seo { id metaTitle image { url } } quotes(pagination: {limit: 1}) { text }
        sections { __typename ... on ComponentSharedSeo { metaTitle } ... on ComponentSharedQuote { id text tone } } }";
    let (status, answer) =
        run(&schema, json!({"query": query, "variables": {"no": false}, "operationName": "Q"}), &source).await;
    assert_eq!(status, 200, "{answer:#}");
    assert_eq!(answer["errors"], Json::Null, "{answer:#}");
    let expected = json!({
        "documentId": "abc", "name": "Dune", "state": "it_s", "views": "9007199254740993", "weight": 1.5, "extra": {"a": [1]}, "slug": null,
        "similar": [{"title": "S10"}, {"title": "S11"}], "first": [{"documentId": "s0"}],
        "similar_connection": {
            "nodes": (5..10).map(|n| json!({"documentId": format!("s{n}")})).collect::<Vec<_>>(),
            "pageInfo": {"total": 12, "page": 2, "pageSize": 5, "pageCount": 3},
        },
        "seo": {"id": "3", "metaTitle": "m", "image": null}, "quotes": [{"text": "a"}],
        "sections": [
            {"__typename": "ComponentSharedQuote", "id": "9", "text": "q", "tone": "dry"},
            {"__typename": "ComponentSharedSeo", "metaTitle": "z"},
        ],
    });
    assert_eq!(answer["data"]["list"], json!([expected]));
    assert_eq!(
        answer["data"]["articles_connection"],
        json!({"nodes": [{"title": "Dune"}], "pageInfo": {"total": 5, "page": 2, "pageSize": 1, "pageCount": 5}})
    );
    // One query for each root field, whatever is below it.
    assert_eq!(source.asked.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn errors_of_the_content_api_are_those_of_their_field() {
    let registry = load_sample();
    let schema = full_schema(&registry);
    let error = ApiError { name: "ForbiddenError".into(), message: "Forbidden".into(), details: json!({"a": 1}) };
    let source = Arc::new(FakeSource { error: Some(error), ..FakeSource::default() });
    let (status, answer) = run(&schema, json!({"query": "{ article(documentId: \"x\") { title } }"}), &source).await;
    assert_eq!(status, 200);
    assert_eq!(answer["data"]["article"], Json::Null);
    let error = &answer["errors"][0];
    assert_eq!((&error["message"], &error["path"]), (&json!("Forbidden"), &json!(["article"])), "{answer:#}");
    assert_eq!(error["extensions"]["code"], "FORBIDDEN");
    assert_eq!(
        error["extensions"]["error"],
        json!({"name": "ForbiddenError", "message": "Forbidden", "details": {"a": 1}})
    );
    // What does not exist is null.
    let source = Arc::new(FakeSource::default());
    let (status, answer) =
        run(&schema, json!({"query": "{ article(documentId: \"x\") { title } homePage { title } }"}), &source).await;
    assert_eq!((status, answer), (200, json!({"data": {"article": null, "homePage": null}})));
}

#[tokio::test]
async fn invalid_documents_are_400_and_ask_for_nothing() {
    let registry = load_sample();
    let schema = full_schema(&registry);
    let source = Arc::new(FakeSource::default());
    for (query, code) in [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ articles { title ", "GRAPHQL_PARSE_FAILED"),
        ("nonsense", "GRAPHQL_PARSE_FAILED"),
        ("{ articles }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ articles { nothing } }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ articles { secret } }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ articles(filters: {secret: {eq: \"x\"}}) { title } }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ articles(nothing: 1) { title } }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ articles(status: BOTH) { title } }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ articles { ...A } }", "GRAPHQL_VALIDATION_FAILED"),
        ("query($a: [Nothing!] = [1]) { articles(filters: $a) { title } }", "GRAPHQL_VALIDATION_FAILED"),
        ("query($a: [[Article]!]! = [[{}]]) { articles(filters: $a) { title } }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { articles { title } }", "GRAPHQL_VALIDATION_FAILED"),
        ("query A { articles { title } } query B { articles { title } }", "OPERATION_RESOLUTION_FAILURE"),
        ("fragment A on Article { title }", "GRAPHQL_PARSE_FAILED"),
    ] {
        let (status, answer) = run(&schema, json!({ "query": query }), &source).await;
        assert_eq!((status, &answer["errors"][0]["extensions"]["code"]), (400, &json!(code)), "{query} {answer:#}");
    }
    let (status, _) =
        run(&schema, json!({"query": "query A { articles { title } }", "operationName": "B"}), &source).await;
    assert_eq!(status, 400);
    assert!(source.asked.lock().unwrap().is_empty());
    let request =
        GraphqlRequest::from_json(json!({"query": "mutation { deleteAuthor(documentId: \"x\") { documentId } }"}));
    let refused = schema.execute(request.unwrap(), LIMITS, true, source.clone()).await;
    assert_eq!(refused.status, 405);
    assert!(source.asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn tools_may_look_at_the_schema_unless_the_operator_says_no() {
    let registry = load_sample();
    let schema = full_schema(&registry);
    let source = Arc::new(FakeSource::default());
    let of = |name: &str| {
        format!(
            "{{ __type(name: \"{name}\") {{ name fields {{ name type {{ name ofType {{ name }} }} }} }} __typename }}"
        )
    };
    let (status, answer) = run(&schema, json!({ "query": of("Article") }), &source).await;
    assert_eq!((status, &answer["data"]["__type"]["name"]), (200, &json!("Article")), "{answer:#}");
    let (status, answer) = run(&schema, json!({ "query": hostile::INTROSPECTION }), &source).await;
    assert!(status == 200 && answer["errors"].is_null(), "{answer:#}");
    let closed = GraphqlLimits { introspection: false, ..LIMITS };
    for query in [of("Article"), hostile::INTROSPECTION.to_owned()] {
        let (status, answer) = run_with(&schema, json!({ "query": query }), &source, closed).await;
        assert_eq!(status, 400, "{answer:#}");
    }
    // Clients ask for the names of types in any case.
    let (status, answer) = run_with(&schema, json!({"query": "{ __typename }"}), &source, closed).await;
    assert_eq!((status, answer), (200, json!({"data": {"__typename": "Query"}})));
    assert_eq!(Name::new("Query").as_str(), "Query");
}
