//! Requests of plugins to other hosts.
//!
//! Each way there is checked twice, at every redirect anew: by what was granted (scheme, host, port, path, method), and by where it really
//! leads. A name is resolved when a connection is made, every address it has is looked at, and the connection goes to one of these.

mod exchange;
mod exchange_error;
mod headers;
mod response;
mod scrub;

pub(crate) use exchange::{Exchange, ExchangeResponse, require_secret_address_grant};
pub(crate) use exchange_error::ExchangeError;
pub(crate) use headers::{SecretHeader, parse_headers};
pub(crate) use response::ResponseBudget;
pub(crate) use scrub::{SecretScrubber, address_parts};

use cairn_events::outbound::{AddressGuard, HostResolver, SystemHostResolver, tls_config};
use parking_lot::Mutex;
use reqwest::Client;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use url::Url;

/// To be connected.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// A connection nobody used for so long is closed.
const IDLE_TIMEOUT: Duration = Duration::from_secs(20);
/// Largest number of cached clients, each with the connections to one host.
const MAX_CLIENTS: usize = 64;

/// The way out, of one tenant. Cloning is cheap.
#[derive(Clone)]
pub struct OutboundHttp(Arc<Inner>);

struct Inner {
    guard: AddressGuard,
    names: Arc<dyn HostResolver>,
    /// TLS configuration with the trusted certificates; `None`: those that this machine trusts.
    tls: Option<rustls::ClientConfig>,
    clients: Mutex<HashMap<HostKey, (Client, Instant)>>,
}

/// Scheme, name and port.
type HostKey = (String, String, u16);

impl OutboundHttp {
    /// `guard`: where requests may lead beside the public internet, whatever was granted.
    pub fn new(guard: AddressGuard) -> Self {
        Self::with_names(guard, Arc::new(SystemHostResolver))
    }

    /// The same, with names known otherwise than by this machine.
    pub fn with_names(guard: AddressGuard, names: Arc<dyn HostResolver>) -> Self {
        Self(Arc::new(Inner { guard, names, tls: None, clients: Mutex::default() }))
    }

    /// The same, with certificates trusted as this says, and not as this machine does.
    #[must_use]
    pub fn with_tls(self, tls: rustls::ClientConfig) -> Self {
        let Inner { guard, names, .. } = &*self.0;
        let (guard, names) = (guard.clone(), names.clone());
        Self(Arc::new(Inner { guard, names, tls: Some(tls), clients: Mutex::default() }))
    }

    fn guard(&self) -> &AddressGuard {
        &self.0.guard
    }

    /// A client for the host of an address: its own connections, and nowhere else to.
    fn client_for(&self, url: &Url) -> Result<Client, String> {
        let port = url.port_or_known_default().unwrap_or(0);
        let host = (url.scheme().to_owned(), url.host_str().unwrap_or_default().to_owned(), port);
        let mut clients = self.0.clients.lock();
        if let Some((client, used)) = clients.get_mut(&host) {
            *used = Instant::now();
            return Ok(client.clone());
        }
        let trust = self.0.tls.clone().map_or_else(tls_config, Ok)?;
        let client = Client::builder()
            .use_preconfigured_tls(trust)
            .dns_resolver(self.0.guard.dns_resolver_with(port, self.0.names.clone()))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .connect_timeout(CONNECT_TIMEOUT)
            .pool_idle_timeout(IDLE_TIMEOUT)
            .pool_max_idle_per_host(4)
            .referer(false)
            .user_agent(concat!("Cairn/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|e| e.to_string())?;
        if clients.len() >= MAX_CLIENTS {
            let oldest = clients.iter().min_by_key(|(_, (_, used))| *used).map(|(host, _)| host.clone());
            if let Some(host) = oldest {
                clients.remove(&host);
            }
        }
        clients.insert(host, (client.clone(), Instant::now()));
        Ok(client)
    }
}

impl Default for OutboundHttp {
    fn default() -> Self {
        Self::new(AddressGuard::default())
    }
}
