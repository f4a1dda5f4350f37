//! Restoring: a version, or some of its attributes, becomes a new save, with the permissions, checks and events of any other.

use super::read::{HistoryVersion, block_component};
use super::snapshot_reader::link_targets;
use super::{CallerContext, LeftOutLink, RestoredData, RestoredDocument, RestoredEntry, RestoredMeta};
use crate::body::CastOptions;
use crate::read_scope::ReadScope;
use crate::save::{CheckedSave, WriteTarget};
use crate::view::Time;
use crate::{Content, ContentError, Precondition, Result, WriteOptions, WriteResponse};
use cairn_model::validate::CastMode;
use cairn_model::*;
use cairn_query::{Action, QueryBuilder, StatusParam};
use cairn_store::LockMode;
use cairn_store::content::DocumentRow;
use serde_json::{Map, Value as Json, json};
use std::collections::HashSet;

/// Parts of a version to restore, and how.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RestoreRequest {
    /// Names of attributes; `None`: all that the version contains.
    pub fields: Option<Vec<String>>,
    /// True if it is published too; otherwise, for a type with drafts, only the draft is written.
    pub publish: bool,
    /// The version token that the document must have.
    pub expected: Option<i64>,
}

/// Parts of a version that are not restored, by path.
#[derive(Default)]
struct RestoreOmissions {
    /// Links whose targets do not exist any more.
    links: Vec<LeftOutLink>,
    /// Attributes and blocks that the model no longer has.
    gone: Vec<String>,
}

impl Content {
    /// Restores a version, or some of its attributes, as a new save. A deleted document is created again with its id.
    ///
    /// # Errors
    /// The same errors as for an update (for a deleted document, a creation), or 400 for attributes that the version does not contain.
    pub async fn history_restore(
        &self,
        caller: &CallerContext<'_>,
        entry: i64,
        request: RestoreRequest,
    ) -> Result<RestoredDocument> {
        let opened = self.open_history(caller, entry)?;
        self.restore_entry(caller, opened, request).await
    }

    /// Restores a deleted document with its id, in every locale of its last deletion. Returns the same as
    /// [`Self::history_restore`], for each locale. Fails with 404 if there is nothing to restore.
    pub async fn undelete(
        &self,
        caller: &CallerContext<'_>,
        content_type: TypeId,
        document_id: &str,
    ) -> Result<Vec<RestoredDocument>> {
        let (uid, document) = (self.registry().get(content_type).uid.clone(), document_id.to_owned());
        let last_deletion = self
            .store
            .write(move |tx| Ok::<_, ContentError>(tx.reader().history().get_last_deletion(&uid, &document)?))
            .await?;
        let mut restored = Vec::new();
        for (entry, _) in last_deletion {
            let opened = self.open_history(caller, entry.id)?;
            restored.push(self.restore_entry(caller, opened, RestoreRequest::default()).await?);
        }
        if restored.is_empty() { Err(ContentError::not_found()) } else { Ok(restored) }
    }

    async fn restore_entry(
        &self,
        caller: &CallerContext<'_>,
        opened: HistoryVersion,
        request: RestoreRequest,
    ) -> Result<RestoredDocument> {
        let HistoryVersion { entry, content_type, content: held, .. } = opened;
        let registry = self.registry();
        let ct = registry.get(content_type);
        if !ct.is_api() {
            return Err(ContentError::validation(format!("Versions of {} can be read, but not restored", ct.uid)));
        }
        if !caller.access.allows_action(content_type, Action::Update)
            && !caller.access.allows_action(content_type, Action::Create)
        {
            return Err(ContentError::forbidden());
        }
        let Some(version_content) = held else {
            return Err(ContentError::validation("This version is a deletion: restore an earlier version"));
        };
        let mut values = Map::new();
        let mut omissions =
            RestoreOmissions { gone: version_content.gone.keys().cloned().collect(), ..RestoreOmissions::default() };
        match &request.fields {
            None => values = version_content.values,
            Some(fields) => {
                let is_requested = |path: &String| fields.iter().any(|f| path.split('.').next() == Some(f));
                omissions.gone.retain(is_requested);
                for name in fields {
                    let Some(value) = version_content.values.get(name) else {
                        return Err(ContentError::validation(format!(
                            "fields: this version has no attribute {name:?}"
                        )));
                    };
                    values.insert(name.clone(), value.clone());
                }
            }
        }
        // The current version is read too: its instances keep their ids, and the values that versions do not store.
        let (document, locale) = (entry.document_id.clone(), entry.locale.clone());
        let now = self
            .store
            .write(move |tx| {
                let registry = tx.registry();
                let drafts = registry.get(content_type).draft_publish;
                let exists = tx.lock_document(content_type, &document, LockMode::Link)?;
                let mut row = tx.reader().documents().get_row(content_type, &document, &locale, !drafts)?;
                if row.is_none() && drafts {
                    row = tx.reader().documents().get_row(content_type, &document, &locale, true)?;
                }
                Ok::<_, ContentError>((exists, row))
            })
            .await?;
        let (exists, row) = now;
        let data = self.build_restore_data(ct, values, row.as_ref(), &entry.locale, &mut omissions)?;
        let names: Vec<String> = data.keys().cloned().collect();
        let mut query = QueryBuilder::new();
        if ct.draft_publish && !request.publish {
            query.set("status", "draft");
        }
        if ct.localized {
            query.set("locale", &*entry.locale);
        }
        let query = query.build();
        let context = caller.request_context(content_type, &query);
        // The version that was read must be the current one when the write takes place.
        let expected = request.expected.or(row.as_ref().filter(|r| r.published != ct.draft_publish).map(|r| r.version));
        let note = format!("version {} of {}", entry.id, Time(entry.at).format().unwrap_or_default());
        // A version of a draft may have problems, as the draft had.
        let keep_invalid = ct.draft_publish && !request.publish;
        let terms =
            WriteOptions { note: Some(note), action: Some("restored"), keep_invalid, ..WriteOptions::from(expected) };
        if exists && !caller.access.allows_action(content_type, Action::Update) {
            return Err(ContentError::forbidden());
        }
        let answer = if exists {
            let body = Some(json!({ "data": data }));
            self.update_or_create(context, Some(&entry.document_id), body, terms).await?
        } else if request.expected.is_some() {
            return Err(ContentError::not_found());
        } else {
            self.recreate_document(&context, &entry.document_id, data, terms).await?
        };
        let data = RestoredData(RestoredEntry::from_response(&answer.body));
        let passwords = ct
            .attributes
            .iter()
            .filter(|(_, a)| matches!(a.kind, FieldKind::Password))
            .map(|(_, a)| a.name.clone())
            .filter(|_| !exists)
            .collect();
        let meta = RestoredMeta {
            restored: names,
            version: Some(answer.version),
            left_out: omissions.links,
            gone: omissions.gone,
            passwords,
        };
        Ok(RestoredDocument { data, meta })
    }

    /// Creates a document with its former id.
    async fn recreate_document(
        &self,
        context: &crate::RequestContext<'_>,
        document_id: &str,
        data: Map<String, Json>,
        terms: WriteOptions,
    ) -> Result<WriteResponse> {
        let query = self.compile_query(context, Action::Create, false)?;
        if !context.access.allows_action(context.content_type, Action::Create) {
            return Err(ContentError::forbidden());
        }
        self.check_body_keys(context, Action::Create, &data)?;
        let ct = self.registry().get(context.content_type);
        let locale = if ct.localized { query.planned.locale.clone() } else { String::new() };
        let publish = query.planned.status_given != StatusParam::Draft;
        let found = self.resolve_related(ReadScope::Snapshot(&self.store), context, &data, &query.planned.locale)?;
        let mode = CastMode { rules: terms.cast_rules(ct), create: true };
        let unique_in = (!ct.draft_publish).then_some(("", locale.as_str()));
        let casting = CastOptions { mode, references: &found, unique_in, inherits: false };
        let cast_input = self.cast_body(context.content_type, &data, casting).await?;
        let save = CheckedSave {
            target: WriteTarget::Identified(document_id.to_owned()),
            action: Action::Create,
            locale,
            link_locale: query.planned.locale.clone(),
            publish,
            input: cast_input,
            precondition: Precondition::None,
        };
        match self.save_and_respond(context, save, terms, &query).await {
            Err(ContentError::Changed) => {
                Err(ContentError::validation("The document cannot be restored: another document has taken its place"))
            }
            restored => restored,
        }
    }

    /// The body of the save.
    fn build_restore_data(
        &self,
        ct: &ContentType,
        values: Map<String, Json>,
        row: Option<&DocumentRow>,
        locale: &str,
        restore_omissions: &mut RestoreOmissions,
    ) -> Result<Map<String, Json>> {
        let registry = self.registry().clone();
        let mut targets = HashSet::new();
        super::snapshot_reader::for_each_target(&registry, &ct.attributes, &values, &mut |t| {
            targets.insert(t);
        });
        let existing: HashSet<LinkTarget> = self.store.read(|r| {
            let mut existing = HashSet::new();
            for t in targets {
                let target = registry.get(t.content_type);
                // Types that are not localised link to versions in the default locale.
                let in_locale = Some(locale).filter(|l| target.localized && !l.is_empty());
                if r.documents().exists(t.content_type, &t.document_id, in_locale)? {
                    existing.insert(t);
                }
            }
            Ok::<_, ContentError>(existing)
        })?;
        let mut body = RestoreBodyBuilder { registry: &registry, existing: &existing, omissions: restore_omissions };
        let mut data = Map::new();
        for (id, a) in ct.attributes.iter() {
            if let Some(value) = values.get(&a.name) {
                let stored = row.map_or(&Value::Absent, |r| &r.values[id]);
                data.insert(a.name.clone(), body.build_value(a, value, stored, &a.name));
            }
        }
        Ok(data)
    }
}

/// Converts the values of a version to those of a request's body.
struct RestoreBodyBuilder<'a> {
    registry: &'a Registry,
    existing: &'a HashSet<LinkTarget>,
    omissions: &'a mut RestoreOmissions,
}

impl RestoreBodyBuilder<'_> {
    fn build_value(&mut self, a: &Attribute, value: &Json, stored: &Value, path: &str) -> Json {
        if let Some(link) = self.registry.attribute_link(a) {
            return self.build_links(link, value, path);
        }
        let instances: &[Instance] = match stored {
            Value::Instance(one) => std::slice::from_ref(&**one),
            Value::Instances(list) => list,
            _ => &[],
        };
        let mut free: Vec<&Instance> = instances.iter().collect();
        match (&a.kind, value) {
            (FieldKind::Component { component, .. }, Json::Object(object)) => {
                self.build_instance(self.registry.component(*component), object, &mut free, path)
            }
            (FieldKind::Component { component, .. }, Json::Array(list)) => {
                let component = self.registry.component(*component);
                let objects = list.iter().filter_map(Json::as_object).enumerate();
                objects.map(|(i, o)| self.build_instance(component, o, &mut free, &format!("{path}.{i}"))).collect()
            }
            (FieldKind::DynamicZone { .. }, Json::Array(list)) => {
                let objects = list.iter().filter_map(Json::as_object).enumerate();
                let blocks = objects.filter_map(|(i, o)| Some((i, block_component(self.registry, o)?, o)));
                blocks.map(|(i, c, o)| self.build_instance(c, o, &mut free, &format!("{path}.{i}"))).collect()
            }
            (_, value) => value.clone(),
        }
    }

    fn build_links(&mut self, link: AttributeLink, value: &Json, path: &str) -> Json {
        let mut set = Vec::new();
        for t in link_targets(self.registry, link, value) {
            let uid = &self.registry.get(t.content_type).uid;
            if !self.existing.contains(&t) {
                let (path, r#type) = (path.to_owned(), uid.clone());
                self.omissions.links.push(LeftOutLink { path, r#type, document_id: t.document_id });
                continue;
            }
            set.push(match link.target {
                Some(_) => json!({ "documentId": t.document_id }),
                None => json!({ "__type": uid, "documentId": t.document_id }),
            });
        }
        json!({ "set": set })
    }

    fn build_instance(
        &mut self,
        component: &Component,
        object: &Map<String, Json>,
        free: &mut Vec<&Instance>,
        path: &str,
    ) -> Json {
        let id = object.get("id").and_then(Json::as_i64);
        // Taken out: no two instances are one.
        let at = free.iter().position(|i| i.id.is_some() && i.id == id && i.component == component.id);
        let stored = at.map(|at| free.swap_remove(at));
        let mut body = Map::new();
        if let Some(uid) = object.get("__component") {
            body.insert("__component".into(), uid.clone());
        }
        if stored.is_some() {
            body.insert("id".into(), id.into());
        }
        for (i, a) in component.attributes.iter() {
            if let Some(value) = object.get(&a.name) {
                let stored_value = stored.and_then(|s| s.values.get(i)).unwrap_or(&Value::Absent);
                body.insert(a.name.clone(), self.build_value(a, value, stored_value, &format!("{path}.{}", a.name)));
            }
        }
        Json::Object(body)
    }
}
