//! Where files are used, for people: which entry, which version of it, where in it.

use crate::Library;
use crate::file::missing;
use cairn_content::Result;
use cairn_model::TypeId;
use cairn_store::StoreError;
use cairn_store::library::{AssetFilter, AssetPage, AssetUsage};
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Usages that are told of one file.
const MOST: i64 = 1_000;
/// Files whose addresses are looked for in texts at a time.
pub(crate) const MENTIONED: usize = 20;
impl Library {
    /// Where files are used; with `mentions` also where a text names their address. The second answer: whether that is all, or
    /// looking for texts took too long, or there are too many.
    ///
    /// # Errors
    /// 404 where one of them is not there.
    pub fn usages(&self, documents: &[&str], mentions: bool) -> Result<(Vec<Json>, bool)> {
        let files = self.store().read(|r| {
            let of = |trash| AssetFilter {
                documents: Some(documents.iter().map(|d| (*d).to_owned()).collect()),
                trash,
                ..AssetFilter::default()
            };
            let page = AssetPage { limit: documents.len() as i64, ..AssetPage::default() };
            let mut files = r.library(&of(false), &page)?;
            files.extend(r.library(&of(true), &page)?);
            Ok::<_, StoreError>(files)
        })?;
        if documents.iter().any(|d| !files.iter().any(|f| f.document_id == *d)) {
            return Err(missing());
        }
        let mut found = self.store().read(|r| r.asset_usages(documents, MOST))?;
        let mut complete = (found.len() as i64) < MOST;
        if mentions {
            let named: Vec<(&str, &str)> = files
                .iter()
                .filter_map(|f| Some((f.document_id.as_str(), f.hash.as_deref()?)))
                .take(MENTIONED)
                .collect();
            complete &= files.len() <= MENTIONED;
            let types = self.store().read(|r| Ok::<_, StoreError>(r.types_with_texts()))?;
            for ct in types {
                match self.store().read(|r| r.asset_mentions(ct, &named, MOST)) {
                    Ok(mentions) => {
                        complete &= (mentions.len() as i64) < MOST;
                        found.extend(mentions);
                    }
                    Err(StoreError::Timeout(_)) => complete = false,
                    Err(e) => return Err(e.into()),
                }
            }
        }
        Ok((self.shown_usages(&found)?, complete))
    }

    /// Usages with the titles of their entries.
    pub(crate) fn shown_usages(&self, usages: &[AssetUsage]) -> Result<Vec<Json>> {
        let registry = self.content.registry();
        let mut wanted: BTreeMap<(TypeId, &str), BTreeSet<&str>> = BTreeMap::new();
        for usage in usages {
            wanted.entry((usage.content_type, &usage.locale)).or_default().insert(&usage.document_id);
        }
        let mut titles: HashMap<(TypeId, &str), HashMap<String, String>> = HashMap::new();
        for ((ct, locale), documents) in wanted {
            let documents: Vec<&str> = documents.into_iter().collect();
            let found = self.store().read(|r| r.titles(ct, registry.get(ct).title(), &documents, locale))?;
            titles.insert((ct, locale), found);
        }
        let shown = usages.iter().map(|u| {
            let ct = registry.get(u.content_type);
            let title = titles.get(&(u.content_type, u.locale.as_str())).and_then(|t| t.get(&u.document_id));
            json!({
                "file": u.file, "contentType": ct.uid, "typeName": ct.display_name, "documentId": u.document_id,
                "locale": Some(&u.locale).filter(|l| !l.is_empty()),
                "status": if u.published { "published" } else { "draft" },
                "path": u.path, "kind": if u.mentioned { "text" } else { "link" },
                "title": title.filter(|t| !t.is_empty()),
            })
        });
        Ok(shown.collect())
    }
}
