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

/// What became of a tag.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = RenamedTag)]
pub struct RenamedTagView {
    /// What it is called now.
    pub tag: String,
    /// How many had it.
    pub files: i64,
    /// There was one of that name: they are one now.
    pub merged: bool,
}

/// What became of a tag.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = DeletedTag)]
pub struct DeletedTagView {
    /// What it was called.
    pub tag: String,
    /// How many had it.
    pub files: i64,
    /// Requests to the bulk route that bring it back.
    pub undo: Vec<BulkAction>,
}
