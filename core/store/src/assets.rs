//! Files besides their rows: the objects that hold their bytes, their versions, and what the media library knows of them.
//!
//! Times are milliseconds since 1970 in UTC and are given by the caller.

mod adopt;
mod blobs;
mod files;

pub use adopt::UnadoptedFile;
pub use blobs::{BlobClaim, BlobClaimOutcome};
pub use files::{Asset, AssetBlob, AssetVersion, ImageAppearance, ServedBlob};

#[cfg(test)]
mod tests;
