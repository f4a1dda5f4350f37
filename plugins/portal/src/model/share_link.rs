//! Links with which owners show others their vehicle.

use super::{Link, content_type};
use cairn_plugin::data::or_default;
use serde::Deserialize;
use serde_json::Value;

/// A link that shows the delivery of a vehicle.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ShareLink {
    #[serde(default)]
    pub(crate) vehicle: Option<Link>,
    /// The owner who created it.
    #[serde(default)]
    pub(crate) customer: Option<Link>,
    #[serde(default)]
    pub(crate) message: Option<String>,
    #[serde(default)]
    pub(crate) photos: Value,
    pub(crate) ends_at: String,
    #[serde(default)]
    pub(crate) revoked_at: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) views: i64,
    /// The sale after which it was created, as the vehicle counts them.
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) ownership: i64,
    #[serde(default)]
    pub(crate) created_at: Option<String>,
}
content_type!(ShareLink, "plugin::portal.share-link");
