//! One open tenant: everything a request may need, and nothing of another tenant.

use crate::api_descriptions::ApiDescriptions;
use crate::config::{Config, ServerConfig};
use crate::file_cache::FileCache;
use crate::graphql_schemas::GraphqlSchemas;
use crate::live::LiveListeners;
use crate::personal_data::PersonalData;
use crate::plugins::PluginManager as PluginShelf;
use crate::response_cache::ResponseCache;
use cairn_access::{AccessControl, DEFAULT_TENANT};
use cairn_assets::{BlobStore, RenditionCache};
use cairn_content::Content;
use cairn_editorial::releases::Releases;
use cairn_editorial::schedules::Schedules;
use cairn_events::Engine;
use cairn_events::webhooks::WebhookSet;
use cairn_library::resumable::ResumableUploads;
use cairn_notify::{Notifier, Site};
use cairn_store::StoreError;
use futures_util::future::BoxFuture;
use parking_lot::RwLock;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// An open tenant, shared by all its requests; handlers get it through `extract::CurrentTenant`.
pub struct Tenant {
    /// Unique name, as `cairn tenant` and `{tenant}` in configured paths use it.
    pub name: Arc<str>,
    /// Use cases for documents: reads, writes, history, publication.
    pub content: Content,
    /// Authenticates callers and holds their permissions.
    pub access: AccessControl,
    /// Processes what follows from commits: events, jobs, recurring jobs.
    pub engine: Arc<Engine>,
    /// Publishes and unpublishes documents at a set time.
    pub schedules: Schedules,
    /// Publishes documents together.
    pub releases: Releases,
    /// Sends notifications and mails.
    pub notifier: Notifier,
    /// Delivers events to webhooks.
    pub webhooks: Arc<WebhookSet>,
    /// Streams events to clients that are connected.
    pub live: LiveListeners,
    /// Plugins of the tenant: what is installed and what runs.
    pub plugins: PluginShelf,
    /// Personal data of the tenant, to report and to erase.
    pub personal_data: PersonalData,
    /// Store of the bytes of uploaded files.
    pub assets: Arc<dyn BlobStore>,
    /// Files that are cached in memory.
    pub file_cache: FileCache,
    /// Renditions of pictures, shared by all tenants.
    pub pictures: RenditionCache,
    /// Uploads that arrive in pieces.
    pub resumable: ResumableUploads,
    /// Configuration of the process.
    pub config: Arc<Config>,
    /// Cached responses to public reads.
    pub cache: ResponseCache,
    /// Cached descriptions of its content API.
    pub api_descriptions: ApiDescriptions,
    /// Cached schemas of its content API as GraphQL.
    pub graphql_schemas: GraphqlSchemas,
    /// Its declaration, as it is at the moment.
    pub declared: Arc<TenantDeclaration>,
    /// Set when another value has taken this one's place; its background work then ends.
    pub(crate) retired: AtomicBool,
    /// Number of handles on its store that it always holds itself.
    pub held: usize,
}

/// Declaration of a tenant; may change while it is open.
#[derive(Default)]
pub struct TenantDeclaration(RwLock<DeclaredIdentity>);

/// State of a tenant's declaration at one moment.
#[derive(Clone, Default, PartialEq)]
pub struct DeclaredIdentity {
    /// Name for people: sender of mails, title of the page at `/`. `None` where none is declared.
    pub display_name: Option<Arc<str>>,
    /// First of its declared hosts, which links name.
    pub host: Option<Arc<str>>,
}

impl TenantDeclaration {
    /// A copy of what is declared now.
    pub fn get(&self) -> DeclaredIdentity {
        self.0.read().clone()
    }

    pub(crate) fn set(&self, identity: DeclaredIdentity) {
        *self.0.write() = identity;
    }
}

impl Tenant {
    /// True if something besides this value still uses its database: a write that a client did not wait for, a long read.
    pub(crate) fn is_busy(&self) -> bool {
        self.access.store().handle_count() > self.held
    }

    /// Applies changes to webhooks, made here or by another process. Returns an error if they cannot be read.
    pub fn follow_webhooks(&self) -> Result<(), StoreError> {
        self.webhooks.sync_receivers(&self.engine)
    }

    /// Applies what was decided about plugins, and writes what they have logged. Boxed, so that the crates that call it share its code.
    /// Returns an error if the database fails.
    pub fn follow_plugins(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            self.plugins.settle_failing().await?;
            let before = self.plugins.plugins().run_count();
            let followed = self.plugins.follow_changes(self.content.store(), &self.engine).await;
            // Cached responses may contain what the plugins that run now hide from their readers.
            if self.plugins.plugins().run_count() != before {
                self.cache.clear();
            }
            followed?;
            self.plugins.plugins().watch_lags().await?;
            self.plugins.plugins().refresh_search();
            self.plugins.write_logs().await
        })
    }

    /// The address of this tenant; see [`resolve_address`].
    pub fn address(&self) -> TenantAddress {
        resolve_address(&self.name, &self.config.server, self.declared.get().host.as_deref())
    }
}

/// Addresses of a tenant. Never taken from a request.
pub struct TenantAddress {
    /// Address at which browsers reach it, where one is configured.
    pub public_url: Option<String>,
    /// Host and port for requests from this machine's network.
    pub listen: String,
}

/// The name of a tenant in mails, and the address that links in them lead to.
pub(crate) fn mail_site(tenant: &str, config: &Config, declared: &TenantDeclaration, access: &AccessControl) -> Site {
    let identity = declared.get();
    let TenantAddress { public_url, listen } = resolve_address(tenant, &config.server, identity.host.as_deref());
    let url = public_url.unwrap_or_else(|| format!("http://{listen}"));
    let configured_name = cairn_settings::mail_identity(access)
        .from_name
        .clone()
        .or_else(|| identity.display_name.map(|name| name.to_string()));
    let is_named = configured_name.is_some();
    let name =
        configured_name.unwrap_or_else(|| if tenant == DEFAULT_TENANT { "Cairn".into() } else { tenant.to_owned() });
    Site { name, is_named, url: url.trim_end_matches('/').to_owned() }
}

/// The addresses of a tenant, as configured; with the first declared host in place of the configured one for others than the default.
pub fn resolve_address(tenant: &str, server: &ServerConfig, host: Option<&str>) -> TenantAddress {
    let (public_url, listen) = (server.public_url.as_deref(), server.listen.as_str());
    match host.filter(|_| tenant != DEFAULT_TENANT) {
        None => TenantAddress { public_url: public_url.map(str::to_owned), listen: listen.to_owned() },
        Some(host) => TenantAddress {
            public_url: public_url.map(|url| match url.split_once("://") {
                Some((scheme, rest)) => format!("{scheme}://{}", with_host(rest, host)),
                None => url.to_owned(),
            }),
            listen: with_host(listen, host),
        },
    }
}

/// `rest` (`host`, `host:port`, either with a path) with another host.
fn with_host(rest: &str, host: &str) -> String {
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let port = authority.rsplit_once(':').map(|(_, port)| port).filter(|port| port.bytes().all(|b| b.is_ascii_digit()));
    match port {
        Some(port) => format!("{host}:{port}{path}"),
        None => format!("{host}{path}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tenant_address_uses_its_own_host() {
        let resolve = |public_url: Option<&str>, listen: &str, tenant, host| {
            let server = ServerConfig {
                public_url: public_url.map(Into::into),
                listen: listen.into(),
                ..ServerConfig::default()
            };
            let TenantAddress { public_url, listen } = resolve_address(tenant, &server, host);
            (public_url.unwrap_or_default(), listen)
        };
        let is = |url: &str, listen: &str| (url.to_owned(), listen.to_owned());
        let own = Some("b.example");
        assert_eq!(
            resolve(Some("https://a.example"), "127.0.0.1:80", "default", own),
            is("https://a.example", "127.0.0.1:80")
        );
        assert_eq!(
            resolve(Some("https://a.example"), "127.0.0.1:80", "b", None),
            is("https://a.example", "127.0.0.1:80")
        );
        assert_eq!(
            resolve(Some("https://a.example"), "127.0.0.1:80", "b", own),
            is("https://b.example", "b.example:80")
        );
        assert_eq!(
            resolve(Some("http://[::1]:8/cms/"), "[::]:1337", "b", own),
            is("http://b.example:8/cms/", "b.example:1337")
        );
        assert_eq!(resolve(None, "0.0.0.0:1337", "b", own), is("", "b.example:1337"));
    }
}
