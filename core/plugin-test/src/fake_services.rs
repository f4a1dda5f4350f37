//! Fake services that the plugin sends requests to: a real server on this machine, reached through the outbound of plugins. Host names that
//! a test defines lead to it, by plain HTTP and by TLS with a certificate that only this world trusts; all others lead nowhere.

mod server;
mod service;

pub(crate) use service::{PreparedService, RequestLine};
pub use service::{Service, ServiceAnswer, ServiceFailure};

use crate::TestError;
use cairn_events::outbound::{AddressGuard, HostResolver};
use cairn_plugin_host::OutboundHttp;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use parking_lot::Mutex;
use rustls::pki_types::PrivatePkcs8KeyDer;
use serde_json::Value as Json;
use server::FakeServer;
use std::collections::{BTreeSet, HashMap};
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;

/// Largest number of requests that are recorded.
const MAX_RECORDED_REQUESTS: usize = 10_000;

/// The fake services of a world. They stop with its last copy.
#[derive(Clone)]
pub(crate) struct FakeServices(Arc<FakeServiceState>);

pub(crate) struct FakeServiceState {
    /// Host names that lead to the fake services.
    hosts: BTreeSet<String>,
    /// The last of those that fit a request answers it.
    services: Mutex<Vec<PreparedService>>,
    /// Requests in the order of their arrival.
    requests: Mutex<Vec<Json>>,
    /// Requests that no service answers.
    unanswered: Mutex<BTreeSet<String>>,
    /// Running servers, by the port that was requested.
    servers: tokio::sync::Mutex<HashMap<u16, FakeServer>>,
    tls: TlsAcceptor,
}

impl FakeServices {
    /// Creates services for these host names, and the outbound that leads to them.
    ///
    /// # Errors
    /// An invalid host name; missing cryptography.
    pub(crate) fn new(hosts: &BTreeSet<String>) -> Result<(Self, OutboundHttp), TestError> {
        let failed =
            |e: &dyn std::fmt::Display| TestError(format!("the external services of the test cannot be started: {e}"));
        let mut names: Vec<String> = hosts.iter().cloned().collect();
        let guard = AddressGuard::new(&names).map_err(TestError)?.with_config_key("the test");
        if names.is_empty() {
            names.push("nobody.test".to_owned());
        }
        let certified_key = rcgen::generate_simple_self_signed(names).map_err(|e| failed(&e))?;
        let certificate = certified_key.cert.der().clone();
        let key = PrivatePkcs8KeyDer::from(certified_key.signing_key.serialize_der());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let server = rustls::ServerConfig::builder_with_provider(provider.clone());
        let server = server.with_safe_default_protocol_versions().map_err(|e| failed(&e))?;
        let server = server.with_no_client_auth().with_single_cert(vec![certificate.clone()], key.into());
        let tls = TlsAcceptor::from(Arc::new(server.map_err(|e| failed(&e))?));
        let mut roots = rustls::RootCertStore::empty();
        roots.add(certificate).map_err(|e| failed(&e))?;
        let client = rustls::ClientConfig::builder_with_provider(provider);
        let client = client.with_safe_default_protocol_versions().map_err(|e| failed(&e))?;
        let client = client.with_root_certificates(roots).with_no_client_auth();
        let state = Arc::new(FakeServiceState {
            hosts: hosts.clone(),
            services: Mutex::default(),
            requests: Mutex::default(),
            unanswered: Mutex::default(),
            servers: tokio::sync::Mutex::default(),
            tls,
        });
        let out = OutboundHttp::with_names(guard, Arc::new(FakeHostResolver(state.clone()))).with_tls(client);
        Ok((Self(state), out))
    }

    /// Adds a service, which from now on answers the requests that fit it. The error says what is wrong with the service.
    pub(crate) fn add_service(&self, service: &Service) -> Result<(), TestError> {
        let prepared_service = PreparedService::from_service(service).map_err(TestError)?;
        self.0.services.lock().push(prepared_service);
        Ok(())
    }

    /// Every request that fits a line such as `POST https://api.example.com/*`, oldest first. Fails for a line that is not of this form.
    pub(crate) fn matching_requests(&self, on: &str) -> Result<Vec<Json>, TestError> {
        let line = RequestLine::parse(on).map_err(TestError)?;
        let fits = |request: &&Json| {
            let text = |name: &str| request[name].as_str().unwrap_or_default();
            text("url").parse::<url::Url>().is_ok_and(|url| line.matches_request(text("method"), &url))
        };
        Ok(self.0.requests.lock().iter().filter(fits).cloned().collect())
    }

    /// The requests that the test has no answer for.
    pub(crate) fn unanswered_requests(&self) -> Vec<String> {
        self.0.unanswered.lock().iter().cloned().collect()
    }
}

impl FakeServiceState {
    fn record_request(&self, request: Json) {
        let mut requests = self.requests.lock();
        if requests.len() < MAX_RECORDED_REQUESTS {
            requests.push(request);
        }
    }

    fn record_unanswered(&self, subject: String) {
        self.unanswered.lock().insert(subject);
    }

    /// The address of the server for a port; the first request starts it.
    async fn server_address(self: &Arc<Self>, port: u16) -> io::Result<SocketAddr> {
        let mut listening = self.servers.lock().await;
        if let Some(existing) = listening.get(&port) {
            return Ok(existing.address);
        }
        // A port that stands in the address itself has to be that one. Of the addresses of this machine there are enough for everybody.
        let own = match port {
            80 | 443 => SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            port => {
                let [a, b, c] = [rand::random::<u8>(), rand::random(), rand::random_range(2..=254)];
                SocketAddr::from((Ipv4Addr::new(127, a, b, c), port))
            }
        };
        let first = FakeServer::start(own, self).await;
        let started = match first {
            // Systems may have no loopback address other than 127.0.0.1.
            Err(_) => FakeServer::start(SocketAddr::from((Ipv4Addr::LOCALHOST, own.port())), self).await?,
            started => started?,
        };
        let address = started.address;
        listening.insert(port, started);
        Ok(address)
    }
}

/// Resolves names to the fake services, or to nothing.
struct FakeHostResolver(Arc<FakeServiceState>);

impl HostResolver for FakeHostResolver {
    fn resolve_host<'a>(&'a self, host: &'a str, port: u16) -> BoxFuture<'a, io::Result<Vec<SocketAddr>>> {
        async move {
            if !self.0.hosts.contains(&host.to_ascii_lowercase()) {
                self.0.record_unanswered(format!("a request to {host}"));
                return Err(io::Error::other("the test has no [[http]] for this host"));
            }
            Ok(vec![self.0.server_address(port).await?])
        }
        .boxed()
    }
}

/// The host name in a line such as `POST https://api.example.com/*`.
///
/// # Errors
/// A line that is not of this form; an address or a wildcard in place of a name.
pub(crate) fn parse_host(on: &str) -> Result<String, String> {
    let line = RequestLine::parse(on)?;
    let name = line.host();
    match name.parse::<IpAddr>().is_err() && !name.contains(['*', '[']) && !name.is_empty() {
        true => Ok(name.to_owned()),
        false => Err(format!("{on:?}: use a full host name, without wildcards; IP addresses are not supported")),
    }
}
