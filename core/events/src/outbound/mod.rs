//! Requests of webhooks and plugins to other hosts: permitted targets, and trusted certificates.

mod guard;
mod names;
mod tls;

pub use guard::{Guard, Refused, Resolver};
pub use names::{Names, SystemNames};
pub use tls::tls;
