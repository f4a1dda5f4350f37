//! `/admin/api`, the part that editors work with: content types and entries, publishing, review, files. Each file is one area.

mod assets;
mod calendar;
mod comments;
mod content;
mod content_types;
mod files;
mod history;
mod licensing;
mod locales;
mod overview;
mod owners;
mod presence;
mod preview;
mod publishing;
mod releases;
mod review;
mod schedules;
mod search;
mod translations;
mod views;

pub use files::UploadFile;

use cairn_http::openapi::router::ApiRouter;

/// Adds the routes of this crate's areas, with what describes them.
#[must_use]
pub fn add_areas(api: ApiRouter) -> ApiRouter {
    let areas = [
        ("contentTypes", content_types::routes()),
        ("content", content::routes()),
        ("content", publishing::routes()),
        ("views", views::routes()),
        ("search", search::routes()),
        ("schedules", schedules::routes()),
        ("releases", releases::routes()),
        ("workflows", review::workflow_routes()),
        ("review", review::routes()),
        ("comments", comments::routes()),
        ("calendar", calendar::routes()),
        ("owners", owners::routes()),
        ("assets", assets::routes()),
        ("assets", files::routes()),
        ("rights", licensing::routes()),
        ("history", history::routes()),
        ("presence", presence::routes()),
        ("preview", preview::routes()),
        ("overview", overview::routes()),
        ("locales", locales::routes()),
        ("translations", translations::routes()),
    ];
    areas.into_iter().fold(api, |all, (name, routes)| all.add_area(name, routes))
}
