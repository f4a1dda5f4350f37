//! A browser that is signed in to the admin by a cookie.

use crate::{TestClient, TestResponse};
use serde_json::{Value as Json, json};

/// A browser with the cookie of a session and its CSRF token. Unlike a real one it sends the cookie to every path: the server decides what
/// happens where it does not belong.
#[derive(Debug, Clone)]
pub struct TestBrowser {
    /// Client that sends without the cookie.
    pub client: TestClient,
    /// Cookie as `cairn_admin=…`; empty where there is none.
    pub cookie: String,
    /// Value for `X-CSRF-Token`.
    pub csrf: String,
}

impl TestClient {
    /// A browser that is not signed in.
    pub fn new_browser(&self) -> TestBrowser {
        TestBrowser { client: self.without_token(), cookie: String::new(), csrf: String::new() }
    }

    /// Signs in an existing admin user, and returns a client with the token of that session.
    pub async fn sign_in_admin(&self, email: &str, password: &str) -> Self {
        let body = json!({ "email": email, "password": password, "token": true });
        let answer = self.without_token().post("/admin/api/login", body).await.expect_status(200);
        self.with_token(answer.data()["token"].as_str().unwrap())
    }
}

impl TestBrowser {
    /// Sends a request with the cookie, and with the CSRF token where it changes something; adopts a cookie that is set.
    pub async fn send(&mut self, method: &str, path: &str, body: Option<Json>) -> TestResponse {
        let mut request = self.client.request(method, path).header("sec-fetch-site", "same-origin");
        if !self.cookie.is_empty() {
            request = request.header("cookie", &self.cookie);
        }
        if method != "GET" && !self.csrf.is_empty() {
            request = request.header("x-csrf-token", &self.csrf);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = self.client.send(request).await;
        let set = answer.header("set-cookie");
        if !set.is_empty() {
            let mut cookies = set.lines().filter_map(|cookie| cookie.split(';').next());
            self.cookie = cookies.find(|cookie| !cookie.ends_with('=')).unwrap_or_default().to_owned();
        }
        if let Some(csrf) = answer.body["data"]["csrf"].as_str() {
            self.csrf = csrf.to_owned();
        }
        answer
    }

    /// Sends a GET request.
    pub async fn get(&mut self, path: &str) -> TestResponse {
        self.send("GET", path, None).await
    }

    /// Sends a POST request with a JSON body.
    pub async fn post(&mut self, path: &str, body: Json) -> TestResponse {
        self.send("POST", path, Some(body)).await
    }

    /// Sends a PUT request with a JSON body.
    pub async fn put(&mut self, path: &str, body: Json) -> TestResponse {
        self.send("PUT", path, Some(body)).await
    }

    /// Sends a DELETE request.
    pub async fn delete(&mut self, path: &str) -> TestResponse {
        self.send("DELETE", path, None).await
    }

    /// Signs in with an address and a password.
    pub async fn sign_in(&mut self, email: &str, password: &str) -> TestResponse {
        self.post("/admin/api/login", json!({ "email": email, "password": password })).await
    }
}
