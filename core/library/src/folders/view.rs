//! Views of folders.

use cairn_content::view::Time;
use cairn_store::library::AssetFolder;
use serde::Serialize;
use utoipa::ToSchema;

/// A folder of files.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Folder)]
pub struct FolderView {
    /// Numeric id of the folder.
    pub id: i64,
    /// Unique among its siblings.
    pub name: String,
    /// The folder it is in; 0 or null: the root.
    #[schema(value_type = Option<i64>)]
    pub parent: i64,
    /// From the root to this one.
    pub path: Vec<FolderNameView>,
    /// True if files that are uploaded into it are private.
    pub private: bool,
    /// True if what is uploaded into it keeps its metadata, as the folder says; null: it says nothing.
    pub keeps_metadata: Option<bool>,
    /// True if what is uploaded into it keeps its metadata, as the folder says or else the nearest around it.
    pub metadata_kept: bool,
    /// How many are in it.
    pub folders: i64,
    /// How many are in it.
    pub files: i64,
    /// How many are in it and in the folders in it.
    pub files_below: i64,
    /// Time of the creation.
    pub created_at: Time,
    /// Time of the last change.
    pub updated_at: Time,
}

/// A folder on the path to a file.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = FolderName)]
pub struct FolderNameView {
    /// Numeric id of the folder.
    pub id: i64,
    /// Unique among its siblings.
    pub name: String,
}

impl From<&AssetFolder> for FolderNameView {
    fn from(folder: &AssetFolder) -> Self {
        Self { id: folder.id, name: folder.name.clone() }
    }
}

/// Outcome of deleting a folder for its files.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = DeletedFolder)]
pub struct DeletedFolderView {
    /// Document ids of the files that went into the trash.
    pub trashed: Vec<String>,
}
