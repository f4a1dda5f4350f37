//! Titles of linked documents, for people who read a version.

use super::snapshot_reader::{VersionContent, for_each_target};
use super::{CallerContext, LinkedDocument};
use crate::{Content, Result};
use cairn_model::*;
use cairn_query::Action;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Existing documents with their titles; a title is empty if the reader may not see it, or there is none.
#[derive(Debug, Default)]
pub(crate) struct LinkTitles(HashMap<LinkTarget, String>);

impl LinkTitles {
    /// A linked document in the form that a version shows: `missing` if it does not exist any more.
    pub(crate) fn render_link(&self, registry: &Registry, link: AttributeLink, target: &LinkTarget) -> LinkedDocument {
        let title = self.0.get(target);
        LinkedDocument {
            document_id: target.document_id.clone(),
            r#type: link.target.is_none().then(|| registry.get(target.content_type).uid.clone()),
            title: title.filter(|title| !title.is_empty()).cloned(),
            missing: title.is_none().then_some(true),
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
        let mut titles = HashMap::new();
        for (content_type, documents) in documents_by_type {
            let target = registry.get(content_type);
            let access = caller.access;
            let may =
                access.allows_action(content_type, Action::Find) && !access.is_limited(content_type, Action::Find);
            let attributes: Vec<AttributeId> = target
                .title_attributes()
                .filter(|a| may && access.read_drafts && access.allows_attribute(target, *a, Action::Find))
                .collect();
            let documents: Vec<&str> = documents.iter().map(String::as_str).collect();
            let found =
                self.store.read(|r| r.documents().find_titles(content_type, &attributes, &documents, locale))?;
            titles.extend(found.into_iter().map(|(document_id, t)| (LinkTarget { content_type, document_id }, t)));
        }
        Ok(LinkTitles(titles))
    }
}
