//! Health of the running plugins: calls, failures and times of each of their hooks, subscriptions, jobs, routes and
//! views, since this process runs them.

use crate::contract::plugin_export::PluginExport;
use crate::tenant::breaker::CircuitState;
use crate::tenant::health_counters::time_percentile;
use crate::tenant::plugins::Plugins;
use cairn_events::admin::{ConsumerOverview, list_consumers};
use cairn_store::StoreError;
use std::collections::BTreeMap;

/// Health of one plugin.
#[derive(Debug, Clone, PartialEq)]
pub struct PluginHealth {
    /// Id of the plugin.
    pub plugin: String,
    /// Version that runs.
    pub version: String,
    /// Health by export and name.
    pub calls: Vec<CallHealth>,
    /// Memory that its calls have together at this moment, in bytes.
    pub memory: u64,
    /// Peak of that memory, in bytes.
    pub memory_peak: u64,
    /// Limit on that memory, in bytes.
    pub memory_limit: u64,
}

/// Health of one hook, subscription, job, route or view.
#[derive(Debug, Clone, PartialEq)]
pub struct CallHealth {
    /// Export that is called.
    pub export: PluginExport,
    /// Name in the manifest.
    pub name: String,
    /// Number of calls that ended, failed ones included.
    pub calls: u64,
    /// Number of failed calls by class.
    pub failures: BTreeMap<&'static str, u64>,
    /// Number of calls that there was no room for; counted neither as calls nor as failures.
    pub busy: u64,
    /// Median time of the calls in microseconds, precise to a fifth. `None`: there was no call.
    pub p50_us: Option<u64>,
    /// 99th percentile of the time in microseconds, likewise.
    pub p99_us: Option<u64>,
    /// State of its circuit.
    pub circuit: CircuitState,
}

/// Progress of a subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionHealth {
    /// Id of the plugin.
    pub plugin: String,
    /// Name of the subscription in the manifest.
    pub name: String,
    /// Number of events that it has not reached yet.
    pub lag: i64,
    /// Time of the first of these events, in milliseconds since 1970.
    pub behind_since: Option<i64>,
    /// Number of deliveries that wait for a retry.
    pub waiting: i64,
    /// Number of deliveries that were given up.
    pub dead: i64,
}

impl Plugins {
    /// The health of the running plugins, since this process runs them.
    pub fn health(&self) -> Vec<PluginHealth> {
        let all = self.health_counters.0.lock();
        let collect_calls = |plugin: &str| {
            let counted = all.get(plugin).into_iter().flatten();
            let each = counted.flat_map(|(export, by_name)| by_name.iter().map(move |(name, c)| (*export, name, c)));
            let mut calls: Vec<CallHealth> = each
                .map(|(export, name, counts)| CallHealth {
                    export,
                    name: name.clone(),
                    calls: counts.calls,
                    failures: counts.failures.clone(),
                    busy: counts.busy,
                    p50_us: time_percentile(&counts.times, counts.calls, 50),
                    p99_us: time_percentile(&counts.times, counts.calls, 99),
                    circuit: self.breaker.circuit_state(plugin, export, name),
                })
                .collect();
            calls.sort_by(|a, b| (a.export.as_str(), &a.name).cmp(&(b.export.as_str(), &b.name)));
            calls
        };
        let running = self.running();
        let one = |g: &std::sync::Arc<crate::runtime::generation::Generation>| PluginHealth {
            plugin: g.id().to_owned(),
            version: g.manifest.plugin.version.to_string(),
            calls: collect_calls(g.id()),
            memory: g.memory.used() as u64,
            memory_peak: g.memory.peak() as u64,
            memory_limit: g.memory.limit() as u64,
        };
        running.generations.iter().map(one).collect()
    }

    /// The progress of the subscriptions of all plugins, of those that do not run as well. Returns an error if the database cannot be read.
    pub fn subscription_lags(&self) -> Result<Vec<SubscriptionHealth>, StoreError> {
        let Some(context) = self.host_context() else { return Ok(Vec::new()) };
        let consumers = context.content.store().read(list_consumers)?;
        let of_plugin = |overview: ConsumerOverview| {
            let (plugin, name) = overview.row.name.strip_prefix("plugin:")?.split_once(':')?;
            Some(SubscriptionHealth {
                plugin: plugin.to_owned(),
                name: name.to_owned(),
                lag: overview.lag,
                behind_since: overview.behind_since,
                waiting: overview.waiting,
                dead: overview.dead,
            })
        };
        Ok(consumers.into_iter().filter_map(of_plugin).collect())
    }
}
