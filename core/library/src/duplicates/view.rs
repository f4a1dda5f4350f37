//! The view of a group of files with the same bytes.

use crate::list::AssetView;
use serde::Serialize;
use utoipa::ToSchema;

/// Files with the same bytes.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = DuplicateAssets)]
pub struct DuplicateAssetsView {
    /// SHA-256 hash of their bytes, in hexadecimal.
    pub sha256: String,
    /// Size of one of the files.
    pub bytes: i64,
    /// By all but one.
    pub wasted: i64,
    /// The oldest first.
    pub files: Vec<AssetView>,
}
