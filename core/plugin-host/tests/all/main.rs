//! Plugins of `plugins/guests/` in the real engine, on a real database.

#![expect(clippy::unwrap_used, reason = "a test stops where its ground gives way")]

mod bookings;
mod bookings_reminders;
mod choices;
mod events_and_jobs;
mod external_server;
mod files;
mod group_measures;
mod groups;
mod hooks;
mod host_functions;
mod hostile;
mod idempotency;
mod job_batches;
mod languages;
mod lifecycle;
mod loading;
mod mails;
mod new_ids;
mod nightly_report;
mod pdf;
mod pdf_pages;
mod pdf_seals;
mod people;
mod policies;
mod quotas;
mod refusals;
mod replay;
mod requests;
mod retention;
mod routes;
mod search;
mod signing;
mod site_look;
mod test_project;
mod turns;
mod users;
mod views;
