//! The form of a webhook's address. Its target is checked whenever something is sent there.

use ::url::Url;

/// Longest address, in bytes.
const MAX_URL_BYTES: usize = 2_048;
/// Ports of services that respond to any connection: HTTP means nothing to them, and may do harm.
const FORBIDDEN_PORTS: &[u16] = &[
    21, 22, 23, 25, 53, 110, 119, 135, 139, 143, 389, 445, 465, 514, 587, 636, 993, 995, 2049, 3306, 5432, 6379, 11211,
];

/// Checks an address and returns it in its normal form (`http://127.1` is `http://127.0.0.1/`). The error describes the problem, without
/// the address, which may contain a secret.
pub fn check_url(text: &str) -> Result<Url, String> {
    if text.len() > MAX_URL_BYTES {
        return Err(format!("must have at most {MAX_URL_BYTES} characters"));
    }
    let url = Url::parse(text).map_err(|_| "expected an address such as https://example.com/hook".to_owned())?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err("must begin with https:// or http://".to_owned());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must not contain a user or a password; use an Authorization header instead".to_owned());
    }
    if url.fragment().is_some() {
        return Err("must not contain a #: the part after it is never sent".to_owned());
    }
    let port = url.port_or_known_default().unwrap_or(0);
    if FORBIDDEN_PORTS.contains(&port) || port == 0 {
        return Err(format!("port {port} is not used for HTTP"));
    }
    match url.host_str() {
        Some(host) if !host.is_empty() => Ok(url),
        _ => Err("must contain a host".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unsafe_or_malformed_webhook_urls_are_rejected() {
        for good in [
            "https://example.com",
            "http://example.com:8080/a?b=c",
            "https://[2001:db8::1]/x",
            "http://bücher.example/",
        ] {
            assert!(check_url(good).is_ok(), "{good}");
        }
        for (bad, part) in [
            ("", "expected"),
            ("example.com", "expected"),
            ("/hook", "expected"),
            ("gopher://example.com", "https://"),
            ("file:///etc/passwd", "https://"),
            ("ftp://example.com", "https://"),
            ("javascript:alert(1)", "https://"),
            ("http://user:secret@example.com", "user or a password"),
            ("http://127.0.0.1@example.com", "user or a password"),
            ("http://example.com/#x", "#"),
            ("http://example.com:25/", "port 25"),
            ("http://example.com:6379/", "port 6379"),
            ("http://example.com:0/", "port 0"),
            ("http://", "expected"),
            ("http://exa mple.com", "expected"),
            ("http://a:99999/", "expected"),
        ] {
            let error = check_url(bad).unwrap_err();
            assert!(error.contains(part) && !error.contains("secret"), "{bad}: {error}");
        }
        assert!(check_url(&format!("https://example.com/{}", "a".repeat(3_000))).is_err());
    }

    #[test]
    fn loopback_spellings_normalise_to_one_address() {
        for odd in
            ["http://127.1/", "http://0x7f000001/", "http://2130706433/", "http://017700000001/", "http://127.0.0.1/"]
        {
            assert_eq!(check_url(odd).unwrap().host_str(), Some("127.0.0.1"), "{odd}");
        }
    }
}
