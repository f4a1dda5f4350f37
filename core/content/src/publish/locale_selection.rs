//! Selection of the locales of a document.

/// Selects locales of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LocaleSelection {
    /// All that it has; for a type that is not localised its one version.
    All,
    /// These locales; each must exist.
    These(Vec<String>),
}
