//! Access of the caller of a request, and the spaces that this caller sees.

use crate::groups::CallerGroups;
use crate::model::{Space, Visibility};
use cairn_plugin::{Actor, Call, Result, Row, data};
use serde_json::json;

/// Most spaces that are considered; the host takes a thousand names in an audience.
const MAX_SPACES: u32 = 500;

/// How much a caller may see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AccessLevel {
    /// Anybody: public spaces.
    Public,
    /// A user of the API who is signed in: also spaces for clients.
    Client,
    /// A person in the admin, or a program with a token that an administrator created: everything.
    Staff,
}

impl AccessLevel {
    /// The level of a call's actor. Cairn's own calls (jobs, lifecycle steps) are for nobody in particular, and see everything.
    pub(crate) const fn of(call: &Call) -> Self {
        match call.actor {
            Actor::Anonymous => Self::Public,
            Actor::User(_) => Self::Client,
            Actor::Admin(_) | Actor::Token(_) | Actor::System => Self::Staff,
        }
    }

    /// The visibilities of spaces that it sees.
    pub(crate) const fn visibilities(self) -> &'static [Visibility] {
        match self {
            Self::Public => &[Visibility::Public],
            Self::Client => &[Visibility::Public, Visibility::Clients],
            Self::Staff => &[Visibility::Public, Visibility::Clients, Visibility::Staff],
        }
    }

    /// Its name in caches.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Client => "client",
            Self::Staff => "staff",
        }
    }
}

/// The spaces that a caller sees, by title, and the groups that they are in.
#[derive(Debug)]
pub(crate) struct VisibleSpaces {
    spaces: Vec<Row<Space>>,
    groups: CallerGroups,
}

impl VisibleSpaces {
    /// Loads them.
    ///
    /// # Errors
    /// What the host says.
    pub(crate) fn load(call: &Call) -> Result<Self> {
        let visibilities = AccessLevel::of(call).visibilities();
        let spaces = data::find::<Space>()
            .fields(&["key", "title", "defaultLanguage"])
            .filter(json!({ "visibility": { "$in": visibilities } }))
            .sort("title:asc")
            .all(MAX_SPACES)?;
        Ok(Self { spaces, groups: CallerGroups::of(call) })
    }

    /// The caller's groups: of an article in these spaces, they decide.
    pub(crate) fn groups(&self) -> &CallerGroups {
        &self.groups
    }

    /// All of them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Row<Space>> {
        self.spaces.iter()
    }

    /// The one with a key.
    pub(crate) fn by_key(&self, key: &str) -> Option<&Row<Space>> {
        self.spaces.iter().find(|space| space.key == key)
    }

    /// The one with an id.
    pub(crate) fn by_id(&self, id: &str) -> Option<&Row<Space>> {
        self.spaces.iter().find(|space| space.document_id == id)
    }

    /// The ids of all, or of the one with this key: none where the caller sees no such space.
    pub(crate) fn ids(&self, key: Option<&str>) -> Vec<&str> {
        let fits = |space: &&Row<Space>| key.is_none_or(|key| space.key == key);
        self.spaces.iter().filter(fits).map(|space| space.document_id.as_str()).collect()
    }
}

/// The audience of entries of a space in the index that are for no group in particular. It names the space and not who sees it: who does is looked up by each search, so that a
/// change of visibility needs no change of the index.
pub(crate) fn space_audience(space_id: &str) -> String {
    format!("space:{space_id}")
}
