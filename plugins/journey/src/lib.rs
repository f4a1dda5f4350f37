//! A customer's way from order to delivery, with the right content in the right phase. A journey follows a definition: its phases have
//! windows that are counted from an anchor, such as the order, and plan rows say what is due in them. People of the team or the end of a
//! window move a journey on; from that commit on the customer sees what is for the new phase, and hears of it once.
//!
//! Start at `plugin.toml`: it names every way in. [`period`], [`timetable`], [`schedule`], [`delay_inference`], [`conditions`],
//! [`actions`], [`local_texts`], [`rules`], [`simulation`], [`lateness`], [`row_settlement`] and [`audience`]'s filters need no host; the other modules call it.

mod accounts;
mod actions;
mod audience;
mod bodies;
mod chosen_documents;
mod conditions;
mod content_gaps;
mod definitions;
mod delay_inference;
mod entries;
mod event_hearing;
mod explain;
mod explain_rules;
mod external_events;
mod given_times;
mod groups;
mod holds;
mod hooks;
mod items;
mod jobs;
mod journeys;
mod last_move;
mod lateness;
mod lifecycle;
mod local_texts;
mod me;
mod messages;
mod model;
mod moves;
mod open_entry;
mod period;
mod person;
mod phase_windows;
mod planning;
mod policies;
mod privacy;
mod recipients;
mod refusals;
mod retention;
mod revision_moves;
mod revisions;
mod routes;
mod row_settlement;
mod rule_checks;
mod rule_jobs;
mod rule_runs;
mod rules;
mod schedule;
mod seeds;
mod settings;
mod shifts;
mod simulation;
mod simulation_requests;
mod slots;
mod start_requests;
mod starts;
mod subscriptions;
mod timetable;
mod turns;
mod undo;
mod upgrades;
mod views;
mod won_deals;
mod zone;

/// The plugin.
struct Journeys;

cairn_plugin::export!(Journeys: hooks, events, jobs, routes, policies, views, lifecycle, privacy);
