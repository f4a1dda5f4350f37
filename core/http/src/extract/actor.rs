//! The actor that is recorded for a change.

use crate::extract::client::ClientIp;
use axum::http::Method;
use axum::http::request::Parts;
use cairn_access::{Caller, CallerKind};
use cairn_store::events::{Actor, ActorKind};
use tower_http::request_id::RequestId;

/// A caller as an actor.
pub(crate) trait RequestActor {
    /// The actor without the address and the id of a request.
    fn base_actor(&self) -> Actor;

    /// The actor with the address and the id of the request.
    fn request_actor(&self, head: &Parts) -> Actor {
        with_request(self.base_actor(), head)
    }
}

impl RequestActor for Caller {
    fn base_actor(&self) -> Actor {
        let build_actor = |kind, id, name: Option<&String>| Actor { kind, id, name: name.cloned(), ..Actor::public() };
        match &self.kind {
            CallerKind::Public => Actor::public(),
            CallerKind::User(user) => {
                let roles = user.role.iter().cloned().collect();
                let groups = user.groups.clone();
                Actor { roles, groups, ..build_actor(ActorKind::User, Some(user.document_id.clone()), None) }
            }
            CallerKind::Admin { id: Some(id), email, roles, .. } => {
                Actor { roles: roles.clone(), ..build_actor(ActorKind::Admin, Some(id.to_string()), Some(email)) }
            }
            CallerKind::Admin { id: None, token, email, .. } => {
                build_actor(ActorKind::Token, token.map(cairn_access::admin_token_key), Some(email))
            }
            CallerKind::Token { id, name, .. } => build_actor(ActorKind::Token, Some(id.to_string()), Some(name)),
        }
    }
}

/// Adds the address of a request to an actor, and its id where it may change something.
pub(crate) fn with_request(actor: Actor, head: &Parts) -> Actor {
    let ip = head.extensions.get::<ClientIp>().map(|client| client.0.to_string());
    let id = head.extensions.get::<RequestId>().filter(|_| !matches!(head.method, Method::GET | Method::HEAD));
    let request = id.map(|id| id.header_value().to_str().unwrap_or_default().to_owned());
    Actor { ip, request, ..actor }
}
