//! A plugin that behaves: what the host's tests and benchmarks run. Each part of it does one thing, told by the name the
//! manifest gives it.

mod batches;
mod events;
mod hooks;
mod host;
mod jobs;
mod lifecycle;
mod routes;

struct Allow;

cairn_plugin::export!(Allow: hooks, events, jobs, batch_jobs, routes, lifecycle);
