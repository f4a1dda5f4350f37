//! The ways into the plugin, one module for each kind: they choose what is called, and decide nothing.

mod hooks;
mod jobs;
mod lifecycle;
mod policies;
mod routes;
mod subscriptions;
mod views;
