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
#![expect(clippy::unwrap_used, reason = "a test stops where its ground gives way")]

mod answer;
mod project;
mod server;

pub use answer::TestAnswer;
pub use project::Project;
pub use server::{Client, TestServer};
