//! A small help desk. Visitors send a form, agents answer in the admin or by the API, and a timer says which ticket has waited too long.
//!
//! Start at `plugin.toml`: it names every way in. The rules are in [`stages`], [`deadlines`] and [`intake`] and need no host; the modules named
//! after the manifest's parts call it.

mod actions;
mod agents;
mod attachments;
mod authors;
mod calls;
mod chat;
pub mod deadlines;
mod hooks;
pub mod intake;
pub mod intake_page;
mod jobs;
mod lifecycle;
mod messages;
pub mod model;
mod policies;
mod privacy;
pub mod references;
mod routes;
pub mod stages;
mod subjects;
mod subscriptions;
mod tickets;
mod views;

/// The plugin.
struct Desk;

cairn_plugin::export!(Desk: hooks, events, jobs, batch_jobs, routes, policies, views, lifecycle, privacy);
