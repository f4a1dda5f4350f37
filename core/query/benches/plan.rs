//! Parsing and planning: from a query string to a checked plan, for the reads of the load test (its cases, on the sample
//! model). `cargo bench -p cairn-query`

use cairn_query::{Access, AccessRule, Action, Query, QueryLimits, QueryRequest, plan_query};
use criterion::Criterion;
use serde_json::json;
use std::error::Error;
use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// The load test's cases b, c, d, f and g.
const QUERIES: [(&str, &str); 5] = [
    ("list", "pagination%5BpageSize%5D=25"),
    (
        "filter and sort",
        "filters%5Bfeatured%5D%5B%24eq%5D=true&filters%5Bviews%5D%5B%24gte%5D=5000&sort=views:desc&pagination%5BpageSize%5D=25",
    ),
    (
        "populate four",
        "populate%5B0%5D=category&populate%5B1%5D=authors&populate%5B2%5D=seo&populate%5B3%5D=sections&pagination%5BpageSize%5D=25",
    ),
    ("deep page", "pagination%5Bpage%5D=70&pagination%5BpageSize%5D=25"),
    ("populate all", "populate=*&pagination%5BpageSize%5D=25"),
];

fn main() -> Result<(), Box<dyn Error>> {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/model");
    let loaded =
        cairn_model::load::load_project(&project).map_err(|p| format!("{} problems in the sample model", p.len()))?;
    let access = Access::full();
    let request = QueryRequest {
        registry: &loaded.registry,
        access: &access,
        content_type: loaded.registry.by_route("articles").ok_or("no articles in the sample model")?.id,
        action: Action::Find,
        default_locale: "en",
        limits: QueryLimits::default(),
        lenient: false,
    };
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .configure_from_args();
    for (name, query) in QUERIES {
        plan_query(&request, &Query::from_text(query))?;
        criterion.bench_function(&format!("plan/{name}"), |b| {
            b.iter(|| plan_query(&request, &Query::from_text(black_box(query))))
        });
    }
    // A caller's own plan, whose statements exist without its values: what is left to do for each caller.
    let condition = json!({ "level": { "$in": "$user.levels" }, "authors": { "documentId": "$user.author" } });
    let rule = AccessRule { condition: Some(Arc::new(condition)), fields: None };
    let mut caller = Access::none();
    Arc::make_mut(&mut caller.rules).insert((request.content_type, Action::Find), rule);
    let authors = loaded.registry.by_route("authors").ok_or("no authors in the sample model")?.id;
    Arc::make_mut(&mut caller.rules).insert((authors, Action::Find), AccessRule::default());
    caller.variables =
        [("user.levels".to_owned(), json!(["low", "high"])), ("user.author".to_owned(), json!("a1"))].into();
    let request = QueryRequest { access: &caller, ..request };
    let query = QUERIES[0].1;
    criterion.bench_function("plan/list of a caller, its values taken out", |b| {
        b.iter(|| {
            plan_query(&request, &Query::from_text(black_box(query))).map(|mut planned| planned.plan.take_values())
        });
    });
    criterion.final_summary();
    Ok(())
}
