//! Comments: threads on a document, one of its attributes, or one component in it. Plain text, of bounded size.
//!
//! Every editor of the document may read and write them, resolve a thread and reopen it; a text is changed by its author alone, and deleted
//! by its author or a super admin.

mod field_path;
mod mentions;
#[cfg(test)]
mod tests;
mod view;

pub use view::{CommentThread, CommentView};

use crate::EditorialService;
use crate::input;
use crate::service::{EditorialCaller, document_event, forbidden_error, invalid_at, invalid_error, not_found};
use cairn_access::AdminCaller;
use cairn_content::Result;
use cairn_store::editorial::{CommentRow, DocumentKey, NewComment};
use cairn_store::{Reader, WriteTx};
use serde::Deserialize;
use serde_json::json;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// Longest comment, in characters.
pub const MAX_TEXT_CHARS: usize = 10_000;
/// Largest number of comments on one document and locale.
pub const MAX_COMMENTS: i64 = 2_000;
/// Largest number of replies in one thread.
pub const MAX_ANSWERS: i64 = 200;

/// A comment to write.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewComment)]
pub struct CommentInput {
    /// Plain text; `@[email or number]` mentions an admin user.
    pub text: String,
    /// The attribute that it is about: `title`, `blocks.2.caption`.
    pub path: Option<String>,
    /// The `id` of the component in the draft that it is about.
    pub instance: Option<i64>,
    /// The number of the comment that begins the thread which it answers.
    pub thread: Option<i64>,
}

/// A new text for a comment.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ChangedComment)]
pub struct CommentEdit {
    /// The new text, plain; it replaces the old one.
    pub text: String,
}

fn check_text(text: &str) -> Result<String> {
    input::check_remark("text", Some(text), MAX_TEXT_CHARS)?
        .ok_or_else(|| invalid_at("text", "A comment must have text"))
}

fn missing_comment() -> cairn_content::ContentError {
    not_found("Comment not found")
}

fn require_comment(r: &Reader<'_>, id: i64) -> Result<CommentRow> {
    r.comments().get(id)?.filter(|c| c.deleted_at.is_none()).ok_or_else(missing_comment)
}

impl EditorialService {
    /// Lists the threads of a document, newest first, each with its replies; with the id to continue before. Returns an error
    /// if the database fails.
    pub fn list_comments(
        &self,
        d: &DocumentKey,
        resolved: Option<bool>,
        before: Option<i64>,
        limit: i64,
    ) -> Result<(Vec<CommentThread>, Option<i64>)> {
        self.store().read(|r| {
            let threads = r.comments().list_threads(d, resolved, before, limit)?;
            let ids: Vec<i64> = threads.iter().map(|t| t.id).collect();
            let mut answers: HashMap<i64, Vec<CommentView>> = HashMap::new();
            for answer in r.comments().list_replies(&ids, limit * MAX_ANSWERS)? {
                if let Some(thread) = answer.comment.thread {
                    answers.entry(thread).or_default().push(answer.into());
                }
            }
            let next = (threads.len() as i64 == limit).then(|| ids.last().copied()).flatten();
            let all = threads
                .into_iter()
                .map(|t| CommentThread { answers: answers.remove(&t.id).unwrap_or_default(), comment: t.into() })
                .collect();
            Ok((all, next))
        })
    }

    /// Writes a comment.
    ///
    /// # Errors
    /// 400 for invalid input, an unknown path, an unknown mention, a document with too many comments; 404 for an unknown document.
    pub async fn write_comment(
        &self,
        admin: &AdminCaller,
        actor: &Arc<cairn_store::events::Actor>,
        d: DocumentKey,
        input: CommentInput,
    ) -> Result<CommentView> {
        let (caller, now) = (EditorialCaller::new(admin, actor), self.now());
        let admin_user = caller.require_person()?;
        let text = check_text(&input.text)?;
        if let Some(path) = &input.path {
            field_path::check_path(self.registry(), self.content_type(&d.content_type)?, path)
                .map_err(|problem| invalid_at("path", problem))?;
        }
        self.store()
            .write(move |tx| {
                let registry = tx.registry();
                let ct = registry.by_uid(&d.content_type).ok_or_else(missing_comment)?.id;
                // The lock keeps concurrent comments within their limit, and the document from being deleted.
                if !tx.lock_document(ct, &d.document_id, cairn_store::LockMode::Change)?
                    || tx.reader().documents().get_draft_token(ct, &d.document_id, &d.locale)?.is_none()
                {
                    return Err(not_found("Document not found"));
                }
                let reader = tx.reader();
                let (mut path, mut instance) = (input.path.clone(), input.instance);
                let mut participants = BTreeSet::new();
                if let Some(thread) = input.thread {
                    let head = reader
                        .comments()
                        .get(thread)?
                        .filter(|c| c.comment.document == d && c.comment.thread.is_none());
                    let head = head.ok_or_else(|| invalid_at("thread", "Thread not found on this document"))?;
                    if reader.comments().count_replies(thread)? >= MAX_ANSWERS {
                        return Err(invalid_error(format!(
                            "A thread can have at most {MAX_ANSWERS} replies: start a new one"
                        )));
                    }
                    participants.insert(head.comment.admin_user);
                    participants.extend(
                        reader.comments().list_replies(&[thread], MAX_ANSWERS)?.iter().map(|a| a.comment.admin_user),
                    );
                    (path, instance) = (head.comment.path, head.comment.instance);
                }
                if reader.comments().count(&d)? >= MAX_COMMENTS {
                    return Err(invalid_error(format!(
                        "A document can have at most {MAX_COMMENTS} comments: delete some first"
                    )));
                }
                let mentions = mentions::resolve_mentions(&reader, &text)?;
                let comment = NewComment {
                    document: d.clone(),
                    path,
                    instance,
                    thread: input.thread,
                    admin_user,
                    actor: (*caller.actor).clone(),
                    text: text.clone(),
                    mentions: mentions.clone(),
                };
                let id = tx.comments().create(&comment, now)?;
                if let Some(thread) = input.thread {
                    // A reply opens the thread again.
                    tx.comments().resolve_thread(thread, None)?;
                }
                let data = json!({
                    "comment": id, "thread": comment.thread, "path": comment.path, "mentions": mentions, "text": text,
                    "participants": participants,
                });
                tx.events().emit(&caller.actor, &document_event("cairn.comment.created", &d, data), now)?;
                emit_mentioned(tx, &caller, &d, (id, &text), &mentions, now)?;
                tx.reader().comments().get(id)?.map(CommentView::from).ok_or_else(missing_comment)
            })
            .await
    }

    /// Changes the text of the caller's comment. Users who are mentioned for the first time are notified.
    ///
    /// # Errors
    /// 400 for invalid input, 403 for somebody else's comment, 404 for an unknown one.
    pub async fn edit_comment(
        &self,
        admin: &AdminCaller,
        actor: &Arc<cairn_store::events::Actor>,
        id: i64,
        input: CommentEdit,
    ) -> Result<CommentView> {
        let (caller, now) = (EditorialCaller::new(admin, actor), self.now());
        let text = check_text(&input.text)?;
        self.store()
            .write(move |tx| {
                let before = require_comment(&tx.reader(), id)?;
                if caller.id != Some(before.comment.admin_user) {
                    return Err(forbidden_error("Only the author can change a comment"));
                }
                let mentions = mentions::resolve_mentions(&tx.reader(), &text)?;
                tx.comments().update_text(id, &text, &mentions, now)?;
                let d = &before.comment.document;
                tx.events().emit(
                    &caller.actor,
                    &document_event("cairn.comment.changed", d, json!({ "comment": id })),
                    now,
                )?;
                let new: Vec<i64> = mentions.into_iter().filter(|m| !before.comment.mentions.contains(m)).collect();
                emit_mentioned(tx, &caller, d, (id, &text), &new, now)?;
                tx.reader().comments().get(id)?.map(CommentView::from).ok_or_else(missing_comment)
            })
            .await
    }

    /// Deletes a comment. If it has replies, it stays as an empty comment.
    ///
    /// # Errors
    /// 403 for somebody else's comment, 404 for an unknown one.
    pub async fn delete_comment(
        &self,
        admin: &AdminCaller,
        actor: &Arc<cairn_store::events::Actor>,
        id: i64,
    ) -> Result<()> {
        let (caller, now) = (EditorialCaller::new(admin, actor), self.now());
        self.store()
            .write(move |tx| {
                let comment = require_comment(&tx.reader(), id)?.comment;
                if caller.id != Some(comment.admin_user) && !caller.is_super {
                    return Err(forbidden_error("Only the author or a super admin can delete a comment"));
                }
                tx.comments().delete(id, now)?;
                let event = document_event(
                    "cairn.comment.deleted",
                    &comment.document,
                    json!({ "comment": id, "of": comment.admin_user }),
                );
                Ok(tx.events().emit(&caller.actor, &event, now)?)
            })
            .await
    }

    /// Resolves a thread, or reopens it.
    ///
    /// # Errors
    /// 400 for a reply, 404 for an unknown comment.
    pub async fn resolve_comment(
        &self,
        admin: &AdminCaller,
        actor: &Arc<cairn_store::events::Actor>,
        id: i64,
        resolved: bool,
    ) -> Result<CommentView> {
        let (caller, now) = (EditorialCaller::new(admin, actor), self.now());
        self.store()
            .write(move |tx| {
                let head = tx.reader().comments().get(id)?.ok_or_else(missing_comment)?;
                if head.comment.thread.is_some() {
                    return Err(invalid_error("Only the first comment of a thread can be resolved"));
                }
                if head.resolved_at.is_some() != resolved {
                    tx.comments().resolve_thread(id, resolved.then_some((&*caller.actor, now)))?;
                    let name = if resolved { "cairn.comment.resolved" } else { "cairn.comment.reopened" };
                    tx.events().emit(
                        &caller.actor,
                        &document_event(name, &head.comment.document, json!({ "comment": id })),
                        now,
                    )?;
                }
                tx.reader().comments().get(id)?.map(CommentView::from).ok_or_else(missing_comment)
            })
            .await
    }

    /// The document that a comment is about. Fails with 404 for an unknown comment.
    pub fn document_of_comment(&self, id: i64) -> Result<DocumentKey> {
        self.store().read(|r| r.comments().get(id))?.map(|c| c.comment.document).ok_or_else(missing_comment)
    }
}

fn emit_mentioned(
    tx: &mut WriteTx<'_>,
    caller: &EditorialCaller,
    d: &DocumentKey,
    (id, text): (i64, &str),
    users: &[i64],
    now: i64,
) -> Result<()> {
    if users.is_empty() {
        return Ok(());
    }
    let data = json!({ "comment": id, "users": users, "text": text });
    Ok(tx.events().emit(&caller.actor, &document_event("cairn.comment.mentioned", d, data), now)?)
}
