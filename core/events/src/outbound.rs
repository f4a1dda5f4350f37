//! Requests of webhooks and plugins to other hosts: permitted targets, and trusted certificates.

mod guard;
mod host_resolver;
mod tls;

pub use guard::{AddressGuard, BlockedAddressError, GuardedResolver};
pub use host_resolver::{HostResolver, SystemHostResolver};
pub use tls::tls_config;
