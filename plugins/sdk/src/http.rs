//! Requests to the addresses granted. Not in hooks or event handlers, nor in an open transaction.

use crate::bindings::http_client::{self as raw, Body, SecretHeader};
use crate::{Error, FileId, Result, time};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::time::Duration;

pub use raw::Response;

/// A request by any method.
#[must_use = "a request is nothing until it is sent"]
pub fn request(method: impl Into<String>, url: impl Into<String>) -> Request {
    Request {
        request: raw::Request {
            method: method.into(),
            url: url.into(),
            headers: Vec::new(),
            secret_headers: Vec::new(),
            body: Body::Empty,
            timeout: None,
            follow_redirects: 0,
            keep_as_file: false,
        },
    }
}

/// A `GET`.
#[must_use = "a request is nothing until it is sent"]
pub fn get(url: impl Into<String>) -> Request {
    request("GET", url)
}

/// A `POST` with a body in JSON.
///
/// # Errors
/// Where `body` is no JSON.
pub fn post_json(url: impl Into<String>, body: &impl Serialize) -> Result<Request> {
    let mut post = request("POST", url).header("content-type", "application/json");
    post.request.body = Body::Bytes(serde_json::to_vec(body)?);
    Ok(post)
}

/// The address that is the value of a secret of the operator's, such as that of an incoming webhook, in place of a URL. The plugin never
/// sees it; nothing can be added to it. A grant has to name it in `to`, as this returns it.
#[must_use]
pub fn secret_address(secret: &str) -> String {
    format!("secret:{secret}")
}

/// A request in the making.
#[derive(Debug, Clone)]
#[must_use = "a request is nothing until it is sent"]
pub struct Request {
    request: raw::Request,
}

impl Request {
    /// A header more.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.request.headers.push((name.into(), value.into()));
        self
    }

    /// A header whose value is a secret of the operator's, which the plugin never sees: `prefix` comes before it.
    pub fn secret_header(mut self, name: &str, prefix: &str, secret: &str) -> Self {
        let (name, prefix, secret) = (name.to_owned(), prefix.to_owned(), secret.to_owned());
        self.request.secret_headers.push(SecretHeader { name, prefix, secret });
        self
    }

    /// Sets the bytes that are sent with it.
    pub fn body(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.request.body = Body::Bytes(bytes.into());
        self
    }

    /// A file is sent with it, which does not pass through the plugin.
    pub fn file(mut self, id: impl Into<FileId>) -> Self {
        self.request.body = Body::File(id.into());
        self
    }

    /// The answer's body is stored as a file of the plugin's own: see [`Response::file`].
    pub fn keep_as_file(mut self) -> Self {
        self.request.keep_as_file = true;
        self
    }

    /// Gives up after so long.
    pub fn timeout(mut self, after: Duration) -> Self {
        self.request.timeout = Some(time::millis(after));
        self
    }

    /// Follows so many redirects, each to an address that is granted too.
    pub fn follow(mut self, redirects: u8) -> Self {
        self.request.follow_redirects = redirects;
        self
    }

    /// Sends it and waits for the answer, whatever its status.
    ///
    /// # Errors
    /// What the host says: `Denied` for an address that is not granted, `Unavailable` where nobody answers.
    pub fn send(self) -> Result<Response> {
        send_all(vec![self]).pop().unwrap_or_else(|| Err(Error::Internal("a request without an answer".to_owned())))
    }
}

/// Sends requests side by side; one answer each, in their order.
#[must_use]
pub fn send_all(requests: Vec<Request>) -> Vec<Result<Response>> {
    let requests: Vec<_> = requests.into_iter().map(|one| one.request).collect();
    raw::send(&requests)
}

impl Response {
    /// The body's bytes; empty where it was kept as a file.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        match &self.body {
            Body::Bytes(bytes) => bytes,
            Body::Empty | Body::File(_) => &[],
        }
    }

    /// The file that the body was kept as, where that was asked for.
    #[must_use]
    pub fn file(&self) -> Option<&FileId> {
        match &self.body {
            Body::File(id) => Some(id),
            Body::Empty | Body::Bytes(_) => None,
        }
    }

    /// The value of a header, whatever the case of its name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The body read as JSON.
    ///
    /// # Errors
    /// `Invalid` when it is none or does not fit `T`.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        Ok(serde_json::from_slice(self.bytes())?)
    }
}
