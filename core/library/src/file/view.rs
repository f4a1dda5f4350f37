//! Views of one file.

use crate::folders::FolderNameView;
use crate::list::{AddedByView, AssetView};
use crate::usages::AssetUsageView;
use cairn_content::view::Time;
use serde::{Deserialize, Serialize};
use serde_json::{Number, Value as Json};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Everything about a file.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AssetDetails)]
pub struct AssetDetailsView {
    /// The file as a grid shows it.
    #[serde(flatten)]
    pub asset: AssetView,
    /// From the root to the folder it is in.
    pub folder_path: Vec<FolderNameView>,
    /// Strapi's smaller pictures, by name.
    #[schema(value_type = Option<Object>)]
    pub formats: Json,
    /// Null where nobody set it.
    pub focal_point: Option<FocalPointView>,
    /// SHA-256 hash of its bytes, in hexadecimal.
    pub sha256: String,
    /// Its number; of the first 1.
    pub version: i64,
    /// Its texts, by locale code.
    pub texts: BTreeMap<String, AssetTextsView>,
    /// Those before, newest first.
    pub versions: Vec<AssetVersionView>,
    /// Entries that show it; the first of them.
    pub usages: Vec<AssetUsageView>,
    /// True if there are more.
    pub more_usages: bool,
}

/// Point that matters most in a picture, in percent from the left and from the top.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = FocalPoint)]
pub struct FocalPointView {
    /// From the left, with the digits that were sent.
    #[schema(value_type = f64)]
    pub x: Number,
    /// From the top, with the digits that were sent.
    #[schema(value_type = f64)]
    pub y: Number,
}

/// Texts of a file in a locale.
#[derive(Debug, Clone, PartialEq, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AssetTexts)]
pub struct AssetTextsView {
    /// Description of the picture for those who cannot see it.
    pub alternative_text: Option<String>,
    /// Shown beside it.
    pub caption: Option<String>,
}

/// An earlier version of a file.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AssetVersion)]
pub struct AssetVersionView {
    /// Counted from 1, the first upload.
    pub number: i64,
    /// Content of its row at that time.
    #[schema(value_type = Object)]
    pub file: Json,
    /// When another version took its place.
    pub replaced_at: Time,
    /// Actor who uploaded that one, or had it restored.
    pub replaced_by: AddedByView,
}
