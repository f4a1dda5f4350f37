//! The content calendar.

use crate::review::{editorial_service, numbered_page, parse_body};
use cairn_access::action_types::{CalendarManage, CalendarRead};
use cairn_app::Tenant;
use cairn_editorial::calendar::{
    Calendar, CalendarDay, CalendarEntry, CalendarRange, DatedDocument, DatedDocuments, DatedKind, DatedRange,
    RuleInput, SlotInput, SlotRulePreview, SlotRuleView, SlotView,
};
use cairn_http::content_caller::ContentCaller;
use cairn_http::error::WireError;
use cairn_http::extract::body::Json;
use cairn_http::extract::require::Require;
use cairn_http::extract::tenant::CurrentTenant;
use cairn_http::extract::url_params::{Path, Query};
use cairn_http::openapi::response_types::{CreatedData, Data, EmptyData, List, Page, Time};
use cairn_http::openapi::router::AreaRouter;
use cairn_http::page_params::PageParams;
use cairn_http::routes;
use cairn_plugin_host::ActiveCalendar;
use cairn_plugin_package::manifest::CalendarTone;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use utoipa::{IntoParams, ToSchema};

/// Occurrences of a preview where no number is given.
const DEFAULT_PREVIEW_SIZE: usize = 10;

pub(super) fn routes() -> AreaRouter {
    AreaRouter::default()
        .routes(routes!(days))
        .routes(routes!(plugin_documents))
        .routes(routes!(slots, create_slot))
        .routes(routes!(slot, change_slot, delete_slot))
        .routes(routes!(rules, create_rule))
        .routes(routes!(preview_rule))
        .routes(routes!(rule, change_rule, delete_rule))
        .routes(routes!(change_occurrence, cancel_occurrence))
}

/// Publications that the calendar leaves out.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct CalendarMeta {
    /// Publications before this moment are left out, as there are too many. Null: all are there.
    published_from: Option<Time>,
}

/// Lists what is planned, scheduled and was published, by day.
#[utoipa::path(get, path = "/admin/api/calendar", params(CalendarRange))]
async fn days(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<CalendarRead>,
    Query(range): Query<CalendarRange>,
) -> Result<Page<CalendarDay, CalendarMeta>, WireError> {
    let asking = ContentCaller::for_admin(&tenant, &admin);
    let readable = asking.readable_types();
    let calendar = editorial_service(&tenant).list_calendar(&admin, &range, readable.as_deref()).await?;
    let Calendar { days, published_from } = calendar;
    Ok(Page { data: readable_days(&tenant, &asking, days)?, meta: CalendarMeta { published_from } })
}

/// How the entries of a kind are coloured.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum PluginCalendarTone {
    Neutral,
    Info,
    Success,
    Warning,
    Danger,
}

impl From<CalendarTone> for PluginCalendarTone {
    fn from(tone: CalendarTone) -> Self {
        match tone {
            CalendarTone::Neutral => Self::Neutral,
            CalendarTone::Info => Self::Info,
            CalendarTone::Success => Self::Success,
            CalendarTone::Warning => Self::Warning,
            CalendarTone::Danger => Self::Danger,
        }
    }
}

/// A kind of entry that a plugin adds to the calendar.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct PluginCalendar {
    plugin: String,
    /// Display name of the plugin.
    plugin_name: String,
    name: String,
    /// The kind of entry, in the caller's language.
    label: String,
    /// The name of an icon of the admin.
    icon: Option<String>,
    tone: PluginCalendarTone,
    /// Uid of the content type.
    content_type: String,
    /// In the order in which they begin; none where the kind is hidden.
    documents: Vec<DatedDocument>,
    /// Number of documents in these days that are left out, as there are too many.
    more: u64,
}

/// Days whose documents of plugins are listed.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct PluginCalendarParams {
    /// The first day: `2026-12-01`.
    #[param(required)]
    from: String,
    /// The last day, included: `2026-12-31`.
    #[param(required)]
    to: String,
    /// The zone whose days they are; UTC where none is given.
    zone: Option<String>,
    /// Of this locale; without it the default locale.
    locale: Option<String>,
    /// Uid of a content type.
    content_type: Option<String>,
    /// Kinds whose documents are not read, separated by commas: `bookings.events`.
    hidden: Option<String>,
}

/// Lists dated documents of the plugins that run, as far as the caller may read them; kinds of which they may read nothing are left out.
#[utoipa::path(get, path = "/admin/api/calendar/plugin-documents", params(PluginCalendarParams))]
async fn plugin_documents(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<CalendarRead>,
    Query(params): Query<PluginCalendarParams>,
) -> Result<List<PluginCalendar>, WireError> {
    let PluginCalendarParams { from, to, zone, locale, content_type, hidden } = &params;
    let mut calendars = tenant.plugins.plugins().list_calendars(&admin.language(&tenant));
    calendars.retain(|calendar| content_type.as_ref().is_none_or(|uid| *uid == calendar.content_type));
    let hidden: HashSet<&str> = hidden.iter().flat_map(|names| names.split(',')).map(str::trim).collect();
    let to_kind = |calendar: &ActiveCalendar| DatedKind {
        content_type: calendar.content_type.clone(),
        start: calendar.start.clone(),
        end: calendar.end.clone(),
        title: calendar.title.clone(),
        filter: calendar.filter.clone(),
        hidden: hidden.contains(format!("{}.{}", calendar.plugin, calendar.name).as_str()),
    };
    let asking = ContentCaller::for_admin(&tenant, &admin);
    let range = DatedRange { from, to, zone: zone.as_deref(), locale: locale.as_deref() };
    let kinds = calendars.iter().map(to_kind).collect();
    let found = editorial_service(&tenant).list_dated_documents(&asking.editorial_caller(), range, kinds).await?;
    let to_calendar = |(calendar, found): (ActiveCalendar, Option<DatedDocuments>)| {
        let DatedDocuments { documents, more } = found?;
        let ActiveCalendar { plugin, plugin_name, name, label, icon, tone, content_type, .. } = calendar;
        Some(PluginCalendar {
            plugin,
            plugin_name,
            name,
            label,
            icon,
            tone: tone.into(),
            content_type,
            documents,
            more,
        })
    };
    Ok(List { data: calendars.into_iter().zip(found).filter_map(to_calendar).collect() })
}

/// Lists the last publications that the caller may see: at most `limit` documents since a moment, newest first.
pub(super) async fn list_latest_publications(
    tenant: &Tenant,
    asking: &ContentCaller,
    since: i64,
    limit: usize,
) -> Result<Vec<CalendarEntry>, WireError> {
    let keep_readable = |entries: Vec<CalendarEntry>| asking.keep_readable(tenant, entries, entry_document);
    let readable = asking.readable_types();
    editorial_service(tenant).list_latest_publications(since, readable.as_deref(), limit, keep_readable).await
}

/// The days with what the caller may see.
fn readable_days(
    tenant: &Tenant,
    asking: &ContentCaller,
    mut days: Vec<CalendarDay>,
) -> Result<Vec<CalendarDay>, WireError> {
    // Asked about together: the rows of a month cost as much as those of a day.
    let mut entries = Vec::new();
    for (place, day) in days.iter_mut().enumerate() {
        entries.extend(std::mem::take(&mut day.entries).into_iter().map(|entry| (place, entry)));
    }
    for (place, entry) in asking.keep_readable(tenant, entries, |(_, entry)| entry_document(entry))? {
        days[place].entries.push(entry);
    }
    Ok(days)
}

/// The content type and the document of an entry; `None` for a slot that no document fills.
fn entry_document(entry: &CalendarEntry) -> Option<(&str, &str)> {
    let item = entry.item();
    Some((item.content_type.as_deref()?, item.document_id.as_deref()?))
}

/// Slots, newest first.
#[utoipa::path(get, path = "/admin/api/calendar/slots", params(PageParams))]
async fn slots(
    CurrentTenant(tenant): CurrentTenant,
    _: Require<CalendarRead>,
    Query(of): Query<PageParams>,
) -> Result<Page<SlotView>, WireError> {
    Ok(numbered_page(editorial_service(&tenant).list_slots(of.before, of.limit())?))
}

/// Gets a slot by its number.
#[utoipa::path(get, path = "/admin/api/calendar/slots/{id}")]
async fn slot(
    CurrentTenant(tenant): CurrentTenant,
    _: Require<CalendarRead>,
    Path(id): Path<i64>,
) -> Result<Data<SlotView>, WireError> {
    Ok(Data { data: editorial_service(&tenant).get_slot(id)? })
}

/// Plans something. `title` and `when` are needed.
#[utoipa::path(post, path = "/admin/api/calendar/slots")]
async fn create_slot(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<CalendarManage>,
    body: Json<SlotInput>,
) -> Result<CreatedData<SlotView>, WireError> {
    let input = parse_body(&tenant, body).await?;
    Ok(CreatedData { data: editorial_service(&tenant).create_slot(admin.actor(), input).await? })
}

/// Changes a slot: what is named changes, null takes away, `when` moves it.
#[utoipa::path(put, path = "/admin/api/calendar/slots/{id}")]
async fn change_slot(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<CalendarManage>,
    Path(id): Path<i64>,
    body: Json<SlotInput>,
) -> Result<Data<SlotView>, WireError> {
    let input = parse_body(&tenant, body).await?;
    Ok(Data { data: editorial_service(&tenant).change_slot(admin.actor(), id, input).await? })
}

/// Removes a slot.
#[utoipa::path(delete, path = "/admin/api/calendar/slots/{id}")]
async fn delete_slot(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<CalendarManage>,
    Path(id): Path<i64>,
) -> Result<EmptyData, WireError> {
    editorial_service(&tenant).delete_slot(admin.actor(), id).await?;
    Ok(EmptyData)
}

/// Lists all rules.
#[utoipa::path(get, path = "/admin/api/calendar/rules")]
async fn rules(
    CurrentTenant(tenant): CurrentTenant,
    _: Require<CalendarRead>,
) -> Result<List<SlotRuleView>, WireError> {
    Ok(List { data: editorial_service(&tenant).slot_rules()? })
}

/// Gets a rule by its number.
#[utoipa::path(get, path = "/admin/api/calendar/rules/{id}")]
async fn rule(
    CurrentTenant(tenant): CurrentTenant,
    _: Require<CalendarRead>,
    Path(id): Path<i64>,
) -> Result<Data<SlotRuleView>, WireError> {
    Ok(Data { data: editorial_service(&tenant).slot_rule(id)? })
}

/// Plans something again and again. `title`, `rule` or `every`, `start` and `zone` are needed.
#[utoipa::path(post, path = "/admin/api/calendar/rules")]
async fn create_rule(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<CalendarManage>,
    body: Json<RuleInput>,
) -> Result<CreatedData<SlotRuleView>, WireError> {
    let input = parse_body(&tenant, body).await?;
    Ok(CreatedData { data: editorial_service(&tenant).create_slot_rule(admin.actor(), input).await? })
}

/// Changes a rule: what is named changes, null takes away.
#[utoipa::path(put, path = "/admin/api/calendar/rules/{id}")]
async fn change_rule(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<CalendarManage>,
    Path(id): Path<i64>,
    body: Json<RuleInput>,
) -> Result<Data<SlotRuleView>, WireError> {
    let input = parse_body(&tenant, body).await?;
    Ok(Data { data: editorial_service(&tenant).change_slot_rule(admin.actor(), id, input).await? })
}

/// Removes a rule.
#[utoipa::path(delete, path = "/admin/api/calendar/rules/{id}")]
async fn delete_rule(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<CalendarManage>,
    Path(id): Path<i64>,
) -> Result<EmptyData, WireError> {
    editorial_service(&tenant).delete_slot_rule(admin.actor(), id).await?;
    Ok(EmptyData)
}

/// How much is asked for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct SlotPreviewParams {
    /// How many occurrences; 10 where it is left out.
    n: Option<usize>,
}

/// The next occurrences of a rule that is not made yet.
#[utoipa::path(post, path = "/admin/api/calendar/rules/preview", params(SlotPreviewParams))]
async fn preview_rule(
    CurrentTenant(tenant): CurrentTenant,
    _: Require<CalendarManage>,
    Query(params): Query<SlotPreviewParams>,
    body: Json<RuleInput>,
) -> Result<Data<SlotRulePreview>, WireError> {
    let input = parse_body(&tenant, body).await?;
    Ok(Data { data: editorial_service(&tenant).preview_slot_rule(&input, params.n.unwrap_or(DEFAULT_PREVIEW_SIZE))? })
}

/// Moves or changes one occurrence of a rule, which is named by its local time: a slot stands for it from then on.
#[utoipa::path(put, path = "/admin/api/calendar/rules/{id}/occurrences/{local}")]
async fn change_occurrence(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<CalendarManage>,
    Path((id, local)): Path<(i64, String)>,
    body: Json<SlotInput>,
) -> Result<Data<SlotView>, WireError> {
    let input = parse_body(&tenant, body).await?;
    Ok(Data { data: editorial_service(&tenant).change_occurrence(admin.actor(), id, &local, input).await? })
}

/// Cancels one occurrence of a rule.
#[utoipa::path(delete, path = "/admin/api/calendar/rules/{id}/occurrences/{local}")]
async fn cancel_occurrence(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<CalendarManage>,
    Path((id, local)): Path<(i64, String)>,
) -> Result<Data<SlotView>, WireError> {
    Ok(Data { data: editorial_service(&tenant).cancel_occurrence(admin.actor(), id, &local).await? })
}
