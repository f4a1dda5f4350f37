//! The transaction behind every write of a document: merges the values with the stored ones, validates what will be published, writes the
//! draft, its links on both sides, the published version, and what all locales share.

mod guard;
mod hooked;
mod links;
mod publish;
mod shared;
#[cfg(test)]
mod tests;

pub(crate) use guard::{Guard, locales};
pub(crate) use shared::same;

use crate::answer::{begin, end_one};
use crate::body::Given;
use crate::history::{self, Made};
use crate::hooks::{HookAction, Hooks};
use crate::plans::Ready;
use crate::publish::Gates;
use crate::record::{self, By, Happened, Kept, Version};
use crate::{Ask, Content, ContentError, Precondition, Result, WriteAnswer, WriteTerms, secrets};
use cairn_model::validate::{check, merge};
use cairn_model::*;
use cairn_query::Action;
use cairn_store::content::Row;
use cairn_store::content::links::LinkTo;
use cairn_store::history::HistoryStatus;
use cairn_store::system::new_document_id;
use cairn_store::{Hold, StoreError, WriteTx};
use guard::Guards;
use std::collections::HashMap;
use std::sync::Arc;

/// The document that a write is about.
#[derive(Clone)]
pub(crate) enum Which {
    /// A new document.
    New,
    /// A deleted document, with its former id.
    Again(String),
    /// An existing document; `make_locale`: its version in this locale does not exist yet.
    Document { id: String, make_locale: bool },
}

/// A write whose values have passed the first checks.
#[derive(Clone)]
pub(crate) struct Save {
    pub(crate) which: Which,
    pub(crate) action: Action,
    /// Empty for types that are not localised.
    pub(crate) locale: String,
    /// The locale of linked versions, for any localised target type.
    pub(crate) link_locale: String,
    /// Whether to also write the published version (always true for types without draft & publish).
    pub(crate) publish: bool,
    pub(crate) given: Given,
    /// What has to hold for the document's version in this locale.
    pub(crate) precondition: Precondition,
}

/// Runs in a write's transaction, before its rows: checks, and changes that are committed or rolled back with it. Gets the document id.
pub(crate) type Hook = Arc<dyn Fn(&mut WriteTx<'_>, &str) -> Result<()> + Send + Sync>;

/// The result of a write.
pub(crate) struct Saved {
    pub(crate) document_id: String,
    /// Its version token after the write.
    pub(crate) version: i64,
}

impl Content {
    /// Runs the write; returns after it is on disk.
    pub(crate) async fn save(&self, ask: &Ask<'_>, save: Save, hook: Option<Hook>) -> Result<Saved> {
        self.save_as(ask, save, WriteTerms::default(), hook).await
    }

    /// Does the same as [`Self::save`], with terms for the history.
    pub(crate) async fn save_as(
        &self,
        ask: &Ask<'_>,
        save: Save,
        terms: WriteTerms,
        hook: Option<Hook>,
    ) -> Result<Saved> {
        let guards = Arc::new(self.guards(ask, save.action));
        let content_type = ask.content_type;
        let (now, by, gates, hooks) = (self.now(), self.by(ask), self.gates.clone(), self.hooks.clone());
        self.store
            .write(move |tx| {
                let registry = tx.registry();
                let ct = registry.get(content_type);
                let mut write = Write { registry: &registry, ct, tx, now, by, save, terms, hooks };
                write.run(&guards, &gates, hook)
            })
            .await
    }

    /// Does the same as [`Self::save_as`], in a transaction of the caller, which has to be rolled back after an error.
    pub(crate) fn save_in(&self, tx: &mut WriteTx<'_>, ask: &Ask<'_>, save: Save, terms: WriteTerms) -> Result<Saved> {
        let guards = self.guards(ask, save.action);
        let registry = tx.registry();
        let ct = registry.get(ask.content_type);
        let (now, by, hooks) = (self.now(), self.by(ask), self.hooks.clone());
        Write { registry: &registry, ct, tx, now, by, save, terms, hooks }.run(&guards, &self.gates, None)
    }

    /// The response of a write: the written version, shaped by the request's `fields` and `populate`.
    pub(crate) fn written(&self, ready: &Ready, saved: Saved) -> Result<WriteAnswer> {
        let mut body = begin();
        // Without a status the plan shows the published version, which is what was written then.
        let shown = self.store.read(|r| r.one(&ready.prepared, &saved.document_id, &mut body))?;
        if !shown {
            // Deleted by another meanwhile, or out of the caller's sight: the write stands, there is nothing to show.
            body.extend_from_slice(b"null");
        }
        end_one(&mut body);
        Ok(WriteAnswer { body, document_id: saved.document_id, version: saved.version })
    }
}

/// A version without values.
fn blank(ct: &ContentType, document_id: &str, locale: &str, now: &str, published: bool) -> Row {
    Row {
        id: 0,
        document_id: document_id.to_owned(),
        locale: locale.to_owned(),
        published,
        created_at: now.to_owned(),
        updated_at: String::new(),
        published_at: None,
        version: 0,
        values: vec![Value::Null; ct.attributes.len()],
        to_one: HashMap::new(),
    }
}

/// One write inside its transaction.
pub(crate) struct Write<'a, 'tx> {
    registry: &'a Registry,
    ct: &'a ContentType,
    tx: &'a mut WriteTx<'tx>,
    now: String,
    by: By,
    save: Save,
    terms: WriteTerms,
    hooks: Option<Arc<dyn Hooks>>,
}

impl Write<'_, '_> {
    fn run(&mut self, guards: &Guards, gates: &Gates, hook: Option<Hook>) -> Result<Saved> {
        let drafts = self.ct.draft_publish;
        let fresh = matches!(self.save.which, Which::New | Which::Again(_));
        let (document_id, held) = self.locate(guards)?;
        if let Some(hook) = hook {
            hook(self.tx, &document_id)?;
        }
        self.check_targets()?;
        let mut row = self.merged(&document_id, held.as_ref())?;
        let from = if fresh || held.is_some() { None } else { self.inherit(&mut row)? };
        // A new locale's version begins with the links that all locales share, any other with its own.
        let linked = |attribute: AttributeId| match &held {
            Some(held) => Some(held.id),
            None => from.filter(|_| !self.ct.attributes[attribute].localized),
        };
        let relinked = self.owned(&linked)?;
        self.link_columns(&mut row)?;
        let relinked = self.pass_hooks(&document_id, held.as_ref(), &mut row, relinked, &linked)?;
        if drafts && self.save.publish {
            self.check_published(&row)?;
        }
        let written = match &held {
            None => self.tx.insert(self.ct.id, &row),
            Some(_) => self.tx.update(self.ct.id, &mut row).map(|()| row.id),
        };
        row.id = match written {
            Err(StoreError::Unique) => return Err(self.not_unique(&row)?),
            other => other?,
        };
        if let Some(from) = from {
            self.tx.copy_links(self.ct.id, from, row.id, Some(&self.shared_attributes()))?;
        }
        for links::Relinked { attribute, before, after } in &relinked {
            self.tx.set_owned_links(self.ct.id, *attribute, row.id, before, after)?;
        }
        self.one_to_one(&row, !drafts, guards)?;
        if drafts && self.save.publish {
            let (locale, actor) = (&self.save.locale, &self.by.actor);
            gates.check(self.tx, self.ct.id, &document_id, locale, actor)?;
            if self.wanted(HookAction::Publish) {
                let published = self.tx.row(self.ct.id, &document_id, &self.save.locale, true)?;
                self.pass_step(HookAction::Publish, &document_id, published.as_ref(), Some(&row))?;
            }
            match self.tx.publish(self.ct.id, &row, &self.now, fresh) {
                Err(StoreError::Unique) => return Err(self.not_unique(&row)?),
                other => other?,
            };
            self.one_to_one(&row, true, guards)?;
        }
        // After the published version is there, which may be one of those that the other side's links are in.
        self.inverse(&row, guards)?;
        let shared = if self.ct.localized && !fresh { self.share(&row, guards)? } else { Vec::new() };
        self.record(held.as_ref(), &row, fresh, &relinked, &shared)?;
        guards.check_own(self.tx, &document_id, &self.save.locale)?;
        Ok(Saved { document_id, version: row.version.max(1) })
    }

    /// Records the history and the events of the write.
    fn record(
        &mut self,
        held: Option<&Row>,
        row: &Row,
        fresh: bool,
        relinked: &[links::Relinked],
        shared: &[String],
    ) -> Result<()> {
        let (ct, drafts) = (self.ct, self.ct.draft_publish);
        let published = drafts && self.save.publish;
        let happened = if held.is_some() { Happened::Updated } else { Happened::Created };
        let status = if published || !drafts { HistoryStatus::Published } else { HistoryStatus::Draft };
        let made = self.by.made(happened, status);
        let made = Made {
            action: self.terms.action.unwrap_or(made.action),
            autosave: self.terms.autosave,
            note: self.terms.note.as_deref(),
            ..made
        };
        let targets = |links: &[LinkTo]| links.iter().map(|l| l.target.clone()).collect::<Vec<_>>();
        let changed = if self.by.kept == Kept::Nothing {
            Vec::new()
        } else if fresh {
            let linked = relinked.iter().map(|r| (r.attribute, targets(&r.after))).collect();
            history::record_new(self.tx, ct, row, &linked, &made)?
        } else {
            let before: Vec<_> = relinked.iter().map(|r| (r.attribute, targets(&r.before))).collect();
            history::record(self.tx, ct.id, held, row, &before, &made)?
        };
        let of = |published| Version { ct, document_id: &row.document_id, locale: &row.locale, published };
        let data = record::saved(row.version.max(1), &changed, shared);
        if published {
            record::emit(self.tx, &self.by, happened, of(false), data.clone())?;
            record::emit(self.tx, &self.by, Happened::Published, of(true), data)
        } else {
            record::emit(self.tx, &self.by, happened, of(!drafts), data)
        }
    }

    /// Finds the document to write, and its version if it exists already.
    fn locate(&mut self, guards: &Guards) -> Result<(String, Option<Row>)> {
        let (id, make_locale) = match std::mem::replace(&mut self.save.which, Which::New) {
            which @ (Which::New | Which::Again(_)) => {
                // Two first writes of a single type: the second is an update.
                if self.ct.kind == Kind::Single {
                    self.tx.hold_name(&format!("first {}", self.ct.uid))?;
                    if self.tx.any_document(self.ct.id)?.is_some() {
                        return Err(ContentError::Changed);
                    }
                }
                let Which::Again(id) = which else { return Ok((new_document_id(), None)) };
                self.tx.hold_name(&format!("again {id}"))?;
                if self.tx.exists(self.ct.id, &id, None)? {
                    return Err(ContentError::Changed);
                }
                return Ok((id, None));
            }
            Which::Document { id, make_locale } => (id, make_locale),
        };
        // From here on no other write changes it: what is read of it stays true.
        let there = self.tx.hold(self.ct.id, &id, Hold::Change)?;
        let held = match self.tx.row(self.ct.id, &id, &self.save.locale, !self.ct.draft_publish)? {
            // A type that had no drafts when the document was written: its published version is the draft.
            None if self.ct.draft_publish => self.adopt(&id)?,
            held => held,
        };
        if held.is_some() == make_locale {
            return Err(ContentError::Changed);
        }
        if held.is_none() && !there {
            return Err(ContentError::not_found());
        }
        if let Some(guard) = &guards.own {
            let may = match &held {
                Some(_) => guard.holds(&self.tx.reader(), &id, &self.save.locale)?,
                // Another locale makes the document no other one: some version of it must be the caller's.
                None => guard.holds_any(&self.tx.reader(), &id)?,
            };
            if !may {
                return Err(ContentError::not_found());
            }
        }
        let current = held.as_ref().map(|h| h.version);
        if !self.save.precondition.holds(current) {
            let seen = history::Seen { content_type: self.ct.id, document_id: &id, locale: &self.save.locale };
            return Err(history::stale(self.tx, &seen, self.save.precondition.version(), current)?);
        }
        Ok((id, held))
    }

    /// Explains why the database refused a row as not unique.
    fn not_unique(&self, row: &Row) -> Result<ContentError> {
        let clashes = self.tx.unique_clashes(self.ct.id, &row.document_id, &row.locale, &row.values)?;
        if clashes.is_empty() {
            return Ok(match self.tx.unique_key_clash(self.ct.id, row)? {
                Some(attribute) => ContentError::fields(vec![secrets::key_taken(&self.ct.attributes[attribute])]),
                None => StoreError::Unique.into(),
            });
        }
        let error = |&a: &AttributeId| secrets::taken(&self.ct.attributes[a], &row.values[a]);
        Ok(ContentError::fields(clashes.iter().map(error).collect()))
    }

    /// Creates a draft from a published version that has none.
    fn adopt(&mut self, document_id: &str) -> Result<Option<Row>> {
        let Some(published) = self.tx.row(self.ct.id, document_id, &self.save.locale, true)? else { return Ok(None) };
        let from = published.id;
        let mut draft = Row { id: 0, published: false, published_at: None, ..published };
        draft.values.iter_mut().try_for_each(|v| self.tx.renumber(v))?;
        draft.id = self.tx.insert(self.ct.id, &draft)?;
        self.tx.copy_links(self.ct.id, from, draft.id, None)?;
        Ok(Some(draft))
    }

    /// Merges the stored row with the sent values.
    fn merged(&mut self, document_id: &str, held: Option<&Row>) -> Result<Row> {
        let published = !self.ct.draft_publish;
        let blank = || blank(self.ct, document_id, &self.save.locale, &self.now, published);
        let mut row = held.cloned().unwrap_or_else(blank);
        row.updated_at = self.now.clone();
        row.published_at = published.then(|| self.now.clone());
        self.give(&mut row)?;
        Ok(row)
    }

    /// Writes the sent values that a row holds itself into it; links stay unchanged.
    fn give(&mut self, row: &mut Row) -> Result<()> {
        for (id, a) in self.ct.attributes.iter() {
            let given = std::mem::take(&mut self.save.given.values[id]);
            match &a.kind {
                _ if given == Value::Absent => {}
                FieldKind::Component { .. } | FieldKind::DynamicZone { .. } => {
                    let mut value = merge(self.registry, a, &row.values[id], given)
                        .map_err(|e| ContentError::application(e.to_string()))?;
                    self.tx.number(&mut value)?;
                    row.values[id] = value;
                }
                FieldKind::Media { .. } | FieldKind::Relation(_) => self.save.given.values[id] = given,
                _ => row.values[id] = given,
            }
        }
        Ok(())
    }

    /// Runs the second pass of validation: everything, on the whole version that is to be published.
    fn check_published(&self, row: &Row) -> Result<()> {
        // As in Strapi, `required` is not enforced on relations and media.
        let mut errors = check(self.registry, &self.ct.attributes, &row.values);
        if errors.is_empty() {
            return Ok(());
        }
        for a in self.tx.unique_clashes(self.ct.id, &row.document_id, &row.locale, &row.values)? {
            errors.push(secrets::taken(&self.ct.attributes[a], &row.values[a]));
        }
        Err(ContentError::fields(errors))
    }
}
