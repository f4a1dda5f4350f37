//! A server and a database per test, used over HTTP. For tests only: it panics where a test would.
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
//! A server that is dropped checks its database as `cairn doctor` does: a test fails where links, counts or versions are
//! inconsistent, whatever it asserts itself.
#![expect(clippy::unwrap_used, reason = "a test stops where its ground gives way")]

#[cfg(feature = "server")]
mod browser;
#[cfg(feature = "server")]
mod client;
pub mod database;
#[cfg(feature = "server")]
mod openapi_check;
mod patience;
#[cfg(feature = "server")]
mod project;
#[cfg(feature = "server")]
mod raw;
#[cfg(feature = "server")]
mod response;
#[cfg(feature = "server")]
mod schema;
#[cfg(feature = "server")]
mod server;

#[cfg(feature = "server")]
pub use browser::TestBrowser;
#[cfg(feature = "settings")]
pub use cairn_settings as settings;
#[cfg(feature = "server")]
pub use client::TestClient;
pub use database::TestDatabase;
pub use patience::extend_limit;
#[cfg(feature = "server")]
pub use project::{TestProject, admin_token};
#[cfg(feature = "server")]
pub use raw::{RawResponse, send_raw};
#[cfg(feature = "server")]
pub use response::TestResponse;
#[cfg(feature = "server")]
pub use schema::SchemaBuilder;
#[cfg(feature = "server")]
pub use server::{ADMIN_TOKEN, FULL_TOKEN, READ_TOKEN, ServerNode, TestServer};
