//! Read policies: the documents that callers of the API see.

use crate::Portal;
use crate::access::audience::{filter_for, find_seen, nothing, person_key};
use cairn_plugin::prelude::*;
use cairn_plugin::{Actor, Policy};
use std::time::Duration;

/// How long a result is cached at most: a change of an access invalidates it before.
const VALID_FOR: Duration = Duration::from_secs(3_600);

impl Policies for Portal {
    /// People in the admin and tokens that an administrator created see everything, customers what is theirs now, and everybody else nothing.
    fn evaluate(call: &Call, content_types: &[String]) -> Result<Vec<Policy>> {
        match &call.actor {
            Actor::Admin(_) | Actor::Token(_) | Actor::System => {
                Ok(content_types.iter().map(|_| Policy::open(VALID_FOR)).collect())
            }
            Actor::Anonymous => {
                content_types.iter().map(|_| Policy::only(&nothing(), "anonymous", VALID_FOR)).collect()
            }
            Actor::User(user) => {
                let seen = find_seen(&user.id)?;
                let valid_for = limit(seen.until, time::now());
                let key = person_key(&user.id);
                let policy = |uid: &String| {
                    let policy = Policy::only(&filter_for(uid, &seen.vehicles, &user.id), key.clone(), valid_for)?;
                    Ok(policy.depends_on(key.clone()))
                };
                content_types.iter().map(policy).collect()
            }
        }
    }
}

/// How long a result is cached that holds until a time.
fn limit(until: Option<Instant>, now: Instant) -> Duration {
    let left = until.and_then(|until| u64::try_from(until.saturating_sub(now)).ok()).map(Duration::from_millis);
    left.map_or(VALID_FOR, |left| left.min(VALID_FOR))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_is_not_cached_beyond_the_end_of_an_access() {
        assert_eq!(limit(None, 0), VALID_FOR);
        assert_eq!(limit(Some(5_000), 2_000), Duration::from_secs(3));
        assert_eq!(limit(Some(i64::MAX), 0), VALID_FOR);
    }
}
