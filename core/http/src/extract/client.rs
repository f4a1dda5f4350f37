//! The client's address, for rate limits.

use axum::extract::Extension;
use axum::http::HeaderMap;
use cairn_app::config::Config;
use std::net::IpAddr;

/// Address of the client, as an extension of the request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ClientIp(pub(crate) IpAddr);

/// Extractor for handlers that need the client's address.
pub(crate) type ClientAddress = Extension<ClientIp>;

/// The peer's address, or where the peer is a trusted proxy the nearest untrusted one that it forwarded for.
pub(crate) fn client_address(config: &Config, headers: &HeaderMap, peer: IpAddr) -> IpAddr {
    let trusted = &config.server.trusted_proxies;
    if !trusted.contains(&peer) {
        return peer;
    }
    let hops = headers.get_all("x-forwarded-for").iter().filter_map(|v| v.to_str().ok()).flat_map(|v| v.split(','));
    let hops: Vec<IpAddr> = hops.filter_map(|h| h.trim().parse().ok()).collect();
    hops.into_iter().rev().find(|h| !trusted.contains(h)).unwrap_or(peer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn forwarded_addresses_are_used_only_from_trusted_proxies() {
        let mut config = Config::default();
        let mut headers = HeaderMap::new();
        headers.append("x-forwarded-for", HeaderValue::from_static("9.9.9.9, 5.5.5.5, 10.0.0.2"));
        let ip = |s: &str| s.parse::<IpAddr>().unwrap();
        assert_eq!(client_address(&config, &headers, ip("10.0.0.1")), ip("10.0.0.1"));
        config.server.trusted_proxies = vec![ip("10.0.0.1"), ip("10.0.0.2")];
        assert_eq!(client_address(&config, &headers, ip("10.0.0.1")), ip("5.5.5.5"));
    }
}
