//! The sample model and some callers.

use cairn_model::{Registry, TypeId};
use cairn_query::{Access, AccessRule, Action, ParamError, PlannedQuery, Query, QueryLimits, QueryRequest};
use serde_json::{Value as Json, json};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

pub(crate) fn registry() -> &'static Registry {
    static REGISTRY: OnceLock<Registry> = OnceLock::new();
    REGISTRY.get_or_init(|| load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/model")))
}

pub(crate) fn load(project: &Path) -> Registry {
    cairn_model::load::load_project(project).unwrap_or_else(|problems| panic!("{problems:#?}")).registry
}

/// The shared conformance suite, where it is there.
pub(crate) fn conformance() -> Option<PathBuf> {
    let shared = std::env::var_os("CAIRN_SHARED")
        .map(PathBuf::from)
        .unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"));
    let suite = shared.join("conformance");
    suite.join("golden").is_dir().then_some(suite)
}

pub(crate) fn type_id(route: &str) -> TypeId {
    registry().by_route(route).unwrap_or_else(|| panic!("no type {route}")).id
}

/// The callers of the cases.
pub(crate) fn caller(name: &str) -> Access {
    let everyone = |routes: &[&str], action: Action| -> Vec<((TypeId, Action), AccessRule)> {
        routes.iter().map(|route| ((type_id(route), action), AccessRule::default())).collect()
    };
    let mut access = Access { key: name.into(), ..Access::none() };
    match name {
        "full" => return Access::full(),
        // May read some types, and no drafts.
        "reader" => {
            Arc::make_mut(&mut access.rules).extend(everyone(&["articles", "categories", "pages"], Action::Find));
            Arc::make_mut(&mut access.rules).extend(everyone(&["articles"], Action::FindOne));
        }
        // The same with drafts.
        "editor" => {
            access = Access { read_drafts: true, ..caller("reader") };
        }
        // Sees own articles and some of their attributes, and of categories those that are not secret.
        "owner" => {
            Arc::make_mut(&mut access.rules).extend(everyone(&["authors"], Action::Find));
            let own_rows = json!({"authors": {"documentId": {"$eq": "$user.author.documentId"}}});
            let articles = registry().by_route("articles").expect("articles");
            let fields = ["title", "note", "category", "authors", "sequel", "sections"];
            let fields = fields.iter().map(|name| articles.attributes.get(name).expect(name).0).collect();
            Arc::make_mut(&mut access.rules).insert((articles.id, Action::Find), rule(own_rows.clone(), Some(fields)));
            Arc::make_mut(&mut access.rules).insert((articles.id, Action::Update), rule(own_rows, None));
            Arc::make_mut(&mut access.rules)
                .insert((type_id("categories"), Action::Find), rule(json!({"rank": {"$lt": 10}}), None));
            Arc::make_mut(&mut access.rules).insert((type_id("pages"), Action::Find), rule(json!({"rank": 1}), None));
            access.variables.insert("user.author.documentId".into(), json!("ann"));
        }
        // May write what it cannot read.
        "writer" => {
            Arc::make_mut(&mut access.rules).extend(everyone(&["articles"], Action::Create));
            Arc::make_mut(&mut access.rules).extend(everyone(&["articles"], Action::Update));
            Arc::make_mut(&mut access.rules).extend(everyone(&["authors", "categories"], Action::Find));
        }
        other => panic!("no caller {other}"),
    }
    access
}

fn rule(condition: Json, fields: Option<std::collections::BTreeSet<usize>>) -> AccessRule {
    AccessRule { condition: Some(Arc::new(condition)), fields: fields.map(Arc::new) }
}

pub(crate) fn action(name: &str) -> Action {
    match name {
        "find" => Action::Find,
        "findOne" => Action::FindOne,
        "create" => Action::Create,
        "update" => Action::Update,
        "delete" => Action::Delete,
        other => panic!("no action {other}"),
    }
}

pub(crate) fn plan(access: &Access, action: Action, route: &str, query: &str) -> Result<PlannedQuery, ParamError> {
    cairn_query::plan_query(&request(registry(), access, action, type_id(route)), &Query::from_text(query))
}

pub(crate) fn request<'a>(
    registry: &'a Registry,
    access: &'a Access,
    action: Action,
    content_type: TypeId,
) -> QueryRequest<'a> {
    QueryRequest {
        registry,
        access,
        content_type,
        action,
        default_locale: "en",
        limits: QueryLimits::default(),
        lenient: false,
    }
}
