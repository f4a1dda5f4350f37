//! The actor that is recorded for a change.

use crate::extract::client_address::ClientIp;
use axum::http::Method;
use axum::http::request::Parts;
use cairn_access::Caller;
use cairn_store::events::Actor;
use tower_http::request_id::RequestId;

/// A caller as the actor of a request.
pub trait RequestActor {
    /// The actor with the address and the id of the request.
    fn request_actor(&self, head: &Parts) -> Actor;
}

impl RequestActor for Caller {
    fn request_actor(&self, head: &Parts) -> Actor {
        with_request(self.actor(), head)
    }
}

/// Adds the address of a request to an actor, and its id where it may change something.
pub fn with_request(actor: Actor, head: &Parts) -> Actor {
    let ip = head.extensions.get::<ClientIp>().map(|client| client.0.to_string());
    let id = head.extensions.get::<RequestId>().filter(|_| !matches!(head.method, Method::GET | Method::HEAD));
    let request = id.map(|id| id.header_value().to_str().unwrap_or_default().to_owned());
    Actor { ip, request, ..actor }
}
