//! The templates of a plugin's PDFs, and what they may read: all that is in `templates/` of its package but the templates of mails.

use bytes::Bytes;
use cairn_plugin_package::package::PackageFiles;
use std::collections::{BTreeMap, BTreeSet};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct PdfTemplates {
    /// The locales that there are of each.
    named: BTreeMap<String, BTreeSet<String>>,
    /// By path, `/logo.svg`.
    files: Vec<(String, Bytes)>,
}

impl PdfTemplates {
    /// Takes the files below `templates/` unread: nothing in the server reads templates, and their errors are found when they are used.
    pub(crate) fn from_files(files: &PackageFiles) -> Self {
        let mut papers = Self::default();
        for (path, content) in files.iter_below("templates/").filter(|(path, _)| !path.ends_with(".toml")) {
            papers.files.push((format!("/{path}"), Bytes::copy_from_slice(content)));
            // A template without a locale is for others to import.
            if let Some((name, locale)) = path.strip_suffix(".typ").and_then(|rest| rest.rsplit_once('.')) {
                papers.named.entry(name.to_owned()).or_default().insert(locale.to_owned());
            }
        }
        papers
    }

    /// Files that the templates may read.
    pub(crate) fn files(&self) -> &[(String, Bytes)] {
        &self.files
    }

    /// The locales of one; `None` where there is none of that name.
    pub(crate) fn template_locales(&self, name: &str) -> Option<&BTreeSet<String>> {
        self.named.get(name)
    }

    /// The names of all.
    pub(crate) fn template_names(&self) -> impl Iterator<Item = &str> {
        self.named.keys().map(String::as_str)
    }
}
