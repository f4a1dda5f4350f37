//! The sample model of `tests/model`, for unit tests.

use crate::{Access, Action, ParamError, PlannedQuery, Query, QueryLimits, QueryRequest, plan_query};
use cairn_model::Registry;
use std::path::Path;
use std::sync::OnceLock;

pub(crate) fn sample_registry() -> &'static Registry {
    static SAMPLE_REGISTRY: OnceLock<Registry> = OnceLock::new();
    SAMPLE_REGISTRY.get_or_init(|| {
        let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/model");
        cairn_model::load::load_project(&project).expect("the sample model loads").registry
    })
}

/// Plans a query on `articles` with full access.
pub(crate) fn plan_articles(raw_query: &str) -> Result<PlannedQuery, ParamError> {
    plan_as(&Access::full(), Action::Find, "articles", raw_query)
}

pub(crate) fn plan_as(
    access: &Access,
    action: Action,
    route: &str,
    raw_query: &str,
) -> Result<PlannedQuery, ParamError> {
    let registry = sample_registry();
    let request = QueryRequest {
        registry,
        access,
        content_type: registry.by_route(route).expect(route).id,
        action,
        default_locale: "en",
        limits: QueryLimits::default(),
        lenient: false,
    };
    plan_query(&request, &Query::from_text(raw_query))
}

/// The message of the error for an invalid `filters`, `sort` and so on of articles.
pub(crate) fn refusal_message(raw_query: &str) -> String {
    plan_articles(raw_query).expect_err(raw_query).message
}
