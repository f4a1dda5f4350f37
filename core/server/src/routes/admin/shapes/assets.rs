//! The media library.

use crate::openapi::response_types::Time;
use cairn_store::events::ActorKind;
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A file as a grid shows it.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct Asset {
    /// The number by which entries refer to it; another one after it was in the trash.
    id: i64,
    document_id: String,
    name: String,
    /// As it works for whoever reads it now; null in the trash.
    url: Option<String>,
    thumbnail_url: Option<String>,
    /// With its point.
    ext: Option<String>,
    mime: String,
    kind: AssetKind,
    bytes: i64,
    width: Option<i64>,
    height: Option<i64>,
    /// In the default locale.
    alternative_text: Option<String>,
    /// In the default locale.
    caption: Option<String>,
    /// A ThumbHash, in Base64.
    placeholder: Option<String>,
    /// The main colour of a picture.
    colour: Option<String>,
    /// Null where no picture was looked at.
    animated: Option<bool>,
    /// Whether parts of a picture can be seen through.
    alpha: Option<bool>,
    /// What was read from the file: of a film its length, of a document its pages.
    #[schema(value_type = Option<Object>)]
    facts: Option<Value>,
    /// Null: the root.
    folder: Option<FolderName>,
    private: bool,
    added_at: Time,
    added_by: AddedBy,
    updated_at: Option<Time>,
    /// In the trash since then.
    deleted_at: Option<Time>,
    tags: Vec<String>,
    /// How many other files have the same bytes.
    duplicates: i64,
}

/// What a file is.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
pub(crate) enum AssetKind {
    Image,
    Video,
    Audio,
    Document,
    Model,
    Other,
}

/// Who brought a file.
#[derive(ToSchema)]
pub(crate) struct AddedBy {
    kind: ActorKind,
    id: Option<String>,
    name: Option<String>,
}

/// A folder on the path to a file.
#[derive(ToSchema)]
pub(crate) struct FolderName {
    id: i64,
    name: String,
}

/// Everything about a file.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct AssetDetails {
    #[serde(flatten)]
    asset: Asset,
    /// From the root to the folder it is in.
    folder_path: Vec<FolderName>,
    /// Strapi's smaller pictures, by name.
    #[schema(value_type = Option<Object>)]
    formats: Option<Value>,
    focal_point: Option<FocalPoint>,
    /// SHA-256 hash of its bytes, in hexadecimal.
    sha256: String,
    /// Its number; of the first 1.
    version: i64,
    /// Its texts, by locale code.
    texts: BTreeMap<String, AssetTexts>,
    /// Those before, newest first.
    versions: Vec<AssetVersion>,
    /// Entries that show it; the first of them.
    usages: Vec<AssetUsage>,
    /// Whether there are more.
    more_usages: bool,
}

/// What matters most in a picture, in percent from the left and from the top.
#[derive(ToSchema)]
pub(crate) struct FocalPoint {
    x: f64,
    y: f64,
}

/// What is said of a file in a locale.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct AssetTexts {
    alternative_text: Option<String>,
    caption: Option<String>,
}

/// An earlier version of a file.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct AssetVersion {
    number: i64,
    /// What its row said.
    #[schema(value_type = Object)]
    file: Value,
    replaced_at: Time,
    replaced_by: AddedBy,
}

/// An entry that shows a file.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct AssetUsage {
    /// The file's document id.
    file: String,
    content_type: String,
    /// Display name of the content type.
    type_name: String,
    document_id: String,
    locale: Option<String>,
    status: AssetUsageStatus,
    /// The attribute, with that of the component it is in.
    path: String,
    kind: AssetUsageKind,
    title: Option<String>,
}

/// In which version of an entry.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
pub(crate) enum AssetUsageStatus {
    Draft,
    Published,
}

/// How an entry names a file.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
pub(crate) enum AssetUsageKind {
    /// By a media attribute.
    Link,
    /// By its address in a text.
    Text,
}

/// The pages before and behind this one; null: there is none.
#[derive(ToSchema)]
pub(crate) struct AssetPlaces {
    before: Option<String>,
    after: Option<String>,
}

/// Files with the same bytes.
#[derive(ToSchema)]
pub(crate) struct DuplicateAssets {
    sha256: String,
    /// Size of one of the files.
    bytes: i64,
    /// By all but one.
    wasted: i64,
    /// The oldest first.
    files: Vec<Asset>,
}

/// Where the next page begins; null: this is the last.
#[derive(ToSchema)]
pub(crate) struct AfterText {
    after: Option<String>,
}

/// What was done with many files, and how to undo it.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct BulkDone {
    changed: u32,
    /// Of files put into the trash: which.
    #[schema(nullable = false)]
    trashed: Option<Vec<String>>,
    /// Of files brought back: how many links there were to them,
    #[schema(nullable = false)]
    links: Option<u32>,
    /// and how many of those there are again.
    #[schema(nullable = false)]
    restored_links: Option<u32>,
    /// Requests to the same route, one after the other.
    undo: Vec<cairn_library::BulkAction>,
}

/// A tag and how often it is used.
#[derive(ToSchema)]
pub(crate) struct Tag {
    tag: String,
    /// How many have it.
    files: i64,
}

/// What became of a tag.
#[derive(ToSchema)]
pub(crate) struct RenamedTag {
    tag: String,
    /// How many had it.
    files: i64,
    /// There was one of that name: they are one now.
    merged: bool,
}

/// What became of a tag.
#[derive(ToSchema)]
pub(crate) struct DeletedTag {
    tag: String,
    /// How many had it.
    files: i64,
    /// Requests to the bulk route that bring it back.
    undo: Vec<cairn_library::BulkAction>,
}

/// A folder of files.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct Folder {
    id: i64,
    name: String,
    /// Null: the root.
    parent: Option<i64>,
    /// From the root to this one.
    path: Vec<FolderName>,
    /// What is uploaded into it is private.
    private: bool,
    /// Whether what is uploaded into it keeps its metadata, as the folder says; null: it says nothing.
    keeps_metadata: Option<bool>,
    /// Whether what is uploaded into it keeps its metadata, as the folder says or else the nearest around it.
    metadata_kept: bool,
    /// How many are in it.
    folders: i64,
    /// How many are in it.
    files: i64,
    /// How many are in it and in the folders in it.
    files_below: i64,
    created_at: Time,
    updated_at: Time,
}

/// What became of the files of a folder.
#[derive(ToSchema)]
pub(crate) struct DeletedFolder {
    /// Which went into the trash.
    trashed: Vec<String>,
}

/// A file as the content API shows it.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct UploadFile {
    id: i64,
    document_id: String,
    name: String,
    url: String,
    mime: String,
    /// Its other attributes.
    #[serde(flatten)]
    others: serde_json::Map<String, Value>,
}
