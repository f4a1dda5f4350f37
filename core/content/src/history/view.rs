//! Views of the versions of documents.

use crate::view::{PersonReference, Time};
use cairn_store::history::HistoryStatus;
use serde::Serialize;
use serde_json::{Map, Value};
use std::borrow::Cow;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use utoipa::{PartialSchema, ToSchema};

/// Publication state of the document that an entry is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = HistoryStatus)]
pub enum HistoryStatusView {
    /// The draft, as it was saved.
    Draft,
    /// The published version; of a save that publishes the draft too, which then is the same.
    Published,
}

impl From<HistoryStatus> for HistoryStatusView {
    fn from(status: HistoryStatus) -> Self {
        match status {
            HistoryStatus::Draft => Self::Draft,
            HistoryStatus::Published => Self::Published,
        }
    }
}

/// A version of a document.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Version)]
pub struct DocumentVersion {
    /// Number of the history entry, by which pages go on.
    pub id: i64,
    /// The uid of the document's type.
    pub r#type: String,
    /// The id that all versions of the document have.
    pub document_id: String,
    /// Null if its type is not localised.
    pub locale: Option<String>,
    /// Action that stored it: `created`, `updated`, `published`, `unpublished`, `deleted`, `restored`, ….
    pub action: String,
    /// Status of the version: draft or published.
    pub status: HistoryStatusView,
    /// The token that it had.
    pub version: i64,
    /// An editor saved it by itself.
    pub autosave: bool,
    /// Time of the save.
    pub at: Time,
    /// Author of the save.
    pub actor: PersonReference,
    /// Names of the attributes that were changed.
    pub changed: Vec<String>,
    /// A remark for people.
    pub note: Option<String>,
}

/// The last version of a document that was deleted.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct DeletedVersion {
    /// The version itself.
    #[serde(flatten)]
    pub version: DocumentVersion,
    /// Title of the document at its deletion.
    pub title: Option<String>,
}

/// A version and what it holds.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct VersionWithContent {
    /// The version itself.
    #[serde(flatten)]
    pub version: DocumentVersion,
    /// As REST shows entries; what it links to as `{documentId, title?, missing?}`, or `{noAccess}`. Null: the version went, it holds nothing.
    #[schema(value_type = Option<Object>)]
    pub content: Option<Map<String, Value>>,
    /// Of attributes that the type no longer has.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>, nullable = false)]
    pub gone: Option<Map<String, Value>>,
}

/// Differences between two versions.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Comparison)]
pub struct VersionComparison {
    /// The version that is compared with `to`.
    pub from: DocumentVersion,
    /// The version that `from` is compared with.
    pub to: DocumentVersion,
    /// In the order of the attributes.
    pub differences: Vec<AttributeDifference>,
}

/// An attribute that differs. Which members it has depends on its type.
#[derive(Debug, Clone, Default, PartialEq, Serialize, ToSchema)]
#[schema(as = Difference)]
pub struct AttributeDifference {
    /// Name of the attribute.
    pub attribute: String,
    /// As in the content type.
    pub r#type: String,
    /// Value before the change; missing where `fields` or `items` has the difference.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub before: Option<Value>,
    /// Value after the change; missing like `before`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub after: Option<Value>,
    /// Texts: what came and went.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub text: Option<Vec<TextPart>>,
    /// Links: documents that were added.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub added: Option<Vec<LinkedDocument>>,
    /// Links: documents that were removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub removed: Option<Vec<LinkedDocument>>,
    /// Links: whether the remaining ones are in another order.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub reordered: Option<bool>,
    /// One component: what became of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub change: Option<ItemChange>,
    /// One component that is there before and after: its attributes that differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, no_recursion)]
    pub fields: Option<Vec<AttributeDifference>>,
    /// Components in a list: those that differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub items: Option<Vec<ItemDifference>>,
}

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TextPart {
    /// Occurrence of the part: in one of the two texts or in both.
    pub op: TextOp,
    /// The part as it is written.
    pub text: String,
}

/// Where a part of a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum TextOp {
    /// In both texts.
    Equal,
    /// Only in the text after.
    Insert,
    /// Only in the text before.
    Delete,
}

/// A document that a version links to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LinkedDocument {
    /// The id of the linked document; missing if the reader may not see it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub document_id: Option<String>,
    /// The uid of its type, where the attribute links to several.
    #[serde(rename = "__type", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub r#type: Option<String>,
    /// Missing if it has none, or the reader may not see that.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub title: Option<String>,
    /// It is not there any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub missing: Option<bool>,
    /// The reader may not see it: nothing else is told of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub no_access: Option<bool>,
}

/// Change of a component between two versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ItemChange {
    /// Only the version after has it.
    Added,
    /// Only the version before has it.
    Removed,
    /// Attributes of it differ.
    Changed,
    /// It is the same in another place.
    Moved,
}

/// A component of a list.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ItemDifference {
    /// Change of the component.
    pub change: ItemChange,
    /// Its position before, from 0 on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub from: Option<u32>,
    /// Its position after, from 0 on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub to: Option<u32>,
    /// Its uid; null: the project no longer has it.
    pub component: Option<String>,
    /// Id of the instance in the version after; missing where only one version has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub id: Option<Value>,
    /// It is in another order.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub moved: Option<bool>,
    /// The component that was removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub before: Option<Value>,
    /// The component that was added.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub after: Option<Value>,
    /// Its attributes that differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, no_recursion)]
    pub fields: Option<Vec<AttributeDifference>>,
}

impl ItemDifference {
    /// A difference of which only the change and the component are known yet.
    pub(super) fn new(change: ItemChange, component: Option<&str>) -> Self {
        Self {
            change,
            from: None,
            to: None,
            component: component.map(str::to_owned),
            id: None,
            moved: None,
            before: None,
            after: None,
            fields: None,
        }
    }
}

/// A locale of a document that was brought back.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Undeleted)]
pub struct RestoredDocument {
    /// The entry after the restoration.
    pub data: RestoredData,
    /// Report of what was restored, and what was not.
    pub meta: RestoredMeta,
}

/// The restored entry; null where it was deleted again meanwhile, or is out of the caller's sight. Described as the entry alone.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct RestoredData(pub Option<RestoredEntry>);

impl PartialSchema for RestoredData {
    fn schema() -> RefOr<Schema> {
        RestoredEntry::schema()
    }
}

impl ToSchema for RestoredData {
    fn name() -> Cow<'static, str> {
        RestoredEntry::name()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        RestoredEntry::schemas(schemas);
    }
}

/// The entry as it is now, as REST shows it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Restored)]
pub struct RestoredEntry {
    /// Number of the entry's row.
    pub id: i64,
    /// The id that it had before.
    pub document_id: String,
    /// Its attributes.
    #[serde(flatten)]
    pub attributes: Map<String, Value>,
}

impl RestoredEntry {
    /// Reads the response to the write; `None` if it shows no entry.
    pub(super) fn from_response(body: &[u8]) -> Option<Self> {
        let mut response: Value = serde_json::from_slice(body).ok()?;
        let Value::Object(mut attributes) = response["data"].take() else { return None };
        let id = attributes.remove("id")?.as_i64()?;
        let Value::String(document_id) = attributes.remove("documentId")? else { return None };
        Some(Self { id, document_id, attributes })
    }
}

/// Report of a restoration: what came back, and what could not.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RestoredMeta {
    /// Attributes that came back.
    pub restored: Vec<String>,
    /// The token of the version now.
    pub version: Option<i64>,
    /// Links to documents that are not there any more.
    pub left_out: Vec<LeftOutLink>,
    /// Paths of values that the type has no place for any more.
    #[schema(value_type = Vec<Value>)]
    pub gone: Vec<String>,
    /// Passwords, which no version holds: they have to be set.
    pub passwords: Vec<String>,
}

/// A link that could not come back.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LeftOutLink {
    /// Path of the attribute that linked to it.
    #[schema(value_type = Value)]
    pub path: String,
    /// The uid of the document's type.
    pub r#type: String,
    /// The id of the document that is not there.
    pub document_id: String,
}
