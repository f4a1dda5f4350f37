//! Publishing, unpublishing, discarding a draft: one document or many, per locale. [`Publisher`] does it inside a transaction of its caller
//! (releases, schedules); [`Content`] has the use-cases around it.

mod bulk;
mod draft_problems;
mod draft_state;
mod gate;
mod locale_selection;
mod republish;
#[cfg(test)]
mod tests;

pub use bulk::{DocumentOutcome, MAX_BULK_DOCUMENTS};
pub use draft_state::{DraftLink, DraftState};
pub use gate::PublishGate;
pub(crate) use gate::PublishGates;
pub use locale_selection::LocaleSelection;
pub(crate) use republish::AttributeLinks;

use crate::document_event::WriteAuthor;
use crate::hooks::{HookAction, Hooks};
use crate::save::{DocumentWrite, document_locales};
use crate::{Content, ContentError, Refusal, RefusalKind, Result};
use cairn_access::format_iso;
use cairn_model::{ContentType, TypeId};
use cairn_store::events::Actor;
use cairn_store::{LockMode, WriteTx};
use chrono::DateTime;
use serde_json::json;
use std::sync::Arc;

/// Action on the published version or the draft of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PublishAction {
    /// The draft becomes the published version.
    Publish,
    /// The published version goes, the draft stays.
    Unpublish,
    /// The draft becomes what is published.
    DiscardDraft,
}

impl PublishAction {
    /// The text that is stored and returned by the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Publish => "publish",
            Self::Unpublish => "unpublish",
            Self::DiscardDraft => "discard-draft",
        }
    }

    /// Parses what [`Self::as_str`] returns.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Publish, Self::Unpublish, Self::DiscardDraft].into_iter().find(|action| action.as_str() == text)
    }
}

impl From<PublishAction> for HookAction {
    fn from(action: PublishAction) -> Self {
        match action {
            PublishAction::Publish => Self::Publish,
            PublishAction::Unpublish => Self::Unpublish,
            PublishAction::DiscardDraft => Self::DiscardDraft,
        }
    }
}

/// The result for one locale's version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocaleChange {
    /// Empty if the type is not localised.
    pub locale: String,
    /// True if anything was written; `false` if it was in that state already.
    pub changed: bool,
    /// The draft's version token afterwards.
    pub version: i64,
}

/// The expected result for one locale's version.
#[derive(Debug, Clone, PartialEq)]
pub struct LocaleCheck {
    /// Empty if the type is not localised.
    pub locale: String,
    /// Reasons for a refusal; empty: it would succeed.
    pub problems: Vec<Refusal>,
    /// True if it is in that state already.
    pub unchanged: bool,
}

/// Publishes on behalf of an actor, at a time, subject to gates. Cloning is cheap.
#[derive(Clone)]
pub struct Publisher {
    author: WriteAuthor,
    gates: PublishGates,
    hooks: Option<Arc<dyn Hooks>>,
}

impl Content {
    /// Creates a publisher for a transaction of the caller.
    pub fn publisher(&self, actor: &Arc<Actor>) -> Publisher {
        let at = self.access.now().timestamp_millis();
        let by = WriteAuthor { actor: actor.clone(), at, recording: self.recording, viewer: None };
        Publisher { author: by, gates: self.gates.clone(), hooks: self.hooks.clone() }
    }

    /// Publishes, unpublishes or discards the draft of one document; all selected locales or none. `expected`: only if the draft of the one
    /// locale has this version token.
    ///
    /// # Errors
    /// Returns the refusal: for a single locale as it is, for several all of them with their locales.
    pub async fn publish(
        &self,
        action: PublishAction,
        content_type: TypeId,
        document_id: &str,
        locales: LocaleSelection,
        actor: &Arc<Actor>,
        expected: Option<i64>,
    ) -> Result<Vec<LocaleChange>> {
        let (publisher, id) = (self.publisher(actor), document_id.to_owned());
        self.store
            .write(move |tx| {
                if let Some(expected) = expected {
                    publisher.check_version_in(tx, content_type, &id, &locales, expected)?;
                }
                publisher.apply_in(tx, action, content_type, &id, &locales)
            })
            .await
    }
}

impl Publisher {
    /// Sets another time (milliseconds): a transaction that may run late reads the clock itself.
    pub fn at_time(self, ms: i64) -> Self {
        Self { author: WriteAuthor { at: ms, ..self.author }, ..self }
    }

    fn author_and_hooks(&self) -> (WriteAuthor, Option<Arc<dyn Hooks>>) {
        (self.author.clone(), self.hooks.clone())
    }

    fn now_iso(&self) -> String {
        DateTime::from_timestamp_millis(self.author.at).map(format_iso).unwrap_or_default()
    }

    /// Applies the action in a transaction, which must be rolled back after an error. The document is locked from then on; to change
    /// several, lock them in the order of type and id. Returns the same errors as [`Content::publish`].
    pub fn apply_in(
        &self,
        tx: &mut WriteTx<'_>,
        action: PublishAction,
        content_type: TypeId,
        document_id: &str,
        locales: &LocaleSelection,
    ) -> Result<Vec<LocaleChange>> {
        let checks = self.check_in(tx, action, content_type, document_id, locales)?;
        refuse_problems(&checks)?;
        let registry = tx.registry();
        let ct = registry.get(content_type);
        let mut changes = Vec::with_capacity(checks.len());
        for check in checks {
            let mut write =
                DocumentWrite::for_version(&registry, ct, tx, &check.locale, self.now_iso(), self.author_and_hooks());
            let (draft, published) = write.load_versions(document_id)?;
            if !check.unchanged {
                write.run_step_hooks(action.into(), document_id, published.as_ref(), draft.as_ref())?;
            }
            let (changed, draft) = match (action, draft, published) {
                (PublishAction::Unpublish, draft, Some(_)) => (true, write.unpublish_version(document_id, draft)?),
                (_, draft, _) if check.unchanged => (false, draft),
                (PublishAction::Publish, Some(draft), _) => {
                    write.publish_draft(&draft)?;
                    (true, Some(draft))
                }
                (PublishAction::DiscardDraft, Some(draft), Some(published)) => {
                    (true, Some(write.reset_draft(&draft, &published)?))
                }
                // Looked at by the check; a version does not go while the document is held.
                _ => return Err(missing_version(ct, document_id, &check.locale)),
            };
            let version = draft.map_or(0, |row| row.version);
            changes.push(LocaleChange { locale: check.locale, changed, version });
        }
        Ok(changes)
    }

    /// Checks what would happen, with all reasons for a refusal. Writes nothing; the document is locked from then on.
    ///
    /// # Errors
    /// Returns errors of the database only: problems of the document are in the result.
    pub fn check_in(
        &self,
        tx: &mut WriteTx<'_>,
        action: PublishAction,
        content_type: TypeId,
        document_id: &str,
        selection: &LocaleSelection,
    ) -> Result<Vec<LocaleCheck>> {
        let registry = tx.registry();
        let ct = registry.get(content_type);
        let refused = |locale: &str, error: ContentError| match error {
            ContentError::Refused(refusal) => {
                Ok(vec![LocaleCheck { locale: locale.to_owned(), problems: vec![refusal], unchanged: false }])
            }
            other => Err(other),
        };
        if !ct.draft_publish {
            let message = format!("{} has no drafts: its documents are always published", ct.uid);
            return refused("", ContentError::validation(message));
        }
        // The first lock finds no row if another transaction turns the published version into the missing draft meanwhile.
        let exists = tx.lock_document(content_type, document_id, LockMode::Change)?
            || tx.lock_document(content_type, document_id, LockMode::Change)?;
        if !exists {
            return refused("", missing_version(ct, document_id, ""));
        }
        let requested = match selection {
            LocaleSelection::These(these) if !ct.localized && these.iter().any(|l| !l.is_empty()) => {
                let message = format!("{} is not localised: leave out the locale", ct.uid);
                return refused("", ContentError::validation(message));
            }
            LocaleSelection::These(these) if ct.localized => {
                let mut distinct: Vec<String> = Vec::with_capacity(these.len());
                these.iter().for_each(|l| {
                    if !distinct.contains(l) {
                        distinct.push(l.clone());
                    }
                });
                distinct
            }
            _ => self.affected_locales(tx, action, ct, document_id)?,
        };
        let mut checks = Vec::with_capacity(requested.len());
        for locale in requested {
            let mut write =
                DocumentWrite::for_version(&registry, ct, tx, &locale, String::new(), self.author_and_hooks());
            let (draft, published) = write.load_versions(document_id)?;
            let mut check = LocaleCheck { locale: locale.clone(), problems: Vec::new(), unchanged: false };
            match (action, &draft, &published) {
                (_, None, None) => check.problems = into_refusals(missing_version(ct, document_id, &locale))?,
                (PublishAction::Unpublish, _, published) => check.unchanged = published.is_none(),
                // From before its type had drafts: what is published is the draft.
                (_, None, Some(_)) => check.unchanged = true,
                (_, Some(draft), Some(published)) if write.has_equal_content(draft, published)? => {
                    check.unchanged = true
                }
                (PublishAction::Publish, Some(draft), _) => {
                    check.problems = write.publish_refusals(draft, &self.gates)?;
                }
                (PublishAction::DiscardDraft, _, None) => {
                    let message = format!(
                        "{} was never published: there is no published version to revert to",
                        describe_version(ct, document_id, &locale)
                    );
                    check.problems = into_refusals(ContentError::validation(message))?;
                }
                (PublishAction::DiscardDraft, _, Some(_)) => {}
            }
            checks.push(check);
        }
        Ok(checks)
    }

    /// The locales that have something to publish, to unpublish, or to reset to; all if there is none.
    fn affected_locales(
        &self,
        tx: &WriteTx<'_>,
        action: PublishAction,
        ct: &ContentType,
        id: &str,
    ) -> Result<Vec<String>> {
        let list_locales = |published| -> Result<Vec<String>> {
            Ok(tx.reader().documents().find_rows(ct.id, id, published)?.into_iter().map(|row| row.locale).collect())
        };
        let some = list_locales(action != PublishAction::Publish)?;
        if some.is_empty() { document_locales(tx, ct.id, id) } else { Ok(some) }
    }

    /// Refuses if the draft is not the version that was seen.
    fn check_version_in(
        &self,
        tx: &mut WriteTx<'_>,
        content_type: TypeId,
        document_id: &str,
        locales: &LocaleSelection,
        expected: i64,
    ) -> Result<()> {
        tx.lock_document(content_type, document_id, LockMode::Change)?;
        let locale = match locales {
            LocaleSelection::These(these) if these.len() == 1 => these.first().cloned().unwrap_or_default(),
            _ if !tx.registry().get(content_type).localized => String::new(),
            _ => return Err(ContentError::validation("A version belongs to one locale: name the locale")),
        };
        match tx.reader().documents().get_row(content_type, document_id, &locale, false)? {
            Some(row) if row.version != expected => {
                let key = crate::history::VersionKey { content_type, document_id, locale: &locale };
                Err(crate::history::stale_version_error(tx, &key, Some(expected), Some(row.version))?)
            }
            _ => Ok(()),
        }
    }
}

/// Combines all problems into one error; for a single locale it is returned as it is.
fn refuse_problems(checks: &[LocaleCheck]) -> Result<()> {
    let failed_checks: Vec<&LocaleCheck> = checks.iter().filter(|check| !check.problems.is_empty()).collect();
    match failed_checks.as_slice() {
        [] => Ok(()),
        [one] if checks.len() == 1 || one.problems.len() == 1 => match one.problems.first() {
            Some(problem) => Err(ContentError::Refused(problem.clone())),
            None => Ok(()),
        },
        many => {
            let errors = many.iter().flat_map(|check| check.problems.iter().map(|p| problem_view(p, &check.locale)));
            let errors: Vec<_> = errors.collect();
            let message = format!("{} errors occurred", errors.len());
            Err(ContentError::refuse(RefusalKind::Validation, message, json!({ "errors": errors })))
        }
    }
}

/// A refusal in a list of several.
fn problem_view(problem: &Refusal, locale: &str) -> serde_json::Value {
    let mut error =
        json!({ "path": [], "message": problem.message, "name": "ValidationError", "details": problem.details });
    if !locale.is_empty() {
        error["locale"] = json!(locale);
    }
    error
}

fn into_refusals(error: ContentError) -> Result<Vec<Refusal>> {
    match error {
        ContentError::Refused(refusal) => Ok(vec![refusal]),
        other => Err(other),
    }
}

fn missing_version(ct: &ContentType, document_id: &str, locale: &str) -> ContentError {
    let message = format!("{} not found", describe_version(ct, document_id, locale));
    ContentError::refuse(RefusalKind::NotFound, message, json!({}))
}

fn describe_version(ct: &ContentType, document_id: &str, locale: &str) -> String {
    let locale = if locale.is_empty() { String::new() } else { format!(" in locale {locale:?}") };
    format!("{} {document_id:?}{locale}", ct.uid)
}
