//! A server and a database per test, spoken to over HTTP. For tests only: it panics where a test would.
//!
//! ```no_run
//! # async fn example() {
//! use serde_json::json;
//! let server = cairn_testkit::TestServer::start().await;
//! let made = server.post("/api/articles", json!({ "data": { "title": "Dune" } })).await;
//! assert_eq!(made.status, 201);
//! # }
//! ```
//!
//! A server that is dropped looks at its database as `cairn doctor` does: a test fails where links, counts or versions
//! no longer hold together, whatever it asserts itself.
#![expect(clippy::unwrap_used, reason = "a test stops where its ground gives way")]

mod answer;
mod client;
mod project;
mod raw;
mod schema;
mod server;

pub use answer::TestAnswer;
pub use client::Client;
pub use project::Project;
pub use raw::{RawAnswer, raw};
pub use schema::Schema;
pub use server::{FULL_TOKEN, READ_TOKEN, TestServer};
