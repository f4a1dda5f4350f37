//! How much of the processor calls take, in instructions: for tests of plugins, which the clock of a busy machine would mislead.

use crate::state::Asked;
use parking_lot::Mutex;
use std::collections::BTreeMap;

/// What the most expensive call so far took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Used {
    /// The plugin.
    pub plugin: String,
    /// What it was called for: `before`, `job` and so on.
    pub export: &'static str,
    /// The hook, subscription, job or route.
    pub name: String,
    /// In units of fuel: about one for each instruction of the guest.
    pub fuel: u64,
}

/// Of all calls of an engine that measures.
#[derive(Debug, Default)]
pub(crate) struct Meter(Mutex<BTreeMap<(String, &'static str, String), u64>>);

/// How many times as long calls may take where they are measured.
pub(crate) const PATIENCE: u32 = 10;

/// What a call has at its beginning: never used up.
pub(crate) const FULL: u64 = u64::MAX / 2;

impl Meter {
    pub(crate) fn count(&self, plugin: &str, asked: &Asked, fuel: u64) {
        let key = (plugin.to_owned(), asked.export.as_str(), asked.name.to_string());
        let mut all = self.0.lock();
        let most = all.entry(key).or_default();
        *most = fuel.max(*most);
    }

    pub(crate) fn used(&self) -> Vec<Used> {
        let all = self.0.lock();
        let one = |((plugin, export, name), fuel): (&(String, &'static str, String), &u64)| Used {
            plugin: plugin.clone(),
            export,
            name: name.clone(),
            fuel: *fuel,
        };
        all.iter().map(one).collect()
    }
}
