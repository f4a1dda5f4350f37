//! Tags: words that files are found by. Letters are compared without case, and kept as they were written first.

use crate::input::{not_found, tag};
use crate::{Library, tell_of};
use cairn_content::{ContentError, Result};
use cairn_store::Reader;
use cairn_store::events::Actor;
use serde_json::{Value as Json, json};
use std::collections::HashMap;
use std::sync::Arc;

/// Tags by how they are compared.
pub(crate) fn known(r: &Reader<'_>) -> Result<HashMap<String, String>> {
    Ok(r.asset_tags()?.into_iter().map(|(tag, _)| (tag.to_lowercase(), tag)).collect())
}

/// Checks tags, and gives those that are there the form that they have; each once, in order.
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
    /// Every tag, with how many files have it.
    ///
    /// # Errors
    /// The database's.
    pub fn tags(&self) -> Result<Vec<Json>> {
        let all = self.store().read(|r| r.asset_tags())?;
        Ok(all.into_iter().map(|(tag, files)| json!({ "tag": tag, "files": files })).collect())
    }

    /// Tags of a filter in the form that they have.
    pub(crate) fn known_tags(&self, given: Vec<String>) -> Result<Vec<String>> {
        if given.is_empty() {
            return Ok(given);
        }
        let known = self.store().read(known)?;
        Ok(given.into_iter().map(|tag| known.get(&tag.to_lowercase()).cloned().unwrap_or(tag)).collect())
    }

    /// Renames a tag; where there is one of that name the two become one.
    ///
    /// # Errors
    /// 400 for a name that is none; 404.
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

    /// Takes a tag from every file.
    ///
    /// # Errors
    /// 404.
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
    not_found("there is no such tag")
}
