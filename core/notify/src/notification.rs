//! Telling admin users: one call fans out over channels, as each of them prefers, in the caller's transaction.

use crate::channel::{self, Level};
use crate::kind::Kind;
use crate::link::Link;
use cairn_store::notify::{NewNotification, Person};
use cairn_store::{StoreError, WriteTx};
use serde_json::{Map, Value as Json};
use sha2::{Digest, Sha256};

/// Longest once-key that is stored as it is, in bytes.
const KEY: usize = 200;
/// Longest text in `data`, in characters; what is longer is cut.
const TEXT: usize = 500;

/// Something to tell admin users.
#[derive(Debug, Clone, PartialEq)]
pub struct Notification {
    /// What of.
    pub kind: Kind,
    /// Whom, by their numbers; one who is named twice, or no longer there, does no harm.
    pub to: Vec<i64>,
    /// Fills title and templates: an object with what [`Kind::variables`] names. Texts, numbers or null; times as texts
    /// that people read.
    pub data: Json,
    /// Nobody is told twice of the same key: what it is of, and which time (`review:12:requested`).
    pub once_key: String,
    /// What it is about.
    pub link: Option<Link>,
}

/// As channels get it.
pub struct Telling<'a> {
    /// What of.
    pub kind: Kind,
    /// With every variable of its kind, and nothing else.
    pub data: Map<String, Json>,
    /// Short.
    pub once_key: &'a str,
    /// What it is about.
    pub link: Option<Json>,
    /// Now, in milliseconds.
    pub now: i64,
}

impl Telling<'_> {
    /// For one of those who are told.
    pub fn to(&self, whom: &Person) -> NewNotification {
        NewNotification {
            admin_user: whom.id,
            kind: self.kind.as_str().to_owned(),
            once_key: self.once_key.to_owned(),
            data: self.data.clone().into(),
            link: self.link.clone(),
        }
    }
}

/// Tells admin users something, each as they prefer: they are told if and only if the transaction commits. `now` in
/// milliseconds.
///
/// # Errors
/// The store's alone.
pub fn notify(tx: &mut WriteTx<'_>, n: &Notification, now: i64) -> Result<(), StoreError> {
    let mut to = n.to.clone();
    to.sort_unstable();
    to.dedup();
    let key = short(&n.once_key);
    let telling = Telling {
        kind: n.kind,
        data: data(n.kind, &n.data),
        once_key: &key,
        link: n.link.as_ref().and_then(|l| serde_json::to_value(l).ok()),
        now,
    };
    for id in to {
        let Some(person) = tx.reader().person(id)? else { continue };
        let said = tx.reader().preferences(id)?;
        for channel in channel::ALL {
            let chosen = said.iter().find(|p| p.kind == n.kind.as_str() && p.channel == channel.name());
            let level = chosen.and_then(|p| Level::read(&p.level)).unwrap_or_else(|| channel.default_level(n.kind));
            if level != Level::Off {
                channel.tell(tx, &person, &telling, level)?;
            }
        }
    }
    Ok(())
}

/// A key that fits an index, and is another one for another key.
pub(crate) fn short(key: &str) -> String {
    if key.len() <= KEY {
        return key.to_owned();
    }
    Sha256::digest(key.as_bytes()).iter().map(|b| format!("{b:02x}")).collect()
}

/// What a kind knows, of what was given: texts cut, and null for what is missing.
pub(crate) fn data(kind: Kind, given: &Json) -> Map<String, Json> {
    let cut = |json: &Json| match json {
        Json::String(text) if text.chars().count() > TEXT => {
            let short: String = text.chars().take(TEXT - 1).collect();
            Json::from(format!("{short}…"))
        }
        Json::Array(_) | Json::Object(_) => Json::Null,
        other => other.clone(),
    };
    kind.variables().iter().map(|v| ((*v).to_owned(), given.get(v).map_or(Json::Null, cut))).collect()
}
