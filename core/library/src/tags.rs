//! Tags: words to find files by. They are compared without case, and stored as they were first written.

mod view;

pub use view::{DeletedTagView, RenamedTagView, TagView};

use crate::input::{check_tag, not_found};
use crate::{BulkAction, Library, emit_event};
use cairn_content::{ContentError, Result};
use cairn_store::Reader;
use cairn_store::events::Actor;
use serde_json::json;
use std::collections::HashMap;
use std::sync::Arc;

/// Existing tags, by the form in which they are compared.
pub(crate) fn tags_by_key(r: &Reader<'_>) -> Result<HashMap<String, String>> {
    Ok(r.tags().list()?.into_iter().map(|(tag, _)| (tag.to_lowercase(), tag)).collect())
}

/// Validates tags, and gives existing ones their stored form; each once, in order.
pub(crate) fn normalize_tags(path: &str, tags: &[String], known: &HashMap<String, String>) -> Result<Vec<String>> {
    let mut all: Vec<String> = Vec::new();
    for (i, input) in tags.iter().enumerate() {
        let tag = check_tag(&format!("{path}.{i}"), input)?;
        let tag = known.get(&tag.to_lowercase()).cloned().unwrap_or(tag);
        if !all.iter().any(|t| t.to_lowercase() == tag.to_lowercase()) {
            all.push(tag);
        }
    }
    Ok(all)
}

impl Library {
    /// Every tag, with the number of its files. Returns an error if the database fails.
    pub fn list_tags(&self) -> Result<Vec<TagView>> {
        let all = self.store().read(|r| r.tags().list())?;
        Ok(all.into_iter().map(|(tag, files)| TagView { tag, files }).collect())
    }

    /// Tags of a filter, in their stored form.
    pub(crate) fn known_tags(&self, tags: Vec<String>) -> Result<Vec<String>> {
        if tags.is_empty() {
            return Ok(tags);
        }
        let known = self.store().read(tags_by_key)?;
        Ok(tags.into_iter().map(|tag| known.get(&tag.to_lowercase()).cloned().unwrap_or(tag)).collect())
    }

    /// Renames a tag; where one of that name exists, the two are merged.
    ///
    /// # Errors
    /// 400 for an invalid name; 404.
    pub async fn rename_tag(&self, actor: &Arc<Actor>, old: &str, new: &str) -> Result<RenamedTagView> {
        let new = check_tag("tag", new)?;
        let (now, actor, old) = (self.now(), actor.clone(), old.to_owned());
        self.store()
            .write(move |tx| {
                let known = tags_by_key(&tx.reader())?;
                let old = known.get(&old.to_lowercase()).cloned().ok_or_else(missing_tag)?;
                // A different spelling of the same tag is not another tag.
                let other = known.get(&new.to_lowercase()).filter(|other| **other != old).cloned();
                let (merged, new) = (other.is_some(), other.unwrap_or(new));
                let files = if old == new { 0 } else { tx.tags().rename(&old, &new)? };
                let data = json!({ "tag": old, "to": new, "files": files, "merged": merged });
                emit_event(tx, &actor, "tag.renamed", &format!("tag:{old}"), data, now)?;
                Ok::<_, ContentError>(RenamedTagView { tag: new, files: files as i64, merged })
            })
            .await
    }

    /// Removes a tag from every file. Fails with 404 if there is no such tag.
    pub async fn delete_tag(&self, actor: &Arc<Actor>, tag: &str) -> Result<DeletedTagView> {
        let (now, actor, tag) = (self.now(), actor.clone(), tag.to_owned());
        self.store()
            .write(move |tx| {
                let known = tags_by_key(&tx.reader())?;
                let tag = known.get(&tag.to_lowercase()).cloned().ok_or_else(missing_tag)?;
                let documents = tx.reader().tags().find_assets(&tag)?;
                tx.tags().delete(&tag)?;
                let data = json!({ "tag": tag, "files": documents.len() });
                emit_event(tx, &actor, "tag.deleted", &format!("tag:{tag}"), data, now)?;
                // A request to the bulk route; more than that it does not take.
                let undo = documents
                    .chunks(crate::MAX_BULK_FILES)
                    .map(|ids| BulkAction::Tag { ids: ids.to_vec(), tags: vec![tag.clone()] })
                    .collect();
                Ok::<_, ContentError>(DeletedTagView { files: documents.len() as i64, tag, undo })
            })
            .await
    }
}

fn missing_tag() -> ContentError {
    not_found("Tag not found")
}
