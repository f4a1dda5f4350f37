//! Usages of documents, for people: the entry, its version, and the path in it.

mod view;

pub use view::{DocumentUsageStatus, DocumentUsageView};

use crate::{CallerContext, Content, ContentError, Result};
use cairn_model::{AttributeId, TypeId};
use cairn_query::Action;
use cairn_store::content::Usage;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Largest number of usages of a document that are found for each attribute of the model.
const MAX_USAGES_PER_ATTRIBUTE: i64 = 1_000;

impl Content {
    /// Lists the usages of a document that the caller may see: entries that link to it, in any version and locale. Also returns whether
    /// these are all, or there are too many. Fails with 404 if the document does not exist for the caller.
    pub fn find_usages(
        &self,
        caller: &CallerContext<'_>,
        content_type: TypeId,
        document_id: &str,
    ) -> Result<(Vec<DocumentUsageView>, bool)> {
        let versions = self.store.read(|r| r.documents().list_versions(content_type, &[document_id]))?;
        if versions.is_empty() || !self.can_read(caller, content_type, document_id)? {
            return Err(ContentError::not_found());
        }
        let mut usages =
            self.store.read(|r| r.documents().find_usages(content_type, &[document_id], MAX_USAGES_PER_ATTRIBUTE))?;
        let complete = (usages.len() as i64) < MAX_USAGES_PER_ATTRIBUTE;
        // Attributes that a role may not read must not reveal anything about other entries.
        usages.retain(|usage| {
            let ct = self.registry().get(usage.content_type);
            let attribute = usage.path.split('.').next().and_then(|name| ct.attributes.get(name));
            attribute.is_none_or(|(id, _)| caller.access.allows_attribute(ct, id, Action::FindOne))
        });
        let mut by_type: BTreeMap<TypeId, Vec<&str>> = BTreeMap::new();
        for usage in &usages {
            by_type.entry(usage.content_type).or_default().push(&usage.document_id);
        }
        let mut readable_ids = HashMap::new();
        for (ct, documents) in by_type {
            readable_ids.insert(ct, self.readable_documents(caller, ct, &documents)?);
        }
        usages
            .retain(|usage| readable_ids.get(&usage.content_type).is_some_and(|ids| ids.contains(&usage.document_id)));
        Ok((self.usage_views(&usages)?, complete))
    }

    /// Returns usages with the titles of their entries; runs one statement for each type and locale. Returns an error
    /// if the database fails.
    pub fn usage_views(&self, usages: &[Usage]) -> Result<Vec<DocumentUsageView>> {
        let registry = self.registry();
        let mut document_groups: BTreeMap<(TypeId, &str), BTreeSet<&str>> = BTreeMap::new();
        for usage in usages {
            document_groups.entry((usage.content_type, &usage.locale)).or_default().insert(&usage.document_id);
        }
        let mut titles: HashMap<(TypeId, &str), HashMap<String, String>> = HashMap::new();
        for ((ct, locale), documents) in document_groups {
            let documents: Vec<&str> = documents.into_iter().collect();
            let attributes: Vec<AttributeId> = registry.get(ct).title_attributes().collect();
            let found = self.store.read(|r| r.documents().find_titles(ct, &attributes, &documents, locale))?;
            titles.insert((ct, locale), found);
        }
        let views = usages.iter().map(|u| {
            let ct = registry.get(u.content_type);
            let title = titles.get(&(u.content_type, u.locale.as_str())).and_then(|t| t.get(&u.document_id));
            DocumentUsageView {
                content_type: ct.uid.clone(),
                type_name: ct.display_name.clone(),
                document_id: u.document_id.clone(),
                locale: Some(&u.locale).filter(|l| !l.is_empty()).cloned(),
                status: if u.published { DocumentUsageStatus::Published } else { DocumentUsageStatus::Draft },
                path: u.path.clone(),
                title: title.filter(|t| !t.is_empty()).map(String::as_str).or(ct.single_title()).map(str::to_owned),
            }
        });
        Ok(views.collect())
    }
}
