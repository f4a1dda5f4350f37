//! Actors as guests see them.

use crate::contract::bindings::types::{Actor as GuestActor, Principal};
use cairn_store::events::{Actor, ActorKind};

/// Converts the actor that a guest is called for.
pub(crate) fn to_guest_actor(actor: &Actor) -> GuestActor {
    let principal = || Principal {
        id: actor.id.clone().unwrap_or_default(),
        name: actor.name.clone(),
        roles: actor.roles.clone(),
        groups: actor.groups.clone(),
    };
    match actor.kind {
        ActorKind::Public => GuestActor::Anonymous,
        ActorKind::User => GuestActor::User(principal()),
        ActorKind::Admin => GuestActor::Admin(principal()),
        ActorKind::Token => GuestActor::Token(principal()),
        ActorKind::System | ActorKind::Plugin => GuestActor::System,
    }
}

/// The way in that a change came by.
pub(crate) fn change_origin(actor: &Actor) -> String {
    match (actor.kind, &actor.id) {
        (ActorKind::Admin, _) => "admin".to_owned(),
        (ActorKind::Plugin, Some(id)) => format!("plugin:{id}"),
        (ActorKind::System, Some(subject)) => subject.clone(),
        _ => "rest".to_owned(),
    }
}
