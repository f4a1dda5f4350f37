//! Plugins of `plugins/guests/` in the real engine, on a real database.

#![expect(clippy::unwrap_used, reason = "a test stops where its ground gives way")]

mod behaving;
mod events_and_jobs;
mod loading;
mod routes;
mod world;
