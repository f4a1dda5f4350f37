//! A newsletter with double opt-in. The same is in `newsletter-ts` and `newsletter-py`.

mod desk;
mod jobs;
mod routes;
mod views;

struct Newsletter;
cairn_plugin::export!(Newsletter: jobs, routes, views);
