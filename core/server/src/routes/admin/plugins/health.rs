//! How plugins do in this process, and how far their upgrades are.

use crate::openapi::answers::Time;
use crate::tenant::Tenant;
use cairn_plugin_host::lifecycle::Upgrade;
use cairn_plugin_host::{CallHealth, Standing};
use cairn_store::plugins::PluginRow;
use serde::Serialize;
use utoipa::ToSchema;

/// How a plugin is doing in this process.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(super) struct PluginHealth {
    calls: Vec<PluginCalls>,
}

/// Calls of one hook, subscription, job, route or view.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct PluginCalls {
    export: String,
    name: String,
    calls: u64,
    failures: u64,
    /// Half of them took no longer, in microseconds.
    p50_us: Option<u64>,
    p99_us: Option<u64>,
    state: BreakerState,
    /// It is not called before.
    until: Option<Time>,
}

/// Whether something is called.
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

/// The upgrade of a plugin that is under way.
pub(super) fn upgrade(row: &PluginRow) -> Option<PluginUpgrade> {
    let upgrade = Upgrade::of(row)?;
    let progress = format!("{} slices, {}", upgrade.slices, upgrade.checkpoint);
    Some(PluginUpgrade { version: upgrade.to.version, progress: Some(progress) })
}

/// How a plugin does, as far as it runs here.
pub(super) fn health(tenant: &Tenant, id: &str) -> PluginHealth {
    let now = tenant.access.now().timestamp_millis();
    let shown = |call: CallHealth| PluginCalls {
        export: call.export.as_str().to_owned(),
        name: call.name,
        calls: call.calls,
        failures: call.failures.values().sum(),
        p50_us: call.p50_us,
        p99_us: call.p99_us,
        state: match call.standing {
            Standing::Closed => BreakerState::Closed,
            Standing::Open(_) => BreakerState::Open,
            Standing::Trying => BreakerState::HalfOpen,
        },
        until: match call.standing {
            Standing::Open(pause) => {
                Some(Time(now.saturating_add(i64::try_from(pause.as_millis()).unwrap_or(i64::MAX))))
            }
            Standing::Closed | Standing::Trying => None,
        },
    };
    let all = tenant.plugins.plugins().health();
    let calls = all.into_iter().filter(|health| health.plugin == id).flat_map(|health| health.calls);
    PluginHealth { calls: calls.map(shown).collect() }
}
