//! Headers of requests: those of the plugin, and those that hold a secret.

use crate::contract::bindings::types::Error;
use crate::contract::guest_errors::{denied_error, invalid_field};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

/// Most headers of a request.
const MAX_HEADERS: usize = 64;
/// All of them together, in bytes.
const MAX_HEADER_BYTES: usize = 32 << 10;
/// Headers that the host sets, or that are between two machines only.
const HOST_HEADERS: [&str; 11] = [
    "accept-encoding",
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
];
/// Headers with credentials, which are not sent to another host.
const CREDENTIAL_HEADERS: [&str; 3] = ["authorization", "cookie", "proxy-authorization"];

/// A header that a secret is put into.
#[derive(Debug, Clone)]
pub(crate) struct SecretHeader {
    pub(crate) name: HeaderName,
    /// Of the secret; what it is stands in [`Self::value`].
    pub(crate) secret: String,
    /// Prefix and secret.
    value: HeaderValue,
}

impl SecretHeader {
    /// `at`: where in the request it stands.
    pub(crate) fn new(at: &str, name: &str, prefix: &str, secret: &str, value: &str) -> Result<Self, Error> {
        let name = header_name(&format!("{at}.name"), name)?;
        let value = HeaderValue::try_from(format!("{prefix}{value}"));
        let mut value = value.map_err(|_| {
            let message =
                format!("the prefix or the secret {secret:?} contains characters that are not allowed in a header");
            invalid_field(at, "header", message)
        })?;
        // Sensitive values are hidden in `Debug` output.
        value.set_sensitive(true);
        Ok(Self { name, secret: secret.to_owned(), value })
    }

    pub(crate) fn insert_into(&self, headers: &mut HeaderMap) {
        headers.insert(self.name.clone(), self.value.clone());
    }
}

/// The headers of a request as a plugin gives them.
pub(crate) fn parse_headers(at: &str, pairs: &[(String, String)]) -> Result<HeaderMap, Error> {
    let bytes: usize = pairs.iter().map(|(name, value)| name.len() + value.len()).sum();
    if pairs.len() > MAX_HEADERS || bytes > MAX_HEADER_BYTES {
        return Err(invalid_field(
            &format!("{at}.headers"),
            "too-many",
            format!(
                "{} headers of {bytes} bytes; the limit is {MAX_HEADERS} headers of {MAX_HEADER_BYTES} bytes in total",
                pairs.len()
            ),
        ));
    }
    let mut headers = HeaderMap::with_capacity(pairs.len());
    for (i, (name, value)) in pairs.iter().enumerate() {
        let at = format!("{at}.headers[{i}]");
        let name = header_name(&at, name)?;
        let value = HeaderValue::try_from(value.as_str()).map_err(|_| {
            invalid_field(
                &at,
                "header",
                format!("the value of {name} contains characters that are not allowed in a header"),
            )
        })?;
        headers.append(name, value);
    }
    Ok(headers)
}

fn header_name(at: &str, name: &str) -> Result<HeaderName, Error> {
    let name = HeaderName::try_from(name)
        .map_err(|_| invalid_field(at, "header", format!("{name:?} is not a valid header name")))?;
    let known = name.as_str();
    if HOST_HEADERS.contains(&known) || known.starts_with("proxy-") {
        return Err(denied_error(format!("the header {known} is set by Cairn")));
    }
    Ok(name)
}

/// Removes headers that must not be sent to another host.
pub(super) fn remove_credentials(headers: &mut HeaderMap) {
    for name in CREDENTIAL_HEADERS {
        headers.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn malformed_and_reserved_headers_are_refused() {
        for (name, value) in
            [("x-a", "b\r\nhost: evil.test"), ("x-a", "a\0"), ("x a", "b"), ("", "b"), ("x-a\n", "b"), ("x:a", "b")]
        {
            assert!(parse_headers("requests[0]", &[(name.into(), value.into())]).is_err(), "{name:?} {value:?}");
        }
        for name in
            ["Host", "content-length", "Transfer-Encoding", "connection", "Proxy-Authorization", "Accept-Encoding"]
        {
            assert!(
                matches!(parse_headers("requests[0]", &[(name.into(), "x".into())]), Err(Error::Denied(_))),
                "{name}"
            );
        }
        let map = parse_headers("requests[0]", &[("X-A".into(), "1".into()), ("x-a".into(), "2".into())]).unwrap();
        assert_eq!(map.get_all("x-a").iter().count(), 2);
        let flood: Vec<(String, String)> = (0..100).map(|n| (format!("x-{n}"), "y".into())).collect();
        assert!(parse_headers("requests[0]", &flood).is_err());
        assert!(parse_headers("requests[0]", &[("x-a".into(), "y".repeat(40_000))]).is_err());
    }

    #[test]
    fn secret_headers_are_hidden_in_debug_and_errors() {
        let header = SecretHeader::new("requests[0]", "authorization", "Bearer ", "key", "swordfish").unwrap();
        assert!(!format!("{header:?}").contains("swordfish"));
        let mut headers = HeaderMap::new();
        header.insert_into(&mut headers);
        assert_eq!(headers["authorization"], "Bearer swordfish");
        let error = SecretHeader::new("requests[0]", "authorization", "", "key", "sword\nfish").unwrap_err();
        assert!(!format!("{error:?}").contains("fish"));
    }
}
