//! The media library over its files: folders, tags, texts in other locales, pages of files, usages, and uploads that arrive in pieces. The
//! bytes of files are in [`crate::assets`].
//!
//! Times are milliseconds since 1970 in UTC and are passed by the caller.

use crate::dialect::escape_like;

mod files;
mod folders;
mod list;
mod mentions;
mod resumable;
mod tags;
#[cfg(test)]
mod tests;

pub use files::AssetText;
pub use folders::{AssetFolder, FolderProperties};
pub use list::{AssetFilter, AssetPage, AssetSort, LibraryFile};
pub use resumable::{NewResumable, ResumableRow, ResumableState};

/// A pattern that finds `text` anywhere, for `LIKE … ESCAPE '\'`.
fn like_anywhere(text: &str) -> String {
    format!("%{}%", escape_like(text))
}
