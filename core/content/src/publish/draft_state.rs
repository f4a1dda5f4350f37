//! The documents that a draft links to, and whether they are published.

use super::Publisher;
use crate::Result;
use crate::save::DocumentWrite;
use cairn_model::*;
use cairn_store::WriteTx;

/// How a draft stands to what is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DraftState {
    /// There is no published version.
    Unpublished,
    /// The published version says something else.
    Modified,
    /// They say the same.
    Published,
}

impl DraftState {
    /// The text that the API returns.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unpublished => "unpublished",
            Self::Modified => "modified",
            Self::Published => "published",
        }
    }
}

/// A document that another links to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DraftLink {
    /// The attribute with the link; inside a component, that of the component.
    pub attribute: String,
    /// Type of the document.
    pub content_type: TypeId,
    /// Id of the document.
    pub document_id: String,
}

impl Publisher {
    /// The state of the draft of a document in a locale; `None` if that locale does not exist, or its type has no drafts.
    pub fn draft_state_in(
        &self,
        tx: &mut WriteTx<'_>,
        ct: TypeId,
        document_id: &str,
        locale: &str,
    ) -> Result<Option<DraftState>> {
        let registry = tx.registry();
        let content_type = registry.get(ct);
        if !content_type.draft_publish {
            return Ok(None);
        }
        let write =
            DocumentWrite::for_version(&registry, content_type, tx, locale, String::new(), self.author_and_hooks());
        Ok(match write.load_versions(document_id)? {
            (None, None) => None,
            (Some(_), None) => Some(DraftState::Unpublished),
            (Some(draft), Some(published)) if !write.has_equal_content(&draft, &published)? => {
                Some(DraftState::Modified)
            }
            _ => Some(DraftState::Published),
        })
    }

    /// The documents that a draft itself links to, also in components, each once.
    pub fn draft_links_in(
        &self,
        tx: &WriteTx<'_>,
        ct: TypeId,
        document_id: &str,
        locale: &str,
    ) -> Result<Vec<DraftLink>> {
        let registry = tx.registry();
        let content_type = registry.get(ct);
        let mut links: Vec<DraftLink> = Vec::new();
        let Some(draft) = tx.reader().documents().get_row(ct, document_id, locale, false)? else { return Ok(links) };
        for (id, a) in content_type.attributes.iter() {
            let mut targets = Vec::new();
            match registry.attribute_link(a).map(|l| (l.storage, l.target)) {
                None => collect_links(&draft.values[id], &mut targets),
                Some((LinkStorage::Column, target)) => {
                    let target = draft.to_one.get(&id).zip(target);
                    let one = |((document, _), content_type): (&(String, i64), TypeId)| LinkTarget {
                        content_type,
                        document_id: document.clone(),
                    };
                    targets.extend(target.map(one));
                }
                Some((LinkStorage::Inverse, _)) => {}
                Some(_) => {
                    targets.extend(tx.reader().links().find_owned(ct, id, draft.id)?.into_iter().map(|l| l.target))
                }
            }
            for LinkTarget { content_type, document_id } in targets {
                if !links.iter().any(|f| f.content_type == content_type && f.document_id == document_id) {
                    links.push(DraftLink { attribute: a.name.clone(), content_type, document_id });
                }
            }
        }
        Ok(links)
    }
}

fn collect_links(value: &Value, link_targets: &mut Vec<LinkTarget>) {
    match value {
        Value::Instance(instance) => instance.values.iter().for_each(|v| collect_links(v, link_targets)),
        Value::Instances(list) => list.iter().flat_map(|i| &i.values).for_each(|v| collect_links(v, link_targets)),
        Value::Links(targets) => link_targets.extend(targets.iter().cloned()),
        _ => {}
    }
}
