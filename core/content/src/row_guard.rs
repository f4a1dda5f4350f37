//! A caller's row condition on the documents of a type.

use crate::Result;
use cairn_query::{EntryNode, Field, Filter, Locales, Operator, Page, Plan, PublicationState, QueryRequest, Scalar};
use cairn_store::content::CompiledPlan;
use cairn_store::{Reader, StoreError};
use parking_lot::Mutex;
use serde::Deserialize;
use std::collections::HashSet;

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
