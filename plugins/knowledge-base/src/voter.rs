//! Keys of voters: equal for the votes of one person on one article, and telling nothing else.
//!
//! Somebody who is signed in has the same key for ever. A visitor is known by the network address, and only for a day: the salt of the day
//! is deleted afterwards, and with it every way to tell whose vote it was.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cairn_plugin::bindings::random;
use cairn_plugin::{Actor, Call, Error, Instant, Request, Result, kv, time};
use sha2::{Digest, Sha256};
use std::net::IpAddr;
use std::time::Duration;

const DAY_MILLIS: Instant = 24 * 3_600 * 1_000;
/// How long the salt of a day exists: until the day is over everywhere.
const DAILY_SALT_LIFE: Duration = Duration::from_secs(48 * 3_600);
/// As good as for ever.
const LASTING_SALT_LIFE: Duration = Duration::from_secs(100 * 365 * 24 * 3_600);
const SALT_BYTES: u32 = 32;
/// How long visitors are told apart for what they search, at most twice as long.
const SEARCH_PERIOD_DAYS: Instant = 30;
/// Key of the salt of people who are signed in.
const LASTING_SALT: &str = "voters/salt";

/// The key of the caller of a request as a voter on an article.
///
/// # Errors
/// What the host says.
pub(crate) fn voter_key(call: &Call, request: &Request, article: &str) -> Result<String> {
    let (salt, person) = match &call.actor {
        Actor::User(principal) => (lasting_salt()?, format!("user:{}", principal.id)),
        Actor::Admin(principal) => (lasting_salt()?, format!("admin:{}", principal.id)),
        Actor::Token(principal) => (lasting_salt()?, format!("token:{}", principal.id)),
        Actor::Anonymous | Actor::System => {
            (daily_salt(time::now())?, network(request.client_address.as_deref().unwrap_or_default()))
        }
    };
    Ok(hash(&salt, &person, article))
}

/// The keys of people who are signed in (`user:<id>`, `admin:<id>`) as voters on articles; none where nobody has voted yet. Stores nothing.
///
/// # Errors
/// What the host says.
pub(crate) fn lasting_keys(people: &[String], articles: &[&str]) -> Result<Vec<String>> {
    let Some(salt) = kv::get::<String>(LASTING_SALT)? else { return Ok(Vec::new()) };
    let of_article = |article: &&str| people.iter().map(|person| hash(&salt, person, article)).collect::<Vec<_>>();
    Ok(articles.iter().flat_map(of_article).collect())
}

/// A text as nobody can read it, and its visitor: equal for the same text and the same person, or network, for a month. Then the salt changes,
/// and soon it is deleted.
///
/// # Errors
/// What the host says.
pub(crate) fn hash_search(call: &Call, request: &Request, text: &str) -> Result<SearchHashes> {
    let period = time::now().div_euclid(SEARCH_PERIOD_DAYS * DAY_MILLIS);
    let life = Duration::from_secs(2 * SEARCH_PERIOD_DAYS.unsigned_abs() * 24 * 3_600);
    let salt = salt(&format!("searches/salt/{period}"), life)?;
    let person = match &call.actor {
        Actor::User(principal) => format!("user:{}", principal.id),
        Actor::Admin(principal) => format!("admin:{}", principal.id),
        Actor::Token(principal) => format!("token:{}", principal.id),
        Actor::Anonymous | Actor::System => network(request.client_address.as_deref().unwrap_or_default()),
    };
    Ok(SearchHashes { text: hash(&salt, "", text), visitor: hash(&salt, &person, "") })
}

/// Result of [`hash_search`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SearchHashes {
    /// Of the text.
    pub(crate) text: String,
    /// Of who searched for it.
    pub(crate) visitor: String,
}

fn lasting_salt() -> Result<String> {
    salt(LASTING_SALT, LASTING_SALT_LIFE)
}

fn daily_salt(now: Instant) -> Result<String> {
    salt(&format!("voters/salt/{}", now.div_euclid(DAY_MILLIS)), DAILY_SALT_LIFE)
}

/// The salt of a key, made by whoever needs it first.
fn salt(key: &str, life: Duration) -> Result<String> {
    if let Some(salt) = kv::get(key)? {
        return Ok(salt);
    }
    let new = URL_SAFE_NO_PAD.encode(random::bytes(SALT_BYTES));
    if kv::put_new(key, &new, life)? {
        return Ok(new);
    }
    kv::get(key)?.ok_or(Error::Unavailable(None))
}

/// The address of a network: one household has many addresses of IPv6, which begin alike.
fn network(address: &str) -> String {
    match address.parse() {
        Ok(IpAddr::V6(v6)) => match v6.to_ipv4_mapped() {
            Some(v4) => v4.to_string(),
            None => format!(
                "{:x}:{:x}:{:x}:{:x}::/64",
                v6.segments()[0],
                v6.segments()[1],
                v6.segments()[2],
                v6.segments()[3]
            ),
        },
        _ => address.to_owned(),
    }
}

fn hash(salt: &str, person: &str, article: &str) -> String {
    let mut hash = Sha256::new();
    for part in [salt, person, article] {
        // The length of each part makes the input unambiguous: no two lists of parts hash the same bytes.
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    URL_SAFE_NO_PAD.encode(hash.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_differ_by_salt_person_and_article() {
        let keys =
            [hash("s", "p", "a"), hash("t", "p", "a"), hash("s", "q", "a"), hash("s", "p", "b"), hash("sp", "", "a")];
        assert!(keys.iter().enumerate().all(|(i, key)| !keys[..i].contains(key) && key.len() <= 64));
        assert_eq!(hash("s", "p", "a"), keys[0]);
    }

    #[test]
    fn addresses_of_one_network_are_one() {
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), network("2001:db8:1:2::1"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_eq!(network("::ffff:203.0.113.7"), network("203.0.113.7"));
        assert_ne!(network("203.0.113.7"), network("203.0.113.8"));
        assert_eq!(network(""), "");
    }
}
