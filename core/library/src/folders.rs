//! Folders: a tree in which the names of siblings are unique.

use crate::input::{folder_name, given, invalid_at, iso, not_found, refuse, taken};
use crate::{Library, tell_of};
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
    /// Its name.
    pub name: String,
    /// The folder it goes into; none or 0: the root.
    pub parent: Option<i64>,
    /// What is uploaded into it is private; without it as the folder it goes into.
    pub private: Option<bool>,
    /// Whether what is uploaded into it keeps its metadata (EXIF with place and device, XMP, IPTC); none: as the folder that it is in.
    #[serde(rename = "keepsMetadata")]
    pub keeps_metadata: Option<bool>,
}

/// A folder to change; what is not said stays.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ChangedFolder)]
pub struct ChangeFolder {
    /// Its name.
    pub name: Option<String>,
    /// The folder it goes into; null or 0: the root.
    #[serde(default, deserialize_with = "given")]
    pub parent: Option<Option<i64>>,
    /// What is uploaded into it from now on is private.
    pub private: Option<bool>,
    /// Whether what is uploaded into it from now on keeps its metadata (EXIF with place and device, XMP, IPTC); null: as the folder that it
    /// is in.
    #[serde(default, rename = "keepsMetadata", deserialize_with = "given")]
    pub keeps_metadata: Option<Option<bool>>,
}

/// All folders, with their parents and children.
pub(crate) struct Tree {
    folders: HashMap<i64, AssetFolder>,
    /// Ids in the order of names.
    order: Vec<i64>,
    children: HashMap<i64, Vec<i64>>,
}

impl Tree {
    pub(crate) fn read(reader: &Reader<'_>) -> Result<Self, StoreError> {
        let all = reader.asset_folders()?;
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
    pub(crate) fn check(&self, path: &str, id: i64) -> Result<()> {
        if id == 0 || self.folders.contains_key(&id) {
            return Ok(());
        }
        Err(invalid_at(path, format!("Folder {id} not found: it may have been deleted; 0 is the root")))
    }

    /// From the top down to the folder itself; empty for the root.
    pub(crate) fn path(&self, id: i64) -> Vec<&AssetFolder> {
        let mut path = Vec::new();
        let mut at = id;
        while let Some(folder) = self.folders.get(&at).filter(|_| path.len() <= MAX_DEPTH * 2) {
            path.push(folder);
            at = folder.parent;
        }
        path.reverse();
        path
    }

    /// Whether files uploaded into the folder retain their metadata, as [`Reader::asset_folder_keeps_metadata`].
    fn keeps_metadata(&self, id: i64) -> bool {
        self.path(id).iter().rev().find_map(|folder| folder.keeps_metadata).unwrap_or(false)
    }

    /// The folder and all below it.
    pub(crate) fn below(&self, id: i64) -> Vec<i64> {
        let mut all = vec![id];
        let mut next = 0;
        while let Some(&folder) = all.get(next) {
            all.extend(self.children.get(&folder).into_iter().flatten());
            next += 1;
        }
        all
    }

    /// Number of levels of the folder and those below it.
    fn height(&self, id: i64) -> usize {
        let mut level = vec![id];
        let mut height = 0;
        while !level.is_empty() && height <= MAX_DEPTH {
            level = level.iter().flat_map(|f| self.children.get(f).into_iter().flatten()).copied().collect();
            height += 1;
        }
        height
    }

    fn shown(&self, id: i64, counts: &HashMap<i64, i64>) -> Json {
        let Some(folder) = self.folders.get(&id) else { return Json::Null };
        let path = self.path(id);
        let files = |id: &i64| counts.get(id).copied().unwrap_or_default();
        json!({
            "id": folder.id,
            "name": folder.name,
            "parent": folder.parent,
            "path": path.iter().map(|f| json!({ "id": f.id, "name": f.name })).collect::<Vec<_>>(),
            "private": folder.private,
            "keepsMetadata": folder.keeps_metadata,
            "metadataKept": self.keeps_metadata(id),
            "folders": self.children.get(&id).map_or(0, Vec::len),
            "files": files(&id),
            "filesBelow": self.below(id).iter().map(files).sum::<i64>(),
            "createdAt": iso(folder.created_at),
            "updatedAt": iso(folder.updated_at),
        })
    }
}

fn missing() -> ContentError {
    not_found("Folder not found")
}

fn same_name(name: &str) -> impl FnOnce(StoreError) -> ContentError {
    let message = format!("A folder named {name:?} already exists here: choose another name");
    |e| match e {
        StoreError::Unique => taken("name", message),
        other => other.into(),
    }
}

impl Library {
    /// Every folder with its path and its number of files, in the order of names; and the number of files in no folder.
    ///
    /// # Errors
    /// Returned when the database fails.
    pub fn folders(&self) -> Result<(Vec<Json>, i64)> {
        self.store().read(|r| {
            let (tree, counts) = (Tree::read(r)?, r.asset_folder_counts()?.into_iter().collect());
            let all = tree.order.iter().map(|id| tree.shown(*id, &counts)).collect();
            Ok((all, counts.get(&0).copied().unwrap_or_default()))
        })
    }

    /// One folder, with its path and its number of files.
    ///
    /// # Errors
    /// 404 where there is no such folder.
    pub fn folder(&self, id: i64) -> Result<Json> {
        self.store().read(|r| {
            let (tree, counts) = (Tree::read(r)?, r.asset_folder_counts()?.into_iter().collect());
            Some(tree.shown(id, &counts)).filter(|shown| !shown.is_null()).ok_or_else(missing)
        })
    }

    /// Creates a folder.
    ///
    /// # Errors
    /// 400 for an invalid name, a parent that does not exist, too many levels; 409 where a sibling has the name.
    pub async fn make_folder(&self, actor: &Arc<Actor>, input: MakeFolder) -> Result<Json> {
        let name = folder_name(&input.name)?;
        let (now, actor) = (self.now(), actor.clone());
        let id = self
            .store()
            .write(move |tx| {
                tx.hold_asset_folders()?;
                let tree = Tree::read(&tx.reader())?;
                let parent = input.parent.unwrap_or(0);
                tree.check("parent", parent)?;
                deep("parent", tree.path(parent).len() + 1)?;
                if tree.order.len() >= MAX_FOLDERS {
                    let message = format!("The limit of {MAX_FOLDERS} folders is reached: delete some, or use tags");
                    return Err(refuse(RefusalKind::Application, message, json!({})));
                }
                let private = input.private.unwrap_or_else(|| tree.get(parent).is_some_and(|f| f.private));
                let folder = FolderProperties { parent, name, private, keeps_metadata: input.keeps_metadata };
                let id = tx.add_asset_folder(&folder, now).map_err(same_name(&folder.name))?;
                let mut data = told(&folder);
                data["folder"] = json!(id);
                tell_of(tx, &actor, "folder.created", &format!("folder:{id}"), data, now)?;
                Ok::<_, ContentError>(id)
            })
            .await?;
        self.folder(id)
    }

    /// Renames or moves a folder, or changes whether new files in it are private and retain their metadata.
    ///
    /// # Errors
    /// Those of creating one; 400 for a move into itself; 404.
    pub async fn change_folder(&self, actor: &Arc<Actor>, id: i64, input: ChangeFolder) -> Result<Json> {
        let name = input.name.as_deref().map(folder_name).transpose()?;
        let (now, actor) = (self.now(), actor.clone());
        self.store()
            .write(move |tx| {
                tx.hold_asset_folders()?;
                let tree = Tree::read(&tx.reader())?;
                let before = tree.get(id).ok_or_else(missing)?.clone();
                let before = properties(before);
                let after = FolderProperties {
                    parent: input.parent.map_or(before.parent, |parent| parent.unwrap_or(0)),
                    name: name.unwrap_or_else(|| before.name.clone()),
                    private: input.private.unwrap_or(before.private),
                    keeps_metadata: input.keeps_metadata.unwrap_or(before.keeps_metadata),
                };
                if after.parent != before.parent {
                    tree.check("parent", after.parent)?;
                    if tree.below(id).contains(&after.parent) {
                        let message =
                            "A folder cannot be moved into itself or one of its subfolders: choose another one";
                        return Err(invalid_at("parent", message));
                    }
                    deep("parent", tree.path(after.parent).len() + tree.height(id))?;
                }
                tx.set_asset_folder(id, &after, now).map_err(same_name(&after.name))?;
                let mut data = told(&after);
                data["folder"] = json!(id);
                data["before"] = told(&before);
                tell_of(tx, &actor, "folder.updated", &format!("folder:{id}"), data, now)
            })
            .await?;
        self.folder(id)
    }

    /// Deletes an empty folder; with `recursive`, the folders inside it as well, and all their files go to the trash.
    ///
    /// # Errors
    /// 400 where it is not empty, naming `recursive`; 404.
    pub async fn delete_folder(&self, actor: &Arc<Actor>, id: i64, recursive: bool) -> Result<Json> {
        let files = self.store().read(|r| {
            let tree = Tree::read(r)?;
            tree.get(id).ok_or_else(missing)?;
            let below = tree.below(id);
            let counts: HashMap<i64, i64> = r.asset_folder_counts()?.into_iter().collect();
            let files: i64 = below.iter().filter_map(|f| counts.get(f)).sum();
            let folders = below.len() - 1;
            if !recursive && (files > 0 || folders > 0) {
                let message = format!(
                    "The folder contains {files} files and {folders} folders: move them first, or delete it with \
                     recursive=true, which moves the files to the trash"
                );
                return Err(refuse(RefusalKind::Application, message, json!({ "files": files, "folders": folders })));
            }
            self.files_of(r, below)
        })?;
        for document in &files {
            self.trash(actor, document).await?;
        }
        let (now, by, library) = (self.now(), actor.clone(), self.clone());
        let trashed = files.len();
        self.store()
            .write(move |tx| {
                tx.hold_asset_folders()?;
                let tree = Tree::read(&tx.reader())?;
                let folder = tree.get(id).ok_or_else(missing)?;
                let below = tree.below(id);
                // Put there while the others went.
                if !library.files_of(&tx.reader(), below.clone())?.is_empty() {
                    let message = "Files were added to the folder in the meantime: try again";
                    return Err(refuse(RefusalKind::Conflict, message, json!({})));
                }
                let data = json!({ "folder": id, "name": folder.name, "parent": folder.parent, "folders": below.len() - 1, "files": trashed });
                tx.delete_asset_folders(&below, folder.parent)?;
                tell_of(tx, &by, "folder.deleted", &format!("folder:{id}"), data, now)
            })
            .await?;
        Ok(json!({ "trashed": files }))
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

fn deep(path: &str, levels: usize) -> Result<()> {
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
