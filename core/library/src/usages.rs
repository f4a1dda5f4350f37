//! Usages of files for people: which entry, which version of it, and where in it.

mod view;

pub use view::{AssetUsageKind, AssetUsageStatus, AssetUsageView};

use crate::Library;
use crate::file::missing_file;
use cairn_content::Result;
use cairn_store::StoreError;
use cairn_store::content::Usage;
use cairn_store::library::{AssetFilter, AssetPage};

/// Largest number of usages that are returned for one file.
const MAX_USAGES: i64 = 1_000;
/// Largest number of files whose addresses are searched for in texts at a time.
pub(crate) const MAX_MENTIONED_FILES: usize = 20;

impl Library {
    /// The usages of files; with `mentions` also texts that contain their address. The second value: whether these are all, or searching
    /// texts took too long, or there are too many. Fails with 404 if one of the files does not exist.
    pub fn list_usages(&self, documents: &[&str], mentions: bool) -> Result<(Vec<AssetUsageView>, bool)> {
        let files = self.store().read(|r| {
            let filter_for = |trash| AssetFilter {
                documents: Some(documents.iter().map(|d| (*d).to_owned()).collect()),
                trash,
                ..AssetFilter::default()
            };
            let page = AssetPage { limit: documents.len() as i64, ..AssetPage::default() };
            let mut files = r.assets().list(&filter_for(false), &page)?;
            files.extend(r.assets().list(&filter_for(true), &page)?);
            Ok::<_, StoreError>(files)
        })?;
        if documents.iter().any(|d| !files.iter().any(|f| f.document_id == *d)) {
            return Err(missing_file());
        }
        let mut usages = self
            .store()
            .read(|r| r.documents().find_usages(self.content.registry().file_type().id, documents, MAX_USAGES))?;
        let mut complete = (usages.len() as i64) < MAX_USAGES;
        if mentions {
            let file_hashes: Vec<(&str, &str)> = files
                .iter()
                .filter_map(|f| Some((f.document_id.as_str(), f.hash.as_deref()?)))
                .take(MAX_MENTIONED_FILES)
                .collect();
            complete &= files.len() <= MAX_MENTIONED_FILES;
            let types = self.store().read(|r| Ok::<_, StoreError>(r.assets().find_types_with_texts()))?;
            for ct in types {
                match self.store().read(|r| r.assets().find_mentions(ct, &file_hashes, MAX_USAGES)) {
                    Ok(mentions) => {
                        complete &= (mentions.len() as i64) < MAX_USAGES;
                        usages.extend(mentions);
                    }
                    Err(StoreError::Timeout(_)) => complete = false,
                    Err(e) => return Err(e.into()),
                }
            }
        }
        Ok((self.usage_views(&usages)?, complete))
    }

    /// Usages with the titles of their entries.
    pub(crate) fn usage_views(&self, usages: &[Usage]) -> Result<Vec<AssetUsageView>> {
        let entries = self.content.usage_views(usages)?;
        Ok(usages.iter().zip(entries).map(|(usage, entry)| AssetUsageView::from_usage(usage, entry)).collect())
    }
}
