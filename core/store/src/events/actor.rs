//! Author of an action: the actor of an event, a history entry or an audit entry.

use serde::{Deserialize, Serialize};

/// The kind of an actor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ActorKind {
    /// Nobody signed in.
    Public,
    /// A content API user.
    User,
    /// A program with an API token.
    Token,
    /// An admin user.
    Admin,
    /// Cairn itself: a schedule, a clean-up, the command line.
    System,
    /// A plugin, on its own account.
    Plugin,
}

impl ActorKind {
    /// The text that is stored and returned by the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::User => "user",
            Self::Token => "token",
            Self::Admin => "admin",
            Self::System => "system",
            Self::Plugin => "plugin",
        }
    }
}

/// Author of an action, as stored with it: it stays true when the user is renamed or deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// Kind of the actor.
    pub kind: ActorKind,
    /// Of a user the document id, of a token or admin user the number, of the system what of it (`schedule`, `apply`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// For people, as it was then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The address the request came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ip: Option<String>,
    /// `X-Request-Id` of the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
    /// Batch of the action, the same text for everything that the actor did in the same go: `admin:3-…`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<String>,
    /// Codes of the roles at the time of the request: of a content API user the `type` of the role, of an admin user all. Not stored.
    #[serde(skip)]
    pub roles: Vec<String>,
    /// Groups that plugins had given to a content API user at the time of the request. Not stored.
    #[serde(skip)]
    pub groups: Vec<String>,
    /// Ids of the plugins without whose checks the actor may change content while these do not run, for maintenance. Of stored actors only
    /// those of events and of the audit log have them: what is done later in somebody's name, such as a scheduled publication, is checked.
    #[serde(rename = "uncheckedPlugins", default, skip_serializing_if = "Vec::is_empty")]
    pub unchecked_plugins: Vec<String>,
}

impl Actor {
    /// The public: a caller that is not signed in.
    pub fn public() -> Self {
        Self {
            kind: ActorKind::Public,
            id: None,
            name: None,
            ip: None,
            request: None,
            batch: None,
            roles: Vec::new(),
            groups: Vec::new(),
            unchecked_plugins: Vec::new(),
        }
    }

    /// Cairn itself; `what` names the part of it.
    pub fn system(subject: &str) -> Self {
        Self { kind: ActorKind::System, id: Some(subject.to_owned()), ..Self::public() }
    }

    /// An admin user.
    pub fn admin(id: i64, name: &str) -> Self {
        Self { kind: ActorKind::Admin, id: Some(id.to_string()), name: Some(name.to_owned()), ..Self::public() }
    }

    /// Kind and id, the key of everything that one actor did: `admin:3`.
    pub fn key(&self) -> String {
        format!("{}:{}", self.kind.as_str(), self.id.as_deref().unwrap_or_default())
    }

    /// The JSON text that is stored.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    pub(crate) fn from_json(text: &str) -> Self {
        Self { unchecked_plugins: Vec::new(), ..Self::from_record_json(text) }
    }

    /// The actor of something that has happened, with all that is recorded.
    pub(crate) fn from_record_json(text: &str) -> Self {
        // The JSON is written by this crate only; an actor that cannot be parsed becomes the public one, not an error.
        serde_json::from_str(text).unwrap_or_else(|_| Self::public())
    }
}
