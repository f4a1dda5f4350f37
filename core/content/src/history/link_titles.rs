//! Linked documents, as far as people who read a version may see them.

use super::snapshot_reader::{VersionContent, for_each_target};
use super::{CallerContext, LinkedDocument};
use crate::{Content, ContentError, Result};
use cairn_model::*;
use cairn_query::{Action, Query};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Linked documents, as far as the reader of a version may see them.
#[derive(Debug, Default)]
pub(crate) struct LinkTitles {
    /// Existing documents with their titles; a title is empty if the reader may not see it, or there is none.
    titles: HashMap<LinkTarget, String>,
    /// Types of which the reader may see no document.
    hidden_types: HashSet<TypeId>,
    /// Existing documents that the reader's conditions hide.
    hidden: HashSet<LinkTarget>,
}

impl LinkTitles {
    /// A linked document in the form that a version shows: `missing` if it does not exist any more; without its id if the reader may not see it.
    pub(crate) fn render_link(&self, registry: &Registry, link: AttributeLink, target: &LinkTarget) -> LinkedDocument {
        if self.hidden_types.contains(&target.content_type) || self.hidden.contains(target) {
            return LinkedDocument { no_access: Some(true), ..LinkedDocument::default() };
        }
        let title = self.titles.get(target);
        LinkedDocument {
            document_id: Some(target.document_id.clone()),
            r#type: link.target.is_none().then(|| registry.get(target.content_type).uid.clone()),
            title: title.filter(|title| !title.is_empty()).cloned(),
            missing: title.is_none().then_some(true),
            no_access: None,
        }
    }
}

impl Content {
    /// Looks up everything that versions link to.
    pub(crate) fn load_link_titles(
        &self,
        caller: &CallerContext<'_>,
        ct: &ContentType,
        versions: &[&VersionContent],
        locale: &str,
    ) -> Result<LinkTitles> {
        let registry = self.registry();
        let mut documents_by_type: BTreeMap<TypeId, BTreeSet<String>> = BTreeMap::new();
        for version in versions {
            for_each_target(registry, &ct.attributes, &version.values, &mut |t| {
                documents_by_type.entry(t.content_type).or_default().insert(t.document_id);
            });
        }
        let mut known = LinkTitles::default();
        for (content_type, documents) in documents_by_type {
            let (target, access) = (registry.get(content_type), caller.access);
            if !access.allows_action(content_type, Action::Find) {
                known.hidden_types.insert(content_type);
                continue;
            }
            let guard = self.compile_guard(&caller.request_context(content_type, Query::empty()), Action::Find)?;
            // A condition may hold in one language and not in another, whose title is then nobody's business.
            let is_titled = access.read_drafts && (guard.is_none() || !target.localized);
            let attributes: Vec<AttributeId> = target
                .title_attributes()
                .filter(|a| is_titled && access.allows_attribute(target, *a, Action::Find))
                .collect();
            let documents: Vec<&str> = documents.iter().map(String::as_str).collect();
            self.store.read(|r| {
                let visible = guard.as_ref().map(|guard| guard.matching_documents(r, &documents)).transpose()?;
                for (document_id, title) in r.documents().find_titles(content_type, &attributes, &documents, locale)? {
                    let is_visible = visible.as_ref().is_none_or(|visible| visible.contains(&document_id));
                    let target = LinkTarget { content_type, document_id };
                    if is_visible {
                        known.titles.insert(target, title);
                    } else {
                        known.hidden.insert(target);
                    }
                }
                Ok::<_, ContentError>(())
            })?;
        }
        Ok(known)
    }
}
