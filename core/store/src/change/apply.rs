//! Applies a plan to a database, inside the transaction that the caller has begun: renames tables, carries rows over, checks rules and
//! moves what is dropped to the trash. An error leaves everything to be rolled back.
//!
//! The order is not that of the steps: every table and column is renamed once, to its last name, and every row is
//! written once, by all steps together. Steps that look at several rows at once come after that, in their order.

use super::layout::{self, Storage, storage};
use super::names::{Subject, subjects};
use super::rows::{Instances, Stored};
use super::trash::{self, Times, TrashKind, TrashValue};
use super::tx::Tx;

use super::{applied, carry, follow, history, rights, rules, tables};
use crate::events::Actor;
use crate::schema::Catalogue;
use crate::{Result, StoreError};
use cairn_model::change::{AttributeShape, Change, Decision, Plan, Snapshot, Step, Trace, TypeShape};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Number of entries that an error lists at most.
const SHOWN: usize = 20;

/// What applying a plan did besides its steps.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Permissions that the change removed, as sentences for people.
    pub notes: Vec<String>,
    /// Numeric ids of the trash entries that it created.
    pub trashed: Vec<i64>,
    /// Generation of the schema after the change.
    pub generation: i64,
}

/// A change in progress.
pub(super) struct Run<'a> {
    pub(super) tx: Tx<'a>,
    pub(super) before: &'a Snapshot,
    pub(super) after: &'a Snapshot,
    pub(super) plan: &'a Plan,
    pub(super) trace: Trace,
    /// Subject of every step, in order.
    pub(super) subjects: Vec<Subject>,
    pub(super) times: &'a Times,
    pub(super) instances: Instances,
    pub(super) refused: Refused,
    pub(super) outcome: Outcome,
    /// Numeric ids of trash entries by step.
    entries: HashMap<String, i64>,
}

/// Content that does not fit the new schema.
#[derive(Default)]
pub(super) struct Refused {
    shown: Vec<String>,
    n: usize,
}

impl Refused {
    pub(super) fn add(&mut self, line: impl FnOnce() -> String) {
        self.n += 1;
        if self.shown.len() < SHOWN {
            self.shown.push(line());
        }
    }
}

/// Describes a document's version for people.
pub(super) fn version(document_id: &str, locale: &str, status: i64, draft_publish: bool) -> String {
    let locale = if locale.is_empty() { String::new() } else { format!(", {locale}") };
    let status = match (draft_publish, status) {
        (false, _) => "",
        (true, 0) => ", draft",
        _ => ", published",
    };
    format!("{document_id}{locale}{status}")
}

/// A type before and after the change.
#[derive(Clone, Copy)]
pub(super) struct Pair<'a> {
    pub(super) old: &'a TypeShape,
    pub(super) new: &'a TypeShape,
}

impl<'a> Run<'a> {
    pub(super) fn new(tx: Tx<'a>, before: &'a Snapshot, after: &'a Snapshot, plan: &'a Plan, times: &'a Times) -> Self {
        Self {
            tx,
            before,
            after,
            plan,
            trace: Trace::of(before, &plan.steps),
            subjects: subjects(before, &plan.steps),
            times,
            instances: Instances::default(),
            refused: Refused::default(),
            outcome: Outcome::default(),
            entries: HashMap::new(),
        }
    }

    /// Runs all steps.
    pub(super) fn all(mut self, by: &Actor) -> Result<Outcome> {
        if !self.plan.steps.is_empty() {
            let catalogue = Catalogue::read(self.tx.conn)?;
            trash::rename(self.tx, &self.renamed())?;
            let indexes = tables::Indexes::of(&self, &catalogue);
            rules::before_moves(&mut self)?;
            indexes.drop(self.tx)?;
            self.drop_types()?;
            let pairs = self.pairs();
            let mut carried = tables::move_tables(&self, &pairs, &catalogue)?;
            for ty in &self.after.types {
                if !pairs.iter().any(|pair| pair.new.uid == ty.uid) {
                    tables::create(&self, ty)?;
                }
            }
            rights::rename_links(&self)?;
            follow::rename(&self)?;
            for carry in &mut carried {
                carry::rows(&mut self, carry)?;
            }
            for carry in &carried {
                carry.finish(self.tx)?;
            }
            indexes.create_first(self.tx)?;
            self.hold_to_refused()?;
            rules::after_moves(&mut self)?;
            self.hold_to_refused()?;
            rights::recount(&self)?;
            rules::clashes(&mut self, &indexes)?;
            self.hold_to_refused()?;
            indexes.create(self.tx)?;
            self.outcome.notes = rights::rewrite(&self)?;
            history::rename(&self)?;
        }
        self.outcome.generation = applied::write(self.tx, self.after, self.plan, by, &self.times.now)?;
        Ok(self.outcome)
    }

    /// Types that exist before and after the change.
    pub(super) fn pairs(&self) -> Vec<Pair<'a>> {
        let (before, after) = (self.before, self.after);
        let pair = |old: &'a TypeShape| {
            let new = after.content_type(self.trace.owner(&old.uid)?)?;
            Some(Pair { old, new })
        };
        before.types.iter().filter_map(pair).collect()
    }

    /// Owners that have another name after the change, by their old name.
    pub(super) fn renamed(&self) -> BTreeMap<String, String> {
        let types = self.before.types.iter().map(|t| &t.uid);
        let all = types.chain(self.before.components.iter().map(|c| &c.uid));
        let renamed = all.filter_map(|old| Some((old, self.trace.owner(old)?))).filter(|(old, new)| old != new);
        renamed.map(|(old, new)| (old.clone(), new.to_owned())).collect()
    }

    /// The step with that index, and its subject.
    pub(super) fn step(&self, i: usize) -> (&'a Step, &Subject) {
        (&self.plan.steps[i], &self.subjects[i])
    }

    /// The trash entry for what a step drops; created if it has none yet.
    pub(super) fn entry(&mut self, step: &Step) -> Result<i64> {
        if let Some(id) = self.entries.get(&step.id) {
            return Ok(*id);
        }
        let i = self.plan.steps.iter().position(|s| s.id == step.id).unwrap_or_default();
        let subject = &self.subjects[i];
        let old_owner = subject.old_owner.as_deref().unwrap_or(&subject.owner);
        let (kind, attribute, definition) = match &step.change {
            Change::DropType { .. } => {
                let whole = self.before.content_type(old_owner).map(|t| t.attributes.as_slice()).unwrap_or_default();
                (TrashKind::Type, None, trash::definition(self.before, old_owner, whole))
            }
            Change::DraftPublish { .. } | Change::TypeLocalized { .. } => {
                let whole =
                    self.after.content_type(&subject.owner).map(|t| t.attributes.as_slice()).unwrap_or_default();
                (TrashKind::Versions, None, trash::definition(self.after, &subject.owner, whole))
            }
            change => {
                let kind = match change {
                    Change::DropAttribute { .. } => TrashKind::Attribute,
                    Change::DropZoneComponent { .. } => TrashKind::Zone,
                    _ => TrashKind::Conversion,
                };
                let old = subject.old_attribute.as_ref().and_then(|a| self.before.attribute(old_owner, a));
                let attributes: Vec<AttributeShape> = old.cloned().into_iter().collect();
                let name = match kind {
                    TrashKind::Conversion => subject.attribute.clone(),
                    _ => subject.old_attribute.clone(),
                };
                (kind, name, trash::definition(self.before, old_owner, &attributes))
            }
        };
        let owner = subject.owner.clone();
        let id = trash::add(self.tx, self.times, kind, &owner, attribute.as_deref(), &definition)?;
        self.entries.insert(step.id.clone(), id);
        self.outcome.trashed.push(id);
        Ok(id)
    }

    /// Moves values that a step drops to the trash.
    pub(super) fn throw(&mut self, step: &Step, values: &[TrashValue]) -> Result<()> {
        let id = self.entry(step)?;
        trash::add_values(self.tx, id, values)
    }

    /// Returns the error that lists content that does not fit, if there is any.
    pub(super) fn hold_to_refused(&mut self) -> Result<()> {
        let Refused { shown, n } = std::mem::take(&mut self.refused);
        if n == 0 {
            return Ok(());
        }
        let more = if n > shown.len() { format!("\n  and {} more", n - shown.len()) } else { String::new() };
        Err(StoreError::Schema(format!(
            "stored entries do not fit the change; nothing was changed:\n  {}{more}\nChange these entries, or \
             decide what happens to them with `cairn schema apply --decide PLACE=null|cut|keep|drop` (see `cairn \
             schema plan`)",
            shown.join("\n  ")
        )))
    }

    fn drop_types(&mut self) -> Result<()> {
        for step in &self.plan.steps {
            let Change::DropType { content_type } = &step.change else { continue };
            let Some(t) = self.before.content_type(&content_type.uid) else { continue };
            let id = self.entry(step)?;
            let names = trash::tables_of(self.before, t, id);
            let sql = format!("SELECT count(*) FROM {}", layout::table(t));
            let n: i64 = self.tx.first("counting rows", &sql, (), |r| r.get(0))?.unwrap_or(0);
            let rename = |from: crate::ident::Ident, to: &str| {
                self.tx.run(&format!("ALTER TABLE {from} RENAME TO {}", crate::ident::Ident::quote(to)))
            };
            rename(layout::table(t), &names.table)?;
            for a in t.attributes.iter().filter(|a| storage(&a.kind) == Storage::Links) {
                if let Some(to) = names.links.get(&a.name) {
                    rename(layout::links(t, a), to)?;
                }
            }
            if let Some(to) = &names.references {
                rename(layout::references(t), to)?;
            }
            trash::set_tables(self.tx, id, &names, n)?;
        }
        Ok(())
    }

    /// Uids of types whose stored counts are obsolete, and of types to count again: (old, new).
    pub(super) fn recounted(&self) -> (BTreeSet<&str>, BTreeSet<&str>) {
        let (mut gone, mut counted) = (BTreeSet::new(), BTreeSet::new());
        for t in &self.before.types {
            match self.trace.owner(&t.uid) {
                Some(new) if new == t.uid => {}
                Some(new) => {
                    gone.insert(t.uid.as_str());
                    counted.insert(new);
                }
                None => drop(gone.insert(t.uid.as_str())),
            }
        }
        for (step, subject) in self.plan.steps.iter().zip(&self.subjects) {
            if matches!(step.change, Change::DraftPublish { .. } | Change::TypeLocalized { .. }) {
                counted.insert(subject.owner.as_str());
            }
        }
        (gone, counted)
    }

    /// Collects a value that a decision drops, or refuses it.
    pub(super) fn decide(
        &mut self,
        step: &Step,
        decision: Decision,
        value: impl FnOnce() -> TrashValue,
        why: impl FnOnce() -> String,
    ) -> Result<bool> {
        if decision.loses() {
            self.throw(step, &[value()])?;
            return Ok(true);
        }
        self.refused.add(why);
        Ok(false)
    }

    /// Describes a row for people, with its status if the type has drafts.
    pub(super) fn described(&self, ty: &TypeShape, row: &Stored) -> String {
        version(&row.document_id, &row.locale, row.status, ty.draft_publish)
    }
}
