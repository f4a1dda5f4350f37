//! Leads, contacts and deals. A form of the website makes a lead with its contact, a task and a clock; somebody of the team answers it in
//! time, qualifies it, and moves the deal over the stages of its pipeline.
//!
//! Start at `plugin.toml`: it names every way in. The rules need no host and are in [`inquiry`], [`email`], [`phone`], [`duration`],
//! [`stage_rules`] and [`report`]; the other modules call it.

mod activities;
mod clock;
mod contacts;
mod deals;
mod duration;
mod email;
mod form_fields;
mod hooks;
mod inquiry;
mod intake;
mod jobs;
mod leads;
mod lifecycle;
mod local_date;
mod merge;
mod model;
mod network;
mod notices;
mod pages;
mod person;
mod phone;
mod report;
mod retry;
mod routes;
mod seeds;
mod settings;
mod stage_rules;
mod subscriptions;
mod tasks;
mod views;

/// The plugin.
struct Crm;

cairn_plugin::export!(Crm: hooks, events, jobs, routes, views, lifecycle);
