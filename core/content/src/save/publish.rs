//! One locale's version between draft and published, inside a transaction: the steps of the use-cases in `crate::publish`. The
//! document is locked already.

use super::guard::Guards;
use super::shared::same;
use super::{Save, Which, Write};
use crate::body::Given;
use crate::history;
use crate::hooks::Hooks;
use crate::publish::{Gates, KeptLinks};
use crate::record::{self, By, Happened, Version};
use crate::{ContentError, Precondition, Refusal, Result, WriteTerms};
use cairn_model::*;
use cairn_query::Action;
use cairn_store::content::Row;
use cairn_store::content::links::LinkTo;
use cairn_store::history::HistoryStatus;
use cairn_store::{Hold, StoreError, WriteTx};
use serde_json::json;
use std::sync::Arc;

impl<'a, 'tx> Write<'a, 'tx> {
    /// A write for an existing version, without sent values. `now`: ISO text.
    pub(crate) fn of_version(
        registry: &'a Registry,
        ct: &'a ContentType,
        tx: &'a mut WriteTx<'tx>,
        locale: &str,
        now: String,
        (by, hooks): (By, Option<Arc<dyn Hooks>>),
    ) -> Self {
        let n = ct.attributes.len();
        let save = Save {
            which: Which::New,
            action: Action::Update,
            locale: locale.to_owned(),
            link_locale: locale.to_owned(),
            publish: true,
            given: Given { values: vec![Value::Absent; n], named: vec![false; n] },
            precondition: Precondition::None,
        };
        Self { registry, ct, tx, now, by, save, terms: WriteTerms::default(), hooks }
    }

    /// Draft and published version, if they exist.
    pub(crate) fn versions(&self, id: &str) -> Result<(Option<Row>, Option<Row>)> {
        let row = |published| self.tx.row(self.ct.id, id, &self.save.locale, published);
        Ok((row(false)?, row(true)?))
    }

    /// Why a draft cannot be published: its values, values that another entry has, refusals of gates.
    pub(crate) fn refusals(&mut self, draft: &Row, gates: &Gates) -> Result<Vec<Refusal>> {
        let mut errors = cairn_model::validate::check(self.registry, &self.ct.attributes, &draft.values);
        for a in self.tx.unique_clashes(self.ct.id, &draft.document_id, &draft.locale, &draft.values)? {
            errors.push(crate::secrets::taken(&self.ct.attributes[a], &draft.values[a]));
        }
        let mut refusals = Vec::new();
        if !errors.is_empty()
            && let ContentError::Refused(refusal) = ContentError::fields(errors)
        {
            refusals.push(refusal);
        }
        refusals.extend(gates.refusals(self.tx, self.ct.id, &draft.document_id, &draft.locale, &self.by.actor)?);
        Ok(refusals)
    }

    /// Publishes a draft that was checked. Other locales' published versions take over what all locales share. Links that another document
    /// stores are published with that one.
    pub(crate) fn publish_draft(&mut self, draft: &Row) -> Result<()> {
        let guards = Guards::none();
        match self.tx.publish(self.ct.id, draft, &self.now, false) {
            Err(StoreError::Unique) => return Err(self.not_unique(draft)?),
            other => other?,
        };
        self.one_to_one(draft, true, &guards)?;
        let shared = if self.ct.localized { self.share(draft, &guards)? } else { Vec::new() };
        self.note(Happened::Published, HistoryStatus::Published, draft, draft, &[])?;
        let data = record::saved(draft.version, &[], &shared);
        self.tell(Happened::Published, draft, true, data)
    }

    /// Deletes the published version; if it has no draft, creates one from it first. Returns the draft.
    pub(crate) fn withdraw(&mut self, id: &str, draft: Option<Row>) -> Result<Option<Row>> {
        let draft = match draft {
            Some(draft) => Some(draft),
            None => self.adopt(id)?,
        };
        self.tx.unpublish(self.ct.id, id, &self.save.locale)?;
        if let Some(draft) = &draft {
            self.note(Happened::Unpublished, HistoryStatus::Draft, draft, draft, &[])?;
            self.tell(Happened::Unpublished, draft, false, json!({ "version": draft.version }))?;
        }
        Ok(draft)
    }

    /// Resets the draft to the values, links, references and time of the published version; other locales' drafts take over what all
    /// locales share. Increments its version token.
    pub(crate) fn reset_draft(&mut self, draft: &Row, published: &Row) -> Result<Row> {
        let guards = Guards::none();
        self.save.publish = false;
        let mut row = Row {
            id: draft.id,
            published: false,
            published_at: None,
            created_at: draft.created_at.clone(),
            version: draft.version,
            ..published.clone()
        };
        row.values.iter_mut().try_for_each(|value| self.tx.renumber(value))?;
        match self.tx.update(self.ct.id, &mut row) {
            Err(StoreError::Unique) => return Err(self.not_unique(&row)?),
            other => other?,
        }
        let all: Vec<AttributeId> = self.ct.attributes.iter().map(|(id, _)| id).collect();
        let before = self.links_of(row.id)?;
        self.tx.clear_links(self.ct.id, row.id, &all)?;
        self.tx.copy_links(self.ct.id, published.id, row.id, None)?;
        self.one_to_one(&row, false, &guards)?;
        let shared = if self.ct.localized { self.share(&row, &guards)? } else { Vec::new() };
        let changed = self.note(Happened::DraftDiscarded, HistoryStatus::Draft, draft, &row, &before)?;
        self.tell(Happened::DraftDiscarded, &row, false, record::saved(row.version, &changed, &shared))?;
        Ok(row)
    }

    /// Publishes a row that is not from a draft, with these links. `before`: what is published now. Links to documents that do not exist
    /// any more are left out; the document is locked.
    pub(crate) fn publish_row(&mut self, mut row: Row, before: Option<Row>, links: KeptLinks) -> Result<()> {
        let guards = Guards::none();
        let there = |target: &Target| Ok(self.tx.hold(target.content_type, &target.document_id, Hold::Link)?);
        row.values.iter_mut().try_for_each(|value| retain(value, &there))?;
        for (id, a) in self.ct.attributes.iter() {
            let target = self.registry.link(a).and_then(|l| l.target).zip(row.to_one.get(&id).map(|(d, _)| d.clone()));
            let Some((content_type, document_id)) = target else { continue };
            if there(&Target { content_type, document_id: document_id.clone() })? {
                row.to_one.insert(id, (document_id, self.tx.end_position()));
            } else {
                row.to_one.remove(&id);
            }
        }
        let mut linked = Vec::with_capacity(links.len());
        for (attribute, targets) in links {
            let mut kept = Vec::with_capacity(targets.len());
            for target in targets {
                if there(&target)? {
                    kept.push(LinkTo { target, position: None, inverse: self.tx.end_position() });
                }
            }
            linked.push((attribute, kept));
        }
        row.values.iter_mut().try_for_each(|value| self.tx.renumber(value))?;
        let links_before = before.as_ref().map_or_else(|| Ok(Vec::new()), |before| self.links_of(before.id))?;
        self.tx.unpublish(self.ct.id, &row.document_id, &row.locale)?;
        row.id = match self.tx.insert(self.ct.id, &row) {
            Err(StoreError::Unique) => return Err(self.not_unique(&row)?),
            id => id?,
        };
        for (attribute, links) in linked {
            self.tx.set_owned_links(self.ct.id, attribute, row.id, &[], &links)?;
        }
        self.one_to_one(&row, true, &guards)?;
        let shared = if self.ct.localized {
            let others = self.tx.rows(self.ct.id, &row.document_id, true)?;
            self.share_with(&row, others, &guards)?
        } else {
            Vec::new()
        };
        let made = self.by.made(Happened::Published, HistoryStatus::Published);
        let changed = history::record(self.tx, self.ct.id, before.as_ref(), &row, &links_before, &made)?;
        let mut data = record::saved(row.version, &changed, &shared);
        data["restored"] = true.into();
        self.tell(Happened::Published, &row, true, data)
    }

    /// The targets that each attribute of a row has in link tables.
    fn links_of(&self, row: i64) -> Result<Vec<(AttributeId, Vec<Target>)>> {
        let mut all = Vec::new();
        for (id, _) in self.ct.attributes.iter() {
            if matches!(self.storage(id), Some(LinkStorage::Table | LinkStorage::References)) {
                let links = self.tx.owned_links(self.ct.id, id, row)?;
                all.push((id, links.into_iter().map(|l| l.target).collect()));
            }
        }
        Ok(all)
    }

    /// Writes the history; returns the names of changed attributes.
    fn note(
        &mut self,
        happened: Happened,
        status: HistoryStatus,
        held: &Row,
        row: &Row,
        before: &[(AttributeId, Vec<Target>)],
    ) -> Result<Vec<String>> {
        let made = self.by.made(happened, status);
        history::record(self.tx, self.ct.id, Some(held), row, before, &made)
    }

    /// Emits the event.
    fn tell(&mut self, happened: Happened, row: &Row, published: bool, data: serde_json::Value) -> Result<()> {
        let version = Version { ct: self.ct, document_id: &row.document_id, locale: &row.locale, published };
        record::emit(self.tx, &self.by, happened, version, data)
    }

    /// Whether two versions are equal: values, links and their order. Ids of component instances and times make no difference.
    pub(crate) fn says_the_same(&self, a: &Row, b: &Row) -> Result<bool> {
        let target = |row: &Row, id| row.to_one.get(&id).map(|(target, _)| target.clone());
        for (id, _) in self.ct.attributes.iter() {
            let equal = match self.storage(id) {
                None => same(&a.values[id], &b.values[id]),
                Some(LinkStorage::Column) => target(a, id) == target(b, id),
                Some(LinkStorage::Inverse) => true,
                Some(_) => {
                    let targets = |row: &Row| -> Result<Vec<Target>> {
                        let links = self.tx.owned_links(self.ct.id, id, row.id)?;
                        Ok(links.into_iter().map(|l| l.target).collect())
                    };
                    targets(a)? == targets(b)?
                }
            };
            if !equal {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Removes links to missing documents from components.
fn retain(value: &mut Value, there: &dyn Fn(&Target) -> Result<bool>) -> Result<()> {
    match value {
        Value::Instance(instance) => instance.values.iter_mut().try_for_each(|v| retain(v, there)),
        Value::Instances(list) => list.iter_mut().flat_map(|i| &mut i.values).try_for_each(|v| retain(v, there)),
        Value::Links(targets) => {
            let mut kept = Vec::with_capacity(targets.len());
            for target in targets.drain(..) {
                if there(&target)? {
                    kept.push(target);
                }
            }
            *targets = kept;
            Ok(())
        }
        _ => Ok(()),
    }
}
