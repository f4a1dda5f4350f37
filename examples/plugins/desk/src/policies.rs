//! The read policy: the tickets and messages that callers of the API see.

use crate::Desk;
use crate::agents::is_agent;
use crate::model::Ticket;
use cairn_plugin::prelude::*;
use cairn_plugin::{Actor, Policy};
use serde_json::{Value, json};
use std::time::Duration;

/// How long a result is cached. It depends on nothing but the caller and their groups, both of which Cairn knows.
const VALID_FOR: Duration = Duration::from_secs(3_600);

impl Policies for Desk {
    fn evaluate(call: &Call, content_types: &[String]) -> Result<Vec<Policy>> {
        content_types.iter().map(|uid| decide(&call.actor, uid)).collect()
    }
}

/// Agents, tokens and the admin see everything, requesters what is theirs, the public nothing.
fn decide(actor: &Actor, uid: &str) -> Result<Policy> {
    match actor {
        Actor::Admin(_) | Actor::Token(_) | Actor::System => Ok(Policy::open(VALID_FOR)),
        Actor::User(_) if is_agent(actor) => Ok(Policy::open(VALID_FOR)),
        Actor::User(who) => Policy::only(&filter_own(uid, &who.id), format!("user:{}", who.id), VALID_FOR),
        Actor::Anonymous => Policy::only(&json!({ "documentId": { "$null": true } }), "anonymous", VALID_FOR),
    }
}

/// The tickets of a requester, and the messages of these that are not notes.
fn filter_own(uid: &str, user: &str) -> Value {
    let own = json!({ "requester": { "documentId": { "$eq": user } } });
    if uid == Ticket::TYPE { own } else { json!({ "ticket": own, "direction": { "$in": ["in", "out"] } }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Message;
    use cairn_plugin::Principal;

    fn user(groups: &[&str]) -> Actor {
        let groups = groups.iter().map(|&group| group.to_owned()).collect();
        Actor::User(Principal { id: "u1".into(), name: None, roles: Vec::new(), groups })
    }

    fn filters(actor: &Actor, uid: &str) -> Option<Value> {
        decide(actor, uid).unwrap().filters.map(|text| serde_json::from_str(&text).unwrap())
    }

    #[test]
    fn requesters_see_their_own_tickets_and_no_notes() {
        let own = json!({ "requester": { "documentId": { "$eq": "u1" } } });
        assert_eq!(filters(&user(&["other:agents"]), Ticket::TYPE), Some(own.clone()));
        assert_eq!(
            filters(&user(&[]), Message::TYPE),
            Some(json!({ "ticket": own, "direction": { "$in": ["in", "out"] } }))
        );
    }

    #[test]
    fn agents_see_everything_and_the_public_nothing() {
        for uid in [Ticket::TYPE, Message::TYPE] {
            assert_eq!(filters(&user(&["desk:agents"]), uid), None);
            assert_eq!(filters(&Actor::Anonymous, uid), Some(json!({ "documentId": { "$null": true } })));
        }
    }

    #[test]
    fn no_two_users_share_a_result() {
        let key = |actor: &Actor| decide(actor, Ticket::TYPE).unwrap().cache_key;
        assert_eq!(key(&user(&[])), "user:u1");
        assert_ne!(key(&user(&[])), key(&Actor::Anonymous));
    }
}
