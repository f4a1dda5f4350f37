//! Resolves the names in the steps of a plan to names in the model before.

use cairn_model::change::{Change, Snapshot, Step};
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
pub(super) fn subjects(before: &Snapshot, steps: &[Step]) -> Vec<Subject> {
    // Name of today by name before.
    let mut owners: BTreeMap<String, String> = BTreeMap::new();
    let mut attributes: BTreeMap<(String, String), String> = BTreeMap::new();
    let of_types = before.types.iter().map(|t| (&t.uid, &t.attributes));
    for (uid, list) in of_types.chain(before.components.iter().map(|c| (&c.uid, &c.attributes))) {
        owners.insert(uid.clone(), uid.clone());
        attributes.extend(list.iter().map(|a| ((uid.clone(), a.name.clone()), a.name.clone())));
    }
    let mut found = Vec::with_capacity(steps.len());
    for step in steps {
        let (owner, attribute) = named(&step.change);
        let old_owner = owners.iter().find(|(_, now)| *now == owner).map(|(old, _)| old.clone());
        let old_attribute = old_owner.as_ref().and_then(|owner| {
            let of_it = attributes.iter().find(|((o, _), now)| o == owner && Some(now.as_str()) == attribute);
            of_it.map(|((_, old), _)| old.clone())
        });
        found.push(Subject {
            owner: owner.to_owned(),
            old_attribute,
            attribute: attribute.map(str::to_owned),
            old_owner: old_owner.clone(),
        });
        match &step.change {
            Change::RenameType { to, .. } | Change::RenameComponent { to, .. } => {
                if let Some(old) = old_owner {
                    owners.insert(old, to.clone());
                }
            }
            Change::DropType { .. } | Change::DropComponent { .. } => {
                if let Some(old) = old_owner {
                    owners.remove(&old);
                }
            }
            Change::RenameAttribute { from, to, .. } => {
                let now =
                    attributes.iter_mut().find(|((o, _), now)| Some(o) == old_owner.as_ref() && **now == from.name);
                if let Some((_, now)) = now {
                    now.clone_from(&to.name);
                }
            }
            Change::DropAttribute { attribute, .. } => {
                attributes.retain(|(o, _), now| Some(o) != old_owner.as_ref() || *now != attribute.name);
            }
            Change::MoveIn { from, .. } => {
                attributes.retain(|(o, _), now| Some(o) != old_owner.as_ref() || *now != from.name);
            }
            _ => {}
        }
    }
    for subject in &mut found {
        if let Some(now) = subject.old_owner.as_ref().and_then(|old| owners.get(old)) {
            subject.owner.clone_from(now);
        }
    }
    found
}

/// Owner and attribute as the step names them.
fn named(change: &Change) -> (&str, Option<&str>) {
    match change {
        Change::AddType { content_type } | Change::DropType { content_type } => (&content_type.uid, None),
        Change::AddComponent { component } | Change::DropComponent { component } => (&component.uid, None),
        Change::RenameType { from, .. } | Change::RenameComponent { from, .. } => (from, None),
        Change::RenameTable { uid, .. } | Change::DraftPublish { uid, .. } | Change::TypeLocalized { uid, .. } => {
            (uid, None)
        }
        Change::AddAttribute { owner, attribute } | Change::DropAttribute { owner, attribute, .. } => {
            (owner, Some(&attribute.name))
        }
        Change::RenameAttribute { owner, from, .. } => (owner, Some(&from.name)),
        Change::MoveIn { uid, from, .. } => (uid, Some(&from.name)),
        Change::MoveOut { uid, component, .. } => (uid, Some(component)),
        Change::DropZoneComponent { owner, attribute, .. }
        | Change::Convert { owner, attribute, .. }
        | Change::Required { owner, attribute, .. }
        | Change::Unique { owner, attribute, .. }
        | Change::Localized { owner, attribute, .. }
        | Change::Index { owner, attribute, .. } => (owner, Some(attribute)),
        Change::Indexes { owner, .. } | Change::UniqueKeys { owner, .. } => (owner, None),
    }
}
