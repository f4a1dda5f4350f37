//! A running server for one test.

use crate::openapi_check::ContentApi;
use crate::{RawResponse, TestClient, TestProject, send_raw};
use cairn_access::{Clock, FixedClock};
use cairn_server::config::Config;
use cairn_server::{App, RunningServer, Tenant};
use serde_json::Value as Json;
use std::net::SocketAddr;
use std::sync::Arc;

/// The full-access token of every project.
pub const FULL_TOKEN: &str = "full-token-of-the-tests-0123456789";
/// The admin token of every project, with every permission that a token can have.
pub const ADMIN_TOKEN: &str = "cairn_adt_of-the-tests-0123456789abcdef0123456789";
/// The read-only token of every project.
pub const READ_TOKEN: &str = "read-token-of-the-tests-0123456789";

/// Initial time of a test.
const START_TIME: &str = "2026-01-02T03:04:05.678Z";

/// A server on a free port, with a separate database.
pub struct TestServer {
    /// Default tenant, for access beside HTTP.
    pub app: Arc<Tenant>,
    /// Whole process, with its other tenants.
    pub process: Arc<App>,
    /// Clock of the server; stands still until it is moved.
    pub clock: Arc<FixedClock>,
    /// Project; its folder exists as long as the server.
    pub project: TestProject,
    /// Address it listens on.
    pub address: SocketAddr,
    running: Option<RunningServer>,
    client: TestClient,
}

impl TestServer {
    /// Starts a server with [`TestProject::newsroom`].
    pub async fn start() -> Self {
        Self::start_with(TestProject::newsroom()).await
    }

    /// Starts a server with a project: its settings applied, its content types served, the response cache on.
    pub async fn start_with(project: TestProject) -> Self {
        Self::start_configured(project, |_| {}).await
    }

    /// As [`Self::start_with`], with a change to the configuration.
    pub async fn start_configured(project: TestProject, configure: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config::load(&project.path(), &|_| None).unwrap();
        let database = project.database();
        config.database.url = database.is_postgres().then(|| database.url().to_owned());
        configure(&mut config);
        let clock = Arc::new(FixedClock::starting_at(START_TIME.parse().unwrap()));
        let process =
            cairn_server::build_app(config, clock.clone() as Arc<dyn Clock>).await.unwrap_or_else(|e| panic!("{e}"));
        apply_to(&process, &project.settings_json()).await;
        let running = cairn_server::start_server(process.clone(), "127.0.0.1:0").await.unwrap();
        let app = process.default_tenant().clone();
        let address = running.address;
        let base = format!("http://{address}");
        let client = TestClient {
            base,
            token: Some(FULL_TOKEN.into()),
            admin_token: Some(ADMIN_TOKEN.into()),
            host: None,
            preview: None,
            http: reqwest::Client::new(),
            content_api: ContentApi::of(&process),
        };
        Self { app, process, clock, project, address, running: Some(running), client }
    }

    /// The server of another process on the same database, as behind a load balancer. On PostgreSQL only.
    pub async fn start_node(&self) -> ServerNode {
        self.start_node_with(|_| {}).await
    }

    /// As [`Self::start_node`], with a change to the configuration.
    pub async fn start_node_with(&self, configure: impl FnOnce(&mut Config)) -> ServerNode {
        let mut config = Config::load(&self.project.path(), &|_| None).unwrap();
        config.database.url = Some(self.project.database().url().to_owned());
        configure(&mut config);
        let clock = self.clock.clone() as Arc<dyn Clock>;
        let process = cairn_server::build_app(config, clock).await.unwrap_or_else(|e| panic!("{e}"));
        let running = cairn_server::start_server(process.clone(), "127.0.0.1:0").await.unwrap();
        let client = TestClient {
            base: format!("http://{}", running.address),
            content_api: ContentApi::of(&process),
            ..self.client.clone()
        };
        ServerNode { process, client, _running: running }
    }

    /// `http://127.0.0.1:<port>`.
    pub fn base_url(&self) -> &str {
        &self.client.base
    }

    /// A client without a token.
    pub fn public_client(&self) -> TestClient {
        self.client.without_token()
    }

    /// A client with the read-only token.
    pub fn read_only(&self) -> TestClient {
        self.with_token(READ_TOKEN)
    }

    /// A client with any bearer token.
    pub fn with_token(&self, token: &str) -> TestClient {
        self.client.with_token(token)
    }

    /// Creates a user with that name and role (its `type`), and signs them in. `extra_fields` is merged into the new user.
    pub async fn create_user(&self, name: &str, role: &str, extra_fields: Json) -> TestClient {
        self.add_user(name, role, extra_fields).await;
        self.with_token(&self.new_session(name).await)
    }

    /// A signed-in super admin, for routes that are only for people.
    pub async fn super_admin(&self) -> TestClient {
        let (email, password) = ("super@example.com", "a password of the tests");
        self.apply_settings(
            serde_json::json!({ "adminUsers": [{ "email": email, "password": password, "roles": ["super-admin"] }] }),
        )
        .await;
        self.sign_in_admin(email, password).await
    }

    /// A new JWT of a user.
    pub async fn new_session(&self, name: &str) -> String {
        create_session(&self.app, name).await
    }

    /// Applies settings (see `cairn apply`) to the running server.
    pub async fn apply_settings(&self, settings: Json) {
        apply_to(&self.process, &settings.to_string()).await;
    }

    /// A new JWT of a user of a tenant.
    pub async fn new_tenant_session(&self, tenant: &str, name: &str) -> String {
        create_session(&self.process.open_tenant(tenant).await.unwrap(), name).await
    }

    /// Sends bytes on a separate connection.
    pub async fn send_raw(&self, request: impl AsRef<[u8]>) -> RawResponse {
        send_raw(self.address, request.as_ref()).await
    }

    /// Everything that can be read of every content type, drafts and all locales included: for checking whether something changed.
    pub async fn dump_content(&self) -> Vec<(String, String)> {
        dump_tenant(&self.process.default_tenant(), self).await
    }

    /// As [`Self::dump_content`], for a tenant at one of its hosts, which accepts the full-access token.
    pub async fn dump_at_host(&self, tenant: &str, host: &str) -> Vec<(String, String)> {
        dump_tenant(&self.process.open_tenant(tenant).await.unwrap(), &self.with_host(host)).await
    }

    /// Moves the clock forward.
    pub fn advance_clock(&self, time: std::time::Duration) {
        self.clock.advance(chrono::TimeDelta::from_std(time).unwrap());
    }

    /// Processes everything that follows from commits, and what is due by the clock.
    pub async fn run_until_idle(&self) {
        // The tenant as it is now: one that was opened anew, with content types of a plugin, has an engine of its own.
        let tenant = self.process.default_tenant();
        tenant.follow_webhooks().unwrap_or_else(|e| panic!("{e}"));
        tenant.engine.run_until_idle().await.unwrap_or_else(|e| panic!("{e}"));
    }

    /// Stops gracefully. The returned value retains its database.
    pub async fn stop(mut self) -> Self {
        if let Some(running) = self.running.take() {
            running.stop().await;
        }
        self
    }

    /// Starts a new process on the project of one that was stopped.
    pub async fn restart_server(mut self) -> Self {
        let project = std::mem::take(&mut self.project);
        drop(self);
        Self::start_with(project).await
    }
}

/// Another server on the database of a [`TestServer`], with its own connections and caches.
pub struct ServerNode {
    /// Whole process of this node.
    pub process: Arc<App>,
    client: TestClient,
    _running: RunningServer,
}

impl ServerNode {
    /// A client of the other server, with the same token, sending to this one.
    pub fn as_client(&self, client: &TestClient) -> TestClient {
        TestClient { base: self.client.base.clone(), ..client.clone() }
    }

    /// Nobody signed in.
    pub fn public_client(&self) -> TestClient {
        self.client.without_token()
    }
}

/// Requests with the full-access token.
impl std::ops::Deref for ServerNode {
    type Target = TestClient;
    fn deref(&self) -> &TestClient {
        &self.client
    }
}

async fn dump_tenant(tenant: &Tenant, client: &TestClient) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for ct in tenant.content.registry().types().iter().filter(|t| t.is_api()) {
        for status in ["draft", "published"] {
            let path = format!("/api/{}?status={status}&locale=*&populate=*&pagination[limit]=100", ct.api_path());
            all.push((path.clone(), client.get(&path).await.text()));
        }
        all.push((ct.uid.clone(), tenant.content.store().counters().row_count(ct.id).to_string()));
    }
    for path in ["/api/users?populate=*", "/api/upload/files", "/api/i18n/locales", "/api/users-permissions/roles"] {
        all.push((path.into(), client.get(path).await.text()));
    }
    all
}

async fn create_session(tenant: &Tenant, name: &str) -> String {
    let user = tenant.content.store().read(|r| r.users().get_by_username(name)).unwrap().unwrap();
    tenant.access.start_session(user).await.unwrap().jwt
}

async fn apply_to(process: &App, text: &str) {
    process.apply_settings(text, &|_| None).await.unwrap_or_else(|e| panic!("settings: {e}"));
}

impl Drop for TestServer {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        for tenant in self.process.open_tenants().iter().chain([&self.process.default_tenant()]) {
            let findings = tenant.content.store().check_integrity().unwrap();
            assert!(findings.is_empty(), "the database of {} is inconsistent: {findings:#?}", tenant.name);
        }
    }
}

/// Requests with the full-access token and, to the admin API, the admin token; unless it was made for somebody else.
impl std::ops::Deref for TestServer {
    type Target = TestClient;
    fn deref(&self) -> &TestClient {
        &self.client
    }
}
