//! A plugin's description of itself, its grants, and the file it comes in. Pure: bytes in, values out; no database, no async, and
//! nothing of a plugin is run.
//!
//! * [`Manifest::parse`] reads `plugin.toml`. Every [`PluginProblem`] has the line, what is wrong, and what to write instead.
//! * [`component::inspect_component`] says what `plugin.wasm` imports and exports, [`component::check_component`] whether that fits the manifest.
//! * [`package::pack`] makes the one file a plugin comes in, [`Package::read`] reads it without trusting it, and
//!   [`package::check_files`] and [`Package::check`] say whether everything in it fits together.
//! * [`sign::decide_trust`] says whether a package may be installed here, by its signature and version.
//! * [`Grants`] is what an installation may do: asked for by the manifest, narrowed by the operator, asked by the host at every call.
//! * [`Choices`] are what the operator filled in where the manifest leaves a choice; [`Manifest::resolve`] puts them in their places.
//! * [`PluginReach`] is all that a version does, by grants or without: what who consents is told, and asked again where it grows.
//! * [`settings::SettingsSchema`] checks settings and fills in defaults; [`locales`] reads the plugin's texts, and
//!   [`content_texts`] has the keys of those that name its content types and fields.
//!
//! A new capability is a case of [`Capability`] and of [`Scope`], which the compiler then misses where it has to be read, met, widened
//! and said; and its interface in `component/contract.rs`.

mod address;
mod body_schema;
mod choices;
pub mod component;
pub mod content_texts;
mod event_schema;
mod grants;
pub mod locales;
pub mod manifest;
mod names;
pub mod package;
mod problem;
mod reach;
pub mod settings;
pub mod sign;
mod strict_toml;
mod units;
mod words;

pub use address::{AddressPattern, secret_reference};
pub use body_schema::BodySchema;
pub use choices::{AttributeKinds, Choices, MAX_CHOSEN, UnfitReason, UnfitType};
pub use event_schema::EventSchema;
pub use grants::{
    Capability, Fields, GrantWidening, GrantedScope, Grants, InvitedRoles, Method, NarrowError, Scope, Sentence,
    WriteAction,
};
pub use manifest::Manifest;
pub use names::RESERVED_IDS;
pub use package::{Package, PackageProblem};
pub use problem::{MANIFEST, PluginProblem, Severity, SourceLocation, has_errors};
pub use reach::{PluginReach, ReachLine};
pub use sign::{KeyPair, PublicKey};
pub use units::parse_duration;
