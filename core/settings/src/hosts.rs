//! Names of hosts, in tenants' declarations and requests: normalised, so that comparing is comparing bytes.

use std::fmt;

/// Longest name, in bytes (RFC 1035).
const MAX_HOST_BYTES: usize = 253;

/// A host's name: lower case, without port and trailing dot. Only what the name system allows; names in other scripts are in their `xn--`
/// form. An IPv6 address retains its brackets.
#[derive(Clone, Copy)]
pub struct HostName {
    bytes: [u8; MAX_HOST_BYTES],
    length: u8,
}

impl HostName {
    /// Parses the host of `host` or `host:port`, such as in a `Host` header; `None` if it is invalid. Allocates nothing.
    pub fn parse(text: &[u8]) -> Option<Self> {
        let (name, port) = match text {
            [b'[', ..] => text.split_at(text.iter().position(|&b| b == b']')? + 1),
            _ => text.split_at(text.iter().position(|&b| b == b':').unwrap_or(text.len())),
        };
        let port_is_good = match port {
            [] => true,
            [b':', digits @ ..] => digits.len() <= 5 && digits.iter().all(u8::is_ascii_digit),
            _ => false,
        };
        let name = name.strip_suffix(b".").unwrap_or(name);
        if !port_is_good || name.len() > MAX_HOST_BYTES || !is_name(name) {
            return None;
        }
        let mut host = Self { bytes: [0; MAX_HOST_BYTES], length: name.len() as u8 };
        for (lower, byte) in host.bytes.iter_mut().zip(name) {
            *lower = byte.to_ascii_lowercase();
        }
        Some(host)
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        // The bytes are ASCII.
        std::str::from_utf8(&self.bytes[..usize::from(self.length)]).unwrap_or_default()
    }
}

impl fmt::Debug for HostName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl PartialEq for HostName {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

/// Labels of letters, digits, `-` and `_` (which container networks use); or an address of IPv6 in brackets.
fn is_name(name: &[u8]) -> bool {
    if let [b'[', address @ .., b']'] = name {
        return std::str::from_utf8(address).is_ok_and(|a| a.parse::<std::net::Ipv6Addr>().is_ok());
    }
    let label = |label: &[u8]| {
        (1..=63).contains(&label.len())
            && label.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
            && !label.starts_with(b"-")
            && !label.ends_with(b"-")
    };
    name.split(|&b| b == b'.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse_host(text: &str) -> Option<String> {
        HostName::parse(text.as_bytes()).map(|h| h.as_str().to_owned())
    }

    #[test]
    fn host_names_are_normalised() {
        for (text, host) in [
            ("mrdj.example.com", "mrdj.example.com"),
            ("MrDJ.Example.COM:8080", "mrdj.example.com"),
            ("mrdj.example.com.", "mrdj.example.com"),
            ("mrdj.example.com.:443", "mrdj.example.com"),
            ("localhost:", "localhost"),
            ("xn--bcher-kva.example", "xn--bcher-kva.example"),
            ("XN--BCHER-KVA.example", "xn--bcher-kva.example"),
            ("my_service", "my_service"),
            ("127.0.0.1:1337", "127.0.0.1"),
            ("[::1]:1337", "[::1]"),
            ("[2001:DB8::1]", "[2001:db8::1]"),
        ] {
            assert_eq!(parse_host(text).as_deref(), Some(host), "{text}");
        }
    }

    #[test]
    fn invalid_hosts_are_rejected() {
        let (label, name) = ("a".repeat(64), "a.".repeat(127));
        let huge = "a".repeat(100_000);
        for bad in [
            "",
            ".",
            "..",
            "a..b",
            ".a",
            "a..",
            ":80",
            "a:b",
            "a:123456",
            "a:80:80",
            "a b",
            "a,b",
            "a/b",
            "a\\b",
            "a@b",
            "user@a:80",
            "a%2e",
            "é.example",
            "a\t",
            " a",
            "a ",
            "a\0",
            "-a",
            "a-",
            "*",
            "*.a",
            "[::1",
            "::1",
            "[::1]x",
            "[g::]",
            "[]",
            "[127.0.0.1]",
            "a;b",
            "a\"b",
            "a#b",
            "a?b",
            "http://a",
            &label,
            &format!("{name}a"),
            &huge,
        ] {
            assert_eq!(parse_host(bad), None, "{bad:?}");
        }
        assert_eq!(parse_host(&format!("{}b", "a.".repeat(126))).map(|h| h.len()), Some(253));
        for bytes in [&b"a\xff"[..], b"\xc3\xa9", b"a\r\nb", b"a\x7f"] {
            assert_eq!(HostName::parse(bytes), None);
        }
    }
}
