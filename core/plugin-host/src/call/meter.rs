//! Processor use of calls, in instructions: for tests of plugins, since the clock of a busy machine would mislead.

use crate::call::state::CallContext;
use parking_lot::Mutex;
use std::collections::BTreeMap;

/// The most expensive call so far of one hook, subscription, job or route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallFuel {
    /// Id of the plugin.
    pub plugin: String,
    /// Name of the export: `before`, `job` and so on.
    pub export: &'static str,
    /// Name of the hook, subscription, job or route.
    pub name: String,
    /// Fuel that it used: about one unit for each instruction of the guest.
    pub fuel: u64,
}

/// The most expensive calls of an engine that measures.
#[derive(Debug, Default)]
pub(crate) struct FuelMeter(Mutex<BTreeMap<(String, &'static str, String), u64>>);

/// Factor by which deadlines are longer where calls are measured.
pub(crate) const METERED_DEADLINE_FACTOR: u32 = 10;

/// Fuel that a call begins with; never used up.
pub(crate) const INITIAL_FUEL: u64 = u64::MAX / 2;

impl FuelMeter {
    pub(crate) fn record_fuel(&self, plugin: &str, context: &CallContext, fuel: u64) {
        let key = (plugin.to_owned(), context.export.as_str(), context.name.to_string());
        let mut all = self.0.lock();
        let limit = all.entry(key).or_default();
        *limit = fuel.max(*limit);
    }

    pub(crate) fn peak_fuel(&self) -> Vec<CallFuel> {
        let all = self.0.lock();
        let one = |((plugin, export, name), fuel): (&(String, &'static str, String), &u64)| CallFuel {
            plugin: plugin.clone(),
            export,
            name: name.clone(),
            fuel: *fuel,
        };
        all.iter().map(one).collect()
    }
}
