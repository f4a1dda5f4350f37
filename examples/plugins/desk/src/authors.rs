//! Authors of messages: the name that is shown, and the key by which their data are found.

use crate::model::{Account, Direction, Ticket};
use cairn_plugin::{Actor, data, people};

/// Author of a message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Author {
    /// Name, where the caller has one.
    pub(crate) name: Option<String>,
    /// Kind and id: `admin:7`.
    pub(crate) key: Option<String>,
}

impl Author {
    /// The caller of a call. A call names no users, and of an admin user and their tokens the address, which is not for requesters: names are looked
    /// up.
    pub(crate) fn of(actor: &Actor) -> Self {
        match actor {
            Actor::Admin(who) => Self { name: find_colleague(&who.id), key: Some(admin_key(&who.id)) },
            Actor::User(who) => Self { name: find_username(&who.id), key: Some(user_key(&who.id)) },
            Actor::Token(_) | Actor::Anonymous | Actor::System => Self::default(),
        }
    }

    /// The author of a message that the caller writes in a ticket. Requesters have told their name.
    pub(crate) fn of_message(actor: &Actor, direction: Direction, ticket: &Ticket) -> Self {
        let author = Self::of(actor);
        let name = if direction == Direction::In { ticket.requester_name.clone() } else { None };
        Self { name: name.or(author.name), ..author }
    }
}

/// Name of a user of the API.
fn find_username(id: &str) -> Option<String> {
    let found = data::find::<Account>().fields(Account::FIELDS).by_ids(&[id]).ok()?.pop()??;
    found.fields.username
}

/// Name of an admin user; none where they have entered none, or people were not granted.
fn find_colleague(id: &str) -> Option<String> {
    people::find_by_ids([id]).ok()?.pop()?.name
}

/// Key of an admin user.
pub(crate) fn admin_key(id: &str) -> String {
    format!("admin:{id}")
}

/// Key of a user of the API.
pub(crate) fn user_key(id: &str) -> String {
    format!("user:{id}")
}
