//! The kinds of sources, and the words that messages have for each.

use serde::Serialize;

/// The source of an import.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ImportSource {
    /// An archive of `strapi export`.
    #[default]
    Archive,
    /// A database of Strapi, and its uploads folder.
    Database,
}

impl ImportSource {
    /// The noun for it: "archive".
    pub fn noun(self) -> &'static str {
        match self {
            Self::Archive => "archive",
            Self::Database => "database",
        }
    }

    /// The imperative for the next try, after something was corrected in Strapi: "export again".
    pub fn retry(self) -> &'static str {
        match self {
            Self::Archive => "export again",
            Self::Database => "import again",
        }
    }
}
