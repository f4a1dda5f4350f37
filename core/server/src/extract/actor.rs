//! Who is recorded as the one who did something.

use crate::front::{Client, RequestId};
use axum::http::request::Parts;
use cairn_access::{Caller, CallerKind};
use cairn_store::events::{Actor, ActorKind};

/// A caller as an actor.
pub(crate) trait ActorOf {
    /// Who they are.
    fn who(&self) -> Actor;

    /// With the address and the id of the request.
    fn actor(&self, head: &Parts) -> Actor {
        of_request(self.who(), head)
    }
}

impl ActorOf for Caller {
    fn who(&self) -> Actor {
        let (kind, id, name) = match &self.kind {
            CallerKind::Public => (ActorKind::Public, None, None),
            CallerKind::User(user) => (ActorKind::User, Some(user.document_id.clone()), None),
            CallerKind::Admin { id: Some(id), email } => (ActorKind::Admin, Some(id.to_string()), Some(email.clone())),
            CallerKind::Admin { id: None, email } => (ActorKind::Token, None, Some(email.clone())),
            CallerKind::Token { id, name, .. } => (ActorKind::Token, Some(id.to_string()), Some(name.clone())),
        };
        Actor { kind, id, name, ..Actor::public() }
    }
}

/// The same with the address and the id of a request.
pub(crate) fn of_request(actor: Actor, head: &Parts) -> Actor {
    let ip = head.extensions.get::<Client>().map(|client| client.0.to_string());
    let request = head.extensions.get::<RequestId>().map(|id| id.0.to_string());
    Actor { ip, request, ..actor }
}
