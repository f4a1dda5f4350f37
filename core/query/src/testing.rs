//! The sample model of `tests/model`, for unit tests.

use crate::{Access, Action, Limits, ParamError, Planned, Request, plan};
use cairn_model::Registry;
use std::path::Path;
use std::sync::OnceLock;

pub(crate) fn registry() -> &'static Registry {
    static REGISTRY: OnceLock<Registry> = OnceLock::new();
    REGISTRY.get_or_init(|| {
        let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/model");
        cairn_model::load::load(&project).expect("the sample model loads").registry
    })
}

/// Plans a query on `articles` with full access.
pub(crate) fn articles(raw_query: &str) -> Result<Planned, ParamError> {
    plan_as(&Access::full(), Action::Find, "articles", raw_query)
}

pub(crate) fn plan_as(access: &Access, action: Action, route: &str, raw_query: &str) -> Result<Planned, ParamError> {
    let registry = registry();
    let request = Request {
        registry,
        access,
        content_type: registry.by_route(route).expect(route).id,
        action,
        default_locale: "en",
        limits: Limits::default(),
        lenient: false,
    };
    plan(&request, raw_query)
}

/// The message of the error for an invalid `filters`, `sort` and so on of articles.
pub(crate) fn refusal(raw_query: &str) -> String {
    articles(raw_query).expect_err(raw_query).message
}
