//! Views that several crates have in common.

use cairn_access::format_iso;
use cairn_store::events::{Actor, ActorKind};
use chrono::DateTime;
use serde::{Serialize, Serializer};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};

/// A point in time: `2026-01-02T03:04:05.678Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time(
    /// Milliseconds since 1970.
    pub i64,
);

impl Time {
    /// The text that the API returns; `None` for a time that no calendar has.
    pub fn format(self) -> Option<String> {
        DateTime::from_timestamp_millis(self.0).map(format_iso)
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.format().serialize(serializer)
    }
}

impl PartialSchema for Time {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .into()
    }
}

impl ToSchema for Time {}

/// The kind of an actor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = ActorKind)]
pub enum ActorKindView {
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

impl From<ActorKind> for ActorKindView {
    fn from(kind: ActorKind) -> Self {
        match kind {
            ActorKind::Public => Self::Public,
            ActorKind::User => Self::User,
            ActorKind::Token => Self::Token,
            ActorKind::Admin => Self::Admin,
            ActorKind::System => Self::System,
            ActorKind::Plugin => Self::Plugin,
        }
    }
}

/// Author of an action, as stored with it: it stays true when the user is renamed or deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Actor)]
pub struct ActorView {
    /// Kind of the actor.
    pub kind: ActorKindView,
    /// Of a user the document id, of a token or admin user the number, of the system what of it (`schedule`, `apply`).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub id: Option<String>,
    /// For people, as it was then.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub name: Option<String>,
    /// The address the request came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub ip: Option<String>,
    /// `X-Request-Id` of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub request: Option<String>,
    /// Batch of the action, the same text for everything that the actor did in the same go: `admin:3-…`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub batch: Option<String>,
    /// Ids of the plugins without whose checks the change was made, while these did not run.
    #[serde(rename = "uncheckedPlugins", skip_serializing_if = "Vec::is_empty")]
    pub unchecked_plugins: Vec<String>,
}

impl From<Actor> for ActorView {
    fn from(actor: Actor) -> Self {
        Self {
            kind: actor.kind.into(),
            id: actor.id,
            name: actor.name,
            ip: actor.ip,
            request: actor.request,
            batch: actor.batch,
            unchecked_plugins: actor.unchecked_plugins,
        }
    }
}

/// Author of an action, by the name they had then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Somebody)]
pub struct PersonReference {
    /// Kind of the actor: a person, a program or Cairn itself.
    pub kind: ActorKindView,
    /// Number or document id, by the kind.
    pub id: Option<String>,
    /// Their name at that time.
    pub name: Option<String>,
}

impl From<&Actor> for PersonReference {
    fn from(actor: &Actor) -> Self {
        Self { kind: actor.kind.into(), id: actor.id.clone(), name: actor.name.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn times_are_written_with_milliseconds_in_utc() {
        assert_eq!(json!(Time(1_767_323_045_678)), json!("2026-01-02T03:04:05.678Z"));
        assert_eq!(json!(Time(i64::MAX)), json!(null));
    }

    #[test]
    fn actors_are_written_as_they_are_stored() {
        let kinds = [
            ActorKind::Public,
            ActorKind::User,
            ActorKind::Token,
            ActorKind::Admin,
            ActorKind::System,
            ActorKind::Plugin,
        ];
        for kind in kinds {
            assert_eq!(json!(ActorKindView::from(kind)), json!(kind.as_str()));
        }
        let actor = Actor { batch: Some("admin:3-x".into()), ..Actor::admin(3, "Anna") };
        assert_eq!(json!(ActorView::from(actor.clone())), json!(actor));
    }
}
