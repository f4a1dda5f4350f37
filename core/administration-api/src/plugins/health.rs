//! How plugins do in this process, and how far their upgrades are.

use cairn_access::action_types::PluginsRead;
use cairn_app::Tenant;
use cairn_http::error::WireError;
use cairn_http::extract::require::Require;
use cairn_http::extract::tenant::CurrentTenant;
use cairn_http::extract::url_params::Path;
use cairn_http::openapi::response_types::{Data, Time};
use cairn_plugin_host::lifecycle::Upgrade;
use cairn_plugin_host::{CallHealth, CircuitState, QuotaUsage};
use cairn_store::plugins::PluginRow;
use serde::Serialize;
use utoipa::ToSchema;

/// How a plugin is doing in this process.
#[derive(Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct PluginHealth {
    calls: Vec<PluginCalls>,
    /// Of all its calls together, where it runs here.
    memory: Option<PluginMemory>,
    /// Limits on its resources, and their use. Empty where it does not run.
    quotas: Vec<PluginQuota>,
}

/// Memory of the calls of a plugin together, in bytes.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct PluginMemory {
    /// At this moment.
    used: u64,
    /// The most that they ever had.
    peak: u64,
    /// The most that they may have.
    limit: u64,
}

/// How much of something a plugin has, and how much it may have.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct PluginQuota {
    /// `kv-keys`, `kv-bytes`, `documents`, `files`, `file-bytes`, `jobs` or `events-per-hour`: what it is called in the plugin's `[limits]`, and
    /// in the error that the plugin gets.
    name: String,
    used: u64,
    allowed: u64,
    /// True if both are bytes.
    bytes: bool,
}

/// Calls of one hook, subscription, job, route or view.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct PluginCalls {
    export: String,
    name: String,
    calls: u64,
    failures: u64,
    /// Calls that there was no room for beside others; not among the others.
    busy: u64,
    /// Half of them took no longer, in microseconds.
    p50_us: Option<u64>,
    p99_us: Option<u64>,
    state: BreakerState,
    /// It is not called before.
    until: Option<Time>,
}

/// State of a circuit breaker: calls pass while it is closed.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
enum BreakerState {
    Closed,
    Open,
    /// One call is let through to see how it does.
    HalfOpen,
}

/// An upgrade that is under way.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PluginUpgrade {
    version: String,
    progress: Option<String>,
}

/// A plugin's own report of its health.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PluginHealthReport {
    /// True if it can do its work; `null` where it does not run or says nothing.
    ok: Option<bool>,
    /// The plugin's own words about it, in the caller's language if it has that; empty if it has nothing to say.
    detail: String,
}

/// Asks a plugin how it does. A plugin that cannot be asked is not well.
#[utoipa::path(get, path = "/admin/api/plugins/{id}/health-report", params(("id" = String, Path)))]
pub(super) async fn health_report(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<PluginsRead>,
    Path(id): Path<String>,
) -> Result<Data<PluginHealthReport>, WireError> {
    super::change::find_plugin(&tenant, &id)?;
    let (ok, detail) = match tenant.plugins.plugins().own_health(&id, &admin.language(&tenant)).await {
        Ok(Some((ok, detail))) => (Some(ok), detail),
        Ok(None) => (None, String::new()),
        Err(error) => (Some(false), error.to_string()),
    };
    Ok(Data { data: PluginHealthReport { ok, detail } })
}

/// The upgrade of a plugin that is under way.
pub(super) fn upgrade_state(row: &PluginRow) -> Option<PluginUpgrade> {
    let upgrade = Upgrade::from_row(row)?;
    let progress = format!("{} slices, {}", upgrade.slices, upgrade.checkpoint);
    Some(PluginUpgrade { version: upgrade.to.version, progress: Some(progress) })
}

/// How a plugin does, as far as it runs here.
pub(super) fn plugin_health(tenant: &Tenant, id: &str) -> PluginHealth {
    let now = tenant.access.now().timestamp_millis();
    let to_plugin_calls = |call: CallHealth| PluginCalls {
        export: call.export.as_str().to_owned(),
        name: call.name,
        calls: call.calls,
        failures: call.failures.values().sum(),
        busy: call.busy,
        p50_us: call.p50_us,
        p99_us: call.p99_us,
        state: match call.circuit {
            CircuitState::Closed => BreakerState::Closed,
            CircuitState::Open(_) => BreakerState::Open,
            CircuitState::HalfOpen => BreakerState::HalfOpen,
        },
        until: match call.circuit {
            CircuitState::Open(pause) => {
                Some(Time(now.saturating_add(i64::try_from(pause.as_millis()).unwrap_or(i64::MAX))))
            }
            CircuitState::Closed | CircuitState::HalfOpen => None,
        },
    };
    let all = tenant.plugins.plugins().health();
    let health = all.into_iter().find(|health| health.plugin == id);
    let memory = health.as_ref().map(|health| PluginMemory {
        used: health.memory,
        peak: health.memory_peak,
        limit: health.memory_limit,
    });
    let quotas = tenant.plugins.plugins().quota_usage(id).unwrap_or_else(|error| {
        tracing::warn!(plugin = id, %error, "cannot read a plugin's use of its quotas");
        Vec::new()
    });
    let quota = |allowance: QuotaUsage| PluginQuota {
        name: allowance.quota.to_string(),
        used: allowance.used,
        allowed: allowance.allowed,
        bytes: allowance.quota.is_bytes(),
    };
    PluginHealth {
        calls: health.into_iter().flat_map(|health| health.calls).map(to_plugin_calls).collect(),
        memory,
        quotas: quotas.into_iter().map(quota).collect(),
    }
}
