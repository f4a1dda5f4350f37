//! The sample model, loaded once, and callers with different permissions.

use cairn_model::{Registry, TypeId};
use cairn_query::{Access, AccessRule, Action};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, LazyLock};

pub static REGISTRY: LazyLock<Registry> = LazyLock::new(|| {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/query/tests/model");
    cairn_model::load::load_project(&project).unwrap_or_else(|problems| panic!("{problems:#?}")).registry
});

pub fn type_id(route: &str) -> TypeId {
    REGISTRY.by_route(route).unwrap_or_else(|| panic!("no content type {route}")).id
}

/// Full access; read access to some types, without drafts; and access to some rows and some of their attributes.
#[allow(dead_code, reason = "one of the targets uses it")]
pub static CALLERS: LazyLock<[Access; 3]> = LazyLock::new(|| {
    let routes = ["articles", "categories", "pages"];
    let all = [Action::Find, Action::FindOne, Action::Create, Action::Update, Action::Delete];
    let plain = routes.iter().flat_map(|r| all.map(|a| ((type_id(r), a), AccessRule::default())));
    let reader = Access { key: "reader".into(), rules: plain.collect(), ..Access::none() };
    let mut owner = Access { key: "owner".into(), read_drafts: true, ..reader.clone() };
    let articles = REGISTRY.get(type_id("articles"));
    let names = ["title", "note", "category", "sequel", "sections", "seo", "subject"];
    let fields: BTreeSet<_> = names.iter().filter_map(|n| Some(articles.attributes.get(n)?.0)).collect();
    let condition =
        serde_json::json!({"$or": [{"category": {"name": "$user.name"}}, {"note": {"$in": "$user.notes"}}]});
    let rule = AccessRule { condition: Some(Arc::new(condition)), fields: Some(Arc::new(fields)) };
    owner.rules.extend(all.map(|a| ((articles.id, a), rule.clone())));
    owner.variables = BTreeMap::from([("user.notes".to_owned(), serde_json::json!(["a", null, 7]))]);
    [Access::full(), reader, owner]
});
