//! Totals of the calls of all plugins of a process, over all tenants and since its start, for monitoring. All counts only grow.

use crate::contract::plugin_export::PluginExport;
use cairn_plugin_package::Manifest;
use cairn_plugin_package::manifest::MetricKind;
use cairn_store::plugins::CallFailure;
use parking_lot::Mutex;
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

/// Largest number of hooks, subscriptions, jobs, routes and views that are counted; later ones are left out.
const MAX_CALL_SERIES: usize = 5_000;
/// Largest number of label sets of one plugin's own metrics; further ones are left out.
const MAX_METRIC_SERIES: usize = 1_000;
/// Lowest bound of a class of times, as a number of doublings of a microsecond.
const LEAST_BOUND_DOUBLINGS: u32 = 6;
/// Number of bounds, each twice the one before: 64 µs to 34 s.
const BOUND_COUNT: usize = 20;

/// Totals of one hook, subscription, job, route or view.
#[derive(Debug, Clone, PartialEq)]
pub struct CallTotals {
    /// Id of the plugin.
    pub plugin: String,
    /// Export that is called.
    pub export: PluginExport,
    /// Name in the manifest.
    pub name: String,
    /// Number of calls that ended.
    pub calls: u64,
    /// Number of failed ones among them, by class.
    pub failures: BTreeMap<&'static str, u64>,
    /// Number of calls that there was no room for; not counted among the others.
    pub busy: u64,
    /// Time of all calls together.
    pub took: Duration,
    /// Calls by upper bound of their time in seconds, each without those of the bounds before; the last bound is infinite.
    pub classes: Vec<(f64, u64)>,
    /// Largest memory of one call, in bytes.
    pub memory: u64,
    /// Number of host calls, of all calls together.
    pub host_calls: u64,
}

/// A metric that a plugin's manifest declares, for one set of labels.
#[derive(Debug, Clone, PartialEq)]
pub struct PluginMetric {
    /// Id of the plugin.
    pub plugin: String,
    /// Name in the manifest.
    pub name: String,
    /// Kind of the metric.
    pub kind: MetricKind,
    /// Values of its labels, ordered by label.
    pub labels: Vec<(String, String)>,
    /// Total of a counter; sum of all values of a histogram.
    pub sum: f64,
    /// Number of values that were reported.
    pub count: u64,
}

#[derive(Debug, Default)]
struct CallTotal {
    calls: u64,
    failures: BTreeMap<&'static str, u64>,
    busy: u64,
    took: Duration,
    classes: [u64; BOUND_COUNT + 1],
    memory: u64,
    host_calls: u64,
}

/// A metric's name with a set of labels.
type MetricSeries = (String, Vec<(String, String)>);

#[derive(Debug, Default)]
struct TotalsByCall {
    of: HashMap<String, HashMap<PluginExport, HashMap<String, CallTotal>>>,
    series: usize,
}

/// The values that a plugin has reported for a metric.
#[derive(Debug)]
struct MetricSample {
    kind: MetricKind,
    sum: f64,
    count: u64,
}

/// The totals of a process; see the module.
#[derive(Debug, Default)]
pub(crate) struct ProcessTotals {
    called: Mutex<TotalsByCall>,
    own: Mutex<HashMap<String, BTreeMap<MetricSeries, MetricSample>>>,
}

impl TotalsByCall {
    fn total_for(&mut self, plugin: &str, export: PluginExport, name: &str) -> Option<&mut CallTotal> {
        let known = self
            .of
            .get(plugin)
            .and_then(|by_export| by_export.get(&export))
            .is_some_and(|by_name| by_name.contains_key(name));
        if !known {
            if self.series >= MAX_CALL_SERIES {
                return None;
            }
            self.series += 1;
            let by_export = self.of.entry(plugin.to_owned()).or_default();
            by_export.entry(export).or_default().insert(name.to_owned(), CallTotal::default());
        }
        self.of.get_mut(plugin)?.get_mut(&export)?.get_mut(name)
    }
}

impl ProcessTotals {
    /// Counts a call that has ended; `failed`: the class of its failure.
    pub(crate) fn record_call(
        &self,
        plugin: &str,
        export: PluginExport,
        name: &str,
        took: Duration,
        failed: Option<CallFailure>,
    ) {
        let mut totals = self.called.lock();
        let Some(total) = totals.total_for(plugin, export, name) else { return };
        total.calls += 1;
        total.took += took;
        total.classes[bound_class(took)] += 1;
        if let Some(kind) = failed {
            *total.failures.entry(kind.as_str()).or_default() += 1;
        }
    }

    /// Counts a call that there was no room for.
    pub(crate) fn record_busy(&self, plugin: &str, export: PluginExport, name: &str) {
        let mut totals = self.called.lock();
        let Some(total) = totals.total_for(plugin, export, name) else { return };
        total.busy += 1;
    }

    /// Adds the cost of a call: memory in bytes, and its number of host calls.
    pub(crate) fn record_cost(&self, plugin: &str, export: PluginExport, name: &str, memory: usize, host_calls: u32) {
        let mut totals = self.called.lock();
        let Some(total) = totals.total_for(plugin, export, name) else { return };
        total.memory = total.memory.max(memory as u64);
        total.host_calls += u64::from(host_calls);
    }

    /// Adds a value that a plugin measured, unless its manifest does not declare the metric.
    pub(crate) fn record_metric(&self, manifest: &Manifest, name: &str, value: f64, labels: &[(String, String)]) {
        let Some(metric) = manifest.metrics.iter().find(|metric| metric.name == name) else {
            tracing::debug!(plugin = manifest.id(), metric = name, "plugin.toml does not declare this metric");
            return;
        };
        // Values that are not finite, or that would lower a counter, are dropped.
        if !value.is_finite() || (metric.kind == MetricKind::Counter && value < 0.0) {
            return;
        }
        let mut labels: Vec<(String, String)> =
            labels.iter().filter(|(label, _)| metric.labels.contains(label)).cloned().collect();
        labels.sort();
        labels.dedup_by(|a, b| a.0 == b.0);
        let mut own = self.own.lock();
        let samples = own.entry(manifest.id().to_owned()).or_default();
        let key = (name.to_owned(), labels);
        if samples.len() >= MAX_METRIC_SERIES && !samples.contains_key(&key) {
            return;
        }
        let sample = samples.entry(key).or_insert(MetricSample { kind: metric.kind, sum: 0.0, count: 0 });
        sample.kind = metric.kind;
        sample.sum += value;
        sample.count += 1;
    }

    /// The totals of all calls, by plugin, export and name.
    pub(crate) fn call_totals(&self) -> Vec<CallTotals> {
        let totals = self.called.lock();
        let each = totals.of.iter().flat_map(|(plugin, by_export)| {
            by_export.iter().flat_map(move |(export, by_name)| {
                by_name.iter().map(move |(name, total)| (plugin, *export, name, total))
            })
        });
        let mut all: Vec<CallTotals> = each
            .map(|(plugin, export, name, total)| CallTotals {
                plugin: plugin.clone(),
                export,
                name: name.clone(),
                calls: total.calls,
                failures: total.failures.clone(),
                busy: total.busy,
                took: total.took,
                classes: total.classes.iter().enumerate().map(|(class, n)| (bound_seconds(class), *n)).collect(),
                memory: total.memory,
                host_calls: total.host_calls,
            })
            .collect();
        all.sort_by(|a, b| (&a.plugin, a.export.as_str(), &a.name).cmp(&(&b.plugin, b.export.as_str(), &b.name)));
        all
    }

    /// The metrics that plugins have measured themselves, by plugin and name.
    pub(crate) fn plugin_metrics(&self) -> Vec<PluginMetric> {
        let own = self.own.lock();
        let each = own
            .iter()
            .flat_map(|(plugin, samples)| samples.iter().map(move |(series, sample)| (plugin, series, sample)));
        let mut all: Vec<PluginMetric> = each
            .map(|(plugin, (name, labels), metric)| PluginMetric {
                plugin: plugin.clone(),
                name: name.clone(),
                kind: metric.kind,
                labels: labels.clone(),
                sum: metric.sum,
                count: metric.count,
            })
            .collect();
        all.sort_by(|a, b| (&a.plugin, &a.name, &a.labels).cmp(&(&b.plugin, &b.name, &b.labels)));
        all
    }
}

/// The class of a time: the first whose bound it does not exceed.
fn bound_class(took: Duration) -> usize {
    let us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX).max(1);
    let doublings = us.checked_next_power_of_two().map_or(63, u64::ilog2);
    usize::try_from(doublings.saturating_sub(LEAST_BOUND_DOUBLINGS)).unwrap_or(BOUND_COUNT).min(BOUND_COUNT)
}

/// The bound of a class, in seconds.
fn bound_seconds(class: usize) -> f64 {
    match class < BOUND_COUNT {
        true => (1_u64 << (LEAST_BOUND_DOUBLINGS as usize + class)) as f64 / 1e6,
        false => f64::INFINITY,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_fall_within_their_class() {
        for us in [0, 1, 63, 64, 65, 128, 129, 999, 1_000_000, 33_554_432, 33_554_433, u64::MAX / 2] {
            let class = bound_class(Duration::from_micros(us));
            let seconds = us as f64 / 1e6;
            assert!(seconds <= bound_seconds(class), "{us}");
            assert!(class == 0 || seconds > bound_seconds(class - 1), "{us}");
        }
        assert_eq!(bound_class(Duration::MAX), BOUND_COUNT);
    }

    #[test]
    fn call_series_are_limited_in_number() {
        let totals = ProcessTotals::default();
        for n in 0..MAX_CALL_SERIES + 10 {
            totals.record_call("crm", PluginExport::Job, &n.to_string(), Duration::from_millis(1), None);
        }
        assert_eq!(totals.call_totals().len(), MAX_CALL_SERIES);
        totals.record_call("crm", PluginExport::Job, "0", Duration::from_millis(1), Some(CallFailure::Trap));
        totals.record_cost("crm", PluginExport::Job, "0", 1 << 20, 3);
        totals.record_cost("crm", PluginExport::Job, "0", 1 << 10, 3);
        let all = totals.call_totals();
        let first = all.iter().find(|one| one.name == "0").unwrap();
        assert_eq!((first.calls, first.failures["trap"], first.memory, first.host_calls), (2, 1, 1 << 20, 6));
        assert_eq!(first.classes.iter().map(|(_, n)| n).sum::<u64>(), 2);
    }
}
