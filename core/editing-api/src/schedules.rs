//! Schedules: documents that are published or unpublished at a time.

use crate::publishing::{RefusalView, content_type, default_locale, optional_locale, parse_action, parse_number};
use cairn_access::action_types::ReleasesRead;
use cairn_app::Tenant;
use cairn_content::view::ActorView;
use cairn_content::{LocaleCheck, PublishAction, Refusal};
use cairn_editorial::RequestedTime;
use cairn_editorial::schedules::{ScheduleInput, ScheduleTarget, TimedAction};
use cairn_events::zone::Fold;
use cairn_http::content_caller::ContentCaller;
use cairn_http::error::WireError;
use cairn_http::extract::admin::Admin;
use cairn_http::extract::body::Json;
use cairn_http::extract::require::Require;
use cairn_http::extract::tenant::CurrentTenant;
use cairn_http::extract::url_params::{Path, Query};
use cairn_http::openapi::response_types::{Before, CreatedWithMeta, Data, Page, Time};
use cairn_http::openapi::router::AreaRouter;
use cairn_http::page_params::PageParams;
use cairn_http::routes;
use cairn_store::editorial::{ScheduleFilter, ScheduleRow, ScheduleState};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

pub(super) fn routes() -> AreaRouter {
    AreaRouter::default().routes(routes!(list, create)).routes(routes!(validate)).routes(routes!(one, change, cancel))
}

/// Filter of schedules.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct ListSchedulesParams {
    /// Of documents of this content type.
    content_type: Option<String>,
    /// Of this document.
    document_id: Option<String>,
    /// Where they are.
    #[param(inline, value_type = Option<ScheduleStateView>)]
    state: Option<String>,
    /// Due at or after.
    from: Option<DateTime<Utc>>,
    /// Due before this moment.
    to: Option<DateTime<Utc>>,
}

/// Schedules: newest first, with `from` or `to` as they are due.
#[utoipa::path(get, path = "/admin/api/schedules", params(ListSchedulesParams, PageParams))]
async fn list(
    CurrentTenant(tenant): CurrentTenant,
    _: Require<ReleasesRead>,
    Query(params): Query<ListSchedulesParams>,
    Query(page): Query<PageParams>,
) -> Result<Page<Schedule>, WireError> {
    let state = |text: &str| {
        let expected = "state: expected waiting, done, failed or cancelled";
        ScheduleState::parse(text).ok_or_else(|| WireError::validation(expected))
    };
    let filter = ScheduleFilter {
        content_type: params.content_type,
        document_id: params.document_id,
        state: params.state.as_deref().map(state).transpose()?,
        from: params.from.map(|t| t.timestamp_millis()),
        to: params.to.map(|t| t.timestamp_millis()),
        before: page.before,
    };
    let rows = tenant.content.store().read(|r| r.schedules().list(&filter, page.limit()))?;
    let ranged = filter.from.is_some() || filter.to.is_some();
    let before = page.next_before(&rows, |row| row.id).filter(|_| !ranged);
    Ok(Page { data: rows.iter().map(Schedule::from).collect(), meta: Before { before } })
}

/// A local time in a zone.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct LocalTime {
    /// `2026-01-02T03:04`
    local_time: String,
    /// `Europe/Amsterdam`
    zone: String,
    /// Of a time that comes twice.
    #[serde(default)]
    fold: Option<WhichFold>,
}

/// Choice between the two moments of a local time that comes twice.
#[derive(Debug, Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum WhichFold {
    Earlier,
    Later,
}

impl From<LocalTime> for RequestedTime {
    fn from(LocalTime { local_time, zone, fold }: LocalTime) -> Self {
        let fold = fold.map(|fold| match fold {
            WhichFold::Earlier => Fold::Earlier,
            WhichFold::Later => Fold::Later,
        });
        Self { local_time, zone, fold }
    }
}

/// Schedule to create: an action on a document at a local time.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewSchedule {
    content_type: String,
    document_id: String,
    /// The default one where it is left out, `"*"` for each that there is.
    #[serde(default)]
    locale: Option<String>,
    #[schema(value_type = TimedAction)]
    action: String,
    /// `2026-01-02T03:04`
    local_time: String,
    /// `Europe/Amsterdam`
    zone: String,
    /// Of a time that comes twice.
    #[serde(default)]
    fold: Option<WhichFold>,
}

/// Problems that stand against a schedule now.
#[derive(Debug, Serialize, ToSchema)]
struct ScheduleMeta {
    /// Why it would fail.
    problems: Vec<RefusedLocale>,
}

/// Why a locale would not be published.
#[derive(Debug, Serialize, ToSchema)]
struct RefusedLocale {
    /// Sentence that says why, for people.
    message: String,
    /// As `details` of an error.
    #[schema(value_type = Object)]
    details: Value,
    /// Null where the type is not localised.
    locale: Option<String>,
}

/// Schedules a publish. `meta.problems`: what would be wrong with it now.
#[utoipa::path(post, path = "/admin/api/schedules")]
async fn create(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<ReleasesRead>,
    body: Json<NewSchedule>,
) -> Result<CreatedWithMeta<Schedule, ScheduleMeta>, WireError> {
    let new = body.read(&tenant).await?;
    let target = TimedPublish {
        content_type: new.content_type,
        document_id: new.document_id,
        locale: new.locale,
        action: new.action,
    };
    let target = schedule_target(&tenant, &admin, target).await?;
    let when = LocalTime { local_time: new.local_time, zone: new.zone, fold: new.fold }.into();
    let input = ScheduleInput { target, when };
    let (row, checks) = tenant.schedules.create(input, admin.actor()).await?;
    Ok(CreatedWithMeta { data: Schedule::from(&row), meta: ScheduleMeta { problems: refused_locales(&checks) } })
}

/// A document that is to be published or unpublished.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct TimedPublish {
    content_type: String,
    document_id: String,
    /// The default one where it is left out, `"*"` for each that there is.
    #[serde(default)]
    locale: Option<String>,
    #[schema(value_type = TimedAction)]
    action: String,
}

/// Says what would be wrong with a schedule now, before it is made.
#[utoipa::path(post, path = "/admin/api/schedules/actions/validate")]
async fn validate(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<ReleasesRead>,
    body: Json<TimedPublish>,
) -> Result<Data<ScheduleMeta>, WireError> {
    let target = schedule_target(&tenant, &admin, body.read(&tenant).await?).await?;
    let checks = tenant.schedules.check(target, admin.actor()).await?;
    Ok(Data { data: ScheduleMeta { problems: refused_locales(&checks) } })
}

/// The target of a schedule that the caller may publish.
async fn schedule_target(tenant: &Tenant, admin: &Admin, input: TimedPublish) -> Result<ScheduleTarget, WireError> {
    let ct = content_type(tenant, &input.content_type)?;
    let target = ScheduleTarget {
        content_type: ct.id,
        document_id: input.document_id,
        locale: input.locale.unwrap_or_else(|| default_locale(tenant, ct)),
        action: parse_action(&input.action)?,
    };
    ContentCaller::for_admin(tenant, admin)
        .require_publish_at(tenant, ct, target.action, &target.document_id, &target.locale)
        .await?;
    Ok(target)
}

/// Gets a schedule.
#[utoipa::path(get, path = "/admin/api/schedules/{id}", params(("id" = i64, Path)))]
async fn one(
    CurrentTenant(tenant): CurrentTenant,
    _: Require<ReleasesRead>,
    Path(id): Path<String>,
) -> Result<Data<Schedule>, WireError> {
    let id = parse_number(&id)?;
    let row = tenant.content.store().read(|r| r.schedules().get(id))?.ok_or_else(WireError::not_found)?;
    Ok(Data { data: Schedule::from(&row) })
}

/// Changes of a schedule: `action`, or `localTime` and `zone`, or all three.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
struct ChangedSchedule {
    #[schema(value_type = Option<TimedAction>)]
    action: Option<String>,
    local_time: Option<String>,
    zone: Option<String>,
    fold: Option<WhichFold>,
}

/// Changes one that waits.
#[utoipa::path(put, path = "/admin/api/schedules/{id}", params(("id" = i64, Path)))]
async fn change(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<ReleasesRead>,
    Path(id): Path<String>,
    body: Json<ChangedSchedule>,
) -> Result<Data<Schedule>, WireError> {
    let id = parse_number(&id)?;
    let changed = body.read(&tenant).await?;
    let when = match (changed.local_time, changed.zone) {
        (Some(local_time), Some(zone)) => Some(LocalTime { local_time, zone, fold: changed.fold }.into()),
        (None, None) => None,
        _ => return Err(WireError::validation("\"localTime\" and \"zone\" must be given together")),
    };
    let action = changed.action.as_deref().map(parse_action).transpose()?;
    require_schedule_permission(&tenant, &admin, id).await?;
    let row = tenant.schedules.change(id, when, action, admin.actor()).await?;
    Ok(Data { data: Schedule::from(&row) })
}

/// Cancels one that waits.
#[utoipa::path(delete, path = "/admin/api/schedules/{id}", params(("id" = i64, Path)))]
async fn cancel(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<ReleasesRead>,
    Path(id): Path<String>,
) -> Result<Data<Schedule>, WireError> {
    let id = parse_number(&id)?;
    require_schedule_permission(&tenant, &admin, id).await?;
    let row = tenant.schedules.cancel(id, admin.actor()).await?;
    Ok(Data { data: Schedule::from(&row) })
}

/// Requires the permission to publish the document of a schedule.
async fn require_schedule_permission(tenant: &Tenant, admin: &Admin, id: i64) -> Result<(), WireError> {
    let row = tenant.content.store().read(|r| r.schedules().get(id))?.ok_or_else(WireError::not_found)?.schedule;
    match (tenant.content.registry().by_uid(&row.content_type), PublishAction::parse(&row.action)) {
        (Some(ct), Some(action)) => {
            ContentCaller::for_admin(tenant, admin)
                .require_publish_at(tenant, ct, action, &row.document_id, &row.locale)
                .await
        }
        // The content type is gone: any admin who sees the schedule may remove it.
        _ => Ok(()),
    }
}

fn refused_locales(checks: &[LocaleCheck]) -> Vec<RefusedLocale> {
    let to_refusals = |check: &LocaleCheck| {
        let locale = optional_locale(&check.locale);
        let with_locale = move |refusal: &Refusal| {
            let RefusalView { message, details } = refusal.into();
            RefusedLocale { message, details, locale: locale.clone() }
        };
        check.problems.iter().map(with_locale).collect::<Vec<_>>()
    };
    checks.iter().flat_map(to_refusals).collect()
}

/// Something that is done with a document at a time.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Schedule {
    id: i64,
    content_type: String,
    document_id: String,
    /// `*` for each that there is; null where the type is not localised.
    locale: Option<String>,
    #[schema(value_type = TimedAction)]
    action: String,
    /// As it was asked for.
    local_time: String,
    zone: String,
    /// The moment that `localTime` and `zone` mean.
    due: Time,
    state: ScheduleStateView,
    /// Why it failed.
    #[schema(value_type = Option<RefusalView>)]
    problem: Option<Value>,
    created_at: Time,
    created_by: ActorView,
    ended_at: Option<Time>,
}

/// Where a schedule is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = ScheduleState)]
enum ScheduleStateView {
    /// To be done at its time.
    Waiting,
    /// It was run at its time.
    Done,
    /// It could not be done; the problem says why.
    Failed,
    /// No longer wanted.
    Cancelled,
}

impl From<ScheduleState> for ScheduleStateView {
    fn from(state: ScheduleState) -> Self {
        match state {
            ScheduleState::Waiting => Self::Waiting,
            ScheduleState::Done => Self::Done,
            ScheduleState::Failed => Self::Failed,
            ScheduleState::Cancelled => Self::Cancelled,
        }
    }
}

impl From<&ScheduleRow> for Schedule {
    fn from(row: &ScheduleRow) -> Self {
        let s = row.schedule.clone();
        Self {
            id: row.id,
            content_type: s.content_type,
            document_id: s.document_id,
            locale: optional_locale(&s.locale),
            action: s.action,
            local_time: s.local_time,
            zone: s.zone,
            due: Time(s.due),
            state: row.state.into(),
            problem: row.problem.clone(),
            created_at: Time(row.created_at),
            created_by: s.actor.into(),
            ended_at: row.ended_at.map(Time),
        }
    }
}
