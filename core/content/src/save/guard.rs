//! A caller's row conditions, checked before a write and inside its transaction.

use crate::{Ask, Content, ContentError, InLocales, Result, Who};
use cairn_model::{FieldKind, Relation, RelationKind, Side, TypeId};
use cairn_query::{Action, Field, Filter, Locales, Node, Operator, Page, Plan, Request, Scalar, Status};
use cairn_store::content::Prepared;
use cairn_store::{Reader, StoreError, WriteTx};
use parking_lot::Mutex;
use serde::Deserialize;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// A row condition. It is compiled for a locale when it is first checked there.
pub(crate) struct Guard {
    /// Matches any existing version; the conditions of a check are added to it.
    any: Plan,
    filter: Filter,
    default_locale: String,
    compiled: Mutex<Vec<(Look, Prepared)>>,
}

/// What a check looks for.
#[derive(PartialEq, Eq)]
struct Look {
    status: Status,
    locale: Locales,
    /// Whether the condition must match, or the version merely exist.
    matching: bool,
}

impl Guard {
    /// The caller's condition for the request, if there is one.
    pub(crate) fn of(request: &Request<'_>) -> Option<Self> {
        let filter = cairn_query::condition_filter(request)?;
        let any = Plan {
            content_type: request.content_type,
            status: Status::Draft,
            locale: Locales::All,
            filter: None,
            has_published: None,
            publication: None,
            sort: Vec::new(),
            page: Page::Number { page: 1, page_size: 1, with_count: false },
            node: Node { content_type: request.content_type, fields: vec![Field::Id], populate: Vec::new() },
        };
        Some(Self { any, filter, default_locale: request.default_locale.to_owned(), compiled: Mutex::default() })
    }

    /// Those of some documents with a matching version: that of a locale (empty if the type is not localised), the published one or the
    /// draft. Runs one statement.
    pub(crate) fn versions_that_hold(
        &self,
        reader: &Reader<'_>,
        documents: &[&str],
        locale: &str,
        published: bool,
    ) -> Result<HashSet<String>> {
        let drafts = reader.registry().get(self.any.content_type).draft_publish;
        let status = if published && drafts { Status::Published } else { Status::Draft };
        self.among(reader, documents, Look { status, locale: Locales::One(locale.to_owned()), matching: true })
    }

    /// Whether a document's version in that locale (empty if its type is not localised) matches: the draft, if there is one. A document
    /// that is older than its type's drafts is checked by its published version.
    pub(crate) fn holds(&self, reader: &Reader<'_>, document_id: &str, locale: &str) -> Result<bool> {
        self.holds_in(reader, document_id, &Locales::One(locale.to_owned()))
    }

    /// Whether any version of a document matches.
    pub(crate) fn holds_any(&self, reader: &Reader<'_>, document_id: &str) -> Result<bool> {
        self.holds_in(reader, document_id, &Locales::All)
    }

    /// Those of some documents of which any version matches, like [`Self::holds_any`] for one: at most three
    /// statements, whatever their number.
    fn holds_any_of(&self, reader: &Reader<'_>, documents: &[&str]) -> Result<HashSet<String>> {
        let look = |status, matching| Look { status, locale: Locales::All, matching };
        let drafts = |among: &[&str], matching| self.among(reader, among, look(Status::Draft, matching));
        let mut found = drafts(documents, true)?;
        if reader.registry().get(self.any.content_type).draft_publish {
            let rest: Vec<&str> = documents.iter().copied().filter(|id| !found.contains(*id)).collect();
            let with_draft = drafts(&rest, false)?;
            let rest: Vec<&str> = rest.into_iter().filter(|id| !with_draft.contains(*id)).collect();
            found.extend(self.among(reader, &rest, look(Status::Published, true))?);
        }
        Ok(found)
    }

    /// Those that have such a version.
    fn among(&self, reader: &Reader<'_>, documents: &[&str], look: Look) -> Result<HashSet<String>> {
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
            node: Node { fields: vec![Field::DocumentId], ..self.any.node.clone() },
            ..self.any.clone()
        };
        let mut shown = Vec::new();
        reader.list(&reader.compile(&plan, &self.default_locale), 0, &mut shown)?;
        let rows: Vec<Named> = serde_json::from_slice(&shown)
            .map_err(|e| StoreError::Corrupt { place: "documents".into(), message: e.to_string() })?;
        Ok(rows.into_iter().map(|row| row.document_id).collect())
    }

    /// Whether the versions in all these locales match.
    pub(crate) fn holds_all(&self, reader: &Reader<'_>, document_id: &str, locales: &[String]) -> Result<bool> {
        for locale in locales {
            if !self.holds(reader, document_id, locale)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn holds_in(&self, reader: &Reader<'_>, document_id: &str, locale: &Locales) -> Result<bool> {
        let finds =
            |status, matching| self.finds(reader, document_id, Look { status, locale: locale.clone(), matching });
        Ok(finds(Status::Draft, true)?
            || (reader.registry().get(self.any.content_type).draft_publish
                && !finds(Status::Draft, false)?
                && finds(Status::Published, true)?))
    }

    fn finds(&self, reader: &Reader<'_>, document_id: &str, look: Look) -> Result<bool> {
        let mut compiled = self.compiled.lock();
        let at = compiled.iter().position(|(known, _)| *known == look).unwrap_or_else(|| {
            let filter = look.matching.then(|| self.filter.clone());
            let plan = Plan { status: look.status, locale: look.locale.clone(), filter, ..self.any.clone() };
            compiled.push((look, reader.compile(&plan, &self.default_locale)));
            compiled.len() - 1
        });
        Ok(reader.one(&compiled[at].1, document_id, &mut Vec::new())?)
    }
}

/// A row of which only the document is read.
#[derive(Deserialize)]
struct Named {
    #[serde(rename = "documentId")]
    document_id: String,
}

/// What a write may change.
pub(crate) struct Guards {
    /// Condition on the document itself; `None`: no restriction.
    pub(crate) own: Option<Guard>,
    /// Conditions by type whose rows change because links of the document do; a missing type: every row, `None`: no row.
    linked: HashMap<TypeId, Option<Guard>>,
}

impl Guards {
    /// No restrictions: for Cairn itself, and admins.
    pub(crate) fn none() -> Self {
        Self { own: None, linked: HashMap::new() }
    }

    /// Whether some rows of a type may not be changed.
    pub(crate) fn restrict(&self, content_type: TypeId) -> bool {
        self.linked.contains_key(&content_type)
    }

    /// Refuses a change to the links of a document that the caller may not update.
    pub(crate) fn check_linked(&self, tx: &WriteTx<'_>, t: TypeId, document_id: &str, locale: &str) -> Result<()> {
        match self.linked.get(&t) {
            None => Ok(()),
            Some(Some(guard)) if guard.holds(&tx.reader(), document_id, locale)? => Ok(()),
            Some(_) => Err(ContentError::forbidden()),
        }
    }

    /// Refuses a change to another version of the document itself.
    pub(crate) fn check_own(&self, tx: &WriteTx<'_>, document_id: &str, locale: &str) -> Result<()> {
        match &self.own {
            Some(guard) if !guard.holds(&tx.reader(), document_id, locale)? => Err(ContentError::forbidden()),
            _ => Ok(()),
        }
    }
}

impl Content {
    /// Whether the caller may see some version of a document, drafts included. For a missing document, false if their
    /// permission has a condition.
    ///
    /// # Errors
    /// Returns errors of the database.
    pub fn may_read(&self, who: &Who<'_>, content_type: TypeId, document_id: &str) -> Result<bool> {
        Ok(self.readable(who, content_type, &[document_id])?.contains(document_id))
    }

    /// Those of some documents that the caller may see, like [`Self::may_read`] for one.
    ///
    /// # Errors
    /// Returns errors of the database.
    pub fn readable(&self, who: &Who<'_>, content_type: TypeId, documents: &[&str]) -> Result<HashSet<String>> {
        if !who.access.may(content_type, Action::FindOne) || !who.access.read_drafts {
            return Ok(HashSet::new());
        }
        match self.guard(&who.ask(content_type, ""), Action::FindOne) {
            Some(guard) => self.store.read(|r| guard.holds_any_of(r, documents)),
            None => Ok(documents.iter().map(|id| (*id).to_owned()).collect()),
        }
    }

    /// Whether the caller may change all selected versions of some documents. True for a missing one, so that the later error
    /// says that it is missing.
    ///
    /// # Errors
    /// Returns errors of the database.
    pub async fn may_update(
        &self,
        who: &Who<'_>,
        content_type: TypeId,
        documents: &[String],
        meant: &InLocales,
    ) -> Result<bool> {
        if !who.access.may(content_type, Action::Update) {
            return Ok(false);
        }
        let Some(guard) = self.guard(&who.ask(content_type, ""), Action::Update).map(Arc::new) else { return Ok(true) };
        let (documents, meant) = (documents.to_vec(), meant.clone());
        self.store
            .write(move |tx| {
                for id in &documents {
                    let mut there = locales(tx, content_type, id)?;
                    if let InLocales::These(these) = &meant
                        && tx.registry().get(content_type).localized
                    {
                        there.retain(|locale| these.contains(locale));
                    }
                    if !guard.holds_all(&tx.reader(), id, &there)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            })
            .await
    }

    /// The caller's condition for `action`.
    pub(crate) fn guard(&self, ask: &Ask<'_>, action: Action) -> Option<Guard> {
        Guard::of(&self.request(ask, action))
    }

    /// The caller's conditions for a write and its effects on other documents.
    pub(crate) fn guards(&self, ask: &Ask<'_>, action: Action) -> Guards {
        let registry = self.registry();
        let mut linked = HashMap::new();
        let free = ask.access.everything && ask.access.limits.is_empty();
        for (_, a) in registry.get(ask.content_type).attributes.iter().filter(|_| !free) {
            let changed = match &a.kind {
                // Its target is taken from another row of this type.
                FieldKind::Relation(Relation { kind: RelationKind::OneToOne, side: Side::Owner { .. }, .. }) => {
                    ask.content_type
                }
                FieldKind::Relation(Relation { target: Some(target), side: Side::Inverse { .. }, .. }) => *target,
                _ => continue,
            };
            let ask = Ask { content_type: changed, ..*ask };
            if !ask.access.may(changed, Action::Update) {
                linked.insert(changed, None);
            } else if let Some(guard) = self.guard(&ask, Action::Update) {
                linked.insert(changed, Some(guard));
            }
        }
        Guards { own: self.guard(ask, action), linked }
    }

    /// The request for which to plan queries of the caller.
    pub(crate) fn request<'a>(&'a self, ask: &Ask<'a>, action: Action) -> Request<'a> {
        Request {
            registry: self.registry(),
            access: ask.access,
            content_type: ask.content_type,
            action,
            default_locale: ask.default_locale,
            limits: self.limits,
            lenient: false,
        }
    }
}

/// The locales in which a document has versions; `[""]` if its type is not localised.
pub(crate) fn locales(tx: &WriteTx<'_>, content_type: TypeId, document_id: &str) -> Result<Vec<String>> {
    let mut locales = Vec::new();
    for published in [false, true] {
        for row in tx.rows(content_type, document_id, published)? {
            if !locales.contains(&row.locale) {
                locales.push(row.locale);
            }
        }
    }
    Ok(locales)
}
