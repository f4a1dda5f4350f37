//! The applications as an operator runs them: their stories over HTTP, with the program killed at every step. `cargo xtask test --full <id>` runs
//! those of one of them, on both databases.

mod crm;
mod esign;
mod journey;
mod kb;
mod killed_server;
#[allow(dead_code, reason = "the tests over HTTP use the rest of it")]
#[path = "../http/applications/mail_receiver.rs"]
mod mail_receiver;
