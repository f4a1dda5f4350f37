//! Views of tags.

use crate::BulkAction;
use serde::Serialize;
use utoipa::ToSchema;

/// A tag and how often it is used.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Tag)]
pub struct TagView {
    /// As it was first written.
    pub tag: String,
    /// How many have it.
    pub files: i64,
}

/// Outcome of renaming a tag.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = RenamedTag)]
pub struct RenamedTagView {
    /// New name of the tag.
    pub tag: String,
    /// How many had it.
    pub files: i64,
    /// There was one of that name: they are one now.
    pub merged: bool,
}

/// Outcome of deleting a tag.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = DeletedTag)]
pub struct DeletedTagView {
    /// Name that the tag had.
    pub tag: String,
    /// How many had it.
    pub files: i64,
    /// Requests to the bulk route that bring it back.
    pub undo: Vec<BulkAction>,
}
