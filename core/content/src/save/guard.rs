//! A caller's row conditions, checked before a write and inside its transaction.

use crate::row_guard::RowGuard;
use crate::{CallerContext, Content, ContentError, LocaleSelection, RequestContext, Result};
use cairn_model::{FieldKind, Relation, RelationKind, RelationSide, TypeId};
use cairn_query::{Action, Query, QueryRequest};
use cairn_store::WriteTx;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Row conditions on the documents that a write may change.
pub(crate) struct WriteGuards {
    /// Condition on the document itself; `None`: no restriction.
    pub(crate) own: Option<RowGuard>,
    /// Conditions by type whose rows change because links of the document do; a missing type: every row, `None`: no row.
    linked: HashMap<TypeId, Option<RowGuard>>,
}

impl WriteGuards {
    /// No restrictions: for Cairn itself, and admins.
    pub(crate) fn unrestricted() -> Self {
        Self { own: None, linked: HashMap::new() }
    }

    /// Refuses a change to the links of a document that the caller may not update.
    pub(crate) fn check_linked(&self, tx: &WriteTx<'_>, t: TypeId, document_id: &str, locale: &str) -> Result<()> {
        match self.linked.get(&t) {
            None => Ok(()),
            Some(Some(guard)) if guard.matches_version(&tx.reader(), document_id, locale)? => Ok(()),
            Some(_) => Err(ContentError::forbidden()),
        }
    }

    /// Refuses a change to another version of the document itself.
    pub(crate) fn check_own(&self, tx: &WriteTx<'_>, document_id: &str, locale: &str) -> Result<()> {
        match &self.own {
            Some(guard) if !guard.matches_version(&tx.reader(), document_id, locale)? => Err(ContentError::forbidden()),
            _ => Ok(()),
        }
    }
}

impl Content {
    /// True if the caller may see some version of a document, drafts included. For a missing document, false if their
    /// permission has a condition. Returns an error if the database fails.
    pub fn can_read(&self, caller: &CallerContext<'_>, content_type: TypeId, document_id: &str) -> Result<bool> {
        Ok(self.readable_documents(caller, content_type, &[document_id])?.contains(document_id))
    }

    /// Those of some documents that the caller may see, like [`Self::can_read`] for one. Returns an error if the database fails.
    pub fn readable_documents(
        &self,
        caller: &CallerContext<'_>,
        content_type: TypeId,
        documents: &[&str],
    ) -> Result<HashSet<String>> {
        if !caller.access.allows_action(content_type, Action::FindOne) || !caller.access.read_drafts {
            return Ok(HashSet::new());
        }
        match self.compile_guard(&caller.request_context(content_type, Query::empty()), Action::FindOne)? {
            Some(guard) => self.store.read(|r| guard.matching_documents(r, documents)),
            None => Ok(documents.iter().map(|id| (*id).to_owned()).collect()),
        }
    }

    /// True if the caller may change all selected versions of some documents. True for a missing one, so that the later error
    /// says that it is missing. Returns an error if the database fails.
    pub async fn can_update(
        &self,
        caller: &CallerContext<'_>,
        content_type: TypeId,
        documents: &[String],
        locales: &LocaleSelection,
    ) -> Result<bool> {
        if !caller.access.allows_action(content_type, Action::Update) {
            return Ok(false);
        }
        let context = caller.request_context(content_type, Query::empty());
        let Some(guard) = self.compile_guard(&context, Action::Update)?.map(Arc::new) else { return Ok(true) };
        let (documents, selection) = (documents.to_vec(), locales.clone());
        self.store
            .write(move |tx| {
                for id in &documents {
                    let mut existing_locales = document_locales(tx, content_type, id)?;
                    if let LocaleSelection::These(these) = &selection
                        && tx.registry().get(content_type).localized
                    {
                        existing_locales.retain(|locale| these.contains(locale));
                    }
                    if !guard.matches_all(&tx.reader(), id, &existing_locales)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            })
            .await
    }

    /// The caller's condition for `action`.
    pub(crate) fn compile_guard(&self, context: &RequestContext<'_>, action: Action) -> Result<Option<RowGuard>> {
        RowGuard::for_request(&self.query_request(context, action))
    }

    /// The caller's conditions for a write and its effects on other documents.
    pub(crate) fn compile_write_guards(
        &self,
        request_context: &RequestContext<'_>,
        action: Action,
    ) -> Result<WriteGuards> {
        let registry = self.registry();
        let mut linked = HashMap::new();
        let access = request_context.access;
        let free = access.everything && access.limits.is_empty() && access.policies.is_none();
        for (_, a) in registry.get(request_context.content_type).attributes.iter().filter(|_| !free) {
            let changed = match &a.kind {
                // An owning one-to-one takes its target from another row of this type.
                FieldKind::Relation(Relation {
                    kind: RelationKind::OneToOne,
                    side: RelationSide::Owner { .. },
                    ..
                }) => request_context.content_type,
                FieldKind::Relation(Relation { target: Some(target), side: RelationSide::Inverse { .. }, .. }) => {
                    *target
                }
                _ => continue,
            };
            let context = RequestContext { content_type: changed, ..*request_context };
            if !context.access.allows_action(changed, Action::Update) {
                linked.insert(changed, None);
            } else if let Some(guard) = self.compile_guard(&context, Action::Update)? {
                linked.insert(changed, Some(guard));
            }
        }
        Ok(WriteGuards { own: self.compile_guard(request_context, action)?, linked })
    }

    /// The request for which to plan queries of the caller.
    pub(crate) fn query_request<'a>(&'a self, context: &RequestContext<'a>, action: Action) -> QueryRequest<'a> {
        QueryRequest {
            registry: self.registry(),
            access: context.access,
            content_type: context.content_type,
            action,
            default_locale: context.default_locale,
            limits: self.limits,
            lenient: false,
        }
    }
}

/// The locales in which a document has versions; `[""]` if its type is not localised.
pub(crate) fn document_locales(tx: &WriteTx<'_>, content_type: TypeId, document_id: &str) -> Result<Vec<String>> {
    let mut locales = Vec::new();
    for published in [false, true] {
        for row in tx.reader().documents().find_rows(content_type, document_id, published)? {
            if !locales.contains(&row.locale) {
                locales.push(row.locale);
            }
        }
    }
    Ok(locales)
}
