//! Calls that failed, made again.

use super::change::find_plugin;
use super::logs_and_calls::LogLevelView;
use cairn_access::action_types::PluginsManage;
use cairn_app::plugins::replay::CallReplay;
use cairn_http::error::WireError;
use cairn_http::extract::require::Require;
use cairn_http::extract::tenant::CurrentTenant;
use cairn_http::extract::url_params::{Path, Query};
use cairn_http::openapi::response_types::Data;
use cairn_plugin_host::replay::ReplayStatus;
use cairn_store::plugins::NewLog;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(super) struct ReplayParams {
    /// Nothing of it stays, and nothing is sent: to see what the plugin would do.
    dry_run: bool,
}

/// How a call that was made again went.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum ReplayOutcome {
    /// The call succeeded.
    Worked,
    /// The work of the call had been done before: nothing was done.
    Before,
    /// It failed again, or in part.
    Failed,
}

/// A call that was made again. One that went well, and was no dry run, is not among the failed ones any more.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ReplayedPluginCall {
    outcome: ReplayOutcome,
    dry_run: bool,
    /// Explanation for people.
    message: String,
    /// Answer of the plugin; null where there is nothing to be shown.
    #[schema(value_type = Option<Object>)]
    answer: Value,
    /// How long the plugin took in a dry run, in microseconds; 0 otherwise: that is with its other calls.
    took_us: u64,
    /// Lines that it logged in a dry run. Else they are in its log.
    logs: Vec<ReplayLog>,
}

/// A line that was logged and not kept.
#[derive(Debug, Serialize, ToSchema)]
struct ReplayLog {
    level: LogLevelView,
    message: String,
    #[schema(value_type = Object)]
    fields: Value,
}

impl From<NewLog> for ReplayLog {
    fn from(log: NewLog) -> Self {
        Self { level: log.level.into(), message: log.message, fields: log.fields }
    }
}

/// Makes a call again that failed.
///
/// An event or a job goes the way it would go by itself, so its effects are there once. A hook can only be asked again in a dry run. A call
/// that was made for somebody has the rights of whoever makes it again.
#[utoipa::path(
    post,
    path = "/admin/api/plugins/{id}/calls/{call}/replay",
    params(("id" = String, Path), ("call" = String, Path), ReplayParams)
)]
pub(super) async fn replay(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<PluginsManage>,
    Path((id, call)): Path<(String, String)>,
    Query(how): Query<ReplayParams>,
) -> Result<Data<ReplayedPluginCall>, WireError> {
    find_plugin(&tenant, &id)?;
    // Buffered calls are written first, so that one that has just failed can be replayed.
    tenant.plugins.write_logs().await?;
    let recorded_call = tenant.content.store().read(|r| r.plugin_calls().get(&call))?;
    let recorded = recorded_call.filter(|recorded| recorded.call.plugin == id).ok_or_else(WireError::not_found)?;
    let (access, by) = (admin.permissions.access().clone(), (**admin.actor()).clone());
    // The replay runs in a task of its own: a job must not be cut off because the client disconnects.
    let task = tokio::spawn(async move {
        let call_replay = CallReplay {
            plugins: tenant.plugins.plugins(),
            engine: &tenant.engine,
            store: tenant.content.store(),
            project: &tenant.config.project,
            dry: how.dry_run,
            access,
            by,
            now: tenant.access.now().timestamp_millis(),
        };
        call_replay.run_replay(&recorded).await
    });
    let outcome = task.await.map_err(WireError::internal)??;
    Ok(Data {
        data: ReplayedPluginCall {
            outcome: match outcome.end {
                ReplayStatus::Worked => ReplayOutcome::Worked,
                ReplayStatus::AlreadyDone => ReplayOutcome::Before,
                ReplayStatus::Failed => ReplayOutcome::Failed,
            },
            dry_run: how.dry_run,
            message: outcome.message,
            answer: outcome.answer,
            took_us: u64::try_from(outcome.took.as_micros()).unwrap_or(u64::MAX),
            logs: outcome.logs.into_iter().map(ReplayLog::from).collect(),
        },
    })
}
