//! `[content-types.<type>] unique`: keys that no two documents of a plugin's own type share, while the plugin runs. Looked at in the transaction
//! that writes, after all hooks, whoever writes; a key that has an empty value is none.
//!
//! Drafts are compared with drafts and published documents with published ones, within a locale: a document that is published as it was may
//! have another draft.

use crate::generation::Generation;
use cairn_content::{Ask, Change, Content, ContentError, HookAction, Part, Result, Verdict};
use cairn_model::validate::FieldError;
use cairn_model::{Registry, TypeId};
use cairn_query::{Access, Tree};
use cairn_store::WriteTx;
use serde_json::{Map, Value as Json};
use std::collections::HashMap;
use std::sync::Arc;

/// What a value that is taken is called by, as with an attribute that is unique by itself.
const TAKEN: &str = "This attribute must be unique";

/// The keys of each type.
#[derive(Debug, Default)]
pub(crate) struct Keys(HashMap<TypeId, Vec<Vec<String>>>);

impl Keys {
    /// Of all plugins that run.
    pub(crate) fn of(registry: &Registry, generations: &[Arc<Generation>]) -> Self {
        let types = generations.iter().flat_map(|g| {
            let own = g.manifest.content_types.iter().flat_map(|all| &all.types);
            own.filter(|(_, own)| !own.unique.is_empty()).filter_map(|(name, own)| {
                let ct = registry.by_uid(&format!("plugin::{}.{name}", g.id()))?;
                Some((ct.id, own.unique.clone()))
            })
        });
        Self(types.collect())
    }

    /// Whether such a change has to be looked at.
    pub(crate) fn concern(&self, content_type: TypeId, action: HookAction) -> bool {
        !matches!(action, HookAction::Delete | HookAction::Unpublish) && self.0.contains_key(&content_type)
    }

    /// Looks at what will be stored.
    ///
    /// # Errors
    /// The refusal, by field, where another document has the same; the database's.
    pub(crate) fn check(
        &self,
        tx: &mut WriteTx<'_>,
        content: &Content,
        change: &Change<'_>,
        verdict: &Verdict,
    ) -> Result<()> {
        let Some(keys) =
            self.0.get(&change.content_type.id).filter(|_| self.concern(change.content_type.id, change.action))
        else {
            return Ok(());
        };
        let Some(mut values) = change.after.clone() else { return Ok(()) };
        let mut changed = change.changed.clone();
        if let Verdict::Amend(amended) = verdict {
            changed.extend(amended.keys().cloned());
            values.extend(amended.clone());
        }
        for key in keys {
            if change.action == HookAction::Update && !key.iter().any(|field| changed.contains(field)) {
                continue;
            }
            if let Some(filters) = filters(key, &values)
                && is_taken(tx, content, change, &filters)?
            {
                let path = key.iter().take(1).cloned().collect();
                return Err(ContentError::fields(vec![FieldError { path, message: TAKEN.to_owned(), value: None }]));
            }
        }
        Ok(())
    }
}

/// The conditions by which another document with the same key is found; `None` where a value is empty, or none that can be compared.
fn filters(key: &[String], values: &Map<String, Json>) -> Option<Vec<(String, Tree)>> {
    let text = |text: String| Tree::Map(vec![("$eq".to_owned(), Tree::Text(text))]);
    let one = |field: &String| {
        let condition = match values.get(field)? {
            Json::String(value) => text(value.clone()),
            Json::Number(value) => text(value.to_string()),
            Json::Bool(value) => text(value.to_string()),
            Json::Array(linked) => match linked.as_slice() {
                [Json::String(id)] => Tree::Map(vec![("documentId".to_owned(), text(id.clone()))]),
                _ => return None,
            },
            Json::Null | Json::Object(_) => return None,
        };
        Some((field.clone(), condition))
    };
    key.iter().map(one).collect()
}

fn is_taken(tx: &WriteTx<'_>, content: &Content, change: &Change<'_>, filters: &[(String, Tree)]) -> Result<bool> {
    let ct = change.content_type;
    let published = change.action == HookAction::Publish;
    // Of two who write the same at the same time one comes after the other, and sees it.
    tx.hold_name(&format!("key {} {} {published} {filters:?}", ct.uid, change.locale))?;
    let text = |text: &str| Tree::Text(text.to_owned());
    let mut entries = vec![
        ("filters".to_owned(), Tree::Map(filters.to_vec())),
        ("fields".to_owned(), Tree::List(vec![text("documentId")])),
    ];
    if ct.draft_publish {
        entries.push(("status".to_owned(), text(if published { "published" } else { "draft" })));
    }
    if ct.localized {
        entries.push(("locale".to_owned(), text(change.locale)));
    }
    let access = Arc::new(Access::full());
    let ask = Ask { access: &access, content_type: ct.id, query: "", default_locale: "", actor: change.actor };
    let found = content.rows_in(&tx.reader(), ask, &Tree::Map(entries), Part::Window { start: 0, limit: 2 })?;
    let found: Vec<Json> = serde_json::from_slice(&found).unwrap_or_default();
    Ok(found.iter().any(|row| row["documentId"].as_str() != change.document_id))
}
