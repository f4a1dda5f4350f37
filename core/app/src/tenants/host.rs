//! The host a request is for: what its tenant is found by.

use crate::config::Config;
use cairn_settings::HostName;
use http::header::HOST;
use http::{HeaderMap, Uri};
use std::net::IpAddr;

/// The host, or `None` where the request does not say it, or says more than one: a proxy and Cairn might each believe
/// another. The forwarded host counts from trusted proxies alone.
pub(super) fn request_host(config: &Config, uri: &Uri, headers: &HeaderMap, peer: IpAddr) -> Option<HostName> {
    let mut all = headers.get_all(HOST).iter();
    let (Some(host), None) = (all.next(), all.next()) else { return None };
    let host = HostName::parse(host.as_bytes())?;
    // A target with a host of its own (`GET http://a/ HTTP/1.1`) must be for the same one.
    if let Some(authority) = uri.authority()
        && HostName::parse(authority.as_str().as_bytes())? != host
    {
        return None;
    }
    if !config.server.trusts_proxy(peer) {
        return Some(host);
    }
    let mut forwarded = None;
    for value in headers.get_all("x-forwarded-host").iter().flat_map(|v| v.as_bytes().split(|&b| b == b',')) {
        let host = HostName::parse(value.trim_ascii())?;
        if forwarded.is_some_and(|before| before != host) {
            return None;
        }
        forwarded = Some(host);
    }
    Some(forwarded.unwrap_or(host))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderName, HeaderValue};

    fn host(trusted: bool, uri: &str, headers: &[(&str, &str)]) -> Option<String> {
        let mut config = Config::default();
        let peer: IpAddr = "10.0.0.1".parse().unwrap();
        if trusted {
            config.server.trusted_proxies = vec![peer];
        }
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap());
        }
        request_host(&config, &uri.parse().unwrap(), &map, peer).map(|h| h.as_str().to_owned())
    }

    #[test]
    fn exactly_one_valid_host_header_is_required() {
        assert_eq!(host(false, "/", &[("host", "A.example:80")]).as_deref(), Some("a.example"));
        for headers in [
            &[][..],
            &[("host", "")],
            &[("host", "a"), ("host", "a")],
            &[("host", "a, b")],
            &[("host", "a@b")],
            &[("x-forwarded-host", "a")],
        ] {
            assert_eq!(host(false, "/", headers), None, "{headers:?}");
        }
    }

    #[test]
    fn absolute_target_must_match_the_host_header() {
        for (target, expected) in [
            ("http://a.example/x", Some("a.example")),
            ("http://A.example.:8080/x", Some("a.example")),
            ("http://b.example/x", None),
            ("http://a.example@b.example/", None),
            ("http://u:p@a.example/", None),
        ] {
            assert_eq!(host(false, target, &[("host", "a.example")]).as_deref(), expected, "{target}");
        }
        assert_eq!(host(false, "http://a.example/", &[]), None);
    }

    #[test]
    fn forwarded_hosts_are_used_only_from_trusted_proxies() {
        let forwarded = |trusted, values: &[&str]| {
            let mut headers = vec![("host", "inner")];
            headers.extend(values.iter().map(|v| ("x-forwarded-host", *v)));
            host(trusted, "/", &headers)
        };
        assert_eq!(forwarded(false, &["b"]).as_deref(), Some("inner"));
        assert_eq!(forwarded(false, &["b, c", "%"]).as_deref(), Some("inner"));
        assert_eq!(forwarded(true, &["b:443"]).as_deref(), Some("b"));
        assert_eq!(forwarded(true, &["b", "B."]).as_deref(), Some("b"));
        assert_eq!(forwarded(true, &[]).as_deref(), Some("inner"));
        for bad in [&["b, c"][..], &["b", "c"], &[""], &["b,"], &["%"]] {
            assert_eq!(forwarded(true, bad), None, "{bad:?}");
        }
    }
}
