//! Views of the tabs that have documents open.

use crate::view::Time;
use cairn_store::presence::Presence;
use serde::Serialize;
use utoipa::ToSchema;

/// A tab that has a document open.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Present)]
pub struct PresentTab {
    /// Actor who has the tab, such as `admin:3`.
    pub actor: String,
    /// Their name, for people.
    pub name: String,
    /// Tells the tabs of one user apart.
    pub tab: String,
    /// The attribute that the caret is in.
    pub field: Option<String>,
    /// When it was opened.
    pub since: Time,
    /// Since when it wants that attribute for itself.
    pub asks_since: Option<Time>,
}

impl From<&Presence> for PresentTab {
    fn from(presence: &Presence) -> Self {
        Self {
            actor: presence.actor_key.clone(),
            name: presence.name.clone(),
            tab: presence.tab.clone(),
            field: (!presence.field.is_empty()).then(|| presence.field.clone()),
            since: Time(presence.since),
            asks_since: presence.locked_at.map(Time),
        }
    }
}

/// A tab in the document that was asked about.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct PresentHere {
    /// The tab itself.
    #[serde(flatten)]
    pub present: PresentTab,
    /// It has the attribute for itself.
    pub holds: bool,
}

impl PresentHere {
    /// Views of tabs, with whether each of them holds its lock.
    pub(super) fn from_presences(presences: &[Presence], holds: &[bool]) -> Vec<Self> {
        presences.iter().zip(holds).map(|(p, holds)| Self { present: p.into(), holds: *holds }).collect()
    }
}

/// A tab in any document.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PresentAnywhere {
    /// The tab itself.
    #[serde(flatten)]
    pub present: PresentTab,
    /// The uid of the document's type.
    pub r#type: String,
    /// The document that it has open.
    pub document_id: String,
    /// Null if its type is not localised.
    pub locale: Option<String>,
}

impl From<Presence> for PresentAnywhere {
    fn from(presence: Presence) -> Self {
        Self {
            present: PresentTab::from(&presence),
            r#type: presence.document.content_type,
            document_id: presence.document.document_id,
            locale: Some(presence.document.locale).filter(|locale| !locale.is_empty()),
        }
    }
}

/// People who have the document open now, and its lock.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PresentState)]
pub struct PresenceState {
    /// All tabs in that document.
    pub present: Vec<PresentHere>,
    /// State of the tab's lock on the attribute that it wants for itself; null: it wants none.
    pub lock: Option<LockState>,
    /// After so long without a word a tab counts as gone.
    pub lease_seconds: i64,
}

/// State of a tab's lock on an attribute that it wants for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum LockState {
    /// Nobody else has it.
    Held,
    /// Somebody else has it.
    Waiting,
}
