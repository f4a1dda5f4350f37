//! What plugins measure: by the names and labels of their manifests.

use cairn_plugin_package::Manifest;
use cairn_plugin_package::manifest::MetricKind;
use parking_lot::Mutex;
use std::collections::BTreeMap;

/// Different sets of labels of one plugin; further ones are left out.
const SERIES: usize = 1_000;

/// A name with values of its labels.
type Series = (String, Vec<(String, String)>);

/// The series of a generation.
#[derive(Default)]
pub(crate) struct Metrics(Mutex<BTreeMap<Series, f64>>);

impl Metrics {
    /// Adds to a counter, or sets what was seen last. What the manifest does not declare is left out.
    pub(crate) fn add(&self, manifest: &Manifest, name: &str, value: f64, labels: &[(String, String)]) {
        let Some(metric) = manifest.metrics.iter().find(|metric| metric.name == name) else {
            tracing::debug!(plugin = manifest.id(), metric = name, "plugin.toml declares no such metric");
            return;
        };
        let labels = labels.iter().filter(|(label, _)| metric.labels.contains(label)).cloned().collect();
        let mut series = self.0.lock();
        let key = (name.to_owned(), labels);
        if series.len() >= SERIES && !series.contains_key(&key) {
            return;
        }
        let held = series.entry(key).or_default();
        match metric.kind {
            MetricKind::Counter => *held += value,
            _ => *held = value,
        }
    }
}
