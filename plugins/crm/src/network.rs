//! Network addresses: one connection has many of IPv6. It knows no host.

use std::net::IpAddr;

/// The network that an address belongs to: of IPv6 the first half, which a provider gives to one customer; otherwise the address itself.
pub(crate) fn find_network(address: &str) -> String {
    let Ok(IpAddr::V6(v6)) = address.parse() else { return address.to_owned() };
    match (v6.to_ipv4_mapped(), v6.segments()) {
        (Some(v4), _) => v4.to_string(),
        (None, [a, b, c, d, ..]) => format!("{a:x}:{b:x}:{c:x}:{d:x}::/64"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_one_connection_are_one_network() {
        assert_eq!(find_network("2001:db8:1:2:3:4:5:6"), find_network("2001:db8:1:2::1"));
        assert_ne!(find_network("2001:db8:1:2::1"), find_network("2001:db8:1:3::1"));
        assert_eq!(find_network("::ffff:203.0.113.7"), "203.0.113.7");
        assert_ne!(find_network("203.0.113.7"), find_network("203.0.113.8"));
    }
}
