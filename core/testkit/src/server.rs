//! A running server and clients of it.

use crate::{Project, TestAnswer};
use cairn_access::{Clock, FixedClock, settings};
use cairn_server::config::Config;
use cairn_server::{App, Running};
use serde_json::Value as Json;
use std::sync::Arc;

pub(crate) const FULL_TOKEN: &str = "full-token-of-the-tests-0123456789";
pub(crate) const READ_TOKEN: &str = "read-token-of-the-tests-0123456789";

/// A server of its own, on a free port, with a database of its own.
pub struct TestServer {
    /// The application, for looking behind HTTP.
    pub app: Arc<App>,
    /// The clock it goes by; stands still until it is moved.
    pub clock: Arc<FixedClock>,
    /// The project; its folder lives as long as the server.
    pub project: Project,
    running: Option<Running>,
    client: Client,
}

impl TestServer {
    /// With [`Project::newsroom`].
    pub async fn start() -> Self {
        Self::of(Project::newsroom()).await
    }

    /// With a project: its settings applied, its content types served, the response cache on.
    pub async fn of(project: Project) -> Self {
        Self::configured(project, |_| {}).await
    }

    /// As [`Self::of`], with a change to the configuration.
    pub async fn configured(project: Project, configure: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config::load(&project.path(), &|_| None).unwrap();
        configure(&mut config);
        let clock = Arc::new(FixedClock::at("2026-01-02T03:04:05.678Z".parse().unwrap()));
        let app = cairn_server::build(config, clock.clone() as Arc<dyn Clock>).await.unwrap_or_else(|e| panic!("{e}"));
        let parsed = settings::parse(&project.settings(), app.content.registry(), &|_| None);
        let parsed = parsed.unwrap_or_else(|p| panic!("settings: {}", p.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")));
        settings::apply(&app.access, parsed).await.unwrap();
        app.access.reload().unwrap();
        let running = cairn_server::start(app.clone(), "127.0.0.1:0").await.unwrap();
        let client = Client { base: format!("http://{}", running.address), token: Some(FULL_TOKEN.into()), http: reqwest::Client::new() };
        Self { app, clock, project, running: Some(running), client }
    }

    /// `http://127.0.0.1:<port>`.
    pub fn base(&self) -> &str {
        &self.client.base
    }

    /// Nobody signed in.
    pub fn public(&self) -> Client {
        Client { token: None, ..self.client.clone() }
    }

    /// The read-only token.
    pub fn read_only(&self) -> Client {
        self.with_token(READ_TOKEN)
    }

    /// Any bearer token.
    pub fn with_token(&self, token: &str) -> Client {
        Client { token: Some(token.into()), ..self.client.clone() }
    }

    /// Stops gracefully.
    pub async fn stop(mut self) {
        if let Some(running) = self.running.take() {
            running.stop().await;
        }
    }
}

/// Requests with the full-access token, unless it was made for somebody else.
impl std::ops::Deref for TestServer {
    type Target = Client;
    fn deref(&self) -> &Client {
        &self.client
    }
}

/// Somebody who sends requests.
#[derive(Clone)]
pub struct Client {
    base: String,
    token: Option<String>,
    http: reqwest::Client,
}

impl Client {
    /// A request under way; `path` is sent as it is (encode what needs it).
    pub fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let request = self.http.request(method.parse().unwrap(), format!("{}{path}", self.base));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// Sends a request and reads the answer.
    pub async fn send(&self, request: reqwest::RequestBuilder) -> TestAnswer {
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let headers = response.headers().iter().map(|(k, v)| (k.to_string(), String::from_utf8_lossy(v.as_bytes()).into_owned())).collect();
        let bytes = response.bytes().await.unwrap().to_vec();
        let body = serde_json::from_slice(&bytes).unwrap_or(Json::Null);
        TestAnswer { status, headers, bytes, body }
    }

    /// GET; brackets and blanks in the query need no encoding here.
    pub async fn get(&self, path: &str) -> TestAnswer {
        self.send(self.request("GET", path)).await
    }

    /// POST with a JSON body.
    pub async fn post(&self, path: &str, body: Json) -> TestAnswer {
        self.send(self.request("POST", path).json(&body)).await
    }

    /// PUT with a JSON body.
    pub async fn put(&self, path: &str, body: Json) -> TestAnswer {
        self.send(self.request("PUT", path).json(&body)).await
    }

    /// DELETE.
    pub async fn delete(&self, path: &str) -> TestAnswer {
        self.send(self.request("DELETE", path)).await
    }
}
