//! Releases: documents that are published or unpublished together, all or none, at once or at a time.
//!
//! The items of a release are applied in one transaction: unpublished first, then published, so that a page may take over the slug of one
//! that is unpublished. A preview does the same and rolls back.

mod preview;
mod rollback;
mod run;
#[cfg(test)]
mod tests;

pub use preview::{ItemPreview, ReleaseTrial, Suggestion};
pub use run::RUN_RELEASE_JOB;

use crate::{RequestedTime, invalid_request};
use cairn_access::Clock;
use cairn_content::{Content, ContentError, LocaleSelection, PublishAction, RefusalKind, Result};
use cairn_events::unix_millis;
use cairn_model::TypeId;
use cairn_store::editorial::{NewReleaseItem, ReleaseItemRow, ReleaseRow, ReleaseState, ReleaseWhen};
use cairn_store::events::{Actor, NewEvent};
use cairn_store::{Reader, WriteTx};
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// Largest number of items in one release.
pub const MAX_ITEMS: i64 = 500;
/// Longest name or note, in characters.
const MAX_NAME_CHARS: usize = 200;
const MAX_NOTE_CHARS: usize = 5_000;

/// An item to add to a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseItemInput {
    /// Type of the document.
    pub content_type: TypeId,
    /// Id of the document.
    pub document_id: String,
    /// A locale, `*` for all present ones, empty if the type is not localised.
    pub locale: String,
    /// To publish or to unpublish.
    pub action: PublishAction,
}

/// The releases of a tenant. Cloning is cheap.
#[derive(Clone)]
pub struct Releases {
    content: Content,
    clock: Arc<dyn Clock>,
}

impl Releases {
    /// Creates the service over a tenant's content.
    pub fn new(content: Content, clock: Arc<dyn Clock>) -> Self {
        Self { content, clock }
    }

    /// Creates an open release. Fails with 400 for an invalid name.
    pub async fn create(&self, name: &str, note: Option<&str>, actor: &Arc<Actor>) -> Result<ReleaseRow> {
        let (name, note) = (checked_name(name)?, note.map(checked_note).transpose()?);
        let (now, actor) = (unix_millis(self.clock.now()), actor.clone());
        self.content
            .store()
            .write(move |tx| {
                let id = tx.releases().create(&name, note.as_deref(), &actor, now)?;
                let release = tx.releases().lock(id)?.ok_or_else(ContentError::not_found)?;
                emit_release_event(tx, "created", &release, &actor, now, json!({}))?;
                Ok(release)
            })
            .await
    }

    /// Changes name and note of a release (`Some(None)`: no note).
    ///
    /// # Errors
    /// 400 for an invalid name; 404 for an unknown release.
    pub async fn rename(
        &self,
        id: i64,
        name: Option<&str>,
        note: Option<Option<&str>>,
        actor: &Arc<Actor>,
    ) -> Result<ReleaseRow> {
        let name = name.map(checked_name).transpose()?;
        let note = note.map(|note| note.map(checked_note).transpose()).transpose()?;
        let (now, actor) = (unix_millis(self.clock.now()), actor.clone());
        self.content
            .store()
            .write(move |tx| {
                let mut release = tx.releases().lock(id)?.ok_or_else(ContentError::not_found)?;
                if let Some(name) = name {
                    release.name = name;
                }
                if let Some(note) = note {
                    release.note = note;
                }
                tx.releases().update(&release)?;
                emit_release_event(tx, "changed", &release, &actor, now, json!({}))?;
                Ok(release)
            })
            .await
    }

    /// Deletes a release; what it has published stays published. Fails with 404 for an unknown release.
    pub async fn delete(&self, id: i64, actor: &Arc<Actor>) -> Result<()> {
        let (now, actor) = (unix_millis(self.clock.now()), actor.clone());
        self.content
            .store()
            .write(move |tx| {
                let release = tx.releases().lock(id)?.ok_or_else(ContentError::not_found)?;
                tx.jobs().cancel_by_key(RUN_RELEASE_JOB, &id.to_string(), now)?;
                tx.releases().delete(id)?;
                emit_release_event(tx, "deleted", &release, &actor, now, json!({}))
            })
            .await
    }

    /// Adds items, all or none. An item that exists takes the new action. Returns the number of new ones.
    ///
    /// # Errors
    /// Returns an error for a release that has ended, for too many items, and for all documents and locales that do not exist.
    pub async fn add_items(&self, id: i64, items: Vec<ReleaseItemInput>, actor: &Arc<Actor>) -> Result<usize> {
        if items.is_empty() {
            return Err(invalid_request(
                "\"items\" must not be empty: list the documents to add to the release".into(),
            ));
        }
        if items.len() as i64 > MAX_ITEMS {
            return Err(too_many());
        }
        let (now, actor) = (unix_millis(self.clock.now()), actor.clone());
        self.content
            .store()
            .write(move |tx| {
                let release = open_release(tx, id)?;
                let (mut added, mut errors) = (0, Vec::new());
                for (n, item) in items.iter().enumerate() {
                    match rows_for_item(tx, item) {
                        Ok(rows) => {
                            for row in rows {
                                added += usize::from(tx.releases().save_item(id, &row)?);
                            }
                        }
                        Err(ContentError::Refused(refusal)) => {
                            errors.push(json!({ "path": ["items", n.to_string()], "message": refusal.message,
                                "name": "ValidationError", "documentId": item.document_id }));
                        }
                        Err(other) => return Err(other),
                    }
                }
                if !errors.is_empty() {
                    return Err(refusal_with_errors("Nothing was added to the release", errors));
                }
                if tx.reader().releases().count_items(id)? > MAX_ITEMS {
                    return Err(too_many());
                }
                emit_release_event(tx, "items-changed", &release, &actor, now, json!({ "added": added }))?;
                Ok(added)
            })
            .await
    }

    /// Removes an item from a release. Returns an error for a release that has ended, and for an unknown item.
    pub async fn remove_item(&self, id: i64, item: i64, actor: &Arc<Actor>) -> Result<()> {
        let (now, actor) = (unix_millis(self.clock.now()), actor.clone());
        self.content
            .store()
            .write(move |tx| {
                let release = open_release(tx, id)?;
                if !tx.releases().delete_item(id, item)? {
                    return Err(ContentError::not_found());
                }
                emit_release_event(tx, "items-changed", &release, &actor, now, json!({ "removed": 1 }))
            })
            .await
    }

    /// Schedules a release. Returns an error for an invalid time, and for a release that has ended or is empty.
    pub async fn schedule(&self, id: i64, when: RequestedTime, actor: &Arc<Actor>) -> Result<ReleaseRow> {
        let due = when.resolve(self.clock.now())?;
        let (now, actor) = (unix_millis(self.clock.now()), actor.clone());
        self.content
            .store()
            .write(move |tx| {
                let mut release = open_release(tx, id)?;
                if tx.reader().releases().count_items(id)? == 0 {
                    return Err(invalid_request("The release is empty: add documents first".into()));
                }
                release.state = ReleaseState::Scheduled;
                release.when = Some(ReleaseWhen { local_time: when.local_time, zone: when.zone, due });
                release.problem = None;
                release.ended_at = None;
                release.ended_by = Some((*actor).clone());
                tx.releases().update(&release)?;
                run::enqueue_run(tx, id, due, now)?;
                emit_release_event(tx, "scheduled", &release, &actor, now, json!({}))?;
                Ok(release)
            })
            .await
    }

    /// Cancels the schedule of a release: it is open again. Returns an error for a release that is not scheduled.
    pub async fn unschedule(&self, id: i64, actor: &Arc<Actor>) -> Result<ReleaseRow> {
        let (now, actor) = (unix_millis(self.clock.now()), actor.clone());
        self.content
            .store()
            .write(move |tx| {
                let mut release = open_release(tx, id)?;
                if release.state != ReleaseState::Scheduled {
                    return Err(invalid_request("The release is not scheduled".into()));
                }
                release.state = ReleaseState::Open;
                release.when = None;
                release.ended_by = None;
                tx.releases().update(&release)?;
                tx.jobs().cancel_by_key(RUN_RELEASE_JOB, &id.to_string(), now)?;
                emit_release_event(tx, "unscheduled", &release, &actor, now, json!({}))?;
                Ok(release)
            })
            .await
    }
}

/// Locks a release that has not ended, and returns it.
fn open_release(tx: &mut WriteTx<'_>, id: i64) -> Result<ReleaseRow> {
    match tx.releases().lock(id)? {
        None => Err(ContentError::not_found()),
        Some(release) if release.state.is_over() => {
            Err(invalid_request(format!("The release is {}: create a new one", release.state.as_str())))
        }
        Some(release) => Ok(release),
    }
}

/// All items of a release, in the order in which they were added.
fn load_items(reader: &Reader<'_>, id: i64) -> Result<Vec<ReleaseItemRow>> {
    Ok(reader.releases().list_items(id, 0, MAX_ITEMS + 1)?)
}

/// Expands an item: one row per locale.
fn rows_for_item(tx: &WriteTx<'_>, item: &ReleaseItemInput) -> Result<Vec<NewReleaseItem>> {
    let registry = tx.registry();
    let ct = registry.get(item.content_type);
    let uid = &ct.uid;
    if item.action == PublishAction::DiscardDraft {
        return Err(invalid_request("A release can only publish and unpublish, not discard drafts".into()));
    }
    if !ct.draft_publish {
        return Err(invalid_request(format!("{uid} has no drafts: its documents are always published")));
    }
    let absent = |locale: &str| {
        let locale = if locale.is_empty() { String::new() } else { format!(" in locale {locale:?}") };
        invalid_request(format!("{uid} {:?}{locale} not found", item.document_id))
    };
    let exists = |locale: Option<&str>| tx.reader().documents().exists(ct.id, &item.document_id, locale);
    let locales = match item.locale.as_str() {
        "" if ct.localized => {
            return Err(invalid_request(format!("{uid} is localised: specify a locale, or \"*\" for all")));
        }
        "" | "*" if !ct.localized => {
            if !exists(None)? {
                return Err(absent(""));
            }
            vec![String::new()]
        }
        _ if !ct.localized => return Err(invalid_request(format!("{uid} is not localised: remove the locale"))),
        "*" => {
            let rows =
                tx.reader().documents().find_rows(ct.id, &item.document_id, item.action == PublishAction::Unpublish)?;
            if rows.is_empty() {
                return Err(absent(""));
            }
            rows.into_iter().map(|row| row.locale).collect()
        }
        one => {
            if !exists(Some(one))? {
                return Err(absent(one));
            }
            vec![one.to_owned()]
        }
    };
    let row = |locale| NewReleaseItem {
        content_type: uid.clone(),
        document_id: item.document_id.clone(),
        locale,
        action: item.action.as_str().to_owned(),
    };
    Ok(locales.into_iter().map(row).collect())
}

/// The locales of an item: the one that it names.
fn in_locale(locale: &str) -> LocaleSelection {
    if locale.is_empty() { LocaleSelection::All } else { LocaleSelection::These(vec![locale.to_owned()]) }
}

fn emit_release_event(
    tx: &mut WriteTx<'_>,
    suffix: &str,
    release: &ReleaseRow,
    actor: &Actor,
    now: i64,
    extra_data: Json,
) -> Result<()> {
    let mut data = json!({ "release": release.id, "name": release.name, "createdBy": release.actor });
    if let Some(by) = &release.ended_by {
        data["requestedBy"] = json!(by);
    }
    if let Some(when) = &release.when {
        data["due"] = when.due.into();
        data["localTime"] = when.local_time.as_str().into();
        data["zone"] = when.zone.as_str().into();
    }
    if let (Some(data), Json::Object(extra_data)) = (data.as_object_mut(), extra_data) {
        data.extend(extra_data);
    }
    let event = NewEvent {
        name: format!("cairn.release.{suffix}"),
        key: format!("release:{}", release.id),
        content_type: None,
        document_id: None,
        locale: None,
        status: None,
        data,
    };
    Ok(tx.events().emit(actor, &event, now)?)
}

/// A refusal with a list of problems.
fn refusal_with_errors(message: &str, errors: Vec<Json>) -> ContentError {
    ContentError::Refused(cairn_content::Refusal {
        kind: RefusalKind::Validation,
        message: format!("{message}: {} of its items have problems", errors.len()),
        details: json!({ "errors": errors }),
    })
}

fn too_many() -> ContentError {
    invalid_request(format!("A release can have at most {MAX_ITEMS} items: create several releases"))
}

fn checked_name(name: &str) -> Result<String> {
    let name = name.trim();
    match name.chars().count() {
        0 => Err(invalid_request("\"name\" must not be empty: give the release a name".into())),
        n if n > MAX_NAME_CHARS => {
            Err(invalid_request(format!("\"name\" must have at most {MAX_NAME_CHARS} characters")))
        }
        _ => Ok(name.to_owned()),
    }
}

fn checked_note(note: &str) -> Result<String> {
    match note.chars().count() {
        n if n > MAX_NOTE_CHARS => {
            Err(invalid_request(format!("\"note\" must have at most {MAX_NOTE_CHARS} characters")))
        }
        _ => Ok(note.to_owned()),
    }
}
