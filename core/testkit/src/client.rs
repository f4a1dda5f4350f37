//! A client that sends requests.

use crate::TestResponse;
use crate::openapi_check::{ContentApi, check_admin_exchange};
use serde_json::Value as Json;
use std::collections::HashMap;

/// A client that sends requests, with a token or without.
#[derive(Debug, Clone)]
pub struct TestClient {
    pub(crate) base: String,
    pub(crate) token: Option<String>,
    /// Token that is sent to the admin API instead.
    pub(crate) admin_token: Option<String>,
    pub(crate) host: Option<String>,
    /// Token of a preview as somebody else.
    pub(crate) preview: Option<String>,
    pub(crate) http: reqwest::Client,
    pub(crate) content_api: ContentApi,
}

impl TestClient {
    /// Begins a request; brackets and blanks in the query need no encoding.
    pub fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let request = self.http.request(method.parse().unwrap(), format!("{}{path}", self.base));
        let request = match &self.host {
            Some(host) => request.header("host", host),
            None => request,
        };
        let request = match &self.preview {
            Some(token) => request.header("cairn-preview", token),
            None => request,
        };
        let of_admin = path.starts_with("/admin/api").then_some(self.admin_token.as_ref()).flatten();
        match of_admin.or(self.token.as_ref()) {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// The same client, asking for another host.
    pub fn with_host(&self, host: &str) -> Self {
        Self { host: Some(host.into()), ..self.clone() }
    }

    /// The same client, with another bearer token.
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.into()), admin_token: None, ..self.clone() }
    }

    /// The same client, without a token.
    pub fn without_token(&self) -> Self {
        Self { token: None, admin_token: None, ..self.clone() }
    }

    /// Somebody without a token who looks at a preview: `preview` is its token.
    pub fn with_preview(&self, preview: &str) -> Self {
        Self { preview: Some(preview.into()), ..self.without_token() }
    }

    /// Sends a request and reads the response. A change of content through the admin without a precondition is sent with `If-Match: *`,
    /// like a script that accepts any version.
    pub async fn send(&self, request: reqwest::RequestBuilder) -> TestResponse {
        let mut request = request.build().unwrap();
        allow_any_version(&mut request);
        let (method, path) = (request.method().to_string(), request.url().path().to_owned());
        // Responses in the format of Strapi 4, of other tenants, with counts in place of links (`populate[tags][count]`), and with marks, which make
        // texts longer than they may be, are not described.
        let has_counts =
            request.url().query().is_some_and(|query| query.contains("[count]") || query.contains("%5Bcount%5D"));
        let headers = request.headers();
        let is_other =
            ["strapi-response-format", "strapi-encode-source-maps"].iter().any(|name| headers.contains_key(*name));
        let is_described = self.host.is_none() && !is_other && !has_counts;
        let request_body = request.body().and_then(reqwest::Body::as_bytes).map(<[u8]>::to_vec);
        let response = self.http.execute(request).await.unwrap();
        // A redirect was followed: what came back is the response to another request.
        let (method, path) = match response.url().path() == path {
            true => (method, path),
            false => ("GET".to_owned(), response.url().path().to_owned()),
        };
        let status = response.status().as_u16();
        let media_type =
            response.headers().get("content-type").and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
        let mut headers: HashMap<String, String> = HashMap::new();
        for (name, value) in response.headers() {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            match headers.get_mut(name.as_str()) {
                Some(known) if name == "vary" => *known = format!("{known}, {value}"),
                Some(known) if name == "set-cookie" => *known = format!("{known}\n{value}"),
                _ => {
                    headers.insert(name.to_string(), value);
                }
            }
        }
        let bytes = response.bytes().await.unwrap().to_vec();
        check_admin_exchange(&method, &path, request_body.as_deref(), status, &media_type, &bytes);
        // The bytes of a compressed response are left as they are for its test.
        if is_described && !headers.contains_key("content-encoding") {
            self.content_api.check_exchange(&method, &path, request_body.as_deref(), status, &headers, &bytes);
        }
        let body = serde_json::from_slice(&bytes).unwrap_or(Json::Null);
        TestResponse { status, headers, bytes, body }
    }

    /// Sends a GET request.
    pub async fn get(&self, path: &str) -> TestResponse {
        self.send(self.request("GET", path)).await
    }

    /// Sends a GET request with a header.
    pub async fn get_with(&self, path: &str, header: (&str, &str)) -> TestResponse {
        self.send(self.request("GET", path).header(header.0, header.1)).await
    }

    /// Sends a POST request with a JSON body.
    pub async fn post(&self, path: &str, body: Json) -> TestResponse {
        self.send(self.request("POST", path).json(&body)).await
    }

    /// Sends a PUT request with a JSON body.
    pub async fn put(&self, path: &str, body: Json) -> TestResponse {
        self.send(self.request("PUT", path).json(&body)).await
    }

    /// Sends a DELETE request.
    pub async fn delete(&self, path: &str) -> TestResponse {
        self.send(self.request("DELETE", path)).await
    }

    /// Creates an entry from `{data}`, and returns it.
    #[track_caller]
    pub fn create_entry(&self, path: &str, data: Json) -> impl Future<Output = TestResponse> {
        let request = self.request("POST", path).json(&serde_json::json!({ "data": data }));
        let caller = std::panic::Location::caller();
        async move {
            let answer = self.send(request).await;
            assert_eq!(answer.status, 201, "{caller}: {}", answer.text());
            answer
        }
    }

    /// Changes an entry by `{data}`, and returns it.
    #[track_caller]
    pub fn update_entry(&self, path: &str, data: Json) -> impl Future<Output = TestResponse> {
        let request = self.request("PUT", path).json(&serde_json::json!({ "data": data }));
        let caller = std::panic::Location::caller();
        async move {
            let answer = self.send(request).await;
            assert_eq!(answer.status, 200, "{caller}: {}", answer.text());
            answer
        }
    }

    /// Creates a user with that name and role (its `type`), whose password is `Passw0rd!`. `extra_fields` is merged into the new user.
    pub async fn add_user(&self, name: &str, role: &str, extra_fields: Json) -> TestResponse {
        let roles = self.get("/api/users-permissions/roles").await.body;
        let role = roles["roles"].as_array().unwrap().iter().find(|r| r["type"] == role).unwrap()["id"].clone();
        let mut user = serde_json::json!({
            "username": name, "email": format!("{name}@example.com"), "password": "Passw0rd!", "role": role
        });
        user.as_object_mut().unwrap().extend(extra_fields.as_object().cloned().unwrap_or_default());
        self.post("/api/users", user).await.expect_status(201)
    }

    /// Uploads one file; the response has the list that upload routes return.
    pub async fn upload_file(&self, name: &str, mime: &str, bytes: &[u8]) -> TestResponse {
        let part = reqwest::multipart::Part::bytes(bytes.to_vec()).file_name(name.to_owned()).mime_str(mime).unwrap();
        let form = reqwest::multipart::Form::new().part("files", part);
        self.send(self.request("POST", "/api/upload").multipart(form)).await
    }
}

fn allow_any_version(request: &mut reqwest::Request) {
    const PRECONDITION_HEADERS: [&str; 2] = ["if-match", "if-none-match"];
    let path = request.url().path();
    let content = path.starts_with("/admin/api/content/") || path.starts_with("/admin/api/history/");
    if content
        && request.method() != "GET"
        && !PRECONDITION_HEADERS.iter().any(|name| request.headers().contains_key(*name))
    {
        request.headers_mut().insert("if-match", reqwest::header::HeaderValue::from_static("*"));
    }
}
