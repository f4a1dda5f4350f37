//! Where a plugin may send requests: `https://api.example.com/v2/*`.

use crate::manifest::{choice_reference, is_choice_reference};
use crate::names;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use url::{Host, Url};

/// In place of a scheme: the address is a reference to a choice, which has that name in place of a host.
const CHOICE: &str = "choice";
/// In place of a scheme: the address is the value of a secret, which has that name in place of a host.
const SECRET: &str = "secret";
/// Beginning of a reference to a secret.
const SECRET_PREFIX: &str = "secret:";
/// Longest address, in bytes.
const MAX_ADDRESS_BYTES: usize = 500;

/// Scheme, host, port and path of a granted address. The host may begin with `*.`, which stands for exactly one label; the path may
/// end with `/*`, which stands for everything below it. There are no other wildcards. In a manifest it may also be a reference to a choice
/// of addresses, which is resolved before anything is granted and matches nothing; or to a secret whose value is the address, which matches
/// no URL either: requests name the secret.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AddressPattern {
    scheme: String,
    /// Without the `*.`.
    host: String,
    any_subdomain: bool,
    port: u16,
    /// Without the `*`: ends with `/` where everything below is meant.
    path: String,
    any_below: bool,
}

impl AddressPattern {
    /// True if a request may go to this URL. One with a user name or a password may go nowhere, and below a path so may none whose
    /// own path a server could read as leading out of it.
    pub fn matches_url(&self, url: &Url) -> bool {
        !self.is_reference()
            && url.scheme() == self.scheme
            && url.port_or_known_default() == Some(self.port)
            && url.username().is_empty()
            && url.password().is_none()
            && url.host_str().is_some_and(|host| self.matches_host(host))
            && self.matches_path(url.path())
    }

    /// True if every URL that fits `other` fits this one too.
    pub fn covers(&self, other: &Self) -> bool {
        let host = match (self.any_subdomain, other.any_subdomain) {
            (true, false) => self.matches_host(&other.host),
            (own_wildcard, other_wildcard) => own_wildcard == other_wildcard && self.host == other.host,
        };
        let path = match (self.any_below, other.any_below) {
            (true, _) => other.path.starts_with(&self.path),
            (false, below) => !below && self.path == other.path,
        };
        self.scheme == other.scheme && self.port == other.port && host && path
    }

    /// Returns the pattern of the addresses that fit both; `None` if none does.
    pub fn intersect_with(&self, other: &Self) -> Option<Self> {
        let narrower_host = match (self.any_subdomain, other.any_subdomain) {
            (true, false) => self.matches_host(&other.host).then_some(other),
            (false, true) => other.matches_host(&self.host).then_some(self),
            _ => (self.host == other.host).then_some(self),
        }?;
        let narrower_path = match (self.any_below, other.any_below) {
            (true, _) if other.path.starts_with(&self.path) => other,
            (_, true) if self.path.starts_with(&other.path) => self,
            (false, false) if self.path == other.path => self,
            _ => return None,
        };
        if self.scheme != other.scheme || self.port != other.port {
            return None;
        }
        let (path, any_below) = (narrower_path.path.clone(), narrower_path.any_below);
        Some(Self { path, any_below, ..narrower_host.clone() })
    }

    /// The name of the choice that it refers to; `None` for an address.
    pub fn choice(&self) -> Option<&str> {
        (self.scheme == CHOICE).then_some(self.host.as_str())
    }

    /// The name of the secret whose value is the address; `None` for an address that anybody may read.
    pub fn secret(&self) -> Option<&str> {
        (self.scheme == SECRET).then_some(self.host.as_str())
    }

    /// True if something else decides which address it is.
    pub(crate) fn is_reference(&self) -> bool {
        matches!(self.scheme.as_str(), CHOICE | SECRET)
    }

    fn to_reference(scheme: &str, name: &str) -> Self {
        let (scheme, host, path) = (scheme.to_owned(), name.to_owned(), String::new());
        Self { scheme, host, any_subdomain: false, port: 0, path, any_below: false }
    }

    /// True if what is sent there can be read on the way.
    pub fn is_plain_text(&self) -> bool {
        self.scheme == "http"
    }

    fn matches_host(&self, host: &str) -> bool {
        if !self.any_subdomain {
            return host == self.host;
        }
        let label = host.strip_suffix(self.host.as_str()).and_then(|rest| rest.strip_suffix('.'));
        label.is_some_and(|label| !label.is_empty() && !label.contains('.'))
    }

    fn matches_path(&self, path: &str) -> bool {
        if !self.any_below {
            return path == self.path;
        }
        path.starts_with(&self.path) && (self.path == "/" || !may_escape_path(path))
    }
}

/// The name of the secret in `secret:<name>`; `None` for any other text.
pub fn secret_reference(text: &str) -> Option<&str> {
    text.strip_prefix(SECRET_PREFIX).filter(|name| names::is_kebab(name))
}

/// True if a server might take a part of the path for `..`: the URL's own dots are resolved already, these are not.
fn may_escape_path(path: &str) -> bool {
    let bytes = path.as_bytes();
    bytes.windows(3).any(|w| w.eq_ignore_ascii_case(b"%2f") || w.eq_ignore_ascii_case(b"%5c"))
        || path.split('/').any(|segment| segment.starts_with("..;") || segment.starts_with(".;"))
}

impl FromStr for AddressPattern {
    type Err = String;

    /// # Errors
    /// What is wrong, to follow the address in a sentence, and what to write instead.
    fn from_str(text: &str) -> Result<Self, String> {
        if text.len() > MAX_ADDRESS_BYTES {
            return Err(format!("is longer than {MAX_ADDRESS_BYTES} characters"));
        }
        if let Some(name) = choice_reference(text).filter(|_| is_choice_reference(text)) {
            return Ok(Self::to_reference(CHOICE, name));
        }
        if let Some(name) = secret_reference(text) {
            return Ok(Self::to_reference(SECRET, name));
        }
        if text.starts_with(SECRET_PREFIX) {
            return Err("does not name a secret; write it as \"secret:webhook-address\"".into());
        }
        let Some((scheme, rest)) = text.split_once("://").filter(|(scheme, _)| matches!(*scheme, "https" | "http"))
        else {
            return Err("has no scheme; write it as \"https://host/path/*\"".into());
        };
        let Some(slash) = rest.find('/') else {
            return Err(format!("has no path; write \"{text}/*\" to allow the whole host"));
        };
        let (authority, path) = rest.split_at(slash);
        if authority.contains('@') {
            return Err("contains a user name; remove it and send a secret header instead".into());
        }
        if path.contains(['?', '#', '\\']) {
            return Err("must end after the path: a query or a fragment is not allowed".into());
        }
        let (any_subdomain, authority) = match authority.strip_prefix("*.") {
            Some(rest) => (true, rest),
            None => (false, authority),
        };
        let (any_below, path) = match path.strip_suffix("/*") {
            Some(rest) => (true, format!("{rest}/")),
            None => (false, path.to_owned()),
        };
        if authority.contains('*') || path.contains('*') {
            return Err("has a `*` in a position where it is not allowed; use it only as the first label of the host (\"https://*.example.com/…\") \
                        and at the end of the path (\"…/v2/*\")"
                .into());
        }
        let url = Url::parse(&format!("{scheme}://{authority}{path}"))
            .map_err(|problem| format!("is not a valid address: {problem}"))?;
        if url.path() != path || may_escape_path(&path) {
            return Err(format!("has a path that is not in its normal form; write \"{}\"", url.path()));
        }
        let Some(host) = url.host() else { return Err("has no host".into()) };
        if any_subdomain && !matches!(host, Host::Domain(name) if name.contains('.')) {
            return Err("matches too many hosts; use `*.` only before a name with at least two labels".into());
        }
        let Some(port) = url.port_or_known_default() else { return Err("has no port".into()) };
        let host = host.to_string();
        Ok(Self { scheme: scheme.to_owned(), host, any_subdomain, port, path, any_below })
    }
}

impl TryFrom<String> for AddressPattern {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<AddressPattern> for String {
    fn from(address: AddressPattern) -> Self {
        address.to_string()
    }
}

impl fmt::Display for AddressPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_reference() {
            return write!(f, "{}:{}", self.scheme, self.host);
        }
        let label = if self.any_subdomain { "*." } else { "" };
        write!(f, "{}://{label}{}", self.scheme, self.host)?;
        if !matches!((self.scheme.as_str(), self.port), ("https", 443) | ("http", 80)) {
            write!(f, ":{}", self.port)?;
        }
        write!(f, "{}{}", self.path, if self.any_below { "*" } else { "" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse_pattern(text: &str) -> AddressPattern {
        text.parse().unwrap_or_else(|e| panic!("{text} {e}"))
    }

    fn pattern_matches(pattern: &str, url: &str) -> bool {
        parse_pattern(pattern).matches_url(&Url::parse(url).unwrap())
    }

    #[test]
    fn scheme_host_port_and_path_must_match() {
        let pattern = "https://api.example.com/v2/*";
        for url in [
            "https://api.example.com/v2/",
            "https://API.example.com:443/v2/x?y=1#z",
            "https://api.example.com/v2/a/b",
            "https://api.example.com/v1/../v2/a",
        ] {
            assert!(pattern_matches(pattern, url), "{url}");
        }
        for url in [
            "http://api.example.com/v2/x",
            "https://api.example.com:8443/v2/x",
            "https://api.example.com/v2",
            "https://api.example.com/v20/x",
            "https://api.example.com.evil.example/v2/x",
            "https://evil-api.example.com/v2/x",
            "https://api.example.com./v2/x",
            "https://api.example.com@evil.example/v2/x",
            "https://user@api.example.com/v2/x",
            "https://user:secret@api.example.com/v2/x",
            "https://evil.example/https://api.example.com/v2/x",
        ] {
            assert!(!pattern_matches(pattern, url), "{url}");
        }
    }

    #[test]
    fn dot_segments_cannot_escape_the_path_prefix() {
        for path in
            ["v2/../admin", "v2/%2e%2e/admin", "v2/..%2fadmin", "v2/..%5Cadmin", "v2/..;/admin", "v2/.%2E/admin"]
        {
            assert!(!pattern_matches("https://a.example/v2/*", &format!("https://a.example/{path}")), "{path}");
        }
        assert!(pattern_matches("https://a.example/*", "https://a.example/a%2Fb"));
    }

    #[test]
    fn wildcards_match_exactly_one_label() {
        assert!(pattern_matches("https://*.example.com/*", "https://eu.example.com/x"));
        for url in
            ["https://example.com/x", "https://a.b.example.com/x", "https://.example.com/x", "https://xexample.com/"]
        {
            assert!(Url::parse(url).is_err() || !pattern_matches("https://*.example.com/*", url), "{url}");
        }
        assert!(pattern_matches("https://a.example/hook", "https://a.example/hook?x=1"));
        assert!(!pattern_matches("https://a.example/hook", "https://a.example/hook/"));
        assert!(pattern_matches("https://bücher.example/*", "https://xn--bcher-kva.example/"));
        assert!(pattern_matches("https://[2001:db8::1]:8443/*", "https://[2001:db8:0::1]:8443/x"));
    }

    #[test]
    fn invalid_patterns_are_refused() {
        for bad in [
            "",
            "*",
            "https://*",
            "https://*/*",
            "https://*.com/*",
            "https://*.*.example.com/*",
            "https://a.*.com/*",
            "https://a.example",
            "https://a.example/*/b",
            "https://a.example/a*",
            "https://a.example/x?y=*",
            "https://a.example/x#y",
            "https://u:p@a.example/*",
            "https://a.example/a/../b/*",
            "https://a.example/%2e%2e/*",
            "https://a.example\\evil/*",
            "ftp://a.example/*",
            "//a.example/*",
            "https://a.example:99999/*",
            "https:///x/*",
            "https://a b/*",
            "https://*.127.0.0.1/*",
        ] {
            assert!(bad.parse::<AddressPattern>().is_err(), "{bad}");
        }
        assert!(format!("https://a.example/{}", "x".repeat(600)).parse::<AddressPattern>().is_err());
        assert!("https://a.example".parse::<AddressPattern>().unwrap_err().contains("\"https://a.example/*\""));
    }

    #[test]
    fn references_to_choices_match_nothing() {
        let reference = parse_pattern("choice:api");
        assert_eq!(reference.choice(), Some("api"));
        for url in ["choice://api", "choice:api", "https://api/", "choice://api/"] {
            assert!(!reference.matches_url(&Url::parse(url).unwrap()), "{url}");
        }
        assert!(
            !reference.covers(&parse_pattern("https://api/*")) && !parse_pattern("https://api/*").covers(&reference)
        );
        assert!("choice://api/*".parse::<AddressPattern>().is_err() && "choice:A".parse::<AddressPattern>().is_err());
    }

    #[test]
    fn references_to_secrets_match_no_url() {
        let reference = parse_pattern("secret:team-chat");
        assert_eq!((reference.secret(), reference.choice()), (Some("team-chat"), None));
        assert_eq!(parse_pattern("choice:api").secret(), None);
        for url in ["secret://team-chat", "secret:team-chat", "https://team-chat/", "secret://team-chat/"] {
            assert!(!reference.matches_url(&Url::parse(url).unwrap()), "{url}");
        }
        assert!(reference.covers(&reference) && reference.intersect_with(&reference).is_some());
        for other in ["https://team-chat/*", "secret:other", "choice:team-chat"] {
            let other = parse_pattern(other);
            assert!(!reference.covers(&other) && !other.covers(&reference), "{other}");
            assert_eq!(reference.intersect_with(&other), None, "{other}");
        }
        for bad in ["secret:", "secret:A", "secret://team-chat/*", "secret:team-chat/x", "secret:*", "secret:a?b=c"] {
            let problem = bad.parse::<AddressPattern>().unwrap_err();
            assert!(problem.contains("does not name a secret"), "{bad}: {problem}");
            assert_eq!(secret_reference(bad), None, "{bad}");
        }
    }

    #[test]
    fn patterns_cover_only_narrower_patterns() {
        let covers = |a: &str, b: &str| parse_pattern(a).covers(&parse_pattern(b));
        assert!(covers("https://a.example/*", "https://a.example/v2/*"));
        assert!(covers("https://a.example/v2/*", "https://a.example/v2/x"));
        assert!(covers("https://*.b.example/*", "https://a.b.example/*"));
        for (a, b) in [
            ("https://a.example/v2/*", "https://a.example/*"),
            ("https://a.example/v2/x", "https://a.example/v2/*"),
            ("https://a.b.example/*", "https://*.b.example/*"),
            ("https://a.example/*", "http://a.example/*"),
            ("https://a.example/*", "https://a.example:8443/*"),
        ] {
            assert!(!covers(a, b), "{a} {b}");
        }
    }

    #[test]
    fn patterns_intersect_in_their_common_addresses() {
        let meet = |a: &str, b: &str| parse_pattern(a).intersect_with(&parse_pattern(b)).map(|m| m.to_string());
        for (a, b, both) in [
            ("https://*.b.example/v2/*", "https://a.b.example/*", Some("https://a.b.example/v2/*")),
            ("https://a.example/*", "https://a.example/x", Some("https://a.example/x")),
            ("https://a.example/x/*", "https://a.example/y/*", None),
            ("https://a.example/x", "https://a.example/y", None),
            ("https://a.example/*", "https://b.example/*", None),
            ("https://a.example/*", "http://a.example/*", None),
            ("https://a.example/*", "https://a.example:8443/*", None),
        ] {
            assert_eq!(meet(a, b).as_deref(), both, "{a} {b}");
            assert_eq!(meet(b, a).as_deref(), both, "{b} {a}");
        }
    }

    #[test]
    fn patterns_round_trip_through_text() {
        for text in [
            "https://*.example.com:8443/v2/*",
            "http://a.example/",
            "https://[::1]/*",
            "https://a.example/*",
            "choice:api",
            "secret:team-chat",
        ] {
            assert_eq!(parse_pattern(text).to_string(), text);
        }
    }
}
