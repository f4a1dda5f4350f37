//! Who has which document open.

use crate::openapi::response_types::Time;
use utoipa::ToSchema;

/// A tab that has a document open.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct Present {
    /// Who, such as `admin:3`.
    actor: String,
    name: String,
    tab: String,
    /// The attribute that the caret is in.
    field: Option<String>,
    since: Time,
    /// Since when it wants that attribute for itself.
    asks_since: Option<Time>,
}

/// A tab in the document that was asked about.
#[derive(ToSchema)]
pub(crate) struct PresentHere {
    #[serde(flatten)]
    present: Present,
    /// It has the attribute for itself.
    holds: bool,
}

/// A tab in any document.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct PresentAnywhere {
    #[serde(flatten)]
    present: Present,
    /// The uid of the document's type.
    r#type: String,
    document_id: String,
    locale: Option<String>,
}

/// A tab: with `holds` where a document was asked about, else with the document.
#[derive(ToSchema)]
#[serde(untagged)]
pub(crate) enum SomebodyPresent {
    Here(PresentHere),
    Anywhere(PresentAnywhere),
}

/// Who is in the document now.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct PresentState {
    present: Vec<PresentHere>,
    /// Whether the tab has what it wants for itself; null: it wants nothing.
    lock: Option<LockState>,
    /// After so long without a word a tab counts as gone.
    lease_seconds: i64,
}

/// Whether a tab has an attribute for itself.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
pub(crate) enum LockState {
    Held,
    /// Somebody else has it.
    Waiting,
}
