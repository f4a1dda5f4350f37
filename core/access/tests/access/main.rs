//! Access over a real database, as server and commands use it.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail where tests do")]

mod caller;
mod common;
mod invitations;
mod passwords;
mod registration;
mod sessions;
