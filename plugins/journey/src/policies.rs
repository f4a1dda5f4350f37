//! Read policies: the documents that callers of the API see.

use crate::Journeys;
use crate::audience::{CONTENT_CHOICE, DEFINITIONS_KEY, customer_key, filter_with_chosen, list_seen, nothing};
use cairn_plugin::prelude::*;
use cairn_plugin::{Actor, Policy, chosen};
use std::time::Duration;

/// How long a result is cached: every change of a journey invalidates it before.
const VALID_FOR: Duration = Duration::from_secs(3_600);

impl Policies for Journeys {
    /// People in the admin and tokens that an administrator created see everything, customers what their journeys have reached, and
    /// everybody else nothing.
    fn evaluate(call: &Call, content_types: &[String]) -> Result<Vec<Policy>> {
        match &call.actor {
            Actor::Admin(_) | Actor::Token(_) | Actor::System => {
                Ok(content_types.iter().map(|_| Policy::open(VALID_FOR)).collect())
            }
            Actor::Anonymous => {
                content_types.iter().map(|_| Policy::only(&nothing(), "anonymous", VALID_FOR)).collect()
            }
            Actor::User(user) => {
                let seen = list_seen(&user.id)?;
                let (key, content) = (customer_key(&user.id), chosen(CONTENT_CHOICE));
                let policy = |uid: &String| {
                    let policy = Policy::only(&filter_with_chosen(uid, &content, &seen), key.clone(), VALID_FOR)?;
                    Ok(policy.depends_on(key.clone()).depends_on(DEFINITIONS_KEY))
                };
                content_types.iter().map(policy).collect()
            }
        }
    }
}
