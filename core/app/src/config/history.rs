//! `[history]`.

use cairn_content::HistoryRetention;
use serde::Deserialize;

/// `[history]`: what is kept of it. What none of the three keeps is removed once a day; the last entry of a document stays.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HistoryConfig {
    /// `versions`: the newest of each document and locale; default 100.
    pub versions: u32,
    /// `days`: those of the last days; 0 for all, whatever the others say; default 365.
    pub days: u32,
    /// `published`: those of versions that were published; default true.
    pub published: bool,
}

impl Default for HistoryConfig {
    fn default() -> Self {
        Self { versions: 100, days: 365, published: true }
    }
}

impl HistoryConfig {
    /// As the content takes it.
    pub fn history_retention(self) -> HistoryRetention {
        let days = (self.days > 0).then_some(self.days);
        HistoryRetention { versions: self.versions, days, published: self.published }
    }
}
