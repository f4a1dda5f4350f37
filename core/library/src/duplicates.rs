//! Files with the same bytes.

mod view;

pub use view::DuplicateAssetsView;

use crate::Library;
use crate::list::AssetView;
use cairn_content::Result;
use std::collections::HashMap;

/// Groups of a page at most.
const MAX_GROUPS: i64 = 50;

impl Library {
    /// Groups of files with the same bytes, each with its files, oldest first; and where the next page begins. Returns an error
    /// if the database fails.
    pub fn list_duplicates(
        &self,
        after: &str,
        limit: Option<i64>,
    ) -> Result<(Vec<DuplicateAssetsView>, Option<String>)> {
        let limit = limit.unwrap_or(MAX_GROUPS).clamp(1, MAX_GROUPS);
        self.store().read(|r| {
            let groups = r.assets().list_duplicates(after, limit)?;
            let next = groups.last().filter(|_| groups.len() as i64 == limit).map(|(sum, ..)| sum.clone());
            let sums: Vec<&str> = groups.iter().map(|(sum, ..)| sum.as_str()).collect();
            let members = r.assets().find_by_hash(&sums)?;
            let files = self.by_document(r, members.iter().map(|(_, document)| document.as_str()))?;
            let ordered: Vec<_> = members.iter().filter_map(|(_, document)| files.get(document)).cloned().collect();
            let mut by_sum: HashMap<&str, Vec<AssetView>> = HashMap::new();
            for (file, view) in ordered.iter().zip(self.grid_rows(r, &ordered)?) {
                by_sum.entry(&file.sha256).or_default().push(view);
            }
            let all = groups.iter().map(|(sum, n, bytes)| DuplicateAssetsView {
                sha256: sum.clone(),
                bytes: *bytes,
                wasted: bytes * (n - 1),
                files: by_sum.remove(sum.as_str()).unwrap_or_default(),
            });
            Ok((all.collect(), next))
        })
    }
}
