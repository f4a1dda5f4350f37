//! Networks of clients: the addresses whose requests count together. Whoever has one address of a network usually has all of them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Length of the prefix of IPv6 that one client gets at least.
const CLIENT_PREFIX_V6: u32 = 64;
/// Lengths of the prefixes that one customer of a provider can get without being asked why.
const WIDER_PREFIX_V4: u32 = 24;
const WIDER_PREFIX_V6: u32 = 48;

/// A network of addresses, for every limit and table that counts by address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClientNetwork(IpAddr);

impl ClientNetwork {
    /// The addresses that one client can choose from: its one IPv4 address, written as IPv6 or not, or a /64 of IPv6.
    pub fn from_address(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V4(address) => address.into(),
            IpAddr::V6(address) => mask_v6(address, CLIENT_PREFIX_V6).into(),
        })
    }

    /// The network around it, which may still be in one hand: a /24 of IPv4, a /48 of IPv6. People who have nothing to do with each other
    /// share it as well, so it has several times the room of one client.
    #[must_use]
    pub fn widen(self) -> Self {
        Self(match self.0 {
            IpAddr::V4(address) => mask_v4(address, WIDER_PREFIX_V4).into(),
            IpAddr::V6(address) => mask_v6(address, WIDER_PREFIX_V6).into(),
        })
    }

    /// True for IPv4, of which clients have single addresses.
    pub fn is_ipv4(self) -> bool {
        self.0.is_ipv4()
    }
}

fn mask_v4(address: Ipv4Addr, prefix: u32) -> Ipv4Addr {
    Ipv4Addr::from_bits(address.to_bits() & u32::MAX.unbounded_shl(u32::BITS - prefix))
}

fn mask_v6(address: Ipv6Addr, prefix: u32) -> Ipv6Addr {
    Ipv6Addr::from_bits(address.to_bits() & u128::MAX.unbounded_shl(u128::BITS - prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(address: &str) -> ClientNetwork {
        ClientNetwork::from_address(address.parse().unwrap())
    }

    #[test]
    fn addresses_of_one_client_are_one_network() {
        assert_eq!(network("2001:db8:0:7::1"), network("2001:db8:0:7:ffff:ffff:ffff:ffff"));
        assert_ne!(network("2001:db8:0:7::1"), network("2001:db8:0:8::1"));
        assert_eq!(network("::ffff:192.0.2.7"), network("192.0.2.7"));
        assert_ne!(network("::ffff:192.0.2.7"), network("::ffff:192.0.2.8"));
        assert!(network("::ffff:192.0.2.7").is_ipv4() && !network("2001:db8::1").is_ipv4());
    }

    #[test]
    fn wider_networks_contain_what_one_customer_can_get() {
        assert_eq!(network("192.0.2.7").widen(), network("192.0.2.250").widen());
        assert_ne!(network("192.0.2.7").widen(), network("192.0.3.7").widen());
        assert_eq!(network("2001:db8:0:7::1").widen(), network("2001:db8:0:ffff::1").widen());
        assert_ne!(network("2001:db8:0:7::1").widen(), network("2001:db8:1:7::1").widen());
    }
}
