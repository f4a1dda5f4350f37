//! Comments as the admin API returns them.

use crate::review::Author;
use cairn_content::view::Time;
use cairn_store::editorial::CommentRow;
use serde::Serialize;
use utoipa::ToSchema;

/// Comment on a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Comment)]
pub struct CommentView {
    /// Number of the comment, which its answers name as `thread`.
    pub id: i64,
    /// The comment that begins the thread which it answers; null: it begins one.
    pub thread: Option<i64>,
    /// The attribute that it is about.
    pub path: Option<String>,
    /// The `id` of the component in the draft that it is about.
    pub instance: Option<i64>,
    /// Null: it was deleted.
    pub text: Option<String>,
    /// Author of the comment.
    pub author: Author,
    /// Numbers of the admin users that it mentions.
    pub mentions: Vec<i64>,
    /// When it was written.
    pub created_at: Time,
    /// When its text was changed last.
    pub edited_at: Option<Time>,
    /// It stays without its text, for its answers.
    pub deleted: bool,
    /// When its thread was resolved; null: it is open.
    pub resolved_at: Option<Time>,
    /// Name of the actor who resolved its thread.
    pub resolved_by: Option<String>,
}

impl From<CommentRow> for CommentView {
    fn from(row: CommentRow) -> Self {
        let comment = row.comment;
        Self {
            id: row.id,
            thread: comment.thread,
            path: comment.path,
            instance: comment.instance,
            text: row.deleted_at.is_none().then_some(comment.text),
            author: Author { id: Some(comment.admin_user), name: comment.actor.name },
            mentions: comment.mentions,
            created_at: Time(row.created_at),
            edited_at: row.edited_at.map(Time),
            deleted: row.deleted_at.is_some(),
            resolved_at: row.resolved_at.map(Time),
            resolved_by: row.resolved_by.and_then(|actor| actor.name),
        }
    }
}

/// A comment and its answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CommentThread {
    /// The comment that begins it.
    #[serde(flatten)]
    pub comment: CommentView,
    /// The oldest first.
    pub answers: Vec<CommentView>,
}
