//! Places at events. Someone books; while there are places the booking is confirmed, then it waits; whoever cancels makes room
//! for the one who waits longest. Mails say so, a reminder comes before the event, and a calendar follows by a secret address.
//!
//! Start at `plugin.toml`: it names every way in. The rules are in [`seats`] and [`reminders`] and need no host; [`desk`], [`told`]
//! and the functions named after the manifest's parts call it.

pub mod desk;
pub mod feed;
mod hooks;
mod jobs;
pub mod model;
pub mod reminders;
mod routes;
pub mod seats;
mod subscriptions;
pub mod token;
mod told;
mod views;

/// The plugin.
struct Bookings;

cairn_plugin::export!(Bookings: hooks, events, jobs, routes, views);
