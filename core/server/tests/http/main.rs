//! The server over HTTP, on a real database each. Modules mirror URLs; what no URL owns (caching, connections, bad
//! input, access) has a module of its own.
#![expect(clippy::unwrap_used, reason = "a test stops where its ground gives way")]

mod access;
mod admin;
mod admin_roles;
mod admin_tokens;
mod admin_ui;
mod assets;
mod audit;
mod backups;
mod bad_input;
mod builder;
mod caching;
mod connections;
mod content;
mod contract;
mod delivery;
mod edges;
mod editing;
mod editorial;
mod golden;
mod history;
mod identity;
mod lists;
mod live;
mod lost_updates;
mod news;
mod nodes;
mod notify;
mod openapi;
mod overview;
mod people;
mod pictures;
mod plugin_life;
mod plugins;
mod presence;
mod preview;
mod publishing;
mod resumable;
mod rights;
mod seal_profiles;
mod tenants;
mod twins;
mod upload;
mod users;
mod webhooks;
