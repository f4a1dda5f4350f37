//! One change of many files: all of them or none, with the requests that undo it.

mod action;
mod view;

pub use action::{BulkAction, MAX_BULK_FILES};
pub use view::BulkOutcomeView;

use crate::folders::FolderTree;
use crate::input::{invalid_at, invalid_each};
use crate::{Library, emit_file_event, tags};
use cairn_content::{ContentError, Result};
use cairn_store::StoreError;
use cairn_store::events::Actor;
use cairn_store::library::LibraryFile;
use serde_json::json;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

/// Largest number of tags that are added or removed at a time.
const MAX_BULK_TAGS: usize = 20;

/// Checks that all these files exist.
fn require_files(files: &HashMap<String, LibraryFile>, ids: &[String]) -> Result<()> {
    let missing = ids.iter().enumerate().filter(|(_, id)| !files.contains_key(*id));
    let problems: Vec<(String, String)> = missing
        .map(|(i, id)| (format!("ids.{i}"), format!("File {:?} not found", id.chars().take(50).collect::<String>())))
        .collect();
    if problems.is_empty() {
        return Ok(());
    }
    let message = format!("{} of the {} files do not exist; nothing was changed", problems.len(), ids.len());
    Err(invalid_each(message, &problems))
}

fn owned_ids(ids: &[&str]) -> Vec<String> {
    ids.iter().map(|id| (*id).to_owned()).collect()
}

fn ids_of<'a>(files: &[&'a LibraryFile]) -> Vec<&'a str> {
    files.iter().map(|f| f.document_id.as_str()).collect()
}

impl Library {
    /// Changes many files. Returns the number of changed files, and requests to the same route that undo the change.
    ///
    /// # Errors
    /// 400 with each id that does not exist, or for an invalid folder or tag; nothing is changed then.
    pub async fn run_bulk(&self, actor: &Arc<Actor>, bulk: BulkAction) -> Result<BulkOutcomeView> {
        let mut seen_ids = HashSet::new();
        let ids: Vec<String> = bulk.document_ids().iter().filter(|id| seen_ids.insert(id.as_str())).cloned().collect();
        if ids.is_empty() || ids.len() > MAX_BULK_FILES {
            return Err(invalid_at(
                "ids",
                format!("ids must list 1 to {MAX_BULK_FILES} files, but lists {}", ids.len()),
            ));
        }
        if let BulkAction::Trash { .. } = bulk {
            return self.trash_all(actor, &ids).await;
        }
        if let BulkAction::Restore { .. } = bulk {
            return self.restore_all(actor, &ids).await;
        }
        let (now, actor, library) = (self.now(), actor.clone(), self.clone());
        self.store()
            .write(move |tx| {
                let files = library.by_document(&tx.reader(), ids.iter().map(String::as_str))?;
                require_files(&files, bulk.document_ids())?;
                let files: Vec<&LibraryFile> = ids.iter().filter_map(|id| files.get(id)).collect();
                let mut undo = Vec::new();
                let mut changed = HashSet::new();
                match &bulk {
                    BulkAction::Move { folder, .. } => {
                        tx.folders().lock_all()?;
                        FolderTree::load_folders(&tx.reader())?.require_folder("folder", *folder)?;
                        let mut from: BTreeMap<i64, Vec<&str>> = BTreeMap::new();
                        for file in files.iter().filter(|f| f.folder != *folder) {
                            from.entry(file.folder).or_default().push(&file.document_id);
                        }
                        let all: Vec<&str> = from.values().flatten().copied().collect();
                        tx.assets().move_many_to_folder(&all, *folder)?;
                        for (before, ids) in from {
                            for id in &ids {
                                emit_file_event(tx, &actor, "moved", id, json!({ "from": before, "to": folder }), now)?;
                                changed.insert((*id).to_owned());
                            }
                            undo.push(BulkAction::Move { ids: owned_ids(&ids), folder: before });
                        }
                    }
                    BulkAction::Tag { tags: given, .. } | BulkAction::Untag { tags: given, .. } => {
                        if given.is_empty() || given.len() > MAX_BULK_TAGS {
                            return Err(invalid_at("tags", format!("tags must list 1 to {MAX_BULK_TAGS} tags")));
                        }
                        let give = matches!(bulk, BulkAction::Tag { .. });
                        let tags = tags::normalize_tags("tags", given, &tags::tags_by_key(&tx.reader())?)?;
                        let documents = ids_of(&files);
                        let current_tags = tx.reader().tags().find_for_assets(&documents)?;
                        for tag in &tags {
                            let has = |id: &&str| current_tags.get(*id).is_some_and(|tags| tags.contains(tag));
                            let these: Vec<&str> = documents.iter().copied().filter(|id| has(id) != give).collect();
                            if these.is_empty() {
                                continue;
                            }
                            let (ids, tags) = (owned_ids(&these), vec![tag.clone()]);
                            let (suffix, back) = match give {
                                true => {
                                    tx.tags().add_to_assets(&these, tag)?;
                                    ("tagged", BulkAction::Untag { ids, tags })
                                }
                                false => {
                                    tx.tags().remove_from_assets(&these, tag)?;
                                    ("untagged", BulkAction::Tag { ids, tags })
                                }
                            };
                            for id in &these {
                                emit_file_event(tx, &actor, suffix, id, json!({ "tag": tag }), now)?;
                                changed.insert((*id).to_owned());
                            }
                            undo.push(back);
                        }
                    }
                    BulkAction::Private { private, .. } => {
                        let these: Vec<&str> =
                            files.iter().filter(|f| f.private != *private).map(|f| f.document_id.as_str()).collect();
                        for id in &these {
                            library.content.set_file_private(tx, id, *private, &actor)?;
                            emit_file_event(tx, &actor, "privacy", id, json!({ "private": private }), now)?;
                            changed.insert((*id).to_owned());
                        }
                        if !these.is_empty() {
                            undo.push(BulkAction::Private { ids: owned_ids(&these), private: !private });
                        }
                    }
                    BulkAction::Trash { .. } | BulkAction::Restore { .. } => {}
                }
                Ok::<_, ContentError>(BulkOutcomeView {
                    changed: changed.len() as u32,
                    undo,
                    ..BulkOutcomeView::default()
                })
            })
            .await
    }

    /// Moves files to the trash, one after the other: each is a deletion of its own, with all its effects.
    async fn trash_all(&self, actor: &Arc<Actor>, ids: &[String]) -> Result<BulkOutcomeView> {
        let files = self.store().read(|r| self.by_document(r, ids.iter().map(String::as_str)))?;
        require_files(&files, ids)?;
        self.content.require_deletable(ids, actor)?;
        let mut trashed = Vec::new();
        for id in ids {
            // The file may have been deleted by another request meanwhile.
            if self.trash_file(actor, id).await? {
                trashed.push(id.clone());
            }
        }
        let undo = if trashed.is_empty() { vec![] } else { vec![BulkAction::Restore { ids: trashed.clone() }] };
        Ok(BulkOutcomeView {
            changed: trashed.len() as u32,
            trashed: Some(trashed),
            undo,
            ..BulkOutcomeView::default()
        })
    }

    /// Restores files from the trash, one after the other; missing ones are reported before anything is done.
    async fn restore_all(&self, actor: &Arc<Actor>, ids: &[String]) -> Result<BulkOutcomeView> {
        let documents: Vec<&str> = ids.iter().map(String::as_str).collect();
        let trashed = self.store().read(|r| r.assets().get_many_trashed(&documents))?;
        let missing = ids.iter().enumerate().filter(|(_, id)| !trashed.contains_key(*id));
        let problems: Vec<(String, String)> =
            missing.map(|(i, _)| (format!("ids.{i}"), "File not found in the trash".to_owned())).collect();
        if !problems.is_empty() {
            let message =
                format!("{} of the {} files are not in the trash; nothing was changed", problems.len(), ids.len());
            return Err(invalid_each(message, &problems));
        }
        let (access, locales) = (self.access.admin_access(), self.access.locales());
        let context = self.request_context(&access, actor, &locales.default);
        let (mut linked, mut links) = (0, 0);
        for id in ids {
            let (_, back, total) = self.content.restore_file(&context, id).await?;
            (linked, links) = (linked + back, links + total);
        }
        Ok(BulkOutcomeView {
            changed: ids.len() as u32,
            links: Some(links as u32),
            restored_links: Some(linked as u32),
            undo: vec![BulkAction::Trash { ids: ids.to_vec() }],
            ..BulkOutcomeView::default()
        })
    }

    /// Moves a file to the trash; false where it does not exist.
    pub(crate) async fn trash_file(&self, actor: &Arc<Actor>, document_id: &str) -> Result<bool> {
        let (access, locales) = (self.access.admin_access(), self.access.locales());
        let context = self.request_context(&access, actor, &locales.default);
        Ok(self.content.delete_file(&context, document_id).await?.is_some())
    }

    /// A file by its document, unless it is in the trash.
    pub(crate) fn find_file(&self, document_id: &str) -> Result<Option<LibraryFile>, StoreError> {
        let found = self.store().read(|r| self.by_document(r, std::iter::once(document_id)))?;
        Ok(found.into_values().next())
    }
}
