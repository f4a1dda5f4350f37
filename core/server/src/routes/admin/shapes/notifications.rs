//! How admin users want to be told of what.

use cairn_notify::{Kind, NotificationLevel};
use std::collections::BTreeMap;
use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, Schema, Type};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};

/// How somebody wants to be told of what.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct Preferences {
    /// Their time zone; null: `defaultZone`.
    zone: Option<String>,
    default_zone: String,
    /// The language of what they are told; null: the default locale.
    locale: Option<String>,
    kinds: Vec<KindPreference>,
    channels: Vec<NotificationChannel>,
}

/// How somebody wants to be told of a kind.
#[derive(ToSchema)]
pub(crate) struct KindPreference {
    kind: Kind,
    /// Their level for each channel, by its name.
    levels: BTreeMap<String, NotificationLevel>,
    /// What they are where nothing was said.
    defaults: BTreeMap<String, NotificationLevel>,
}

/// A way to be told.
#[derive(ToSchema)]
pub(crate) struct NotificationChannel {
    channel: ChannelName,
    /// What it can do.
    levels: Vec<NotificationLevel>,
}

/// What a way to be told is called.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) enum ChannelName {
    /// The inbox in the admin.
    InApp,
    Mail,
}

/// What is to change.
#[derive(ToSchema)]
pub(crate) struct ChangedPreferences {
    /// `Europe/Amsterdam`; null: the default.
    zone: Option<String>,
    /// `nl`, `nl-BE`; null: the default.
    locale: Option<String>,
    /// By kind and channel; null: the default.
    #[schema(nullable = false)]
    kinds: Option<BTreeMap<String, BTreeMap<String, LevelOrDefault>>>,
}

/// A level, or null.
pub(crate) struct LevelOrDefault;

impl PartialSchema for LevelOrDefault {
    fn schema() -> RefOr<Schema> {
        let null = ObjectBuilder::new().schema_type(Type::Null);
        OneOfBuilder::new().item(Ref::from_schema_name(NotificationLevel::name())).item(null).into()
    }
}

impl ToSchema for LevelOrDefault {}
