//! Calls, failures and times of each hook, subscription, job, route and view of running plugins.

use crate::contract::plugin_export::PluginExport;
use cairn_store::plugins::CallFailure;
use parking_lot::Mutex;
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

/// Classes of times for each doubling, so that a time is precise to a fifth.
const CLASSES_PER_DOUBLING: u32 = 4;
/// Number of classes, up to 2^30 microseconds, about 18 minutes.
const TIME_CLASS_COUNT: usize = 31 * CLASSES_PER_DOUBLING as usize;

/// Counts of one export and name.
#[derive(Debug, Clone)]
pub(crate) struct CallCounts {
    pub(crate) calls: u64,
    pub(crate) failures: BTreeMap<&'static str, u64>,
    pub(crate) busy: u64,
    pub(crate) times: Vec<u32>,
}

impl Default for CallCounts {
    fn default() -> Self {
        Self { calls: 0, failures: BTreeMap::new(), busy: 0, times: vec![0; TIME_CLASS_COUNT] }
    }
}

/// Counts of a plugin, by export and name.
pub(crate) type PluginCallCounts = HashMap<PluginExport, HashMap<String, CallCounts>>;

/// Counts of all plugins that run.
#[derive(Default)]
pub(crate) struct HealthCounters(pub(crate) Mutex<HashMap<String, PluginCallCounts>>);

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
        let by_export = match all.get_mut(plugin) {
            Some(existing) => existing,
            None => all.entry(plugin.to_owned()).or_default(),
        };
        let by_name = by_export.entry(export).or_default();
        change(match by_name.get_mut(name) {
            Some(counts) => counts,
            None => by_name.entry(name.to_owned()).or_default(),
        });
    }

    /// Drops the counts of plugins that no longer run.
    pub(crate) fn retain_plugins(&self, runs: impl Fn(&str) -> bool) {
        self.0.lock().retain(|plugin, _| runs(plugin));
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
pub(crate) fn time_percentile(times: &[u32], calls: u64, percent: u64) -> Option<u64> {
    let rank = (calls * percent).div_ceil(100).max(1);
    let mut cumulative = 0;
    let class = times.iter().position(|n| {
        cumulative += u64::from(*n);
        cumulative >= rank
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
            let percentile = time_percentile(&times, 1, 50).unwrap();
            assert!(percentile.abs_diff(us) * 5 <= us.max(5), "{us} {percentile}");
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
