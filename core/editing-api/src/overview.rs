//! The home page in one request: everything that waits for whoever signs in.

use crate::content::recent::{RecentDraft, recent_drafts};
use crate::releases::Release;
use crate::review::{editorial_service, reviewed_document};
use crate::views::SavedView;
use crate::{calendar, views};
use cairn_access::AdminAction;
use cairn_editorial::calendar::CalendarEntry;
use cairn_editorial::review::{ReviewListParams, ReviewSummary};
use cairn_http::content_caller::ContentCaller;
use cairn_http::error::WireError;
use cairn_http::extract::require::{AnyPerson, Require};
use cairn_http::extract::tenant::CurrentTenant;
use cairn_http::openapi::response_types::Data;
use cairn_http::openapi::router::AreaRouter;
use cairn_http::routes;
use cairn_http::system_health::{HealthCheck, find_open_checks};
use cairn_store::StoreError;
use cairn_store::editorial::{ReleaseFilter, ReleaseState};
use chrono::TimeDelta;
use serde::Serialize;
use utoipa::ToSchema;

/// Reviews that are shown.
const MAX_REVIEWS: i64 = 10;
/// Releases that are shown.
const MAX_RELEASES: usize = 6;
/// Publications that are shown, and for how many days.
const MAX_PUBLISHED: usize = 8;
const PUBLISHED_DAYS: i64 = 14;

pub(super) fn routes() -> AreaRouter {
    AreaRouter::default().routes(routes!(show))
}

/// Everything that waits for whoever signs in, without what they may not see.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Overview {
    /// Documents that they are to work on; nothing for an API token.
    assigned: Vec<ReviewSummary>,
    /// Drafts that were saved last and are not published as they stand.
    drafts: Vec<RecentDraft>,
    /// Dashboards that they made, or that others share.
    dashboards: Vec<SavedView>,
    /// Publications of the last 14 days, newest first; for who may read the calendar.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    published: Option<Vec<CalendarEntry>>,
    /// Releases that are yet to go out, the failed first; for who may read releases.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    releases: Option<Vec<Release>>,
    /// Health checks that need a look at the server; for who may read how it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    checks: Option<Vec<HealthCheck>>,
}

/// Returns what waits for whoever signs in.
#[utoipa::path(get, path = "/admin/api/overview")]
async fn show(CurrentTenant(tenant): CurrentTenant, admin: Require<AnyPerson>) -> Result<Data<Overview>, WireError> {
    let asking = ContentCaller::for_admin(&tenant, &admin);
    let may = |action| admin.permissions.allows_action(action);
    let assigned = match admin.id {
        Some(_) => {
            let review_params = ReviewListParams { assignee: Some("me".into()), ..ReviewListParams::default() };
            let (rows, _) = editorial_service(&tenant).list_reviews(&admin, &review_params, None, MAX_REVIEWS).await?;
            asking.keep_readable(&tenant, rows, reviewed_document)?
        }
        None => Vec::new(),
    };
    let published = match may(AdminAction::CalendarRead) {
        true => {
            let since = (tenant.access.now() - TimeDelta::days(PUBLISHED_DAYS)).timestamp_millis();
            Some(calendar::list_latest_publications(&tenant, &asking, since, MAX_PUBLISHED).await?)
        }
        false => None,
    };
    let releases = match may(AdminAction::ReleasesRead) {
        true => {
            let states = [ReleaseState::Failed, ReleaseState::Scheduled, ReleaseState::Open];
            let rows = tenant.content.store().read(|r| {
                let mut rows = Vec::new();
                for state in states {
                    let filter = ReleaseFilter { state: Some(state), ..ReleaseFilter::default() };
                    rows.extend(r.releases().list(&filter, (MAX_RELEASES - rows.len()) as i64)?);
                    if rows.len() >= MAX_RELEASES {
                        break;
                    }
                }
                Ok::<_, StoreError>(rows)
            })?;
            Some(rows.into_iter().map(Release::from).collect())
        }
        false => None,
    };
    let checks = if may(AdminAction::SystemRead) { Some(find_open_checks(&tenant)?) } else { None };
    let drafts = recent_drafts(&tenant, &asking, &admin.language(&tenant)).await?;
    let dashboards = views::list_dashboards(&tenant, &admin)?;
    Ok(Data { data: Overview { assigned, drafts, dashboards, published, releases, checks } })
}
