//! A small client for the content API and the admin API: JSON in, JSON out, statuses as values.

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::time::Duration;
use ureq::http::{Method, Request, Response};
use ureq::{Agent, Body};

/// A server and the token to send.
#[derive(Clone)]
pub(crate) struct Api {
    agent: Agent,
    base: String,
    token: Option<String>,
}

/// The response of a server.
#[derive(Debug)]
pub(crate) struct ApiAnswer {
    /// The HTTP status.
    pub(crate) status: u16,
    /// True if it says when to try again (`Retry-After`).
    pub(crate) retry_after: bool,
    /// The body; null where there is none or it is not JSON.
    pub(crate) body: Value,
}

impl ApiAnswer {
    /// True if the status is 2xx.
    pub(crate) fn is_ok(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The `data` of a response with a 2xx status.
    ///
    /// # Errors
    /// With any other status: names `what` and shows the server's error.
    pub(crate) fn into_data(self, subject: &str) -> Result<Value> {
        if !self.is_ok() {
            bail!("{subject}: status {}, {}", self.status, self.body);
        }
        Ok(match self.body {
            Value::Object(mut object) => object.remove("data").unwrap_or(Value::Object(object)),
            other => other,
        })
    }
}

/// One file to upload.
pub(crate) struct FileUpload<'a> {
    /// File name with its extension.
    pub(crate) name: &'a str,
    /// MIME type of the content.
    pub(crate) mime: &'a str,
    /// Content of the file.
    pub(crate) bytes: &'a [u8],
}

impl Api {
    /// A client for the server at `base` (`http://host:port`), with a bearer token or anonymous.
    pub(crate) fn new(base: &str, token: Option<&str>) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(30)))
            .proxy(None)
            .build();
        Self { agent: config.into(), base: base.to_owned(), token: token.map(str::to_owned) }
    }

    /// A client for the same server, over the same connections, with a bearer token.
    pub(crate) fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    /// A client for the same server, signed in as the admin user with that address and password. Returns an error if the server
    /// does not sign them in.
    pub(crate) fn sign_in(&self, email: &str, password: &str) -> Result<Self> {
        let body = json!({ "email": email, "password": password, "token": true });
        let session = self.send(Method::POST, "/admin/api/login", &body)?.into_data("signing in to the admin API")?;
        let token = session["token"].as_str().context("no token in the response to a sign-in")?;
        Ok(Self { token: Some(token.to_owned()), ..self.clone() })
    }

    /// Sends a GET request. Returns an error if no complete response arrives.
    pub(crate) fn get(&self, path: &str) -> Result<ApiAnswer> {
        self.send_bare(Method::GET, path)
    }

    /// Sends a DELETE request. Returns an error if no complete response arrives.
    pub(crate) fn delete(&self, path: &str) -> Result<ApiAnswer> {
        self.send_bare(Method::DELETE, path)
    }

    /// Sends a POST or PUT request with JSON. Returns an error if no complete response arrives.
    pub(crate) fn send(&self, method: Method, path: &str, body: &Value) -> Result<ApiAnswer> {
        let request =
            self.request_builder(method, path).header("content-type", "application/json").body(body.to_string())?;
        read_answer(self.agent.run(request)?)
    }

    /// Sends a POST request with bytes. Returns an error if no complete response arrives.
    pub(crate) fn send_bytes(&self, path: &str, bytes: Vec<u8>) -> Result<ApiAnswer> {
        let request =
            self.request_builder(Method::POST, path).header("content-type", "application/octet-stream").body(bytes)?;
        read_answer(self.agent.run(request)?)
    }

    /// Uploads one file and returns its entry. Returns an error if the server refuses it, or returns anything but a list of one.
    pub(crate) fn upload_file(&self, file: &FileUpload<'_>) -> Result<Value> {
        // Fixed, because what is uploaded here is made here and never contains it.
        let boundary = "cairn-xtask-7d1f0c52";
        let mut body = format!(
            "--{boundary}\r\ncontent-disposition: form-data; name=\"files\"; filename=\"{}\"\r\ncontent-type: {}\r\n\r\n",
            file.name, file.mime
        )
        .into_bytes();
        body.extend_from_slice(file.bytes);
        body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
        let request = self
            .request_builder(Method::POST, "/api/upload")
            .header("content-type", format!("multipart/form-data; boundary={boundary}"))
            .body(body)?;
        let list = read_answer(self.agent.run(request)?)?.into_data(&format!("upload of {}", file.name))?;
        list.get(0).cloned().with_context(|| format!("upload of {}: the response is an empty list", file.name))
    }

    fn send_bare(&self, method: Method, path: &str) -> Result<ApiAnswer> {
        read_answer(self.agent.run(self.request_builder(method, path).body(())?)?)
    }

    fn request_builder(&self, method: Method, path: &str) -> ureq::http::request::Builder {
        let request = Request::builder().method(method).uri(format!("{}{path}", self.base));
        match &self.token {
            Some(token) => request.header("authorization", format!("Bearer {token}")),
            None => request,
        }
    }
}

fn read_answer(mut response: Response<Body>) -> Result<ApiAnswer> {
    let status = response.status().as_u16();
    let retry_after = response.headers().contains_key("retry-after");
    let text = response.body_mut().with_config().limit(64 << 20).read_to_string()?;
    Ok(ApiAnswer { status, retry_after, body: serde_json::from_str(&text).unwrap_or(Value::Null) })
}

/// A value for a query string, percent-encoded.
pub(crate) fn encode_query(value: &str) -> String {
    percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC).to_string()
}
