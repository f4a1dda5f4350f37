//! Origins of websites, as browsers send them: scheme, host and port. It knows no host.

/// The origin of a website. Two that differ in case, or in a port that goes without saying, are one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Origin {
    is_secure: bool,
    /// In lower case.
    host: String,
    port: u16,
}

impl Origin {
    /// Reads `https://www.example.com`, with or without a port and a slash at the end; none for anything else, such as `null` or an address
    /// with a path.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (is_secure, rest) = split_scheme(text.trim_end_matches('/'))?;
        Self::build(is_secure, rest)
    }

    /// The origin of this server's own pages: those of the site's scheme, with the host and port that the browser asked (`Host`).
    pub(crate) fn of_request(site_url: &str, host: &str) -> Option<Self> {
        let (is_secure, _) = split_scheme(site_url)?;
        Self::build(is_secure, host)
    }

    fn build(is_secure: bool, authority: &str) -> Option<Self> {
        if authority.is_empty() || authority.contains(|c: char| c.is_whitespace() || "/?#@*".contains(c)) {
            return None;
        }
        let usual = if is_secure { 443 } else { 80 };
        // The colons of an IPv6 address stand in brackets.
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, port.parse().ok()?),
            _ => (authority, usual),
        };
        Some(Self { is_secure, host: host.to_lowercase(), port }).filter(|origin| !origin.host.is_empty())
    }
}

/// True for `https`, and what follows the scheme.
fn split_scheme(text: &str) -> Option<(bool, &str)> {
    let of = |scheme: &str| {
        let (start, rest) = text.split_at_checked(scheme.len())?;
        start.eq_ignore_ascii_case(scheme).then_some(rest)
    };
    of("https://").map(|rest| (true, rest)).or_else(|| of("http://").map(|rest| (false, rest)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scheme_host_and_port_make_an_origin() {
        let same = |one: &str, other: &str| Origin::parse(one).unwrap() == Origin::parse(other).unwrap();
        assert!(same("https://www.mr-dj.nl/", "HTTPS://WWW.mr-dj.nl:443"));
        assert!(same("http://localhost:80", "http://localhost") && same("http://[::1]:3000", "http://[::1]:3000"));
        for other in ["http://www.mr-dj.nl", "https://www.mr-dj.nl:8443", "https://mr-dj.nl"] {
            assert!(!same("https://www.mr-dj.nl", other), "{other}");
        }
        for none in [
            "",
            "null",
            "www.mr-dj.nl",
            "https://",
            "https://a/b",
            "https://*.a.nl",
            "https://a b",
            "https://a:x",
            "ftp://a",
        ] {
            assert_eq!(Origin::parse(none), None, "{none}");
        }
    }

    #[test]
    fn pages_of_this_server_have_the_scheme_of_the_site() {
        let own = Origin::of_request("https://www.mr-dj.nl/base", "cms.mr-dj.nl").unwrap();
        assert_eq!(Origin::parse("https://cms.mr-dj.nl"), Some(own.clone()));
        assert_ne!(Origin::parse("http://cms.mr-dj.nl"), Some(own.clone()));
        assert_ne!(Origin::parse("https://cms.mr-dj.nl:8443"), Some(own));
        assert_eq!(Origin::of_request("", "cms.mr-dj.nl"), None);
    }
}
