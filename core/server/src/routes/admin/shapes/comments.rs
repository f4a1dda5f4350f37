//! Comments on documents.

use super::review::Author;
use crate::openapi::response_types::Time;
use utoipa::ToSchema;

/// What somebody says about a document.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct Comment {
    id: i64,
    /// The comment that begins the thread which it answers; null: it begins one.
    thread: Option<i64>,
    /// The attribute that it is about.
    path: Option<String>,
    /// The `id` of the component in the draft that it is about.
    instance: Option<i64>,
    /// Null: it was deleted.
    text: Option<String>,
    author: Author,
    /// Numbers of the admin users that it mentions.
    mentions: Vec<i64>,
    created_at: Time,
    edited_at: Option<Time>,
    deleted: bool,
    resolved_at: Option<Time>,
    resolved_by: Option<String>,
}

/// A comment and its answers.
#[derive(ToSchema)]
pub(crate) struct CommentThread {
    #[serde(flatten)]
    comment: Comment,
    /// The oldest first.
    answers: Vec<Comment>,
}
