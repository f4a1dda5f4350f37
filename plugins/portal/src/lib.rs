//! A customer's vehicle, from the order to its years on the road: how far production is, what was written about it, documents, payments, choices
//! and service. Owners and delegates of a vehicle see it, as far as their scope and its end allow; whatever is somebody else's does not exist for
//! them.
//!
//! Start at `plugin.toml`: it names every way in, and [`entry`] has a module for each kind of them. The other modules are subjects.
//! [`production::steps`], [`vehicles::vin`], [`payments::plan`], [`choices::decision`], [`access::seen`],
//! [`surveys::questions`], [`surveys::results`], [`preferences::quiet_hours`], [`consents::purposes`] and
//! [`telemetry::run_reader`] need no host.

mod access;
mod bodies;
mod choices;
mod consents;
mod dashboard;
mod documents;
mod entry;
mod messages;
mod model;
mod payments;
mod preferences;
mod privacy;
mod production;
mod ratings;
mod refusals;
mod retention;
mod service;
mod settings;
mod shares;
mod surveys;
mod telemetry;
mod theme;
mod timeline;
mod vehicles;

/// The plugin.
struct Portal;

cairn_plugin::export!(Portal: hooks, events, jobs, routes, policies, views, lifecycle, privacy);
