//! A field in a language of plugins.

/// Types of a field in the language: as it is read and as it is written.
pub(super) struct LanguageType {
    pub(super) read: String,
    pub(super) write: String,
    /// A list of them.
    pub(super) list: bool,
}

impl LanguageType {
    /// One that is read as it is written.
    pub(super) fn same_type(name: &str) -> Self {
        Self { read: name.to_owned(), write: name.to_owned(), list: false }
    }
}
