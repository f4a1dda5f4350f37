//! Answering requests to the plugin's routes.

use crate::error::read_json;
use crate::{Call, Result, panic};
use serde::Serialize;
use serde::de::DeserializeOwned;

#[doc(hidden)]
pub mod raw {
    #![allow(missing_docs, clippy::all, reason = "generated")]
    wit_bindgen::generate!({
        inline: "package cairn:sdk; world routes { export cairn:plugin/http-handler@0.1.0; }",
        path: "../wit/v0.1",
        with: { "cairn:plugin/types@0.1.0": crate::bindings::types },
        generate_all,
        pub_export_macro: true,
        additional_derives: [PartialEq, Clone],
    });
}

pub use raw::exports::cairn::plugin::http_handler::{Body, Request, Response};

/// Answers requests to the routes of the manifest. The host has done authentication, limits, CORS and idempotency.
pub trait Routes {
    /// One request; `request.route` is the route's name in the manifest.
    ///
    /// # Errors
    /// What the caller is told with the status that fits (`Invalid` 400, `Denied` 403, `NotFound` 404 and so on).
    fn handle(call: &Call, request: &Request) -> Result<Response>;
}

impl Request {
    /// The value of a `{name}` in the route's path; empty where the path has none of that name.
    #[must_use]
    pub fn parameter(&self, name: &str) -> &str {
        find(&self.parameters, |given| given == name).unwrap_or_default()
    }

    /// The first value of a query parameter.
    #[must_use]
    pub fn query(&self, name: &str) -> Option<&str> {
        find(&self.query, |given| given == name)
    }

    /// The first header of that name, in whatever case it was sent.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        find(&self.headers, |given| given.eq_ignore_ascii_case(name))
    }

    /// The id of the file that the body is, with `body = { as = "file" }` in the manifest. Only this call can read it; it is gone afterwards,
    /// unless it is kept ([`files::keep`](crate::files::keep)).
    #[must_use]
    pub fn file(&self) -> Option<&str> {
        match &self.body {
            Body::File(id) => Some(id),
            Body::Empty | Body::Bytes(_) => None,
        }
    }

    /// The body's bytes; empty where there are none or they came as a file.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        match &self.body {
            Body::Bytes(bytes) => bytes,
            Body::Empty | Body::File(_) => &[],
        }
    }

    /// The body read as JSON.
    ///
    /// # Errors
    /// [`Error::Invalid`](crate::Error::Invalid) when it is none, or with the path of what does not fit `T`.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        read_json(self.bytes())
    }
}

fn find(pairs: &[(String, String)], is: impl Fn(&str) -> bool) -> Option<&str> {
    pairs.iter().find(|(name, _)| is(name)).map(|(_, value)| value.as_str())
}

impl Response {
    /// An answer without a body.
    #[must_use]
    pub fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Body::Empty }
    }

    /// An answer in JSON.
    ///
    /// # Errors
    /// Where `body` is no JSON.
    pub fn json(status: u16, body: &impl Serialize) -> Result<Self> {
        Ok(Self::bytes(status, "application/json", serde_json::to_vec(body)?))
    }

    /// An answer in plain text.
    #[must_use]
    pub fn text(status: u16, body: impl Into<String>) -> Self {
        Self::bytes(status, "text/plain; charset=utf-8", body.into().into_bytes())
    }

    /// An answer of any media type.
    #[must_use]
    pub fn bytes(status: u16, media_type: &str, body: Vec<u8>) -> Self {
        Self::empty(status).header("content-type", media_type).with(Body::Bytes(body))
    }

    /// A file that the plugin may see, sent by the host: in parts where that is asked for, with the file's type.
    #[must_use]
    pub fn file(status: u16, id: impl Into<String>) -> Self {
        Self::empty(status).with(Body::File(id.into()))
    }

    /// The same with a header more.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    fn with(mut self, body: Body) -> Self {
        self.body = body;
        self
    }
}

/// Joins the plugin's trait to the generated one.
#[doc(hidden)]
#[derive(Debug)]
pub struct Adapter<T>(std::marker::PhantomData<T>);

impl<T: Routes> raw::exports::cairn::plugin::http_handler::Guest for Adapter<T> {
    fn handle(call: Call, request: Request) -> Result<Response> {
        panic::report();
        T::handle(&call, &request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Error;

    fn request(body: Body) -> Request {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        Request {
            route: "r".into(),
            method: "POST".into(),
            path: "/r/1".into(),
            parameters: vec![pair("id", "1")],
            query: vec![pair("q", "first"), pair("q", "second")],
            headers: vec![pair("Content-Type", "text/plain")],
            body,
            client_address: None,
        }
    }

    #[test]
    fn parts_of_a_request_are_found_by_name() {
        let request = request(Body::Empty);
        assert_eq!((request.parameter("id"), request.parameter("none")), ("1", ""));
        assert_eq!((request.query("q"), request.query("none")), (Some("first"), None));
        assert_eq!(request.header("content-TYPE"), Some("text/plain"));
    }

    #[test]
    fn a_body_that_is_no_json_is_invalid() {
        for body in [Body::Empty, Body::Bytes(b"{".to_vec()), Body::Bytes(vec![0xff]), Body::File("f".into())] {
            let read: Result<serde_json::Value> = request(body).json();
            assert!(matches!(read, Err(Error::Invalid(_))), "{read:?}");
        }
        assert_eq!(request(Body::Bytes(b"[1]".to_vec())).json::<Vec<u8>>(), Ok(vec![1]));
    }

    #[test]
    fn answers_have_their_type() {
        let answer = Response::json(201, &[1]).map(|answer| answer.header("x-a", "b"));
        let headers =
            vec![("content-type".to_owned(), "application/json".to_owned()), ("x-a".to_owned(), "b".to_owned())];
        assert_eq!(answer, Ok(Response { status: 201, headers, body: Body::Bytes(b"[1]".to_vec()) }));
    }
}
