//! Settings files over a real database, as commands and the admin apply them.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail where tests do")]

mod common;
mod file;
mod sections;
mod webhooks;
