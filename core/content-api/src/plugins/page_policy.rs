//! Limits of a plugin's pages in browsers: their content security policy, and where their scripts are redirected to.

use axum::http::header::{HOST, HeaderName, LOCATION, ORIGIN};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use cairn_app::Tenant;
use cairn_http::typeface::TYPEFACE_FOLDER;
use cairn_plugin_host::routes::RouteResponse;
use url::Url;

/// The origin of pages that have none, in the header `Origin`.
pub(super) const NO_ORIGIN: &str = "null";
/// Headers in which browsers state where a request comes from, and how it was made; scripts cannot set them.
pub(super) const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");

/// A plugin among the addresses of a site: what belongs to its pages, and what to others.
pub(super) struct PluginSite {
    plugin: String,
    /// Hosts by which browsers reach this site, with their ports: that of the request, and the configured one.
    hosts: Vec<String>,
    /// Paths of the plugin's routes: below `/api/`, and below the configured prefix where there is another.
    route_paths: Vec<String>,
}

impl PluginSite {
    /// The site as the sender of a request knows it.
    pub(super) fn new(tenant: &Tenant, headers: &HeaderMap, plugin: &str) -> Self {
        let requested = headers.get(HOST).and_then(|host| host.to_str().ok()).map(str::to_owned);
        let public_url = tenant.address().public_url.and_then(|url| Url::parse(&url).ok());
        let configured = public_url.and_then(|url| match url.port() {
            Some(port) => Some(format!("{}:{port}", url.host_str()?)),
            None => url.host_str().map(str::to_owned),
        });
        let prefix = tenant.config.rest.prefix.as_deref().filter(|prefix| *prefix != "/api");
        Self::from_parts(plugin, requested.into_iter().chain(configured), prefix)
    }

    fn from_parts(plugin: &str, hosts: impl IntoIterator<Item = String>, prefix: Option<&str>) -> Self {
        let mut known: Vec<String> = Vec::new();
        for host in hosts.into_iter().map(|host| host.to_ascii_lowercase()).filter(|host| is_policy_host(host)) {
            if !known.contains(&host) {
                known.push(host);
            }
        }
        let route_paths = ["/api"].into_iter().chain(prefix).map(|prefix| format!("{prefix}/{plugin}/")).collect();
        Self { plugin: plugin.to_owned(), hosts: known, route_paths }
    }

    /// Content security policy of a plugin's page. Its scripts run and its forms are sent, without an origin: it has no cookies and no
    /// storage, opens no window, downloads nothing, is in no frame, has none, and starts no worker. It loads and calls what is the
    /// plugin's own on this site and the typeface of the admin, and shows pictures and films of the media library; with `outside_images` also
    /// pictures of other sites.
    /// Browsers reached by an address that a policy cannot name, such as one of IPv6, load nothing besides the page.
    pub(super) fn page_policy(&self, outside_images: bool) -> HeaderValue {
        let files = self.sources(&[format!("/plugins/{}/", self.plugin)]);
        let routes = self.sources(&self.route_paths);
        let media = self.sources(&["/uploads/".to_owned()]);
        let typeface = self.sources(&[TYPEFACE_FOLDER.to_owned()]);
        let https = if outside_images { " https:" } else { "" };
        let or_none = |sources: String| if sources.is_empty() { " 'none'".to_owned() } else { sources };
        let (call_targets, form_targets) = (or_none(format!("{files}{routes}")), or_none(routes.clone()));
        let policy = format!(
            "sandbox allow-forms allow-scripts; default-src 'none'; script-src 'unsafe-inline'{files}; \
             style-src 'unsafe-inline'{files}{typeface}; font-src data:{files}{typeface}; img-src data: blob:{files}{routes}{media}{https}; \
             media-src blob:{files}{routes}{media}; connect-src{call_targets}; form-action{form_targets}; \
             frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
        );
        HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("sandbox; default-src 'none'"))
    }

    /// Sources of a policy for paths on all hosts of the site, each with a space before it.
    fn sources(&self, paths: &[String]) -> String {
        let sources = self.hosts.iter().flat_map(|host| paths.iter().map(move |path| format!(" {host}{path}")));
        sources.collect()
    }

    /// False for an answer by which a script would reach, through the plugin, what its page's policy keeps from it: a policy compares no
    /// paths after a redirect. People who follow a link or send a form are redirected anywhere.
    pub(super) fn permits_redirect(&self, request: &Parts, answer: &RouteResponse) -> bool {
        if !is_redirect(answer) {
            return true;
        }
        let Some((_, location)) = answer.headers.iter().find(|(name, _)| LOCATION == name.as_str()) else {
            return true;
        };
        let is = |name: &HeaderName, value: &str| request.headers.get(name).is_some_and(|sent| sent == value);
        // A page without origin is a stranger to every site, and its pictures and scripts are requested without saying from where.
        let has_origin = request.headers.get(ORIGIN).is_some_and(|origin| origin != NO_ORIGIN);
        let is_script = is(&SEC_FETCH_SITE, "cross-site") && !is(&SEC_FETCH_MODE, "navigate") && !has_origin;
        // The form of a page without origin is sent on as it is, to whoever the plugin names.
        let repeats = [StatusCode::TEMPORARY_REDIRECT, StatusCode::PERMANENT_REDIRECT].map(|status| status.as_u16());
        let is_form = is(&ORIGIN, NO_ORIGIN) && repeats.contains(&answer.status);
        if !is_script && !is_form {
            return true;
        }
        let Ok(base) = Url::parse(&format!("http://this.invalid{}", request.uri.path())) else { return false };
        let Ok(target) = base.join(location) else { return false };
        let host = target.host_str().map(|host| match target.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        });
        let is_here = host.is_some_and(|host| host == "this.invalid" || self.hosts.contains(&host));
        let own = [format!("/plugins/{}/", self.plugin), "/uploads/".to_owned()];
        match is_here {
            true => self.route_paths.iter().chain(&own).any(|path| target.path().starts_with(path.as_str())),
            // Pages are kept from other sites by their policy; forms that would be sent on to these are refused here.
            false => !is_form,
        }
    }
}

/// True if an answer leads elsewhere.
pub(super) fn is_redirect(answer: &RouteResponse) -> bool {
    (300..400).contains(&answer.status)
}

/// True if a policy can name a host: names and IPv4 addresses, with a port or without.
fn is_policy_host(host: &str) -> bool {
    let (name, port) = host.split_once(':').map_or((host, None), |(name, port)| (name, Some(port)));
    let is_name =
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'));
    is_name && port.is_none_or(|port| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;

    fn site(hosts: &[&str]) -> PluginSite {
        PluginSite::from_parts("desk", hosts.iter().map(|&host| host.to_owned()), None)
    }

    fn directive(policy: &HeaderValue, name: &str) -> String {
        let text = policy.to_str().unwrap();
        let found = text.split("; ").find_map(|directive| directive.strip_prefix(&format!("{name} ")));
        found.unwrap_or_else(|| panic!("{name}: {text}")).to_owned()
    }

    #[test]
    fn pages_reach_only_what_is_their_plugins() {
        let policy = site(&["Example.com:1337", "www.example.com", "example.com:1337"]).page_policy(false);
        assert_eq!(directive(&policy, "sandbox"), "allow-forms allow-scripts");
        assert_eq!(directive(&policy, "default-src"), "'none'");
        let files = "example.com:1337/plugins/desk/ www.example.com/plugins/desk/";
        assert_eq!(directive(&policy, "script-src"), format!("'unsafe-inline' {files}"));
        let typeface = "example.com:1337/cairn/typeface/ www.example.com/cairn/typeface/";
        assert_eq!(directive(&policy, "style-src"), format!("'unsafe-inline' {files} {typeface}"));
        assert_eq!(directive(&policy, "font-src"), format!("data: {files} {typeface}"));
        let routes = "example.com:1337/api/desk/ www.example.com/api/desk/";
        assert_eq!(directive(&policy, "connect-src"), format!("{files} {routes}"));
        assert_eq!(directive(&policy, "form-action"), routes);
        let media = "example.com:1337/uploads/ www.example.com/uploads/";
        assert_eq!(directive(&policy, "img-src"), format!("data: blob: {files} {routes} {media}"));
        let outside = site(&["example.com"]).page_policy(true);
        assert!(directive(&outside, "img-src").ends_with(" https:"));
        assert_eq!(outside.to_str().unwrap().matches("https:").count(), 1, "only pictures come from other sites");
        let prefixed = PluginSite::from_parts("desk", ["a.example".to_owned()], Some("/v1")).page_policy(false);
        assert_eq!(directive(&prefixed, "form-action"), "a.example/api/desk/ a.example/v1/desk/");
    }

    #[test]
    fn hosts_that_a_policy_cannot_name_are_left_out() {
        for host in ["[::1]:1337", "a b", "a;script-src *", "a,b", "*", "", ":80", "a:", "a:b", "a/b", "'self'"] {
            let policy = site(&[host]).page_policy(false);
            assert_eq!(directive(&policy, "script-src"), "'unsafe-inline'", "{host}");
            assert_eq!(directive(&policy, "form-action"), "'none'", "{host}");
        }
    }

    #[test]
    fn scripts_are_redirected_only_to_their_plugin() {
        let site = site(&["example.com"]);
        let permits = |headers: &[(&str, &str)], status: u16, location: &str| {
            let request = Request::get("/api/desk/go");
            let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
            let (head, ()) = request.body(()).unwrap().into_parts();
            let headers = vec![("location".to_owned(), location.to_owned())];
            site.permits_redirect(&head, &RouteResponse { status, headers, body: Vec::new(), file: None })
        };
        let script = [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "cors"), ("origin", "null")];
        let picture = [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "no-cors")];
        let form = [("sec-fetch-mode", "navigate"), ("origin", "null")];
        for own in
            ["/api/desk/next", "next", "/plugins/desk/1.0.0/a.js", "/uploads/a.png", "http://example.com/api/desk/x"]
        {
            assert!(permits(&script, 302, own) && permits(&form, 307, own), "{own}");
        }
        for foreign in [
            "/api/crm/deals",
            "/api/desk",
            "/api/desk/../crm/deals",
            "/api/desk/%2e%2e/crm/deals",
            "/api/articles",
            "/admin/api/session",
            "//example.com/admin",
            "http://EXAMPLE.com/api/crm/x",
            "\\\\example.com\\api\\crm",
            "",
        ] {
            let permitted = foreign.is_empty();
            assert_eq!(permits(&script, 302, foreign), permitted, "{foreign}");
            assert_eq!(permits(&picture, 301, foreign), permitted, "{foreign}");
            assert_eq!(permits(&form, 308, foreign), permitted, "{foreign}");
            // People who follow a link, and programs.
            assert!(
                permits(&[("sec-fetch-mode", "navigate")], 302, foreign) && permits(&[], 302, foreign),
                "{foreign}"
            );
            assert!(permits(&form, 303, foreign), "{foreign}");
            // Scripts of sites that have an origin, which the route permits, and those of the admin.
            assert!(permits(&[script[0], script[1], ("origin", "https://www.example.com")], 302, foreign), "{foreign}");
            assert!(
                permits(&[("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "cors")], 302, foreign),
                "{foreign}"
            );
        }
        assert!(permits(&script, 302, "https://other.example/"), "the policy of the page keeps it from there");
        assert!(!permits(&form, 307, "https://other.example/"));
        assert!(permits(&script, 200, "/admin"), "not a redirect");
    }
}
