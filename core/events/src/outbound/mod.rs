//! Requests to other hosts, of webhooks and of plugins: where they may lead, and whose certificates are trusted.

mod guard;
mod names;
mod tls;

pub use guard::{Guard, Refused, Resolver};
pub use names::{Names, SystemNames};
pub use tls::tls;
