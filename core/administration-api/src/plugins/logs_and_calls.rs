//! Records of a plugin's runs: lines that it logged, calls that failed.

use super::change::find_plugin;
use cairn_access::action_types::{PluginsManage, PluginsRead};
use cairn_http::error::WireError;
use cairn_http::extract::require::Require;
use cairn_http::extract::tenant::CurrentTenant;
use cairn_http::extract::url_params::{Path, Query};
use cairn_http::openapi::response_types::{Data, ListWithNext, NoContent, Time};
use cairn_store::plugins::{CallFailure, CallFilter, FailedCall, LogFilter, LogLevel, LogRow};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

/// Entries of a page, where none is asked for, and at most.
const DEFAULT_PAGE_SIZE: i64 = 100;
const MAX_PAGE_SIZE: i64 = 500;
/// Longest text that lines are looked for by, in characters.
const MAX_SEARCH_CHARS: usize = 200;

/// Filter of a plugin's log.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(super) struct PluginLogParams {
    /// Those that matter so much at least.
    #[param(inline)]
    level: Option<LogLevelView>,
    /// Those with this text in their message.
    search: Option<String>,
    /// `next` of the page before.
    before: Option<String>,
    /// Lines at most: 1 to 500, 100 where it is left out.
    limit: Option<i64>,
}

/// A line that a plugin logged.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PluginLog {
    id: i64,
    at: Time,
    level: LogLevelView,
    message: String,
    /// Fields that the plugin logged with the message.
    #[schema(value_type = Object)]
    fields: Value,
    /// The id of the call that it comes from.
    call: Option<String>,
}

impl From<LogRow> for PluginLog {
    fn from(row: LogRow) -> Self {
        let log = row.log;
        Self {
            id: row.id,
            at: Time(log.at),
            level: log.level.into(),
            message: log.message,
            fields: log.fields,
            call: log.call,
        }
    }
}

fn clamp_limit(limit: Option<i64>) -> i64 {
    limit.unwrap_or(DEFAULT_PAGE_SIZE).clamp(1, MAX_PAGE_SIZE)
}

fn no_place() -> WireError {
    WireError::validation("before: expected `next` from the previous page")
}

/// Lists the log lines of a plugin, newest first.
#[utoipa::path(get, path = "/admin/api/plugins/{id}/logs", params(("id" = String, Path), PluginLogParams))]
pub(super) async fn logs(
    CurrentTenant(tenant): CurrentTenant,
    _: Require<PluginsRead>,
    Path(id): Path<String>,
    Query(params): Query<PluginLogParams>,
) -> Result<ListWithNext<PluginLog>, WireError> {
    find_plugin(&tenant, &id)?;
    if params.search.as_ref().is_some_and(|search| search.chars().count() > MAX_SEARCH_CHARS) {
        return Err(WireError::validation(format!("search: expected at most {MAX_SEARCH_CHARS} characters")));
    }
    let before = params.before.map(|before| before.parse::<i64>().map_err(|_| no_place())).transpose()?;
    let filter = LogFilter {
        plugin: Some(id),
        level: params.level.map(LogLevel::from),
        search: params.search.filter(|search| !search.is_empty()),
        before,
        ..LogFilter::default()
    };
    // Buffered lines are written first, so that the list includes the latest ones.
    tenant.plugins.write_logs().await?;
    let limit = clamp_limit(params.limit);
    let rows = tenant.content.store().read(|r| r.plugin_logs().list(&filter, limit))?;
    let next = rows.last().filter(|_| rows.len() as i64 == limit).map(|row| row.id.to_string());
    Ok(ListWithNext { data: rows.into_iter().map(PluginLog::from).collect(), next })
}

/// How much a line matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = LogLevel)]
pub(super) enum LogLevelView {
    /// Every step, in detail.
    Trace,
    /// Details for finding a fault.
    Debug,
    /// Events of interest.
    Info,
    /// Possible faults.
    Warn,
    /// Faults and failures.
    Error,
}

impl From<LogLevel> for LogLevelView {
    fn from(level: LogLevel) -> Self {
        match level {
            LogLevel::Trace => Self::Trace,
            LogLevel::Debug => Self::Debug,
            LogLevel::Info => Self::Info,
            LogLevel::Warn => Self::Warn,
            LogLevel::Error => Self::Error,
        }
    }
}

impl From<LogLevelView> for LogLevel {
    fn from(level: LogLevelView) -> Self {
        match level {
            LogLevelView::Trace => Self::Trace,
            LogLevelView::Debug => Self::Debug,
            LogLevelView::Info => Self::Info,
            LogLevelView::Warn => Self::Warn,
            LogLevelView::Error => Self::Error,
        }
    }
}

/// Filter of a plugin's failed calls.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(super) struct PluginCallParams {
    /// Those that failed so.
    #[param(inline)]
    kind: Option<CallFailureView>,
    /// `next` of the page before.
    before: Option<String>,
    /// Calls at most: 1 to 500, 100 where it is left out.
    limit: Option<i64>,
}

/// A call that failed.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct PluginCall {
    id: String,
    /// The interface that was called.
    export: String,
    /// Name of the hook, subscription, job, route or view.
    name: String,
    at: Time,
    /// How long it took, in microseconds.
    took_us: i64,
    kind: CallFailureView,
    message: String,
    /// Number of the attempt, from 1 on.
    attempt: i64,
}

/// How a call failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = CallFailure)]
enum CallFailureView {
    /// The guest ran into a trap.
    Trap,
    /// It took too long.
    Deadline,
    /// It wanted more memory than it may have.
    Memory,
    /// It used up what it may ask of the host.
    Exhausted,
    /// Its output is malformed or too large.
    Output,
    /// It answered with an error of its own.
    Error,
}

impl From<CallFailure> for CallFailureView {
    fn from(failure: CallFailure) -> Self {
        match failure {
            CallFailure::Trap => Self::Trap,
            CallFailure::Deadline => Self::Deadline,
            CallFailure::Memory => Self::Memory,
            CallFailure::Exhausted => Self::Exhausted,
            CallFailure::Output => Self::Output,
            CallFailure::Error => Self::Error,
        }
    }
}

impl From<CallFailureView> for CallFailure {
    fn from(failure: CallFailureView) -> Self {
        match failure {
            CallFailureView::Trap => Self::Trap,
            CallFailureView::Deadline => Self::Deadline,
            CallFailureView::Memory => Self::Memory,
            CallFailureView::Exhausted => Self::Exhausted,
            CallFailureView::Output => Self::Output,
            CallFailureView::Error => Self::Error,
        }
    }
}

impl From<FailedCall> for PluginCall {
    fn from(call: FailedCall) -> Self {
        Self {
            id: call.id,
            export: call.export,
            name: call.name,
            at: Time(call.at),
            took_us: call.took_us,
            kind: call.kind.into(),
            message: call.message,
            attempt: call.attempt,
        }
    }
}

/// A call that failed, with what it takes to do it again.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WholePluginCall {
    #[serde(flatten)]
    call: PluginCall,
    /// Where in the plugin.
    backtrace: Option<String>,
    /// Input of the call; null where it was too large to be kept.
    #[schema(value_type = Option<Object>)]
    input: Option<Value>,
}

/// Calls of a plugin that failed, newest first.
#[utoipa::path(get, path = "/admin/api/plugins/{id}/calls", params(("id" = String, Path), PluginCallParams))]
pub(super) async fn calls(
    CurrentTenant(tenant): CurrentTenant,
    _: Require<PluginsRead>,
    Path(id): Path<String>,
    Query(params): Query<PluginCallParams>,
) -> Result<ListWithNext<PluginCall>, WireError> {
    find_plugin(&tenant, &id)?;
    let before = params.before.map(|before| {
        let (at, call) = before.split_once('.').ok_or_else(no_place)?;
        Ok::<_, WireError>((at.parse::<i64>().map_err(|_| no_place())?, call.to_owned()))
    });
    let filter = CallFilter { plugin: Some(id), kind: params.kind.map(CallFailure::from), before: before.transpose()? };
    tenant.plugins.write_logs().await?;
    let limit = clamp_limit(params.limit);
    let rows = tenant.content.store().read(|r| r.plugin_calls().list(&filter, limit))?;
    let next = rows.last().filter(|_| rows.len() as i64 == limit).map(|row| format!("{}.{}", row.at, row.id));
    Ok(ListWithNext { data: rows.into_iter().map(PluginCall::from).collect(), next })
}

/// A call that failed, with what it takes to do it again.
#[utoipa::path(get, path = "/admin/api/plugins/{id}/calls/{call}", params(("id" = String, Path), ("call" = String, Path)))]
pub(super) async fn call(
    CurrentTenant(tenant): CurrentTenant,
    _: Require<PluginsRead>,
    Path((id, call)): Path<(String, String)>,
) -> Result<Data<WholePluginCall>, WireError> {
    find_plugin(&tenant, &id)?;
    let recorded_call = tenant.content.store().read(|r| r.plugin_calls().get(&call))?;
    let recorded = recorded_call.filter(|recorded| recorded.call.plugin == id).ok_or_else(WireError::not_found)?;
    Ok(Data {
        data: WholePluginCall { call: recorded.call.into(), backtrace: recorded.backtrace, input: recorded.input },
    })
}

/// Forgets a call that failed.
#[utoipa::path(delete, path = "/admin/api/plugins/{id}/calls/{call}", params(("id" = String, Path), ("call" = String, Path)))]
pub(super) async fn forget_call(
    CurrentTenant(tenant): CurrentTenant,
    _: Require<PluginsManage>,
    Path((id, call)): Path<(String, String)>,
) -> Result<NoContent, WireError> {
    find_plugin(&tenant, &id)?;
    let forgotten = tenant.content.store().write(move |tx| tx.plugin_calls().discard(&id, Some(&call))).await?;
    if forgotten > 0 { Ok(NoContent) } else { Err(WireError::not_found()) }
}

/// Forgets all calls of a plugin that failed.
#[utoipa::path(delete, path = "/admin/api/plugins/{id}/calls", params(("id" = String, Path)))]
pub(super) async fn forget_calls(
    CurrentTenant(tenant): CurrentTenant,
    _: Require<PluginsManage>,
    Path(id): Path<String>,
) -> Result<NoContent, WireError> {
    find_plugin(&tenant, &id)?;
    tenant.content.store().write(move |tx| tx.plugin_calls().discard(&id, None)).await?;
    Ok(NoContent)
}
