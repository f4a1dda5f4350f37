//! Component ids of the published version in an update of the draft: a front end that shows what is published sends them back.

use super::merge::{ForeignComponent, merge_instance};
use crate::registry::Registry;
use crate::value::{Instance, Value};
use std::collections::{HashMap, HashSet};

/// True if an update has ids of component instances that are not among the stored ones.
pub fn names_unknown_instances(stored: &[Value], input: &[Value]) -> bool {
    let mut sent = HashSet::new();
    input.iter().for_each(|value| collect_ids(value, &mut sent));
    if sent.is_empty() {
        return false;
    }
    let mut known = HashSet::new();
    stored.iter().for_each(|value| collect_ids(value, &mut known));
    !sent.is_subset(&known)
}

fn collect_ids(value: &Value, ids: &mut HashSet<i64>) {
    for instance in value.instances() {
        ids.extend(instance.id);
        instance.values.iter().for_each(|value| collect_ids(value, ids));
    }
}

/// Replaces ids of the published version's instances in an update of one attribute by those of the draft's instances that they are copies
/// of. An instance that the draft has no more becomes a new one, with the published values where the update leaves something out.
///
/// Without a common [`Instance::lineage`], as in versions that were published before copies had an origin, instances correspond only if they
/// are the same component with the same values at the same position. Ids that lead to no instance, or to one twice, stay as they are:
/// [`merge_value`](super::merge_value) refuses them.
///
/// # Errors
/// Returns an error for an id inside a component that the draft has no more, if the published component does not have it either.
pub fn resolve_published_ids(
    reg: &Registry,
    draft: &Value,
    published: &Value,
    input: &mut Value,
) -> Result<(), ForeignComponent> {
    resolve_list(reg, draft.instances(), published.instances(), input.instances_mut())
}

fn resolve_list(
    reg: &Registry,
    draft: &[Instance],
    published: &[Instance],
    input: &mut [Instance],
) -> Result<(), ForeignComponent> {
    if input.is_empty() || published.is_empty() {
        return Ok(());
    }
    let by_lineage = |list: &'_ [Instance]| -> HashMap<i64, usize> {
        list.iter().enumerate().filter_map(|(i, instance)| Some((instance.lineage()?, i))).collect()
    };
    let (draft_lineages, published_lineages) = (by_lineage(draft), by_lineage(published));
    let own: HashMap<i64, &Instance> = draft.iter().filter_map(|i| Some((i.id?, i))).collect();
    let mut shown: HashMap<i64, (usize, &Instance)> =
        published.iter().enumerate().filter_map(|(n, i)| Some((i.id?, (n, i)))).collect();
    for instance in input {
        let Some(id) = instance.id else { continue };
        if let Some(&own) = own.get(&id) {
            let copy = own.lineage().and_then(|lineage| published.get(*published_lineages.get(&lineage)?));
            if let Some(copy) = copy.filter(|copy| copy.component == own.component) {
                resolve_nested(reg, own, copy, instance)?;
            }
            continue;
        }
        // Taken out: an id named twice stays unknown the second time.
        let Some((position, copy)) = shown.remove(&id).filter(|(_, copy)| copy.component == instance.component) else {
            continue;
        };
        let source = copy.lineage().and_then(|lineage| draft.get(*draft_lineages.get(&lineage)?));
        let source = source.filter(|own| own.component == copy.component);
        let is_free = |own: &Instance| own.lineage().is_none_or(|lineage| !published_lineages.contains_key(&lineage));
        let at_position = || draft.get(position).filter(|own| is_free(own) && own.has_same_content(copy));
        if let Some(own) = source.or_else(at_position) {
            instance.id = own.id;
            resolve_nested(reg, own, copy, instance)?;
        } else if copy.origin.is_some() {
            let sent = Instance { component: instance.component, id: None, origin: None, values: Vec::new() };
            let mut anew = merge_instance(reg, Some(copy), std::mem::replace(instance, sent))?;
            forget_ids(&mut anew);
            *instance = anew;
        }
    }
    Ok(())
}

fn resolve_nested(
    reg: &Registry,
    own: &Instance,
    copy: &Instance,
    instance: &mut Instance,
) -> Result<(), ForeignComponent> {
    let stored = own.values.iter().zip(&copy.values);
    for ((draft, published), input) in stored.zip(&mut instance.values) {
        resolve_published_ids(reg, draft, published, input)?;
    }
    Ok(())
}

/// Makes new instances of copies, which remain copies of the same.
fn forget_ids(instance: &mut Instance) {
    instance.origin = instance.lineage();
    instance.id = None;
    for value in &mut instance.values {
        value.instances_mut().iter_mut().for_each(forget_ids);
    }
}
