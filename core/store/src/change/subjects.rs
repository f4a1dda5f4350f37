//! Resolves the names in the steps of a plan to names in the model before.

use cairn_model::change::{ChangeStep, SchemaChange, Snapshot};
use std::collections::BTreeMap;

/// The type, component or attribute that a step changes.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Subject {
    /// Uid of the owner in the model before; `None` if it is new.
    pub(super) old_owner: Option<String>,
    /// Uid of the owner after all steps.
    pub(super) owner: String,
    /// Name of the attribute in the model before.
    pub(super) old_attribute: Option<String>,
    /// Name of the attribute when the step runs.
    pub(super) attribute: Option<String>,
}

/// The subject of every step.
pub(super) fn step_subjects(before: &Snapshot, steps: &[ChangeStep]) -> Vec<Subject> {
    // Name of today by name before.
    let mut owners: BTreeMap<String, String> = BTreeMap::new();
    let mut attributes: BTreeMap<(String, String), String> = BTreeMap::new();
    let of_types = before.types.iter().map(|t| (&t.uid, &t.attributes));
    for (uid, list) in of_types.chain(before.components.iter().map(|c| (&c.uid, &c.attributes))) {
        owners.insert(uid.clone(), uid.clone());
        attributes.extend(list.iter().map(|a| ((uid.clone(), a.name.clone()), a.name.clone())));
    }
    let mut subjects = Vec::with_capacity(steps.len());
    for step in steps {
        let (owner, attribute) = owner_and_attribute(&step.change);
        let old_owner = owners.iter().find(|(_, now)| *now == owner).map(|(old, _)| old.clone());
        let old_attribute = old_owner.as_ref().and_then(|owner| {
            let of_it = attributes.iter().find(|((o, _), now)| o == owner && Some(now.as_str()) == attribute);
            of_it.map(|((_, old), _)| old.clone())
        });
        subjects.push(Subject {
            owner: owner.to_owned(),
            old_attribute,
            attribute: attribute.map(str::to_owned),
            old_owner: old_owner.clone(),
        });
        match &step.change {
            SchemaChange::RenameType { to, .. } | SchemaChange::RenameComponent { to, .. } => {
                if let Some(old) = old_owner {
                    owners.insert(old, to.clone());
                }
            }
            SchemaChange::DropType { .. } | SchemaChange::DropComponent { .. } => {
                if let Some(old) = old_owner {
                    owners.remove(&old);
                }
            }
            SchemaChange::RenameAttribute { from, to, .. } => {
                let now =
                    attributes.iter_mut().find(|((o, _), now)| Some(o) == old_owner.as_ref() && **now == from.name);
                if let Some((_, now)) = now {
                    now.clone_from(&to.name);
                }
            }
            SchemaChange::DropAttribute { attribute, .. } => {
                attributes.retain(|(o, _), now| Some(o) != old_owner.as_ref() || *now != attribute.name);
            }
            SchemaChange::MoveIn { from, .. } => {
                attributes.retain(|(o, _), now| Some(o) != old_owner.as_ref() || *now != from.name);
            }
            _ => {}
        }
    }
    for subject in &mut subjects {
        if let Some(now) = subject.old_owner.as_ref().and_then(|old| owners.get(old)) {
            subject.owner.clone_from(now);
        }
    }
    subjects
}

/// Owner and attribute as the step names them.
fn owner_and_attribute(change: &SchemaChange) -> (&str, Option<&str>) {
    match change {
        SchemaChange::AddType { content_type } | SchemaChange::DropType { content_type } => (&content_type.uid, None),
        SchemaChange::AddComponent { component } | SchemaChange::DropComponent { component } => (&component.uid, None),
        SchemaChange::RenameType { from, .. } | SchemaChange::RenameComponent { from, .. } => (from, None),
        SchemaChange::RenameTable { uid, .. }
        | SchemaChange::DraftPublish { uid, .. }
        | SchemaChange::TypeLocalized { uid, .. } => (uid, None),
        SchemaChange::AddAttribute { owner, attribute } | SchemaChange::DropAttribute { owner, attribute, .. } => {
            (owner, Some(&attribute.name))
        }
        SchemaChange::RenameAttribute { owner, from, .. } => (owner, Some(&from.name)),
        SchemaChange::MoveIn { uid, from, .. } => (uid, Some(&from.name)),
        SchemaChange::MoveOut { uid, component, .. } => (uid, Some(component)),
        SchemaChange::DropZoneComponent { owner, attribute, .. }
        | SchemaChange::Convert { owner, attribute, .. }
        | SchemaChange::Required { owner, attribute, .. }
        | SchemaChange::Unique { owner, attribute, .. }
        | SchemaChange::Localized { owner, attribute, .. }
        | SchemaChange::Index { owner, attribute, .. } => (owner, Some(attribute)),
        SchemaChange::Indexes { owner, .. }
        | SchemaChange::UniqueKeys { owner, .. }
        | SchemaChange::Collation { owner, .. } => (owner, None),
    }
}
