//! Health of the running plugins: calls, failures and times of each of their hooks, subscriptions, jobs, routes and
//! views, since this process runs them.

use crate::breaker::CircuitState;
use crate::limits::PluginExport;
use crate::plugins::Plugins;
use cairn_events::admin::{ConsumerOverview, list_consumers};
use cairn_store::StoreError;
use cairn_store::plugins::CallFailure;
use parking_lot::Mutex;
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

/// Classes of times for each doubling, so that a time is precise to a fifth.
const CLASSES_PER_DOUBLING: u32 = 4;
/// Number of classes, up to 2^30 microseconds, about 18 minutes.
const TIME_CLASS_COUNT: usize = 31 * CLASSES_PER_DOUBLING as usize;

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

/// Counts of one export and name.
#[derive(Debug, Clone)]
struct CallCounts {
    calls: u64,
    failures: BTreeMap<&'static str, u64>,
    busy: u64,
    times: Vec<u32>,
}

impl Default for CallCounts {
    fn default() -> Self {
        Self { calls: 0, failures: BTreeMap::new(), busy: 0, times: vec![0; TIME_CLASS_COUNT] }
    }
}

/// Counts of a plugin, by export and name.
type PluginCallCounts = HashMap<PluginExport, HashMap<String, CallCounts>>;

/// Counts of all plugins that run.
#[derive(Default)]
pub(crate) struct HealthCounters(Mutex<HashMap<String, PluginCallCounts>>);

impl HealthCounters {
    /// Counts a call that has ended; `failed`: the class of its failure.
    pub(crate) fn record_call(
        &self,
        plugin: &str,
        export: PluginExport,
        name: &str,
        took: Duration,
        failed: Option<CallFailure>,
    ) {
        self.update_counts(plugin, export, name, |counts| {
            counts.calls += 1;
            counts.times[time_class(took)] += 1;
            if let Some(kind) = failed {
                *counts.failures.entry(kind.as_str()).or_default() += 1;
            }
        });
    }

    /// Counts a call that there was no room for.
    pub(crate) fn record_busy(&self, plugin: &str, export: PluginExport, name: &str) {
        self.update_counts(plugin, export, name, |counts| counts.busy += 1);
    }

    fn update_counts(&self, plugin: &str, export: PluginExport, name: &str, change: impl FnOnce(&mut CallCounts)) {
        let mut all = self.0.lock();
        let named = match all.get_mut(plugin) {
            Some(of) => of,
            None => all.entry(plugin.to_owned()).or_default(),
        };
        let named = named.entry(export).or_default();
        change(match named.get_mut(name) {
            Some(counts) => counts,
            None => named.entry(name.to_owned()).or_default(),
        });
    }

    /// Drops the counts of plugins that no longer run.
    pub(crate) fn retain_plugins(&self, runs: impl Fn(&str) -> bool) {
        self.0.lock().retain(|plugin, _| runs(plugin));
    }
}

impl Plugins {
    /// The health of the running plugins, since this process runs them.
    pub fn health(&self) -> Vec<PluginHealth> {
        let all = self.health_counters.0.lock();
        let of = |plugin: &str| {
            let counted = all.get(plugin).into_iter().flatten();
            let each = counted.flat_map(|(export, named)| named.iter().map(move |(name, c)| (*export, name, c)));
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
        let one = |g: &std::sync::Arc<crate::generation::Generation>| PluginHealth {
            plugin: g.id().to_owned(),
            version: g.manifest.plugin.version.to_string(),
            calls: of(g.id()),
            memory: g.memory.used() as u64,
            memory_peak: g.memory.peak() as u64,
            memory_limit: g.memory.limit() as u64,
        };
        running.generations.iter().map(one).collect()
    }

    /// The progress of the subscriptions of all plugins, of those that do not run as well. Returns an error if the database cannot be read.
    pub fn subscription_lags(&self) -> Result<Vec<SubscriptionHealth>, StoreError> {
        let Some(ground) = self.host_context() else { return Ok(Vec::new()) };
        let consumers = ground.content.store().read(list_consumers)?;
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

/// The class of a time.
fn time_class(took: Duration) -> usize {
    let us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX).max(1);
    let doublings = us.ilog2();
    // The two bits behind the first.
    let part = if doublings >= 2 { (us >> (doublings - 2)) & 3 } else { (us << (2 - doublings)) & 3 };
    let class = usize::try_from(u64::from(doublings * CLASSES_PER_DOUBLING) + part).unwrap_or(usize::MAX);
    class.min(TIME_CLASS_COUNT - 1)
}

/// The time that `percent` of the calls took at most: the middle of the class it is in.
fn time_percentile(times: &[u32], calls: u64, percent: u64) -> Option<u64> {
    let wanted = (calls * percent).div_ceil(100).max(1);
    let mut seen = 0;
    let class = times.iter().position(|n| {
        seen += u64::from(*n);
        seen >= wanted
    })?;
    let (doublings, part) =
        (class as u64 / u64::from(CLASSES_PER_DOUBLING), class as u64 % u64::from(CLASSES_PER_DOUBLING));
    // Eighths of the doubling: the class has two of them.
    Some(((9 + 2 * part) << doublings) / 8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_accurate_to_a_fifth() {
        for us in [1_u64, 2, 3, 5, 9, 60, 200, 999, 20_000, 5_000_000] {
            let mut times = vec![0; TIME_CLASS_COUNT];
            times[time_class(Duration::from_micros(us))] = 1;
            let told = time_percentile(&times, 1, 50).unwrap();
            assert!(told.abs_diff(us) * 5 <= us.max(5), "{us} {told}");
        }
        assert_eq!(time_percentile(&vec![0; TIME_CLASS_COUNT], 0, 50), None);
        assert_eq!(time_class(Duration::MAX), TIME_CLASS_COUNT - 1);
    }

    #[test]
    fn slow_calls_appear_in_the_99th_percentile() {
        let ledger = HealthCounters::default();
        for n in 0..1_000_u64 {
            let took = Duration::from_micros(if n % 50 == 0 { 10_000 } else { 100 });
            ledger.record_call("crm", PluginExport::Before, "deal", took, (n == 0).then_some(CallFailure::Trap));
        }
        let all = ledger.0.lock();
        let counts = &all["crm"][&PluginExport::Before]["deal"];
        assert_eq!((counts.calls, counts.failures["trap"]), (1_000, 1));
        let (half, limit) =
            (time_percentile(&counts.times, 1_000, 50).unwrap(), time_percentile(&counts.times, 1_000, 99).unwrap());
        assert!(half.abs_diff(100) < 20 && limit.abs_diff(10_000) < 2_000, "{half} {limit}");
    }
}
