//! The files in the package's folder `public/`, which every visitor may load.

use crate::Result;
use crate::bindings::public_files as raw;

/// The address of such a file, by its path in the folder, for pages: `/plugins/desk/1.2.0/form.js?v=5f0c…`. It changes with the file's
/// content, so browsers keep what they loaded.
///
/// # Errors
/// `NotFound` where the package has no such file.
pub fn url(path: &str) -> Result<String> {
    raw::url(path)
}
