//! A knowledge base. Editors write articles in spaces and publish them; people find them by full-text search, read them in the help
//! centre, say whether they helped, and ask support where nothing did. What was searched in vain is in the editors' report.
//!
//! Start at `plugin.toml`: it names every way in. [`text`], [`slug`], [`markdown`], [`parameters`], [`synonyms`] and [`html`] need no
//! host; the other modules call it.

mod articles;
mod audience;
mod former_slugs;
mod free_slugs;
mod groups;
mod help;
mod hidden_pins;
mod hooks;
pub mod html;
mod index;
mod jobs;
mod lifecycle;
pub mod markdown;
pub mod model;
mod nearest;
pub mod parameters;
mod pins;
mod policies;
mod privacy;
mod queries;
mod routes;
mod search;
pub mod slug;
mod support;
pub mod synonyms;
pub mod text;
mod views;
mod voter;
mod votes;

/// The plugin.
struct KnowledgeBase;

cairn_plugin::export!(KnowledgeBase: hooks, jobs, routes, policies, views, lifecycle, privacy);
