//! `[server]`.

use super::error::ConfigError;
use serde::Deserialize;
use std::net::IpAddr;

/// `[server]`: where Cairn listens and how it is reached.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServerConfig {
    /// `listen` (`CAIRN_LISTEN`, `--listen`): address and port; default `127.0.0.1:1337`.
    pub listen: String,
    /// `public_url` (`CAIRN_PUBLIC_URL`): how browsers reach this server; used in links, never taken from a request.
    pub public_url: Option<String>,
    /// `trusted_proxies` (`CAIRN_TRUSTED_PROXIES`, comma separated): addresses whose `X-Forwarded-For` and
    /// `X-Forwarded-Host` are believed; default none.
    pub trusted_proxies: Vec<IpAddr>,
    /// `cors_origins` (`CAIRN_CORS_ORIGINS`, comma separated): origins whose pages may use the API. Default `*`: those of any origin may use
    /// the content API, without cookies. Empty, or `none` in the variable: no other origin.
    pub cors_origins: Vec<String>,
    /// `max_body_bytes`: the largest JSON body; default 1 MiB.
    pub max_body_bytes: usize,
    /// `admin_ui` (`CAIRN_ADMIN_UI`): a folder with a built admin UI, below the project or absolute; default the one in the binary.
    pub admin_ui: Option<std::path::PathBuf>,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:1337".into(),
            public_url: None,
            trusted_proxies: Vec::new(),
            cors_origins: vec![ANY_ORIGIN.into()],
            max_body_bytes: 1 << 20,
            admin_ui: None,
        }
    }
}

/// The entry of `cors_origins` that stands for every origin.
const ANY_ORIGIN: &str = "*";

impl ServerConfig {
    /// True if pages of any origin may use the content API.
    pub fn allows_any_origin(&self) -> bool {
        self.cors_origins.iter().any(|origin| origin == ANY_ORIGIN)
    }

    /// True if a peer is a trusted proxy, whether its IPv4 address is written as IPv6 or not: it is on a socket for both protocols.
    pub fn trusts_proxy(&self, peer: IpAddr) -> bool {
        self.trusted_proxies.iter().any(|proxy| proxy.to_canonical() == peer.to_canonical())
    }

    pub(super) fn apply_environment(&mut self, env: &dyn Fn(&str) -> Option<String>) -> Result<(), ConfigError> {
        if let Some(v) = env("CAIRN_LISTEN") {
            self.listen = v;
        }
        if let Some(v) = env("CAIRN_PUBLIC_URL") {
            self.public_url = Some(v);
        }
        if let Some(v) = env("CAIRN_ADMIN_UI") {
            self.admin_ui = Some(v.into());
        }
        let list = |v: String| v.split(',').map(|p| p.trim().to_owned()).filter(|p| !p.is_empty()).collect::<Vec<_>>();
        if let Some(v) = env("CAIRN_TRUSTED_PROXIES") {
            let parse = |p: &String| {
                p.parse().map_err(|_| ConfigError(format!("CAIRN_TRUSTED_PROXIES: {p:?} is not an IP address")))
            };
            self.trusted_proxies = list(v).iter().map(parse).collect::<Result<_, _>>()?;
        }
        if let Some(v) = env("CAIRN_CORS_ORIGINS") {
            self.cors_origins = if v.trim() == "none" { Vec::new() } else { list(v) };
        }
        let web = |url: &str| url.starts_with("http://") || url.starts_with("https://");
        if let Some(url) = self.public_url.as_deref().filter(|u| !web(u)) {
            return Err(ConfigError(format!(
                "server.public_url (CAIRN_PUBLIC_URL): {url:?} must begin with http:// or https://"
            )));
        }
        if self.cors_origins.len() > 1 && self.cors_origins.iter().any(|origin| origin == ANY_ORIGIN) {
            return Err(ConfigError("server.cors_origins: \"*\" stands alone: it means every origin".into()));
        }
        for origin in self.cors_origins.iter().filter(|origin| *origin != ANY_ORIGIN) {
            if !web(origin) || origin.ends_with('/') || http::HeaderValue::from_str(origin).is_err() {
                return Err(ConfigError(format!(
                    "server.cors_origins: {origin:?} is not a valid origin, such as https://example.com"
                )));
            }
        }
        Ok(())
    }
}
