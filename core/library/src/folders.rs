//! Folders: a tree in which the names of siblings are unique.

mod view;

pub use view::{DeletedFolderView, FolderNameView, FolderView};

use crate::input::{conflict_at, folder_name, given, invalid_at, not_found, refusal_error};
use crate::{Library, emit_event};
use cairn_content::view::Time;
use cairn_content::{ContentError, RefusalKind, Result};
use cairn_store::events::Actor;
use cairn_store::library::{AssetFolder, FolderProperties};
use cairn_store::{Reader, StoreError};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use std::collections::HashMap;
use std::sync::Arc;

/// Deepest nesting of folders.
pub const MAX_DEPTH: usize = 20;
/// Largest number of folders of a tenant.
const MAX_FOLDERS: usize = 20_000;

/// A folder to make.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewFolder)]
pub struct MakeFolder {
    /// Name of the folder.
    pub name: String,
    /// The folder it goes into; none or 0: the root.
    pub parent: Option<i64>,
    /// True if files uploaded into it are private; without it as the folder it goes into.
    pub private: Option<bool>,
    /// True if what is uploaded into it keeps its metadata (EXIF with place and device, XMP, IPTC); none: as the folder that it is in.
    #[serde(rename = "keepsMetadata")]
    pub keeps_metadata: Option<bool>,
}

/// A folder to change; what is not said stays.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ChangedFolder)]
pub struct ChangeFolder {
    /// New name of the folder.
    pub name: Option<String>,
    /// The folder it goes into; null or 0: the root.
    #[serde(default, deserialize_with = "given")]
    pub parent: Option<Option<i64>>,
    /// True if files that are uploaded into it from now on are private.
    pub private: Option<bool>,
    /// True if files that are uploaded into it from now on keep their metadata (EXIF with location and device, XMP, IPTC); null: as the
    /// folder that it is in.
    #[serde(default, rename = "keepsMetadata", deserialize_with = "given")]
    pub keeps_metadata: Option<Option<bool>>,
}

/// All folders, with their parents and children.
pub(crate) struct FolderTree {
    folders: HashMap<i64, AssetFolder>,
    /// Ids in the order of names.
    order: Vec<i64>,
    children: HashMap<i64, Vec<i64>>,
}

impl FolderTree {
    pub(crate) fn load_folders(reader: &Reader<'_>) -> Result<Self, StoreError> {
        let all = reader.folders().list()?;
        let order = all.iter().map(|f| f.id).collect();
        let mut children: HashMap<i64, Vec<i64>> = HashMap::new();
        for folder in &all {
            children.entry(folder.parent).or_default().push(folder.id);
        }
        Ok(Self { folders: all.into_iter().map(|f| (f.id, f)).collect(), order, children })
    }

    pub(crate) fn get(&self, id: i64) -> Option<&AssetFolder> {
        self.folders.get(&id)
    }

    /// Checks that an id is the root's, or that of an existing folder.
    pub(crate) fn require_folder(&self, path: &str, id: i64) -> Result<()> {
        if id == 0 || self.folders.contains_key(&id) {
            return Ok(());
        }
        Err(invalid_at(path, format!("Folder {id} not found: it may have been deleted; 0 is the root")))
    }

    /// From the top down to the folder itself; empty for the root.
    pub(crate) fn path_to(&self, id: i64) -> Vec<&AssetFolder> {
        let mut path = Vec::new();
        let mut at = id;
        while let Some(folder) = self.folders.get(&at).filter(|_| path.len() <= MAX_DEPTH * 2) {
            path.push(folder);
            at = folder.parent;
        }
        path.reverse();
        path
    }

    /// True if files uploaded into the folder retain their metadata, as
    /// [`folders().retains_metadata`](cairn_store::namespaces::Folders::retains_metadata).
    fn keeps_metadata(&self, id: i64) -> bool {
        self.path_to(id).iter().rev().find_map(|folder| folder.keeps_metadata).unwrap_or(false)
    }

    /// The folder and all below it.
    pub(crate) fn folder_and_below(&self, id: i64) -> Vec<i64> {
        let mut all = vec![id];
        let mut next = 0;
        while let Some(&folder) = all.get(next) {
            all.extend(self.children.get(&folder).into_iter().flatten());
            next += 1;
        }
        all
    }

    /// Number of levels of the folder and those below it.
    fn levels_below(&self, id: i64) -> usize {
        let mut level = vec![id];
        let mut height = 0;
        while !level.is_empty() && height <= MAX_DEPTH {
            level = level.iter().flat_map(|f| self.children.get(f).into_iter().flatten()).copied().collect();
            height += 1;
        }
        height
    }

    fn folder_view(&self, id: i64, counts: &HashMap<i64, i64>) -> Option<FolderView> {
        let folder = self.folders.get(&id)?;
        let files = |id: &i64| counts.get(id).copied().unwrap_or_default();
        Some(FolderView {
            id: folder.id,
            name: folder.name.clone(),
            parent: folder.parent,
            path: self.path_to(id).into_iter().map(FolderNameView::from).collect(),
            private: folder.private,
            keeps_metadata: folder.keeps_metadata,
            metadata_kept: self.keeps_metadata(id),
            folders: self.children.get(&id).map_or(0, Vec::len) as i64,
            files: files(&id),
            files_below: self.folder_and_below(id).iter().map(files).sum(),
            created_at: Time(folder.created_at),
            updated_at: Time(folder.updated_at),
        })
    }
}

fn missing_folder() -> ContentError {
    not_found("Folder not found")
}

fn same_name(name: &str) -> impl FnOnce(StoreError) -> ContentError {
    let message = format!("A folder named {name:?} already exists here: choose another name");
    |e| match e {
        StoreError::Unique => conflict_at("name", message),
        other => other.into(),
    }
}

impl Library {
    /// Every folder with its path and its number of files, in the order of names; and the number of files in no folder. Returns an
    /// error if the database fails.
    pub fn list_folders(&self) -> Result<(Vec<FolderView>, i64)> {
        self.store().read(|r| {
            let (tree, counts) = (FolderTree::load_folders(r)?, r.folders().count_files()?.into_iter().collect());
            let all = tree.order.iter().filter_map(|id| tree.folder_view(*id, &counts)).collect();
            Ok((all, counts.get(&0).copied().unwrap_or_default()))
        })
    }

    /// One folder, with its path and its number of files. Fails with 404 if there is no such folder.
    pub fn get_folder(&self, id: i64) -> Result<FolderView> {
        self.store().read(|r| {
            let (tree, counts) = (FolderTree::load_folders(r)?, r.folders().count_files()?.into_iter().collect());
            tree.folder_view(id, &counts).ok_or_else(missing_folder)
        })
    }

    /// Creates a folder.
    ///
    /// # Errors
    /// 400 for an invalid name, a parent that does not exist, too many levels; 409 where a sibling has the name.
    pub async fn create_folder(&self, actor: &Arc<Actor>, input: MakeFolder) -> Result<FolderView> {
        let name = folder_name(&input.name)?;
        let (now, actor) = (self.now(), actor.clone());
        let id = self
            .store()
            .write(move |tx| {
                tx.folders().lock_all()?;
                let tree = FolderTree::load_folders(&tx.reader())?;
                let parent = input.parent.unwrap_or(0);
                tree.require_folder("parent", parent)?;
                check_depth("parent", tree.path_to(parent).len() + 1)?;
                if tree.order.len() >= MAX_FOLDERS {
                    let message = format!("The limit of {MAX_FOLDERS} folders is reached: delete some, or use tags");
                    return Err(refusal_error(RefusalKind::Application, message, json!({})));
                }
                let private = input.private.unwrap_or_else(|| tree.get(parent).is_some_and(|f| f.private));
                let folder = FolderProperties { parent, name, private, keeps_metadata: input.keeps_metadata };
                let id = tx.folders().create(&folder, now).map_err(same_name(&folder.name))?;
                let mut data = told(&folder);
                data["folder"] = json!(id);
                emit_event(tx, &actor, "folder.created", &format!("folder:{id}"), data, now)?;
                Ok::<_, ContentError>(id)
            })
            .await?;
        self.get_folder(id)
    }

    /// Renames or moves a folder, or changes whether new files in it are private and retain their metadata.
    ///
    /// # Errors
    /// Those of creating one; 400 for a move into itself; 404.
    pub async fn change_folder(&self, actor: &Arc<Actor>, id: i64, input: ChangeFolder) -> Result<FolderView> {
        let name = input.name.as_deref().map(folder_name).transpose()?;
        let (now, actor) = (self.now(), actor.clone());
        self.store()
            .write(move |tx| {
                tx.folders().lock_all()?;
                let tree = FolderTree::load_folders(&tx.reader())?;
                let before = tree.get(id).ok_or_else(missing_folder)?.clone();
                let before = properties(before);
                let after = FolderProperties {
                    parent: input.parent.map_or(before.parent, |parent| parent.unwrap_or(0)),
                    name: name.unwrap_or_else(|| before.name.clone()),
                    private: input.private.unwrap_or(before.private),
                    keeps_metadata: input.keeps_metadata.unwrap_or(before.keeps_metadata),
                };
                if after.parent != before.parent {
                    tree.require_folder("parent", after.parent)?;
                    if tree.folder_and_below(id).contains(&after.parent) {
                        let message =
                            "A folder cannot be moved into itself or one of its subfolders: choose another one";
                        return Err(invalid_at("parent", message));
                    }
                    check_depth("parent", tree.path_to(after.parent).len() + tree.levels_below(id))?;
                }
                tx.folders().update(id, &after, now).map_err(same_name(&after.name))?;
                let mut data = told(&after);
                data["folder"] = json!(id);
                data["before"] = told(&before);
                emit_event(tx, &actor, "folder.updated", &format!("folder:{id}"), data, now)
            })
            .await?;
        self.get_folder(id)
    }

    /// Deletes an empty folder; with `recursive`, the folders inside it as well, and all their files go to the trash.
    ///
    /// # Errors
    /// 400 where it is not empty, naming `recursive`; 404.
    pub async fn delete_folder(&self, actor: &Arc<Actor>, id: i64, recursive: bool) -> Result<DeletedFolderView> {
        let files = self.store().read(|r| {
            let tree = FolderTree::load_folders(r)?;
            tree.get(id).ok_or_else(missing_folder)?;
            let below = tree.folder_and_below(id);
            let counts: HashMap<i64, i64> = r.folders().count_files()?.into_iter().collect();
            let files: i64 = below.iter().filter_map(|f| counts.get(f)).sum();
            let folders = below.len() - 1;
            if !recursive && (files > 0 || folders > 0) {
                let message = format!(
                    "The folder contains {files} files and {folders} folders: move them first, or delete it with \
                     recursive=true, which moves the files to the trash"
                );
                return Err(refusal_error(
                    RefusalKind::Application,
                    message,
                    json!({ "files": files, "folders": folders }),
                ));
            }
            self.files_in_folders(r, below)
        })?;
        self.content.require_deletable(&files, actor)?;
        for document in &files {
            self.trash_file(actor, document).await?;
        }
        let (now, by, library) = (self.now(), actor.clone(), self.clone());
        let trashed = files.len();
        self.store()
            .write(move |tx| {
                tx.folders().lock_all()?;
                let tree = FolderTree::load_folders(&tx.reader())?;
                let folder = tree.get(id).ok_or_else(missing_folder)?;
                let below = tree.folder_and_below(id);
                // Put there while the others went.
                if !library.files_in_folders(&tx.reader(), below.clone())?.is_empty() {
                    let message = "Files were added to the folder in the meantime: try again";
                    return Err(refusal_error(RefusalKind::Conflict, message, json!({})));
                }
                let data = json!({ "folder": id, "name": folder.name, "parent": folder.parent, "folders": below.len() - 1, "files": trashed });
                tx.folders().delete(&below, folder.parent)?;
                emit_event(tx, &by, "folder.deleted", &format!("folder:{id}"), data, now)
            })
            .await?;
        Ok(DeletedFolderView { trashed: files })
    }
}

fn properties(folder: AssetFolder) -> FolderProperties {
    let AssetFolder { parent, name, private, keeps_metadata, .. } = folder;
    FolderProperties { parent, name, private, keeps_metadata }
}

/// A folder in events.
fn told(folder: &FolderProperties) -> Json {
    let FolderProperties { parent, name, private, keeps_metadata } = folder;
    json!({ "name": name, "parent": parent, "private": private, "keepsMetadata": keeps_metadata })
}

fn check_depth(path: &str, levels: usize) -> Result<()> {
    if levels <= MAX_DEPTH {
        return Ok(());
    }
    Err(invalid_at(
        path,
        format!(
            "Folders can be nested {MAX_DEPTH} levels deep, but this would be {levels}: choose a folder further up"
        ),
    ))
}
