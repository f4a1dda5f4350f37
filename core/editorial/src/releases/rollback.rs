//! Rolling back a release: publishes the earlier versions again, which the release stored. Drafts stay unchanged.

use super::run::content_type;
use super::{Releases, emit_release_event, in_locale, load_items, refusal_with_errors};
use crate::invalid_request;
use cairn_content::{ContentError, PublishAction, Publisher, Refusal, RefusalKind, Result};
use cairn_events::unix_millis;
use cairn_model::TypeId;
use cairn_store::editorial::{ReleaseItemRow, ReleaseRow, ReleaseState};
use cairn_store::events::Actor;
use cairn_store::{LockMode, WriteTx};
use serde_json::{Value as Json, json};
use std::sync::Arc;

impl Releases {
    /// Rolls back a published release, completely or not at all. The earlier versions were approved once: no gate is checked.
    /// `overwrite`: also if something was published or unpublished since, which is lost then (the history has it), and without
    /// documents that were deleted. Returns an error for a release that is not published, and for all items that cannot be rolled back.
    pub async fn roll_back(&self, id: i64, overwrite: bool, actor: &Arc<Actor>) -> Result<ReleaseRow> {
        let (releases, actor) = (self.clone(), actor.clone());
        self.content
            .store()
            .write(move |tx| {
                let now = unix_millis(releases.clock.now());
                let mut release = tx.releases().lock(id)?.ok_or_else(ContentError::not_found)?;
                if release.state != ReleaseState::Done {
                    let state = release.state.as_str();
                    return Err(invalid_request(format!(
                        "The release is {state}: only a release with state done can be rolled back"
                    )));
                }
                let publisher = releases.content.publisher(&actor).at_time(now);
                let mut undone = 0;
                let (mut errors, mut todo) = (Vec::new(), Vec::new());
                let registry = tx.registry();
                let mut rows = load_items(&tx.reader(), id)?;
                rows.retain(|item| item.outcome.as_deref() != Some("unchanged"));
                // In one order, whoever changes them.
                rows.sort_by(|a, b| {
                    (&a.item.content_type, &a.item.document_id).cmp(&(&b.item.content_type, &b.item.document_id))
                });
                for item in rows {
                    let Some(ct) = content_type(&registry, &item) else {
                        let message = format!("The content type {} no longer exists", item.item.content_type);
                        errors.push(rollback_problem(&item, &message, &json!({})));
                        continue;
                    };
                    tx.lock_document(ct, &item.item.document_id, LockMode::Change)?;
                    if !overwrite
                        && publisher.published_mark(tx, ct, &item.item.document_id, &item.item.locale)? != item.after
                    {
                        errors.push(rollback_problem(
                            &item,
                            "It was published or unpublished after the release",
                            &json!({}),
                        ));
                        continue;
                    }
                    todo.push((ct, item));
                }
                // Versions that are unpublished go first: their unique values may be needed by others.
                todo.sort_by_key(|(_, item)| item.before.is_some());
                // Again and again, as long as that makes room for what was in the way of unique values.
                loop {
                    let before = todo.len();
                    let (mut blocked, mut refused) = (Vec::new(), Vec::new());
                    for (ct, mut item) in todo {
                        match roll_back_item(tx, &publisher, ct, &item) {
                            Ok(()) => {
                                undone += 1;
                                item.outcome = Some("restored".into());
                                tx.releases().update_item(&item)?;
                            }
                            // Deleted since.
                            Err(ContentError::Refused(r)) if overwrite && r.kind == RefusalKind::NotFound => {}
                            Err(ContentError::Refused(Refusal { message, details, .. })) => {
                                refused.push(rollback_problem(&item, &message, &details));
                                blocked.push((ct, item));
                            }
                            Err(other) => return Err(other),
                        }
                    }
                    if blocked.is_empty() || blocked.len() == before {
                        errors.extend(refused);
                        break;
                    }
                    todo = blocked;
                }
                if !errors.is_empty() {
                    return Err(refusal_with_errors("Nothing was rolled back", errors));
                }
                release.state = ReleaseState::RolledBack;
                release.rolled_back_at = Some(now);
                tx.releases().update(&release)?;
                emit_release_event(tx, "rolled-back", &release, &actor, now, json!({ "items": undone }))?;
                Ok(release)
            })
            .await
    }
}

fn roll_back_item(tx: &mut WriteTx<'_>, publisher: &Publisher, ct: TypeId, item: &ReleaseItemRow) -> Result<()> {
    let (document_id, locale) = (&item.item.document_id, &item.item.locale);
    match &item.before {
        Some(published_json) => publisher.republish_in(tx, ct, document_id, locale, published_json),
        None => match publisher.apply_in(tx, PublishAction::Unpublish, ct, document_id, &in_locale(locale)) {
            // Deleted since: there is nothing to take back.
            Err(ContentError::Refused(refusal)) if refusal.kind == RefusalKind::NotFound => Ok(()),
            done => done.map(drop),
        },
    }
}

fn rollback_problem(item: &ReleaseItemRow, message: &str, details: &Json) -> Json {
    let mut error = json!({
        "path": ["items", item.id.to_string()], "message": message, "name": "ValidationError", "details": details,
        "item": item.id, "contentType": item.item.content_type, "documentId": item.item.document_id,
    });
    if !item.item.locale.is_empty() {
        error["locale"] = item.item.locale.as_str().into();
    }
    error
}
