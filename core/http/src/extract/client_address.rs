//! The client's address, for rate limits.

use axum::extract::Extension;
use axum::http::HeaderMap;
use cairn_app::config::Config;
use std::net::{IpAddr, SocketAddr};

/// Address of the client, as an extension of the request.
#[derive(Debug, Clone, Copy)]
pub struct ClientIp(pub IpAddr);

/// Extractor for handlers that need the client's address.
pub type ClientAddress = Extension<ClientIp>;

/// The peer's address, or where the peer is a trusted proxy the nearest untrusted one that it forwarded for. Where that one cannot be read, it
/// is the peer's: whatever is farther away, the client itself may have written.
pub fn client_address(config: &Config, headers: &HeaderMap, peer: IpAddr) -> IpAddr {
    let is_trusted = |address: IpAddr| config.server.trusts_proxy(address);
    if !is_trusted(peer) {
        return peer;
    }
    let values = headers.get_all("x-forwarded-for").iter().map(|value| value.to_str().unwrap_or_default());
    let hops: Vec<&str> = values.flat_map(|value| value.split(',')).collect();
    let mut hops = hops.into_iter().rev().map(parse_hop);
    hops.find(|hop| hop.is_none_or(|address| !is_trusted(address))).flatten().unwrap_or(peer)
}

/// The address of a hop, which some proxies write with a port, and with brackets if it is one of IPv6.
fn parse_hop(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim();
    let bare = hop.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(hop);
    let address = bare.parse().ok().or_else(|| hop.parse::<SocketAddr>().ok().map(|with_port| with_port.ip()));
    address.map(|address: IpAddr| address.to_canonical())
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

    #[test]
    fn forwarded_addresses_are_read_in_the_forms_of_proxies_and_never_passed_over() {
        let peer: IpAddr = "10.0.0.1".parse().unwrap();
        let mut config = Config::default();
        config.server.trusted_proxies = vec![peer];
        let forwarded = |values: &[&[u8]]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append("x-forwarded-for", HeaderValue::from_bytes(value).unwrap());
            }
            client_address(&config, &headers, peer).to_string()
        };
        for (value, expected) in [
            ("9.9.9.9, 192.0.2.7:4711", "192.0.2.7"),
            ("9.9.9.9, [2001:db8::7]:443", "2001:db8::7"),
            ("9.9.9.9, [2001:db8::7]", "2001:db8::7"),
            ("9.9.9.9, ::ffff:192.0.2.7, ::ffff:10.0.0.1", "192.0.2.7"),
            // Of what cannot be read the rest may be made up.
            ("9.9.9.9, unknown", "10.0.0.1"),
            ("9.9.9.9,", "10.0.0.1"),
            ("9.9.9.9, ::ffff:10.0.0.1", "9.9.9.9"),
            ("", "10.0.0.1"),
        ] {
            assert_eq!(forwarded(&[value.as_bytes()]), expected, "{value}");
        }
        assert_eq!(forwarded(&[b"9.9.9.9", b"\xff, 192.0.2.7"]), "10.0.0.1");
        assert_eq!(forwarded(&[b"9.9.9.9", b"192.0.2.7"]), "192.0.2.7");
        assert_eq!(forwarded(&[]), "10.0.0.1");
        // A proxy that reaches a socket for both protocols.
        let mut headers = HeaderMap::new();
        headers.append("x-forwarded-for", HeaderValue::from_static("192.0.2.7"));
        let client = client_address(&config, &headers, "::ffff:10.0.0.1".parse().unwrap());
        assert_eq!(client.to_string(), "192.0.2.7");
    }
}
