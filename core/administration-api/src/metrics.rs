//! Metrics of plugins, in the text form of OpenMetrics, which Prometheus and others read.

use axum::body::Body;
use axum::http::{Response, header};
use axum::response::IntoResponse;
use cairn_access::DEFAULT_TENANT;
use cairn_access::action_types::SystemRead;
use cairn_http::error::{WireError, count_unevaluated_policies};
use cairn_http::extract::require::Require;
use cairn_http::extract::tenant::CurrentTenant;
use cairn_http::openapi::router::AreaRouter;
use cairn_http::routes;
use cairn_plugin_host::{CallTotals, PluginHost, PluginMetric};
use cairn_plugin_package::manifest::MetricKind;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, NoLabelSet, text};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::Registry;
use std::collections::BTreeMap;
use std::fmt;
use utoipa::openapi::{ContentBuilder, RefOr, ResponseBuilder};
use utoipa::{IntoResponses, PartialSchema};

/// Content type of the text form.
const OPENMETRICS_CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

pub(super) fn routes() -> AreaRouter {
    AreaRouter::default().routes(routes!(metrics))
}

/// Metrics in the text form, ready to send.
pub(super) struct MetricsText(String);

impl IntoResponse for MetricsText {
    fn into_response(self) -> Response<Body> {
        ([(header::CONTENT_TYPE, OPENMETRICS_CONTENT_TYPE)], self.0).into_response()
    }
}

impl IntoResponses for MetricsText {
    fn responses() -> BTreeMap<String, RefOr<utoipa::openapi::Response>> {
        let content = ContentBuilder::new().schema(Some(String::schema())).build();
        let response = ResponseBuilder::new().content("application/openmetrics-text", content).build();
        BTreeMap::from([("200".to_owned(), response.into())])
    }
}

/// Returns what the plugins of this process have used since it started, over all its tenants, in the text format of OpenMetrics. Only
/// from the default tenant.
#[utoipa::path(get, path = "/admin/api/metrics")]
async fn metrics(CurrentTenant(tenant): CurrentTenant, _: Require<SystemRead>) -> Result<MetricsText, WireError> {
    if &*tenant.name != DEFAULT_TENANT {
        return Err(WireError::not_found());
    }
    encode_metrics(tenant.plugins.plugins().host()).map(MetricsText).map_err(WireError::internal)
}

fn encode_metrics(host: &PluginHost) -> Result<String, fmt::Error> {
    let mut registry = Registry::default();
    registry.register_collector(Box::new(MetricsCollector {
        calls: host.call_totals(),
        own: host.plugin_metrics(),
        memory: host.memory_usage().0 as u64,
        unevaluated_policies: count_unevaluated_policies(),
    }));
    let mut all = String::new();
    text::encode(&mut all, &registry)?;
    Ok(all)
}

/// The samples of one moment.
#[derive(Debug)]
struct MetricsCollector {
    calls: Vec<CallTotals>,
    own: Vec<PluginMetric>,
    /// Memory of all running calls together, in bytes.
    memory: u64,
    /// Requests that were refused because a read policy had not been evaluated.
    unevaluated_policies: u64,
}

type Labels = Vec<(String, String)>;

fn call_labels(call: &CallTotals) -> Labels {
    let label = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    vec![label("plugin", &call.plugin), label("export", call.export.as_str()), label("name", &call.name)]
}

impl Collector for MetricsCollector {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let mut family = encoder.encode_descriptor(
            "cairn_plugins_call_seconds",
            "Duration of plugin calls, without the time that they waited for other transactions",
            None,
            MetricType::Histogram,
        )?;
        for call in &self.calls {
            let seconds = call.took.as_secs_f64();
            let labels = call_labels(call);
            family.encode_family(&labels)?.encode_histogram::<NoLabelSet>(seconds, call.calls, &call.classes, None)?;
        }
        let mut family = encoder.encode_descriptor(
            "cairn_plugins_failures",
            "Plugin calls that failed",
            None,
            MetricType::Counter,
        )?;
        for call in &self.calls {
            for (kind, n) in &call.failures {
                let mut labels = call_labels(call);
                labels.push(("kind".to_owned(), (*kind).to_owned()));
                family.encode_family(&labels)?.encode_counter::<NoLabelSet, _, u64>(n, None)?;
            }
        }
        let mut family = encoder.encode_descriptor(
            "cairn_plugins_busy",
            "Plugin calls that were rejected because too many were running",
            None,
            MetricType::Counter,
        )?;
        for call in &self.calls {
            let labels = call_labels(call);
            family.encode_family(&labels)?.encode_counter::<NoLabelSet, _, u64>(&call.busy, None)?;
        }
        let mut family = encoder.encode_descriptor(
            "cairn_plugins_memory_bytes",
            "Memory used by all plugin calls at this moment",
            None,
            MetricType::Gauge,
        )?;
        family.encode_gauge(&self.memory)?;
        let mut family = encoder.encode_descriptor(
            "cairn_plugins_host_calls",
            "Host function calls made by plugins",
            None,
            MetricType::Counter,
        )?;
        for call in &self.calls {
            let labels = call_labels(call);
            family.encode_family(&labels)?.encode_counter::<NoLabelSet, _, u64>(&call.host_calls, None)?;
        }
        let mut family = encoder.encode_descriptor(
            "cairn_plugins_memory_peak_bytes",
            "Peak memory of a plugin call",
            None,
            MetricType::Gauge,
        )?;
        for call in &self.calls {
            let labels = call_labels(call);
            family.encode_family(&labels)?.encode_gauge(&call.memory)?;
        }
        encoder
            .encode_descriptor(
                "cairn_requests_unevaluated_policies",
                "Requests that were refused because they reached a content type whose read policies had not been evaluated: each is a fault of Cairn's",
                None,
                MetricType::Counter,
            )?
            .encode_counter::<NoLabelSet, _, u64>(&self.unevaluated_policies, None)?;
        self.encode_plugin_metrics(&mut encoder)
    }
}

impl MetricsCollector {
    /// Metrics that plugins have measured themselves: a family for each metric of each plugin.
    fn encode_plugin_metrics(&self, encoder: &mut DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let mut families: BTreeMap<String, Vec<&PluginMetric>> = BTreeMap::new();
        for metric in &self.own {
            let name = format!("cairn_plugin_{}_{}", metric.plugin.replace('-', "_"), metric.name);
            families.entry(name).or_default().push(metric);
        }
        for (name, mut metrics) in families {
            // Of two that are called alike, such as `a-b` `c` and `a` `b_c`, the first is told.
            let first = (metrics[0].plugin.clone(), metrics[0].kind);
            metrics.retain(|metric| (&metric.plugin, metric.kind) == (&first.0, first.1));
            let kind = match first.1 {
                MetricKind::Counter => MetricType::Counter,
                MetricKind::Histogram => MetricType::Histogram,
            };
            let help = format!("Reported by the plugin {}", first.0);
            let mut family = encoder.encode_descriptor(&name, &help, None, kind)?;
            for metric in metrics {
                let mut one = family.encode_family(&metric.labels)?;
                match metric.kind {
                    MetricKind::Counter => one.encode_counter::<NoLabelSet, _, u64>(&metric.sum, None)?,
                    MetricKind::Histogram => {
                        let all = [(f64::INFINITY, metric.count)];
                        one.encode_histogram::<NoLabelSet>(metric.sum, metric.count, &all, None)?;
                    }
                }
            }
        }
        Ok(())
    }
}
