//! A caller's row conditions, checked before a write and inside its transaction.

use crate::{CallerContext, Content, ContentError, LocaleSelection, RequestContext, Result};
use cairn_model::{FieldKind, Relation, RelationKind, RelationSide, TypeId};
use cairn_query::{
    Action, EntryNode, Field, Filter, Locales, Operator, Page, Plan, PublicationState, Query, QueryRequest, Scalar,
};
use cairn_store::content::CompiledPlan;
use cairn_store::{Reader, StoreError, WriteTx};
use parking_lot::Mutex;
use serde::Deserialize;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// A row condition. It is compiled for a locale when it is first checked there.
pub(crate) struct RowGuard {
    /// Matches any existing version; the conditions of a check are added to it.
    any: Plan,
    filter: Filter,
    default_locale: String,
    compiled: Mutex<Vec<(VersionLookup, CompiledPlan)>>,
}

/// Versions that a check looks for.
#[derive(PartialEq, Eq)]
struct VersionLookup {
    status: PublicationState,
    locale: Locales,
    /// True if the condition must match; false if the version merely has to exist.
    matching: bool,
}

impl RowGuard {
    /// The caller's condition for the request, if there is one.
    pub(crate) fn for_request(request: &QueryRequest<'_>) -> Result<Option<Self>> {
        let Some(filter) = cairn_query::condition_filter(request)? else { return Ok(None) };
        let any = Plan {
            content_type: request.content_type,
            status: PublicationState::Draft,
            locale: Locales::All,
            filter: None,
            has_published: None,
            publication: None,
            sort: Vec::new(),
            page: Page::Number { page: 1, page_size: 1, with_count: false },
            node: EntryNode { content_type: request.content_type, fields: vec![Field::Id], populate: Vec::new() },
        };
        Ok(Some(Self { any, filter, default_locale: request.default_locale.to_owned(), compiled: Mutex::default() }))
    }

    /// Those of some documents with a matching version: that of a locale (empty if the type is not localised), the published one or the
    /// draft. Runs one statement.
    pub(crate) fn matching_versions(
        &self,
        reader: &Reader<'_>,
        documents: &[&str],
        locale: &str,
        published: bool,
    ) -> Result<HashSet<String>> {
        let drafts = reader.registry().get(self.any.content_type).draft_publish;
        let status = if published && drafts { PublicationState::Published } else { PublicationState::Draft };
        self.select_documents(
            reader,
            documents,
            VersionLookup { status, locale: Locales::One(locale.to_owned()), matching: true },
        )
    }

    /// True if a document's version in that locale (empty if its type is not localised) matches: the draft, if there is one. A document
    /// that is older than its type's drafts is checked by its published version.
    pub(crate) fn matches_version(&self, reader: &Reader<'_>, document_id: &str, locale: &str) -> Result<bool> {
        self.matches_in(reader, document_id, &Locales::One(locale.to_owned()))
    }

    /// True if any version of a document matches.
    pub(crate) fn matches_any(&self, reader: &Reader<'_>, document_id: &str) -> Result<bool> {
        self.matches_in(reader, document_id, &Locales::All)
    }

    /// Those of some documents of which any version matches, like [`Self::matches_any`] for one: at most three
    /// statements, whatever their number.
    pub(crate) fn matching_documents(&self, reader: &Reader<'_>, documents: &[&str]) -> Result<HashSet<String>> {
        let look = |status, matching| VersionLookup { status, locale: Locales::All, matching };
        let drafts =
            |among: &[&str], matching| self.select_documents(reader, among, look(PublicationState::Draft, matching));
        let mut found = drafts(documents, true)?;
        if reader.registry().get(self.any.content_type).draft_publish {
            let rest: Vec<&str> = documents.iter().copied().filter(|id| !found.contains(*id)).collect();
            let with_draft = drafts(&rest, false)?;
            let rest: Vec<&str> = rest.into_iter().filter(|id| !with_draft.contains(*id)).collect();
            found.extend(self.select_documents(reader, &rest, look(PublicationState::Published, true))?);
        }
        Ok(found)
    }

    /// Those that have such a version.
    fn select_documents(
        &self,
        reader: &Reader<'_>,
        documents: &[&str],
        look: VersionLookup,
    ) -> Result<HashSet<String>> {
        if documents.is_empty() {
            return Ok(HashSet::new());
        }
        let values = documents.iter().map(|id| Scalar::Text((*id).into())).collect();
        let these = Filter::Leaf { field: Field::DocumentId, op: Operator::In, values };
        let filter = if look.matching { Filter::And(vec![self.filter.clone(), these]) } else { these };
        let plan = Plan {
            status: look.status,
            locale: look.locale,
            filter: Some(filter),
            page: Page::Number { page: 1, page_size: u64::from(u32::MAX), with_count: false },
            node: EntryNode { fields: vec![Field::DocumentId], ..self.any.node.clone() },
            ..self.any.clone()
        };
        let mut body = Vec::new();
        reader.entries().write_list(&reader.entries().compile_plan(&plan, &self.default_locale), 0, &mut body)?;
        let rows: Vec<DocumentIdRow> = serde_json::from_slice(&body)
            .map_err(|e| StoreError::Corrupt { place: "documents".into(), message: e.to_string() })?;
        Ok(rows.into_iter().map(|row| row.document_id).collect())
    }

    /// True if the versions in all these locales match.
    pub(crate) fn matches_all(&self, reader: &Reader<'_>, document_id: &str, locales: &[String]) -> Result<bool> {
        for locale in locales {
            if !self.matches_version(reader, document_id, locale)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn matches_in(&self, reader: &Reader<'_>, document_id: &str, locale: &Locales) -> Result<bool> {
        let finds = |status, matching| {
            self.finds_version(reader, document_id, VersionLookup { status, locale: locale.clone(), matching })
        };
        Ok(finds(PublicationState::Draft, true)?
            || (reader.registry().get(self.any.content_type).draft_publish
                && !finds(PublicationState::Draft, false)?
                && finds(PublicationState::Published, true)?))
    }

    fn finds_version(&self, reader: &Reader<'_>, document_id: &str, look: VersionLookup) -> Result<bool> {
        let mut compiled = self.compiled.lock();
        let at = compiled.iter().position(|(known, _)| *known == look).unwrap_or_else(|| {
            let filter = look.matching.then(|| self.filter.clone());
            let plan = Plan { status: look.status, locale: look.locale.clone(), filter, ..self.any.clone() };
            compiled.push((look, reader.entries().compile_plan(&plan, &self.default_locale)));
            compiled.len() - 1
        });
        Ok(reader.entries().write_one(&compiled[at].1, document_id, &mut Vec::new())?)
    }
}

/// A row of which only the document is read.
#[derive(Deserialize)]
struct DocumentIdRow {
    #[serde(rename = "documentId")]
    document_id: String,
}

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
