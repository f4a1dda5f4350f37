//! Leads, contacts, deals and quotes. A form of the website makes a lead with its contact, a task and a clock; somebody of the team answers
//! it in time, qualifies it, and moves the deal over the stages of its pipeline. On the way it gets a quote, which the customer accepts or
//! declines.
//!
//! Start at `plugin.toml`: it names every way in. The rules need no host and are in [`inquiry`], [`duration`],
//! [`origin`], [`stage_rules`], [`contract_state`], [`mentions`], [`amount`], [`money`], [`period`], [`fiscal_retention`] and [`report`]; the other modules call it. Names, numbers and
//! addresses are checked and compared by `cairn_contact_details`, as everywhere else.

mod activities;
mod activity_mentions;
mod addressee;
mod amount;
mod clock;
mod confirmations;
mod contact_changes;
mod contact_join;
mod contact_key_forms;
mod contacts;
mod contract_document;
mod contract_state;
mod contracts;
mod deal_events;
mod deal_moves;
mod deals;
mod duration;
mod figures;
mod fiscal_retention;
mod form_fields;
mod hooks;
mod inquiry;
mod intake;
mod jobs;
mod lead_merge;
mod leads;
mod lifecycle;
mod local_date;
mod locked_documents;
mod mentions;
mod model;
mod money;
mod network;
mod notices;
mod origin;
mod owners;
mod packages;
mod pages;
mod payments;
mod period;
mod person;
mod privacy;
mod quote_answers;
mod quote_changes;
mod quote_delivery;
mod quote_document;
mod quote_page;
mod quote_routes;
mod quote_texts;
mod quoted_deals;
mod quotes;
mod readable_names;
mod refusals;
mod removals;
mod report;
mod routes;
mod seeds;
mod settings;
mod stage_rules;
mod subject;
mod subscriptions;
mod tasks;
mod unsubscribes;
mod upgrades;
mod views;
mod waiting_inquiries;

/// The plugin.
struct Crm;

cairn_plugin::export!(Crm: hooks, events, jobs, routes, views, lifecycle, privacy);
