//! Reading the history: entries of a document, a version in the form of REST, two versions compared, deleted documents.

use super::compare::VersionComparer;
use super::link_titles::LinkTitles;
use super::snapshot_reader::{VersionContent, current_names, link_targets, read_snapshot};
use super::{CallerContext, DeletedVersion, DocumentVersion, VersionComparison, VersionWithContent};
use crate::view::{PersonReference, Time};
use crate::{Content, ContentError, Result};
use cairn_model::stored_values::scalar_to_json;
use cairn_model::*;
use cairn_query::{Action, Query};
use cairn_store::history::{HistoryEntry, HistoryFilter, HistoryRename};
use serde_json::{Map, Value as Json, json};

/// Largest number of entries in a list.
const MAX_ENTRIES: i64 = 1_000;

/// An entry with its content.
pub(super) struct HistoryVersion {
    pub(super) entry: HistoryEntry,
    pub(super) content_type: TypeId,
    /// `None` if the version was deleted.
    pub(super) content: Option<VersionContent>,
    pub(super) renames: Vec<HistoryRename>,
}

impl Content {
    /// Lists entries of a document, newest first, without stored content. `locale`: only of that one, `None`: of all. `before`: only with
    /// smaller ids. At most 1,000 at a time.
    ///
    /// # Errors
    /// 403 without permission to read the type and its drafts; 404 for documents that the caller's condition hides.
    pub fn history_entries(
        &self,
        caller: &CallerContext<'_>,
        content_type: TypeId,
        document_id: &str,
        locale: Option<&str>,
        before: Option<i64>,
        limit: i64,
    ) -> Result<Vec<DocumentVersion>> {
        self.require_history_read(caller, content_type, document_id)?;
        let ct = self.registry().get(content_type);
        let filter = HistoryFilter {
            content_type: ct.uid.clone(),
            document_id: document_id.to_owned(),
            locale: locale.map(str::to_owned),
            before,
        };
        let (entries, renames) = self.store.read(|r| {
            let entries = r.history().list(&filter, limit.clamp(1, MAX_ENTRIES))?;
            let renames = r.history().list_renames(entries.last().map_or(0, |e| e.id))?;
            Ok::<_, ContentError>((entries, renames))
        })?;
        Ok(entries.iter().map(|e| version_view(caller, ct, &renames, e)).collect())
    }

    /// Returns a version with its content in the form of REST: relations and media as `{documentId, title}` (`missing` if the document does
    /// not exist any more, `noAccess` alone if the caller may not see it), and under `gone` what the model no longer has.
    ///
    /// # Errors
    /// 404 if there is no such entry; otherwise as [`Self::history_entries`].
    pub fn history_version(&self, caller: &CallerContext<'_>, entry: i64) -> Result<VersionWithContent> {
        let HistoryVersion { entry, content_type, content: held, renames } = self.open_history(caller, entry)?;
        let ct = self.registry().get(content_type);
        let version = version_view(caller, ct, &renames, &entry);
        let mut gone = None;
        let content = match held {
            None => None,
            Some(version_content) => {
                let titles = self.load_link_titles(caller, ct, &[&version_content], &entry.locale)?;
                let mut content = Map::new();
                content.insert("documentId".into(), entry.document_id.clone().into());
                if ct.localized {
                    content.insert("locale".into(), entry.locale.clone().into());
                }
                let showing =
                    VersionRenderer { registry: self.registry(), titles: &titles, private: caller.access.private };
                content.extend(
                    showing.render_values(&ct.attributes, &version_content.values, &|a| can_see(caller, ct, a)),
                );
                if caller.access.everything {
                    gone = Some(version_content.gone);
                }
                Some(content)
            }
        };
        Ok(VersionWithContent { version, content, gone })
    }

    /// Compares two versions of one document (also of different locales), attribute by attribute.
    ///
    /// # Errors
    /// 400 if they belong to two documents, or one of them is empty; otherwise as [`Self::history_version`].
    pub fn history_compare(&self, caller: &CallerContext<'_>, from: i64, to: i64) -> Result<VersionComparison> {
        let (from, to) = (self.open_history(caller, from)?, self.open_history(caller, to)?);
        if (from.content_type, &from.entry.document_id) != (to.content_type, &to.entry.document_id) {
            return Err(ContentError::validation("from, to: only versions of one document can be compared"));
        }
        let (Some(before), Some(after)) = (&from.content, &to.content) else {
            return Err(ContentError::validation("from, to: a deleted version has no content to compare"));
        };
        let registry = self.registry();
        let ct = registry.get(from.content_type);
        let titles = self.load_link_titles(caller, ct, &[before, after], &to.entry.locale)?;
        let showing = VersionRenderer { registry, titles: &titles, private: caller.access.private };
        let is_visible = |a: &Attribute| can_see(caller, ct, a);
        let differences = VersionComparer::new(&showing).compare_attributes(
            &ct.attributes,
            &before.values,
            &after.values,
            &is_visible,
        );
        Ok(VersionComparison {
            from: version_view(caller, ct, &from.renames, &from.entry),
            to: version_view(caller, ct, &to.renames, &to.entry),
            differences,
        })
    }

    /// Lists deleted documents of a type that can be restored, newest first: one entry for each locale. Fails with 403 without permission
    /// to read all of the type and its drafts.
    pub fn deleted_documents(
        &self,
        caller: &CallerContext<'_>,
        content_type: TypeId,
        before: Option<i64>,
        limit: i64,
    ) -> Result<Vec<DeletedVersion>> {
        require_draft_read(caller, content_type)?;
        if caller.access.is_limited(content_type, Action::FindOne) {
            return Err(ContentError::forbidden());
        }
        let ct = self.registry().get(content_type);
        let readable = ct.title_attributes().map(|id| &ct.attributes[id]).filter(|a| can_see(caller, ct, a));
        let titles: Vec<&str> = readable.map(|a| a.name.as_str()).collect();
        let entries = self
            .store
            .read(|r| r.history().list_deletions(content_type, &titles, before, limit.clamp(1, MAX_ENTRIES)))?;
        let with_title = |(entry, title): (HistoryEntry, Option<String>)| DeletedVersion {
            version: version_view(caller, ct, &[], &entry),
            title: title.filter(|title| !title.is_empty()),
        };
        Ok(entries.into_iter().map(with_title).collect())
    }

    /// Loads an entry that the caller may read.
    pub(super) fn open_history(&self, caller: &CallerContext<'_>, entry: i64) -> Result<HistoryVersion> {
        let found = self.store.read(|r| {
            let Some((entry, text)) = r.history().get(entry)? else { return Ok(None) };
            let renames = r.history().list_renames(entry.id)?;
            Ok::<_, ContentError>(Some((entry, text, renames)))
        })?;
        let (entry, text, renames) = found.ok_or_else(ContentError::not_found)?;
        let registry = self.registry();
        let Some(ct) = registry.by_uid(&entry.content_type) else {
            return Err(ContentError::validation(format!(
                "The content type {} of this version no longer exists",
                entry.content_type
            )));
        };
        self.require_history_read(caller, ct.id, &entry.document_id)?;
        let version_content = text.map(|text| read_snapshot(registry, ct, &renames, entry.id, &text)).transpose()?;
        Ok(HistoryVersion { content_type: ct.id, entry, content: version_content, renames })
    }

    fn require_history_read(&self, caller: &CallerContext<'_>, content_type: TypeId, document_id: &str) -> Result<()> {
        require_draft_read(caller, content_type)?;
        let Some(guard) = self.compile_guard(&caller.request_context(content_type, Query::empty()), Action::FindOne)?
        else {
            return Ok(());
        };
        match self.store.read(|r| guard.matches_any(r, document_id))? {
            true => Ok(()),
            false => Err(ContentError::not_found()),
        }
    }
}

fn require_draft_read(caller: &CallerContext<'_>, content_type: TypeId) -> Result<()> {
    let may = caller.access.allows_action(content_type, Action::FindOne) && caller.access.read_drafts;
    if may { Ok(()) } else { Err(ContentError::forbidden()) }
}

/// True if an attribute is visible. Full access sees private attributes too: its editors write them.
fn can_see(caller: &CallerContext<'_>, ct: &ContentType, a: &Attribute) -> bool {
    let own = ct.attributes.get(&a.name).map(|(id, _)| id);
    caller.access.everything || own.is_none_or(|id| caller.access.allows_attribute(ct, id, Action::FindOne))
}

/// An entry in the form of lists.
fn version_view(
    caller: &CallerContext<'_>,
    ct: &ContentType,
    renames: &[HistoryRename],
    e: &HistoryEntry,
) -> DocumentVersion {
    let since: Vec<HistoryRename> = renames.iter().filter(|r| r.upto >= e.id).cloned().collect();
    let mut changed = current_names(ct, &since, &e.changed);
    changed.retain(|name| ct.attributes.get(name).is_none_or(|(_, a)| can_see(caller, ct, a)));
    DocumentVersion {
        id: e.id,
        r#type: e.content_type.clone(),
        document_id: e.document_id.clone(),
        locale: (!e.locale.is_empty()).then(|| e.locale.clone()),
        action: e.action.clone(),
        status: e.status.into(),
        version: e.version,
        autosave: e.autosave,
        at: Time(e.at),
        actor: PersonReference::from(&e.actor),
        changed,
        note: e.note.clone(),
    }
}

/// How values of versions are rendered.
pub(super) struct VersionRenderer<'a> {
    pub(super) registry: &'a Registry,
    pub(super) titles: &'a LinkTitles,
    /// True if private attributes of components are included.
    pub(super) private: bool,
}

impl VersionRenderer<'_> {
    /// Values in the form of REST.
    fn render_values(
        &self,
        attributes: &Attributes,
        values: &Map<String, Json>,
        may: &dyn Fn(&Attribute) -> bool,
    ) -> Map<String, Json> {
        let filter = attributes.iter().filter(|(_, a)| may(a));
        filter.filter_map(|(_, a)| Some((a.name.clone(), self.render_value(a, values.get(&a.name)?)))).collect()
    }

    /// A value in the form of REST.
    pub(super) fn render_value(&self, a: &Attribute, value: &Json) -> Json {
        if let Some(link) = self.registry.attribute_link(a) {
            let targets = link_targets(self.registry, link, value).into_iter();
            let mut links = targets.map(|t| json!(self.titles.render_link(self.registry, link, &t)));
            return if link.many { links.collect() } else { links.next().unwrap_or_default() };
        }
        match (&a.kind, value) {
            (FieldKind::Component { component, .. }, Json::Object(object)) => {
                self.render_instance(self.registry.component(*component), object)
            }
            (FieldKind::Component { component, .. }, Json::Array(list)) => {
                let objects = list.iter().filter_map(Json::as_object);
                objects.map(|o| self.render_instance(self.registry.component(*component), o)).collect()
            }
            (FieldKind::DynamicZone { .. }, Json::Array(list)) => {
                let objects = list.iter().filter_map(Json::as_object);
                objects.filter_map(|o| Some(self.render_instance(block_component(self.registry, o)?, o))).collect()
            }
            (FieldKind::Decimal, Json::String(text)) => {
                scalar_to_json(&Value::Text(text.clone()), Some(ColumnType::Decimal))
            }
            (_, value) => value.clone(),
        }
    }

    /// An instance in the form of REST.
    pub(super) fn render_instance(&self, component: &Component, object: &Map<String, Json>) -> Json {
        let keys = ["__component", "id"].into_iter();
        let mut view: Map<String, Json> =
            keys.filter_map(|key| Some((key.to_owned(), object.get(key)?.clone()))).collect();
        view.extend(self.render_values(&component.attributes, object, &|a| self.can_see(a)));
        Json::Object(view)
    }

    /// True if an attribute of a component is visible.
    pub(super) fn can_see(&self, a: &Attribute) -> bool {
        self.private || !a.is_hidden()
    }
}

/// The component of a block of a zone.
pub(super) fn block_component<'r>(registry: &'r Registry, block: &Map<String, Json>) -> Option<&'r Component> {
    registry.component_by_uid(block.get("__component")?.as_str()?)
}
