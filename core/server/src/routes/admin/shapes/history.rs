//! The history of documents.

use crate::openapi::response_types::Time;
use cairn_store::events::ActorKind;
use cairn_store::history::HistoryStatus;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// Who did something, by the name they had then.
#[derive(ToSchema)]
#[schema(as = Somebody)]
pub(crate) struct PersonReference {
    kind: ActorKind,
    id: Option<String>,
    name: Option<String>,
}

/// A version of a document.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[schema(as = Version)]
pub(crate) struct DocumentVersion {
    id: i64,
    /// The uid of the document's type.
    r#type: String,
    document_id: String,
    locale: Option<String>,
    /// What was done: `created`, `updated`, `published`, `unpublished`, `deleted`, `restored`, ….
    action: String,
    status: HistoryStatus,
    /// The token that it had.
    version: i64,
    /// An editor saved it by itself.
    autosave: bool,
    at: Time,
    actor: PersonReference,
    /// Names of the attributes that were changed.
    changed: Vec<String>,
    note: Option<String>,
}

/// The last version of a document that was deleted.
#[derive(ToSchema)]
pub(crate) struct DeletedVersion {
    #[serde(flatten)]
    version: DocumentVersion,
    /// What the document was called.
    title: Option<String>,
}

/// A version and what it holds.
#[derive(ToSchema)]
pub(crate) struct VersionWithContent {
    #[serde(flatten)]
    version: DocumentVersion,
    /// As REST shows entries; what it links to as `{documentId, title?, missing?}`. Null: the version went, it holds nothing.
    #[schema(value_type = Option<Object>)]
    content: Option<Value>,
    /// Of attributes that the type no longer has.
    #[schema(value_type = Option<Object>, nullable = false)]
    gone: Option<Value>,
}

/// What differs between two versions.
#[derive(ToSchema)]
pub(crate) struct Comparison {
    from: DocumentVersion,
    to: DocumentVersion,
    differences: Vec<Difference>,
}

/// An attribute that differs. Which members it has depends on its type.
#[derive(ToSchema)]
pub(crate) struct Difference {
    attribute: String,
    /// As in the content type.
    r#type: String,
    /// Value before the change; missing where `fields` or `items` has the difference.
    #[schema(nullable = false)]
    before: Option<Value>,
    #[schema(nullable = false)]
    after: Option<Value>,
    /// Texts: what came and went.
    #[schema(nullable = false)]
    text: Option<Vec<TextPart>>,
    /// Links: documents that were added.
    #[schema(nullable = false)]
    added: Option<Vec<LinkedDocument>>,
    /// Links: documents that were removed.
    #[schema(nullable = false)]
    removed: Option<Vec<LinkedDocument>>,
    /// Links: whether the remaining ones are in another order.
    #[schema(nullable = false)]
    reordered: Option<bool>,
    /// One component: what became of it.
    #[schema(nullable = false)]
    change: Option<ItemChange>,
    /// One component that is there before and after: its attributes that differ.
    #[schema(nullable = false, no_recursion)]
    fields: Option<Vec<Difference>>,
    /// Components in a list: those that differ.
    #[schema(nullable = false)]
    items: Option<Vec<ItemDifference>>,
}

/// A part of a text.
#[derive(ToSchema)]
pub(crate) struct TextPart {
    op: TextOp,
    text: String,
}

/// Where a part of a text is.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
pub(crate) enum TextOp {
    /// In both texts.
    Equal,
    /// Only in the text after.
    Insert,
    /// Only in the text before.
    Delete,
}

/// A document that a version links to.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct LinkedDocument {
    document_id: String,
    /// The uid of its type, where the attribute links to several.
    #[schema(nullable = false, rename = "__type")]
    r#type: Option<String>,
    #[schema(nullable = false)]
    title: Option<String>,
    /// It is not there any more.
    #[schema(nullable = false)]
    missing: Option<bool>,
}

/// What became of a component.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
pub(crate) enum ItemChange {
    Added,
    Removed,
    Changed,
    Moved,
}

/// A component of a list.
#[derive(ToSchema)]
pub(crate) struct ItemDifference {
    change: ItemChange,
    /// Its position before, from 0 on.
    #[schema(nullable = false)]
    from: Option<u32>,
    /// Its position after, from 0 on.
    #[schema(nullable = false)]
    to: Option<u32>,
    /// Its uid; null: the project no longer has it.
    component: Option<String>,
    #[schema(nullable = false)]
    id: Option<Value>,
    /// It is in another order.
    #[schema(nullable = false)]
    moved: Option<bool>,
    /// The component that was removed.
    #[schema(nullable = false)]
    before: Option<Value>,
    /// The component that was added.
    #[schema(nullable = false)]
    after: Option<Value>,
    /// Its attributes that differ.
    #[schema(nullable = false, no_recursion)]
    fields: Option<Vec<Difference>>,
}

/// The entry as it is now, as REST shows it.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[schema(as = Restored)]
pub(crate) struct RestoredEntry {
    id: i64,
    document_id: String,
    /// Its attributes.
    #[serde(flatten)]
    attributes: Map<String, Value>,
}

/// What could not come back.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct RestoredMeta {
    /// Attributes that came back.
    restored: Vec<String>,
    /// The token of the version now.
    version: Option<i64>,
    /// Links to documents that are not there any more.
    left_out: Vec<LeftOutLink>,
    /// What the type has no place for any more.
    gone: Vec<Value>,
    /// Passwords, which no version holds: they have to be set.
    passwords: Vec<String>,
}

/// A link that could not come back.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct LeftOutLink {
    /// Path of the attribute that linked to it.
    path: Value,
    /// The uid of the document's type.
    r#type: String,
    document_id: String,
}
