//! Many documents of one type at once.

use super::{LocaleChange, LocaleSelection, PublishAction};
use crate::{Content, ContentError, Refusal, RefusalKind, Result};
use cairn_model::TypeId;
use cairn_store::events::Actor;
use serde_json::json;
use std::collections::HashMap;
use std::sync::Arc;
use tokio::task::JoinSet;

/// Largest number of documents in one request.
pub const MAX_BULK_DOCUMENTS: usize = 500;
/// Number of concurrent transactions, if each document has one.
const MAX_CONCURRENT_TRANSACTIONS: usize = 8;

/// The result for a document.
#[derive(Debug, Clone, PartialEq)]
pub struct DocumentOutcome {
    /// Id of the document.
    pub document_id: String,
    /// Its locales, or why nothing was changed.
    pub result: Result<Vec<LocaleChange>, Refusal>,
}

impl Content {
    /// Does the same as [`Content::publish`] for many documents, each in a separate transaction: refusals do not affect the others. Results
    /// are in the given order; a document that is named twice counts once.
    ///
    /// # Errors
    /// Returns an error for too many documents, and errors of the database. Changes before such an error stay.
    pub async fn publish_each(
        &self,
        action: PublishAction,
        content_type: TypeId,
        document_ids: &[String],
        locales: &LocaleSelection,
        actor: &Arc<Actor>,
    ) -> Result<Vec<DocumentOutcome>> {
        let ids = distinct_ids(document_ids)?;
        let mut results: HashMap<String, Result<Vec<LocaleChange>, Refusal>> = HashMap::new();
        let mut running = JoinSet::new();
        let mut remaining_ids = ids.iter();
        loop {
            while running.len() < MAX_CONCURRENT_TRANSACTIONS
                && let Some(&id) = remaining_ids.next()
            {
                let (content, id, locales, actor) = (self.clone(), id.to_owned(), locales.clone(), actor.clone());
                running.spawn(async move {
                    let result = content.publish(action, content_type, &id, locales, &actor, None).await;
                    (id, result)
                });
            }
            let Some(joined) = running.join_next().await else { break };
            let (id, result) = joined.map_err(|_| ContentError::from(cairn_store::StoreError::Closed))?;
            let result = match result {
                Ok(changes) => Ok(changes),
                Err(ContentError::Refused(refusal)) => Err(refusal),
                Err(other) => return Err(other),
            };
            results.insert(id, result);
        }
        let outcome = |id: &str| {
            let result = results.remove(id)?;
            Some(DocumentOutcome { document_id: id.to_owned(), result })
        };
        Ok(ids.into_iter().filter_map(outcome).collect())
    }

    /// Does the same as [`Self::publish_each`] in one transaction: all of them or none. The error lists every problem of any of
    /// them, with its document.
    pub async fn publish_together(
        &self,
        action: PublishAction,
        content_type: TypeId,
        document_ids: &[String],
        locales: &LocaleSelection,
        actor: &Arc<Actor>,
    ) -> Result<Vec<DocumentOutcome>> {
        let ids: Vec<String> = distinct_ids(document_ids)?.into_iter().map(str::to_owned).collect();
        let (publisher, locales) = (self.publisher(actor), locales.clone());
        self.store
            .write(move |tx| {
                // In a fixed order, so that concurrent writes do not deadlock.
                let mut sorted: Vec<&String> = ids.iter().collect();
                sorted.sort_unstable();
                let mut errors = Vec::new();
                for id in sorted {
                    for check in publisher.check_in(tx, action, content_type, id, &locales)? {
                        errors.extend(
                            check.problems.iter().map(|problem| document_problem_view(problem, id, &check.locale)),
                        );
                    }
                }
                if !errors.is_empty() {
                    return Err(bulk_error(errors));
                }
                let mut outcomes = Vec::with_capacity(ids.len());
                for id in ids {
                    let changes = match publisher.apply_in(tx, action, content_type, &id, &locales) {
                        // A refusal after the checks above comes from the other documents of this transaction.
                        Err(ContentError::Refused(refusal)) => {
                            return Err(bulk_error(vec![document_problem_view(&refusal, &id, "")]));
                        }
                        other => other?,
                    };
                    outcomes.push(DocumentOutcome { document_id: id, result: Ok(changes) });
                }
                Ok(outcomes)
            })
            .await
    }
}

fn distinct_ids(document_ids: &[String]) -> Result<Vec<&str>> {
    let mut ids: Vec<&str> = Vec::new();
    for id in document_ids {
        if !ids.contains(&id.as_str()) {
            ids.push(id);
        }
        if ids.len() > MAX_BULK_DOCUMENTS {
            return Err(ContentError::validation(format!(
                "A request can contain at most {MAX_BULK_DOCUMENTS} documents"
            )));
        }
    }
    Ok(ids)
}

fn document_problem_view(problem: &Refusal, document_id: &str, locale: &str) -> serde_json::Value {
    let mut error = super::problem_view(problem, locale);
    error["documentId"] = json!(document_id);
    error
}

fn bulk_error(errors: Vec<serde_json::Value>) -> ContentError {
    let message = format!("No documents were changed: {} of them cannot be processed", count_documents(&errors));
    ContentError::refuse(RefusalKind::Validation, message, json!({ "errors": errors }))
}

fn count_documents(errors: &[serde_json::Value]) -> usize {
    let mut ids: Vec<&str> = errors.iter().filter_map(|e| e["documentId"].as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    ids.len()
}
