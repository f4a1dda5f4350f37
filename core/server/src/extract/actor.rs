//! The actor that is recorded for a change.

use crate::front::{Client, RequestId};
use axum::http::request::Parts;
use cairn_access::{Caller, CallerKind};
use cairn_store::events::{Actor, ActorKind};

/// A caller as an actor.
pub(crate) trait ActorOf {
    /// The actor without the address and the id of a request.
    fn who(&self) -> Actor;

    /// The actor with the address and the id of the request.
    fn actor(&self, head: &Parts) -> Actor {
        of_request(self.who(), head)
    }
}

impl ActorOf for Caller {
    fn who(&self) -> Actor {
        let of = |kind, id, name: Option<&String>| Actor { kind, id, name: name.cloned(), ..Actor::public() };
        match &self.kind {
            CallerKind::Public => Actor::public(),
            CallerKind::User(user) => {
                let roles = user.role.iter().cloned().collect();
                Actor { roles, ..of(ActorKind::User, Some(user.document_id.clone()), None) }
            }
            CallerKind::Admin { id: Some(id), email, roles, .. } => {
                Actor { roles: roles.clone(), ..of(ActorKind::Admin, Some(id.to_string()), Some(email)) }
            }
            CallerKind::Admin { id: None, token, email, .. } => {
                of(ActorKind::Token, token.map(cairn_access::admin_token_key), Some(email))
            }
            CallerKind::Token { id, name, .. } => of(ActorKind::Token, Some(id.to_string()), Some(name)),
        }
    }
}

/// Adds the address and the id of a request to an actor.
pub(crate) fn of_request(actor: Actor, head: &Parts) -> Actor {
    let ip = head.extensions.get::<Client>().map(|client| client.0.to_string());
    let request = head.extensions.get::<RequestId>().map(|id| id.0.to_string());
    Actor { ip, request, ..actor }
}
