//! Updates reviews and comments when the content changes: done when it is published, open again when it is written, deleted with the
//! document; and reports invalidated approvals.

use crate::notices::event_document;
use crate::service::document_event;
use cairn_events::{Consumer, TransactionalConsumer};
use cairn_store::editorial::DocumentKey;
use cairn_store::events::{Actor, Event};
use cairn_store::{StoreError, WriteTx};
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, HashSet};

/// The consumer that updates the reviews of changed documents. What counts for publishing does not wait for it.
#[derive(Debug, Clone, Copy, Default)]
pub struct ReviewSync;

impl Consumer for ReviewSync {
    fn name(&self) -> &str {
        "review-upkeep"
    }

    fn wants_event(&self, event: &Event) -> bool {
        event.event.name.starts_with("cairn.document.")
    }
}

impl TransactionalConsumer for ReviewSync {
    fn apply_events(&self, tx: &mut WriteTx<'_>, events: &[Event]) -> Result<(), StoreError> {
        // Most documents have neither a review nor comments: one look for all of them.
        let mut by_type: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for e in events.iter().map(|e| &e.event) {
            if let (Some(uid), Some(document)) = (&e.content_type, &e.document_id) {
                by_type.entry(uid).or_default().push(document);
            }
        }
        let mut at_desk: HashSet<(&str, String)> = HashSet::new();
        for (uid, documents) in by_type {
            at_desk.extend(
                tx.reader()
                    .reviews()
                    .find_documents_with_review_or_comments(uid, &documents)?
                    .into_iter()
                    .map(|d| (uid, d)),
            );
        }
        for event in events {
            let Some(d) = event_document(event) else { continue };
            if !at_desk.contains(&(d.content_type.as_str(), d.document_id.clone())) {
                continue;
            }
            // A change of what all locales share is a change of each of them.
            let others = event.event.data["sharedWith"].as_array().into_iter().flatten().filter_map(Json::as_str);
            let others: Vec<DocumentKey> = others.map(|l| DocumentKey { locale: l.to_owned(), ..d.clone() }).collect();
            for d in std::iter::once(&d).chain(&others) {
                sync_review(tx, d, event)?;
            }
        }
        Ok(())
    }
}

fn sync_review(tx: &mut WriteTx<'_>, d: &DocumentKey, event: &Event) -> Result<(), StoreError> {
    let registry = tx.registry();
    let Some(ct) = registry.by_uid(&d.content_type) else { return Ok(()) };
    // By what is there now, not by what the event says: it may be long past.
    let Some(token) = tx.reader().documents().get_draft_token(ct.id, &d.document_id, &d.locale)? else {
        tx.reviews().delete(d)?;
        return tx.comments().delete_for_document(d).map(drop);
    };
    let Some(review) = tx.reader().reviews().get(d)? else { return Ok(()) };
    let versions = tx.reader().documents().list_versions(ct.id, &[&d.document_id])?;
    let published = versions.iter().find(|v| v.published && v.locale == d.locale).map(|v| v.token.version);
    let is_done = published == Some(token.version);
    if is_done != review.done_at.is_some() {
        tx.reviews().set_done(review.id, is_done.then_some(event.at))?;
    }
    let fallen = tx.reviews().mark_fallen_approvals(review.id, token, event.at)?;
    if !fallen.is_empty() && !is_done {
        let mut approvers: Vec<i64> = fallen.iter().map(|a| a.approval.admin_user).collect();
        approvers.sort_unstable();
        approvers.dedup();
        let assignees = tx.reader().reviews().find_assignees(&[review.id])?.remove(&review.id).unwrap_or_default();
        let data = json!({
            "approvals": fallen.iter().map(|a| a.id).collect::<Vec<_>>(),
            "roles": fallen.iter().map(|a| a.approval.role.as_str()).collect::<Vec<_>>(),
            "approvers": approvers, "assignees": assignees, "stage": review.stage, "version": token.version,
            "changedBy": event.actor.name, "changed": event.event.data["changed"],
        });
        tx.events().emit(&Actor::system("review"), &document_event("cairn.review.approval_fell", d, data), event.at)?;
    }
    Ok(())
}
