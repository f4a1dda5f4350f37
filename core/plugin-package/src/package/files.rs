//! The files of a plugin, in a folder or in a package.

use super::paths;
use super::problem::PackageProblem;
use std::collections::{BTreeMap, BTreeSet};

/// Files by path, each once. Every path is one that a package may have.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PackageFiles {
    files: BTreeMap<String, Vec<u8>>,
    /// The paths in small letters, to find those that differ in case only.
    folded: BTreeSet<String>,
}

impl PackageFiles {
    /// Creates an empty set of files.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a file. `path`: with `/` between folders, on every system.
    ///
    /// # Errors
    /// A path that a package may not have, or one that is taken, perhaps in another case.
    pub fn add(&mut self, path: &str, content: Vec<u8>) -> Result<(), PackageProblem> {
        paths::check_path(path)?;
        if !self.folded.insert(path.to_ascii_lowercase()) {
            return Err(PackageProblem::Twice(path.to_owned()));
        }
        self.files.insert(path.to_owned(), content);
        Ok(())
    }

    /// Adds a file, or replaces the one with that path. Fails for a path that a package may not have, or one that is taken in another case.
    pub fn put(&mut self, path: &str, content: Vec<u8>) -> Result<(), PackageProblem> {
        match self.files.get_mut(path) {
            Some(existing) => *existing = content,
            None => self.add(path, content)?,
        }
        Ok(())
    }

    /// Content of a file; `None` where there is no file with that path.
    pub fn get(&self, path: &str) -> Option<&[u8]> {
        self.files.get(path).map(Vec::as_slice)
    }

    /// All files, in the order of their paths.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files.iter().map(|(path, content)| (path.as_str(), content.as_slice()))
    }

    /// The files below a folder (`locales/`), by the rest of their path.
    pub fn iter_below<'f>(&'f self, folder: &'f str) -> impl Iterator<Item = (&'f str, &'f [u8])> {
        self.iter().filter_map(move |(path, content)| Some((path.strip_prefix(folder)?, content)))
    }

    /// A copy with only the files below these folders, such as `templates/`.
    pub fn only_below(&self, folders: &[&str]) -> Self {
        let filter = self.files.iter().filter(|(path, _)| folders.iter().any(|folder| path.starts_with(folder)));
        let files: BTreeMap<String, Vec<u8>> = filter.map(|(path, content)| (path.clone(), content.clone())).collect();
        let folded = files.keys().map(|path| path.to_ascii_lowercase()).collect();
        Self { files, folded }
    }

    /// Number of files.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// True if there are no files.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    pub(super) fn take(&mut self, path: &str) -> Option<Vec<u8>> {
        self.folded.remove(&path.to_ascii_lowercase());
        self.files.remove(path)
    }
}
