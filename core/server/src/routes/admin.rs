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
mod subject;
mod views;
mod webhooks;

use crate::answer;
use axum::Router;
use axum::body::Body;
use axum::http::{Response, StatusCode};
use axum::routing::get;
use serde_json::{Value as Json, json};

/// Entries of a page, where none is asked for, and at most.
const PAGE: i64 = 50;
const LARGEST_PAGE: i64 = 100;

/// The routes of the admin API.
pub(crate) fn routes() -> Router {
    Router::new()
        .route("/admin/api/audit", get(audit::list))
        .route("/admin/api/audit/verify", get(audit::verify))
        .merge(content::routes())
        .merge(content_types::routes())
        .merge(views::routes())
        .merge(search::routes())
        .merge(session::routes())
        .merge(me::routes())
        .merge(publishing::routes())
        .merge(releases::routes())
        .merge(notifications::routes())
        .merge(mail::routes())
        .merge(review::routes())
        .merge(comments::routes())
        .merge(calendar::routes())
        .merge(owners::routes())
        .merge(files::routes())
        .merge(assets::routes())
        .merge(events::routes())
        .merge(jobs::routes())
        .merge(webhooks::routes())
        .merge(history::routes())
        .merge(presence::routes())
        .merge(preview::routes())
        .merge(rights::routes())
}

/// `before` and `limit` of a list.
#[derive(Debug, Clone, Copy, Default, serde::Deserialize)]
#[serde(default)]
pub(crate) struct Page {
    /// Entries with smaller numbers only.
    pub(crate) before: Option<i64>,
    limit: Option<i64>,
}

impl Page {
    pub(crate) fn limit(self) -> i64 {
        self.limit.unwrap_or(PAGE).clamp(1, LARGEST_PAGE)
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
