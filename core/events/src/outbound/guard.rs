//! Permitted targets of outgoing requests: public addresses, and those that the operator permits by name. Whoever may add a webhook, or has
//! written a plugin, could otherwise reach what only this machine can: databases, admin pages, the metadata of a cloud.
//!
//! A name is resolved when a connection is opened, every address that it has is checked, and the connection goes to one of these: a name
//! that resolves differently a moment later gains nothing.

use super::host_resolver::{HostResolver, SystemHostResolver};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use url::{Host, Url};

/// Key under which the operator permits further addresses for webhooks.
const WEBHOOKS_KEY: &str = "webhooks.allow_private";

/// The targets that the operator permits besides public addresses.
#[derive(Debug, Clone)]
pub struct AddressGuard {
    allowed: Arc<Vec<AllowedAddress>>,
    /// The key of `cairn.toml` that permits more.
    key: &'static str,
}

impl Default for AddressGuard {
    fn default() -> Self {
        Self { allowed: Arc::default(), key: WEBHOOKS_KEY }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct AllowedAddress {
    what: AllowedTarget,
    /// `None`: every port.
    port: Option<u16>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum AllowedTarget {
    /// An address with the length of its network prefix.
    Network(IpAddr, u8),
    /// The name as it is in the address of the request.
    Name(String),
}

/// The error for an address that is not permitted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{host} resolves to {address}, {kind}: requests to it are blocked unless {key} in cairn.toml allows it")]
pub struct BlockedAddressError {
    host: String,
    address: IpAddr,
    kind: &'static str,
    key: &'static str,
}

impl AddressGuard {
    /// Parses `webhooks.allow_private`, or another key: addresses (`10.1.2.3`), networks (`10.0.0.0/8`) and names (`hooks.internal`), each
    /// with or without a port (`127.0.0.1:1234`, `[::1]:1234`). The error names the entry that is none of these.
    pub fn new(allowed: &[String]) -> Result<Self, String> {
        let read = |text: &String| {
            AllowedAddress::parse(text.trim()).ok_or_else(|| {
                format!(
                    "{text:?} is invalid: expected an address, a network or a name, such as 127.0.0.1:1234, \
                    10.0.0.0/8 or hooks.internal"
                )
            })
        };
        allowed
            .iter()
            .map(read)
            .collect::<Result<_, _>>()
            .map(|list| Self { allowed: Arc::new(list), key: WEBHOOKS_KEY })
    }

    /// The same for another key of `cairn.toml`, which errors name.
    #[must_use]
    pub fn with_config_key(self, key: &'static str) -> Self {
        Self { key, ..self }
    }

    fn check_address(&self, host: &str, port: u16, address: IpAddr) -> Result<(), BlockedAddressError> {
        let Some(kind) = non_public_kind(address) else { return Ok(()) };
        if self.allowed.iter().any(|a| a.allows_address(host, port, address)) {
            return Ok(());
        }
        Err(BlockedAddressError { host: host.to_owned(), address, kind, key: self.key })
    }

    /// Checks a literal address: no name is resolved. Returns an error if nothing may be sent there.
    pub fn check_url(&self, url: &Url) -> Result<(), BlockedAddressError> {
        let port = url.port_or_known_default().unwrap_or(0);
        match url.host() {
            Some(Host::Ipv4(ip)) => self.check_address(&ip.to_string(), port, ip.into()),
            Some(Host::Ipv6(ip)) => self.check_address(&ip.to_string(), port, ip.into()),
            Some(Host::Domain(_)) | None => Ok(()),
        }
    }

    /// Resolves names for connections to a port.
    pub fn dns_resolver(&self, port: u16) -> Arc<GuardedResolver> {
        self.dns_resolver_with(port, Arc::new(SystemHostResolver))
    }

    /// The same with another source of addresses than this machine.
    pub fn dns_resolver_with(&self, port: u16, names: Arc<dyn HostResolver>) -> Arc<GuardedResolver> {
        Arc::new(GuardedResolver { guard: self.clone(), port, names })
    }
}

impl AllowedAddress {
    fn parse(text: &str) -> Option<Self> {
        let build = |what, port| Some(Self { what, port });
        if let Ok(ip) = text.parse::<IpAddr>() {
            return build(AllowedTarget::Network(ip, full_prefix_length(ip)), None);
        }
        if let Ok(address) = text.parse::<SocketAddr>() {
            return build(AllowedTarget::Network(address.ip(), full_prefix_length(address.ip())), Some(address.port()));
        }
        if let Some((ip, length)) = text.split_once('/') {
            let (ip, length): (IpAddr, u8) = (ip.parse().ok()?, length.parse().ok()?);
            return if length <= full_prefix_length(ip) {
                build(AllowedTarget::Network(ip, length), None)
            } else {
                None
            };
        }
        let (name, port) = match text.rsplit_once(':') {
            Some((name, port)) => (name, Some(port.parse().ok()?)),
            None => (text, None),
        };
        let good = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'.';
        let is_name =
            !name.is_empty() && name.bytes().all(good) && !name.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        if is_name { build(AllowedTarget::Name(name.to_ascii_lowercase()), port) } else { None }
    }

    fn allows_address(&self, host: &str, port: u16, address: IpAddr) -> bool {
        if self.port.is_some_and(|p| p != port) {
            return false;
        }
        match &self.what {
            AllowedTarget::Name(name) => host.trim_end_matches('.').eq_ignore_ascii_case(name),
            AllowedTarget::Network(network, length) => {
                is_in_network(unmap_ipv4(address), unmap_ipv4(*network), *length)
            }
        }
    }
}

fn full_prefix_length(ip: IpAddr) -> u8 {
    if ip.is_ipv4() { 32 } else { 128 }
}

/// Converts an IPv4 address that is written as an IPv6 one.
fn unmap_ipv4(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(ip, IpAddr::V4),
        IpAddr::V4(_) => ip,
    }
}

fn is_in_network(ip: IpAddr, network: IpAddr, length: u8) -> bool {
    match (ip, network) {
        (IpAddr::V4(a), IpAddr::V4(b)) => {
            let shift = 32 - u32::from(length);
            u32::from(a).checked_shr(shift).unwrap_or(0) == u32::from(b).checked_shr(shift).unwrap_or(0)
        }
        (IpAddr::V6(a), IpAddr::V6(b)) => {
            let shift = 128 - u32::from(length);
            u128::from(a).checked_shr(shift).unwrap_or(0) == u128::from(b).checked_shr(shift).unwrap_or(0)
        }
        _ => false,
    }
}

/// Describes an address that is not part of the public internet.
fn non_public_kind(ip: IpAddr) -> Option<&'static str> {
    match ip {
        IpAddr::V4(v4) => non_public_kind_v4(v4),
        IpAddr::V6(v6) => non_public_kind_v6(v6),
    }
}

fn non_public_kind_v4(ip: Ipv4Addr) -> Option<&'static str> {
    match ip.octets() {
        [0, ..] => Some("this machine"),
        [127, ..] => Some("this machine (loopback)"),
        [10, ..] | [192, 168, ..] => Some("a private network"),
        [172, b, ..] if (16..32).contains(&b) => Some("a private network"),
        [100, b, ..] if (64..128).contains(&b) => Some("a provider's own network"),
        [169, 254, ..] => Some("a link-local address, where clouds serve their metadata"),
        // Of Azure; no network of its own, and reached from inside alone.
        [168, 63, 129, 16] => Some("a cloud metadata address"),
        [192, 0, 0, _] => Some("a reserved address"),
        [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => Some("a documentation address"),
        [192, 88, 99, _] => Some("a reserved address"),
        [198, 18..=19, ..] => Some("a benchmarking address"),
        [224..=239, ..] => Some("a multicast address"),
        [240..=255, ..] => Some("a reserved address"),
        _ => None,
    }
}

fn non_public_kind_v6(ip: Ipv6Addr) -> Option<&'static str> {
    let s = ip.segments();
    let embedded = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    // IPv4 addresses have further notations in IPv6: mapped, compatible, translated (NAT64), 6to4.
    if let Some(v4) = ip.to_ipv4_mapped() {
        return non_public_kind_v4(v4);
    }
    match s {
        [0, 0, 0, 0, 0, 0, 0, 0] => Some("this machine"),
        [0, 0, 0, 0, 0, 0, 0, 1] => Some("this machine (loopback)"),
        [0, 0, 0, 0, 0, 0, ..] => Some("a reserved address"),
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => non_public_kind_v4(embedded(high, low)),
        [0x2002, high, low, ..] => non_public_kind_v4(embedded(high, low)),
        // Teredo, ORCHID and others of the registry's special block.
        [0x2001, b, ..] if b < 0x200 => Some("a reserved address"),
        [0x2001, 0xdb8, ..] => Some("a documentation address"),
        [0x3fff, b, ..] if b < 0x1000 => Some("a documentation address"),
        [a, ..] if a & 0xe000 == 0x2000 => None,
        [a, ..] if a & 0xfe00 == 0xfc00 => Some("a private network"),
        [a, ..] if a & 0xffc0 == 0xfe80 => Some("a link-local address"),
        [a, ..] if a & 0xff00 == 0xff00 => Some("a multicast address"),
        _ => Some("a reserved address"),
    }
}

/// Resolves names for one client, and refuses addresses that are not permitted.
#[derive(Clone)]
pub struct GuardedResolver {
    guard: AddressGuard,
    port: u16,
    names: Arc<dyn HostResolver>,
}

impl GuardedResolver {
    /// Every address of a name, if connections to each of them are permitted.
    async fn resolve_allowed(&self, host: &str) -> Result<Vec<SocketAddr>, Box<dyn std::error::Error + Send + Sync>> {
        let addrs = self.names.resolve_host(host, self.port).await?;
        for address in &addrs {
            self.guard.check_address(host, self.port, address.ip())?;
        }
        Ok(addrs)
    }
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let this = self.clone();
        Box::pin(async move {
            let addrs = this.resolve_allowed(name.as_str()).await?;
            Ok(Box::new(addrs.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn non_public_addresses_are_recognised() {
        for private in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "10.255.255.255",
            "100.64.0.1",
            "100.127.255.255",
            "100.100.100.200",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
            "168.63.129.16",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.0.192",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::1",
            "2002:7f00:1::",
            "2002:a00:1::1",
            "2001::1",
            "2001:10::1",
            "2001:db8::1",
            "3fff::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "100::1",
            "4000::1",
            "::ffff:0:127.0.0.1",
        ] {
            assert!(non_public_kind(private.parse().unwrap()).is_some(), "{private}");
        }
        for public in [
            "1.1.1.1",
            "8.8.8.8",
            "100.63.0.1",
            "100.128.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "192.1.0.1",
            "198.17.0.1",
            "223.255.255.255",
            "2606:4700::1111",
            "2a00:1450:4001::1",
            "::ffff:8.8.8.8",
            "64:ff9b::808:808",
            "2002:808:808::1",
        ] {
            assert_eq!(non_public_kind(public.parse().unwrap()), None, "{public}");
        }
    }

    #[test]
    fn private_addresses_are_refused_in_any_spelling() {
        let guard = AddressGuard::default();
        for url in [
            "http://127.0.0.1/",
            "http://127.1/",
            "http://0x7f000001/",
            "http://2130706433/",
            "http://0177.0.0.1/",
            "http://[::1]/",
            "http://[::ffff:169.254.169.254]/",
            "http://[::ffff:a9fe:a9fe]/",
            "http://0/",
            "http://127.0.0.1./",
            "http://①②⑦.0.0.1/",
            "http://[0:0:0:0:0:0:0:1]/",
            "http://169.254.169.254/latest/meta-data/",
            "http://[fd00:ec2::254]/",
        ] {
            let url = Url::parse(url).unwrap_or_else(|e| panic!("{url}: {e}"));
            assert!(guard.check_url(&url).is_err(), "{url}");
        }
        assert!(guard.check_url(&Url::parse("https://8.8.8.8/").unwrap()).is_ok());
    }

    #[tokio::test]
    async fn host_names_are_checked_by_their_resolved_addresses() {
        let error =
            AddressGuard::default().dns_resolver(80).resolve_allowed("localhost").await.unwrap_err().to_string();
        assert!(error.contains("allow_private") && error.contains("localhost"), "{error}");
        // Machines that can resolve this spelling must refuse it as well.
        assert!(AddressGuard::default().dns_resolver(80).resolve_allowed("localhost.").await.is_err());
        let allowing = AddressGuard::new(&["localhost".into()]).unwrap();
        assert!(!allowing.dns_resolver(80).resolve_allowed("localhost").await.unwrap().is_empty());
        let another = AddressGuard::new(&["localhost:81".into()]).unwrap();
        assert!(another.dns_resolver(80).resolve_allowed("localhost").await.is_err());
    }

    #[test]
    fn allow_list_entries_match_hosts_ports_and_ranges() {
        let allows = |entry: &str, url: &str| {
            AddressGuard::new(&[entry.into()]).unwrap().check_url(&Url::parse(url).unwrap()).is_ok()
        };
        assert!(allows("127.0.0.1:1234", "http://127.0.0.1:1234/x"));
        assert!(!allows("127.0.0.1:1234", "http://127.0.0.1:1235/x"));
        assert!(!allows("127.0.0.1:1234", "http://127.0.0.2:1234/x"));
        assert!(allows("127.0.0.1", "http://127.0.0.1:1235/x"));
        assert!(allows("127.0.0.1", "http://[::ffff:127.0.0.1]:1235/x"));
        assert!(allows("10.0.0.0/8", "http://10.9.8.7/"));
        assert!(!allows("10.0.0.0/8", "http://11.9.8.7/") || non_public_kind("11.9.8.7".parse().unwrap()).is_none());
        assert!(!allows("10.0.0.0/8", "http://192.168.0.1/"));
        assert!(allows("[::1]:9", "http://[::1]:9/"));
        assert!(allows("fd00::/8", "http://[fd12::1]/"));
        assert!(allows("0.0.0.0/0", "http://192.168.0.1/"));
        for bad in ["", "10.0.0.0/33", "10.0.0/8", "a b", "host:port", "::1:70000:x", "http://x", "1.2.3"] {
            assert!(AddressGuard::new(&[bad.into()]).is_err(), "{bad}");
        }
    }
}
