//! Runs of a vehicle during which something was measured.

use super::{Link, content_type};
use cairn_plugin::data::or_default;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A drive during which channels were recorded.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TelemetryRun {
    #[serde(default)]
    pub(crate) vehicle: Option<Link>,
    #[serde(default)]
    pub(crate) title: Option<String>,
    #[serde(default)]
    pub(crate) ran_at: Option<String>,
    #[serde(default)]
    pub(crate) file: Option<Link>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) status: RunStatus,
    #[serde(default)]
    pub(crate) message: Option<String>,
    #[serde(default)]
    pub(crate) rows: Option<i64>,
    #[serde(default)]
    pub(crate) seconds: Option<f64>,
    /// Figures of each channel.
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) channels: Vec<ChannelFigures>,
    #[serde(default)]
    pub(crate) points: Value,
    #[serde(default)]
    pub(crate) created_at: Option<String>,
}
content_type!(TelemetryRun, "plugin::portal.telemetry-run");

/// How far the file of a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum RunStatus {
    /// A job reads it.
    #[default]
    Processing,
    Ready,
    /// The file cannot be read: the message says why.
    Refused,
}

/// Figures of a channel; none where it has no value at all.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ChannelFigures {
    pub(crate) name: String,
    pub(crate) unit: Option<String>,
    pub(crate) min: Option<f64>,
    pub(crate) max: Option<f64>,
    pub(crate) mean: Option<f64>,
    /// Rows with a value, and rows without one.
    pub(crate) count: u64,
    pub(crate) missing: u64,
}
