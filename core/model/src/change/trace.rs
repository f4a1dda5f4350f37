//! Destinations of all names of the old model, determined from the steps alone.

use super::answers::Decision;
use super::convert::Conversion;
use super::snapshot::{Snapshot, is_type};
use super::step::{ChangeStep, SchemaChange};
use std::collections::BTreeMap;

/// The destination of an attribute.
#[derive(Debug, Clone, PartialEq)]
pub enum AttributeFate {
    /// It is an attribute of the same owner.
    As(TracedAttribute),
    /// It is inside a component attribute of the same row.
    Inside {
        /// The component attribute.
        component: String,
        /// Its name and conversions there.
        kept: TracedAttribute,
    },
    /// It does not exist any more.
    Gone,
}

/// A name, and the changes of its values.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TracedAttribute {
    /// Name after the change.
    pub name: String,
    /// The conversions, in order.
    pub conversions: Vec<Conversion>,
    /// True if a decision dropped values that did not fit.
    pub lossy: bool,
}

/// The destinations of all names of a model.
#[derive(Debug, Clone, PartialEq)]
pub struct NameTrace {
    types: BTreeMap<String, Option<String>>,
    components: BTreeMap<String, Option<String>>,
    attributes: BTreeMap<(String, String), AttributeFate>,
    /// (type, component attribute, attribute inside), all old.
    out: BTreeMap<(String, String, String), TracedAttribute>,
}

impl NameTrace {
    /// Follows every name of `before` through the steps.
    pub fn follow_steps(before: &Snapshot, steps: &[ChangeStep]) -> Self {
        let mut attributes = BTreeMap::new();
        let of_types = before.types.iter().map(|t| (&t.uid, &t.attributes));
        for (owner, list) in of_types.chain(before.components.iter().map(|c| (&c.uid, &c.attributes))) {
            for attribute in list {
                let traced_attribute = TracedAttribute { name: attribute.name.clone(), ..TracedAttribute::default() };
                attributes.insert((owner.clone(), attribute.name.clone()), AttributeFate::As(traced_attribute));
            }
        }
        let mut trace = Self {
            types: before.types.iter().map(|t| (t.uid.clone(), Some(t.uid.clone()))).collect(),
            components: before.components.iter().map(|c| (c.uid.clone(), Some(c.uid.clone()))).collect(),
            attributes,
            out: BTreeMap::new(),
        };
        let mut state = before.clone();
        for step in steps {
            trace.follow_step(&state, &step.change);
            state.apply(&step.change);
        }
        trace
    }

    /// The new uid of a type or component; `None` if it was dropped or never existed.
    pub fn new_owner(&self, old: &str) -> Option<&str> {
        let owners = if is_type(old) { &self.types } else { &self.components };
        owners.get(old)?.as_deref()
    }

    /// The destination of an attribute, by old names; `None` if there was no such attribute.
    pub fn attribute_fate(&self, owner: &str, name: &str) -> Option<&AttributeFate> {
        self.attributes.get(&(owner.to_owned(), name.to_owned()))
    }

    /// The attribute of the type that replaced one inside a component attribute, by old names.
    pub fn moved_out(&self, uid: &str, component: &str, inner: &str) -> Option<&TracedAttribute> {
        self.out.get(&(uid.to_owned(), component.to_owned(), inner.to_owned()))
    }

    /// True if anything was moved out of that component attribute.
    pub fn is_opened(&self, uid: &str, component: &str) -> bool {
        self.out.keys().any(|(owner, attribute, _)| owner == uid && attribute == component)
    }

    fn old_owner(&self, now: &str) -> Option<String> {
        let owners = if is_type(now) { &self.types } else { &self.components };
        owners.iter().find(|(_, new)| new.as_deref() == Some(now)).map(|(old, _)| old.clone())
    }

    /// The old attribute that has that name in that owner at present.
    fn old_attribute(&self, owner: &str, now: &str) -> Option<(String, String)> {
        let owner = self.old_owner(owner)?;
        let of_it = |((o, _), fate): &(&(String, String), &AttributeFate)| {
            *o == owner && matches!(fate, AttributeFate::As(k) if k.name == now)
        };
        self.attributes.iter().find(of_it).map(|(key, _)| key.clone())
    }

    fn set_fate(&mut self, owner: &str, now: &str, change: impl FnOnce(&mut AttributeFate)) {
        if let Some(key) = self.old_attribute(owner, now)
            && let Some(fate) = self.attributes.get_mut(&key)
        {
            change(fate);
        }
    }

    fn follow_step(&mut self, state: &Snapshot, change: &SchemaChange) {
        let rename = |owners: &mut BTreeMap<String, Option<String>>, from: &str, to: Option<&str>| {
            let now = owners.values_mut().find(|now| now.as_deref() == Some(from));
            if let Some(now) = now {
                *now = to.map(str::to_owned);
            }
        };
        match change {
            SchemaChange::RenameType { from, to } => rename(&mut self.types, from, Some(to)),
            SchemaChange::RenameComponent { from, to } => rename(&mut self.components, from, Some(to)),
            SchemaChange::DropType { content_type } => {
                self.drop_owner(&content_type.uid);
                rename(&mut self.types, &content_type.uid, None);
            }
            SchemaChange::DropComponent { component } => {
                self.drop_owner(&component.uid);
                rename(&mut self.components, &component.uid, None);
            }
            SchemaChange::RenameAttribute { owner, from, to } => self.set_fate(owner, &from.name, |fate| {
                if let AttributeFate::As(traced_attribute) = fate {
                    traced_attribute.name.clone_from(&to.name);
                }
            }),
            SchemaChange::DropAttribute { owner, attribute, .. } => {
                self.set_fate(owner, &attribute.name, |fate| *fate = AttributeFate::Gone)
            }
            SchemaChange::MoveIn { uid, from, component, to } => self.set_fate(uid, &from.name, |fate| {
                if let AttributeFate::As(traced) = fate {
                    let kept = TracedAttribute { name: to.clone(), ..std::mem::take(traced) };
                    *fate = AttributeFate::Inside { component: component.clone(), kept };
                }
            }),
            SchemaChange::MoveOut { uid, component, from, attribute } => {
                let inside = state.attribute(uid, component).and_then(|a| match &a.kind {
                    super::KindShape::Component { component, .. } => Some(component.clone()),
                    _ => None,
                });
                let holder = self.old_attribute(uid, component);
                let inner = inside.and_then(|inside| self.old_attribute(&inside, from));
                if let (Some((uid, holder)), Some((inside, inner))) = (holder, inner) {
                    let converted = match self.attribute_fate(&inside, &inner) {
                        Some(AttributeFate::As(traced)) => traced.clone(),
                        _ => TracedAttribute::default(),
                    };
                    self.out
                        .insert((uid, holder, inner), TracedAttribute { name: attribute.name.clone(), ..converted });
                }
            }
            SchemaChange::Convert { owner, attribute, conversion, decision } => {
                let lossy = *decision != Decision::Fail;
                let converted = |traced: &mut TracedAttribute| {
                    traced.conversions.push(conversion.clone());
                    traced.lossy |= lossy;
                };
                if self.old_attribute(owner, attribute).is_none()
                    && let Some(uid) = self.old_owner(owner)
                    && let Some((_, traced)) =
                        self.out.iter_mut().find(|((o, ..), traced)| *o == uid && traced.name == *attribute)
                {
                    return converted(traced);
                }
                self.set_fate(owner, attribute, |fate| {
                    if let AttributeFate::As(traced) = fate {
                        converted(traced);
                    }
                });
            }
            SchemaChange::DropZoneComponent { .. }
            | SchemaChange::AddType { .. }
            | SchemaChange::AddComponent { .. }
            | SchemaChange::AddAttribute { .. }
            | SchemaChange::RenameTable { .. }
            | SchemaChange::Required { .. }
            | SchemaChange::Unique { .. }
            | SchemaChange::Localized { .. }
            | SchemaChange::Index { .. }
            | SchemaChange::Indexes { .. }
            | SchemaChange::UniqueKeys { .. }
            | SchemaChange::Collation { .. }
            | SchemaChange::DraftPublish { .. }
            | SchemaChange::TypeLocalized { .. } => {}
        }
    }

    fn drop_owner(&mut self, owner: &str) {
        let Some(old) = self.old_owner(owner) else { return };
        for ((attribute_owner, _), fate) in &mut self.attributes {
            if *attribute_owner == old {
                *fate = AttributeFate::Gone;
            }
        }
    }
}
