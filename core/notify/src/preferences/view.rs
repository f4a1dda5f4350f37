//! Views of a user's preferences.

use crate::channel::{ALL_CHANNELS, Channel, NotificationLevel};
use crate::kind::Kind;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

/// How somebody wants to be told of what.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Preferences)]
pub struct PreferencesView {
    /// Their time zone; null: `defaultZone`.
    pub zone: Option<String>,
    /// The time zone of those who have not chosen one.
    pub default_zone: String,
    /// The language of what they are told; null: the default locale.
    pub locale: Option<String>,
    /// Every kind, in the order in which they are shown.
    pub kinds: Vec<KindPreferenceView>,
    /// Every way to be told.
    pub channels: Vec<NotificationChannelView>,
}

/// How somebody wants to be told of a kind.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = KindPreference)]
pub struct KindPreferenceView {
    /// The kind of notification.
    pub kind: Kind,
    /// Their level for each channel, by its name.
    pub levels: BTreeMap<String, NotificationLevel>,
    /// Levels for each channel where the person chose none.
    pub defaults: BTreeMap<String, NotificationLevel>,
}

/// A way to be told.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = NotificationChannel)]
pub struct NotificationChannelView {
    /// The key of the channel in `levels`.
    pub channel: ChannelName,
    /// Levels that it can be set to.
    pub levels: Vec<NotificationLevel>,
}

impl From<&dyn Channel> for NotificationChannelView {
    fn from(channel: &dyn Channel) -> Self {
        Self { channel: ChannelName(channel.name()), levels: channel.offered_levels().to_vec() }
    }
}

/// The name of one of [`ALL_CHANNELS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ChannelName(&'static str);

impl PartialSchema for ChannelName {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("What a way to be told is called."))
            .enum_values(Some(ALL_CHANNELS.iter().map(|channel| channel.name())))
            .into()
    }
}

impl ToSchema for ChannelName {}
