//! Completes an update with the stored values of a component that it leaves out.

use crate::content_type::{Attribute, FieldKind};
use crate::registry::Registry;
use crate::value::{Connect, Instance, LinkChange, LinkTarget, Value};
use std::collections::HashMap;

/// A component with an id that does not belong to the entry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Some of the provided components in {attribute} are not related to the entity")]
pub struct ForeignComponent {
    /// The attribute that contains the component.
    pub attribute: String,
}

/// The value after an update: `incoming` if something was sent, else `stored`. An instance with an id takes over what it leaves out from the
/// stored instance with that id; a new one is null or empty there. Afterwards no instance contains `Absent` or `Change`. Attributes other
/// than components and zones are returned unchanged.
///
/// A `position` inside a component whose neighbour is not connected counts as the end. Returns an error for an id that is not among the
/// stored ones, or that occurs twice.
pub fn merge_value(
    reg: &Registry,
    attribute: &Attribute,
    stored: &Value,
    input: Value,
) -> Result<Value, ForeignComponent> {
    match input {
        Value::Absent => Ok(stored.clone()),
        Value::Instance(incoming) => {
            let known = if matches!(stored, Value::Instance(_)) { stored.instances() } else { &[] };
            let merged = merge_instances(reg, attribute, known, vec![*incoming])?.pop();
            Ok(merged.map_or(Value::Null, |instance| Value::Instance(Box::new(instance))))
        }
        Value::Instances(incoming) => {
            let known: &[Instance] = if let Value::Instances(known) = stored { known } else { &[] };
            merge_instances(reg, attribute, known, incoming).map(Value::Instances)
        }
        other => Ok(other),
    }
}

fn merge_instances(
    reg: &Registry,
    attribute: &Attribute,
    stored: &[Instance],
    incoming: Vec<Instance>,
) -> Result<Vec<Instance>, ForeignComponent> {
    let mut known: HashMap<i64, &Instance> = stored.iter().filter_map(|i| Some((i.id?, i))).collect();
    let foreign = || ForeignComponent { attribute: attribute.name.clone() };
    incoming
        .into_iter()
        .map(|instance| {
            let old = match instance.id {
                // Taken out: an id named twice would make two instances share their links.
                Some(id) => {
                    Some(known.remove(&id).filter(|old| old.component == instance.component).ok_or_else(foreign)?)
                }
                None => None,
            };
            merge_instance(reg, old, instance)
        })
        .collect()
}

/// Completes an instance with the values of the stored one.
pub(super) fn merge_instance(
    reg: &Registry,
    old: Option<&Instance>,
    mut instance: Instance,
) -> Result<Instance, ForeignComponent> {
    instance.origin = old.map_or(instance.origin, |old| old.origin);
    let attributes = &reg.component(instance.component).attributes;
    instance.values.resize(attributes.len(), Value::Absent);
    for ((i, attribute), value) in attributes.iter().zip(&mut instance.values) {
        let stored = old.and_then(|old| old.values.get(i)).unwrap_or(&Value::Absent);
        let input = std::mem::take(value);
        *value = match (reg.attribute_link(attribute), input) {
            (Some(_), incoming) => Value::Links(merge_links(stored, incoming)),
            (None, incoming) => default_value(attribute, merge_value(reg, attribute, stored, incoming)?),
        };
    }
    Ok(instance)
}

fn merge_links(stored: &Value, input: Value) -> Vec<LinkTarget> {
    let current: &[LinkTarget] = if let Value::Links(current) = stored { current } else { &[] };
    match input {
        Value::Change(change) => change.apply(current).unwrap_or_else(|_| {
            let connect = change.connect.into_iter().map(|c| Connect { target: c.target, position: None }).collect();
            // A change without positions cannot fail.
            LinkChange { connect, ..change }.apply(current).unwrap_or_default()
        }),
        Value::Links(targets) => targets,
        Value::Absent => current.to_vec(),
        _ => Vec::new(),
    }
}

/// Replaces `Absent` if nothing was stored and nothing was sent.
fn default_value(attribute: &Attribute, value: Value) -> Value {
    match (&attribute.kind, value) {
        (
            FieldKind::Component { repeatable: true, .. } | FieldKind::DynamicZone { .. },
            Value::Absent | Value::Null,
        ) => Value::Instances(Vec::new()),
        (_, Value::Absent) => Value::Null,
        (_, value) => value,
    }
}
