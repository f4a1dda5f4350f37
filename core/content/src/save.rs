//! The transaction behind every write of a document: merges the values with the stored ones, validates what will be published, writes the
//! draft, its links on both sides, the published version, and what all locales share.

mod components;
mod document_write;
mod guard;
mod hooks;
mod link_owners;
mod links;
mod publish;
mod shared_attributes;
#[cfg(test)]
mod tests;
mod unique_keys;

pub(crate) use document_write::{CheckedSave, DocumentWrite, SaveStep, WriteTarget, lock_new_id};
pub(crate) use guard::document_locales;

use crate::document_event::{self, DocumentEvent, RecordingLevel, VersionRef};
use crate::history::{self, HistoryEntryInfo};
use crate::hooks::HookAction;
use crate::plan_cache::CompiledQuery;
use crate::publish::PublishGates;
use crate::response::{begin_envelope, end_entry_envelope};
use crate::users::{follow_up_user_change, reset_email_verified};
use crate::{Content, ContentError, RequestContext, Result, WriteOptions, WriteResponse, secrets};
use cairn_model::validate::{FieldError, check_values, merge_value};
use cairn_model::*;
use cairn_store::content::DocumentRow;
use cairn_store::content::links::PositionedLink;
use cairn_store::history::HistoryStatus;
use cairn_store::system::new_document_id;
use cairn_store::{LockMode, StoreError, WriteTx};
use document_write::blank_row;
use guard::WriteGuards;
use std::sync::Arc;

/// The result of a write.
pub(crate) struct SavedVersion {
    pub(crate) document_id: String,
    /// Its version token after the write.
    pub(crate) version: i64,
    /// Problems of a draft that keeps invalid values.
    problems: Vec<FieldError>,
    /// The beginning of the response with the written version, if the transaction has read it.
    body: Option<Vec<u8>>,
}

impl Content {
    /// Runs the write; returns after it is on disk.
    pub(crate) async fn save(
        &self,
        context: &RequestContext<'_>,
        save: CheckedSave,
        hook: Option<SaveStep>,
    ) -> Result<SavedVersion> {
        self.run_save(context, save, WriteOptions::default(), hook, None).await
    }

    /// Runs the write and returns its response: the written version, shaped by the query.
    pub(crate) async fn save_and_respond(
        &self,
        context: &RequestContext<'_>,
        save: CheckedSave,
        terms: WriteOptions,
        query: &Arc<CompiledQuery>,
    ) -> Result<WriteResponse> {
        // The writer of SQLite has at hand what another connection would have to read again. A read of several statements would keep others
        // waiting, and on PostgreSQL a failed one would undo the write.
        let is_read_inside = !self.store.is_shared() && query.prepared.is_one_statement();
        let saved = self.run_save(context, save, terms, None, is_read_inside.then(|| query.clone())).await?;
        self.build_write_response(query, saved)
    }

    /// Runs the write; `response`: the query of a response that its transaction reads.
    async fn run_save(
        &self,
        context: &RequestContext<'_>,
        save: CheckedSave,
        terms: WriteOptions,
        hook: Option<SaveStep>,
        response: Option<Arc<CompiledQuery>>,
    ) -> Result<SavedVersion> {
        let guards = Arc::new(self.compile_write_guards(context, save.action)?);
        let content_type = context.content_type;
        let (now, by, gates, hooks) =
            (self.now_iso(), self.write_author(context), self.gates.clone(), self.hooks.clone());
        self.store
            .write(move |tx| {
                let registry = tx.registry();
                let ct = registry.get(content_type);
                let author = by;
                let mut write =
                    DocumentWrite { registry: &registry, ct, tx: &mut *tx, now, author, save, options: terms, hooks };
                let mut saved = write.run(&guards, &gates, hook)?;
                saved.body = response.and_then(|query| read_written_version(tx, &query, &saved.document_id));
                Ok(saved)
            })
            .await
    }

    /// Does the same as [`Self::save`], in a transaction of the caller, which has to be rolled back after an error.
    pub(crate) fn save_in_transaction(
        &self,
        tx: &mut WriteTx<'_>,
        ask: &RequestContext<'_>,
        save: CheckedSave,
        terms: WriteOptions,
    ) -> Result<SavedVersion> {
        let guards = self.compile_write_guards(ask, save.action)?;
        let registry = tx.registry();
        let ct = registry.get(ask.content_type);
        let (now, by, hooks) = (self.now_iso(), self.write_author(ask), self.hooks.clone());
        DocumentWrite { registry: &registry, ct, tx, now, author: by, save, options: terms, hooks }.run(
            &guards,
            &self.gates,
            None,
        )
    }

    /// The response of a write: the written version, shaped by the request's `fields` and `populate`.
    pub(crate) fn build_write_response(&self, query: &CompiledQuery, saved: SavedVersion) -> Result<WriteResponse> {
        let SavedVersion { document_id, version, problems, body } = saved;
        if let Some(mut body) = body {
            end_entry_envelope(&mut body);
            return Ok(WriteResponse { body, document_id, version, problems });
        }
        let mut body = begin_envelope();
        // A plan without a status shows the published version, which is the one that was written then.
        let is_visible = self.store.read(|r| r.entries().write_one(&query.prepared, &document_id, &mut body))?;
        if !is_visible {
            // Deleted by another meanwhile, or out of the caller's sight: the write stands, there is nothing to show.
            body.extend_from_slice(b"null");
        }
        end_entry_envelope(&mut body);
        Ok(WriteResponse { body, document_id, version, problems })
    }
}

/// The beginning of the response with the version that the transaction has written; `None` if it cannot be read, or the caller cannot see it.
fn read_written_version(tx: &WriteTx<'_>, query: &CompiledQuery, document_id: &str) -> Option<Vec<u8>> {
    let mut body = begin_envelope();
    // An error is ignored here: the read after the commit returns it.
    let is_visible = tx.reader().entries().write_one(&query.prepared, document_id, &mut body).unwrap_or(false);
    is_visible.then_some(body)
}

impl DocumentWrite<'_, '_> {
    fn run(&mut self, guards: &WriteGuards, gates: &PublishGates, hook: Option<SaveStep>) -> Result<SavedVersion> {
        let drafts = self.ct.draft_publish;
        let fresh = matches!(self.save.target, WriteTarget::New | WriteTarget::Identified(_));
        let (document_id, document_row) = self.locate_target(guards)?;
        if let Some(hook) = hook {
            hook(self.tx, &document_id)?;
        }
        self.check_targets()?;
        let mut row = self.merge_row(&document_id, document_row.as_ref())?;
        let from = if fresh || document_row.is_some() { None } else { self.inherit_shared(&mut row)? };
        // A new locale's version begins with the links that all locales share, any other with its own.
        let linked = |attribute: AttributeId| match &document_row {
            Some(existing) => Some(existing.id),
            None => from.filter(|_| !self.ct.attributes[attribute].localized),
        };
        let relinked = self.owned_link_changes(&linked)?;
        self.write_link_columns(&mut row)?;
        let relinked = self.run_before_hooks(&document_id, document_row.as_ref(), &mut row, relinked, &linked)?;
        let before_user = document_row.as_ref().filter(|_| self.ct.id == self.registry.user_type().id);
        if let Some(before) = before_user {
            reset_email_verified(self.ct, before, &self.save.input, &mut row);
        }
        if self.save.publish {
            self.check_published(&row)?;
        }
        let stored_id = match &document_row {
            None => self.tx.documents().insert_row(self.ct.id, &row),
            Some(_) => self.tx.documents().update_row(self.ct.id, &mut row).map(|()| row.id),
        };
        row.id = match stored_id {
            Err(StoreError::Unique) => return Err(self.unique_error(&row)?),
            other => other?,
        };
        if let Some(before) = before_user {
            follow_up_user_change(self.tx, self.ct, before, &row)?;
        }
        if let Some(from) = from {
            let shared = self.shared_attributes();
            self.tx.links().copy(self.ct.id, from, row.id, Some(&shared))?;
        }
        for links::AttributeLinkChange { attribute, before, after } in &relinked {
            self.tx.links().set_owned(self.ct.id, *attribute, row.id, before, after)?;
        }
        self.release_one_to_one(&row, !drafts, guards)?;
        if drafts && self.save.publish {
            let (locale, actor) = (&self.save.locale, &self.author.actor);
            gates.check(self.tx, self.ct.id, &document_id, locale, actor)?;
            if self.has_hooks(HookAction::Publish) {
                let published =
                    self.tx.reader().documents().get_row(self.ct.id, &document_id, &self.save.locale, true)?;
                self.run_step_hooks(HookAction::Publish, &document_id, published.as_ref(), Some(&row))?;
            }
            // A hook may have written links that this write does not know of.
            let published = if fresh && !self.has_hooks(HookAction::Publish) {
                let linked: Vec<AttributeId> =
                    relinked.iter().filter(|r| !r.after.is_empty()).map(|r| r.attribute).collect();
                self.tx.documents().publish_new_row(self.ct.id, &row, &self.now, &linked)
            } else {
                self.tx.documents().publish_row(self.ct.id, &row, &self.now, fresh)
            };
            match published {
                Err(StoreError::Unique) => return Err(self.unique_error(&row)?),
                other => other?,
            };
            self.release_one_to_one(&row, true, guards)?;
        }
        // The published version has to exist first: links of the other side may lead to it.
        self.write_inverse_links(&row, guards)?;
        let shared = if self.ct.localized && !fresh { self.share_attributes(&row, guards)? } else { Vec::new() };
        self.record_write(document_row.as_ref(), &row, fresh, &relinked, &shared)?;
        guards.check_own(self.tx, &document_id, &self.save.locale)?;
        let problems = match self.options.keep_invalid {
            true => check_values(self.registry, &self.ct.attributes, &row.values),
            false => Vec::new(),
        };
        Ok(SavedVersion { document_id, version: row.version.max(1), problems, body: None })
    }

    /// Records the history and the events of the write.
    fn record_write(
        &mut self,
        document_row: Option<&DocumentRow>,
        row: &DocumentRow,
        fresh: bool,
        relinked: &[links::AttributeLinkChange],
        shared: &[String],
    ) -> Result<()> {
        let (ct, drafts) = (self.ct, self.ct.draft_publish);
        let published = drafts && self.save.publish;
        let happened = if document_row.is_some() { DocumentEvent::Updated } else { DocumentEvent::Created };
        let status = if published || !drafts { HistoryStatus::Published } else { HistoryStatus::Draft };
        let info = self.author.history_info(happened, status);
        let history_entry_info = HistoryEntryInfo {
            action: self.options.action.unwrap_or(info.action),
            autosave: self.options.autosave,
            note: self.options.note.as_deref(),
            ..info
        };
        let targets = |links: &[PositionedLink]| links.iter().map(|l| l.target.clone()).collect::<Vec<_>>();
        let changed = if self.author.recording == RecordingLevel::Nothing {
            Vec::new()
        } else if fresh {
            let linked = relinked.iter().map(|r| (r.attribute, targets(&r.after))).collect();
            history::record_creation(self.tx, ct, row, &linked, &history_entry_info)?
        } else {
            let before: Vec<_> = relinked.iter().map(|r| (r.attribute, targets(&r.before))).collect();
            history::record_save(self.tx, ct.id, document_row, row, &before, &history_entry_info)?
        };
        let version_ref = |published| VersionRef { ct, document_id: &row.document_id, locale: &row.locale, published };
        let data = document_event::save_event_data(row.version.max(1), &changed, shared);
        if published {
            let record = (self.author.actor.to_json(), document_event::event_data_text(&data));
            let (tx, author) = (&mut *self.tx, &self.author);
            document_event::emit_serialised_event(tx, author, happened, version_ref(false), record.clone())?;
            document_event::emit_serialised_event(tx, author, DocumentEvent::Published, version_ref(true), record)
        } else {
            document_event::emit_event(self.tx, &self.author, happened, version_ref(!drafts), data)
        }
    }

    /// Finds the document to write, and its version if it exists already.
    fn locate_target(&mut self, guards: &WriteGuards) -> Result<(String, Option<DocumentRow>)> {
        let (id, make_locale) = match std::mem::replace(&mut self.save.target, WriteTarget::New) {
            which @ (WriteTarget::New | WriteTarget::Identified(_)) => {
                // Two first writes of a single type: the second is an update.
                if self.ct.kind == ContentTypeKind::Single {
                    self.tx.lock_name(&format!("first {}", self.ct.uid))?;
                    if self.tx.reader().documents().find_any(self.ct.id)?.is_some() {
                        return Err(ContentError::Changed);
                    }
                }
                let WriteTarget::Identified(id) = which else { return Ok((new_document_id(), None)) };
                lock_new_id(self.tx, &id)?;
                if self.tx.reader().documents().exists(self.ct.id, &id, None)? {
                    return Err(ContentError::Changed);
                }
                return Ok((id, None));
            }
            WriteTarget::Document { id, make_locale } => (id, make_locale),
        };
        // From here on no other write changes it: what is read of it stays true.
        let exists = self.tx.lock_document(self.ct.id, &id, LockMode::Change)?;
        let row =
            match self.tx.reader().documents().get_row(self.ct.id, &id, &self.save.locale, !self.ct.draft_publish)? {
                // A type that had no drafts when the document was written: its published version is the draft.
                None if self.ct.draft_publish => self.create_draft_from_published(&id)?,
                held => held,
            };
        if row.is_some() == make_locale {
            return Err(ContentError::Changed);
        }
        if row.is_none() && !exists {
            return Err(ContentError::not_found());
        }
        if let Some(guard) = &guards.own {
            let may = match &row {
                Some(_) => guard.matches_version(&self.tx.reader(), &id, &self.save.locale)?,
                // A new locale belongs to an existing document: some version of that must be the caller's.
                None => guard.matches_any(&self.tx.reader(), &id)?,
            };
            if !may {
                return Err(ContentError::not_found());
            }
        }
        let current = row.as_ref().map(|h| h.version);
        if !self.save.precondition.is_met(current) {
            let key = history::VersionKey { content_type: self.ct.id, document_id: &id, locale: &self.save.locale };
            return Err(history::stale_version_error(
                self.tx,
                &key,
                self.save.precondition.expected_version(),
                current,
            )?);
        }
        Ok((id, row))
    }

    /// Explains why the database refused a row as not unique.
    fn unique_error(&self, row: &DocumentRow) -> Result<ContentError> {
        let clashes =
            self.tx.reader().documents().find_unique_clashes(self.ct.id, &row.document_id, &row.locale, &row.values)?;
        if clashes.is_empty() {
            return Ok(match self.find_taken_key_field(row)? {
                Some(attribute) => ContentError::field_errors(vec![secrets::key_taken(&self.ct.attributes[attribute])]),
                None => StoreError::Unique.into(),
            });
        }
        let error = |&a: &AttributeId| secrets::taken_error(&self.ct.attributes[a], &row.values[a]);
        Ok(ContentError::field_errors(clashes.iter().map(error).collect()))
    }

    /// Creates a draft from a published version that has none.
    fn create_draft_from_published(&mut self, document_id: &str) -> Result<Option<DocumentRow>> {
        let Some(published) = self.tx.reader().documents().get_row(self.ct.id, document_id, &self.save.locale, true)?
        else {
            return Ok(None);
        };
        let from = published.id;
        let mut draft = DocumentRow { id: 0, published: false, published_at: None, ..published };
        draft.values.iter_mut().try_for_each(|v| self.tx.documents().renumber_instances(v))?;
        draft.id = self.tx.documents().insert_row(self.ct.id, &draft)?;
        self.tx.links().copy(self.ct.id, from, draft.id, None)?;
        Ok(Some(draft))
    }

    /// Merges the stored row with the sent values.
    fn merge_row(&mut self, document_id: &str, document_row: Option<&DocumentRow>) -> Result<DocumentRow> {
        let published = !self.ct.draft_publish;
        let blank = || blank_row(self.ct, document_id, &self.save.locale, &self.now, published);
        let mut row = document_row.cloned().unwrap_or_else(blank);
        row.updated_at = self.now.clone();
        row.published_at = published.then(|| self.now.clone());
        self.apply_input(&mut row)?;
        Ok(row)
    }

    /// Writes the sent values that a row holds itself into it; links stay unchanged.
    fn apply_input(&mut self, row: &mut DocumentRow) -> Result<()> {
        components::resolve_component_ids(&self.tx.reader(), self.ct, row, &mut self.save.input.values)?;
        for (id, a) in self.ct.attributes.iter() {
            let input = std::mem::take(&mut self.save.input.values[id]);
            match &a.kind {
                _ if input == Value::Absent => {}
                FieldKind::Component { .. } | FieldKind::DynamicZone { .. } => {
                    let mut value = merge_value(self.registry, a, &row.values[id], input)
                        .map_err(|e| ContentError::application(e.to_string()))?;
                    self.tx.documents().number_instances(&mut value)?;
                    row.values[id] = value;
                }
                FieldKind::Media { .. } | FieldKind::Relation(_) => self.save.input.values[id] = input,
                _ => row.values[id] = input,
            }
        }
        Ok(())
    }

    /// Checks the sent values of attributes that have a condition, on the whole version: the first pass evaluated their conditions on what
    /// the client sent alone.
    fn check_conditional(&self, row: &DocumentRow) -> Vec<FieldError> {
        let attributes = &self.ct.attributes;
        if attributes.iter().all(|(_, a)| a.visible_if.is_none()) {
            return Vec::new();
        }
        let is_sent = |name: &String| {
            attributes.get(name).is_some_and(|(id, a)| a.visible_if.is_some() && self.save.input.named[id])
        };
        let mut errors = check_values(self.registry, attributes, &row.values);
        errors.retain(|error| error.path.first().is_some_and(is_sent));
        errors
    }

    /// Runs the second pass of validation: everything, on the whole version that is to be published. Without drafts the first pass was
    /// strict already, but for what other entries have and for conditions on what the client did not send.
    fn check_published(&self, row: &DocumentRow) -> Result<()> {
        // `required` is not enforced on relations and media, as in Strapi.
        let mut errors = match self.ct.draft_publish {
            true => check_values(self.registry, &self.ct.attributes, &row.values),
            false => self.check_conditional(row),
        };
        errors.extend(self.find_component_clashes(row)?);
        if errors.is_empty() {
            return Ok(());
        }
        for a in
            self.tx.reader().documents().find_unique_clashes(self.ct.id, &row.document_id, &row.locale, &row.values)?
        {
            errors.push(secrets::taken_error(&self.ct.attributes[a], &row.values[a]));
        }
        Err(ContentError::field_errors(errors))
    }
}
