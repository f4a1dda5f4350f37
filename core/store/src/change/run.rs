//! A change in progress: what its steps share while a plan is applied.

use super::layout::{AttributeStorage, attribute_storage};
use super::rows::{InstanceIdBlock, StoredVersion};
use super::subjects::{Subject, step_subjects};
use super::trash::{self, ChangeTimes, TrashKind, TrashValue};
use super::tx::ChangeTx;
use crate::{Result, StoreError};
use cairn_model::change::{
    AttributeFate, AttributeShape, ChangePlan, ChangeStep, Decision, NameTrace, SchemaChange, Snapshot, TypeShape,
};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Number of entries that an error lists at most.
const MAX_LISTED_ENTRIES: usize = 20;

/// Effects of applying a plan besides its steps.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChangeOutcome {
    /// Permissions that the change removed, as sentences for people.
    pub notes: Vec<String>,
    /// Numeric ids of the trash entries that it created.
    pub trashed: Vec<i64>,
    /// Generation of the schema after the change.
    pub generation: i64,
}

/// A change in progress.
pub(super) struct ChangeRun<'a> {
    pub(super) tx: ChangeTx<'a>,
    pub(super) before: &'a Snapshot,
    pub(super) after: &'a Snapshot,
    pub(super) plan: &'a ChangePlan,
    pub(super) trace: NameTrace,
    /// Subject of every step, in order.
    pub(super) subjects: Vec<Subject>,
    pub(super) times: &'a ChangeTimes,
    pub(super) instances: InstanceIdBlock,
    pub(super) rejected: RejectedContent,
    pub(super) outcome: ChangeOutcome,
    /// Numeric ids of trash entries by step.
    entries: HashMap<String, i64>,
}

/// Content that does not fit the new schema.
#[derive(Default)]
pub(super) struct RejectedContent {
    shown: Vec<String>,
    n: usize,
}

impl RejectedContent {
    pub(super) fn add(&mut self, line: impl FnOnce() -> String) {
        self.n += 1;
        if self.shown.len() < MAX_LISTED_ENTRIES {
            self.shown.push(line());
        }
    }
}

/// Describes a document's version for people.
pub(super) fn describe_version(document_id: &str, locale: &str, status: i64, draft_publish: bool) -> String {
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
pub(super) struct TypePair<'a> {
    pub(super) old: &'a TypeShape,
    pub(super) new: &'a TypeShape,
}

impl<'a> ChangeRun<'a> {
    pub(super) fn new(
        tx: ChangeTx<'a>,
        before: &'a Snapshot,
        after: &'a Snapshot,
        plan: &'a ChangePlan,
        times: &'a ChangeTimes,
    ) -> Self {
        Self {
            tx,
            before,
            after,
            plan,
            trace: NameTrace::follow_steps(before, &plan.steps),
            subjects: step_subjects(before, &plan.steps),
            times,
            instances: InstanceIdBlock::default(),
            rejected: RejectedContent::default(),
            outcome: ChangeOutcome::default(),
            entries: HashMap::new(),
        }
    }

    /// Types that exist before and after the change.
    pub(super) fn type_pairs(&self) -> Vec<TypePair<'a>> {
        let (before, after) = (self.before, self.after);
        let pair = |old: &'a TypeShape| {
            let new = after.content_type(self.trace.new_owner(&old.uid)?)?;
            Some(TypePair { old, new })
        };
        before.types.iter().filter_map(pair).collect()
    }

    /// Owners that have another name after the change, by their old name.
    pub(super) fn renamed_owners(&self) -> BTreeMap<String, String> {
        let types = self.before.types.iter().map(|t| &t.uid);
        let all = types.chain(self.before.components.iter().map(|c| &c.uid));
        let renamed = all.filter_map(|old| Some((old, self.trace.new_owner(old)?))).filter(|(old, new)| old != new);
        renamed.map(|(old, new)| (old.clone(), new.to_owned())).collect()
    }

    /// The attribute that takes over the content of an old one, in its columns or tables.
    pub(super) fn attribute_kept_in(&self, pair: TypePair<'a>, old: &AttributeShape) -> Option<&'a AttributeShape> {
        let d = self.tx.dialect();
        let Some(AttributeFate::As(attribute)) = self.trace.attribute_fate(&pair.old.uid, &old.name) else {
            return None;
        };
        let now = pair.new.attributes.iter().find(|a| a.name == attribute.name)?;
        let is_unchanged = match (attribute_storage(&old.kind), attribute_storage(&now.kind)) {
            (AttributeStorage::Scalar(a), AttributeStorage::Scalar(b)) => d.column_type(a) == d.column_type(b),
            (AttributeStorage::ToOne { .. }, AttributeStorage::ToOne { .. }) => true,
            (a, b) => a == b,
        };
        is_unchanged.then_some(now)
    }

    /// The step with that index, and its subject.
    pub(super) fn step_and_subject(&self, i: usize) -> (&'a ChangeStep, &Subject) {
        (&self.plan.steps[i], &self.subjects[i])
    }

    /// The trash entry for what a step drops; created if it has none yet.
    pub(super) fn trash_entry(&mut self, step: &ChangeStep) -> Result<i64> {
        if let Some(id) = self.entries.get(&step.id) {
            return Ok(*id);
        }
        let i = self.plan.steps.iter().position(|s| s.id == step.id).unwrap_or_default();
        let subject = &self.subjects[i];
        let old_owner = subject.old_owner.as_deref().unwrap_or(&subject.owner);
        let (kind, attribute, definition) = match &step.change {
            SchemaChange::DropType { .. } => {
                let shapes = self.before.content_type(old_owner).map(|t| t.attributes.as_slice()).unwrap_or_default();
                (TrashKind::Type, None, trash::trash_definition(self.before, old_owner, shapes))
            }
            SchemaChange::DraftPublish { .. } | SchemaChange::TypeLocalized { .. } => {
                let attribute_shapes =
                    self.after.content_type(&subject.owner).map(|t| t.attributes.as_slice()).unwrap_or_default();
                (TrashKind::Versions, None, trash::trash_definition(self.after, &subject.owner, attribute_shapes))
            }
            change => {
                let kind = match change {
                    SchemaChange::DropAttribute { .. } => TrashKind::Attribute,
                    SchemaChange::DropZoneComponent { .. } => TrashKind::Zone,
                    _ => TrashKind::Conversion,
                };
                let old = subject.old_attribute.as_ref().and_then(|a| self.before.attribute(old_owner, a));
                let attributes: Vec<AttributeShape> = old.cloned().into_iter().collect();
                let name = match kind {
                    TrashKind::Conversion => subject.attribute.clone(),
                    _ => subject.old_attribute.clone(),
                };
                (kind, name, trash::trash_definition(self.before, old_owner, &attributes))
            }
        };
        let owner = subject.owner.clone();
        let id = trash::add_entry(self.tx, self.times, kind, &owner, attribute.as_deref(), &definition)?;
        self.entries.insert(step.id.clone(), id);
        self.outcome.trashed.push(id);
        Ok(id)
    }

    /// Moves values that a step drops to the trash.
    pub(super) fn trash_values(&mut self, step: &ChangeStep, values: &[TrashValue]) -> Result<()> {
        let id = self.trash_entry(step)?;
        trash::add_values(self.tx, id, values)
    }

    /// Returns the error that lists content that does not fit, if there is any.
    pub(super) fn check_rejected(&mut self) -> Result<()> {
        let RejectedContent { shown, n } = std::mem::take(&mut self.rejected);
        if n == 0 {
            return Ok(());
        }
        let omitted_note = if n > shown.len() { format!("\n  and {} more", n - shown.len()) } else { String::new() };
        Err(StoreError::Schema(format!(
            "stored entries do not fit the change; nothing was changed:\n  {}{omitted_note}\nChange these entries, or \
             decide what happens to them with `cairn schema apply --decide PLACE=null|cut|keep|drop` (see `cairn \
             schema plan`)",
            shown.join("\n  ")
        )))
    }

    /// Uids of types whose stored counts are obsolete, and of types to count again: (old, new).
    pub(super) fn types_to_recount(&self) -> (BTreeSet<&str>, BTreeSet<&str>) {
        let (mut obsolete_types, mut counted) = (BTreeSet::new(), BTreeSet::new());
        for t in &self.before.types {
            match self.trace.new_owner(&t.uid) {
                Some(new) if new == t.uid => {}
                Some(new) => {
                    obsolete_types.insert(t.uid.as_str());
                    counted.insert(new);
                }
                None => drop(obsolete_types.insert(t.uid.as_str())),
            }
        }
        for (step, subject) in self.plan.steps.iter().zip(&self.subjects) {
            if matches!(step.change, SchemaChange::DraftPublish { .. } | SchemaChange::TypeLocalized { .. }) {
                counted.insert(subject.owner.as_str());
            }
        }
        (obsolete_types, counted)
    }

    /// Collects a value that a decision drops, or refuses it.
    pub(super) fn apply_decision(
        &mut self,
        step: &ChangeStep,
        decision: Decision,
        value: impl FnOnce() -> TrashValue,
        why: impl FnOnce() -> String,
    ) -> Result<bool> {
        if decision.loses_content() {
            self.trash_values(step, &[value()])?;
            return Ok(true);
        }
        self.rejected.add(why);
        Ok(false)
    }

    /// Describes a row for people, with its status if the type has drafts.
    pub(super) fn describe_row(&self, ty: &TypeShape, row: &StoredVersion) -> String {
        describe_version(&row.document_id, &row.locale, row.status, ty.draft_publish)
    }
}
