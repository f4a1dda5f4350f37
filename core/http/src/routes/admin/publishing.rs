//! Publishing: one document or many at once; schedules.

use super::PageParams;
use super::content_caller::ContentCaller;
use crate::error::WireError;
use crate::extract::admin::Admin;
use crate::extract::body::Json;
use crate::extract::require::{AnyAdmin, Require};
use crate::extract::tenant::CurrentTenant;
use crate::extract::url_params::{Path, Query};
use crate::extract::version;
use crate::openapi::response_types::{Before, CreatedWithMeta, Data, Page, Time, VersionedData};
use crate::openapi::router::AreaRouter;
use crate::openapi::router::routes;
use axum::http::{HeaderMap, StatusCode};
use cairn_access::action_types::ReleasesRead;
use cairn_app::Tenant;
use cairn_content::view::ActorView;
use cairn_content::{LocaleChange, LocaleCheck, LocaleSelection, PublishAction, Refusal};
use cairn_editorial::RequestedTime;
use cairn_editorial::schedules::{ScheduleInput, TimedAction};
use cairn_events::zone::Fold;
use cairn_model::ContentType;
use cairn_store::editorial::{ScheduleFilter, ScheduleRow, ScheduleState};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

/// The routes of publishing.
pub(super) fn routes() -> AreaRouter {
    AreaRouter::default().routes(routes!(publish)).routes(routes!(publish_many))
}

/// The routes of schedules.
pub(super) fn schedule_routes() -> AreaRouter {
    AreaRouter::default().routes(routes!(list, create)).routes(routes!(one, change, cancel))
}

/// The code of a locale, `"*"` for each that there is, or a list of codes.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(untagged)]
enum Locales {
    Word(String),
    List(Vec<String>),
}

/// Which of a document's locales are meant.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
struct PublishDocument {
    /// The default locale, where it is left out.
    locales: Option<Locales>,
}

/// Which documents are meant.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PublishDocuments {
    document_ids: Vec<String>,
    /// The default locale, where it is left out.
    #[serde(default)]
    locales: Option<Locales>,
    /// Whether nothing is published if one of them cannot be.
    #[serde(default)]
    atomic: bool,
}

/// What became of a locale.
#[derive(Debug, Serialize, ToSchema)]
struct PublishedLocale {
    /// Null where the type is not localised.
    locale: Option<String>,
    /// False: it was so already, and nothing was written.
    changed: bool,
    /// The draft's version now, for `If-Match`.
    version: i64,
}

impl From<&LocaleChange> for PublishedLocale {
    fn from(change: &LocaleChange) -> Self {
        Self { locale: optional_locale(&change.locale), changed: change.changed, version: change.version }
    }
}

/// What became of a document.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct PublishedDocument {
    document_id: String,
    locales: Vec<PublishedLocale>,
}

/// What became of one document of many.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct PublishOutcome {
    document_id: String,
    done: bool,
    /// Where it is done.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    locales: Option<Vec<PublishedLocale>>,
    /// Why it is not done.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    error: Option<RefusalView>,
}

/// Number of documents by outcome.
#[derive(Debug, Serialize, ToSchema)]
struct PublishMeta {
    done: usize,
    failed: usize,
}

/// Why something was not done, or would not be.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Refused)]
pub(super) struct RefusalView {
    /// Sentence that says why, for people.
    message: String,
    /// As `details` of an error.
    #[schema(value_type = Object)]
    details: Value,
}

impl From<&Refusal> for RefusalView {
    fn from(refusal: &Refusal) -> Self {
        Self { message: refusal.message.clone(), details: refusal.details.clone() }
    }
}

/// Publishes a document, takes it off, or throws its draft away.
///
/// `If-Match` names the draft that was seen, by its version; it is needed (428). A version is of one locale: of several `*` is said.
#[utoipa::path(
    post,
    path = "/admin/api/content/{uid}/{documentId}/actions/{action}",
    params(
        ("action" = inline(PublishAction), Path),
        ("If-Match" = Option<String>, Header, description = "The version that was seen, as `Cairn-Version` had it; `*`: whatever is there"),
    ),
)]
async fn publish(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<AnyAdmin>,
    Path((uid, document_id, action)): Path<(String, String, String)>,
    headers: HeaderMap,
    body: Json<PublishDocument>,
) -> Result<VersionedData<PublishedDocument>, WireError> {
    let (ct, action) = (content_type(&tenant, &uid)?, parse_path_action(&action)?);
    let PublishDocument { locales } = body.read(&tenant).await?;
    let locales = in_locales(&tenant, ct, locales);
    let asking = ContentCaller::for_admin(&tenant, &admin);
    asking.require_publish(&tenant, ct, action, std::slice::from_ref(&document_id), &locales).await?;
    let expected = version::required_version(&headers)?;
    let changes = tenant.content.publish(action, ct.id, &document_id, locales, admin.actor(), expected).await?;
    let version = if let [one] = changes.as_slice() { Some(one.version) } else { None };
    let locales = changes.iter().map(PublishedLocale::from).collect();
    Ok(VersionedData { data: PublishedDocument { document_id, locales }, version })
}

/// The same with many documents.
///
/// Each by itself, with what became of it; with `atomic` all or none.
#[utoipa::path(
    post,
    path = "/admin/api/content/{uid}/actions/{action}",
    params(("action" = inline(PublishAction), Path)),
)]
async fn publish_many(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<AnyAdmin>,
    Path((uid, action)): Path<(String, String)>,
    body: Json<PublishDocuments>,
) -> Result<Page<PublishOutcome, PublishMeta>, WireError> {
    let (ct, action) = (content_type(&tenant, &uid)?, parse_path_action(&action)?);
    let PublishDocuments { document_ids, locales, atomic } = body.read(&tenant).await?;
    let admin = admin.into_admin().with_batch(document_ids.len());
    let locales = in_locales(&tenant, ct, locales);
    ContentCaller::for_admin(&tenant, &admin).require_publish(&tenant, ct, action, &document_ids, &locales).await?;
    let outcomes = match atomic {
        true => tenant.content.publish_together(action, ct.id, &document_ids, &locales, admin.actor()).await?,
        false => tenant.content.publish_each(action, ct.id, &document_ids, &locales, admin.actor()).await?,
    };
    let failed = outcomes.iter().filter(|o| o.result.is_err()).count();
    let meta = PublishMeta { done: outcomes.len() - failed, failed };
    let outcomes = outcomes.into_iter().map(|outcome| {
        let (locales, error) = match outcome.result {
            Ok(changes) => (Some(changes.iter().map(PublishedLocale::from).collect()), None),
            Err(refusal) => (None, Some(RefusalView::from(&refusal))),
        };
        PublishOutcome { document_id: outcome.document_id, done: error.is_none(), locales, error }
    });
    Ok(Page { data: outcomes.collect(), meta })
}

/// What schedules are asked for.
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

/// Which of the two times.
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

/// What is to be done when.
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

/// What stands against a schedule now.
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
    let ct = content_type(&tenant, &new.content_type)?;
    let input = ScheduleInput {
        content_type: ct.id,
        document_id: new.document_id,
        locale: new.locale.unwrap_or_else(|| default_locale(&tenant, ct)),
        action: parse_action(&new.action)?,
        when: LocalTime { local_time: new.local_time, zone: new.zone, fold: new.fold }.into(),
    };
    ContentCaller::for_admin(&tenant, &admin)
        .require_publish_at(&tenant, ct, input.action, &input.document_id, &input.locale)
        .await?;
    let (row, checks) = tenant.schedules.create(input, admin.actor()).await?;
    Ok(CreatedWithMeta { data: Schedule::from(&row), meta: ScheduleMeta { problems: refused_locales(&checks) } })
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

/// What is to change: `action`, or `localTime` and `zone`, or all three.
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
        // Its type is gone: whoever sees it may take it away.
        _ => Ok(()),
    }
}

/// Parses the id in a path.
pub(super) fn parse_number(text: &str) -> Result<i64, WireError> {
    text.parse().map_err(|_| WireError::not_found())
}

pub(super) fn content_type<'t>(tenant: &'t Tenant, uid: &str) -> Result<&'t ContentType, WireError> {
    tenant.content.registry().by_uid(uid).ok_or_else(|| {
        let uid: String = uid.chars().take(100).collect();
        WireError::new(StatusCode::NOT_FOUND, "NotFoundError", format!("Content type {uid:?} not found"))
    })
}

/// Parses the action in a body; 400 where it is neither `publish` nor `unpublish`.
pub(super) fn parse_action(text: &str) -> Result<PublishAction, WireError> {
    PublishAction::parse(text).ok_or_else(|| WireError::validation("action: expected \"publish\" or \"unpublish\""))
}

fn parse_path_action(text: &str) -> Result<PublishAction, WireError> {
    PublishAction::parse(text).ok_or_else(WireError::not_found)
}

/// The locale that is used where none is named; empty for a type that is not localised.
pub(super) fn default_locale(tenant: &Tenant, ct: &ContentType) -> String {
    if ct.localized { tenant.access.locales().default.clone() } else { String::new() }
}

fn in_locales(tenant: &Tenant, ct: &ContentType, locales: Option<Locales>) -> LocaleSelection {
    match locales {
        Some(Locales::Word(word)) if word == "*" => LocaleSelection::All,
        Some(Locales::Word(word)) => LocaleSelection::These(vec![word]),
        Some(Locales::List(list)) => LocaleSelection::These(list),
        None if ct.localized => LocaleSelection::These(vec![default_locale(tenant, ct)]),
        None => LocaleSelection::All,
    }
}

/// The locale for a view; `None` for the empty one.
pub(super) fn optional_locale(locale: &str) -> Option<String> {
    (!locale.is_empty()).then(|| locale.to_owned())
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
