//! The view of links between records and files.

use cairn_store::licensing::LinkMode;
use serde::Serialize;
use utoipa::ToSchema;

/// Result of linking records with files.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = LinkedRights)]
pub struct LinkedRecordsView {
    /// Numbers of licences and releases.
    pub rights: Vec<i64>,
    /// Numbers of consents.
    pub consents: Vec<i64>,
    /// How many files.
    pub assets: u32,
    /// How they were linked.
    pub mode: LinkModeView,
}

/// How they are linked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = LinkMode)]
pub enum LinkModeView {
    /// To those there are.
    Add,
    /// In the place of those there are.
    Set,
    /// They are unlinked.
    Remove,
}

impl From<LinkMode> for LinkModeView {
    fn from(mode: LinkMode) -> Self {
        match mode {
            LinkMode::Add => Self::Add,
            LinkMode::Set => Self::Set,
            LinkMode::Remove => Self::Remove,
        }
    }
}
