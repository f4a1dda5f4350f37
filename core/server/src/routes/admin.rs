//! `/admin/api`: what the admin works with. Each file is one area.

mod assets;
pub(crate) mod audit;
mod body;
mod calendar;
mod comments;
mod content;
pub(crate) mod content_types;
mod events;
mod files;
mod history;
mod jobs;
mod mail;
mod me;
pub(crate) mod needs;
mod notifications;
mod owners;
mod presence;
mod preview;
mod publishing;
mod releases;
mod review;
mod rights;
mod search;
mod session;
pub(crate) mod subject;
mod views;
mod webhooks;

use crate::answer;
use crate::extract::admin::Admin;
use crate::openapi;
use axum::Router;
use axum::body::Body;
use axum::http::{Response, StatusCode};
use axum::routing::get;
use serde_json::{Value as Json, json};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;

/// Entries of a page, where none is asked for, and at most.
const PAGE: i64 = 50;
const LARGEST_PAGE: i64 = 100;

/// The routes of the admin API.
pub(crate) fn routes() -> Router {
    let (router, _) = described().split_for_parts();
    router.route("/admin/api/openapi.json", get(document))
}

/// The same, with what describes them.
pub(crate) fn described() -> OpenApiRouter {
    // Without a description yet.
    let rest = Router::new()
        .route("/admin/api/audit", get(audit::list))
        .route("/admin/api/audit/verify", get(audit::verify))
        .merge(session::routes())
        .merge(me::routes())
        .merge(notifications::routes())
        .merge(mail::routes())
        .merge(review::routes())
        .merge(comments::routes())
        .merge(calendar::routes())
        .merge(owners::routes())
        .merge(files::routes())
        .merge(assets::routes())
        .merge(events::routes())
        .merge(webhooks::routes())
        .merge(history::routes())
        .merge(presence::routes())
        .merge(preview::routes())
        .merge(rights::routes());
    OpenApiRouter::from(rest)
        .merge(area("contentTypes", content_types::routes()))
        .merge(area("content", content::routes()))
        .merge(area("content", publishing::routes()))
        .merge(area("views", views::routes()))
        .merge(area("search", search::routes()))
        .merge(area("schedules", publishing::schedule_routes()))
        .merge(area("releases", releases::routes()))
        .merge(area("jobs", jobs::routes()))
}

/// Routes that belong together: operations are called `area_function`.
fn area(name: &str, mut routes: OpenApiRouter) -> OpenApiRouter {
    for path in routes.get_openapi_mut().paths.paths.values_mut() {
        let operations =
            [&mut path.get, &mut path.put, &mut path.post, &mut path.delete, &mut path.patch, &mut path.head];
        for operation in operations.into_iter().flatten() {
            operation.tags = Some(vec![name.to_owned()]);
        }
    }
    routes
}

/// `GET /admin/api/openapi.json`: this API, as an OpenAPI document.
async fn document(_: Admin) -> Response<Body> {
    answer::json(StatusCode::OK, openapi::document())
}

/// Which part of a list is asked for.
#[derive(Debug, Clone, Copy, Default, serde::Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(crate) struct Paging {
    /// Entries with smaller numbers only.
    pub(crate) before: Option<i64>,
    /// Entries at most: 1 to 100, 50 where it is left out.
    limit: Option<i64>,
}

impl Paging {
    pub(crate) fn limit(self) -> i64 {
        self.limit.unwrap_or(PAGE).clamp(1, LARGEST_PAGE)
    }

    /// How to go on after these rows: where there may be more, before the number of the last.
    pub(crate) fn next<T>(self, rows: &[T], number: impl Fn(&T) -> i64) -> Option<i64> {
        (rows.len() as i64 == self.limit()).then(|| rows.last().map(number)).flatten()
    }
}

/// `{"data": …}`.
pub(crate) fn data(data: impl Into<Json>) -> Response<Body> {
    answer::value(StatusCode::OK, &json!({ "data": data.into() }))
}

/// `{"data": …, "meta": …}`.
pub(crate) fn with_meta(data: impl Into<Json>, meta: Json) -> Response<Body> {
    answer::value(StatusCode::OK, &json!({ "data": data.into(), "meta": meta }))
}

/// Milliseconds as the time that is shown.
pub(crate) fn time(ms: i64) -> Json {
    chrono::DateTime::from_timestamp_millis(ms).map_or(Json::Null, |t| cairn_access::iso(t).into())
}
