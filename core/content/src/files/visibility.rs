//! Visibility of private files: a caller sees those in an entry that they may read, in an attribute that they may read.

#[cfg(test)]
mod tests;

use super::FileViewer;
use crate::{Content, RequestContext, Result};
use cairn_store::Reader;
use std::collections::HashSet;

impl Content {
    /// Those of these files that the caller sees in some entry that they may read, in an attribute that they may read. Returns an error
    /// if the database fails.
    pub fn visible_files(
        &self,
        context: &RequestContext<'_>,
        reader: &Reader<'_>,
        files: &[&str],
    ) -> Result<HashSet<String>> {
        self.file_viewer(context).visible_files(reader, files)
    }

    pub(crate) fn file_viewer(&self, context: &RequestContext<'_>) -> FileViewer {
        FileViewer {
            access: context.access.clone(),
            default_locale: context.default_locale.to_owned(),
            limits: self.limits,
        }
    }
}
