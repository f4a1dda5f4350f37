//! Tags: words to find files by. They are compared without case, and stored as they were first written.

use crate::input::{not_found, tag};
use crate::{Library, tell_of};
use cairn_content::{ContentError, Result};
use cairn_store::Reader;
use cairn_store::events::Actor;
use serde_json::{Value as Json, json};
use std::collections::HashMap;
use std::sync::Arc;

/// Existing tags, by the form in which they are compared.
pub(crate) fn known(r: &Reader<'_>) -> Result<HashMap<String, String>> {
    Ok(r.asset_tags()?.into_iter().map(|(tag, _)| (tag.to_lowercase(), tag)).collect())
}

/// Validates tags, and gives existing ones their stored form; each once, in order.
pub(crate) fn checked(path: &str, given: &[String], known: &HashMap<String, String>) -> Result<Vec<String>> {
    let mut all: Vec<String> = Vec::new();
    for (i, given) in given.iter().enumerate() {
        let tag = tag(&format!("{path}.{i}"), given)?;
        let tag = known.get(&tag.to_lowercase()).cloned().unwrap_or(tag);
        if !all.iter().any(|t| t.to_lowercase() == tag.to_lowercase()) {
            all.push(tag);
        }
    }
    Ok(all)
}

impl Library {
    /// Every tag, with the number of its files.
    ///
    /// # Errors
    /// Returned when the database fails.
    pub fn tags(&self) -> Result<Vec<Json>> {
        let all = self.store().read(|r| r.asset_tags())?;
        Ok(all.into_iter().map(|(tag, files)| json!({ "tag": tag, "files": files })).collect())
    }

    /// Tags of a filter, in their stored form.
    pub(crate) fn known_tags(&self, given: Vec<String>) -> Result<Vec<String>> {
        if given.is_empty() {
            return Ok(given);
        }
        let known = self.store().read(known)?;
        Ok(given.into_iter().map(|tag| known.get(&tag.to_lowercase()).cloned().unwrap_or(tag)).collect())
    }

    /// Renames a tag; where one of that name exists, the two are merged.
    ///
    /// # Errors
    /// 400 for an invalid name; 404.
    pub async fn rename_tag(&self, actor: &Arc<Actor>, old: &str, new: &str) -> Result<Json> {
        let new = tag("tag", new)?;
        let (now, actor, old) = (self.now(), actor.clone(), old.to_owned());
        self.store()
            .write(move |tx| {
                let known = known(&tx.reader())?;
                let old = known.get(&old.to_lowercase()).cloned().ok_or_else(missing)?;
                // Another way to write it is no other tag.
                let other = known.get(&new.to_lowercase()).filter(|other| **other != old).cloned();
                let (merged, new) = (other.is_some(), other.unwrap_or(new));
                let files = if old == new { 0 } else { tx.rename_asset_tag(&old, &new)? };
                let data = json!({ "tag": old, "to": new, "files": files, "merged": merged });
                tell_of(tx, &actor, "tag.renamed", &format!("tag:{old}"), data.clone(), now)?;
                Ok::<_, ContentError>(json!({ "tag": new, "files": files, "merged": merged }))
            })
            .await
    }

    /// Removes a tag from every file.
    ///
    /// # Errors
    /// 404 where there is no such tag.
    pub async fn delete_tag(&self, actor: &Arc<Actor>, tag: &str) -> Result<Json> {
        let (now, actor, tag) = (self.now(), actor.clone(), tag.to_owned());
        self.store()
            .write(move |tx| {
                let known = known(&tx.reader())?;
                let tag = known.get(&tag.to_lowercase()).cloned().ok_or_else(missing)?;
                let documents = tx.reader().assets_tagged(&tag)?;
                tx.delete_asset_tag(&tag)?;
                let data = json!({ "tag": tag, "files": documents.len() });
                tell_of(tx, &actor, "tag.deleted", &format!("tag:{tag}"), data, now)?;
                // A request to the bulk route; more than that it does not take.
                let undo: Vec<Json> = documents
                    .chunks(crate::MOST)
                    .map(|ids| json!({ "action": "tag", "tags": [tag], "ids": ids }))
                    .collect();
                Ok::<_, ContentError>(json!({ "tag": tag, "files": documents.len(), "undo": undo }))
            })
            .await
    }
}

fn missing() -> ContentError {
    not_found("Tag not found")
}
