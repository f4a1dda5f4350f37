//! Plugins of `plugins/guests/` in the real engine, on a real database.

#![expect(clippy::unwrap_used, reason = "a test stops where its ground gives way")]

mod behaving;
mod bookings;
mod bookings_reminders;
mod events_and_jobs;
mod files;
mod hostile;
mod languages;
mod lifecycle;
mod loading;
mod nightly_report;
mod outside;
mod pdf;
mod policies;
mod quotas;
mod refusals;
mod replay;
mod requests;
mod retention;
mod routes;
mod search;
mod telling;
mod turns;
mod views;
mod world;
